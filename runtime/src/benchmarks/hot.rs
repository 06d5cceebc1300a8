// SPDX-License-Identifier: Apache-2.0

//! Storage that every block has in memory before its first transaction.
//!
//! The hooks and inherents of a block read these keys whatever the block holds: time, the rounds of prices, what is listed,
//! where the search for accounts in danger stands. A transaction that reads one of them reads memory. So the
//! benchmarks of what runs after the hooks do not count them as accesses of the database; those of the hooks do.

use crate::*;
use alloc::vec::Vec;
use frame_benchmarking::BenchmarkConfig;
use sp_storage::TrackedStorageKey;

/// Benchmarks of what runs before, by pallet: here the keys are read for the first time.
const FIRST_READERS: [(&[u8], &[&[u8]]); 4] = [
	(b"pallet_prices", &[b"report", b"check_strikes", b"load_reports", b"advance"]),
	(b"pallet_options", &[b"check_agenda", b"check_schedule"]),
	(b"pallet_liquidation", &[b"begin_block"]),
	(b"pallet_timestamp", &[b"set", b"on_finalize"]),
];

/// Underlyings that benchmarks create or find.
const UNDERLYINGS: u16 = 64;

/// The keys, or none if the benchmark is of what reads them first.
pub fn keys(config: &BenchmarkConfig) -> Vec<TrackedStorageKey> {
	let is_first = FIRST_READERS.iter().any(|(pallet, benchmarks)| {
		*pallet == config.pallet.as_slice() && benchmarks.contains(&config.benchmark.as_slice())
	});
	if is_first {
		return Vec::new();
	}
	let of_chain = [
		pallet_timestamp::Now::<Runtime>::hashed_key().to_vec(),
		pallet_prices::Parameters::<Runtime>::hashed_key().to_vec(),
		pallet_prices::QuotePrice::<Runtime>::hashed_key().to_vec(),
		pallet_options::Agenda::<Runtime>::hashed_key().to_vec(),
		pallet_liquidation::Known::<Runtime>::hashed_key().to_vec(),
		pallet_liquidation::ParametersInForce::<Runtime>::hashed_key().to_vec(),
		pallet_liquidation::Sweep::<Runtime>::hashed_key().to_vec(),
	];
	let of_underlying = |id: u16| {
		[
			pallet_prices::Feeds::<Runtime>::hashed_key_for(id),
			pallet_prices::Rounds::<Runtime>::hashed_key_for(id),
			pallet_options::Expiries::<Runtime>::hashed_key_for(id),
			pallet_liquidation::Measured::<Runtime>::hashed_key_for(id),
			pallet_liquidation::SweptRounds::<Runtime>::hashed_key_for(id),
		]
	};
	let all = of_chain.into_iter().chain((0..UNDERLYINGS).flat_map(of_underlying));
	all.map(hot).collect()
}

/// Has been read once; whoever writes it pays for that.
fn hot(key: Vec<u8>) -> TrackedStorageKey {
	TrackedStorageKey { reads: 1, ..TrackedStorageKey::new(key) }
}
