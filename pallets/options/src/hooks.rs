// SPDX-License-Identifier: Apache-2.0

//! The pallet's part of every block, in order: what has expired, settlement prices, what is to be listed,
//! which rounds are new, and the arrays.
//!
//! Each step is metered by its unit and goes on in the next block where it stopped.

use crate::{
	enqueue, Agenda, AgendaEntry, Config, Expiries, ExpiryQueue, Pallet, PendingRepricing,
};
use ballast_exchange::{Moment, PriceSource};
use frame_support::{traits::Time, weights::WeightMeter};

use crate::weights::WeightInfo;

/// How far a step has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
	/// Nothing is left to do.
	Done,
	/// The rest has to wait for something else than weight.
	Waiting,
	/// The meter has ended.
	OutOfWeight,
}

impl<T: Config> Pallet<T> {
	/// Does the pallet's part of the block as far as `meter` permits. Call it after the inherents and
	/// after the price rounds are made.
	pub fn after_inherents(meter: &mut WeightMeter) {
		if !meter.can_consume(T::WeightInfo::check_agenda(0)) {
			return;
		}
		let mut agenda = Agenda::<T>::get();
		let underlyings = u32::try_from(agenda.len()).unwrap_or(u32::MAX);
		if meter.try_consume(T::WeightInfo::check_agenda(underlyings)).is_err() {
			return;
		}
		let now = T::Time::now();
		let (old_agenda, mut queue) = (agenda.clone(), PendingRepricing::<T>::get());
		let old_queue = queue.clone();
		for entry in agenda.iter_mut().filter(|entry| entry.due <= now) {
			if Self::tend(entry, now, &mut queue, meter) == Progress::OutOfWeight {
				break;
			}
		}
		Self::take_settlement_prices(&mut queue, meter);
		for entry in agenda.iter_mut() {
			Self::note_round(entry, &mut queue);
		}
		Self::measure_quote_price();
		Self::reprice_pending(&mut queue, now, meter);
		if agenda != old_agenda {
			Agenda::<T>::put(agenda);
		}
		if queue != old_queue {
			PendingRepricing::<T>::put(queue);
		}
	}

	/// Expires and lists what is due in one underlying.
	pub(crate) fn tend(
		entry: &mut AgendaEntry,
		now: Moment,
		queue: &mut ExpiryQueue,
		meter: &mut WeightMeter,
	) -> Progress {
		if meter.try_consume(T::WeightInfo::check_schedule()).is_err() {
			return Progress::OutOfWeight;
		}
		let id = entry.underlying;
		let mut expiries = Expiries::<T>::get(id);
		let old = expiries.clone();
		let mut progress = Self::expire_due(id, &mut expiries, now, queue, meter);
		if progress == Progress::Done {
			progress = Self::list_due(id, &mut expiries, now, queue, meter);
		}
		if progress == Progress::Done {
			entry.due = Self::next_due(&expiries);
		}
		if expiries != old {
			Expiries::<T>::insert(id, expiries);
		}
		progress
	}

	/// Queues the live expiries of an underlying whose round is another than the one they were queued for,
	/// nearest first. Those that still wait keep their place, so that none is passed over for ever.
	pub(crate) fn note_round(entry: &mut AgendaEntry, queue: &mut ExpiryQueue) {
		let round = Some(T::Prices::round(entry.underlying));
		if round == entry.round {
			return;
		}
		entry.round = round;
		for expiry in Expiries::<T>::get(entry.underlying).iter() {
			if expiry.state.is_live() {
				enqueue(queue, (entry.underlying, expiry.expiry));
			}
		}
	}
}
