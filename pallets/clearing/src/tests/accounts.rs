// SPDX-License-Identifier: Apache-2.0
//! Opening, closing and the rules of margin.

use super::*;
use crate::{Deposits, Holders};
use frame_support::{assert_noop, traits::fungible::InspectHold};
use MarginKind::{Portfolio, Standard};

fn held(who: AccountId) -> u128 {
	Balances::balance_on_hold(&crate::HoldReason::MarginAccount.into(), &who)
}

#[test]
fn open_account_should_hold_the_deposit() {
	run(|| {
		assert_ok!(Clearing::open_account(signed(ALICE), 7, Portfolio(BTC)));
		let account = key(ALICE, 7);
		assert_eq!(held(ALICE), DEPOSIT);
		assert_eq!(super::account(&account), Account::new(Portfolio(BTC)));
		let (margin, deposit) = (Portfolio(BTC), DEPOSIT);
		assert_eq!(events(), vec![Event::AccountOpened { account, margin, deposit }]);
	});
}

#[test]
fn open_account_should_fail_when_the_index_is_used() {
	run(|| {
		open(ALICE, Standard);
		assert_noop!(
			Clearing::open_account(signed(ALICE), 0, Standard),
			Error::<Test>::AccountExists
		);
	});
}

#[test]
fn open_account_should_fail_when_the_underlying_is_unknown() {
	run(|| {
		assert_noop!(
			Clearing::open_account(signed(ALICE), 0, Portfolio(9)),
			Error::<Test>::UnknownUnderlying
		);
	});
}

#[test]
fn open_account_should_fail_when_the_owner_cannot_pay_the_deposit() {
	run(|| {
		assert_noop!(
			Clearing::open_account(signed(42), 0, Standard),
			sp_runtime::TokenError::FundsUnavailable
		);
	});
}

#[test]
fn open_account_should_fail_when_unsigned() {
	run(|| {
		assert_noop!(
			Clearing::open_account(RuntimeOrigin::none(), 0, Standard),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn close_account_should_release_the_deposit_it_was_opened_with() {
	run(|| {
		let account = open(ALICE, Standard);
		assert_ok!(Clearing::open_account(signed(ALICE), 1, Standard));
		assert_eq!(held(ALICE), 2 * DEPOSIT);
		assert_ok!(Clearing::close_account(signed(ALICE), 0));
		assert_eq!(held(ALICE), DEPOSIT);
		assert!(!Deposits::<Test>::contains_key(account));
		assert_eq!(events().last(), Some(&Event::AccountClosed { account, deposit: DEPOSIT }));
		assert_noop!(Clearing::close_account(signed(ALICE), 0), Error::<Test>::AccountNotFound);
	});
}

#[test]
fn close_account_should_fail_when_it_holds_anything() {
	run(|| {
		let account = open_with(ALICE, Standard, 1_000);
		let refused = Error::<Test>::AccountNotEmpty;
		assert_noop!(Clearing::close_account(signed(ALICE), 0), refused);
		assert_ok!(Clearing::withdraw(signed(ALICE), 0, USDC, 1_000 * USD as u128));
		assert_ok!(Clearing::deposit(signed(ALICE), 0, WBTC, 5));
		assert_noop!(Clearing::close_account(signed(ALICE), 0), Error::<Test>::AccountNotEmpty);
		assert_ok!(Clearing::withdraw(signed(ALICE), 0, WBTC, 5));
		rest(&account, call(100_000), Side::Buy, 1, 100);
		assert_noop!(Clearing::close_account(signed(ALICE), 0), Error::<Test>::AccountNotEmpty);
	});
}

#[test]
fn set_margin_should_change_the_rules_when_the_account_passes_them() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(110_000), Side::Buy, 10, 5_000_000_000));
		assert_ok!(Clearing::set_margin(signed(BOB), 0, Standard));
		assert_eq!(account(&bob).margin, Standard);
		let changed = Event::MarginKindChanged { account: bob, margin: Standard };
		assert_eq!(events().last(), Some(&changed));
		assert_ok!(Clearing::set_margin(signed(BOB), 0, Portfolio(BTC)));
	});
}

#[test]
fn set_margin_should_fail_when_the_new_rules_ask_for_more_than_there_is() {
	run(|| {
		// A covered position under portfolio margin: standard margin wants more for the short call.
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(90_000), Side::Buy, 100, 14_000_000_000));
		assert_ok!(trade(
			&alice,
			&bob,
			series(2, 90_000, OptionKind::Call),
			Side::Sell,
			100,
			15_000_000_000
		));
		let initial = Clearing::margin(&mut PriceCache::default(), &account(&bob)).unwrap().initial;
		assert!(initial > 0);
		assert_ok!(Clearing::withdraw(signed(BOB), 0, USDC, initial as u128));
		assert_noop!(
			Clearing::set_margin(signed(BOB), 0, Standard),
			Error::<Test>::InsufficientMargin
		);
	});
}

#[test]
fn set_margin_should_fail_when_a_position_is_of_another_underlying() {
	run(|| {
		let alice = open_with(ALICE, Standard, 100_000);
		let bob = open_with(BOB, Standard, 100_000);
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 1, 5_000_000_000));
		assert_noop!(
			Clearing::set_margin(signed(BOB), 0, Portfolio(ETH)),
			Error::<Test>::NotItsUnderlying
		);
		assert_noop!(
			Clearing::set_margin(signed(BOB), 0, Portfolio(9)),
			Error::<Test>::UnknownUnderlying
		);
		assert_noop!(
			Clearing::set_margin(signed(BOB), 3, Standard),
			Error::<Test>::AccountNotFound
		);
	});
}

#[test]
fn store_should_register_an_account_in_the_expiries_it_touches() {
	run(|| {
		let (alice, bob) = two_traders();
		let first = (BTC, expiry(1));
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 1, 5_000_000_000));
		rest(&alice, series(2, 100_000, OptionKind::Put), Side::Buy, 1, 100);
		assert_eq!(account(&alice).expiries[..], [first, (BTC, expiry(2))]);
		assert!(Holders::<Test>::contains_key(first, bob));
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Sell, 1, 5_000_000_000));
		assert_eq!(account(&alice).expiries[..], [(BTC, expiry(2))]);
		assert!(!Holders::<Test>::contains_key(first, alice));
		assert!(!Holders::<Test>::contains_key(first, bob));
	});
}

#[test]
fn load_should_refuse_a_frozen_account() {
	run(|| {
		let alice = open_with(ALICE, Standard, 1_000);
		let mut frozen = account(&alice);
		frozen.frozen = true;
		assert_ok!(Clearing::store(&alice, frozen));
		assert_eq!(Clearing::load(&alice), Err(is(Error::AccountFrozen)));
		for call in [
			Clearing::withdraw(signed(ALICE), 0, USDC, 1).map(|_| ()).map_err(|it| it.error),
			Clearing::set_margin(signed(ALICE), 0, Standard).map(|_| ()).map_err(|it| it.error),
			Clearing::close_account(signed(ALICE), 0),
		] {
			assert_eq!(call, Err(is(Error::AccountFrozen)));
		}
		// A deposit may save it.
		assert_ok!(Clearing::deposit(signed(ALICE), 0, USDC, 1));
	});
}
