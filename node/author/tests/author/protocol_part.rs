// SPDX-License-Identifier: Apache-2.0
//! The protocol's part of a block is done once, whatever becomes of the transactions after it.

use super::*;

/// A block without room for bids, twenty of which come before anything else, and with some for others.
fn refused_first() -> (Chain, Vec<Tx>) {
	let mut room = ten();
	*room.get_mut(Lane::Solvency) = 0;
	let first = crowd(Lane::Solvency, 0, 20);
	(Chain::new(room), first.chain(crowd(Lane::General, 100, 3)).collect())
}

#[test]
fn protocol_part_should_be_done_once_when_the_first_transactions_are_refused() {
	let (chain, waiting) = refused_first();
	let bench = Bench::new(chain, &waiting);
	bench.by_lanes();
	assert!(bench.refused(Lane::Solvency) >= 8);
	assert_eq!(bench.counts(), [0, 0, 0, 0, 3]);
	assert_eq!(bench.chain.protocol_parts(), 1);
}

#[test]
fn sdk_author_should_repeat_it_when_the_first_transactions_are_refused() {
	let (chain, waiting) = refused_first();
	let bench = Bench::new(chain, &waiting);
	bench.by_the_pool();
	assert_eq!(bench.chain.protocol_parts(), bench.refused(Lane::Solvency), "what it is done for");
}

#[test]
fn protocol_part_should_be_left_to_transactions_when_it_cannot_be_done_apart() {
	let (chain, waiting) = refused_first();
	let bench = Bench::new(chain.failing_apart(), &waiting);
	bench.by_lanes();
	assert_eq!(bench.counts(), [0, 0, 0, 0, 3]);
	// Half done and taken back, done and taken back with each that was refused, and done with the first that was taken.
	assert_eq!(bench.chain.protocol_parts(), 1 + bench.refused(Lane::Solvency) + 1);
}

#[test]
fn protocol_part_should_be_done_in_each_block_when_one_author_makes_several() {
	for waiting in [0, 1, 20] {
		let bench =
			Bench::new(Chain::new(ten()), &crowd(Lane::Makers, 0, waiting).collect::<Vec<_>>());
		bench.by_lanes();
		// Without a transaction it belongs to the end of the block.
		assert_eq!(bench.chain.protocol_parts(), usize::from(waiting > 0));
	}
}
