// SPDX-License-Identifier: Apache-2.0

//! Recordings: errors with line numbers, replay by time, and those of the repository.

use super::{dollars, listed, recording, whole_report, NOW};
use crate::{PriceFeed, Recording};

const THREE: &str = r#"{"at":100,"quote_price":0.99,"underlyings":[{"symbol":"BTC","spot":1},{"symbol":"ETH","spot":10}]}

{"at":160,"underlyings":[{"symbol":"BTC","spot":2}]}
{"at":220,"underlyings":[{"symbol":"BTC","spot":3}]}
"#;

fn read(text: &str, speed: f64) -> Result<Recording, String> {
	Recording::read(text.as_bytes(), NOW, speed)
}

fn spot(feed: &Recording, now: u64, symbol: &[u8]) -> f64 {
	let round = feed.round(now, &[]).expect("a round");
	round.underlying(symbol).expect("the symbol").spot
}

#[test]
fn round_should_last_until_the_next_when_replayed() {
	let feed = read(THREE, 1.0).expect("a recording");
	for (seconds, expected) in [(0, 1.0), (59, 1.0), (60, 2.0), (119, 2.0), (120, 3.0)] {
		assert_eq!(spot(&feed, NOW + seconds * 1_000, b"BTC"), expected, "after {seconds} s");
	}
}

#[test]
fn replay_should_hold_its_ends() {
	let feed = read(THREE, 1.0).expect("a recording");
	assert_eq!(spot(&feed, NOW - 1_000_000, b"BTC"), 1.0);
	assert_eq!(spot(&feed, NOW + 1_000_000_000, b"BTC"), 3.0);
}

#[test]
fn replay_should_be_faster_when_told() {
	let feed = read(THREE, 60.0).expect("a recording");
	assert_eq!(spot(&feed, NOW + 999, b"BTC"), 1.0);
	assert_eq!(spot(&feed, NOW + 1_000, b"BTC"), 2.0);
	assert_eq!(spot(&feed, NOW + 2_000, b"BTC"), 3.0);
}

#[test]
fn line_should_keep_what_it_does_not_name() {
	let svi = r#"{"a":0.001,"b":0.05,"rho":-0.2,"m":0.0,"sigma":0.1}"#;
	let text = format!(
		"{}\n{}\n",
		format_args!(
			r#"{{"at":0,"quote_price":0.98,"underlyings":[{{"symbol":"ETH","spot":10}},{{"symbol":"BTC","spot":100,"expiries":[{{"seconds_to_expiry":86400,"forward":101,"rate":0.01,"svi":{svi}}}]}}]}}"#
		),
		r#"{"at":1,"underlyings":[{"symbol":"BTC","spot":200}]}"#,
	);
	let feed = read(&text, 1.0).expect("a recording");
	let round = feed.round(NOW + 1_000, &[]).expect("a round");
	assert_eq!(round.quote_price, 0.98);
	assert_eq!(round.underlying(b"ETH").map(|eth| eth.spot), Some(10.0));
	let btc = round.underlying(b"BTC").expect("BTC");
	// The forward keeps its distance to spot, in proportion.
	assert!((btc.nodes[0].forward(btc.spot) - 202.0).abs() < 1e-9);
}

#[test]
fn recording_should_be_refused_with_the_line_when_a_line_is_wrong() {
	let good = r#"{"at":1,"underlyings":[]}"#;
	for (text, reason) in [
		(String::new(), "1: there is no round"),
		("\n\n".into(), "1: there is no round"),
		("{".into(), "1: EOF"),
		(format!("{good}\n\nnonsense\n"), "3: expected"),
		(format!("{good}\n{good}\n"), "2: `at` 1 is not after"),
		(r#"{"underlyings":[]}"#.into(), "1: `at` is missing"),
		(
			format!("{good}\n{{\"at\":2,\"underlyings\":[{{\"symbol\":\"BTC\",\"spot\":-5}}]}}"),
			"2: BTC: `spot` is -5",
		),
		(format!("{good}\n{}", "x".repeat(2 << 20)), "2: longer than"),
	] {
		let error = read(&text, 1.0).expect_err(reason);
		assert!(error.starts_with(reason), "{error}");
	}
}

#[test]
fn error_should_name_the_file_when_it_cannot_be_read() {
	let path = std::path::Path::new("/nowhere/at/all.jsonl");
	let error = Recording::open(path, NOW, 1.0).expect_err("no such file");
	assert!(error.starts_with("/nowhere/at/all.jsonl: "), "{error}");

	let wrong = std::env::temp_dir().join(format!("ballast-feed-{}.jsonl", std::process::id()));
	std::fs::write(&wrong, "{\"at\":0,\"underlyings\":[]}\noops\n").expect("a temporary file");
	let error = Recording::open(&wrong, NOW, 1.0).expect_err("line 2 is wrong");
	let _ = std::fs::remove_file(&wrong);
	assert!(error.starts_with(&format!("{}:2: ", wrong.display())), "{error}");
}

#[test]
fn crash_should_replay_the_figures_of_the_day() {
	let feed = Recording::open(&recording("btc-2020-03-12.jsonl"), NOW, 60.0).expect("a recording");
	// A minute of the recording is a second here. Hours since 2020-03-11 12:00 UTC.
	for (minute, expected) in [
		(0, 7835.48),
		// 12 March, the hour that opens at 10:00: high, low, close.
		(22 * 60, 7350.52),
		(22 * 60 + 40, 5568.84),
		(23 * 60, 6092.44),
		// 13 March 02:00: the low comes first in an hour that rises.
		(38 * 60 + 20, 3901.25),
		(60 * 60, 5653.03),
	] {
		let listed = [listed(1, "BTC", NOW + minute * 1_000, &[86_400])];
		let report = whole_report(&feed, NOW + minute * 1_000, &listed);
		assert_eq!(dollars(report.underlyings[0].spot), expected, "minute {minute}");
	}
}

#[test]
fn crash_should_lift_volatility() {
	let feed = Recording::open(&recording("btc-2020-03-12.jsonl"), NOW, 1.0).expect("a recording");
	let vol = |hour: u64| {
		let now = NOW + hour * 3_600_000;
		let report = whole_report(&feed, now, &[listed(1, "BTC", now, &[7 * 86_400])]);
		super::vol_at_the_money(&report.underlyings[0].expiries[0])
	};
	let (before, after) = (vol(12), vol(40));
	assert!(before < 0.8 && after > 1.5, "{before} then {after}");
}

#[test]
fn surfaces_should_keep_the_forwards_and_take_rates_from_them() {
	let feed = Recording::open(&recording("surfaces.jsonl"), NOW, 1.0).expect("a recording");
	let round = feed.round(NOW, &[]).expect("a round");
	let btc = round.underlying(b"BTC").expect("BTC");
	assert_eq!((btc.spot, btc.nodes.len()), (95_663.506_048_55, 9));
	assert!((btc.nodes[0].forward(btc.spot) - 95_776.673_927_089_39).abs() < 1e-6);
	for node in round.underlyings.iter().flat_map(|underlying| underlying.nodes.iter()) {
		assert!((node.basis / node.years() - node.rate).abs() < 1e-8);
	}
}
