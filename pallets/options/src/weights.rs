// SPDX-License-Identifier: Apache-2.0

//! Weights of `pallet-options`. The runtime has its own, measured ones; these are the trait and what the
//! pallet's tests use.

use frame_support::weights::Weight;

/// Weight of each call and of each unit of work of the hooks.
pub trait WeightInfo {
	/// [`crate::Call::create_underlying`].
	fn create_underlying() -> Weight;
	/// [`crate::Call::set_terms`].
	fn set_terms() -> Weight;
	/// [`crate::Call::set_schedule`].
	fn set_schedule() -> Weight;
	/// [`crate::Call::set_portfolio_model`].
	fn set_portfolio_model() -> Weight;
	/// [`crate::Call::set_standard_parameters`].
	fn set_standard_parameters() -> Weight;
	/// [`crate::Call::set_paused`].
	fn set_paused() -> Weight;
	/// [`crate::Call::list_strike`].
	fn list_strike() -> Weight;
	/// Reading the agenda of `u` underlyings and queueing their expiries because every round changed.
	fn check_agenda(u: u32) -> Weight;
	/// Looking at what is due in one underlying.
	fn check_schedule() -> Weight;
	/// Expiring one expiry.
	fn expire_expiry() -> Weight;
	/// Listing one expiry, without its strikes.
	fn list_expiry() -> Weight;
	/// Asking for the settlement price of one expiry, and taking it.
	fn take_settlement_price() -> Weight;
	/// Pricing one expiry with `n` strikes, a call and a put on each, on a grid of 33 scenarios.
	fn reprice_expiry(n: u32) -> Weight;
	/// Removing one pruned expiry with `d` deposits.
	fn remove_expiry(d: u32) -> Weight;
}

/// For tests: round figures of the right order.
impl WeightInfo for () {
	fn create_underlying() -> Weight {
		Weight::from_parts(60_000_000, 0)
	}

	fn set_terms() -> Weight {
		Weight::from_parts(40_000_000, 0)
	}

	fn set_schedule() -> Weight {
		Weight::from_parts(40_000_000, 0)
	}

	fn set_portfolio_model() -> Weight {
		Weight::from_parts(80_000_000, 0)
	}

	fn set_standard_parameters() -> Weight {
		Weight::from_parts(30_000_000, 0)
	}

	fn set_paused() -> Weight {
		Weight::from_parts(40_000_000, 0)
	}

	fn list_strike() -> Weight {
		Weight::from_parts(90_000_000, 0)
	}

	fn check_agenda(u: u32) -> Weight {
		Weight::from_parts(10_000_000, 0)
			.saturating_add(Weight::from_parts(10_000_000, 0).saturating_mul(u.into()))
	}

	fn check_schedule() -> Weight {
		Weight::from_parts(20_000_000, 0)
	}

	fn expire_expiry() -> Weight {
		Weight::from_parts(20_000_000, 0)
	}

	fn list_expiry() -> Weight {
		Weight::from_parts(20_000_000, 0)
	}

	fn take_settlement_price() -> Weight {
		Weight::from_parts(30_000_000, 0)
	}

	fn reprice_expiry(n: u32) -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(Weight::from_parts(10_000_000, 0).saturating_mul(n.into()))
	}

	fn remove_expiry(d: u32) -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(Weight::from_parts(30_000_000, 0).saturating_mul(d.into()))
	}
}
