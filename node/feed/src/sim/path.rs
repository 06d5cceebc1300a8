// SPDX-License-Identifier: Apache-2.0

//! Random paths that can be asked for any moment without going through the moments before.

use super::random::{normal, uniform};
use ballast_exchange::Moment;

const DAY_MILLIS: u64 = 86_400_000;
/// A day in years.
const DAY: f64 = 1.0 / 365.0;
/// Days that still weigh in an anchor.
const MEMORY_DAYS: u64 = 128;
/// Halvings of a day: steps of 0.66 s.
const LEVELS: u32 = 17;

/// A path with annual volatility one that is pulled towards zero.
///
/// Its values at the UTC days are a first-order autoregression, summed anew from the days before; within a
/// day it is a Brownian bridge made by halving (Lévy), whose midpoints are hashes of where they are.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
	/// Tells the simulations apart.
	pub seed: u64,
	/// Tells the paths of one simulation apart.
	pub stream: u64,
	/// Share of the value that is left after a day.
	pub persistence: f64,
}

impl Walk {
	/// The path at a moment.
	pub fn at(&self, moment: Moment) -> f64 {
		let day = moment / DAY_MILLIS;
		let mut share = (moment % DAY_MILLIS) as f64 / DAY_MILLIS as f64;
		let (mut left, mut right) = (self.anchor(day), self.anchor(day.saturating_add(1)));
		let (mut width, mut node) = (DAY, 1u64);
		for _ in 0..LEVELS {
			let shift = self.normal(day, node);
			let middle = (left + right) / 2.0 + width.sqrt() / 2.0 * shift;
			share *= 2.0;
			node *= 2;
			if share < 1.0 {
				right = middle;
			} else {
				left = middle;
				share -= 1.0;
				node += 1;
			}
			width /= 2.0;
		}
		left + (right - left) * share
	}

	fn anchor(&self, day: u64) -> f64 {
		let mut weight = DAY.sqrt();
		let mut sum = 0.0;
		for back in 0..MEMORY_DAYS.min(day) {
			sum += weight * self.normal(day - back, 0);
			weight *= self.persistence;
		}
		sum
	}

	fn normal(&self, day: u64, index: u64) -> f64 {
		normal([self.seed, self.stream, day, index])
	}
}

/// Jumps that come by chance and wear off.
#[derive(Clone, Copy, Debug)]
pub struct Jumps {
	/// Tells the simulations apart.
	pub seed: u64,
	/// Tells the streams of one simulation apart.
	pub stream: u64,
}

/// What the jumps so far still amount to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shocks {
	/// In the logarithm of the price.
	pub price: f64,
	/// In the logarithm of the volatility.
	pub vol: f64,
}

/// Chances for a jump in a day, and that each is taken: 60 jumps a year. Two independent chances a day
/// stand in for a Poisson process of that rate.
const CHANCES: u64 = 2;
const CHANCE: f64 = 60.0 / 365.0 / CHANCES as f64;
/// Mean and deviation of a jump.
const MEAN: f64 = -0.003;
const DEVIATION: f64 = 0.03;
/// Days after which 1/e of a jump is left in the price, and in volatility.
const PRICE_DAYS: f64 = 12.0;
const VOL_DAYS: f64 = 2.0;
/// Rise of the logarithm of volatility per jump of one.
const VOL_RISE: f64 = 6.0;

impl Jumps {
	/// What the jumps up to a moment still amount to.
	pub fn at(&self, moment: Moment) -> Shocks {
		let today = moment / DAY_MILLIS;
		let mut shocks = Shocks::default();
		for day in today.saturating_sub(MEMORY_DAYS)..=today {
			for chance in 0..CHANCES {
				let draw = |index: u64| uniform([self.seed, self.stream, day, 8 * chance + index]);
				if draw(0) >= CHANCE {
					continue;
				}
				let since = (moment as f64 / DAY_MILLIS as f64) - (day as f64 + draw(1));
				if since < 0.0 {
					continue;
				}
				let size = MEAN + DEVIATION * normal([self.seed, self.stream, day, 8 * chance + 2]);
				shocks.price += size * libm::exp(-since / PRICE_DAYS);
				shocks.vol += VOL_RISE * size.abs() * libm::exp(-since / VOL_DAYS);
			}
		}
		shocks
	}
}
