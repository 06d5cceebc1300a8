// SPDX-License-Identifier: Apache-2.0
//! What nobody covers: debts of accounts that have nothing left to sell.

use crate::{auction::OnSale, pallet::*, slice::owed, EndReason};
use ballast_exchange::{Account, Clearing};
use frame_support::pallet_prelude::*;

impl<T: Config> Pallet<T> {
	/// Ends the auction of an account that has nothing to sell: the insurance fund covers what it owes, as far as
	/// it goes; the rest is bad debt.
	pub(crate) fn settle_bare(mut sale: OnSale<T>) -> DispatchResult {
		let key = sale.key.clone();
		Self::draw(&key, owed(sale.account.cash), &key, &mut sale.account)?;
		let amount = owed(sale.account.cash);
		sale.margin.equity = sale.account.cash;
		sale.margin.maintenance = sale.account.cash;
		if amount == 0 {
			return Self::end_auction(sale, EndReason::NothingLeft);
		}
		T::Custody::store(&key, sale.account)?;
		Due::<T>::remove(&key);
		BadDebts::<T>::insert(&key, amount);
		let total = TotalBadDebt::<T>::get().checked_add(amount);
		let total = total.ok_or(Error::<T>::AmountTooLarge)?;
		TotalBadDebt::<T>::put(total);
		Self::forget_auction(&key, &sale.auction, EndReason::BadDebt, &sale.margin);
		Self::deposit_event(Event::BadDebtRecorded { account: key, amount, total });
		Ok(())
	}

	/// Brings a bad debt in line with what the owner has paid in and the insurance fund can cover since; whether it
	/// has changed. Without any left the account is its owner's again.
	pub(crate) fn cover_bad_debt(
		key: &KeyOf<T>,
		mut account: Account,
	) -> Result<bool, DispatchError> {
		let Some(before) = BadDebts::<T>::get(key) else { return Ok(false) };
		Self::draw(key, owed(account.cash), key, &mut account)?;
		let left = owed(account.cash);
		// Cash of a frozen account without positions only grows.
		let amount = before.checked_sub(left).ok_or(Error::<T>::CorruptRecords)?;
		if amount == 0 {
			return Ok(false);
		}
		let total = TotalBadDebt::<T>::get().checked_sub(amount);
		TotalBadDebt::<T>::put(total.ok_or(Error::<T>::CorruptRecords)?);
		if left == 0 {
			BadDebts::<T>::remove(key);
			account.frozen = false;
		} else {
			BadDebts::<T>::insert(key, left);
		}
		T::Custody::store(key, account)?;
		if left > 0 {
			Due::<T>::remove(key);
		}
		Self::deposit_event(Event::BadDebtCovered { account: key.clone(), amount, left });
		Ok(true)
	}
}
