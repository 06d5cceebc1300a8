// SPDX-License-Identifier: Apache-2.0
//! Moves of everything, spot included: what the bounds promise, and that they promise something.

mod common;

use ballast_risk::*;
use common::random::{random_svi, Random};
use common::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn config(cases: u32) -> ProptestConfig {
	ProptestConfig {
		cases,
		failure_persistence: None,
		rng_seed: RngSeed::Fixed(20_261_121),
		..ProptestConfig::default()
	}
}

const BILLION: i128 = 1_000_000_000;

fn share(amount: i128, ppb: i128) -> i128 {
	-(-amount * ppb).div_euclid(BILLION)
}

fn scaled(price: Price, ratio: f64) -> Price {
	Price::from_pico_usd((price.pico_usd() as f64 * ratio) as i64).unwrap()
}

fn market(case: &PortfolioCase) -> PricedMarket<'_> {
	PricedMarket { market: case.market, contexts: &case.contexts, series: &case.series }
}

/// Total variances times a factor.
fn with_variance(slice: &SviSlice, factor: f64) -> SviSlice {
	use ballast_pricing::Real;
	let [a, b, rho, m, sigma] = slice.parameters();
	let scale = |real: Real| Real::from_bits((real.to_bits() as f64 * factor) as i64);
	SviSlice::new(scale(a), scale(b), rho, m, sigma, slice.forward(), slice.tau()).unwrap()
}

/// What moves of an expiry: a little of everything, or one thing by much.
fn moved(random: &mut Random, expiry: &Expiry) -> Expiry {
	let mut next = *expiry;
	let much = random.chance(30);
	let width = if much { 0.3 } else { 0.01 };
	if random.chance(70) {
		next.seconds = (f64::from(expiry.seconds) * random.uniform(1.0 - 3.0 * width, 1.0)) as u32;
	}
	if random.chance(10) {
		next.seconds = 0;
	}
	if random.chance(70) {
		next.forward = scaled(expiry.forward, random.uniform(1.0 - width, 1.0 + width));
	}
	if random.chance(70) {
		next.rate = Ppb(random.within(-20_000_000, 200_000_000));
	}
	if random.chance(70) {
		next.svi = with_variance(&expiry.svi, random.uniform(1.0 - 2.0 * width, 1.0 + 2.0 * width));
	}
	if much && random.chance(40) {
		let tau = f64::from(expiry.seconds.max(600)) / 31_536_000.0;
		next.svi = random_svi(random, tau, expiry.forward.pico_usd() as f64 * 1e-12);
	}
	next
}

/// Rules within their ranges, but far from the default ones.
fn other_rules(case: &mut PortfolioCase, random: &mut Random) {
	let mut ppb = |low: f64, high: f64| Ppb((random.uniform(low, high) * 1e9) as i64);
	case.parameters = PortfolioParameters {
		basis_up: ppb(1.005, 1.5),
		basis_down: ppb(0.5, 0.995),
		basis_add: ppb(0.0, 2.0),
		basis_slope: ppb(0.0, 2.5),
		vol_up: ppb(0.0, 1.5),
		vol_down: ppb(0.0, 1.0),
		vol_up_floor: ppb(0.0, 1.0),
		vol_short_power: ppb(0.0, 0.6),
		vol_long_power: ppb(0.0, 0.6),
		discount_long: ppb(0.5, 1.0),
		discount_long_rate: ppb(0.0, 2.0),
		discount_long_add: ppb(0.0, 1.0),
		discount_short: ppb(1.0, 1.5),
		discount_short_rate: ppb(0.0, 2.0),
		discount_short_add: ppb(0.0, 1.0),
		maintenance_factor: ppb(0.3, 2.0),
		skew_linear_cap: ppb(0.0, 1.0),
		skew_linear_cap_slope: ppb(-1.0, 1.0),
		skew_absolute_cap: ppb(0.0, 1.0),
		skew_absolute_cap_slope: ppb(-1.0, 1.0),
		skew_k_min: ppb(0.01, 0.3),
		skew_width: ppb(0.0, 6.0),
		skew_vol: ppb(0.0, 2.0),
		..PortfolioParameters::DEFAULT
	};
	// One scenario decides now and then, so that each kind of them does.
	let kept = random.within(1, 6);
	let weight = Ppb((random.uniform(0.05, 2.0) * 1e9) as i64);
	case.scenarios = (0..kept)
		.map(|_| {
			let scenario = DEFAULT_SCENARIOS[random.within(0, 32) as usize];
			Scenario {
				weight: if random.chance(50) { weight } else { scenario.weight },
				..scenario
			}
		})
		.collect();
	// A position or two: what others make up for hides what a bound lacks.
	let lone = random.within(1, 2) as usize;
	case.options.truncate(lone);
}

/// The book of a seed: some with their expiries inside the settlement window, some under other rules.
fn before(seed: u64) -> PortfolioCase {
	let mut case = PortfolioCase::random(seed);
	let mut random = Random::new(seed ^ 10);
	if random.chance(60) {
		other_rules(&mut case, &mut random);
	}
	if random.chance(40) {
		case.perpetual = Perpetual::NONE;
		case.collateral.clear();
	}
	if random.chance(40) {
		for (index, expiry) in case.expiries.iter_mut().enumerate() {
			expiry.seconds = (expiry.seconds + index as u32) % 2_000;
		}
	}
	case.price();
	case
}

/// The same book after the market has moved, at the same spot.
fn after(seed: u64, random: &mut Random) -> PortfolioCase {
	let mut case = before(seed);
	let quote_price = case.market.quote_price.0 as f64 * random.uniform(0.97, 1.03);
	case.market.quote_price = Ppb(quote_price as i64);
	case.expiries = case.expiries.iter().map(|expiry| moved(random, expiry)).collect();
	case.price();
	case
}

struct Measured {
	terms: SurfaceTerms,
	total_vols: Vec<u64>,
}

impl Measured {
	/// The surface of one expiry, on every strike of the case.
	fn new(case: &PortfolioCase, index: usize) -> Self {
		let context = &case.contexts[index];
		let total =
			|series: &Series| context.total_vol(context.vol(series.strike).unwrap()).unwrap();
		let total_vols = case.series.iter().map(total).collect();
		Self { terms: context.surface(case.market.spot).unwrap(), total_vols }
	}

	fn surface(&self) -> Surface<'_> {
		Surface { terms: &self.terms, total_vols: &self.total_vols }
	}
}

/// Largest drift of the expiries and of the quote price.
fn drift(before: &PortfolioCase, after: &PortfolioCase) -> Option<i128> {
	let mut most = quote_drift(before.market.quote_price, after.market.quote_price).0;
	for index in 0..before.contexts.len() {
		let [old, new] = [before, after].map(|case| Measured::new(case, index));
		most = most.max(before.model().drift(&old.surface(), &new.surface())?.0);
	}
	Some(most.into())
}

/// Standard margin of the options of a case at a spot, on what its expiries are there.
fn standard(case: &PortfolioCase, spot: Price, base: u64) -> (Margin, StandardBound) {
	let ratio = spot.pico_usd() as f64 / case.market.spot.pico_usd() as f64;
	let at = |expiry: &Expiry| {
		let there = Expiry { forward: scaled(expiry.forward, ratio), ..*expiry };
		ExpiryContext::new(&case.parameters, &case.scenarios, &there).unwrap()
	};
	let contexts: Vec<_> = case.expiries.iter().map(at).collect();
	let value = |series: &Series| {
		let context = &contexts[usize::from(series.expiry)];
		let vol = context.vol(series.strike).unwrap();
		context.undiscounted(series.kind, series.strike, vol).unwrap()
	};
	let values: Vec<_> = case.series.iter().map(value).collect();
	let expiries: Vec<_> = contexts
		.iter()
		.map(|context| StandardExpiry { forward: context.forward(), confidence: Ppb::ONE })
		.collect();
	let mut perpetual = case.perpetual;
	perpetual.price = scaled(perpetual.price, ratio);
	let gain = i128::from(perpetual.price.minus(case.perpetual.price)) * i128::from(perpetual.lots);
	perpetual.unrealised_pnl += gain.div_euclid(1_000_000 * i128::from(LOTS));
	let underlying = Underlying {
		parameters: &StandardParameters::DEFAULT,
		spot,
		spot_confidence: Ppb::ONE,
		lots_per_contract: LOTS,
		base,
		base_units_per_token: 1_000,
		perpetual,
		expiries: &expiries,
		series: &case.series,
		values: &values,
		options: &case.options,
		orders: &[],
		charge: 0,
	};
	let account = StandardAccount {
		quote_price: case.market.quote_price,
		cash: case.cash,
		underlyings: &[underlying],
	};
	let bounds = Standard.surplus_bounds(&account).unwrap();
	(Standard.margin(&account).unwrap(), bounds.as_slice()[0])
}

proptest! {
	#![proptest_config(config(4_000))]

	#[test]
	fn maintenance_should_fall_by_no_more_than_spot_drift_and_delay_account_for(seed: u64) {
		let mut random = Random::new(seed ^ 6);
		let (old, new) = (before(seed), after(seed, &mut random));
		let Some(drift) = drift(&old, &new) else { return Ok(()) };
		let delay = if random.chance(50) { random.within(0, 30_000_000) } else { 0 };
		let is_wide = random.chance(50);
		let range = if is_wide { DRIFT_WIDE_DELAY_RANGE } else { DRIFT_DELAY_RANGE };
		let rise = if random.chance(50) { random.within(0, range.0) } else { 0 };
		let adjustments = |size| Adjustments { delay_move: Ppb(size), ..Adjustments::NONE };
		let arrays = old.arrays();
		let account = PortfolioAccount { adjustments: adjustments(delay), ..old.account(&arrays) };
		let model = old.model();
		let now = model.margin(&account).unwrap().maintenance;
		let by_spot = model.surplus_bound(&account).unwrap();
		let by_drift = model.drift_bound(&account).unwrap();
		let by_drift = if is_wide { by_drift.wide } else { by_drift.near };
		let spot = old.market.spot;
		for ratio in [1.0, random.uniform(0.98, 1.02), random.uniform(0.5, 1.3)] {
			let there = scaled(spot, ratio);
			let distance = Price::from_pico_usd(there.minus(spot).abs()).unwrap();
			let adjustments = adjustments(delay + rise);
			let then = model.margin_at(&market(&new), &new.book(), &adjustments, there).unwrap().maintenance;
			let by_spot = by_spot.toward(there);
			let fall = by_spot.fall(distance) + share(by_drift, drift + i128::from(rise));
			prop_assert!(then >= now - fall, "{then} from {now}, {fall} for {ratio}, {drift}, {rise}");
		}
	}

	#[test]
	fn standard_maintenance_should_fall_by_no_more_than_spot_and_drift_account_for(seed: u64) {
		let mut random = Random::new(seed ^ 7);
		let (old, new) = (before(seed), after(seed, &mut random));
		let Some(drift) = drift(&old, &new) else { return Ok(()) };
		let (spot, base) = (old.market.spot, random.within(0, 5_000) as u64);
		let (now, bound) = standard(&old, spot, base);
		for ratio in [1.0, random.uniform(0.98, 1.02), random.uniform(0.5, 1.3)] {
			let there = scaled(spot, ratio);
			let (then, _) = standard(&new, there, base);
			let distance = i128::from(there.minus(spot).abs()) * BILLION / i128::from(spot.pico_usd()) + 1;
			let of_spot = if there < spot { bound.when_falling } else { bound.when_rising };
			let fall = share(of_spot, distance) + share(bound.drift_fall, drift) + bound.slack;
			prop_assert!(then.maintenance >= now.maintenance - fall, "{then:?} from {now:?}, {fall} for {ratio}, {drift}");
		}
	}

	#[test]
	fn drift_should_be_a_distance(seed: u64) {
		let mut random = Random::new(seed ^ 8);
		let (x, y) = (before(seed), after(seed, &mut random));
		let z = after(seed, &mut random);
		for index in 0..x.contexts.len() {
			let rules = &x;
			let [x, y, z] = [&x, &y, &z].map(|case| Measured::new(case, index));
			let model = rules.model();
			let between = |a: &Measured, b: &Measured| model.drift(&a.surface(), &b.surface());
			prop_assert_eq!(between(&x, &y), between(&y, &x));
			if let (Some(xy), Some(yz)) = (between(&x, &y), between(&y, &z)) {
				let xz = between(&x, &z).unwrap();
				prop_assert!(xz.0 <= xy.0 + yz.0, "{xz:?} {xy:?} {yz:?}");
				prop_assert_eq!(between(&x, &x), Some(Ppb::ZERO));
			}
		}
	}

	#[test]
	fn drift_should_hold_no_spot(seed: u64, tenths in 2i64..40) {
		let old = before(seed);
		let ratio = tenths as f64 / 10.0;
		let mut new = before(seed);
		new.market.spot = scaled(old.market.spot, ratio);
		for expiry in &mut new.expiries {
			expiry.forward = scaled(expiry.forward, ratio);
		}
		new.price();
		if let Some(drift) = drift(&old, &new) {
			prop_assert!(drift <= 5, "{drift}");
		}
	}
}

/// Bound over the larger fall of two opposite moves of one thing; `None` if nothing falls.
fn looseness(case: impl Fn() -> PortfolioCase, change: impl Fn(&mut Expiry, f64)) -> Option<f64> {
	let old = case();
	let now = old.margin().maintenance;
	let arrays = old.arrays();
	let bound = old.model().drift_bound(&old.account(&arrays)).unwrap().near;
	let (mut fall, mut most) = (0, 0);
	for size in [0.002, -0.002] {
		let mut new = case();
		new.expiries.iter_mut().for_each(|expiry| change(expiry, size));
		new.price();
		fall = fall.max(now - new.margin().maintenance);
		most = most.max(drift(&old, &new)?);
	}
	(fall > 0).then(|| share(bound, most) as f64 / fall as f64)
}

fn with_vols(expiry: &mut Expiry, size: f64) {
	expiry.svi = with_variance(&expiry.svi, 1.0 + size);
}

fn with_forward(expiry: &mut Expiry, size: f64) {
	expiry.forward = scaled(expiry.forward, 1.0 + size);
}

fn median(mut numbers: Vec<f64>) -> f64 {
	numbers.sort_by(f64::total_cmp);
	numbers[numbers.len() / 2]
}

/// Short options near the money at 60 % a year: a strike in percent of spot each.
fn ordinary(days: u32, legs: &[(i64, OptionKind)]) -> PortfolioCase {
	use ballast_pricing::Real;
	let spot = Price::from_usd(100_000).unwrap();
	let mut case = PortfolioCase::random(0);
	let real = |number: f64| Real::from_ppb((number * 1e9) as i64).unwrap();
	let tau = f64::from(days) / 365.0;
	let (b, sigma) = (real(0.000_001), real(0.1));
	let svi = SviSlice::new(real(0.36 * tau), b, Real::ZERO, Real::ZERO, sigma, spot, real(tau));
	let expiry = Expiry {
		seconds: days * 86_400,
		forward: scaled(spot, 1.001),
		rate: Ppb(40_000_000),
		svi: svi.unwrap(),
		..case.expiries[0]
	};
	case.market = Market { spot, spot_confidence: Ppb::ONE, quote_price: Ppb::ONE };
	case.expiries = vec![expiry];
	case.series = legs
		.iter()
		.map(|(percent, kind)| Series {
			expiry: 0,
			strike: Price::from_usd(1_000 * percent).unwrap(),
			kind: *kind,
		})
		.collect();
	case.options = (0..legs.len() as u16).map(|series| Position { series, lots: -100 }).collect();
	(case.perpetual, case.cash) = (Perpetual::NONE, 0);
	case.collateral.clear();
	case.price();
	case
}

#[test]
fn bound_should_be_a_few_times_what_an_ordinary_book_loses() {
	use OptionKind::{Call, Put};
	let books: [&[_]; 4] =
		[&[(105, Call)], &[(95, Put)], &[(100, Call), (100, Put)], &[(110, Call), (90, Put)]];
	let (mut by_vols, mut by_forwards) = (Vec::new(), Vec::new());
	for days in [7, 30, 90, 365] {
		for legs in books {
			by_vols.extend(looseness(|| ordinary(days, legs), with_vols));
		}
		for legs in &books[..2] {
			by_forwards.extend(looseness(|| ordinary(days, legs), with_forward));
		}
	}
	assert_eq!((by_vols.len(), by_forwards.len()), (16, 8));
	let largest = by_vols.iter().copied().fold(0.0, f64::max);
	let (by_vols, by_forwards) = (median(by_vols), median(by_forwards));
	assert!(by_vols < 3.2 && largest < 8.0, "{by_vols} {largest}");
	assert!(by_forwards < 6.0, "{by_forwards}");
}

/// Longs and shorts that make up for each other lose far less than each of them alone.
#[test]
fn bound_should_not_be_out_of_reach_for_random_books() {
	let median_of = |change: fn(&mut Expiry, f64)| {
		median(
			(0..300).filter_map(|seed| looseness(|| PortfolioCase::random(seed), change)).collect(),
		)
	};
	let (by_vols, by_forwards) = (median_of(with_vols), median_of(with_forward));
	assert!(by_vols < 90.0 && by_forwards < 25.0, "{by_vols} {by_forwards}");
}
