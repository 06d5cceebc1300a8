// SPDX-License-Identifier: Apache-2.0

//! Warnings are rate limited.

use crate::warning::Warning;
use ballast_warnings::QUIET;
use std::time::{Duration, Instant};

#[test]
fn warning_should_be_held_back_and_counted_when_the_last_is_recent() {
	let warning = Warning::default();
	let start = Instant::now();
	assert_eq!(warning.admit(start), Some(0));
	for millis in [0, 500, 59_999] {
		assert_eq!(warning.admit(start + Duration::from_millis(millis)), None);
	}
	assert_eq!(warning.admit(start + QUIET), Some(3));
	assert_eq!(warning.admit(start + 2 * QUIET), Some(0));
}
