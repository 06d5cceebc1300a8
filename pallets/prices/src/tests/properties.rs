// SPDX-License-Identifier: Apache-2.0
//! Rules that hold for every run of reports.

use crate::{mock::*, *};
use ballast_exchange::{Moment, Price, PriceSource, SviParameters};
use proptest::prelude::*;

/// Spot, forward above it, volatility in percent.
fn opinion() -> impl Strategy<Value = (i64, i64, i64)> {
	(90_000i64..100_000, 0i64..500, 20i64..200)
}

/// An average of spots computed anew from the list of rounds, millisecond areas by hand.
fn expected_average(rounds: &[(Moment, Price)], start: Moment, end: Moment) -> Option<Price> {
	let max_age = parameters().max_age_millis;
	let (mut area, mut covered) = (0u128, 0u128);
	for (index, (at, spot)) in rounds.iter().enumerate() {
		let next = rounds.get(index + 1).map_or(u64::MAX, |next| next.0);
		let from = (*at).max(start);
		let to = next.min(at + max_age).min(end);
		if from < to {
			covered += u128::from(to - from);
			area += u128::from(to - from) * spot.pico_usd() as u128;
		}
	}
	let pico = area.checked_div(covered)?;
	Some(Price::from_pico_usd(pico as i64).unwrap())
}

proptest! {
	#![proptest_config(crate::tests::cases(96))]

	#[test]
	fn round_should_lie_within_the_reports_and_never_mix_slices(
		opinions in proptest::collection::vec(opinion(), 3..12),
	) {
		ExtBuilder::default().build_and_execute(|| {
			let mut slices: Vec<SviParameters> = Vec::new();
			for (author, (spot, carry, vol)) in (1..).zip(&opinions) {
				let expiry = expiry_report(NEAR, usd(spot + carry), *vol);
				slices.push(expiry.svi);
				block(author, report_of(vec![underlying_report(BTC, usd(*spot), vec![expiry])]));
			}
			let within = |price: Price, values: &mut dyn Iterator<Item = i64>| {
				let values: Vec<i64> = values.collect();
				let least = usd(*values.iter().min().unwrap());
				(least..=usd(*values.iter().max().unwrap())).contains(&price)
			};
			let spot = Prices::spot(BTC).unwrap().regardless_of_age().price;
			assert!(within(spot, &mut opinions.iter().map(|known| known.0)));
			let price = Prices::expiry(BTC, NEAR).unwrap().regardless_of_age();
			assert!(within(price.forward, &mut opinions.iter().map(|known| known.0 + known.1)));
			// One author's slice, bit for bit, with no more than half of the volatilities below it.
			let index = slices.iter().position(|slice| *slice == price.svi).unwrap();
			let below = opinions.iter().filter(|known| known.2 < opinions[index].2).count();
			let above = opinions.iter().filter(|known| known.2 > opinions[index].2).count();
			assert!(2 * below < opinions.len() && 2 * above <= opinions.len());
		});
	}

	#[test]
	fn clamp_should_hold_every_step(
		spots in proptest::collection::vec((1i64..=Price::MAX.pico_usd(), 0u64..4), 2..20),
		clamp_ppb in 1u32..200_000_000,
	) {
		let clamp = |parameters: &mut PriceParameters| parameters.clamp_ppb = clamp_ppb;
		ExtBuilder::default().quorum(1).parameters(clamp).build_and_execute(|| {
			let mut last: Option<i128> = None;
			for (pico, silent) in spots {
				for _ in 0..silent {
					silent_block_at(Now::get() + BLOCK);
				}
				block(1, btc_spot(Price::from_pico_usd(pico).unwrap()));
				let spot = Prices::spot(BTC).unwrap().regardless_of_age().price.pico_usd();
				let spot = i128::from(spot);
				if let Some(last) = last {
					let most = last * i128::from(clamp_ppb) * i128::from(silent + 1);
					// A pico-USD for rounding.
					assert!((spot - last).abs() <= most / 1_000_000_000 + 1);
					// It moves towards the report and never past it.
					let target = i128::from(pico);
					assert!(spot.clamp(last.min(target), last.max(target)) == spot);
				}
				last = Some(spot);
			}
		});
	}

	#[test]
	fn settlement_should_equal_the_areas_under_the_rounds(
		steps in proptest::collection::vec((1u64..15_000, 50_000i64..100_000), 1..25),
		offset in 0u64..90_000,
	) {
		ExtBuilder::default().quorum(1).build_and_execute(|| {
			let mut now = NEAR - 60_000 - 30_000 + offset;
			let mut rounds = Vec::new();
			// The first round comes before the window is looked at, so that its start is the planned one.
			block_at(NEAR - 100_000, 1, btc_spot(usd(50_000)));
			rounds.push((NEAR - 100_000, usd(50_000)));
			for (step, spot) in steps {
				now += step;
				block_at(now, 1, btc_spot(usd(spot)));
				rounds.push((now, usd(spot)));
			}
			silent_block_at(now.max(NEAR));
			let actual = Prices::settlement(BTC, NEAR);
			match expected_average(&rounds, NEAR - 60_000, NEAR) {
				Some(expected) => {
					assert_eq!(actual.average, Some(expected));
					let spots = || rounds.iter().map(|round| round.1);
					let range = spots().min().unwrap()..=spots().max().unwrap();
					assert!(actual.is_final && range.contains(&expected));
				},
				None => {
					let after = rounds.iter().find(|round| round.0 >= NEAR).map(|round| round.1);
					assert_eq!(actual.average, after);
					assert_eq!(actual.is_final, after.is_some());
				},
			}
		});
	}
}
