// SPDX-License-Identifier: Apache-2.0

//! Warnings that do not flood the log.

use crate::{caution::Millis, keeper::Trouble, LOG_TARGET};
use std::collections::BTreeMap;

/// Least time between two warnings of one kind.
const QUIET: Millis = 60_000;

/// When each kind of warning was logged last, and how many were held back since.
#[derive(Debug, Default)]
pub struct Warnings {
	kinds: BTreeMap<&'static str, (Millis, u64)>,
}

impl Warnings {
	/// Logs a trouble, unless there was one of its kind less than a minute ago.
	pub fn warn(&mut self, trouble: &Trouble, now: Millis) {
		match self.admit(trouble.kind(), now) {
			Some(0) => log::warn!(target: LOG_TARGET, "{trouble}"),
			Some(more) => log::warn!(target: LOG_TARGET, "{trouble} (and {more} more like it)"),
			None => log::debug!(target: LOG_TARGET, "{trouble}"),
		}
	}

	/// How many were held back since the last, if one may be logged now.
	pub fn admit(&mut self, kind: &'static str, now: Millis) -> Option<u64> {
		match self.kinds.get_mut(kind) {
			Some((last, held_back)) if now.saturating_sub(*last) < QUIET => {
				*held_back = held_back.saturating_add(1);
				None
			},
			known => {
				let held_back = known.map_or(0, |(_, held_back)| *held_back);
				self.kinds.insert(kind, (now, 0));
				Some(held_back)
			},
		}
	}
}
