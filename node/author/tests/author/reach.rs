// SPDX-License-Identifier: Apache-2.0
//! Which lanes are reached.

use super::*;
use ballast_author::turns::FREE_REFUSALS;

#[test]
fn lane_author_should_fill_every_lane_when_thousands_of_takers_wait() {
	let bench = Bench::new(Chain::new(ten()), &flood());
	bench.by_lanes();
	assert_eq!(bench.counts(), [10; 5]);
}

#[test]
fn sdk_author_should_never_reach_the_general_lane_when_thousands_of_takers_wait() {
	let bench = Bench::new(Chain::new(ten()), &flood());
	bench.by_the_pool();
	assert!(bench.included(Lane::General).is_empty(), "or the crate is not needed any more");
}

#[test]
fn lane_author_should_try_few_transactions_of_a_full_lane_when_thousands_wait() {
	let bench = Bench::new(Chain::new(ten()), &flood());
	bench.by_lanes();
	for lane in Lane::ALL {
		let refused = bench.refused(lane);
		assert!(refused >= FREE_REFUSALS as usize, "{lane:?} was full");
		assert!(refused <= 35, "{refused} tries in {lane:?}");
	}
}

#[test]
fn lane_author_should_leave_the_order_alone_when_there_is_room_for_all() {
	let room = PerLane::from_fn(|_| 10_000);
	let [by_lanes, by_the_pool] = [(), ()].map(|()| Bench::new(Chain::new(room), &flood()));
	by_lanes.by_lanes();
	by_the_pool.by_the_pool();
	assert_eq!(by_lanes.chain.included(), by_the_pool.chain.included());
	assert_eq!(by_lanes.chain.included().len(), flood().len());
}

#[test]
fn lane_author_should_put_better_lanes_first_when_every_lane_waits() {
	let bench = Bench::new(Chain::new(ten()), &flood());
	bench.by_lanes();
	let lanes: Vec<_> = bench.chain.included().iter().map(Tx::lane).collect();
	assert!(lanes.is_sorted(), "{lanes:?}");
}

#[test]
fn lane_author_should_take_lighter_ones_when_a_heavy_one_does_not_fit() {
	let heavy = crowd(Lane::Takers, 0, 3).map(|tx| tx.weight(8).tip(5));
	let light = crowd(Lane::Takers, 100, 10);
	let waiting: Vec<_> = heavy.chain(light).chain(crowd(Lane::General, 200, 2)).collect();
	let bench = Bench::new(Chain::new(ten()), &waiting);
	bench.by_lanes();
	assert_eq!(bench.included(Lane::Takers).len(), 3, "one of 8, two of 1");
	assert_eq!(bench.included(Lane::General).len(), 2);
}

#[test]
fn lane_author_should_come_back_to_what_it_passed_over_when_something_fits_behind() {
	let heavy = crowd(Lane::Takers, 0, 2 * FREE_REFUSALS).map(|tx| tx.weight(60).tip(5));
	let waiting: Vec<_> = heavy.chain(crowd(Lane::Takers, 100, 40)).collect();
	let bench = Bench::new(Chain::new(PerLane::from_fn(|_| 100)), &waiting);
	bench.by_lanes();
	assert_eq!(bench.included(Lane::Takers).len(), 41, "one of 60 and all of 1");
}

#[test]
fn lane_author_should_not_try_much_more_than_it_takes_when_a_lane_takes_and_refuses_in_turn() {
	// Every ninth fits.
	let waiting: Vec<_> = (0..2_000)
		.map(|account| {
			let weight = if account % 9 == 8 { 1 } else { 1_000 };
			Tx::new(Lane::Makers, account).weight(weight).tip(u64::from(2_000 - account))
		})
		.collect();
	let bench = Bench::new(Chain::new(PerLane::from_fn(|_| 999)), &waiting);
	bench.by_lanes();
	let (taken, refused) = (bench.included(Lane::Makers).len(), bench.refused(Lane::Makers));
	assert!(taken > 0);
	assert!(refused <= taken + MOST_REFUSALS, "{refused} refused, {taken} taken");
}

#[test]
fn lane_author_should_build_an_empty_block_when_nothing_waits() {
	let bench = Bench::new(Chain::new(ten()), &[]);
	bench.by_lanes();
	assert_eq!(bench.counts(), [0; 5]);
}

#[test]
fn lane_author_should_reach_all_lanes_when_the_longest_transactions_make_the_block_too_long() {
	let long = crowd(Lane::RiskDown, 0, 50).map(|tx| tx.long(4_000));
	let waiting: Vec<_> = long.chain(crowd(Lane::General, 100, 5)).collect();
	let mut bench = Bench::new(Chain::new(PerLane::from_fn(|_| 1_000)), &waiting);
	bench.longest = Some(10_000);
	bench.by_lanes();
	assert_eq!(bench.counts(), [0, 2, 0, 0, 5]);
}
