// SPDX-License-Identifier: Apache-2.0
//! How much weight one account may put into makers and takers: a leaky bucket of execution time.
//!
//! The record says what is spent and not yet refilled. No record means that nothing is: so records exist for
//! active accounts alone, and are removed when they have run empty.

use crate::{
	weights::WeightInfo, Config, Limits, Pallet, Parameters, PruneCursor, Spending, WeightsOf,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{storage::PrefixIterator, traits::Get, weights::WeightMeter, BoundedVec};
use frame_system::pallet_prelude::BlockNumberFor;
use scale_info::TypeInfo;
use sp_runtime::{
	traits::{Saturating, UniqueSaturatedInto},
	Perbill,
};

/// What an account has spent of its allowance.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Spent<BlockNumber> {
	/// Execution time in picoseconds, as of `at`.
	pub picoseconds: u64,
	/// The block it was true in.
	pub at: BlockNumber,
}

/// A walk over the records.
pub(crate) type SpendingIterator<T> =
	PrefixIterator<(<T as frame_system::Config>::AccountId, Spent<BlockNumberFor<T>>)>;

/// Records looked at in one block at most.
const MAX_PRUNED: u32 = 256;

impl<T: Config> Pallet<T> {
	/// That share of the execution time of the normal class.
	fn time(share: Perbill) -> u64 {
		share.mul_floor(Limits::from(T::BlockWeights::get()).normal.ref_time())
	}

	fn outstanding(spent: &Spent<BlockNumberFor<T>>) -> u64 {
		let now = frame_system::Pallet::<T>::block_number();
		let blocks: u64 = now.saturating_sub(spent.at).unique_saturated_into();
		let refill = Self::time(Parameters::<T>::get().limit.refill);
		// Saturating: what is refilled beyond the whole is lost.
		spent.picoseconds.saturating_sub(refill.saturating_mul(blocks))
	}

	/// What an account has spent and not got back yet, picoseconds.
	pub(crate) fn spent_by(who: &T::AccountId) -> u64 {
		Spending::<T>::get(who).map_or(0, |spent| Self::outstanding(&spent))
	}

	/// What an account may spend now, picoseconds.
	pub fn allowance_of(who: &T::AccountId) -> u64 {
		let cap = Self::time(Parameters::<T>::get().limit.cap);
		// Saturating: one call may have spent more than the cap.
		cap.saturating_sub(Self::spent_by(who))
	}

	/// Whether an account may spend that much. One that has spent nothing may send a call of any weight.
	pub(crate) fn may_spend(who: &T::AccountId, picoseconds: u64) -> bool {
		Self::spent_by(who) == 0 || picoseconds <= Self::allowance_of(who)
	}

	/// Spends, or says that it is too much.
	pub(crate) fn spend(who: &T::AccountId, picoseconds: u64) -> bool {
		if !Self::may_spend(who, picoseconds) {
			return false;
		}
		// Saturating: bounded by the cap or one block.
		Self::put_spent(who, Self::spent_by(who).saturating_add(picoseconds));
		true
	}

	/// Gives back what was not needed, or earned.
	pub(crate) fn give_back(who: &T::AccountId, picoseconds: u64) {
		if Spending::<T>::contains_key(who) {
			// Saturating: nobody gets more than was spent.
			Self::put_spent(who, Self::spent_by(who).saturating_sub(picoseconds));
		}
	}

	fn put_spent(who: &T::AccountId, picoseconds: u64) {
		if picoseconds == 0 {
			Spending::<T>::remove(who);
		} else {
			let at = frame_system::Pallet::<T>::block_number();
			Spending::<T>::insert(who, Spent { picoseconds, at });
		}
	}

	/// Removes records that have run empty, round and round over the map, as far as the meter goes.
	pub(crate) fn prune_spending(meter: &mut WeightMeter) {
		if meter.try_consume(WeightsOf::<T>::prune_start()).is_err() {
			return;
		}
		let cursor = PruneCursor::<T>::take().unwrap_or_default();
		let mut rest = if cursor.is_empty() {
			Spending::<T>::iter()
		} else {
			Spending::<T>::iter_from(cursor.into_inner())
		};
		for _ in 0..MAX_PRUNED {
			if !meter.can_consume(WeightsOf::<T>::prune_account()) {
				break;
			}
			meter.consume(WeightsOf::<T>::prune_account());
			if !Self::prune_next(&mut rest) {
				return;
			}
		}
		// A key that were too long would only make the next round start from the beginning.
		if let Ok(key) = BoundedVec::try_from(rest.last_raw_key().to_vec()) {
			PruneCursor::<T>::put(key);
		}
	}

	/// Looks at the next record; `false` at the end of the map.
	pub(crate) fn prune_next(rest: &mut SpendingIterator<T>) -> bool {
		let Some((who, spent)) = rest.next() else { return false };
		if Self::outstanding(&spent) == 0 {
			// The iterator goes by the order of keys, so it finds the next one although this one is gone.
			Spending::<T>::remove(&who);
		}
		true
	}
}
