// SPDX-License-Identifier: Apache-2.0
//! Margins against reference figures: within 0.001 USD or 1e-7 of gross notional, whichever is larger.

mod common;

use ballast_risk::*;
use common::*;
use serde_json::Value;

/// Largest part of a tolerance that any figure used.
#[derive(Default)]
struct Ratio(f64, String);

impl Ratio {
	/// `actual` is rounded down; half a micro-USD is that rounding's mean and is not forgiven.
	fn check(&mut self, name: String, actual: MicroUsd, expected: &Value, gross: i128) {
		// Micro-USD times 1e6, so that the expected figure keeps its digits.
		let distance = (actual * 1_000_000 - scaled(expected, 12)).abs();
		let tolerance = 1_000_000_000.max(gross / 10);
		assert!(distance <= tolerance, "{name}: {actual} against {expected}");
		let used = distance as f64 / tolerance as f64;
		if used > self.0 {
			*self = Self(used, name);
		}
	}
}

fn check_parameters(parameters: &PortfolioParameters, json: &Value) {
	let p = parameters;
	let expected = [
		("basis_up", p.basis_up),
		("basis_down", p.basis_down),
		("basis_add", p.basis_add),
		("basis_slope", p.basis_slope),
		("vol_up", p.vol_up),
		("vol_down", p.vol_down),
		("vol_up_floor", p.vol_up_floor),
		("vol_short_power", p.vol_short_power),
		("vol_long_power", p.vol_long_power),
		("discount_long", p.discount_long),
		("discount_long_rate", p.discount_long_rate),
		("discount_long_add", p.discount_long_add),
		("discount_short", p.discount_short),
		("discount_short_rate", p.discount_short_rate),
		("discount_short_add", p.discount_short_add),
		("maintenance_factor", p.maintenance_factor),
		("initial_factor", p.initial_factor),
		("peg_threshold", p.peg_threshold),
		("peg_factor", p.peg_factor),
		("confidence_threshold", p.confidence_threshold),
		("confidence_margin", p.confidence_margin),
		("perpetual_maintenance", p.perpetual_maintenance),
		("perpetual_initial", p.perpetual_initial),
		("option_maintenance", p.option_maintenance),
		("option_initial", p.option_initial),
		("skew_linear_cap", p.skew_linear_cap),
		("skew_linear_cap_slope", p.skew_linear_cap_slope),
		("skew_absolute_cap", p.skew_absolute_cap),
		("skew_absolute_cap_slope", p.skew_absolute_cap_slope),
		("skew_k_min", p.skew_k_min),
		("skew_width", p.skew_width),
		("skew_vol", p.skew_vol),
		("skew_vol_slope", p.skew_vol_slope),
	];
	for (name, value) in expected {
		assert_eq!(value, ppb(&json[name]), "{name}");
	}
	let days = scaled(&json["vol_floor_days"], 0);
	assert_eq!(i128::from(p.vol_floor_seconds), days * 86_400);
}

#[test]
fn portfolio_margin_should_match_the_reference() {
	let mut ratio = Ratio::default();
	for (number, case) in cases("portfolio_margin.json").iter().enumerate() {
		let book = PortfolioCase::read(&case["book"]);
		check_parameters(&book.parameters, &case["book"]["parameters"]);
		assert_eq!(book.scenarios, DEFAULT_SCENARIOS);
		let (arrays, gross) = (book.arrays(), book.gross_notional());
		let account = book.account(&arrays);
		let report = book.model().report(&account).unwrap();
		assert_eq!(report.margin, book.model().margin(&account).unwrap());
		let direct = book.direct();
		assert_eq!(report, book.model().report(&book.account(&direct)).unwrap(), "direct {number}");
		let expected = &case["expected"];
		let mut check = |name: &str, actual, expected: &Value| {
			ratio.check(format!("book {number} {name}"), actual, expected, gross);
		};
		check("mark", report.margin.mark_to_market, &expected["mark_to_market"]);
		check("maintenance", report.margin.maintenance, &expected["maintenance"]);
		check("initial", report.margin.initial, &expected["initial"]);
		check("basis", report.basis_contingency, &expected["basis_contingency"]);
		let profits = list(&expected["scenario_pnl"]);
		assert_eq!(profits.len(), report.scenario_pnl().len());
		for (scenario, (actual, expected)) in report.scenario_pnl().iter().zip(profits).enumerate()
		{
			check(&format!("scenario {scenario}"), *actual, expected);
		}
		let binding = match &expected["binding"] {
			Value::Number(index) => Binding::Scenario(index.as_u64().unwrap() as u8),
			_ => Binding::Basis,
		};
		assert_eq!(report.binding, binding, "book {number}");
	}
	println!("portfolio: largest part of a tolerance used {:.5} by {}", ratio.0, ratio.1);
}

#[test]
fn standard_margin_should_match_the_reference() {
	let mut ratio = Ratio::default();
	for (number, case) in cases("standard_margin.json").iter().enumerate() {
		let book = &case["book"];
		let owned: Vec<_> = list(&book["underlyings"]).iter().map(StandardCase::read).collect();
		let underlyings: Vec<_> = owned.iter().map(StandardCase::underlying).collect();
		let account = StandardAccount {
			quote_price: ppb(&book["quote_price"]),
			cash: micro(&book["cash"]),
			underlyings: &underlyings,
		};
		let margin = Standard.margin(&account).unwrap();
		let gross = owned.iter().map(StandardCase::gross_notional).sum();
		let expected = &case["expected"];
		let mut check = |name: &str, actual| {
			ratio.check(format!("book {number} {name}"), actual, &expected[name], gross);
		};
		check("mark_to_market", margin.mark_to_market);
		check("maintenance", margin.maintenance);
		check("initial", margin.initial);
	}
	println!("standard: largest part of a tolerance used {:.5} by {}", ratio.0, ratio.1);
}

#[test]
fn auction_should_match_the_reference() {
	let path = "tests/data/auction.csv";
	let file = std::fs::read_to_string(path).unwrap();
	let mut largest = 0;
	for line in file.lines().skip(1) {
		let fields: Vec<&str> = line.split(',').collect();
		let state = AuctionState {
			mark: decimal(fields[0], 6),
			maintenance: decimal(fields[1], 6),
			reserved: decimal(fields[2], 6),
		};
		let discount = Ppb(decimal(fields[3], 9) as i64);
		let buffer = Ppb(decimal(fields[4], 9) as i64);
		let parameters = AuctionParameters { buffer, ..AuctionParameters::DEFAULT };
		let target = parameters.target(&state).unwrap() - decimal(fields[5], 6);
		let share = i128::from(parameters.max_share(&state, discount).unwrap().0);
		let share = share - decimal(fields[6], 9);
		let price = parameters.price(&state, discount, Ppb::ONE).unwrap() - decimal(fields[7], 6);
		// Inputs are cut to a micro-USD and to a billionth before they are used.
		assert!(target.abs() <= 2 && share.abs() <= 2 && price.abs() <= 1_000, "{line}");
		largest = largest.max(price.abs());
	}
	println!("auction: price of the whole book within {largest} micro-USD");
}
