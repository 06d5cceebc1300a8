// SPDX-License-Identifier: Apache-2.0
//! What the chain told of its own delay, against the auctions that queued: by its own figures, not by the tool's.

use crate::node::history::Facts;

/// The delay and its charge as the chain had them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Told {
	/// Most auctions that a block left open.
	pub auctions_max: u64,
	/// What the longest queue of auctions makes of the delay at least, milliseconds.
	pub least_ms: u64,
	/// The delay that the chain told after that queue, milliseconds.
	pub delay_ms: u64,
	/// Largest move that margin assumed nobody escapes, before the path began, share of spot.
	pub move_before: f64,
	/// The same from then on.
	pub move_max: f64,
	/// The largest move that margin might assume at the end, share of spot: from there it cannot rise.
	pub move_bound: f64,
}

impl Told {
	/// By the blocks of a run whose path begins with block `crash_first`.
	pub fn of(facts: &[Facts], crash_first: u32) -> Self {
		let (before, since): (Vec<&Facts>, Vec<&Facts>) =
			facts.iter().partition(|it| it.number < crash_first);
		let largest = |of: &[&Facts]| of.iter().map(|it| it.delay_move).fold(0.0, f64::max);
		let pairs = facts.iter().zip(facts.iter().skip(1));
		let longest = pairs
			.map(|(it, next)| (least_told(it, next), next.delay_told))
			.max_by_key(|(least, _)| *least);
		let (least_ms, delay_ms) = longest.unwrap_or_default();
		Self {
			auctions_max: facts.iter().map(|it| u64::from(it.auctions)).max().unwrap_or(0),
			least_ms,
			delay_ms,
			move_before: largest(&before),
			move_max: largest(&since),
			move_bound: facts.last().map_or(0.0, |it| it.highest_move),
		}
	}

	/// Whether there was a queue, its delay was measured, and margin came to assume a larger move for it.
	pub fn is_priced_in(&self) -> bool {
		let is_measured = self.auctions_max > 0 && self.delay_ms >= self.least_ms;
		let has_risen = self.move_max > self.move_before || self.move_max >= self.move_bound;
		is_measured && has_risen
	}
}

/// The least delay that the chain can tell in block `next`, milliseconds: it measures at the beginning of a block what the one
/// before it left, and tells its capacity in whole auctions, rounded down.
fn least_told(facts: &Facts, next: &Facts) -> u64 {
	let capacity = u64::from(next.capacity).saturating_add(1);
	u64::from(facts.auctions).saturating_mul(1_000) / capacity
}

#[cfg(test)]
mod tests {
	use super::*;

	fn facts(number: u32, auctions: u32, delay_told: u64, delay_move: f64) -> Facts {
		let (capacity, block_millis) = (9, 500);
		let highest_move = 0.1;
		let auctions =
			Facts { auctions, capacity, block_millis, highest_move, ..Default::default() };
		Facts { number, delay_told, delay_move, ..auctions }
	}

	/// Block 12 leaves 40 auctions, of which less than 10 are resolved per second.
	fn run(told_in_13: u64, highest: f64) -> Told {
		let blocks = [
			facts(9, 0, 500, 0.002),
			facts(10, 0, 500, 0.001),
			facts(11, 0, 500, 0.001),
			facts(12, 40, 500, 0.001),
			facts(13, 5, told_in_13, highest),
			// An old price, long after the queue.
			facts(14, 0, 90_000, 0.001),
		];
		Told::of(&blocks, 11)
	}

	#[test]
	fn delay_should_be_priced_in_when_the_block_after_the_longest_queue_tells_it() {
		let told = run(4_000, 0.003);
		let expected = Told {
			auctions_max: 40,
			least_ms: 4_000,
			delay_ms: 4_000,
			move_before: 0.002,
			move_max: 0.003,
			move_bound: 0.1,
		};
		assert_eq!(told, expected);
		assert!(told.is_priced_in());
	}

	#[test]
	fn delay_should_not_be_priced_in_when_the_chain_tells_less_than_the_queue() {
		assert!(!run(3_999, 0.003).is_priced_in());
	}

	#[test]
	fn delay_should_not_be_priced_in_when_margin_assumes_no_larger_move() {
		assert!(!run(4_000, 0.002).is_priced_in());
		let bounded = Told { move_before: 0.1, ..run(4_000, 0.1) };
		assert!(bounded.is_priced_in());
	}

	#[test]
	fn delay_should_not_be_priced_in_when_nothing_is_on_auction() {
		assert!(!Told { auctions_max: 0, ..run(4_000, 0.003) }.is_priced_in());
	}

	#[test]
	fn capacity_should_be_that_of_the_next_block_when_blocks_differ_in_length() {
		let slow = Facts { capacity: 4, block_millis: 1_000, ..facts(12, 40, 0, 0.0) };
		assert_eq!(least_told(&slow, &facts(13, 0, 0, 0.0)), 4_000);
		assert_eq!(least_told(&facts(12, 40, 0, 0.0), &slow), 8_000);
	}

	#[test]
	fn nothing_should_be_told_when_there_is_no_block() {
		assert_eq!(Told::of(&[], 11), Told::default());
	}
}
