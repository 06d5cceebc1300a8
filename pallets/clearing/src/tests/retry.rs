// SPDX-License-Identifier: Apache-2.0
//! Accounts that a settlement left behind, settled later.

use super::*;
use crate::{Holders, Insurance, OpenInterest, Settlements, Unsettled};
use frame_support::assert_noop;

const PRICE: OptionPrice = 3_000_000_000;

fn first() -> ExpiryId {
	(BTC, expiry(1))
}

fn retry(key: &KeyOf<Test>) -> Result<(), DispatchError> {
	Clearing::retry_settlement(root(), key.owner, key.index, BTC, expiry(1))
		.map(|_| ())
		.map_err(|it| it.error)
}

/// Bob is long of Alice, and settled at 110 000 dollars while open interest contradicts his position.
fn left_behind() -> (KeyOf<Test>, KeyOf<Test>) {
	let (alice, bob) = two_traders();
	assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 50, PRICE));
	OpenInterest::<Test>::insert(call(100_000), 49);
	settle_at(BTC, expiry(1), 110_000);
	settle_all();
	OpenInterest::<Test>::insert(call(100_000), 50);
	(alice, bob)
}

#[test]
fn settlement_should_remember_whom_it_left_behind_and_at_which_price() {
	run(|| {
		let (_, bob) = left_behind();
		let all: Vec<_> = Unsettled::<Test>::iter().collect();
		assert_eq!(all, vec![(first(), bob, usd(110_000))]);
		let progress = Settlements::<Test>::get(first()).unwrap();
		let suspense = 5_000 * USD;
		let (accounts, skipped, left) = (progress.accounts, progress.skipped, progress.suspense);
		assert_eq!((accounts, skipped, left), (1, 1, suspense));
		assert!(!Holders::<Test>::contains_key(first(), bob));
	});
}

#[test]
fn retry_should_settle_at_the_price_of_the_settlement_and_close_its_books() {
	run(|| {
		let (alice, bob) = left_behind();
		let before = cash(&bob);
		set_spot(BTC, 10_000);
		assert_ok!(retry(&bob));
		assert_eq!(cash(&bob) - before, 5_000 * USD);
		assert!(account(&bob).positions.is_empty() && account(&bob).expiries.is_empty());
		assert_eq!(Unsettled::<Test>::iter().count(), 0);
		assert_eq!(Settlements::<Test>::iter().count(), 0);
		assert_eq!(OpenInterest::<Test>::iter().count(), 0);
		let (underlying, expiry) = first();
		let done = Event::SettlementRetried { account: bob, underlying, expiry, dust: 0 };
		assert_eq!(events().last(), Some(&done));
		assert_eq!(retry(&bob), Err(is(Error::NotUnsettled)));
		assert_eq!(retry(&alice), Err(is(Error::NotUnsettled)));
	});
}

#[test]
fn retry_should_fail_and_change_nothing_while_the_reason_lasts() {
	run(|| {
		let (_, bob) = left_behind();
		OpenInterest::<Test>::insert(call(100_000), 49);
		assert_noop!(
			Clearing::retry_settlement(root(), BOB, 0, BTC, expiry(1)),
			Error::<Test>::CorruptLedger
		);
		OpenInterest::<Test>::insert(call(100_000), 50);
		assert_ok!(retry(&bob));
	});
}

#[test]
fn retry_should_fail_when_anyone_but_governance_asks() {
	run(|| {
		left_behind();
		assert_noop!(
			Clearing::retry_settlement(signed(BOB), BOB, 0, BTC, expiry(1)),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn retry_should_close_the_books_only_after_the_last_account() {
	run(|| {
		let (alice, bob) = two_traders();
		let carol = open_with(CAROL, MarginKind::Standard, 100_000);
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 51, PRICE));
		assert_ok!(trade(&alice, &carol, call(100_000), Side::Buy, 10, PRICE));
		let total = cash(&alice) + cash(&bob) + cash(&carol);
		OpenInterest::<Test>::insert(call(100_000), 1);
		// 110 000.00015 dollars: each is owed a fraction that nobody gets.
		settle_at_price(BTC, expiry(1), Price::from_micro_usd(110_000_000_150).unwrap());
		settle_all();
		OpenInterest::<Test>::insert(call(100_000), 61);
		assert_eq!(Unsettled::<Test>::iter().count(), 2);
		assert_ok!(retry(&carol));
		assert_eq!(Insurance::<Test>::get(), 0);
		Clearing::do_try_state().expect("the invariants hold between the two");
		assert_ok!(retry(&bob));
		let dust = total - cash(&alice) - cash(&bob) - cash(&carol);
		assert_eq!(Insurance::<Test>::get() as MicroUsd, dust);
		assert!(dust > 0);
		assert_eq!(Settlements::<Test>::iter().count(), 0);
	});
}

#[test]
fn retry_should_leave_the_books_open_while_the_settlement_goes_on() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 50, PRICE));
		settle_at(BTC, expiry(1), 110_000);
		let settling = state(|state| state.settling[0]);
		OpenInterest::<Test>::insert(call(100_000), 49);
		Clearing::settle_or_skip(&settling, &bob);
		OpenInterest::<Test>::insert(call(100_000), 50);
		assert_ok!(retry(&bob));
		let progress = Settlements::<Test>::get(first()).unwrap();
		let (accounts, skipped) = (progress.accounts, progress.skipped);
		assert_eq!((accounts, skipped, progress.suspense), (1, 0, -5_000 * USD));
		Clearing::do_try_state().expect("the invariants hold while a settlement is under way");
		settle_all();
		assert!(account(&alice).positions.is_empty());
		assert_eq!(Settlements::<Test>::iter().count(), 0);
	});
}

#[test]
fn retry_should_not_take_for_dust_what_longs_are_still_owed() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 50, PRICE));
		settle_at(BTC, expiry(1), 110_000);
		let settling = state(|state| state.settling[0]);
		let terms = state(|state| state.terms.remove(&BTC)).unwrap();
		Clearing::settle_or_skip(&settling, &alice);
		state(|state| state.terms.insert(BTC, terms));
		assert_ok!(retry(&alice));
		assert_eq!(Insurance::<Test>::get(), 0);
		let before = cash(&bob);
		settle_all();
		assert_eq!(cash(&bob) - before, 5_000 * USD);
		assert_eq!(Settlements::<Test>::iter().count(), 0);
	});
}
