// SPDX-License-Identifier: Apache-2.0

//! What a round may say, and what is refused.

use crate::{parse_round, Round};

const SVI: &str = r#"{"a":0.001,"b":0.05,"rho":-0.2,"m":0.0,"sigma":0.1}"#;

fn parse(text: &str) -> Result<(Option<f64>, Round), String> {
	parse_round(text.as_bytes(), None)
}

fn with_expiry(expiry: &str) -> Result<(Option<f64>, Round), String> {
	parse(&format!(r#"{{"underlyings":[{{"symbol":"BTC","spot":95000,"expiries":[{expiry}]}}]}}"#))
}

#[test]
fn round_should_have_what_the_text_says() {
	let text = format!(
		r#"{{"at":5,"quote_price":0.999,"underlyings":[{{"symbol":"BTC","spot":95000,"expiries":[
			{{"seconds_to_expiry":31536000,"forward":97500,"rate":0.03,"svi":{SVI}}}]}}]}}"#
	);
	let (at, round) = parse(&text).expect("a round");
	assert_eq!((at, round.quote_price), (Some(5.0), 0.999));
	let btc = round.underlying(b"BTC").expect("BTC");
	let node = btc.nodes[0];
	assert_eq!((btc.spot, node.seconds, node.rate), (95_000.0, 31_536_000.0, 0.03));
	assert!((node.forward(btc.spot) - 97_500.0).abs() < 1e-8);
	assert_eq!(node.svi.rho, -0.2);
}

#[test]
fn forward_and_rate_should_follow_from_each_other_when_one_is_missing() {
	let year = r#""seconds_to_expiry":31536000"#;
	for (given, basis, rate) in [
		(r#""rate":0.04,"#, 0.04, 0.04),
		(r#""forward":104446.2,"#, 0.0948, 0.0948),
		("", 0.0, 0.0),
	] {
		let (_, round) =
			with_expiry(&format!(r#"{{{given}{year},"svi":{SVI}}}"#)).expect("a round");
		let node = round.underlyings[0].nodes[0];
		assert!((node.basis - basis).abs() < 1e-4, "{given}: {}", node.basis);
		assert!((node.rate - rate).abs() < 1e-4, "{given}: {}", node.rate);
	}
}

#[test]
fn round_should_be_refused_when_a_number_is_wild() {
	for (text, reason) in [
		("", "EOF"),
		("[]", "invalid"),
		("{}", "underlyings"),
		(r#"{"underlyings":[],"extra":1}"#, "extra"),
		(r#"{"at":-1,"underlyings":[]}"#, "`at`"),
		(r#"{"quote_price":0,"underlyings":[]}"#, "`quote_price`"),
		(r#"{"quote_price":101,"underlyings":[]}"#, "`quote_price`"),
		(r#"{"underlyings":[{"symbol":"BTC"}]}"#, "spot"),
		(r#"{"underlyings":[{"symbol":"BTC","spot":NaN}]}"#, "expected"),
		(r#"{"underlyings":[{"symbol":"BTC","spot":1e999}]}"#, "number out of range"),
		(r#"{"underlyings":[{"symbol":"BTC","spot":-1}]}"#, "BTC: `spot`"),
		(r#"{"underlyings":[{"symbol":"BTC","spot":0}]}"#, "BTC: `spot`"),
		(r#"{"underlyings":[{"symbol":"BTC","spot":8000001}]}"#, "BTC: `spot`"),
		(r#"{"underlyings":[{"symbol":"","spot":1}]}"#, "`symbol`"),
		(r#"{"underlyings":[{"symbol":"B C","spot":1}]}"#, "`symbol`"),
		(r#"{"underlyings":[{"symbol":"B","spot":1},{"symbol":"B","spot":1}]}"#, "twice"),
	] {
		let error = parse(text).expect_err(text);
		assert!(error.contains(reason), "{text}: {error}");
	}
}

#[test]
fn expiry_should_be_refused_when_the_chain_would_refuse_it() {
	let base = [("a", "0.001"), ("b", "0.05"), ("rho", "-0.2"), ("m", "0"), ("sigma", "0.1")];
	for (name, value, reason) in [
		("a", "17", "svi.a is 17"),
		("a", "-0.2", "least total variance"),
		("b", "-0.1", "svi.b is -0.1, below zero"),
		("rho", "1", "svi.rho is 1"),
		("m", "-16.5", "svi.m is -16.5"),
		("sigma", "0", "svi.sigma is 0, not above zero"),
	] {
		let fields = base.map(|(known, usual)| {
			format!(r#""{known}":{}"#, if known == name { value } else { usual })
		});
		let expiry = format!(r#"{{"seconds_to_expiry":60,"svi":{{{}}}}}"#, fields.join(","));
		let error = with_expiry(&expiry).expect_err(name);
		assert!(error.contains("BTC: expiry of 60 s:") && error.contains(reason), "{error}");
	}
	for (fields, reason) in [
		(r#""seconds_to_expiry":0"#, "does not come after 0"),
		(r#""seconds_to_expiry":0.5"#, "not within 1 and 100 years"),
		(r#""seconds_to_expiry":1e12"#, "not within 1 and 100 years"),
		(r#""seconds_to_expiry":60,"forward":-1"#, "`forward` is -1"),
		(r#""seconds_to_expiry":60,"forward":9000000"#, "`forward` is 9000000"),
		(r#""seconds_to_expiry":60,"rate":11"#, "the rate is 11"),
		(r#""seconds_to_expiry":60,"forward":100000"#, "the rate is"),
	] {
		let error = with_expiry(&format!(r#"{{{fields},"svi":{SVI}}}"#)).expect_err(fields);
		assert!(error.contains(reason), "{fields}: {error}");
	}
}

#[test]
fn expiries_should_be_refused_when_they_do_not_increase() {
	let one = format!(r#"{{"seconds_to_expiry":60,"svi":{SVI}}}"#);
	let error = with_expiry(&format!("{one},{one}")).expect_err("twice the same");
	assert!(error.contains("`seconds_to_expiry` 60 does not come after 60"), "{error}");
}

#[test]
fn round_should_be_refused_when_it_has_too_much() {
	let one = |index: usize| format!(r#"{{"symbol":"S{index}","spot":1}}"#);
	let many = |count: usize| (0..count).map(one).collect::<Vec<_>>().join(",");
	let round = |count| parse(&format!(r#"{{"underlyings":[{}]}}"#, many(count)));
	assert!(round(16).is_ok());
	assert!(round(17).expect_err("17").contains("more than 16 underlyings"));

	let node = |index: usize| format!(r#"{{"seconds_to_expiry":{},"svi":{SVI}}}"#, index + 1);
	let nodes = |count: usize| (0..count).map(node).collect::<Vec<_>>().join(",");
	assert!(with_expiry(&nodes(64)).is_ok());
	assert!(with_expiry(&nodes(65)).expect_err("65").contains("more than 64 expiries"));
}
