// SPDX-License-Identifier: Apache-2.0
//! How the figures are shown: one JSON object, or a table with both sides next to each other.

use crate::node::{
	bounds::Bound,
	side::{Record, Side},
	Args,
};
use serde_json::{json, Map, Value};

/// What stands before a key of the run without lanes.
const CONTROL: &str = "control_";

/// Every figure under its key.
pub fn json(
	args: &Args,
	with: (&Record, &Side),
	control: Option<(&Record, &Side)>,
	bounds: &[Bound],
) -> Map<String, Value> {
	let mut values = Map::new();
	values.insert("accounts".into(), json!(args.accounts));
	values.insert("path".into(), json!(args.path.to_string()));
	values.insert("seed".into(), json!(args.seed));
	values.extend(with.1.json(with.0, ""));
	if let Some((record, side)) = control {
		values.extend(side.json(record, CONTROL));
	}
	let broken: Vec<&str> =
		bounds.iter().filter(|bound| !bound.holds).map(|bound| bound.text.as_str()).collect();
	values.insert("shown".into(), json!(broken.is_empty()));
	values.insert("broken".into(), json!(broken));
	values
}

/// The same as a table.
pub fn table(values: &Map<String, Value>) -> String {
	let has_control = values.keys().any(|key| key.starts_with(CONTROL));
	let mut lines = Vec::new();
	if has_control {
		lines.push(format!("{:32} {:>16} {:>16}", "", "with lanes", "without"));
	}
	for (key, value) in values.iter().filter(|(key, _)| !key.starts_with(CONTROL)) {
		let control = values.get(&format!("{CONTROL}{key}")).map(cell).unwrap_or_default();
		lines.push(format!("{key:32} {:>16} {control:>16}", cell(value)).trim_end().into());
	}
	lines.join("\n")
}

fn cell(value: &Value) -> String {
	match value {
		Value::String(text) => text.clone(),
		Value::Number(number) if number.is_f64() => {
			format!("{:.4}", number.as_f64().unwrap_or_default())
		},
		Value::Array(list) if list.is_empty() => "-".into(),
		Value::Object(map) if map.is_empty() => "-".into(),
		other => other.to_string(),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::Parser;

	#[derive(Parser)]
	struct Line {
		#[command(flatten)]
		args: Args,
	}

	fn args() -> Args {
		Line::parse_from(["stress", "--node", "ballast", "--accounts", "100"]).args
	}

	fn values(control: bool) -> Map<String, Value> {
		let (record, side) = (Record::default(), Side::default());
		let bound = Bound { text: "it holds not".into(), holds: false };
		json(&args(), (&record, &side), control.then_some((&record, &side)), &[bound])
	}

	#[test]
	fn every_figure_should_have_its_key_when_there_is_a_control() {
		let values = values(true);
		for key in [
			"accounts",
			"liquidatable",
			"found_in_first_block",
			"blocks_to_all_auctioned_p50",
			"blocks_to_all_auctioned_p99",
			"blocks_to_all_resolved",
			"control_blocks_to_all_resolved",
			"bad_debt_usd",
			"control_bad_debt_usd",
			"trades_included_during",
			"block_ms_p99",
			"backlog_max",
			"delay_ms_max",
			"delay_told_ms",
			"delay_move_max",
		] {
			assert!(values.contains_key(key), "{key}");
		}
		assert_eq!(values["shown"], json!(false));
		assert_eq!(values["broken"], json!(["it holds not"]));
	}

	#[test]
	fn control_should_be_left_out_when_it_did_not_run() {
		assert!(values(false).keys().all(|key| !key.starts_with(CONTROL)));
	}

	#[test]
	fn table_should_show_both_sides_in_one_line_when_there_is_a_control() {
		let table = table(&values(true));
		let line = table.lines().find(|line| line.starts_with("backlog_max")).expect("a line");
		assert_eq!(line.split_whitespace().collect::<Vec<_>>(), ["backlog_max", "0", "0"]);
		assert!(!table.contains(CONTROL));
	}
}
