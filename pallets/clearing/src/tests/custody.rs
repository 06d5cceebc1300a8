// SPDX-License-Identifier: Apache-2.0
//! Properties of what liquidation does with accounts: money and lots are conserved, whatever the order.

use super::*;
use crate::{Debt, FeesCollected, Held, Insurance};
use proptest::prelude::*;

const OWNERS: usize = 4;

/// One thing that a liquidation does, or that happens meanwhile. Accounts by number.
#[derive(Clone, Debug)]
enum Step {
	Slice { from: usize, to: usize, share: i64, reserved: MicroUsd },
	Transfer { from: usize, to: usize, series: usize, lots: Lots, pico: i64 },
	Pay { from: usize, to: usize, amount: MicroUsd },
	Insurance { to: usize, amount: u128 },
	Fund { amount: u128 },
	PayIn { to: usize, amount: u128 },
	PayOut { from: usize, amount: u128 },
	Settle { micro: i64 },
}

fn all_series() -> Vec<SeriesId> {
	let kinds = [OptionKind::Call, OptionKind::Put];
	let of = |n| move |strike| kinds.map(|kind| series(n, strike, kind));
	let strikes = [90_000, 110_000];
	strikes.into_iter().flat_map(of(1)).chain(strikes.into_iter().flat_map(of(2))).collect()
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
	let who = 0..OWNERS;
	let money = prop_oneof![1..1_000i128, 1..400_000_000_000i128];
	let units = money.clone().prop_map(|money| money as u128);
	let share = prop_oneof![0..=1_000_000_000i64, Just(1_000_000_000), Just(1), 0..100i64];
	let reserved = prop_oneof![3 => Just(0), 1 => money.clone()];
	let step = prop_oneof![
		6 => (who.clone(), who.clone(), share, reserved)
			.prop_map(|(from, to, share, reserved)| Step::Slice { from, to, share, reserved }),
		4 => (who.clone(), who.clone(), 0..8usize, 1..900i64, 0..i64::pow(10, 16)).prop_map(
			|(from, to, series, lots, pico)| Step::Transfer { from, to, series, lots, pico }
		),
		2 => (who.clone(), who.clone(), money)
			.prop_map(|(from, to, amount)| Step::Pay { from, to, amount }),
		2 => (who.clone(), units.clone()).prop_map(|(to, amount)| Step::Insurance { to, amount }),
		1 => units.clone().prop_map(|amount| Step::Fund { amount }),
		1 => (who.clone(), units.clone()).prop_map(|(to, amount)| Step::PayIn { to, amount }),
		1 => (who, units).prop_map(|(from, amount)| Step::PayOut { from, amount }),
		1 => (0..300_000_000_000i64).prop_map(|micro| Step::Settle { micro }),
	];
	prop::collection::vec(step, 1..30)
}

/// Four accounts, the last one a pallet's, with collateral and random positions against each other.
fn set_up(trades: &[(usize, usize, usize, Lots)]) -> Vec<KeyOf<Test>> {
	let portfolio = MarginKind::Portfolio(BTC);
	let kinds = [portfolio, portfolio, MarginKind::Standard];
	let mut keys: Vec<_> =
		(1..=3).zip(kinds).map(|(who, kind)| open_with(who, kind, 400_000)).collect();
	assert_ok!(Clearing::deposit(signed(ALICE), 0, WBTC, 123_456_789));
	assert_ok!(Clearing::deposit(signed(BOB), 0, WETH, 7 * 10u128.pow(18) + 1));
	assert_ok!(Clearing::open_own(&key(77, 0)));
	keys.push(key(77, 0));
	for (maker, taker, series, lots) in trades {
		let (maker, taker) = (&keys[*maker], &keys[(maker + 1 + taker) % OWNERS]);
		let price = 1_000_000_000;
		let _ = force_trade(maker, taker, all_series()[*series], Side::Buy, *lots, price);
	}
	keys
}

/// Makes a step and stores the accounts, all of it or nothing.
fn make(step: &Step, keys: &[KeyOf<Test>]) -> Result<(), DispatchError> {
	with_storage_layer(|| match step {
		Step::Slice { from, to, share, reserved } => {
			let mut giver = account(&keys[*from]);
			let part = Clearing::split(&mut giver, Ppb(*share), *reserved)?;
			if from == to {
				Clearing::merge(&keys[*from], part, &keys[*from], &mut giver)?;
				return Clearing::store(&keys[*from], giver);
			}
			let mut taker = account(&keys[*to]);
			Clearing::merge(&keys[*from], part, &keys[*to], &mut taker)?;
			Clearing::store(&keys[*from], giver)?;
			Clearing::store(&keys[*to], taker)
		},
		Step::Transfer { from, to, series, lots, pico } => {
			let price = Price::from_pico_usd(*pico).unwrap();
			two(keys, *from, *to, |from, to| {
				Clearing::transfer(&all_series()[*series], *lots, price, from, to)
			})
		},
		Step::Pay { from, to, amount } => {
			two(keys, *from, *to, |from, to| Clearing::pay(*amount, from, to))
		},
		Step::Insurance { to, amount } => one(&keys[*to], |key, account| {
			Clearing::draw_insurance(*amount, key, account).map(|_| ())
		}),
		Step::Fund { amount } => Clearing::fund_insurance(signed(CAROL), *amount),
		Step::PayIn { to, amount } => {
			one(&keys[*to], |key, account| Clearing::pay_in(&CAROL, *amount, key, account))
		},
		Step::PayOut { from, amount } => {
			one(&keys[*from], |key, account| Clearing::pay_out(&CAROL, *amount, key, account))
		},
		Step::Settle { micro } => {
			if state(|state| state.settled.is_empty()) {
				settle_at_price(BTC, expiry(1), Price::from_micro_usd(*micro).unwrap());
				settle_all();
			}
			Ok(())
		},
	})
}

fn one(
	key: &KeyOf<Test>,
	change: impl FnOnce(&KeyOf<Test>, &mut Account) -> Result<(), DispatchError>,
) -> Result<(), DispatchError> {
	let mut account = account(key);
	change(key, &mut account)?;
	Clearing::store(key, account)
}

type Party<'a> = (&'a KeyOf<Test>, &'a mut Account);

fn two(
	keys: &[KeyOf<Test>],
	from: usize,
	to: usize,
	change: impl FnOnce(Party, Party) -> Result<(), DispatchError>,
) -> Result<(), DispatchError> {
	let (mut giver, mut taker) = (account(&keys[from]), account(&keys[to]));
	change((&keys[from], &mut giver), (&keys[to], &mut taker))?;
	Clearing::store(&keys[from], giver)?;
	Clearing::store(&keys[to], taker)
}

fn claims(keys: &[KeyOf<Test>]) -> MicroUsd {
	let cash: MicroUsd = keys.iter().map(cash).sum();
	cash + FeesCollected::<Test>::get() as MicroUsd + Insurance::<Test>::get() as MicroUsd
}

/// A random account in memory.
fn books() -> impl Strategy<Value = Account> {
	let positions = prop::collection::vec((0..8usize, -2_000..2_000i64), 0..8);
	let coins = (0..u128::MAX, 0..1_000u128);
	(positions, coins, -10i128.pow(17)..10i128.pow(17)).prop_map(|(positions, coins, cash)| {
		let mut account = Account::new(MarginKind::Standard);
		account.cash = cash;
		for (series, lots) in positions {
			crate::types::add_lots(&mut account, all_series()[series], lots).unwrap();
		}
		for held in [(WBTC, coins.0), (WETH, coins.1)] {
			if held.1 > 0 {
				account.collateral.try_push(held).unwrap();
			}
		}
		account
	})
}

/// Debt of an account that nobody has stored.
fn owe(account: &Account) {
	Debt::<Test>::put(crate::types::owed(account.cash));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(128))]

	#[test]
	fn custody_should_conserve_money_and_lots(
		trades in prop::collection::vec((0..OWNERS, 0..3usize, 0..8usize, 1..3_000i64), 0..12),
		steps in steps(),
	) {
		run(|| {
			let keys = set_up(&trades);
			for step in &steps {
				let root = sp_io::storage::root(sp_runtime::StateVersion::V1);
				if make(step, &keys).is_err() {
					assert_eq!(root, sp_io::storage::root(sp_runtime::StateVersion::V1));
				}
				assert_eq!(claims(&keys), Held::<Test>::get(USDC) as MicroUsd, "{step:?}");
				for series in all_series() {
					let net: Lots = keys.iter().map(|key| account(key).position(&series)).sum();
					assert_eq!(net, 0, "{step:?}");
				}
				Clearing::do_try_state().expect("the invariants hold after each step");
			}
		});
	}

	#[test]
	fn part_should_be_undone_by_merging_it_back(
		book in books(),
		share in 0..=1_000_000_000i64,
		reserved in 0..10i128.pow(17),
	) {
		new_test_ext().execute_with(|| {
			owe(&book);
			let mut left = book.clone();
			let part = Clearing::split(&mut left, Ppb(share), reserved).unwrap();
			Clearing::merge(&key(ALICE, 0), part, &key(ALICE, 0), &mut left).unwrap();
			assert_eq!(left, book);
			assert_eq!(Debt::<Test>::get(), crate::types::owed(book.cash));
			assert_eq!(crate::OpenInterest::<Test>::iter().count(), 0);
		});
	}

	#[test]
	fn larger_share_should_never_take_less(
		book in books(),
		shares in (0..=1_000_000_000i64, 0..=1_000_000_000i64),
		reserved in 0..10i128.pow(17),
	) {
		let (less, more) = (shares.0.min(shares.1), shares.0.max(shares.1));
		new_test_ext().execute_with(|| {
			let take = |share| {
				owe(&book);
				Clearing::split(&mut book.clone(), Ppb(share), reserved).unwrap()
			};
			let (small, large) = (take(less), take(more));
			for series in all_series() {
				let (less, more) = (small.position(&series), large.position(&series));
				assert!(less.abs() <= more.abs() && less * more >= 0);
			}
			let units = |part: &Account, asset| {
				part.collateral.iter().find(|held| held.0 == asset).map_or(0, |held| held.1)
			};
			for asset in [WBTC, WETH] {
				assert!(units(&small, asset) <= units(&large, asset));
			}
			let free = book.cash - reserved;
			assert!(if free >= 0 { small.cash <= large.cash } else { small.cash >= large.cash });
		});
	}
}
