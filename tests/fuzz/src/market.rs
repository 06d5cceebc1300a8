// SPDX-License-Identifier: Apache-2.0
//! What is listed and what it is worth, read from the chain.

use ballast_exchange::{
	Account, AccountKey, Markets, OpenOrder, OptionKind, OptionPrice, PricedExpiry, SeriesId,
	UnderlyingId,
};
use ballast_runtime::{AccountId, Options, Runtime};

/// A margin account's name.
pub type Key = AccountKey<AccountId>;

/// Step of prices of an underlying.
pub fn tick(underlying: UnderlyingId) -> OptionPrice {
	Options::terms(underlying).map_or(1, |terms| terms.tick.max(1))
}

/// The prices of an expiry, of any age.
pub fn priced(underlying: UnderlyingId, expiry: u64) -> Option<PricedExpiry> {
	Options::priced(underlying, expiry).map(|priced| priced.regardless_of_age())
}

/// Value of a series on the tick, at least one tick.
pub fn mark(series: &SeriesId) -> OptionPrice {
	let tick = tick(series.underlying);
	let mark = priced(series.underlying, series.expiry).and_then(|it| it.mark_of(series));
	let micro = mark.and_then(|mark| u64::try_from(mark.to_micro_usd_floor()).ok());
	(micro.unwrap_or(0) / tick).max(1) * tick
}

/// The series of an expiry around the money: the strike so many places above it.
pub fn near_money(
	underlying: UnderlyingId,
	expiry: u64,
	above: usize,
	kind: OptionKind,
) -> Option<SeriesId> {
	let priced = priced(underlying, expiry)?;
	let spot = u64::try_from(priced.spot.price.to_micro_usd_floor()).ok()?;
	let mut strikes = priced.strikes;
	strikes.sort_unstable();
	let middle = strikes.iter().position(|strike| *strike >= spot).unwrap_or(0);
	let strike = *strikes.get((middle + above).min(strikes.len().checked_sub(1)?))?;
	Some(SeriesId { underlying, expiry, strike, kind })
}

/// A margin account.
pub fn account(key: &Key) -> Option<Account> {
	pallet_clearing::Accounts::<Runtime>::get(key)
}

/// Every margin account's name.
pub fn keys() -> Vec<Key> {
	pallet_clearing::Accounts::<Runtime>::iter_keys().collect()
}

/// Resting orders of others.
pub fn orders_beside(owner: &AccountId) -> Vec<OpenOrder> {
	pallet_clearing::Accounts::<Runtime>::iter()
		.filter(|(key, _)| key.owner != *owner)
		.flat_map(|(_, account)| account.orders.into_inner())
		.collect()
}
