// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, types::*, Error};
use ballast_exchange::{SeriesId, SeriesStatus};
use frame_support::assert_ok;
use sp_runtime::DispatchError;

#[test]
fn dust_orders_should_be_refused_by_every_way_in() {
	run(|| {
		let order = place(1, buy(10, 20));
		assert_refused!(OrderBook::place(origin(1), 0, buy(9, 4)), Error::<Test>::TooFewLots);
		assert_refused!(
			OrderBook::replace(origin(1), 0, order, 10 * TICK, 4),
			Error::<Test>::TooFewLots
		);
		assert_refused!(
			OrderBook::replace(origin(1), 0, order, 11 * TICK, 4),
			Error::<Test>::TooFewLots
		);
		let operations = vec![Operation::Place(buy(9, 4))];
		assert_ok!(OrderBook::batch(origin(1), 0, operations, BatchMode::BestEffort));
		assert_eq!(account(1).orders.len(), 1);
	});
}

#[test]
fn a_wall_of_dead_orders_should_go_sixteen_at_a_time() {
	run(|| {
		for _ in 0..2 {
			for owner in 1..=20 {
				place(owner, sell(10, 5).till(1_000_001));
			}
		}
		Now::set(1_000_001);
		place(30, sell(10, 5));
		for left in [25, 9] {
			place(31, buy(10, 5));
			assert_eq!(depth().1, vec![(10, 5 * left, left as u32)]);
		}
		place(31, buy(10, 5));
		assert_eq!(account(31).position(&series()), 5);
	});
}

#[test]
fn a_number_should_not_come_back_when_its_order_is_gone() {
	run(|| {
		let first = place(1, buy(10, 5));
		assert_ok!(OrderBook::cancel(origin(1), 0, first));
		let second = place(1, buy(10, 5));
		assert!(second > first);
		assert_refused!(OrderBook::cancel(origin(1), 0, first), Error::<Test>::UnknownOrder);
		place(2, sell(10, 5));
		let third = place(1, buy(10, 5));
		assert!(third > second);
	});
}

#[test]
fn numbers_that_have_run_out_should_be_an_error() {
	run(|| {
		change(1, |account| account.next_order = u64::MAX);
		assert_refused!(
			OrderBook::place(origin(1), 0, buy(10, 5)),
			DispatchError::Arithmetic(sp_runtime::ArithmeticError::Overflow)
		);
	});
}

#[test]
fn shrinking_and_growing_should_not_keep_a_place_for_a_larger_order() {
	run(|| {
		let order = place(1, buy(10, 20));
		place(2, buy(10, 20));
		assert_ok!(OrderBook::replace(origin(1), 0, order, 10 * TICK, 5));
		assert_ok!(OrderBook::replace(origin(1), 0, order, 10 * TICK, 20));
		events();
		place(3, sell(10, 20));
		assert_eq!(fills(), vec![(2, 1, 10, 20)]);
	});
}

#[test]
fn a_call_should_not_reach_the_accounts_of_others() {
	run(|| {
		let order = place(1, buy(10, 20).named(3));
		assert_refused!(OrderBook::cancel(origin(2), 0, order), Error::<Test>::UnknownOrder);
		assert_refused!(
			OrderBook::cancel_by_client_id(origin(2), 0, 3),
			Error::<Test>::UnknownOrder
		);
		assert_ok!(OrderBook::cancel_all(origin(2), 0));
		assert_eq!(depth().0, vec![(10, 20, 1)]);
	});
}

#[test]
fn an_expired_series_should_take_no_order_by_any_way_in() {
	run(|| {
		let order = place(1, buy(10, 20));
		place(2, sell(12, 20));
		Status::set(SeriesStatus::Expired);
		for kind in [
			OrderKind::Limit,
			OrderKind::PostOnly,
			OrderKind::ImmediateOrCancel,
			OrderKind::FillOrKill,
		] {
			assert_refused!(
				OrderBook::place(origin(3), 0, buy(12, 20).kind(kind)),
				Error::<Test>::SeriesExpired
			);
		}
		assert_refused!(
			OrderBook::replace(origin(1), 0, order, 12 * TICK, 20),
			Error::<Test>::SeriesExpired
		);
		let leg =
			Leg { series: series(), side: ballast_exchange::Side::Buy, price: 12 * TICK, lots: 20 };
		assert_refused!(
			OrderBook::place_combo(origin(3), 0, vec![leg], i128::MAX),
			Error::<Test>::SeriesExpired
		);
	});
}

#[test]
fn a_frozen_makers_order_should_not_stop_the_book() {
	new_test_ext().execute_with(|| {
		place(1, sell(10, 5));
		place(2, sell(10, 5));
		change(1, |account| account.frozen = true);
		events();
		place(3, buy(10, 5));
		assert_eq!(account(3).position(&series()), 5);
		assert_eq!(account(1).position(&series()), 0);
		assert_ok!(OrderBook::do_try_state());
	});
}

#[test]
fn the_largest_numbers_should_not_overflow() {
	run(|| {
		TickSize::set(u64::MAX / (1 << 24));
		let price = TickSize::get() * u64::from(MAX_TICK);
		place(1, NewOrder { price, ..sell(1, 1_000_000) });
		place(2, NewOrder { price, ..buy(1, 1_000_000) });
		assert_eq!(account(2).position(&series()), 1_000_000);
		let above = NewOrder { price: u64::MAX, ..buy(1, 5) };
		assert_refused!(OrderBook::place(origin(1), 0, above), Error::<Test>::PriceOffTick);
	});
}

#[test]
fn orders_in_a_thirteenth_expiry_should_be_refused() {
	run(|| {
		let at = |later| SeriesId { expiry: EXPIRY + later, ..series() };
		for later in 0..12 {
			place(1, buy(10, 5).of(at(later)));
		}
		assert_refused!(
			OrderBook::place(origin(1), 0, buy(10, 5).of(at(12))),
			ledger::Error::<Test>::TooManyExpiries
		);
	});
}

#[test]
fn a_batch_should_not_leave_traces_of_what_it_undoes() {
	run(|| {
		for owner in 2..=12 {
			place(owner, sell(10, 5));
		}
		let before = depth();
		let killed = Operation::Place(buy(10, 56).kind(OrderKind::FillOrKill).named(1));
		let operations = vec![killed; 2];
		assert_ok!(OrderBook::batch(origin(1), 0, operations, BatchMode::BestEffort));
		assert_eq!(depth(), before);
		assert_eq!((account(1).next_order, account(1).knows(1)), (1, false));
		assert!((2..=12).all(|owner| account(owner).position(&series()) == 0));
	});
}
