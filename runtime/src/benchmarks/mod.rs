// SPDX-License-Identifier: Apache-2.0

//! Which benchmarks the runtime has, and how they are run.

mod exchange;
mod hot;

pub use exchange::ExchangeHelper;

use crate::*;
use alloc::{string::String, vec::Vec};
use frame_benchmarking::{define_benchmarks, BenchmarkBatch, BenchmarkConfig, BenchmarkList};
use frame_support::traits::{StorageInfo, StorageInfoTrait, WhitelistedStorageKeys};
use frame_system_benchmarking::{
	extensions::Pallet as SystemExtensionsBench, Pallet as SystemBench,
};
use pallet_validators::session_benchmarking::Pallet as SessionBench;

define_benchmarks!(
	[frame_system, SystemBench::<Runtime>]
	[frame_system_extensions, SystemExtensionsBench::<Runtime>]
	[pallet_assets, Assets]
	[pallet_balances, Balances]
	[pallet_clearing, Clearing]
	[pallet_grandpa, Grandpa]
	[pallet_lanes, Lanes]
	[pallet_liquidation, Liquidation]
	[pallet_migrations, MultiBlockMigrations]
	[pallet_multisig, Multisig]
	[pallet_options, Options]
	[pallet_order_book, OrderBook]
	[pallet_preimage, Preimage]
	[pallet_prices, Prices]
	[pallet_proxy, Proxy]
	[pallet_safe_mode, SafeMode]
	[pallet_scheduler, Scheduler]
	[pallet_session, SessionBench::<Runtime>]
	[pallet_sudo, Sudo]
	[pallet_timestamp, Timestamp]
	[pallet_transaction_payment, TransactionPayment]
	[pallet_tx_pause, TxPause]
	[pallet_utility, Utility]
	[pallet_validators, Validators]
);

impl frame_system_benchmarking::Config for Runtime {}

impl pallet_transaction_payment::BenchmarkConfig for Runtime {
	/// Fees go to the author, so the block has to have one: that of slot 0.
	fn setup_benchmark_environment() {
		use codec::Encode;
		let slot = sp_consensus_aura::Slot::from(0).encode();
		let digest = sp_runtime::DigestItem::PreRuntime(sp_consensus_aura::AURA_ENGINE_ID, slot);
		System::deposit_log(digest);
	}
}

impl pallet_validators::session_benchmarking::Config for Runtime {
	fn session_keys_and_proof(owner: AccountId) -> (opaque::SessionKeys, Vec<u8>) {
		use codec::Encode;
		let generated = opaque::SessionKeys::generate(&owner.encode(), None);
		(generated.keys, generated.proof.encode())
	}
}

pub(crate) fn metadata(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
	let mut list = Vec::<BenchmarkList>::new();
	list_benchmarks!(list, extra);
	(list, AllPalletsWithSystem::storage_info())
}

pub(crate) fn dispatch(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
	let mut whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
	whitelist.extend(hot::keys(&config));
	let mut batches = Vec::<BenchmarkBatch>::new();
	let params = (&config, &whitelist);
	add_benchmarks!(params, batches);
	Ok(batches)
}
