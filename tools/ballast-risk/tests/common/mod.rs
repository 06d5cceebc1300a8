// SPDX-License-Identifier: Apache-2.0
//! Runs the binary and reads test data.
#![allow(dead_code)]

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The book that the documentation shows.
pub const BOOK: &str = include_str!("../data/book.json");

/// Books with the figures that another implementation gives for them.
pub fn golden() -> Vec<Value> {
	serde_json::from_str(include_str!("../data/golden.json")).expect("test data is JSON")
}

pub fn book() -> Value {
	serde_json::from_str(BOOK).expect("test data is JSON")
}

/// What a run left behind.
pub struct Run {
	pub code: i32,
	pub out: String,
	pub err: String,
}

impl Run {
	pub fn json(&self) -> Value {
		assert_eq!(self.code, 0, "{}", self.err);
		serde_json::from_str(&self.out).expect("output is JSON")
	}
}

impl From<Output> for Run {
	fn from(output: Output) -> Self {
		let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
		Self {
			code: output.status.code().expect("no signal"),
			out: text(output.stdout),
			err: text(output.stderr),
		}
	}
}

/// Runs `ballast-risk` with `input` on its standard input.
pub fn run(arguments: &[&str], input: &[u8]) -> Run {
	let mut child = Command::new(env!("CARGO_BIN_EXE_ballast-risk"))
		.args(arguments)
		.stdin(Stdio::piped())
		.stdout(Stdio::piped())
		.stderr(Stdio::piped())
		.spawn()
		.expect("the binary starts");
	let mut stdin = child.stdin.take().expect("piped");
	let input = input.to_vec();
	// From a thread of its own: a pipe holds less than a file of many books.
	let writer = std::thread::spawn(move || {
		// A command that reads nothing closes the pipe early.
		let _ = stdin.write_all(&input);
	});
	let output = child.wait_with_output().expect("the binary ends");
	writer.join().expect("the writer ends");
	output.into()
}

/// `text` times a million, the digits beyond cut off.
pub fn micro(text: &str) -> i128 {
	let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
	let digits: String = fraction.chars().chain("000000".chars()).take(6).collect();
	let size: i128 = whole.trim_start_matches('-').parse::<i128>().expect("whole part") * 1_000_000
		+ digits.parse::<i128>().expect("fraction");
	if text.starts_with('-') {
		-size
	} else {
		size
	}
}
