// SPDX-License-Identifier: Apache-2.0
//! Moves of spot: the bound on the fall of surplus, and liquidation prices.

mod common;

use ballast_risk::*;
use common::random::Random;
use common::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn config(cases: u32) -> ProptestConfig {
	ProptestConfig {
		cases,
		failure_persistence: None,
		rng_seed: RngSeed::Fixed(20_261_120),
		..ProptestConfig::default()
	}
}

fn market(case: &PortfolioCase) -> PricedMarket<'_> {
	PricedMarket { market: case.market, contexts: &case.contexts, series: &case.series }
}

fn moved(spot: Price, ratio: f64) -> Price {
	Price::from_pico_usd((spot.pico_usd() as f64 * ratio) as i64).unwrap()
}

proptest! {
	#![proptest_config(config(10_000))]

	#[test]
	fn maintenance_should_fall_no_faster_than_its_bound(seed: u64, delay in prop::bool::ANY) {
		let case = PortfolioCase::random(seed);
		let mut random = Random::new(seed ^ 5);
		let delay_move = if delay { Ppb(random.within(0, 150_000_000)) } else { Ppb::ZERO };
		let adjustments = Adjustments { delay_move, ..Adjustments::NONE };
		let (model, market, book) = (case.model(), market(&case), case.book());
		let spot = case.market.spot;
		let at = |spot| model.margin_at(&market, &book, &adjustments, spot).unwrap().maintenance;
		let bound = model.surplus_bound_direct(&market, &book, &adjustments).unwrap();
		let now = at(spot);
		let arrays = case.arrays();
		let account = PortfolioAccount { adjustments, ..case.account(&arrays) };
		prop_assert_eq!(now, model.margin(&account).unwrap().maintenance);
		prop_assert_eq!(bound, model.surplus_bound(&account).unwrap());
		for width in [0.001, 0.02, 0.3, 0.9] {
			let there = moved(spot, 1.0 + random.uniform(-width, width * 4.0));
			let distance = Price::from_pico_usd(there.minus(spot).abs()).unwrap();
			let bound = bound.toward(there);
			prop_assert!(at(there) >= now - bound.fall(distance), "to {there:?}: {} from {now} with {bound:?}", at(there));
		}
	}

	#[test]
	fn safe_distance_should_use_up_no_more_than_the_surplus(fall in 0i128..1 << 90, slack in 0i128..1_000_000, surplus in -10i128..1 << 62, spot in 1i64..8_000_000_000_000_000_000) {
		let bound = SurplusBound { relative_fall: fall, when_falling: fall, when_rising: fall, slack, spot: Price::from_pico_usd(spot).unwrap() };
		let distance = bound.safe_distance(surplus);
		if fall > 0 && distance > Price::ZERO {
			prop_assert!(bound.fall(distance) <= surplus);
		}
	}
}

proptest! {
	#![proptest_config(config(300))]

	#[test]
	fn liquidation_price_should_be_where_maintenance_turns(seed: u64) {
		let mut case = PortfolioCase::random(seed);
		let (need, cash) = (case.margin().maintenance, case.cash);
		// Enough cash that the account is safe by a few percent of what it holds.
		case.cash = cash - need.min(0) + case.gross_notional() / 50;
		let (model, market, book) = (case.model(), market(&case), case.book());
		let range = SearchRange::around(case.market.spot);
		let found = model.liquidation_prices(&market, &book, &Adjustments::NONE, &range).unwrap();
		let at = |spot| model.margin_at(&market, &book, &Adjustments::NONE, spot).unwrap().maintenance;
		let step = (case.market.spot.pico_usd() / 1_000_000).max(1_000_000);
		for (price, inwards) in [(found.below, step), (found.above, -step)] {
			let Some(price) = price else { continue };
			prop_assert!(at(price) < 0);
			let nearer = Price::from_pico_usd(price.pico_usd() + inwards).unwrap();
			prop_assert!(at(nearer) >= 0 || nearer == case.market.spot);
		}
		if found.below.is_none() {
			prop_assert!(at(range.lowest) >= 0);
		}
		if found.above.is_none() {
			prop_assert!(at(range.highest) >= 0);
		}
	}
}

#[test]
fn account_below_maintenance_should_be_liquidatable_at_spot() {
	let mut case = PortfolioCase::random(7);
	case.cash = -900_000_000_000_000;
	let (market, range) = (market(&case), SearchRange::around(case.market.spot));
	let found = case.model().liquidation_prices(&market, &case.book(), &Adjustments::NONE, &range);
	let spot = Some(case.market.spot);
	assert_eq!(found, Ok(LiquidationPrices { below: spot, above: spot }));
}
