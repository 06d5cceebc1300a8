// SPDX-License-Identifier: Apache-2.0

//! Figures as one JSON object with stable keys, or as text for people.

use crate::percentiles::Samples;
use serde_json::{json, Map, Value};

/// Recorded units per reported unit.
pub const MILLIS: f64 = 1e3;
pub const RATIO: f64 = 1e6;
pub const ONE: f64 = 1.0;

/// Adds `NAME_p50`, `NAME_p90`, `NAME_p99` and `NAME_max`; `null` where nothing was recorded.
pub fn add_percentiles(
	figures: &mut Map<String, Value>,
	name: &str,
	samples: &Samples,
	units: f64,
) {
	let found = samples.percentiles();
	let scaled = |value: u64| match units == ONE {
		true => json!(value),
		false => json!(value as f64 / units),
	};
	for (suffix, value) in [
		("p50", found.map(|found| found.p50)),
		("p90", found.map(|found| found.p90)),
		("p99", found.map(|found| found.p99)),
		("max", found.map(|found| found.max)),
	] {
		figures.insert(format!("{name}_{suffix}"), value.map_or(Value::Null, scaled));
	}
}

/// One `key  value` line per figure, in the order of the keys; nested figures are indented.
pub fn to_text(figures: &Value) -> String {
	let mut text = String::new();
	add_lines(&mut text, figures, 0);
	text
}

fn add_lines(text: &mut String, value: &Value, depth: usize) {
	let indent = "  ".repeat(depth);
	let mut line = |key: &str, value: &Value| match value {
		Value::Object(inner) if inner.is_empty() => {
			text.push_str(&format!("{indent}{key:<26} none\n"));
		},
		Value::Object(_) | Value::Array(_) => {
			text.push_str(&format!("{indent}{key}\n"));
			add_lines(text, value, depth.saturating_add(1));
		},
		Value::Number(number) if number.is_f64() => {
			let number = number.as_f64().unwrap_or_default();
			text.push_str(&format!("{indent}{key:<26} {number:.3}\n"));
		},
		Value::String(words) => text.push_str(&format!("{indent}{key:<26} {words}\n")),
		other => text.push_str(&format!("{indent}{key:<26} {other}\n")),
	};
	match value {
		Value::Object(figures) => figures.iter().for_each(|(key, value)| line(key, value)),
		Value::Array(items) => {
			items.iter().enumerate().for_each(|(index, item)| line(&index.to_string(), item));
		},
		_ => {},
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn percentiles_should_become_four_keys_in_the_reported_unit() {
		let mut figures = Map::new();
		let samples = Samples::of([1_500, 2_500]).expect("valid precision");
		add_percentiles(&mut figures, "finality_ms", &samples, MILLIS);
		assert_eq!(
			Value::Object(figures),
			json!({
				"finality_ms_p50": 1.5,
				"finality_ms_p90": 2.5,
				"finality_ms_p99": 2.5,
				"finality_ms_max": 2.5,
			})
		);
	}

	#[test]
	fn counts_should_stay_integers() {
		let mut figures = Map::new();
		add_percentiles(&mut figures, "n", &Samples::of([3]).expect("valid precision"), ONE);
		assert_eq!(figures.get("n_p50"), Some(&json!(3)));
	}

	#[test]
	fn missing_samples_should_be_null() {
		let mut figures = Map::new();
		add_percentiles(&mut figures, "n", &Samples::new().expect("valid precision"), ONE);
		assert_eq!(figures.get("n_max"), Some(&Value::Null));
		assert_eq!(figures.len(), 4);
	}

	#[test]
	fn text_should_show_every_figure() {
		let text = to_text(&json!({ "a": 1, "b": 0.25, "c": {}, "d": { "why": 2 }, "e": null }));
		let words: Vec<Vec<_>> = text.lines().map(|l| l.split_whitespace().collect()).collect();
		let expected: Vec<Vec<&str>> = vec![
			vec!["a", "1"],
			vec!["b", "0.250"],
			vec!["c", "none"],
			vec!["d"],
			vec!["why", "2"],
			vec!["e", "null"],
		];
		assert_eq!(words, expected);
	}
}
