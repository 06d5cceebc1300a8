// SPDX-License-Identifier: Apache-2.0
//! Call and put in double precision: `N(x) = erfc(-x / sqrt 2) / 2`, the functions of `libm`.

use core::f64::consts::FRAC_1_SQRT_2;

use libm::{erfc, log, sqrt};

use crate::inputs::{options, Digest, OptionInput, OPTIONS};

const YEAR_SECONDS: f64 = 31_536_000.0;

#[derive(Clone, Copy)]
struct Prepared {
	forward: f64,
	strike: f64,
	vol: f64,
	seconds: f64,
}

impl Prepared {
	fn new(input: OptionInput) -> Self {
		Self {
			forward: input.forward as f64 / 1e6,
			strike: input.strike as f64 / 1e6,
			vol: input.vol as f64 / 1e9,
			seconds: input.seconds as f64,
		}
	}
}

fn cdf(x: f64) -> f64 {
	0.5 * erfc(-x * FRAC_1_SQRT_2)
}

fn value(option: &Prepared) -> (f64, f64) {
	let total = option.vol * sqrt(option.seconds / YEAR_SECONDS);
	let d1 = log(option.forward / option.strike) / total + 0.5 * total;
	let call = option.forward * cdf(d1) - option.strike * cdf(d1 - total);
	let call = if call > 0.0 { call } else { 0.0 };
	let put = call + option.strike - option.forward;
	(call, if put > 0.0 { put } else { 0.0 })
}

/// Digest of `count` calls and puts from forward, strike, volatility and time.
pub fn call_put(count: u32, seed: u32) -> u64 {
	let options = options(seed).map(Prepared::new);
	let mut digest = Digest::EMPTY;
	for index in 0..count as usize {
		let (call, put) = value(&options[index % OPTIONS]);
		digest.fold(call.to_bits() ^ put.to_bits().rotate_left(32));
	}
	digest.0
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn value_should_be_that_of_black_76() {
		let option = Prepared { forward: 100.0, strike: 100.0, vol: 0.2, seconds: YEAR_SECONDS };
		let (call, put) = value(&option);
		assert!((call - 7.965_567_455_405_798).abs() < 1e-12 && (put - call).abs() < 1e-12);
	}
}
