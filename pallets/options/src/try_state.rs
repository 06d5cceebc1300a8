// SPDX-License-Identifier: Apache-2.0

//! The pallet's invariants.

use crate::{
	state_of, Agenda, AwaitingPrice, BaseAssets, Behind, Config, Deposits, Drifts, Expiries,
	ExpiryQueue, ExpiryState, HoldReason, Listing, Listings, Pallet, PendingRepricing,
	PortfolioModels, Priced, PruningQueue, References, RemovalQueue, SettlingQueue, StandardModels,
	Underlyings, MAX_LIVE_EXPIRIES,
};
use alloc::{collections::BTreeMap, vec::Vec};
use ballast_exchange::{ExpiryId, UnderlyingId};
use frame_support::{ensure, traits::fungible::hold::Inspect as _};
use sp_runtime::{
	traits::{Saturating, Zero},
	TryRuntimeError,
};

impl<T: Config> Pallet<T> {
	/// Checks the pallet's invariants:
	///
	/// * the agenda names each underlying once, in order, and each has a record, both models and its base
	///   asset, all of them valid;
	/// * expiries ascend, at most [`MAX_LIVE_EXPIRIES`] of them are live, and each has a listing;
	/// * a queue holds exactly the expiries in its state, each once;
	/// * each underlying has an odometer, and each reference surface arrays whose strikes it has all;
	/// * an expiry whose arrays are old is live and has arrays, named once;
	/// * strikes are above zero and listed once;
	/// * arrays hold one entry per scenario and the three others for each series, on the strikes that were
	///   listed first;
	/// * deposits are for listed strikes, and what accounts have on hold is what their deposits say.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let underlyings: Vec<_> = Agenda::<T>::get().iter().map(|entry| entry.underlying).collect();
		ensure!(underlyings.is_sorted_by(|a, b| a < b), "options: the agenda is out of order");
		for map in [
			Underlyings::<T>::iter_keys().count(),
			PortfolioModels::<T>::iter_keys().count(),
			StandardModels::<T>::iter_keys().count(),
			BaseAssets::<T>::iter_keys().count(),
			Drifts::<T>::iter_keys().count(),
		] {
			ensure!(map == underlyings.len(), "options: the agenda misses an underlying");
		}
		let mut listed = 0;
		for underlying in underlyings {
			Self::check_underlying(underlying)?;
			listed += Expiries::<T>::get(underlying).len();
		}
		ensure!(Listings::<T>::iter_keys().count() == listed, "options: a listing without expiry");
		Self::check_queues()?;
		Self::check_arrays()?;
		Self::check_deposits()
	}

	fn check_underlying(id: UnderlyingId) -> Result<(), TryRuntimeError> {
		let record = Underlyings::<T>::get(id).ok_or("options: an underlying without record")?;
		let portfolio = PortfolioModels::<T>::get(id).ok_or("options: no portfolio model")?;
		let standard = StandardModels::<T>::get(id).ok_or("options: no standard parameters")?;
		Self::check_symbol(&record.symbol).map_err(|_| "options: invalid symbol")?;
		Self::check_terms(&record.terms).map_err(|_| "options: invalid terms")?;
		Self::check_portfolio_model(&portfolio).map_err(|_| "options: invalid portfolio model")?;
		Self::check_standard(&standard).map_err(|_| "options: invalid standard parameters")?;
		ensure!(record.schedule.validate().is_ok(), "options: invalid schedule");
		let follows = BaseAssets::<T>::get(record.terms.base_asset);
		ensure!(follows == Some(id), "options: the base asset follows another underlying");
		let expiries = Expiries::<T>::get(id);
		ensure!(
			expiries.is_sorted_by(|a, b| a.expiry < b.expiry),
			"options: expiries are out of order"
		);
		let live = expiries.iter().filter(|entry| entry.state.is_live()).count();
		ensure!(live <= MAX_LIVE_EXPIRIES as usize, "options: too many live expiries");
		for entry in expiries {
			let listing = Listings::<T>::get(id, entry.expiry);
			Self::check_listing(&listing.ok_or("options: an expiry without listing")?)?;
		}
		Ok(())
	}

	fn check_listing(listing: &Listing) -> Result<(), TryRuntimeError> {
		let mut strikes = listing.strikes.to_vec();
		strikes.sort_unstable();
		ensure!(strikes.is_sorted_by(|a, b| a < b), "options: a strike is listed twice");
		ensure!(strikes.first() != Some(&0), "options: a strike of zero");
		Ok(())
	}

	fn check_queues() -> Result<(), TryRuntimeError> {
		let of = |is_it: fn(&ExpiryState) -> bool| {
			let all = Self::every_expiry().into_iter();
			all.filter(|(_, state)| is_it(state)).map(|(id, _)| id).collect::<Vec<_>>()
		};
		let sorted = |queues: &[ExpiryQueue]| {
			let mut ids: Vec<ExpiryId> = queues.iter().flatten().copied().collect();
			ids.sort_unstable();
			ids
		};
		ensure!(
			sorted(&[AwaitingPrice::<T>::get()]) == of(|state| *state == ExpiryState::Expired),
			"options: the queue for settlement prices is wrong"
		);
		ensure!(
			sorted(&[SettlingQueue::<T>::get()])
				== of(|state| matches!(state, ExpiryState::Settling { .. })),
			"options: the queue for settlement is wrong"
		);
		ensure!(
			sorted(&[PruningQueue::<T>::get(), RemovalQueue::<T>::get()])
				== of(|state| !state.is_live()),
			"options: the queues for pruning are wrong"
		);
		let pending = sorted(&[PendingRepricing::<T>::get()]);
		ensure!(pending.is_sorted_by(|a, b| a < b), "options: an expiry is queued twice");
		let live = of(ExpiryState::is_live);
		ensure!(pending.iter().all(|id| live.contains(id)), "options: a dead expiry is queued");
		let behind = sorted(&[Behind::<T>::get()]);
		ensure!(behind.is_sorted_by(|a, b| a < b), "options: an expiry is behind twice");
		let has_arrays = |id: &ExpiryId| live.contains(id) && Priced::<T>::contains_key(id.0, id.1);
		ensure!(behind.iter().all(has_arrays), "options: an expiry without arrays is behind");
		Ok(())
	}

	fn check_arrays() -> Result<(), TryRuntimeError> {
		for (underlying, expiry, priced) in Priced::<T>::iter() {
			let listing = Listings::<T>::get(underlying, expiry);
			let strikes = listing.ok_or("options: arrays without listing")?.strikes;
			ensure!(strikes.starts_with(&priced.strikes), "options: arrays of other strikes");
			let series = 2 * priced.strikes.len();
			ensure!(
				priced.entries.len() == series * priced.width as usize
					&& priced.values.len() == series,
				"options: arrays of another width"
			);
		}
		for (underlying, expiry, reference) in References::<T>::iter() {
			let priced = Priced::<T>::get(underlying, expiry);
			let priced = priced.ok_or("options: a reference surface without arrays")?;
			ensure!(
				reference.total_vols.len() == priced.strikes.len(),
				"options: a reference surface of other strikes"
			);
		}
		Ok(())
	}

	fn check_deposits() -> Result<(), TryRuntimeError> {
		let mut owed = BTreeMap::new();
		for (underlying, expiry, deposits) in Deposits::<T>::iter() {
			let listed = state_of(&Expiries::<T>::get(underlying), expiry).is_some();
			ensure!(listed, "options: deposits of an expiry that is gone");
			let listing = Listings::<T>::get(underlying, expiry).ok_or("options: no listing")?;
			for deposit in deposits {
				ensure!(
					listing.strikes.contains(&deposit.strike),
					"options: a deposit for a strike that is not listed"
				);
				let sum = owed.entry(deposit.who).or_insert_with(Zero::zero);
				*sum = deposit.amount.saturating_add(*sum);
			}
		}
		for (who, sum) in owed {
			let held = T::Currency::balance_on_hold(&HoldReason::StrikeDeposit.into(), &who);
			ensure!(held == sum, "options: deposits and holds differ");
		}
		Ok(())
	}
}
