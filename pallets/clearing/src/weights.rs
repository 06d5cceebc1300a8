// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet-clearing`. The runtime has its own, measured ones; these are the trait and what the
//! pallet's tests use.

use frame_support::weights::Weight;

/// Weight of each call and of each metered step.
pub trait WeightInfo {
	/// [`crate::Call::open_account`].
	fn open_account() -> Weight;
	/// [`crate::Call::close_account`].
	fn close_account() -> Weight;
	/// [`crate::Call::set_margin`] of an account with `p` positions and `o` orders.
	fn set_margin(p: u32, o: u32) -> Weight;
	/// [`crate::Call::deposit`] into an account with `p` positions and `o` orders.
	fn deposit(p: u32, o: u32) -> Weight;
	/// [`crate::Call::withdraw`] from an account with `p` positions and `o` orders.
	fn withdraw(p: u32, o: u32) -> Weight;
	/// [`crate::Call::move_assets`] between accounts with at most `p` positions and `o` orders.
	fn move_assets(p: u32, o: u32) -> Weight;
	/// [`crate::Call::fund_insurance`].
	fn fund_insurance() -> Weight;
	/// [`crate::Call::set_collateral`].
	fn set_collateral() -> Weight;
	/// [`crate::Call::set_debt_cap`].
	fn set_debt_cap() -> Weight;
	/// [`crate::Call::collect_fees`].
	fn collect_fees() -> Weight;
	/// [`crate::Call::retry_settlement`] of an account with `p` positions and `o` orders.
	fn retry_settlement(p: u32, o: u32) -> Weight;
	/// Loading quote price, spot, terms, rules and conditions of an underlying.
	fn load_market() -> Weight;
	/// Loading the arrays of an expiry with `s` strikes.
	fn load_expiry(s: u32) -> Weight;
	/// Reading the open interest of `s` series.
	fn load_open_interest(s: u32) -> Weight;
	/// One evaluation of portfolio margin over twelve expiries, account and prices in memory.
	fn margin_portfolio(p: u32, o: u32) -> Weight;
	/// One evaluation of standard margin, account and prices in memory, everything in one expiry: each order is tried
	/// against every leg.
	fn margin_standard(p: u32, o: u32) -> Weight;
	/// Maintenance under portfolio margin and the bounds of its fall, `p` positions over `e` expiries, prices in memory.
	fn safety_portfolio(e: u32, p: u32) -> Weight;
	/// The same under standard margin, everything in one expiry.
	fn safety_standard(p: u32) -> Weight;
	/// A part of an account with `p` positions taken out and added to one that it closes, the insurance fund's payment
	/// with it, both stored.
	fn slice(p: u32) -> Weight;
	/// A transfer between two accounts as large as can be, both read and stored.
	fn transfer() -> Weight;
	/// Asking which expiry is to be settled.
	fn next_settling() -> Weight;
	/// Settling one account that has `p` positions and `o` orders in all.
	fn settle_account(p: u32, o: u32) -> Weight;
	/// Ending the settlement of an expiry.
	fn finish_settlement() -> Weight;
}

/// Plausible figures for tests: 10 us a call, 1 us a position or order.
fn linear(p: u32, o: u32) -> Weight {
	let items = u64::from(p).saturating_add(u64::from(o));
	Weight::from_parts(10_000_000, 1_000).saturating_add(Weight::from_parts(1_000_000, 100) * items)
}

impl WeightInfo for () {
	fn open_account() -> Weight {
		linear(0, 0)
	}

	fn close_account() -> Weight {
		linear(0, 0)
	}

	fn set_margin(p: u32, o: u32) -> Weight {
		linear(p, o)
	}

	fn deposit(p: u32, o: u32) -> Weight {
		linear(p, o)
	}

	fn withdraw(p: u32, o: u32) -> Weight {
		linear(p, o)
	}

	fn move_assets(p: u32, o: u32) -> Weight {
		linear(p, o)
	}

	fn fund_insurance() -> Weight {
		linear(0, 0)
	}

	fn set_collateral() -> Weight {
		linear(0, 0)
	}

	fn set_debt_cap() -> Weight {
		linear(0, 0)
	}

	fn collect_fees() -> Weight {
		linear(0, 0)
	}

	fn retry_settlement(p: u32, o: u32) -> Weight {
		linear(p, o)
	}

	fn load_market() -> Weight {
		linear(0, 0)
	}

	fn load_expiry(s: u32) -> Weight {
		linear(s, 0)
	}

	fn load_open_interest(s: u32) -> Weight {
		Weight::from_parts(1_000_000, 100).saturating_mul(s.into())
	}

	fn margin_portfolio(p: u32, o: u32) -> Weight {
		linear(p, o)
	}

	fn margin_standard(p: u32, o: u32) -> Weight {
		linear(p, o)
	}

	fn safety_portfolio(e: u32, p: u32) -> Weight {
		linear(p, e)
	}

	fn safety_standard(p: u32) -> Weight {
		linear(p, 0)
	}

	fn slice(p: u32) -> Weight {
		linear(p, 0)
	}

	fn transfer() -> Weight {
		linear(128, 64)
	}

	fn next_settling() -> Weight {
		linear(0, 0)
	}

	fn settle_account(p: u32, o: u32) -> Weight {
		linear(p, o)
	}

	fn finish_settlement() -> Weight {
		linear(0, 0)
	}
}
