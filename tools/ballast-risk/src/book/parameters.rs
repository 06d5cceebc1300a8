// SPDX-License-Identifier: Apache-2.0
//! Parameters of both models. Ranges are those of the risk crate.

use ballast_risk::{
	PortfolioParameter, PortfolioParameters, Scenario, ScenarioError, StandardParameter,
	StandardParameters, VolShock, MAX_SCENARIOS,
};

use crate::decimal::Rounding;
use crate::explain;
use crate::field::{Field, Read};

/// Reads the ratios named, each within the range that its own error states.
macro_rules! ratios {
	($json:expr, $record:expr, $errors:ident; $($field:ident $variant:ident,)*) => {
		$({
			let range = $errors::$variant.range();
			$record.$field = $json.get(stringify!($field))?.ppb(range.lowest, range.highest)?;
		})*
	};
}

/// Parameters of portfolio margin.
pub fn portfolio(json: &Field<'_>) -> Read<PortfolioParameters> {
	let mut parameters = PortfolioParameters::DEFAULT;
	ratios! {
		json, parameters, PortfolioParameter;
		basis_up BasisUp,
		basis_down BasisDown,
		basis_add BasisAdd,
		basis_slope BasisSlope,
		vol_up VolUp,
		vol_down VolDown,
		vol_up_floor VolUpFloor,
		vol_short_power VolShortPower,
		vol_long_power VolLongPower,
		discount_long DiscountLong,
		discount_long_rate DiscountLongRate,
		discount_long_add DiscountLongAdd,
		discount_short DiscountShort,
		discount_short_rate DiscountShortRate,
		discount_short_add DiscountShortAdd,
		maintenance_factor MaintenanceFactor,
		initial_factor InitialFactor,
		peg_threshold PegThreshold,
		peg_factor PegFactor,
		confidence_threshold ConfidenceThreshold,
		confidence_margin ConfidenceMargin,
		perpetual_maintenance PerpetualMaintenance,
		perpetual_initial PerpetualInitial,
		option_maintenance OptionMaintenance,
		option_initial OptionInitial,
		skew_linear_cap SkewLinearCap,
		skew_linear_cap_slope SkewLinearCapSlope,
		skew_absolute_cap SkewAbsoluteCap,
		skew_absolute_cap_slope SkewAbsoluteCapSlope,
		skew_k_min SkewKMin,
		skew_width SkewWidth,
		skew_vol SkewVol,
		skew_vol_slope SkewVolSlope,
	}
	parameters.vol_floor_seconds = vol_floor_seconds(&json.get("vol_floor_days")?)?;
	parameters.validate().map_err(|error| json.problem(explain::risk(error.into())))?;
	Ok(parameters)
}

/// Days in the file, seconds in the record.
fn vol_floor_seconds(field: &Field<'_>) -> Read<u32> {
	let range = PortfolioParameter::VolFloorSeconds.range();
	let micro = |seconds: i64| i128::from(seconds) * 1_000_000 / 86_400;
	let (low, high) = (micro(range.lowest), micro(range.highest));
	let days = field.scaled(6, Rounding::Nearest, low, high)?;
	Ok(u32::try_from((days * 86_400 + 500_000) / 1_000_000).unwrap_or(u32::MAX))
}

/// The scenario grid.
pub fn scenarios(list: &Field<'_>) -> Read<Vec<Scenario>> {
	list.items(MAX_SCENARIOS)?.iter().map(scenario).collect()
}

fn scenario(field: &Field<'_>) -> Read<Scenario> {
	let spot = ScenarioError::Spot { index: 0 }.range();
	let weight = ScenarioError::Weight { index: 0 }.range();
	Ok(Scenario {
		spot: field.get("spot")?.ppb(spot.lowest, spot.highest)?,
		vol: field.get("vol")?.one_of(&[
			("up", VolShock::Up),
			("none", VolShock::None),
			("down", VolShock::Down),
			("linear", VolShock::Linear),
			("absolute", VolShock::Absolute),
		])?,
		weight: field.get("weight")?.ppb(weight.lowest, weight.highest)?,
	})
}

/// Parameters of standard margin.
pub fn standard(json: &Field<'_>) -> Read<StandardParameters> {
	let mut parameters = StandardParameters::DEFAULT;
	ratios! {
		json, parameters, StandardParameter;
		perpetual_maintenance PerpetualMaintenance,
		perpetual_initial PerpetualInitial,
		confidence_threshold ConfidenceThreshold,
		confidence_margin ConfidenceMargin,
		base_factor BaseFactor,
		base_initial_scale BaseInitialScale,
		spot_max SpotMax,
		spot_min SpotMin,
		call_maintenance CallMaintenance,
		put_maintenance PutMaintenance,
		put_mark_maintenance PutMarkMaintenance,
		put_initial_scale PutInitialScale,
		unpaired_initial UnpairedInitial,
		unpaired_maintenance UnpairedMaintenance,
		peg_threshold PegThreshold,
		peg_factor PegFactor,
	}
	parameters.validate().map_err(|error| json.problem(explain::risk(error.into())))?;
	Ok(parameters)
}
