// SPDX-License-Identifier: Apache-2.0
//! What holds between any two calls.

use crate::{
	Config, CurrentPlan, CurrentUse, Lane, Limits, Multipliers, Pallet, Parameters, Spending,
};
use frame_support::{ensure, traits::Get};
use sp_runtime::{traits::Zero, Perbill, TryRuntimeError};

impl<T: Config> Pallet<T> {
	/// # Invariants
	/// - Parameters are valid.
	/// - Shares of the pool add up to at most the pool; no lane is guaranteed more than it may use.
	/// - What the lanes of the normal class use together is at most what the normal class may use; solvency uses at most
	///   the block.
	/// - Operational calls of other lanes are part of what these use.
	/// - No multiplier is zero.
	/// - Every record of an account says that something is spent, in no future block.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		ensure!(Parameters::<T>::get().validate().is_ok(), "parameters are not valid");
		Self::try_plan()?;
		Self::try_usage()?;
		let multipliers = Multipliers::<T>::get();
		let priced = Lane::ALL.into_iter().all(|lane| !multipliers.get(lane).is_zero());
		ensure!(priced, "a lane has no price");
		let now = frame_system::Pallet::<T>::block_number();
		for (_, spent) in Spending::<T>::iter() {
			ensure!(spent.picoseconds > 0, "a record of an account that has spent nothing");
			ensure!(spent.at <= now, "an account has spent in a future block");
		}
		Ok(())
	}

	fn try_plan() -> Result<(), TryRuntimeError> {
		let shares = CurrentPlan::<T>::get().shares;
		let guaranteed = |lane: Lane| u64::from(shares.get(lane).guaranteed.deconstruct());
		let sum: u64 = Lane::SHARED.into_iter().map(guaranteed).sum();
		ensure!(sum <= u64::from(Perbill::one().deconstruct()), "more is guaranteed than there is");
		let below = |lane: Lane| shares.get(lane).guaranteed <= shares.get(lane).ceiling;
		ensure!(Lane::ALL.into_iter().all(below), "a guarantee is above the ceiling");
		Ok(())
	}

	fn try_usage() -> Result<(), TryRuntimeError> {
		let usage = CurrentUse::<T>::get();
		let limits = Limits::from(T::BlockWeights::get());
		let mut sum = frame_support::weights::Weight::zero();
		for lane in Lane::SHARED {
			let used = usage.lanes.get(lane).used;
			sum = sum.checked_add(&used).ok_or("the use of lanes does not fit")?;
		}
		ensure!(sum.all_lte(limits.normal), "lanes used more than the normal class may");
		ensure!(usage.operational.all_lte(sum), "operational calls outside of any lane");
		let solvency = usage.lanes.solvency.used;
		ensure!(solvency.all_lte(limits.block), "solvency used more than the block");
		Ok(())
	}
}
