// SPDX-License-Identifier: Apache-2.0
//! What somebody might try.

use super::*;
use crate::{Debt, Held, Insurance};
use frame_support::{
	assert_noop,
	traits::{fungible, fungibles, tokens::Preservation},
};
use MarginKind::{Portfolio, Standard};

const PRICE: OptionPrice = 3_000_000_000;
const DOLLARS: u128 = USD as u128;

#[test]
fn donation_to_the_pallet_account_should_change_nobodys_claim() {
	run(|| {
		let alice = open_with(ALICE, Standard, 100);
		let pool = Clearing::account_id();
		let keep = Preservation::Expendable;
		for (asset, amount) in [(USDC, 77 * DOLLARS), (WBTC, 5), (OTHER, 9)] {
			<Assets as fungibles::Mutate<_>>::transfer(asset, &BOB, &pool, amount, keep).unwrap();
		}
		assert_eq!(Held::<Test>::get(USDC), 100 * DOLLARS);
		assert_eq!((cash(&alice), Insurance::<Test>::get()), (100 * USD, 0));
		for (asset, amount) in [(USDC, 100 * DOLLARS + 1), (WBTC, 1), (OTHER, 1)] {
			assert_noop!(
				Clearing::withdraw(signed(ALICE), 0, asset, amount),
				Error::<Test>::InsufficientBalance
			);
		}
		// Nor can it be lent to somebody whose claim is not covered.
		Held::<Test>::insert(USDC, 50 * DOLLARS);
		assert_noop!(
			Clearing::withdraw(signed(ALICE), 0, USDC, 60 * DOLLARS),
			Error::<Test>::PoolIlliquid
		);
		Held::<Test>::insert(USDC, 100 * DOLLARS);
	});
}

#[test]
fn withdrawal_between_price_and_trade_should_find_the_margin_of_the_trade() {
	run(|| {
		let (alice, bob) = two_traders();
		// The order book has loaded prices; the owner withdraws all before the fill.
		let mut prices = PriceCache::default();
		let before = Clearing::load(&alice).unwrap();
		assert_ok!(Clearing::check(&mut prices, &before, &before));
		assert_ok!(Clearing::withdraw(signed(ALICE), 0, USDC, 500_000 * DOLLARS));
		let sell = || trade(&alice, &bob, call(100_000), Side::Buy, 100, PRICE);
		assert_noop!(sell(), Error::<Test>::InsufficientMargin);
		// And after a resting order, the withdrawal must leave its margin.
		assert_ok!(Clearing::deposit(signed(ALICE), 0, USDC, 500_000 * DOLLARS));
		rest(&alice, call(100_000), Side::Sell, 100, PRICE);
		assert_noop!(
			Clearing::withdraw(signed(ALICE), 0, USDC, 500_000 * DOLLARS),
			Error::<Test>::InsufficientMargin
		);
	});
}

#[test]
fn deposit_and_withdrawal_in_one_batch_should_leave_everything_as_it_was() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&bob, &alice, call(100_000), Side::Sell, 100, PRICE));
		let before = account(&alice);
		assert_ok!(Clearing::deposit(signed(ALICE), 0, USDC, 400_000 * DOLLARS));
		assert_ok!(Clearing::withdraw(signed(ALICE), 0, USDC, 400_000 * DOLLARS));
		assert_eq!(account(&alice), before);
		// A deposit of the same batch does not carry a withdrawal of more.
		assert_ok!(Clearing::deposit(signed(ALICE), 0, USDC, 400_000 * DOLLARS));
		assert_noop!(
			Clearing::withdraw(signed(ALICE), 0, USDC, 890_000 * DOLLARS),
			Error::<Test>::InsufficientMargin
		);
	});
}

#[test]
fn owner_reaped_of_native_tokens_should_not_lose_the_account() {
	run(|| {
		let alice = open_with(ALICE, Standard, 100);
		let all = <Balances as fungible::Inspect<_>>::reducible_balance(
			&ALICE,
			Preservation::Expendable,
			frame_support::traits::tokens::Fortitude::Polite,
		);
		let keep = Preservation::Expendable;
		<Balances as fungible::Mutate<_>>::transfer(&ALICE, &BOB, all, keep).unwrap();
		assert_eq!(cash(&alice), 100 * USD);
		assert_ok!(Clearing::withdraw(signed(ALICE), 0, USDC, 100 * DOLLARS));
		assert_ok!(Clearing::close_account(signed(ALICE), 0));
	});
}

#[test]
fn pallet_account_should_survive_the_last_withdrawal_and_take_deposits_again() {
	run(|| {
		open(ALICE, Standard);
		for _ in 0..2 {
			assert_ok!(Clearing::deposit(signed(ALICE), 0, TBTC, 5_000));
			assert_ok!(Clearing::withdraw(signed(ALICE), 0, TBTC, 5_000));
			assert_eq!(Assets::balance(TBTC, Clearing::account_id()), 0);
		}
	});
}

#[test]
fn withdrawal_should_not_burn_others_claims_as_dust_below_the_least_balance() {
	run(|| {
		open(ALICE, Standard);
		open(BOB, Standard);
		// The asset's least balance is 1000: with 600 left the pallet's account would be reaped.
		assert_ok!(Clearing::deposit(signed(ALICE), 0, TBTC, 5_000));
		assert_ok!(Clearing::deposit(signed(BOB), 0, TBTC, 600));
		assert_noop!(
			Clearing::withdraw(signed(ALICE), 0, TBTC, 5_000),
			Error::<Test>::PoolIlliquid
		);
		assert_ok!(Clearing::withdraw(signed(ALICE), 0, TBTC, 4_600));
		assert_eq!(Assets::balance(TBTC, Clearing::account_id()), 1_000);
	});
}

#[test]
fn deposit_of_all_but_dust_should_credit_what_was_paid() {
	run(|| {
		let alice = open(ALICE, Standard);
		let all = Assets::balance(TBTC, ALICE);
		assert_ok!(Clearing::deposit(signed(ALICE), 0, TBTC, all - 999));
		assert_eq!(account(&alice).collateral[..], [(TBTC, all - 999)]);
		assert_eq!(Held::<Test>::get(TBTC), all - 999);
	});
}

#[test]
fn account_with_128_series_should_take_no_more_and_go_on() {
	run(|| {
		for n in 1..=2 {
			list(BTC, expiry(n), (0..40).map(|k| 60_000 + k * 2_000));
		}
		let alice = open_with(ALICE, Portfolio(BTC), 900_000);
		let bob = open_with(BOB, Portfolio(BTC), 900_000);
		let kinds = [OptionKind::Call, OptionKind::Put];
		let all = (1..=2).flat_map(|n| {
			(0..40).flat_map(move |k| kinds.map(|kind| series(n, 60_000 + k * 2_000, kind)))
		});
		let mut all = all.collect::<Vec<_>>().into_iter();
		for series in all.by_ref().take(128) {
			assert_ok!(force_trade(&alice, &bob, series, Side::Buy, 1, 1_000_000));
		}
		let one_more = all.next().unwrap();
		let refused = trade(&alice, &bob, one_more, Side::Buy, 1, 1_000_000);
		assert_eq!(refused, Err(is(Error::TooManyPositions)));
		// Margin, a closing trade and a withdrawal still work at the bound.
		assert!(Clearing::margin_report(&bob).unwrap().positions.len() == 128);
		let held = account(&bob).positions[0].series;
		assert_ok!(force_trade(&alice, &bob, held, Side::Sell, 1, 1_000_000));
		assert_ok!(force_trade(&alice, &bob, one_more, Side::Buy, 1, 1_000_000));
		assert_ok!(Clearing::withdraw(signed(BOB), 0, USDC, DOLLARS));
	});
}

#[test]
fn thirteenth_expiry_should_be_refused() {
	run(|| {
		for n in 3..=13 {
			list(BTC, expiry(n), [100_000]);
		}
		let alice = open_with(ALICE, Portfolio(BTC), 900_000);
		let bob = open_with(BOB, Standard, 900_000);
		for n in 1..=12 {
			let series = series(n, 100_000, OptionKind::Call);
			assert_ok!(trade(&alice, &bob, series, Side::Buy, 1, PRICE));
		}
		let last = series(13, 100_000, OptionKind::Call);
		let refused = Err(is(Error::TooManyExpiries));
		assert_eq!(trade(&alice, &bob, last, Side::Buy, 1, PRICE), refused);
		// A second underlying counts as well, and so do orders.
		let mut more = account(&bob);
		more.positions.try_insert(12, Position { series: eth_call(4_000), lots: 1 }).unwrap();
		assert_eq!(Clearing::store(&bob, more), Err(is(Error::TooManyExpiries)));
	});
}

#[test]
fn zero_and_extreme_prices_should_never_panic() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 10, PRICE));
		assert_ok!(Clearing::deposit(signed(BOB), 0, WBTC, 100_000_000));
		let prices = [Price::ZERO, Price::from_pico_usd(1).unwrap(), Price::MAX];
		for price in prices {
			for quote in [0, 1, i64::MIN, i64::MAX] {
				let confidence = Ppb(quote);
				state(|state| {
					state.spots.insert(BTC, (SpotPrice { price, confidence }, START));
					state.quote = Some((Ppb(quote), START));
				});
				let _ = Clearing::margin_report(&bob);
				let _ = Clearing::simulate(&bob, &Default::default());
				assert_noop!(
					Clearing::withdraw(signed(BOB), 0, USDC, 1),
					Error::<Test>::AmountTooLarge
				);
				let fill = Fill { series: call(100_000), taker_side: Side::Buy, price: 1, lots: 1 };
				let _ = frame_support::storage::with_storage_layer(|| {
					let fees = Clearing::fill(&fill, &mut account(&alice), &mut account(&bob));
					assert!(fees.is_ok());
					Err::<(), _>(DispatchError::Other("undone"))
				});
			}
		}
	});
}

#[test]
fn settlement_at_zero_and_at_the_highest_price_should_conserve_money() {
	for price in [Price::ZERO, Price::MAX] {
		run(|| {
			let (alice, bob) = two_traders();
			for series in [call(80_000), put(120_000)] {
				assert_ok!(force_trade(&alice, &bob, series, Side::Buy, 7, PRICE));
			}
			let before = cash(&alice) + cash(&bob);
			settle_at_price(BTC, expiry(1), price);
			settle_all();
			assert_eq!(before, cash(&alice) + cash(&bob));
		});
	}
}

#[test]
fn stale_prices_should_not_let_collateral_out() {
	run(|| {
		open_with(ALICE, Standard, 100);
		assert_ok!(Clearing::deposit(signed(ALICE), 0, WBTC, 100));
		age(MAX_AGE + 1);
		for asset in [USDC, WBTC] {
			assert_noop!(
				Clearing::withdraw(signed(ALICE), 0, asset, 1),
				Error::<Test>::PricesStale
			);
		}
		// A deposit asks for no price.
		assert_ok!(Clearing::deposit(signed(ALICE), 0, WBTC, 100));
	});
}

#[test]
fn second_account_should_not_lend_its_margin_to_the_first() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(Clearing::open_account(signed(ALICE), 1, Standard));
		assert_ok!(Clearing::move_assets(signed(ALICE), 0, 1, USDC, 499_000 * DOLLARS));
		let sell = || trade(&alice, &bob, call(100_000), Side::Buy, 100, PRICE);
		assert_noop!(sell(), Error::<Test>::InsufficientMargin);
	});
}

#[test]
fn debt_should_not_be_walked_away_from() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 1_000, PRICE));
		settle_at(BTC, expiry(1), 200_000);
		settle_all();
		let owed = Debt::<Test>::get();
		assert!(owed > 0);
		assert_noop!(Clearing::close_account(signed(ALICE), 0), Error::<Test>::AccountNotEmpty);
		assert_noop!(
			Clearing::withdraw(signed(ALICE), 0, USDC, 1),
			Error::<Test>::InsufficientBalance
		);
		assert_ok!(Clearing::open_account(signed(ALICE), 1, Standard));
		assert_eq!(Debt::<Test>::get(), owed);
	});
}

#[test]
fn asset_frozen_by_its_admin_should_fail_the_withdrawal_and_change_nothing() {
	run(|| {
		let alice = open(ALICE, Standard);
		assert_ok!(Clearing::deposit(signed(ALICE), 0, OTHER_COLLATERAL, 10));
		assert_ok!(Assets::freeze_asset(signed(99), OTHER_COLLATERAL));
		let before = account(&alice);
		let answer = frame_support::storage::with_storage_layer(|| {
			Clearing::withdraw(signed(ALICE), 0, OTHER_COLLATERAL, 10)
		});
		assert!(answer.is_err());
		assert_eq!(account(&alice), before);
	});
}

const OTHER_COLLATERAL: AssetId = WETH;
