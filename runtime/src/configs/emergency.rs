// SPDX-License-Identifier: Apache-2.0

//! Root, and the two brakes: pausing single calls, and pausing everything but what repairs or lowers risk.

use crate::{
	configs::lanes::is_cancel, constants::time, weights, AccountId, Balance, Balances, BlockNumber,
	Runtime, RuntimeCall, RuntimeEvent, RuntimeHoldReason,
};
use frame_support::{
	parameter_types,
	traits::{ConstU32, Contains},
};
use frame_system::{EnsureRoot, EnsureRootWithSuccess};

impl pallet_sudo::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type WeightInfo = weights::pallet_sudo::WeightInfo<Runtime>;
}

/// Calls that nobody can pause: without them a paused chain could not be repaired, and without the inherents there is
/// no block at all.
pub struct NeverPaused;

impl Contains<pallet_tx_pause::RuntimeCallNameOf<Runtime>> for NeverPaused {
	fn contains(call: &pallet_tx_pause::RuntimeCallNameOf<Runtime>) -> bool {
		let (pallet, name) = (call.0.as_slice(), call.1.as_slice());
		matches!(
			pallet,
			b"System" | b"Timestamp" | b"Sudo" | b"TxPause" | b"SafeMode" | b"Session" | b"Grandpa"
		) || (pallet, name) == (b"Prices", b"report")
	}
}

impl Contains<RuntimeCall> for NeverPaused {
	fn contains(call: &RuntimeCall) -> bool {
		matches!(
			call,
			RuntimeCall::System(..)
				| RuntimeCall::Timestamp(..)
				| RuntimeCall::Sudo(..)
				| RuntimeCall::TxPause(..)
				| RuntimeCall::SafeMode(..)
				| RuntimeCall::Session(..)
				| RuntimeCall::Grandpa(..)
				| RuntimeCall::Prices(pallet_prices::Call::report { .. })
		)
	}
}

/// What goes on in safe mode: what cannot be paused, and what lowers risk. The search and the ladder are part of the block and
/// go on too; owners and bidders who could not act meanwhile would be at their mercy.
pub struct InSafeMode;

impl Contains<RuntimeCall> for InSafeMode {
	fn contains(call: &RuntimeCall) -> bool {
		use pallet_liquidation::Call as Danger;
		use pallet_order_book::Call as Book;
		match call {
			RuntimeCall::Liquidation(
				Danger::top_up { .. } | Danger::bid { .. } | Danger::look { .. },
			)
			| RuntimeCall::Clearing(pallet_clearing::Call::deposit { .. }) => true,
			// Makers leave their books by batches.
			RuntimeCall::OrderBook(Book::batch { operations, .. }) => {
				!operations.iter().any(|operation| operation.places())
			},
			RuntimeCall::OrderBook(call) => is_cancel(call),
			_ => NeverPaused::contains(call),
		}
	}
}

impl pallet_tx_pause::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PauseOrigin = EnsureRoot<AccountId>;
	type UnpauseOrigin = EnsureRoot<AccountId>;
	type WhitelistedCalls = NeverPaused;
	type MaxNameLen = ConstU32<256>;
	type WeightInfo = weights::pallet_tx_pause::WeightInfo<Runtime>;
}

parameter_types! {
	pub const SafeModeDuration: BlockNumber = 4 * time::HOURS;
	pub const SafeModeExtension: BlockNumber = 2 * time::HOURS;
	pub const ReleaseDelay: Option<BlockNumber> = Some(8 * time::HOURS);
	/// `None`: a deposit does not buy a halt of an exchange; only root can order one.
	pub const SafeModeDeposit: Option<Balance> = None;
}

impl pallet_safe_mode::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WhitelistedCalls = InSafeMode;
	type EnterDuration = SafeModeDuration;
	type ExtendDuration = SafeModeExtension;
	type EnterDepositAmount = SafeModeDeposit;
	type ExtendDepositAmount = SafeModeDeposit;
	type ForceEnterOrigin = EnsureRootWithSuccess<AccountId, SafeModeDuration>;
	type ForceExtendOrigin = EnsureRootWithSuccess<AccountId, SafeModeExtension>;
	type ForceExitOrigin = EnsureRoot<AccountId>;
	type ForceDepositOrigin = EnsureRoot<AccountId>;
	type Notify = ();
	type ReleaseDelay = ReleaseDelay;
	type WeightInfo = weights::pallet_safe_mode::WeightInfo<Runtime>;
}
