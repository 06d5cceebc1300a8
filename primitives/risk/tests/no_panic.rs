// SPDX-License-Identifier: Apache-2.0
//! Every public function over the full ranges of its arguments: an answer or an error, never a panic.
//!
//! The arithmetic is meant to be run with overflow checks as well:
//! `CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=true cargo test --release -p ballast-risk`.

mod common;

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

fn wild_price(random: &mut Random) -> Price {
	let pico = random.extreme().unsigned_abs() % 8_000_000_000_000_000_001;
	Price::from_pico_usd(pico as i64).unwrap()
}

fn wild_money(random: &mut Random) -> MicroUsd {
	let wide = i128::from(random.extreme());
	if random.chance(10) {
		wide << 64 | i128::from(random.extreme())
	} else {
		wide
	}
}

fn wild_ppb(random: &mut Random) -> Ppb {
	let number = random.extreme();
	Ppb(if random.chance(70) { number % 1_000_000_001 } else { number })
}

/// A confidence that is usually valid, so that what comes after its check is reached.
fn confidence(random: &mut Random) -> Ppb {
	if random.chance(2) {
		wild_ppb(random)
	} else {
		Ppb(random.within(0, 1_000_000_000))
	}
}

fn wild_lots(random: &mut Random) -> Lots {
	if random.chance(5) {
		random.extreme()
	} else {
		random.extreme() >> 23
	}
}

fn wild_perpetual(random: &mut Random) -> Perpetual {
	Perpetual {
		lots: wild_lots(random),
		price: wild_price(random),
		confidence: confidence(random),
		unrealised_pnl: wild_money(random),
		unrealised_funding: wild_money(random),
	}
}

fn wild_collateral(random: &mut Random) -> Collateral {
	Collateral {
		amount: random.extreme() as u64,
		units_per_token: if random.chance(5) { random.extreme() as u64 } else { 1_000_000_000 },
		price: wild_price(random),
		confidence: confidence(random),
		hedges_spot: random.chance(50),
		haircut_initial: confidence(random),
		haircut_maintenance: confidence(random),
	}
}

fn wild_order(random: &mut Random, series: u16) -> Order {
	Order {
		series,
		side: if random.chance(50) { Side::Buy } else { Side::Sell },
		lots: wild_lots(random).saturating_abs(),
		price: wild_price(random),
		fee: wild_money(random).saturating_abs(),
	}
}

fn wild_series(random: &mut Random, expiries: u8) -> Series {
	Series {
		expiry: if random.chance(2) { 255 } else { random.bits() as u8 % expiries.max(1) },
		strike: wild_price(random),
		kind: if random.chance(50) { OptionKind::Call } else { OptionKind::Put },
	}
}

fn wild_terms(random: &mut Random) -> ExpiryTerms {
	ExpiryTerms {
		confidence: confidence(random),
		discount_long: Factor(random.extreme() as u64),
		discount_short: Factor(random.extreme() as u64),
		basis: Factor(random.extreme() as u64),
		live: Factor(random.extreme() as u64),
		discounted_forward: wild_price(random),
		skew_slope: wild_ppb(random),
	}
}

fn wild_market(random: &mut Random) -> Market {
	Market {
		spot: wild_price(random),
		spot_confidence: confidence(random),
		quote_price: if random.chance(5) {
			wild_ppb(random)
		} else {
			Ppb(random.within(10_000_000, 2_000_000_000))
		},
	}
}

fn wild_adjustments(random: &mut Random) -> Adjustments {
	if random.chance(50) {
		return Adjustments::NONE;
	}
	Adjustments {
		initial_multiplier: Ppb(random.within(900_000_000, 3_000_000_000)),
		delay_move: Ppb(random.within(-100, 10_000_000_001)),
		concentration: wild_money(random),
	}
}

/// Parameters anywhere inside their ranges.
fn wild_parameters(random: &mut Random) -> PortfolioParameters {
	let mut p = PortfolioParameters::DEFAULT;
	macro_rules! pick {
		($($field:ident: $variant:ident),*) => { $(
			if random.chance(30) {
				let range = PortfolioParameter::$variant.range();
				let value = random.within(range.lowest, range.highest);
				p.$field = Ppb(if random.chance(30) { range.highest } else if random.chance(30) { range.lowest } else { value });
			}
		)* };
	}
	pick!(basis_up: BasisUp, basis_down: BasisDown, basis_add: BasisAdd, basis_slope: BasisSlope,
		vol_up: VolUp, vol_down: VolDown, vol_up_floor: VolUpFloor, vol_short_power: VolShortPower,
		discount_short: DiscountShort, discount_short_rate: DiscountShortRate, discount_short_add: DiscountShortAdd,
		maintenance_factor: MaintenanceFactor, initial_factor: InitialFactor, peg_threshold: PegThreshold,
		peg_factor: PegFactor, confidence_threshold: ConfidenceThreshold, confidence_margin: ConfidenceMargin,
		perpetual_maintenance: PerpetualMaintenance, option_maintenance: OptionMaintenance,
		skew_linear_cap: SkewLinearCap, skew_linear_cap_slope: SkewLinearCapSlope, skew_k_min: SkewKMin,
		skew_width: SkewWidth, skew_vol: SkewVol, skew_vol_slope: SkewVolSlope);
	p
}

fn wild_scenarios(random: &mut Random) -> Vec<Scenario> {
	use VolShock::*;
	(0..random.within(0, 64))
		.map(|_| Scenario {
			spot: Ppb(random.within(0, 10_000_000_000)),
			vol: [Up, None, Down, Linear, Absolute][random.bits() as usize % 5],
			weight: Ppb(random.within(0, 2_000_000_000)),
		})
		.collect()
}

proptest! {
	#![proptest_config(config())]

	#[test]
	fn portfolio_should_answer_any_stored_round(seed: u64) {
		let random = &mut Random::new(seed);
		let (parameters, scenarios) = (wild_parameters(random), wild_scenarios(random));
		let expiries: Vec<_> = (0..random.within(0, 13)).map(|_| wild_terms(random)).collect();
		let series: Vec<_> = (0..random.within(0, 8)).map(|_| wild_series(random, expiries.len() as u8)).collect();
		let width = FIXED_ENTRIES + scenarios.len();
		let entries: Vec<i64> = (0..series.len() * width).map(|_| random.extreme()).collect();
		let options: Vec<_> = (0..series.len()).map(|series| Position { series: series as u16, lots: wild_lots(random) }).collect();
		let orders: Vec<_> = (0..series.len()).map(|series| wild_order(random, series as u16)).collect();
		let collateral: Vec<_> = (0..random.within(0, 3)).map(|_| wild_collateral(random)).collect();
		let arrays = RiskArrays::new(&entries, scenarios.len());
		let round = Round { market: wild_market(random), expiries: &expiries, series: &series, arrays: &arrays };
		let perpetual = if random.chance(50) { Perpetual::NONE } else { wild_perpetual(random) };
		let lots_per_contract = if random.chance(5) { random.bits() as u32 } else { 100 };
		let book = Book { lots_per_contract, cash: wild_money(random), options: &options, perpetual, collateral: &collateral };
		let orders = if random.chance(50) { &orders[..] } else { &[] };
		let account = PortfolioAccount { round, book, orders, adjustments: wild_adjustments(random) };
		let model = Portfolio::new(&parameters, &scenarios).unwrap();
		let margin = model.margin(&account);
		prop_assert_eq!(margin, model.report(&account).map(|report| report.margin));
		let _ = model.surplus_bound(&account).map(|bound| {
			(bound.fall(wild_price(random)), bound.safe_distance(wild_money(random)))
		});
		let _ = model.drift_bound(&account);
		let _ = quote_drift(wild_ppb(random), wild_ppb(random));
		let _ = model.effect(&account, &wild_order(random, 0));
		let _ = model.marginal(&account, &wild_order(random, 1));
		let _ = model.reduces_only_risk(&account, &wild_order(random, 2));
	}

	#[test]
	fn standard_should_answer_any_account(seed: u64) {
		let random = &mut Random::new(seed);
		let parameters = StandardParameters::DEFAULT;
		let expiries: Vec<_> = (0..random.within(0, 13)).map(|_| StandardExpiry { forward: wild_price(random), confidence: confidence(random) }).collect();
		let series: Vec<_> = (0..random.within(0, 8)).map(|_| wild_series(random, expiries.len() as u8)).collect();
		let values: Vec<_> = series.iter().map(|_| wild_price(random)).collect();
		let options: Vec<_> = (0..series.len()).map(|series| Position { series: series as u16, lots: wild_lots(random) }).collect();
		let orders: Vec<_> = (0..series.len()).map(|series| wild_order(random, series as u16)).collect();
		let underlying = Underlying {
			parameters: &parameters,
			spot: wild_price(random),
			spot_confidence: confidence(random),
			lots_per_contract: if random.chance(5) { random.bits() as u32 } else { 100 },
			base: random.extreme() as u64,
			base_units_per_token: if random.chance(5) { random.bits() } else { 1_000_000_000 },
			perpetual: if random.chance(50) { Perpetual::NONE } else { wild_perpetual(random) },
			expiries: &expiries,
			series: &series,
			values: &values,
			options: &options,
			orders: if random.chance(50) { &orders } else { &[] },
			charge: wild_money(random).saturating_abs(),
		};
		let account = StandardAccount { quote_price: wild_market(random).quote_price, cash: wild_money(random), underlyings: &[underlying, underlying] };
		let _ = Standard.margin(&account);
		let _ = Standard.surplus_bounds(&account).map(|bounds| bounds.as_slice().len());
	}

	#[test]
	fn formulas_should_answer_any_arguments(seed: u64) {
		let random = &mut Random::new(seed);
		let auction = AuctionParameters::DEFAULT;
		let state = AuctionState { mark: wild_money(random), maintenance: wild_money(random), reserved: wild_money(random) };
		let (millis, discount, share) = (random.bits(), wild_ppb(random), wild_ppb(random));
		let _ = (auction.target(&state), auction.max_share(&state, discount), auction.price(&state, discount, share));
		let _ = (auction.phase(&state, millis), auction.insolvent_payment(&state, millis, share), auction.discount(millis));
		let mut measure = DelayMeasure {
			price_age_millis: random.bits() as u32,
			backlog: random.bits() as u32,
			capacity_per_second: random.bits() as u32,
			auction_notice_millis: random.bits() as u32,
			realised_vol: wild_ppb(random),
		};
		let delay = DelayParameters { z: Ppb(10_000_000_000), vol_floor: Ppb(5_000_000_000) };
		let _ = (measure.delay_millis(), delay.unescapable_move(&measure));
		measure.price_age_millis %= 86_400_000;
		measure.backlog = 0;
		measure.auction_notice_millis = 0;
		let _ = delay.unescapable_move(&measure);
		let concentration = ConcentrationParameters { threshold: wild_ppb(random), charge: wild_ppb(random) };
		let _ = concentration.charge(wild_lots(random), wild_lots(random), wild_price(random), random.bits() as u32);
		let multiplier = MultiplierParameters { slope: Ppb(5_000_000_000), highest: Ppb(3_000_000_000), ..MultiplierParameters::DEFAULT };
		let _ = multiplier.next(wild_ppb(random), wild_ppb(random), wild_ppb(random));
		let wild = MultiplierParameters { slope: wild_ppb(random), highest: wild_ppb(random), rise_per_block: wild_ppb(random), fall_per_block: wild_ppb(random) };
		let _ = wild.next(wild_ppb(random), wild_ppb(random), wild_ppb(random));
	}

	#[test]
	fn pricing_should_answer_any_market(seed: u64) {
		let random = &mut Random::new(seed);
		let mut case = PortfolioCase::random(seed);
		let (parameters, scenarios) = (wild_parameters(random), wild_scenarios(random));
		let mut contexts = Vec::new();
		for expiry in &mut case.expiries {
			if random.chance(30) { expiry.seconds = random.extreme() as u32; }
			if random.chance(30) { expiry.forward = wild_price(random); }
			if random.chance(30) { expiry.rate = wild_ppb(random); }
			let Ok(context) = ExpiryContext::new(&parameters, &scenarios, expiry) else { continue };
			contexts.push(context);
		}
		for series in &mut case.series {
			if random.chance(30) { *series = wild_series(random, contexts.len() as u8); }
		}
		let mut entries = vec![0; case.series.len() * (FIXED_ENTRIES + scenarios.len())];
		let _ = price_all(&contexts, &case.series, &mut entries);
		let model = Portfolio::new(&parameters, &scenarios).unwrap();
		let market = PricedMarket { market: wild_market(random), contexts: &contexts, series: &case.series };
		let book = case.book();
		let _ = model.margin_at(&market, &book, &wild_adjustments(random), wild_price(random));
		let _ = model.surplus_bound_direct(&market, &book, &wild_adjustments(random));
		let range = SearchRange { lowest: wild_price(random), highest: wild_price(random), steps: random.bits() as u32 % 4 };
		let _ = model.liquidation_prices(&market, &book, &wild_adjustments(random), &range);
		let mut last: Option<(SurfaceTerms, [u64; 2])> = None;
		for context in &contexts {
			let vol = ballast_pricing::Vol::from_bits(random.extreme());
			let total_vols = [random.extreme() as u64, context.total_vol(vol).unwrap_or(0)];
			if let Ok(terms) = context.surface(wild_price(random)) {
				let (before, old) = last.replace((terms, total_vols)).unwrap_or((terms, [0; 2]));
				let drift = model.drift(
					&Surface { terms: &before, total_vols: &old },
					&Surface { terms: &terms, total_vols: &total_vols },
				);
				prop_assert!(drift.is_none_or(|drift| drift >= Ppb::ZERO));
			}
			let series = wild_series(random, 1);
			let mut short = [0; 5];
			let _ = context.price(series.kind, series.strike, &mut short);
			let vol = ballast_pricing::Vol::from_bits(random.extreme());
			let _ = (context.undiscounted(series.kind, series.strike, vol), context.vol(series.strike));
			let _ = context.price_at_vol(series.kind, series.strike, vol, &mut [0; MAX_WIDTH]);
		}
	}
}
