// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, types::*, Error, Event};
use ballast_exchange::SeriesStatus;
use frame_support::assert_ok;

fn turns() -> Vec<u64> {
	events();
	place(40, sell(1, 200).kind(OrderKind::ImmediateOrCancel));
	fills().into_iter().map(|(owner, ..)| owner).collect()
}

#[test]
fn replace_should_keep_the_place_when_only_the_size_falls() {
	run(|| {
		let order = place(1, buy(10, 20));
		place(2, buy(10, 20));
		events();
		Checks::set(0);
		assert_ok!(OrderBook::replace(origin(1), 0, order, 10 * TICK, 8));
		let replaced = Event::OrderReplaced {
			account: key(1),
			order,
			series: series(),
			price: 10 * TICK,
			lots: 8,
			keeps_place: true,
		};
		assert_eq!(events(), vec![replaced]);
		assert_eq!(Checks::get(), 0);
		assert_eq!(depth().0, vec![(10, 28, 2)]);
		assert_eq!(turns(), vec![1, 2]);
	});
}

#[test]
fn replace_should_go_to_the_end_when_the_size_grows() {
	run(|| {
		let order = place(1, buy(10, 20));
		place(2, buy(10, 20));
		Checks::set(0);
		assert_ok!(OrderBook::replace(origin(1), 0, order, 10 * TICK, 21));
		assert_eq!(Checks::get(), 1);
		assert_eq!(turns(), vec![2, 1]);
	});
}

#[test]
fn replace_should_move_to_another_price_and_keep_number_and_client_id() {
	run(|| {
		let order = place(1, buy(10, 20).named(7).till(1_500_000));
		let later = place(1, buy(8, 5));
		events();
		assert_ok!(OrderBook::replace(origin(1), 0, order, 11 * TICK, 15));
		let ids: Vec<_> = account(1).orders.iter().map(|order| order.id).collect();
		assert_eq!(ids, vec![order, later]);
		let moved = account(1).orders[0];
		assert_eq!((moved.price, moved.lots), (11 * TICK, 15));
		assert_eq!((moved.client_id, moved.good_till), (Some(7), Some(1_500_000)));
		assert!(matches!(
			events().as_slice(),
			[Event::OrderReplaced { keeps_place: false, .. }, Event::OrderPlaced { .. }]
		));
		assert_eq!(depth().0, vec![(11, 15, 1), (8, 5, 1)]);
	});
}

#[test]
fn replace_should_trade_when_the_new_price_crosses() {
	run(|| {
		place(2, sell(12, 5));
		let order = place(1, buy(10, 20));
		events();
		assert_ok!(OrderBook::replace(origin(1), 0, order, 12 * TICK, 20));
		assert_eq!(account(1).position(&series()), 5);
		assert_eq!(depth(), (vec![(12, 15, 1)], vec![]));
		assert_eq!(account(1).orders[0].id, order);
	});
}

#[test]
fn replace_should_change_nothing_when_refused() {
	run(|| {
		let order = place(1, buy(10, 20));
		for (price, lots, error) in [
			(10 * TICK + 1, 20, Error::<Test>::PriceOffTick),
			(0, 20, Error::<Test>::PriceOffTick),
			(10 * TICK, 4, Error::<Test>::TooFewLots),
			(10 * TICK, 0, Error::<Test>::TooFewLots),
			(10 * TICK, -1, Error::<Test>::TooFewLots),
			(11 * TICK, 1_000_001, Error::<Test>::TooManyLots),
			(u64::from(MAX_TICK) * TICK + TICK, 20, Error::<Test>::PriceTooHigh),
		] {
			assert_refused!(OrderBook::replace(origin(1), 0, order, price, lots), error);
		}
		assert_refused!(
			OrderBook::replace(origin(2), 0, order, 9 * TICK, 20),
			Error::<Test>::UnknownOrder
		);
		Status::set(SeriesStatus::Expired);
		assert_refused!(
			OrderBook::replace(origin(1), 0, order, 9 * TICK, 20),
			Error::<Test>::SeriesExpired
		);
		Status::set(SeriesStatus::Trading);
	});
}

#[test]
fn replace_should_be_refused_when_margin_does_not_suffice() {
	run(|| {
		let order = place(1, buy(10, 20));
		change(1, |account| account.margin = POOR);
		assert_refused!(
			OrderBook::replace(origin(1), 0, order, 10 * TICK, 21),
			ledger::Error::<Test>::InsufficientMargin
		);
		assert_ok!(OrderBook::replace(origin(1), 0, order, 10 * TICK, 19));
	});
}

#[test]
fn replace_should_succeed_at_sixty_four_resting_orders() {
	run(|| {
		for at in 1..=64 {
			place(1, buy(at, 5));
		}
		assert_ok!(OrderBook::replace(origin(1), 0, 30, 100 * TICK, 5));
		assert_eq!(account(1).orders.len(), 64);
		assert_eq!(OrderBook::best(&series()).0, Some((100 * TICK, 5, 1)));
	});
}

#[test]
fn replace_should_be_refused_when_a_reduce_only_order_has_no_position_left() {
	run(|| {
		give(1, 20);
		let order = place(1, sell(10, 20).reducing());
		give(1, -20);
		assert_refused!(
			OrderBook::replace(origin(1), 0, order, 11 * TICK, 20),
			Error::<Test>::NothingToReduce
		);
	});
}
