// SPDX-License-Identifier: Apache-2.0
//! The margin of a book as JSON.

use ballast_risk::{
	Binding, Charges, Margin, PortfolioReport, Ppb, Scenario, StandardReport, UnderlyingReport,
	VolShock,
};
use serde::Serialize;

use crate::book::{Book, Shift};
use crate::decimal::shortest;
use crate::field::{usd, Read};

/// A margin with every part, money in USD.
#[derive(Serialize)]
#[serde(untagged)]
pub enum MarginOutput {
	/// Portfolio margin.
	Portfolio(Box<PortfolioOutput>),
	/// Standard margin.
	Standard(StandardOutput),
}

/// The four figures of every model.
#[derive(Serialize)]
pub struct Figures {
	mark_to_market: String,
	equity: String,
	maintenance: String,
	initial: String,
}

/// Portfolio margin.
#[derive(Serialize)]
pub struct PortfolioOutput {
	model: &'static str,
	#[serde(flatten)]
	figures: Figures,
	basis_contingency: String,
	binding: BindingOutput,
	binding_scenario: String,
	charges: ChargesOutput,
	scenario_pnl: Vec<String>,
}

/// `"basis"`, or the index of a scenario.
#[derive(Serialize)]
#[serde(untagged)]
pub enum BindingOutput {
	/// The basis contingency decides.
	Basis(&'static str),
	/// A scenario decides.
	Scenario(u8),
}

#[derive(Serialize)]
struct ChargesOutput {
	perpetual_maintenance: String,
	perpetual_initial: String,
	option_maintenance: String,
	option_initial: String,
	haircut_maintenance: String,
	haircut_initial: String,
	confidence: String,
	delay: String,
	concentration: String,
}

/// Standard margin.
#[derive(Serialize)]
pub struct StandardOutput {
	model: &'static str,
	#[serde(flatten)]
	figures: Figures,
	underlyings: Vec<UnderlyingOutput>,
}

#[derive(Serialize)]
struct UnderlyingOutput {
	name: String,
	mark: String,
	options_maintenance: String,
	options_initial: String,
	initial_charges: String,
	maintenance: String,
	initial: String,
}

/// The margin of a book.
pub fn margin(book: &Book) -> Read<MarginOutput> {
	Ok(match book {
		Book::Portfolio(book) => {
			let report = book.price(Shift::NONE)?.report()?;
			MarginOutput::Portfolio(Box::new(PortfolioOutput::new(&report, book.scenarios())))
		},
		Book::Standard(book) => {
			let report = book.price(Shift::NONE)?.report()?;
			MarginOutput::Standard(StandardOutput::new(&report, book.names()))
		},
	})
}

impl Figures {
	fn new(margin: &Margin) -> Self {
		Self {
			mark_to_market: usd(margin.mark_to_market),
			equity: usd(margin.equity),
			maintenance: usd(margin.maintenance),
			initial: usd(margin.initial),
		}
	}
}

impl PortfolioOutput {
	fn new(report: &PortfolioReport, scenarios: &[Scenario]) -> Self {
		let (binding, binding_scenario) = match report.binding {
			Binding::Basis => {
				(BindingOutput::Basis("basis"), "basis move, spot unchanged".to_owned())
			},
			Binding::Scenario(index) => (
				BindingOutput::Scenario(index),
				scenarios.get(usize::from(index)).map(describe).unwrap_or_default(),
			),
		};
		Self {
			model: "portfolio",
			figures: Figures::new(&report.margin),
			basis_contingency: usd(report.basis_contingency),
			binding,
			binding_scenario,
			charges: ChargesOutput::new(&report.charges),
			scenario_pnl: report.scenario_pnl().iter().map(|pnl| usd(*pnl)).collect(),
		}
	}
}

impl ChargesOutput {
	fn new(charges: &Charges) -> Self {
		Self {
			perpetual_maintenance: usd(charges.perpetual_maintenance),
			perpetual_initial: usd(charges.perpetual_initial),
			option_maintenance: usd(charges.option_maintenance),
			option_initial: usd(charges.option_initial),
			haircut_maintenance: usd(charges.haircut_maintenance),
			haircut_initial: usd(charges.haircut_initial),
			confidence: usd(charges.confidence),
			delay: usd(charges.delay),
			concentration: usd(charges.concentration),
		}
	}
}

impl StandardOutput {
	fn new<'n>(report: &StandardReport, names: impl Iterator<Item = &'n str>) -> Self {
		let parts = report.underlyings().iter().zip(names);
		Self {
			model: "standard",
			figures: Figures::new(&report.margin),
			underlyings: parts.map(|(part, name)| UnderlyingOutput::new(part, name)).collect(),
		}
	}
}

impl UnderlyingOutput {
	fn new(part: &UnderlyingReport, name: &str) -> Self {
		Self {
			name: name.to_owned(),
			mark: usd(part.mark),
			options_maintenance: usd(part.options_maintenance),
			options_initial: usd(part.options_initial),
			initial_charges: usd(part.initial_charges),
			maintenance: usd(part.maintenance),
			initial: usd(part.initial),
		}
	}
}

/// A scenario in words: `spot -13.5 %, volatility down`.
pub fn describe(scenario: &Scenario) -> String {
	let shock = match scenario.vol {
		VolShock::Up => "volatility up",
		VolShock::None => "volatility unchanged",
		VolShock::Down => "volatility down",
		VolShock::Linear => "linear skew of volatility",
		VolShock::Absolute => "absolute skew of volatility",
	};
	let spot = match scenario.spot.0 - Ppb::ONE.0 {
		0 => "spot unchanged".to_owned(),
		change => format!("spot {}", percent(change)),
	};
	let weight = match scenario.weight {
		Ppb::ONE => String::new(),
		weight => format!(", weight {}", shortest(weight.0.into(), 9)),
	};
	format!("{spot}, {shock}{weight}")
}

/// A relative change in parts per billion as `+13.5 %`.
pub fn percent(change: i64) -> String {
	let sign = if change > 0 { "+" } else { "" };
	format!("{sign}{} %", shortest(change.into(), 7))
}

#[cfg(test)]
mod tests {
	use super::*;
	use ballast_risk::DEFAULT_SCENARIOS;

	#[test]
	fn scenarios_should_be_described() {
		let of = |index: usize| describe(&DEFAULT_SCENARIOS[index]);
		assert_eq!(of(20), "spot -13.5 %, volatility down");
		assert_eq!(of(10), "spot unchanged, volatility unchanged");
		assert_eq!(of(23), "spot -66 %, volatility up, weight 0.21");
		assert_eq!(of(31), "spot unchanged, linear skew of volatility");
	}
}
