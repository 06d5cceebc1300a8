// SPDX-License-Identifier: Apache-2.0

//! Recorded rounds, replayed by their time.

use crate::{round::Round, schema::parse_round, warning::Warning, PriceFeed};
use ballast_exchange::Moment;
use ballast_runtime_api::ListedUnderlying;
use std::{
	fs::File,
	io::{BufRead, BufReader},
	path::Path,
	sync::Arc,
};

/// Longest line of a recording, bytes.
const MAX_LINE: u64 = 1 << 20;
/// Most rounds of a recording.
const MAX_ROUNDS: usize = 1_000_000;

/// The rounds of a file. They are replayed from the first on; the last one is held.
#[derive(Debug)]
pub struct Recording {
	/// Seconds since the beginning of the recording and the round, by increasing time.
	rounds: Vec<(f64, Arc<Round>)>,
	/// When the replay begins, milliseconds since the epoch.
	start: Moment,
	/// Seconds of the recording per second.
	speed: f64,
	ended: Warning,
}

impl Recording {
	/// Reads a file of one round per line. The error names the line.
	pub fn open(path: &Path, start: Moment, speed: f64) -> Result<Self, String> {
		let at = |error: String| format!("{}: {error}", path.display());
		let file = File::open(path).map_err(|error| at(error.to_string()))?;
		Self::read(BufReader::new(file), start, speed)
			.map_err(|error| format!("{}:{error}", path.display()))
	}

	/// Reads one round per line; empty lines count for nothing but the line number. The error begins with
	/// the number of the line.
	pub fn read(mut input: impl BufRead, start: Moment, speed: f64) -> Result<Self, String> {
		let mut rounds: Vec<(f64, Arc<Round>)> = Vec::new();
		for number in 1u64.. {
			let at = |error: String| format!("{number}: {error}");
			let Some(line) = read_line(&mut input).map_err(at)? else { break };
			if line.trim_ascii().is_empty() {
				continue;
			}
			let last = rounds.last();
			let previous = last.map(|(_, round)| round.as_ref());
			let (seconds, round) = parse_round(&line, previous).map_err(at)?;
			let seconds = seconds.ok_or_else(|| at("`at` is missing".into()))?;
			if last.is_some_and(|(last, _)| seconds <= *last) {
				return Err(at(format!("`at` {seconds} is not after that of the round before")));
			}
			if rounds.len() == MAX_ROUNDS {
				return Err(at(format!("more than {MAX_ROUNDS} rounds")));
			}
			rounds.push((seconds, Arc::new(round)));
		}
		if rounds.is_empty() {
			return Err("1: there is no round".into());
		}
		Ok(Self { rounds, start, speed, ended: Warning::default() })
	}

	/// The round at `now`: the latest whose time has come; before the start the first, after the end the
	/// last. And whether the recording has ended.
	fn at(&self, now: Moment) -> Option<(&Arc<Round>, bool)> {
		let (begin, first) = self.rounds.first()?;
		let (end, _) = self.rounds.last()?;
		let seconds = begin + now.saturating_sub(self.start) as f64 / 1e3 * self.speed;
		let come = self.rounds.partition_point(|(at, _)| *at <= seconds);
		let round = match come.checked_sub(1).and_then(|index| self.rounds.get(index)) {
			Some((_, round)) => round,
			None => first,
		};
		Some((round, self.rounds.len() > 1 && seconds > *end))
	}
}

impl PriceFeed for Recording {
	fn round(&self, now: Moment, _listed: &[ListedUnderlying]) -> Result<Arc<Round>, String> {
		let (round, ended) = self.at(now).ok_or("the recording is empty")?;
		if ended {
			self.ended.warn("the recording has ended: its last round is held");
		}
		Ok(round.clone())
	}
}

/// The next line without its end, `None` at the end of the input.
fn read_line(input: &mut impl BufRead) -> Result<Option<Vec<u8>>, String> {
	let mut line = Vec::new();
	let mut limited = std::io::Read::take(input, MAX_LINE);
	let length = limited.read_until(b'\n', &mut line).map_err(|error| error.to_string())?;
	if length as u64 == MAX_LINE && line.last() != Some(&b'\n') {
		return Err(format!("longer than {MAX_LINE} bytes"));
	}
	Ok((length > 0).then_some(line))
}
