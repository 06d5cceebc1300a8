// SPDX-License-Identifier: Apache-2.0
//! What prices do: recordings that a node's price feed and the run in process replay alike.
//!
//! Every path begins with the same spot and the same volatilities, those of 09:00 UTC of 12 March 2020, so
//! that one seeded book serves all of them.
//!
//! | path | spot | volatilities | real time |
//! |---|---|---|---|
//! | [`Kind::Crash`] | the recording from 09:00 to 13:00 UTC, 60 times faster | the recording's, between its quarters of an hour in proportion | 240 s |
//! | [`Kind::Synthetic`] | -30 % within two minutes, evenly in its logarithm, then flat | doubling over the same two minutes | 240 s |
//! | [`Kind::Calm`] | a random walk of 60 % a year | as at the beginning | 120 s |

mod made;
mod recorded;
mod replay;

pub use recorded::{Slice, Surface};
pub use replay::Replay;

use crate::Outcome;
use ballast_exchange::Moment;
use serde_json::{json, Value};
use std::{fmt, str::FromStr};

/// The underlying of every path, as the chain lists it.
pub const SYMBOL: &str = "BTC";
/// Seconds of the recording per second in the replay of the real crash.
pub const CRASH_SPEED: f64 = 60.0;

/// Which path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
	/// The real crash of 12 March 2020.
	Crash,
	/// -30 % in two minutes, volatilities doubling.
	Synthetic,
	/// An ordinary market.
	Calm,
}

impl FromStr for Kind {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		match text {
			"crash" => Ok(Self::Crash),
			"synthetic" => Ok(Self::Synthetic),
			"calm" => Ok(Self::Calm),
			_ => Err(format!("there is no path `{text}`: use crash, synthetic or calm")),
		}
	}
}

impl fmt::Display for Kind {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Crash => "crash",
			Self::Synthetic => "synthetic",
			Self::Calm => "calm",
		})
	}
}

/// Prices at one moment of a path.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
	/// Seconds of the recording since its beginning.
	pub at: f64,
	/// Dollars.
	pub spot: f64,
	/// Volatilities; `None`: as before.
	pub surface: Option<Surface>,
}

/// A path of prices.
#[derive(Clone, Debug)]
pub struct Path {
	/// Which one.
	pub kind: Kind,
	/// Seconds of the recording per second.
	pub speed: f64,
	/// Real seconds from its first price to its last.
	pub seconds: f64,
	/// First spot, dollars.
	pub start: f64,
	/// Lowest spot, dollars.
	pub low: f64,
	/// Highest spot, dollars.
	pub high: f64,
	text: String,
}

impl Path {
	/// A path. The seed decides about [`Kind::Calm`] alone.
	pub fn new(kind: Kind, seed: u64) -> Outcome<Self> {
		let crash = recorded::crash()?;
		let first = crash.first().and_then(|point| Some((point.spot, point.surface.clone()?)));
		let (spot, surface) = first.ok_or("the recording has no volatilities at its beginning")?;
		match kind {
			Kind::Crash => Self::of(kind, CRASH_SPEED, &crash),
			Kind::Synthetic => Self::of(kind, 1.0, &made::synthetic(spot, &surface)),
			Kind::Calm => Self::of(kind, 1.0, &made::calm(spot, &surface, seed)),
		}
	}

	fn of(kind: Kind, speed: f64, points: &[Point]) -> Outcome<Self> {
		let (first, last) = (points.first(), points.last());
		let (first, last) = first.zip(last).ok_or("the path is empty")?;
		let spots = || points.iter().map(|point| point.spot);
		let mut text = String::new();
		for point in points {
			text.push_str(&line(point).to_string());
			text.push('\n');
		}
		Ok(Self {
			kind,
			speed,
			seconds: (last.at - first.at) / speed,
			start: first.spot,
			low: spots().fold(f64::INFINITY, f64::min),
			high: spots().fold(0.0, f64::max),
			text,
		})
	}

	/// The recording, one round a line, for `--price-feed file:`.
	pub fn text(&self) -> &str {
		&self.text
	}

	/// Writes the recording.
	pub fn write(&self, file: &std::path::Path) -> Outcome {
		std::fs::write(file, &self.text).map_err(|error| format!("{}: {error}", file.display()))
	}

	/// The value of a node's `--price-feed` for the recording in a file, so that it begins at `start`, Unix seconds.
	/// Before, its first round holds; afterwards its last.
	pub fn source(&self, file: &std::path::Path, start: u64) -> String {
		format!("file:{}?speed={}&start={start}", file.display(), self.speed)
	}

	/// The same in process, beginning at `start`, milliseconds since the epoch.
	pub fn replay(&self, start: Moment) -> Outcome<Replay> {
		Replay::new(&self.text, start, self.speed)
	}
}

/// One round as a feed reads it.
fn line(point: &Point) -> Value {
	let mut underlying = json!({ "symbol": SYMBOL, "spot": point.spot });
	if let Some(surface) = &point.surface {
		underlying["expiries"] = surface.iter().map(Slice::to_json).collect();
	}
	json!({ "at": point.at, "underlyings": [underlying] })
}
