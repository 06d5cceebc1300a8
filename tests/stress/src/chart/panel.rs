// SPDX-License-Identifier: Apache-2.0
//! One panel: a frame with axes, and what is drawn into it.

use super::scale::{label, marks};
use std::fmt::Write;

const LEFT: f64 = 70.0;
const RIGHT: f64 = 930.0;
const HEIGHT: f64 = 180.0;

/// How a line looks.
#[derive(Clone, Copy)]
pub struct Style {
	/// Its colour.
	pub colour: &'static str,
	/// Whether it is dashed.
	pub is_dashed: bool,
}

/// A panel's place and scales.
pub struct Panel<'a> {
	top: f64,
	width: f64,
	marks: Vec<f64>,
	title: &'a str,
	legend: &'a [(&'a str, &'a str)],
}

/// A panel that begins at a height, for blocks up to `width` and values up to `highest`.
pub fn panel<'a>(
	top: f64,
	width: f64,
	highest: f64,
	title: &'a str,
	legend: &'a [(&'a str, &'a str)],
) -> Panel<'a> {
	Panel { top, width: width.max(1.0), marks: marks(highest), title, legend }
}

impl Panel<'_> {
	fn x(&self, block: f64) -> f64 {
		LEFT + (RIGHT - LEFT) * block / self.width
	}

	fn y(&self, value: f64) -> f64 {
		let highest = self.marks.last().copied().unwrap_or(1.0);
		self.top + HEIGHT - HEIGHT * value.clamp(0.0, highest) / highest
	}

	/// Title, axes, marks, legend.
	pub fn svg(&self) -> String {
		let mut svg =
			format!("<text x=\"{LEFT}\" y=\"{:.1}\">{}</text>\n", self.top - 8.0, self.title);
		for mark in &self.marks {
			let y = self.y(*mark);
			let _ = writeln!(
				svg,
				"<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{RIGHT}\" y2=\"{y:.1}\" stroke=\"#ddd\"/>\
				 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#555\">{}</text>",
				LEFT - 6.0,
				y + 4.0,
				label(*mark)
			);
		}
		let bottom = self.top + HEIGHT;
		for mark in marks(self.width).into_iter().filter(|mark| *mark <= self.width) {
			let _ = writeln!(
				svg,
				"<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#555\">{}</text>",
				self.x(mark),
				bottom + 16.0,
				label(mark)
			);
		}
		svg + &self.legend()
	}

	fn legend(&self) -> String {
		let mut svg = String::new();
		let mut x = RIGHT;
		for (name, colour) in self.legend.iter().rev() {
			x -= 24.0 + 7.0 * name.len() as f64;
			let y = self.top - 17.0;
			let _ = writeln!(
				svg,
				"<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"10\" height=\"10\" fill=\"{colour}\"/>\
				 <text x=\"{:.1}\" y=\"{:.1}\">{name}</text>",
				x + 14.0,
				y + 9.0
			);
		}
		svg
	}

	fn points(&self, list: &[(f64, f64)]) -> String {
		let point =
			|(block, value): &(f64, f64)| format!("{:.1},{:.1}", self.x(*block), self.y(*value));
		list.iter().map(point).collect::<Vec<_>>().join(" ")
	}
}

/// A line; nothing for no points.
pub fn line(panel: &Panel, list: &[(f64, f64)], style: Style) -> String {
	if list.is_empty() {
		return String::new();
	}
	let dash = if style.is_dashed { " stroke-dasharray=\"5 4\"" } else { "" };
	format!(
		"<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\"{dash}/>\n",
		panel.points(list),
		style.colour
	)
}

/// The area under a line.
pub fn area(panel: &Panel, list: &[(f64, f64)], colour: &str) -> String {
	let (Some(first), Some(last)) = (list.first(), list.last()) else { return String::new() };
	let ends = panel.points(&[(last.0, 0.0), (first.0, 0.0)]);
	format!("<polygon points=\"{} {ends}\" fill=\"{colour}\"/>\n", panel.points(list))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn places_should_span_the_frame_when_values_span_the_scale() {
		let panel = panel(100.0, 200.0, 50.0, "title", &[]);
		assert_eq!((panel.x(0.0), panel.x(200.0)), (LEFT, RIGHT));
		assert_eq!((panel.y(0.0), panel.y(50.0)), (280.0, 100.0));
		// What is beyond the scale stays in the frame.
		assert_eq!((panel.y(-5.0), panel.y(999.0)), (280.0, 100.0));
	}
}
