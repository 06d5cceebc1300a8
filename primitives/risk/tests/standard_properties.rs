// SPDX-License-Identifier: Apache-2.0
//! Properties of standard margin over random books.

mod common;

use ballast_pricing::{black76, Time, Vol};
use ballast_risk::*;
use common::random::Random;
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

fn usd(value: f64) -> Price {
	Price::from_pico_usd((value * 1e12) as i64).unwrap()
}

fn random_case(seed: u64) -> StandardCase {
	let mut random = Random::new(seed);
	let spot = 10f64.powf(random.uniform(-0.3, 5.2));
	let mut case = StandardCase {
		parameters: StandardParameters::DEFAULT,
		spot: usd(spot),
		spot_confidence: Ppb(if random.chance(20) { 300_000_000 } else { 1_000_000_000 }),
		base: random.within(0, 5_000) as u64,
		perpetual: Perpetual::NONE,
		expiries: Vec::new(),
		series: Vec::new(),
		values: Vec::new(),
		options: Vec::new(),
	};
	// One volatility per expiry: values without arbitrage.
	let (mut times, mut vols) = (Vec::new(), Vec::new());
	for _ in 0..random.within(1, 4) {
		times.push(Time::from_seconds(random.within(0, 40_000_000) as u64).unwrap());
		vols.push(Vol::from_ppb(random.within(200_000_000, 1_500_000_000)).unwrap());
		let confidence = Ppb(random.within(300_000_000, 1_000_000_000));
		case.expiries
			.push(StandardExpiry { forward: usd(spot * random.uniform(0.95, 1.1)), confidence });
	}
	for index in 0..random.within(1, 10) as u16 {
		let expiry = random.within(0, times.len() as i64 - 1) as usize;
		let strike = usd((spot * random.uniform(0.3, 2.2) * 100.0).round() / 100.0);
		let kind = [OptionKind::Call, OptionKind::Put][random.bits() as usize % 2];
		let total = black76::total_vol(vols[expiry], times[expiry]).unwrap();
		let value = black76::call_put(case.expiries[expiry].forward, strike, total).unwrap();
		case.series.push(Series { expiry: expiry as u8, strike, kind });
		case.values.push(value.side(kind));
		case.options.push(Position { series: index, lots: random.within(-3_000, 3_000) });
	}
	case
}

fn report(underlying: Underlying, cash: i64) -> StandardReport {
	let account = StandardAccount {
		quote_price: Ppb::ONE,
		cash: i128::from(cash),
		underlyings: &[underlying],
	};
	Standard.report(&account).unwrap()
}

fn random_orders(seed: u64, case: &StandardCase, count: usize) -> Vec<Order> {
	let mut random = Random::new(seed ^ 9);
	let mut order = || {
		let series = random.within(0, case.series.len() as i64 - 1) as u16;
		let value = case.values[usize::from(series)].pico_usd() as f64;
		Order {
			series,
			side: if random.chance(50) { Side::Buy } else { Side::Sell },
			lots: random.within(1, 3_000),
			price: Price::from_pico_usd((value * random.uniform(0.8, 1.2)) as i64).unwrap(),
			fee: i128::from(random.within(0, 1_000_000)),
		}
	};
	(0..count).map(|_| order()).collect()
}

/// Margin after an order is filled, its cost in cash rounded up.
fn after_fill(case: &StandardCase, order: &Order, cash: i64) -> Margin {
	let mut options = case.options.clone();
	options.push(Position { series: order.series, lots: order.side.signed(order.lots) });
	let cost = i128::from(order.side.signed(order.lots)) * i128::from(order.price.pico_usd());
	let cost = (-cost).div_euclid(1_000_000 * i128::from(LOTS)) - order.fee;
	report(Underlying { options: &options, ..case.underlying() }, cash + cost as i64).margin
}

proptest! {
	#![proptest_config(config())]

	#[test]
	fn cash_should_add_exactly_itself(seed: u64, cash in -1_000_000_000_000i64..1_000_000_000_000) {
		let case = random_case(seed);
		let (none, some) = (report(case.underlying(), 0).margin, report(case.underlying(), cash).margin);
		prop_assert_eq!(some.maintenance - none.maintenance, i128::from(cash));
		prop_assert_eq!(some.initial - none.initial, i128::from(cash));
		prop_assert_eq!(some.mark_to_market - none.mark_to_market, i128::from(cash));
	}

	#[test]
	fn split_and_shuffled_positions_should_change_nothing(seed: u64, split in -5_000i64..5_000) {
		let mut case = random_case(seed);
		let before = report(case.underlying(), 0);
		let mut random = Random::new(seed ^ 1);
		let index = random.within(0, case.options.len() as i64 - 1) as usize;
		let series = case.options[index].series;
		case.options[index].lots -= split;
		case.options.push(Position { series, lots: split });
		for last in (1..case.options.len()).rev() {
			case.options.swap(last, random.within(0, last as i64) as usize);
		}
		prop_assert_eq!(report(case.underlying(), 0), before);
	}

	#[test]
	fn long_options_should_need_no_more_than_their_value(seed: u64, cash in 0i64..1_000_000_000) {
		let mut case = random_case(seed);
		case.base = 0;
		case.options.iter_mut().for_each(|held| held.lots = held.lots.abs());
		let margin = report(case.underlying(), cash).margin;
		prop_assert_eq!(margin.initial, i128::from(cash));
		prop_assert_eq!(margin.maintenance, i128::from(cash));
	}

	#[test]
	fn short_box_should_owe_exactly_its_width(seed: u64, lots in 1i64..100_000) {
		let mut case = random_case(seed);
		case.base = 0;
		let [low, high] = [7, 12].map(|tenths| Price::from_pico_usd(case.spot.pico_usd() / 10 * tenths).unwrap());
		let forward = case.expiries[0].forward;
		let total = Vol::from_ppb(Random::new(seed).within(0, 2_000_000_000)).unwrap();
		let [at_low, at_high] = [low, high].map(|strike| black76::call_put(forward, strike, total).unwrap());
		let leg = |strike, kind| Series { expiry: 0, strike, kind };
		use OptionKind::{Call, Put};
		case.series = vec![leg(low, Call), leg(low, Put), leg(high, Call), leg(high, Put)];
		case.values = vec![at_low.call, at_low.put, at_high.call, at_high.put];
		case.options = (0..).zip([-lots, lots, lots, -lots]).map(|(series, lots)| Position { series, lots }).collect();
		case.parameters.confidence_threshold = Ppb::ZERO;
		let margin = report(case.underlying(), 0).margin;
		let owed = (i128::from(lots) * i128::from(high.minus(low)) + 99_999_999).div_euclid(100_000_000);
		prop_assert_eq!(margin.maintenance, -owed);
		prop_assert_eq!(margin.initial, -owed);
		prop_assert_eq!(margin.equity, -owed);
	}

	#[test]
	fn margins_should_be_homogeneous(seed: u64, times in 2i64..9) {
		let mut case = random_case(seed);
		let one = report(case.underlying(), 0).margin;
		case.options.iter_mut().for_each(|held| held.lots *= times);
		case.base *= times as u64;
		let all = report(case.underlying(), 0).margin;
		for (one, all) in [(one.maintenance, all.maintenance), (one.initial, all.initial)] {
			prop_assert!((-1..=i128::from(times)).contains(&(all - one * i128::from(times))));
		}
	}

	/// An order far above the strikes held is no point at which what is held loses.
	#[test]
	fn open_orders_should_leave_maintenance_alone(seed: u64, count in 1usize..8) {
		let mut case = random_case(seed);
		let before = report(case.underlying(), 0).margin;
		let far = Price::from_pico_usd(case.spot.pico_usd() / 10 * 31).unwrap();
		case.series.push(Series { expiry: 0, strike: far, kind: OptionKind::Call });
		case.values.push(Price::from_pico_usd(1_000_000_000).unwrap());
		let mut orders = random_orders(seed, &case, count);
		orders[0].series = case.series.len() as u16 - 1;
		let after = report(Underlying { orders: &orders, ..case.underlying() }, 0).margin;
		prop_assert_eq!(after.maintenance, before.maintenance);
		prop_assert_eq!(after.equity, before.equity);
	}

	#[test]
	fn initial_should_not_exceed_maintenance_nor_equity(seed: u64) {
		let margin = report(random_case(seed).underlying(), 0).margin;
		prop_assert!(margin.initial <= margin.maintenance);
		prop_assert!(margin.maintenance <= margin.equity);
	}

	#[test]
	fn open_orders_should_count_at_least_as_much_as_any_single_fill(seed: u64) {
		let case = random_case(seed);
		let orders = random_orders(seed, &case, 3);
		let open = report(Underlying { orders: &orders, ..case.underlying() }, 0).margin;
		let none = report(case.underlying(), 0).margin;
		prop_assert!(open.initial <= none.initial);
		prop_assert_eq!(open.maintenance, none.maintenance);
		for order in &orders[..1] {
			let alone = [*order];
			let open = report(Underlying { orders: &alone, ..case.underlying() }, 0).margin;
			let filled = after_fill(&case, order, 0);
			let worst = none.initial.min(filled.initial);
			prop_assert!((0..=1).contains(&(open.initial - worst)), "{} {}", open.initial, worst);
		}
	}

	#[test]
	fn underlyings_should_add_up(left: u64, right: u64) {
		let (one, two) = (random_case(left), random_case(right));
		let both = StandardAccount { quote_price: Ppb::ONE, cash: 0, underlyings: &[one.underlying(), two.underlying()] };
		let both = Standard.margin(&both).unwrap();
		let (one, two) = (report(one.underlying(), 0).margin, report(two.underlying(), 0).margin);
		prop_assert!((0..=1).contains(&(both.maintenance - one.maintenance - two.maintenance)));
		prop_assert!((0..=1).contains(&(both.initial - one.initial - two.initial)));
	}
}
