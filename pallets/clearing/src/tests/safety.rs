// SPDX-License-Identifier: Apache-2.0
//! Safety: the margin, and a bound on its fall that holds.

use super::*;
use ballast_risk::{
	quote_drift, Portfolio, PortfolioParameters, Surface, SurfaceTerms, DEFAULT_SCENARIOS,
};
use frame_support::assert_storage_noop;
use proptest::prelude::*;
use std::collections::BTreeMap;
use MarginKind::Standard;

const PRICE: OptionPrice = 3_000_000_000;

fn safety(account: &Account) -> Safety {
	Clearing::safety(&mut PriceCache::default(), account).expect("there are prices")
}

fn underlyings(safety: &Safety) -> Vec<UnderlyingId> {
	safety.exposures.iter().map(|exposure| exposure.underlying).collect()
}

/// How a market is moved. Spots in parts per million of 100 000 and 4 000 dollars.
#[derive(Clone, Debug)]
struct Move {
	btc: i64,
	eth: i64,
	vol: i64,
	quote: i64,
	seconds: u64,
	delay_rise: i64,
}

/// Moves the market, in a new round.
fn make(to: &Move, delay_move: i64) {
	state(|state| {
		for (underlying, pico) in [(BTC, 100_000_000_000 * to.btc), (ETH, 4_000_000_000 * to.eth)] {
			let price = Price::from_pico_usd(pico).unwrap();
			state.spots.insert(underlying, (SpotPrice { price, confidence: Ppb::ONE }, 0));
		}
		state.vol_ppb = to.vol;
		state.quote = Some((Ppb(to.quote), 0));
		state.now += 1_000 * to.seconds;
		let delay_move = Ppb(delay_move + to.delay_rise);
		state.conditions.insert(BTC, MarginConditions { delay_move, ..Default::default() });
	});
	new_round();
}

/// Terms and total volatilities of every expiry, and the price of the settlement asset.
type Surfaces = (BTreeMap<ExpiryId, (SurfaceTerms, Vec<u64>)>, Ppb);

fn surfaces() -> Surfaces {
	state(|state| {
		let of = |(id, strikes): (&ExpiryId, &Vec<u64>)| {
			let context = context(state, *id);
			let terms = context.surface(state.spots[&id.0].0.price).unwrap();
			let total_vol = |strike: &u64| {
				let strike = Price::from_micro_usd(*strike as i64).unwrap();
				context.total_vol(context.vol(strike).unwrap()).unwrap()
			};
			(*id, (terms, strikes.iter().map(total_vol).collect()))
		};
		(state.strikes.iter().map(of).collect(), state.quote.unwrap().0)
	})
}

/// Drift of an underlying since, at least what [`Markets::drift`] has to count.
fn drift(before: &Surfaces, underlying: UnderlyingId) -> Option<i128> {
	let after = surfaces();
	let rules = PortfolioParameters::DEFAULT;
	let model = Portfolio::new(&rules, &DEFAULT_SCENARIOS).unwrap();
	let mut drift = quote_drift(before.1, after.1);
	for (id, (terms, total_vols)) in before.0.iter().filter(|it| it.0 .0 == underlying) {
		let then = Surface { terms, total_vols };
		let (terms, total_vols) = &after.0[id];
		drift = drift.max(model.drift(&then, &Surface { terms, total_vols })?);
	}
	Some(drift.0.into())
}

/// A part of an amount that is zero or above, rounded up.
fn part(amount: MicroUsd, numerator: i128, denominator: i128) -> MicroUsd {
	// In parts of 2^24: the product of a fall and a price does not fit.
	((amount * ((numerator << 24) / denominator + 1)) >> 24) + 1
}

/// What the exposures say maintenance can have fallen by, now that the market is another.
fn promised(safety: &Safety, before: &Surfaces, delay_rise: i64) -> Option<MicroUsd> {
	let of = |exposure: &Exposure| {
		let was = i128::from(exposure.spot.pico_usd());
		let spot = state(|state| state.spots[&exposure.underlying].0.price);
		let distance = (i128::from(spot.pico_usd()) - was).abs();
		let drift = drift(before, exposure.underlying)? + i128::from(delay_rise);
		let is_fall = i128::from(spot.pico_usd()) < was;
		let of_spot = if is_fall { exposure.when_falling } else { exposure.when_rising };
		let is_near = delay_rise <= ballast_risk::DRIFT_DELAY_RANGE.0;
		let wide = exposure.wide_drift_fall.unwrap_or(exposure.drift_fall);
		let of_drift = if is_near { exposure.drift_fall } else { wide };
		let fall = part(of_spot, distance, was) + part(of_drift, drift, 1_000_000_000);
		Some(fall + exposure.slack)
	};
	safety.exposures.iter().map(of).sum()
}

#[test]
fn safety_should_be_the_margin_and_name_what_it_depends_on() {
	run(|| {
		let alice = open_with(ALICE, Standard, 300_000);
		let bob = open_with(BOB, MarginKind::Portfolio(BTC), 300_000);
		assert_ok!(trade(&bob, &alice, call(110_000), Side::Sell, 60, PRICE));
		for key in [&alice, &bob] {
			let found = safety(&account(key));
			let margin = Clearing::margin(&mut PriceCache::default(), &account(key)).unwrap();
			assert_eq!((found.margin, found.is_fresh), (margin, true));
			assert_eq!(underlyings(&found), [BTC]);
			assert_eq!(found.exposures[0].spot, usd(100_000));
			let exposure = found.exposures[0];
			assert!(exposure.when_falling.max(exposure.when_rising) > 0 && exposure.drift_fall > 0);
		}
		assert_ok!(Clearing::deposit(signed(ALICE), 0, WETH, 10u128.pow(18)));
		assert_ok!(Clearing::deposit(signed(BOB), 0, WETH, 10u128.pow(18)));
		assert_eq!(underlyings(&safety(&account(&alice))), [BTC, ETH]);
		let portfolio = safety(&account(&bob));
		assert_eq!(underlyings(&portfolio), [BTC, ETH]);
		// A token of 4 000 dollars of which a tenth does not count.
		let ether = portfolio.exposures[1];
		assert_eq!((ether.spot, ether.drift_fall, ether.slack), (usd(4_000), 0, 1));
		assert!((3_600 * USD..=3_600 * USD + 1).contains(&ether.when_falling));
		age(MAX_AGE + 1);
		assert!(!safety(&account(&bob)).is_fresh);
	});
}

#[test]
fn safety_should_name_nothing_when_no_price_decides() {
	run(|| {
		let alice = open_with(ALICE, MarginKind::Portfolio(BTC), 100_000);
		state(|state| state.quote = None);
		let found = safety(&account(&alice));
		assert_eq!((found.margin.maintenance, found.is_fresh), (100_000 * USD, true));
		assert!(found.exposures.is_empty());
	});
}

#[test]
fn safety_should_not_look_at_resting_orders() {
	run(|| {
		for kind in [MarginKind::Portfolio(BTC), Standard] {
			let mut held = Account::new(kind);
			held.cash = 50_000 * USD;
			held.positions.try_push(Position { series: call(100_000), lots: -10 }).unwrap();
			let mut prices = PriceCache::default();
			let alone = Clearing::safety(&mut prices, &held).unwrap();
			let work = Clearing::margin_work(&prices);
			let mut ordered = held.clone();
			let order = |series| OpenOrder {
				id: 1,
				client_id: None,
				series,
				side: Side::Sell,
				price: PRICE,
				lots: 10,
				reduce_only: false,
				good_till: None,
			};
			// Of a series that has no price at all.
			ordered.orders.try_push(order(series(9, 100_000, OptionKind::Call))).unwrap();
			let mut prices = PriceCache::default();
			assert_eq!(Clearing::safety(&mut prices, &ordered), Ok(alone));
			assert_eq!(Clearing::margin_work(&prices), work);
			assert!(Clearing::safety_weight(1).all_gte(work));
			// Orders alone cannot make maintenance fall.
			ordered.positions.clear();
			assert!(safety(&ordered).exposures.is_empty());
		}
	});
}

#[test]
fn safety_should_fail_when_prices_are_missing_and_change_nothing() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&bob, &alice, call(110_000), Side::Sell, 60, PRICE));
		state(|state| state.priced.clear());
		let mut prices = PriceCache::default();
		let missing = Err(is(Error::PricesMissing));
		assert_storage_noop!(assert_eq!(Clearing::safety(&mut prices, &account(&alice)), missing));
		new_round();
		assert_storage_noop!(assert!(Clearing::safety(&mut prices, &account(&alice)).is_ok()));
	});
}

#[test]
fn bound_should_be_no_looser_than_the_notional_asks_for() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&bob, &alice, call(100_000), Side::Sell, 100, PRICE));
		// One contract sold: a move by the whole of spot cannot cost less than the contract, nor many times it.
		let found = safety(&account(&alice));
		let fall = found.exposures[0].when_rising;
		assert!((100_000 * USD..600_000 * USD).contains(&fall), "{fall}");
		assert!(found.exposures[0].slack < USD);
	});
}

/// A random account: positions on two underlyings, two assets, cash.
fn accounts() -> impl Strategy<Value = Account> {
	let position = (0..2u64, 0..5usize, any::<bool>(), -300..300i64);
	let positions = prop::collection::vec(position, 1..10);
	let coins = (0..3u128, 0..30u128);
	(any::<bool>(), positions, coins, -50_000..500_000i128).prop_map(
		|(is_portfolio, positions, (bitcoins, ether), dollars)| {
			let kind = if is_portfolio { MarginKind::Portfolio(BTC) } else { Standard };
			let mut account = Account::new(kind);
			account.cash = dollars * USD;
			for (n, strike, is_put, lots) in positions {
				let kind = if is_put { OptionKind::Put } else { OptionKind::Call };
				let strike = 80_000 + 10_000 * strike as u64;
				let id = match strike {
					100_000 if !is_portfolio => SeriesId { kind, ..eth_call(4_000) },
					_ => series(n + 1, strike, kind),
				};
				let _ = crate::types::add_lots(&mut account, id, lots);
			}
			for (asset, amount) in [(WBTC, bitcoins * 100_000_000), (WETH, ether * 10u128.pow(18))]
			{
				if amount > 0 {
					account.collateral.try_push((asset, amount)).unwrap();
				}
			}
			account
		},
	)
}

/// Moves: of spots alone, of everything but spots, of all at once.
fn moves() -> impl Strategy<Value = Vec<Move>> {
	let spots = (500_000..1_299_000i64, 500_000..1_299_000i64);
	let surface = (300_000_000..900_000_000i64, 900_000_000..1_100_000_000i64, 0..80_000u64);
	let to = (spots, surface, 0..=40_000_000i64, 0..3u8).prop_map(
		|((btc, eth), (vol, quote, seconds), delay_rise, what)| match what {
			0 => Move { btc, eth, ..UNMOVED },
			1 => Move { vol, quote, seconds, delay_rise, ..UNMOVED },
			_ => Move { btc, eth, vol, quote, seconds, delay_rise },
		},
	);
	prop::collection::vec(to, 1..6)
}

const UNMOVED: Move = Move {
	btc: 1_000_000,
	eth: 1_000_000,
	vol: 600_000_000,
	quote: 1_000_000_000,
	seconds: 0,
	delay_rise: 0,
};

proptest! {
	#![proptest_config(ProptestConfig::with_cases(256))]

	#[test]
	fn maintenance_should_never_fall_by_more_than_safety_promised(
		account in accounts(),
		delay_move in 0..50_000_000i64,
		moves in moves(),
	) {
		run(|| {
			make(&UNMOVED, delay_move);
			let (before, surfaces) = (safety(&account), surfaces());
			for to in moves {
				make(&to, delay_move);
				let after = Clearing::margin(&mut PriceCache::default(), &account).unwrap();
				let fall = before.margin.maintenance - after.maintenance;
				if let Some(promised) = promised(&before, &surfaces, to.delay_rise) {
					assert!(fall <= promised, "{fall} {promised} {to:?} {before:?}");
				}
			}
		});
	}
}
