// SPDX-License-Identifier: Apache-2.0
//! Simulations give what the real thing would give.

use super::*;
use crate::{HypotheticalTrade, Simulation, MAX_HYPOTHETICAL_TRADES};
use frame_support::assert_storage_noop;
use MarginKind::{Portfolio, Standard};

const PRICE: OptionPrice = 3_000_000_000;

fn assume(spot_move_ppb: i64, vol_move_ppb: i64, seconds_forward: u32) -> Simulation {
	Simulation { trades: vec![], spot_move_ppb, vol_move_ppb, seconds_forward }
}

fn a_book(kind: MarginKind) -> KeyOf<Test> {
	let alice = open_with(ALICE, kind, 300_000);
	let bob = open_with(BOB, Standard, 900_000);
	assert_ok!(Clearing::deposit(signed(ALICE), 0, WBTC, 50_000_000));
	let far = series(2, 110_000, OptionKind::Call);
	assert_ok!(trade(&bob, &alice, call(100_000), Side::Sell, 70, PRICE));
	assert_ok!(trade(&bob, &alice, put(90_000), Side::Sell, 30, 1_000_000_000));
	assert_ok!(trade(&bob, &alice, far, Side::Buy, 40, 2_000_000_000));
	rest(&alice, call(120_000), Side::Sell, 25, 200_000_000);
	alice
}

#[test]
fn simulate_should_equal_the_report_when_nothing_is_assumed() {
	for kind in [Portfolio(BTC), Standard] {
		run(|| {
			let alice = a_book(kind);
			let simulated = Clearing::simulate(&alice, &Simulation::default()).unwrap();
			assert_eq!(simulated.report, Clearing::margin_report(&alice).unwrap());
		});
	}
}

#[test]
fn simulate_should_equal_the_market_after_it_has_moved_so() {
	for kind in [Portfolio(BTC), Standard] {
		run(|| {
			let alice = a_book(kind);
			let assumed = assume(100_000_000, 0, 86_400);
			let simulated = Clearing::simulate(&alice, &assumed).unwrap();
			age(DAY);
			set_spot(BTC, 110_000);
			let real = Clearing::margin_report(&alice).unwrap();
			assert_eq!(simulated.report.margin.equity / 10_000, real.margin.equity / 10_000);
			assert_eq!(simulated.report.margin.initial / 10_000, real.margin.initial / 10_000);
			assert_eq!(simulated.report.collateral, real.collateral);
		});
	}
}

#[test]
fn simulate_should_move_every_volatility() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(110_000), Side::Buy, 50, PRICE));
		let equity =
			|key, vol| Clearing::simulate(key, &assume(0, vol, 0)).unwrap().report.margin.equity;
		let rise = equity(&bob, 500_000_000) - equity(&bob, 0);
		assert!(rise > 0);
		assert!((rise + equity(&alice, 500_000_000) - equity(&alice, 0)).abs() <= 2);
		// Without volatility an option out of the money is worth nothing.
		let none = Clearing::simulate(&bob, &assume(0, -1_000_000_000, 0)).unwrap();
		assert_eq!(none.report.positions[0].value, 0);
		state(|state| state.vol_ppb = 900_000_000);
		new_round();
		let real = Clearing::margin_report(&bob).unwrap().margin.equity;
		state(|state| state.vol_ppb = 600_000_000);
		new_round();
		assert!((equity(&bob, 500_000_000) - real).abs() < 1_000);
	});
}

#[test]
fn simulate_should_add_trades_as_fills_would() {
	run(|| {
		let (alice, bob) = two_traders();
		let series = call(110_000);
		let deal = |side| HypotheticalTrade { series, side, lots: 33, price: 1_000_000_100 };
		let simulation = Simulation { trades: vec![deal(Side::Buy)], ..Default::default() };
		let simulated = Clearing::simulate(&bob, &simulation).unwrap();
		assert_ok!(trade(&alice, &bob, series, Side::Buy, 33, 1_000_000_100));
		assert_eq!(simulated.report, Clearing::margin_report(&bob).unwrap());
		// And back again: cash alone is left, which needs no liquidation price.
		let simulation = Simulation { trades: vec![deal(Side::Sell)], ..Default::default() };
		let simulated = Clearing::simulate(&bob, &simulation).unwrap();
		assert!(simulated.report.positions.is_empty() && simulated.liquidation.is_empty());
	});
}

#[test]
fn simulate_should_price_a_strike_that_is_not_listed_yet() {
	run(|| {
		let (alice, _) = two_traders();
		let deal = |strike| {
			let series = call(strike);
			let trades = vec![HypotheticalTrade { series, side: Side::Buy, lots: 100, price: 1 }];
			let simulation = Simulation { trades, ..Default::default() };
			Clearing::simulate(&alice, &simulation).unwrap().report.positions[0].mark
		};
		assert!(deal(100_000) > deal(101_234) && deal(101_234) > deal(110_000));
	});
}

#[test]
fn simulate_should_find_the_spot_at_which_maintenance_fails() {
	for kind in [Portfolio(BTC), Standard] {
		run(|| {
			let alice = open_with(ALICE, kind, 60_000);
			let bob = open_with(BOB, Standard, 900_000);
			assert_ok!(trade(&bob, &alice, call(110_000), Side::Sell, 200, PRICE));
			let found = Clearing::simulate(&alice, &Simulation::default()).unwrap().liquidation;
			let [(BTC, prices)] = found[..] else { panic!("{found:?}") };
			assert_eq!(prices.below, None);
			let above = prices.above.expect("a short call fails above");
			let maintenance = |pico: i64| {
				let price = Price::from_pico_usd(pico).unwrap();
				state(|state| {
					let spot = SpotPrice { price, confidence: Ppb::ONE };
					state.spots.insert(BTC, (spot, 0));
				});
				new_round();
				Clearing::margin_report(&alice).unwrap().margin.maintenance
			};
			let cent = 1_000_000_000_000;
			assert!(maintenance(above.pico_usd() + cent) < 0);
			assert!(maintenance(above.pico_usd() - cent) >= 0);
		});
	}
}

#[test]
fn simulate_should_fail_when_it_is_out_of_range() {
	run(|| {
		let (alice, _) = two_traders();
		let deal = HypotheticalTrade { series: call(100_000), side: Side::Buy, lots: 1, price: 1 };
		let too_many = vec![deal.clone(); MAX_HYPOTHETICAL_TRADES + 1];
		let ask = |simulation| Clearing::simulate(&alice, &simulation).unwrap_err();
		for wrong in [
			assume(-1_000_000_000, 0, 0),
			assume(5_000_000_001, 0, 0),
			assume(i64::MAX, 0, 0),
			assume(i64::MIN, 0, 0),
			assume(0, -1_000_000_001, 0),
			assume(0, i64::MAX, 0),
			Simulation { trades: too_many, ..Default::default() },
		] {
			assert_eq!(ask(wrong), Error::SimulationOutOfRange);
		}
		let with = |deal| ask(Simulation { trades: vec![deal], ..Default::default() });
		assert_eq!(with(HypotheticalTrade { lots: 0, ..deal.clone() }), Error::InvalidFill);
		assert_eq!(
			with(HypotheticalTrade { series: eth_call(4_000), ..deal.clone() }),
			Error::NotItsUnderlying
		);
		assert_eq!(
			with(HypotheticalTrade { series: series(9, 100_000, OptionKind::Call), ..deal }),
			Error::PricesMissing
		);
		let nobody = Clearing::simulate(&key(CAROL, 0), &Simulation::default());
		assert_eq!(nobody.unwrap_err(), Error::AccountNotFound);
	});
}

#[test]
fn simulate_should_survive_the_extremes_and_change_nothing() {
	run(|| {
		let alice = a_book(Portfolio(BTC));
		for spot in [-999_999_999, -500_000_000, 0, 5_000_000_000] {
			for vol in [-1_000_000_000, 0, 5_000_000_000] {
				for seconds in [0, 8 * 86_400, u32::MAX] {
					assert_storage_noop!({
						let answer = Clearing::simulate(&alice, &assume(spot, vol, seconds));
						assert!(matches!(answer, Ok(_) | Err(Error::AmountTooLarge)), "{answer:?}");
					});
				}
			}
		}
	});
}
