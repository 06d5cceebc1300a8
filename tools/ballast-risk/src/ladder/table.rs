// SPDX-License-Identifier: Apache-2.0
//! The ladder as text.

use std::fmt::Write;

use super::{short_usd, Figure, Ladder, PANELS};
use crate::margin::percent;

/// Three tables, volatilities down and spots across, in USD.
pub fn table(ladder: &Ladder) -> String {
	let mut text = String::new();
	for (title, of) in PANELS {
		panel(&mut text, ladder, title, of);
	}
	if let Some([below, above]) = &ladder.liquidation {
		let shown = |price: &Option<String>| price.clone().unwrap_or_else(|| "none".into());
		let _ = writeln!(
			text,
			"Liquidation at spot {} below, {} above (volatilities unchanged)",
			shown(below),
			shown(above)
		);
	}
	text
}

fn panel(text: &mut String, ladder: &Ladder, title: &str, of: Figure) {
	let spots = ladder.axes.spots.iter().map(|change| percent(*change));
	let mut rows = vec![std::iter::once("vol \\ spot".to_owned()).chain(spots).collect::<Vec<_>>()];
	for (vol, cells) in ladder.axes.vols.iter().zip(&ladder.cells) {
		let cells = cells.iter().map(|cell| short_usd(of(cell)));
		rows.push(std::iter::once(percent(*vol)).chain(cells).collect());
	}
	let columns = rows.first().map_or(0, Vec::len);
	let widths: Vec<usize> = (0..columns)
		.map(|column| {
			rows.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or(0)
		})
		.collect();
	let _ = writeln!(text, "{title}, USD");
	for row in rows {
		for (cell, width) in row.iter().zip(&widths) {
			let _ = write!(text, "  {cell:>width$}");
		}
		text.push('\n');
	}
	text.push('\n');
}
