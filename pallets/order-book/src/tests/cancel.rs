// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, types::*, Error, Event};
use ballast_exchange::SeriesStatus;
use frame_support::assert_ok;

/// Rests `count` orders of as many owners, from 1 on, at one price.
fn queue(count: u64) {
	for owner in 1..=count {
		place(owner, buy(10, 5));
	}
}

/// Owners in the order in which a taker fills them.
fn turns(lots: i64) -> Vec<u64> {
	events();
	place(40, sell(10, lots).kind(OrderKind::ImmediateOrCancel));
	fills().into_iter().map(|(owner, ..)| owner).collect()
}

#[test]
fn cancel_should_take_the_order_out_of_book_and_account() {
	run(|| {
		let order = place(1, buy(10, 20));
		events();
		assert_ok!(OrderBook::cancel(origin(1), 0, order));
		let gone = Event::OrderCancelled {
			account: key(1),
			order,
			series: series(),
			lots: 20,
			reason: CancelReason::Owner,
		};
		assert_eq!(events(), vec![gone]);
		assert!(account(1).orders.is_empty());
		assert_eq!(depth(), (vec![], vec![]));
	});
}

#[test]
fn cancel_should_refuse_an_order_the_account_does_not_have() {
	run(|| {
		let order = place(1, buy(10, 20));
		assert_refused!(OrderBook::cancel(origin(1), 0, order + 1), Error::<Test>::UnknownOrder);
		assert_refused!(OrderBook::cancel(origin(2), 0, order), Error::<Test>::UnknownOrder);
		assert_ok!(OrderBook::cancel(origin(1), 0, order));
		assert_refused!(OrderBook::cancel(origin(1), 0, order), Error::<Test>::UnknownOrder);
	});
}

#[test]
fn cancel_should_need_no_margin() {
	run(|| {
		place(1, buy(10, 20));
		change(1, |account| account.margin = POOR);
		PriceAge::set(u64::MAX);
		Checks::set(0);
		assert_ok!(OrderBook::cancel_all(origin(1), 0));
		assert_eq!(Checks::get(), 0);
	});
}

#[test]
fn cancel_should_keep_the_others_in_turn_wherever_the_order_stood() {
	// Eight stand in the front; the others are linked.
	for gone in [1, 4, 8, 9, 10, 12] {
		run(|| {
			queue(12);
			assert_ok!(OrderBook::cancel(origin(gone), 0, 1));
			check_invariants();
			let expected: Vec<u64> = (1..=12).filter(|owner| *owner != gone).collect();
			assert_eq!(turns(60), expected);
		});
	}
}

#[test]
fn cancel_should_keep_the_others_in_turn_when_the_whole_front_goes() {
	run(|| {
		queue(12);
		for owner in 1..=8 {
			assert_ok!(OrderBook::cancel(origin(owner), 0, 1));
			check_invariants();
		}
		place(1, buy(10, 5));
		assert_eq!(turns(60), vec![9, 10, 11, 12, 1]);
	});
}

#[test]
fn a_freed_place_in_the_front_should_not_be_given_to_a_newer_order() {
	run(|| {
		queue(10);
		assert_ok!(OrderBook::cancel(origin(3), 0, 1));
		place(3, buy(10, 5));
		assert_eq!(turns(60), vec![1, 2, 4, 5, 6, 7, 8, 9, 10, 3]);
	});
}

#[test]
fn cancel_all_should_cancel_every_order_of_the_account_only() {
	run(|| {
		place(1, buy(10, 5));
		place(1, sell(20, 5).of(strike(7)));
		place(2, buy(10, 5));
		events();
		assert_ok!(OrderBook::cancel_all(origin(1), 0));
		assert!(account(1).orders.is_empty());
		assert_eq!(
			cancelled(),
			vec![(1, 1, 5, CancelReason::Owner), (1, 2, 5, CancelReason::Owner)]
		);
		assert_eq!(depth().0, vec![(10, 5, 1)]);
		assert_ok!(OrderBook::cancel_all(origin(1), 0));
	});
}

#[test]
fn cancel_series_should_leave_the_orders_of_other_series() {
	run(|| {
		place(1, buy(10, 5));
		let kept = place(1, sell(20, 5).of(strike(7)));
		place(1, buy(9, 5));
		assert_ok!(OrderBook::cancel_series(origin(1), 0, series()));
		assert_eq!(account(1).orders.iter().map(|order| order.id).collect::<Vec<_>>(), vec![kept]);
		assert_ok!(OrderBook::cancel_series(origin(1), 0, series()));
	});
}

#[test]
fn cancel_should_go_on_when_the_series_has_expired_or_is_paused() {
	for status in [SeriesStatus::Expired, SeriesStatus::ReduceOnly, SeriesStatus::Settling] {
		run(|| {
			let order = place(1, buy(10, 5));
			Status::set(status);
			assert_ok!(OrderBook::cancel(origin(1), 0, order));
			assert_eq!(depth(), (vec![], vec![]));
		});
	}
}

#[test]
fn cancel_should_succeed_when_the_book_is_pruned_already() {
	run(|| {
		let order = place(1, buy(10, 5));
		Status::set(SeriesStatus::Settled);
		Pruning::set(Some((1, EXPIRY)));
		OrderBook::prune(frame_support::weights::Weight::MAX);
		assert_ok!(OrderBook::cancel(origin(1), 0, order));
		assert!(account(1).orders.is_empty());
	});
}

#[test]
fn cancel_all_for_a_liquidation_should_empty_an_account() {
	run(|| {
		place(1, buy(10, 5));
		place(1, sell(20, 5).of(strike(7)));
		events();
		let mut liquidated = account(1);
		<OrderBook as ballast_exchange::OrderCanceller<_>>::cancel_all(&key(1), &mut liquidated);
		assert!(liquidated.orders.is_empty());
		change(1, |account| *account = liquidated);
		assert_eq!(cancelled().len(), 2);
		assert_eq!(depth(), (vec![], vec![]));
	});
}
