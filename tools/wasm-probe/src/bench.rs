// SPDX-License-Identifier: Apache-2.0
//! The measured loops: each evaluates `count` times over seeded inputs and returns a digest of every
//! result, so that no evaluation can be left out.

use ballast_pricing::{black76, Price, Time, TotalVol, Vol};
use ballast_risk::{MarginModel, Portfolio};

use crate::inputs::{self, Digest, OptionInput, Seeded, OPTIONS};
use crate::scene::{Scene, PARAMETERS, SCENARIOS, WIDTH};

#[derive(Clone, Copy, Default)]
struct Prepared {
	forward: Price,
	strike: Price,
	vol: Vol,
	time: Time,
}

impl Prepared {
	/// The defaults stand for what is out of range, which no seeded option is.
	fn new(input: &OptionInput) -> Self {
		Self {
			forward: Price::from_micro_usd(input.forward).unwrap_or_default(),
			strike: Price::from_micro_usd(input.strike).unwrap_or_default(),
			vol: Vol::from_ppb(input.vol).unwrap_or_default(),
			time: Time::from_seconds(input.seconds.unsigned_abs()).unwrap_or_default(),
		}
	}

	fn all(seed: u32) -> [Self; OPTIONS] {
		inputs::options(seed).map(|input| Self::new(&input))
	}
}

/// Runs `evaluate` over the options of a seed in turn.
fn each_option(count: u32, seed: u32, evaluate: impl Fn(&Prepared) -> Option<u64>) -> u64 {
	let options = Prepared::all(seed);
	let mut digest = Digest::EMPTY;
	for index in 0..count as usize {
		digest.fold(evaluate(&options[index % OPTIONS]).unwrap_or(u64::MAX));
	}
	digest.0
}

/// Call and put from forward, strike, volatility and time.
pub fn call_put(count: u32, seed: u32) -> u64 {
	each_option(count, seed, |option| {
		let total: TotalVol = black76::total_vol(option.vol, option.time).ok()?;
		let value = black76::call_put(option.forward, option.strike, total).ok()?;
		Some((value.call.pico_usd() ^ value.put.pico_usd().rotate_left(32)) as u64)
	})
}

/// All greeks from forward, strike, volatility and time.
pub fn greeks(count: u32, seed: u32) -> u64 {
	each_option(count, seed, |option| {
		let greeks =
			ballast_pricing::greeks(option.forward, option.strike, option.vol, option.time).ok()?;
		let delta = greeks.call_delta.to_bits() ^ greeks.put_delta.to_bits().rotate_left(32);
		let first = greeks.gamma ^ greeks.vega ^ greeks.theta;
		Some(delta as u64 ^ first as u64 ^ (greeks.vanna ^ greeks.volga) as u64)
	})
}

/// The risk array of one series: 33 scenarios, mark and two basis moves. What an expiry's series
/// share is prepared beforehand.
pub fn risk_array(count: u32, seed: u32) -> u64 {
	let Ok(scene) = Scene::<4, 64>::new(&mut Seeded::new(seed)) else { return 0 };
	let mut digest = Digest::EMPTY;
	let mut out = [0i64; WIDTH];
	for index in 0..count as usize {
		let series = &scene.series[index % scene.series.len()];
		let context = &scene.contexts[usize::from(series.expiry) % scene.contexts.len()];
		let priced = context.price(series.kind, series.strike, &mut out);
		let sum = out.iter().fold(0i64, |sum, entry| sum.wrapping_add(*entry));
		digest.fold(if priced.is_ok() { sum as u64 } else { u64::MAX });
	}
	digest.0
}

/// Both margins of a book of 20 options, a perpetual and a collateral, from stored arrays.
pub fn margin_20_legs(count: u32, seed: u32) -> u64 {
	margin::<4, 20>(count, seed)
}

/// The same for 128 options over 8 expiries.
pub fn margin_128_legs(count: u32, seed: u32) -> u64 {
	margin::<8, 128>(count, seed)
}

fn margin<const E: usize, const S: usize>(count: u32, seed: u32) -> u64 {
	let Ok(scene) = Scene::<E, S>::new(&mut Seeded::new(seed)) else { return 0 };
	let Ok(model) = Portfolio::new(&PARAMETERS, &SCENARIOS) else { return 0 };
	let arrays = scene.arrays();
	let mut digest = Digest::EMPTY;
	for cash in 0..count {
		let margin = model.margin(&scene.account(&arrays, cash.into()));
		let word = margin.map(|margin| (margin.maintenance ^ margin.initial << 1) as u64);
		digest.fold(word.unwrap_or(u64::MAX));
	}
	digest.0
}
