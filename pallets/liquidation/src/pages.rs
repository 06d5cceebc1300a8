// SPDX-License-Identifier: Apache-2.0
//! Pages: sixteen accounts in one record, with what they hold and where they come due.
//!
//! A page is in the tiers under the earliest trigger of its accounts. One read serves sixteen looks, and however many of them
//! move a trigger, the page is written once. What an account holds is a copy: an account that has changed since is due, its
//! look copies it anew, and no search ends before that.

use crate::{pallet::*, tiers::Here, Class, Place, Places, Rank, Side, MAX_PLACES};
use alloc::{collections::BTreeMap, vec::Vec};
use ballast_exchange::{
	Account, AssetId, MarginKind, MicroUsd, Position, UnderlyingId, MAX_COLLATERALS,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// Accounts in a page.
pub const PAGE_ACCOUNTS: u32 = 16;
/// Most positions that are copied: of an account with more, each look reads the account.
pub const MAX_COPIED_POSITIONS: u32 = 16;
/// Most positions and triggers in a page.
pub const MAX_ENTRIES: u32 = PAGE_ACCOUNTS * (MAX_COPIED_POSITIONS + MAX_PLACES);

/// Which accounts share pages: those of a class that depend on an underlying first, and were about as far from danger when they
/// came there. What is alike comes due together.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct List {
	/// Their class.
	pub class: Class,
	/// The first underlying that they depend on.
	pub underlying: UnderlyingId,
	/// Eighths of an octave of maintenance margin over what it requires.
	pub band: u8,
}

impl List {
	/// Those of whom no movement of prices says when to look at them.
	pub const BLIND: Self = Self { class: Class::Blind, underlying: 0, band: 0 };

	/// Whether an account of the other list can stay in this one.
	pub fn suits(&self, other: &Self) -> bool {
		(self.class, self.underlying) == (other.class, other.underlying)
	}
}

/// The band of a maintenance margin by what it requires, both micro-USD.
pub(crate) fn band(maintenance: MicroUsd, requirement: MicroUsd) -> u8 {
	let of = |amount: MicroUsd| amount.max(0).unsigned_abs();
	// Saturated, it is beyond any account.
	let ratio = of(maintenance).saturating_mul(64) / of(requirement).max(1);
	let octave = ratio.max(8).ilog2();
	// Three bits after the leading one.
	let eighth = (ratio >> (octave - 3)) & 7;
	u8::try_from(u128::from(octave) * 8 + eighth).unwrap_or(u8::MAX)
}

/// A page of a list.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct PageId {
	/// The list.
	pub list: List,
	/// Its number there: none is given out twice.
	pub number: u64,
}

/// What margin sees of an account, resting orders left out.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Holdings {
	/// Rules of its margin.
	pub margin: MarginKind,
	/// Cash, micro-USD.
	pub cash: MicroUsd,
	/// Other assets.
	pub collateral: BoundedVec<(AssetId, u128), ConstU32<MAX_COLLATERALS>>,
	/// Positions in order of the series.
	pub positions: BoundedVec<Position, ConstU32<MAX_COPIED_POSITIONS>>,
}

impl Holdings {
	/// What an account holds; `None` if that is too much for a page.
	pub fn of(account: &Account) -> Option<Self> {
		if account.positions.len() > MAX_COPIED_POSITIONS as usize {
			return None;
		}
		let positions = BoundedVec::truncate_from(account.positions.to_vec());
		let (margin, cash) = (account.margin, account.cash);
		Some(Self { margin, cash, collateral: account.collateral.clone(), positions })
	}

	/// An account that holds it.
	pub fn to_account(&self) -> Account {
		Account {
			cash: self.cash,
			collateral: self.collateral.clone(),
			// An account has room for more.
			positions: BoundedVec::truncate_from(self.positions.to_vec()),
			..Account::new(self.margin)
		}
	}
}

/// An account in a page.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Listed<Key> {
	/// The account.
	pub key: Key,
	/// What it held when it was looked at last; `None` if that is not copied.
	pub holdings: Option<Holdings>,
	/// Its triggers: the first that is reached makes it due. None if nothing but a margin call keeps it here.
	pub places: Places,
	/// What its owner has been asked for by a margin call that still stands, micro-USD: as of the last look at which that
	/// had doubled or halved.
	pub called: Option<u128>,
}

impl<Key> Listed<Key> {
	/// Whether every movement of prices makes it due.
	pub fn is_watched(&self) -> bool {
		is_watched(&self.places)
	}

	/// Whether one of its triggers has been reached. Where prices are old, none is.
	pub(crate) fn is_due(&self, mut here: impl FnMut(UnderlyingId) -> Option<Here>) -> bool {
		let reached =
			|it: &Place| here(it.underlying).is_some_and(|here| it.rank <= here.limit(it.side));
		self.places.iter().any(reached)
	}
}

/// Whether places are those of somebody whom every movement makes due.
pub(crate) fn is_watched(places: &Places) -> bool {
	places.first().is_some_and(|place| place.side == Side::Waiting)
}

/// Accounts of one page.
pub type Page<Key> = BoundedVec<Listed<Key>, ConstU32<PAGE_ACCOUNTS>>;

/// How many positions and triggers are in a page: what reading it costs grows with them.
pub(crate) fn entries<Key>(page: &Page<Key>) -> u32 {
	let positions =
		|listed: &Listed<Key>| listed.holdings.as_ref().map_or(0, |it| it.positions.len());
	let entries = page
		.iter()
		.map(|listed| positions(listed).saturating_add(listed.places.len()))
		.sum::<usize>();
	// At most 1,600.
	entries as u32
}

/// Where a page comes due: the earliest of its accounts' triggers, by underlying and side.
pub(crate) type Earliest = BTreeMap<(UnderlyingId, Side), Rank>;

/// The earliest triggers in a page.
pub(crate) fn earliest<Key>(page: &Page<Key>) -> Earliest {
	let mut earliest = Earliest::new();
	for place in page.iter().flat_map(|listed| &listed.places) {
		let rank = earliest.entry((place.underlying, place.side)).or_insert(place.rank);
		*rank = place.rank.min(*rank);
	}
	earliest
}

/// A page as it was read.
pub(crate) struct Before {
	pub earliest: Earliest,
	accounts: usize,
}

impl Before {
	pub fn of<Key>(page: &Page<Key>) -> Self {
		Self { earliest: earliest(page), accounts: page.len() }
	}
}

/// What was written to tell where accounts are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
	/// Pages.
	pub pages: u32,
	/// Places of pages in tiers: one taken away, one put in.
	pub places: u32,
	/// Records of accounts, what counts them, and which pages have room.
	pub records: u32,
}

impl Written {
	/// Both.
	pub fn and(self, other: Self) -> Self {
		Self {
			// A look writes a few.
			pages: self.pages.saturating_add(other.pages),
			places: self.places.saturating_add(other.places),
			records: self.records.saturating_add(other.records),
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Every account in the pages of a list.
	pub fn listed_in(list: List) -> impl Iterator<Item = Listed<KeyOf<T>>> {
		Pages::<T>::iter_prefix_values(list).flatten()
	}

	/// Puts accounts into a page of a list, as many as there is room for: the page they are in, and what that wrote.
	pub(crate) fn enlist(
		list: List,
		accounts: &mut impl Iterator<Item = Listed<KeyOf<T>>>,
	) -> (u64, Written) {
		let number = PagesWithRoom::<T>::iter_key_prefix(list).next().unwrap_or_else(|| {
			NextPage::<T>::mutate(list, |next| {
				let number = *next;
				*next = next.saturating_add(1);
				number
			})
		});
		let mut page = Pages::<T>::get(list, number);
		let before = Before::of(&page);
		let room = (PAGE_ACCOUNTS as usize).saturating_sub(page.len());
		for account in accounts.take(room) {
			let _ = page.try_push(account);
		}
		(number, Self::save_page(PageId { list, number }, &before, page))
	}

	/// Takes an account out of its page.
	pub(crate) fn delist(id: PageId, key: &KeyOf<T>) -> Written {
		let mut page = Pages::<T>::get(id.list, id.number);
		let before = Before::of(&page);
		let Some(index) = page.iter().position(|listed| listed.key == *key) else {
			return Written::default();
		};
		page.swap_remove(index);
		Self::save_page(id, &before, page)
	}

	/// Puts accounts that have left their pages into those of the lists to which they go. Their records follow.
	pub(crate) fn settle(movers: BTreeMap<List, Vec<Listed<KeyOf<T>>>>) {
		for (list, accounts) in movers {
			let keys: Vec<_> = accounts.iter().map(|listed| listed.key.clone()).collect();
			let (mut accounts, mut keys) = (accounts.into_iter(), keys.into_iter());
			while accounts.len() > 0 {
				let before = accounts.len();
				let (number, _) = Self::enlist(list, &mut accounts);
				let moved = before.saturating_sub(accounts.len());
				if moved == 0 {
					break;
				}
				for key in keys.by_ref().take(moved) {
					Self::rehouse(&key, PageId { list, number });
				}
			}
		}
	}

	/// Writes into the record of an account which page it is in now.
	pub(crate) fn rehouse(key: &KeyOf<T>, page: PageId) {
		Registrations::<T>::mutate(key, |record| {
			if let Some(record) = record {
				record.page = Some(page);
			}
		});
	}

	/// Changes what a page says of an account.
	pub(crate) fn relist(
		id: PageId,
		key: &KeyOf<T>,
		change: impl FnOnce(&mut Listed<KeyOf<T>>),
	) -> Written {
		let mut page = Pages::<T>::get(id.list, id.number);
		let before = Before::of(&page);
		let Some(listed) = page.iter_mut().find(|listed| listed.key == *key) else {
			return Written::default();
		};
		let old = listed.clone();
		change(listed);
		if *listed == old {
			return Written::default();
		}
		Self::save_page(id, &before, page)
	}

	/// Writes a page, moves it in the tiers from where it came due `before`, and notes whether it has room.
	pub(crate) fn save_page(id: PageId, before: &Before, page: Page<KeyOf<T>>) -> Written {
		let Before { earliest: before, accounts } = before;
		let after = earliest(&page);
		let PageId { list, number } = id;
		let tier = |(underlying, side): (UnderlyingId, Side)| (underlying, list.class, side);
		let mut places = 0u32;
		for (at, rank) in before.iter().filter(|(at, rank)| after.get(at) != Some(rank)) {
			Tiers::<T>::remove((tier(*at), *rank, id));
			places = places.saturating_add(u32::from(!after.contains_key(at)));
		}
		for (at, rank) in after.iter().filter(|(at, rank)| before.get(at) != Some(rank)) {
			Tiers::<T>::insert((tier(*at), *rank, id), ());
			places = places.saturating_add(1);
		}
		let has_room = |accounts: usize| (1..PAGE_ACCOUNTS as usize).contains(&accounts);
		let (had_room, has_room) = (has_room(*accounts), has_room(page.len()));
		match (had_room, has_room) {
			(false, true) => PagesWithRoom::<T>::insert(list, number, ()),
			(true, false) => PagesWithRoom::<T>::remove(list, number),
			_ => {},
		}
		if page.is_empty() {
			Pages::<T>::remove(list, number);
		} else {
			Pages::<T>::insert(list, number, page);
		}
		Written { pages: 1, places, records: u32::from(had_room != has_room) }
	}
}
