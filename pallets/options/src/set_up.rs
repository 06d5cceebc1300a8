// SPDX-License-Identifier: Apache-2.0

//! Markets made to measure, for the benchmarks of this pallet and of those above it.

use crate::{
	enqueue, pricing, reprice::Quote, state_of, Agenda, AwaitingPrice, Config, Expiries,
	ExpiryState, Listing, Listings, Pallet, PendingRepricing, Strikes,
};
use alloc::vec::Vec;
use ballast_exchange::{Moment, Price, PriceSource, UnderlyingId};
use frame_support::traits::Time;

impl<T: Config> Pallet<T> {
	/// Lists an expiry with exactly these strikes in micro-USD, whatever the schedule says, and prices it if
	/// the price source has a slice for it already.
	pub fn set_up_expiry(underlying: UnderlyingId, expiry: Moment, strikes: Vec<u64>) {
		let now = T::Time::now();
		Expiries::<T>::mutate(underlying, |expiries| {
			if state_of(expiries, expiry).is_none() {
				Self::list_expiry(underlying, expiry, expiries, now);
			}
		});
		let strikes = Strikes::truncate_from(strikes);
		let listing = Listing { listed_at: now, strikes, failed: false };
		Listings::<T>::insert(underlying, expiry, listing);
		let (id, mut market) = ((underlying, expiry), None);
		if let Some((market, listing, Quote { inputs: Some(inputs), .. })) =
			Self::look_up(id, now, &mut market)
		{
			let priced =
				inputs.and_then(|inputs| pricing::price(&market.model, &inputs, &listing.strikes));
			let moved = Self::store_priced(id, &market.model, listing, priced);
			Self::count(moved.into_iter().collect());
		}
		// As after the block that priced it: nothing of the underlying waits.
		PendingRepricing::<T>::mutate(|queue| queue.retain(|waiting| waiting.0 != underlying));
		Agenda::<T>::mutate(|agenda| {
			if let Some(entry) = agenda.iter_mut().find(|entry| entry.underlying == underlying) {
				entry.round = Some(T::Prices::round(underlying));
			}
		});
	}

	/// Gives an expiry that trades its settlement price, so that its positions are to be settled.
	pub fn set_up_settlement(underlying: UnderlyingId, expiry: Moment, price: Price) {
		let id = (underlying, expiry);
		if Self::move_on(id, |_| Some(ExpiryState::Expired)) {
			AwaitingPrice::<T>::mutate(|awaiting| enqueue(awaiting, id));
			PendingRepricing::<T>::mutate(|queue| Self::begin_settling(id, price, queue));
		}
	}
}
