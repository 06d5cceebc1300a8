// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, types::*};
use ballast_exchange::AccountKey;
use frame_support::assert_ok;

#[test]
fn an_owners_resting_order_should_be_cancelled_and_matching_go_on() {
	run(|| {
		let own = place(1, sell(10, 5));
		place(2, sell(10, 5));
		events();
		place(1, buy(10, 8));
		assert_eq!(cancelled(), vec![(1, own, 5, CancelReason::SelfTrade)]);
		assert_eq!(account(1).position(&series()), 5);
		assert_eq!(depth(), (vec![(10, 3, 1)], vec![]));
	});
}

#[test]
fn an_owner_should_not_trade_with_another_of_its_accounts() {
	run(|| {
		let other = AccountKey { owner: 1, index: 7 };
		open(other);
		assert_ok!(OrderBook::place(origin(1), 7, sell(10, 5)));
		events();
		place(1, buy(10, 8));
		assert_eq!(cancelled(), vec![(1, 1, 5, CancelReason::SelfTrade)]);
		assert!(ledger::Accounts::<Test>::get(other).unwrap().orders.is_empty());
		assert_eq!(account(1).position(&series()), 0);
		assert_eq!(depth(), (vec![(10, 8, 1)], vec![]));
	});
}

#[test]
fn cancel_incoming_should_keep_the_resting_order_and_cancel_the_rest() {
	run(|| {
		place(2, sell(9, 5));
		place(1, sell(10, 5));
		events();
		let taker = place(1, buy(10, 8).polite());
		assert_eq!(cancelled(), vec![(1, taker, 3, CancelReason::SelfTrade)]);
		assert_eq!(account(1).position(&series()), 5);
		assert_eq!(depth(), (vec![], vec![(10, 5, 1)]));
	});
}

#[test]
fn own_orders_should_count_as_steps() {
	run(|| {
		for _ in 0..16 {
			place(1, sell(10, 5));
		}
		place(2, sell(10, 5));
		events();
		place(1, buy(10, 5));
		let gone = cancelled();
		assert_eq!(gone.len(), 17);
		assert_eq!(gone.last(), Some(&(1, 17, 5, CancelReason::MatchLimit)));
		assert_eq!(depth(), (vec![], vec![(10, 5, 1)]));
	});
}

#[test]
fn post_only_should_replace_an_owners_crossing_order() {
	run(|| {
		place(1, sell(10, 5));
		place(1, buy(10, 8).kind(OrderKind::PostOnly));
		assert_eq!(depth(), (vec![(10, 8, 1)], vec![]));
	});
}
