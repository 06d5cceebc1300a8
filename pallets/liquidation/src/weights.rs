// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet-liquidation`. The runtime has its own, measured ones; these are the trait and what the
//! pallet's tests use. What the custody does weighs by its own figures, which are added.

use frame_support::weights::Weight;

/// Weight of each call and of each metered step.
pub trait WeightInfo {
	/// [`crate::Call::bid`] but for its slice and its margins.
	fn bid() -> Weight;
	/// Pricing and handing over one slice but for what the custody does.
	fn slice() -> Weight;
	/// One look at an account of its own that changes nothing, but for its margin.
	fn look() -> Weight;
	/// Finding the next page of a tier.
	fn next_page() -> Weight;
	/// Reading a full page with `e` positions and triggers, and asking who of it is due.
	fn read_page(e: u32) -> Weight;
	/// One look at an account by its page but for its margin.
	fn look_in_page() -> Weight;
	/// Writing into the record of an account which page it is in.
	fn rehouse() -> Weight;
	/// Writing a full page that moves in `p` tiers.
	fn save_page(p: u32) -> Weight;
	/// Writing a page that was read and is as full as it was, and moves in `p` tiers.
	fn resave_page(p: u32) -> Weight;
	/// Opening an auction but for cancelling orders; ending one is less.
	fn open_auction() -> Weight;
	/// [`crate::Call::vault_deposit`] but for the margin of the vault.
	fn vault_deposit() -> Weight;
	/// [`crate::Call::top_up`].
	fn top_up() -> Weight;
	/// [`crate::Call::vault_request_withdraw`].
	fn vault_request_withdraw() -> Weight;
	/// Paying one leaver of the vault but for the margin of the vault.
	fn pay_leaver() -> Weight;
	/// [`crate::Call::set_parameters`].
	fn set_parameters() -> Weight;
	/// [`crate::Call::propose_parameters`].
	fn propose_parameters() -> Weight;
	/// [`crate::Call::cancel_proposal`].
	fn cancel_proposal() -> Weight;
	/// What a block with `u` underlyings needs before it looks at anybody.
	fn begin_block(u: u32) -> Weight;
	/// Looking after one auction in which nothing happens but for its margin.
	fn visit_auction() -> Weight;
	/// Trying to close against one holder but for what the custody does.
	fn deleverage() -> Weight;
}

/// Plausible figures for tests: microseconds, with a kilobyte of proof.
fn micros(micros: u64) -> Weight {
	Weight::from_parts(micros * 1_000_000, 1_000)
}

impl WeightInfo for () {
	fn bid() -> Weight {
		micros(50)
	}

	fn slice() -> Weight {
		micros(20)
	}

	fn look() -> Weight {
		micros(10)
	}

	fn next_page() -> Weight {
		micros(1)
	}

	fn read_page(e: u32) -> Weight {
		micros(4 + u64::from(e) / 32)
	}

	fn look_in_page() -> Weight {
		micros(1)
	}

	fn rehouse() -> Weight {
		micros(2)
	}

	fn save_page(p: u32) -> Weight {
		micros(4 + u64::from(p))
	}

	fn resave_page(p: u32) -> Weight {
		micros(3 + u64::from(p))
	}

	fn open_auction() -> Weight {
		micros(30)
	}

	fn vault_deposit() -> Weight {
		micros(40)
	}

	fn top_up() -> Weight {
		micros(40)
	}

	fn vault_request_withdraw() -> Weight {
		micros(30)
	}

	fn pay_leaver() -> Weight {
		micros(40)
	}

	fn set_parameters() -> Weight {
		micros(10)
	}

	fn propose_parameters() -> Weight {
		micros(10)
	}

	fn cancel_proposal() -> Weight {
		micros(10)
	}

	fn begin_block(u: u32) -> Weight {
		micros(20 + 20 * u64::from(u))
	}

	fn visit_auction() -> Weight {
		micros(20)
	}

	fn deleverage() -> Weight {
		micros(30)
	}
}
