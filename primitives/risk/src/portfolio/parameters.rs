// SPDX-License-Identifier: Apache-2.0
//! Parameters of portfolio margin and its scenario grid.

use crate::parameters::parameters;
use crate::units::MAX_SCENARIOS;
use crate::{List, ParameterError, ParameterRange, Ppb, RiskError};

parameters! {
	/// Parameters of portfolio margin. Ratios in parts per billion; times in seconds.
	PortfolioParameters, PortfolioParameter, Portfolio;
	/// Forward factor of the upward basis move.
	basis_up: Ppb = Ppb(1_045_000_000), BasisUp in 1_000_000_000, 3_000_000_000;
	/// Forward factor of the downward basis move.
	basis_down: Ppb = Ppb(955_000_000), BasisDown in 0, 1_000_000_000;
	/// Part of the worse basis move that counts at no time to expiry.
	basis_add: Ppb = Ppb(500_000_000), BasisAdd in 0, 2_000_000_000;
	/// Part of the worse basis move that is added per year to expiry.
	basis_slope: Ppb = Ppb(2_000_000_000), BasisSlope in 0, 2_500_000_000;
	/// Relative rise of volatility at 30 days in an up scenario.
	vol_up: Ppb = Ppb(500_000_000), VolUp in 0, 5_000_000_000;
	/// Relative fall of volatility at 30 days in a down scenario.
	vol_down: Ppb = Ppb(300_000_000), VolDown in 0, 1_000_000_000;
	/// Least volatility of any series in an up scenario.
	vol_up_floor: Ppb = Ppb(400_000_000), VolUpFloor in 0, 5_000_000_000;
	/// Power of `30 days / time` at or under 30 days.
	vol_short_power: Ppb = Ppb(300_000_000), VolShortPower in 0, 1_000_000_000;
	/// Power of `30 days / time` over 30 days.
	vol_long_power: Ppb = Ppb(130_000_000), VolLongPower in 0, 1_000_000_000;
	/// Least time in `30 days / time`, seconds.
	vol_floor_seconds: u32 = 86_400, VolFloorSeconds in 21_600, 2_592_000;
	/// Factor on a shocked expiry total that is an asset.
	discount_long: Ppb = Ppb(950_000_000), DiscountLong in 0, 1_000_000_000;
	/// Part of the interest rate by which an asset's total decays.
	discount_long_rate: Ppb = Ppb(0), DiscountLongRate in 0, 2_000_000_000;
	/// Further decay per year of an asset's total.
	discount_long_add: Ppb = Ppb(160_000_000), DiscountLongAdd in 0, 1_000_000_000;
	/// Factor on a shocked expiry total that is a debt, before the limit of `1/D`.
	discount_short: Ppb = Ppb(1_040_000_000), DiscountShort in 1_000_000_000, 2_000_000_000;
	/// Part of the interest rate by which a debt's total grows.
	discount_short_rate: Ppb = Ppb(0), DiscountShortRate in 0, 2_000_000_000;
	/// Further growth per year of a debt's total.
	discount_short_add: Ppb = Ppb(160_000_000), DiscountShortAdd in 0, 1_000_000_000;
	/// Part of the worst scenario that maintenance counts.
	maintenance_factor: Ppb = Ppb(800_000_000), MaintenanceFactor in 0, 2_000_000_000;
	/// Part of the worst scenario that initial margin counts.
	initial_factor: Ppb = Ppb(1_000_000_000), InitialFactor in 0, 2_000_000_000;
	/// Quote price under which the settlement asset counts as off its peg.
	peg_threshold: Ppb = Ppb(990_000_000), PegThreshold in 0, 1_000_000_000;
	/// Addition to the initial factor per unit of quote price under the threshold.
	peg_factor: Ppb = Ppb(4_000_000_000), PegFactor in 0, 10_000_000_000;
	/// Confidence under which an input is charged for.
	confidence_threshold: Ppb = Ppb(550_000_000), ConfidenceThreshold in 0, 1_000_000_000;
	/// Charge on notional per unit of missing confidence.
	confidence_margin: Ppb = Ppb(1_000_000_000), ConfidenceMargin in 0, 2_000_000_000;
	/// Maintenance charge on perpetual notional.
	perpetual_maintenance: Ppb = Ppb(30_000_000), PerpetualMaintenance in 0, 1_000_000_000;
	/// Further initial charge on perpetual notional.
	perpetual_initial: Ppb = Ppb(10_000_000), PerpetualInitial in 0, 1_000_000_000;
	/// Maintenance charge on naked short options, of spot.
	option_maintenance: Ppb = Ppb(3_000_000), OptionMaintenance in 0, 1_000_000_000;
	/// Further initial charge on naked short options, of spot.
	option_initial: Ppb = Ppb(2_000_000), OptionInitial in 0, 1_000_000_000;
	/// Largest relative tilt of a volatility in the linear skew scenario, at no time to expiry.
	skew_linear_cap: Ppb = Ppb(250_000_000), SkewLinearCap in 0, 1_000_000_000;
	/// Change of the linear cap per square root of a year.
	skew_linear_cap_slope: Ppb = Ppb(-100_000_000), SkewLinearCapSlope in -1_000_000_000, 1_000_000_000;
	/// Largest relative tilt of a volatility in the absolute skew scenario, at no time to expiry.
	skew_absolute_cap: Ppb = Ppb(250_000_000), SkewAbsoluteCap in 0, 1_000_000_000;
	/// Change of the absolute cap per square root of a year.
	skew_absolute_cap_slope: Ppb = Ppb(-100_000_000), SkewAbsoluteCapSlope in -1_000_000_000, 1_000_000_000;
	/// Least log-moneyness at which the tilt reaches its cap.
	skew_k_min: Ppb = Ppb(10_000_000), SkewKMin in 10_000_000, 1_000_000_000;
	/// Standard deviations at which the tilt reaches its cap.
	skew_width: Ppb = Ppb(4_000_000_000), SkewWidth in 0, 20_000_000_000;
	/// Volatility that measures those deviations, at no time to expiry.
	skew_vol: Ppb = Ppb(600_000_000), SkewVol in 0, 5_000_000_000;
	/// Change of that volatility per square root of a year.
	skew_vol_slope: Ppb = Ppb(0), SkewVolSlope in -1_000_000_000, 1_000_000_000;
}

impl PortfolioParameters {
	/// Refuses the first parameter that is outside its range.
	pub fn validate(&self) -> Result<(), ParameterError> {
		self.check_ranges()
	}
}

/// What a scenario does to volatilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
	feature = "codec",
	derive(
		codec::Encode,
		codec::Decode,
		codec::DecodeWithMemTracking,
		codec::MaxEncodedLen,
		scale_info::TypeInfo
	)
)]
pub enum VolShock {
	/// Rise by the up factor of the expiry, to at least the floor.
	Up,
	/// Unchanged.
	None,
	/// Fall by the down factor of the expiry.
	Down,
	/// Tilt by log-moneyness at unshocked spot; counts as minus the absolute move of each expiry.
	Linear,
	/// Tilt by absolute log-moneyness at unshocked spot; counts as minus the absolute move.
	Absolute,
}

impl VolShock {
	/// Skew scenarios keep the forward where it is.
	pub const fn is_skew(self) -> bool {
		matches!(self, VolShock::Linear | VolShock::Absolute)
	}
}

/// One scenario of a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
	feature = "codec",
	derive(
		codec::Encode,
		codec::Decode,
		codec::DecodeWithMemTracking,
		codec::MaxEncodedLen,
		scale_info::TypeInfo
	)
)]
pub struct Scenario {
	/// Spot after the shock, as a ratio of spot. A skew scenario moves only perpetuals and hedging collateral by it.
	pub spot: Ppb,
	/// Shock of volatilities.
	pub vol: VolShock,
	/// Weight of the scenario's profit.
	pub weight: Ppb,
}

/// The part of a scenario that is outside its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScenarioError {
	/// Spot ratio outside 0 to 10.
	Spot {
		/// Index of the scenario.
		index: u8,
	},
	/// Weight outside 0 to 2.
	Weight {
		/// Index of the scenario.
		index: u8,
	},
}

impl ScenarioError {
	/// The permitted range in parts per billion.
	pub const fn range(self) -> ParameterRange {
		match self {
			ScenarioError::Spot { .. } => ParameterRange { lowest: 0, highest: 10_000_000_000 },
			ScenarioError::Weight { .. } => ParameterRange { lowest: 0, highest: 2_000_000_000 },
		}
	}
}

/// Refuses a grid that is too long and the first scenario that is outside its range.
pub fn validate_scenarios(scenarios: &[Scenario]) -> Result<(), RiskError> {
	if scenarios.len() > MAX_SCENARIOS {
		return Err(RiskError::TooMany(List::Scenarios));
	}
	for (index, scenario) in (0u8..).zip(scenarios) {
		check_scenario(scenario, index)?;
	}
	Ok(())
}

fn check_scenario(scenario: &Scenario, index: u8) -> Result<(), ParameterError> {
	for (number, error) in [
		(scenario.spot.0, ScenarioError::Spot { index }),
		(scenario.weight.0, ScenarioError::Weight { index }),
	] {
		let range = error.range();
		if number < range.lowest || number > range.highest {
			return Err(ParameterError::Scenario(error));
		}
	}
	Ok(())
}

const fn scenario(spot: i64, vol: VolShock, weight: i64) -> Scenario {
	Scenario { spot: Ppb(spot * 1_000_000), vol, weight: Ppb(weight * 1_000) }
}

/// The default grid: moves to 13.5 % with volatility up, unchanged and down, 18 % up, weighted tails, two skews.
pub const DEFAULT_SCENARIOS: [Scenario; 33] = [
	scenario(1_135, VolShock::Up, 1_000_000),
	scenario(1_135, VolShock::None, 1_000_000),
	scenario(1_135, VolShock::Down, 1_000_000),
	scenario(1_090, VolShock::Up, 1_000_000),
	scenario(1_090, VolShock::None, 1_000_000),
	scenario(1_090, VolShock::Down, 1_000_000),
	scenario(1_045, VolShock::Up, 1_000_000),
	scenario(1_045, VolShock::None, 1_000_000),
	scenario(1_045, VolShock::Down, 1_000_000),
	scenario(1_000, VolShock::Up, 1_000_000),
	scenario(1_000, VolShock::None, 1_000_000),
	scenario(1_000, VolShock::Down, 1_000_000),
	scenario(955, VolShock::Up, 1_000_000),
	scenario(955, VolShock::None, 1_000_000),
	scenario(955, VolShock::Down, 1_000_000),
	scenario(910, VolShock::Up, 1_000_000),
	scenario(910, VolShock::None, 1_000_000),
	scenario(910, VolShock::Down, 1_000_000),
	scenario(865, VolShock::Up, 1_000_000),
	scenario(865, VolShock::None, 1_000_000),
	scenario(865, VolShock::Down, 1_000_000),
	scenario(1_180, VolShock::Up, 1_000_000),
	scenario(820, VolShock::Up, 1_000_000),
	scenario(340, VolShock::Up, 210_000),
	scenario(670, VolShock::Up, 420_000),
	scenario(1_500, VolShock::Up, 277_200),
	scenario(2_000, VolShock::Up, 138_600),
	scenario(3_000, VolShock::Up, 69_300),
	scenario(4_000, VolShock::Up, 46_200),
	scenario(5_000, VolShock::Up, 34_650),
	scenario(6_000, VolShock::Up, 27_720),
	scenario(1_000, VolShock::Linear, 1_000_000),
	scenario(1_000, VolShock::Absolute, 1_000_000),
];
