// SPDX-License-Identifier: Apache-2.0
//! One look at an account: in danger, or how far from it.

use crate::{
	pallet::*,
	tiers::{place, waiting, Here, Standing},
	weights::WeightInfo,
	Parameters, Places, Registration, LOG_TARGET, MAX_ACCOUNT_UNDERLYINGS,
};
use alloc::collections::BTreeMap;
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
	/// Margin work that a meter has been charged for.
	charged: Weight,
	/// What the last look had to do with.
	seen: Seen,
}

impl<T: Config> Eyes<T> {
	pub fn new() -> Self {
		Self {
			prices: Default::default(),
			parameters: ParametersInForce::<T>::get(),
			now: T::Time::now(),
			here: BTreeMap::new(),
			charged: Weight::zero(),
			seen: Seen::default(),
		}
	}

	/// Where an underlying is.
	pub fn here(&mut self, underlying: UnderlyingId) -> Option<Here> {
		*self.here.entry(underlying).or_insert_with(|| Pallet::<T>::here(underlying))
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
	/// Records written to tell where it is.
	writes: u64,
}

impl Seen {
	fn wrote(&mut self, records: u64) {
		// A few: at most those of `most_writes` and a count.
		self.writes = self.writes.saturating_add(records);
	}

	/// Records that the weight of a look reckons with.
	fn most_writes(underlyings: u32) -> u64 {
		// In each tier one removed and one put in, the account's record, and that it was due.
		u64::from(underlyings).saturating_mul(8).saturating_add(2)
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
		let (underlyings, orders) = (MAX_ACCOUNT_UNDERLYINGS, MAX_RESTING_ORDERS);
		let most = Seen { underlyings, orders, writes: Seen::most_writes(underlyings) };
		Self::look_weight(Found::InDanger, most)
			.saturating_add(T::Custody::safety_weight(MAX_POSITIONS))
	}

	pub(crate) fn do_look(key: KeyOf<T>) -> Result<Weight, DispatchError> {
		let mut eyes = Eyes::<T>::new();
		let found = Self::try_look(&mut eyes, &key)?;
		ensure!(found != Found::Nothing, Error::<T>::NothingFound);
		Ok(Self::look_weight(found, eyes.seen).saturating_add(eyes.work()))
	}

	fn look_weight(found: Found, seen: Seen) -> Weight {
		let Seen { underlyings, orders, writes } = seen;
		let db = T::DbWeight::get();
		let look = T::WeightInfo::look(underlyings)
			.saturating_sub(db.writes(Seen::most_writes(underlyings)))
			.saturating_add(db.writes(writes));
		if found == Found::Nothing {
			return look;
		}
		look.saturating_add(T::WeightInfo::open_auction())
			.saturating_add(T::CancelWeight::get().saturating_mul(orders.into()))
	}

	/// Looks at an account; one that cannot be judged is reported and looked at again in every sweep.
	pub(crate) fn look_or_skip(
		eyes: &mut Eyes<T>,
		key: &KeyOf<T>,
		meter: &mut WeightMeter,
	) -> Found {
		let found = match with_storage_layer(|| Self::try_look(eyes, key)) {
			Ok(found) => found,
			Err(error) => {
				Self::look_failed(key, error);
				Found::Nothing
			},
		};
		eyes.charge(meter, Self::look_weight(found, eyes.seen));
		found
	}

	fn look_failed(key: &KeyOf<T>, error: DispatchError) {
		Due::<T>::remove(key);
		if Auctions::<T>::contains_key(key) {
			// Its auction is looked after anyway.
			return Self::visit_failed(key, error);
		}
		let old = Registrations::<T>::get(key).unwrap_or_default();
		if !old.has_failed {
			Self::step_failed(key, error);
		}
		let new = Registration { has_failed: true, ..old.clone() };
		Self::register(key, Standing::Watched, old, new);
	}

	/// Reports a step that failed, and freezes the underlyings of the account if its records are broken.
	pub(crate) fn step_failed(key: &KeyOf<T>, error: DispatchError) {
		log::error!(target: LOG_TARGET, "a step for {key:?} failed: {error:?}");
		Self::deposit_event(Event::StepFailed { account: key.clone(), error });
		if error != DispatchError::Corruption && !T::Corruption::contains(&error) {
			return;
		}
		let account = T::Custody::peek(key);
		let positions = account.iter().flat_map(|account| account.positions.iter());
		let mut last = None;
		// Positions are in the order of their underlyings.
		for underlying in positions.map(|position| position.series.underlying) {
			if last.replace(underlying) != Some(underlying) {
				T::Markets::freeze(underlying);
				Self::deposit_event(Event::UnderlyingFrozen { underlying, error });
			}
		}
	}

	fn try_look(eyes: &mut Eyes<T>, key: &KeyOf<T>) -> Result<Found, DispatchError> {
		eyes.seen = Seen { writes: Self::no_longer_due(key), ..Seen::default() };
		let Some(account) = T::Custody::peek(key) else {
			eyes.seen.wrote(Self::unregister(key));
			return Ok(Found::Nothing);
		};
		if account.frozen {
			eyes.seen.wrote(Self::unregister(key));
			return Self::look_at_frozen(eyes, key, account);
		}
		let safety = T::Custody::safety(&mut eyes.prices, &account)?;
		// At most 21 and 64.
		eyes.seen.underlyings = safety.exposures.len() as u32;
		eyes.seen.orders = account.orders.len() as u32;
		let is_true = eyes.is_true(&safety);
		if is_true && safety.margin.is_liquidatable() {
			eyes.seen.wrote(Self::unregister(key));
			Self::open_auction(eyes, key, account, &safety.margin)?;
			return Ok(Found::InDanger);
		}
		let old = Registrations::<T>::get(key).unwrap_or_default();
		let mut new = Registration { has_failed: false, ..old.clone() };
		// Also of those that are in no tier: what is measured is measured of what is known.
		Self::know(safety.exposures.iter().map(|it| it.underlying));
		if is_true {
			new.called = Self::call_margin(eyes, key, &safety, old.called.is_some());
			new.shadow = Self::judge(&safety, old.shadow);
		}
		let standing = Self::standing(eyes, &safety, &old.places, is_true);
		eyes.seen.wrote(Self::register(key, standing, old, new));
		Ok(Found::Nothing)
	}

	/// Notes that an account is looked at; how many records that writes.
	fn no_longer_due(key: &KeyOf<T>) -> u64 {
		// Most of those that prices bring have not traded: reading is cheaper than removing nothing.
		let was_due = Due::<T>::contains_key(key);
		if was_due {
			Due::<T>::remove(key);
		}
		was_due.into()
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

	/// Where an account that is not in danger, or cannot be judged now, has to be.
	fn standing(eyes: &mut Eyes<T>, safety: &Safety, places: &Places, is_true: bool) -> Standing {
		if !is_true {
			let old = safety.exposures.iter().map(|it| it.underlying);
			return waiting(old.filter(|underlying| eyes.here(*underlying).is_none()));
		}
		if safety.exposures.is_empty() {
			return Standing::Placed(Places::new());
		}
		match surplus(safety.margin.maintenance, &safety.exposures) {
			Some(surplus) => place(surplus, &safety.exposures, &eyes.here, places),
			None => Standing::Watched,
		}
	}

	/// Tells an owner once that margin is short; by how much it is, if it is.
	fn call_margin(
		eyes: &Eyes<T>,
		key: &KeyOf<T>,
		safety: &Safety,
		was_called: bool,
	) -> Option<u128> {
		let Margin { equity, maintenance, .. } = safety.margin;
		let distance = equity.saturating_sub(maintenance).max(0);
		let part = MicroUsd::from(eyes.parameters.house.margin_call.0);
		// A message only: a saturated product calls early.
		let least = distance.saturating_mul(part) / 1_000_000_000;
		if safety.exposures.is_empty() || maintenance >= least {
			return None;
		}
		if !was_called {
			let account = key.clone();
			Self::deposit_event(Event::MarginCalled { account, equity, maintenance });
		}
		Some(least.saturating_sub(maintenance).unsigned_abs())
	}
}

/// What maintenance margin can lose before it is below zero; `None` if rounding alone can bring it there.
fn surplus(maintenance: MicroUsd, exposures: &[Exposure]) -> Option<u128> {
	let slack = exposures.iter().try_fold(0i128, |sum, it| sum.checked_add(it.slack.max(0)))?;
	let surplus = maintenance.checked_sub(slack).filter(|surplus| *surplus > 0)?;
	Some(surplus.unsigned_abs())
}
