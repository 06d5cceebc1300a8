// SPDX-License-Identifier: Apache-2.0
//! Assets in, out and between accounts.

use super::*;
use crate::{Debt, DebtCap, FeesCollected, Held, Insurance};
use frame_support::assert_noop;
use MarginKind::Standard;

const DOLLARS: u128 = USD as u128;

fn usdc(who: AccountId) -> u128 {
	Assets::balance(USDC, who)
}

#[test]
fn deposit_should_become_cash() {
	run(|| {
		let account = open(ALICE, Standard);
		assert_ok!(Clearing::deposit(signed(ALICE), 0, USDC, 70 * DOLLARS));
		assert_eq!(cash(&account), 70 * USD);
		assert_eq!(usdc(Clearing::account_id()), 70 * DOLLARS);
		assert_eq!(Held::<Test>::get(USDC), 70 * DOLLARS);
		let paid = Event::Deposited { account, asset: USDC, amount: 70 * DOLLARS };
		assert_eq!(events().last(), Some(&paid));
	});
}

#[test]
fn deposit_should_become_collateral_in_order_of_the_asset() {
	run(|| {
		let account = open(ALICE, Standard);
		for (asset, amount) in [(WETH, 8), (WBTC, 5), (WETH, 1)] {
			assert_ok!(Clearing::deposit(signed(ALICE), 0, asset, amount));
		}
		assert_eq!(super::account(&account).collateral[..], [(WBTC, 5), (WETH, 9)]);
		assert_eq!(Held::<Test>::get(WETH), 9);
	});
}

#[test]
fn deposit_should_pay_debt_first() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(force_trade(&alice, &bob, call(80_000), Side::Buy, 2_500, 21_000_000_000));
		assert!(cash(&bob) < 0);
		assert_eq!(Debt::<Test>::get(), cash(&bob).unsigned_abs());
		assert_ok!(Clearing::deposit(signed(BOB), 0, USDC, 400_000 * DOLLARS));
		assert!(cash(&bob) > 0);
		assert_eq!(Debt::<Test>::get(), 0);
	});
}

#[test]
fn deposit_should_fail_and_change_nothing_when_it_cannot_be_taken() {
	run(|| {
		assert_noop!(Clearing::deposit(signed(ALICE), 0, USDC, 1), Error::<Test>::AccountNotFound);
		open(ALICE, Standard);
		assert_noop!(Clearing::deposit(signed(ALICE), 0, USDC, 0), Error::<Test>::AmountZero);
		assert_noop!(
			Clearing::deposit(signed(ALICE), 0, OTHER, 1),
			Error::<Test>::AssetNotAccepted
		);
		for amount in [1_000_000 * DOLLARS + 1, u128::MAX] {
			assert_noop!(
				Clearing::deposit(signed(ALICE), 0, USDC, amount),
				Error::<Test>::InsufficientFunds
			);
		}
		assert_noop!(
			Clearing::deposit(signed(ALICE), 0, WBTC, 100 * 100_000_000 + 1),
			Error::<Test>::InsufficientFunds
		);
		// Cap: a thousand tokens.
		assert_noop!(
			Clearing::deposit(signed(ALICE), 0, WBTC, 100_000_000_001),
			Error::<Test>::CollateralCapReached
		);
		assert_noop!(
			Clearing::deposit(signed(ALICE), 0, WBTC, u128::MAX),
			Error::<Test>::CollateralCapReached
		);
	});
}

#[test]
fn withdraw_should_pay_the_owner() {
	run(|| {
		let account = open_with(ALICE, Standard, 100);
		assert_ok!(Clearing::deposit(signed(ALICE), 0, WBTC, 50));
		assert_ok!(Clearing::withdraw(signed(ALICE), 0, USDC, 100 * DOLLARS));
		assert_ok!(Clearing::withdraw(signed(ALICE), 0, WBTC, 50));
		assert_eq!(usdc(ALICE), 1_000_000 * DOLLARS);
		assert_eq!(super::account(&account), Account::new(Standard));
		assert_eq!((Held::<Test>::get(USDC), Held::<Test>::get(WBTC)), (0, 0));
		let paid = Event::Withdrawn { account, asset: WBTC, amount: 50 };
		assert_eq!(events().last(), Some(&paid));
	});
}

#[test]
fn withdraw_should_fail_and_change_nothing_when_the_account_has_less() {
	run(|| {
		assert_noop!(Clearing::withdraw(signed(ALICE), 0, USDC, 1), Error::<Test>::AccountNotFound);
		open_with(ALICE, Standard, 100);
		open_with(BOB, Standard, 100);
		for (asset, amount) in [(USDC, 100 * DOLLARS + 1), (WBTC, 1), (OTHER, 1)] {
			assert_noop!(
				Clearing::withdraw(signed(ALICE), 0, asset, amount),
				Error::<Test>::InsufficientBalance
			);
		}
		assert_noop!(Clearing::withdraw(signed(ALICE), 0, USDC, 0), Error::<Test>::AmountZero);
	});
}

#[test]
fn withdraw_should_leave_initial_margin() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&bob, &alice, call(100_000), Side::Sell, 100, 8_000_000_000));
		let initial =
			Clearing::margin(&mut PriceCache::default(), &account(&alice)).unwrap().initial;
		assert!(0 < initial && initial < cash(&alice));
		assert_noop!(
			Clearing::withdraw(signed(ALICE), 0, USDC, initial as u128 + 1),
			Error::<Test>::InsufficientMargin
		);
		assert_ok!(Clearing::withdraw(signed(ALICE), 0, USDC, initial as u128));
	});
}

#[test]
fn withdraw_should_say_that_the_pool_is_illiquid_when_others_owe_what_is_missing() {
	run(|| {
		let (alice, bob) = two_traders();
		// Bob pays 525 000 with 500 000: Alice's claim is more than there is.
		assert_ok!(force_trade(&alice, &bob, call(80_000), Side::Buy, 2_500, 21_000_000_000));
		let carol = open_with(CAROL, Standard, 1);
		assert_ok!(force_trade(&carol, &alice, call(80_000), Side::Buy, 2_500, 1_000_000));
		let all = cash(&alice) as u128;
		assert!(all > Held::<Test>::get(USDC));
		assert_noop!(Clearing::withdraw(signed(ALICE), 0, USDC, all), Error::<Test>::PoolIlliquid);
		assert_ok!(Clearing::withdraw(signed(ALICE), 0, USDC, Held::<Test>::get(USDC)));
	});
}

#[test]
fn move_assets_should_go_between_accounts_of_one_owner() {
	run(|| {
		let from = open_with(ALICE, Standard, 100);
		let to = key(ALICE, 1);
		assert_ok!(Clearing::open_account(signed(ALICE), 1, MarginKind::Portfolio(BTC)));
		assert_ok!(Clearing::deposit(signed(ALICE), 0, WBTC, 50));
		assert_ok!(Clearing::move_assets(signed(ALICE), 0, 1, USDC, 60 * DOLLARS));
		assert_ok!(Clearing::move_assets(signed(ALICE), 0, 1, WBTC, 50));
		assert_eq!((cash(&from), cash(&to)), (40 * USD, 60 * USD));
		assert!(account(&from).collateral.is_empty());
		assert_eq!(account(&to).collateral[..], [(WBTC, 50)]);
		assert_eq!(usdc(Clearing::account_id()), 100 * DOLLARS);
		let moved = Event::Moved { from, to, asset: WBTC, amount: 50 };
		assert_eq!(events().last(), Some(&moved));
	});
}

#[test]
fn move_assets_should_fail_and_change_nothing_when_it_may_not_be() {
	run(|| {
		open_with(ALICE, Standard, 100);
		let one = DOLLARS;
		assert_noop!(
			Clearing::move_assets(signed(ALICE), 0, 0, USDC, one),
			Error::<Test>::SameAccount
		);
		assert_noop!(
			Clearing::move_assets(signed(ALICE), 0, 1, USDC, one),
			Error::<Test>::AccountNotFound
		);
		assert_noop!(
			Clearing::move_assets(signed(ALICE), 1, 0, USDC, one),
			Error::<Test>::AccountNotFound
		);
		assert_ok!(Clearing::open_account(signed(ALICE), 1, Standard));
		assert_noop!(
			Clearing::move_assets(signed(ALICE), 0, 1, USDC, 0),
			Error::<Test>::AmountZero
		);
		assert_noop!(
			Clearing::move_assets(signed(ALICE), 0, 1, USDC, 101 * one),
			Error::<Test>::InsufficientBalance
		);
	});
}

#[test]
fn move_assets_should_leave_initial_margin_where_they_come_from() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(Clearing::open_account(signed(ALICE), 1, Standard));
		assert_ok!(trade(&bob, &alice, call(100_000), Side::Sell, 100, 8_000_000_000));
		let initial =
			Clearing::margin(&mut PriceCache::default(), &account(&alice)).unwrap().initial;
		let amount = initial as u128;
		assert_noop!(
			Clearing::move_assets(signed(ALICE), 0, 1, USDC, amount + 1),
			Error::<Test>::InsufficientMargin
		);
		assert_ok!(Clearing::move_assets(signed(ALICE), 0, 1, USDC, amount));
	});
}

#[test]
fn fund_insurance_should_take_from_anyone() {
	run(|| {
		assert_ok!(Clearing::fund_insurance(signed(CAROL), 5 * DOLLARS));
		assert_eq!(Insurance::<Test>::get(), 5 * DOLLARS);
		assert_eq!(usdc(CAROL), 999_995 * DOLLARS);
		let funded = Event::InsuranceFunded { who: CAROL, amount: 5 * DOLLARS };
		assert_eq!(events().last(), Some(&funded));
		assert_noop!(Clearing::fund_insurance(signed(CAROL), 0), Error::<Test>::AmountZero);
		assert_noop!(
			Clearing::fund_insurance(signed(CAROL), u128::MAX),
			Error::<Test>::InsufficientFunds
		);
	});
}

#[test]
fn collect_fees_should_pay_what_was_taken_and_no_more() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 100, 8_000_000_000));
		let fees = FeesCollected::<Test>::get();
		// 0.01 % and 0.03 % of 100 000 dollars.
		assert_eq!(fees, 40 * DOLLARS);
		assert_noop!(Clearing::collect_fees(signed(ALICE), CAROL, fees), DispatchError::BadOrigin);
		assert_noop!(
			Clearing::collect_fees(root(), CAROL, fees + 1),
			Error::<Test>::InsufficientFees
		);
		assert_noop!(Clearing::collect_fees(root(), CAROL, 0), Error::<Test>::AmountZero);
		assert_ok!(Clearing::collect_fees(root(), CAROL, fees));
		assert_eq!(usdc(CAROL), 1_000_040 * DOLLARS);
		let collected = Event::FeesCollected { to: CAROL, amount: fees };
		assert_eq!(events().last(), Some(&collected));
	});
}

#[test]
fn debt_should_not_grow_by_an_owners_call_when_the_cap_is_reached() {
	run(|| {
		let alice = open_with(ALICE, MarginKind::Portfolio(BTC), 900_000);
		let bob = open_with(BOB, MarginKind::Portfolio(BTC), 100_000);
		assert_ok!(Clearing::deposit(signed(BOB), 0, WBTC, 1_000_000_000));
		assert_ok!(Clearing::set_debt_cap(root(), 1_000 * DOLLARS));
		// Bob can afford it by his collateral, but it leaves him with a debt of 105 000 dollars.
		let buy = || trade(&alice, &bob, call(80_000), Side::Buy, 1_000, 20_500_000_000);
		assert_noop!(buy(), Error::<Test>::DebtCapReached);
		assert_eq!(Debt::<Test>::get(), 0);
		assert_ok!(Clearing::set_debt_cap(root(), 200_000 * DOLLARS));
		assert_eq!(events().last(), Some(&Event::DebtCapSet { cap: 200_000 * DOLLARS }));
		assert_ok!(buy());
		assert_eq!(Debt::<Test>::get(), cash(&bob).unsigned_abs());
		assert_eq!(DebtCap::<Test>::get(), 200_000 * DOLLARS);
	});
}
