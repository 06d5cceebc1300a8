// SPDX-License-Identifier: Apache-2.0
//! The search for accounts in danger: after the inherents of each block, worst first, as the block has room.

use crate::{
	grid::{drift_cell, stands_still},
	look::{Eyes, Found},
	pallet::*,
	tiers::Here,
	weights::WeightInfo,
	Class, PageId, Progress, Recheck, Side, SweepState, Swept, MAX_UNDERLYINGS, PAGE_ACCOUNTS,
};
use alloc::vec::Vec;
use ballast_exchange::{PriceSource, UnderlyingId};
use core::cmp::Reverse;
use frame_support::{
	traits::Get,
	weights::{Weight, WeightMeter},
	BoundedVec,
};

/// The order in which the accounts of an underlying are looked at.
const SIDES: [Side; 4] = [Side::Falling, Side::Rising, Side::Drift, Side::Delay];
/// The order in every second block of a search that does not end: nobody is left for long because others are due too.
const OTHER_SIDES: [Side; 4] = [Side::Drift, Side::Delay, Side::Falling, Side::Rising];

/// A part of the room there is: so many of so many.
type Part = (u64, u64);

/// Part of the room that whoever has changed gets before all classes: an account that comes back from its auction is as
/// close to the next one as its target is. Trading buys no more of it.
const DUE_PART: Part = (1, 4);
/// Part of what is left that each of [`Class::MOVED`] gets while a search does not end.
const CLASS_PARTS: [Part; Class::MOVED.len()] = [(4, 5), (1, 2), (1, 2), (1, 2), (1, 2), (1, 1)];
/// The part of that which goes to the watched first: of those far from danger, more wait in the tiers.
const WATCHED_PARTS: [Part; Class::MOVED.len()] = [(1, 1), (3, 4), (3, 4), (3, 4), (1, 3), (1, 3)];
/// A search that does not end keeps room for an auction once in so many blocks: what one can take at most is a seventh of the
/// presets' room.
const AUCTION_TURN: u64 = 4;
/// Cells of drift within which prices count as standing where they were: a step of the delay move.
const STILL_DRIFT: u64 = 10;

/// Does something with a part of the room there is.
fn within<R>(
	meter: &mut WeightMeter,
	(part, whole): Part,
	act: impl FnOnce(&mut WeightMeter) -> R,
) -> R {
	// Divided first: no product is larger than the room.
	let limit = meter.remaining().saturating_div(whole).saturating_mul(part);
	let mut room = WeightMeter::with_limit(limit);
	let result = act(&mut room);
	meter.consume(room.consumed());
	result
}

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
			let kept = Self::kept_for_auctions(meter);
			let mut room = WeightMeter::with_limit(meter.remaining().saturating_sub(kept));
			Self::sweep(&known, &mut eyes, &mut room);
			meter.consume(room.consumed());
		}
		Self::look_after_auctions(&mut eyes, meter);
		Self::pay_leavers(&mut eyes, meter);
		Self::end_shadow(meter);
	}

	/// Room that the search leaves: while it does not end, one auction at least is looked after in every so many blocks.
	pub(crate) fn kept_for_auctions(meter: &WeightMeter) -> Weight {
		let SweepState { is_unfinished, number, .. } = Sweep::<T>::get();
		let is_turn = is_unfinished && number.is_multiple_of(AUCTION_TURN);
		let (most, half) = (Self::most_visit(), meter.remaining().saturating_div(2));
		if is_turn && Auctions::<T>::count() > 0 && most.all_lte(half) {
			most
		} else {
			Weight::zero()
		}
	}

	/// The registered accounts in the order of their records, from the first one without `after`.
	pub(crate) fn registered_after(after: Option<&KeyOf<T>>) -> impl Iterator<Item = KeyOf<T>> {
		let records = match after {
			None => Registrations::<T>::iter(),
			Some(key) => Registrations::<T>::iter_from(Registrations::<T>::hashed_key_for(key)),
		};
		records.map(|(key, _)| key)
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
		// The first key of each tier and of the watched; what was measured of a block has those of one underlying.
		let tiers = (Class::MOVED.len() * (SIDES.len() + 1)) as u64;
		let others = tiers.saturating_mul(searched.len().saturating_sub(1) as u64);
		meter.consume(T::DbWeight::get().reads(others).min(meter.remaining()));
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
		// A glance cannot tell of which underlyings it is.
		eyes.can_glance = searched.len() == known.len() && known.len() < MAX_UNDERLYINGS as usize;
		let has_ended = Self::search(has_moved, &searched, eyes, &mut state, meter);
		if has_ended {
			// Those that became known on the way as well: their accounts have been looked at.
			for id in Known::<T>::get() {
				if let Some(here) = eyes.here(id) {
					SweptRounds::<T>::insert(id, Self::swept(id, &here));
				}
			}
			Self::judge_more(known, eyes, meter);
		} else {
			// How far a block moved is what the next one may move: not how far all have since a search ended.
			for it in &searched {
				SweptRounds::<T>::mutate_extant(it.id, |swept| {
					*swept = Swept { round: swept.round, ..it.swept };
				});
			}
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
		let of = |is_kept: bool| before.as_ref().filter(|_| is_kept);
		let is_there = before.as_ref().is_some_and(|it| it.at == at);
		let mut classes = of(is_there).map_or(0, |it| it.classes);
		let mut seen = of(searched.iter().all(Self::stands_still)).map_or(0, |it| it.seen);
		if !has_moved {
			classes = u8::MAX;
		}
		within(meter, DUE_PART, |part| Self::search_due(eyes, state, part));
		if state.is_unfinished {
			let done = Self::search_classes(true, classes | seen, searched, eyes, state, meter);
			(classes, seen) = (classes | done, seen | done);
		}
		let done = Self::search_classes(false, classes, searched, eyes, state, meter);
		(classes, seen) = (classes | done, seen | done);
		let has_ended = Class::MOVED.iter().all(|class| classes & bit(*class) != 0)
			&& Self::search_due(eyes, state, meter)
			&& Self::search_blind(eyes, state, meter)
			&& Self::search_afresh(eyes, state, meter);
		if !has_ended {
			SearchProgress::<T>::put(Progress { at, classes, seen });
		} else if before.is_some() {
			SearchProgress::<T>::kill();
		}
		has_ended
	}

	/// Looks at every account that is due of the classes that are not to be skipped; answers which had room for all.
	///
	/// If the room is to be shared, each class gets its part of it: while a search does not end, those who were far from danger
	/// when they were looked at last come nearer too. As many accounts come from each class into the one before it, and
	/// each of them has to be seen once on its way.
	fn search_classes(
		is_shared: bool,
		skipped: u8,
		searched: &[Searched],
		eyes: &mut Eyes<T>,
		state: &mut SweepState,
		meter: &mut WeightMeter,
	) -> u8 {
		let mut done = 0;
		for (class, (part, watched)) in
			Class::MOVED.into_iter().zip(CLASS_PARTS.into_iter().zip(WATCHED_PARTS))
		{
			if skipped & bit(class) != 0 {
				continue;
			}
			let part = if is_shared { part } else { (1, 1) };
			let search = |part: &mut WeightMeter| {
				Self::search_moved(class, watched, searched, eyes, state, part)
			};
			if within(meter, part, search) {
				done |= bit(class);
			}
		}
		done
	}

	/// Whether an underlying is where it was in the last block, but for a step of the delay move.
	fn stands_still(it: &Searched) -> bool {
		let Some(last) = SweptRounds::<T>::get(it.id) else { return false };
		let cells = |odometer: Option<u64>| odometer.map(drift_cell);
		let drift = cells(last.odometer).zip(cells(it.swept.odometer));
		stands_still(last.cell, it.swept.cell)
			&& drift.is_some_and(|(last, now)| last.abs_diff(now) <= STILL_DRIFT)
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

	/// Looks at every account of a class that the movement of prices makes due, with a part of the room for the `watched` first;
	/// whether there was room for all.
	fn search_moved(
		class: Class,
		watched: Part,
		searched: &[Searched],
		eyes: &mut Eyes<T>,
		state: &mut SweepState,
		meter: &mut WeightMeter,
	) -> bool {
		let is_second = state.is_unfinished && state.number.is_multiple_of(2);
		let sides = if is_second { &OTHER_SIDES } else { &SIDES };
		let ids: Vec<_> = searched.iter().map(|it| it.id).collect();
		let has_ended =
			within(meter, watched, |part| Self::search_watched(class, &ids, eyes, state, part));
		let has_ended = Self::search_tiers(class, searched, sides, eyes, state, meter)
			&& (has_ended || Self::search_watched(class, &ids, eyes, state, meter));
		Self::settle(core::mem::take(&mut eyes.movers));
		has_ended
	}

	/// Goes through every page in the tiers of a class that is due; whether there was room for all.
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
				for page in Self::due_pages(it, class, *side) {
					if !Self::go_once(page, Self::go_through, eyes, state, meter) {
						return false;
					}
				}
			}
		}
		true
	}

	/// The pages of a tier that are due. Going through one takes it out, or finds it a place there that is not due.
	fn due_pages(it: &Searched, class: Class, side: Side) -> impl Iterator<Item = PageId> {
		let limit = it.here.limit(side);
		Tiers::<T>::iter_key_prefix(((it.id, class, side),))
			.take_while(move |(rank, _)| *rank <= limit)
			.map(|(_, page)| page)
	}

	/// Goes on with the look at every account that a change of rules has asked for; whether there was room for all. What a page says
	/// of an account is not enough: its triggers are from before.
	fn search_afresh(eyes: &mut Eyes<T>, state: &mut SweepState, meter: &mut WeightMeter) -> bool {
		let Some(Recheck { mut after }) = Afresh::<T>::get() else { return true };
		loop {
			// A few at a time: looks change the map.
			let keys: Vec<_> =
				Self::registered_after(after.as_ref()).take(PAGE_ACCOUNTS as usize).collect();
			if keys.is_empty() {
				Afresh::<T>::kill();
				return true;
			}
			for key in keys {
				if !Self::look_and_count(eyes, &key, false, state, meter) {
					Afresh::<T>::put(Recheck { after });
					return false;
				}
				after = Some(key);
			}
		}
	}

	/// Looks at every account whose holdings have changed; whether there was room for all.
	fn search_due(eyes: &mut Eyes<T>, state: &mut SweepState, meter: &mut WeightMeter) -> bool {
		Due::<T>::iter_keys().all(|key| Self::look_and_count(eyes, &key, true, state, meter))
	}

	/// Looks at an account of the search; whether there was room for it.
	pub(crate) fn look_and_count(
		eyes: &mut Eyes<T>,
		key: &KeyOf<T>,
		is_due: bool,
		state: &mut SweepState,
		meter: &mut WeightMeter,
	) -> bool {
		let found = Self::look_or_skip(eyes, key, is_due, meter);
		if let Some(found) = found {
			count(state, found);
		}
		found.is_some()
	}
}

/// The bit of a class in [`Progress`].
const fn bit(class: Class) -> u8 {
	1 << (class as u8)
}

/// Counts a look, for the reports and for how fast the delay move may rise.
pub(crate) fn count(state: &mut SweepState, found: Found) {
	state.looks = state.looks.saturating_add(1);
	state.found = state.found.saturating_add((found == Found::InDanger).into());
}
