// SPDX-License-Identifier: Apache-2.0
//! Invariants.

use crate::{pallet::*, slice::owed, Class, Registration};
use ballast_exchange::{Custody, Ppb};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks everything that has to hold between two calls:
	/// - tiers and the list of the watched hold exactly what the records of accounts say, on known underlyings;
	/// - an account on auction exists, is frozen, is in no tier; nothing was paid for it below zero;
	/// - an account with bad debt is frozen, owes no more than is recorded, and is not on auction; the sum is right;
	/// - shares and those leaving add up to all shares; each leaver has its ticket, between the ends of the queue;
	/// - parameters are valid, conditions within their bounds;
	/// - only auctions have a plan of deleveraging, of bounded candidates that hold lots.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_tiers()?;
		Self::check_auctions()?;
		Self::check_bad_debts()?;
		Self::check_vault()?;
		Self::check_parameters()
	}

	fn check_tiers() -> Result<(), TryRuntimeError> {
		let known = Known::<T>::get();
		ensure!(known.windows(2).all(|pair| pair[0] < pair[1]), "known underlyings not ascending");
		let (mut places, mut watched) = (0, 0);
		for (key, record) in Registrations::<T>::iter() {
			ensure!(record != Registration::default(), "an empty registration is kept");
			places += record.places.len();
			watched += usize::from(record.is_watched);
			ensure!(!record.is_watched || record.places.is_empty(), "watched and placed");
			let is_bare = !record.is_watched && record.places.is_empty();
			ensure!(
				!is_bare || record.class == Class::Far,
				"a class of an account that is nowhere"
			);
			for place in &record.places {
				ensure!(known.contains(&place.underlying), "a place on an unknown underlying");
				let tier = ((place.underlying, record.class, place.side), place.rank, &key);
				ensure!(Tiers::<T>::contains_key(tier), "a place is not in its tier");
			}
			let is_there = Watched::<T>::contains_key(record.class, &key);
			ensure!(is_there == record.is_watched, "a watched account is not on the list");
		}
		ensure!(Tiers::<T>::iter_keys().count() == places, "tiers hold what no record says");
		ensure!(Watched::<T>::iter_keys().count() == watched, "the watched are more than records");
		Ok(())
	}

	fn check_auctions() -> Result<(), TryRuntimeError> {
		for (key, auction) in Auctions::<T>::iter() {
			// An account that is gone is noticed by the next visit.
			let account = T::Custody::peek(&key);
			ensure!(account.is_none_or(|account| account.frozen), "on auction and not frozen");
			ensure!(!Registrations::<T>::contains_key(&key), "on auction and in a tier");
			ensure!(auction.reserved >= 0, "reserved cash below zero");
			ensure!(
				auction.insolvent_millis <= auction.elapsed_millis,
				"insolvent before it began"
			);
		}
		for (key, plan) in Plans::<T>::iter() {
			ensure!(Auctions::<T>::contains_key(&key), "a plan without an auction");
			let holds = plan.candidates.iter().all(|it| it.lots > 0 && it.relief > 0);
			ensure!(holds, "a candidate that has nothing to close");
		}
		Ok(())
	}

	fn check_bad_debts() -> Result<(), TryRuntimeError> {
		let mut total = 0u128;
		for (key, amount) in BadDebts::<T>::iter() {
			total = total.checked_add(amount).ok_or("bad debts overflow")?;
			let account = T::Custody::peek(&key).ok_or("bad debt of nobody")?;
			ensure!(account.frozen && amount > 0, "bad debt of an account that is not frozen");
			ensure!(owed(account.cash) <= amount, "an account owes more than its bad debt");
			ensure!(!Auctions::<T>::contains_key(&key), "bad debt and on auction");
		}
		ensure!(total == TotalBadDebt::<T>::get(), "bad debts do not add up");
		Ok(())
	}

	fn check_vault() -> Result<(), TryRuntimeError> {
		let queue = VaultQueue::<T>::get();
		let mut total: u128 = Shares::<T>::iter_values().fold(0, u128::saturating_add);
		let mut leavers = 0;
		for (who, leaving) in Leavers::<T>::iter() {
			total = total.checked_add(leaving.shares).ok_or("shares overflow")?;
			leavers += 1;
			ensure!(leaving.shares > 0, "leaves without shares");
			ensure!(Tickets::<T>::get(leaving.ticket) == Some(who), "leaves without a ticket");
			ensure!(
				(queue.head..queue.tail).contains(&leaving.ticket),
				"a ticket out of the queue"
			);
		}
		ensure!(total == TotalShares::<T>::get(), "shares do not add up");
		ensure!(Tickets::<T>::iter_keys().count() == leavers, "a ticket of nobody");
		Ok(())
	}

	fn check_parameters() -> Result<(), TryRuntimeError> {
		let parameters = ParametersInForce::<T>::get();
		ensure!(parameters.is_valid(), "parameters out of range");
		for measured in Measured::<T>::iter_values() {
			ensure!(measured.delay_move >= Ppb::ZERO, "a delay move below zero");
			ensure!(measured.multiplier <= Ppb(3_000_000_000), "a multiplier beyond its bound");
		}
		Ok(())
	}
}
