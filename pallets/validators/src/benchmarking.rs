// SPDX-License-Identifier: Apache-2.0

//! Benchmarks of the calls, at the largest set, and of a change of the session.

use super::*;
use frame_benchmarking::v2::*;
use frame_support::{
	traits::{EnsureOrigin, Get},
	BoundedVec,
};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_session::NextKeys;

use crate::session_benchmarking::Config as KeysConfig;

/// The most validators that are measured with.
const MOST: u32 = 100;

/// An account with session keys.
fn with_keys<T: KeysConfig>(index: u32) -> T::AccountId {
	let who: T::AccountId = account("validator", index, 0);
	let (keys, _) = T::session_keys_and_proof(who.clone());
	NextKeys::<T>::insert(&who, keys);
	who
}

fn fill<T: KeysConfig>(count: u32) {
	let set: alloc::vec::Vec<T::AccountId> = (0..count).map(|i| account("member", i, 0)).collect();
	Validators::<T>::put(BoundedVec::truncate_from(set));
}

#[benchmarks(where T: KeysConfig)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn add_validator() -> Result<(), BenchmarkError> {
		let origin =
			T::ManageOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		fill::<T>(T::MaxValidators::get() - 1);
		let who = with_keys::<T>(0);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, who.clone());

		assert!(Validators::<T>::get().contains(&who));
		Ok(())
	}

	#[benchmark]
	fn remove_validator() -> Result<(), BenchmarkError> {
		let origin =
			T::ManageOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		fill::<T>(T::MaxValidators::get());
		let last: T::AccountId = account("member", T::MaxValidators::get() - 1, 0);

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, last.clone());

		assert!(!Validators::<T>::get().contains(&last));
		Ok(())
	}

	#[benchmark]
	fn set_session_length() -> Result<(), BenchmarkError> {
		let origin =
			T::ManageOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let blocks: BlockNumberFor<T> = 7u32.into();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, blocks);

		assert_eq!(SessionLength::<T>::get(), blocks);
		Ok(())
	}

	/// All validators have keys, go on validating, and are told to those who need them.
	#[benchmark]
	fn rotate_session(v: Linear<1, MOST>) -> Result<(), BenchmarkError> {
		let set: alloc::vec::Vec<T::AccountId> = (0..v).map(with_keys::<T>).collect();
		Validators::<T>::put(BoundedVec::truncate_from(set));
		pallet_session::Pallet::<T>::rotate_session();
		let before = pallet_session::CurrentIndex::<T>::get();

		#[block]
		{
			pallet_session::Pallet::<T>::rotate_session();
		}

		assert_eq!(pallet_session::CurrentIndex::<T>::get(), before + 1);
		assert_eq!(pallet_session::QueuedKeys::<T>::get().len() as u32, v);
		Ok(())
	}
}
