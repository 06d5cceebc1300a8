// SPDX-License-Identifier: Apache-2.0
//! Largest errors over the vectors that the two crates are tested against.

use ballast_pricing::{black76, Price, Time};
use ballast_risk::{Binding, MicroUsd};
use serde_json::Value;

use crate::book::{Book, Shift};
use crate::decimal::{Decimal, Rounding};
use crate::field::{real, Field, Problem};

const PRICES: &str = include_str!("../../../../primitives/pricing/tests/data/black76.csv");
const PORTFOLIO: &str =
	include_str!("../../../../primitives/risk/tests/data/portfolio_margin.json");
const STANDARD: &str = include_str!("../../../../primitives/risk/tests/data/standard_margin.json");

fn scaled(text: &str, decimals: u32) -> Option<i128> {
	// Exact values have more digits than a field may have: what is beyond 1e-24 goes first.
	let text = match text.split_once('.') {
		Some((whole, fraction)) if !text.contains(['e', 'E']) => {
			format!("{whole}.{}", fraction.get(..24).unwrap_or(fraction))
		},
		_ => text.to_owned(),
	};
	Decimal::parse(&text)?.scaled(decimals, Rounding::Nearest)
}

/// Largest error of a call or a put in units of the forward.
pub fn max_price_error() -> Result<f64, String> {
	let mut largest = 0.0f64;
	for (number, row) in PRICES.lines().enumerate().skip(1) {
		let error = price_error(row).ok_or_else(|| format!("black76.csv, line {}", number + 1))?;
		largest = largest.max(error);
	}
	Ok(largest)
}

fn price_error(row: &str) -> Option<f64> {
	let columns: Vec<&str> = row.split(',').collect();
	let column = |index: usize| columns.get(index).copied();
	let price = |text: &str| Price::from_pico_usd(i64::try_from(scaled(text, 12)?).ok()?).ok();
	let forward = price(column(0)?)?;
	let vol = real(&Decimal::parse(column(2)?)?)?;
	let time = Time::from_seconds(column(3)?.parse().ok()?).ok()?;
	let total = black76::total_vol(vol, time).ok()?;
	let found = black76::call_put(forward, price(column(1)?)?, total).ok()?;
	let error = |found: Price, exact: &str| {
		let exact = if is_tiny(exact) { 0 } else { scaled(exact, 18)? };
		Some((i128::from(found.pico_usd()) * 1_000_000 - exact).abs())
	};
	let worst = error(found.call, column(4)?)?.max(error(found.put, column(5)?)?);
	Some(worst as f64 / (forward.pico_usd() as f64 * 1e6))
}

/// A price far below what 1e-18 resolves, such as `3e-394387`.
fn is_tiny(text: &str) -> bool {
	let exponent =
		text.split_once(['e', 'E']).and_then(|(_, exponent)| exponent.parse::<i64>().ok());
	exponent.is_some_and(|exponent| exponent < -40)
}

/// Largest error of any margin figure in units of its tolerance.
pub fn max_margin_error_ratio() -> Result<f64, String> {
	let mut largest = 0.0f64;
	for (name, file) in [("portfolio_margin.json", PORTFOLIO), ("standard_margin.json", STANDARD)] {
		let cases: Vec<Value> =
			serde_json::from_str(file).map_err(|error| format!("{name}: {error}"))?;
		for (index, case) in cases.iter().enumerate() {
			let error = margin_error_ratio(&Field::root(case));
			largest = largest.max(error.map_err(|error| format!("{name}, book {index}: {error}"))?);
		}
	}
	Ok(largest)
}

/// Largest error of a book's figures in units of their tolerance; a binding scenario that is not
/// the expected one is an error without bound.
pub fn margin_error_ratio(case: &Field<'_>) -> Result<f64, Problem> {
	let (book, expected) = (case.get("book")?, case.get("expected")?);
	let figures = figures(&Book::read(&book)?, &expected)?;
	let tolerance = 1e9f64.max(gross_notional(&book)? * 1e12 * 1e-7);
	let mut largest = 0.0f64;
	for (field, found) in figures {
		let exact = scaled(&field.name()?, 12).ok_or_else(|| field.problem("not a number"))?;
		largest = largest.max((found * 1_000_000 - exact).abs() as f64 / tolerance);
	}
	Ok(largest)
}

/// Each expected figure with the one found, in micro-USD.
fn figures<'a>(book: &Book, expected: &Field<'a>) -> Result<Vec<(Field<'a>, MicroUsd)>, Problem> {
	let margin = book.margin_after(Shift::NONE)?;
	let mut figures = vec![
		(expected.get("mark_to_market")?, margin.mark_to_market),
		(expected.get("maintenance")?, margin.maintenance),
		(expected.get("initial")?, margin.initial),
	];
	if let Book::Portfolio(book) = book {
		let report = book.price(Shift::NONE)?.report()?;
		figures.push((expected.get("basis_contingency")?, report.basis_contingency));
		let profits = expected.get("scenario_pnl")?.items(ballast_risk::MAX_SCENARIOS)?;
		figures.extend(profits.into_iter().zip(report.scenario_pnl().iter().copied()));
		let binding = expected.get("binding")?;
		let found = match report.binding {
			Binding::Basis => "basis".to_owned(),
			Binding::Scenario(index) => index.to_string(),
		};
		if binding.name()? != found {
			return Err(binding.problem(format_args!("{found} binds")));
		}
	}
	Ok(figures)
}

/// Contracts of every kind times spot, in USD.
fn gross_notional(book: &Field<'_>) -> Result<f64, Problem> {
	let size = |field: Field<'_>| -> Result<f64, Problem> {
		Ok(field.get("amount")?.decimal()?.to_string().parse::<f64>().unwrap_or(0.0).abs())
	};
	let mut gross = 0.0;
	let parts = match book.get("underlyings") {
		Ok(underlyings) => underlyings.items(ballast_risk::MAX_UNDERLYINGS)?,
		Err(_) => vec![book.clone()],
	};
	for part in parts {
		let market = part.get("market").unwrap_or_else(|_| part.clone());
		let spot: f64 = market.get("spot")?.decimal()?.to_string().parse().unwrap_or(0.0);
		let mut contracts = size(part.get("perpetual")?)?;
		for option in part.get("options")?.items(ballast_risk::MAX_LEGS)? {
			contracts += size(option)?;
		}
		gross += contracts * spot;
	}
	Ok(gross)
}
