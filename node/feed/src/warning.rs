// SPDX-License-Identifier: Apache-2.0

//! Warnings that do not flood the log, and the news that what they were about is over.

use crate::LOG_TARGET;
use ballast_warnings::{tell, RateLimit};
use std::{
	sync::{Mutex, PoisonError},
	time::Instant,
};

/// One kind of warning, for several threads.
#[derive(Debug)]
pub(crate) struct Warning {
	/// What its times count from.
	made: Instant,
	state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
	limit: RateLimit,
	wrong: bool,
}

impl Default for Warning {
	fn default() -> Self {
		Self { made: Instant::now(), state: Mutex::default() }
	}
}

impl Warning {
	/// Logs the text, unless the last one was less than a minute ago.
	pub fn warn(&self, text: &str) {
		tell(LOG_TARGET, text, self.admit(Instant::now()));
	}

	/// Logs that it is over, if it was.
	pub fn over(&self, text: &str) {
		let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
		if std::mem::take(&mut state.wrong) {
			log::info!(target: LOG_TARGET, "{text}");
		}
	}

	/// How many were held back since the last, if one may be logged now.
	pub fn admit(&self, now: Instant) -> Option<u64> {
		let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
		state.wrong = true;
		state.limit.admit(now.saturating_duration_since(self.made))
	}
}
