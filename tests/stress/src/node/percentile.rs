// SPDX-License-Identifier: Apache-2.0
//! Percentiles by nearest rank: the smallest value that at least the given share of all values does not exceed.

/// The percentile of some values, 0 to 100; `None` of nothing.
pub fn percentile(values: &[u64], percent: u32) -> Option<u64> {
	let mut sorted = values.to_vec();
	sorted.sort_unstable();
	let rank = (percent.min(100) as usize * sorted.len()).div_ceil(100).max(1);
	sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn percentile_should_be_none_when_there_is_no_value() {
		assert_eq!(percentile(&[], 50), None);
	}

	#[test]
	fn percentile_should_be_the_value_when_there_is_one() {
		assert_eq!(percentile(&[7], 1), Some(7));
		assert_eq!(percentile(&[7], 99), Some(7));
	}

	#[test]
	fn percentile_should_be_the_nearest_rank_when_there_are_many() {
		let values: Vec<u64> = (1..=200).rev().collect();
		assert_eq!(percentile(&values, 50), Some(100));
		assert_eq!(percentile(&values, 99), Some(198));
		assert_eq!(percentile(&values, 100), Some(200));
		assert_eq!(percentile(&[40, 10, 30, 20], 50), Some(20));
		assert_eq!(percentile(&[40, 10, 30, 20], 76), Some(40));
	}
}
