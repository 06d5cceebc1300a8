// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, types::*, Error};
use frame_support::assert_ok;

#[test]
fn post_only_should_rest_whole_when_it_does_not_cross() {
	run(|| {
		place(1, sell(10, 5));
		place(2, buy(9, 50).kind(OrderKind::PostOnly));
		assert_eq!(depth(), (vec![(9, 50, 1)], vec![(10, 5, 1)]));
	});
}

#[test]
fn post_only_should_be_refused_when_it_would_cross() {
	run(|| {
		place(1, sell(10, 5));
		for ticks in [10, 11] {
			assert_refused!(
				OrderBook::place(origin(2), 0, buy(ticks, 5).kind(OrderKind::PostOnly)),
				Error::<Test>::WouldCross
			);
		}
	});
}

#[test]
fn post_only_should_rest_when_all_that_it_crosses_is_over() {
	run(|| {
		place(1, sell(10, 5).till(Now::get() + 1));
		Now::mutate(|now| *now += 1);
		place(2, buy(11, 5).kind(OrderKind::PostOnly));
		assert_eq!(depth(), (vec![(11, 5, 1)], vec![]));
	});
}

#[test]
fn immediate_or_cancel_should_cancel_what_does_not_fill() {
	run(|| {
		place(1, sell(10, 5));
		place(2, sell(12, 5));
		events();
		let taker = place(3, buy(11, 20).kind(OrderKind::ImmediateOrCancel));
		assert_eq!(cancelled(), vec![(3, taker, 15, CancelReason::ImmediateRemainder)]);
		assert!(account(3).orders.is_empty());
		assert_eq!(account(3).position(&series()), 5);
	});
}

#[test]
fn immediate_or_cancel_should_succeed_when_nothing_fills() {
	run(|| {
		let taker = place(3, buy(11, 20).kind(OrderKind::ImmediateOrCancel));
		assert_eq!(cancelled(), vec![(3, taker, 20, CancelReason::ImmediateRemainder)]);
	});
}

#[test]
fn fill_or_kill_should_fill_whole() {
	run(|| {
		place(1, sell(10, 5));
		place(2, sell(11, 15));
		assert_ok!(OrderBook::place(origin(3), 0, buy(11, 20).kind(OrderKind::FillOrKill)));
		assert_eq!(account(3).position(&series()), 20);
		assert_eq!(depth(), (vec![], vec![]));
	});
}

#[test]
fn fill_or_kill_should_change_nothing_when_the_book_holds_too_little() {
	run(|| {
		place(1, sell(10, 5));
		place(2, sell(11, 15));
		for order in [buy(11, 21), buy(10, 6), buy(9, 5)] {
			assert_refused!(
				OrderBook::place(origin(3), 0, order.kind(OrderKind::FillOrKill)),
				Error::<Test>::NotFilled
			);
		}
	});
}

#[test]
fn fill_or_kill_should_change_nothing_when_it_takes_more_than_sixteen_orders() {
	run(|| {
		for owner in 1..=17 {
			place(owner, sell(10, 5));
		}
		assert_refused!(
			OrderBook::place(origin(30), 0, buy(10, 85).kind(OrderKind::FillOrKill)),
			Error::<Test>::NotFilled
		);
		assert_ok!(OrderBook::place(origin(30), 0, buy(10, 80).kind(OrderKind::FillOrKill)));
	});
}
