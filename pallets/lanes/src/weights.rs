// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet-lanes`. The runtime has its own, measured ones; these are the trait and what the pallet's tests use.

use frame_support::weights::Weight;

/// Weight of each call, hook and step.
pub trait WeightInfo {
	/// [`crate::Call::set_parameters`].
	fn set_parameters() -> Weight;
	/// Planning a block.
	fn on_initialize() -> Weight;
	/// Closing a block.
	fn on_finalize() -> Weight;
	/// The whole of [`crate::PayInLane`], with the fee pallet's part, without the account's limit and what
	/// `Classify::admit` reads.
	fn pay_in_lane() -> Weight;
	/// Spending of an account's allowance and giving back to it.
	fn meter_account() -> Weight;
	/// Beginning to prune records of accounts.
	fn prune_start() -> Weight;
	/// Looking at one record of an account and removing it.
	fn prune_account() -> Weight;
}

/// Plausible figures for tests.
impl WeightInfo for () {
	fn set_parameters() -> Weight {
		Weight::from_parts(20_000_000, 1_000)
	}

	fn on_initialize() -> Weight {
		Weight::from_parts(15_000_000, 1_000)
	}

	fn on_finalize() -> Weight {
		Weight::from_parts(15_000_000, 1_000)
	}

	fn pay_in_lane() -> Weight {
		Weight::from_parts(60_000_000, 3_000)
	}

	fn meter_account() -> Weight {
		Weight::from_parts(10_000_000, 2_000)
	}

	fn prune_start() -> Weight {
		Weight::from_parts(5_000_000, 1_000)
	}

	fn prune_account() -> Weight {
		Weight::from_parts(10_000_000, 2_000)
	}
}
