// SPDX-License-Identifier: Apache-2.0
//! Margins against an evaluation of the same arrays and factors in 512-bit integers without any
//! rounding: never above it, and less than a few micro-USD below.

mod common;

use std::cmp::Ordering;

use ballast_risk::*;
use common::wide::Wide;
use common::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const BILLION: i128 = 1_000_000_000;
const FACTOR: i128 = 1 << 60;

/// Pico-USD times lots, times `2^60` for a discount and `10^9` each for shock, weight and factor,
/// times units and quote price of collateral.
struct Exact {
	maintenance: Wide,
	initial: Wide,
	unit: Wide,
}

/// What one unit of collateral worth is divided by: units per token and quote price.
fn collateral_divisor(case: &PortfolioCase) -> i128 {
	1_000_000_000 * wide(case.market.quote_price)
}

fn wide(ppb: Ppb) -> i128 {
	i128::from(ppb.0)
}

fn factor(p: &PortfolioParameters, quote: Ppb) -> i128 {
	// In 10^-18: the product of peg gap and factor keeps its digits.
	let gap = (p.peg_threshold.0 - quote.0).max(0);
	i128::from(p.initial_factor.0) * BILLION + i128::from(gap) * i128::from(p.peg_factor.0)
}

/// Sums `lots * entry` of one expiry.
fn total(case: &PortfolioCase, expiry: usize, entry: usize) -> i128 {
	let arrays = case.arrays();
	let held = case
		.options
		.iter()
		.filter(|held| usize::from(case.series[usize::from(held.series)].expiry) == expiry);
	held.map(|held| {
		i128::from(held.lots) * i128::from(arrays.get(held.series.into()).unwrap()[entry])
	})
	.sum()
}

/// Net calls and puts per strike of one expiry.
fn by_strike(case: &PortfolioCase, expiry: usize) -> impl Iterator<Item = [i128; 2]> {
	let mut strikes = std::collections::BTreeMap::<i64, [i128; 2]>::new();
	for held in &case.options {
		let series = case.series[usize::from(held.series)];
		if usize::from(series.expiry) == expiry {
			let side = usize::from(series.kind == OptionKind::Put);
			strikes.entry(series.strike.pico_usd()).or_default()[side] += i128::from(held.lots);
		}
	}
	strikes.into_values()
}

/// Shorts per strike that the other leg does not cover, written from the rule.
fn naked(case: &PortfolioCase, expiry: usize) -> i128 {
	let of = |[call, put]: [i128; 2]| match call * put < 0 {
		true => (-(call + put)).max(0),
		false => (-call).max(0) + (-put).max(0),
	};
	by_strike(case, expiry).map(of).sum()
}

fn evaluate(case: &PortfolioCase) -> Exact {
	let (p, spot) = (&case.parameters, i128::from(case.market.spot.pico_usd()));
	let divisor = collateral_divisor(case);
	// Everything is scaled by 2^60, 10^36 and the divisor.
	let money = |fine: i128| Wide::from(fine).times(FACTOR).times(BILLION.pow(4)).times(divisor);
	let billionths =
		|nano: i128| Wide::from(nano).times(FACTOR).times(BILLION.pow(3)).times(divisor);
	let worth = |held: &Collateral| {
		i128::from(held.amount) * i128::from(held.price.pico_usd()) * i128::from(LOTS)
	};
	// A worth is its product over the divisor, in billionths of quote price: 10^9 more.
	let of_worth =
		|worth: i128| Wide::from(worth).times(FACTOR).times(BILLION.pow(4)).times(BILLION);
	let of_worth_ppb =
		|worth: i128, ppb: i128| Wide::from(worth).times(ppb).times(FACTOR).times(BILLION.pow(4));
	let perpetual = &case.perpetual;
	let held = perpetual.lots != 0;
	let unrealised = if held { perpetual.unrealised_pnl + perpetual.unrealised_funding } else { 0 };
	let micro = |micro: i128| money(micro * 1_000_000 * i128::from(LOTS));
	let (mut equity, mut basis) = (micro(case.cash + unrealised), Wide::from(0));
	let mut pnl = vec![Wide::from(0); case.scenarios.len()];
	let mut base = case.market.spot_confidence;
	if held {
		base = base.min(perpetual.confidence);
	}
	let charge = |confidence: Ppb| match confidence < p.confidence_threshold {
		true => {
			i128::from(BILLION as i64 - confidence.0) * i128::from(p.confidence_margin.0) / BILLION
		},
		false => 0,
	};
	let notional = i128::from(perpetual.lots.abs()) * spot;
	let mut maintenance = billionths(notional * wide(p.perpetual_maintenance));
	let mut initial = billionths(notional * (wide(p.perpetual_initial) + charge(base)));
	for held in &case.collateral {
		let worth = worth(held);
		equity = equity.add(of_worth(worth));
		maintenance = maintenance.add(of_worth_ppb(worth, wide(held.haircut_maintenance)));
		let confidence = charge(held.confidence.min(case.market.spot_confidence));
		initial = initial.add(of_worth_ppb(worth, wide(held.haircut_initial) + confidence));
		for (pnl, scenario) in pnl.iter_mut().zip(&case.scenarios).filter(|_| held.hedges_spot) {
			*pnl = pnl.add(of_worth_ppb(worth, wide(scenario.spot) - BILLION));
		}
	}
	for (pnl, scenario) in pnl.iter_mut().zip(&case.scenarios) {
		let shock = wide(scenario.spot) - BILLION;
		let profit = i128::from(perpetual.lots) * i128::from(perpetual.price.pico_usd());
		*pnl = pnl.add(billionths(profit).times(shock));
	}
	for (index, terms) in case.terms.iter().enumerate() {
		let of = |entry| total(case, index, entry);
		let mark = of(MARK);
		equity = equity.add(money(mark));
		let worse = (of(BASIS_UP) - mark).min(of(BASIS_DOWN) - mark).min(0);
		let discounted = |amount: i128, factor: Factor| {
			Wide::from(amount).times(i128::from(factor.0)).times(BILLION.pow(4)).times(divisor)
		};
		basis = basis.add(discounted(worse, terms.basis));
		for (entry, (pnl, scenario)) in pnl.iter_mut().zip(&case.scenarios).enumerate() {
			let shocked = of(FIXED_ENTRIES + entry);
			let discount = if shocked >= 0 { terms.discount_long } else { terms.discount_short };
			let change = discounted(shocked, discount).sub(money(mark));
			*pnl = pnl.add(if scenario.vol.is_skew() { change.abs().negate() } else { change });
		}
		let naked = naked(case, index) * spot;
		maintenance = maintenance.add(billionths(naked * wide(p.option_maintenance)));
		initial = initial.add(billionths(naked * wide(p.option_initial)));
		let gross: i128 = by_strike(case, index).flatten().map(i128::abs).sum();
		initial = initial.add(billionths(gross * spot).times(charge(base.min(terms.confidence))));
	}
	let mut worst = basis.times(BILLION);
	for (pnl, scenario) in pnl.iter().zip(&case.scenarios) {
		worst = worst.min(pnl.times(wide(scenario.weight)));
	}
	// Weight and factor are the last two billionths: 10^18 more than the others.
	let all = |charges: Wide, factor: i128| {
		worst.times(factor).sub(charges.times(BILLION.pow(3))).add(equity.times(BILLION.pow(3)))
	};
	Exact {
		maintenance: all(maintenance, wide(p.maintenance_factor) * BILLION),
		initial: all(maintenance.add(initial), factor(p, case.market.quote_price)),
		unit: micro(1).times(BILLION.pow(3)),
	}
}

/// `actual <= exact` and `exact < actual + room`, in micro-USD.
fn is_just_below(actual: MicroUsd, exact: Wide, unit: Wide, room: i128) -> bool {
	unit.times(actual).compare(&exact) != Ordering::Greater
		&& unit.times(actual + room).compare(&exact) == Ordering::Greater
}

proptest! {
	#![proptest_config(ProptestConfig {
		cases: 10_000,
		failure_persistence: None,
		rng_seed: RngSeed::Fixed(20_261_120),
		..ProptestConfig::default()
	})]

	#[test]
	fn rounding_should_never_favour_the_account(seed: u64) {
		let case = PortfolioCase::random(seed);
		let exact = evaluate(&case);
		let margin = case.margin();
		prop_assert!(is_just_below(margin.maintenance, exact.maintenance, exact.unit, 2));
		prop_assert!(is_just_below(margin.initial, exact.initial, exact.unit, 2));
	}
}
