// SPDX-License-Identifier: Apache-2.0
//! What a chain that owns its block space adds to margin: delay, concentration, multiplier.

use ballast_pricing::{sqrt, Real};

use crate::parameters::parameters;
use crate::units::{ceil_billionth, lots_in_range, micro_ceil_nano, subtotal, BILLION};
use crate::{ArgumentError, Lots, MicroUsd, ParameterError, Ppb, Price, RiskError};

parameters! {
	/// Parameters of the delay buffer.
	DelayParameters, DelayParameter, Delay;
	/// Standard deviations of the move that the buffer covers.
	z: Ppb = Ppb(0), Z in 0, 10_000_000_000;
	/// Least realised volatility per year that is assumed.
	vol_floor: Ppb = Ppb(0), VolFloor in 0, 5_000_000_000;
}

parameters! {
	/// Parameters of the concentration charge.
	ConcentrationParameters, ConcentrationParameter, Concentration;
	/// Share of a series' open interest from which an account is charged.
	threshold: Ppb = Ppb(1_000_000_000), Threshold in 0, 1_000_000_000;
	/// Charge on notional at the whole open interest.
	charge: Ppb = Ppb(0), Charge in 0, 1_000_000_000;
}

parameters! {
	/// Parameters of the margin multiplier.
	MultiplierParameters, MultiplierParameter, Multiplier;
	/// Rise of the multiplier per unit by which realised volatility exceeds its long mean, relative.
	slope: Ppb = Ppb(0), Slope in 0, 5_000_000_000;
	/// Largest multiplier.
	highest: Ppb = Ppb(2_000_000_000), Highest in 1_000_000_000, 3_000_000_000;
	/// Largest rise per block.
	rise_per_block: Ppb = Ppb(10_000_000), RisePerBlock in 0, 2_000_000_000;
	/// Largest fall per block, at most the largest rise.
	fall_per_block: Ppb = Ppb(1_000_000), FallPerBlock in 0, 2_000_000_000;
}

/// What the chain measures about its own delay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DelayMeasure {
	/// Age of the price, milliseconds.
	pub price_age_millis: u32,
	/// Accounts known to be liquidatable and not yet dealt with.
	pub backlog: u32,
	/// Accounts that can be dealt with per second.
	pub capacity_per_second: u32,
	/// Notice that an auction gives before its first bid, milliseconds.
	pub auction_notice_millis: u32,
	/// Realised volatility per year.
	pub realised_vol: Ppb,
}

const DAY_MILLIS: u64 = 86_400_000;
const YEAR_MILLIS: i64 = 365 * 86_400_000;

impl DelayMeasure {
	/// `price age + backlog / capacity + notice` in milliseconds, rounded up; at most a day.
	pub fn delay_millis(&self) -> Result<u64, RiskError> {
		let waiting = match (self.backlog, self.capacity_per_second) {
			(0, _) => 0,
			(_, 0) => return Err(ArgumentError::Delay.into()),
			(backlog, capacity) => (u64::from(backlog) * 1_000).div_ceil(capacity.into()),
		};
		let total =
			u64::from(self.price_age_millis) + waiting + u64::from(self.auction_notice_millis);
		if total > DAY_MILLIS {
			return Err(ArgumentError::Delay.into());
		}
		Ok(total)
	}
}

impl DelayParameters {
	/// Refuses a parameter outside its range.
	pub fn validate(&self) -> Result<(), ParameterError> {
		self.check_ranges()
	}

	/// `z sigma sqrt(tau)`: the relative move of spot that the buffer covers, rounded up, at most 10.
	/// Goes into [`crate::Adjustments::delay_move`].
	pub fn unescapable_move(&self, measure: &DelayMeasure) -> Result<Ppb, RiskError> {
		self.validate()?;
		if !(0..=50 * BILLION).contains(&measure.realised_vol.0) {
			return Err(ArgumentError::Volatility.into());
		}
		let delay = i64::try_from(measure.delay_millis()?).map_err(|_| ArgumentError::Delay)?;
		let root = sqrt(Real::from_ratio(delay, YEAR_MILLIS)?)?;
		// At most sqrt(1/365), rounded up by two billionths for the two roundings in it.
		let root = if delay == 0 { 0 } else { root.to_ppb() + 2 };
		let vol = measure.realised_vol.max(self.vol_floor);
		let wide = ceil_billionth(ceil_billionth(root * vol.wide()) * self.z.wide());
		Ok(Ppb(i64::try_from(wide).unwrap_or(i64::MAX).min(10 * BILLION)))
	}
}

impl ConcentrationParameters {
	/// Refuses a parameter outside its range.
	pub fn validate(&self) -> Result<(), ParameterError> {
		self.check_ranges()
	}

	/// `charge (share - threshold) / (1 - threshold) |lots| spot`, rounded up, for an account that
	/// holds `lots` of the `open_interest` lots of a series.
	///
	/// The sum over an account's series goes into [`crate::Adjustments::concentration`].
	pub fn charge(
		&self,
		lots: Lots,
		open_interest: Lots,
		spot: Price,
		lots_per_contract: u32,
	) -> Result<MicroUsd, RiskError> {
		self.validate()?;
		let lots_per_contract = crate::units::lots_per_contract_in_range(lots_per_contract)?;
		let held = lots_in_range(lots)?.abs();
		let all = lots_in_range(open_interest)?;
		if held > all {
			return Err(ArgumentError::Share.into());
		}
		let billion = Ppb::ONE.wide();
		let excess = held * billion - self.threshold.wide() * all;
		if excess <= 0 || all == 0 {
			return Ok(0);
		}
		// excess > 0 with held <= all means threshold < 1, so neither divisor is zero.
		let room = (billion - self.threshold.wide()).max(1) * all;
		let factor = -(-(excess * self.charge.wide())).div_euclid(room);
		let notional = subtotal(held * i128::from(spot.pico_usd()))?;
		Ok(micro_ceil_nano(notional * factor, lots_per_contract))
	}
}

impl MultiplierParameters {
	/// Refuses a parameter outside its range and a multiplier that falls faster than it rises.
	pub fn validate(&self) -> Result<(), ParameterError> {
		self.check_ranges()?;
		if self.fall_per_block > self.rise_per_block {
			return Err(ParameterError::Multiplier(MultiplierParameter::Inconsistent));
		}
		Ok(())
	}

	/// The multiplier of the next block, given the last one: towards
	/// `1 + slope max(realised / mean - 1, 0)`, by at most the bounds per block, within 1 and `highest`.
	///
	/// A mean of zero leaves the target at `highest` if there is any realised volatility.
	pub fn next(&self, last: Ppb, realised_vol: Ppb, mean_vol: Ppb) -> Result<Ppb, RiskError> {
		self.validate()?;
		for vol in [realised_vol, mean_vol] {
			if !(0..=50 * BILLION).contains(&vol.0) {
				return Err(ArgumentError::Volatility.into());
			}
		}
		let billion = Ppb::ONE.wide();
		let above = (realised_vol.wide() - mean_vol.wide()).max(0);
		let target = match (above, mean_vol.wide()) {
			(0, _) => billion,
			_ if self.slope == Ppb::ZERO => billion,
			(_, 0) => self.highest.wide(),
			(above, mean) => billion - (-(above * self.slope.wide())).div_euclid(mean),
		};
		let target = target.min(self.highest.wide());
		let last = last.wide().clamp(billion, self.highest.wide());
		let step = (target - last).clamp(-self.fall_per_block.wide(), self.rise_per_block.wide());
		Ok(Ppb(i64::try_from(last + step).unwrap_or(BILLION)))
	}
}
