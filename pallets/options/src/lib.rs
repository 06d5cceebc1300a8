// SPDX-License-Identifier: Apache-2.0

#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use drift::{DRIFT_JUMP, DRIFT_STEP};
pub use governance::default_portfolio_model;
pub use pallet::*;
pub use schedule::{Minutes, Schedule, ScheduleError};
pub use types::*;
pub use weights::WeightInfo;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
pub mod calendar;
mod drift;
mod governance;
mod hooks;
mod life;
mod listing;
mod markets;
#[cfg(test)]
mod mock;
pub mod names;
mod pricing;
mod reprice;
pub mod schedule;
#[cfg(any(feature = "runtime-benchmarks", test))]
mod set_up;
pub mod strikes;
mod terms;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime", test))]
mod try_state;
mod types;
pub mod weights;

/// Target of the pallet's log lines.
pub(crate) const LOG_TARGET: &str = "runtime::options";

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::{string::String, vec::Vec};
	use ballast_exchange::{
		AssetId, ExpiryId, MarketTerms, Moment, OptionKind, PortfolioModel, Ppb, Price,
		PriceSource, PricedExpiry, Scenarios, SeriesId, UnderlyingId,
	};
	use ballast_risk::{PortfolioParameters, StandardParameters};
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungible::{hold::Mutate as HoldMutate, Inspect},
			Time,
		},
		weights::WeightMeter,
	};
	use frame_system::pallet_prelude::*;
	use serde::{Deserialize, Serialize};

	/// Amount of the native token.
	pub type BalanceOf<T> =
		<<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

	/// The version of the storage below.
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// May create underlyings and set what belongs to them.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// The native token, of which deposits are held.
		type Currency: HoldMutate<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// Prices.
		type Prices: PriceSource;

		/// The block's timestamp, milliseconds since the epoch.
		type Time: Time<Moment = Moment>;

		/// What listing a strike holds until its expiry is pruned.
		#[pallet::constant]
		type StrikeDeposit: Get<BalanceOf<Self>>;

		/// Weights.
		type WeightInfo: WeightInfo;
	}

	/// Why the pallet holds native tokens.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For a strike listed on request, until its expiry is pruned.
		StrikeDeposit,
	}

	/// What the hook has to know of each underlying, ascending by its number: one read a block.
	#[pallet::storage]
	pub type Agenda<T: Config> =
		StorageValue<_, BoundedVec<AgendaEntry, ConstU32<MAX_UNDERLYINGS>>, ValueQuery>;

	/// Underlyings.
	#[pallet::storage]
	pub type Underlyings<T: Config> = StorageMap<_, Twox64Concat, UnderlyingId, Underlying>;

	/// The underlying that an asset follows.
	#[pallet::storage]
	pub type BaseAssets<T: Config> = StorageMap<_, Twox64Concat, AssetId, UnderlyingId>;

	/// Rules of portfolio margin per underlying.
	#[pallet::storage]
	pub type PortfolioModels<T: Config> = StorageMap<_, Twox64Concat, UnderlyingId, PortfolioModel>;

	/// Rules of standard margin per underlying.
	#[pallet::storage]
	pub type StandardModels<T: Config> =
		StorageMap<_, Twox64Concat, UnderlyingId, StandardParameters>;

	/// Expiries of an underlying that are not pruned, and where they are in their life.
	#[pallet::storage]
	pub type Expiries<T: Config> =
		StorageMap<_, Twox64Concat, UnderlyingId, ExpiryList, ValueQuery>;

	/// What is listed of an expiry.
	#[pallet::storage]
	pub type Listings<T: Config> =
		StorageDoubleMap<_, Twox64Concat, UnderlyingId, Twox64Concat, Moment, Listing>;

	/// Deposits for strikes of an expiry.
	#[pallet::storage]
	pub type Deposits<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		UnderlyingId,
		Twox64Concat,
		Moment,
		StrikeDeposits<T::AccountId, BalanceOf<T>>,
		ValueQuery,
	>;

	/// Risk arrays of an expiry.
	///
	/// Bounded though its type does not say so: [`MAX_STRIKES`] strikes, two arrays of at most 67 entries
	/// of 8 bytes on each, and 24 bytes beside them: 72,000 bytes.
	#[pallet::storage]
	#[pallet::unbounded]
	pub type Priced<T: Config> =
		StorageDoubleMap<_, Twox64Concat, UnderlyingId, Twox64Concat, Moment, PricedExpiry>;

	/// How far everything but spot has travelled, parts per billion; the last number of the type if that cannot be
	/// said any more.
	#[pallet::storage]
	pub type Drifts<T: Config> = StorageMap<_, Twox64Concat, UnderlyingId, u64>;

	/// The surface of an expiry that its arrays were last counted from.
	#[pallet::storage]
	pub type References<T: Config> =
		StorageDoubleMap<_, Twox64Concat, UnderlyingId, Twox64Concat, Moment, Reference>;

	/// The price of the settlement asset that was last counted from.
	#[pallet::storage]
	pub type QuoteReference<T: Config> = StorageValue<_, Ppb>;

	/// Expiries whose arrays are older than the round they should belong to: they could not be computed.
	#[pallet::storage]
	pub type Behind<T: Config> = StorageValue<_, ExpiryQueue, ValueQuery>;

	/// Expiries whose arrays are to be computed again, the next one first.
	#[pallet::storage]
	pub type PendingRepricing<T: Config> = StorageValue<_, ExpiryQueue, ValueQuery>;

	/// Expired ones that wait for their settlement price.
	#[pallet::storage]
	pub type AwaitingPrice<T: Config> = StorageValue<_, ExpiryQueue, ValueQuery>;

	/// Those whose positions are to be settled, the next one first.
	#[pallet::storage]
	pub type SettlingQueue<T: Config> = StorageValue<_, ExpiryQueue, ValueQuery>;

	/// Settled ones whose books are to be pruned, the next one first.
	#[pallet::storage]
	pub type PruningQueue<T: Config> = StorageValue<_, ExpiryQueue, ValueQuery>;

	/// Pruned ones whose listings are to be removed, the next one first.
	#[pallet::storage]
	pub type RemovalQueue<T: Config> = StorageValue<_, ExpiryQueue, ValueQuery>;

	/// An underlying of the genesis.
	#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
	#[serde(deny_unknown_fields)]
	pub struct GenesisUnderlying {
		/// Its number.
		pub id: UnderlyingId,
		/// Its symbol.
		pub symbol: String,
		/// On which terms its options trade.
		pub terms: MarketTerms,
		/// What is listed by itself.
		pub schedule: Schedule,
	}

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The first underlyings, under the default models.
		pub underlyings: Vec<GenesisUnderlying>,
		/// Nothing.
		#[serde(skip)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for underlying in &self.underlyings {
				let GenesisUnderlying { id, symbol, terms, schedule } = underlying.clone();
				let bounded = Symbol::try_from(symbol.clone().into_bytes())
					.expect("genesis: a symbol has more than 8 characters");
				Pallet::<T>::do_create_underlying(id, bounded, terms, schedule)
					.unwrap_or_else(|error| panic!("genesis: underlying {symbol}: {error:?}"));
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An underlying was created, under the default models.
		UnderlyingCreated {
			/// Its number.
			underlying: UnderlyingId,
			/// Its symbol.
			symbol: Symbol,
			/// On which terms its options trade.
			terms: MarketTerms,
			/// What is listed by itself.
			schedule: Schedule,
		},
		/// An underlying has new terms.
		TermsChanged {
			/// The underlying.
			underlying: UnderlyingId,
			/// The new terms.
			terms: MarketTerms,
		},
		/// An underlying has a new schedule. What is listed stays until it expires.
		ScheduleChanged {
			/// The underlying.
			underlying: UnderlyingId,
			/// The new schedule.
			schedule: Schedule,
		},
		/// An underlying has new rules of portfolio margin; its expiries are repriced.
		PortfolioModelChanged {
			/// The underlying.
			underlying: UnderlyingId,
			/// The new parameters.
			parameters: PortfolioParameters,
			/// The new grid.
			scenarios: Scenarios,
		},
		/// An underlying has new rules of standard margin.
		StandardParametersChanged {
			/// The underlying.
			underlying: UnderlyingId,
			/// The new parameters.
			parameters: StandardParameters,
		},
		/// An underlying was paused or goes on.
		PausedChanged {
			/// The underlying.
			underlying: UnderlyingId,
			/// Whether orders that add risk are refused from now on.
			paused: bool,
		},
		/// An expiry was listed; its strikes follow.
		ExpiryListed {
			/// The underlying.
			underlying: UnderlyingId,
			/// The expiry, milliseconds since the epoch.
			expiry: Moment,
		},
		/// Strikes were listed, a call and a put on each. They trade once the expiry is priced.
		StrikesListed {
			/// The underlying.
			underlying: UnderlyingId,
			/// The expiry, milliseconds since the epoch.
			expiry: Moment,
			/// The new strikes in micro-USD.
			strikes: Strikes,
			/// Who asked for them against a deposit; `None` if the schedule did.
			requested_by: Option<T::AccountId>,
		},
		/// An expiry could not be priced; its arrays age. Reported once until pricing succeeds again.
		ExpiryRepriceFailed {
			/// The underlying.
			underlying: UnderlyingId,
			/// The expiry, milliseconds since the epoch.
			expiry: Moment,
			/// Why.
			reason: RepriceFailure,
		},
		/// An expiry has passed: no more orders, it waits for its settlement price.
		Expired {
			/// The underlying.
			underlying: UnderlyingId,
			/// The expiry, milliseconds since the epoch.
			expiry: Moment,
		},
		/// An expiry has its settlement price; its positions are being settled.
		SettlementPriced {
			/// The underlying.
			underlying: UnderlyingId,
			/// The expiry, milliseconds since the epoch.
			expiry: Moment,
			/// The average of spot that it settles at.
			price: Price,
		},
		/// Every position of an expiry is settled.
		Settled {
			/// The underlying.
			underlying: UnderlyingId,
			/// The expiry, milliseconds since the epoch.
			expiry: Moment,
		},
		/// An expiry is gone: its strikes are not listed any more and their deposits are returned.
		Pruned {
			/// The underlying.
			underlying: UnderlyingId,
			/// The expiry, milliseconds since the epoch.
			expiry: Moment,
		},
		/// Something about an underlying is not as it has to be: orders that add risk are refused and nothing is
		/// listed until governance calls `set_paused` with `false`.
		Frozen {
			/// The underlying.
			underlying: UnderlyingId,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// There is no underlying of this number.
		UnknownUnderlying,
		/// There is an underlying of this number already: take another number.
		UnderlyingExists,
		/// There are as many underlyings as a price report carries.
		TooManyUnderlyings,
		/// A symbol is 1 to 8 of `A` to `Z` and `0` to `9`.
		SymbolInvalid,
		/// Another underlying has this symbol.
		SymbolTaken,
		/// Another underlying has this base asset.
		BaseAssetTaken,
		/// Lots per contract are 1 to 1,000,000.
		LotsPerContractOutOfRange,
		/// The tick must be a multiple of the lots per contract and above zero, so that a fill costs a
		/// whole number of micro-USD.
		TickNotMultiple,
		/// The tick is above a million dollars.
		TickTooLarge,
		/// Order sizes must be `0 < smallest <= largest <= 2^40` lots.
		OrderSizeOutOfRange,
		/// The most open interest must be at least the largest order and at most `2^40` lots.
		OpenInterestOutOfRange,
		/// Fees are 0 to 10 % of the notional.
		FeeOutOfRange,
		/// The cap on a fee is 0 to 100 % of the premium.
		FeeCapOutOfRange,
		/// Lots per contract, tick and base asset only change while no expiry of the underlying is
		/// listed: set a schedule without expiries and wait until the last one is pruned.
		UnitsInUse,
		/// The period must divide a day and be at most twelve hours.
		PeriodInvalid,
		/// The counts of a schedule must not add up to more than 12.
		TooManyExpiries,
		/// Strikes on each side are 1 to 20.
		StrikesEachSideOutOfRange,
		/// The step of strikes is 0.01 % to 50 %.
		StrikeStepOutOfRange,
		/// The grid has no scenario.
		NoScenarios,
		/// The scenario of this index has a spot outside 0 to 10 or a weight outside 0 to 2.
		ScenarioOutOfRange(u8),
		/// The parameter of this index in `PortfolioParameters` is outside its range.
		PortfolioParameterOutOfRange(u8),
		/// The parameter of this index in `StandardParameters` is outside its range.
		StandardParameterOutOfRange(u8),
		/// Of two standard parameters the smaller one must not be above the other: `spot_min` and
		/// `spot_max`, maintenance and initial charges.
		StandardParametersInconsistent,
		/// Each parameter is in range, but an option of a hundred dollars cannot be priced by them.
		ModelDoesNotPrice,
		/// The underlying is paused: nothing new is listed.
		UnderlyingPaused,
		/// The expiry is not listed or does not trade any more.
		ExpiryNotTrading,
		/// There is no fresh spot to measure the strike by: try again when there is.
		NoFreshSpot,
		/// The strike is listed already.
		StrikeAlreadyListed,
		/// The strike is not within a tenth of spot and ten times spot.
		StrikeTooFar,
		/// The strike is not a multiple of a tenth of the schedule's step.
		StrikeOffGrid,
		/// The expiry has all the strikes it can have, or all that can be requested.
		TooManyStrikes,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Creates an underlying under the default models, listing by `schedule`.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::create_underlying())]
		pub fn create_underlying(
			origin: OriginFor<T>,
			underlying: UnderlyingId,
			symbol: Symbol,
			terms: MarketTerms,
			schedule: Schedule,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_create_underlying(underlying, symbol, terms, schedule)
		}

		/// Sets the terms of an underlying. Its units stay while anything is listed.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::set_terms())]
		pub fn set_terms(
			origin: OriginFor<T>,
			underlying: UnderlyingId,
			terms: MarketTerms,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_terms(underlying, terms)
		}

		/// Sets what is listed by itself from now on. What is listed stays until it expires.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::set_schedule())]
		pub fn set_schedule(
			origin: OriginFor<T>,
			underlying: UnderlyingId,
			schedule: Schedule,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_schedule(underlying, schedule)
		}

		/// Sets rules and grid of portfolio margin; every expiry of the underlying is repriced.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::set_portfolio_model())]
		pub fn set_portfolio_model(
			origin: OriginFor<T>,
			underlying: UnderlyingId,
			model: PortfolioModel,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_portfolio_model(underlying, model)
		}

		/// Sets the rules of standard margin.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::set_standard_parameters())]
		pub fn set_standard_parameters(
			origin: OriginFor<T>,
			underlying: UnderlyingId,
			parameters: StandardParameters,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_standard_parameters(underlying, parameters)
		}

		/// Stops orders that add risk, and new listings, or lets them go on.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_paused())]
		pub fn set_paused(
			origin: OriginFor<T>,
			underlying: UnderlyingId,
			paused: bool,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_paused(underlying, paused)
		}

		/// Lists a strike, in micro-USD, on an expiry that trades. Anyone may, for a deposit that is
		/// returned when the expiry is pruned.
		///
		/// It must be a multiple of a tenth of the schedule's step, within a tenth of spot and ten times
		/// spot. It can be traded from the next block on.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::list_strike())]
		pub fn list_strike(
			origin: OriginFor<T>,
			underlying: UnderlyingId,
			expiry: Moment,
			strike: u64,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_list_strike(who, underlying, expiry, strike)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_idle(_n: BlockNumberFor<T>, remaining: Weight) -> Weight {
			let mut meter = WeightMeter::with_limit(remaining);
			Self::remove_pruned(&mut meter);
			meter.consumed()
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_n: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The series of a name such as `BTC-26DEC26-100000-C`, if it is listed.
		pub fn series_by_name(name: Vec<u8>) -> Option<SeriesId> {
			let parts = names::parse(&name)?;
			Self::find_series(&parts.symbol, parts.expiry, parts.strike, parts.kind)
		}

		/// The series of a symbol, an expiry in milliseconds, a strike in micro-USD and a kind, if it is
		/// listed.
		pub fn series(
			symbol: Vec<u8>,
			expiry: Moment,
			strike: u64,
			kind: OptionKind,
		) -> Option<SeriesId> {
			Self::find_series(&symbol, expiry, strike, kind)
		}

		/// What is listed of an expiry.
		pub fn listing(underlying: UnderlyingId, expiry: Moment) -> Option<ListedExpiry> {
			Self::listed_expiry(underlying, expiry)
		}

		/// Every expiry that is not pruned, by underlying and time.
		pub fn all_expiries() -> Vec<(ExpiryId, ExpiryState)> {
			Self::every_expiry()
		}
	}
}
