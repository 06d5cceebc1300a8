// SPDX-License-Identifier: Apache-2.0

//! Listing of expiries and strikes.

use crate::{
	enqueue, hooks::Progress, state_of, strikes, weights::WeightInfo, AwaitingPrice, Config,
	Deposits, Error, Event, Expiries, ExpiryEntry, ExpiryList, ExpiryQueue, ExpiryState,
	HoldReason, Listing, Listings, Pallet, PendingRepricing, StrikeDeposit, Strikes, Underlying,
	Underlyings, MAX_LIVE_EXPIRIES,
};
use alloc::vec::Vec;
use ballast_exchange::{Moment, Price, PriceSource, UnderlyingId};
use frame_support::{
	dispatch::DispatchResult,
	ensure,
	traits::{fungible::hold::Mutate as _, Get, Time},
	weights::WeightMeter,
};

impl<T: Config> Pallet<T> {
	/// Expires what has passed: `now >= expiry`.
	pub(crate) fn expire_due(
		underlying: UnderlyingId,
		expiries: &mut ExpiryList,
		now: Moment,
		queue: &mut ExpiryQueue,
		meter: &mut WeightMeter,
	) -> Progress {
		let due = |entry: &&mut ExpiryEntry| {
			entry.expiry <= now && matches!(entry.state, ExpiryState::Trading)
		};
		for entry in expiries.iter_mut().filter(due) {
			if meter.try_consume(T::WeightInfo::expire_expiry()).is_err() {
				return Progress::OutOfWeight;
			}
			entry.state = ExpiryState::Expired;
			let id = (underlying, entry.expiry);
			AwaitingPrice::<T>::mutate(|awaiting| enqueue(awaiting, id));
			enqueue(queue, id);
			Self::deposit_event(Event::Expired { underlying, expiry: entry.expiry });
		}
		Progress::Done
	}

	/// Lists the expiries that the schedule asks for, the nearest first.
	pub(crate) fn list_due(
		underlying: UnderlyingId,
		expiries: &mut ExpiryList,
		now: Moment,
		queue: &mut ExpiryQueue,
		meter: &mut WeightMeter,
	) -> Progress {
		let Some(record) = Underlyings::<T>::get(underlying).filter(|record| !record.paused) else {
			return Progress::Done;
		};
		let missing = record.schedule.missing(now, |at| state_of(expiries, at).is_some());
		for expiry in missing {
			let live = expiries.iter().filter(|entry| entry.state.is_live()).count();
			if live >= MAX_LIVE_EXPIRIES as usize || expiries.is_full() {
				return Progress::Waiting;
			}
			if meter.try_consume(T::WeightInfo::list_expiry()).is_err() {
				return Progress::OutOfWeight;
			}
			Self::list_expiry(underlying, expiry, expiries, now);
			enqueue(queue, (underlying, expiry));
		}
		Progress::Done
	}

	/// When something next expires, and hence has to be listed, in an underlying where all is done.
	pub(crate) fn next_due(expiries: &ExpiryList) -> Moment {
		let trading = |entry: &&ExpiryEntry| matches!(entry.state, ExpiryState::Trading);
		expiries.iter().find(trading).map_or(Moment::MAX, |entry| entry.expiry)
	}

	/// Lists an expiry without strikes: they come with the first price, see [`Self::missing_strikes`].
	pub(crate) fn list_expiry(
		underlying: UnderlyingId,
		expiry: Moment,
		expiries: &mut ExpiryList,
		now: Moment,
	) {
		let index = expiries.partition_point(|entry| entry.expiry < expiry);
		let entry = ExpiryEntry { expiry, state: ExpiryState::Trading };
		if expiries.try_insert(index, entry).is_err() {
			return;
		}
		let listing = Listing { listed_at: now, strikes: Strikes::new(), failed: false };
		Listings::<T>::insert(underlying, expiry, listing);
		Self::deposit_event(Event::ExpiryListed { underlying, expiry });
	}

	/// The strikes around a forward that the schedule asks for and the listing has not, as many as it can
	/// still take.
	pub(crate) fn missing_strikes(
		record: &Underlying,
		listing: &Listing,
		expiry: Moment,
		forward: Price,
	) -> Vec<u64> {
		let step = Self::step(record, listing, expiry, forward);
		let room = Strikes::bound().saturating_sub(listing.strikes.len());
		strikes::around(forward, step, record.schedule.strikes_each_side)
			.filter(|strike| !listing.strikes.contains(strike))
			.take(room)
			.collect()
	}

	/// Appends strikes that [`Self::missing_strikes`] found.
	pub(crate) fn append_strikes(
		underlying: UnderlyingId,
		expiry: Moment,
		listing: &mut Listing,
		missing: Vec<u64>,
	) {
		let strikes = Strikes::truncate_from(missing);
		if strikes.is_empty() || listing.strikes.try_extend(strikes.iter().copied()).is_err() {
			return;
		}
		Listings::<T>::insert(underlying, expiry, &*listing);
		let requested_by = None;
		Self::deposit_event(Event::StrikesListed { underlying, expiry, strikes, requested_by });
	}

	fn step(record: &Underlying, listing: &Listing, expiry: Moment, forward: Price) -> u64 {
		let life = expiry.saturating_sub(listing.listed_at);
		strikes::step(forward, record.schedule.strike_step_ppb, life)
	}

	pub(crate) fn do_list_strike(
		who: T::AccountId,
		underlying: UnderlyingId,
		expiry: Moment,
		strike: u64,
	) -> DispatchResult {
		let record = Self::underlying(underlying)?;
		ensure!(!record.paused, Error::<T>::UnderlyingPaused);
		let state = state_of(&Expiries::<T>::get(underlying), expiry);
		let trades = state == Some(ExpiryState::Trading) && T::Time::now() < expiry;
		ensure!(trades, Error::<T>::ExpiryNotTrading);
		let mut listing =
			Listings::<T>::get(underlying, expiry).ok_or(Error::<T>::ExpiryNotTrading)?;
		ensure!(!listing.strikes.contains(&strike), Error::<T>::StrikeAlreadyListed);
		Self::check_request(&record, &listing, underlying, expiry, strike)?;
		listing.strikes.try_push(strike).map_err(|_| Error::<T>::TooManyStrikes)?;
		let amount = T::StrikeDeposit::get();
		let deposit = StrikeDeposit { strike, who: who.clone(), amount };
		Deposits::<T>::try_mutate(underlying, expiry, |deposits| deposits.try_push(deposit))
			.map_err(|_| Error::<T>::TooManyStrikes)?;
		T::Currency::hold(&HoldReason::StrikeDeposit.into(), &who, amount)?;
		Listings::<T>::insert(underlying, expiry, listing);
		PendingRepricing::<T>::mutate(|queue| enqueue(queue, (underlying, expiry)));
		Self::deposit_event(Event::StrikesListed {
			underlying,
			expiry,
			strikes: Strikes::truncate_from(alloc::vec![strike]),
			requested_by: Some(who),
		});
		Ok(())
	}

	/// Whether a strike is near spot and on the grid of requests.
	fn check_request(
		record: &Underlying,
		listing: &Listing,
		underlying: UnderlyingId,
		expiry: Moment,
		strike: u64,
	) -> Result<(), Error<T>> {
		let spot = T::Prices::spot(underlying).ok_or(Error::<T>::NoFreshSpot)?;
		let spot =
			spot.fresh(T::Prices::max_age_millis()).map_err(|_| Error::<T>::NoFreshSpot)?.price;
		let near = strike <= strikes::MAX_STRIKE && strikes::is_near(strike, spot);
		ensure!(near, Error::<T>::StrikeTooFar);
		// By spot and not by the forward, so that a wallet can tell before there is one.
		let grid = Self::step(record, listing, expiry, spot) / strikes::REQUEST_FINENESS;
		ensure!(strike.checked_rem(grid) == Some(0), Error::<T>::StrikeOffGrid);
		Ok(())
	}
}
