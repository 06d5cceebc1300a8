// SPDX-License-Identifier: Apache-2.0
//! Profit and margin of a book over a grid of spots and volatilities.

mod svg;
mod table;

pub use svg::svg;
pub use table::table;

use ballast_risk::{Margin, Ppb};
use serde::Serialize;

use crate::book::{Book, Shift};
use crate::decimal::{Decimal, Rounding};
use crate::field::{usd, Problem, Read};
use crate::margin::percent;

/// Most steps along one side of the grid.
const MAX_STEPS: usize = 41;

/// Changes that a ladder looks at, relative, in parts per billion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axes {
	/// Of spot, from lowest to highest.
	pub spots: Vec<i64>,
	/// Of every volatility, from lowest to highest.
	pub vols: Vec<i64>,
}

/// A book at every point of the grid.
pub struct Ladder {
	/// The grid.
	pub axes: Axes,
	/// The margin where the market is.
	pub now: Margin,
	/// By volatility, then by spot.
	pub cells: Vec<Vec<Cell>>,
	/// Spots at which the account becomes liquidatable, as USD; portfolio margin only.
	pub liquidation: Option<[Option<String>; 2]>,
}

/// One point of the grid, in micro-USD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
	/// Change of what the account is worth, cash included.
	pub profit: i128,
	/// Maintenance margin there.
	pub maintenance: i128,
	/// Initial margin there.
	pub initial: i128,
}

/// Picks a figure of a cell, in micro-USD.
pub type Figure = fn(&Cell) -> i128;

/// What a panel of the ladder shows.
pub const PANELS: [(&str, Figure); 3] = [
	("Profit", |cell| cell.profit),
	("Maintenance margin", |cell| cell.maintenance),
	("Initial margin", |cell| cell.initial),
];

/// Reads changes in percent, separated by commas: strictly rising, above -100, at most 500.
pub fn changes(name: &str, text: &str) -> Read<Vec<i64>> {
	let mut changes = Vec::new();
	for part in text.split(',') {
		let refuse = |reason: &str| Problem::at(name, format_args!("{part:?} is {reason}"));
		let number = Decimal::parse(part.trim()).ok_or_else(|| refuse("not a number"))?;
		let scaled = number.scaled(7, Rounding::Nearest);
		let ppb = scaled.and_then(|ppb| i64::try_from(ppb).ok());
		match ppb {
			Some(ppb) if ppb > -Ppb::ONE.0 && ppb <= 5 * Ppb::ONE.0 => {
				if changes.last().is_some_and(|last| *last >= ppb) {
					return Err(refuse("not above the one before"));
				}
				changes.push(ppb);
			},
			_ => return Err(refuse("outside -100 < change <= 500")),
		}
	}
	if changes.len() > MAX_STEPS {
		return Err(Problem::at(
			name,
			format_args!("{} changes, at most {MAX_STEPS}", changes.len()),
		));
	}
	Ok(changes)
}

impl Ladder {
	/// Evaluates the book at every point.
	pub fn new(book: &Book, axes: Axes) -> Read<Self> {
		let now = book.margin_after(Shift::NONE)?;
		let mut cells = Vec::with_capacity(axes.vols.len());
		for vol in &axes.vols {
			let mut row = Vec::with_capacity(axes.spots.len());
			for spot in &axes.spots {
				let shift = Shift { spot: Ppb(Ppb::ONE.0 + spot), vol: Ppb(Ppb::ONE.0 + vol) };
				let place = || format!("spot {}, volatility {}", percent(*spot), percent(*vol));
				let margin =
					book.margin_after(shift).map_err(|problem| problem.within(&place()))?;
				row.push(Cell {
					profit: margin.equity - now.equity,
					maintenance: margin.maintenance,
					initial: margin.initial,
				});
			}
			cells.push(row);
		}
		Ok(Self { liquidation: liquidation(book)?, axes, now, cells })
	}

	/// The ladder as JSON.
	pub fn output(&self) -> LadderOutput {
		let grid = |of: Figure| {
			self.cells.iter().map(|row| row.iter().map(|cell| usd(of(cell))).collect()).collect()
		};
		let [(_, profit), (_, maintenance), (_, initial)] = PANELS;
		LadderOutput {
			spot_changes: self.axes.spots.iter().map(|change| percent(*change)).collect(),
			vol_changes: self.axes.vols.iter().map(|change| percent(*change)).collect(),
			profit: grid(profit),
			maintenance: grid(maintenance),
			initial: grid(initial),
			liquidation_below: self.liquidation.as_ref().and_then(|[below, _]| below.clone()),
			liquidation_above: self.liquidation.as_ref().and_then(|[_, above]| above.clone()),
		}
	}
}

/// Rows by volatility, columns by spot; money in USD.
#[derive(Serialize)]
pub struct LadderOutput {
	spot_changes: Vec<String>,
	vol_changes: Vec<String>,
	profit: Vec<Vec<String>>,
	maintenance: Vec<Vec<String>>,
	initial: Vec<Vec<String>>,
	liquidation_below: Option<String>,
	liquidation_above: Option<String>,
}

fn liquidation(book: &Book) -> Read<Option<[Option<String>; 2]>> {
	let Book::Portfolio(book) = book else { return Ok(None) };
	let prices = book.price(Shift::NONE)?.liquidation_prices();
	let text = |price: ballast_pricing::Price| usd(price.to_micro_usd_floor().into());
	Ok(prices.map(|prices| [prices.below.map(text), prices.above.map(text)]))
}

/// Money for a narrow column: whole dollars with separators, cents below a thousand. Rounded down.
pub(crate) fn short_usd(micro: i128) -> String {
	let cents = micro.div_euclid(10_000);
	if cents.abs() < 100_000 {
		return crate::decimal::fixed(cents, 2);
	}
	let digits = cents.div_euclid(100).unsigned_abs().to_string();
	let mut text = String::from(if cents < 0 { "-" } else { "" });
	for (index, digit) in digits.chars().enumerate() {
		if index > 0 && (digits.len() - index).is_multiple_of(3) {
			text.push(',');
		}
		text.push(digit);
	}
	text
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn changes_should_be_read_in_percent() {
		assert_eq!(changes("spots", "-13.5, 0,500").unwrap(), [-135_000_000, 0, 5_000_000_000]);
		for (text, reason) in [
			("", "\"\" is not a number"),
			("1,a", "\"a\" is not a number"),
			("-100", "\"-100\" is outside"),
			("501", "\"501\" is outside"),
			("1,1", "\"1\" is not above"),
		] {
			let line = changes("spots", text).unwrap_err().to_string();
			assert!(line.starts_with(&format!("spots: {reason}")), "{line}");
		}
		let many: Vec<String> = (0..42).map(|n| n.to_string()).collect();
		assert!(changes("vols", &many.join(",")).is_err());
	}

	#[test]
	fn short_usd_should_separate_thousands() {
		assert_eq!(short_usd(999_999_999), "999.99");
		assert_eq!(short_usd(1_234_567_000_000), "1,234,567");
		assert_eq!(short_usd(-1_000_500_000), "-1,001");
		assert_eq!(short_usd(-500_000), "-0.50");
	}
}
