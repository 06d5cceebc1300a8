// SPDX-License-Identifier: Apache-2.0

//! Benchmarks of `pallet-session`'s calls, for a chain without `pallet-staking`, on which the SDK's own
//! benchmarks of it depend.

use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_system::RawOrigin;
use pallet_session::{Call, NextKeys, Pallet as Session};

/// The pallet that the benchmark runner names `pallet_session`.
pub struct Pallet<T: Config>(Session<T>);

/// What the benchmarks need of the runtime.
pub trait Config: pallet_session::Config + crate::Config {
	/// Session keys, and the proof that `owner` holds them.
	fn session_keys_and_proof(owner: Self::AccountId) -> (Self::Keys, Vec<u8>);
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn set_keys() -> Result<(), BenchmarkError> {
		let who: T::AccountId = whitelisted_caller();
		frame_system::Pallet::<T>::inc_providers(&who);
		let (keys, proof) = T::session_keys_and_proof(who.clone());
		Session::<T>::ensure_can_pay_key_deposit(&who)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), keys, proof);

		assert!(NextKeys::<T>::contains_key(&who));
		Ok(())
	}

	#[benchmark]
	fn purge_keys() -> Result<(), BenchmarkError> {
		let who: T::AccountId = whitelisted_caller();
		frame_system::Pallet::<T>::inc_providers(&who);
		let (keys, proof) = T::session_keys_and_proof(who.clone());
		Session::<T>::ensure_can_pay_key_deposit(&who)?;
		Session::<T>::set_keys(RawOrigin::Signed(who.clone()).into(), keys, proof)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));

		assert!(!NextKeys::<T>::contains_key(&who));
		Ok(())
	}
}
