// SPDX-License-Identifier: Apache-2.0
//! What an author takes that has no time left for ordinary transactions.

use super::*;

#[test]
fn bids_should_be_taken_when_the_time_of_ordinary_transactions_is_over() {
	let bench = Bench::new(Chain::new(ten()), &flood());
	bench.by_lanes_within(Duration::ZERO);
	assert_eq!(bench.counts(), [10, 10, 0, 0, 0]);
}

#[test]
fn bids_that_were_passed_over_should_be_tried_again_when_that_time_is_over() {
	// Twenty that never fit, and behind them ten that do: some of those are passed over and need another turn.
	let heavy = crowd(Lane::Solvency, 0, 20).map(|tx| tx.weight(20).tip(5));
	let light = crowd(Lane::Solvency, 100, 10);
	let ordinary = crowd(Lane::Takers, 200, 20);
	let bench =
		Bench::new(Chain::new(ten()), &heavy.chain(light).chain(ordinary).collect::<Vec<_>>());
	bench.by_lanes_within(Duration::ZERO);
	assert_eq!(bench.counts(), [10, 0, 0, 0, 0]);
}

#[test]
fn everything_should_be_taken_when_there_is_time_for_it() {
	let bench = Bench::new(Chain::new(ten()), &flood());
	bench.by_lanes_within(TIME_TO_PROPOSE);
	assert_eq!(bench.counts(), [10; 5]);
}

#[test]
fn nothing_should_leave_the_pool_when_it_was_not_taken_for_want_of_time() {
	let ordinary: Vec<_> =
		crowd(Lane::Takers, 0, 30).chain(crowd(Lane::General, 100, 30)).collect();
	let bench = Bench::new(Chain::new(ten()), &ordinary);
	bench.by_lanes_within(Duration::ZERO);
	assert_eq!(bench.counts(), [0; 5]);
	assert_eq!(bench.pool.status().ready, ordinary.len());
	bench.by_lanes();
	assert_eq!(bench.included(Lane::Takers).len(), 10, "in the next block");
}
