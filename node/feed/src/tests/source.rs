// SPDX-License-Identifier: Apache-2.0

//! The option of the command line.

use super::recording;
use crate::{open, Source};

fn parse(text: &str) -> Result<Source, String> {
	text.parse()
}

#[test]
fn source_should_be_what_the_option_says() {
	let file = |path: &str, speed, start| Source::File { path: path.into(), speed, start };
	let http = |url: &str| Source::Http { url: url.into() };
	for (text, expected) in [
		("none", Source::None),
		("sim:42", Source::Simulation { seed: 42, noise: 0.0 }),
		("sim:42?noise=0.0005", Source::Simulation { seed: 42, noise: 0.0005 }),
		("file:feeds/a.jsonl", file("feeds/a.jsonl", 1.0, None)),
		("file:/a/b?speed=60", file("/a/b", 60.0, None)),
		("file:/a/b?speed=0.5&start=1800000000", file("/a/b", 0.5, Some(1_800_000_000))),
		("http:http://127.0.0.1:9000/prices?x=1", http("http://127.0.0.1:9000/prices?x=1")),
		("http://127.0.0.1:9000/prices", http("http://127.0.0.1:9000/prices")),
		("http:http://[::1]:9000", http("http://[::1]:9000")),
	] {
		assert_eq!(parse(text), Ok(expected), "{text}");
	}
}

#[test]
fn option_should_be_refused_with_a_reason_when_it_is_wrong() {
	for (text, reason) in [
		("", "use `sim:SEED`"),
		("sim", "use `sim:SEED`"),
		("ftp:x", "there is no price feed `ftp`"),
		("sim:abc", "the seed `abc` is not a whole number"),
		("sim:-1", "the seed `-1`"),
		("sim:1?noise=0.5", "noise `0.5` is not a number within 0 and 0.01"),
		("sim:1?speed=2", "`sim` has no option `speed`"),
		("file:", "`file:` needs a path"),
		("file:a?speed=0", "speed `0` is not a number within"),
		("file:a?speed=NaN", "speed `NaN`"),
		("file:a?speed", "`speed` is not `name=value`"),
		("file:a?loop=1", "`file` has no option `loop`"),
		("file:a?start=soon", "start `soon` is not Unix seconds"),
		("https://a.b/c", "plain HTTP"),
		("http:https://a.b/c", "plain HTTP"),
		("http:nonsense", "is not a URL"),
		("http://", "is not a URL"),
	] {
		let error = parse(text).expect_err(text);
		assert!(error.contains(reason), "{text}: {error}");
	}
}

#[test]
fn feed_should_open_when_the_source_is_there() {
	for text in ["sim:1".into(), format!("file:{}", recording("surfaces.jsonl").display())] {
		let opened = open(&parse(&text).expect("a source"), Default::default()).expect("a feed");
		assert!(opened.feed.is_some() && opened.task.is_none(), "{text}");
	}
	let none = open(&Source::None, Default::default()).expect("nothing");
	assert!(none.feed.is_none() && none.task.is_none());
	// Nobody answers there, which is no reason not to start.
	let http = parse("http://127.0.0.1:1/").expect("a source");
	let opened = open(&http, Default::default()).expect("a feed");
	assert!(opened.feed.is_some() && opened.task.is_some());
	assert!(open(&parse("file:/nowhere").expect("a source"), Default::default()).is_err());
}
