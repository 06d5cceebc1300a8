// SPDX-License-Identifier: Apache-2.0
//! Percentiles.

use serde::Serialize;

/// The middle and the end of some figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
	/// Half of them are at most that.
	pub p50: f64,
	/// 99 of 100 are at most that.
	pub p99: f64,
	/// The largest.
	pub max: f64,
}

impl Spread {
	/// Of these figures; zeros of none.
	pub fn of(figures: &[f64]) -> Self {
		let mut sorted = figures.to_vec();
		sorted.sort_by(f64::total_cmp);
		let at = |share: f64| {
			let rank = (share * sorted.len() as f64).ceil() as usize;
			sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
		};
		Self { p50: at(0.5), p99: at(0.99), max: at(1.0) }
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn spread_should_name_figures_that_are_there() {
		let figures: Vec<f64> = (1..=200).rev().map(f64::from).collect();
		assert_eq!(Spread::of(&figures), Spread { p50: 100.0, p99: 198.0, max: 200.0 });
		assert_eq!(Spread::of(&[3.0]), Spread { p50: 3.0, p99: 3.0, max: 3.0 });
		assert_eq!(Spread::of(&[]), Spread::default());
	}
}
