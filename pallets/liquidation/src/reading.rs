// SPDX-License-Identifier: Apache-2.0
//! Going through a page: who is due is looked at by what the page says that they hold.

use crate::{
	look::{is_like, on, Eyes, Found},
	pages::{entries, Before, Listed, PageId},
	pallet::*,
	sweep::count,
	tiers::{watched_on, Standing},
	weights::WeightInfo,
	Class, List, Page, SweepState, MAX_ENTRIES, PAGE_ACCOUNTS,
};
use alloc::vec::Vec;
use ballast_exchange::{Account, Custody, MicroUsd};
use ballast_risk::Margin;
use frame_support::weights::WeightMeter;

/// One page in so many gets whole looks at its watched accounts: they can see who needs to be watched no longer.
const TURNS: u64 = 8;

/// What looking at an account by its page came to.
enum Verdict {
	/// It stays there.
	Stays,
	/// It goes to another list.
	Moves(List),
	/// It is in danger: its auction is open.
	Falls,
	/// It cannot be judged by that: it takes a look of its own.
	Whole,
	/// There is no room for one like it.
	NoRoom,
}

impl<T: Config> Pallet<T> {
	/// Looks at everybody in a page who is due; whether there was room for all.
	pub(crate) fn go_through(
		id: PageId,
		eyes: &mut Eyes<T>,
		state: &mut SweepState,
		meter: &mut WeightMeter,
	) -> bool {
		let read = T::WeightInfo::read_page(MAX_ENTRIES);
		if !meter.can_consume(read.saturating_add(T::WeightInfo::save_page(PAGE_ACCOUNTS))) {
			return false;
		}
		let page = Pages::<T>::get(id.list, id.number);
		meter.consume(T::WeightInfo::read_page(entries(&page)));
		let before = Before::of(&page);
		let (mut kept, mut whole) = (Page::default(), Vec::new());
		let (mut is_changed, mut has_room) = (false, true);
		let is_turn = id.number.abs_diff(state.number).is_multiple_of(TURNS);
		for mut listed in page {
			let is_due = has_room
				&& !eyes.has_seen(&listed.key)
				&& listed.is_due(|underlying| eyes.here(underlying));
			let verdict = match is_due {
				true => Self::look_in_page(eyes, id.list, &mut listed, is_turn, meter),
				false => (Verdict::Stays, false),
			};
			is_changed |= verdict.1;
			if is_due && matches!(verdict.0, Verdict::Stays | Verdict::Moves(_)) {
				eyes.note(&listed.key);
				count(state, Found::Nothing);
			}
			match verdict.0 {
				Verdict::Moves(list) => {
					Self::send(list, listed, eyes, meter);
					continue;
				},
				Verdict::Falls => {
					count(state, Found::InDanger);
					continue;
				},
				Verdict::Whole => whole.push(listed.key.clone()),
				Verdict::NoRoom => has_room = false,
				Verdict::Stays => {},
			}
			// No more than there were.
			let _ = kept.try_push(listed);
		}
		if is_changed {
			let written = Self::save_page(id, &before, kept);
			eyes.charge(meter, Self::weight_of(written, T::WeightInfo::resave_page));
		}
		whole.iter().all(|key| Self::look_and_count(eyes, key, false, state, meter)) && has_room
	}

	/// Keeps an account for the list to which it goes, and charges for what will be written there: sixteen fill a page or end in
	/// two.
	fn send(list: List, listed: Listed<KeyOf<T>>, eyes: &mut Eyes<T>, meter: &mut WeightMeter) {
		// At most 84.
		let page = T::WeightInfo::save_page(listed.places.len() as u32);
		let movers = eyes.movers.entry(list).or_default();
		let weight =
			if movers.is_empty() { page.saturating_mul(2) } else { page.saturating_div(8) };
		movers.push(listed);
		let weight = weight.saturating_add(T::WeightInfo::rehouse());
		meter.consume(weight.min(meter.remaining()));
	}

	/// Looks at an account by what its page says that it holds, and finds its triggers anew; and whether that has changed
	/// anything.
	fn look_in_page(
		eyes: &mut Eyes<T>,
		list: List,
		listed: &mut Listed<KeyOf<T>>,
		is_turn: bool,
		meter: &mut WeightMeter,
	) -> (Verdict, bool) {
		let Some(account) = listed.holdings.as_ref().map(|holdings| holdings.to_account()) else {
			return (Verdict::Whole, false);
		};
		if !meter.can_consume(Self::most_look_at(Some(&account))) {
			return (Verdict::NoRoom, false);
		}
		let may_glance = listed.is_watched() && eyes.can_glance && !is_turn;
		let verdict = if may_glance && Self::glance(eyes, list.class, listed, &account) {
			(Verdict::Stays, false)
		} else {
			let before = (listed.places.clone(), listed.called);
			let verdict = Self::find_places(eyes, list, listed, &account);
			let is_changed = matches!(verdict, Verdict::Moves(_) | Verdict::Falls)
				|| before != (listed.places.clone(), listed.called);
			(verdict, is_changed)
		};
		eyes.charge(meter, T::WeightInfo::look_in_page());
		match verdict {
			(Verdict::Falls, _) => match Self::open_from_page(eyes, listed, meter) {
				Some(true) => verdict,
				Some(false) => (Verdict::Whole, false),
				None => (Verdict::NoRoom, false),
			},
			_ => verdict,
		}
	}

	/// Whether margin alone says that somebody who is watched stays as it is.
	fn glance(
		eyes: &mut Eyes<T>,
		class: Class,
		listed: &Listed<KeyOf<T>>,
		account: &Account,
	) -> bool {
		let glance = T::Custody::glance(&mut eyes.prices, account);
		let stays = |margin| Self::stays_as_it_is(eyes, &margin, class, listed.called);
		matches!(glance, Ok((margin, true)) if stays(margin))
	}

	/// Finds an account's triggers and its list anew.
	fn find_places(
		eyes: &mut Eyes<T>,
		list: List,
		listed: &mut Listed<KeyOf<T>>,
		account: &Account,
	) -> Verdict {
		let Ok(safety) = T::Custody::safety(&mut eyes.prices, account) else {
			return Verdict::Whole;
		};
		let Some((underlying, band)) = on(&safety).filter(|_| eyes.is_true(&safety)) else {
			return Verdict::Whole;
		};
		if safety.margin.is_liquidatable() {
			return Verdict::Falls;
		}
		let (class, places) =
			match Self::standing(eyes, &safety, (list.class, &listed.places, true), true) {
				Standing::Placed(class, places) if !places.is_empty() => (class, places),
				Standing::Watched(class) if class != Class::Blind => {
					(class, watched_on(underlying))
				},
				_ => return Verdict::Whole,
			};
		listed.places = places;
		listed.called = Self::call_margin(eyes, &listed.key, &safety.margin, listed.called);
		let target = List { class, underlying, band };
		if list.suits(&target) {
			Verdict::Stays
		} else {
			Verdict::Moves(target)
		}
	}

	/// Whether an account with this margin is neither in danger nor in another class, nor to be called or called no more.
	pub(crate) fn stays_as_it_is(
		eyes: &Eyes<T>,
		margin: &Margin,
		class: Class,
		called: Option<u128>,
	) -> bool {
		let Margin { equity, maintenance, .. } = *margin;
		let requirement: MicroUsd = equity.saturating_sub(maintenance).max(0);
		if margin.is_liquidatable() || Class::of(maintenance, requirement, class) != class {
			return false;
		}
		match (Self::short_of_call(eyes, margin), called) {
			(Some(short), Some(was)) => is_like(was, short),
			(short, called) => short.is_none() && called.is_none(),
		}
	}
}
