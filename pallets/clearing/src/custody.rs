// SPDX-License-Identifier: Apache-2.0
//! What liquidation asks of this pallet.

use crate::{
	funds::subtract, margin::Sweep, pallet::*, settlement::PICO_PER_MICRO, weights::WeightInfo,
	PriceCache,
};
use alloc::vec::Vec;
use ballast_exchange::{
	Account, AccountKey, Custody, ExpiryId, Lots, Margin, Markets, MicroUsd, Position, Ppb, Price,
	Safety, SeriesId, MAX_POSITIONS,
};
use ballast_risk::MAX_LOTS;
use frame_support::{ensure, pallet_prelude::*, storage::with_storage_layer};

impl<T: Config> Custody<T::AccountId> for Pallet<T> {
	fn peek(key: &AccountKey<T::AccountId>) -> Option<Account> {
		Accounts::<T>::get(key)
	}

	fn safety(prices: &mut PriceCache, account: &Account) -> Result<Safety, DispatchError> {
		Ok(Self::do_safety(prices, account)?)
	}

	fn glance(prices: &mut PriceCache, account: &Account) -> Result<(Margin, bool), DispatchError> {
		Ok(Self::do_glance(prices, account)?)
	}

	fn check_takeover(
		prices: &mut PriceCache,
		before: &Account,
		after: &Account,
	) -> Result<(), DispatchError> {
		Self::do_check(prices, before, after, Sweep::Unfinished)
	}

	fn split(
		account: &mut Account,
		share: Ppb,
		reserved: MicroUsd,
	) -> Result<Account, DispatchError> {
		Self::do_split(account, share, reserved)
	}

	fn merge(
		from: &AccountKey<T::AccountId>,
		part: Account,
		to: &AccountKey<T::AccountId>,
		into: &mut Account,
	) -> Result<(), DispatchError> {
		Self::do_merge(from, part, to, into)
	}

	fn transfer(
		series: &SeriesId,
		lots: Lots,
		price: Price,
		from: (&AccountKey<T::AccountId>, &mut Account),
		to: (&AccountKey<T::AccountId>, &mut Account),
	) -> Result<(), DispatchError> {
		Self::do_transfer(&Position { series: *series, lots }, price, from, to)
	}

	fn pay(
		amount: MicroUsd,
		from: (&AccountKey<T::AccountId>, &mut Account),
		to: (&AccountKey<T::AccountId>, &mut Account),
	) -> Result<(), DispatchError> {
		Self::do_pay(amount, from, to)
	}

	fn insurance() -> u128 {
		Insurance::<T>::get()
	}

	fn draw_insurance(
		amount: u128,
		key: &AccountKey<T::AccountId>,
		into: &mut Account,
	) -> Result<u128, DispatchError> {
		Self::do_draw_insurance(amount, key, into)
	}

	fn holders(
		expiry: ExpiryId,
		after: Option<&AccountKey<T::AccountId>>,
		limit: u32,
	) -> Vec<AccountKey<T::AccountId>> {
		let keys = match after {
			None => Holders::<T>::iter_key_prefix(expiry),
			Some(key) => {
				let last = Holders::<T>::hashed_key_for(expiry, key);
				Holders::<T>::iter_key_prefix_from(expiry, last)
			},
		};
		keys.take(limit as usize).collect()
	}

	fn open_own(key: &AccountKey<T::AccountId>) -> Result<(), DispatchError> {
		Self::do_open_own(key.clone())
	}

	fn pay_in(
		who: &T::AccountId,
		amount: u128,
		key: &AccountKey<T::AccountId>,
		into: &mut Account,
	) -> Result<(), DispatchError> {
		Self::do_pay_in(who, amount, key, into)
	}

	fn pay_out(
		who: &T::AccountId,
		amount: u128,
		key: &AccountKey<T::AccountId>,
		from: &mut Account,
	) -> Result<(), DispatchError> {
		Self::do_pay_out(who, amount, key, from)
	}

	fn safety_weight(positions: u32) -> Weight {
		Self::most_safety(positions)
	}

	fn slice_weight(positions: u32) -> Weight {
		T::WeightInfo::slice(positions.min(MAX_POSITIONS))
	}

	fn transfer_weight() -> Weight {
		T::WeightInfo::transfer()
	}
}

/// A party to a movement: its key and its record.
type Party<'a, T> = (&'a KeyOf<T>, &'a mut Account);

impl<T: Config> Pallet<T> {
	fn do_transfer(
		what: &Position,
		price: Price,
		(from, seller): Party<'_, T>,
		(to, buyer): Party<'_, T>,
	) -> DispatchResult {
		let Position { series, lots } = *what;
		ensure!(from != to, Error::<T>::SameAccount);
		ensure!((1..=MAX_LOTS).contains(&lots), Error::<T>::InvalidFill);
		for key in [from, to] {
			Self::ensure_settles(&[*what], key)?;
		}
		let terms = T::Markets::terms(series.underlying).ok_or(Error::<T>::UnknownUnderlying)?;
		let (received, paid) =
			cost(lots, price, terms.lots_per_contract).ok_or(Error::<T>::AmountTooLarge)?;
		let dust = paid.saturating_sub(received).unsigned_abs();
		Self::both_or_nothing(seller, buyer, |seller, buyer| {
			Self::hand_over(&series, lots, terms.max_open_interest, seller, buyer)?;
			Self::change_cash(seller, received)?;
			// Zero or above: it can be negated.
			Self::change_cash(buyer, -paid)?;
			Self::add_insurance(dust)
		})?;
		Self::deposit_event(Event::PositionTransferred {
			from: from.clone(),
			to: to.clone(),
			series,
			lots,
			price,
			received,
			paid,
		});
		Ok(())
	}

	fn do_pay(
		amount: MicroUsd,
		(from, giver): Party<'_, T>,
		(to, receiver): Party<'_, T>,
	) -> DispatchResult {
		ensure!(from != to, Error::<T>::SameAccount);
		ensure!(amount >= 0, Error::<T>::AmountNegative);
		if amount == 0 {
			return Ok(());
		}
		Self::both_or_nothing(giver, receiver, |giver, receiver| {
			Self::change_cash(giver, -amount)?;
			Self::change_cash(receiver, amount)
		})?;
		let (from, to) = (from.clone(), to.clone());
		Self::deposit_event(Event::CashPaid { from, to, amount });
		Ok(())
	}

	fn do_draw_insurance(
		amount: u128,
		key: &AccountKey<T::AccountId>,
		into: &mut Account,
	) -> Result<u128, DispatchError> {
		let paid = amount.min(Insurance::<T>::get());
		if paid == 0 {
			return Ok(0);
		}
		Self::all_or_nothing(into, |into| {
			Insurance::<T>::try_mutate(|fund| {
				subtract(fund, paid).ok_or(Error::<T>::CorruptLedger)
			})?;
			Self::credit(into, T::SettlementAsset::get(), paid)
		})?;
		Self::deposit_event(Event::InsurancePaid { account: key.clone(), amount: paid });
		Ok(paid)
	}

	fn do_pay_in(
		who: &T::AccountId,
		amount: u128,
		key: &AccountKey<T::AccountId>,
		into: &mut Account,
	) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::AmountZero);
		let asset = T::SettlementAsset::get();
		Self::ensure_owned(who, asset, amount)?;
		Self::all_or_nothing(into, |into| {
			Self::credit(into, asset, amount)?;
			Self::take_in(who, asset, amount)
		})?;
		Self::deposit_event(Event::PaidIn { who: who.clone(), account: key.clone(), amount });
		Ok(())
	}

	fn do_pay_out(
		who: &T::AccountId,
		amount: u128,
		key: &AccountKey<T::AccountId>,
		from: &mut Account,
	) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::AmountZero);
		let asset = T::SettlementAsset::get();
		Self::all_or_nothing(from, |from| {
			Self::debit(from, asset, amount)?;
			Self::give_out(who, asset, amount)
		})?;
		Self::deposit_event(Event::PaidOut { who: who.clone(), account: key.clone(), amount });
		Ok(())
	}

	/// Changes two accounts and storage together; an error leaves all of them as they were.
	fn both_or_nothing(
		first: &mut Account,
		second: &mut Account,
		change: impl FnOnce(&mut Account, &mut Account) -> DispatchResult,
	) -> DispatchResult {
		let mut changed = (first.clone(), second.clone());
		with_storage_layer(|| change(&mut changed.0, &mut changed.1))?;
		(*first, *second) = changed;
		Ok(())
	}
}

/// What lots above zero cost at a price, micro-USD, rounded down and up.
fn cost(lots: Lots, price: Price, lots_per_contract: u32) -> Option<(MicroUsd, MicroUsd)> {
	// 2^40 * 2^63 fits.
	let total = i128::from(lots).checked_mul(i128::from(price.pico_usd()))?;
	let unit = PICO_PER_MICRO.checked_mul(i128::from(lots_per_contract))?;
	let floor = total.checked_div_euclid(unit)?;
	let rest = total.checked_rem_euclid(unit)?;
	Some((floor, floor.checked_add(i128::from(rest != 0))?))
}
