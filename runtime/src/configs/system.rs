// SPDX-License-Identifier: Apache-2.0

//! The frame around everything: block limits, versions, time, migrations.

use crate::{
	constants::{block, time},
	weights::{self, BlockExecutionWeight, ExtrinsicBaseWeight, ParityDbWeight},
	AccountId, Aura, Balance, Block, BlockNumber, Hash, MultiBlockMigrations, Nonce, PalletInfo,
	Runtime, RuntimeCall, RuntimeEvent, RuntimeOrigin, RuntimeTask, SafeMode, TxPause,
	UncheckedExtrinsic, VERSION,
};
use frame_support::{
	derive_impl,
	dispatch::DispatchClass,
	parameter_types,
	traits::{ConstU32, ConstU64, InsideBoth},
	weights::Weight,
};
use frame_system::limits::{BlockLength, BlockWeights};
use sp_runtime::{
	traits::{AccountIdLookup, BlakeTwo256},
	Perbill,
};
use sp_version::RuntimeVersion;

parameter_types! {
	pub const Version: RuntimeVersion = VERSION;
	/// Long enough for a signature made at the start of an hour to be valid at its end.
	pub const BlockHashCount: BlockNumber = 4_096;
	/// The generic Substrate prefix; a fork registers its own.
	pub const SS58Prefix: u16 = 42;
	pub RuntimeBlockWeights: BlockWeights = block_weights();
	pub RuntimeBlockLength: BlockLength = BlockLength::builder()
		.max_length(block::MAX_BYTES)
		.modify_max_length_for_class(DispatchClass::Normal, |max| {
			*max = block::NORMAL_SHARE * block::MAX_BYTES
		})
		.build();
	pub MigrationBudget: Weight = Perbill::from_percent(50) * block::COMPUTATION;
}

/// Normal transactions fill at most their share; operational ones have what is left and a reserve of
/// the same size on top, so that neither flood can lock the other out.
fn block_weights() -> BlockWeights {
	let reserve = block::COMPUTATION - block::NORMAL_SHARE * block::COMPUTATION;
	BlockWeights::builder()
		.base_block(BlockExecutionWeight::get())
		.for_class(DispatchClass::all(), |class| {
			class.base_extrinsic = ExtrinsicBaseWeight::get();
		})
		.for_class(DispatchClass::Normal, |class| {
			class.max_total = Some(block::NORMAL_SHARE * block::COMPUTATION);
		})
		.for_class(DispatchClass::Operational, |class| {
			class.max_total = Some(block::COMPUTATION);
			class.reserved = Some(reserve);
		})
		.avg_block_initialization(block::INITIALIZATION_SHARE)
		.build_or_panic()
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
	type BaseCallFilter = InsideBoth<SafeMode, TxPause>;
	type BlockWeights = RuntimeBlockWeights;
	type BlockLength = RuntimeBlockLength;
	type AccountId = AccountId;
	type Lookup = AccountIdLookup<AccountId, ()>;
	type Nonce = Nonce;
	type Hash = Hash;
	type Hashing = BlakeTwo256;
	type Block = Block;
	type BlockHashCount = BlockHashCount;
	type DbWeight = ParityDbWeight;
	type Version = Version;
	type AccountData = pallet_balances::AccountData<Balance>;
	type SystemWeightInfo = weights::frame_system::WeightInfo<Runtime>;
	type ExtensionsWeightInfo = weights::frame_system_extensions::WeightInfo<Runtime>;
	type SS58Prefix = SS58Prefix;
	type MaxConsumers = ConstU32<16>;
	type SingleBlockMigrations = SingleBlockMigrations;
	type MultiBlockMigrator = MultiBlockMigrations;
	type PostInherents = super::exchange::ProtocolSteps;
}

/// Migrations that fit into the first block of an upgrade.
type SingleBlockMigrations = ();

impl pallet_migrations::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	#[cfg(not(feature = "runtime-benchmarks"))]
	type Migrations = ();
	#[cfg(feature = "runtime-benchmarks")]
	type Migrations = pallet_migrations::mock_helpers::MockedMigrations;
	type CursorMaxLen = ConstU32<65_536>;
	type IdentifierMaxLen = ConstU32<256>;
	type MigrationStatusHandler = ();
	// A half-migrated state must not be traded on: the chain stands still until governance acts.
	type FailedMigrationHandler = frame_support::migrations::FreezeChainOnFailedMigration;
	type MaxServiceWeight = MigrationBudget;
	type WeightInfo = weights::pallet_migrations::WeightInfo<Runtime>;
}

impl pallet_timestamp::Config for Runtime {
	/// Milliseconds since the epoch.
	type Moment = u64;
	type OnTimestampSet = Aura;
	// Half a slot: Aura already allows one block per slot only.
	type MinimumPeriod = ConstU64<{ time::SLOT_MILLIS / 2 }>;
	type WeightInfo = weights::pallet_timestamp::WeightInfo<Runtime>;
}

impl<LocalCall> frame_system::offchain::CreateTransactionBase<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	type RuntimeCall = RuntimeCall;
	type Extrinsic = UncheckedExtrinsic;
}

impl<LocalCall> frame_system::offchain::CreateBare<LocalCall> for Runtime
where
	RuntimeCall: From<LocalCall>,
{
	fn create_bare(call: RuntimeCall) -> UncheckedExtrinsic {
		UncheckedExtrinsic::new_bare(call)
	}
}
