// SPDX-License-Identifier: Apache-2.0
//! Implied volatility undoes the price.

mod common;

use ballast_pricing::{
	black76, black76::OptionKind, greeks, implied, Error, Price, Time, TotalVol, Vol,
};
use common::seeded;
use proptest::prelude::*;

fn price(pico: i64) -> Price {
	Price::from_pico_usd(pico).expect("a price in range")
}

proptest! {
	#![proptest_config(seeded(2))]

	#[test]
	fn implied_of_price_should_give_back_the_volatility(
		forward in 100_000i64..200_000_000_000,
		per_mille in 300i64..3_000,
		vol in 30_000_000i64..5_000_000_000,
		seconds in 60u64..100_000_000,
		is_call in any::<bool>(),
	) {
		let forward = price(forward * 1_000_000);
		let strike = price(forward.pico_usd() / 1_000 * per_mille);
		let (vol, time) =
			(Vol::from_ppb(vol).expect("in range"), Time::from_seconds(seconds).expect("in range"));
		let kind = if is_call { OptionKind::Call } else { OptionKind::Put };
		let value =
			black76::call_put(forward, strike, black76::total_vol(vol, time).expect("in range"))
				.expect("in range")
				.side(kind);
		let found = match implied::vol(kind, forward, strike, time, value) {
			Ok(found) => found,
			// Deep in the money, or so volatile, that the price is the bound itself.
			Err(error) => {
				prop_assert_eq!(error, Error::PriceAboveBound);
				return Ok(());
			},
		};
		// Volatility is known as far as the price tells: kernel errors of two prices over vega.
		let vega = greeks(forward, strike, vol, time).expect("in range").vega as f64 * 1e-18;
		let known = common::rounding(forward, strike) as f64 * 1e-12;
		let difference = (found.to_bits() - vol.to_bits()).unsigned_abs() as f64 / 2f64.powi(56);
		if known < 0.01 * vega * vol.to_bits() as f64 / 2f64.powi(56) {
			prop_assert!(
				difference * vega <= 1.1 * known + 1e-13 * vega,
				"{difference:e} {vega:e} {known:e}"
			);
		}
	}

	#[test]
	fn implied_should_reproduce_any_price_within_bounds(
		forward in 1i64..=8_000_000_000_000_000_000,
		strike in 1i64..=8_000_000_000_000_000_000,
		part in 0u64..1 << 62,
		is_call in any::<bool>(),
	) {
		let (forward, strike) = (price(forward), price(strike));
		let kind = if is_call { OptionKind::Call } else { OptionKind::Put };
		let lowest = black76::payoff(kind, forward, strike).pico_usd();
		let highest = if is_call { forward } else { strike }.pico_usd();
		let wanted = lowest + ((i128::from(highest - lowest) * i128::from(part)) >> 62) as i64;
		let total_vol =
			implied::total_vol(kind, forward, strike, price(wanted)).expect("within bounds");
		let below = TotalVol::from_bits((total_vol.to_bits() - 1).max(0));
		let at = |s| black76::call_put(forward, strike, s).expect("in range").side(kind).pico_usd();
		let tolerance = common::rounding(forward, strike);
		prop_assert!(at(total_vol) >= wanted - tolerance && at(below) <= wanted + tolerance);
	}

	#[test]
	fn a_price_outside_its_bounds_should_be_an_error(
		forward in 1i64..=8_000_000_000_000_000_000,
		strike in 1i64..=8_000_000_000_000_000_000,
		beyond in 1i64..1 << 40,
		is_call in any::<bool>(),
	) {
		let (forward, strike) = (price(forward), price(strike));
		let kind = if is_call { OptionKind::Call } else { OptionKind::Put };
		let lowest = black76::payoff(kind, forward, strike).pico_usd();
		let highest = if is_call { forward } else { strike };
		if lowest >= beyond {
			prop_assert_eq!(
				implied::total_vol(kind, forward, strike, price(lowest - beyond)),
				Err(Error::PriceBelowIntrinsic)
			);
		}
		prop_assert_eq!(
			implied::total_vol(kind, forward, strike, highest),
			Err(Error::PriceAboveBound)
		);
		prop_assert_eq!(
			implied::total_vol(kind, forward, strike, price(lowest)),
			Ok(TotalVol::ZERO)
		);
	}
}
