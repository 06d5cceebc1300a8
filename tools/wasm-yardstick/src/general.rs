// SPDX-License-Identifier: Apache-2.0
//! Call and put on `I64F64` with the functions of `fixed_analytics`: `ln`, `sqrt`, and for the
//! normal distribution either its `erfc` or a short rational approximation around its `exp`.

use fixed::types::I64F64;
use fixed_analytics::{erfc, exp, ln, sqrt};

use crate::inputs::{options, Digest, OptionInput, OPTIONS};

#[derive(Clone, Copy)]
struct Prepared {
	forward: I64F64,
	strike: I64F64,
	vol: I64F64,
	years: I64F64,
}

impl Prepared {
	fn new(input: OptionInput) -> Self {
		let ratio = |value: i64, unit: i64| I64F64::from_num(value) / I64F64::from_num(unit);
		Self {
			forward: ratio(input.forward, 1_000_000),
			strike: ratio(input.strike, 1_000_000),
			vol: ratio(input.vol, 1_000_000_000),
			years: ratio(input.seconds, 31_536_000),
		}
	}
}

const HALF: I64F64 = I64F64::from_bits(1 << 63);
/// `1 / sqrt 2`.
const FRAC_1_SQRT_2: I64F64 = I64F64::from_bits(13_043_817_825_332_782_212);
/// `1 / sqrt(2 pi)`.
const FRAC_1_SQRT_TAU: I64F64 = I64F64::from_bits(7_359_186_146_747_302_452);

fn cdf_erfc(x: I64F64) -> I64F64 {
	HALF * erfc(-x * FRAC_1_SQRT_2)
}

const fn ppb(value: i128) -> I64F64 {
	I64F64::from_bits((value << 64) / 1_000_000_000)
}

/// Formula 26.2.17 of Abramowitz and Stegun, error 7.5e-8: the cheapest that is in common use.
fn cdf_rational(x: I64F64) -> I64F64 {
	let size = x.abs();
	let t = I64F64::ONE / (I64F64::ONE + ppb(231_641_900) * size);
	let mut sum = ppb(1_330_274_429);
	for coefficient in [-1_821_255_978, 1_781_477_937, -356_563_782, 319_381_530] {
		sum = sum * t + ppb(coefficient);
	}
	let tail = FRAC_1_SQRT_TAU * exp(-HALF * size * size) * sum * t;
	if x < I64F64::ZERO {
		tail
	} else {
		I64F64::ONE - tail
	}
}

fn value(option: &Prepared, cdf: impl Fn(I64F64) -> I64F64) -> Option<(I64F64, I64F64)> {
	let total = option.vol * sqrt(option.years).ok()?;
	let d1 = ln(option.forward / option.strike).ok()? / total + HALF * total;
	let call = option.forward * cdf(d1) - option.strike * cdf(d1 - total);
	let call = call.max(I64F64::ZERO);
	Some((call, (call + option.strike - option.forward).max(I64F64::ZERO)))
}

fn run(count: u32, seed: u32, cdf: impl Fn(I64F64) -> I64F64 + Copy) -> u64 {
	let options = options(seed).map(Prepared::new);
	let mut digest = Digest::EMPTY;
	for index in 0..count as usize {
		let word = value(&options[index % OPTIONS], cdf)
			.map(|(call, put)| (call.to_bits() ^ put.to_bits().rotate_left(32)) as u64);
		digest.fold(word.unwrap_or(u64::MAX));
	}
	digest.0
}

/// Digest of `count` calls and puts from forward, strike, volatility and time, by `erfc`.
pub fn call_put(count: u32, seed: u32) -> u64 {
	run(count, seed, cdf_erfc)
}

/// The same with the rational approximation.
pub fn call_put_rational(count: u32, seed: u32) -> u64 {
	run(count, seed, cdf_rational)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn value_should_be_that_of_black_76() {
		let option = Prepared {
			forward: I64F64::from_num(100),
			strike: I64F64::from_num(100),
			vol: ppb(200_000_000),
			years: I64F64::ONE,
		};
		let (call, put) = value(&option, cdf_erfc).unwrap();
		let expected = ppb(7_965_567_455);
		assert!((call - expected).abs() < ppb(2) && (put - call).abs() < ppb(1));
		let (call, _) = value(&option, cdf_rational).unwrap();
		assert!((call - expected).abs() < ppb(20_000));
	}
}
