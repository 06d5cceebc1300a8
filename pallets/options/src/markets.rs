// SPDX-License-Identifier: Apache-2.0

//! What other pallets and readers ask.

use crate::{
	names, state_of, Agenda, BaseAssets, Behind, Config, Drifts, Expiries, ExpiryQueue,
	ExpiryState, ListedExpiry, Listings, Pallet, PendingRepricing, PortfolioModels, Priced,
	PruningQueue, SettlingQueue, StandardModels, Underlyings, DRIFT_STEP,
};
use alloc::vec::Vec;
use ballast_exchange::{
	Aged, AssetId, ExpiryId, ListedExpiries, MarketTerms, Markets, Moment, OptionKind,
	PortfolioModel, Ppb, Price, PriceSource, PricedExpiry, SeriesId, SeriesStatus, Settling,
	SpotPrice, UnderlyingId,
};
use ballast_risk::StandardParameters;
use frame_support::traits::Time;

impl<T: Config> Markets for Pallet<T> {
	fn terms(underlying: UnderlyingId) -> Option<MarketTerms> {
		Underlyings::<T>::get(underlying).map(|record| record.terms)
	}

	fn underlying_of(asset: AssetId) -> Option<UnderlyingId> {
		BaseAssets::<T>::get(asset)
	}

	fn portfolio_model(underlying: UnderlyingId) -> Option<PortfolioModel> {
		PortfolioModels::<T>::get(underlying)
	}

	fn standard_parameters(underlying: UnderlyingId) -> Option<StandardParameters> {
		StandardModels::<T>::get(underlying)
	}

	fn spot(underlying: UnderlyingId) -> Option<Aged<SpotPrice>> {
		T::Prices::spot(underlying)
	}

	fn quote_price() -> Option<Aged<Ppb>> {
		T::Prices::quote_price()
	}

	fn max_price_age_millis() -> u64 {
		T::Prices::max_age_millis()
	}

	fn priced(underlying: UnderlyingId, expiry: Moment) -> Option<Aged<PricedExpiry>> {
		let priced = Priced::<T>::get(underlying, expiry)?;
		let at = priced.at;
		Some(Aged::new(priced, at, T::Time::now()))
	}

	fn drift(underlying: UnderlyingId) -> Option<u64> {
		Drifts::<T>::get(underlying).filter(|odometer| *odometer < u64::MAX)
	}

	fn drift_step() -> u64 {
		DRIFT_STEP
	}

	fn is_repriced(underlying: UnderlyingId) -> bool {
		let agenda = Agenda::<T>::get();
		let Some(entry) = agenda.iter().find(|entry| entry.underlying == underlying) else {
			return false;
		};
		let has = |queue: ExpiryQueue| queue.iter().any(|(id, _)| *id == underlying);
		let fresh = |spot: Aged<SpotPrice>| spot.fresh(T::Prices::max_age_millis()).is_ok();
		entry.round == Some(T::Prices::round(underlying))
			&& T::Prices::spot(underlying).is_some_and(fresh)
			&& !has(PendingRepricing::<T>::get())
			&& !has(Behind::<T>::get())
	}

	fn freeze(underlying: UnderlyingId) -> bool {
		Self::do_freeze(underlying)
	}

	fn status(series: &SeriesId) -> SeriesStatus {
		let SeriesId { underlying, expiry, strike, .. } = *series;
		let Some(state) = state_of(&Expiries::<T>::get(underlying), expiry) else {
			return SeriesStatus::Unknown;
		};
		let listed = Listings::<T>::get(underlying, expiry)
			.is_some_and(|listing| listing.strikes.contains(&strike));
		match state {
			_ if !listed => SeriesStatus::Unknown,
			ExpiryState::Settling { .. } => SeriesStatus::Settling,
			ExpiryState::Settled { .. } => SeriesStatus::Settled,
			ExpiryState::Expired => SeriesStatus::Expired,
			// The hook may have had no weight to say so.
			ExpiryState::Trading if expiry <= T::Time::now() => SeriesStatus::Expired,
			ExpiryState::Trading => match Underlyings::<T>::get(underlying) {
				Some(record) if !record.paused => SeriesStatus::Trading,
				_ => SeriesStatus::ReduceOnly,
			},
		}
	}

	fn expiries(underlying: UnderlyingId) -> Vec<Moment> {
		Expiries::<T>::get(underlying).iter().map(|entry| entry.expiry).collect()
	}

	fn next_settling() -> Option<Settling> {
		let (underlying, expiry) = *SettlingQueue::<T>::get().first()?;
		match state_of(&Expiries::<T>::get(underlying), expiry)? {
			ExpiryState::Settling { price } => Some(Settling { underlying, expiry, price }),
			_ => None,
		}
	}

	fn settled(underlying: UnderlyingId, expiry: Moment) {
		Self::do_settled(underlying, expiry);
	}

	fn next_pruning() -> Option<(UnderlyingId, Moment)> {
		PruningQueue::<T>::get().first().copied()
	}

	fn pruned(underlying: UnderlyingId, expiry: Moment) {
		Self::do_pruned(underlying, expiry);
	}
}

impl<T: Config> ListedExpiries for Pallet<T> {
	fn underlyings() -> Vec<UnderlyingId> {
		Agenda::<T>::get().iter().map(|entry| entry.underlying).collect()
	}

	fn expiries(underlying: UnderlyingId) -> Vec<Moment> {
		let list = Expiries::<T>::get(underlying);
		list.iter().filter(|entry| entry.state.is_live()).map(|entry| entry.expiry).collect()
	}

	fn strikes(underlying: UnderlyingId, expiry: Moment) -> Vec<Price> {
		let listing = Listings::<T>::get(underlying, expiry);
		let mut strikes = listing.map(|listing| listing.strikes.into_inner()).unwrap_or_default();
		strikes.sort_unstable();
		let price = |micro: u64| Price::from_micro_usd(i64::try_from(micro).ok()?).ok();
		strikes.into_iter().filter_map(price).collect()
	}
}

impl<T: Config> Pallet<T> {
	/// Each underlying with its symbol and the expiries that a feed has to report prices for: those that
	/// trade, ascending.
	pub fn listed() -> Vec<(UnderlyingId, Vec<u8>, Vec<Moment>)> {
		let now = T::Time::now();
		let listed = |id: UnderlyingId| {
			let record = Underlyings::<T>::get(id)?;
			let trading = <Self as ListedExpiries>::expiries(id).into_iter().filter(|at| *at > now);
			Some((id, record.symbol.into_inner(), trading.collect()))
		};
		<Self as ListedExpiries>::underlyings().into_iter().filter_map(listed).collect()
	}

	/// Name of a series, such as `BTC-26DEC26-100000-C`; empty if there is no such underlying.
	pub fn series_name(series: &SeriesId) -> Vec<u8> {
		let SeriesId { underlying, expiry, strike, kind } = *series;
		Underlyings::<T>::get(underlying)
			.map(|record| names::name(&record.symbol, expiry, strike, kind))
			.unwrap_or_default()
	}

	pub(crate) fn find_series(
		symbol: &[u8],
		expiry: Moment,
		strike: u64,
		kind: OptionKind,
	) -> Option<SeriesId> {
		let series = SeriesId { underlying: Self::by_symbol(symbol)?, expiry, strike, kind };
		(Self::status(&series) != SeriesStatus::Unknown).then_some(series)
	}

	pub(crate) fn listed_expiry(underlying: UnderlyingId, expiry: Moment) -> Option<ListedExpiry> {
		let state = state_of(&Expiries::<T>::get(underlying), expiry)?;
		let crate::Listing { listed_at, strikes, failed } = Listings::<T>::get(underlying, expiry)?;
		let mut strikes = strikes.into_inner();
		strikes.sort_unstable();
		Some(ListedExpiry { underlying, expiry, state, listed_at, strikes, failed })
	}

	pub(crate) fn every_expiry() -> Vec<(ExpiryId, ExpiryState)> {
		let of = |id: UnderlyingId| {
			let list = Expiries::<T>::get(id);
			list.into_iter().map(move |entry| ((id, entry.expiry), entry.state))
		};
		<Self as ListedExpiries>::underlyings().into_iter().flat_map(of).collect()
	}
}
