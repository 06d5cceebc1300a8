// SPDX-License-Identifier: Apache-2.0
//! Parts of accounts: taken out, added to others, refused whole.

use super::*;
use crate::{Debt, OpenInterest, Unsettled};
use ballast_risk::{MAX_LOTS, MAX_MICRO_USD};
use frame_support::assert_noop;
use MarginKind::{Portfolio, Standard};

const PRICE: OptionPrice = 3_000_000_000;
const THIRD: Ppb = Ppb(333_333_333);

/// Alice, short calls and long puts, with collateral; Bob on the other side.
fn a_book() -> (KeyOf<Test>, KeyOf<Test>) {
	let (alice, bob) = two_traders();
	assert_ok!(Clearing::deposit(signed(ALICE), 0, WBTC, 50_000_001));
	assert_ok!(Clearing::deposit(signed(ALICE), 0, WETH, 1));
	assert_ok!(trade(&bob, &alice, call(100_000), Side::Sell, 70, PRICE));
	assert_ok!(trade(&bob, &alice, put(90_000), Side::Buy, 30, 1_000_000_000));
	(alice, bob)
}

fn part(positions: &[(SeriesId, Lots)]) -> Account {
	let mut part = Account::new(Standard);
	let of = |(series, lots): &(SeriesId, Lots)| Position { series: *series, lots: *lots };
	part.positions = positions.iter().map(of).collect::<Vec<_>>().try_into().unwrap();
	part
}

/// What a merge answers that must leave the account and storage alone.
fn refused(part: &Account, into: &Account) -> DispatchError {
	let mut account = into.clone();
	let root = || sp_io::storage::root(sp_runtime::StateVersion::V1);
	let before = root();
	let answer = Clearing::merge(&key(ALICE, 0), part.clone(), &key(BOB, 0), &mut account);
	assert_eq!((root(), &account), (before, into));
	answer.expect_err("must be refused")
}

#[test]
fn split_should_take_a_share_of_everything() {
	run(|| {
		let (alice, _) = a_book();
		rest(&alice, call(120_000), Side::Sell, 5, 200_000_000);
		let before = account(&alice);
		let mut left = before.clone();
		let reserved = 10 * USD + 1;
		let part = Clearing::split(&mut left, THIRD, reserved).unwrap();
		// 23.3 of 70 lots short and 9.99 of 30 long.
		assert_eq!((part.position(&call(100_000)), part.position(&put(90_000))), (-23, 9));
		assert_eq!((left.position(&call(100_000)), left.position(&put(90_000))), (-47, 21));
		// The one unit of the second asset is not divisible.
		assert_eq!(part.collateral[..], [(WBTC, 16_666_666)]);
		assert_eq!(left.collateral[..], [(WBTC, 33_333_335), (WETH, 1)]);
		let exact = (before.cash - reserved) * i128::from(THIRD.0);
		assert_eq!(part.cash, exact.div_euclid(1_000_000_000));
		assert_eq!(part.cash + left.cash, before.cash);
		assert_eq!((part.margin, part.frozen), (Portfolio(BTC), false));
		assert!(part.orders.is_empty() && part.expiries.is_empty());
		assert_eq!((left.orders, left.next_order), (before.orders, before.next_order));
		assert!(Clearing::margin(&mut PriceCache::default(), &part).unwrap().equity > 0);
	});
}

#[test]
fn split_should_take_everything_when_the_share_is_one_and_nothing_is_reserved() {
	run(|| {
		let (alice, _) = a_book();
		let before = account(&alice);
		let mut left = before.clone();
		let part = Clearing::split(&mut left, Ppb::ONE, 0).unwrap();
		assert_eq!(left.cash, 0);
		assert!(left.positions.is_empty() && left.collateral.is_empty());
		assert_eq!(part.cash, before.cash);
		assert_eq!((part.positions, part.collateral), (before.positions, before.collateral));
	});
}

#[test]
fn split_should_take_nothing_when_the_share_is_zero() {
	run(|| {
		let (alice, _) = a_book();
		let mut left = account(&alice);
		let part = Clearing::split(&mut left, Ppb::ZERO, 0).unwrap();
		assert_eq!(left, account(&alice));
		assert_eq!(part, Account::new(Portfolio(BTC)));
	});
}

#[test]
fn split_should_fail_and_change_nothing_when_its_arguments_are_out_of_range() {
	run(|| {
		let (alice, _) = a_book();
		let mut left = account(&alice);
		let wrong = [
			(Ppb(-1), 0),
			(Ppb(Ppb::ONE.0 + 1), 0),
			(Ppb(i64::MAX), 0),
			(Ppb::ONE, -1),
			(Ppb::ONE, MAX_MICRO_USD + 1),
			(Ppb::ONE, MicroUsd::MIN),
		];
		for (share, reserved) in wrong {
			let answer = Clearing::split(&mut left, share, reserved);
			assert_eq!(answer, Err(is(Error::InvalidPart)));
			assert_eq!(left, account(&alice));
		}
		// More reserved than there is, in the extreme: the part would owe more than margin counts.
		left.cash = -MAX_MICRO_USD;
		Debt::<Test>::put(MAX_MICRO_USD.unsigned_abs());
		let before = left.clone();
		let answer = Clearing::split(&mut left, Ppb::ONE, MAX_MICRO_USD);
		assert_eq!((answer, left), (Err(is(Error::AmountTooLarge)), before));
		assert_eq!(Debt::<Test>::take(), MAX_MICRO_USD.unsigned_abs());
	});
}

#[test]
fn debt_should_go_with_the_part_and_be_paid_where_it_arrives() {
	run(|| {
		let (alice, bob) = two_traders();
		let carol = open_with(CAROL, Standard, 900_000);
		// Bob pays 525 000 with 500 000.
		assert_ok!(force_trade(&alice, &bob, call(80_000), Side::Buy, 2_500, 21_000_000_000));
		let owed = Debt::<Test>::get();
		assert!(owed > 0);
		let mut left = account(&bob);
		let part = Clearing::split(&mut left, Ppb(500_000_001), 0).unwrap();
		// Half a billionth more, and rounded up.
		assert!(part.cash < left.cash && left.cash < 0);
		assert_eq!(Debt::<Test>::get(), owed);
		let mut into = account(&carol);
		assert_ok!(Clearing::merge(&bob, part.clone(), &carol, &mut into));
		assert_eq!(Debt::<Test>::get(), left.cash.unsigned_abs());
		assert_eq!(into.cash, 900_000 * USD + part.cash);
		assert_ok!(Clearing::store(&bob, left));
		assert_ok!(Clearing::store(&carol, into));
	});
}

#[test]
fn merge_should_move_everything_with_one_event_that_names_it() {
	run(|| {
		let (alice, bob) = a_book();
		let carol = open_with(CAROL, Standard, 1_000);
		let interest = [call(100_000), put(90_000)].map(OpenInterest::<Test>::get);
		let (mut left, mut into) = (account(&alice), account(&carol));
		let part = Clearing::split(&mut left, THIRD, 0).unwrap();
		assert_ok!(Clearing::merge(&alice, part.clone(), &carol, &mut into));
		assert_eq!(into.positions, part.positions);
		assert_eq!(into.collateral, part.collateral);
		assert_eq!(into.cash, 1_000 * USD + part.cash);
		let Account { cash, collateral, positions, .. } = part;
		let moved = Event::PartMoved { from: alice, to: carol, cash, collateral, positions };
		assert_eq!(events().last(), Some(&moved));
		assert_ok!(Clearing::store(&alice, left));
		assert_ok!(Clearing::store(&carol, into));
		assert_eq!(interest, [call(100_000), put(90_000)].map(OpenInterest::<Test>::get));
		assert_eq!(account(&carol).expiries[..], account(&bob).expiries[..]);
	});
}

#[test]
fn merge_should_close_what_meets_its_opposite() {
	run(|| {
		let (alice, bob) = a_book();
		let (mut left, mut into) = (account(&alice), account(&bob));
		let part = Clearing::split(&mut left, Ppb(500_000_000), 0).unwrap();
		assert_ok!(Clearing::merge(&alice, part, &bob, &mut into));
		assert_eq!((into.position(&call(100_000)), into.position(&put(90_000))), (35, -15));
		assert_eq!(OpenInterest::<Test>::get(call(100_000)), 35);
		assert_eq!(OpenInterest::<Test>::get(put(90_000)), 15);
		// And the rest: nobody holds anything any more.
		let part = Clearing::split(&mut left, Ppb::ONE, 0).unwrap();
		assert_ok!(Clearing::merge(&alice, part, &bob, &mut into));
		assert!(into.positions.is_empty());
		assert_eq!(OpenInterest::<Test>::iter().count(), 0);
		assert_ok!(Clearing::store(&alice, left));
		assert_ok!(Clearing::store(&bob, into));
	});
}

#[test]
fn merge_should_make_room_by_what_it_closes() {
	run(|| {
		let mut into = Account::new(Standard);
		for k in 0..128 {
			let position = Position { series: call(60_000 + k * 500), lots: 1 };
			into.positions.try_push(position).unwrap();
		}
		// The new series comes before the one that is closed.
		let (new, closing) = (call(50_000), call(60_000 + 127 * 500));
		let part = part(&[(new, 1), (closing, -1)]);
		OpenInterest::<Test>::insert(closing, 1);
		assert_ok!(Clearing::merge(&key(ALICE, 0), part, &key(BOB, 0), &mut into));
		assert_eq!((into.position(&new), into.position(&closing)), (1, 0));
		assert_eq!(into.positions.len(), 128);
		assert_eq!(OpenInterest::<Test>::iter().count(), 0);
	});
}

#[test]
fn merge_should_fail_and_change_nothing_when_the_account_cannot_hold_the_part() {
	run(|| {
		let empty = Account::new(Standard);
		let portfolio = Account::new(Portfolio(BTC));
		let two = part(&[(call(100_000), 5), (eth_call(4_000), 5)]);
		assert_eq!(refused(&two, &portfolio), is(Error::NotItsUnderlying));
		let mut full = empty.clone();
		for k in 0..128 {
			let position = Position { series: call(60_000 + k * 500), lots: 1 };
			full.positions.try_push(position).unwrap();
		}
		let one_more = part(&[(call(60_000), 5), (call(200_000), 5)]);
		assert_eq!(refused(&one_more, &full), is(Error::TooManyPositions));
		let mut assets = empty.clone();
		assets.collateral =
			(10..18).map(|asset| (asset, 1)).collect::<Vec<_>>().try_into().unwrap();
		let mut coins = part(&[(call(100_000), 5)]);
		coins.collateral.try_push((WBTC, 1)).unwrap();
		assert_eq!(refused(&coins, &assets), is(Error::TooManyCollaterals));
		let mut large = empty.clone();
		large.positions = part(&[(call(100_000), MAX_LOTS)]).positions;
		assert_eq!(refused(&coins, &large), is(Error::AmountTooLarge));
		let rich = Account { cash: MAX_MICRO_USD, ..empty.clone() };
		let mut one = part(&[(call(100_000), 5)]);
		one.cash = 1;
		assert_eq!(refused(&one, &rich), is(Error::AmountTooLarge));
	});
}

#[test]
fn merge_should_fail_when_the_part_has_orders() {
	run(|| {
		let (alice, bob) = a_book();
		rest(&alice, call(120_000), Side::Sell, 5, 200_000_000);
		assert_eq!(refused(&account(&alice), &account(&bob)), is(Error::InvalidPart));
	});
}

#[test]
fn merge_should_fail_when_the_series_was_left_behind_by_its_settlement() {
	run(|| {
		let (alice, bob) = a_book();
		let expiry = (BTC, expiry(1));
		Unsettled::<Test>::insert(expiry, alice, usd(100_000));
		let part = part(&[(call(100_000), 5)]);
		assert_eq!(refused(&part, &account(&bob)), is(Error::AccountUnsettled));
		Unsettled::<Test>::remove(expiry, alice);
	});
}

#[test]
fn store_should_fail_when_the_part_brings_too_many_expiries() {
	run(|| {
		for n in 3..=13 {
			list(BTC, expiry(n), [100_000]);
		}
		let (alice, bob) = two_traders();
		for n in 1..=12 {
			let series = series(n, 100_000, OptionKind::Call);
			assert_ok!(trade(&alice, &bob, series, Side::Buy, 2, PRICE));
		}
		// Carol trades with herself in a thirteenth.
		let carol = open_with(CAROL, Standard, 900_000);
		assert_ok!(Clearing::open_account(signed(CAROL), 1, Standard));
		assert_ok!(Clearing::move_assets(signed(CAROL), 0, 1, USDC, 450_000 * USD as u128));
		let last = series(13, 100_000, OptionKind::Call);
		assert_ok!(trade(&key(CAROL, 1), &carol, last, Side::Buy, 2, PRICE));
		let (mut left, mut into) = (account(&bob), account(&carol));
		let part = Clearing::split(&mut left, Ppb(500_000_000), 0).unwrap();
		assert_ok!(Clearing::merge(&bob, part, &carol, &mut into));
		assert_noop!(Clearing::store(&carol, into), is(Error::TooManyExpiries));
	});
}
