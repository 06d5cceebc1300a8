// SPDX-License-Identifier: Apache-2.0

//! The one clock of a measurement.

use crate::blocks::Micros;
use std::time::{Duration, Instant};

/// Counts from the moment the measurement began.
#[derive(Debug, Clone, Copy)]
pub struct Clock(Instant);

impl Clock {
	pub fn start() -> Self {
		Self(Instant::now())
	}

	pub fn elapsed(&self) -> Duration {
		self.0.elapsed()
	}

	pub fn now(&self) -> Micros {
		self.at(Instant::now())
	}

	/// Zero for a moment before the beginning.
	pub fn at(&self, moment: Instant) -> Micros {
		micros(moment.saturating_duration_since(self.0))
	}

	/// The moment `after` from the beginning.
	pub fn moment(&self, after: Duration) -> Option<Instant> {
		self.0.checked_add(after)
	}
}

pub fn micros(duration: Duration) -> Micros {
	Micros::try_from(duration.as_micros()).unwrap_or(Micros::MAX)
}
