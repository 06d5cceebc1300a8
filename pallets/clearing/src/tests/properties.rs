// SPDX-License-Identifier: Apache-2.0
//! Properties over random traders, trades and prices.

use super::*;
use crate::{types::add_lots, CollateralTerms, FeesCollected, Held, Insurance};
use proptest::prelude::*;

/// One thing that somebody does.
#[derive(Clone, Debug)]
enum Step {
	Fill { buyer: u64, seller: u64, series: usize, lots: i64, price: u64 },
	Deposit { who: u64, asset: AssetId, amount: u128 },
	Withdraw { who: u64, asset: AssetId, amount: u128 },
	Rest { who: u64, series: usize },
	Settle { expiry: u64, micro: i64 },
	Donate { amount: u128 },
}

fn all_series() -> Vec<SeriesId> {
	let kinds = [OptionKind::Call, OptionKind::Put];
	let of = |n| move |strike| kinds.map(|kind| series(n, strike, kind));
	let strikes = [80_000, 100_000, 120_000];
	strikes.into_iter().flat_map(of(1)).chain(strikes.into_iter().flat_map(of(2))).collect()
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
	let who = 1..=3u64;
	let asset = prop_oneof![Just(USDC), Just(WBTC), Just(TBTC)];
	let amount = prop_oneof![1..1_000u128, 1..200_000_000_000u128];
	let step = prop_oneof![
		6 => (who.clone(), 1..=2u64, 0..12usize, 1..5_000i64, 1..9_000_000_000u64).prop_map(
			|(buyer, other, series, lots, price)| {
				let seller = (buyer + other - 1) % 3 + 1;
				Step::Fill { buyer, seller, series, lots, price }
			}
		),
		2 => (who.clone(), asset.clone(), amount.clone())
			.prop_map(|(who, asset, amount)| Step::Deposit { who, asset, amount }),
		2 => (who.clone(), asset, amount)
			.prop_map(|(who, asset, amount)| Step::Withdraw { who, asset, amount }),
		1 => (who, 0..12usize).prop_map(|(who, series)| Step::Rest { who, series }),
		1 => (1..=2u64, 0..300_000_000_000i64)
			.prop_map(|(expiry, micro)| Step::Settle { expiry, micro }),
		1 => (1..1_000_000u128).prop_map(|amount| Step::Donate { amount }),
	];
	prop::collection::vec(step, 1..40)
}

/// Makes a step. Fills between accounts need no margin here: what is tested is the ledger.
fn make(step: &Step, gone: &mut Vec<u64>) {
	let series = |index: &usize| all_series()[*index];
	let lives = |id: &SeriesId, gone: &[u64]| !gone.iter().any(|n| expiry(*n) == id.expiry);
	match step {
		Step::Fill { buyer, seller, series: index, lots, price } => {
			let id = series(index);
			if lives(&id, gone) {
				let (maker, taker) = (key(*seller, 0), key(*buyer, 0));
				let _ = force_trade(&maker, &taker, id, Side::Buy, *lots, *price);
			}
		},
		Step::Deposit { who, asset, amount } => {
			let _ = with_storage_layer(|| {
				Clearing::deposit(signed(*who), 0, *asset, *amount).map_err(|it| it.error)
			});
		},
		Step::Withdraw { who, asset, amount } => {
			let _ = with_storage_layer(|| {
				Clearing::withdraw(signed(*who), 0, *asset, *amount).map_err(|it| it.error)
			});
		},
		Step::Rest { who, series: index } => {
			let id = series(index);
			if lives(&id, gone) && account(&key(*who, 0)).orders.len() < 64 {
				rest(&key(*who, 0), id, Side::Buy, 1, 100);
			}
		},
		Step::Settle { expiry: n, micro } => {
			if !gone.contains(n) {
				gone.push(*n);
				settle_at_price(BTC, expiry(*n), Price::from_micro_usd(*micro).unwrap());
				let unit = frame_support::weights::Weight::from_parts(250_000_000, 30_000);
				Clearing::after_inherents(&mut WeightMeter::with_limit(unit));
				Clearing::do_try_state()
					.expect("the invariants hold while a settlement is under way");
				settle_all();
			}
		},
		Step::Donate { amount } => {
			use frame_support::traits::{fungibles::Mutate, tokens::Preservation};
			let pool = Clearing::account_id();
			let _ = <Assets as Mutate<_>>::transfer(
				USDC,
				&CAROL,
				&pool,
				*amount,
				Preservation::Expendable,
			);
		},
	}
}

fn claims(keys: &[KeyOf<Test>]) -> MicroUsd {
	let cash: MicroUsd = keys.iter().map(cash).sum();
	cash + FeesCollected::<Test>::get() as MicroUsd + Insurance::<Test>::get() as MicroUsd
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(96))]

	#[test]
	fn ledger_should_conserve_money_and_lots(steps in steps()) {
		run(|| {
			let kinds = [MarginKind::Standard, MarginKind::Portfolio(BTC), MarginKind::Standard];
			let keys: Vec<_> =
				(1..=3).zip(kinds).map(|(who, kind)| open_with(who, kind, 300_000)).collect();
			let mut gone = vec![];
			for step in &steps {
				make(step, &mut gone);
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
	fn owners_calls_should_leave_initial_margin_or_reduce(
		trades in prop::collection::vec((0..12usize, any::<bool>(), 1..400i64, 1..200u64), 1..12)
	) {
		run(|| {
			let (alice, bob) = two_traders();
			let figures = |key: &KeyOf<Test>| {
				let margin = Clearing::margin(&mut PriceCache::default(), &account(key)).unwrap();
				(margin.initial, margin.maintenance)
			};
			for (index, buys, lots, dollars) in trades {
				let side = if buys { Side::Buy } else { Side::Sell };
				let before = [figures(&alice), figures(&bob)];
				let price = dollars * 100_000_000;
				let done = trade(&alice, &bob, all_series()[index], side, lots, price);
				for (key, before) in [&alice, &bob].into_iter().zip(before) {
					let after = figures(key);
					let reduces = after.0 >= before.0 && after.1 >= before.1;
					assert!(after.0 >= 0 || reduces);
					assert!(done.is_ok() || after == before);
				}
			}
		});
	}

	#[test]
	fn settlement_should_never_pay_more_than_it_takes(
		lots in prop::collection::vec((1..=3u64, 1..=2u64, 1..2_000i64), 1..12),
		micro in 0..300_000_000_000i64,
		pico in 0..1_000_000i64,
	) {
		run(|| {
			let keys: Vec<_> =
				(1..=3).map(|who| open_with(who, MarginKind::Standard, 300_000)).collect();
			for (buyer, other, lots) in lots {
				let seller = (buyer + other - 1) % 3 + 1;
				let (maker, taker) = (key(seller, 0), key(buyer, 0));
				let _ = force_trade(&maker, &taker, call(100_000), Side::Buy, lots, 100);
			}
			let before: MicroUsd = keys.iter().map(cash).sum();
			let price = Price::from_pico_usd(micro * 1_000_000 + pico).unwrap();
			settle_at_price(BTC, expiry(1), price);
			settle_all();
			let dust = before - keys.iter().map(cash).sum::<MicroUsd>();
			assert!((0..=3).contains(&dust));
			assert_eq!(Insurance::<Test>::get() as MicroUsd, dust);
		});
	}

	#[test]
	fn positions_should_equal_a_sorted_map(
		changes in prop::collection::vec((1..40u64, -3..=3i64), 1..200)
	) {
		let mut account = Account::new(MarginKind::Standard);
		let mut model = std::collections::BTreeMap::<SeriesId, Lots>::new();
		for (strike, lots) in changes {
			let held = model.entry(call(strike)).or_default();
			let long = held.max(&mut 0).to_owned();
			*held += lots;
			let change = add_lots(&mut account, call(strike), lots).unwrap();
			assert_eq!(change, (*held).max(0) - long);
			model.retain(|_, lots| *lots != 0);
			let expected: Vec<Position> =
				model.iter().map(|(series, lots)| Position { series: *series, lots: *lots }).collect();
			assert_eq!(account.positions[..], expected[..]);
		}
	}

	#[test]
	fn fees_should_never_be_below_their_exact_value(
		lots in 1..1_000_000i64,
		price in 1..100_000_000_000u64,
		dollars in 1..1_000_000i64,
	) {
		let terms = terms(WBTC);
		let fees = crate::fees::of_fill(&terms, usd(dollars), lots, price).unwrap();
		let per = i128::from(LOTS) * 1_000_000_000;
		let cap = i128::from(price) * i128::from(lots) * i128::from(terms.fee_cap_ppb);
		for (fee, rate) in [(fees.maker, terms.maker_fee_ppb), (fees.taker, terms.taker_fee_ppb)] {
			let exact = i128::from(dollars) * USD * i128::from(lots) * i128::from(rate);
			let exact = exact.min(cap);
			assert!(fee * per >= exact && (fee - 1) * per < exact);
		}
	}

	#[test]
	fn model_amounts_should_never_be_above_the_amount(
		amount in any::<u128>(),
		decimals in 0..=19u32,
	) {
		let terms = CollateralTerms {
			units_per_token: 10u64.pow(decimals),
			underlying: BTC,
			haircut_initial_ppb: 0,
			haircut_maintenance_ppb: 0,
			cap: 0,
		};
		assert_eq!(terms.validate::<Test>(), Ok(()));
		let per_unit = u128::from(terms.units_per_token / terms.model_units());
		assert!(u128::from(terms.model_amount(amount)) * per_unit <= amount);
	}
}
