// SPDX-License-Identifier: Apache-2.0
//! Where an account is registered, so that it is looked at before its maintenance margin can be below zero.

use crate::{
	grid::{cell_start, drift_cell, price_cell, DRIFT_CELL_PPB},
	pages::{is_watched, Holdings, List, Listed, PageId, Written},
	pallet::*,
	Class, Pace, Place, Places, Rank, Registration, Side, Swept,
};
use alloc::{collections::BTreeMap, vec::Vec};
use ballast_exchange::{Account, Exposure, Markets, Price, UnderlyingId};
use ballast_risk::{DRIFT_DELAY_RANGE, DRIFT_SPOT_RANGE, DRIFT_WIDE_DELAY_RANGE};

const BILLION: u128 = 1_000_000_000;

/// Cells of drift beyond which a movement is a jump and says nothing of what comes next: 4 %.
const MOST_DRIFT_PACE: u32 = 400;
/// The same of spot: 20 % to 40 %.
const MOST_SPOT_PACE: u32 = 3_200;

/// Drift that an account bears by the wide bound, if that is the one it goes by: 3 %.
const WIDE_DRIFT: u128 = 30_000_000;

/// Where an underlying is on the grids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Here {
	/// Cell of spot.
	pub cell: u64,
	/// The odometer, parts per billion; `None` while nothing can be said of drift.
	pub odometer: Option<u64>,
	/// The part of it that is rises of the delay buffer.
	pub travelled: u64,
	/// Drift that the odometer may not have counted yet, now and when an account comes due.
	pub unseen: u64,
	/// How fast all that moves.
	pub pace: Pace,
}

impl Pace {
	/// From where a search ended last to here.
	fn since(swept: &Swept, cell: u64, odometer: Option<u64>, travelled: u64) -> Self {
		let cells = |to: u64, from: u64| drift_cell(to).saturating_sub(drift_cell(from));
		let Some((now, then)) = odometer.zip(swept.odometer) else {
			return swept.pace.later(0, 0, 0);
		};
		swept.pace.later(
			cell.abs_diff(swept.cell),
			cells(now, then),
			cells(travelled, swept.travelled),
		)
	}

	/// After a movement by so many cells.
	fn later(self, spot: u64, drift: u64, delay: u64) -> Self {
		let of = |before: u32, cells: u64, most: u32| {
			let usual = u32::try_from(cells).ok().filter(|cells| *cells <= most).unwrap_or(0);
			usual.max(before.saturating_mul(3) / 4)
		};
		Self {
			spot: of(self.spot, spot, MOST_SPOT_PACE),
			drift: of(self.drift, drift, MOST_DRIFT_PACE),
			delay: of(self.delay, delay, MOST_DRIFT_PACE),
		}
	}
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

	/// How far a rank is from being due; `None` if it is.
	fn ahead(&self, side: Side, rank: Rank) -> Option<u64> {
		rank.number().checked_sub(self.limit(side).number()).filter(|ahead| *ahead > 0)
	}

	/// Cells within which a movement like the last one makes a side due.
	fn pace(&self, side: Side) -> u64 {
		u64::from(match side {
			Side::Waiting => 0,
			Side::Falling | Side::Rising => self.pace.spot,
			Side::Drift => self.pace.drift,
			Side::Delay => self.pace.delay,
		})
	}
}

/// The highest falling trigger comes due first.
const fn falling(cell: u64) -> u64 {
	u64::MAX - cell
}

/// Where an account has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
	/// At these triggers; at none if no price decides about it.
	Placed(Class, Places),
	/// In every sweep.
	Watched(Class),
}

impl Standing {
	/// Nothing decides about the account.
	pub fn nowhere() -> Self {
		Self::Placed(Class::default(), Places::new())
	}
}

/// The first underlying that an account depends on, and its band there.
pub(crate) type On = (UnderlyingId, u8);

/// What an account holds, as far as that is known.
#[derive(Clone, Copy)]
pub(crate) enum Held<'a> {
	/// It cannot be read, or nobody will ask.
	Unknown,
	/// What it held at its last look.
	AsBefore(&'a Account),
	/// That may have changed since.
	Changed(&'a Account),
}

impl<'a> Held<'a> {
	fn account(self) -> Option<&'a Account> {
		match self {
			Self::Unknown => None,
			Self::AsBefore(account) | Self::Changed(account) => Some(account),
		}
	}
}

/// The place of somebody whom every movement of prices makes due.
pub(crate) fn watched_on(underlying: UnderlyingId) -> Places {
	let place = Place { underlying, side: Side::Waiting, rank: Rank::new(0) };
	// There is room for one.
	Places::truncate_from(alloc::vec![place])
}

/// Where a side comes due; `None`: nowhere.
type Trigger = (Side, Option<Rank>);

/// What an account can lose on an underlying, and where that is.
struct Seen<'a> {
	exposure: &'a Exposure,
	here: Here,
	odometer: u64,
	/// Fall per drift of one, zero or above, and up to which rise of the delay move; `None`: however much.
	drift_fall: u128,
	delay_range: Option<u64>,
}

impl Seen<'_> {
	/// The larger of the falls for both ways of spot, zero or above.
	fn spot_fall(&self) -> u128 {
		positive(self.exposure.when_falling.max(self.exposure.when_rising))
	}

	fn place(&self, old: &Places, side: Side) -> Option<Place> {
		let is = |it: &&Place| (it.underlying, it.side) == (self.exposure.underlying, side);
		old.iter().find(is).copied()
	}

	/// What drift can use up until the place that an account has comes due, rounded up; `None` if there is none that a
	/// movement like the last one leaves alone.
	fn kept_drift(&self, old: &Places) -> Option<u128> {
		if self.drift_fall == 0 {
			return Some(0);
		}
		let rank = self.place(old, Side::Drift)?.rank;
		self.here.ahead(Side::Drift, rank).filter(|it| *it > self.here.pace(Side::Drift))?;
		let end = u128::from(rank.number()).saturating_mul(DRIFT_CELL_PPB.into());
		let drift =
			end.saturating_sub(self.odometer.into()).saturating_add(self.here.unseen.into());
		Some(share_up(self.drift_fall, drift, BILLION))
	}

	/// The same of spot.
	fn kept_spot(&self, old: &Places) -> Option<u128> {
		let far =
			|side, rank| self.here.ahead(side, rank).filter(|ahead| *ahead > self.here.pace(side));
		let spot = pico(self.exposure.spot);
		let rising = self.place(old, Side::Rising)?.rank;
		far(Side::Rising, rising)?;
		let highest = u128::from(cell_start(rising.number()));
		let above = positive(self.exposure.when_rising);
		let risen = share_up(above, highest.saturating_sub(spot), spot.max(1));
		let below = positive(self.exposure.when_falling);
		let fallen = match self.place(old, Side::Falling).map(|place| place.rank) {
			Some(rank) => {
				far(Side::Falling, rank)?;
				// Due in its cell: up to then spot is at the start of the next one or above.
				let lowest = cell_start(falling(rank.number()).saturating_add(1));
				share_up(below, spot.saturating_sub(lowest.into()), spot.max(1))
			},
			None => below,
		};
		Some(risen.max(fallen))
	}
}

/// How a surplus is shared between moves of spot and drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shares {
	spot: u128,
	drift: u128,
	/// The places there are suit: they need not be written.
	keeps_spot: bool,
	keeps_drift: bool,
}

impl Shares {
	/// What has come due is placed anew with what the other leaves over, if that is a quarter at least; otherwise each has
	/// a half. In a crash both run: on 12 March 2020 spot falls by a quarter in an hour, and volatilities travel as far
	/// in worth.
	fn new(surplus: u128, seen: &[Seen], old: &Places) -> Self {
		let each = |spot, drift| Self { spot, drift, keeps_spot: false, keeps_drift: false };
		let sum = |of: &dyn Fn(&Seen) -> Option<u128>| -> Option<u128> {
			seen.iter().try_fold(0, |sum: u128, it| Some(sum.saturating_add(of(it)?)))
		};
		let is_any = |of: fn(&Seen) -> u128| seen.iter().any(|it| of(it) > 0);
		if !is_any(|it| it.spot_fall()) || !is_any(|it| it.drift_fall) {
			return each(surplus, surplus);
		}
		let fits = |used: &u128| *used <= surplus - surplus / 4;
		if let Some(drift) = sum(&|it| it.kept_drift(old)).filter(fits) {
			return Self { keeps_drift: true, ..each(surplus - drift, drift) };
		}
		if let Some(spot) = sum(&|it| it.kept_spot(old)).filter(fits) {
			return Self { keeps_spot: true, ..each(spot, surplus - spot) };
		}
		each(surplus / 2, surplus - surplus / 2)
	}
}

/// Places of an account with a surplus over everything that rounding can add, by where its underlyings are.
/// In every sweep if it would be due already, or is after one more movement like the last.
///
/// A place of `old` that comes due earlier stays if it is not much too early: what stays need not be written. Of an account
/// that holds what it held when it came to its places (`is_same`), those that come due later stay as well as far as what was
/// shown then still holds ([`Seen::joined`]).
pub(crate) fn place(
	surplus: u128,
	exposures: &[Exposure],
	here: &BTreeMap<UnderlyingId, Option<Here>>,
	(old, is_same): (&Places, bool),
	class: Class,
) -> Standing {
	if cannot_fall(surplus, exposures) {
		return Standing::nowhere();
	}
	let Some(seen) = see(surplus, exposures, here) else { return Standing::Watched(Class::Blind) };
	let shares = Shares::new(surplus, &seen, old);
	let sum = |of: fn(&Seen) -> u128| seen.iter().map(of).fold(0, u128::saturating_add);
	// A quotient of a saturated product is smaller than the exact one: the look only comes earlier.
	let drift = shares.drift.saturating_mul(BILLION).checked_div(sum(|it| it.drift_fall));
	let moves = shares.spot.saturating_mul(BILLION).checked_div(sum(|it| it.spot_fall()));
	let goes_on = is_same && shares.keeps_drift && seen.len() == 1;
	let mut places = Places::new();
	for it in &seen {
		let ranks = it.ranks(moves, drift);
		let ranks = if goes_on { it.joined(old, ranks) } else { ranks };
		for (side, rank) in ranks {
			let new = rank.map(|rank| {
				let place = Place { underlying: it.exposure.underlying, side, rank };
				kept(old, place, it.here.limit(side)).unwrap_or(place)
			});
			let is_kept = match side {
				Side::Drift => shares.keeps_drift,
				Side::Falling | Side::Rising => shares.keeps_spot,
				_ => false,
			};
			let place = if is_kept { it.place(old, side) } else { new };
			let Some(place) = place else { continue };
			if it.is_close(&place, is_watched(old)) || places.try_push(place).is_err() {
				return Standing::Watched(class);
			}
		}
	}
	Standing::Placed(class, places)
}

/// What each exposure has to do with; `None` if nothing can be said of one.
fn see<'a>(
	surplus: u128,
	exposures: &'a [Exposure],
	here: &BTreeMap<UnderlyingId, Option<Here>>,
) -> Option<Vec<Seen<'a>>> {
	let wide = |it: &Exposure| positive(it.wide_drift_fall.unwrap_or(it.drift_fall));
	let sum = exposures.iter().map(wide).fold(0, u128::saturating_add);
	let is_wide = surplus.saturating_mul(BILLION / 2) / WIDE_DRIFT >= sum;
	let range = if is_wide { DRIFT_WIDE_DELAY_RANGE } else { DRIFT_DELAY_RANGE };
	let of = |exposure: &'a Exposure| {
		let here = (*here.get(&exposure.underlying)?)?;
		Some(Seen {
			exposure,
			here,
			odometer: here.odometer?,
			drift_fall: if is_wide { wide(exposure) } else { positive(exposure.drift_fall) },
			delay_range: exposure.wide_drift_fall.map(|_| range.0.unsigned_abs()),
		})
	};
	exposures.iter().map(of).collect()
}

impl Seen<'_> {
	/// Triggers, where spot may move either way by what costs as much as `moves` costs the worse way, parts per billion,
	/// and the odometer by `drift`. `None`: as far as they like.
	fn ranks(&self, moves: Option<u128>, drift: Option<u128>) -> [Trigger; 4] {
		let (exposure, here) = (self.exposure, &self.here);
		let most = moves.map(|moves| moves.saturating_mul(self.spot_fall()));
		let relative = |fall: i128| most.and_then(|most| most.checked_div(positive(fall)));
		let drift = drift
			// What is not counted yet may be there all the same; nothing left means due at once.
			.map(|drift| drift.saturating_sub(here.unseen.into()))
			.and_then(|drift| self.odometer.checked_add(u64::try_from(drift).ok()?))
			.map(drift_cell)
			.filter(|_| self.drift_fall > 0);
		let delay = self.delay_range.and_then(|range| here.travelled.checked_add(range));
		let low = low(exposure.spot, relative(exposure.when_falling));
		let high = high(exposure.spot, relative(exposure.when_rising));
		[
			(Side::Falling, low.map(|low| falling(price_cell(low)))),
			(Side::Rising, high.map(price_cell)),
			(Side::Drift, drift),
			(Side::Delay, delay.map(drift_cell)),
		]
		.map(|(side, rank)| (side, rank.map(Rank::new)))
	}

	/// New triggers, and those of `old` that come due later: nobody is in danger where an earlier look or this one says so.
	///
	/// The earlier look said so of all prices between its triggers, however they are reached, while drift and delay are before theirs:
	/// these two stay as they were. Of a single underlying; with several, prices would have to be between one look's
	/// triggers in all of them.
	fn joined(&self, old: &Places, new: [Trigger; 4]) -> [Trigger; 4] {
		let rank = |side| self.place(old, side).map(|place| place.rank);
		let (low, high, delay) = (rank(Side::Falling), rank(Side::Rising), rank(Side::Delay));
		let [(_, new_low), (_, new_high), drift, (_, new_delay)] = new;
		let is_over = delay.is_some_and(|rank| rank <= self.here.limit(Side::Delay));
		let (Some(high), Some(new_high), false) = (high, new_high, is_over) else { return new };
		// Without a trigger below: down to the lowest price. Between the two looks' triggers nobody knows.
		let meet = |high: Rank, low: Option<Rank>| {
			low.is_none_or(|low| high.number() > falling(low.number()))
		};
		if !meet(new_high, low) || !meet(high, new_low) {
			return new;
		}
		let sooner =
			|new: Option<Rank>| new.map_or(delay, |new| Some(delay.unwrap_or(new).min(new)));
		[
			(Side::Falling, new_low.zip(low).map(|(new, old)| new.max(old))),
			(Side::Rising, Some(new_high.max(high))),
			drift,
			(Side::Delay, sooner(new_delay)),
		]
	}

	/// Whether a place is due, or is after one more movement like the last. Whoever is watched stays so until two are
	/// needed.
	fn is_close(&self, place: &Place, is_watched: bool) -> bool {
		let pace = self.here.pace(place.side);
		let close = if is_watched { pace.saturating_mul(2) } else { pace };
		self.here.ahead(place.side, place.rank).is_none_or(|ahead| ahead <= close)
	}
}

/// Price at and below which an account is due that can bear a fall by `relative`; `None` if no price is that low.
fn low(spot: Price, relative: Option<u128>) -> Option<Price> {
	let fall = relative.filter(|relative| *relative < BILLION)?;
	price(pico(spot) - pico(spot) * fall / BILLION)
}

/// Price at and above which an account is due that can bear a rise by `relative`: what it can lose is bounded within
/// [`DRIFT_SPOT_RANGE`] alone. `None` if no price is that high.
fn high(spot: Price, relative: Option<u128>) -> Option<Price> {
	let range = u128::from(DRIFT_SPOT_RANGE.0.unsigned_abs());
	let rise = relative.map_or(range, |relative| relative.min(range));
	// 2^63 times 2^29 fits.
	price(pico(spot) + pico(spot) * rise / BILLION)
}

fn price(pico: u128) -> Option<Price> {
	Price::from_pico_usd(i64::try_from(pico).ok()?).ok()
}

fn pico(price: Price) -> u128 {
	u128::from(price.pico_usd().max(0).unsigned_abs())
}

fn positive(amount: i128) -> u128 {
	amount.max(0).unsigned_abs()
}

/// `amount * numerator / denominator`, rounded up; a saturated product is more than any surplus.
fn share_up(amount: u128, numerator: u128, denominator: u128) -> u128 {
	match amount.checked_mul(numerator) {
		Some(product) => product.div_ceil(denominator.max(1)),
		None => u128::MAX,
	}
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
		let cell = price_cell(spot.price);
		let swept = SweptRounds::<T>::get(underlying).unwrap_or_default();
		let pace = Pace::since(&swept, cell, odometer, travelled);
		Some(Here { cell, odometer, travelled, unseen, pace })
	}

	/// Moves an account to where it has to be, and notes what else is known of it. Answers what it wrote.
	///
	/// `on` is the first underlying that it depends on, and its band; `called` the margin call that stands.
	pub(crate) fn register(
		key: &KeyOf<T>,
		(standing, on, called): (Standing, Option<On>, Option<u128>),
		old: Registration,
		new: Registration,
		held: Held<'_>,
	) -> Written {
		let mut new = Registration { page: old.page, ..new };
		let written = match (old.page, Self::target(standing, on, called.is_some())) {
			(Some(page), Some((list, places))) if page.list.suits(&list) => {
				Self::relist(page, key, |listed| {
					(listed.places, listed.called) = (places, called);
					if let Held::Changed(account) = held {
						listed.holdings = Holdings::of(account);
					}
				})
			},
			(page, target) => {
				let left = page.map_or(Written::default(), |page| Self::delist(page, key));
				let joined = target.map(|(list, places)| {
					let copied = held.account().filter(|_| list != List::BLIND);
					let holdings = copied.and_then(Holdings::of);
					let listed = Listed { key: key.clone(), holdings, places, called };
					let (number, written) = Self::enlist(list, &mut core::iter::once(listed));
					(PageId { list, number }, written)
				});
				new.page = joined.map(|(page, _)| page);
				left.and(joined.map_or(Written::default(), |(_, written)| written))
			},
		};
		let is_bare = new == Registration::default();
		let was_bare = old == Registration::default();
		match (is_bare, old == new) {
			(true, _) if !was_bare => Registrations::<T>::remove(key),
			(false, false) => Registrations::<T>::insert(key, new),
			_ => return written,
		}
		// The record, and the count of them if there is one more or less.
		let records = if is_bare || was_bare { 2 } else { 1 };
		written.and(Written { records, ..Written::default() })
	}

	/// The list and the triggers there of somebody who has to be where `standing` says; `None`: nowhere.
	fn target(standing: Standing, on: Option<On>, is_called: bool) -> Option<(List, Places)> {
		let blind = (List::BLIND, Places::new());
		let (class, places, on) = match (standing, on) {
			(Standing::Placed(_, places), _) if places.is_empty() && !is_called => return None,
			(Standing::Placed(class, places), on) => {
				let first = places.first().map(|place| (place.underlying, 0));
				(class, places, on.or(first))
			},
			(Standing::Watched(class), Some(on)) if class != Class::Blind => {
				(class, watched_on(on.0), Some(on))
			},
			(Standing::Watched(_), _) => return Some(blind),
		};
		let is_known = Self::know(places.iter().map(|it| it.underlying));
		Some(match on {
			Some((underlying, band)) if is_known => (List { class, underlying, band }, places),
			_ => blind,
		})
	}

	/// Takes an account out of every tier. Answers what it wrote.
	pub(crate) fn unregister(key: &KeyOf<T>) -> Written {
		let Some(old) = Registrations::<T>::get(key) else { return Written::default() };
		let nowhere = (Standing::nowhere(), None, None);
		Self::register(key, nowhere, old, Registration::default(), Held::Unknown)
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
pub(crate) fn waiting(underlyings: impl Iterator<Item = UnderlyingId>, class: Class) -> Standing {
	let mut places = Places::new();
	for underlying in underlyings {
		let place = Place { underlying, side: Side::Waiting, rank: Rank::new(0) };
		if places.try_push(place).is_err() {
			return Standing::Watched(Class::Blind);
		}
	}
	if places.is_empty() {
		return Standing::Watched(Class::Blind);
	}
	Standing::Placed(class, places)
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::{vec, vec::Vec};
	use proptest::prelude::*;

	fn usd(dollars: i64) -> Price {
		Price::from_usd(dollars).unwrap()
	}

	fn exposure(spot_fall: i128, drift_fall: i128) -> Exposure {
		Exposure {
			underlying: 1,
			spot: usd(100_000),
			when_falling: spot_fall,
			when_rising: spot_fall,
			drift_fall,
			wide_drift_fall: Some(drift_fall * 2),
			slack: 0,
			most_fall: None,
		}
	}

	fn at(odometer: Option<u64>) -> Here {
		let cell = price_cell(usd(100_000));
		Here { cell, odometer, travelled: 7_000_000, ..Here::default() }
	}

	fn on(here: Here) -> BTreeMap<UnderlyingId, Option<Here>> {
		[(1, Some(here))].into()
	}

	/// Of a new account.
	fn standing(surplus: u128, exposures: &[Exposure], here: Here) -> Standing {
		place(surplus, exposures, &on(here), (&Places::new(), false), Class::Far)
	}

	fn ranks(standing: &Standing) -> Vec<(Side, u64)> {
		match standing {
			Standing::Watched(_) => vec![],
			Standing::Placed(_, places) => {
				places.iter().map(|place| (place.side, place.rank.number())).collect()
			},
		}
	}

	fn rank(standing: &Standing, side: Side) -> Option<u64> {
		ranks(standing).into_iter().find(|(it, _)| *it == side).map(|(_, rank)| rank)
	}

	fn placed(standing: Standing) -> Places {
		match standing {
			Standing::Placed(_, places) => places,
			Standing::Watched(_) => watched_on(1),
		}
	}

	const WATCHED: Standing = Standing::Watched(Class::Far);

	#[test]
	fn surplus_should_be_shared_when_spot_and_drift_can_both_use_it() {
		let of = |surplus, exposure| standing(surplus, &[exposure], at(Some(0)));
		// Half of it each.
		let both = of(1_000, exposure(10_000, 5_000));
		assert_eq!(rank(&both, Side::Falling), Some(falling(price_cell(usd(95_000)))));
		assert_eq!(rank(&both, Side::Rising), Some(price_cell(usd(105_000))));
		assert_eq!(rank(&both, Side::Drift), Some(drift_cell(50_000_000)));
		let spot = of(1_000, exposure(10_000, 0));
		assert_eq!(rank(&spot, Side::Falling), Some(falling(price_cell(usd(90_000)))));
		assert_eq!(rank(&spot, Side::Drift), None);
		let drift = of(1_000, exposure(0, 5_000));
		assert_eq!(rank(&drift, Side::Drift), Some(drift_cell(100_000_000)));
		assert_eq!(rank(&drift, Side::Falling), None);
	}

	#[test]
	fn each_way_of_spot_should_have_its_own_distance_when_they_cost_differently() {
		let oblique = Exposure { when_rising: 2_000, ..exposure(10_000, 0) };
		let there = standing(1_000, &[oblique], at(Some(0)));
		assert_eq!(rank(&there, Side::Falling), Some(falling(price_cell(usd(90_000)))));
		assert_eq!(rank(&there, Side::Rising), Some(price_cell(usd(130_000))));
	}

	#[test]
	fn account_should_be_watched_when_it_is_due_already() {
		assert_eq!(standing(1, &[exposure(10_000, 10)], at(Some(0))), WATCHED);
		assert_eq!(standing(1_000, &[exposure(1, 100_000_000)], at(Some(0))), WATCHED);
	}

	#[test]
	fn account_should_be_watched_when_one_more_movement_makes_it_due() {
		let fast = |cells| Here { pace: Pace { spot: cells, ..Pace::default() }, ..at(Some(0)) };
		let exposures = [Exposure { when_rising: 0, ..exposure(10_000, 0) }];
		let cells = price_cell(usd(100_000)) - price_cell(usd(90_000));
		let pace = u32::try_from(cells).unwrap();
		assert_eq!(standing(1_000, &exposures, fast(pace)), WATCHED);
		assert_ne!(standing(1_000, &exposures, fast(pace - 1)), WATCHED);
		// Whoever is watched stays so until two are needed.
		let watched = watched_on(1);
		let again = |pace| place(1_000, &exposures, &on(fast(pace)), (&watched, false), Class::Far);
		assert_eq!(again(pace / 2 + 1), WATCHED);
		assert_ne!(again(pace / 2 - 1), WATCHED);
	}

	#[test]
	fn account_should_be_in_no_tier_when_no_price_can_use_up_its_surplus() {
		let bounded = |most| Exposure { most_fall: Some(most), ..exposure(1_000_000, 1_000_000) };
		let place = |surplus, exposures: &[Exposure]| standing(surplus, exposures, at(Some(0)));
		assert_eq!(place(100, &[bounded(100)]), Standing::nowhere());
		assert_eq!(place(100, &[bounded(101)]), WATCHED);
		assert_eq!(place(100, &[bounded(60), bounded(40)]), Standing::nowhere());
		assert_eq!(place(100, &[bounded(60), exposure(1_000_000, 1_000_000)]), WATCHED);
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
	fn what_has_come_due_should_move_alone_when_the_other_leaves_enough() {
		let exposures = [exposure(10_000, 5_000)];
		let old = placed(standing(1_000, &exposures, at(Some(0))));
		let before = Standing::Placed(Class::Far, old.clone());
		// Spot has fallen by 5 % and cost 300: drift keeps 500 of 700, spot gets the rest.
		let fallen = Exposure { spot: usd(95_000), ..exposures[0] };
		let here = Here { cell: price_cell(usd(95_000)), ..at(Some(0)) };
		let after = place(700, &[fallen], &on(here), (&old, false), Class::Far);
		assert_eq!(rank(&after, Side::Drift), rank(&before, Side::Drift));
		assert_eq!(rank(&after, Side::Falling), Some(falling(price_cell(usd(93_100)))));
		// Drift has come due: spot keeps what it needs.
		let after = place(900, &exposures, &on(at(Some(50_000_000))), (&old, false), Class::Far);
		assert_eq!(rank(&after, Side::Falling), rank(&before, Side::Falling));
		assert!(rank(&after, Side::Drift) > rank(&before, Side::Drift));
	}

	#[test]
	fn trigger_on_the_other_side_should_stay_when_what_was_shown_still_holds() {
		let exposures = [exposure(10_000, 5_000)];
		let old = placed(standing(1_000, &exposures, at(Some(0))));
		let before = Standing::Placed(Class::Far, old.clone());
		let look = |percent: i64, is_same| {
			let spot = usd(1_000 * percent);
			let fallen = Exposure { spot, ..exposures[0] };
			let here = Here { cell: price_cell(spot), ..at(Some(0)) };
			place(700, &[fallen], &on(here), (&old, is_same), Class::Far)
		};
		let rising = |standing: &Standing| rank(standing, Side::Rising);
		assert_eq!(rising(&look(95, true)), rising(&before));
		assert!(rising(&look(95, false)) < rising(&before), "it may hold something else");
		assert_eq!(rank(&look(95, true), Side::Falling), rank(&look(95, false), Side::Falling));
		// From 92 % on it bears a rise by 2 %, not to where the first look's bounds begin.
		assert_eq!(look(92, true), look(92, false));
	}

	#[test]
	fn account_should_be_watched_when_nothing_can_be_said() {
		let blind = Standing::Watched(Class::Blind);
		let exposures = [exposure(10_000, 10)];
		assert_eq!(standing(1_000, &exposures, at(None)), blind);
		let old = Places::new();
		assert_eq!(place(1_000, &exposures, &[(1, None)].into(), (&old, false), Class::Far), blind);
		assert_eq!(place(1_000, &exposures, &BTreeMap::new(), (&old, false), Class::Far), blind);
	}

	#[test]
	fn triggers_should_lie_within_the_range_in_which_the_bounds_hold() {
		let far = standing(1_000_000, &[exposure(1, 1)], at(Some(0)));
		let highest = price_cell(usd(130_000));
		// No fall of spot can hurt, a rise by 30 % has to be looked at, and a rise of the delay move by 4 %.
		assert_eq!(rank(&far, Side::Falling), None);
		assert_eq!(rank(&far, Side::Rising), Some(highest));
		assert_eq!(rank(&far, Side::Delay), Some(drift_cell(7_000_000 + 40_000_000)));
		// Within 3 % of drift the narrow bound decides.
		let near = standing(1_000, &[exposure(1, 10_000)], at(Some(0)));
		assert_eq!(rank(&near, Side::Delay), Some(drift_cell(7_000_000 + 10_000_000)));
		let counts_none = Exposure { wide_drift_fall: None, ..exposure(1, 1) };
		assert_eq!(rank(&standing(1_000, &[counts_none], at(Some(0))), Side::Delay), None);
	}

	#[test]
	fn account_should_come_due_earlier_by_the_drift_that_is_not_counted_yet() {
		let exposures = [exposure(0, 1_000_000_000)];
		let due = |unseen| {
			rank(&standing(10_000_000, &exposures, Here { unseen, ..at(Some(0)) }), Side::Drift)
		};
		let (now, all) = (due(0).unwrap(), due(4_000_000).unwrap());
		assert_eq!(now - all, 4_000_000 / crate::grid::DRIFT_CELL_PPB);
		assert_eq!(due(10_000_000), None, "it may be due already");
	}

	#[test]
	fn pace_should_be_the_last_movement_or_fade() {
		let pace = Pace { spot: 20, drift: 0, delay: 4 }.later(3, 5, 1_000);
		assert_eq!(pace, Pace { spot: 15, drift: 5, delay: 3 }, "a jump is no pace");
		assert_eq!(pace.later(16, 0, 0), Pace { spot: 16, drift: 3, delay: 2 });
	}

	/// What a movement has used of a surplus, billionths: the worse way of spot, and drift.
	fn used(exposure: &Exposure, moved: i64, drifted: u64) -> u128 {
		let of_spot = if moved < 0 { exposure.when_falling } else { exposure.when_rising };
		positive(of_spot) * u128::from(moved.unsigned_abs())
			+ positive(exposure.drift_fall) * u128::from(drifted)
	}

	fn here_after(moved: i64, drifted: u64) -> Here {
		let spot = i128::from(usd(100_000).pico_usd());
		let at = (spot * (1_000_000_000 + i128::from(moved)) / 1_000_000_000) as i64;
		let cell = price_cell(Price::from_pico_usd(at.max(1)).unwrap());
		Here { cell, odometer: Some(drifted), travelled: 7_000_000, ..Here::default() }
	}

	fn is_due(standing: &Standing, now: &Here) -> bool {
		match standing {
			Standing::Watched(_) => true,
			Standing::Placed(_, places) => {
				places.iter().any(|place| place.rank <= now.limit(place.side))
			},
		}
	}

	proptest! {
		#[test]
		fn triggers_should_be_due_before_the_surplus_is_used_up(
			surplus in 1..1_000_000_000_000u128,
			falls in (0..1_000_000_000_000i128, 0..1_000_000_000_000i128, 0..1_000_000_000_000i128),
			moved in -999_999_999..300_000_000i64,
			drifted in 0..3_000_000_000u64,
		) {
			let (when_falling, when_rising, drift_fall) = falls;
			let exposures =
				[Exposure { when_falling, when_rising, ..exposure(0, drift_fall) }];
			let now = here_after(moved, drifted);
			let standing = standing(surplus, &exposures, at(Some(0)));
			let used = used(&exposures[0], moved, drifted);
			prop_assert!(is_due(&standing, &now) || used <= surplus * 1_000_000_000);
		}

		/// Whatever places an account has from before, at whatever movement between.
		#[test]
		fn kept_triggers_should_be_due_before_the_surplus_is_used_up(
			surplus in (1..1_000_000_000u128, 1..1_000_000_000u128),
			falls in (0..10_000_000_000i128, 0..10_000_000_000i128, 0..10_000_000_000i128),
			first in (-200_000_000..200_000_000i64, 0..200_000_000u64),
			then in (-300_000_000..250_000_000i64, 0..400_000_000u64),
		) {
			let (when_falling, when_rising, drift_fall) = falls;
			let before = Exposure { when_falling, when_rising, ..exposure(0, drift_fall) };
			let old = placed(standing(surplus.0, &[before], at(Some(0))));
			// Looked at again after the first movement, with the places from before.
			let between = here_after(first.0, first.1);
			let spot = i128::from(before.spot.pico_usd());
			let moved = |ppb: i64| (spot * (1_000_000_000 + i128::from(ppb)) / 1_000_000_000) as i64;
			let exposure = Exposure { spot: Price::from_pico_usd(moved(first.0)).unwrap(), ..before };
			let second = place(surplus.1, &[exposure], &on(between), (&old, false), Class::Far);
			// By how much spot has moved since, against what it was then, rounded towards nothing.
			let (from, to) = (moved(first.0), moved(first.0) / 1_000_000_000 * (1_000_000_000 + then.0));
			let since = (i128::from(to - from) * 1_000_000_000 / i128::from(from)) as i64;
			let drifted = first.1 + then.1;
			let cell = price_cell(Price::from_pico_usd(to.max(1)).unwrap());
			let now = Here { cell, odometer: Some(drifted), ..between };
			let used = used(&exposure, since, then.1);
			prop_assume!(since <= 300_000_000);
			prop_assert!(is_due(&second, &now) || used <= surplus.1 * 1_000_000_000, "{second:?}");
		}

		/// Of an account whose margin goes up and down with spot, no more steeply than its bounds say; looks at arbitrary places.
		#[test]
		fn joined_triggers_should_be_due_before_margin_is_used_up(
			start in 1_000_000..100_000_000i128,
			steps in prop::collection::vec(-SLOPE / 100..SLOPE / 100, 60),
			drift in 0..1_000_000_000i128,
			looks in prop::collection::vec((-250_000_000..250_000_000i64, 0..20_000_000u64), 2..8),
		) {
			// Margin where spot has moved by `moved` of the first price, all in all, and so much has drifted.
			let margin = |moved: i64, drifted: u64| start + margin_at(&steps, moved) - share(drift, drifted.into());
			let mut places = Places::new();
			let mut drifted = 0;
			for (moved, more) in looks {
				drifted += more;
				let now = here_after(moved, drifted);
				let due = places.is_empty() || places.iter().any(|it| it.rank <= now.limit(it.side));
				let left = margin(moved, drifted);
				// The rounding of each look.
				prop_assert!(due || left >= -10, "{left} at {moved} and {drifted}: {places:?}");
				let Some(surplus) = u128::try_from(left).ok().filter(|left| *left > 0) else { return Ok(()) };
				let spot = i128::from(usd(100_000).pico_usd());
				let spot = Price::from_pico_usd((spot + share(spot, moved.into())) as i64).unwrap();
				// Relative to the price now.
				let slope = SLOPE + share(SLOPE, moved.into()) + 1;
				let bounds = Exposure { spot, ..exposure(slope, drift + 1) };
				match place(surplus, &[bounds], &on(now), (&places, true), Class::Far) {
					Standing::Placed(_, next) => places = next,
					Standing::Watched(_) => return Ok(()),
				}
			}
		}
	}

	/// The steepest that margin is, per relative move of the first price.
	const SLOPE: i128 = 1_000_000_000;

	fn share(whole: i128, ppb: i128) -> i128 {
		whole * ppb / 1_000_000_000
	}

	/// By how much margin is above that at the first price where spot has moved by `moved`, if it changes by `steps` from percent to
	/// percent, the first of them from -30 % on.
	fn margin_at(steps: &[i128], moved: i64) -> i128 {
		const PERCENT: i128 = 10_000_000;
		let at = i128::from(moved) + 30 * PERCENT;
		let (whole, part) = ((at / PERCENT) as usize, at % PERCENT);
		let above_first = |whole: usize| steps[..whole].iter().sum::<i128>();
		above_first(whole) + steps[whole] * part / PERCENT - above_first(30)
	}
}
