// SPDX-License-Identifier: Apache-2.0
//! What authors make of the pool's order: the SDK's one, which gives up after some skips, and one that knows lanes.

use crate::{lane_of_priority, mock::*, Lane};

/// Skips that `sc-basic-authorship` tolerates after its soft deadline.
const SKIPS: usize = 8;

/// Waiting transactions, each of another account, in the pool's order.
fn queue(waiting: &[(Lane, u64)]) -> Vec<(u64, Tx)> {
	let mut queue: Vec<_> = waiting
		.iter()
		.flat_map(|(lane, count)| (0..*count).map(|_| *lane))
		.zip(10..)
		.map(|(lane, who)| {
			let tx = Tx::new(who, call_of(lane, 4));
			(tx.priority(), tx)
		})
		.collect();
	queue.sort_by_key(|(priority, _)| std::cmp::Reverse(*priority));
	queue
}

/// Takes from the queue as the SDK's author does. `knows_lanes`: what is full is left alone for the rest of the block.
fn author(queue: &[(u64, Tx)], knows_lanes: bool) -> usize {
	let (mut skips, mut full) = (0, Vec::new());
	for (priority, tx) in queue {
		let lane = lane_of_priority(*priority);
		if full.contains(&lane) {
			continue;
		}
		match tx.apply() {
			Ok(_) => {},
			Err(error) if error.exhausted_resources() => {
				skips += 1;
				if knows_lanes {
					full.push(lane);
				}
				if skips > SKIPS {
					break;
				}
			},
			Err(error) => panic!("{error:?}"),
		}
	}
	skips
}

const CROWD: [(Lane, u64); 3] = [(Lane::Takers, 60), (Lane::General, 5), (Lane::Makers, 3)];

fn transactions(lane: Lane) -> u32 {
	crate::CurrentUse::<Test>::get().lanes.get(lane).transactions
}

#[test]
fn plain_author_should_starve_the_lane_behind_when_the_one_before_is_overfull() {
	Builder::default().build_and_execute(|| {
		author(&queue(&CROWD), false);
		assert_eq!(transactions(Lane::Makers), 3);
		assert!(transactions(Lane::Takers) > 10);
		assert_eq!(transactions(Lane::General), 0);
	});
}

#[test]
fn author_that_knows_lanes_should_reach_the_lane_behind_with_one_skip_per_lane() {
	Builder::default().build_and_execute(|| {
		let skips = author(&queue(&CROWD), true);
		assert!(skips <= 2);
		assert_eq!(transactions(Lane::Makers), 3);
		assert!(transactions(Lane::General) >= 2);
	});
}

#[test]
fn plain_author_should_reach_solvency_and_reductions_whatever_waits_behind() {
	Builder::default().build_and_execute(|| {
		let crowd =
			[(Lane::General, 60), (Lane::Takers, 60), (Lane::RiskDown, 3), (Lane::Solvency, 5)];
		author(&queue(&crowd), false);
		assert_eq!(transactions(Lane::Solvency), 5);
		assert_eq!(transactions(Lane::RiskDown), 3);
	});
}
