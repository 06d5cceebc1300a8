// SPDX-License-Identifier: Apache-2.0

//! The exchange: prices, options, clearing, order books, and the protocol's own part of a block.

use super::{consensus::block_author, RuntimeBlockWeights};
use crate::{
	constants::{assets::USDC, currency::deposit},
	weights, AccountId, Assets, Balance, Balances, Clearing, Liquidation, Options, OrderBook,
	Prices, Runtime, RuntimeHoldReason, System, Timestamp,
};
use frame_support::{
	dispatch::DispatchClass,
	parameter_types,
	storage::{storage_prefix, unhashed},
	traits::{ConstBool, ConstU128, ConstU32, Contains, Get, PostInherents},
	weights::{Weight, WeightMeter},
	PalletId,
};
use frame_system::{EnsureRoot, Phase};
use sp_runtime::{DispatchError, Perbill};

parameter_types! {
	pub const ClearingPalletId: PalletId = PalletId(*b"blstclrg");
	pub const VaultPalletId: PalletId = PalletId(*b"blstvalt");
	/// What bids can count on in every block, whatever else is in it.
	pub BidBudget: Weight = Perbill::from_percent(10) * RuntimeBlockWeights::get().max_block;
	pub const SettlementAsset: crate::AssetId = USDC;
	/// What the record of a full margin account takes.
	pub const AccountDeposit: Balance = deposit(1, 6_500);
	/// What a strike's arrays take.
	pub const StrikeDeposit: Balance = deposit(1, 2 * 300);
	/// What the protocol's part of a block may compute. Nothing keeps this part out of a block, so it has to fit an
	/// author's time whatever it meets.
	pub ProtocolBudget: Weight =
		Perbill::from_percent(70) * RuntimeBlockWeights::get().max_block;
}

/// The author of the block reports its prices.
pub struct Reporter;

impl Get<Option<AccountId>> for Reporter {
	fn get() -> Option<AccountId> {
		block_author()
	}
}

/// The protocol's part of a block: after the inherents, before any transaction, metered. Nobody pays for
/// it, orders around it, or keeps it out.
pub struct ProtocolSteps;

impl PostInherents for ProtocolSteps {
	fn post_inherents() {
		let phase = PhaseGuard::initialization();
		let mut meter = WeightMeter::with_limit(ProtocolBudget::get());
		Prices::after_inherents(&mut meter);
		Options::after_inherents(&mut meter);
		liquidate(&mut meter);
		Clearing::after_inherents(&mut meter);
		System::register_extra_weight_unchecked(meter.consumed(), DispatchClass::Mandatory);
		phase.restore();
	}
}

/// Liquidation's part of a block, in the room that settlement does not keep: a search that does not end takes all that it gets,
/// and whoever has expired is paid out meanwhile.
pub fn liquidate(meter: &mut WeightMeter) {
	let kept = Clearing::kept_for_settlement(meter);
	let mut room = WeightMeter::with_limit(meter.remaining().saturating_sub(kept));
	Liquidation::after_inherents(&mut room);
	meter.consume(room.consumed());
}

/// Marks the events of the protocol's part as the block's own.
///
/// The system pallet already counts towards the first transaction here; without this, wallets would show
/// settlements and price rounds as what that transaction did.
struct PhaseGuard([u8; 32], Option<Phase>);

impl PhaseGuard {
	fn initialization() -> Self {
		let key = storage_prefix(b"System", b"ExecutionPhase");
		let before = unhashed::get(&key);
		unhashed::put(&key, &Phase::Initialization);
		Self(key, before)
	}

	fn restore(self) {
		match self.1 {
			Some(phase) => unhashed::put(&self.0, &phase),
			None => unhashed::kill(&self.0),
		}
	}
}

impl pallet_prices::Config for Runtime {
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type Author = Reporter;
	type Listed = Options;
	type Time = Timestamp;
	type WeightInfo = weights::pallet_prices::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::ExchangeHelper;
}

impl pallet_options::Config for Runtime {
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type Prices = Prices;
	type Time = Timestamp;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type StrikeDeposit = StrikeDeposit;
	type WeightInfo = weights::pallet_options::WeightInfo<Runtime>;
}

impl pallet_clearing::Config for Runtime {
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type Markets = Options;
	type PriceInputs = Prices;
	type Assets = Assets;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type PalletId = ClearingPalletId;
	type SettlementAsset = SettlementAsset;
	type AccountDeposit = AccountDeposit;
	type Watch = Liquidation;
	type WeightInfo = weights::pallet_clearing::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::ExchangeHelper;
}

impl pallet_order_book::Config for Runtime {
	type Clearing = Clearing;
	type Markets = Options;
	type Time = Timestamp;
	// A block ends where the most that the next call can weigh does not fit: all of these are paid for by every block.
	type MaxMatches = ConstU32<8>;
	type MaxBatch = ConstU32<64>;
	type MaxBatchMatches = ConstU32<16>;
	type CheckedMakers = ConstU32<1>;
	type WeightInfo = weights::pallet_order_book::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::ExchangeHelper;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkAccounts = crate::benchmarks::ExchangeHelper;
}

/// Taking one order out of its book.
pub struct CancelWeight;

impl Get<Weight> for CancelWeight {
	fn get() -> Weight {
		use pallet_order_book::WeightInfo;
		type Weights = weights::pallet_order_book::WeightInfo<Runtime>;
		Weights::cancel_all(1).saturating_sub(Weights::cancel_all(0))
	}
}

/// Errors that say that records contradict each other.
pub struct Corruption;

impl Contains<DispatchError> for Corruption {
	fn contains(error: &DispatchError) -> bool {
		let of_ledger = DispatchError::from(pallet_clearing::Error::<Runtime>::CorruptLedger);
		let of_book = DispatchError::from(pallet_order_book::Error::<Runtime>::CorruptBook);
		let of_liquidation =
			DispatchError::from(pallet_liquidation::Error::<Runtime>::CorruptRecords);
		[of_ledger, of_book, of_liquidation].contains(error)
	}
}

impl pallet_liquidation::Config for Runtime {
	type GovernanceOrigin = EnsureRoot<AccountId>;
	type Custody = Clearing;
	type Orders = OrderBook;
	type Markets = Options;
	type Prices = Prices;
	type Time = Timestamp;
	type Corruption = Corruption;
	type CancelWeight = CancelWeight;
	type PalletId = VaultPalletId;
	type Searches = ConstBool<{ !cfg!(feature = "control") }>;
	type BidBudget = BidBudget;
	type MinVaultDeposit = ConstU128<10_000_000>;
	type MaxAuctionVisits = ConstU32<64>;
	type WeightInfo = weights::pallet_liquidation::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::ExchangeHelper;
}
