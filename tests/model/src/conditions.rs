// SPDX-License-Identifier: Apache-2.0
//! What the chain measures of itself, measured again from the test's own record of rounds, times and auctions.
//!
//! Three things are asked of the chain: which underlyings it searches and how its last search went, as that is decided look by
//! look, and how many auctions the weight kept for bids can resolve in a block, as that is a constant of its weights.

use crate::{
	ensure,
	market::{Market, MAX_AGE},
	pricing::YEAR,
	Outcome,
};
use ballast_exchange::{Moment, UnderlyingId};
use std::collections::BTreeSet;

/// Parameters of the presets.
const Z: f64 = 4.0;
const VOL_FLOOR: f64 = 0.6;
/// The most that the formulas take. Beyond it the delay move is at its bound.
const VOL_MOST: f64 = 50.0;
const SLOPE: f64 = 0.5;
const HIGHEST: f64 = 2.0;
const RISE: f64 = 0.01;
const FALL: f64 = 0.001;
const SHARE: f64 = 0.25;
const CHARGE: f64 = 0.01;
const MOVE_STEP: i64 = 1_000_000;
const MOVE_RISE: i64 = 10_000_000;
const HIGHEST_MOVE: i64 = 100_000_000;
/// Of the price rules.
const SAMPLE: Moment = 10_000;
const HALF_LIFE: f64 = 3_600_000.0;
/// Blocks in the long mean.
const MEAN_BLOCKS: u32 = 1 << 20;
/// Positions that are charged for.
const MOST_CONCENTRATED: usize = 16;
/// The chain rounds the move up, by no more than that.
const ROUNDING: f64 = 5e-5;

/// Realised volatility, exponentially weighted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Volatility {
	last: Option<(Moment, f64)>,
	squares: f64,
	millis: f64,
}

impl Volatility {
	/// Takes a round as a sample if the last one is long enough ago.
	pub fn sample(&mut self, at: Moment, spot: f64) {
		let Some((before, from)) = self.last else {
			self.last = Some((at, spot));
			return;
		};
		let elapsed = at - before;
		if elapsed < SAMPLE {
			return;
		}
		let (weight, change) = (libm::exp2(-(elapsed as f64) / HALF_LIFE), libm::log(spot / from));
		self.squares = self.squares * weight + change * change;
		self.millis = self.millis * weight + elapsed as f64;
		self.last = Some((at, spot));
	}

	fn per_year(&self) -> f64 {
		if self.millis == 0.0 {
			return 0.0;
		}
		libm::sqrt(self.squares / self.millis * YEAR * 1_000.0)
	}
}

/// What is measured of an underlying.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conditions {
	/// The move that no one escapes, parts per billion.
	pub delay_move: i64,
	/// How far it rose in the last block that measured.
	pub last_rise: i64,
	/// The multiplier of initial margin.
	pub multiplier: f64,
	/// Long mean of realised volatility.
	pub mean_vol: f64,
	/// Blocks in it.
	pub mean_blocks: u32,
	/// Realised volatility.
	pub realised_vol: f64,
	/// Age of the price, milliseconds.
	pub price_age: u64,
	/// Price age, time to work the backlog off, and a block, milliseconds.
	pub delay: u64,
}

impl Default for Conditions {
	fn default() -> Self {
		Self {
			delay_move: 0,
			last_rise: 0,
			multiplier: 1.0,
			mean_vol: 0.0,
			mean_blocks: 0,
			realised_vol: 0.0,
			price_age: 0,
			delay: 0,
		}
	}
}

/// What the chain says about itself when its block has begun.
#[derive(Clone, Debug, Default)]
pub struct Seen {
	/// Underlyings that it searched before the block.
	pub known: BTreeSet<UnderlyingId>,
	/// Auctions that were open before the block.
	pub backlog: u64,
	/// Auctions that can be resolved in a block.
	pub per_block: u64,
	/// How the search of the last block went.
	pub search: Search,
}

/// How a search went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Search {
	/// It ended and found nobody.
	#[default]
	FoundNobody,
	/// It ended and found somebody in danger.
	FoundSome,
	/// It goes on.
	Unfinished,
}

impl Search {
	/// The most that the delay move may rise after it.
	fn most_rise(self, last_rise: i64) -> i64 {
		match self {
			Self::FoundNobody => MOVE_RISE.min(2 * last_rise + MOVE_STEP),
			Self::FoundSome => MOVE_STEP,
			Self::Unfinished => 0,
		}
	}
}

impl Market {
	/// Measures every underlying that is known and priced. `found` is what the chain has come to: it decides between two
	/// neighbouring steps where the record is too close to the edge to say.
	pub fn measure(&mut self, seen: &Seen, found: impl Fn(UnderlyingId) -> Conditions) -> Outcome {
		let passed = self.measured_at.map_or(0, |at| (self.now - at).min(MAX_AGE));
		self.measured_at = Some(self.now);
		// In a thousand seconds, as the chain counts it.
		let capacity = seen.per_block * 1_000_000 / passed.max(1);
		let waiting = (seen.backlog * 1_000_000).div_ceil(capacity.max(1));
		for id in &seen.known {
			let is_pending = self.pending.iter().any(|(of, _)| of == id);
			if is_pending || !self.is_spot_fresh(*id) {
				continue;
			}
			let underlying = &self.underlyings[id];
			let at = underlying.rounds.last().map_or(0, |round| round.at);
			let mut now = underlying.conditions;
			now.realised_vol = underlying.volatility.per_year();
			now.price_age = self.now - at;
			now.delay = now.price_age + waiting + passed;
			now.next_move(found(*id).delay_move, seen.search)?;
			now.next_multiplier();
			if let Some(underlying) = self.underlyings.get_mut(id) {
				underlying.conditions = now;
			}
		}
		Ok(())
	}

	/// Compares what is measured with what the chain has measured.
	pub fn compare_conditions(&self, found: impl Fn(UnderlyingId) -> Conditions) -> Outcome {
		for (id, underlying) in &self.underlyings {
			let (own, found) = (underlying.conditions, found(*id));
			let near = |a: f64, b: f64| (a - b).abs() <= 1e-6 * b.abs().max(1.0);
			let counted = |it: &Conditions| {
				(it.delay_move, it.last_rise, it.mean_blocks, it.price_age, it.delay)
			};
			let same = counted(&own) == counted(&found)
				&& near(own.multiplier, found.multiplier)
				&& near(own.mean_vol, found.mean_vol)
				&& near(own.realised_vol, found.realised_vol);
			ensure!(same, "conditions of {id}: {found:?}, the record says {own:?}");
		}
		Ok(())
	}
}

impl Conditions {
	/// On a step, up by a step and then at most by twice the last rise and a step, down at once but for a single step; as
	/// the search can follow.
	fn next_move(&mut self, found: i64, search: Search) -> Outcome {
		let years = self.delay as f64 / 1_000.0 / YEAR;
		let exact = match self.realised_vol {
			vol if vol > VOL_MOST => HIGHEST_MOVE as f64,
			vol => Z * vol.max(VOL_FLOOR) * libm::sqrt(years) * 1e9,
		};
		let most = self.delay_move + search.most_rise(self.last_rise);
		let on_step = |exact: f64| {
			let steps = libm::ceil(exact / MOVE_STEP as f64 - 1e-9) as i64;
			let target = (steps * MOVE_STEP).min(HIGHEST_MOVE);
			let falls = target + MOVE_STEP < self.delay_move || target == 0;
			match target {
				target if target > self.delay_move => target.min(most),
				target if falls => target,
				_ => self.delay_move,
			}
		};
		let (low, high) = (on_step(exact), on_step(exact * (1.0 + ROUNDING) + 3.0));
		ensure!(
			found == low || found == high,
			"a delay move of {found}, the record says {low} or {high} for {self:?}"
		);
		self.last_rise = (found - self.delay_move).max(0);
		self.delay_move = found;
		Ok(())
	}

	/// Towards what volatility over its mean asks for, slower down than up.
	fn next_multiplier(&mut self) {
		if self.realised_vol > 0.0 || self.mean_blocks > 0 {
			self.mean_blocks = (self.mean_blocks + 1).min(MEAN_BLOCKS);
			self.mean_vol += (self.realised_vol - self.mean_vol) / f64::from(self.mean_blocks);
		}
		let [vol, mean] =
			[self.realised_vol, self.mean_vol].map(|vol| vol.clamp(VOL_FLOOR, VOL_MOST));
		let over = vol / mean - 1.0;
		let target = (1.0 + SLOPE * over.max(0.0)).min(HIGHEST);
		self.multiplier += (target - self.multiplier).clamp(-FALL, RISE);
	}

	/// What the buffer takes: the move against delta, and half of gamma times its square where that loses.
	/// `moves` is what the book gains as spot rises and falls by 4.5 %, but for what moves with spot one to one.
	pub fn delay_charge(&self, moves: [f64; 2], delta_one: f64) -> f64 {
		let size = self.delay_move as f64 / 1e9;
		let (above, below) = (moves[0] / 0.045, -moves[1] / 0.045);
		let (delta, gamma) = (delta_one + (above + below) / 2.0, (above - below) / 0.045);
		delta.abs() * size + (-gamma).max(0.0) * size * size / 2.0
	}
}

/// What one position costs for its share of the open interest, of its notional.
pub fn concentration(held: i64, open_interest: i64) -> f64 {
	let held = held.unsigned_abs() as f64;
	let all = (open_interest as f64).max(held);
	if all == 0.0 {
		return 0.0;
	}
	CHARGE * (held / all - SHARE).max(0.0) / (1.0 - SHARE)
}

/// The positions that are charged for: those of most lots, the earlier series first among equals.
pub fn charged<S: Ord + Copy>(positions: impl Iterator<Item = (S, i64)>) -> Vec<(S, i64)> {
	let mut positions: Vec<_> = positions.collect();
	positions.sort_by_key(|(series, lots)| (core::cmp::Reverse(lots.unsigned_abs()), *series));
	positions.truncate(MOST_CONCENTRATED);
	positions
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn concentration_should_be_a_percent_for_who_holds_everything() {
		assert_eq!(concentration(-100, 100), 0.01);
		assert_eq!(concentration(25, 100), 0.0);
		assert!((concentration(-625, 1_000) - 0.005).abs() < 1e-15);
	}

	#[test]
	fn delay_should_cost_half_a_contract_at_the_money() {
		let conditions = Conditions { delay_move: 10_000_000, ..Default::default() };
		// Short a call of 95,000 with a delta of a half and no curvature.
		let charge = conditions.delay_charge([-2_137.5, 2_137.5], 0.0);
		assert!((charge - 475.0).abs() < 1e-9, "{charge}");
	}

	#[test]
	fn volatility_should_be_that_of_samples_ten_seconds_apart() {
		let mut volatility = Volatility::default();
		for sample in 0..100u64 {
			let spot = if sample % 2 == 0 { 1_000.0 } else { 1_001.0 };
			volatility.sample(sample * 5_000, spot);
		}
		// Every other round is ten seconds on and back where it was.
		assert_eq!(volatility.per_year(), 0.0);
	}
}
