// SPDX-License-Identifier: Apache-2.0

//! How much room the lanes of a block had left: `Lanes.LastBlock`, on a chain that has lanes.

use crate::{
	capacity::{Limits, Weight},
	error::{Context, Result},
};
use subxt::ext::codec::{Compact, Decode};

const BILLION: u128 = 1_000_000_000;

/// What the statistics of lanes say of one block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneRoom {
	/// What the busiest lane of ordinary transactions could still have used, in parts per million of what ordinary
	/// transactions may weigh.
	pub left_ppm: u64,
	/// What was kept for liquidations, in parts per million of the block.
	pub reserved_ppm: u64,
}

#[derive(Decode)]
#[codec(crate = subxt::ext::codec)]
struct StoredWeight(Compact<u64>, Compact<u64>);

impl From<StoredWeight> for Weight {
	fn from(stored: StoredWeight) -> Self {
		Self { ref_time: stored.0 .0, proof_size: stored.1 .0 }
	}
}

#[derive(Decode)]
#[codec(crate = subxt::ext::codec)]
struct Use {
	used: StoredWeight,
	_transactions: u32,
	_failed: u32,
	_fees: u128,
}

#[derive(Decode)]
#[codec(crate = subxt::ext::codec)]
struct Lane {
	guaranteed: StoredWeight,
	_ceiling: StoredWeight,
	usage: Use,
	/// Parts per billion.
	fullness: u32,
	_multiplier: u128,
}

#[derive(Decode)]
#[codec(crate = subxt::ext::codec)]
struct Statistics {
	_number: u32,
	_backlog: u32,
	_pool: StoredWeight,
	/// Solvency, then the lanes of ordinary transactions.
	lanes: [Lane; 5],
}

impl LaneRoom {
	/// `stored` is the encoded `Lanes.LastBlock` in the state after the block.
	pub fn read(stored: &[u8], limits: &Limits) -> Result<Self> {
		let statistics = Statistics::decode(&mut &*stored).context("decoding Lanes.LastBlock")?;
		let [solvency, ordinary @ ..] = statistics.lanes;
		let reserved = Weight::from(solvency.guaranteed).share_of(limits.block);
		let busiest = ordinary.into_iter().max_by_key(|lane| lane.usage.used.0 .0);
		let left_ppm = busiest.map_or(0, |lane| {
			let used = Weight::from(lane.usage.used).share_of(limits.normal);
			left(used, lane.fullness)
		});
		Ok(Self { left_ppm, reserved_ppm: reserved })
	}
}

/// What is left beside `used` if that is `fullness` parts per billion of all there was.
fn left(used: u64, fullness: u32) -> u64 {
	let all = u128::from(used).saturating_mul(BILLION).checked_div(fullness.into());
	let left = all.map_or(u128::from(u64::MAX), |all| all.saturating_sub(used.into()));
	u64::try_from(left).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
	use super::*;
	use subxt::ext::codec::Encode;

	const LIMITS: Limits = Limits {
		block: Weight { ref_time: 200, proof_size: 1_000 },
		normal: Weight { ref_time: 150, proof_size: 750 },
		normal_length: 4_000,
	};

	fn weight(ref_time: u64) -> (Compact<u64>, Compact<u64>) {
		(Compact(ref_time), Compact(0))
	}

	fn lane(guaranteed: u64, used: u64, fullness_percent: u32) -> Vec<u8> {
		let usage = (weight(used), 1u32, 0u32, 7u128);
		(weight(guaranteed), weight(100), usage, fullness_percent * 10_000_000, 1u128).encode()
	}

	fn statistics(lanes: [Vec<u8>; 5]) -> Vec<u8> {
		[(9u32, 0u32, weight(150)).encode(), lanes.concat()].concat()
	}

	#[test]
	fn room_should_be_that_of_the_busiest_lane() {
		let idle = || lane(10, 0, 0);
		let stored =
			statistics([lane(50, 90, 100), idle(), lane(30, 20, 10), lane(20, 60, 80), idle()]);
		let room = LaneRoom::read(&stored, &LIMITS);
		// 60 of 75 are used: 15 of 150 are left.
		assert_eq!(room, Ok(LaneRoom { left_ppm: 100_000, reserved_ppm: 250_000 }));
	}

	#[test]
	fn an_unused_lane_should_have_all_the_room_there_is() {
		assert_eq!(left(0, 0), u64::MAX);
		assert_eq!(left(10, 1_000_000_000), 0);
	}

	#[test]
	fn truncated_statistics_should_be_an_error() {
		assert!(LaneRoom::read(&[1, 2, 3], &LIMITS).is_err());
	}
}
