// SPDX-License-Identifier: Apache-2.0

use crate::Bits;
use proptest::prelude::*;
use std::collections::BTreeSet;

proptest! {
	#![proptest_config(ProptestConfig::with_cases(256))]

	#[test]
	fn bits_should_find_what_a_sorted_set_finds(
		members in prop::collection::vec(any::<u8>(), 0..40),
		gone in prop::collection::vec(any::<u8>(), 0..10),
		from: u8,
	) {
		let mut bits = Bits::default();
		let mut set = BTreeSet::new();
		for member in members {
			bits.insert(member);
			set.insert(member);
		}
		for member in gone.into_iter().chain(set.first().copied()) {
			bits.remove(member);
			set.remove(&member);
		}
		prop_assert_eq!(bits.is_empty(), set.is_empty());
		prop_assert_eq!(bits.lowest_from(from), set.range(from..).next().copied());
		prop_assert_eq!(bits.highest_from(from), set.range(..=from).next_back().copied());
		prop_assert_eq!(bits.contains(from), set.contains(&from));
	}
}
