// SPDX-License-Identifier: Apache-2.0

//! Warnings that do not flood the log.

use crate::{caution::Millis, keeper::Trouble, LOG_TARGET};
use ballast_warnings::{tell, RateLimit};
use std::{collections::BTreeMap, time::Duration};

/// How often each kind of warning is logged.
#[derive(Debug, Default)]
pub struct Warnings {
	kinds: BTreeMap<&'static str, RateLimit>,
}

impl Warnings {
	/// Logs a trouble, unless there was one of its kind less than a minute ago.
	pub fn warn(&mut self, trouble: &Trouble, now: Millis) {
		tell(LOG_TARGET, trouble, self.admit(trouble.kind(), now));
	}

	/// How many were held back since the last, if one may be logged now.
	pub fn admit(&mut self, kind: &'static str, now: Millis) -> Option<u64> {
		self.kinds.entry(kind).or_default().admit(Duration::from_millis(now))
	}
}
