// SPDX-License-Identifier: Apache-2.0
//! Properties of portfolio margin over random books.

mod common;

use ballast_risk::*;
use common::random::{random_order, Random};
use common::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn config() -> ProptestConfig {
	ProptestConfig {
		cases: 10_000,
		failure_persistence: None,
		rng_seed: RngSeed::Fixed(20_261_120),
		..ProptestConfig::default()
	}
}

proptest! {
	#![proptest_config(config())]

	#[test]
	fn cash_should_add_exactly_itself(seed: u64, cash in -1_000_000_000_000i64..1_000_000_000_000) {
		let mut case = PortfolioCase::random(seed);
		let before = case.margin();
		case.cash += i128::from(cash);
		let after = case.margin();
		prop_assert_eq!(after.maintenance - before.maintenance, i128::from(cash));
		prop_assert_eq!(after.initial - before.initial, i128::from(cash));
		prop_assert_eq!(after.equity - before.equity, i128::from(cash));
		prop_assert_eq!(after.mark_to_market, before.mark_to_market);
	}

	#[test]
	fn split_and_shuffled_positions_should_change_nothing(seed: u64, split in -5_000i64..5_000) {
		let mut case = PortfolioCase::random(seed);
		let before = case.report();
		let mut random = Random::new(seed ^ 1);
		let index = random.within(0, case.options.len() as i64 - 1) as usize;
		let series = case.options[index].series;
		case.options[index].lots -= split;
		case.options.push(Position { series, lots: split });
		for last in (1..case.options.len()).rev() {
			case.options.swap(last, random.within(0, last as i64) as usize);
		}
		prop_assert_eq!(case.report(), before);
	}

	#[test]
	fn stored_arrays_should_equal_the_direct_path(seed: u64) {
		let case = PortfolioCase::random(seed);
		let mut random = Random::new(seed ^ 2);
		let orders: Vec<_> = (0..random.within(0, 3)).map(|_| random_order(&mut random, &case)).collect();
		let slices: Vec<_> = (0..case.series.len()).map(|index| case.arrays().get(index).unwrap()).collect();
		let report = |arrays: &dyn ArraySource| {
			let account = PortfolioAccount { orders: &orders, ..case.account(arrays) };
			case.model().report(&account).unwrap()
		};
		let stored = report(&case.arrays());
		prop_assert_eq!(&stored, &report(&case.direct()));
		prop_assert_eq!(&stored, &report(&slices.as_slice()));
	}

	#[test]
	fn margins_should_be_homogeneous(seed: u64, times in 2i64..9) {
		let mut case = PortfolioCase::random(seed);
		let one = case.margin();
		let many = i128::from(times);
		case.cash *= many;
		case.options.iter_mut().for_each(|held| held.lots *= times);
		case.perpetual.lots *= times;
		case.perpetual.unrealised_pnl *= many;
		case.perpetual.unrealised_funding *= many;
		case.collateral.iter_mut().for_each(|held| held.amount *= times as u64);
		let all = case.margin();
		let pairs = [
			(one.maintenance, all.maintenance),
			(one.initial, all.initial),
			(one.mark_to_market, all.mark_to_market),
		];
		for (one, all) in pairs {
			// One margin lost up to a micro-USD to rounding, and all of them lose up to another.
			prop_assert!((-1..=many).contains(&(all - one * many)), "{} {}", all, one);
		}
	}

	#[test]
	fn initial_should_not_exceed_maintenance_nor_equity(seed: u64) {
		let margin = PortfolioCase::random(seed).margin();
		prop_assert!(margin.initial <= margin.maintenance);
		prop_assert!(margin.maintenance <= margin.equity);
	}

	#[test]
	fn report_should_agree_with_its_parts(seed: u64) {
		let case = PortfolioCase::random(seed);
		let report = case.report();
		let (index, worst) = report.scenario_pnl().iter().enumerate().min_by_key(|(_, pnl)| **pnl).unwrap();
		let basis = report.basis_contingency;
		let worst = *worst.min(&basis);
		match report.binding {
			Binding::Basis => prop_assert!(basis <= worst),
			Binding::Scenario(bound) => prop_assert_eq!(report.scenario_pnl()[usize::from(bound)], worst, "{}", index),
		}
		let charges = report.charges;
		let parts = charges.perpetual_maintenance + charges.option_maintenance + charges.haircut_maintenance;
		let sum = worst * 4 / 5 - parts + report.margin.equity;
		prop_assert!((report.margin.maintenance - sum).abs() <= 8);
	}

	#[test]
	fn short_box_should_owe_its_width_at_discount_one(seed: u64, lots in 1i64..100_000) {
		let mut case = PortfolioCase::random(seed).without_discounts();
		let [low, high] = [8, 13].map(|tenths| Price::from_pico_usd(case.market.spot.pico_usd() / 10 * tenths).unwrap());
		let expiry = 0;
		let leg = |strike, kind| Series { expiry, strike, kind };
		use OptionKind::{Call, Put};
		case.series = vec![leg(low, Call), leg(low, Put), leg(high, Call), leg(high, Put)];
		case.options = (0..).zip([-lots, lots, lots, -lots]).map(|(series, lots)| Position { series, lots }).collect();
		case.perpetual = Perpetual::NONE;
		case.collateral.clear();
		case.expiries[0].forward_confidence = Ppb::ONE;
		case.price();
		let margin = case.margin();
		let width = i128::from(lots) * i128::from(high.minus(low));
		let owed = (width + 99_999_999).div_euclid(100_000_000);
		prop_assert_eq!(margin.equity, case.cash - owed);
		prop_assert_eq!(margin.maintenance, case.cash - owed);
	}

	#[test]
	fn open_orders_should_count_at_least_as_much_as_any_single_fill(seed: u64) {
		let mut case = PortfolioCase::random(seed).without_discounts();
		case.scenarios.retain(|scenario| !scenario.vol.is_skew());
		// The charges count open sells alone; a buy may add to the charge for low confidence.
		case.parameters.confidence_threshold = Ppb::ZERO;
		case.price();
		let order = random_order(&mut Random::new(seed ^ 3), &case);
		let arrays = case.arrays();
		let account = case.account(&arrays);
		let model = case.model();
		let effect = model.effect(&account, &order).unwrap();
		let orders = [order];
		let open = model.margin(&PortfolioAccount { orders: &orders, ..account }).unwrap();
		prop_assert!(open.initial <= effect.before.initial - order.fee);
		prop_assert!(open.initial <= effect.after.initial + 2, "{} {}", open.initial, effect.after.initial);
		prop_assert_eq!(open.maintenance, effect.before.maintenance);
		prop_assert!(!effect.falls_nowhere || effect.after.initial >= effect.before.initial);
	}

	#[test]
	fn each_further_order_should_only_lower_initial_margin(seed: u64) {
		let case = PortfolioCase::random(seed);
		let mut random = Random::new(seed ^ 4);
		let orders: Vec<_> = (0..4).map(|_| random_order(&mut random, &case)).collect();
		let arrays = case.arrays();
		let mut last = case.margin().initial;
		for count in 1..=orders.len() {
			let account = PortfolioAccount { orders: &orders[..count], ..case.account(&arrays) };
			let initial = case.model().margin(&account).unwrap().initial;
			prop_assert!(initial <= last);
			last = initial;
		}
	}

	#[test]
	fn adjustments_should_only_lower_margins(seed: u64, size in 0i64..200_000_000, more in 0i64..100_000_000) {
		let case = PortfolioCase::random(seed);
		let arrays = case.arrays();
		let margin = |multiplier: i64, delay_move: i64, concentration| {
			let adjustments = Adjustments {
				initial_multiplier: Ppb(multiplier),
				delay_move: Ppb(delay_move),
				concentration,
			};
			let account = PortfolioAccount { adjustments, ..case.account(&arrays) };
			case.model().margin(&account).unwrap()
		};
		let none = margin(1_000_000_000, 0, 0);
		prop_assert_eq!(none, case.margin());
		let [some, greater] = [size, size + more].map(|size| margin(1_000_000_000, size, 0));
		prop_assert!(some.maintenance <= none.maintenance && greater.maintenance <= some.maintenance);
		prop_assert!(greater.initial <= some.initial);
		let concentrated = margin(1_000_000_000, 0, 1_234_567);
		prop_assert_eq!(concentrated.maintenance, none.maintenance);
		prop_assert_eq!(concentrated.initial, none.initial - 1_234_567);
		let multiplied = margin(1_500_000_000, 0, 0);
		prop_assert!(multiplied.initial <= none.initial);
		prop_assert_eq!(multiplied.maintenance, none.maintenance);
	}
}
