// SPDX-License-Identifier: Apache-2.0
//! Benchmarks of the call, the hooks, the extension and the steps of pruning.

use super::*;
use alloc::vec::Vec;
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::{
	dispatch::{DispatchClass, DispatchInfo, Pays, PostDispatchInfo},
	traits::EnsureOrigin,
	weights::{Weight, WeightMeter},
};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use pallet_transaction_payment::{BenchmarkConfig, OnChargeTransaction};
use sp_runtime::traits::{
	AsTransactionAuthorizedOrigin, DispatchTransaction, Dispatchable, TransactionExtension,
};

type CallOf<T> = <T as frame_system::Config>::RuntimeCall;
type Charging<T> = <T as pallet_transaction_payment::Config>::OnChargeTransaction;

/// A record that has run empty.
fn spent<T: Config>(index: u32) -> T::AccountId {
	let who: T::AccountId = account("spender", index, 0);
	Spending::<T>::insert(&who, Spent { picoseconds: 1, at: BlockNumberFor::<T>::from(0u32) });
	who
}

fn at_block<T: Config>(number: u32) {
	frame_system::Pallet::<T>::set_block_number(number.into());
}

#[benchmarks(where
	T: Config + BenchmarkConfig,
	T::RuntimeOrigin: AsTransactionAuthorizedOrigin,
	CallOf<T>: Dispatchable<Info = DispatchInfo, PostInfo = PostDispatchInfo> + Encode,
	PayInLane<T>: TransactionExtension<CallOf<T>>,
)]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn set_parameters() -> Result<(), BenchmarkError> {
		let origin =
			T::GovernanceOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		let mut parameters = LaneParameters::default();
		parameters.limit.cap = sp_runtime::Perbill::one();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, alloc::boxed::Box::new(parameters));

		assert_eq!(Parameters::<T>::get(), parameters);
		Ok(())
	}

	#[benchmark]
	fn on_initialize() {
		// A block that filled its reserve: the plan changes and says so.
		let mut last = Statistics::<BlockNumberFor<T>>::default();
		last.lanes.solvency.usage.used = Weight::MAX;
		LastBlock::<T>::put(last);
		let before = CurrentPlan::<T>::get().reserve();

		#[block]
		{
			Pallet::<T>::open_block();
		}

		assert!(CurrentPlan::<T>::get().reserve() > before);
	}

	#[benchmark]
	fn on_finalize() {
		let number = BlockNumberFor::<T>::from(5u32);
		assert!(Pallet::<T>::enter(
			Lane::General,
			Weight::from_parts(1_000, 1_000),
			DispatchClass::Normal
		));

		#[block]
		{
			Pallet::<T>::close_block(number);
		}

		assert_eq!(LastBlock::<T>::get().lanes.general.usage.transactions, 1);
	}

	#[benchmark]
	fn pay_in_lane() {
		T::setup_benchmark_environment();
		let caller: T::AccountId = account("caller", 0, 0);
		let least = <Charging<T> as OnChargeTransaction<T>>::minimum_balance();
		let tip: FeeOf<T> = if least == 0u32.into() { 1_000_000_000u32.into() } else { least };
		let extension = PayInLane::<T>::from(tip);
		let call: CallOf<T> = frame_system::Call::remark { remark: Vec::new() }.into();
		let info = DispatchInfo {
			call_weight: Weight::from_parts(100, 0),
			extension_weight: extension.weight(&call),
			class: DispatchClass::Normal,
			pays_fee: Pays::Yes,
		};
		let post_info = PostDispatchInfo {
			actual_weight: Some(Weight::from_parts(10, 0)),
			pays_fee: Pays::Yes,
		};
		let fee = pallet_transaction_payment::Pallet::<T>::compute_fee(10, &info, tip);
		let funds = sp_runtime::traits::Saturating::saturating_mul(fee.max(least), 10u32.into());
		<Charging<T> as OnChargeTransaction<T>>::endow_account(&caller, funds);

		#[block]
		{
			let origin = RawOrigin::Signed(caller).into();
			let outcome = extension.test_run(origin, &call, &info, 10, 0, |_| Ok(post_info));
			assert!(outcome.is_ok_and(|it| it.is_ok()));
		}

		assert_eq!(CurrentUse::<T>::get().lanes.general.transactions, 1);
	}

	#[benchmark]
	fn meter_account() {
		at_block::<T>(1);
		let who = spent::<T>(0);

		#[block]
		{
			assert!(Pallet::<T>::spend(&who, 1_000));
			Pallet::<T>::give_back(&who, 10);
		}

		assert!(Spending::<T>::contains_key(&who));
	}

	#[benchmark]
	fn prune_start() {
		// A round that has come to the end of the map: cursor there, nothing behind it.
		let who = spent::<T>(0);
		let key = Spending::<T>::hashed_key_for(&who);
		PruneCursor::<T>::set(key.try_into().ok());
		let mut meter = WeightMeter::new();

		#[block]
		{
			Pallet::<T>::prune_spending(&mut meter);
		}

		assert!(Spending::<T>::contains_key(&who));
		assert!(!PruneCursor::<T>::exists());
	}

	#[benchmark]
	fn prune_account() {
		at_block::<T>(1_000_000);
		let who = spent::<T>(0);
		let next = Spending::<T>::iter();

		#[block]
		{
			Pallet::<T>::prune_next(&mut { next });
		}

		assert!(!Spending::<T>::contains_key(&who));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::Builder::default().build(), crate::mock::Test);
}
