// SPDX-License-Identifier: Apache-2.0
//! When the author takes nothing any more but what is for solvency or lowers risk.
//!
//! Budgets are in weight, which a slow machine needs more time for. There the block ends by time, and who is last in
//! the order of lanes is left out. That alone would let ordinary orders use the time up to the last moment: the block comes late,
//! keepers see it late, and their bids miss the next one. So orders are to end earlier than bids.

use std::{
	sync::{Arc, Mutex, PoisonError},
	time::{Duration, Instant},
};

/// The time of the block that is being made, known to who begins it and to who offers transactions.
#[derive(Clone, Debug, Default)]
pub struct Cutoff(Arc<Mutex<Option<Instant>>>);

impl Cutoff {
	/// A block begins, in which ordinary transactions have this much time.
	pub fn begin(&self, time: Duration) {
		// A time beyond what the machine can tell is none.
		*self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now().checked_add(time);
	}

	/// Whether the time of ordinary transactions is over. Not if no block has begun.
	pub fn has_passed(&self) -> bool {
		let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
		until.is_some_and(|until| until <= Instant::now())
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn cutoff_should_pass_when_its_time_is_over() {
		let cutoff = Cutoff::default();
		assert!(!cutoff.has_passed(), "no block has begun");
		cutoff.begin(Duration::ZERO);
		assert!(cutoff.has_passed());
		cutoff.begin(Duration::from_secs(3_600));
		assert!(!cutoff.has_passed(), "the next block has its own");
		cutoff.begin(Duration::MAX);
		assert!(!cutoff.has_passed());
	}

	#[test]
	fn cutoff_should_be_one_when_it_is_shared() {
		let cutoff = Cutoff::default();
		let other = cutoff.clone();
		cutoff.begin(Duration::ZERO);
		assert!(other.has_passed());
	}
}
