// SPDX-License-Identifier: Apache-2.0
//! The search for accounts in danger: after the inherents of each block, worst first, as the block has room.

use crate::{
	look::{Eyes, Found},
	pallet::*,
	tiers::Here,
	weights::WeightInfo,
	Rank, Side, SweepState, Swept,
};
use alloc::vec::Vec;
use ballast_exchange::{PriceSource, UnderlyingId};
use core::cmp::Reverse;
use frame_support::{traits::Get, weights::WeightMeter};

/// The order in which the accounts of an underlying are looked at.
const SIDES: [Side; 5] = [Side::Waiting, Side::Falling, Side::Rising, Side::Drift, Side::Delay];
/// The order in every second block of a search that does not end: nobody is left for long because others are due too.
const OTHER_SIDES: [Side; 5] =
	[Side::Drift, Side::Delay, Side::Waiting, Side::Falling, Side::Rising];

/// An underlying whose prices are fresh.
struct Searched {
	id: UnderlyingId,
	here: Here,
	/// What will have been searched when the sweep has ended.
	swept: Swept,
}

impl<T: Config> Pallet<T> {
	/// Liquidation's part of a block: measures, searches, looks after auctions, pays those who leave the vault.
	///
	/// One unit of the search is one account. What the meter leaves undone goes on in the next block; until the
	/// search has ended, [`ballast_exchange::RiskWatch::is_swept`] says no for what has moved.
	pub fn after_inherents(meter: &mut WeightMeter) {
		let known = Known::<T>::get();
		// At most 64.
		if meter.try_consume(T::WeightInfo::begin_block(known.len() as u32)).is_err() {
			return;
		}
		Self::measure(&known);
		let mut eyes = Eyes::<T>::new();
		if T::Searches::get() {
			Self::sweep(&known, &mut eyes, meter);
		}
		Self::look_after_auctions(&mut eyes, meter);
		Self::pay_leavers(&mut eyes, meter);
		Self::end_shadow();
	}

	fn sweep(known: &[UnderlyingId], eyes: &mut Eyes<T>, meter: &mut WeightMeter) {
		let mut searched: Vec<Searched> = known
			.iter()
			.filter_map(|id| {
				let here = eyes.here(*id)?;
				let swept = Swept { round: T::Prices::round(*id), odometer: here.odometer };
				Some(Searched { id: *id, here, swept })
			})
			.collect();
		let mut state = Sweep::<T>::get();
		let has_moved =
			searched.iter().any(|it| SweptRounds::<T>::get(it.id).as_ref() != Some(&it.swept));
		if !state.is_unfinished {
			(state.looks, state.found) = (0, 0);
		}
		// Two in a second for the age of the universe would not reach the end.
		state.number = state.number.saturating_add(1);
		Sweep::<T>::put(state);
		searched.sort_by_key(|it| Reverse(Self::overshoot(it)));
		let may_be_due = has_moved || state.is_unfinished;
		let has_ended = Self::search_watched(eyes, &mut state, meter)
			&& (!may_be_due || Self::search_tiers(&searched, eyes, &mut state, meter))
			&& Self::search_due(eyes, &mut state, meter);
		if has_ended {
			// Those that became known on the way as well: their accounts have been looked at.
			for id in Known::<T>::get() {
				if let Some(here) = eyes.here(id) {
					let swept = Swept { round: T::Prices::round(id), odometer: here.odometer };
					SweptRounds::<T>::insert(id, swept);
				}
			}
			Self::judge_more(eyes, meter);
		}
		Self::note(state, has_ended);
	}

	fn note(mut state: SweepState, has_ended: bool) {
		let SweepState { number, looks, found, .. } = state;
		match (state.is_unfinished, has_ended) {
			(_, false) => Self::deposit_event(Event::SweepUnfinished { number, looks, found }),
			(true, true) => Self::deposit_event(Event::SweepFinished { number, looks, found }),
			(false, true) => {},
		}
		state.is_unfinished = !has_ended;
		if Sweep::<T>::get() != state {
			Sweep::<T>::put(state);
		}
	}

	/// By how many cells spot has gone beyond the first trigger of an underlying.
	fn overshoot(it: &Searched) -> u64 {
		let of = |side| {
			let (first, _) = Tiers::<T>::iter_key_prefix(((it.id, side),)).next()?;
			it.here.limit(side).number().checked_sub(first.number())
		};
		of(Side::Falling).max(of(Side::Rising)).unwrap_or(0)
	}

	/// Looks at those that every block looks at; whether there was room for all.
	///
	/// They come first: the triggers of most lie in the cell that spot was in.
	fn search_watched(eyes: &mut Eyes<T>, state: &mut SweepState, meter: &mut WeightMeter) -> bool {
		let before = Rank::new(state.number);
		let watched = Watched::<T>::iter_keys().take_while(|(rank, _)| *rank < before);
		Self::look_at_all(watched.map(|(_, key)| key), eyes, state, meter)
	}

	/// Looks at every account that the movement of prices makes due; whether there was room for all.
	fn search_tiers(
		searched: &[Searched],
		eyes: &mut Eyes<T>,
		state: &mut SweepState,
		meter: &mut WeightMeter,
	) -> bool {
		let is_other_turn = state.is_unfinished && state.number.is_multiple_of(2);
		let sides = if is_other_turn { OTHER_SIDES } else { SIDES };
		for it in searched {
			for side in sides {
				let limit = it.here.limit(side);
				let due = Tiers::<T>::iter_key_prefix(((it.id, side),))
					.take_while(|(rank, _)| *rank <= limit);
				if !Self::look_at_all(due.map(|(_, key)| key), eyes, state, meter) {
					return false;
				}
			}
		}
		true
	}

	/// Looks at every account whose holdings have changed; whether there was room for all.
	fn search_due(eyes: &mut Eyes<T>, state: &mut SweepState, meter: &mut WeightMeter) -> bool {
		Self::look_at_all(Due::<T>::iter_keys(), eyes, state, meter)
	}

	/// Looks at accounts one by one, each of which its look takes out of what is iterated.
	fn look_at_all(
		mut keys: impl Iterator<Item = KeyOf<T>>,
		eyes: &mut Eyes<T>,
		state: &mut SweepState,
		meter: &mut WeightMeter,
	) -> bool {
		let most = Self::most_look();
		loop {
			let Some(key) = keys.next() else { return true };
			if !meter.can_consume(most) {
				return false;
			}
			let found = Self::look_or_skip(eyes, &key, meter);
			// Counts for the reports alone.
			state.looks = state.looks.saturating_add(1);
			state.found = state.found.saturating_add((found == Found::InDanger).into());
		}
	}
}
