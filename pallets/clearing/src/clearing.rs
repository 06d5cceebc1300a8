// SPDX-License-Identifier: Apache-2.0
//! What the order book asks of this pallet.

use crate::{
	accounts::{expiries_of, size},
	cache::{Loaded, PriceCache},
	fees,
	inputs::MAX_CONCENTRATED,
	margin::{underlyings_of, Sweep},
	pallet::*,
	weights::WeightInfo,
};
use ballast_exchange::{
	Account, AccountKey, AssetId, Clearing, ExpiryId, Fees, Fill, Lots, Margin, MicroUsd,
	OptionPrice, RiskWatch, SeriesId, UnderlyingId, MAX_ACCOUNT_EXPIRIES, MAX_COLLATERALS,
	MAX_POSITIONS, MAX_REPORTED_UNDERLYINGS, MAX_RESTING_ORDERS,
};
use frame_support::{ensure, pallet_prelude::*};

/// Most strikes of one expiry, for the worst that a call can load.
pub(crate) const MAX_STRIKES: u32 = 64;

impl<T: Config> Clearing<T::AccountId> for Pallet<T> {
	type Prices = PriceCache;

	fn load(key: &AccountKey<T::AccountId>) -> Result<Account, DispatchError> {
		let account = Accounts::<T>::get(key).ok_or(Error::<T>::AccountNotFound)?;
		ensure!(!account.frozen, Error::<T>::AccountFrozen);
		Ok(account)
	}

	fn store(key: &AccountKey<T::AccountId>, account: Account) -> Result<(), DispatchError> {
		Self::do_store(key, account)
	}

	/// An error leaves both accounts as they were.
	fn fill(fill: &Fill, maker: &mut Account, taker: &mut Account) -> Result<Fees, DispatchError> {
		Self::do_fill(fill, maker, taker)
	}

	/// Without terms or spot the fee is zero: margin then fails for the same reason.
	fn fee_of(
		prices: &mut PriceCache,
		series: &SeriesId,
		lots: Lots,
		price: OptionPrice,
	) -> MicroUsd {
		let underlying = series.underlying;
		let Some(terms) = prices.load_terms::<T::Markets>(underlying).copied() else { return 0 };
		if prices.load_spot::<T::Markets>(underlying).is_none() {
			return 0;
		}
		let spot = prices.spots.get(&underlying).map(|spot| spot.value.price);
		spot.and_then(|spot| fees::largest(&terms, spot, lots, price)).unwrap_or(0)
	}

	fn margin(prices: &mut PriceCache, account: &Account) -> Result<Margin, DispatchError> {
		Ok(Self::evaluate(prices, account)?.margin)
	}

	fn check(
		prices: &mut PriceCache,
		before: &Account,
		after: &Account,
	) -> Result<(), DispatchError> {
		Self::do_check(prices, before, after, Sweep::Finished)
	}

	fn is_swept(underlying: UnderlyingId) -> bool {
		T::Watch::is_swept(underlying)
	}

	fn margin_work(prices: &PriceCache) -> Weight {
		prices.work
	}

	fn least_check() -> Weight {
		Self::loads(Loaded { markets: 1, expiries: 1, strikes: 1, interests: 0, collaterals: 0 })
			.saturating_add(T::WeightInfo::margin_portfolio(0, 1))
	}

	fn most_checks(accounts: u32) -> Weight {
		// A call loads each thing once, whatever the number of accounts that need it.
		let expiries = MAX_ACCOUNT_EXPIRIES.saturating_mul(accounts);
		let loaded = Loaded {
			markets: expiries.min(MAX_REPORTED_UNDERLYINGS),
			expiries,
			strikes: expiries.saturating_mul(MAX_STRIKES),
			// Of the accounts as they are after the call, and of what they held before and no more.
			interests: accounts.saturating_add(1).saturating_mul(MAX_CONCENTRATED),
			collaterals: accounts.saturating_mul(MAX_COLLATERALS),
		};
		// Before the call and after it.
		let evaluations = Self::margin_weight(MAX_POSITIONS, MAX_RESTING_ORDERS).saturating_mul(2);
		Self::loads(loaded).saturating_add(evaluations.saturating_mul(accounts.into()))
	}

	fn most_check_of(prices: &PriceCache, before: &Account) -> Weight {
		let (positions, orders) = size(before);
		let expiries = missing_expiries(prices, before);
		let collaterals = missing_collaterals(prices, before);
		let loaded = Loaded {
			// Collateral whose terms are not loaded may follow an underlying of its own.
			markets: missing_underlyings(prices, before)
				.saturating_add(collaterals)
				.min(MAX_REPORTED_UNDERLYINGS),
			expiries,
			strikes: expiries.saturating_mul(MAX_STRIKES),
			interests: positions.min(MAX_CONCENTRATED).saturating_add(1),
			collaterals,
		};
		let evaluation =
			Self::margin_weight(positions.saturating_add(1).min(MAX_POSITIONS), orders);
		Self::loads(loaded).saturating_add(evaluation.saturating_mul(2))
	}
}

/// Expiries of an account that are not loaded.
fn missing_expiries(prices: &PriceCache, account: &Account) -> u32 {
	let is_missing = |expiry: &&ExpiryId| !prices.expiries.contains_key(*expiry);
	expiries_of(account)
		.map_or(MAX_ACCOUNT_EXPIRIES, |all| all.iter().filter(is_missing).count() as u32)
}

/// Collateral assets of an account whose terms are not loaded.
fn missing_collaterals(prices: &PriceCache, account: &Account) -> u32 {
	let is_missing = |(asset, _): &&(AssetId, u128)| !prices.collaterals.contains_key(asset);
	account.collateral.iter().filter(is_missing).count() as u32
}

/// Underlyings that an account is known to depend on and that are not loaded.
fn missing_underlyings(prices: &PriceCache, account: &Account) -> u32 {
	let is_missing = |underlying: &&UnderlyingId| {
		!prices.spots.contains_key(*underlying) || !prices.watched.contains_key(*underlying)
	};
	underlyings_of(prices, account).iter().filter(is_missing).count() as u32
}
