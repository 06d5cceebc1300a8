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

/// Benchmarks, by pallet, that count every access: of what runs before, where the keys are read for the first time, and
/// of calls that write one of them. The benchmarking database takes a key as read *and* written, or neither.
const COUNT_ALL: [(&[u8], &[&[u8]]); 4] = [
	(
		b"pallet_prices",
		&[b"report", b"check_strikes", b"load_reports", b"advance", b"set_parameters"],
	),
	(
		b"pallet_options",
		&[
			b"check_agenda",
			b"check_schedule",
			b"create_underlying",
			b"set_terms",
			b"set_schedule",
			b"set_paused",
			b"list_strike",
			b"expire_expiry",
			b"list_expiry",
			b"remove_expiry",
		],
	),
	(b"pallet_liquidation", &[b"begin_block", b"set_parameters"]),
	(b"pallet_timestamp", &[b"set", b"on_finalize"]),
];

/// Underlyings that benchmarks create or find.
const UNDERLYINGS: u16 = 64;

/// The keys, or none if the benchmark counts every access.
pub fn keys(config: &BenchmarkConfig) -> Vec<TrackedStorageKey> {
	let counts_all = COUNT_ALL.iter().any(|(pallet, benchmarks)| {
		*pallet == config.pallet.as_slice() && benchmarks.contains(&config.benchmark.as_slice())
	});
	if counts_all {
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

fn hot(key: Vec<u8>) -> TrackedStorageKey {
	TrackedStorageKey { whitelisted: true, ..TrackedStorageKey::new(key) }
}
