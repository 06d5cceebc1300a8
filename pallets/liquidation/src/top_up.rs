// SPDX-License-Identifier: Apache-2.0
//! Deposits of owners whose accounts are in danger: they go before everybody's orders.

use crate::pallet::*;
use ballast_exchange::{Clearing, Custody};
use frame_support::{dispatch::Pays, ensure, traits::Get};
use sp_runtime::DispatchError;

/// A top-up is free from the tenth part of what is missing on.
const FREE_PARTS: u128 = 10;

impl<T: Config> Pallet<T> {
	/// Whether an account is on auction, has a margin call that stands, or owes what nobody covers.
	pub fn is_in_danger(key: &KeyOf<T>) -> bool {
		Self::missing(key).is_some()
	}

	/// What a margin call that stands has asked the owner for, micro-USD.
	pub(crate) fn called(key: &KeyOf<T>) -> Option<u128> {
		Self::listing(key, &Registrations::<T>::get(key)?)?.called
	}

	/// What an account in danger was short of at its last look, micro-USD.
	fn missing(key: &KeyOf<T>) -> Option<u128> {
		Auctions::<T>::get(key)
			.map(|auction| auction.missing)
			.or_else(|| Self::called(key))
			.or_else(|| BadDebts::<T>::get(key))
	}

	/// The look that follows in the next block ends the auction if this is enough. Whether it costs a fee.
	///
	/// What is free must not be free without end: it has to be a notable part of what is missing, and the account
	/// has to have been looked at since it changed last. So it is free once in a block, and ten times are enough.
	pub(crate) fn do_top_up(key: &KeyOf<T>, amount: u128) -> Result<Pays, DispatchError> {
		let missing = Self::missing(key).ok_or(Error::<T>::NotInDanger)?;
		ensure!(amount >= T::MinVaultDeposit::get(), Error::<T>::DepositTooSmall);
		// Asked before the deposit makes a look due itself. A saturated product is far beyond what is missing.
		let is_free = amount.saturating_mul(FREE_PARTS) >= missing && !Due::<T>::contains_key(key);
		let mut account = T::Custody::peek(key).ok_or(Error::<T>::NotInDanger)?;
		T::Custody::pay_in(&key.owner, amount, key, &mut account)?;
		T::Custody::store(key, account)?;
		Ok(if is_free { Pays::No } else { Pays::Yes })
	}
}
