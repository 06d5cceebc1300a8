// SPDX-License-Identifier: Apache-2.0
//! Parameters in shadow: what they would do to accounts is counted while they do nothing.

use crate::{look::Eyes, pallet::*, tiers::drift_cost, Proposal};
use alloc::vec::Vec;
use ballast_exchange::{Ppb, Safety};
use frame_support::weights::WeightMeter;

/// Accounts that a block looks at for a proposal's sake alone.
const JUDGED_PER_BLOCK: usize = 32;

impl<T: Config> Pallet<T> {
	/// Judges an account under the proposal that runs, if one does; the mark that its record keeps of it.
	///
	/// An account counts once, with its latest verdict.
	pub(crate) fn judge(safety: &Safety, last: Option<(u32, bool)>) -> Option<(u32, bool)> {
		let mut proposal = Proposed::<T>::get()?;
		if safety.exposures.is_empty() {
			return None;
		}
		let last = last.filter(|(id, _)| *id == proposal.id).map(|(_, falls)| falls);
		let rise = |it: &ballast_exchange::Exposure| {
			let measured = Measured::<T>::get(it.underlying);
			Ppb(measured.shadow_move.0.saturating_sub(measured.delay_move.0))
		};
		let cost = safety
			.exposures
			.iter()
			.map(|it| drift_cost(it, rise(it)))
			.fold(0, u128::saturating_add);
		let falls = safety.margin.maintenance.max(0).unsigned_abs() < cost;
		if last != Some(falls) {
			// Counts of accounts.
			proposal.judged = proposal.judged.saturating_add(last.is_none().into());
			let fallen = proposal.fallen.saturating_add(falls.into());
			proposal.fallen = fallen.saturating_sub((last == Some(true)).into());
			let mark = Some((proposal.id, falls));
			Proposed::<T>::put(proposal);
			return mark;
		}
		Some((proposal.id, falls))
	}

	/// The next `count` accounts in the order of their records, from the first one without `after`.
	pub(crate) fn registered_after(after: Option<&KeyOf<T>>, count: usize) -> Vec<KeyOf<T>> {
		match after {
			None => Registrations::<T>::iter_keys().take(count).collect(),
			Some(key) => {
				let from = Registrations::<T>::hashed_key_for(key);
				Registrations::<T>::iter_from(from).map(|(key, _)| key).take(count).collect()
			},
		}
	}

	/// Looks at some more accounts for the proposal's sake, until it has been judged on every one.
	pub(crate) fn judge_more(eyes: &mut Eyes<T>, meter: &mut WeightMeter) {
		let Some(proposal) = Proposed::<T>::get().filter(|proposal| !proposal.is_judged) else {
			return;
		};
		let keys = Self::registered_after(proposal.after.as_ref(), JUDGED_PER_BLOCK);
		let mut after = proposal.after;
		let mut is_judged = keys.len() < JUDGED_PER_BLOCK;
		for key in keys {
			if Self::look_or_skip(eyes, &key, false, meter).is_none() {
				is_judged = false;
				break;
			}
			after = Some(key);
		}
		Proposed::<T>::mutate(|proposal| {
			if let Some(proposal) = proposal {
				(proposal.after, proposal.is_judged) = (after, is_judged);
			}
		});
	}

	/// Puts a proposal in force whose time has come and that brings few accounts under maintenance margin, or drops it.
	pub(crate) fn end_shadow() {
		let Some(proposal) = Proposed::<T>::get() else { return };
		let is_over =
			proposal.is_judged && proposal.ends <= frame_system::Pallet::<T>::block_number();
		if !is_over {
			return;
		}
		Proposed::<T>::kill();
		let Proposal { id, parameters, judged, fallen, .. } = proposal;
		let most = ParametersInForce::<T>::get().house.shadow_share;
		// Both below 2^62.
		let enacted = u64::from(fallen) * 1_000_000_000
			<= u64::from(judged).saturating_mul(most.0.max(0).unsigned_abs());
		if enacted {
			Self::put_in_force(parameters);
		}
		Self::deposit_event(Event::ProposalEnded { id, enacted, judged, fallen });
	}
}
