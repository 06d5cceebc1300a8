// SPDX-License-Identifier: Apache-2.0
//! Which orders are taken at all.

use crate::{Config, Error};
use ballast_exchange::{
	Lots, MarginKind, MarketTerms, Markets, Moment, OptionPrice, SeriesId, SeriesStatus,
};
use frame_support::ensure;

/// The terms of a series that takes orders; reducing ones only if governance has paused it.
pub fn market<T: Config>(series: &SeriesId, reduce_only: bool) -> Result<MarketTerms, Error<T>> {
	match T::Markets::status(series) {
		SeriesStatus::Trading => {},
		SeriesStatus::ReduceOnly => ensure!(reduce_only, Error::<T>::OnlyReducing),
		SeriesStatus::Unknown => return Err(Error::<T>::UnknownSeries),
		SeriesStatus::Expired | SeriesStatus::Settling | SeriesStatus::Settled => {
			return Err(Error::<T>::SeriesExpired)
		},
	}
	T::Markets::terms(series.underlying).ok_or(Error::<T>::UnknownSeries)
}

/// Checks that an account under these margin rules may hold the series.
pub fn margin<T: Config>(margin: MarginKind, series: &SeriesId) -> Result<(), Error<T>> {
	match margin {
		MarginKind::Portfolio(own) => {
			ensure!(own == series.underlying, Error::<T>::NotItsUnderlying);
			Ok(())
		},
		MarginKind::Standard => Ok(()),
	}
}

/// Checks price and size against the terms. The book checks the price against its own tick.
pub fn price_and_size<T: Config>(
	terms: &MarketTerms,
	price: OptionPrice,
	lots: Lots,
) -> Result<(), Error<T>> {
	let over = price.checked_rem(terms.tick).ok_or(Error::<T>::UnknownSeries)?;
	ensure!(price > 0 && over == 0, Error::<T>::PriceOffTick);
	size::<T>(terms, lots)
}

/// Checks a size against the terms.
pub fn size<T: Config>(terms: &MarketTerms, lots: Lots) -> Result<(), Error<T>> {
	ensure!(lots > 0 && lots >= terms.min_order_lots, Error::<T>::TooFewLots);
	ensure!(lots <= terms.max_order_lots, Error::<T>::TooManyLots);
	Ok(())
}

/// Checks that an order has time left.
pub fn time<T: Config>(good_till: Option<Moment>, now: Moment) -> Result<(), Error<T>> {
	ensure!(good_till.is_none_or(|till| till > now), Error::<T>::GoodTillPassed);
	Ok(())
}
