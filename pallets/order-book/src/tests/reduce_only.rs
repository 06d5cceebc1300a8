// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, types::*, Error, Event};
use ballast_exchange::SeriesStatus;
use frame_support::assert_ok;

#[test]
fn reduce_only_should_be_refused_when_there_is_nothing_to_reduce() {
	run(|| {
		assert_refused!(
			OrderBook::place(origin(1), 0, sell(10, 5).reducing()),
			Error::<Test>::NothingToReduce
		);
		give(1, -10);
		assert_refused!(
			OrderBook::place(origin(1), 0, sell(10, 5).reducing()),
			Error::<Test>::NothingToReduce
		);
	});
}

#[test]
fn reduce_only_should_trade_no_more_than_the_position() {
	run(|| {
		give(1, -7);
		place(2, sell(10, 50));
		place(1, buy(10, 50).reducing());
		assert_eq!(account(1).position(&series()), 0);
		assert!(account(1).orders.is_empty());
		assert_eq!(depth().1, vec![(10, 43, 1)]);
	});
}

#[test]
fn reduce_only_should_rest_no_more_than_the_position() {
	run(|| {
		give(1, 7);
		place(1, sell(10, 50).reducing());
		assert_eq!(depth().1, vec![(10, 7, 1)]);
	});
}

#[test]
fn a_resting_reduce_only_order_should_shrink_when_the_position_has() {
	run(|| {
		give(1, 20);
		let order = place(1, sell(10, 20).reducing());
		give(1, -12);
		events();
		place(2, buy(10, 20));
		let all = events();
		let reduced = Event::OrderReduced { account: key(1), order, series: series(), lots: 8 };
		assert_eq!(all.first(), Some(&reduced));
		assert_eq!(account(1).position(&series()), 0);
		assert_eq!(account(2).position(&series()), 8);
		assert_eq!(depth(), (vec![(10, 12, 1)], vec![]));
	});
}

#[test]
fn a_shrunk_reduce_only_order_should_keep_its_place_when_filled_in_part() {
	run(|| {
		give(1, 20);
		place(1, sell(10, 20).reducing());
		place(3, sell(10, 5));
		give(1, -12);
		place(2, buy(10, 6));
		assert_eq!(account(1).orders[0].lots, 2);
		assert_eq!(depth().1, vec![(10, 7, 2)]);
	});
}

#[test]
fn a_resting_reduce_only_order_should_vanish_when_the_position_has() {
	run(|| {
		give(1, 20);
		let order = place(1, sell(10, 20).reducing());
		place(3, sell(11, 5));
		give(1, -30);
		events();
		place(2, buy(11, 5));
		assert_eq!(cancelled(), vec![(1, order, 20, CancelReason::ReduceOnly)]);
		assert_eq!((account(1).position(&series()), account(2).position(&series())), (-10, 5));
	});
}

#[test]
fn two_reduce_only_orders_should_not_turn_the_position_around() {
	run(|| {
		give(1, 10);
		place(1, sell(10, 10).reducing());
		place(1, sell(10, 10).reducing());
		place(2, buy(10, 20));
		assert_eq!(account(1).position(&series()), 0);
		assert_eq!(account(2).position(&series()), 10);
	});
}

#[test]
fn a_paused_underlying_should_take_reduce_only_orders_alone() {
	run(|| {
		give(1, 10);
		let order = place(3, buy(10, 20));
		Status::set(SeriesStatus::ReduceOnly);
		assert_refused!(OrderBook::place(origin(1), 0, sell(10, 5)), Error::<Test>::OnlyReducing);
		assert_refused!(
			OrderBook::replace(origin(3), 0, order, 11 * TICK, 20),
			Error::<Test>::OnlyReducing
		);
		assert_ok!(OrderBook::replace(origin(3), 0, order, 10 * TICK, 15));
		place(1, sell(10, 10).reducing());
		assert_eq!(account(1).position(&series()), 0);
	});
}

#[test]
fn fill_or_kill_with_reduce_only_should_need_the_position_to_fill_and_no_more() {
	run(|| {
		give(1, 7);
		place(2, buy(10, 7));
		place(1, sell(10, 50).reducing().kind(OrderKind::FillOrKill));
		assert_eq!(account(1).position(&series()), 0);
	});
}
