// SPDX-License-Identifier: Apache-2.0
//! What other pallets and readers are told.

use crate::mock::*;
use ballast_exchange::{ExpiryPrice, Ppb, PriceSource, SpotPrice};

fn expiry_price(forward: i64) -> ExpiryPrice {
	let svi = flat(60, usd(forward), NEAR - Now::get());
	ExpiryPrice {
		forward: usd(forward),
		forward_confidence: Ppb::ONE,
		rate: Ppb::ZERO,
		rate_confidence: Ppb::ONE,
		svi,
		vol_confidence: Ppb::ONE,
	}
}

#[test]
fn source_should_know_nothing_when_nothing_was_reported() {
	ExtBuilder::default().build_and_execute(|| {
		assert!(Prices::spot(BTC).is_none());
		assert!(Prices::quote_price().is_none());
		assert!(Prices::expiry(BTC, NEAR).is_none());
		assert_eq!(Prices::round(BTC), 0);
		assert_eq!(Prices::realised_vol(BTC), None);
	});
}

#[test]
fn source_should_name_the_parameters() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Prices::max_age_millis(), 5_000);
		assert_eq!(Prices::settlement_window_millis(), 60_000);
	});
}

#[test]
fn prices_should_carry_their_age() {
	ExtBuilder::default().quorum(1).build_and_execute(|| {
		block(1, btc(95_000));
		Now::mutate(|now| *now += 5_000);
		assert_eq!(Prices::spot(BTC).unwrap().age_millis(), 5_000);
		assert!(Prices::spot(BTC).unwrap().fresh(5_000).is_ok());
		assert_eq!(Prices::expiry(BTC, NEAR).unwrap().age_millis(), 5_000);
		assert_eq!(Prices::quote_price().unwrap().age_millis(), 5_000);
		Now::mutate(|now| *now += 1);
		assert!(Prices::spot(BTC).unwrap().fresh(5_000).is_err());
	});
}

#[test]
fn set_round_should_look_as_if_a_quorum_had_reported_now() {
	ExtBuilder::default().build_and_execute(|| {
		let spot = SpotPrice { price: usd(95_000), confidence: Ppb::ONE };
		let expiries = vec![(FAR, expiry_price(95_200)), (NEAR, expiry_price(95_100))];
		Prices::set_round(BTC, spot, expiries);
		assert_eq!(Prices::spot(BTC).unwrap().fresh(0), Ok(spot));
		assert_eq!(Prices::expiry(BTC, NEAR).unwrap().fresh(0), Ok(expiry_price(95_100)));
		assert_eq!(Prices::quote_price().unwrap().fresh(0), Ok(Ppb::ONE));
		assert_eq!(Prices::round(BTC), 1);
		assert!(crate::Feeds::<Test>::get(BTC).quorate);
		Prices::set_round(BTC, spot, vec![]);
		assert_eq!(Prices::round(BTC), 2);
		// It takes part in the settlement average.
		Now::set(NEAR - 60_000);
		Prices::set_round(BTC, spot, vec![]);
		Now::set(NEAR);
		Prices::set_round(BTC, spot, vec![]);
		assert_eq!(Prices::settlement(BTC, NEAR).average, Some(usd(95_000)));
		assert!(Prices::settlement(BTC, NEAR).is_final);
	});
}

#[test]
fn realised_volatility_should_come_from_the_rounds() {
	ExtBuilder::default().quorum(1).build_and_execute(|| {
		// Up and down by 0.1 % every ten seconds; the rounds in between are not samples.
		for step in 0..100 {
			let spot = if step % 2 == 0 { 1_000_000 } else { 1_001_000 };
			for second in 0..10 {
				block_at(START + 10_000 * step + 1_000 * second, 1, btc_spot(usd(spot)));
			}
		}
		let vol = Prices::realised_vol(BTC).unwrap().0;
		assert!((vol - 1_774_950_000).abs() < 1_000_000, "{vol}");
		assert_eq!(Prices::realised_volatility(BTC), Some(Ppb(vol)));
	});
}

#[test]
fn views_should_show_what_is_stored() {
	ExtBuilder::default().quorum(1).build_and_execute(|| {
		block(1, btc(95_000));
		assert_eq!(Prices::latest_round(BTC).unwrap().spot.price, usd(95_000));
		let expiries: Vec<_> =
			Prices::latest_expiries(BTC).iter().map(|known| known.expiry).collect();
		assert_eq!(expiries, vec![NEAR, FAR]);
		assert_eq!(Prices::settlement_average(BTC, NEAR), Default::default());
		assert_eq!(Prices::latest_round(9), None);
	});
}
