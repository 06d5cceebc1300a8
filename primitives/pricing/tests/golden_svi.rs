// SPDX-License-Identifier: Apache-2.0
//! SVI total variance and volatility against 300 exact rows (50 digits).

mod common;

use ballast_pricing::SviSlice;
use common::{decimal, price, real, rows, ATTO};

const TABLE: &str = include_str!("data/svi.csv");

#[test]
fn svi_should_be_within_1e_14() {
	let mut worst = [0f64; 2];
	for row in rows(TABLE) {
		let [a, b, rho, m, sigma] = [1, 2, 3, 4, 5].map(|n| real(row[n]));
		let slice = SviSlice::new(a, b, rho, m, sigma, price(row[6]), real(row[7]))
			.and_then(|slice| slice.prepare())
			.expect("a valid slice");
		let strike = price(row[0]);
		let variance = slice.total_variance(strike).expect("in range");
		let vol = slice.vol(strike).expect("in range");
		for (n, (found, exact)) in [(variance, row[8]), (vol, row[9])].into_iter().enumerate() {
			let found = (i128::from(found.to_bits()) * 1_000_000_000_000_000_000) >> 56;
			let error = (found - decimal(exact, ATTO)).abs() as f64 * 1e-18;
			assert!(error < 1e-14, "{row:?}: {error:e}");
			worst[n] = worst[n].max(error);
		}
	}
	println!(
		"svi: largest error of total variance {:.1e}, of volatility {:.1e}",
		worst[0], worst[1]
	);
}
