// SPDX-License-Identifier: Apache-2.0

use crate::warnings::Warnings;

#[test]
fn warnings_of_a_kind_should_be_one_a_minute_and_say_how_many_were_held_back() {
	let mut warnings = Warnings::default();
	assert_eq!(warnings.admit("bid", 0), Some(0));
	assert_eq!(warnings.admit("bid", 1), None);
	assert_eq!(warnings.admit("key", 1), Some(0));
	assert_eq!(warnings.admit("bid", 59_999), None);
	assert_eq!(warnings.admit("bid", 60_000), Some(2));
	assert_eq!(warnings.admit("bid", 60_001), None);
}
