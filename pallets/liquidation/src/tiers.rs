// SPDX-License-Identifier: Apache-2.0
//! Where an account is registered, so that it is looked at before its maintenance margin can be below zero.

use crate::{
	grid::{drift_cell, price_cell},
	pallet::*,
	Place, Places, Rank, Registration, Side, Swept,
};
use alloc::collections::BTreeMap;
use ballast_exchange::{Exposure, Markets, Ppb, Price, UnderlyingId};
use ballast_risk::{DRIFT_DELAY_RANGE, DRIFT_SPOT_RANGE};

const BILLION: u128 = 1_000_000_000;

/// Part of the surplus that moves of spot may use up; the rest is for drift. In a crash both run: on 12 March 2020 spot
/// falls by a quarter in an hour, and volatilities travel as far in worth.
const SPOT_PART: (u128, u128) = (1, 2);

/// Where an underlying is on the grids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Here {
	/// Cell of spot.
	pub cell: u64,
	/// The odometer, parts per billion; `None` while nothing can be said of drift.
	pub odometer: Option<u64>,
	/// The part of it that is rises of the delay buffer.
	pub travelled: u64,
	/// Drift that the odometer may not have counted yet, now and when an account comes due.
	pub unseen: u64,
}

impl Here {
	/// The last rank of a side that is due here.
	pub fn limit(&self, side: Side) -> Rank {
		Rank::new(match side {
			Side::Waiting => u64::MAX,
			Side::Falling => falling(self.cell),
			Side::Rising => self.cell,
			Side::Drift => self.odometer.map_or(u64::MAX, drift_cell),
			Side::Delay => drift_cell(self.travelled),
		})
	}
}

/// The highest falling trigger comes due first.
const fn falling(cell: u64) -> u64 {
	u64::MAX - cell
}

/// How far prices can go before maintenance margin can be below zero, parts per billion. `None`: as far as
/// they like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Distance {
	/// Relative move of spot, the same for every underlying.
	pub spot: Option<u128>,
	/// Sum of what the odometers of all underlyings may rise by, each.
	pub drift: Option<u128>,
}

impl Distance {
	/// Shares a surplus in micro-USD between moves of spot and drift.
	pub fn new(surplus: u128, exposures: &[Exposure]) -> Self {
		let sum = |of: fn(&Exposure) -> i128| -> u128 {
			exposures.iter().map(|it| of(it).max(0).unsigned_abs()).fold(0, u128::saturating_add)
		};
		let (spot_fall, drift_fall) = (sum(|it| it.relative_fall), sum(|it| it.drift_fall));
		// A quotient of a saturated product is smaller than the exact one: the look only comes earlier.
		let part = surplus.saturating_mul(SPOT_PART.0) / SPOT_PART.1;
		let (for_spot, for_drift) = if spot_fall > 0 && drift_fall > 0 {
			(part, surplus - part)
		} else {
			(surplus, surplus)
		};
		Self {
			spot: for_spot.saturating_mul(BILLION).checked_div(spot_fall),
			drift: for_drift.saturating_mul(BILLION).checked_div(drift_fall),
		}
	}

	/// Price at and below which the account is due; `None` if no price is that low.
	pub fn low(&self, spot: Price) -> Option<Price> {
		let fall = self.spot.filter(|relative| *relative < BILLION)?;
		let pico = u128::from(spot.pico_usd().max(0).unsigned_abs());
		price(pico - pico * fall / BILLION)
	}

	/// Price at and above which the account is due: what it can lose is bounded within [`DRIFT_SPOT_RANGE`] alone.
	/// `None` if no price is that high.
	pub fn high(&self, spot: Price) -> Option<Price> {
		let pico = u128::from(spot.pico_usd().max(0).unsigned_abs());
		let range = u128::from(DRIFT_SPOT_RANGE.0.unsigned_abs());
		let rise = self.spot.map_or(range, |relative| relative.min(range));
		// 2^63 times 2^29 fits.
		price(pico + pico * rise / BILLION)
	}
}

fn price(pico: u128) -> Option<Price> {
	Price::from_pico_usd(i64::try_from(pico).ok()?).ok()
}

/// Where an account has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
	/// At these triggers; at none if no price decides about it.
	Placed(Places),
	/// In every sweep.
	Watched,
}

/// Places of an account with a surplus over everything that rounding can add, by where its underlyings are.
/// In every sweep if it would be due already.
///
/// A place of `old` that comes due earlier stays if it is not much too early: what stays need not be written.
pub(crate) fn place(
	surplus: u128,
	exposures: &[Exposure],
	here: &BTreeMap<UnderlyingId, Option<Here>>,
	old: &Places,
) -> Standing {
	if cannot_fall(surplus, exposures) {
		return Standing::Placed(Places::new());
	}
	let distance = Distance::new(surplus, exposures);
	let delay_range = DRIFT_DELAY_RANGE.0.unsigned_abs();
	let mut places = Places::new();
	for Exposure { underlying, spot, .. } in exposures {
		let Some(Some(here)) = here.get(underlying) else { return Standing::Watched };
		let Some(odometer) = here.odometer else { return Standing::Watched };
		let drift = distance
			.drift
			// What is not counted yet may be there all the same; nothing left means due at once.
			.map(|drift| drift.saturating_sub(here.unseen.into()))
			.and_then(|drift| odometer.checked_add(u64::try_from(drift).ok()?))
			.map(drift_cell);
		let ranks = [
			(Side::Falling, distance.low(*spot).map(|low| falling(price_cell(low)))),
			(Side::Rising, distance.high(*spot).map(price_cell)),
			(Side::Drift, drift),
			(Side::Delay, here.travelled.checked_add(delay_range).map(drift_cell)),
		];
		for (side, rank) in ranks {
			let Some(rank) = rank.map(Rank::new) else { continue };
			let place = Place { underlying: *underlying, side, rank };
			let place = kept(old, place, here.limit(side)).unwrap_or(place);
			if rank <= here.limit(side) || places.try_push(place).is_err() {
				return Standing::Watched;
			}
		}
	}
	Standing::Placed(places)
}

/// The place of the same kind that an account has already, if that comes due no later than `new` and not before half of the
/// way there.
fn kept(old: &Places, new: Place, limit: Rank) -> Option<Place> {
	// Places that are due have nothing left.
	let left = |rank: Rank| rank.number().saturating_sub(limit.number());
	let is_kept = |place: &&Place| {
		(place.underlying, place.side) == (new.underlying, new.side)
			&& place.rank > limit
			&& place.rank <= new.rank
			&& left(place.rank) >= left(new.rank) / 2
	};
	old.iter().find(is_kept).copied()
}

/// Whether nothing that prices do can use up the surplus.
fn cannot_fall(surplus: u128, exposures: &[Exposure]) -> bool {
	let mut all = exposures.iter().map(|it| it.most_fall);
	let sum = all.try_fold(0u128, |sum, most| sum.checked_add(most?.max(0).unsigned_abs()));
	sum.is_some_and(|sum| sum <= surplus)
}

impl<T: Config> Pallet<T> {
	/// Where an underlying is; `None` while its prices are old or its arrays not all of its latest round.
	///
	/// The odometer counts drift and the rises of the delay buffer.
	pub(crate) fn here(underlying: UnderlyingId) -> Option<Here> {
		if !T::Markets::is_repriced(underlying) {
			return None;
		}
		let spot = T::Markets::spot(underlying)?.fresh(T::Markets::max_price_age_millis()).ok()?;
		let travelled = Measured::<T>::get(underlying).travelled;
		let odometer = T::Markets::drift(underlying).and_then(|it| it.checked_add(travelled));
		let unseen = T::Markets::drift_step().saturating_mul(2);
		Some(Here { cell: price_cell(spot.price), odometer, travelled, unseen })
	}

	/// Moves an account to where it has to be, and notes what else is known of it. Answers how many records it wrote.
	pub(crate) fn register(
		key: &KeyOf<T>,
		standing: Standing,
		old: Registration,
		new: Registration,
	) -> u64 {
		let mut writes = 0u64;
		let (places, watched) = match standing {
			Standing::Placed(places) if Self::know(places.iter().map(|it| it.underlying)) => {
				(places, None)
			},
			_ => (Places::new(), Some(Sweep::<T>::get().number)),
		};
		let new = Registration { places, watched, ..new };
		for left in old.places.iter().filter(|place| !new.places.contains(place)) {
			Tiers::<T>::remove(((left.underlying, left.side), left.rank, key));
			writes = writes.saturating_add(1);
		}
		for joined in new.places.iter().filter(|place| !old.places.contains(place)) {
			Tiers::<T>::insert(((joined.underlying, joined.side), joined.rank, key), ());
			writes = writes.saturating_add(1);
		}
		if old.watched != new.watched {
			writes = writes.saturating_add(2);
			if let Some(number) = old.watched {
				Watched::<T>::remove(Rank::new(number), key);
			}
			if let Some(number) = new.watched {
				Watched::<T>::insert(Rank::new(number), key, ());
			}
		}
		let is_bare = Registration { shadow: None, ..new.clone() } == Registration::default();
		let was_bare = old == Registration::default();
		match (is_bare, old == new) {
			(true, _) if !was_bare => Registrations::<T>::remove(key),
			(false, false) => Registrations::<T>::insert(key, new),
			_ => return writes,
		}
		// The record, and the count of them if there is one more or less.
		writes.saturating_add(if is_bare || was_bare { 2 } else { 1 })
	}

	/// Takes an account out of every tier. Answers how many records it wrote.
	pub(crate) fn unregister(key: &KeyOf<T>) -> u64 {
		let Some(old) = Registrations::<T>::get(key) else { return 0 };
		let nowhere = Standing::Placed(Places::new());
		Self::register(key, nowhere, old, Registration::default())
	}

	/// Puts underlyings on the list of those that are swept; `false` if there is no more room for one.
	pub(crate) fn know(underlyings: impl Iterator<Item = UnderlyingId>) -> bool {
		let known = Known::<T>::get();
		let mut all = known.clone();
		let mut has_room = true;
		for underlying in underlyings {
			if let Err(index) = all.binary_search(&underlying) {
				if all.try_insert(index, underlying).is_err() {
					has_room = false;
					continue;
				}
				// Not swept before the next sweep has seen it.
				SweptRounds::<T>::insert(underlying, Swept::default());
			}
		}
		if all != known {
			Known::<T>::put(all);
		}
		has_room
	}
}

/// Waits for prices of these underlyings.
pub(crate) fn waiting(underlyings: impl Iterator<Item = UnderlyingId>) -> Standing {
	let mut places = Places::new();
	for underlying in underlyings {
		let place = Place { underlying, side: Side::Waiting, rank: Rank::new(0) };
		if places.try_push(place).is_err() {
			return Standing::Watched;
		}
	}
	if places.is_empty() {
		return Standing::Watched;
	}
	Standing::Placed(places)
}

/// By how much a rise of an odometer by `ppb` can lower maintenance margin, rounded up.
pub(crate) fn drift_cost(exposure: &Exposure, ppb: Ppb) -> u128 {
	let fall = exposure.drift_fall.max(0).unsigned_abs();
	let by = u128::from(ppb.0.max(0).unsigned_abs());
	// Judged by a shadow alone: a saturated product says that the account falls.
	fall.saturating_mul(by).div_ceil(BILLION)
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::{vec, vec::Vec};
	use proptest::prelude::*;

	fn exposure(relative_fall: i128, drift_fall: i128) -> Exposure {
		Exposure {
			underlying: 1,
			spot: Price::from_usd(100_000).unwrap(),
			relative_fall,
			drift_fall,
			slack: 0,
			most_fall: None,
		}
	}

	fn here(odometer: Option<u64>) -> BTreeMap<UnderlyingId, Option<Here>> {
		let cell = price_cell(Price::from_usd(100_000).unwrap());
		[(1, Some(Here { cell, odometer, travelled: 7_000_000, unseen: 0 }))].into()
	}

	fn ranks(standing: Standing) -> Vec<(Side, u64)> {
		match standing {
			Standing::Watched => vec![],
			Standing::Placed(places) => {
				places.iter().map(|place| (place.side, place.rank.number())).collect()
			},
		}
	}

	#[test]
	fn surplus_should_be_shared_when_spot_and_drift_can_both_use_it() {
		let distance = Distance::new(1_000, &[exposure(10_000, 5_000)]);
		assert_eq!(distance, Distance { spot: Some(50_000_000), drift: Some(100_000_000) });
		let distance = Distance::new(1_000, &[exposure(10_000, 0)]);
		assert_eq!(distance, Distance { spot: Some(100_000_000), drift: None });
		let distance = Distance::new(1_000, &[exposure(0, 5_000)]);
		assert_eq!(distance, Distance { spot: None, drift: Some(200_000_000) });
	}

	#[test]
	fn account_should_be_watched_when_it_is_due_already() {
		assert_eq!(
			place(1, &[exposure(10_000, 10)], &here(Some(0)), &Places::new()),
			Standing::Watched
		);
		assert_eq!(
			place(1_000, &[exposure(1, 100_000_000)], &here(Some(0)), &Places::new()),
			Standing::Watched
		);
	}

	#[test]
	fn account_should_be_in_no_tier_when_no_price_can_use_up_its_surplus() {
		let bounded = |most| Exposure { most_fall: Some(most), ..exposure(1_000_000, 1_000_000) };
		let nowhere = Standing::Placed(Places::new());
		let place = |surplus, exposures: &[Exposure]| {
			place(surplus, exposures, &here(Some(0)), &Places::new())
		};
		assert_eq!(place(100, &[bounded(100)]), nowhere);
		assert_eq!(place(100, &[bounded(101)]), Standing::Watched);
		assert_eq!(place(100, &[bounded(60), bounded(40)]), nowhere);
		assert_eq!(place(100, &[bounded(60), exposure(1_000_000, 1_000_000)]), Standing::Watched);
	}

	#[test]
	fn places_should_stay_when_they_come_due_somewhat_earlier_than_they_have_to() {
		let limit = Rank::new(100);
		let new = Place { underlying: 1, side: Side::Drift, rank: Rank::new(200) };
		let old = |rank| Places::truncate_from(vec![Place { rank: Rank::new(rank), ..new }]);
		let kept = |rank| kept(&old(rank), new, limit).map(|place| place.rank.number());
		assert_eq!(kept(200), Some(200));
		assert_eq!(kept(150), Some(150));
		assert_eq!(kept(149), None, "much too early");
		assert_eq!(kept(201), None, "too late");
		assert_eq!(kept(100), None, "due");
		let other = Place { side: Side::Delay, ..new };
		assert_eq!(super::kept(&old(150), other, limit), None);
	}

	#[test]
	fn account_should_be_watched_when_nothing_can_be_said() {
		let exposures = [exposure(10_000, 10)];
		assert_eq!(place(1_000, &exposures, &here(None), &Places::new()), Standing::Watched);
		assert_eq!(
			place(1_000, &exposures, &[(1, None)].into(), &Places::new()),
			Standing::Watched
		);
		assert_eq!(place(1_000, &exposures, &BTreeMap::new(), &Places::new()), Standing::Watched);
	}

	#[test]
	fn triggers_should_lie_within_the_range_in_which_the_bounds_hold() {
		let far = ranks(place(1_000_000, &[exposure(1, 1)], &here(Some(0)), &Places::new()));
		let highest = price_cell(Price::from_usd(130_000).unwrap());
		// No fall of spot can hurt, a rise by 30 % has to be looked at, and a rise of the delay move by 1 %.
		let delay = drift_cell(7_000_000 + 10_000_000);
		assert_eq!(far[0], (Side::Rising, highest));
		assert_eq!(far[2], (Side::Delay, delay));
	}

	#[test]
	fn account_should_come_due_earlier_by_the_drift_that_is_not_counted_yet() {
		let exposures = [exposure(0, 1_000_000_000)];
		let due = |unseen| {
			let mut here = here(Some(0));
			if let Some(Some(here)) = here.get_mut(&1) {
				here.unseen = unseen;
			}
			match place(10_000_000, &exposures, &here, &Places::new()) {
				Standing::Placed(places) => {
					let drift = places.into_iter().find(|place| place.side == Side::Drift);
					drift.map(|place| place.rank.number())
				},
				Standing::Watched => None,
			}
		};
		let (now, all) = (due(0).unwrap(), due(4_000_000).unwrap());
		assert_eq!(now - all, 4_000_000 / crate::grid::DRIFT_CELL_PPB);
		assert_eq!(due(10_000_000), None, "it may be due already");
	}

	proptest! {
		#[test]
		fn triggers_should_be_due_before_the_surplus_is_used_up(
			surplus in 1..1_000_000_000_000u128,
			spot_fall in 0..1_000_000_000_000i128,
			drift_fall in 0..1_000_000_000_000i128,
			moved in -999_999_999..300_000_000i64,
			drifted in 0..3_000_000_000u64,
		) {
			let exposures = [exposure(spot_fall, drift_fall)];
			let spot = exposures[0].spot.pico_usd();
			let at = (i128::from(spot) * (1_000_000_000 + i128::from(moved)) / 1_000_000_000) as i64;
			let now = Here {
				cell: price_cell(Price::from_pico_usd(at.max(1)).unwrap()),
				odometer: Some(drifted),
				travelled: 7_000_000,
				unseen: 0,
			};
			let used = spot_fall.unsigned_abs() * u128::from(moved.unsigned_abs())
				+ drift_fall.unsigned_abs() * u128::from(drifted);
			let is_due = match place(surplus, &exposures, &here(Some(0)), &Places::new()) {
				Standing::Watched => true,
				Standing::Placed(places) => {
					places.iter().any(|place| place.rank <= now.limit(place.side))
				},
			};
			prop_assert!(is_due || used <= surplus * 1_000_000_000);
		}
	}
}
