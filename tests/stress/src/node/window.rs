// SPDX-License-Identifier: Apache-2.0
//! How many bids are under way at once: about as many as a block takes.
//!
//! A bid that waits in the pool is a bid at an old price, and takes nothing from the auction meanwhile. So a keeper sends what the
//! next block has room for and decides about the rest when it sees the next prices, as `--bids-per-block` of the keepers
//! does by a figure. Here it follows what blocks take.

/// Bids at first.
const START: usize = 16;
/// Bids beyond what the last blocks took.
const MORE: usize = 4;
/// Keepers find out again what a block takes from so many on.
const LEAST: usize = 8;

/// Bids under way, all keepers together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
	size: usize,
	/// Bids in the last block.
	taken: usize,
}

impl Default for Window {
	fn default() -> Self {
		Self { size: START, taken: 0 }
	}
}

impl Window {
	/// Bids that may be under way.
	pub fn size(&self) -> usize {
		self.size
	}

	/// Sees a block that took so many bids, and whether it left any out that was there before it.
	pub fn see(&mut self, taken: usize, has_left_any: bool) {
		let lately = taken.max(self.taken);
		self.taken = taken;
		let fits = lately.saturating_add(MORE).max(LEAST);
		// More than it takes tells nothing as long as there is nothing to bid for.
		self.size = if has_left_any { fits } else { self.size.max(fits) };
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn window_should_grow_when_blocks_take_everything() {
		let mut window = Window::default();
		for _ in 0..10 {
			window.see(window.size(), false);
		}
		assert_eq!(window.size(), START + 10 * MORE);
		window.see(0, false);
		assert_eq!(window.size(), START + 10 * MORE, "nobody bid");
	}

	#[test]
	fn window_should_be_what_blocks_take_when_they_leave_some_out() {
		let mut window = Window { size: 100, taken: 60 };
		window.see(30, true);
		assert_eq!(window.size(), 60 + MORE, "one slow block");
		window.see(30, true);
		assert_eq!(window.size(), 30 + MORE);
		for _ in 0..2 {
			window.see(0, true);
		}
		assert_eq!(window.size(), LEAST);
	}
}
