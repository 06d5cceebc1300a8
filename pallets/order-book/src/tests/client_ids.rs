// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, types::*, Error};
use ballast_exchange::MAX_RECENT_CLIENT_IDS;
use frame_support::assert_ok;

#[test]
fn a_client_id_should_be_refused_the_second_time() {
	run(|| {
		place(1, buy(10, 5).named(7));
		assert_refused!(
			OrderBook::place(origin(1), 0, buy(11, 9).named(7)),
			Error::<Test>::DuplicateClientOrderId
		);
		// Other accounts have numbers of their own.
		place(2, buy(10, 5).named(7));
	});
}

#[test]
fn a_client_id_should_be_refused_when_its_order_is_gone() {
	run(|| {
		place(1, buy(10, 5).named(7).kind(OrderKind::ImmediateOrCancel));
		assert_refused!(
			OrderBook::place(origin(1), 0, buy(10, 5).named(7)),
			Error::<Test>::DuplicateClientOrderId
		);
	});
}

#[test]
fn a_client_id_should_be_free_when_its_order_was_refused() {
	run(|| {
		place(2, sell(10, 5));
		assert_refused!(
			OrderBook::place(origin(1), 0, buy(10, 5).named(7).kind(OrderKind::PostOnly)),
			Error::<Test>::WouldCross
		);
		place(1, buy(9, 5).named(7));
	});
}

#[test]
fn a_resting_orders_client_id_should_be_refused_however_many_came_after() {
	run(|| {
		place(1, buy(10, 5).named(7));
		for client_id in 100..=100 + u64::from(MAX_RECENT_CLIENT_IDS) {
			place(1, buy(9, 5).named(client_id).kind(OrderKind::ImmediateOrCancel));
		}
		assert_refused!(
			OrderBook::place(origin(1), 0, buy(10, 5).named(7)),
			Error::<Test>::DuplicateClientOrderId
		);
		assert_ok!(OrderBook::cancel_by_client_id(origin(1), 0, 7));
		place(1, buy(10, 5).named(7));
	});
}

#[test]
fn cancel_by_client_id_should_cancel_the_order_that_has_it() {
	run(|| {
		place(1, buy(10, 5).named(7));
		let other = place(1, buy(10, 5).named(8));
		assert_ok!(OrderBook::cancel_by_client_id(origin(1), 0, 7));
		assert_eq!(account(1).orders.iter().map(|order| order.id).collect::<Vec<_>>(), [other]);
		assert_refused!(
			OrderBook::cancel_by_client_id(origin(1), 0, 7),
			Error::<Test>::UnknownOrder
		);
	});
}
