// SPDX-License-Identifier: Apache-2.0
//! Prices and prepared volatilities: rounding is the stated one.

mod common;

use ballast_pricing::{Discount, Error, Price, Real, Sigma};
use common::seeded;
use proptest::prelude::*;

fn any_price() -> impl Strategy<Value = Price> {
	(0i64..=8_000_000_000_000_000_000)
		.prop_map(|pico| Price::from_pico_usd(pico).expect("in range"))
}

proptest! {
	#![proptest_config(seeded(7))]

	#[test]
	fn scaling_should_round_to_nearest(
		price in any_price(),
		factor in 0i64..i64::MAX,
		shift in 0u32..20,
	) {
		let factor = Real::from_bits(factor >> shift);
		let exact = u128::from(price.pico_usd() as u64) * u128::from(factor.to_bits() as u64);
		let nearest = (exact + (1 << 55)) >> 56;
		match price.scale(factor) {
			Ok(found) => prop_assert_eq!(found.pico_usd() as u128, nearest),
			Err(error) => {
				prop_assert_eq!(error, Error::PriceOutOfRange);
				prop_assert!(nearest > Price::MAX.pico_usd() as u128);
			},
		}
	}

	#[test]
	fn discounting_should_round_to_nearest(price in any_price(), factor in 0i64..=1 << 62) {
		let exact = u128::from(price.pico_usd() as u64) * factor as u128;
		let found = price.discount(Discount::from_bits(factor)).expect("within 0 and 1");
		prop_assert_eq!(found.pico_usd() as u128, (exact + (1 << 61)) >> 62);
		prop_assert_eq!(
			price.discount(Discount::from_bits(factor - (1 << 62) - 1)),
			Err(Error::DiscountOutOfRange)
		);
	}

	#[test]
	fn micro_usd_should_round_to_the_named_side(price in any_price()) {
		let (floor, ceil) = (price.to_micro_usd_floor(), price.to_micro_usd_ceil());
		prop_assert!(
			floor * 1_000_000 <= price.pico_usd() && price.pico_usd() < (floor + 1) * 1_000_000
		);
		prop_assert!(
			ceil * 1_000_000 >= price.pico_usd() && price.pico_usd() > (ceil - 1) * 1_000_000
		);
	}

	#[test]
	fn division_by_a_prepared_volatility_should_match_the_exact_one(
		numerator in 0i64..1 << 62,
		s in 1i64..=64 << 56,
		shift in 0u32..62,
	) {
		let (numerator, s) = (Real::from_bits(numerator), Real::from_bits((s >> shift).max(1)));
		let exact = numerator.checked_div(s);
		match (Sigma::new(s).expect("in range").divide(numerator), exact) {
			(Ok(found), Ok(exact)) => {
				let apart = (found.to_bits() - exact.to_bits()).abs();
				prop_assert!(apart <= 1 + (exact.to_bits() >> 54), "{found:?} {exact:?}");
			},
			(found, exact) => prop_assert_eq!(found.is_err(), exact.is_err()),
		}
	}
}
