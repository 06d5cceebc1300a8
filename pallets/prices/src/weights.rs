// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet-prices`. The runtime has its own, measured ones; these are the trait and what the
//! pallet's tests use.

use frame_support::weights::Weight;

/// Weight of each call and step.
pub trait WeightInfo {
	/// A report of one underlying with `e` expiries, stored; without the strikes of [`Self::check_strikes`].
	fn report(e: u32) -> Weight;
	/// Arbitrage of slices on `s` strikes, against the slices before them too. Linear: also for the
	/// strikes of several expiries together.
	fn check_strikes(s: u32) -> Weight;
	/// [`crate::Call::set_parameters`].
	fn set_parameters() -> Weight;
	/// Reading the reports of `n` authors, and the quote price.
	fn load_reports(n: u32) -> Weight;
	/// One underlying with the reports of `n` authors: a round of the most expiries, every window ended.
	fn advance(n: u32) -> Weight;
}

/// For tests: figures of the right size, so that a meter can run out.
impl WeightInfo for () {
	fn report(e: u32) -> Weight {
		Weight::from_parts(60_000_000, 20_000)
			.saturating_add(Weight::from_parts(10_000_000, 2_000).saturating_mul(e.into()))
	}

	fn check_strikes(s: u32) -> Weight {
		Weight::from_parts(1_000_000, 0).saturating_mul(s.into())
	}

	fn set_parameters() -> Weight {
		Weight::from_parts(10_000_000, 0)
	}

	fn load_reports(n: u32) -> Weight {
		Weight::from_parts(20_000_000, 5_000)
			.saturating_add(Weight::from_parts(30_000_000, 20_000).saturating_mul(n.into()))
	}

	fn advance(n: u32) -> Weight {
		Weight::from_parts(100_000_000, 10_000)
			.saturating_add(Weight::from_parts(20_000_000, 0).saturating_mul(n.into()))
	}
}
