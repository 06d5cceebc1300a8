// SPDX-License-Identifier: Apache-2.0
//! `ballast-risk margin`: figures, formats, many books at once.

mod common;

use ballast_risk_cli::bench::{margin_error_ratio, max_margin_error_ratio, max_price_error};
use ballast_risk_cli::field::Field;
use common::{book, golden, micro, run, BOOK};
use serde_json::{json, Value};

/// 0.001 USD and what cutting to a micro-USD leaves.
const TOLERANCE: i128 = 1_002;

fn check(found: &Value, expected: &Value, gross: i128) {
	let of = |value: &Value| micro(value.as_str().expect("a decimal string"));
	let distance = (of(found) - of(expected)).abs();
	assert!(distance <= TOLERANCE.max(gross / 10_000_000), "{found} against {expected}");
}

fn gross_notional(book: &Value) -> i128 {
	let part = |part: &Value, spot: &Value| -> i128 {
		let amounts = part["options"].as_array().expect("list").iter().chain([&part["perpetual"]]);
		let contracts: i128 =
			amounts.map(|held| micro(held["amount"].as_str().expect("text")).abs()).sum();
		contracts * micro(spot.as_str().expect("text")) / 1_000_000
	};
	match book["underlyings"].as_array() {
		Some(underlyings) => underlyings.iter().map(|held| part(held, &held["spot"])).sum(),
		None => part(book, &book["market"]["spot"]),
	}
}

#[test]
fn margin_should_match_the_reference() {
	for case in golden() {
		let output = run(&["margin", "-"], case["book"].to_string().as_bytes()).json();
		let (expected, gross) = (&case["expected"], gross_notional(&case["book"]));
		for name in ["mark_to_market", "maintenance", "initial"] {
			check(&output[name], &expected[name], gross);
		}
		assert_eq!(output["model"], case["book"]["model"]);
		if output["model"] == "standard" {
			continue;
		}
		check(&output["basis_contingency"], &expected["basis_contingency"], gross);
		let found = output["scenario_pnl"].as_array().expect("list");
		let expected_pnl = expected["scenario_pnl"].as_array().expect("list");
		assert_eq!(found.len(), expected_pnl.len());
		found.iter().zip(expected_pnl).for_each(|(found, expected)| check(found, expected, gross));
		assert_eq!(output["binding"], expected["binding"]);
	}
}

#[test]
fn all_vectors_should_be_within_their_tolerance() {
	let (price, margin) = (max_price_error().unwrap(), max_margin_error_ratio().unwrap());
	println!("price {price:e} of the forward, margin {margin:.5} of the tolerance");
	assert!(price > 0.0 && price < 1e-10, "{price:e}");
	assert!(margin > 0.0 && margin <= 1.0, "{margin}");
}

#[test]
fn a_wrong_figure_should_be_noticed() {
	let mut case = golden().swap_remove(1);
	assert!(margin_error_ratio(&Field::root(&case)).unwrap() < 1.0);
	case["expected"]["initial"] = json!("1");
	assert!(margin_error_ratio(&Field::root(&case)).unwrap() > 1.0);
	case["expected"]["binding"] = json!("basis");
	let problem = margin_error_ratio(&Field::root(&case)).unwrap_err();
	assert!(problem.to_string().starts_with("expected.binding: "), "{problem}");
}

#[test]
fn every_part_should_be_shown() {
	let output = run(&["margin", "-"], BOOK.as_bytes()).json();
	assert_eq!(output["binding"], 22);
	assert_eq!(output["binding_scenario"], "spot -18 %, volatility up");
	assert_eq!(
		micro(output["equity"].as_str().unwrap()),
		micro(output["mark_to_market"].as_str().unwrap()) + 25_000_000_000
	);
	let charges = output["charges"].as_object().unwrap();
	// 0.4 contracts at 3 % and 3.5 naked shorts at 0.3 % of 95,000 USD; haircut of 0.25 bitcoin.
	assert_eq!(charges["perpetual_maintenance"], "1140.000000");
	assert_eq!(charges["option_maintenance"], "997.500000");
	assert_eq!(charges["haircut_maintenance"], "712.500000");
	assert_eq!(charges.len(), 9);
}

#[test]
fn basis_should_bind_where_no_scenario_loses() {
	let mut book = book();
	book["options"] = json!([]);
	book["perpetual"]["amount"] = json!("0");
	book["collateral"] = json!([]);
	let output = run(&["margin", "-"], book.to_string().as_bytes()).json();
	assert_eq!(output["binding"], "basis");
	assert_eq!(output["maintenance"], "25000.000000");
}

/// Turns every decimal string but the names into a JSON number.
fn numbers(value: &mut Value) {
	match value {
		Value::Object(members) => members.values_mut().for_each(numbers),
		Value::Array(items) => items.iter_mut().for_each(numbers),
		Value::String(text) => {
			if let Ok(number) = serde_json::from_str::<serde_json::Number>(text) {
				*value = Value::Number(number);
			}
		},
		_ => {},
	}
}

#[test]
fn json_numbers_should_count_as_decimal_strings() {
	let mut written = book();
	numbers(&mut written);
	assert_ne!(written, book());
	let found = run(&["margin", "-"], written.to_string().as_bytes()).json();
	assert_eq!(found, run(&["margin", "-"], BOOK.as_bytes()).json());
}

#[test]
fn splitting_a_position_finely_should_change_nothing_but_the_last_digits() {
	let mut split = book();
	let options = split["options"].as_array_mut().unwrap();
	options[0]["amount"] = json!("-1.999999");
	let mut rest = options[0].clone();
	rest["amount"] = json!("-0.000001");
	options.push(rest);
	let found = run(&["margin", "-"], split.to_string().as_bytes()).json();
	let whole = run(&["margin", "-"], BOOK.as_bytes()).json();
	for name in ["mark_to_market", "maintenance", "initial"] {
		check(&found[name], &whole[name], 0);
	}
}

#[test]
fn lines_should_give_one_answer_per_book() {
	let books: Vec<String> = golden().iter().map(|case| case["book"].to_string()).collect();
	let answers = run(&["margin", "--lines", "-"], books.join("\n").as_bytes());
	assert_eq!((answers.code, answers.err.as_str()), (0, ""));
	let answers: Vec<Value> =
		answers.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
	assert_eq!(answers.len(), books.len());
	for (answer, book) in answers.iter().zip(&books) {
		assert_eq!(*answer, run(&["margin", "-"], book.as_bytes()).json());
	}
}

#[test]
fn lines_should_go_on_after_a_refused_book() {
	let good = book().to_string();
	let mut bad = book();
	bad["market"]["spot"] = json!("-1");
	let input = format!("{good}\n\n{bad}\n\u{7f}\n{good}\n");
	let run = run(&["margin", "--lines", "-"], input.as_bytes());
	assert_eq!(run.code, 2);
	let refused: Vec<&str> = run.err.lines().collect();
	assert_eq!(refused[0], "line 3: market.spot: -1 is outside 0 to 8000000");
	assert!(refused[1].starts_with("line 4: book: not JSON"), "{}", refused[1]);
	assert_eq!(refused.len(), 2);
	let answers: Vec<Value> =
		run.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
	assert_eq!(answers.len(), 4);
	assert_eq!(answers[1]["line"], 3);
	assert_eq!(answers[1]["error"], "market.spot: -1 is outside 0 to 8000000");
	assert_eq!(answers[0], answers[3]);
}

#[test]
fn a_file_should_be_read_by_its_name() {
	let path = "tests/data/book.json";
	assert_eq!(run(&["margin", path], b"").json(), run(&["margin", "-"], BOOK.as_bytes()).json());
	let missing = run(&["margin", "/no/such/book.json"], b"");
	assert_eq!(missing.code, 1);
	assert!(missing.err.starts_with("/no/such/book.json: "), "{}", missing.err);
}
