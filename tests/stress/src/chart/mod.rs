// SPDX-License-Identifier: Apache-2.0
//! A chart of a run, with lanes and without: an SVG of four panels over blocks.

mod panel;
mod scale;

use crate::node::side::Point;
use panel::{area, line, panel, Style};

/// Colours of the lanes, best first.
const LANES: [(&str, &str); 5] = [
	("solvency", "#b2182b"),
	("risk-down", "#ef8a62"),
	("makers", "#67a9cf"),
	("takers", "#2166ac"),
	("general", "#bababa"),
];
const WITH: Style = Style { colour: "#2166ac", is_dashed: false };
const WITHOUT: Style = Style { colour: "#b2182b", is_dashed: true };
const INSURANCE: Style = Style { colour: "#1a9850", is_dashed: false };
const INSURANCE_WITHOUT: Style = Style { colour: "#1a9850", is_dashed: true };

const WIDTH: u32 = 960;
const HEIGHT: u32 = 1_020;
/// Heights at which the panels begin.
const TOPS: [f64; 4] = [60.0, 300.0, 540.0, 780.0];

/// The chart.
pub fn draw(title: &str, with: &[Point], without: Option<&[Point]>) -> String {
	let without = without.unwrap_or_default();
	let width = with.iter().chain(without).map(|point| point.block).fold(1.0, f64::max);
	let parts = [
		backlog(width, with, without),
		lanes(width, with, without),
		delay(width, with, without),
		money(width, with, without),
	];
	let title = escaped(title);
	format!(
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
		 viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
		 <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n\
		 <text x=\"70\" y=\"24\" font-size=\"16\">{title}</text>\n\
		 <text x=\"70\" y=\"42\" fill=\"#555\">Blocks since prices began to move. Solid: with lanes. Dashed: without.</text>\n\
		 {}</svg>\n",
		parts.concat()
	)
}

fn series(points: &[Point], value: impl Fn(&Point) -> f64) -> Vec<(f64, f64)> {
	points.iter().map(|point| (point.block, value(point))).collect()
}

fn highest(lists: &[&[(f64, f64)]]) -> f64 {
	lists.iter().flat_map(|list| list.iter()).map(|(_, value)| *value).fold(0.0, f64::max)
}

fn backlog(width: f64, with: &[Point], without: &[Point]) -> String {
	let (a, b) = (series(with, |it| it.backlog), series(without, |it| it.backlog));
	let frame = panel(
		TOPS[0],
		width,
		highest(&[&a, &b]),
		"Accounts in danger, on auction or not found",
		&[],
	);
	[frame.svg(), line(&frame, &a, WITH), line(&frame, &b, WITHOUT)].concat()
}

/// The lanes of the run with lanes one on top of the other, the sum of the other run as a line.
fn lanes(width: f64, with: &[Point], without: &[Point]) -> String {
	let sum = |point: &Point| point.lanes.iter().sum::<f64>();
	let (a, b) = (series(with, sum), series(without, sum));
	let highest = highest(&[&a, &b]);
	let frame =
		panel(TOPS[1], width, highest, "Weight used by transactions, ms of a block", &LANES);
	let mut svg = frame.svg();
	// The whole first, so that each smaller sum lies over it.
	for lane in (0..LANES.len()).rev() {
		let upper = series(with, |point| point.lanes[..=lane].iter().sum());
		svg.push_str(&area(&frame, &upper, LANES[lane].1));
	}
	svg + &line(&frame, &b, WITHOUT)
}

fn delay(width: f64, with: &[Point], without: &[Point]) -> String {
	let (a, b) = (series(with, |it| it.delay), series(without, |it| it.delay));
	let frame = panel(
		TOPS[2],
		width,
		highest(&[&a, &b]),
		"Delay: age of the price, backlog, a block; seconds",
		&[],
	);
	[frame.svg(), line(&frame, &a, WITH), line(&frame, &b, WITHOUT)].concat()
}

fn money(width: f64, with: &[Point], without: &[Point]) -> String {
	let fund = |points| series(points, |it: &Point| it.insurance / 1e3);
	let debt = |points| series(points, |it: &Point| it.bad_debt / 1e3);
	let lists = [fund(with), fund(without), debt(with), debt(without)];
	let highest = highest(&[&lists[0], &lists[1], &lists[2], &lists[3]]);
	let legend = [("insurance fund", INSURANCE.colour), ("bad debt", WITHOUT.colour)];
	let frame =
		panel(TOPS[3], width, highest, "Insurance fund and bad debt, thousand USD", &legend);
	let solid = Style { is_dashed: false, ..WITHOUT };
	let styles = [INSURANCE, INSURANCE_WITHOUT, solid, WITHOUT];
	let lines: Vec<_> =
		lists.iter().zip(styles).map(|(list, style)| line(&frame, list, style)).collect();
	frame.svg() + &lines.concat()
}

fn escaped(text: &str) -> String {
	text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
	use super::*;

	fn points(count: u32) -> Vec<Point> {
		let point = |block: u32| Point {
			block: block.into(),
			backlog: f64::from(block % 7),
			lanes: [1.0, 2.0, 3.0, 4.0, 5.0],
			delay: 0.5,
			insurance: 1e6,
			bad_debt: 10.0,
		};
		(0..count).map(point).collect()
	}

	/// Every element is closed in its turn, and no number is missing.
	fn is_well_formed(svg: &str) -> bool {
		let mut open = Vec::new();
		for part in svg.split('<').skip(1) {
			let Some((tag, _)) = part.split_once('>') else { return false };
			let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
			if tag.starts_with('/') {
				if open.pop() != Some(name) {
					return false;
				}
			} else if !tag.ends_with('/') {
				open.push(name);
			}
			if tag.matches('"').count() % 2 == 1 {
				return false;
			}
		}
		open.is_empty() && !svg.contains("NaN") && !svg.contains("inf")
	}

	#[test]
	fn chart_should_be_well_formed_when_both_sides_ran() {
		let svg = draw("1,000 accounts, crash", &points(40), Some(&points(60)));
		assert!(is_well_formed(&svg), "{svg}");
		assert_eq!(svg.matches("<polyline").count(), 9);
		assert_eq!(svg.matches("<polygon").count(), 5);
	}

	#[test]
	fn chart_should_be_well_formed_when_there_is_little_to_show() {
		assert!(is_well_formed(&draw("nothing", &[], None)));
		assert!(is_well_formed(&draw("one block", &points(1), None)));
	}

	#[test]
	fn chart_should_escape_its_title_when_it_has_signs_of_markup() {
		let svg = draw("a < b & c", &points(2), None);
		assert!(svg.contains("a &lt; b &amp; c"));
		assert!(is_well_formed(&svg));
	}
}
