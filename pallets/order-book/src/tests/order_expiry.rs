// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, types::*, Error};
use frame_support::assert_ok;

const TILL: u64 = 1_000_100;

#[test]
fn matching_should_remove_orders_whose_time_is_over() {
	run(|| {
		let over = place(1, sell(10, 5).till(TILL));
		place(2, sell(10, 5).till(TILL + 1));
		Now::set(TILL);
		events();
		place(3, buy(10, 5));
		assert_eq!(account(1).position(&series()), 0);
		assert_eq!(account(2).position(&series()), -5);
		assert!(account(1).order(over).is_none());
	});
}

#[test]
fn an_order_should_fill_until_its_time_is_over() {
	run(|| {
		place(1, sell(10, 5).till(TILL));
		Now::set(TILL - 1);
		place(3, buy(10, 5));
		assert_eq!(account(1).position(&series()), -5);
	});
}

#[test]
fn remove_expired_should_let_anyone_remove_an_order_whose_time_is_over() {
	run(|| {
		let order = place(1, sell(10, 5).till(TILL));
		Now::set(TILL);
		events();
		assert_ok!(OrderBook::remove_expired(origin(77), 1, 0, order));
		assert_eq!(cancelled(), vec![(1, order, 5, CancelReason::Expired)]);
		assert!(account(1).orders.is_empty());
		assert_eq!(depth(), (vec![], vec![]));
	});
}

#[test]
fn remove_expired_should_refuse_an_order_that_has_time_left() {
	run(|| {
		let timed = place(1, sell(10, 5).till(TILL));
		let endless = place(1, sell(10, 5));
		Now::set(TILL - 1);
		for order in [timed, endless] {
			assert_refused!(
				OrderBook::remove_expired(origin(77), 1, 0, order),
				Error::<Test>::NotExpired
			);
		}
		assert_refused!(
			OrderBook::remove_expired(origin(77), 1, 0, 9),
			Error::<Test>::UnknownOrder
		);
		assert_refused!(
			OrderBook::remove_expired(origin(77), 99, 0, 1),
			ledger::Error::<Test>::UnknownAccount
		);
	});
}

#[test]
fn orders_whose_time_is_over_should_count_as_steps() {
	run(|| {
		for owner in 1..=16 {
			place(owner, sell(10, 5).till(TILL));
		}
		place(17, sell(10, 5));
		Now::set(TILL);
		events();
		let taker = place(30, buy(10, 5));
		let gone = cancelled();
		assert_eq!(gone.len(), 17);
		assert_eq!(gone.last(), Some(&(30, taker, 5, CancelReason::MatchLimit)));
	});
}

#[test]
fn replace_should_refuse_an_order_whose_time_is_over() {
	run(|| {
		let order = place(1, sell(10, 5).till(TILL));
		Now::set(TILL);
		assert_refused!(
			OrderBook::replace(origin(1), 0, order, 11 * TICK, 5),
			Error::<Test>::GoodTillPassed
		);
	});
}
