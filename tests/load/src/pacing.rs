// SPDX-License-Identifier: Apache-2.0

//! When each transaction is due. Pure: the caller brings the time.

use std::time::Duration;

/// How transactions are offered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
	/// Open loop: transaction `i` is due at `i / per_second` seconds, whatever the node does. A
	/// node that falls behind does not slow the offer down, and the latency it causes counts.
	Open { per_second: f64 },
	/// Closed loop: as fast as the node takes them, with at most `in_flight` transactions sent and
	/// not yet in a block.
	Closed { in_flight: usize },
}

impl Pace {
	/// `per_second` zero means [`Pace::Closed`].
	pub fn new(per_second: f64, in_flight: usize) -> Self {
		if per_second > 0.0 {
			Self::Open { per_second }
		} else {
			Self::Closed { in_flight }
		}
	}
}

/// How many transactions are due once `elapsed` has passed, out of `total`. The first one is due
/// at once.
pub fn due(per_second: f64, elapsed: Duration, total: usize) -> usize {
	let reached = (elapsed.as_secs_f64() * per_second).floor();
	// A float too large for the integer becomes its maximum, and `total` bounds it.
	(reached as usize).saturating_add(1).min(total)
}

/// When transaction `index` is due.
pub fn due_at(per_second: f64, index: usize) -> Duration {
	Duration::try_from_secs_f64(index as f64 / per_second).unwrap_or(Duration::MAX)
}

/// How many transactions an open loop of `seconds` offers: one at each due time before the end.
pub fn offered(per_second: f64, seconds: u64) -> usize {
	(per_second * seconds as f64).ceil() as usize
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn first_transaction_should_be_due_at_once() {
		assert_eq!(due(100.0, Duration::ZERO, 10), 1);
	}

	#[test]
	fn due_should_follow_the_rate_and_stop_at_the_total() {
		assert_eq!(due(100.0, Duration::from_millis(9), 1_000), 1);
		assert_eq!(due(100.0, Duration::from_millis(10), 1_000), 2);
		assert_eq!(due(100.0, Duration::from_secs(5), 1_000), 501);
		assert_eq!(due(100.0, Duration::from_secs(50), 1_000), 1_000);
		assert_eq!(due(1e300, Duration::from_secs(u32::MAX.into()), 7), 7);
	}

	#[test]
	fn due_at_should_be_the_inverse_of_due_when_ticks_are_fine() {
		for index in [0, 1, 7, 499, 12_345] {
			let at = due_at(250.0, index);
			assert_eq!(due(250.0, at + Duration::from_nanos(10), usize::MAX), index + 1);
			if index > 0 {
				assert_eq!(due(250.0, at - Duration::from_micros(1), usize::MAX), index);
			}
		}
	}

	#[test]
	fn a_late_tick_should_make_up_for_what_was_missed() {
		let before = due(1_000.0, Duration::from_millis(100), usize::MAX);
		let after = due(1_000.0, Duration::from_millis(350), usize::MAX);
		assert_eq!(after - before, 250);
	}

	#[test]
	fn offered_should_cover_the_whole_time() {
		assert_eq!(offered(300.0, 60), 18_000);
		assert_eq!(offered(0.5, 3), 2);
		assert_eq!(due(300.0, Duration::from_micros(59_999_999), usize::MAX), offered(300.0, 60));
	}

	#[test]
	fn rate_zero_should_mean_a_closed_loop() {
		assert_eq!(Pace::new(0.0, 9), Pace::Closed { in_flight: 9 });
		assert_eq!(Pace::new(2.5, 9), Pace::Open { per_second: 2.5 });
	}
}
