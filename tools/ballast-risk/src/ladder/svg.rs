// SPDX-License-Identifier: Apache-2.0
//! The ladder as a picture: three panels of coloured cells, each with its number.

use std::fmt::Write;

use super::{short_usd, Figure, Ladder, PANELS};
use crate::margin::percent;

const CELL_WIDTH: usize = 84;
const CELL_HEIGHT: usize = 26;
const LEFT: usize = 96;
const MARGIN: usize = 24;
/// Title, axis and space of a panel.
const HEAD: usize = 58;

/// A stand-alone SVG document.
pub fn svg(ladder: &Ladder) -> String {
	let width = LEFT + CELL_WIDTH * ladder.axes.spots.len() + MARGIN;
	let panel = HEAD + CELL_HEIGHT * ladder.axes.vols.len();
	let height = MARGIN + (panel + MARGIN) * PANELS.len();
	let mut text = format!(
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
		 height=\"{height}\" role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
		 <title>Profit and margin by spot and volatility</title>\n\
		 <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
	);
	for (index, (title, of)) in PANELS.into_iter().enumerate() {
		draw_panel(&mut text, ladder, title, of, MARGIN + (panel + MARGIN) * index);
	}
	text.push_str("</svg>\n");
	text
}

fn draw_panel(text: &mut String, ladder: &Ladder, title: &str, of: Figure, top: usize) {
	let values = || ladder.cells.iter().flatten().map(of);
	let largest = values().map(i128::unsigned_abs).max().unwrap_or(0);
	let _ = writeln!(
		text,
		"<g><text x=\"{MARGIN}\" y=\"{}\" font-size=\"15\" font-weight=\"600\">{title}, USD</text>",
		top + 14
	);
	for (column, change) in ladder.axes.spots.iter().enumerate() {
		let x = LEFT + CELL_WIDTH * column + CELL_WIDTH / 2;
		let y = top + HEAD - 8;
		let _ = writeln!(
			text,
			"<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" fill=\"#555\">spot {}</text>",
			percent(*change)
		);
	}
	for (row, (change, cells)) in ladder.axes.vols.iter().zip(&ladder.cells).enumerate() {
		let y = top + HEAD + CELL_HEIGHT * row;
		let _ = writeln!(
			text,
			"<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#555\">vol {}</text>",
			LEFT - 8,
			y + 17,
			percent(*change)
		);
		for (column, cell) in cells.iter().enumerate() {
			draw_cell(text, LEFT + CELL_WIDTH * column, y, of(cell), largest);
		}
	}
	text.push_str("</g>\n");
}

/// Blue above zero, red below, the paler the smaller; pale enough at most for black text.
fn draw_cell(text: &mut String, x: usize, y: usize, value: i128, largest: u128) {
	let colour = if value < 0 { "#d7301f" } else { "#2b8cbe" };
	let percent = value.unsigned_abs().saturating_mul(70).checked_div(largest).unwrap_or(0);
	let _ = writeln!(
		text,
		"<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" fill=\"{colour}\" fill-opacity=\"0.{percent:02}\"/>\
		 <text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
		CELL_WIDTH - 2,
		CELL_HEIGHT - 2,
		x + CELL_WIDTH - 8,
		y + 17,
		short_usd(value)
	);
}
