// SPDX-License-Identifier: Apache-2.0
//! Transfers, payments, the insurance fund and accounts of pallets.

use super::*;
use crate::{Debt, Deposits, Held, Holders, Insurance, OpenInterest, Unsettled};
use ballast_risk::{MAX_LOTS, MAX_MICRO_USD};
use frame_support::{assert_noop, traits::fungible::InspectHold};
use MarginKind::{Portfolio, Standard};

const PRICE: OptionPrice = 3_000_000_000;
const DOLLARS: u128 = USD as u128;
/// Owner of the accounts of a pallet.
const VAULT: AccountId = 77;

fn transfer(
	series: SeriesId,
	lots: Lots,
	price: Price,
	from: &KeyOf<Test>,
	to: &KeyOf<Test>,
) -> Result<(), DispatchError> {
	let root = sp_io::storage::root(sp_runtime::StateVersion::V1);
	let before = (account(from), account(to));
	let mut after = before.clone();
	let done = Clearing::transfer(&series, lots, price, (from, &mut after.0), (to, &mut after.1));
	if done.is_err() {
		assert_eq!(after, before);
		assert_eq!(root, sp_io::storage::root(sp_runtime::StateVersion::V1));
		return done;
	}
	Clearing::store(from, after.0)?;
	Clearing::store(to, after.1)
}

fn a_vault(dollars: u128) -> KeyOf<Test> {
	let vault = key(VAULT, 0);
	assert_ok!(Clearing::open_own(&vault));
	let mut own = account(&vault);
	assert_ok!(Clearing::pay_in(&CAROL, dollars * DOLLARS, &vault, &mut own));
	assert_ok!(Clearing::store(&vault, own));
	vault
}

#[test]
fn transfer_should_close_opposite_positions_at_the_price() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 50, PRICE));
		let before = (cash(&alice), cash(&bob));
		// Bob is long and gives to Alice, who is short.
		assert_ok!(transfer(call(100_000), 20, usd(4_000), &bob, &alice));
		assert_eq!(cash(&bob) - before.1, 800 * USD);
		assert_eq!(cash(&alice) - before.0, -800 * USD);
		assert_eq!(account(&bob).position(&call(100_000)), 30);
		assert_eq!(account(&alice).position(&call(100_000)), -30);
		assert_eq!(OpenInterest::<Test>::get(call(100_000)), 30);
		let (series, lots, price) = (call(100_000), 20, usd(4_000));
		let (received, paid) = (800 * USD, 800 * USD);
		let (from, to) = (bob, alice);
		let said = Event::PositionTransferred { from, to, series, lots, price, received, paid };
		assert!(events().contains(&said));
	});
}

#[test]
fn transfer_should_round_against_both_sides_and_give_the_rest_to_the_insurance_fund() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 50, PRICE));
		let before = (cash(&alice), cash(&bob));
		// A hundredth of 150.000001 micro-USD.
		let price = Price::from_pico_usd(150_000_001).unwrap();
		assert_ok!(transfer(call(100_000), 1, price, &bob, &alice));
		assert_eq!((cash(&alice) - before.0, cash(&bob) - before.1), (-2, 1));
		assert_eq!(Insurance::<Test>::get(), 1);
	});
}

#[test]
fn transfer_should_fail_and_change_nothing_when_it_may_not_be() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 50, PRICE));
		let give = |series, lots, price| transfer(series, lots, price, &bob, &alice);
		for lots in [0, -1, MAX_LOTS + 1, Lots::MIN] {
			assert_eq!(give(call(100_000), lots, usd(1)), Err(is(Error::InvalidFill)));
		}
		assert_eq!(transfer(call(100_000), 1, usd(1), &bob, &bob), Err(is(Error::SameAccount)));
		assert_eq!(give(eth_call(4_000), 1, usd(1)), Err(is(Error::NotItsUnderlying)));
		let unknown = SeriesId { underlying: 9, ..call(100_000) };
		assert_eq!(give(unknown, 1, usd(1)), Err(is(Error::UnknownUnderlying)));
		// Lots that nobody has yet are open interest.
		assert_eq!(give(call(110_000), 1_000_001, usd(1)), Err(is(Error::OpenInterestReached)));
		state(|state| state.terms.get_mut(&BTC).unwrap().max_open_interest = Lots::MAX);
		assert_eq!(give(call(110_000), MAX_LOTS, Price::MAX), Err(is(Error::AmountTooLarge)));
		for key in [alice, bob] {
			Unsettled::<Test>::insert((BTC, expiry(1)), key, usd(1));
			assert_eq!(give(call(100_000), 1, usd(1)), Err(is(Error::AccountUnsettled)));
			Unsettled::<Test>::remove((BTC, expiry(1)), key);
		}
	});
}

#[test]
fn pay_should_move_cash_and_keep_debt_in_step() {
	run(|| {
		let (alice, bob) = two_traders();
		let (mut from, mut to) = (account(&alice), account(&bob));
		let amount = 500_001 * USD;
		assert_ok!(Clearing::pay(amount, (&alice, &mut from), (&bob, &mut to)));
		assert_eq!((from.cash, to.cash), (-USD, 1_000_001 * USD));
		assert_eq!(Debt::<Test>::get(), DOLLARS);
		let paid = Event::CashPaid { from: alice, to: bob, amount };
		assert_eq!(events().last(), Some(&paid));
		assert_ok!(Clearing::store(&alice, from));
		assert_ok!(Clearing::store(&bob, to));
	});
}

#[test]
fn pay_should_fail_and_change_nothing_when_the_amount_is_wrong() {
	run(|| {
		let (alice, bob) = two_traders();
		let before = (account(&alice), account(&bob));
		let (mut from, mut to) = before.clone();
		let mut pay = |amount| Clearing::pay(amount, (&alice, &mut from), (&bob, &mut to));
		assert_eq!(pay(-1), Err(is(Error::AmountNegative)));
		assert_eq!(pay(MicroUsd::MIN), Err(is(Error::AmountNegative)));
		// The payer could owe that much: the receiver cannot hold it.
		assert_noop!(pay(MAX_MICRO_USD), Error::<Test>::AmountTooLarge);
		assert_noop!(pay(MicroUsd::MAX), Error::<Test>::AmountTooLarge);
		let said = events().len();
		assert_ok!(pay(0));
		assert_eq!(events().len(), said);
		assert_eq!((from, to), before);
		let mut copy = account(&alice);
		let own = Clearing::pay(1, (&alice, &mut account(&alice)), (&alice, &mut copy));
		assert_eq!(own, Err(is(Error::SameAccount)));
	});
}

#[test]
fn draw_insurance_should_pay_what_the_fund_has_and_no_more() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(force_trade(&alice, &bob, call(80_000), Side::Buy, 2_500, 21_000_000_000));
		assert_ok!(Clearing::fund_insurance(signed(CAROL), 1_000 * DOLLARS));
		let owed = Debt::<Test>::get();
		let mut into = account(&bob);
		assert_eq!(Clearing::draw_insurance(400 * DOLLARS, &bob, &mut into), Ok(400 * DOLLARS));
		assert_eq!(Clearing::insurance(), 600 * DOLLARS);
		assert_eq!(Debt::<Test>::get(), owed - 400 * DOLLARS);
		let paid = Event::InsurancePaid { account: bob, amount: 400 * DOLLARS };
		assert_eq!(events().last(), Some(&paid));
		// The fund is emptied to the last unit, and then pays nothing and says nothing.
		assert_eq!(Clearing::draw_insurance(u128::MAX, &bob, &mut into), Ok(600 * DOLLARS));
		let said = events().len();
		assert_eq!(Clearing::draw_insurance(1, &bob, &mut into), Ok(0));
		assert_eq!(Clearing::draw_insurance(0, &bob, &mut into), Ok(0));
		assert_eq!((Clearing::insurance(), events().len()), (0, said));
		assert_ok!(Clearing::store(&bob, into));
	});
}

#[test]
fn draw_insurance_should_fail_and_change_nothing_when_the_account_cannot_hold_it() {
	run(|| {
		let alice = open(ALICE, Standard);
		assert_ok!(Clearing::fund_insurance(signed(CAROL), 10));
		let mut rich = Account { cash: MAX_MICRO_USD, ..account(&alice) };
		let before = rich.clone();
		assert_noop!(Clearing::draw_insurance(1, &alice, &mut rich), is(Error::AmountTooLarge));
		assert_eq!(rich, before);
	});
}

#[test]
fn holders_should_be_listed_in_pages() {
	run(|| {
		let (alice, bob) = two_traders();
		let carol = open_with(CAROL, Standard, 100_000);
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 50, PRICE));
		assert_ok!(trade(&alice, &carol, call(100_000), Side::Buy, 10, PRICE));
		let first = (BTC, expiry(1));
		let all = Clearing::holders(first, None, 10);
		assert_eq!(all, Holders::<Test>::iter_key_prefix(first).collect::<Vec<_>>());
		assert_eq!(all.len(), 3);
		assert_eq!(Clearing::holders(first, None, 2), all[..2]);
		assert_eq!(Clearing::holders(first, Some(&all[0]), 1), all[1..2]);
		assert_eq!(Clearing::holders(first, Some(&all[1]), 9), all[2..]);
		assert!(Clearing::holders(first, Some(&all[2]), 9).is_empty());
		assert!(Clearing::holders((BTC, expiry(2)), None, 9).is_empty());
		// A holder that is gone is still a place to go on from.
		Holders::<Test>::remove(first, all[1]);
		assert_eq!(Clearing::holders(first, Some(&all[1]), 9), all[2..]);
		Holders::<Test>::insert(first, all[1], ());
	});
}

#[test]
fn open_own_should_hold_no_deposit() {
	run(|| {
		let vault = key(VAULT, 3);
		assert_ok!(Clearing::open_own(&vault));
		assert_eq!(account(&vault), Account::new(Standard));
		assert_eq!(Deposits::<Test>::get(vault), Some(0));
		assert_eq!(Balances::total_balance_on_hold(&VAULT), 0);
		let opened = Event::AccountOpened { account: vault, margin: Standard, deposit: 0 };
		assert_eq!(events(), vec![opened]);
		assert_noop!(Clearing::open_own(&vault), is(Error::AccountExists));
	});
}

#[test]
fn pay_in_and_pay_out_should_move_the_settlement_asset() {
	run(|| {
		let vault = a_vault(700);
		assert_eq!((cash(&vault), Held::<Test>::get(USDC)), (700 * USD, 700 * DOLLARS));
		assert_eq!(Assets::balance(USDC, CAROL), 999_300 * DOLLARS);
		let paid = Event::PaidIn { who: CAROL, account: vault, amount: 700 * DOLLARS };
		assert!(events().contains(&paid));
		let mut own = account(&vault);
		assert_ok!(Clearing::pay_out(&BOB, 700 * DOLLARS, &vault, &mut own));
		assert_ok!(Clearing::store(&vault, own));
		assert_eq!((cash(&vault), Held::<Test>::get(USDC)), (0, 0));
		assert_eq!(Assets::balance(USDC, BOB), 1_000_700 * DOLLARS);
		let paid = Event::PaidOut { who: BOB, account: vault, amount: 700 * DOLLARS };
		assert!(events().contains(&paid));
	});
}

#[test]
fn pay_in_should_fail_and_change_nothing_when_it_cannot_be_taken() {
	run(|| {
		let vault = a_vault(700);
		let before = account(&vault);
		let mut own = before.clone();
		let mut pay_in = |who, amount| Clearing::pay_in(who, amount, &vault, &mut own);
		assert_noop!(pay_in(&CAROL, 0), is(Error::AmountZero));
		assert_noop!(pay_in(&CAROL, 1_000_000 * DOLLARS), is(Error::InsufficientFunds));
		assert_noop!(pay_in(&VAULT, u128::MAX), is(Error::InsufficientFunds));
		assert_ok!(Assets::freeze(signed(99), USDC, CAROL));
		assert!(pay_in(&CAROL, 1).is_err());
		assert_eq!(own, before);
		assert_eq!(Held::<Test>::get(USDC), 700 * DOLLARS);
	});
}

#[test]
fn pay_out_should_fail_and_change_nothing_when_it_is_not_there() {
	run(|| {
		let vault = a_vault(700);
		let before = account(&vault);
		let mut own = before.clone();
		let mut pay_out = |amount| Clearing::pay_out(&CAROL, amount, &vault, &mut own);
		assert_noop!(pay_out(0), is(Error::AmountZero));
		assert_noop!(pay_out(700 * DOLLARS + 1), is(Error::InsufficientBalance));
		assert_noop!(pay_out(u128::MAX), is(Error::AmountTooLarge));
		// Others owe what is missing.
		Held::<Test>::insert(USDC, 699 * DOLLARS);
		assert_noop!(pay_out(700 * DOLLARS), is(Error::PoolIlliquid));
		Held::<Test>::insert(USDC, 700 * DOLLARS);
		assert_eq!(own, before);
	});
}

#[test]
fn peek_should_see_frozen_accounts_and_deposits_should_reach_them() {
	run(|| {
		let alice = open_with(ALICE, Portfolio(BTC), 100);
		let frozen = Account { frozen: true, ..account(&alice) };
		assert_ok!(Clearing::store(&alice, frozen.clone()));
		assert_eq!(Clearing::peek(&alice), Some(frozen));
		assert_eq!(Clearing::peek(&key(ALICE, 9)), None);
		assert_ok!(Clearing::deposit(signed(ALICE), 0, USDC, 5));
		assert_eq!(announced(&alice), Clearing::peek(&alice));
	});
}

#[test]
fn weights_should_grow_with_positions() {
	assert!(Clearing::safety_weight(20).all_gt(Clearing::safety_weight(1)));
	assert!(Clearing::slice_weight(20).all_gt(Clearing::slice_weight(1)));
	// More than an account can have weighs no more than the largest.
	assert_eq!(Clearing::safety_weight(u32::MAX), Clearing::safety_weight(128));
	assert_eq!(Clearing::slice_weight(u32::MAX), Clearing::slice_weight(128));
	assert!(Clearing::transfer_weight().all_gt(Clearing::slice_weight(0)));
}
