// SPDX-License-Identifier: Apache-2.0
//! How hard pressed the exchange is: what lanes move their budgets by.

use crate::{conditions::USUAL_POSITIONS, pallet::*};
use ballast_exchange::{Custody, Ppb, PriceSource};
use frame_support::traits::Get;
use sp_runtime::{FixedPointNumber, FixedU128};

impl<T: Config> Pallet<T> {
	/// Auctions that the weight kept for bids in one block can resolve.
	pub fn capacity_per_block() -> u32 {
		let one = Self::bid_weight(USUAL_POSITIONS, 1)
			.saturating_add(T::Custody::safety_weight(USUAL_POSITIONS));
		let per_block = T::BidBudget::get().checked_div_per_component(&one).unwrap_or(0);
		u32::try_from(per_block).unwrap_or(u32::MAX)
	}

	/// Realised volatility over its long mean, of the underlying where that is largest: at least one, as in a calm
	/// market.
	pub fn vol_over_mean() -> FixedU128 {
		let over_mean = |underlying| {
			let mean = Measured::<T>::get(underlying).mean_vol();
			let now = T::Prices::realised_vol(underlying).unwrap_or(Ppb::ZERO);
			let [now, mean] = [now, mean].map(|vol| vol.0.max(0).unsigned_abs());
			FixedU128::checked_from_rational(now, mean)
		};
		let usual = FixedU128::from_u32(1);
		Known::<T>::get().into_iter().filter_map(over_mean).fold(usual, FixedU128::max)
	}
}
