// SPDX-License-Identifier: Apache-2.0
//! `ballast-risk price` and `ballast-risk vol`.

mod common;

use common::run;

const OPTION: [&str; 6] = ["--forward", "95000", "--strike", "100000", "--seconds", "2592000"];

fn with<'a>(command: &'a str, more: &[&'a str]) -> Vec<&'a str> {
	[command].into_iter().chain(OPTION).chain(more.iter().copied()).collect()
}

#[test]
fn price_should_give_both_sides_and_greeks() {
	let output = run(&with("price", &["--vol", "0.62", "--json"]), b"").json();
	// To the last digit shown: 50-digit arithmetic gives 4689.455253...
	assert!(output["call"].as_str().unwrap().starts_with("4689.455253"), "{output}");
	assert!(output["put"].as_str().unwrap().starts_with("9689.455253"), "{output}");
	assert_eq!(output["discount"], "1");
	for greek in ["call_delta", "put_delta", "gamma", "vega", "theta_per_year", "vanna", "volga"] {
		assert!(output[greek].as_str().unwrap().parse::<f64>().unwrap() != 0.0, "{greek}");
	}
	let text = run(&with("price", &["--vol", "0.62"]), b"");
	assert_eq!(text.code, 0);
	assert!(text.out.starts_with("call            4689.455253"), "{}", text.out);
	assert_eq!(text.out.lines().count(), 10);
}

#[test]
fn a_rate_should_discount_and_a_negative_one_should_not() {
	let call = |rate: &str| -> f64 {
		let output = run(&with("price", &["--vol", "0.62", "--rate", rate, "--json"]), b"").json();
		output["call"].as_str().unwrap().parse().unwrap()
	};
	let ratio = call("0.1") / call("0");
	assert!((ratio - (-0.1f64 * 2_592_000.0 / 31_536_000.0).exp()).abs() < 1e-12);
	assert_eq!(call("-0.1"), call("0"));
}

#[test]
fn vol_should_invert_price() {
	for (kind, rate) in [("call", "0"), ("put", "0.07")] {
		let value = run(&with("price", &["--vol", "0.62", "--rate", rate, "--json"]), b"").json();
		let arguments = ["--kind", kind, "--rate", rate, "--json", "--price"];
		let mut arguments = with("vol", &arguments);
		arguments.push(value[kind].as_str().unwrap());
		let vol: f64 = run(&arguments, b"").json()["vol"].as_str().unwrap().parse().unwrap();
		assert!((vol - 0.62).abs() < 1e-11, "{vol}");
	}
	let text = run(&with("vol", &["--kind", "call", "--price", "4689.455253"]), b"");
	assert!(text.out.starts_with("vol 0.62") || text.out.starts_with("vol 0.6199"), "{}", text.out);
}

#[test]
fn refusals_should_name_the_argument() {
	for (arguments, line) in [
		(
			with("vol", &["--kind", "call", "--price", "95000"]),
			"price: option price is at or above its upper bound",
		),
		(
			with("vol", &["--kind", "put", "--price", "1"]),
			"price: option price is below intrinsic value",
		),
		(with("vol", &["--kind", "put", "--price", "one"]), "price: \"one\" is not a number"),
		(with("price", &["--vol", "-0.1"]), "vol: -0.1 is outside 0 to 100"),
		(with("price", &["--vol", "0.1", "--rate", "-11"]), "rate: -11 is outside -10 to 10"),
	] {
		let run = run(&arguments, b"");
		assert_eq!((run.code, run.err.trim_end()), (2, line));
	}
}
