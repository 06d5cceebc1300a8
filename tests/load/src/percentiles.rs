// SPDX-License-Identifier: Apache-2.0

//! Percentiles by nearest rank: the smallest recorded value that at least the given share of all
//! values does not exceed.

use crate::error::{Context, Result};
use hdrhistogram::Histogram;

/// Four significant digits: exact to the unit below 32,768, within 0.01 % above, in bounded memory
/// however long a run is.
const SIGNIFICANT_DIGITS: u8 = 4;

/// Values of one kind, in whatever integer unit the caller chose.
#[derive(Debug, Clone)]
pub struct Samples {
	histogram: Histogram<u64>,
	largest: u64,
}

/// What is reported of [`Samples`], in their unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percentiles {
	pub p50: u64,
	pub p90: u64,
	pub p99: u64,
	pub max: u64,
}

impl Samples {
	pub fn new() -> Result<Self> {
		let histogram = Histogram::new(SIGNIFICANT_DIGITS).context("creating a histogram")?;
		Ok(Self { histogram, largest: 0 })
	}

	pub fn of(values: impl IntoIterator<Item = u64>) -> Result<Self> {
		let mut samples = Self::new()?;
		for value in values {
			samples.add(value)?;
		}
		Ok(samples)
	}

	/// Not the histogram's saturating way: that clamps to the range seen so far.
	pub fn add(&mut self, value: u64) -> Result<()> {
		self.histogram.record(value).context("recording a value")?;
		self.largest = self.largest.max(value);
		Ok(())
	}

	/// Adds all values of `other`, as for the nodes of a network.
	pub fn merge(&mut self, other: &Self) -> Result<()> {
		self.histogram.add(&other.histogram).context("merging histograms")?;
		self.largest = self.largest.max(other.largest);
		Ok(())
	}

	/// `None` without a single value: there is no percentile of nothing.
	pub fn percentiles(&self) -> Option<Percentiles> {
		if self.histogram.is_empty() {
			return None;
		}
		// The histogram answers with the upper end of a value's bucket, which may lie above the
		// largest value ever recorded.
		let at = |share| self.histogram.value_at_quantile(share).min(self.largest);
		Some(Percentiles { p50: at(0.50), p90: at(0.90), p99: at(0.99), max: self.largest })
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn percentiles(values: impl IntoIterator<Item = u64>) -> Option<Percentiles> {
		Samples::of(values).ok().and_then(|samples| samples.percentiles())
	}

	/// Sorts and counts, as the definition says.
	fn nearest_rank(values: &[u64], percent: usize) -> u64 {
		let mut sorted = values.to_vec();
		sorted.sort_unstable();
		let rank = (percent * sorted.len()).div_ceil(100).max(1);
		sorted[rank - 1]
	}

	#[test]
	fn nothing_should_have_no_percentiles() {
		assert_eq!(percentiles([]), None);
	}

	#[test]
	fn a_single_value_should_be_every_percentile() {
		assert_eq!(percentiles([7]), Some(Percentiles { p50: 7, p90: 7, p99: 7, max: 7 }));
	}

	#[test]
	fn percentiles_should_be_exact_when_values_are_small() {
		assert_eq!(
			percentiles((1..=1_000).rev()),
			Some(Percentiles { p50: 500, p90: 900, p99: 990, max: 1_000 })
		);
		// 2 of 4 values do not exceed 20; 4 of 4 are needed for 90 %.
		assert_eq!(
			percentiles([40, 10, 30, 20]),
			Some(Percentiles { p50: 20, p90: 40, p99: 40, max: 40 })
		);
	}

	#[test]
	fn percentiles_should_stay_within_a_ten_thousandth_when_values_are_large() {
		let values: Vec<u64> =
			(0..5_000u64).map(|i| 50_000 + (i * i * 7_919) % 9_000_011).collect();
		let found = percentiles(values.iter().copied()).expect("there are values");
		for (value, percent) in [(found.p50, 50), (found.p90, 90), (found.p99, 99)] {
			let exact = nearest_rank(&values, percent);
			assert!(value.abs_diff(exact) * 10_000 <= exact, "{percent}: {value} against {exact}");
		}
		assert_eq!(Some(found.max), values.iter().copied().max());
	}

	#[test]
	fn the_largest_value_should_be_recordable() {
		let all = percentiles([1, u64::MAX]).expect("there are values");
		assert_eq!((all.p50, all.max), (1, u64::MAX));
	}

	#[test]
	fn merging_should_equal_recording_into_one() {
		let mut merged = Samples::of(1..=10).expect("valid precision");
		merged.merge(&Samples::of(1_000_000..=1_000_010).expect("valid precision")).expect("fits");
		assert_eq!(merged.percentiles(), percentiles((1..=10).chain(1_000_000..=1_000_010)));
	}
}
