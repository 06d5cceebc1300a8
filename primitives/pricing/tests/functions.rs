// SPDX-License-Identifier: Apache-2.0
//! The stated error bounds of the elementary functions, against exact tables with 80 fraction bits
//! (`scripts/coefficients/function_vectors.py`).

mod common;

use ballast_pricing::{exp, ln, normal, sqrt, Real};
use common::rows;

/// Largest `|found - exact| - relative |exact|` over a table.
fn worst_error(table: &str, frac: u32, relative: f64, function: impl Fn(Real) -> i64) -> f64 {
	let mut worst = 0f64;
	for row in rows(table) {
		let argument = Real::from_bits(row[0].parse().expect("an argument"));
		let exact: i128 = row[1].parse().expect("a value");
		let found = i128::from(function(argument)) << (80 - frac);
		let scale = 2f64.powi(-80);
		let error = (found - exact).abs() as f64 * scale - relative * exact.abs() as f64 * scale;
		worst = worst.max(error);
	}
	worst
}

#[test]
fn ln_should_be_within_2_pow_minus_56_4() {
	let error =
		worst_error(include_str!("data/ln.csv"), 56, 0.0, |x| ln(x).expect("above zero").to_bits());
	println!("ln: {error:e} = 2^{:.2}", error.log2());
	assert!(error < 2f64.powf(-56.4));
}

#[test]
fn exp_should_be_within_2_pow_minus_57_relative_and_absolute() {
	let error = worst_error(include_str!("data/exp.csv"), 56, 2f64.powi(-57), |x| {
		exp(x).expect("below ln 128").to_bits()
	});
	println!("exp: {error:e} = 2^{:.2}", error.log2());
	assert!(error <= 2f64.powi(-57));
}

#[test]
fn sqrt_should_be_within_2_pow_minus_59_relative_and_2_pow_minus_56() {
	let error = worst_error(include_str!("data/sqrt.csv"), 56, 2f64.powi(-59), |x| {
		sqrt(x).expect("not negative").to_bits()
	});
	println!("sqrt: {error:e} = 2^{:.2}", error.log2());
	assert!(error <= 2f64.powi(-56));
}

#[test]
fn cdf_should_be_within_2e_15() {
	let error = worst_error(include_str!("data/cdf.csv"), 62, 0.0, |x| normal::cdf(x).to_bits());
	println!("cdf: {error:e} = 2^{:.2}", error.log2());
	assert!(error < 2e-15);
}

#[test]
fn density_should_be_within_2_pow_minus_57() {
	let error =
		worst_error(include_str!("data/density.csv"), 62, 0.0, |x| normal::density(x).to_bits());
	println!("density: {error:e} = 2^{:.2}", error.log2());
	assert!(error < 2f64.powi(-57));
}
