// SPDX-License-Identifier: Apache-2.0
//! One look at an account: in danger, or how far from it.

use crate::{
	pages::{band, Listed, Written},
	pallet::*,
	tiers::{place, waiting, Held, Here, On, Standing},
	weights::WeightInfo,
	Class, List, PageId, Parameters, Places, Registration, LOG_TARGET, MAX_ACCOUNT_UNDERLYINGS,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use ballast_exchange::{
	Account, Clearing, Custody, Exposure, Markets, MicroUsd, Moment, Safety, UnderlyingId,
	MAX_POSITIONS, MAX_RESTING_ORDERS,
};
use ballast_risk::Margin;
use frame_support::{
	ensure,
	pallet_prelude::*,
	storage::with_storage_layer,
	traits::{Contains, Get, Time},
	weights::WeightMeter,
};

/// What several looks share: prices and grids are read once.
pub(crate) struct Eyes<T: Config> {
	pub prices: PricesOf<T>,
	pub parameters: Parameters,
	pub now: Moment,
	here: BTreeMap<UnderlyingId, Option<Here>>,
	/// Accounts that a search has looked at: as many as a block has room for.
	looked: BTreeSet<KeyOf<T>>,
	/// Pages that it has been through.
	pages: BTreeSet<PageId>,
	/// Whether margin alone can tell of somebody who is watched.
	pub can_glance: bool,
	/// Margin work that a meter has been charged for.
	charged: Weight,
	/// Accounts that have left their pages, by the lists to which they go.
	pub movers: BTreeMap<List, Vec<Listed<KeyOf<T>>>>,
	/// What the last look had to do with.
	seen: Seen,
	/// Slices of a book that have been worked out, taken or not.
	pub slices: u32,
}

impl<T: Config> Eyes<T> {
	pub fn new() -> Self {
		Self {
			prices: Default::default(),
			parameters: ParametersInForce::<T>::get(),
			now: T::Time::now(),
			here: BTreeMap::new(),
			looked: BTreeSet::new(),
			pages: BTreeSet::new(),
			can_glance: false,
			charged: Weight::zero(),
			movers: BTreeMap::new(),
			seen: Seen::default(),
			slices: 0,
		}
	}

	/// Where an underlying is.
	pub fn here(&mut self, underlying: UnderlyingId) -> Option<Here> {
		*self.here.entry(underlying).or_insert_with(|| Pallet::<T>::here(underlying))
	}

	/// Whether a search has looked at an account with these eyes.
	pub fn has_seen(&self, key: &KeyOf<T>) -> bool {
		self.looked.contains(key)
	}

	/// Notes that a search has looked at an account.
	pub fn note(&mut self, key: &KeyOf<T>) {
		self.looked.insert(key.clone());
	}

	/// Notes that a search has been through a page; whether that is new.
	pub fn note_page(&mut self, page: PageId) -> bool {
		self.pages.insert(page)
	}

	/// There was no room for all of a page.
	pub fn forget_page(&mut self, page: &PageId) {
		self.pages.remove(page);
	}

	/// Whether margin is what it says: every price under it fresh, every array of the latest round.
	pub fn is_true(&mut self, safety: &Safety) -> bool {
		// Every underlying is to be read, also behind one that is not repriced.
		let old = safety.exposures.iter().filter(|it| self.here(it.underlying).is_none()).count();
		safety.is_fresh && old == 0
	}

	/// Charges a meter for the margin work since the last charge, and for what it does not hold.
	pub fn charge(&mut self, meter: &mut WeightMeter, other: Weight) {
		let work = self.work();
		let weight = work.saturating_sub(self.charged).saturating_add(other);
		// What was reserved is the most of all but evaluations repeated on prices loaded before: the little that those
		// can be more ends the meter.
		meter.consume(weight.min(meter.remaining()));
		self.charged = work;
	}

	/// Weight of all margin work.
	pub fn work(&self) -> Weight {
		T::Custody::margin_work(&self.prices)
	}
}

/// How much a look had to do with.
#[derive(Clone, Copy, Default)]
struct Seen {
	/// Underlyings of the account.
	underlyings: u32,
	/// Its orders.
	orders: u32,
	/// What was written to tell where it is.
	written: Written,
	/// Whether it may have changed since its last look.
	was_due: bool,
}

impl Seen {
	fn wrote(&mut self, written: Written) {
		self.written = self.written.and(written);
	}

	/// The mark of a change was looked for, and there or not.
	fn unmarked(&mut self, was_due: bool) {
		self.was_due = was_due;
		self.wrote(Written { records: was_due.into(), ..Written::default() });
	}

	/// What the account holds, to be copied where that is needed.
	fn held<'a>(&self, account: &'a Account) -> Held<'a> {
		if self.was_due {
			Held::Changed(account)
		} else {
			Held::AsBefore(account)
		}
	}

	/// The most that a look at an account of so many underlyings can write.
	fn most_written(underlyings: u32) -> Written {
		// Four places each, in the page that it leaves and in the one that it comes to; its record, the count of them, that it
		// was due.
		Written { pages: 2, places: underlyings.saturating_mul(8), records: 3 }
	}
}

/// What a look found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
	/// The account is not in danger.
	Nothing,
	/// It is under maintenance margin: its auction is open.
	InDanger,
	/// Its auction is over, or its bad debt has changed.
	Changed,
}

impl<T: Config> Pallet<T> {
	/// The most that one look can weigh.
	pub(crate) fn most_look() -> Weight {
		Self::most_look_of(MAX_ACCOUNT_UNDERLYINGS, MAX_RESTING_ORDERS, MAX_POSITIONS)
	}

	fn most_look_of(underlyings: u32, orders: u32, positions: u32) -> Weight {
		let written = Seen::most_written(underlyings);
		let most = Seen { underlyings, orders, written, was_due: true };
		Self::look_weight(Found::InDanger, most)
			.saturating_add(T::Custody::safety_weight(positions))
	}

	/// The most that a look at this account can weigh.
	pub(crate) fn most_look_at(account: Option<&Account>) -> Weight {
		let Some(account) = account else { return Self::most_look_of(0, 0, 0) };
		let mut underlyings = 0u32;
		let mut last = None;
		// Positions are in the order of their underlyings.
		for position in &account.positions {
			if last.replace(position.series.underlying) != Some(position.series.underlying) {
				underlyings = underlyings.saturating_add(1);
			}
		}
		// At most 8, 64 and 128.
		let collaterals = account.collateral.len() as u32;
		let (orders, positions) = (account.orders.len() as u32, account.positions.len() as u32);
		let underlyings = underlyings.saturating_add(collaterals).saturating_add(1);
		Self::most_look_of(underlyings.min(MAX_ACCOUNT_UNDERLYINGS), orders, positions)
	}

	/// A look that somebody asked for, and what it weighs, whether it found something or not.
	pub(crate) fn do_look(key: KeyOf<T>) -> (Weight, DispatchResult) {
		let mut eyes = Eyes::<T>::new();
		let account = T::Custody::peek(&key);
		eyes.seen = Seen::default();
		eyes.seen.unmarked(Self::no_longer_due(&key));
		let found = Self::try_look(&mut eyes, &key, account);
		let most = *found.as_ref().unwrap_or(&Found::InDanger);
		let weight = Self::look_weight(most, eyes.seen).saturating_add(eyes.work());
		let is_any = found.and_then(|found| {
			ensure!(found != Found::Nothing, Error::<T>::NothingFound);
			Ok(())
		});
		(weight, is_any)
	}

	/// Weight of a look but for its margin: what it reads, what it writes, and what it opened.
	///
	/// What was measured of a look finds the account its place again. One that opens an auction does not, and calls the owner
	/// instead, which is an event.
	fn look_weight(found: Found, seen: Seen) -> Weight {
		let look = T::WeightInfo::look().saturating_add(Self::written_weight(seen.written));
		if found == Found::Nothing {
			return look;
		}
		look.saturating_add(T::WeightInfo::open_auction())
			.saturating_add(T::CancelWeight::get().saturating_mul(seen.orders.into()))
	}

	/// Weight of what a look has written.
	fn written_weight(written: Written) -> Weight {
		Self::weight_of(written, T::WeightInfo::save_page)
	}

	/// Weight of what was written, where a page that moves in so many tiers weighs `of_page`.
	pub(crate) fn weight_of(
		Written { pages, places, records }: Written,
		of_page: fn(u32) -> Weight,
	) -> Weight {
		let page = of_page(0);
		let of_places = of_page(places).saturating_sub(page);
		page.saturating_mul(pages.into())
			.saturating_add(of_places)
			.saturating_add(T::DbWeight::get().writes(records.into()))
	}

	/// Looks at an account, if the meter has room for one like it; one that cannot be judged is reported and looked at again
	/// in every sweep. The mark of one that has changed is taken away by the search for those marks alone: most accounts
	/// have none, and to ask costs as much as to read their record.
	pub(crate) fn look_or_skip(
		eyes: &mut Eyes<T>,
		key: &KeyOf<T>,
		is_due: bool,
		meter: &mut WeightMeter,
	) -> Option<Found> {
		if !meter.can_consume(Self::most_look_of(0, 0, 0)) {
			return None;
		}
		let account = T::Custody::peek(key);
		if !meter.can_consume(Self::most_look_at(account.as_ref())) {
			meter.consume(T::WeightInfo::look());
			return None;
		}
		eyes.seen = Seen::default();
		if is_due {
			eyes.seen.unmarked(Self::no_longer_due(key));
		}
		eyes.note(key);
		let found = match Self::try_look(eyes, key, account) {
			Ok(found) => found,
			Err(error) => {
				Self::look_failed(key, error);
				Found::Nothing
			},
		};
		eyes.charge(meter, Self::look_weight(found, eyes.seen));
		Some(found)
	}

	fn look_failed(key: &KeyOf<T>, error: DispatchError) {
		Due::<T>::remove(key);
		if Auctions::<T>::contains_key(key) {
			// Its auction is looked after anyway.
			return Self::visit_failed(key, error);
		}
		let old = Registrations::<T>::get(key).unwrap_or_default();
		Self::step_failed(key, error, old.has_failed);
		let new = Registration { has_failed: true, ..old.clone() };
		let called = Self::listing(key, &old).and_then(|listed| listed.called);
		let blind = (Standing::Watched(Class::Blind), None, called);
		Self::register(key, blind, old, new, Held::Unknown);
	}

	/// Freezes the underlyings of an account whose step failed because its records are broken, as often as governance thaws
	/// them before it has repaired those. The failure is reported when it is new and when it has frozen something.
	pub(crate) fn step_failed(key: &KeyOf<T>, error: DispatchError, is_known: bool) {
		let is_broken = error == DispatchError::Corruption || T::Corruption::contains(&error);
		let frozen = if is_broken { Self::freeze_all_of(key) } else { Vec::new() };
		if is_known && frozen.is_empty() {
			return;
		}
		log::error!(target: LOG_TARGET, "a step for {key:?} failed: {error:?}");
		Self::deposit_event(Event::StepFailed { account: key.clone(), error });
		for underlying in frozen {
			Self::deposit_event(Event::UnderlyingFrozen { underlying, error });
		}
	}

	/// Freezes every underlying on which an account has positions; those that were not frozen.
	fn freeze_all_of(key: &KeyOf<T>) -> Vec<UnderlyingId> {
		let account = T::Custody::peek(key);
		let positions = account.iter().flat_map(|account| account.positions.iter());
		let underlyings: BTreeSet<_> = positions.map(|it| it.series.underlying).collect();
		underlyings.into_iter().filter(|underlying| T::Markets::freeze(*underlying)).collect()
	}

	fn try_look(
		eyes: &mut Eyes<T>,
		key: &KeyOf<T>,
		account: Option<Account>,
	) -> Result<Found, DispatchError> {
		let Some(account) = account else {
			eyes.seen.wrote(Self::unregister(key));
			return Ok(Found::Nothing);
		};
		if account.frozen {
			let found = with_storage_layer(|| Self::look_at_frozen(eyes, key, account))?;
			eyes.seen.wrote(Self::unregister(key));
			return Ok(found);
		}
		let safety = T::Custody::safety(&mut eyes.prices, &account)?;
		// At most 21 and 64.
		eyes.seen.underlyings = safety.exposures.len() as u32;
		eyes.seen.orders = account.orders.len() as u32;
		let is_true = eyes.is_true(&safety);
		let old = Registrations::<T>::get(key).unwrap_or_default();
		let listed = Self::listing(key, &old);
		let mut called = listed.as_ref().and_then(|listed| listed.called);
		if is_true && safety.margin.is_liquidatable() {
			eyes.seen.wrote(Self::unregister(key));
			Self::call_and_open(eyes, key, account, &safety.margin, called)?;
			return Ok(Found::InDanger);
		}
		let places = listed.map(|listed| listed.places).unwrap_or_default();
		let new = Registration { has_failed: false, ..old.clone() };
		// Also of those that are in no tier: what is measured is measured of what is known.
		Self::know(safety.exposures.iter().map(|it| it.underlying));
		if is_true {
			called = Some(&safety.margin)
				.filter(|_| !safety.exposures.is_empty())
				.and_then(|margin| Self::call_margin(eyes, key, margin, called));
		}
		let on = on(&safety);
		let standing = Self::standing(eyes, &safety, (old.class(), &places, false), is_true);
		let held = eyes.seen.held(&account);
		eyes.seen.wrote(Self::register(key, (standing, on, called), old, new, held));
		Ok(Found::Nothing)
	}

	/// Opens the auction of an account, its owner called before: all of it or nothing.
	pub(crate) fn call_and_open(
		eyes: &Eyes<T>,
		key: &KeyOf<T>,
		account: Account,
		margin: &Margin,
		called: Option<u128>,
	) -> DispatchResult {
		with_storage_layer(|| {
			// Prices can jump over the distance at which owners are called.
			Self::call_margin(eyes, key, margin, called);
			Self::open_auction(eyes, key, account, margin)
		})
	}

	/// Opens the auction of an account that its page shows in danger, if by its own record it is: whether it was, or `None` if there
	/// is no room for it. The page that it leaves is the caller's to write, once for all who leave it.
	pub(crate) fn open_from_page(
		eyes: &mut Eyes<T>,
		Listed { key, called, .. }: &Listed<KeyOf<T>>,
		meter: &mut WeightMeter,
	) -> Option<bool> {
		let account = T::Custody::peek(key);
		if !meter.can_consume(Self::most_look_at(account.as_ref())) {
			meter.consume(T::WeightInfo::look().min(meter.remaining()));
			return None;
		}
		let Some(account) = account.filter(|account| !account.frozen) else { return Some(false) };
		let Ok(safety) = T::Custody::safety(&mut eyes.prices, &account) else { return Some(false) };
		if !eyes.is_true(&safety) || !safety.margin.is_liquidatable() {
			return Some(false);
		}
		// At most 64.
		let orders = account.orders.len() as u32;
		if Self::call_and_open(eyes, key, account, &safety.margin, *called).is_err() {
			return Some(false);
		}
		Registrations::<T>::remove(key);
		eyes.note(key);
		// The record and the count of them.
		let written = Written { records: 2, ..Written::default() };
		let seen = Seen { orders, written, ..Seen::default() };
		eyes.charge(meter, Self::look_weight(Found::InDanger, seen));
		Some(true)
	}

	/// Notes that an account is looked at; whether it was due for a change.
	pub(crate) fn no_longer_due(key: &KeyOf<T>) -> bool {
		let was_due = Due::<T>::contains_key(key);
		if was_due {
			Due::<T>::remove(key);
		}
		was_due
	}

	/// What its page says of an account.
	pub(crate) fn listing(key: &KeyOf<T>, record: &Registration) -> Option<Listed<KeyOf<T>>> {
		let page = record.page.map(|id| Pages::<T>::get(id.list, id.number))?;
		page.into_iter().find(|listed| listed.key == *key)
	}

	fn look_at_frozen(
		eyes: &mut Eyes<T>,
		key: &KeyOf<T>,
		account: Account,
	) -> Result<Found, DispatchError> {
		let has_changed = if Auctions::<T>::contains_key(key) {
			Self::conclude(eyes, key)?
		} else {
			Self::cover_bad_debt(key, account)?
		};
		Ok(if has_changed { Found::Changed } else { Found::Nothing })
	}

	/// Where an account that is not in danger, or cannot be judged now, has to be. It `was` in a class and had places; `is_same`: it
	/// holds what it held then.
	pub(crate) fn standing(
		eyes: &mut Eyes<T>,
		safety: &Safety,
		was: (Class, &Places, bool),
		is_true: bool,
	) -> Standing {
		let (was, places, is_same) = was;
		if !is_true {
			let exposed = safety.exposures.iter().map(|it| it.underlying);
			let class = if Class::MOVED.contains(&was) { was } else { Class::default() };
			return waiting(exposed.filter(|underlying| eyes.here(*underlying).is_none()), class);
		}
		if safety.exposures.is_empty() {
			return Standing::nowhere();
		}
		let Margin { equity, maintenance, .. } = safety.margin;
		let class = Class::of(maintenance, equity.saturating_sub(maintenance).max(0), was);
		match surplus(maintenance, &safety.exposures) {
			Some(surplus) => {
				place(surplus, &safety.exposures, &eyes.here, (places, is_same), class)
			},
			None => Standing::Watched(class),
		}
	}

	/// Tells an owner once that margin is short; by how much it is, if it is, or was when that was as much or half or twice.
	pub(crate) fn call_margin(
		eyes: &Eyes<T>,
		key: &KeyOf<T>,
		margin: &Margin,
		was: Option<u128>,
	) -> Option<u128> {
		let Margin { equity, maintenance, .. } = *margin;
		let short = Self::short_of_call(eyes, margin)?;
		if was.is_none() {
			let account = key.clone();
			Self::deposit_event(Event::MarginCalled { account, equity, maintenance });
		}
		// A page is written for changes that matter.
		was.filter(|was| is_like(*was, short)).or(Some(short))
	}

	/// What margin is short of the least at which its owner is not called; `None` if it is not.
	pub(crate) fn short_of_call(eyes: &Eyes<T>, margin: &Margin) -> Option<u128> {
		let Margin { equity, maintenance, .. } = *margin;
		let distance = equity.saturating_sub(maintenance).max(0);
		let part = MicroUsd::from(eyes.parameters.house.margin_call.0);
		// A message only: a saturated product calls early.
		let least = distance.saturating_mul(part) / 1_000_000_000;
		(maintenance < least).then(|| least.saturating_sub(maintenance).unsigned_abs())
	}
}

/// The underlying by which an account is listed, and its band there.
pub(crate) fn on(safety: &Safety) -> Option<On> {
	let Margin { equity, maintenance, .. } = safety.margin;
	let band = band(maintenance, equity.saturating_sub(maintenance));
	safety.exposures.first().map(|it| (it.underlying, band))
}

/// Whether one amount is neither less than half nor more than twice the other.
pub(crate) fn is_like(was: u128, short: u128) -> bool {
	was / 2 <= short && short / 2 <= was
}

/// What maintenance margin can lose before it is below zero; `None` if rounding alone can bring it there.
fn surplus(maintenance: MicroUsd, exposures: &[Exposure]) -> Option<u128> {
	let slack = exposures.iter().try_fold(0i128, |sum, it| sum.checked_add(it.slack.max(0)))?;
	let surplus = maintenance.checked_sub(slack).filter(|surplus| *surplus > 0)?;
	Some(surplus.unsigned_abs())
}
