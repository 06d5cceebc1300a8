// SPDX-License-Identifier: Apache-2.0

//! The numbers a fork changes first: token units, time, block budget.

/// The token BAL and what things cost in it.
pub mod currency {
	use crate::Balance;

	/// One BAL, with 12 decimals.
	pub const BAL: Balance = 1_000_000_000_000;
	/// A thousandth of a BAL.
	pub const MILLI_BAL: Balance = BAL / 1_000;
	/// A millionth of a BAL.
	pub const MICRO_BAL: Balance = BAL / 1_000_000;

	/// Least balance that keeps an account alive.
	pub const EXISTENTIAL_DEPOSIT: Balance = MILLI_BAL;

	/// What `items` storage entries of `bytes` in all cost as a deposit.
	pub const fn deposit(items: u32, bytes: u32) -> Balance {
		items as Balance * 100 * MILLI_BAL + bytes as Balance * MILLI_BAL
	}
}

/// Slots, and durations in blocks.
pub mod time {
	use crate::BlockNumber;

	/// Length of an Aura slot. One block per slot.
	pub const SLOT_MILLIS: u64 = 500;

	/// Blocks in a minute.
	pub const MINUTES: BlockNumber = (60_000 / SLOT_MILLIS) as BlockNumber;
	/// Blocks in an hour.
	pub const HOURS: BlockNumber = 60 * MINUTES;
	/// Blocks in a day.
	pub const DAYS: BlockNumber = 24 * HOURS;
}

/// The block's budget: how much a block may compute and hold.
pub mod block {
	use super::time::SLOT_MILLIS;
	use frame_support::weights::{
		constants::{WEIGHT_REF_TIME_PER_MILLIS, WEIGHT_REF_TIME_PER_SECOND},
		Weight,
	};
	use sp_runtime::Perbill;

	/// Computation that a block may take: 200 ms of every 500 ms slot. The rest of the slot is for the
	/// state root, gossip and the import by the other validators.
	pub const COMPUTATION: Weight = Weight::from_parts(200 * WEIGHT_REF_TIME_PER_MILLIS, u64::MAX);

	const _: () = assert!(
		COMPUTATION.ref_time() * 2 < SLOT_MILLIS * (WEIGHT_REF_TIME_PER_SECOND / 1_000),
		"a block has to be computed in less than half a slot: authors and importers both do it"
	);

	/// Share of the budget that ordinary transactions may fill; the rest is for operational ones.
	pub const NORMAL_SHARE: Perbill = Perbill::from_percent(75);

	/// Share of the budget that is assumed to be used by hooks and inherents before transactions.
	pub const INITIALIZATION_SHARE: Perbill = Perbill::from_percent(5);

	/// Length of a block in bytes.
	pub const MAX_BYTES: u32 = 5 * 1024 * 1024;
}

/// The chain's assets in the presets. `pallet-assets` identifies an asset by number.
pub mod assets {
	use crate::AssetId;

	/// US dollar stablecoin with 6 decimals: what options settle in.
	pub const USDC: AssetId = 1;
	/// Wrapped bitcoin with 8 decimals.
	pub const WBTC: AssetId = 2;
	/// Wrapped ether with 18 decimals.
	pub const WETH: AssetId = 3;
	/// DOT with 10 decimals.
	pub const DOT: AssetId = 4;
}
