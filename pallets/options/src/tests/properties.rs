// SPDX-License-Identifier: Apache-2.0

//! Arrays against the margin rules called directly, and random lives.

use crate::{mock::*, Minutes, Schedule};
use ballast_exchange::{Markets, OptionKind, Price, PriceSource, SettlementAverage};
use ballast_risk::{ArraySource, DirectArrays, Expiry, ExpiryContext, Series, MAX_WIDTH};
use proptest::prelude::*;

fn minutes() -> Schedule {
	let minutes = Some(Minutes { period_minutes: 60, count: 2 });
	Schedule { minutes, dailies: 1, ..schedule() }
}

/// The forward as the README states it, by other means than the pallet's: in floats.
fn expected_forward(forward: Price, average: Option<Price>, seconds: u32) -> f64 {
	let window = WINDOW / 1_000;
	let live = (f64::from(seconds) / window as f64).min(1.0);
	let float = |price: Price| price.pico_usd() as f64;
	live * float(forward) + (1.0 - live) * average.map_or(float(forward), float)
}

/// Compares what is stored of an expiry with arrays computed from the source's prices.
fn check_against_direct_path(expiry: u64, average: Option<Price>) {
	let stored = priced(expiry);
	let source = Prices::expiry(BTC, expiry).unwrap().regardless_of_age();
	let average = average.filter(|_| expiry - now() < WINDOW);
	let expected = expected_forward(source.forward, average, stored.seconds);
	let difference = (stored.forward.pico_usd() as f64 - expected).abs();
	assert!(difference <= 1.0 + expected * 1e-15, "{difference}");
	let model = <Options as Markets>::portfolio_model(BTC).unwrap();
	let direct = Expiry {
		seconds: seconds_to(expiry),
		forward: stored.forward,
		forward_confidence: source.forward_confidence,
		rate: source.rate,
		rate_confidence: source.rate_confidence,
		vol_confidence: source.vol_confidence,
		svi: source.svi.slice().unwrap(),
	};
	let window = (WINDOW / 1_000) as u32;
	let context =
		ExpiryContext::with_window(&model.parameters, &model.scenarios, &direct, window).unwrap();
	assert_eq!(stored.terms, context.terms());
	let price = |strike: &u64| Price::from_micro_usd(*strike as i64).unwrap();
	let series: Vec<_> = stored
		.strikes
		.iter()
		.flat_map(|strike| [OptionKind::Call, OptionKind::Put].map(|kind| (price(strike), kind)))
		.map(|(strike, kind)| Series { expiry: 0, strike, kind })
		.collect();
	let contexts = [context];
	let arrays = DirectArrays::new(&contexts, &series);
	let mut scratch = [0; MAX_WIDTH];
	for (index, one) in series.iter().enumerate() {
		assert_eq!(stored.array(index).unwrap(), arrays.array(index, &mut scratch).unwrap());
		let vol = contexts[0].vol(one.strike).unwrap();
		let value = contexts[0].undiscounted(one.kind, one.strike, vol).unwrap();
		assert_eq!(stored.values[index], value);
		let micro = one.strike.to_micro_usd_floor() as u64;
		assert_eq!(stored.index(micro, one.kind), Some(index));
	}
	assert_eq!(stored.entries.len(), series.len() * contexts[0].width());
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn arrays_should_equal_the_direct_path_bit_for_bit(
		pico in 1_000_000_000_000i64..200_000_000_000_000_000,
		later in 0u64..4_000_000,
		share in proptest::option::of(500i64..1_500),
	) {
		TestExt::new().schedule(minutes()).priced_at(1_000).execute_with(|| {
			block(later);
			let spot = Price::from_pico_usd(pico).unwrap();
			let average = share.map(|share| Price::from_pico_usd(pico / 1_000 * share).unwrap());
			for expiry in expiries() {
				let so_far = SettlementAverage { average, ..Default::default() };
				source(BTC, |source| source.settlements.insert(expiry, so_far));
			}
			publish(BTC, spot);
			block(500);
			let trading: Vec<_> = expiries().into_iter().filter(|at| *at > now()).collect();
			assert!(trading.len() >= 3);
			for expiry in trading {
				// Listed in this block, it has no slice yet.
				if Prices::expiry(BTC, expiry).is_some() {
					check_against_direct_path(expiry, average);
				}
			}
		});
	}

	#[test]
	fn invariants_should_hold_over_random_lives(
		steps in proptest::collection::vec(
			(0u64..4_000_000, 20_000i64..300_000, 0u64..3_000_000_000, 0u8..16), 1..40,
		),
	) {
		TestExt::new().schedule(minutes()).underlying(2, "ETH").execute_with(|| {
			for (millis, dollars, limit, choice) in steps {
				if choice & 1 == 0 {
					publish(BTC, usd(dollars));
					publish(2, usd(dollars / 20));
				}
				if choice & 2 == 0 {
					for expiry in expiries() {
						settle_at(BTC, expiry, usd(dollars));
					}
				}
				// Every block checks the invariants.
				block_with(millis, limit);
				if choice & 4 == 0 {
					if let Some(settling) = <Options as Markets>::next_settling() {
						<Options as Markets>::settled(settling.underlying, settling.expiry);
					}
					if let Some((underlying, expiry)) = <Options as Markets>::next_pruning() {
						<Options as Markets>::pruned(underlying, expiry);
					}
				}
				if choice & 8 == 0 {
					let mut meter = frame_support::weights::WeightMeter::new();
					Options::remove_pruned(&mut meter);
				}
				let strike = dollars as u64 / 1_000 * 1_000 * USD;
				if let Some(expiry) = expiries().last() {
					// Whether it is taken does not matter here.
					let _ = frame_support::storage::with_storage_layer(|| {
						Options::list_strike(RuntimeOrigin::signed(1), BTC, *expiry, strike)
					});
				}
			}
			// With weight again, everything catches up.
			publish(BTC, usd(95_000));
			publish(2, usd(3_400));
			block(500);
			for expiry in expiries().into_iter().filter(|at| *at > now()) {
				if Prices::expiry(BTC, expiry).is_some() {
					assert_eq!(priced(expiry).at, published(BTC));
				}
			}
			assert!(crate::PendingRepricing::<Test>::get().is_empty());
		});
	}
}
