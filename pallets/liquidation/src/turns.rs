// SPDX-License-Identifier: Apache-2.0
//! Pages that are due whatever prices do: gone through in turn, from where a block had no more room.

use crate::{
	look::Eyes, pallet::*, weights::WeightInfo, Class, List, PageId, Rank, Side, SweepState,
	Watched, MAX_ENTRIES,
};
use alloc::vec::Vec;
use ballast_exchange::UnderlyingId;
use frame_support::weights::WeightMeter;

/// What is done with a page; whether there was room for it.
pub(crate) type Go<T> = fn(PageId, &mut Eyes<T>, &mut SweepState, &mut WeightMeter) -> bool;

impl<T: Config> Pallet<T> {
	/// Goes through the pages of a class with accounts that every movement of prices makes due; whether there was room for all.
	///
	/// Begins behind the last one of the search before if that had no room for all, else with the first underlying given.
	pub(crate) fn search_watched(
		class: Class,
		searched: &[UnderlyingId],
		eyes: &mut Eyes<T>,
		state: &mut SweepState,
		meter: &mut WeightMeter,
	) -> bool {
		let last = WatchCursors::<T>::get(class);
		let pages = Self::watched_in_turn(class, searched, last);
		Self::go_in_turn(class, last, pages, eyes, state, meter, Self::go_through)
	}

	/// Looks at everybody of whom no movement of prices says when; whether there was room for all.
	pub(crate) fn search_blind(
		eyes: &mut Eyes<T>,
		state: &mut SweepState,
		meter: &mut WeightMeter,
	) -> bool {
		let last = WatchCursors::<T>::get(Class::Blind);
		let pages = Self::blind_in_turn(last);
		Self::go_in_turn(Class::Blind, last, pages, eyes, state, meter, Self::look_at_blind)
	}

	/// Charges for a page that was found, and goes through it unless that has been done in this block; whether there was room for
	/// both.
	pub(crate) fn go_once(
		page: PageId,
		go: Go<T>,
		eyes: &mut Eyes<T>,
		state: &mut SweepState,
		meter: &mut WeightMeter,
	) -> bool {
		if meter.try_consume(T::WeightInfo::next_page()).is_err() {
			return false;
		}
		let has_room = !eyes.note_page(page) || go(page, eyes, state, meter);
		if !has_room {
			eyes.forget_page(&page);
		}
		has_room
	}

	/// Goes through pages as they come, each charged for when it is found; whether there was room for all. Notes behind which
	/// one to go on if there was not.
	fn go_in_turn(
		class: Class,
		last: Option<Watched>,
		pages: impl Iterator<Item = Watched>,
		eyes: &mut Eyes<T>,
		state: &mut SweepState,
		meter: &mut WeightMeter,
		go: Go<T>,
	) -> bool {
		let mut done = last;
		for watched in pages {
			if !Self::go_once(watched.page, go, eyes, state, meter) {
				if done != last {
					WatchCursors::<T>::set(class, done);
				}
				return false;
			}
			done = Some(watched);
		}
		if last.is_some() {
			WatchCursors::<T>::remove(class);
		}
		true
	}

	/// Watched pages of a class, underlying by underlying as their ids follow each other: those behind the last one, all others, and
	/// those up to it. Found one by one, however many there are.
	pub(crate) fn watched_in_turn(
		class: Class,
		searched: &[UnderlyingId],
		last: Option<Watched>,
	) -> impl Iterator<Item = Watched> {
		let first = last.map(|last| last.underlying).or(searched.first().copied());
		let mut underlyings = searched.to_vec();
		underlyings.sort_unstable();
		let at = underlyings.partition_point(|id| Some(*id) < first);
		underlyings.rotate_left(at);
		let key = move |at: &Watched| {
			let tier = (at.underlying, class, Side::Waiting);
			Tiers::<T>::hashed_key_for((tier, Rank::new(0), at.page))
		};
		// Where prices are old now, nothing is due.
		let last = last.filter(|last| underlyings.first() == Some(&last.underlying));
		let others: Vec<_> = underlyings.into_iter().skip(last.iter().len()).collect();
		let all = move |underlying| {
			Tiers::<T>::iter_key_prefix(((underlying, class, Side::Waiting),))
				.map(move |(_, page)| Watched { underlying, page })
		};
		let behind = last.into_iter().flat_map(move |last| {
			let tier = (last.underlying, class, Side::Waiting);
			Tiers::<T>::iter_key_prefix_from((tier,), key(&last))
				.map(move |(_, page)| Watched { page, ..last })
		});
		let up_to = last.into_iter().flat_map(move |last| {
			let end = key(&last);
			all(last.underlying).take_while(move |it| key(it) <= end)
		});
		behind.chain(others.into_iter().flat_map(all)).chain(up_to)
	}

	/// Pages of those of whom nothing can be said: those behind the last one, and those up to it.
	fn blind_in_turn(last: Option<Watched>) -> impl Iterator<Item = Watched> {
		let list = List::BLIND;
		let key = move |number| Pages::<T>::hashed_key_for(list, number);
		let watched =
			move |number| Watched { underlying: list.underlying, page: PageId { list, number } };
		let end = last.map(|last| key(last.page.number));
		let behind = match end.clone() {
			Some(end) => Pages::<T>::iter_key_prefix_from(list, end),
			None => Pages::<T>::iter_key_prefix(list),
		};
		let up_to = end.into_iter().flat_map(move |end| {
			Pages::<T>::iter_key_prefix(list).take_while(move |number| key(*number) <= end)
		});
		behind.chain(up_to).map(watched)
	}

	/// Looks at everybody in a page; whether there was room for all.
	fn look_at_blind(
		PageId { list, number }: PageId,
		eyes: &mut Eyes<T>,
		state: &mut SweepState,
		meter: &mut WeightMeter,
	) -> bool {
		let read = T::WeightInfo::read_page(MAX_ENTRIES);
		if meter.try_consume(read).is_err() {
			return false;
		}
		for listed in Pages::<T>::get(list, number) {
			if eyes.has_seen(&listed.key) {
				continue;
			}
			if !Self::look_and_count(eyes, &listed.key, false, state, meter) {
				return false;
			}
		}
		true
	}
}
