// SPDX-License-Identifier: Apache-2.0
//! What clearing tells and asks the search.

use crate::{pallet::*, Recheck, Swept};
use ballast_exchange::{
	Account, AccountKey, MarginConditions, Ppb, PriceSource, RiskWatch, UnderlyingId,
};
use frame_support::traits::Get;

impl<T: Config> RiskWatch<T::AccountId> for Pallet<T> {
	fn changed(key: &AccountKey<T::AccountId>, account: &Account) {
		let has_cash_alone = account.positions.is_empty() && account.collateral.is_empty();
		// Whoever has nothing that can fall needs no look, unless it is to be taken out of its tiers.
		let is_safe = has_cash_alone && account.cash >= 0 && !account.frozen;
		if !is_safe || Registrations::<T>::contains_key(key) {
			Due::<T>::insert(key, ());
		}
	}

	fn rules_changed(underlying: UnderlyingId) {
		// Also where such a search goes on: those it has looked at were judged by the old rules.
		Afresh::<T>::put(Recheck { after: None });
		SweptRounds::<T>::mutate_extant(underlying, |swept| swept.round = Swept::default().round);
	}

	fn is_swept(underlying: UnderlyingId) -> bool {
		if !T::Searches::get() {
			return true;
		}
		match SweptRounds::<T>::get(underlying) {
			Some(swept) => swept.round == T::Prices::round(underlying),
			// No account is in its tiers: whoever depends on it is among those to be looked at.
			None => !Sweep::<T>::get().is_unfinished,
		}
	}

	fn conditions(underlying: UnderlyingId) -> MarginConditions {
		let measured = Measured::<T>::get(underlying);
		MarginConditions {
			delay_move: measured.delay_move,
			multiplier: measured.multiplier.max(Ppb::ONE),
			concentration: ParametersInForce::<T>::get().concentration,
		}
	}
}
