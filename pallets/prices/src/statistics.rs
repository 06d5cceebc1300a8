// SPDX-License-Identifier: Apache-2.0
//! Medians and spreads of a few reports.

use alloc::vec::Vec;
use ballast_exchange::Ppb;

const BILLION: i128 = 1_000_000_000;

/// The values in ascending order.
pub(crate) fn sorted(values: impl IntoIterator<Item = i64>) -> Vec<i64> {
	let mut values: Vec<i64> = values.into_iter().collect();
	values.sort_unstable();
	values
}

/// Median of ascending values: the middle one, or the mean of the middle two rounded down. `None` of none.
pub(crate) fn median(sorted: &[i64]) -> Option<i64> {
	let lower = *sorted.get(lower_middle(sorted.len())?)?;
	let upper = *sorted.get(sorted.len() / 2)?;
	// The mean lies between the two, so it fits.
	i64::try_from((i128::from(lower) + i128::from(upper)).div_euclid(2)).ok()
}

/// Index of the middle, of the lower one of two. `None` of none.
pub(crate) fn lower_middle(count: usize) -> Option<usize> {
	Some(count.checked_sub(1)? / 2)
}

/// Largest less smallest of the middle half: a quarter of the values, rounded down, is left out at each
/// end, so that fewer liars than that cannot lower a confidence.
fn middle_spread(sorted: &[i64]) -> i128 {
	let outside = sorted.len() / 4;
	let inside = sorted.get(outside..sorted.len() - outside).unwrap_or(&[]);
	match (inside.first(), inside.last()) {
		(Some(first), Some(last)) => i128::from(*last) - i128::from(*first),
		_ => 0,
	}
}

/// `1 - factor * spread / median`, floor zero, of ascending values above zero.
pub(crate) fn relative_confidence(sorted: &[i64], factor: u32) -> Ppb {
	let spread = middle_spread(sorted);
	match median(sorted) {
		_ if spread == 0 => Ppb::ONE,
		// spread < 2^64, 10^9 < 2^30, factor < 2^32: the product is below 2^126.
		Some(median) if median > 0 => {
			less(spread * BILLION * i128::from(factor) / i128::from(median))
		},
		_ => Ppb::ZERO,
	}
}

/// `1 - factor * spread`, floor zero, of ascending parts per billion that may be zero or below.
pub(crate) fn absolute_confidence(sorted: &[i64], factor: u32) -> Ppb {
	less(middle_spread(sorted) * i128::from(factor))
}

/// Full confidence less `ppb`.
fn less(ppb: i128) -> Ppb {
	Ppb(i64::try_from((BILLION - ppb).max(0)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn median_should_be_the_middle_when_odd_and_the_lower_mean_when_even() {
		assert_eq!(median(&[]), None);
		assert_eq!(median(&[7]), Some(7));
		assert_eq!(median(&[1, 5, 900]), Some(5));
		assert_eq!(median(&[1, 4, 7, 900]), Some(5));
		assert_eq!(median(&[-4, -1]), Some(-3));
		assert_eq!(median(&[i64::MAX, i64::MAX]), Some(i64::MAX));
		assert_eq!(median(&[i64::MIN, i64::MAX]), Some(-1));
	}

	#[test]
	fn lower_middle_should_be_the_lower_of_two() {
		assert_eq!([0, 1, 2, 3, 4].map(lower_middle), [None, Some(0), Some(0), Some(1), Some(1)]);
	}

	#[test]
	fn confidence_should_be_full_when_there_is_one_report_or_no_spread() {
		assert_eq!(relative_confidence(&[5], 1_000_000), Ppb::ONE);
		assert_eq!(relative_confidence(&[5, 5, 5], 1_000_000), Ppb::ONE);
		assert_eq!(relative_confidence(&[0, 0], 10), Ppb::ONE);
		assert_eq!(absolute_confidence(&[-5], 1_000_000), Ppb::ONE);
	}

	#[test]
	fn confidence_should_fall_with_the_spread_and_stop_at_zero() {
		// A spread of 1 % times 10 leaves 0.9.
		assert_eq!(relative_confidence(&[9_950, 10_000, 10_050], 10), Ppb(900_000_000));
		assert_eq!(relative_confidence(&[1, 10_000, i64::MAX], 10), Ppb::ZERO);
		assert_eq!(relative_confidence(&[-1, 0, 1], 10), Ppb::ZERO);
		// Rates of 1 % and 3 %.
		assert_eq!(absolute_confidence(&[10_000_000, 30_000_000], 10), Ppb(800_000_000));
		assert_eq!(absolute_confidence(&[i64::MIN, i64::MAX], u32::MAX), Ppb::ZERO);
	}

	#[test]
	fn confidence_should_ignore_a_liar_when_there_are_four_reports() {
		assert_eq!(relative_confidence(&[100, 100, 100, i64::MAX], 1_000), Ppb::ONE);
		assert_eq!(relative_confidence(&[1, 100, 100, 100], 1_000), Ppb::ONE);
	}

	proptest! {
		#![proptest_config(crate::tests::cases(256))]

		#[test]
		fn median_should_lie_within_the_values_and_split_them(
			values in proptest::collection::vec(any::<i64>(), 1..40),
		) {
			let sorted = sorted(values);
			let median = median(&sorted).unwrap();
			prop_assert!(sorted[0] <= median && median <= sorted[sorted.len() - 1]);
			let below = sorted.iter().filter(|value| **value < median).count();
			let above = sorted.iter().filter(|value| **value > median).count();
			prop_assert!(below <= sorted.len() / 2 && above <= sorted.len() / 2);
		}

		#[test]
		fn confidence_should_stay_within_zero_and_one(
			values in proptest::collection::vec(any::<i64>(), 0..40),
			factor in any::<u32>(),
		) {
			let sorted = sorted(values);
			let range = Ppb::ZERO..=Ppb::ONE;
			prop_assert!(range.contains(&relative_confidence(&sorted, factor)));
			prop_assert!(range.contains(&absolute_confidence(&sorted, factor)));
		}
	}
}
