// SPDX-License-Identifier: Apache-2.0
#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;
pub use parameters::{ParameterError, PriceParameters};
pub use types::{
	DropReason, DroppedPart, DroppedParts, ExpiryRound, Feed, FinalPrice, IgnoreReason, Part,
	QuoteRound, Round, StoredReport, MAX_DROPPED_PARTS, MAX_RECENT_AUTHORS, MAX_STRIKES,
	MAX_WINDOWS,
};
pub use weights::WeightInfo;

mod aggregate;
pub mod average;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
mod parameters;
mod report;
mod round;
mod settlement;
mod source;
mod statistics;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime", test))]
mod try_state;
mod types;
pub mod volatility;
pub mod weights;

/// Target of the pallet's log lines.
pub(crate) const LOG_TARGET: &str = "runtime::prices";

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use ballast_exchange::{
		ListedExpiries, Moment, Ppb, Price, PriceReport, PriceSource, RoundNumber,
		SettlementAverage, UnderlyingId, INHERENT_IDENTIFIER, MAX_REPORTED_EXPIRIES,
	};
	use frame_support::{
		dispatch::PostDispatchInfo, pallet_prelude::*, traits::Time, weights::WeightMeter,
	};
	use frame_system::pallet_prelude::*;
	use sp_inherents::MakeFatalError;

	/// Layout of the storage.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// May change the parameters.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The author of this block, whose report the block carries.
		type Author: Get<Option<Self::AccountId>>;

		/// What is listed, and on which strikes a slice has to be free of arbitrage.
		type Listed: ListedExpiries;

		/// Time of this block, milliseconds since the epoch.
		type Time: Time<Moment = Moment>;

		/// Weights of the calls and of the steps after the inherents.
		type WeightInfo: WeightInfo;

		/// Lists a market for the benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: ballast_exchange::BenchmarkHelper<Self::AccountId>;
	}

	/// The rules that governance sets.
	#[pallet::storage]
	pub type Parameters<T: Config> = StorageValue<_, PriceParameters, ValueQuery>;

	/// Latest report of each recent author.
	#[pallet::storage]
	pub type Reports<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, StoredReport, OptionQuery>;

	/// Authors with a report and when they made it, oldest first; each once.
	#[pallet::storage]
	pub type Recent<T: Config> = StorageValue<
		_,
		BoundedVec<(T::AccountId, Moment), ConstU32<MAX_RECENT_AUTHORS>>,
		ValueQuery,
	>;

	/// The block that took the last report: a block takes one.
	#[pallet::storage]
	pub type ReportedIn<T: Config> = StorageValue<_, BlockNumberFor<T>, OptionQuery>;

	/// Price of the settlement asset in dollars.
	#[pallet::storage]
	pub type QuotePrice<T: Config> = StorageValue<_, QuoteRound, OptionQuery>;

	/// Latest round of each underlying.
	#[pallet::storage]
	pub type Rounds<T: Config> = StorageMap<_, Twox64Concat, UnderlyingId, Round, OptionQuery>;

	/// Latest prices of the expiries of an underlying, ascending.
	#[pallet::storage]
	pub type ExpiryPrices<T: Config> = StorageMap<
		_,
		Twox64Concat,
		UnderlyingId,
		BoundedVec<ExpiryRound, ConstU32<MAX_REPORTED_EXPIRIES>>,
		ValueQuery,
	>;

	/// What rounds have left behind: the integral of spot, realised volatility, open windows.
	#[pallet::storage]
	pub type Feeds<T: Config> = StorageMap<_, Twox64Concat, UnderlyingId, Feed, ValueQuery>;

	/// Settlement prices that change no more, until the expiry is forgotten. At most as many as there are
	/// expiries that are listed and not pruned.
	#[pallet::storage]
	pub type FinalPrices<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		UnderlyingId,
		Twox64Concat,
		Moment,
		FinalPrice,
		OptionQuery,
	>;

	/// The underlying to begin with where the last block's meter ended before all had their turn.
	#[pallet::storage]
	pub type NextUnderlying<T: Config> = StorageValue<_, UnderlyingId, OptionQuery>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The rules; without it, [`PriceParameters::default`].
		pub parameters: PriceParameters,
		/// Nothing of the runtime's types is in it.
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			if let Err(error) = self.parameters.validate() {
				panic!("genesis: prices: {error:?}");
			}
			Parameters::<T>::put(self.parameters);
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// The report of a block's author is stored.
		ReportTaken {
			/// The author.
			author: T::AccountId,
			/// Underlyings that passed every check.
			underlyings: u32,
			/// Expiries that passed every check.
			expiries: u32,
		},
		/// Parts of a report were not stored. The rest of it counts.
		PartsDropped {
			/// The author.
			author: T::AccountId,
			/// Each part with the reason.
			parts: DroppedParts,
		},
		/// A report was not looked at.
		ReportIgnored {
			/// Why.
			reason: IgnoreReason,
		},
		/// An underlying has new prices.
		RoundMade {
			/// The underlying.
			underlying: UnderlyingId,
			/// Number of the round.
			round: RoundNumber,
			/// When the latest of its reports was made, milliseconds since the epoch.
			at: Moment,
			/// Spot.
			spot: Price,
			/// Confidence of spot.
			confidence: Ppb,
			/// Reports it was made from.
			reports: u32,
		},
		/// The median of spot lay further from the last round than the clamp permits.
		SpotClamped {
			/// The underlying.
			underlying: UnderlyingId,
			/// The median.
			median: Price,
			/// What the round says instead.
			taken: Price,
		},
		/// Enough authors report an underlying: rounds are made.
		QuorumReached {
			/// The underlying.
			underlying: UnderlyingId,
			/// Authors inside the freshness window.
			authors: u32,
		},
		/// Too few authors report an underlying: no round is made and its prices age.
		QuorumLost {
			/// The underlying.
			underlying: UnderlyingId,
			/// Authors inside the freshness window.
			authors: u32,
		},
		/// The settlement average of an expiry begins.
		WindowOpened {
			/// The underlying.
			underlying: UnderlyingId,
			/// The expiry.
			expiry: Moment,
			/// First moment of the average: the planned one, or when an expiry listed inside its own window was
			/// first seen.
			start: Moment,
		},
		/// The settlement price of an expiry is final.
		SettlementFixed {
			/// The underlying.
			underlying: UnderlyingId,
			/// The expiry.
			expiry: Moment,
			/// What it settles at.
			price: Price,
			/// Time of the window that had a price; zero if it is the first spot after the expiry.
			covered_millis: u64,
		},
		/// The rules have changed.
		ParametersSet {
			/// The rules from now on.
			parameters: PriceParameters,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The quorum is zero or above the number of authors that are remembered: choose 1 to 32.
		QuorumOutOfRange,
		/// The freshness window is zero or longer than an hour.
		FreshnessOutOfRange,
		/// The clamp is zero or above the whole: choose 1 to 1,000,000,000 parts per billion.
		ClampOutOfRange,
		/// The largest age is zero or longer than an hour.
		MaxAgeOutOfRange,
		/// The settlement window is not a whole number of seconds between one second and a day.
		SettlementWindowOutOfRange,
		/// The interval between samples of volatility is zero or longer than a day.
		VolSampleOutOfRange,
		/// The half-life is shorter than the interval between samples, longer than a million of them, or longer
		/// than a year.
		VolHalfLifeOutOfRange,
		/// The factor on the spread is above 1,000,000.
		SpreadFactorOutOfRange,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// What the feed of the block's author says. An inherent: nobody can submit it as a transaction.
		///
		/// Never fails for its content, because a failing mandatory extrinsic makes the block invalid. Parts
		/// that do not pass the checks are dropped with [`Event::PartsDropped`].
		#[pallet::call_index(0)]
		#[pallet::weight((Pallet::<T>::report_weight(report), DispatchClass::Mandatory))]
		pub fn report(origin: OriginFor<T>, report: PriceReport) -> DispatchResultWithPostInfo {
			ensure_none(origin)?;
			let actual_weight = Some(Self::do_report(report));
			Ok(PostDispatchInfo { actual_weight, pays_fee: Pays::No })
		}

		/// Replaces the rules. They hold from the next round on; windows that are open keep their start.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: PriceParameters) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			parameters.validate().map_err(Error::<T>::from)?;
			Parameters::<T>::put(parameters);
			Self::deposit_event(Event::ParametersSet { parameters });
			Ok(())
		}
	}

	#[pallet::inherent]
	impl<T: Config> ProvideInherent for Pallet<T> {
		type Call = Call<T>;
		type Error = MakeFatalError<()>;
		const INHERENT_IDENTIFIER: InherentIdentifier = INHERENT_IDENTIFIER;

		fn create_inherent(data: &InherentData) -> Option<Self::Call> {
			match data.get_data::<PriceReport>(&INHERENT_IDENTIFIER) {
				Ok(report) => report.map(|report| Call::report { report }),
				Err(error) => {
					log::warn!(target: LOG_TARGET, "the feed's report does not decode: {error:?}");
					None
				},
			}
		}

		// What another feed says is neither right nor wrong: the median decides.
		fn check_inherent(_: &Self::Call, _: &InherentData) -> Result<(), Self::Error> {
			Ok(())
		}

		fn is_inherent(call: &Self::Call) -> bool {
			matches!(call, Call::report { .. })
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_n: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The latest round of an underlying: number, moment, spot and its confidence.
		pub fn latest_round(underlying: UnderlyingId) -> Option<Round> {
			Rounds::<T>::get(underlying)
		}

		/// The latest forward, rate and volatility slice of each expiry, ascending.
		pub fn latest_expiries(underlying: UnderlyingId) -> Vec<ExpiryRound> {
			ExpiryPrices::<T>::get(underlying).into_inner()
		}

		/// The settlement average of an expiry so far, or what it settles at.
		pub fn settlement_average(underlying: UnderlyingId, expiry: Moment) -> SettlementAverage {
			<Self as PriceSource>::settlement(underlying, expiry)
		}

		/// Realised volatility per year, parts per billion.
		pub fn realised_volatility(underlying: UnderlyingId) -> Option<Ppb> {
			<Self as PriceSource>::realised_vol(underlying)
		}
	}

	impl<T: Config> Pallet<T> {
		/// Makes rounds of the reports and moves the settlement averages on.
		///
		/// To be called once per block, after the inherents. Underlyings that the meter leaves no room for
		/// come first in the next block.
		pub fn after_inherents(meter: &mut WeightMeter) {
			Self::do_after_inherents(meter);
		}
	}
}
