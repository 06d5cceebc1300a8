// SPDX-License-Identifier: Apache-2.0

//! Warnings that do not flood the log.

use crate::LOG_TARGET;
use std::{
	sync::{Mutex, PoisonError},
	time::{Duration, Instant},
};

/// Least time between two warnings of one kind.
pub(crate) const QUIET: Duration = Duration::from_secs(60);

/// One kind of warning.
#[derive(Debug, Default)]
pub(crate) struct Warning {
	state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
	last: Option<Instant>,
	held_back: u64,
	wrong: bool,
}

impl Warning {
	/// Logs the text, unless the last one was less than a minute ago.
	pub fn warn(&self, text: &str) {
		match self.admit(Instant::now()) {
			Some(0) => log::warn!(target: LOG_TARGET, "{text}"),
			Some(more) => log::warn!(target: LOG_TARGET, "{text} (and {more} more like it)"),
			None => log::debug!(target: LOG_TARGET, "{text}"),
		}
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
		if state.last.is_some_and(|last| now.duration_since(last) < QUIET) {
			state.held_back = state.held_back.saturating_add(1);
			return None;
		}
		state.last = Some(now);
		Some(std::mem::take(&mut state.held_back))
	}
}
