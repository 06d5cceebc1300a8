// SPDX-License-Identifier: Apache-2.0
//! Every refusal is one line that names the field, with exit code 2.

mod common;

use ballast_risk::Ppb;
use ballast_risk_cli::book::{Book, Shift};
use ballast_risk_cli::field::Field;
use common::{book, golden, run};
use serde_json::{json, Value};

/// A step into a document.
#[derive(Clone)]
enum Step {
	Member(String),
	Item(usize),
}

/// Every place in a document, with its path as messages write it.
fn places(value: &Value, at: &[Step], found: &mut Vec<Vec<Step>>) {
	let mut go = |step: Step, value: &Value| {
		let deeper: Vec<Step> = at.iter().cloned().chain([step]).collect();
		found.push(deeper.clone());
		places(value, &deeper, found);
	};
	match value {
		Value::Object(members) => {
			members.iter().for_each(|(name, value)| go(Step::Member(name.clone()), value));
		},
		Value::Array(items) => {
			items.iter().enumerate().for_each(|(index, value)| go(Step::Item(index), value));
		},
		_ => {},
	}
}

fn path(steps: &[Step]) -> String {
	let mut path = String::new();
	for step in steps {
		match step {
			Step::Member(name) if path.is_empty() => path.push_str(name),
			Step::Member(name) => path.push_str(&format!(".{name}")),
			Step::Item(index) => path.push_str(&format!("[{index}]")),
		}
	}
	path
}

fn at<'v>(value: &'v mut Value, steps: &[Step]) -> &'v mut Value {
	steps.iter().fold(value, |value, step| match step {
		Step::Member(name) => &mut value[name.as_str()],
		Step::Item(index) => &mut value[*index],
	})
}

/// Members that say nothing about the margin.
fn is_label(path: &str) -> bool {
	path.ends_with(".asset") || path.ends_with(".name")
}

fn refusal(book: &Value) -> String {
	let read = Book::read(&Field::root(book));
	read.err().map(|problem| problem.to_string()).expect("the book is refused")
}

fn books() -> [Value; 2] {
	let mut cases = golden();
	let standard = cases.pop().expect("a standard book")["book"].take();
	[book(), standard]
}

#[test]
fn every_missing_member_should_be_named() {
	let mut removed = 0;
	for book in books() {
		let mut found = Vec::new();
		places(&book, &[], &mut found);
		for steps in found {
			let Some((Step::Member(name), parent)) = steps.split_last() else { continue };
			if is_label(&path(&steps)) {
				continue;
			}
			let mut changed = book.clone();
			at(&mut changed, parent).as_object_mut().expect("object").remove(name);
			assert_eq!(refusal(&changed), format!("{}: missing", path(&steps)));
			removed += 1;
		}
	}
	assert!(removed > 200, "{removed}");
}

#[test]
fn every_value_of_another_type_should_be_named() {
	for book in books() {
		let mut found = Vec::new();
		places(&book, &[], &mut found);
		for steps in found.iter().filter(|steps| !is_label(&path(steps))) {
			for wrong in
				[json!(null), json!({}), json!([1]), json!("\u{1f}nonsense\n"), json!(true)]
			{
				let mut changed = book.clone();
				let place = at(&mut changed, steps);
				// An id may be any text, and an option names it: then the option is to blame.
				if place.is_boolean() && wrong.is_boolean() || path(steps).ends_with("].id") {
					continue;
				}
				*place = wrong;
				let line = refusal(&changed);
				assert!(line.starts_with(&path(steps)), "{line} does not name {}", path(steps));
				assert_eq!(line.lines().count(), 1, "{line}");
			}
		}
	}
}

#[test]
fn every_number_out_of_range_should_be_named() {
	let huge = json!("99999999999999999999999999");
	for book in books() {
		let mut found = Vec::new();
		places(&book, &[], &mut found);
		for steps in found.iter().filter(|steps| !is_label(&path(steps))) {
			let mut changed = book.clone();
			let place = at(&mut changed, steps);
			let number = place.as_str().is_some_and(|text| text.parse::<f64>().is_ok());
			let is_name = path(steps).ends_with("].id") || path(steps).ends_with("].expiry");
			if is_name || !number && !place.is_number() {
				continue;
			}
			*place = huge.clone();
			let line = refusal(&changed);
			assert!(line.starts_with(&format!("{}: 999", path(steps))), "{line}: {}", path(steps));
		}
	}
}

#[test]
fn extreme_numbers_should_give_a_margin_or_a_refusal() {
	const EXTREMES: [&str; 11] = [
		"0",
		"-0",
		"-1",
		"1e-60",
		"0.000000000001",
		"1",
		"1000000",
		"8000000",
		"157680000",
		"1000000000000",
		"-1000000000000",
	];
	let mut margins = 0;
	for book in books() {
		let mut found = Vec::new();
		places(&book, &[], &mut found);
		for (steps, extreme) in found.iter().flat_map(|steps| EXTREMES.map(|text| (steps, text))) {
			let mut changed = book.clone();
			*at(&mut changed, steps) = json!(extreme);
			// No panic is the point; the other tests say what is refused.
			let margin = Book::read(&Field::root(&changed)).and_then(|book| {
				book.margin_after(Shift { spot: Ppb(1_300_000_000), vol: Ppb(500_000_000) })?;
				ballast_risk_cli::margin::margin(&book)
			});
			margins += usize::from(margin.is_ok());
		}
	}
	assert!(margins > 500, "{margins}");
}

/// Changes one member of the example and returns how it is refused by the binary.
fn refused(steps: &str, value: Value) -> String {
	let mut changed = book();
	let place = changed.pointer_mut(steps).expect("the member is there");
	*place = value;
	let run = run(&["margin", "-"], changed.to_string().as_bytes());
	assert_eq!((run.code, run.out.as_str()), (2, ""), "{}", run.err);
	assert_eq!(run.err.lines().count(), 1, "{}", run.err);
	run.err.trim_end().to_owned()
}

#[test]
fn the_binary_should_say_what_is_permitted() {
	for (steps, value, line) in [
		("/market/expiries/1/svi/rho", json!("1.2"), "market.expiries[1].svi.rho: 1.2 is outside -1 < rho < 1"),
		("/market/expiries/0/svi/b", json!("-0.1"), "market.expiries[0].svi.b: -0.1 is outside 0 to 16"),
		("/market/expiries/0/svi/sigma", json!("0"), "market.expiries[0].svi.sigma: 0 is outside 0 < sigma <= 16"),
		("/market/expiries/0/svi/a", json!("-1"), "market.expiries[0].svi: SVI minimum total variance is negative"),
		("/market/expiries/0/seconds", json!("0.5"), "market.expiries[0].seconds: 0.5 is not a whole number"),
		("/market/expiries/0/seconds", json!(-1), "market.expiries[0].seconds: -1 is outside 0 to 157680000"),
		("/market/expiries/0/forward", json!("0"), "market.expiries[0].forward: 0 is outside 0 < price <= 8000000"),
		("/market/expiries/0/forward", json!("2000000"), "market.expiries[0].forward: under a scenario it is above 8000000 USD"),
		("/market/expiries/1/id", json!("weekly"), "market.expiries[1].id: \"weekly\" is the id of expiry 0 too"),
		("/market/quote_price", json!("0"), "market.quote_price: 0 is outside 0.01 to 100"),
		("/market/spot_confidence", json!("1.01"), "market.spot_confidence: 1.01 is outside 0 to 1"),
		("/parameters/vol_up", json!("7"), "parameters.vol_up: 7 is outside 0 to 5"),
		("/parameters/vol_floor_days", json!("0.1"), "parameters.vol_floor_days: 0.1 is outside 0.25 to 30"),
		("/parameters/scenarios/3/weight", json!("3"), "parameters.scenarios[3].weight: 3 is outside 0 to 2"),
		("/parameters/scenarios/3/vol", json!("sideways"), "parameters.scenarios[3].vol: \"sideways\" is not \"up\" or \"none\" or \"down\" or \"linear\" or \"absolute\""),
		("/options/2/kind", json!("calls"), "options[2].kind: \"calls\" is not \"call\" or \"put\""),
		("/options/2/expiry", json!("daily"), "options[2].expiry: \"daily\" is no id of an expiry"),
		("/options/2/amount", json!("0.1234567"), "options[2].amount: 0.1234567 has more than 6 decimals"),
		("/options/2/strike", json!("NaN"), "options[2].strike: \"NaN\" is not a number"),
		("/collateral/0/amount", json!("-1"), "collateral[0].amount: -1 is outside 0 to 18446744073709551615"),
		("/cash", json!("1e30"), "cash: 1e30 is outside -1000000000000 to 1000000000000"),
		("/model", json!("fancy"), "model: \"fancy\" is not \"portfolio\" or \"standard\""),
	] {
		assert_eq!(refused(steps, value), line);
	}
}

#[test]
fn lists_should_have_a_limit() {
	let option = book()["options"][0].clone();
	assert_eq!(refused("/options", json!(vec![option; 129])), "options: 129 items, at most 128");
}

#[test]
fn what_is_not_a_book_should_be_refused() {
	for (input, line) in [
		(&b""[..], "book: not JSON: EOF while parsing a value at line 1 column 0"),
		(b"{\"model\": ", "book: not JSON: EOF while parsing a value at line 1 column 10"),
		(b"[]", "book: a list is not an object"),
		(b"7", "book: 7 is not an object"),
		(b"\xff\xfe", "book: not UTF-8"),
	] {
		let run = run(&["margin", "-"], input);
		assert_eq!((run.code, run.err.trim_end()), (2, line));
	}
	let deep = run(&["margin", "-"], "[".repeat(100_000).as_bytes());
	assert_eq!(deep.code, 2);
	assert!(deep.err.starts_with("book: not JSON: recursion limit exceeded"), "{}", deep.err);
}

#[test]
fn an_unknown_command_should_exit_with_2() {
	assert_eq!(run(&["fly"], b"").code, 2);
	assert_eq!(run(&["margin"], b"").code, 2);
	assert_eq!(run(&["--help"], b"").code, 0);
}
