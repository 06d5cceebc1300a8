// SPDX-License-Identifier: Apache-2.0
//! Paths that are made up.

use super::{Point, Surface};
use ballast_rng::Rng;

/// Seconds from one price to the next: a block.
const STEP: f64 = 0.5;
/// What is left of spot after the synthetic crash.
const LEFT: f64 = 0.7;
/// Seconds that it takes.
const FALL_SECONDS: f64 = 120.0;
/// Seconds until the synthetic path ends.
const SYNTHETIC_SECONDS: f64 = 240.0;
/// Seconds of the calm path.
const CALM_SECONDS: f64 = 120.0;
/// Volatility of the calm path per year.
const CALM_VOL: f64 = 0.6;
const YEAR_SECONDS: f64 = 365.0 * 86_400.0;

fn cents(spot: f64) -> f64 {
	(spot * 100.0).round() / 100.0
}

fn moments(seconds: f64) -> impl Iterator<Item = f64> {
	(0..=(seconds / STEP) as u32).map(|step| f64::from(step) * STEP)
}

/// -30 % within two minutes, volatilities doubling with it; then all stays.
pub(super) fn synthetic(spot: f64, surface: &Surface) -> Vec<Point> {
	moments(SYNTHETIC_SECONDS)
		.map(|at| {
			let share = (at / FALL_SECONDS).min(1.0);
			let falls = at <= FALL_SECONDS;
			Point {
				at,
				spot: cents(spot * LEFT.powf(share)),
				surface: falls
					.then(|| surface.iter().map(|slice| slice.scaled(1.0 + share)).collect()),
			}
		})
		.collect()
}

/// A random walk of an ordinary volatility, in real time.
pub(super) fn calm(spot: f64, surface: &Surface, seed: u64) -> Vec<Point> {
	let mut rng = Rng::new(seed);
	let deviation = CALM_VOL * (STEP / YEAR_SECONDS).sqrt();
	let mut level = spot;
	moments(CALM_SECONDS)
		.map(|at| {
			let first = at == 0.0;
			if !first {
				level *= (deviation * rng.normal()).exp();
			}
			Point { at, spot: cents(level), surface: first.then(|| surface.clone()) }
		})
		.collect()
}
