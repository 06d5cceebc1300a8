// SPDX-License-Identifier: Apache-2.0
//! Margin: the numbers of `ballast-risk`, the age of prices, what a call may leave behind.

use super::*;
use crate::MarginReport;
use ballast_risk as risk;
use frame_support::assert_noop;
use risk::MarginModel;
use MarginKind::{Portfolio, Standard};

fn margin(key: &KeyOf<Test>) -> Margin {
	Clearing::margin(&mut PriceCache::default(), &account(key)).expect("there are prices")
}

/// Alice with positions in two expiries, two orders and hedging collateral.
fn a_book(kind: MarginKind) -> KeyOf<Test> {
	let alice = open_with(ALICE, kind, 300_000);
	let bob = open_with(BOB, Portfolio(BTC), 900_000);
	for (asset, amount) in [(WBTC, 50_000_000), (WETH, 3 * 10u128.pow(18))] {
		assert_ok!(Clearing::deposit(signed(ALICE), 0, asset, amount));
	}
	let far = series(2, 110_000, OptionKind::Call);
	assert_ok!(trade(&bob, &alice, call(100_000), Side::Sell, 70, 3_000_000_000));
	assert_ok!(trade(&bob, &alice, put(90_000), Side::Sell, 30, 1_000_000_000));
	assert_ok!(trade(&bob, &alice, far, Side::Buy, 40, 2_000_000_000));
	rest(&alice, call(120_000), Side::Sell, 25, 200_000_000);
	rest(&alice, put(90_000), Side::Buy, 10, 1_100_000_000);
	alice
}

/// The series of [`a_book`], ascending.
fn book_series() -> Vec<SeriesId> {
	let far = series(2, 110_000, OptionKind::Call);
	vec![put(90_000), call(100_000), call(120_000), far]
}

fn risk_series() -> Vec<risk::Series> {
	let of = |id: SeriesId| risk::Series {
		expiry: u8::from(id.expiry == expiry(2)),
		strike: id.strike_price().unwrap(),
		kind: id.kind,
	};
	book_series().into_iter().map(of).collect()
}

fn risk_orders() -> [risk::Order; 2] {
	let order = |series, side, lots, micro, fee| {
		let price = Price::from_micro_usd(micro).unwrap();
		risk::Order { series, side, lots, price, fee }
	};
	// 0.03 % of 25 000 and of 10 000 dollars, the first capped at an eighth of 50 dollars.
	[
		order(2, Side::Sell, 25, 200_000_000, 6_250_000),
		order(0, Side::Buy, 10, 1_100_000_000, 3_000_000),
	]
}

const HELD: [risk::Position; 3] = [
	risk::Position { series: 0, lots: -30 },
	risk::Position { series: 1, lots: -70 },
	risk::Position { series: 3, lots: 40 },
];

#[test]
fn portfolio_margin_should_equal_ballast_risk_called_directly() {
	run(|| {
		let alice = a_book(Portfolio(BTC));
		let contexts: Vec<_> =
			state(|state| [1, 2].map(|n| context(state, (BTC, expiry(n)))).to_vec());
		let terms: Vec<_> = contexts.iter().map(risk::ExpiryContext::terms).collect();
		let (series, orders) = (risk_series(), risk_orders());
		let token = |amount, units_per_token, dollars, hedges_spot| risk::Collateral {
			amount,
			units_per_token,
			price: usd(dollars),
			confidence: Ppb::ONE,
			hedges_spot,
			haircut_initial: Ppb(50_000_000),
			haircut_maintenance: Ppb(100_000_000),
		};
		let collateral = [
			token(50_000_000, 100_000_000, 100_000, true),
			token(3_000_000_000_000, 1_000_000_000_000, 4_000, false),
		];
		let arrays = risk::DirectArrays::new(&contexts, &series);
		let seen = risk::PortfolioAccount {
			round: risk::Round {
				market: risk::Market {
					spot: usd(100_000),
					spot_confidence: Ppb::ONE,
					quote_price: Ppb::ONE,
				},
				expiries: &terms,
				series: &series,
				arrays: &arrays,
			},
			book: risk::Book {
				collateral: &collateral,
				..risk::Book::new(LOTS, cash(&alice), &HELD)
			},
			orders: &orders,
			adjustments: risk::Adjustments::NONE,
		};
		let rules = risk::PortfolioParameters::DEFAULT;
		let model = risk::Portfolio::new(&rules, &risk::DEFAULT_SCENARIOS).unwrap();
		assert_eq!(margin(&alice), model.margin(&seen).unwrap());
		let report = Clearing::margin_report(&alice).unwrap();
		let expected = model.report(&seen).unwrap();
		assert_eq!(report.margin, expected.margin);
		let MarginReport::Portfolio { scenario_pnl, charges, binding, .. } = report.detail else {
			panic!("portfolio margin decides");
		};
		assert_eq!(scenario_pnl, expected.scenario_pnl());
		assert_eq!((charges, binding), (expected.charges, expected.binding));
	});
}

#[test]
fn standard_margin_should_equal_ballast_risk_called_directly() {
	run(|| {
		let alice = a_book(Standard);
		let carol = open_with(CAROL, Standard, 500_000);
		assert_ok!(trade(&carol, &alice, eth_call(4_000), Side::Sell, 200, 300_000_000));
		let contexts: Vec<_> =
			state(|state| [1, 2].map(|n| context(state, (BTC, expiry(n)))).to_vec());
		let (series, orders) = (risk_series(), risk_orders());
		let values: Vec<Price> = series
			.iter()
			.map(|it| {
				let context = &contexts[usize::from(it.expiry)];
				context.undiscounted(it.kind, it.strike, context.vol(it.strike).unwrap()).unwrap()
			})
			.collect();
		let forward =
			|dollars| risk::StandardExpiry { forward: usd(dollars), confidence: Ppb::ONE };
		let rules = risk::StandardParameters::DEFAULT;
		let bitcoin = risk::Underlying {
			parameters: &rules,
			spot: usd(100_000),
			spot_confidence: Ppb::ONE,
			lots_per_contract: LOTS,
			base: 50_000_000,
			base_units_per_token: 100_000_000,
			perpetual: risk::Perpetual::NONE,
			expiries: &[forward(100_000), forward(100_000)],
			series: &series,
			values: &values,
			options: &HELD,
			orders: &orders,
			charge: 0,
		};
		let ether = state(|state| context(state, (ETH, expiry(1))));
		let listed = risk::Series { expiry: 0, strike: usd(4_000), kind: OptionKind::Call };
		let vol = ether.vol(listed.strike).unwrap();
		let value = ether.undiscounted(listed.kind, listed.strike, vol).unwrap();
		let ethereum = risk::Underlying {
			spot: usd(4_000),
			base: 3_000_000_000_000,
			base_units_per_token: 1_000_000_000_000,
			expiries: &[forward(4_000)],
			series: &[listed],
			values: &[value],
			options: &[risk::Position { series: 0, lots: -200 }],
			orders: &[],
			..bitcoin
		};
		let seen = risk::StandardAccount {
			quote_price: Ppb::ONE,
			cash: cash(&alice),
			underlyings: &[bitcoin, ethereum],
		};
		let expected = risk::Standard.report(&seen).unwrap();
		assert_eq!(margin(&alice), expected.margin);
		let report = Clearing::margin_report(&alice).unwrap();
		let MarginReport::Standard(parts) = report.detail else {
			panic!("standard margin decides")
		};
		for (part, expected) in parts.iter().zip(expected.underlyings()) {
			assert_eq!((part.maintenance, part.initial), (expected.maintenance, expected.initial));
		}
		assert_eq!((parts[0].underlying, parts[1].underlying), (BTC, ETH));
		assert_eq!(parts[0].filled.len() as u32, expected.underlyings()[0].filled.count_ones());
	});
}

#[test]
fn standard_margin_should_add_up_assets_that_follow_one_underlying() {
	run(|| {
		let alice = open(ALICE, Standard);
		assert_ok!(Clearing::deposit(signed(ALICE), 0, WBTC, 100_000_000));
		let one = margin(&alice);
		assert_eq!(one.equity, 100_000 * USD);
		// Two coins of 18 decimals, and a part of one that 8 decimals cannot show.
		assert_ok!(Clearing::deposit(signed(ALICE), 0, TBTC, 2 * 10u128.pow(18) + 9_999));
		let three = margin(&alice);
		assert_eq!(three.equity, 300_000 * USD);
		assert_eq!(three.maintenance, 3 * one.maintenance);
	});
}

#[test]
fn collateral_should_hedge_only_the_underlying_it_follows() {
	run(|| {
		// A short call against a coin: with the coin of its underlying a rise costs less.
		let with = |asset, amount| {
			let mut account = Account::new(Portfolio(BTC));
			account.positions.try_push(Position { series: call(100_000), lots: -100 }).unwrap();
			account.collateral.try_push((asset, amount)).unwrap();
			Clearing::margin(&mut PriceCache::default(), &account).unwrap()
		};
		let hedged = with(WBTC, 100_000_000);
		let unhedged = with(WETH, 25 * 10u128.pow(18));
		assert_eq!(hedged.equity, unhedged.equity);
		assert!(hedged.initial > unhedged.initial);
	});
}

#[test]
fn cash_alone_should_need_no_price() {
	run(|| {
		for (owner, kind) in [(ALICE, Standard), (BOB, Portfolio(BTC))] {
			let account = open_with(owner, kind, 100);
			state(|state| {
				state.spots.clear();
				state.quote = None;
			});
			let report = Clearing::margin_report(&account).unwrap();
			assert_eq!(report.margin.initial, 100 * USD);
			assert_eq!((report.fresh, report.detail), (true, MarginReport::CashOnly));
			assert_ok!(Clearing::withdraw(signed(owner), 0, USDC, 100 * USD as u128));
		}
	});
}

#[test]
fn stale_prices_should_refuse_risk_and_let_reductions_pass() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 50, 3_000_000_000));
		age(MAX_AGE);
		// Exactly as old as is permitted.
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 1, 3_000_000_000));
		age(1);
		let stale = Error::<Test>::PricesStale;
		assert_noop!(trade(&alice, &bob, call(100_000), Side::Buy, 1, 3_000_000_000), stale);
		assert_noop!(Clearing::withdraw(signed(BOB), 0, USDC, 1), Error::<Test>::PricesStale);
		// Both come closer to nothing, at the mark and without fees.
		state(|state| {
			let terms = state.terms.get_mut(&BTC).unwrap();
			(terms.maker_fee_ppb, terms.taker_fee_ppb) = (0, 0);
		});
		let report = Clearing::margin_report(&bob).unwrap();
		assert!(!report.fresh);
		let mark = report.positions[0].mark.to_micro_usd_floor() as u64 / 100 * 100;
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Sell, 25, mark));
		// At a price that hands over what the reduction frees and more, it is no reduction.
		let gift = trade(&alice, &bob, call(100_000), Side::Sell, 1, 100_000_000_000);
		assert_eq!(gift, Err(is(Error::PricesStale)));
	});
}

#[test]
fn each_stale_input_should_count() {
	let old = |change: fn(&mut State)| {
		run(|| {
			let (alice, bob) = two_traders();
			age(2 * MAX_AGE);
			new_round();
			state(change);
			let buy = trade(&alice, &bob, call(100_000), Side::Buy, 1, 3_000_000_000);
			assert_eq!(buy, Err(is(Error::PricesStale)));
		});
	};
	old(|state| state.quote = Some((Ppb::ONE, START)));
	old(|state| state.spots.get_mut(&BTC).unwrap().1 = START);
	old(|state| state.priced.get_mut(&(BTC, expiry(1))).unwrap().at = START);
}

#[test]
fn prices_of_untouched_expiries_may_be_old() {
	run(|| {
		let (alice, bob) = two_traders();
		age(2 * MAX_AGE);
		new_round();
		state(|state| {
			state.priced.get_mut(&(BTC, expiry(2))).unwrap().at = START;
			state.spots.get_mut(&ETH).unwrap().1 = START;
		});
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 1, 3_000_000_000));
	});
}

#[test]
fn missing_inputs_should_be_named() {
	let without = |change: fn(&mut State)| {
		run(|| {
			let (alice, bob) = two_traders();
			let kept = state(|state| state.clone());
			state(change);
			let buy = trade(&alice, &bob, call(100_000), Side::Buy, 1, 3_000_000_000);
			assert_eq!(buy, Err(is(Error::PricesMissing)));
			state(|state| *state = kept);
		});
	};
	without(|state| state.quote = None);
	without(|state| {
		state.priced.remove(&(BTC, expiry(1)));
	});
	without(|state| state.priced.get_mut(&(BTC, expiry(1))).unwrap().strikes.truncate(2));
	// A grid of another size than the arrays were made for.
	without(|state| state.priced.get_mut(&(BTC, expiry(1))).unwrap().width -= 1);
}

#[test]
fn check_should_let_an_account_below_initial_margin_reduce() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&bob, &alice, call(100_000), Side::Sell, 1_000, 3_500_000_000));
		set_spot(BTC, 150_000);
		assert!(margin(&alice).initial < 0);
		let mark = Clearing::margin_report(&alice).unwrap().positions[0].mark;
		let price = mark.to_micro_usd_floor() as u64 / 100 * 100;
		assert_ok!(trade(&bob, &alice, call(100_000), Side::Buy, 200, price));
		let more = trade(&bob, &alice, call(100_000), Side::Sell, 1, price);
		assert_eq!(more, Err(is(Error::InsufficientMargin)));
	});
}

#[test]
fn resting_orders_should_count_by_their_worst_case() {
	run(|| {
		let alice = open_with(ALICE, Portfolio(BTC), 10_000);
		let before = account(&alice);
		let mut after = before.clone();
		let order = OpenOrder {
			id: 1,
			client_id: None,
			series: call(100_000),
			side: Side::Sell,
			price: 3_000_000_000,
			lots: 10,
			reduce_only: false,
			good_till: None,
		};
		after.orders.try_push(order).unwrap();
		let check = |after: &Account| Clearing::check(&mut PriceCache::default(), &before, after);
		assert_ok!(check(&after));
		after.orders[0].lots = 1_000;
		assert_eq!(check(&after), Err(is(Error::InsufficientMargin)));
		after.orders[0].series = eth_call(4_000);
		assert_eq!(check(&after), Err(is(Error::NotItsUnderlying)));
	});
}

#[test]
fn check_should_let_reductions_rest_in_an_account_below_initial_margin() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&bob, &alice, call(100_000), Side::Sell, 1_000, 3_500_000_000));
		set_spot(BTC, 150_000);
		assert!(margin(&alice).initial < 0);
		let before = account(&alice);
		let order = |id, reduce_only, lots| OpenOrder {
			id,
			client_id: None,
			series: call(100_000),
			side: Side::Buy,
			price: 60_000_000_000,
			lots,
			reduce_only,
			good_till: None,
		};
		let check = |before: &Account, orders: &[OpenOrder]| {
			let mut after = before.clone();
			after.orders = orders.to_vec().try_into().unwrap();
			Clearing::check(&mut PriceCache::default(), before, &after)
		};
		let short = Err(is(Error::InsufficientMargin));
		assert_ok!(check(&before, &[order(1, true, 10), order(2, true, 5)]));
		assert_eq!(check(&before, &[order(1, true, 10), order(2, false, 1)]), short);
		// Orders that rest already may become smaller beside it, and nothing else.
		let mut resting = before.clone();
		resting.orders = vec![order(1, false, 10)].try_into().unwrap();
		assert_ok!(check(&resting, &[order(1, false, 10), order(2, true, 5)]));
		assert_ok!(check(&resting, &[order(1, false, 9), order(2, true, 5)]));
		assert_eq!(check(&resting, &[order(1, false, 11), order(2, true, 5)]), short);
		// Whoever pays something as well is checked as always.
		let mut paying = before.clone();
		paying.cash += 1;
		let mut after = before.clone();
		after.orders = vec![order(2, true, 5)].try_into().unwrap();
		assert_eq!(Clearing::check(&mut PriceCache::default(), &paying, &after), short);
	});
}

#[test]
fn report_should_show_parts_that_add_up_to_equity() {
	run(|| {
		for kind in [Portfolio(BTC), Standard] {
			run(|| {
				let alice = a_book(kind);
				let report = Clearing::margin_report(&alice).unwrap();
				let values: MicroUsd = report.positions.iter().map(|it| it.value).sum();
				let worth: MicroUsd = report.collateral.iter().map(|it| it.worth).sum();
				let sum = report.cash + values + worth;
				// Each part is rounded down by itself.
				assert!((0..=5).contains(&(report.margin.equity - sum)), "{report:?}");
				assert_eq!(report.margin, margin(&alice));
				assert!(report.fresh && !report.frozen);
				assert_eq!(report.orders[0].fee, 6_250_000);
				let coin = &report.collateral[0];
				assert_eq!((coin.asset, coin.worth), (WBTC, 50_000 * USD));
				let haircuts = match kind {
					Portfolio(_) => (5_000 * USD, 7_500 * USD),
					Standard => (10_000 * USD, 12_500 * USD),
				};
				assert_eq!((coin.haircut_maintenance, coin.haircut_initial), haircuts);
			});
		}
	});
}

#[test]
fn report_should_be_offered_as_a_view_function() {
	run(|| {
		let alice = a_book(Standard);
		let seen = Clearing::account_report(ALICE, 0);
		assert_eq!(seen, Clearing::margin_report(&alice).ok());
		assert!(seen.is_some());
		assert_eq!(Clearing::account(ALICE, 0), Some(account(&alice)));
		assert_eq!(Clearing::account_report(ALICE, 5), None);
		assert_eq!(Clearing::margin_report(&key(ALICE, 5)), Err(Error::AccountNotFound));
	});
}

#[test]
fn work_should_count_loads_once_and_every_evaluation() {
	run(|| {
		let key = a_book(Standard);
		let account = account(&key);
		let mut prices = PriceCache::default();
		Clearing::margin(&mut prices, &account).unwrap();
		let first = Clearing::margin_work(&prices);
		Clearing::margin(&mut prices, &account).unwrap();
		let second = Clearing::margin_work(&prices).saturating_sub(first);
		let (positions, orders) = crate::accounts::size(&account);
		assert_eq!(second, <() as crate::WeightInfo>::margin_standard(positions, orders));
		assert!(first.all_gt(second));
		assert!(Clearing::most_checks(1).all_gt(first));
		assert!(first.all_gte(Clearing::least_check()));
	});
}

#[test]
fn most_checks_should_grow_with_accounts() {
	assert!(Clearing::most_checks(3).all_gt(Clearing::most_checks(2)));
	assert!(Clearing::most_checks(3).all_lte(Clearing::most_checks(1) * 3));
}

#[test]
fn a_check_should_weigh_no_more_than_foretold_whatever_is_loaded() {
	for kind in [Standard, Portfolio(BTC)] {
		run(|| {
			let before = account(&a_book(kind));
			let mut after = before.clone();
			// Too little for the margin it needs: both sides of the change are evaluated.
			after.cash = -900_000_000_000;
			after.positions[0].lots -= 1;
			for warm in [false, true] {
				let mut prices = PriceCache::default();
				if warm {
					Clearing::margin(&mut prices, &before).unwrap();
				}
				let most = Clearing::most_check_of(&prices, &before);
				let done = Clearing::margin_work(&prices);
				assert!(Clearing::check(&mut prices, &before, &after).is_err());
				let weighed = Clearing::margin_work(&prices).saturating_sub(done);
				assert!(weighed.all_lte(most), "{weighed:?} of {most:?}");
				assert!(most.all_lte(Clearing::most_checks(1)));
			}
		});
	}
}

#[test]
fn a_check_should_be_foretold_as_lighter_when_prices_are_loaded() {
	run(|| {
		let account = account(&a_book(Standard));
		let mut prices = PriceCache::default();
		let cold = Clearing::most_check_of(&prices, &account);
		Clearing::margin(&mut prices, &account).unwrap();
		assert!(Clearing::most_check_of(&prices, &account).all_lt(cold));
	});
}
