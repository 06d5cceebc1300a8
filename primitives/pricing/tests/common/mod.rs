// SPDX-License-Identifier: Apache-2.0
//! Exact reading of decimal tables: no input passes through a float.
#![allow(dead_code)]

use ballast_pricing::{Price, Real};

/// Units of 1e-18.
pub const ATTO: u32 = 18;

/// `text * 10^decimals`, rounded towards zero. Knows signs, points and exponents.
pub fn decimal(text: &str, decimals: u32) -> i128 {
	let (number, exponent) = match text.split_once(['e', 'E']) {
		Some((number, exponent)) => (number, exponent.parse::<i64>().expect("an exponent")),
		None => (text, 0),
	};
	let (negative, number) = match number.strip_prefix('-') {
		Some(rest) => (true, rest),
		None => (false, number),
	};
	let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
	// Digits beyond what the exponent and `decimals` reach are dropped before they can overflow.
	let keep = fraction.len() as i64 + whole.len() as i64;
	let kept = (whole.len() as i64 + exponent + i64::from(decimals)).clamp(0, keep);
	let digits: String = whole.chars().chain(fraction.chars()).take(kept as usize).collect();
	let zeros = whole.len() as i64 + exponent + i64::from(decimals) - keep;
	let mut value = if digits.is_empty() { 0 } else { digits.parse::<i128>().expect("digits") };
	if zeros > 0 {
		value *= 10i128.pow(zeros as u32);
	}
	if negative {
		-value
	} else {
		value
	}
}

/// A price given in USD.
pub fn price(text: &str) -> Price {
	Price::from_pico_usd(decimal(text, 12) as i64).expect("a price in range")
}

/// A dimensionless number with at most 16 decimals that matter.
pub fn real(text: &str) -> Real {
	Real::from_decimal(decimal(text, 16) as i64, 16).expect("a number in range")
}

/// Rows of a CSV file without its head.
pub fn rows(csv: &str) -> impl Iterator<Item = Vec<&str>> {
	csv.lines().skip(1).map(|line| line.split(',').collect())
}

/// Cases of every property in the normal run.
pub const CASES: u32 = 10_000;

/// The same cases in every run, nothing written to disk.
pub fn seeded(seed: u64) -> proptest::test_runner::Config {
	proptest::test_runner::Config {
		cases: CASES,
		rng_seed: proptest::test_runner::RngSeed::Fixed(seed),
		failure_persistence: None,
		..Default::default()
	}
}

/// What two prices may be off together: twice `2e-15 (F + K) + 0.5 pico-USD`, rounded up.
pub fn rounding(forward: Price, strike: Price) -> i64 {
	(((forward.pico_usd() as u64 + strike.pico_usd() as u64) >> 47) + 2) as i64
}
