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
			// Whole micro-USD per lot, so that fills cost exactly what the margin counts.
			price: Price::from_pico_usd(
				(value * random.uniform(0.8, 1.2)) as i64 / 100_000_000 * 100_000_000,
			)
			.unwrap(),
			fee: i128::from(random.within(0, 1_000_000)),
		}
	};
	(0..count).map(|_| order()).collect()
}

/// Margin after orders are filled, each by so many lots.
fn after_fills<'o>(case: &StandardCase, fills: impl Iterator<Item = (&'o Order, Lots)>) -> Margin {
	let (mut options, mut cash) = (case.options.clone(), 0);
	for (order, filled) in fills {
		let lots = order.side.signed(filled);
		options.push(Position { series: order.series, lots });
		let cost = i128::from(lots) * i128::from(order.price.pico_usd());
		let fee = order.fee * i128::from(filled) / i128::from(order.lots);
		cash -= cost / (1_000_000 * i128::from(LOTS)) + fee;
	}
	report(Underlying { options: &options, ..case.underlying() }, cash as i64).margin
}

/// The least initial margin that a set of whole fills leaves.
fn worst_fills(case: &StandardCase, orders: &[Order]) -> MicroUsd {
	let filled = |set: u32| {
		let of_set = orders.iter().zip(0..).filter(move |(_, bit)| set >> bit & 1 == 1);
		after_fills(case, of_set.map(|(order, _)| (order, order.lots))).initial
	};
	(0..1 << orders.len()).map(filled).min().unwrap()
}

/// Margin with open orders.
fn with_orders(case: &StandardCase, orders: &[Order]) -> Margin {
	report(Underlying { orders, ..case.underlying() }, 0).margin
}

/// What open orders count beyond their worst set of fills, as a share of what that set counts.
fn median_excess(count: usize) -> (f64, f64) {
	let excess = |seed| {
		let case = random_case(seed);
		let orders = random_orders(seed, &case, count);
		let (held, worst) = (with_orders(&case, &[]).initial, worst_fills(&case, &orders));
		(worst - with_orders(&case, &orders).initial) as f64 / (held - worst).max(1_000_000) as f64
	};
	let mut excesses: Vec<_> = (0..200).map(excess).collect();
	excesses.sort_by(f64::total_cmp);
	(excesses[100], excesses[180])
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

	/// Fills of a few lots are as possible as whole ones.
	#[test]
	fn open_orders_should_count_at_least_as_much_as_fills_in_part(seed: u64, count in 1usize..=10) {
		let case = random_case(seed);
		let orders = random_orders(seed, &case, count);
		let open = with_orders(&case, &orders);
		prop_assert_eq!(open.maintenance, with_orders(&case, &[]).maintenance);
		let mut random = Random::new(seed ^ 11);
		for _ in 0..4 {
			let fills: Vec<_> = orders.iter().map(|order| match random.within(0, 3) {
				0 => (order, 0),
				1 => (order, order.lots),
				2 => (order, 1),
				_ => (order, random.within(0, order.lots)),
			}).collect();
			let filled = after_fills(&case, fills.into_iter().filter(|(_, lots)| *lots > 0));
			prop_assert!(open.initial <= filled.initial, "{} {}", open.initial, filled.initial);
		}
	}

	#[test]
	fn each_further_order_should_only_lower_initial_margin(seed: u64) {
		let case = random_case(seed);
		let orders = random_orders(seed, &case, 8);
		let open = |count: usize| {
			report(Underlying { orders: &orders[..count], ..case.underlying() }, 0).margin.initial
		};
		for count in 0..orders.len() {
			prop_assert!(open(count + 1) <= open(count), "{}", count);
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

proptest! {
	#![proptest_config(ProptestConfig { cases: 200, ..config() })]

	#[test]
	fn open_orders_should_count_at_least_as_much_as_every_set_of_fills(seed: u64, count in 1usize..=10) {
		let case = random_case(seed);
		let orders = random_orders(seed, &case, count);
		let (open, worst) = (with_orders(&case, &orders).initial, worst_fills(&case, &orders));
		prop_assert!(open <= worst, "{} {}", open, worst);
	}
}

proptest! {
	#![proptest_config(config())]

	/// Whatever prices become, consistent or not.
	#[test]
	fn maintenance_should_fall_by_no_more_than_what_bounds_it(seed: u64, covers in 0..4u8) {
		let mut case = random_case(seed);
		(case.base, case.perpetual) = (0, Perpetual::NONE);
		if covers > 0 {
			// As many calls bought as sold: the fall has a bound.
			for index in 0..case.options.len() {
				let Position { series, lots } = case.options[index];
				let bought = lots.min(0).abs();
				let of = case.series[usize::from(series)];
				let strike = usd(of.strike.pico_usd() as f64 / 1e12 * (1.0 + f64::from(covers) / 50.0));
				case.options.push(Position { series: case.series.len() as u16, lots: bought });
				case.series.push(Series { strike, ..of });
				case.values.push(usd(0.0));
			}
		}
		let bound = |case: &StandardCase| {
			let underlyings = [case.underlying()];
			let account = StandardAccount { quote_price: Ppb::ONE, cash: 0, underlyings: &underlyings };
			Standard.surplus_bounds(&account).unwrap().as_slice()[0].most_fall
		};
		let before = report(case.underlying(), 0).margin.maintenance;
		let most = bound(&case);
		prop_assert!(covers == 0 || most.is_some());
		let mut random = Random::new(seed ^ 3);
		for _ in 0..8 {
			case.spot = usd(10f64.powf(random.uniform(-0.3, 5.2)));
			for expiry in &mut case.expiries {
				expiry.forward = usd(10f64.powf(random.uniform(-0.3, 5.2)));
			}
			for value in &mut case.values {
				*value = usd(10f64.powf(random.uniform(-3.0, 5.2)));
			}
			let after = report(case.underlying(), 0).margin.maintenance;
			prop_assert!(most.is_none_or(|most| after >= before - most - 2), "{} {} {:?}", before, after, most);
		}
	}
}

#[test]
fn open_orders_should_count_little_more_than_their_worst_set_of_fills() {
	for count in [1, 3, 8] {
		let (median, tenth) = median_excess(count);
		assert!(median < 0.01 && tenth < 0.25, "{count}: {median} {tenth}");
	}
}

/// A resting buy that would fill first takes the cash away and hides nothing of what a sell then needs.
#[test]
fn resting_buy_should_not_hide_the_requirement_of_a_resting_sell() {
	let usd = |dollars| Price::from_usd(dollars).unwrap();
	let mut case = random_case(0);
	let leg = |strike| Series { expiry: 0, strike: usd(strike), kind: OptionKind::Call };
	case.spot = usd(100);
	(case.base, case.spot_confidence) = (0, Ppb::ONE);
	case.expiries = vec![StandardExpiry { forward: usd(100), confidence: Ppb::ONE }];
	case.series = vec![leg(100), leg(101), leg(102), leg(103)];
	case.values = [5, 4, 3, 2].map(usd).to_vec();
	case.options.clear();
	let order = |series, side, price| Order { series, side, lots: 100, price: usd(price), fee: 0 };
	let orders = [
		order(0, Side::Buy, 5),
		order(1, Side::Sell, 4),
		order(2, Side::Sell, 3),
		order(3, Side::Buy, 2),
	];
	let open = with_orders(&case, &orders).initial;
	let sells = worst_fills(&case, &orders[1..3]);
	// Short by themselves they need 18 and 16 dollars; they bring 7.
	assert_eq!(sells, -27_000_000);
	assert!(open <= sells, "{open}");
}
