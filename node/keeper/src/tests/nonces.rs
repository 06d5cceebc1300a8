// SPDX-License-Identifier: Apache-2.0

use crate::nonces::Nonces;
use std::collections::BTreeSet;

fn none() -> BTreeSet<u32> {
	BTreeSet::new()
}

#[test]
fn nonces_should_follow_each_other_while_nothing_is_in_a_block() {
	let mut nonces = Nonces::default();
	assert_eq!([(); 3].map(|()| nonces.take(7, &none())), [7, 8, 9]);
	// Two of them are in a block; the third waits.
	assert_eq!(nonces.take(9, &none()), 10);
}

#[test]
fn nonces_should_leave_out_what_others_have_in_the_pool() {
	let mut nonces = Nonces::default();
	let pooled = BTreeSet::from([7, 9]);
	assert_eq!([(); 3].map(|()| nonces.take(7, &pooled)), [8, 10, 11]);
}

#[test]
fn nonce_of_a_dead_bid_should_be_the_next_one_even_if_the_pool_still_holds_it() {
	let mut nonces = Nonces::default();
	assert_eq!([(); 2].map(|()| nonces.take(7, &none())), [7, 8]);
	nonces.give_back(7);
	let pooled = BTreeSet::from([7, 8]);
	assert_eq!(nonces.take(7, &pooled), 7);
	assert_eq!(nonces.take(7, &pooled), 9);
}

#[test]
fn nonce_in_a_block_should_not_be_used_again() {
	let mut nonces = Nonces::default();
	assert_eq!(nonces.take(7, &none()), 7);
	nonces.spent(7);
	nonces.give_back(7);
	// The state at hand is that before the block, whose transaction the pool still has.
	assert_eq!(nonces.take(7, &BTreeSet::from([7])), 8);
}

#[test]
fn nonces_should_not_end_at_the_last_number() {
	assert_eq!(Nonces::default().take(u32::MAX, &none()), u32::MAX);
}
