// SPDX-License-Identifier: Apache-2.0
//! Parameters in shadow: what they would do to accounts is counted while they do nothing.

use crate::{look::Eyes, pallet::*, weights::WeightInfo, Proposal, Round};
use ballast_exchange::{Account, Clearing, Custody, UnderlyingId};
use frame_support::{storage::with_transaction_unchecked, traits::Get, weights::WeightMeter};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::TransactionOutcome;

/// Accounts that a block judges at most.
const JUDGED_PER_BLOCK: u32 = 32;

type Prices<T> =
	<<T as Config>::Custody as Clearing<<T as frame_system::Config>::AccountId>>::Prices;
type ProposalOf<T> = Proposal<<T as frame_system::Config>::AccountId, BlockNumberFor<T>>;

/// What a proposal would do to an account.
enum Verdict {
	/// Prices under it are not fresh: nobody can tell in this block.
	Unknown,
	/// No price decides about it, or it is liquidated already.
	NotConcerned,
	/// It stays above maintenance margin.
	Stays,
	/// It would be under maintenance margin, or its records are such that it has none.
	Falls,
}

impl<T: Config> Pallet<T> {
	/// Judges some more accounts under the proposal that runs, until every one has been; `known` are the underlyings that
	/// this block has measured.
	///
	/// What margin would be is found by having the proposal's delay move in force, and taking that back.
	pub(crate) fn judge_more(known: &[UnderlyingId], eyes: &mut Eyes<T>, meter: &mut WeightMeter) {
		let Some(proposal) = Proposed::<T>::get().filter(|proposal| !proposal.is_judged) else {
			return;
		};
		// One that has become known in this block is measured in the next.
		if Known::<T>::get().as_slice() != known {
			return;
		}
		// The conditions, which the block has read before, and the proposal.
		let records = T::DbWeight::get().reads_writes(known.len() as u64, 1);
		if meter.try_consume(records).is_err() {
			return;
		}
		let proposal = with_transaction_unchecked(|| {
			for underlying in known {
				Measured::<T>::mutate(underlying, |measured| {
					measured.delay_move = measured.shadow_move;
				});
			}
			TransactionOutcome::Rollback(Self::judged_on(proposal, eyes, meter))
		});
		Proposed::<T>::put(proposal);
	}

	/// The proposal after some more accounts, in the order of their records.
	fn judged_on(
		mut proposal: ProposalOf<T>,
		eyes: &mut Eyes<T>,
		meter: &mut WeightMeter,
	) -> ProposalOf<T> {
		let mut prices = Prices::<T>::default();
		let mut keys = Self::registered_after(proposal.after.as_ref());
		for _ in 0..JUDGED_PER_BLOCK {
			// A look reads as much of an account, and more.
			if meter.try_consume(T::WeightInfo::look()).is_err() {
				break;
			}
			let Some(key) = keys.next() else {
				proposal.is_judged = true;
				break;
			};
			let account = T::Custody::peek(&key);
			let positions = account.as_ref().map_or(0, |account| account.positions.len());
			// At most 128.
			if !meter.can_consume(T::Custody::safety_weight(positions as u32)) {
				break;
			}
			let work = T::Custody::margin_work(&prices);
			let verdict = Self::verdict(eyes, &mut prices, account);
			let work = T::Custody::margin_work(&prices).saturating_sub(work);
			meter.consume(work.min(meter.remaining()));
			if matches!(verdict, Verdict::Unknown) {
				break;
			}
			let is_concerned = !matches!(verdict, Verdict::NotConcerned);
			// Counts of accounts.
			proposal.judged = proposal.judged.saturating_add(is_concerned.into());
			let falls = matches!(verdict, Verdict::Falls);
			proposal.fallen = proposal.fallen.saturating_add(falls.into());
			proposal.after = Some(key);
		}
		proposal
	}

	fn verdict(eyes: &mut Eyes<T>, prices: &mut Prices<T>, account: Option<Account>) -> Verdict {
		let Some(account) = account.filter(|account| !account.frozen) else {
			return Verdict::NotConcerned;
		};
		match T::Custody::safety(prices, &account) {
			Ok(safety) if safety.exposures.is_empty() => Verdict::NotConcerned,
			Ok(safety) if !eyes.is_true(&safety) => Verdict::Unknown,
			Ok(safety) if safety.margin.is_liquidatable() => Verdict::Falls,
			Ok(_) => Verdict::Stays,
			Err(_) => Verdict::Falls,
		}
	}

	/// Has everybody judged anew under a proposal whose time has come, then puts it in force or drops it.
	pub(crate) fn end_shadow(meter: &mut WeightMeter) {
		let Some(proposal) = Proposed::<T>::get() else { return };
		let is_over =
			proposal.is_judged && proposal.ends <= frame_system::Pallet::<T>::block_number();
		if !is_over {
			return;
		}
		// The proposal and the parameters. What little room is left does not put it off.
		meter.consume(T::DbWeight::get().writes(2).min(meter.remaining()));
		match proposal.round {
			Round::First => Proposed::<T>::put(proposal.judged_anew()),
			Round::Last => Self::decide(proposal),
		}
	}

	/// In force, if it brings few under maintenance margin.
	fn decide(proposal: ProposalOf<T>) {
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
