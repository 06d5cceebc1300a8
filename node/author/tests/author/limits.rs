// SPDX-License-Identifier: Apache-2.0
//! What others could do to close a lane that has room.

use super::*;
use ballast_author::turns::Turns;
use sc_transaction_pool_api::{InPoolTransaction, ReadyTransactions};
use std::collections::BTreeSet;

/// Accounts that send two transactions each of which uses up the limit, so that the second is refused: first all the
/// ones that fit, then all the others, both before anybody else's.
fn over_their_limit(accounts: u32) -> impl Iterator<Item = Tx> {
	(0..accounts).flat_map(|account| {
		let first = Tx::new(Lane::Makers, account).tip(9);
		[first.clone(), first.nonce(1).tip(8)]
	})
}

#[test]
fn bids_that_came_too_late_should_not_close_the_lane() {
	// Twenty keepers bid for an auction that the block has ended; the bid for another one has no tip.
	let late = crowd(Lane::Solvency, 0, 20).map(|tx| tx.tip(5).invalid());
	let other = Tx::new(Lane::Solvency, 100);
	let bench = Bench::new(
		Chain::new(ten()),
		&late.chain([other.clone()]).chain(crowd(Lane::RiskDown, 200, 1)).collect::<Vec<_>>(),
	);
	bench.by_lanes();
	assert_eq!(bench.chain.included()[0], other, "in its place, not after the other lanes");
}

#[test]
fn few_of_thousands_of_invalid_transactions_should_be_tried() {
	// A flood of orders that cannot pay what their lane costs by now, before everybody else.
	let poor = crowd(Lane::Takers, 5_000, 4_000).map(|tx| tx.tip(9).invalid());
	let others = crowd(Lane::Takers, 100, 20).chain(crowd(Lane::General, 200, 20));
	let bench = Bench::new(Chain::new(ten()), &poor.chain(others).collect::<Vec<_>>());
	bench.by_lanes();
	let tried = bench.chain.invalid();
	assert!((64..250).contains(&tried), "{tried} tried");
	assert_eq!(bench.included(Lane::General).len(), 10, "the lanes behind are full");
}

#[test]
fn accounts_over_their_limit_should_not_close_the_lane_for_others() {
	let victims = crowd(Lane::Makers, 10_000, 500);
	let waiting: Vec<_> =
		over_their_limit(50).chain(victims).chain(crowd(Lane::General, 20_000, 3)).collect();
	let chain = Chain::new(PerLane::from_fn(|_| 1_000)).with_limit(1);
	let bench = Bench::new(chain, &waiting);
	bench.by_lanes();
	assert_eq!(bench.included(Lane::General).len(), 3);
	let makers = bench.included(Lane::Makers).len();
	assert!(makers > 50 + 475, "{makers}: the rest has better luck in the next block");
}

#[test]
fn heavy_transactions_that_never_fit_should_not_close_the_lane_for_others() {
	// They cost their senders nothing, and stay where they are block after block.
	let unfit = crowd(Lane::General, 0, 500).map(|tx| tx.weight(2_000).tip(9));
	let waiting: Vec<_> = unfit.chain(crowd(Lane::General, 10_000, 900)).collect();
	let bench = Bench::new(Chain::new(PerLane::from_fn(|_| 1_000)), &waiting);
	bench.by_lanes();
	assert!(bench.included(Lane::General).len() > 700, "{:?}", bench.counts());
	assert!(bench.refused(Lane::General) <= MOST_REFUSALS);
}

/// Which of a lane are tried when everything is refused.
fn tried(bench: &Bench, seed: u64) -> BTreeSet<Tx> {
	let mut turns = Turns::new(bench.pool.ready(), seed, Cutoff::default());
	let mut tried = BTreeSet::new();
	while let Some(transaction) = turns.next() {
		turns.report_invalid(&transaction);
		tried.insert(Tx::of(transaction.data()));
	}
	tried
}

#[test]
fn what_is_passed_over_should_differ_from_block_to_block() {
	let bench = Bench::new(Chain::new(ten()), &flood()[..100]);
	let often: BTreeSet<_> = (0..300).flat_map(|seed| tried(&bench, seed)).collect();
	assert_eq!(often.len(), 100, "everybody gets a try some time");
	assert_eq!(tried(&bench, 1), tried(&bench, 1));
	assert!(tried(&bench, 1).len() < 35);
}
