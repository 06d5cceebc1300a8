// SPDX-License-Identifier: Apache-2.0
//! Lanes: shares of a block's weight with an order of precedence, their budgets, prices and limits.
//!
//! Five lanes, best first: solvency, risk-down, makers, takers, general. [`PayInLane`] is the transaction extension that meters them;
//! the runtime says which call belongs where ([`Classify`]) and how hard pressed the exchange is ([`Pressure`]).
//! The README of the crate has the terms, the formulas, the invariants, the table of errors and the common mistakes.
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod block;
mod budget;
mod extension;
mod fees;
pub mod forecast;
mod governance;
#[cfg(any(feature = "std", feature = "try-runtime", test))]
mod invariants;
mod lane;
mod limit;
#[cfg(test)]
mod mock;
mod parameters;
mod pressure;
mod priority;
mod refusal;
#[cfg(test)]
mod tests;
pub mod weights;

pub use block::{LaneStatistics, LaneUse, Statistics, Usage};
pub use budget::{Limits, Plan, Space};
pub use extension::{FeeOf, PayInLane, Pre, Val};
pub use fees::next_multiplier;
pub use lane::{Classify, Lane, PerLane, Pressure};
pub use limit::Spent;
pub use pallet::*;
pub use parameters::{
	BadParameters, FeeRule, LaneParameters, LimitRule, ReserveRule, Share, ShareRule,
};
pub use pressure::{demand, next_reserve, stress, Measured};
pub use priority::{lane_of_priority, priority, SPAN, TIP_CAP};
pub use refusal::{Refusal, LANE_CLOSED, TOO_HEAVY};
pub use weights::WeightInfo;

/// This pallet's weights: the fee pallet has a type of the same name.
pub(crate) type WeightsOf<T> = <T as Config>::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::boxed::Box;
	use frame_support::pallet_prelude::*;
	use frame_system::pallet_prelude::*;
	use sp_runtime::FixedU128;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config:
		frame_system::Config<RuntimeEvent: From<Event<Self>>> + pallet_transaction_payment::Config
	{
		/// May set the parameters.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Which call belongs to which lane, and whether it may enter.
		type Classify: Classify<<Self as frame_system::Config>::RuntimeCall, Self::AccountId>;

		/// How hard pressed the exchange is.
		type Pressure: Pressure;

		/// Weights.
		type WeightInfo: WeightInfo;
	}

	/// What governance decided.
	#[pallet::storage]
	#[pallet::whitelist_storage]
	pub type Parameters<T: Config> = StorageValue<_, LaneParameters, ValueQuery>;

	/// The shares in force.
	#[pallet::storage]
	#[pallet::whitelist_storage]
	pub type CurrentPlan<T: Config> = StorageValue<_, Plan, ValueQuery>;

	/// What this block used so far. Kept over the end of the block until the next one begins.
	#[pallet::storage]
	#[pallet::whitelist_storage]
	pub type CurrentUse<T: Config> = StorageValue<_, Usage, ValueQuery>;

	/// The prices that lanes begin with.
	#[pallet::type_value]
	pub fn UsualPrices() -> PerLane<FixedU128> {
		PerLane::from_fn(|_| crate::fees::usual())
	}

	/// What weight costs in each lane, over the usual price.
	#[pallet::storage]
	#[pallet::whitelist_storage]
	pub type Multipliers<T: Config> = StorageValue<_, PerLane<FixedU128>, ValueQuery, UsualPrices>;

	/// The forecast of what solvency needs.
	#[pallet::storage]
	#[pallet::whitelist_storage]
	pub type Demand<T: Config> = StorageValue<_, forecast::PeakHold, ValueQuery>;

	/// The block before.
	#[pallet::storage]
	#[pallet::whitelist_storage]
	pub type LastBlock<T: Config> = StorageValue<_, Statistics<BlockNumberFor<T>>, ValueQuery>;

	/// What accounts have spent of their allowance in makers and takers. No record: nothing.
	#[pallet::storage]
	pub type Spending<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, Spent<BlockNumberFor<T>>>;

	/// Where pruning goes on.
	#[pallet::storage]
	pub type PruneCursor<T: Config> = StorageValue<_, BoundedVec<u8, ConstU32<128>>>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// What governance would decide.
		pub parameters: LaneParameters,
		#[serde(skip)]
		#[allow(missing_docs)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			assert!(self.parameters.validate().is_ok(), "genesis: parameters of lanes");
			Parameters::<T>::put(self.parameters);
			CurrentPlan::<T>::put(Plan::new(&self.parameters, self.parameters.reserve.floor));
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// The reserve for solvency has moved notably since it was last told, or has come to its floor or ceiling.
		BudgetsChanged {
			/// Solvency: reserved, and the most it may use, of the block. The others: of what they share.
			shares: PerLane<Share>,
			/// Accounts waiting to be liquidated.
			backlog: u32,
			/// Realised volatility over what is usual.
			volatility: FixedU128,
		},
		/// Governance decided anew. Shares follow with the next block.
		ParametersSet {
			/// What is in force.
			parameters: Box<LaneParameters>,
		},
	}

	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// Floor, ceiling and most of the reserve have to ascend, and the ceiling to stay below 100 %.
		ReserveOutOfOrder,
		/// The reserve has to move in both directions, and to rise at least as fast as it falls.
		ReserveSteps,
		/// The backlog that asks for the whole reserve has to be above 0, the volatility above 1.
		StressWithoutScale,
		/// Guarantees of the four shared lanes may add up to 100 % at most, calm and stressed.
		TooMuchGuaranteed,
		/// A lane is guaranteed more than its ceiling: raise that or lower the guarantee.
		GuaranteeAboveCeiling,
		/// Stress may not give takers or general more, nor risk-down less.
		StressFavoursTrading,
		/// Risk-down needs a guarantee and general a ceiling: reductions and governance have to pass.
		LaneMustStayOpen,
		/// Target and step of a price have to be between 0 and 100 %, its floor at least 0.001 and at most its ceiling, that
		/// at most 1,000,000.
		FeeRuleOutOfRange,
		/// The limit of an account has to refill, by no more than its cap, and a reduction may not be credited in full.
		LimitOutOfRange,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Decides budgets, prices and limits.
		///
		/// Origin: governance. Shares follow with the next block, within the bounded steps of the reserve; prices at the end of
		/// this one.
		#[pallet::call_index(0)]
		#[pallet::weight(<T as Config>::WeightInfo::set_parameters())]
		pub fn set_parameters(
			origin: OriginFor<T>,
			parameters: Box<LaneParameters>,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_parameters(*parameters)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What weight costs in a lane in the next block, over the usual price.
		pub fn fee_multiplier(lane: Lane) -> FixedU128 {
			Self::multiplier(lane)
		}

		/// Budgets, use, fees and prices of the block before.
		pub fn last_block() -> Statistics<BlockNumberFor<T>> {
			LastBlock::<T>::get()
		}

		/// The shares in force.
		pub fn plan() -> Plan {
			CurrentPlan::<T>::get()
		}

		/// Execution time, in picoseconds, that an account may put into makers and takers now.
		pub fn allowance(who: T::AccountId) -> u64 {
			Self::allowance_of(&who)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::open_block();
			// Saturating: two small figures.
			WeightsOf::<T>::on_initialize().saturating_add(WeightsOf::<T>::on_finalize())
		}

		fn on_idle(_: BlockNumberFor<T>, remaining: Weight) -> Weight {
			Self::use_idle(remaining)
		}

		fn on_finalize(number: BlockNumberFor<T>) {
			Self::close_block(number);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}
}
