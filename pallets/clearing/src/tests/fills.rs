// SPDX-License-Identifier: Apache-2.0
//! Fills: lots, premium, fees, bounds.

use super::*;
use crate::{FeesCollected, OpenInterest};
use frame_support::assert_noop;

const PRICE: OptionPrice = 8_000_000_000;

fn fill(series: SeriesId, lots: Lots, price: OptionPrice) -> Fill {
	Fill { series, taker_side: Side::Buy, price, lots }
}

fn storage_root() -> Vec<u8> {
	sp_io::storage::root(sp_runtime::StateVersion::V1)
}

/// What a fill answers that must leave accounts and storage alone.
fn refused(fill: &Fill, maker: &Account, taker: &Account) -> DispatchError {
	let (mut first, mut second) = (maker.clone(), taker.clone());
	let root = storage_root();
	let answer = Clearing::fill(fill, &mut first, &mut second);
	assert_eq!(root, storage_root());
	assert_eq!((&first, &second), (maker, taker));
	answer.expect_err("must be refused")
}

#[test]
fn fill_should_move_lots_premium_and_fees() {
	run(|| {
		let (alice, bob) = two_traders();
		let before = (cash(&alice), cash(&bob));
		let fees = trade(&alice, &bob, call(100_000), Side::Buy, 50, PRICE).unwrap();
		// Half a contract: 0.01 % and 0.03 % of 50 000 dollars.
		assert_eq!(fees, Fees { maker: 5 * USD, taker: 15 * USD });
		assert_eq!(cash(&alice), before.0 + 4_000 * USD - 5 * USD);
		assert_eq!(cash(&bob), before.1 - 4_000 * USD - 15 * USD);
		assert_eq!(FeesCollected::<Test>::get(), 20 * USD as u128);
		assert_eq!(account(&alice).position(&call(100_000)), -50);
		assert_eq!(account(&bob).position(&call(100_000)), 50);
		assert_eq!(OpenInterest::<Test>::get(call(100_000)), 50);
	});
}

#[test]
fn fill_should_cap_the_fee_by_the_premium_and_round_it_up() {
	run(|| {
		let (alice, bob) = two_traders();
		// A premium of 1 micro-USD for one lot: an eighth of it, rounded up, is 1.
		let fees = trade(&alice, &bob, call(120_000), Side::Buy, 1, 100).unwrap();
		assert_eq!(fees, Fees { maker: 1, taker: 1 });
		// A premium of 3 dollars per contract: 0.375 dollars at most.
		let fees = trade(&alice, &bob, call(120_000), Side::Buy, 100, 3_000_000).unwrap();
		assert_eq!(fees, Fees { maker: 375_000, taker: 375_000 });
	});
}

#[test]
fn fill_should_keep_what_a_cost_of_no_whole_number_leaves() {
	run(|| {
		state(|state| {
			let terms = state.terms.get_mut(&BTC).unwrap();
			(terms.maker_fee_ppb, terms.taker_fee_ppb) = (0, 0);
		});
		let (alice, bob) = two_traders();
		let before = (cash(&alice), cash(&bob));
		// 150 micro-USD per contract of 100 lots: one lot costs 1.5.
		assert_ok!(trade(&alice, &bob, call(120_000), Side::Buy, 1, 150));
		assert_eq!((cash(&alice) - before.0, cash(&bob) - before.1), (1, -2));
		assert_eq!(FeesCollected::<Test>::get(), 1);
	});
}

#[test]
fn fill_should_keep_positions_in_order_and_drop_those_of_zero() {
	run(|| {
		let (alice, bob) = two_traders();
		let mixed = [put(90_000), call(110_000), call(90_000), series(2, 80_000, OptionKind::Put)];
		for series in mixed {
			assert_ok!(trade(&alice, &bob, series, Side::Buy, 2, 1_000_000_000));
		}
		let held: Vec<SeriesId> = account(&bob).positions.iter().map(|it| it.series).collect();
		assert_eq!(held, [call(90_000), put(90_000), call(110_000), mixed[3]]);
		assert_ok!(trade(&alice, &bob, put(90_000), Side::Sell, 2, 1_000_000_000));
		assert_eq!(account(&bob).positions.len(), 3);
		assert_eq!(account(&alice).position(&put(90_000)), 0);
		assert!(!OpenInterest::<Test>::contains_key(put(90_000)));
	});
}

#[test]
fn fill_should_count_open_interest_once_when_a_position_changes_hands_or_sign() {
	run(|| {
		let (alice, bob) = two_traders();
		let carol = open_with(CAROL, MarginKind::Portfolio(BTC), 500_000);
		let open = || OpenInterest::<Test>::get(call(100_000));
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 10, PRICE));
		// Bob sells on to Carol.
		assert_ok!(trade(&bob, &carol, call(100_000), Side::Buy, 10, PRICE));
		assert_eq!(open(), 10);
		// Alice turns from 10 short to 5 long, Carol from 10 long to 5 short.
		assert_ok!(trade(&carol, &alice, call(100_000), Side::Buy, 15, PRICE));
		assert_eq!(open(), 5);
		assert_eq!(account(&alice).position(&call(100_000)), 5);
	});
}

#[test]
fn fill_should_bound_open_interest_for_increases_only() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 10, PRICE));
		state(|state| state.terms.get_mut(&BTC).unwrap().max_open_interest = 5);
		let pair = (account(&alice), account(&bob));
		let more = fill(call(100_000), 1, PRICE);
		assert_eq!(refused(&more, &pair.0, &pair.1), is(Error::OpenInterestReached));
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Sell, 2, PRICE));
		assert_eq!(OpenInterest::<Test>::get(call(100_000)), 8);
	});
}

#[test]
fn fill_should_refuse_nonsense_and_leave_both_accounts_alone() {
	run(|| {
		let (alice, bob) = two_traders();
		let (alice, bob) = (account(&alice), account(&bob));
		let series = call(100_000);
		for wrong in [fill(series, 0, PRICE), fill(series, -1, PRICE), fill(series, 1, 0)] {
			assert_eq!(refused(&wrong, &alice, &bob), is(Error::InvalidFill));
		}
		assert_eq!(refused(&fill(series, i64::MAX, PRICE), &alice, &bob), is(Error::InvalidFill));
		let huge = fill(series, 1 << 40, u64::MAX);
		assert_eq!(refused(&huge, &alice, &bob), is(Error::AmountTooLarge));
		let other = fill(eth_call(4_000), 1, PRICE);
		assert_eq!(refused(&other, &alice, &bob), is(Error::NotItsUnderlying));
		let unknown = fill(SeriesId { underlying: 9, ..series }, 1, PRICE);
		assert_eq!(refused(&unknown, &alice, &bob), is(Error::UnknownUnderlying));
		state(|state| state.spots.clear());
		assert_eq!(refused(&fill(series, 1, PRICE), &alice, &bob), is(Error::PricesMissing));
	});
}

#[test]
fn fill_should_leave_the_maker_alone_when_the_taker_cannot_take_it() {
	run(|| {
		let alice = Account::new(MarginKind::Standard);
		let mut bob = Account::new(MarginKind::Standard);
		for strike in 1..=128 {
			let position = Position { series: call(strike), lots: 1 };
			bob.positions.try_push(position).unwrap();
		}
		let one = fill(call(100_000), 1, PRICE);
		assert_eq!(refused(&one, &alice, &bob), is(Error::TooManyPositions));
		assert_eq!(refused(&one, &bob, &alice), is(Error::TooManyPositions));
		let mut full = Account::new(MarginKind::Standard);
		let position = Position { series: call(100_000), lots: 1 << 40 };
		full.positions.try_push(position).unwrap();
		assert_eq!(refused(&one, &alice, &full), is(Error::AmountTooLarge));
	});
}

#[test]
fn fill_should_need_initial_margin_of_both_sides() {
	run(|| {
		let alice = open_with(ALICE, MarginKind::Portfolio(BTC), 1_000);
		let bob = open_with(BOB, MarginKind::Portfolio(BTC), 500_000);
		// Alice would be short a call with a thousand dollars.
		let sell = || trade(&alice, &bob, call(100_000), Side::Buy, 100, PRICE);
		assert_noop!(sell(), Error::<Test>::InsufficientMargin);
		let buy = || trade(&bob, &alice, call(100_000), Side::Buy, 100, PRICE);
		assert_noop!(buy(), Error::<Test>::InsufficientMargin);
		assert_ok!(trade(&bob, &alice, call(100_000), Side::Buy, 1, PRICE));
	});
}

#[test]
fn fee_of_should_be_the_larger_of_the_two_fees() {
	run(|| {
		let prices = &mut PriceCache::default();
		assert_eq!(Clearing::fee_of(prices, &call(100_000), 100, PRICE), 30 * USD);
		assert_eq!(Clearing::fee_of(prices, &call(100_000), 100, 3_000_000), 375_000);
		assert_eq!(Clearing::fee_of(prices, &SeriesId { underlying: 9, ..call(1) }, 1, 1), 0);
	});
}

#[test]
fn store_should_fail_when_a_position_is_of_another_underlying() {
	run(|| {
		let alice = open_with(ALICE, MarginKind::Portfolio(BTC), 1_000);
		let mut wrong = account(&alice);
		wrong.positions.try_push(Position { series: eth_call(4_000), lots: 1 }).unwrap();
		assert_eq!(Clearing::store(&alice, wrong), Err(is(Error::NotItsUnderlying)));
	});
}
