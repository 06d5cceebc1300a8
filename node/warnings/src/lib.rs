// SPDX-License-Identifier: Apache-2.0

//! Warnings that do not flood the log: of what goes wrong again and again, one a minute, with the number of those held
//! back. For the parts of the node that do something every block: `node/feed`, `node/keeper`.

#![forbid(unsafe_code)]

use std::{fmt::Display, time::Duration};

/// Least time between two warnings of one kind.
pub const QUIET: Duration = Duration::from_secs(60);

/// When a kind of warning was logged last, and how many were held back since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimit {
	last: Option<Duration>,
	held_back: u64,
}

impl RateLimit {
	/// How many were held back since the last, if one may be logged now: the first of all, and each that comes [`QUIET`]
	/// or more after the last one logged. `now` is the time of a clock of the caller's own that only goes forwards.
	pub fn admit(&mut self, now: Duration) -> Option<u64> {
		if self.last.is_some_and(|last| now.saturating_sub(last) < QUIET) {
			self.held_back = self.held_back.saturating_add(1);
			return None;
		}
		self.last = Some(now);
		Some(std::mem::take(&mut self.held_back))
	}
}

/// Logs a text under a target, as [`RateLimit::admit`] decided: as a warning, or for debugging alone.
pub fn tell(target: &str, text: impl Display, admitted: Option<u64>) {
	match admitted {
		Some(0) => log::warn!(target: target, "{text}"),
		Some(more) => log::warn!(target: target, "{text} (and {more} more like it)"),
		None => log::debug!(target: target, "{text}"),
	}
}

#[cfg(test)]
mod tests {
	use super::{RateLimit, QUIET};
	use std::time::Duration;

	#[test]
	fn warning_should_be_held_back_and_counted_when_the_last_logged_is_recent() {
		let mut limit = RateLimit::default();
		let start = Duration::from_secs(7);
		assert_eq!(limit.admit(start), Some(0));
		for millis in [0, 500, 59_999] {
			assert_eq!(limit.admit(start + Duration::from_millis(millis)), None);
		}
		assert_eq!(limit.admit(start + QUIET), Some(3));
		assert_eq!(limit.admit(start + 2 * QUIET - Duration::from_millis(1)), None);
		assert_eq!(limit.admit(start + 2 * QUIET), Some(1));
		assert_eq!(limit.admit(start + 3 * QUIET), Some(0));
	}

	#[test]
	fn warning_should_be_held_back_when_the_clock_goes_backwards() {
		let mut limit = RateLimit::default();
		assert_eq!(limit.admit(QUIET), Some(0));
		assert_eq!(limit.admit(Duration::ZERO), None);
	}
}
