// SPDX-License-Identifier: Apache-2.0

//! What `pallet-session` asks: when a session ends, and who validates in the next.

use crate::{Config, Pallet, SessionLength, Validators, WeightInfo};
use alloc::vec::Vec;
use frame_support::{
	traits::{EstimateNextSessionRotation, Get},
	weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_session::{historical, SessionManager, ShouldEndSession};
use sp_runtime::{
	traits::{Convert, One, Saturating, Zero},
	Permill,
};
use sp_staking::SessionIndex;

/// A validator is identified by its account and by nothing else.
pub struct UnitIdentificationOf;

impl<Validator> Convert<Validator, Option<()>> for UnitIdentificationOf {
	fn convert(_validator: Validator) -> Option<()> {
		Some(())
	}
}

/// What `pallet-session` asks: no session ends by it. [`Pallet`] ends them and books what that weighs, where
/// `pallet-session` would book the whole block: no bid would get into one that changes the session.
pub struct EndedByValidators;

impl<BlockNumber> ShouldEndSession<BlockNumber> for EndedByValidators {
	fn should_end_session(_: BlockNumber) -> bool {
		false
	}
}

impl<T: Config> Pallet<T> {
	/// Sessions end at the multiples of their length.
	pub(crate) fn ends_session(now: BlockNumberFor<T>) -> bool {
		(now % length::<T>()).is_zero()
	}

	/// Changes the session, if this is the block for it.
	pub(crate) fn change_session(now: BlockNumberFor<T>) -> Weight {
		if !Self::ends_session(now) {
			return T::DbWeight::get().reads(1);
		}
		// Those who validate now, and those of the set: each at most `MaxValidators`.
		let queued = pallet_session::QueuedKeys::<T>::get().len();
		let validators = queued.max(Validators::<T>::get().len());
		pallet_session::Pallet::<T>::rotate_session();
		<T as Config>::WeightInfo::rotate_session(u32::try_from(validators).unwrap_or(u32::MAX))
	}
}

impl<T: Config> EstimateNextSessionRotation<BlockNumberFor<T>> for Pallet<T> {
	fn average_session_length() -> BlockNumberFor<T> {
		length::<T>()
	}

	fn estimate_current_session_progress(now: BlockNumberFor<T>) -> (Option<Permill>, Weight) {
		let length = length::<T>();
		let elapsed = (now % length).saturating_add(One::one());
		(Some(Permill::from_rational(elapsed, length)), T::DbWeight::get().reads(1))
	}

	fn estimate_next_session_rotation(
		now: BlockNumberFor<T>,
	) -> (Option<BlockNumberFor<T>>, Weight) {
		let length = length::<T>();
		let next = now.saturating_sub(now % length).saturating_add(length);
		(Some(next), T::DbWeight::get().reads(1))
	}
}

/// The session's length, never zero, so that it can divide.
fn length<T: Config>() -> BlockNumberFor<T> {
	SessionLength::<T>::get().max(One::one())
}

impl<T: Config> SessionManager<T::AccountId> for Pallet<T> {
	/// Those of the set that have keys, or `None` (no change) where nobody has: an empty set would end
	/// the chain.
	fn new_session(_index: SessionIndex) -> Option<Vec<T::AccountId>> {
		let validators = with_keys::<T>();
		(!validators.is_empty()).then_some(validators)
	}

	fn start_session(_index: SessionIndex) {}

	fn end_session(_index: SessionIndex) {}
}

/// Validators are known by their account alone, so there is nothing more to say about each.
impl<T: Config> historical::SessionManager<T::AccountId, ()> for Pallet<T> {
	fn new_session(index: SessionIndex) -> Option<Vec<(T::AccountId, ())>> {
		<Self as SessionManager<T::AccountId>>::new_session(index)
			.map(|validators| validators.into_iter().map(|validator| (validator, ())).collect())
	}

	fn start_session(index: SessionIndex) {
		<Self as SessionManager<T::AccountId>>::start_session(index)
	}

	fn end_session(index: SessionIndex) {
		<Self as SessionManager<T::AccountId>>::end_session(index)
	}
}

/// Keys can be purged after an account joined the set; such a validator sits the session out.
fn with_keys<T: Config>() -> Vec<T::AccountId> {
	Validators::<T>::get()
		.into_iter()
		.filter(|validator| pallet_session::NextKeys::<T>::contains_key(validator))
		.collect()
}
