// SPDX-License-Identifier: Apache-2.0
//! The integral of spot over time, and averages between two moments of it.
//!
//! Spot is constant from one round to the next. A round counts for at most the largest age of a price:
//! beyond, time passes without cover and weighs nothing.

use ballast_exchange::{Moment, Ppb, Price};
use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// The integral up to some moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Sum {
	/// Spot times time, pico-USD times milliseconds.
	pub integral: u128,
	/// Time that had a price, milliseconds.
	pub covered_millis: u64,
}

impl Sum {
	/// Average of spot between two moments, rounded down; `None` if no time between them had a price.
	pub fn average_until(&self, later: &Sum) -> Option<Price> {
		let covered = later.covered_millis.checked_sub(self.covered_millis)?;
		let integral = later.integral.checked_sub(self.integral)?;
		let pico = integral.checked_div(covered.into())?;
		Price::from_pico_usd(i64::try_from(pico).ok()?).ok()
	}
}

/// The integral of spot up to the latest round, with what continues it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct SpotIntegral {
	/// Moment of the latest round.
	pub at: Moment,
	/// Until when its spot counts at most. Fixed by the rules at the time of the round, so that a change of
	/// them does not reach back into windows that are open.
	pub until: Moment,
	/// Its spot; zero before the first round.
	pub spot: Price,
	/// The integral up to it.
	pub sum: Sum,
}

impl SpotIntegral {
	/// The integral up to `moment`, not before the latest round.
	pub fn sum_at(&self, moment: Moment) -> Sum {
		if self.spot.is_zero() {
			return self.sum;
		}
		// A moment before the round has no time in it.
		let covered = moment.min(self.until).saturating_sub(self.at);
		let area = u128::from(self.spot.pico_usd().unsigned_abs()) * u128::from(covered);
		Sum {
			// 2^63 pico-USD times 2^63 milliseconds in all: both sums end before they could saturate.
			integral: self.sum.integral.saturating_add(area),
			covered_millis: self.sum.covered_millis.saturating_add(covered),
		}
	}

	/// A new round, whose spot counts for at most `max_age_millis`.
	pub fn push(&mut self, at: Moment, spot: Price, max_age_millis: u64) {
		self.sum = self.sum_at(at);
		self.at = self.at.max(at);
		// Beyond the end of time nothing is looked at.
		self.until = self.at.saturating_add(max_age_millis);
		self.spot = spot;
	}
}

/// A settlement window that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Window {
	/// The expiry, its end.
	pub expiry: Moment,
	/// Its first moment, at most the expiry.
	pub start: Moment,
	/// The integral up to its first moment.
	pub opening: Sum,
}

impl Window {
	/// Average from the start to `moment` or the end, whichever is first.
	pub fn average(&self, integral: &SpotIntegral, moment: Moment) -> Option<Price> {
		self.opening.average_until(&integral.sum_at(moment.min(self.expiry)))
	}

	/// Share of the window that has passed at `moment`.
	pub fn elapsed(&self, moment: Moment) -> Ppb {
		let passed = moment.min(self.expiry).saturating_sub(self.start);
		let length = self.expiry.saturating_sub(self.start);
		let share = (u128::from(passed) * 1_000_000_000).checked_div(length.into());
		// An empty window has passed as a whole.
		share.and_then(|ppb| i64::try_from(ppb).ok()).map_or(Ppb::ONE, Ppb)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn usd(usd: i64) -> Price {
		Price::from_usd(usd).unwrap()
	}

	#[test]
	fn average_should_weigh_each_spot_by_its_time() {
		let mut integral = SpotIntegral::default();
		integral.push(1_000, usd(100), 10_000);
		let opening = integral.sum_at(1_000);
		integral.push(4_000, usd(200), 10_000);
		let end = integral.sum_at(5_000);
		assert_eq!(opening.average_until(&end), Some(usd(125)));
	}

	#[test]
	fn average_should_leave_out_time_without_a_price() {
		let mut integral = SpotIntegral::default();
		integral.push(0, usd(100), 1_000);
		let opening = integral.sum_at(0);
		// Nine seconds of ten without a price.
		integral.push(10_000, usd(200), 1_000);
		let end = integral.sum_at(11_000);
		assert_eq!(opening.average_until(&end), Some(usd(150)));
		assert_eq!(end.covered_millis, 2_000);
	}

	#[test]
	fn average_should_be_none_when_nothing_is_covered() {
		let integral = SpotIntegral::default();
		let sum = integral.sum_at(u64::MAX);
		assert_eq!(sum, Sum::default());
		assert_eq!(sum.average_until(&sum), None);
	}

	#[test]
	fn elapsed_should_run_from_nothing_to_the_whole() {
		let window = Window { expiry: 2_000, start: 1_000, opening: Sum::default() };
		let elapsed = [0, 1_000, 1_250, 2_000, 9_000].map(|moment| window.elapsed(moment).0);
		assert_eq!(elapsed, [0, 0, 250_000_000, 1_000_000_000, 1_000_000_000]);
		let empty = Window { expiry: 1_000, start: 1_000, opening: Sum::default() };
		assert_eq!(empty.elapsed(0), Ppb::ONE);
	}

	proptest! {
		#![proptest_config(crate::tests::cases(256))]

		#[test]
		fn average_should_lie_within_the_spots(
			rounds in proptest::collection::vec(
				(1u64..100_000, 1i64..=Price::MAX.pico_usd()), 1..30,
			),
			max_age in 1u64..50_000,
			after in 1u64..100_000,
		) {
			let mut integral = SpotIntegral::default();
			let mut now = 0;
			for (step, pico) in &rounds {
				now += step;
				integral.push(now, Price::from_pico_usd(*pico).unwrap(), max_age);
			}
			let average = Sum::default().average_until(&integral.sum_at(now + after));
			let average = average.unwrap().pico_usd();
			let spots = rounds.iter().map(|(_, pico)| *pico);
			prop_assert!(spots.clone().min().unwrap() <= average);
			prop_assert!(average <= spots.max().unwrap());
		}

		#[test]
		fn sum_should_not_depend_on_looks_in_between(
			pico in 1i64..=Price::MAX.pico_usd(),
			first in 0u64..10_000,
			second in 0u64..10_000,
		) {
			// The same spot pushed again while it is fresh adds up to one long round.
			let spot = Price::from_pico_usd(pico).unwrap();
			let mut whole = SpotIntegral::default();
			whole.push(5, spot, 20_000);
			let mut parts = whole;
			parts.push(5 + first, spot, 20_000);
			let end = 5 + first + second;
			prop_assert_eq!(whole.sum_at(end), parts.sum_at(end));
		}
	}
}
