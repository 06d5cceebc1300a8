// SPDX-License-Identifier: Apache-2.0
//! Transactions of one account, and what stays in the pool.

use super::*;

/// `count` transactions of one account, one after the other.
fn chain_of(lane: Lane, account: u32, count: u32) -> impl Iterator<Item = Tx> {
	(0..count).map(move |nonce| Tx::new(lane, account).nonce(nonce))
}

#[test]
fn followers_should_be_passed_over_when_the_one_before_them_finds_no_room() {
	// The second does not fit. The third would.
	let waiting = [
		Tx::new(Lane::Takers, 1).weight(9),
		Tx::new(Lane::Takers, 1).nonce(1).weight(2),
		Tx::new(Lane::Takers, 1).nonce(2),
		Tx::new(Lane::Makers, 1).nonce(3),
	];
	let bench = Bench::new(Chain::new(ten()), &waiting);
	bench.by_lanes();
	assert_eq!(bench.chain.included(), waiting[..1]);
	assert_eq!(bench.chain.refused(), waiting[1..2]);
}

/// So many too heavy ones that takers are only probed behind them.
fn unfit() -> impl Iterator<Item = Tx> {
	crowd(Lane::Takers, 0, 30).map(|tx| tx.weight(1_000).tip(5))
}

#[test]
fn followers_should_wait_with_the_one_before_them_when_its_lane_is_passed_over() {
	let pairs = (100..140).flat_map(|account| {
		[Tx::new(Lane::Takers, account), Tx::new(Lane::Solvency, account).nonce(1)]
	});
	let waiting: Vec<_> = unfit().chain(pairs).collect();
	let bench = Bench::new(Chain::new(PerLane::from_fn(|_| 100)), &waiting);
	bench.by_lanes();
	let (orders, bids) = (bench.included(Lane::Takers), bench.included(Lane::Solvency));
	let accounts = |of: &[Tx]| of.iter().map(|tx| tx.account).collect::<Vec<_>>();
	assert!(orders.len() > 20);
	assert!(!accounts(&orders).is_sorted(), "some were passed over");
	assert_eq!(accounts(&bids), accounts(&orders));
}

#[test]
fn followers_should_be_passed_over_when_the_one_before_them_never_fits() {
	let small = Tx::new(Lane::Takers, 99).tip(9);
	let families = (100..140).flat_map(|account| {
		let parent = Tx::new(Lane::Takers, account).weight(1_000);
		[
			parent,
			Tx::new(Lane::General, account).nonce(1),
			Tx::new(Lane::Solvency, account).nonce(2),
		]
	});
	let waiting: Vec<_> = unfit().chain([small.clone()]).chain(families).collect();
	let bench = Bench::new(Chain::new(ten()), &waiting);
	bench.by_lanes();
	assert_eq!(bench.chain.included(), [small]);
}

#[test]
fn account_should_be_cut_off_where_it_finds_no_room_when_it_sends_many() {
	let bench = Bench::new(Chain::new(ten()), &chain_of(Lane::Makers, 1, 40).collect::<Vec<_>>());
	bench.by_lanes();
	let nonces: Vec<_> = bench.chain.included().iter().map(|tx| tx.nonce).collect();
	assert_eq!(nonces, (0..10).collect::<Vec<_>>());
	assert_eq!(bench.chain.refused().len(), 1);
}

#[test]
fn order_within_a_lane_should_be_by_tip_when_it_fills_up() {
	let waiting: Vec<_> =
		(0..60).map(|n| Tx::new(Lane::Takers, n).tip(u64::from(n * 7 % 60))).collect();
	let bench = Bench::new(Chain::new(ten()), &waiting);
	bench.by_lanes();
	let tips: Vec<_> = bench.chain.included().iter().map(|tx| tx.tip).collect();
	assert_eq!(tips, (50..60).rev().collect::<Vec<_>>());
}

#[test]
fn pool_should_keep_everything_when_nothing_is_invalid() {
	let bench = Bench::new(Chain::new(ten()), &flood());
	let before = bench.pool.status().ready;
	bench.by_lanes();
	assert_eq!(before, flood().len());
	assert_eq!(
		bench.pool.status().ready,
		before,
		"what is in the block leaves when it is imported"
	);
}

#[test]
fn pool_should_lose_what_is_invalid_alone_when_a_block_is_made() {
	let invalid = crowd(Lane::Takers, 5_000, 7).map(|tx| tx.invalid().tip(1));
	let waiting: Vec<_> = flood().into_iter().chain(invalid).collect();
	let bench = Bench::new(Chain::new(ten()), &waiting);
	bench.by_lanes();
	assert_eq!(bench.pool.status().ready, flood().len());
}
