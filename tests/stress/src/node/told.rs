// SPDX-License-Identifier: Apache-2.0
//! What the chain told of its own delay, against the auctions that queued: by its own figures, not by the tool's.

use crate::node::history::Facts;

/// The presets let margin assume no larger move, share of spot: from there it cannot rise.
const HIGHEST_MOVE: f64 = 0.1;

/// The delay and its charge as the chain had them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Told {
	/// Most auctions that a block left open.
	pub auctions_max: u64,
	/// Longest delay that the chain measured, milliseconds.
	pub delay_ms: u64,
	/// What the longest queue of auctions makes of it at least, milliseconds.
	pub least_ms: u64,
	/// Smallest move that margin assumed nobody escapes, before the path began, share of spot.
	pub move_before: f64,
	/// Largest of them in the run.
	pub move_max: f64,
}

impl Told {
	/// By the blocks of a run whose path begins with block `crash_first`.
	pub fn of(facts: &[Facts], crash_first: u32) -> Self {
		let first = facts.first().map_or(0.0, |it| it.delay_move);
		let before = facts.iter().take_while(|it| it.number < crash_first);
		let next = facts.iter().skip(1);
		let least = facts.iter().zip(next).map(|(it, next)| least_told(it, next));
		Self {
			auctions_max: facts.iter().map(|it| u64::from(it.auctions)).max().unwrap_or(0),
			delay_ms: facts.iter().map(|it| it.delay_told).max().unwrap_or(0),
			least_ms: least.max().unwrap_or(0),
			move_before: before.map(|it| it.delay_move).fold(first, f64::min),
			move_max: facts.iter().map(|it| it.delay_move).fold(0.0, f64::max),
		}
	}

	/// Whether there was a queue, its delay was measured, and margin came to assume a larger move for it.
	pub fn is_priced_in(&self) -> bool {
		let is_measured = self.auctions_max > 0 && self.delay_ms >= self.least_ms;
		let has_risen = self.move_max > self.move_before || self.move_max >= HIGHEST_MOVE;
		is_measured && has_risen
	}
}

/// The least delay that the chain can tell in block `next`, milliseconds, less that block: it measures at the beginning of a
/// block what the one before it left, and tells its capacity in whole auctions, rounded down.
fn least_told(facts: &Facts, next: &Facts) -> u64 {
	let capacity = u64::from(next.capacity).saturating_add(1);
	let queue = u64::from(facts.auctions).saturating_mul(1_000) / capacity;
	queue.saturating_sub(next.block_millis.into())
}

#[cfg(test)]
mod tests {
	use super::*;

	fn facts(number: u32, auctions: u32, delay_told: u64, delay_move: f64) -> Facts {
		let (capacity, block_millis) = (9, 500);
		let auctions = Facts { auctions, capacity, block_millis, ..Default::default() };
		Facts { number, delay_told, delay_move, ..auctions }
	}

	/// Block 12 leaves 40 auctions, of which at least 10 are resolved per second.
	fn run(told_in_13: u64, highest: f64) -> Told {
		let blocks = [
			facts(9, 0, 500, 0.002),
			facts(10, 0, 500, 0.001),
			facts(11, 0, 500, 0.001),
			facts(12, 40, 500, 0.001),
			facts(13, 5, told_in_13, highest),
		];
		Told::of(&blocks, 11)
	}

	#[test]
	fn delay_should_be_priced_in_when_the_block_after_the_longest_queue_tells_it() {
		let told = run(3_500, 0.002);
		let expected = Told {
			auctions_max: 40,
			delay_ms: 3_500,
			least_ms: 3_500,
			move_before: 0.001,
			move_max: 0.002,
		};
		assert_eq!(told, expected);
		assert!(told.is_priced_in());
	}

	#[test]
	fn delay_should_not_be_priced_in_when_the_chain_tells_less_than_the_queue() {
		assert!(!run(3_499, 0.002).is_priced_in());
	}

	#[test]
	fn delay_should_not_be_priced_in_when_margin_assumes_no_larger_move() {
		let flat = Told { move_before: 0.002, ..run(3_500, 0.002) };
		assert!(!flat.is_priced_in());
		let bounded = Told { move_before: HIGHEST_MOVE, ..run(3_500, HIGHEST_MOVE) };
		assert!(bounded.is_priced_in());
	}

	#[test]
	fn delay_should_not_be_priced_in_when_nothing_is_on_auction() {
		assert!(!Told { auctions_max: 0, ..run(3_500, 0.002) }.is_priced_in());
	}

	#[test]
	fn capacity_should_be_that_of_the_next_block_when_blocks_differ_in_length() {
		let slow = Facts { capacity: 4, block_millis: 1_000, ..facts(12, 40, 0, 0.0) };
		assert_eq!(least_told(&slow, &facts(13, 0, 0, 0.0)), 3_500);
		assert_eq!(least_told(&facts(12, 40, 0, 0.0), &slow), 7_000);
	}

	#[test]
	fn move_before_should_be_that_of_the_first_block_when_the_path_begins_with_it() {
		assert_eq!(Told::of(&[facts(11, 0, 0, 0.003)], 11).move_before, 0.003);
		assert_eq!(Told::of(&[], 11), Told::default());
	}
}
