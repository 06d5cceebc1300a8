// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, types::*, Error, Event};
use ballast_exchange::{OpenOrder, OptionPrice, SeriesStatus, Side, MAX_RESTING_ORDERS};
use frame_support::assert_ok;

#[test]
fn place_should_rest_a_limit_order_when_nothing_crosses() {
	run(|| {
		assert_ok!(OrderBook::place(origin(1), 0, buy(10, 20).named(7).till(1_500_000)));

		let order = OpenOrder {
			id: 1,
			client_id: Some(7),
			series: series(),
			side: Side::Buy,
			price: 10 * TICK,
			lots: 20,
			reduce_only: false,
			good_till: Some(1_500_000),
		};
		assert_eq!(account(1).orders.to_vec(), vec![order]);
		assert_eq!(account(1).next_order, 2);
		assert_eq!(events(), vec![Event::OrderPlaced { account: key(1), order }]);
		assert_eq!(depth(), (vec![(10, 20, 1)], vec![]));
	});
}

#[test]
fn place_should_store_the_account_once_and_check_margin_once() {
	run(|| {
		place(1, buy(10, 20));
		assert_eq!((Stores::get(), Checks::get()), (vec![key(1)], 1));
	});
}

#[test]
fn depth_should_sum_levels_and_go_from_the_best() {
	run(|| {
		for (owner, order) in [
			(1, buy(10, 5)),
			(2, buy(12, 6)),
			(3, buy(12, 7)),
			(4, buy(3, 8)),
			(5, sell(20, 9)),
			(6, sell(70_000, 10)),
			(7, sell(300, 11)),
		] {
			place(owner, order);
		}
		let bids = vec![(12, 13, 2), (10, 5, 1), (3, 8, 1)];
		let asks = vec![(20, 9, 1), (300, 11, 1), (70_000, 10, 1)];
		assert_eq!(depth(), (bids, asks));
		assert_eq!(OrderBook::best(&series()), (Some((12 * TICK, 13, 2)), Some((20 * TICK, 9, 1))));
		assert_eq!(OrderBook::depth(&series(), 1).0.len(), 1);
		assert_eq!(OrderBook::depth(&strike(5), 9), (vec![], vec![]));
	});
}

#[test]
fn best_should_follow_when_levels_in_other_nodes_of_the_tree_go() {
	run(|| {
		let ticks = [1, 255, 256, 65_535, 65_536, 131_072, u64::from(MAX_TICK)];
		let orders: Vec<_> = ticks.iter().map(|at| (*at, place(1, sell(*at, 5)))).collect();
		for (at, order) in orders {
			let best = OrderBook::best(&series()).1.map(|(price, ..)| price);
			assert_eq!(best, Some(at * TICK));
			assert_ok!(OrderBook::cancel(origin(1), 0, order));
		}
		assert_eq!(OrderBook::best(&series()), (None, None));
		assert_eq!(crate::Books::<Test>::iter().count(), 0);
		assert_eq!(crate::Branches::<Test>::iter().count(), 0);
		assert_eq!(crate::Levels::<Test>::iter().count(), 0);
	});
}

#[test]
fn place_should_refuse_what_is_outside_of_the_terms() {
	run(|| {
		let off_tick = NewOrder { price: 10 * TICK + 1, ..buy(10, 5) };
		let highest = OptionPrice::from(MAX_TICK);
		for (order, error) in [
			(buy(0, 5), Error::<Test>::PriceOffTick),
			(off_tick, Error::<Test>::PriceOffTick),
			(buy(highest + 1, 5), Error::<Test>::PriceTooHigh),
			(NewOrder { price: u64::MAX / TICK * TICK, ..buy(1, 5) }, Error::<Test>::PriceTooHigh),
			(buy(10, 4), Error::<Test>::TooFewLots),
			(buy(10, 0), Error::<Test>::TooFewLots),
			(buy(10, -5), Error::<Test>::TooFewLots),
			(buy(10, i64::MIN), Error::<Test>::TooFewLots),
			(buy(10, 1_000_001), Error::<Test>::TooManyLots),
			(buy(10, i64::MAX), Error::<Test>::TooManyLots),
			(buy(10, 5).till(Now::get()), Error::<Test>::GoodTillPassed),
			(buy(10, 5).till(0), Error::<Test>::GoodTillPassed),
		] {
			assert_refused!(OrderBook::place(origin(1), 0, order), error);
		}
		place(1, buy(highest, 5));
	});
}

#[test]
fn place_should_refuse_a_series_that_is_not_trading() {
	run(|| {
		let unknown = ballast_exchange::SeriesId { underlying: 9, ..series() };
		assert_refused!(
			OrderBook::place(origin(1), 0, buy(10, 5).of(unknown)),
			Error::<Test>::UnknownSeries
		);
		for status in [SeriesStatus::Expired, SeriesStatus::Settling, SeriesStatus::Settled] {
			Status::set(status);
			assert_refused!(
				OrderBook::place(origin(1), 0, buy(10, 5)),
				Error::<Test>::SeriesExpired
			);
		}
	});
}

#[test]
fn place_should_refuse_the_sixty_fifth_resting_order() {
	run(|| {
		for at in 1..=u64::from(MAX_RESTING_ORDERS) {
			place(1, buy(at, 5));
		}
		assert_refused!(OrderBook::place(origin(1), 0, buy(99, 5)), Error::<Test>::TooManyOrders);
		// One that does not rest is no further order.
		place(2, sell(200, 5));
		place(1, buy(200, 5));
		assert_eq!(account(1).orders.len(), 64);
	});
}

#[test]
fn place_should_refuse_an_account_that_cannot_trade() {
	run(|| {
		assert_refused!(
			OrderBook::place(origin(99), 0, buy(10, 5)),
			ledger::Error::<Test>::UnknownAccount
		);
		assert_refused!(
			OrderBook::place(origin(1), 3, buy(10, 5)),
			ledger::Error::<Test>::UnknownAccount
		);
		change(1, |account| account.frozen = true);
		assert_refused!(OrderBook::place(origin(1), 0, buy(10, 5)), ledger::Error::<Test>::Frozen);
		assert_refused!(
			OrderBook::place(RuntimeOrigin::root(), 0, buy(10, 5)),
			sp_runtime::DispatchError::BadOrigin
		);
	});
}

#[test]
fn place_should_use_the_books_tick_until_it_is_empty_when_governance_changes_it() {
	run(|| {
		let old = place(1, buy(10, 5));
		TickSize::set(TICK / 2);
		let finer = NewOrder { price: 10 * TICK + TICK / 2, ..buy(10, 5) };
		assert_refused!(OrderBook::place(origin(2), 0, finer), Error::<Test>::PriceOffTick);
		place(2, buy(11, 5));
		assert_eq!(depth().0, vec![(11, 5, 1), (10, 5, 1)]);

		assert_ok!(OrderBook::cancel(origin(1), 0, old));
		assert_ok!(OrderBook::cancel_all(origin(2), 0));
		place(2, finer);
		assert_eq!(OrderBook::best(&series()).0, Some((finer.price, 5, 1)));
	});
}
