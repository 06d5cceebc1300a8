// SPDX-License-Identifier: Apache-2.0
//! The search for accounts in danger: after the inherents of each block, worst first, as the block has room.

use crate::{
	look::{Eyes, Found},
	pallet::*,
	tiers::Here,
	weights::WeightInfo,
	Class, Progress, Side, SweepState, Swept,
};
use alloc::vec::Vec;
use ballast_exchange::{PriceSource, UnderlyingId};
use core::cmp::Reverse;
use frame_support::{traits::Get, weights::WeightMeter, BoundedVec};

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
				let swept = Self::swept(*id, &here);
				Some(Searched { id: *id, here, swept })
			})
			.collect();
		let mut state = Sweep::<T>::get();
		let place = |it: &Swept| (it.round, it.odometer);
		let has_moved = searched
			.iter()
			.any(|it| SweptRounds::<T>::get(it.id).as_ref().map(place) != Some(place(&it.swept)));
		if !state.is_unfinished {
			(state.looks, state.found) = (0, 0);
		}
		// Two in a second for the age of the universe would not reach the end.
		state.number = state.number.saturating_add(1);
		Sweep::<T>::put(state);
		searched.sort_by_key(|it| Reverse(Self::overshoot(it)));
		let has_moved = has_moved || state.is_unfinished;
		let has_ended = Self::search(has_moved, &searched, eyes, &mut state, meter);
		if has_ended {
			// Those that became known on the way as well: their accounts have been looked at.
			for id in Known::<T>::get() {
				if let Some(here) = eyes.here(id) {
					SweptRounds::<T>::insert(id, Self::swept(id, &here));
				}
			}
			Self::judge_more(eyes, meter);
		}
		Self::note(state, has_ended);
	}

	/// Looks at everybody who is due, the most urgent first; whether there was room for all.
	///
	/// A class that has been searched at these very prices is not searched again.
	fn search(
		has_moved: bool,
		searched: &[Searched],
		eyes: &mut Eyes<T>,
		state: &mut SweepState,
		meter: &mut WeightMeter,
	) -> bool {
		// At most as many as are known.
		let at = searched.iter().map(|it| (it.id, it.swept.round, it.swept.odometer)).collect();
		let at = BoundedVec::truncate_from(at);
		let before = SearchProgress::<T>::get();
		let was_there = before.as_ref().filter(|it| it.at == at);
		let mut classes = was_there.map_or(0, |it| it.classes);
		if !has_moved {
			classes = u8::MAX;
		} else if state.is_unfinished {
			Self::search_classes(&Class::MOVED, true, &mut classes, searched, eyes, state, meter);
		}
		let early = [Class::Urgent, Class::Near];
		let has_ended =
			Self::search_classes(&early, false, &mut classes, searched, eyes, state, meter)
				&& Self::search_due(eyes, state, meter)
				&& Self::search_classes(
					&Class::MOVED,
					false,
					&mut classes,
					searched,
					eyes,
					state,
					meter,
				) && Self::search_watched(Class::Blind, eyes, state, meter);
		if !has_ended {
			SearchProgress::<T>::put(Progress { at, classes });
		} else if before.is_some() {
			SearchProgress::<T>::kill();
		}
		has_ended
	}

	/// Looks at every account that is due of those classes that have not been searched; whether there was room for all.
	///
	/// If the room is to be shared, each class gets half of what those before it leave: while a search does not end, those
	/// who were far from danger when they were looked at last come nearer too.
	fn search_classes(
		classes: &[Class],
		is_shared: bool,
		done: &mut u8,
		searched: &[Searched],
		eyes: &mut Eyes<T>,
		state: &mut SweepState,
		meter: &mut WeightMeter,
	) -> bool {
		let mut has_ended = true;
		for class in classes {
			let bit = 1u8 << (*class as u8);
			if *done & bit != 0 {
				continue;
			}
			let room = meter.remaining();
			let share = if is_shared { room.saturating_div(2) } else { room };
			let mut part = WeightMeter::with_limit(share);
			if Self::search_moved(*class, searched, eyes, state, &mut part) {
				*done |= bit;
			} else {
				has_ended = false;
			}
			meter.consume(part.consumed());
		}
		has_ended
	}

	/// Where the search of an underlying is when it has ended here.
	fn swept(id: UnderlyingId, here: &Here) -> Swept {
		let Here { cell, odometer, travelled, pace, .. } = *here;
		Swept { round: T::Prices::round(id), odometer, cell, travelled, pace }
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
		let of = |class, side| {
			let (first, _) = Tiers::<T>::iter_key_prefix(((it.id, class, side),)).next()?;
			it.here.limit(side).number().checked_sub(first.number())
		};
		let most = |class| of(class, Side::Falling).max(of(class, Side::Rising));
		Class::MOVED.into_iter().filter_map(most).max().unwrap_or(0)
	}

	/// Looks at every account of a class that the movement of prices makes due; whether there was room for all.
	///
	/// The watched come first, in every second block of a search that does not end last: nobody is left for long because
	/// others are due too.
	fn search_moved(
		class: Class,
		searched: &[Searched],
		eyes: &mut Eyes<T>,
		state: &mut SweepState,
		meter: &mut WeightMeter,
	) -> bool {
		if state.is_unfinished && state.number.is_multiple_of(2) {
			return Self::search_tiers(class, searched, &OTHER_SIDES, eyes, state, meter)
				&& Self::search_watched(class, eyes, state, meter);
		}
		Self::search_watched(class, eyes, state, meter)
			&& Self::search_tiers(class, searched, &SIDES, eyes, state, meter)
	}

	/// Looks at those that every movement of prices makes due, beginning where there was no more room the last time;
	/// whether there was room for all.
	fn search_watched(
		class: Class,
		eyes: &mut Eyes<T>,
		state: &mut SweepState,
		meter: &mut WeightMeter,
	) -> bool {
		let cursor = WatchCursors::<T>::get(class);
		let mut last = None;
		let all = Watched::<T>::iter_key_prefix(class);
		let has_ended = match &cursor {
			None => Self::look_at_all(all, &mut last, eyes, state, meter),
			Some(after) => {
				let place = Watched::<T>::hashed_key_for(class, after);
				let is_before = |key: &KeyOf<T>| Watched::<T>::hashed_key_for(class, key) <= place;
				let rest = Watched::<T>::iter_key_prefix_from(class, place.clone());
				Self::look_at_all(rest, &mut last, eyes, state, meter)
					&& Self::look_at_all(all.take_while(is_before), &mut last, eyes, state, meter)
			},
		};
		match last {
			Some(key) if !has_ended => WatchCursors::<T>::insert(class, key),
			_ if has_ended && cursor.is_some() => WatchCursors::<T>::remove(class),
			_ => {},
		}
		has_ended
	}

	/// Looks at every account in the tiers of a class that are due; whether there was room for all.
	fn search_tiers(
		class: Class,
		searched: &[Searched],
		sides: &[Side],
		eyes: &mut Eyes<T>,
		state: &mut SweepState,
		meter: &mut WeightMeter,
	) -> bool {
		for it in searched {
			for side in sides {
				let limit = it.here.limit(*side);
				let due = Tiers::<T>::iter_key_prefix(((it.id, class, *side),))
					.take_while(|(rank, _)| *rank <= limit);
				let keys = due.map(|(_, key)| key);
				if !Self::look_at_all(keys, &mut None, eyes, state, meter) {
					return false;
				}
			}
		}
		true
	}

	/// Looks at every account whose holdings have changed; whether there was room for all.
	fn search_due(eyes: &mut Eyes<T>, state: &mut SweepState, meter: &mut WeightMeter) -> bool {
		Self::look_at_all(Due::<T>::iter_keys(), &mut None, eyes, state, meter)
	}

	/// Looks at accounts one by one, and says which was the last. Those of a tier and those that have changed are taken out of
	/// what is iterated by their look.
	fn look_at_all(
		keys: impl Iterator<Item = KeyOf<T>>,
		last: &mut Option<KeyOf<T>>,
		eyes: &mut Eyes<T>,
		state: &mut SweepState,
		meter: &mut WeightMeter,
	) -> bool {
		for key in keys {
			let Some(found) = Self::look_or_skip(eyes, &key, meter) else { return false };
			// Counts for the reports alone.
			state.looks = state.looks.saturating_add(1);
			state.found = state.found.saturating_add((found == Found::InDanger).into());
			*last = Some(key);
		}
		true
	}
}
