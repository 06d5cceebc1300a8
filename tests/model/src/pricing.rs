// SPDX-License-Identifier: Apache-2.0
//! Option values in double precision, by sections 1 to 3 of the margin rules.

use crate::market::Priced;
use ballast_exchange::{OptionKind, SviParameters};
use libm::{erfc, exp, log, pow, sqrt};

/// Seconds in a year of 365 days.
pub const YEAR: f64 = 365.0 * 86_400.0;
const MONTH: f64 = 30.0 * 86_400.0;
/// Seconds of the settlement window of the presets.
const WINDOW: f64 = 60.0;
const SCENARIOS: usize = 33;

const BASIS: [f64; 2] = [1.045, 0.955];
const VOL_UP: f64 = 0.5;
const VOL_DOWN: f64 = 0.3;
const VOL_UP_FLOOR: f64 = 0.4;
const VOL_SHORT_POWER: f64 = 0.3;
const VOL_LONG_POWER: f64 = 0.13;
const VOL_FLOOR: f64 = 86_400.0;
const SKEW_CAP: f64 = 0.25;
const SKEW_CAP_SLOPE: f64 = -0.1;
const SKEW_K_MIN: f64 = 0.01;
const SKEW_WIDTH: f64 = 4.0;
const SKEW_VOL: f64 = 0.6;

/// What a scenario does to volatilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shock {
	/// Up.
	Up,
	/// None.
	Same,
	/// Down.
	Down,
	/// Tilt by log-moneyness.
	Linear,
	/// Tilt by its size.
	Absolute,
}

/// A scenario: spot ratio, volatility, weight.
pub type Scenario = (f64, Shock, f64);

/// The default grid of the rules.
pub fn grid() -> [Scenario; SCENARIOS] {
	let mut grid = Vec::with_capacity(SCENARIOS);
	for percent in [13.5, 9.0, 4.5, 0.0, -4.5, -9.0, -13.5] {
		for shock in [Shock::Up, Shock::Same, Shock::Down] {
			grid.push((1.0 + percent / 100.0, shock, 1.0));
		}
	}
	grid.push((1.18, Shock::Up, 1.0));
	grid.push((0.82, Shock::Up, 1.0));
	for percent in [-66.0f64, -33.0, 50.0, 100.0, 200.0, 300.0, 400.0, 500.0] {
		grid.push((1.0 + percent / 100.0, Shock::Up, 0.77 * 18.0 / percent.abs()));
	}
	grid.push((1.0, Shock::Linear, 1.0));
	grid.push((1.0, Shock::Absolute, 1.0));
	core::array::from_fn(|index| grid[index])
}

/// A raw SVI slice.
#[derive(Clone, Copy, Debug)]
pub struct Svi {
	a: f64,
	b: f64,
	rho: f64,
	m: f64,
	sigma: f64,
	forward: f64,
	tau: f64,
}

impl Svi {
	/// Any slice: for options without time.
	pub const FLAT: Self =
		Self { a: 1.0, b: 0.0, rho: 0.0, m: 0.0, sigma: 1.0, forward: 1.0, tau: 1.0 };

	/// The slice of a report.
	pub fn of(svi: &SviParameters) -> Self {
		let real = |bits: i64| bits as f64 / (1u64 << 56) as f64;
		Self {
			a: real(svi.a),
			b: real(svi.b),
			rho: real(svi.rho),
			m: real(svi.m),
			sigma: real(svi.sigma),
			forward: svi.forward.pico_usd() as f64 / 1e12,
			tau: real(svi.tau),
		}
	}

	fn vol(&self, strike: f64) -> f64 {
		let bound = 4.0 * sqrt(self.a + self.b * self.sigma);
		let x = log(strike / self.forward).clamp(-bound, bound) - self.m;
		let root = sqrt(x * x + self.sigma * self.sigma);
		sqrt((self.a + self.b * (self.rho * x + root)) / self.tau)
	}
}

/// Values of one contract in dollars.
#[derive(Clone, Copy, Debug)]
pub struct Values {
	/// Undiscounted.
	pub plain: f64,
	/// Discounted.
	pub mark: f64,
	/// Discounted, after the basis moves up and down.
	pub basis: [f64; 2],
	/// Discounted, in every scenario.
	pub scenarios: [f64; SCENARIOS],
}

impl Values {
	/// The values of a series.
	pub fn of(priced: &Priced, strike: u64, kind: OptionKind) -> Self {
		let forward = priced.forward as f64 / 1e12;
		let strike = strike as f64 / 1e6;
		let seconds = f64::from(priced.seconds);
		let years = seconds / YEAR;
		let discount = exp(-priced.rate.max(0.0) * years);
		let live = (seconds / WINDOW).min(1.0);
		let vol = priced.svi.vol(strike);
		let value = |shock: f64, vol: f64| {
			let forward = forward * (live * shock + 1.0 - live);
			black76(forward, strike, vol, years, kind)
		};
		let vols = Vols::new(seconds, log(strike / forward));
		let scenarios = grid().map(|(spot, shock, _)| {
			let spot = if matches!(shock, Shock::Linear | Shock::Absolute) { 1.0 } else { spot };
			value(spot, vols.apply(shock, vol)) * discount
		});
		let plain = value(1.0, vol);
		let basis = BASIS.map(|shock| value(shock, vol) * discount);
		Self { plain, mark: plain * discount, basis, scenarios }
	}
}

/// Shocks of volatilities of a series.
struct Vols {
	up: f64,
	down: f64,
	k: f64,
	cap: f64,
	k_star: f64,
}

impl Vols {
	fn new(seconds: f64, k: f64) -> Self {
		let ratio = MONTH / seconds.max(VOL_FLOOR);
		let power = if seconds <= MONTH { VOL_SHORT_POWER } else { VOL_LONG_POWER };
		let scale = pow(ratio, power);
		let root = sqrt(seconds / YEAR);
		Self {
			up: 1.0 + VOL_UP * scale,
			down: (1.0 - VOL_DOWN * scale).max(0.0),
			k,
			cap: SKEW_CAP_SLOPE * root + SKEW_CAP,
			k_star: (root * SKEW_WIDTH * SKEW_VOL).max(SKEW_K_MIN),
		}
	}

	fn apply(&self, shock: Shock, vol: f64) -> f64 {
		let tilt =
			|k: f64| vol * (1.0 + (k * self.cap / self.k_star).clamp(-self.cap, self.cap)).max(0.0);
		match shock {
			Shock::Up => (vol * self.up).max(VOL_UP_FLOOR),
			Shock::Same => vol,
			Shock::Down => vol * self.down,
			Shock::Linear => tilt(self.k),
			Shock::Absolute => tilt(self.k.abs()),
		}
	}
}

fn normal(x: f64) -> f64 {
	0.5 * erfc(-x / core::f64::consts::SQRT_2)
}

/// Undiscounted value of an option on a forward.
fn black76(forward: f64, strike: f64, vol: f64, years: f64, kind: OptionKind) -> f64 {
	let deviation = vol * sqrt(years);
	let call = if forward <= 0.0 {
		0.0
	} else if deviation < 1e-18 {
		(forward - strike).max(0.0)
	} else {
		let d1 = -log(strike / forward) / deviation + deviation / 2.0;
		(forward * normal(d1) - strike * normal(d1 - deviation)).max(0.0)
	};
	match kind {
		OptionKind::Call => call,
		OptionKind::Put => (call + strike - forward).max(0.0),
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Textbook values: Hull, "Options, Futures and Other Derivatives", 18.8, undiscounted.
	#[test]
	fn black76_should_give_the_textbook_value() {
		let put = black76(20.0, 20.0, 0.25, 4.0 / 12.0, OptionKind::Put);
		assert!((put * exp(-0.09 * 4.0 / 12.0) - 1.1166).abs() < 1e-4, "{put}");
		let call = black76(20.0, 20.0, 0.25, 4.0 / 12.0, OptionKind::Call);
		assert!((put - call).abs() < 1e-12);
		assert_eq!(black76(21.0, 20.0, 0.25, 0.0, OptionKind::Call), 1.0);
	}

	#[test]
	fn grid_should_have_the_tails_of_the_rules() {
		let grid = grid();
		assert_eq!(grid.len(), 33);
		assert!((grid[23].0 - 0.34).abs() < 1e-12 && (grid[23].2 - 0.21).abs() < 1e-12);
		assert!((grid[30].0 - 6.0).abs() < 1e-12 && (grid[30].2 - 0.02772).abs() < 1e-12);
	}
}
