// SPDX-License-Identifier: Apache-2.0
//! Auto-deleveraging: closes positions that nobody takes over against their other side, in bounded chunks.

use crate::{
	auction::{target, OnSale},
	deleveraging::{allot, Opposite},
	look::Eyes,
	pallet::*,
	weights::WeightInfo,
	Candidate, Plan, Stage, MAX_CANDIDATES,
};
use alloc::vec::Vec;
use ballast_exchange::{
	Account, Clearing, Custody, Lots, Markets, MicroUsd, Price, SeriesId, MAX_POSITIONS,
};
use ballast_risk::Margin;
use frame_support::{
	ensure,
	pallet_prelude::*,
	storage::{with_storage_layer, with_transaction},
	weights::WeightMeter,
};
use sp_runtime::TransactionOutcome;

/// Holders that one step visits.
pub(crate) const HOLDERS_PER_STEP: u32 = 8;
/// Holders that one step closes against.
pub(crate) const CLOSES_PER_STEP: usize = 4;
/// How often fewer lots are tried with a holder whose requirement would rise.
pub(crate) const HALVINGS: u32 = 4;
/// After an attempt that closed nothing, how long until the next, milliseconds: holders have to change first.
const REST_MILLIS: u64 = 60_000;
/// Reliefs are kept in millionths of a micro-USD per lot, as a lot can be a millionth of a contract.
const RELIEF_SCALE: u128 = 1_000_000;

/// What an account has to hold above maintenance margin of nothing, and of initial margin.
fn requirements(margin: &Margin) -> (MicroUsd, MicroUsd) {
	let of = |kept: MicroUsd| margin.equity.saturating_sub(kept);
	(of(margin.maintenance), of(margin.initial))
}

fn is_raised(before: &Margin, after: &Margin) -> bool {
	let (before, after) = (requirements(before), requirements(after));
	after.0 > before.0 || after.1 > before.1
}

impl<T: Config> Pallet<T> {
	/// The most that trying to close against one holder can weigh.
	pub(crate) fn most_close() -> Weight {
		T::WeightInfo::deleverage()
			.saturating_add(T::Custody::transfer_weight().saturating_mul(HALVINGS.into()))
			// The holder's prices and the account's.
			.saturating_add(T::Custody::safety_weight(MAX_POSITIONS).saturating_mul(2))
	}

	/// Closes positions of an insolvent account if the auction has run out or there is nothing to pay bidders with.
	pub(crate) fn deleverage_if_due(
		eyes: &mut Eyes<T>,
		mut sale: OnSale<T>,
		meter: &mut WeightMeter,
	) -> DispatchResult {
		let has_run_out =
			sale.auction.insolvent_millis >= u64::from(eyes.parameters.auction.insolvent_millis);
		let is_due = has_run_out || T::Custody::insurance() == 0;
		if !is_due || eyes.now < sale.auction.rests_until {
			return Ok(());
		}
		sale.auction.stage = Stage::Deleveraging;
		Auctions::<T>::insert(&sale.key, sale.auction);
		let held = |plan: &Plan<_>| sale.account.position(&plan.series) != 0;
		let kept = Plans::<T>::get(&sale.key);
		let closed = kept.as_ref().map_or(0, |plan| plan.closed);
		let done = kept.as_ref().map(|plan| plan.series);
		let Some(plan) = kept.filter(held).or_else(|| Self::next_plan(&sale.account, done, closed))
		else {
			Self::begin_again(eyes, &sale, closed);
			return Ok(());
		};
		if plan.is_gathered {
			Self::close(eyes, sale, plan, meter)
		} else {
			Self::gather(eyes, &sale, plan, meter)
		}
	}

	/// Every series was tried: from the first one again, now if that closed anything, else later.
	fn begin_again(eyes: &Eyes<T>, sale: &OnSale<T>, closed: Lots) {
		Plans::<T>::remove(&sale.key);
		if closed == 0 {
			let rests_until = eyes.now.saturating_add(REST_MILLIS);
			Auctions::<T>::insert(&sale.key, crate::Auction { rests_until, ..sale.auction });
		}
	}

	/// The series after `done`: shorts first, as they are what an account owes by.
	fn next_plan(
		account: &Account,
		done: Option<SeriesId>,
		closed: Lots,
	) -> Option<Plan<T::AccountId>> {
		let order = |series: &SeriesId| (account.position(series) > 0, *series);
		// A series that was closed to the last lot was short if the one after it is to be a short.
		let after = |series: &SeriesId| match &done {
			None => true,
			Some(done) if account.position(done) != 0 => order(series) > order(done),
			Some(done) => account.position(series) > 0 || series > done,
		};
		let held = account.positions.iter().map(|position| position.series);
		let series = held.filter(after).min_by_key(order)?;
		Some(Plan {
			series,
			after: None,
			is_gathered: false,
			candidates: BoundedVec::new(),
			closed,
		})
	}

	/// Visits some holders of the expiry and keeps those whom closing helps most.
	fn gather(
		eyes: &mut Eyes<T>,
		sale: &OnSale<T>,
		mut plan: Plan<T::AccountId>,
		meter: &mut WeightMeter,
	) -> DispatchResult {
		let expiry = plan.series.expiry_id();
		let price = mark::<T>(&plan.series)?;
		let keys = T::Custody::holders(expiry, plan.after.as_ref(), HOLDERS_PER_STEP);
		// At most eight.
		plan.is_gathered = (keys.len() as u32) < HOLDERS_PER_STEP;
		for key in keys {
			if !meter.can_consume(Self::most_close()) {
				plan.is_gathered = false;
				break;
			}
			if let Some(candidate) = Self::candidate(eyes, sale, &plan.series, price, &key) {
				keep(&mut plan, candidate);
			}
			plan.after = Some(key);
			let weight = T::Custody::transfer_weight().saturating_mul(HALVINGS.into());
			eyes.charge(meter, T::WeightInfo::deleverage().saturating_add(weight));
		}
		Plans::<T>::insert(&sale.key, plan);
		Ok(())
	}

	/// A holder on the other side, with what closing would do for it; `None` for anyone else, and for whom it
	/// raises the requirement.
	fn candidate(
		eyes: &mut Eyes<T>,
		sale: &OnSale<T>,
		series: &SeriesId,
		price: Price,
		key: &KeyOf<T>,
	) -> Option<Candidate<T::AccountId>> {
		let held = if *key == sale.key { 0 } else { T::Custody::peek(key)?.position(series) };
		let mut lots = closable(sale.account.position(series), held)?;
		// A holder that is partly hedged gains by closing some and nothing by closing all.
		let mut neutral = None;
		for _ in 0..HALVINGS {
			let tried = with_transaction(|| {
				TransactionOutcome::Rollback(Self::try_close(eyes, sale, series, price, key, lots))
			});
			if let Ok((_, relief)) = tried {
				// Whom it neither helps nor harms comes behind everybody whom it helps.
				let candidate = Candidate { key: key.clone(), lots, relief: relief.max(1) };
				if relief > 0 {
					return Some(candidate);
				}
				neutral = neutral.or(Some(candidate));
			}
			if lots < 2 {
				break;
			}
			lots /= 2;
		}
		neutral
	}

	/// Closes against the candidates pro rata, some in each step, and no more than the account needs.
	fn close(
		eyes: &mut Eyes<T>,
		mut sale: OnSale<T>,
		mut plan: Plan<T::AccountId>,
		meter: &mut WeightMeter,
	) -> DispatchResult {
		let price = mark::<T>(&plan.series)?;
		let need = Self::lots_needed(eyes, &sale, &plan.series, price)?;
		let opposite: Vec<Opposite> = plan
			.candidates
			.iter()
			.map(|it| Opposite { lots: it.lots, relief: it.relief })
			.collect();
		let (mut closes, mut visited) = (0, 0);
		for (candidate, lots) in plan.candidates.iter().zip(allot(need, &opposite)) {
			if closes == CLOSES_PER_STEP || !meter.can_consume(Self::most_close()) {
				break;
			}
			visited += 1;
			if lots == 0 {
				continue;
			}
			closes += 1;
			let done = Self::close_against(eyes, &mut sale, &plan.series, price, candidate, lots)?;
			// Lots of one account: far from the end of the type, and only compared with zero.
			plan.closed = plan.closed.saturating_add(done);
			let weight = T::Custody::transfer_weight().saturating_mul(HALVINGS.into());
			eyes.charge(meter, T::WeightInfo::deleverage().saturating_add(weight));
		}
		plan.candidates.drain(..visited);
		Self::after_closing(eyes, sale, plan)
	}

	/// Ends the auction or goes on with the next step.
	fn after_closing(
		eyes: &mut Eyes<T>,
		sale: OnSale<T>,
		plan: Plan<T::AccountId>,
	) -> DispatchResult {
		let key = sale.key.clone();
		let Some(sale) = Self::conclude_sale(eyes, sale)? else { return Ok(()) };
		let is_through = plan.candidates.is_empty();
		match Self::next_plan(&sale.account, Some(plan.series), plan.closed).filter(|_| is_through)
		{
			Some(next) => Plans::<T>::insert(&key, next),
			None if is_through => Self::begin_again(eyes, &sale, plan.closed),
			None => Plans::<T>::insert(&key, plan),
		}
		Ok(())
	}

	/// Closes as many lots as do not raise the holder's requirement; how many those were.
	fn close_against(
		eyes: &mut Eyes<T>,
		sale: &mut OnSale<T>,
		series: &SeriesId,
		price: Price,
		candidate: &Candidate<T::AccountId>,
		lots: Lots,
	) -> Result<Lots, DispatchError> {
		let holder = &candidate.key;
		let held = T::Custody::peek(holder).map_or(0, |account| account.position(series));
		let Some(most) = closable(sale.account.position(series), held) else { return Ok(0) };
		let mut lots = lots.min(most);
		for _ in 0..HALVINGS {
			if lots == 0 {
				break;
			}
			let done =
				with_storage_layer(|| Self::try_close(eyes, sale, series, price, holder, lots));
			if let Ok((account, relief)) = done {
				let bought = if sale.account.position(series) < 0 { lots } else { -lots };
				sale.account = account;
				sale.margin = T::Custody::margin(&mut eyes.prices, &sale.account)?;
				Self::deposit_event(Event::Deleveraged {
					account: sale.key.clone(),
					holder: holder.clone(),
					series: *series,
					lots: bought,
					price,
					relief,
				});
				return Ok(lots);
			}
			lots /= 2;
		}
		Ok(0)
	}

	/// Closes lots against one holder and stores both; the account afterwards and the holder's relief per lot.
	fn try_close(
		eyes: &mut Eyes<T>,
		sale: &OnSale<T>,
		series: &SeriesId,
		price: Price,
		holder_key: &KeyOf<T>,
		lots: Lots,
	) -> Result<(Account, u128), DispatchError> {
		let mut account = sale.account.clone();
		// A frozen holder is being liquidated itself: it is left to its own auction.
		let mut holder = T::Custody::load(holder_key)?;
		let before = T::Custody::margin(&mut eyes.prices, &holder)?;
		let (own, other) = ((&sale.key, &mut account), (holder_key, &mut holder));
		if own.1.position(series) < 0 {
			T::Custody::transfer(series, lots, price, other, own)?;
		} else {
			T::Custody::transfer(series, lots, price, own, other)?;
		}
		let after = T::Custody::margin(&mut eyes.prices, &holder)?;
		ensure!(!is_raised(&before, &after), Error::<T>::SliceDoesNotHelp);
		let fall = requirements(&before).0.saturating_sub(requirements(&after).0).max(0);
		let per_lot = fall.unsigned_abs().saturating_mul(RELIEF_SCALE);
		let relief = per_lot / u128::from(lots.unsigned_abs().max(1));
		T::Custody::store(holder_key, holder)?;
		T::Custody::store(&sale.key, account.clone())?;
		Due::<T>::remove(&sale.key);
		Ok((account, relief))
	}

	/// Lots of a series that have to be closed for the account to reach its target: all if that is not enough.
	fn lots_needed(
		eyes: &mut Eyes<T>,
		sale: &OnSale<T>,
		series: &SeriesId,
		price: Price,
	) -> Result<Lots, DispatchError> {
		let held = sale.account.position(series);
		let all = i128::from(held.unsigned_abs());
		let now = sale.target(eyes)?;
		let mut with = |lots: i128| -> Result<MicroUsd, DispatchError> {
			let closed = closed::<T>(&sale.account, series, lots, price)?;
			let margin = T::Custody::margin(&mut eyes.prices, &closed)?;
			Ok(target(eyes, &margin)?)
		};
		let most = with(all)?;
		if most <= 0 || now >= 0 {
			return Ok(Lots::try_from(all).unwrap_or(Lots::MAX));
		}
		// In proportion first; if that falls short, as requirements are no straight lines, everything.
		let part = all.saturating_mul(now.saturating_neg()) / most.saturating_sub(now).max(1);
		let part = part.saturating_add(1).min(all);
		let lots = if with(part)? >= 0 { part } else { all };
		Ok(Lots::try_from(lots).unwrap_or(Lots::MAX))
	}
}

/// Lots that two positions can close against each other; `None` if they are on one side.
fn closable(own: Lots, other: Lots) -> Option<Lots> {
	let opposite = (own > 0 && other < 0) || (own < 0 && other > 0);
	let lots = own.unsigned_abs().min(other.unsigned_abs());
	Lots::try_from(lots).ok().filter(|_| opposite)
}

/// Keeps a candidate if there is room or it has more relief than one that is kept.
fn keep<AccountId>(plan: &mut Plan<AccountId>, candidate: Candidate<AccountId>) {
	if plan.candidates.len() < MAX_CANDIDATES as usize {
		// There is room.
		let _ = plan.candidates.try_push(candidate);
		return;
	}
	if let Some(least) = plan.candidates.iter_mut().min_by_key(|it| it.relief) {
		if least.relief < candidate.relief {
			*least = candidate;
		}
	}
}

/// The mark of a series per contract, fresh.
fn mark<T: Config>(series: &SeriesId) -> Result<Price, Error<T>> {
	let priced = T::Markets::priced(series.underlying, series.expiry);
	let most = T::Markets::max_price_age_millis();
	let priced = priced.and_then(|it| it.fresh(most).ok()).ok_or(Error::<T>::PricesStale)?;
	let mark = priced.mark_of(series);
	mark.ok_or(Error::<T>::PricesStale)
}

/// An account as it would be with lots of a series closed at a price. Nothing is moved.
fn closed<T: Config>(
	account: &Account,
	series: &SeriesId,
	lots: i128,
	price: Price,
) -> Result<Account, DispatchError> {
	let terms = T::Markets::terms(series.underlying).ok_or(Error::<T>::CorruptRecords)?;
	let mut account = account.clone();
	let place = account.positions.iter().position(|it| it.series == *series);
	let place = place.ok_or(Error::<T>::CorruptRecords)?;
	let held = account.positions.get_mut(place).ok_or(Error::<T>::CorruptRecords)?;
	let change = if held.lots < 0 { lots } else { -lots };
	let change = Lots::try_from(change).map_err(|_| Error::<T>::AmountTooLarge)?;
	held.lots = held.lots.checked_add(change).ok_or(Error::<T>::AmountTooLarge)?;
	if held.lots == 0 {
		account.positions.remove(place);
	}
	let per_micro = i128::from(terms.lots_per_contract).saturating_mul(1_000_000);
	let paid = i128::from(change).checked_mul(price.pico_usd().into());
	let paid = paid.and_then(|paid| (-paid).checked_div_euclid(per_micro));
	let cash = paid.and_then(|paid| account.cash.checked_add(paid));
	account.cash = cash.ok_or(Error::<T>::AmountTooLarge)?;
	Ok(account)
}
