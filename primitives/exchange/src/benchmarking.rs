// SPDX-License-Identifier: Apache-2.0
//! What a benchmark needs the runtime to set up for it.

use crate::{AssetId, ExpiryId, SeriesId};
use alloc::vec::Vec;

/// Sets up markets for the benchmarks of pallets that do not know each other.
pub trait BenchmarkHelper<AccountId> {
	/// Lists `expiries` expiries of one underlying with `strikes` strikes each, trading, with fresh prices
	/// and risk arrays, and returns their series in order. Nothing else is listed afterwards.
	fn market(expiries: u32, strikes: u32) -> Vec<SeriesId>;
	/// Gives an account that much of an asset and enough of the native token for deposits.
	fn fund(who: &AccountId, asset: AssetId, amount: u128);
	/// The settlement asset and one accepted as collateral.
	fn assets() -> (AssetId, AssetId);
	/// Gives an expiry of [`Self::market`] its settlement price, so that its positions are to be settled.
	fn expire(expiry: ExpiryId);
}
