// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, types::*, Error, Event};
use ballast_exchange::{MicroUsd, Side};
use frame_support::assert_ok;
use sp_runtime::DispatchResult;

const LOW: u64 = 90;
const HIGH: u64 = 110;

fn combo(owner: AccountId, legs: Vec<Leg>, max_cost: MicroUsd) -> DispatchResult {
	OrderBook::place_combo(origin(owner), 0, legs, max_cost)
		.map(|_| ())
		.map_err(|error| error.error)
}

fn leg(at: u64, side: Side, ticks: u64, lots: i64) -> Leg {
	Leg { series: strike(at), side, price: ticks * TICK, lots }
}

/// A call spread that costs 20 - 12 = 8 dollars a contract in the book below.
fn spread(lots: i64) -> Vec<Leg> {
	vec![leg(LOW, Side::Buy, 25, lots), leg(HIGH, Side::Sell, 10, lots)]
}

fn quotes() {
	place(2, sell(20, 100).of(strike(LOW)));
	place(3, buy(12, 100).of(strike(HIGH)));
	events();
}

#[test]
fn combo_should_be_refused_when_it_has_too_many_legs() {
	run(|| {
		let legs = vec![leg(LOW, Side::Buy, 25, 5); MAX_LEGS as usize + 1];
		assert_refused!(
			OrderBook::place_combo(origin(1), 0, legs, MicroUsd::MAX),
			Error::<Test>::TooManyLegs
		);
	});
}

#[test]
fn combo_should_fill_every_leg_with_one_check_of_the_caller() {
	run(|| {
		quotes();
		Checks::set(0);
		assert_ok!(combo(1, spread(100), 8_000_000));
		assert_eq!(Checks::get(), 3);
		let held = (account(1).position(&strike(LOW)), account(1).position(&strike(HIGH)));
		assert_eq!(held, (100, -100));
		let last = events().pop();
		let expected =
			Event::ComboFilled { account: key(1), first_order: 1, legs: 2, premium: 8_000_000 };
		assert_eq!(last, Some(expected));
	});
}

#[test]
fn combo_should_change_nothing_when_it_costs_more_than_the_limit() {
	run(|| {
		quotes();
		assert_refused!(combo(1, spread(100), 7_999_999), Error::<Test>::CostAboveLimit);
	});
}

#[test]
fn combo_should_receive_at_least_a_negative_limit() {
	run(|| {
		place(2, buy(20, 100).of(strike(LOW)));
		place(3, sell(12, 100).of(strike(HIGH)));
		let legs = vec![leg(LOW, Side::Sell, 1, 100), leg(HIGH, Side::Buy, 99, 100)];
		assert_refused!(combo(1, legs.clone(), -8_000_001), Error::<Test>::CostAboveLimit);
		assert_ok!(combo(1, legs, -8_000_000));
	});
}

#[test]
fn combo_should_change_nothing_when_one_leg_does_not_fill() {
	run(|| {
		quotes();
		assert_refused!(combo(1, spread(101), i128::MAX), Error::<Test>::NotFilled);
		let beyond = vec![leg(LOW, Side::Buy, 25, 100), leg(HIGH, Side::Sell, 13, 100)];
		assert_refused!(combo(1, beyond, i128::MAX), Error::<Test>::NotFilled);
	});
}

#[test]
fn combo_should_be_refused_when_margin_does_not_suffice() {
	run(|| {
		quotes();
		change(1, |account| account.margin = POOR);
		assert_refused!(
			combo(1, spread(100), i128::MAX),
			ledger::Error::<Test>::InsufficientMargin
		);
	});
}

#[test]
fn combo_should_be_refused_without_legs_or_outside_of_the_terms() {
	run(|| {
		assert_refused!(combo(1, vec![], 0), Error::<Test>::NoLegs);
		quotes();
		let small = vec![leg(LOW, Side::Buy, 25, 4)];
		assert_refused!(combo(1, small, i128::MAX), Error::<Test>::TooFewLots);
	});
}

#[test]
fn combo_should_not_fill_against_its_owner() {
	run(|| {
		quotes();
		assert_refused!(combo(2, spread(100), i128::MAX), Error::<Test>::NotFilled);
	});
}

#[test]
fn combo_should_look_at_no_more_orders_than_a_batch_may() {
	run(|| {
		for at in [LOW, HIGH, 100] {
			for owner in 2..=12 {
				place(owner, sell(10, 5).of(strike(at)));
			}
		}
		let legs: Vec<_> = [LOW, HIGH, 100].map(|at| leg(at, Side::Buy, 10, 55)).to_vec();
		assert_refused!(combo(1, legs.clone(), i128::MAX), Error::<Test>::NotFilled);
		assert_ok!(combo(1, legs[..2].to_vec(), i128::MAX));
	});
}
