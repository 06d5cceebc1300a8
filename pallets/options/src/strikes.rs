// SPDX-License-Identifier: Apache-2.0

//! Which strikes an expiry has.
//!
//! The step is `share * forward * sqrt(life / 30 days)`, the root kept within 1 % and 300 %, brought to
//! the nearest of 1, 2, 2.5 and 5 times a power of ten. Life is the whole life of the expiry, from its
//! listing on, so that its step changes with the forward alone. At 5 % and a forward of 95,000 USD: 50
//! USD for five minutes, 1,000 for a day, 5,000 for thirty days, 10,000 for a quarter.

use crate::calendar::DAY;
use ballast_exchange::{Moment, Price};

/// Smallest step: a ten-thousandth of a dollar. Its tenth is still whole micro-USD.
pub const MIN_STEP: u64 = 100;
/// Highest strike: 8,000,000 USD, the highest price there is.
pub const MAX_STRIKE: u64 = Price::MAX.to_micro_usd_floor().unsigned_abs();
/// A strike may be listed against a deposit if it is within this many times spot, and spot within this
/// many times the strike.
pub const REQUEST_RANGE: u64 = 10;
/// Such strikes lie on a grid this many times as fine as the schedule's.
pub const REQUEST_FINENESS: u64 = 10;

const MILLION: u128 = 1_000_000;
const BILLION: u128 = 1_000_000_000;

/// Step of the strikes of an expiry, micro-USD: at least [`MIN_STEP`].
pub fn step(forward: Price, share_ppb: u32, life: Moment) -> u64 {
	// 2^64 * 10^12 < 2^104.
	let root = (u128::from(life) * MILLION * MILLION / u128::from(30 * DAY)).isqrt();
	let root = root.clamp(MILLION / 100, MILLION * 3);
	// 8e12 * 2^32 * 3e6 < 2^97.
	let raw = u128::from(micro(forward)) * u128::from(share_ppb) * root / (BILLION * MILLION);
	u64::try_from(nearest_round(raw)).unwrap_or(MAX_STRIKE).clamp(MIN_STEP, MAX_STRIKE)
}

fn micro(price: Price) -> u64 {
	price.to_micro_usd_floor().unsigned_abs()
}

/// The nearest of 1, 2, 2.5, 5 and 10 times the power of ten at or below `raw`, the larger of two.
fn nearest_round(raw: u128) -> u128 {
	let decade = 10u128.pow(raw.checked_ilog10().unwrap_or(0));
	let mut best = decade;
	for tenths in [20, 25, 50, 100] {
		let candidate = decade * tenths / 10;
		if candidate.abs_diff(raw) <= best.abs_diff(raw) {
			best = candidate;
		}
	}
	best
}

/// Strikes that the schedule wants around a forward, nearest first: `each_side` at or below it and as
/// many above it, as far as they are above zero and at most [`MAX_STRIKE`].
pub fn around(forward: Price, step: u64, each_side: u8) -> impl Iterator<Item = u64> {
	let step = step.max(1);
	let base = micro(forward) / step * step;
	let pair = move |index: u64| {
		let below = base.checked_sub(step.saturating_mul(index));
		let above = base.checked_add(step.saturating_mul(index.saturating_add(1)));
		below.into_iter().chain(above)
	};
	(0..u64::from(each_side)).flat_map(pair).filter(|strike| (1..=MAX_STRIKE).contains(strike))
}

/// Whether a strike is within [`REQUEST_RANGE`] of spot.
pub fn is_near(strike: u64, spot: Price) -> bool {
	let (strike, spot) = (u128::from(strike) * MILLION, u128::from(spot.pico_usd().unsigned_abs()));
	let range = u128::from(REQUEST_RANGE);
	strike <= spot * range && strike * range >= spot
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::calendar::MINUTE;
	use alloc::vec::Vec;
	use proptest::prelude::*;

	const USD: u64 = 1_000_000;

	fn usd(usd: i64) -> Price {
		Price::from_usd(usd).unwrap()
	}

	#[test]
	fn step_should_grow_with_the_root_of_life() {
		let step = |life| step(usd(95_000), 50_000_000, life);
		assert_eq!(step(5 * MINUTE), 50 * USD);
		assert_eq!(step(DAY), 1_000 * USD);
		assert_eq!(step(30 * DAY), 5_000 * USD);
		assert_eq!(step(91 * DAY), 10_000 * USD);
		assert_eq!(step(Moment::MAX), 10_000 * USD);
		assert_eq!(step(0), 50 * USD);
	}

	#[test]
	fn step_should_be_round_at_any_price() {
		assert_eq!(step(Price::ZERO, 50_000_000, DAY), MIN_STEP);
		assert_eq!(step(usd(7), 50_000_000, 30 * DAY), 250_000);
		assert_eq!(step(Price::MAX, 500_000_000, Moment::MAX), MAX_STRIKE);
		assert_eq!(
			[0, 1, 14, 16, 23, 36, 38, 74, 75].map(nearest_round),
			[1, 1, 10, 20, 25, 25, 50, 50, 100]
		);
	}

	#[test]
	fn strikes_should_lie_on_both_sides_nearest_first() {
		let strikes: Vec<_> = around(usd(95_300), 1_000 * USD, 2).collect();
		assert_eq!(strikes, [95_000 * USD, 96_000 * USD, 94_000 * USD, 97_000 * USD]);
		// Too low for strikes below, too high for strikes above.
		let strikes: Vec<_> = around(Price::ZERO, 100, 2).collect();
		assert_eq!(strikes, [100, 200]);
		let strikes: Vec<_> = around(Price::MAX, 1_000 * USD, 2).collect();
		assert_eq!(strikes, [MAX_STRIKE, MAX_STRIKE - 1_000 * USD]);
		assert_eq!(around(Price::MAX, u64::MAX, 20).count(), 0);
	}

	#[test]
	fn requests_should_be_within_ten_times_of_spot() {
		let spot = usd(100);
		assert!(is_near(10 * USD, spot) && is_near(1_000 * USD, spot));
		assert!(!is_near(10 * USD - 1, spot) && !is_near(1_000 * USD + 1, spot));
		assert!(!is_near(0, spot) && !is_near(u64::MAX, spot));
	}

	proptest! {
		#[test]
		fn strikes_should_be_multiples_of_a_step_near_the_share(
			pico in 1_000_000_000_000i64..8_000_000_000_000_000_000, share in 100_000u32..=500_000_000,
			days in 1u64..900, each in 1u8..=20,
		) {
			let forward = Price::from_pico_usd(pico).unwrap();
			let step = step(forward, share, days * DAY);
			let exact = forward.to_micro_usd_floor() as f64 * f64::from(share) / 1e9
				* (days as f64 / 30.0).sqrt().min(3.0);
			if exact > 200.0 && exact < 4e12 {
				let ratio = step as f64 / exact;
				prop_assert!((0.66..=1.34).contains(&ratio), "{ratio}");
			}
			let strikes: Vec<_> = around(forward, step, each).collect();
			prop_assert!(strikes.iter().all(|strike| strike % step == 0 && *strike > 0));
			let mut distinct = strikes.clone();
			distinct.sort_unstable();
			distinct.dedup();
			prop_assert_eq!(distinct.len(), strikes.len());
			let above = strikes.iter().filter(|strike| **strike > micro(forward)).count();
			prop_assert!(above <= usize::from(each) && strikes.len() - above <= usize::from(each));
		}
	}
}
