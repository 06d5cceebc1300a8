// SPDX-License-Identifier: Apache-2.0

//! The Ballast runtime: which pallets the chain has, in which order, with which constants.
//!
//! Nothing here computes; it composes. Where to look:
//! - [`constants`]: token units, slots, block budget;
//! - [`configs`]: one file per theme, each pallet's configuration and the reason for it;
//! - [`genesis`]: the presets `development` and `local_testnet`;
//! - `signing`: transactions signed outside the chain, by who is built with this crate;
//! - `apis.rs`: the runtime APIs;
//! - `weights`: measured on the reference machine by `scripts/benchmark`.

#![cfg_attr(not(feature = "std"), no_std)]
// `#[frame_support::runtime]` and `impl_runtime_apis!` nest deeply.
#![recursion_limit = "512"]
// `#[frame_support::runtime]` generates dozens of public items without docs.
#![allow(missing_docs)]

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

extern crate alloc;

use alloc::{borrow::Cow, vec::Vec};
use sp_runtime::{
	generic,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
	MultiAddress, MultiSignature,
};
use sp_version::RuntimeVersion;

mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod constants;
mod exchange_api;
#[cfg(test)]
mod freeze_tests;
pub mod genesis;
#[cfg(test)]
mod lane_tests;
mod opaque_block;
#[cfg(feature = "std")]
pub mod signing;
mod solvency_api;
#[cfg(test)]
mod test_chain;
#[cfg(test)]
mod tests;
pub mod weights;

pub use apis::{api, RuntimeApi};
pub use frame_system::Call as SystemCall;
pub use opaque_block::opaque;
pub use pallet_balances::Call as BalancesCall;

/// Signature of a transaction: sr25519, ed25519 or ECDSA.
pub type Signature = MultiSignature;
/// An account: the public key's hash or the public key itself.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// How a transaction names an account.
pub type Address = MultiAddress<AccountId, ()>;
/// An amount of BAL, or of any asset, in its smallest unit.
pub type Balance = u128;
/// Number of an asset of `pallet-assets`.
pub type AssetId = u32;
/// Number of transactions that an account has sent.
pub type Nonce = u32;
/// Height of a block.
pub type BlockNumber = u32;
/// Hash of a block, a transaction, a storage key.
pub type Hash = sp_core::H256;
/// Header of a block.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block as the runtime sees it.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// A transaction as it comes from outside.
pub type UncheckedExtrinsic =
	generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What a transaction's signature covers.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// What is checked and charged around each transaction, in this order. No extension of Ballast's own
/// carries data, so that any wallet can sign. `signing` fills it.
pub type TxExtension = (
	frame_system::AuthorizeCall<Runtime>,
	frame_system::CheckNonZeroSender<Runtime>,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckEra<Runtime>,
	frame_system::CheckNonce<Runtime>,
	frame_system::CheckWeight<Runtime>,
	// Pays, and meters the transaction in its lane; to a wallet it is `ChargeTransactionPayment`.
	pallet_lanes::PayInLane<Runtime>,
	frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
	// Last, so that it sees the weight that all others left unused.
	frame_system::WeightReclaim<Runtime>,
);

/// Executes blocks.
pub type Executive = frame_executive::Executive<
	Runtime,
	Block,
	frame_system::ChainContext<Runtime>,
	Runtime,
	AllPalletsWithSystem,
>;

/// The version of the runtime. `spec_version` is raised whenever a block could be executed differently
/// than before.
#[cfg(not(feature = "next-spec-version"))]
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
	spec_name: Cow::Borrowed("ballast"),
	impl_name: Cow::Borrowed("ballast"),
	authoring_version: 1,
	spec_version: 1,
	impl_version: 1,
	apis: apis::RUNTIME_API_VERSIONS,
	transaction_version: 1,
	system_version: 1,
};

/// The same runtime with a higher version: the tests upgrade a chain to its own code. (The macro reads
/// literals only.)
#[cfg(feature = "next-spec-version")]
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
	spec_name: Cow::Borrowed("ballast"),
	impl_name: Cow::Borrowed("ballast"),
	authoring_version: 1,
	spec_version: 1_000_000,
	impl_version: 1,
	apis: apis::RUNTIME_API_VERSIONS,
	transaction_version: 1,
	system_version: 1,
};

/// The pallets, in the order of their hooks. Indices are part of every encoded call and stay as they are.
#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	// The block.
	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Timestamp = pallet_timestamp;

	// Consensus. The set of validators comes before the session that asks for it at genesis.
	#[runtime::pallet_index(10)]
	pub type Aura = pallet_aura;
	#[runtime::pallet_index(11)]
	pub type Authorship = pallet_authorship;
	#[runtime::pallet_index(12)]
	pub type Validators = pallet_validators;
	#[runtime::pallet_index(13)]
	pub type Session = pallet_session;
	#[runtime::pallet_index(14)]
	pub type Historical = pallet_session::historical;
	#[runtime::pallet_index(15)]
	pub type Grandpa = pallet_grandpa;
	#[runtime::pallet_index(16)]
	pub type Offences = pallet_offences;

	// Money.
	#[runtime::pallet_index(20)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(21)]
	pub type TransactionPayment = pallet_transaction_payment;
	#[runtime::pallet_index(22)]
	pub type Assets = pallet_assets;
	#[runtime::pallet_index(23)]
	pub type AssetsHolder = pallet_assets_holder;

	// Accounts and calls.
	#[runtime::pallet_index(30)]
	pub type Proxy = pallet_proxy;
	#[runtime::pallet_index(31)]
	pub type Utility = pallet_utility;
	#[runtime::pallet_index(32)]
	pub type Multisig = pallet_multisig;
	#[runtime::pallet_index(33)]
	pub type Scheduler = pallet_scheduler;
	#[runtime::pallet_index(34)]
	pub type Preimage = pallet_preimage;

	// The exchange, from the layer below to the one above.
	#[runtime::pallet_index(50)]
	pub type Prices = pallet_prices;
	#[runtime::pallet_index(51)]
	pub type Options = pallet_options;
	#[runtime::pallet_index(52)]
	pub type Clearing = pallet_clearing;
	#[runtime::pallet_index(53)]
	pub type OrderBook = pallet_order_book;
	#[runtime::pallet_index(54)]
	pub type Lanes = pallet_lanes;
	#[runtime::pallet_index(55)]
	pub type Liquidation = pallet_liquidation;

	// Governance and emergencies.
	#[runtime::pallet_index(40)]
	pub type Sudo = pallet_sudo;
	#[runtime::pallet_index(41)]
	pub type TxPause = pallet_tx_pause;
	#[runtime::pallet_index(42)]
	pub type SafeMode = pallet_safe_mode;
	#[runtime::pallet_index(43)]
	pub type MultiBlockMigrations = pallet_migrations;
}
