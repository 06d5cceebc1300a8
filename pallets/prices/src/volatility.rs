// SPDX-License-Identifier: Apache-2.0
//! Realised volatility, exponentially weighted.
//!
//! `vol^2 = year * sum(w r^2) / sum(w dt)` over samples with log return `r` over a time `dt`; a sample
//! of age `t` has the weight `w = 2^(-t / half-life)`. A quotient of two sums is right from the first sample
//! on and does not mind samples of different lengths.

use ballast_exchange::{Moment, Ppb, Price};
use ballast_pricing::{exp_negative, ln_ratio, Real, YEAR_MILLIS};
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Fraction bits of the sum of squares.
const SQUARE_BITS: u32 = 64;
/// Fraction bits of the sum of times.
const TIME_BITS: u32 = 16;
/// Fraction bits of a weight.
const WEIGHT_BITS: u32 = 31;
/// `ln 2` with 18 decimals.
const LN_2: i64 = 693_147_180_559_945_309;
const BILLION: u128 = 1_000_000_000;

/// The two sums and the latest sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Volatility {
	/// Moment of the latest sample.
	pub at: Moment,
	/// Its spot; zero before the first.
	pub spot: Price,
	/// Weighted sum of squared log returns, 64 fraction bits.
	pub squares: u128,
	/// Weighted sum of the times they took, milliseconds with 16 fraction bits.
	pub millis: u128,
}

impl Volatility {
	/// Takes a round as a sample, if at least `sample_millis` have passed since the last.
	pub fn sample(&mut self, at: Moment, spot: Price, sample_millis: u64, half_life_millis: u64) {
		let Ok(log_return) = ln_ratio(spot, self.spot) else {
			// One of the two is zero: the first sample.
			(self.at, self.spot) = (at, spot);
			return;
		};
		let elapsed = at.saturating_sub(self.at);
		if elapsed < sample_millis.max(1) {
			return;
		}
		let size = u128::from(log_return.to_bits().unsigned_abs());
		// |r| <= 44 with 56 fraction bits: the square is below 2^124 and has 112.
		let square = (size * size) >> (112 - SQUARE_BITS);
		let millis = u128::from(elapsed) << TIME_BITS;
		let weight = weight(elapsed, half_life_millis);
		self.squares = decayed_plus(self.squares, weight, square);
		self.millis = decayed_plus(self.millis, weight, millis);
		(self.at, self.spot) = (at, spot);
	}

	/// Volatility per year of 365 days, parts per billion; `None` before the second sample.
	pub fn per_year(&self) -> Option<Ppb> {
		let year = u128::from(YEAR_MILLIS) << TIME_BITS;
		let variance = match self.squares.checked_mul(year) {
			Some(product) => product.checked_div(self.millis)?,
			None => self.squares.checked_div(self.millis)?.checked_mul(year)?,
		};
		// The root of 64 fraction bits has 32. Squared billions keep nine more digits where they fit.
		let root = match variance.checked_mul(BILLION * BILLION) {
			Some(scaled) => scaled.isqrt(),
			None => variance.isqrt().checked_mul(BILLION)?,
		};
		i64::try_from(root >> (SQUARE_BITS / 2)).ok().map(Ppb)
	}
}

/// `2^(-elapsed / half_life)`, 31 fraction bits.
fn weight(elapsed: u64, half_life: u64) -> u128 {
	let exponent = || {
		let lives = Real::from_ratio(elapsed.try_into().ok()?, half_life.try_into().ok()?).ok()?;
		lives.checked_mul(Real::from_decimal(LN_2, 18).ok()?).ok()
	};
	// Beyond 128 half-lives nothing is left.
	exponent().map_or(0, |exponent| {
		let bits = exp_negative(exponent).to_bits();
		u128::from(bits.unsigned_abs() >> (62 - WEIGHT_BITS))
	})
}

/// `sum * weight + new`. A sum that would not fit starts over.
fn decayed_plus(sum: u128, weight: u128, new: u128) -> u128 {
	let kept = sum.checked_mul(weight).map(|product| product >> WEIGHT_BITS);
	kept.and_then(|kept| kept.checked_add(new)).unwrap_or(new)
}

#[cfg(test)]
mod tests {
	use super::*;

	const HOUR: u64 = 3_600_000;

	fn usd(usd: i64) -> Price {
		Price::from_usd(usd).unwrap()
	}

	/// Spot goes up and down by a factor `1 + ppb` every `step` milliseconds.
	fn zigzag(step: u64, low: i64, high: i64, samples: u64) -> Volatility {
		let mut volatility = Volatility::default();
		for sample in 0..samples {
			let spot = if sample % 2 == 0 { usd(low) } else { usd(high) };
			volatility.sample(1_000 + sample * step, spot, step, HOUR);
		}
		volatility
	}

	#[test]
	fn volatility_should_be_the_root_of_the_annual_variance() {
		// ln(1001 / 1000) = 0.0009995003; a year has 3,153,600 steps of ten seconds, whose root is 1775.84.
		let vol = zigzag(10_000, 1_000_000, 1_001_000, 1_000).per_year().unwrap();
		assert!((vol.0 - 1_774_950_000).abs() < 100_000, "{vol:?}");
	}

	#[test]
	fn volatility_should_be_none_before_the_second_sample() {
		assert_eq!(Volatility::default().per_year(), None);
		assert_eq!(zigzag(10_000, 1, 2, 1).per_year(), None);
		assert!(zigzag(10_000, 1, 2, 2).per_year().is_some());
	}

	#[test]
	fn volatility_should_be_zero_when_spot_stands_still() {
		assert_eq!(zigzag(10_000, 5, 5, 100).per_year(), Some(Ppb::ZERO));
	}

	#[test]
	fn samples_should_be_skipped_when_they_come_too_soon() {
		let mut volatility = zigzag(10_000, 1_000, 1_000, 2);
		let before = volatility;
		volatility.sample(before.at + 9_999, usd(2_000), 10_000, HOUR);
		assert_eq!(volatility, before);
		volatility.sample(before.at + 10_000, usd(2_000), 10_000, HOUR);
		assert!(volatility.per_year() > before.per_year());
	}

	#[test]
	fn samples_should_lose_half_their_weight_in_a_half_life() {
		let wild = zigzag(10_000, 1_000_000, 1_001_000, 5_000);
		let mut later = wild;
		// An hour without movement: the old squares count half, the old times too, an hour is added.
		later.sample(wild.at + HOUR, wild.spot, 10_000, HOUR);
		let error = later.squares.abs_diff(wild.squares / 2);
		assert!(error < wild.squares / 1_000_000);
	}

	#[test]
	fn volatility_should_stay_a_number_when_prices_are_extreme() {
		let mut volatility = Volatility::default();
		for sample in 0..1_000u64 {
			let pico = if sample % 2 == 0 { 1 } else { Price::MAX.pico_usd() };
			volatility.sample(sample + 1, Price::from_pico_usd(pico).unwrap(), 1, 1_000_000);
		}
		assert!(volatility.per_year().is_some());
		volatility.sample(u64::MAX, usd(1), 1, 1_000_000);
		assert!(volatility.per_year().is_some());
		volatility.sample(u64::MAX, Price::ZERO, 1, 1);
		assert_eq!(volatility.spot, Price::ZERO);
	}
}
