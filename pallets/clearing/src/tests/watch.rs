// SPDX-License-Identifier: Apache-2.0
//! The watch over accounts in danger: what it is told, what it forbids, what it adds to margin.

use super::*;
use crate::{ConditionsReport, Holders, OpenInterest, Simulation};
use ballast_risk::ConcentrationParameters;
use frame_support::assert_noop;
use MarginKind::{Portfolio, Standard};

const PRICE: OptionPrice = 3_000_000_000;
const DOLLARS: u128 = USD as u128;

fn margin(key: &KeyOf<Test>) -> Margin {
	Clearing::margin(&mut PriceCache::default(), &account(key)).expect("there are prices")
}

fn search_on(underlying: UnderlyingId) {
	state(|state| state.unswept.insert(underlying));
}

fn set_conditions(underlying: UnderlyingId, conditions: MarginConditions) {
	state(|state| state.conditions.insert(underlying, conditions));
}

fn without_fees() {
	state(|state| {
		for terms in state.terms.values_mut() {
			(terms.maker_fee_ppb, terms.taker_fee_ppb) = (0, 0);
		}
	});
}

fn mark(key: &KeyOf<Test>) -> OptionPrice {
	let mark = Clearing::margin_report(key).unwrap().positions[0].mark;
	mark.to_micro_usd_floor() as u64 / 100 * 100
}

#[test]
fn unfinished_sweep_should_refuse_risk_and_let_reductions_pass() {
	run(|| {
		without_fees();
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 50, PRICE));
		search_on(BTC);
		let unfinished = Error::<Test>::SweepUnfinished;
		let price = mark(&bob);
		assert_noop!(trade(&alice, &bob, call(100_000), Side::Buy, 1, price), unfinished);
		assert_noop!(Clearing::withdraw(signed(BOB), 0, USDC, 1), Error::<Test>::SweepUnfinished);
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Sell, 25, price));
		assert_ok!(Clearing::deposit(signed(BOB), 0, USDC, 1));
		state(|state| state.unswept.clear());
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 1, price));
	});
}

#[test]
fn unfinished_sweep_should_refuse_the_side_that_depends_on_it() {
	run(|| {
		without_fees();
		let alice = open_with(ALICE, Standard, 500_000);
		let bob = open_with(BOB, Portfolio(BTC), 500_000);
		search_on(ETH);
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 5, PRICE));
		// The side that rests is checked as well as the one that takes.
		let carol = open_with(CAROL, Standard, 500_000);
		state(|state| state.unswept.clear());
		assert_ok!(trade(&carol, &alice, eth_call(4_000), Side::Buy, 5, 300_000_000));
		search_on(ETH);
		let refused = trade(&alice, &bob, call(100_000), Side::Buy, 5, PRICE);
		assert_eq!(refused, Err(is(Error::SweepUnfinished)));
		// And collateral that follows the underlying is a dependence.
		assert_ok!(Clearing::deposit(signed(BOB), 0, WETH, 10u128.pow(18)));
		assert_noop!(Clearing::withdraw(signed(BOB), 0, USDC, 1), Error::<Test>::SweepUnfinished);
	});
}

#[test]
fn takeover_should_not_wait_for_the_sweep_but_need_margin_and_fresh_prices() {
	run(|| {
		let (alice, _) = two_traders();
		let before = account(&alice);
		let takes = |lots| {
			let mut after = before.clone();
			after.positions.try_push(Position { series: call(100_000), lots }).unwrap();
			Clearing::check_takeover(&mut PriceCache::default(), &before, &after)
		};
		search_on(BTC);
		assert_ok!(takes(-10));
		assert_eq!(takes(-10_000), Err(is(Error::InsufficientMargin)));
		age(MAX_AGE + 1);
		assert_eq!(takes(-10), Err(is(Error::PricesStale)));
	});
}

#[test]
fn unfinished_sweep_should_not_concern_cash() {
	run(|| {
		open_with(ALICE, Portfolio(BTC), 100);
		search_on(BTC);
		assert_ok!(Clearing::withdraw(signed(ALICE), 0, USDC, 100 * DOLLARS));
	});
}

#[test]
fn refusal_should_name_what_waiting_for_the_sweep_would_not_mend() {
	run(|| {
		let (alice, bob) = two_traders();
		search_on(BTC);
		let sell = |lots| trade(&alice, &bob, call(100_000), Side::Buy, lots, PRICE);
		assert_eq!(sell(5_000), Err(is(Error::InsufficientMargin)));
		age(MAX_AGE + 1);
		assert_eq!(sell(1), Err(is(Error::PricesStale)));
	});
}

#[test]
fn watch_should_learn_of_accounts_that_open_and_close() {
	run(|| {
		let alice = open(ALICE, Standard);
		assert_eq!(announced(&alice), Some(Account::new(Standard)));
		assert_ok!(Clearing::deposit(signed(ALICE), 0, USDC, 5));
		assert_eq!(announced(&alice).unwrap().cash, 5);
		assert_ok!(Clearing::withdraw(signed(ALICE), 0, USDC, 5));
		forget_announced(&alice);
		assert_ok!(Clearing::close_account(signed(ALICE), 0));
		assert_eq!(announced(&alice), Some(Account::new(Standard)));
		assert_eq!(Clearing::peek(&alice), None);
	});
}

#[test]
fn watch_should_learn_of_settlement_payouts() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 50, PRICE));
		settle_at(BTC, expiry(1), 104_000);
		settle_all();
		assert!(announced(&bob).unwrap().positions.is_empty());
		assert_eq!(announced(&bob).unwrap().cash, cash(&bob));
	});
}

#[test]
fn delay_should_lower_both_margins_of_a_portfolio() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&bob, &alice, call(100_000), Side::Sell, 100, PRICE));
		let before = margin(&alice);
		let delay_move = Ppb(20_000_000);
		set_conditions(BTC, MarginConditions { delay_move, ..Default::default() });
		let after = margin(&alice);
		assert!(after.maintenance < before.maintenance && after.initial < before.initial);
		assert_eq!(after.equity, before.equity);
		// At least two percent of half a delta of one contract.
		assert!(before.maintenance - after.maintenance > 900 * USD);
		// Another underlying's conditions are its own.
		set_conditions(BTC, MarginConditions::default());
		set_conditions(ETH, MarginConditions { delay_move, ..Default::default() });
		assert_eq!(margin(&alice), before);
	});
}

#[test]
fn multiplier_should_lower_initial_margin_alone() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&bob, &alice, call(100_000), Side::Sell, 100, PRICE));
		let before = margin(&alice);
		let multiplier = Ppb(1_500_000_000);
		set_conditions(BTC, MarginConditions { multiplier, ..Default::default() });
		let after = margin(&alice);
		assert_eq!(after.maintenance, before.maintenance);
		assert!(after.initial < before.initial);
	});
}

fn concentration(threshold: i64, charge: i64) -> MarginConditions {
	let concentration = ConcentrationParameters { threshold: Ppb(threshold), charge: Ppb(charge) };
	MarginConditions { concentration, ..Default::default() }
}

#[test]
fn concentration_should_charge_initial_margin_by_the_share_of_open_interest() {
	for kind in [Portfolio(BTC), Standard] {
		run(|| {
			let alice = open_with(ALICE, kind, 300_000);
			let bob = open_with(BOB, Standard, 300_000);
			let carol = open_with(CAROL, Standard, 300_000);
			assert_ok!(trade(&bob, &alice, call(110_000), Side::Sell, 60, PRICE));
			assert_ok!(trade(&bob, &carol, call(110_000), Side::Sell, 40, PRICE));
			let before = margin(&alice);
			set_conditions(BTC, concentration(200_000_000, 100_000_000));
			// A share of 0.6 is half way from 0.2 to the whole: 5 % of 60 lots at 100 000 dollars.
			let charge = 3_000 * USD;
			let after = margin(&alice);
			assert_eq!(after.initial, before.initial - charge);
			assert_eq!(after.maintenance, before.maintenance);
			let report = Clearing::margin_report(&alice).unwrap();
			assert_eq!(report.conditions[0].concentration, charge);
			assert_eq!(report.margin, after);
			// The same lots among more are less concentrated.
			assert_ok!(trade(&bob, &carol, call(110_000), Side::Sell, 50, PRICE));
			assert!(margin(&alice).initial > after.initial);
		});
	}
}

#[test]
fn concentration_should_read_open_interest_once_and_count_the_accounts_own_lots() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&bob, &alice, call(110_000), Side::Sell, 60, PRICE));
		set_conditions(BTC, concentration(0, 100_000_000));
		let mut prices = PriceCache::default();
		let before = account(&alice);
		let first = Clearing::margin(&mut prices, &before).unwrap();
		// What a fill of the same call adds is not seen, but for the account's own: that is the whole at least.
		OpenInterest::<Test>::insert(call(110_000), 120);
		assert_eq!(Clearing::margin(&mut prices, &before), Ok(first));
		let mut more = before.clone();
		more.positions[0].lots = -120;
		let charge = |account: &Account, prices: &mut PriceCache| {
			Clearing::report_of(prices, account).unwrap().conditions[0].concentration
		};
		assert_eq!(charge(&before, &mut prices), 6_000 * USD);
		assert_eq!(charge(&more, &mut prices), 12_000 * USD);
		assert_eq!(charge(&before, &mut PriceCache::default()), 3_000 * USD);
		OpenInterest::<Test>::insert(call(110_000), 60);
	});
}

#[test]
fn open_interest_should_be_read_only_where_it_is_charged_for() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&bob, &alice, call(110_000), Side::Sell, 60, PRICE));
		let work = || {
			let mut prices = PriceCache::default();
			Clearing::margin(&mut prices, &account(&alice)).unwrap();
			(prices.loaded().interests, Clearing::margin_work(&prices))
		};
		let (none, least) = work();
		set_conditions(BTC, concentration(0, 100_000_000));
		let (one, more) = work();
		assert_eq!((none, one), (0, 1));
		let read = <() as crate::WeightInfo>::load_open_interest(1);
		assert_eq!(more.saturating_sub(least), read);
	});
}

#[test]
fn margin_should_exist_while_longs_are_settled_before_shorts() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 50, PRICE));
		set_conditions(BTC, concentration(0, 100_000_000));
		// Bob, who is long, is settled: Alice is short of what nobody has.
		settle_at(BTC, expiry(1), 104_000);
		let settling = state(|state| state.settling[0]);
		Clearing::settle_or_skip(&settling, &bob);
		assert_eq!(OpenInterest::<Test>::get(call(100_000)), 0);
		assert!(Holders::<Test>::contains_key((BTC, expiry(1)), alice));
		let report = Clearing::margin_report(&alice).unwrap();
		assert_eq!(report.conditions[0].concentration, 5_000 * USD);
		settle_all();
	});
}

#[test]
fn report_should_show_the_conditions_that_were_used() {
	run(|| {
		let delay_move = Ppb(20_000_000);
		let multiplier = Ppb(1_250_000_000);
		let conditions = MarginConditions { delay_move, multiplier, ..Default::default() };
		set_conditions(BTC, conditions);
		let (alice, bob) = two_traders();
		assert_ok!(trade(&bob, &alice, call(110_000), Side::Sell, 60, PRICE));
		let shown = |key| Clearing::margin_report(key).unwrap().conditions;
		let of = |delay_move, multiplier| {
			vec![ConditionsReport { underlying: BTC, delay_move, multiplier, concentration: 0 }]
		};
		assert_eq!(shown(&alice), of(delay_move, multiplier));
		let simulated = Clearing::simulate(&alice, &Simulation::default()).unwrap();
		assert_eq!(simulated.report, Clearing::margin_report(&alice).unwrap());
		// The rules of standard margin know neither.
		assert_ok!(Clearing::set_margin(signed(BOB), 0, Standard));
		assert_eq!(shown(&bob), of(Ppb::ZERO, Ppb::ONE));
		assert!(shown(&open_with(CAROL, Standard, 1)).is_empty());
	});
}

#[test]
fn simulation_should_count_delay_and_concentration() {
	for kind in [Portfolio(BTC), Standard] {
		run(|| {
			let alice = open_with(ALICE, kind, 300_000);
			let bob = open_with(BOB, Standard, 300_000);
			assert_ok!(trade(&bob, &alice, call(110_000), Side::Sell, 60, PRICE));
			let ask = |spot_move_ppb| {
				let simulation = Simulation { spot_move_ppb, ..Default::default() };
				Clearing::simulate(&alice, &simulation).unwrap().report
			};
			set_conditions(BTC, concentration(0, 100_000_000));
			assert_eq!(ask(0), Clearing::margin_report(&alice).unwrap());
			// The charge is a part of notional: it goes with spot.
			assert_eq!(ask(0).conditions[0].concentration, 6_000 * USD);
			assert_eq!(ask(500_000_000).conditions[0].concentration, 9_000 * USD);
		});
	}
}
