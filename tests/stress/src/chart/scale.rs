// SPDX-License-Identifier: Apache-2.0
//! Marks of an axis at round numbers.

/// Most marks of an axis beside zero.
const MOST: f64 = 5.0;

/// The distance between two marks for values up to `highest`: 1, 2 or 5 times a power of ten.
pub fn step(highest: f64) -> f64 {
	if highest <= 0.0 {
		return 1.0;
	}
	let rough = highest / MOST;
	let power = 10f64.powf(rough.log10().floor());
	let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
	// A rounding error at a power of ten may leave the last one a little short.
	steps.into_iter().find(|step| *step * MOST >= highest).unwrap_or(power * 10.0)
}

/// Marks from zero up to the first one at or above `highest`.
pub fn marks(highest: f64) -> Vec<f64> {
	let step = step(highest);
	let count = (highest / step).ceil().max(1.0) as u32;
	(0..=count).map(|index| f64::from(index) * step).collect()
}

/// A mark as people read it.
pub fn label(value: f64) -> String {
	if value >= 1e6 {
		return format!("{}M", plain(value / 1e6));
	}
	if value >= 1e4 {
		return format!("{}k", plain(value / 1e3));
	}
	plain(value)
}

fn plain(value: f64) -> String {
	let text = format!("{value:.3}");
	text.trim_end_matches('0').trim_end_matches('.').into()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn step_should_be_round_when_values_are_not() {
		assert_eq!(step(7.0), 2.0);
		assert_eq!(step(480.0), 100.0);
		assert_eq!(step(0.0), 1.0);
		assert!((step(0.03) - 0.01).abs() < 1e-12);
	}

	#[test]
	fn marks_should_reach_the_highest_value_when_they_end() {
		assert_eq!(marks(480.0), [0.0, 100.0, 200.0, 300.0, 400.0, 500.0]);
		assert_eq!(marks(0.0), [0.0, 1.0]);
	}

	#[test]
	fn label_should_be_short_when_the_number_is_large() {
		assert_eq!(label(2_000_000.0), "2M");
		assert_eq!(label(25_000.0), "25k");
		assert_eq!(label(0.25), "0.25");
		assert_eq!(label(100.0), "100");
	}
}
