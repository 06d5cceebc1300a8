// SPDX-License-Identifier: Apache-2.0
//! The invariants of the pallet's storage.

use crate::{
	report::QUOTE_PRICES, Config, ExpiryPrices, Feed, Feeds, FinalPrices, Pallet, Parameters,
	QuotePrice, Recent, Reports, Rounds,
};
use ballast_exchange::{Ppb, UnderlyingId};
use frame_support::{ensure, traits::Time};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks the pallet's invariants:
	///
	/// * the parameters are inside their ranges, and so is the quote price;
	/// * the recent authors are distinct, oldest first, and each has the report of that moment; there are
	///   no other reports;
	/// * a round has a number, a spot above zero, a confidence within 0 and 1, and is not of the future;
	///   its moment and spot are those of the integral;
	/// * expiry prices ascend, are no younger than the round, and hold a forward above zero and a slice;
	/// * windows are distinct, start before they end, opened at no more than today's integral, and have no
	///   final price; final prices are above zero.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		ensure!(Parameters::<T>::get().validate().is_ok(), "prices: parameters out of range");
		let quote = QuotePrice::<T>::get();
		ensure!(
			quote.is_none_or(|quote| QUOTE_PRICES.contains(&quote.price)),
			"prices: quote price out of range"
		);
		Self::check_reports()?;
		Self::check_rounds()?;
		for (underlying, feed) in Feeds::<T>::iter() {
			Self::check_feed(underlying, &feed)?;
		}
		for (_, _, settled) in FinalPrices::<T>::iter() {
			ensure!(!settled.price.is_zero(), "prices: a settlement price of zero");
		}
		Ok(())
	}

	fn check_reports() -> Result<(), TryRuntimeError> {
		let recent = Recent::<T>::get();
		ensure!(
			Reports::<T>::iter().count() == recent.len(),
			"prices: a report without its author"
		);
		for (index, (author, at)) in recent.iter().enumerate() {
			let report = Reports::<T>::get(author).ok_or("prices: an author without a report")?;
			ensure!(report.at == *at, "prices: a report of another moment");
			let mut others = recent.iter().skip(index + 1);
			ensure!(
				others.all(|(other, later)| other != author && later >= at),
				"prices: authors twice or not oldest first"
			);
		}
		Ok(())
	}

	fn check_rounds() -> Result<(), TryRuntimeError> {
		let now = T::Time::now();
		for (underlying, round) in Rounds::<T>::iter() {
			let integral = Feeds::<T>::get(underlying).integral;
			ensure!(round.number > 0 && round.at <= now, "prices: a round of the future");
			ensure!(!round.spot.price.is_zero(), "prices: a spot of zero");
			ensure!(
				(Ppb::ZERO..=Ppb::ONE).contains(&round.spot.confidence),
				"prices: confidence out of range"
			);
			ensure!(
				(integral.at, integral.spot) == (round.at, round.spot.price),
				"prices: the integral is not that of the latest round"
			);
			let expiries = ExpiryPrices::<T>::get(underlying);
			ensure!(expiries.is_sorted_by(|a, b| a.expiry < b.expiry), "prices: expiries unsorted");
			for known in expiries {
				ensure!(known.at <= round.at, "prices: an expiry younger than its round");
				ensure!(!known.price.forward.is_zero(), "prices: a forward of zero");
				ensure!(known.price.svi.slice().is_ok(), "prices: an invalid slice");
			}
		}
		Ok(())
	}

	fn check_feed(underlying: UnderlyingId, feed: &Feed) -> Result<(), TryRuntimeError> {
		let sum = feed.integral.sum;
		for (index, window) in feed.windows.iter().enumerate() {
			ensure!(window.start <= window.expiry, "prices: a window that ends before it starts");
			let opened = window.opening.integral <= sum.integral || window.start > feed.integral.at;
			ensure!(opened, "prices: a window opened at more than there is");
			let mut others = feed.windows.iter().skip(index + 1);
			ensure!(others.all(|other| other.expiry != window.expiry), "prices: a window twice");
			ensure!(
				!FinalPrices::<T>::contains_key(underlying, window.expiry),
				"prices: a window with a final price"
			);
		}
		Ok(())
	}
}
