// SPDX-License-Identifier: Apache-2.0
//! Prices and greeks against 1,500 exact rows (50 digits): forwards 0.1 to 2e5 USD, volatilities
//! 3 % to 500 %, one minute to three years.

mod common;

use ballast_pricing::{black76, greeks, Price, Time, Vol};
use common::{decimal, price, real, rows, ATTO};

const TABLE: &str = include_str!("data/black76.csv");

struct Row<'a> {
	forward: Price,
	strike: Price,
	vol: Vol,
	time: Time,
	columns: Vec<&'a str>,
}

fn table() -> Vec<Row<'static>> {
	rows(TABLE)
		.map(|columns| Row {
			forward: price(columns[0]),
			strike: price(columns[1]),
			vol: real(columns[2]),
			time: Time::from_seconds(columns[3].parse().expect("seconds")).expect("in range"),
			columns,
		})
		.collect()
}

#[test]
fn prices_should_be_within_their_bound() {
	let (mut worst, mut worst_of_forward) = (0f64, 0f64);
	for row in table() {
		let total_vol = black76::total_vol(row.vol, row.time).expect("in range");
		let value = black76::call_put(row.forward, row.strike, total_vol).expect("in range");
		for (found, column) in [(value.call, row.columns[4]), (value.put, row.columns[5])] {
			let exact = decimal(column, ATTO);
			let error = (i128::from(found.pico_usd()) * 1_000_000 - exact).abs() as f64 * 1e-18;
			let (forward, strike) = (usd(row.forward), usd(row.strike));
			// Half a pico-USD of rounding, doubled by parity, and the kernel's own error.
			let bound = 2e-15 * (forward + strike) + 1e-12;
			assert!(error <= bound, "{:?}: error {error:e} over {bound:e}", row.columns);
			assert!(error < 1e-10 * forward, "{:?}: {error:e}", row.columns);
			worst = worst.max(error / bound);
			worst_of_forward = worst_of_forward.max(error / forward);
		}
	}
	println!("price: largest error {worst_of_forward:e} of the forward, {worst:.3} of the bound");
}

fn usd(price: Price) -> f64 {
	price.pico_usd() as f64 * 1e-12
}

/// Compares in 1e-18 units; returns the error in terms of the tolerance.
fn check(name: &str, found: i128, exact: &str, natural_scale: f64, row: &Row) -> f64 {
	let exact = decimal(exact, ATTO);
	let error = (found - exact).abs() as f64 * 1e-18;
	let tolerance = (1e-9 * natural_scale).max(1e-6 * exact.abs() as f64 * 1e-18);
	assert!(error <= tolerance, "{name} of {:?}: {found} is {error:e} off", row.columns);
	error / natural_scale
}

#[test]
fn greeks_should_be_within_their_bound() {
	let mut worst = [0f64; 7];
	for row in table() {
		let found = greeks(row.forward, row.strike, row.vol, row.time).expect("in range");
		let forward = usd(row.forward);
		let vol = row.vol.to_bits() as f64 / 2f64.powi(56);
		let root_time = (row.time.millis() as f64 / 31_536e6).sqrt();
		let delta = |bits: i64| (i128::from(bits) * 1_000_000_000_000_000_000) >> 62;
		let checks = [
			("call delta", delta(found.call_delta.to_bits()), 1.0),
			("put delta", delta(found.put_delta.to_bits()), 1.0),
			("gamma", found.gamma, 1.0 / (forward * vol * root_time)),
			("vega", found.vega, forward * root_time),
			("theta", found.theta, forward * vol / root_time),
			("vanna", found.vanna, 1.0 / vol),
			("volga", found.volga, forward * root_time / vol),
		];
		for (n, (name, found, scale)) in checks.into_iter().enumerate() {
			let error = check(name, found, row.columns[6 + n], scale, &row);
			let stated = 1e-12 + 2f64.powi(-52) / (vol * root_time);
			assert!(error <= stated, "{name} of {:?}: {error:e}", row.columns);
			worst[n] = worst[n].max(error);
		}
	}
	println!("greeks: largest errors of the natural scale {worst:?}");
}
