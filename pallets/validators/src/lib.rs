// SPDX-License-Identifier: Apache-2.0

//! # Validators
//!
//! Who validates, decided by governance. The pallet keeps one bounded set of accounts; a change takes
//! effect two session changes later, because `pallet-session` queues every new set for one session.
//!
//! ## What it does
//! - [`Call::add_validator`] and [`Call::remove_validator`] change the set. An account is only added
//!   once it has registered session keys, so that a session never starts with a validator that cannot
//!   author or vote.
//! - At each session change it hands the set to `pallet-session` ([`SessionManager`]).
//! - It ends a session every [`SessionLength`] blocks, a figure of the genesis that governance can
//!   change ([`Call::set_session_length`]), and books the measured weight of the change. Give `pallet-session`
//!   [`EndedByValidators`] as its `ShouldEndSession`.
//! - It takes reports of equivocation ([`OnOffenceHandler`]): the offender is disabled for the rest of
//!   the session by the runtime's disabling strategy, and leaves the set unless that would shrink it
//!   below [`Config::MinValidators`].
//!
//! ## Common mistakes
//! - Removing a validator does not stop it at once: it goes on for the rest of this session and the
//!   whole next one.
//! - A validator that purges its session keys sits out until it has new ones, but stays in the set.
//!
//! ## Invariants
//! - The set holds no account twice.
//! - It never shrinks below [`Config::MinValidators`] through a call or an offence, so a chain cannot
//!   vote itself to a standstill.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;
pub use session::{EndedByValidators, UnitIdentificationOf};
pub use weights::WeightInfo;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
mod offences;
mod session;
#[cfg(feature = "runtime-benchmarks")]
pub mod session_benchmarking;
#[cfg(test)]
mod tests;
pub mod weights;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use sp_runtime::traits::Zero;
	use sp_staking::SessionIndex;

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config:
		frame_system::Config
		+ pallet_session::Config<ValidatorId = <Self as frame_system::Config>::AccountId>
	{
		/// May change the set.
		type ManageOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Most validators there can be. Bounds the work at a session change.
		#[pallet::constant]
		type MaxValidators: Get<u32>;

		/// Fewest validators there can be.
		#[pallet::constant]
		type MinValidators: Get<u32>;

		/// Length of a session where the genesis names none.
		#[pallet::constant]
		type DefaultSessionLength: Get<BlockNumberFor<Self>>;

		/// Weights of the calls, and of a change of the session.
		type WeightInfo: WeightInfo;
	}

	/// The set that the next session change takes up.
	#[pallet::storage]
	pub type Validators<T: Config> =
		StorageValue<_, BoundedVec<T::AccountId, T::MaxValidators>, ValueQuery>;

	/// Blocks in a session.
	#[pallet::storage]
	pub type SessionLength<T: Config> =
		StorageValue<_, BlockNumberFor<T>, ValueQuery, T::DefaultSessionLength>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The first set. Each needs session keys in the genesis of `pallet-session`.
		pub validators: Vec<T::AccountId>,
		/// Blocks in a session; without it, [`Config::DefaultSessionLength`].
		pub session_length: Option<BlockNumberFor<T>>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			let mut validators = self.validators.clone();
			validators.sort();
			validators.dedup();
			assert_eq!(
				validators.len(),
				self.validators.len(),
				"genesis: an account is listed twice in `validators`"
			);
			let bounded = BoundedVec::try_from(self.validators.clone())
				.expect("genesis: more validators than `MaxValidators`");
			Validators::<T>::put(bounded);
			if let Some(length) = self.session_length {
				assert!(!length.is_zero(), "genesis: `session_length` is zero");
				SessionLength::<T>::put(length);
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account joins the set; it validates from the second session change on.
		ValidatorAdded {
			/// The new validator.
			validator: T::AccountId,
		},
		/// An account leaves the set; it stops validating at the second session change.
		ValidatorRemoved {
			/// The validator that leaves.
			validator: T::AccountId,
		},
		/// Sessions have another length from now on.
		SessionLengthChanged {
			/// Blocks in a session.
			blocks: BlockNumberFor<T>,
		},
		/// A validator was reported with proof and is disabled for the rest of the session.
		OffenderDisabled {
			/// Who offended.
			validator: T::AccountId,
			/// The session in which the offence happened.
			session: SessionIndex,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The account is in the set already.
		AlreadyValidator,
		/// The account is not in the set.
		NotValidator,
		/// The account has no session keys yet: it must call `session.setKeys` first.
		NoSessionKeys,
		/// The set is full: remove a validator first.
		TooManyValidators,
		/// The set may not shrink any further: add a validator first.
		TooFewValidators,
		/// A session lasts at least one block.
		SessionLengthZero,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Adds `validator` to the set.
		///
		/// It must have registered session keys. It validates from the second session change on.
		#[pallet::call_index(0)]
		#[pallet::weight(<T as Config>::WeightInfo::add_validator())]
		pub fn add_validator(origin: OriginFor<T>, validator: T::AccountId) -> DispatchResult {
			T::ManageOrigin::ensure_origin(origin)?;
			Self::do_add_validator(validator)
		}

		/// Removes `validator` from the set.
		///
		/// It keeps its session keys and goes on validating until the second session change.
		#[pallet::call_index(1)]
		#[pallet::weight(<T as Config>::WeightInfo::remove_validator())]
		pub fn remove_validator(origin: OriginFor<T>, validator: T::AccountId) -> DispatchResult {
			T::ManageOrigin::ensure_origin(origin)?;
			Self::do_remove_validator(&validator)
		}

		/// Makes sessions `blocks` long from now on.
		#[pallet::call_index(2)]
		#[pallet::weight(<T as Config>::WeightInfo::set_session_length())]
		pub fn set_session_length(
			origin: OriginFor<T>,
			blocks: BlockNumberFor<T>,
		) -> DispatchResult {
			T::ManageOrigin::ensure_origin(origin)?;
			ensure!(!blocks.is_zero(), Error::<T>::SessionLengthZero);
			SessionLength::<T>::put(blocks);
			Self::deposit_event(Event::SessionLengthChanged { blocks });
			Ok(())
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			Self::change_session(now)
		}

		fn integrity_test() {
			assert!(T::MinValidators::get() >= 1, "a chain needs a validator");
			assert!(T::MinValidators::get() <= T::MaxValidators::get());
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_n: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	impl<T: Config> Pallet<T> {
		fn do_add_validator(validator: T::AccountId) -> DispatchResult {
			ensure!(
				pallet_session::NextKeys::<T>::contains_key(&validator),
				Error::<T>::NoSessionKeys
			);
			Validators::<T>::try_mutate(|validators| {
				ensure!(!validators.contains(&validator), Error::<T>::AlreadyValidator);
				validators.try_push(validator.clone()).map_err(|_| Error::<T>::TooManyValidators)
			})?;
			Self::deposit_event(Event::ValidatorAdded { validator });
			Ok(())
		}

		pub(super) fn do_remove_validator(validator: &T::AccountId) -> DispatchResult {
			Validators::<T>::try_mutate(|validators| {
				let position = validators
					.iter()
					.position(|known| known == validator)
					.ok_or(Error::<T>::NotValidator)?;
				ensure!(
					validators.len() as u32 > T::MinValidators::get(),
					Error::<T>::TooFewValidators
				);
				validators.remove(position);
				Ok::<(), Error<T>>(())
			})?;
			Self::deposit_event(Event::ValidatorRemoved { validator: validator.clone() });
			Ok(())
		}

		/// Checks the pallet's invariants:
		///
		/// * the set holds no account twice;
		/// * a session lasts at least one block.
		#[cfg(any(feature = "try-runtime", test))]
		pub fn do_try_state() -> Result<(), sp_runtime::TryRuntimeError> {
			let validators = Validators::<T>::get();
			let mut distinct = validators.to_vec();
			distinct.sort();
			distinct.dedup();
			ensure!(distinct.len() == validators.len(), "validators: an account is listed twice");
			ensure!(!SessionLength::<T>::get().is_zero(), "validators: a session of no blocks");
			Ok(())
		}
	}
}
