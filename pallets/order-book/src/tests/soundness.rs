// SPDX-License-Identifier: Apache-2.0
//! `try_state` sees each kind of fault.

use crate::{mock::*, types::*, Bits, Books, Branches, Error, Levels, Queued};
use ballast_exchange::{OpenOrder, Side};
use sp_runtime::TryRuntimeError;

fn ticks(tick: u32) -> LevelKey {
	LevelKey { strike: series().strike, kind: series().kind, side: Side::Buy, tick }
}

const AT: (u16, u64) = (1, EXPIRY);

/// The fault found in a book of ten bids after `damage`.
fn fault(damage: impl FnOnce()) -> &'static str {
	let mut found = "";
	new_test_ext().execute_with(|| {
		for owner in 1..=10 {
			place(owner, buy(10, 5));
		}
		check_invariants();
		damage();
		let Err(TryRuntimeError::Other(message)) = OrderBook::do_try_state() else {
			panic!("no fault was found")
		};
		found = message;
	});
	found
}

#[test]
fn try_state_should_find_wrong_sums() {
	let more = |level: &mut Option<Level<u64>>| level.as_mut().unwrap().lots += 1;
	assert_eq!(
		fault(|| Levels::<Test>::mutate(AT, ticks(10), more)),
		"order-book: a level's lots are wrong"
	);
	let more = |level: &mut Option<Level<u64>>| level.as_mut().unwrap().count += 1;
	assert_eq!(
		fault(|| Levels::<Test>::mutate(AT, ticks(10), more)),
		"order-book: a level counts its orders wrongly"
	);
}

#[test]
fn try_state_should_find_orders_that_are_not_where_they_belong() {
	assert_eq!(
		fault(|| change(10, |account| account.orders = Default::default())),
		"order-book: an order of no account"
	);
	assert_eq!(
		fault(|| change(3, |account| account.orders[0].price = 9 * TICK)),
		"order-book: an order in the wrong level"
	);
	let twice = |account: &mut ballast_exchange::Account| {
		let order = OpenOrder { id: 9, ..account.orders[0] };
		account.orders.try_push(order).unwrap();
	};
	assert_eq!(fault(|| change(3, twice)), "order-book: an order that is in no book");
}

#[test]
fn try_state_should_find_broken_queues() {
	let last = OrderRef { account: key(10), id: 1 };
	assert_eq!(fault(|| Queued::<Test>::remove(AT, last)), "order-book: a link is missing");
	let stray = OrderRef { account: key(30), id: 1 };
	let none = Links { previous: None, next: None };
	assert_eq!(
		fault(|| Queued::<Test>::insert(AT, stray, none)),
		"order-book: a link that no level knows"
	);
}

#[test]
fn try_state_should_find_a_tree_that_differs_from_the_levels() {
	let level = |tick| Levels::<Test>::get(AT, ticks(tick)).unwrap();
	assert_eq!(
		fault(|| Levels::<Test>::remove(AT, ticks(10))),
		"order-book: a price without a level"
	);
	assert_eq!(
		fault(|| Levels::<Test>::insert(AT, ticks(11), Level { back: None, ..level(10) })),
		"order-book: a level counts its orders wrongly"
	);
	let stray = BranchKey {
		strike: series().strike,
		kind: series().kind,
		side: Side::Sell,
		leaf: true,
		index: 5,
	};
	let mut bits = Bits::default();
	bits.insert(1);
	assert_eq!(
		fault(|| Branches::<Test>::insert(AT, stray, bits)),
		"order-book: a node without a parent"
	);
}

#[test]
fn try_state_should_find_a_crossed_book() {
	let crossed = || {
		place(20, sell(11, 5));
		let key = (series().strike, series().kind);
		let mut book = Books::<Test>::get(AT, key).unwrap();
		core::mem::swap(&mut book.bids, &mut book.asks);
		Books::<Test>::insert(AT, key, book);
		for (at, bits) in Branches::<Test>::iter_prefix(AT).collect::<Vec<_>>() {
			let side = at.side.opposite();
			Branches::<Test>::insert(AT, BranchKey { side, ..at }, bits);
		}
		for (at, level) in Levels::<Test>::iter_prefix(AT).collect::<Vec<_>>() {
			let side = at.side.opposite();
			Levels::<Test>::insert(AT, LevelKey { side, ..at }, level);
		}
	};
	assert_eq!(fault(crossed), "order-book: a crossed book");
}

#[test]
fn place_should_fail_and_change_nothing_when_the_book_is_corrupt() {
	new_test_ext().execute_with(|| {
		place(1, buy(10, 5));
		Levels::<Test>::remove(AT, ticks(10));
		assert_refused!(OrderBook::place(origin(2), 0, sell(10, 5)), Error::<Test>::CorruptBook);
	});
}

#[test]
fn matching_should_drop_an_entry_whose_account_does_not_know_it() {
	run(|| {
		place(1, buy(10, 5));
		place(2, buy(10, 5));
		change(1, |account| account.orders = Default::default());
		events();
		place(3, sell(10, 5));
		assert_eq!(account(2).position(&series()), 5);
		assert_eq!(depth(), (vec![], vec![]));
	});
}
