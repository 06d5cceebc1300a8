// SPDX-License-Identifier: Apache-2.0
//! Deposits of owners whose accounts are in danger: they go before everybody's orders.

use crate::pallet::*;
use ballast_exchange::{Clearing, Custody};
use frame_support::{ensure, traits::Get};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	/// Whether an account is on auction, has a margin call that stands, or owes what nobody covers.
	pub fn is_in_danger(key: &KeyOf<T>) -> bool {
		Auctions::<T>::contains_key(key)
			|| Registrations::<T>::get(key).is_some_and(|known| known.is_called)
			|| BadDebts::<T>::contains_key(key)
	}

	/// The look that follows in the next block ends the auction if this is enough.
	pub(crate) fn do_top_up(key: &KeyOf<T>, amount: u128) -> DispatchResult {
		ensure!(Self::is_in_danger(key), Error::<T>::NotInDanger);
		ensure!(amount >= T::MinVaultDeposit::get(), Error::<T>::DepositTooSmall);
		let mut account = T::Custody::peek(key).ok_or(Error::<T>::NotInDanger)?;
		T::Custody::pay_in(&key.owner, amount, key, &mut account)?;
		T::Custody::store(key, account)
	}
}
