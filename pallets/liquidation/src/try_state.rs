// SPDX-License-Identifier: Apache-2.0
//! Invariants.

use crate::{
	pages::{earliest, Holdings},
	pallet::*,
	slice::owed,
	List, PageId, Place, Registration, PAGE_ACCOUNTS,
};
use alloc::vec::Vec;
use ballast_exchange::{Custody, Ppb};
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks everything that has to hold between two calls:
	/// - pages hold exactly the accounts whose records say so, with triggers on known underlyings, and with what they hold unless
	///   they are due;
	/// - tiers hold exactly the earliest triggers of the pages, and pages that are not full are noted;
	/// - an account on auction exists, is frozen, is in no tier; nothing was paid for it below zero;
	/// - an account with bad debt is frozen, owes no more than is recorded, and is not on auction; the sum is right;
	/// - shares and those leaving add up to all shares; each leaver has its ticket, between the ends of the queue;
	/// - parameters are valid, conditions within their bounds;
	/// - only auctions have a plan of deleveraging, of bounded candidates that hold lots.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_records()?;
		Self::check_pages()?;
		Self::check_auctions()?;
		Self::check_bad_debts()?;
		Self::check_vault()?;
		Self::check_parameters()
	}

	fn check_records() -> Result<(), TryRuntimeError> {
		let known = Known::<T>::get();
		ensure!(known.windows(2).all(|pair| pair[0] < pair[1]), "known underlyings not ascending");
		let mut listed = 0;
		for (key, record) in Registrations::<T>::iter() {
			ensure!(record != Registration::default(), "an empty registration is kept");
			let Some(id) = record.page else { continue };
			listed += 1;
			let page = Pages::<T>::get(id.list, id.number);
			let own = page.iter().filter(|it| it.key == key).collect::<Vec<_>>();
			ensure!(own.len() == 1, "an account is not in its page once");
			let is_blind = id.list == List::BLIND;
			ensure!(!is_blind || own[0].places.is_empty(), "an account is blind and has triggers");
			let is_kept = is_blind || own[0].called.is_some() || !own[0].places.is_empty();
			ensure!(is_kept, "nothing keeps an account in its page");
			let is_known = |place: &Place| known.contains(&place.underlying);
			ensure!(own[0].places.iter().all(is_known), "a place on an unknown underlying");
			let held = T::Custody::peek(&key).and_then(|account| Holdings::of(&account));
			let is_right = own[0].holdings.is_none() || own[0].holdings == held;
			ensure!(
				is_right || Due::<T>::contains_key(&key),
				"an account in a page has changed and is not due"
			);
		}
		ensure!(
			Pages::<T>::iter_values().map(|page| page.len()).sum::<usize>() == listed,
			"pages hold more accounts than have a record"
		);
		Ok(())
	}

	fn check_pages() -> Result<(), TryRuntimeError> {
		let (mut places, mut with_room) = (0, 0);
		for (list, number, page) in Pages::<T>::iter() {
			ensure!(!page.is_empty(), "an empty page is kept");
			ensure!(number < NextPage::<T>::get(list), "a page is numbered ahead");
			let has_room = page.len() < PAGE_ACCOUNTS as usize;
			let is_noted = PagesWithRoom::<T>::contains_key(list, number);
			ensure!(has_room == is_noted, "it is not noted whether a page has room");
			with_room += usize::from(has_room);
			for ((underlying, side), rank) in earliest(&page) {
				let tier = ((underlying, list.class, side), rank, PageId { list, number });
				ensure!(Tiers::<T>::contains_key(tier), "a page is not in its tier");
				places += 1;
			}
		}
		ensure!(Tiers::<T>::iter_keys().count() == places, "tiers hold what no page says");
		ensure!(
			PagesWithRoom::<T>::iter_keys().count() == with_room,
			"a page that is not there has room"
		);
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
		let counts = Proposed::<T>::get().map(|it| (it.fallen, it.judged));
		ensure!(
			counts.is_none_or(|(fallen, judged)| fallen <= judged),
			"more fall than were judged"
		);
		let parameters = ParametersInForce::<T>::get();
		ensure!(parameters.is_valid(), "parameters out of range");
		for measured in Measured::<T>::iter_values() {
			ensure!(measured.delay_move >= Ppb::ZERO, "a delay move below zero");
			ensure!(measured.multiplier <= Ppb(3_000_000_000), "a multiplier beyond its bound");
		}
		Ok(())
	}
}
