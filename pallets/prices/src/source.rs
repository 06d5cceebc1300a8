// SPDX-License-Identifier: Apache-2.0
//! What the other pallets are told.

use crate::{Config, ExpiryPrices, Feeds, FinalPrices, Pallet, Parameters, QuotePrice, Rounds};
use ballast_exchange::{
	Aged, ExpiryPrice, Moment, Ppb, PriceSource, RoundNumber, SettlementAverage, SpotPrice,
	UnderlyingId,
};
use frame_support::traits::Time;

impl<T: Config> PriceSource for Pallet<T> {
	fn spot(underlying: UnderlyingId) -> Option<Aged<SpotPrice>> {
		let round = Rounds::<T>::get(underlying)?;
		Some(Aged::new(round.spot, round.at, T::Time::now()))
	}

	fn quote_price() -> Option<Aged<Ppb>> {
		let quote = QuotePrice::<T>::get()?;
		Some(Aged::new(quote.price, quote.at, T::Time::now()))
	}

	fn expiry(underlying: UnderlyingId, expiry: Moment) -> Option<Aged<ExpiryPrice>> {
		let prices = ExpiryPrices::<T>::get(underlying);
		let found = prices.iter().find(|known| known.expiry == expiry)?;
		Some(Aged::new(found.price, found.at, T::Time::now()))
	}

	fn round(underlying: UnderlyingId) -> RoundNumber {
		Rounds::<T>::get(underlying).map_or(0, |round| round.number)
	}

	fn max_age_millis() -> u64 {
		Parameters::<T>::get().max_age_millis
	}

	fn settlement_window_millis() -> u64 {
		Parameters::<T>::get().settlement_window_millis
	}

	fn settlement(underlying: UnderlyingId, expiry: Moment) -> SettlementAverage {
		if let Some(settled) = FinalPrices::<T>::get(underlying, expiry) {
			let average = Some(settled.price);
			return SettlementAverage { average, elapsed: Ppb::ONE, is_final: true };
		}
		let feed = Feeds::<T>::get(underlying);
		let Some(window) = feed.windows.iter().find(|window| window.expiry == expiry) else {
			return SettlementAverage::default();
		};
		let now = T::Time::now();
		SettlementAverage {
			average: window.average(&feed.integral, now),
			elapsed: window.elapsed(now),
			is_final: false,
		}
	}

	fn realised_vol(underlying: UnderlyingId) -> Option<Ppb> {
		Feeds::<T>::get(underlying).volatility.per_year()
	}

	fn forget(underlying: UnderlyingId, expiry: Moment) {
		FinalPrices::<T>::remove(underlying, expiry);
		Feeds::<T>::mutate_exists(underlying, |feed| {
			if let Some(feed) = feed {
				feed.windows.retain(|window| window.expiry != expiry);
			}
		});
		ExpiryPrices::<T>::mutate_exists(underlying, |prices| {
			if let Some(prices) = prices {
				prices.retain(|known| known.expiry != expiry);
			}
		});
	}

	#[cfg(any(feature = "std", feature = "runtime-benchmarks"))]
	fn set_round(
		underlying: UnderlyingId,
		spot: SpotPrice,
		expiries: alloc::vec::Vec<(Moment, ExpiryPrice)>,
	) {
		use crate::{aggregate::Scene, settlement::NewRound, ExpiryRound, QuoteRound};
		use ballast_exchange::ListedExpiries;

		let at = T::Time::now();
		let mut expiries: alloc::vec::Vec<ExpiryRound> =
			expiries.into_iter().map(|(expiry, price)| ExpiryRound { expiry, at, price }).collect();
		expiries.sort_by_key(|known| known.expiry);
		let round = NewRound { at, spot, expiries, reports: 0 };
		let scene =
			Scene { now: at, parameters: Parameters::<T>::get(), reports: Default::default() };
		let listed = T::Listed::expiries(underlying);
		let mut feed = Feeds::<T>::get(underlying);
		feed.quorate = true;
		Self::apply(underlying, &mut feed, Some(round), &listed, &scene);
		Feeds::<T>::insert(underlying, feed);
		let price = QuotePrice::<T>::get().map_or(Ppb::ONE, |quote| quote.price);
		QuotePrice::<T>::put(QuoteRound { at, price });
	}
}
