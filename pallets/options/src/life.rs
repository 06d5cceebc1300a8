// SPDX-License-Identifier: Apache-2.0

//! From the settlement price to the end of an expiry.

use crate::{
	enqueue, weights::WeightInfo, AwaitingPrice, Behind, Config, Deposits, Event, Expiries,
	ExpiryQueue, ExpiryState, HoldReason, Listings, Pallet, PendingRepricing, Priced, PruningQueue,
	References, RemovalQueue, SettlingQueue, StrikeDeposit, LOG_TARGET, MAX_REQUESTED_STRIKES,
};
use ballast_exchange::{ExpiryId, Moment, Price, PriceSource, UnderlyingId};
use frame_support::{
	traits::{fungible::hold::Mutate as _, tokens::Precision},
	weights::WeightMeter,
};

impl<T: Config> Pallet<T> {
	/// Takes the settlement prices that are final.
	pub(crate) fn take_settlement_prices(queue: &mut ExpiryQueue, meter: &mut WeightMeter) {
		for id in AwaitingPrice::<T>::get() {
			if meter.try_consume(T::WeightInfo::take_settlement_price()).is_err() {
				return;
			}
			let (underlying, expiry) = id;
			let settlement = T::Prices::settlement(underlying, expiry);
			if let (true, Some(price)) = (settlement.is_final, settlement.average) {
				Self::begin_settling(id, price, queue);
			}
		}
	}

	/// Gives an expired expiry its settlement price.
	pub(crate) fn begin_settling(id: ExpiryId, price: Price, queue: &mut ExpiryQueue) {
		let (underlying, expiry) = id;
		AwaitingPrice::<T>::mutate(|awaiting| awaiting.retain(|waiting| *waiting != id));
		let moved = Self::move_on(id, |state| {
			matches!(state, ExpiryState::Expired).then_some(ExpiryState::Settling { price })
		});
		if moved {
			SettlingQueue::<T>::mutate(|settling| enqueue(settling, id));
			enqueue(queue, id);
			Self::deposit_event(Event::SettlementPriced { underlying, expiry, price });
		}
	}

	/// Clearing has settled the last position of an expiry.
	pub(crate) fn do_settled(underlying: UnderlyingId, expiry: Moment) {
		let id = (underlying, expiry);
		let moved = Self::move_on(id, |state| match state {
			ExpiryState::Settling { price } => Some(ExpiryState::Settled { price }),
			_ => None,
		});
		if moved {
			SettlingQueue::<T>::mutate(|settling| settling.retain(|waiting| *waiting != id));
			PendingRepricing::<T>::mutate(|queue| queue.retain(|waiting| *waiting != id));
			Behind::<T>::mutate(|behind| behind.retain(|other| *other != id));
			PruningQueue::<T>::mutate(|pruning| enqueue(pruning, id));
			Self::deposit_event(Event::Settled { underlying, expiry });
		}
	}

	/// The order book holds nothing of an expiry any more: its listing is removed when there is room in a
	/// block.
	pub(crate) fn do_pruned(underlying: UnderlyingId, expiry: Moment) {
		let id = (underlying, expiry);
		let mut pruning = PruningQueue::<T>::get();
		if !pruning.contains(&id) {
			log::warn!(target: LOG_TARGET, "expiry {id:?} is not to be pruned");
			return;
		}
		pruning.retain(|waiting| *waiting != id);
		PruningQueue::<T>::put(pruning);
		RemovalQueue::<T>::mutate(|removal| enqueue(removal, id));
	}

	/// Brings an expiry to the state that follows; says whether there is one.
	pub(crate) fn move_on(
		id: ExpiryId,
		next: impl FnOnce(ExpiryState) -> Option<ExpiryState>,
	) -> bool {
		let (underlying, expiry) = id;
		let moved = Expiries::<T>::try_mutate(underlying, |list| {
			let entry = list.iter_mut().find(|entry| entry.expiry == expiry).ok_or(())?;
			entry.state = next(entry.state).ok_or(())?;
			Ok::<(), ()>(())
		});
		if moved.is_err() {
			log::warn!(target: LOG_TARGET, "expiry {id:?} is not where it is said to be in its life");
		}
		moved.is_ok()
	}

	/// Removes pruned listings as far as `meter` permits.
	pub(crate) fn remove_pruned(meter: &mut WeightMeter) {
		// Reading the queue is part of the unit.
		let most = T::WeightInfo::remove_expiry(MAX_REQUESTED_STRIKES);
		while meter.can_consume(most) {
			let mut removal = RemovalQueue::<T>::get();
			if removal.is_empty() {
				return;
			}
			let (underlying, expiry) = removal.remove(0);
			RemovalQueue::<T>::put(removal);
			let deposits = Self::remove_expiry(underlying, expiry);
			meter.consume(T::WeightInfo::remove_expiry(deposits).min(most));
		}
	}

	/// Removes everything about an expiry and returns its deposits; says how many there were.
	fn remove_expiry(underlying: UnderlyingId, expiry: Moment) -> u32 {
		Listings::<T>::remove(underlying, expiry);
		Priced::<T>::remove(underlying, expiry);
		References::<T>::remove(underlying, expiry);
		Expiries::<T>::mutate(underlying, |list| list.retain(|entry| entry.expiry != expiry));
		let id = (underlying, expiry);
		PendingRepricing::<T>::mutate(|queue| queue.retain(|waiting| *waiting != id));
		let deposits = Deposits::<T>::take(underlying, expiry);
		let count = u32::try_from(deposits.len()).unwrap_or(u32::MAX);
		for StrikeDeposit { who, amount, strike } in deposits {
			let reason = HoldReason::StrikeDeposit.into();
			// Best effort: whatever of it is left goes back, and one deposit stops no other.
			let released = T::Currency::release(&reason, &who, amount, Precision::BestEffort);
			if released != Ok(amount) {
				log::error!(target: LOG_TARGET, "deposit for {strike} of {id:?}: {released:?} returned");
			}
		}
		T::Prices::forget(underlying, expiry);
		Self::deposit_event(Event::Pruned { underlying, expiry });
		count
	}
}
