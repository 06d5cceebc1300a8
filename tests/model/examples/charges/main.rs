// SPDX-License-Identifier: Apache-2.0
//! What the delay buffer, the multiplier and the concentration charge cost: `cargo run --release -p ballast-model
//! --example charges` prints the tables of `docs/reference/margin-charges.md`.
//!
//! The parameters are those of the development preset; the conditions come from the pallet that measures them on a chain,
//! the margins from the crate that computes them there.

mod books;
mod markets;

#[path = "../../../../primitives/risk/tests/common/mod.rs"]
mod common;

use ballast_risk::{Adjustments, Margin, MicroUsd, Ppb};
use ballast_runtime::genesis;
use books::{golden, named, Held};
use markets::{calm, crash, Market, DELAYS};
use pallet_liquidation::Parameters;

/// Shares of the open interest that the tables show, percent.
const SHARES: [i64; 3] = [25, 50, 100];

fn main() {
	let parameters = of_preset();
	let markets = calm(&parameters);
	println!("## Calm markets\n");
	print_markets(&markets);
	println!("\nOf these, the tables below take: {}.\n", markets[1].name);
	println!("## Books\n");
	let rows: Vec<Row> =
		named().iter().map(|held| Row::of(held, &markets[1], &parameters)).collect();
	print_rows(&rows);
	let golden: Vec<Row> =
		golden().iter().map(|held| Row::of(held, &markets[1], &parameters)).collect();
	print_quantiles(&golden);
	println!("\n## 12 March 2020\n");
	print_crash(&parameters);
}

/// The parameters that the development preset puts in force.
fn of_preset() -> Parameters {
	let patch = genesis::preset(&genesis::DEV_RUNTIME_PRESET.into()).expect("the preset exists");
	let patch: serde_json::Value = serde_json::from_slice(&patch).expect("it is JSON");
	serde_json::from_value(patch["liquidation"]["parameters"].clone()).expect("parameters")
}

/// What one book costs; ratios of requirements, which are equity less margin.
struct Row {
	name: String,
	/// Requirements without any charge, of the gross notional.
	plain: [f64; 2],
	/// Of maintenance and of initial.
	delay: [f64; 2],
	/// Of initial.
	multiplier: f64,
	/// Of initial, at each share of the open interest.
	concentration: [f64; 3],
}

impl Row {
	fn of(held: &Held, market: &Market, parameters: &Parameters) -> Self {
		let margin = |adjustments| held.margin(adjustments);
		let none = Adjustments::NONE;
		let plain = requirements(&margin(none));
		let [maintenance, initial] = plain;
		let more = |adjustments| {
			let charged = requirements(&margin(adjustments));
			[(charged[0] - maintenance) / maintenance, (charged[1] - initial) / initial]
		};
		let concentration = SHARES.map(|share| {
			more(Adjustments { concentration: held.concentration(share, parameters), ..none })[1]
		});
		Self {
			name: held.name.clone(),
			plain: plain.map(|requirement| requirement / held.notional()),
			delay: more(Adjustments { delay_move: market.mean_move, ..none }),
			multiplier: more(Adjustments { initial_multiplier: market.mean_multiplier, ..none })[1],
			concentration,
		}
	}
}

fn requirements(margin: &Margin) -> [f64; 2] {
	let of = |kept: MicroUsd| (margin.equity - kept) as f64 / 1e6;
	[of(margin.maintenance), of(margin.initial)]
}

fn percent(ratio: f64) -> String {
	format!("{:.2} %", ratio * 100.0)
}

fn of_ppb(ratio: Ppb) -> f64 {
	ratio.0 as f64 / 1e9
}

fn print_markets(markets: &[Market]) {
	println!("| market | delay move, mean | most | multiplier, mean | 95 of 100 blocks | most |");
	println!("|---|---:|---:|---:|---:|---:|");
	for market in markets {
		println!(
			"| {} | {} | {} | {:.3} | {:.3} | {:.3} |",
			market.name,
			percent(of_ppb(market.mean_move)),
			percent(of_ppb(market.highest_move)),
			of_ppb(market.mean_multiplier),
			of_ppb(market.high_multiplier),
			of_ppb(market.highest_multiplier),
		);
	}
}

fn print_rows(rows: &[Row]) {
	println!(
		"| book | maintenance, of notional | initial | delay, of maintenance | of initial | multiplier, of initial | \
		 concentration, of initial: a quarter | half | all of the open interest |"
	);
	println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
	for row in rows {
		print_row(&row.name, row);
	}
}

fn print_row(name: &str, row: &Row) {
	let [quarter, half, all] = row.concentration.map(percent);
	println!(
		"| {name} | {} | {} | {} | {} | {} | {quarter} | {half} | {all} |",
		percent(row.plain[0]),
		percent(row.plain[1]),
		percent(row.delay[0]),
		percent(row.delay[1]),
		percent(row.multiplier),
	);
}

/// The middle one and the ninth of ten of random books, column by column.
fn print_quantiles(rows: &[Row]) {
	for (name, part) in [("the middle of 40 random books", 0.5), ("nine of ten are below", 0.9)] {
		let of = |value: &dyn Fn(&Row) -> f64| {
			let mut all: Vec<f64> = rows.iter().map(value).collect();
			all.sort_by(f64::total_cmp);
			all[((all.len() - 1) as f64 * part).round() as usize]
		};
		let row = Row {
			name: name.into(),
			plain: [0, 1].map(|index| of(&|row| row.plain[index])),
			delay: [0, 1].map(|index| of(&|row| row.delay[index])),
			multiplier: of(&|row| row.multiplier),
			concentration: [0, 1, 2].map(|index| of(&|row| row.concentration[index])),
		};
		print_row(name, &row);
	}
}

fn print_crash(parameters: &Parameters) {
	let steps = crash(parameters);
	print!("| UTC | spot | volatility | multiplier |");
	for delay in DELAYS {
		print!(" delay move at {} s |", delay as f64 / 1_000.0);
	}
	println!("\n|---|---:|---:|---:|{}", "---:|".repeat(DELAYS.len()));
	for step in steps {
		let [block, ten, minute] = step.moves.map(|it| percent(of_ppb(it)));
		println!(
			"| {} | {:.0} | {:.0} % | {:.2} | {block} | {ten} | {minute} |",
			step.at,
			step.spot,
			of_ppb(step.vol) * 100.0,
			of_ppb(step.multiplier),
		);
	}
}
