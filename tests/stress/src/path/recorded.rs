// SPDX-License-Identifier: Apache-2.0
//! The recording of the real crash, cut to its window.

use super::Point;
use crate::Outcome;
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

/// `feeds/btc-2020-03-12.jsonl`, a round a minute from 11 March 2020, 12:00 UTC, on.
const RECORDING: &str = include_str!("../../../../feeds/btc-2020-03-12.jsonl");
/// 09:00 UTC of 12 March, seconds of the recording.
const FROM: f64 = 21.0 * 3_600.0;
/// 13:00 UTC of 12 March.
const TO: f64 = 25.0 * 3_600.0;

/// Volatilities of one expiry.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slice {
	/// Seconds to expiry.
	pub seconds_to_expiry: f64,
	/// Interest rate per year.
	pub rate: f64,
	/// Total variance.
	pub svi: Svi,
}

/// A raw SVI slice.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Svi {
	/// Level.
	pub a: f64,
	/// Slope of the wings.
	pub b: f64,
	/// Correlation.
	pub rho: f64,
	/// Centre.
	pub m: f64,
	/// Smoothness.
	pub sigma: f64,
}

/// Volatilities of all expiries, by increasing time.
pub type Surface = Vec<Slice>;

impl Slice {
	/// As a feed reads it.
	pub fn to_json(&self) -> Value {
		json!(self)
	}

	/// The slice with every volatility times `factor`.
	pub fn scaled(&self, factor: f64) -> Self {
		let mut scaled = *self;
		scaled.svi.a *= factor * factor;
		scaled.svi.b *= factor * factor;
		scaled
	}

	/// Between two slices of the same expiry.
	fn between(&self, later: &Self, share: f64) -> Self {
		let mix = |from: f64, to: f64| from + (to - from) * share;
		let (from, to) = (&self.svi, &later.svi);
		Self {
			seconds_to_expiry: self.seconds_to_expiry,
			rate: mix(self.rate, later.rate),
			svi: Svi {
				a: mix(from.a, to.a),
				b: mix(from.b, to.b),
				rho: mix(from.rho, to.rho),
				m: mix(from.m, to.m),
				sigma: mix(from.sigma, to.sigma),
			},
		}
	}
}

#[derive(Deserialize)]
struct Line {
	at: f64,
	underlyings: Vec<Underlying>,
}

#[derive(Deserialize)]
struct Underlying {
	spot: f64,
	expiries: Option<Surface>,
}

/// The window, from zero on, with volatilities in every round: those of the recording move evenly with time, and it
/// names them every quarter of an hour only, which at this speed would be jumps.
pub(super) fn crash() -> Outcome<Vec<Point>> {
	let points = RECORDING.lines().map(|line| {
		let line: Line = serde_json::from_str(line).map_err(|error| error.to_string())?;
		let underlying = line.underlyings.into_iter().next().ok_or("a round without prices")?;
		Ok(Point { at: line.at, spot: underlying.spot, surface: underlying.expiries })
	});
	let points = points.collect::<Outcome<Vec<Point>>>()?;
	let known: Vec<(f64, &Surface)> =
		points.iter().filter_map(|point| Some((point.at, point.surface.as_ref()?))).collect();
	let window = points.iter().filter(|point| (FROM..=TO).contains(&point.at));
	window
		.map(|point| {
			let surface = surface_at(&known, point.at).ok_or("no volatilities")?;
			Ok(Point { at: point.at - FROM, spot: point.spot, surface: Some(surface) })
		})
		.collect()
}

fn surface_at(known: &[(f64, &Surface)], at: f64) -> Option<Surface> {
	let after = known.partition_point(|(moment, _)| *moment <= at);
	let (from, earlier) = known.get(after.checked_sub(1)?)?;
	let Some((to, later)) = known.get(after) else { return Some((*earlier).clone()) };
	let share = (at - from) / (to - from);
	Some(earlier.iter().zip(later.iter()).map(|(from, to)| from.between(to, share)).collect())
}
