// SPDX-License-Identifier: Apache-2.0
//! Whatever waits.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

prop_compose! {
	fn transaction()(
		lane in 0..5usize,
		account in 0..60u32,
		weight in 1..12u64,
		tip in 0..5u64,
		is_invalid in prop::bool::weighted(0.05),
	) -> Tx {
		let tx = Tx::new(Lane::ALL[lane], account).weight(weight).tip(tip);
		if is_invalid { tx.invalid() } else { tx }
	}
}

prop_compose! {
	/// Transactions with the nonces of their accounts in order.
	fn waiting()(transactions in prop::collection::vec(transaction(), 0..300)) -> Vec<Tx> {
		let mut nonces = BTreeMap::<u32, u32>::new();
		transactions
			.into_iter()
			.map(|tx| {
				let next = nonces.entry(tx.account).or_default();
				*next += 1;
				let nonce = *next - 1;
				tx.nonce(nonce)
			})
			.collect()
	}
}

prop_compose! {
	fn chain()(room in prop::collection::vec(0..120u64, 5), limit in 1..40u64) -> Chain {
		let mut room = room.into_iter();
		Chain::new(PerLane::from_fn(|_| room.next().unwrap_or_default())).with_limit(limit)
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(128))]

	/// `Bench::propose` checks the order of nonces, too.
	#[test]
	fn block_should_be_a_choice_of_what_waits(chain in chain(), waiting in waiting()) {
		let bench = Bench::new(chain, &waiting);
		bench.by_lanes();
		let mut rest = waiting.clone();
		for tx in bench.chain.included() {
			let place = rest.iter().position(|other| *other == tx);
			prop_assert!(place.is_some(), "{:?} was not waiting, or is in the block twice", tx);
			rest.remove(place.unwrap_or_default());
		}
	}

	#[test]
	fn nothing_should_leave_the_pool_but_what_is_invalid(chain in chain(), waiting in waiting()) {
		let bench = Bench::new(chain, &waiting);
		bench.by_lanes();
		for tx in &waiting {
			let is_kept = bench.pool.ready_transaction(&bench.pool.hash_of(&tx.to_extrinsic())).is_some();
			// The pool drops what follows something invalid, too.
			let is_spoilt = waiting
				.iter()
				.any(|other| other.account == tx.account && other.nonce <= tx.nonce && other.is_invalid);
			prop_assert!(is_kept || is_spoilt, "{:?}", tx);
		}
	}

	#[test]
	fn refusals_should_be_bounded_in_every_lane(chain in chain(), waiting in waiting()) {
		let bench = Bench::new(chain, &waiting);
		bench.by_lanes();
		for lane in Lane::ALL {
			let taken = bench.included(lane).len();
			prop_assert!(bench.refused(lane) <= taken + MOST_REFUSALS);
		}
	}

	/// Each account sends once and lightly: then nothing but a full lane stops anybody.
	#[test]
	fn every_lane_should_be_filled_or_emptied(
		room in prop::collection::vec(0..120u64, 5),
		counts in prop::collection::vec(0..200u32, 5),
	) {
		let mut rooms = room.iter().copied();
		let chain = Chain::new(PerLane::from_fn(|_| rooms.next().unwrap_or_default()));
		let waiting: Vec<_> = (0..)
			.zip(Lane::ALL)
			.flat_map(|(place, lane)| crowd(lane, place * 1_000, counts[place as usize]))
			.collect();
		let bench = Bench::new(chain, &waiting);
		bench.by_lanes();
		let wanted: Vec<_> = room.iter().zip(&counts).map(|(room, count)| (*room).min(u64::from(*count)) as usize).collect();
		prop_assert_eq!(bench.counts().to_vec(), wanted);
	}

	/// The order is the pool's: without a refusal both authors make the same block.
	#[test]
	fn block_should_be_that_of_the_sdk_when_everything_fits(waiting in waiting()) {
		let room = PerLane::from_fn(|_| 1_000_000);
		let [by_lanes, by_the_pool] = [(), ()].map(|()| Bench::new(Chain::new(room), &waiting));
		by_lanes.by_lanes();
		by_the_pool.by_the_pool();
		prop_assert_eq!(by_lanes.chain.included(), by_the_pool.chain.included());
	}
}
