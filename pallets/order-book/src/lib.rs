// SPDX-License-Identifier: Apache-2.0
#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;
pub use weights::WeightInfo;

pub mod admission;
mod batch;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod bits;
mod book;
mod cancelling;
mod combo;
mod matching;
mod metering;
#[cfg(test)]
mod mock;
mod placing;
mod pruning;
mod queue;
mod replacing;
mod session;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime", test))]
mod try_state;
pub mod types;
mod views;
pub mod weights;

pub use batch::NO_PALLET;
pub use bits::Bits;
pub use pruning::MAX_PRUNED_PER_BLOCK;

/// Target of the pallet's log lines.
const LOG_TARGET: &str = "runtime::order-book";

/// Account ids of the runtime.
pub type AccountIdOf<T> = <T as frame_system::Config>::AccountId;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use crate::types::*;
	use alloc::vec::Vec;
	use ballast_exchange::{
		AccountKey, Clearing, ClientOrderId, ExpiryId, Lots, Markets, MicroUsd, Moment, OpenOrder,
		OptionPrice, OrderId, SeriesId, Side,
	};
	use frame_support::{pallet_prelude::*, traits::Time};
	use frame_system::pallet_prelude::*;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// Holds the accounts and moves the money.
		type Clearing: Clearing<Self::AccountId>;

		/// Says what is listed and on which terms.
		type Markets: Markets;

		/// Says what time it is, milliseconds since the epoch.
		type Time: Time<Moment = Moment>;

		/// Most resting orders that one order may look at.
		#[pallet::constant]
		type MaxMatches: Get<u32>;

		/// Most resting orders that a whole batch or combo may look at.
		#[pallet::constant]
		type MaxBatchMatches: Get<u32>;

		/// Resting sides whose margin one call has weight to check, all as large as an account can be; of usual
		/// accounts it checks many more. At least 1.
		#[pallet::constant]
		type CheckedMakers: Get<u32>;

		/// Most operations of a batch; at most 64.
		#[pallet::constant]
		type MaxBatch: Get<u32>;

		/// Weights of the calls.
		type WeightInfo: WeightInfo;

		/// Sets up markets for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: ballast_exchange::BenchmarkHelper<Self::AccountId>;

		/// Sets up accounts for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkAccounts: crate::benchmarking::BenchmarkAccounts<Self::AccountId>;
	}

	/// Series that have orders, by expiry, then strike and kind: tick and roots of their price trees.
	#[pallet::storage]
	pub type Books<T: Config> =
		StorageDoubleMap<_, Twox64Concat, ExpiryId, Twox64Concat, SeriesKey, Book>;

	/// Nodes of the price trees, none empty.
	#[pallet::storage]
	pub type Branches<T: Config> =
		StorageDoubleMap<_, Twox64Concat, ExpiryId, Twox64Concat, BranchKey, Bits>;

	/// Price levels, none empty.
	#[pallet::storage]
	pub type Levels<T: Config> =
		StorageDoubleMap<_, Twox64Concat, ExpiryId, Twox64Concat, LevelKey, Level<T::AccountId>>;

	/// Neighbours of the orders that stand in the linked part of their level.
	#[pallet::storage]
	pub type Queued<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		ExpiryId,
		Blake2_128Concat,
		OrderRef<T::AccountId>,
		Links<T::AccountId>,
	>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An order rests at the end of the queue of its price.
		OrderPlaced {
			/// Its account.
			account: AccountKey<T::AccountId>,
			/// The order; its lots are what rests.
			order: OpenOrder,
		},
		/// Two orders traded, at the price of the one that rested.
		Filled {
			/// The series.
			series: SeriesId,
			/// Price, micro-USD per contract.
			price: OptionPrice,
			/// Lots traded.
			lots: Lots,
			/// Side of the order that came in.
			taker_side: Side,
			/// Account of the order that rested.
			maker: AccountKey<T::AccountId>,
			/// Number of the order that rested.
			maker_order: OrderId,
			/// Lots of it that rest on; zero: it has left the book.
			maker_left: Lots,
			/// Account of the order that came in.
			taker: AccountKey<T::AccountId>,
			/// Number of the order that came in.
			taker_order: OrderId,
			/// Lots of it that are not traded yet.
			taker_left: Lots,
			/// Fee of the maker, micro-USD.
			maker_fee: MicroUsd,
			/// Fee of the taker, micro-USD.
			taker_fee: MicroUsd,
		},
		/// An order, or what was left of it, is gone. If it rested it has left the book.
		OrderCancelled {
			/// Its account.
			account: AccountKey<T::AccountId>,
			/// Its number.
			order: OrderId,
			/// Its series.
			series: SeriesId,
			/// Lots that were open.
			lots: Lots,
			/// Why.
			reason: CancelReason,
		},
		/// A resting reduce-only order got smaller with its position; it keeps its place.
		OrderReduced {
			/// Its account.
			account: AccountKey<T::AccountId>,
			/// Its number.
			order: OrderId,
			/// Its series.
			series: SeriesId,
			/// Lots that rest now.
			lots: Lots,
		},
		/// A resting order was given another price or size.
		OrderReplaced {
			/// Its account.
			account: AccountKey<T::AccountId>,
			/// Its number, which it keeps.
			order: OrderId,
			/// Its series.
			series: SeriesId,
			/// Its price now, micro-USD per contract.
			price: OptionPrice,
			/// Its open lots now.
			lots: Lots,
			/// Whether it rests on in its place. If not it has left the book and comes in anew: fills, and
			/// `OrderPlaced` for what rests, follow.
			keeps_place: bool,
		},
		/// An operation of a batch failed, and nothing of it was done.
		BatchItemFailed {
			/// Account of the batch.
			account: AccountKey<T::AccountId>,
			/// Which operation, counted from 0.
			position: u8,
			/// Why.
			error: DispatchError,
		},
		/// Every leg of a combo filled; the fills came before this.
		ComboFilled {
			/// The account.
			account: AccountKey<T::AccountId>,
			/// Number of the first leg's order; the others follow it.
			first_order: OrderId,
			/// Number of legs.
			legs: u8,
			/// Premium paid over all legs without fees, micro-USD; negative was received.
			premium: MicroUsd,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The series is not listed: ask `options` for those that are.
		UnknownSeries,
		/// The series has expired: it takes no orders any more.
		SeriesExpired,
		/// The underlying is paused: only orders with `reduce_only` are taken.
		OnlyReducing,
		/// The price is zero or not on the tick: use a multiple of the tick above zero.
		PriceOffTick,
		/// The price is above 16,777,215 ticks: use a lower one.
		PriceTooHigh,
		/// The size is below the smallest order of the market.
		TooFewLots,
		/// The size is above the largest order of the market: split it.
		TooManyLots,
		/// The order would be over before it begins: `good_till` is not in the future.
		GoodTillPassed,
		/// The account has used this client order id lately: the order has come in before.
		DuplicateClientOrderId,
		/// The account has as many resting orders as it may: cancel one first.
		TooManyOrders,
		/// There is no position that an order on this side would make smaller.
		NothingToReduce,
		/// The order would fill at once, and it is post-only: use a price further away.
		WouldCross,
		/// The book does not hold enough at this price, or more orders than one call may look at.
		NotFilled,
		/// The account has no resting order with this number: it was filled, cancelled, or never rested.
		UnknownOrder,
		/// The order's time is not over, or it has no end.
		NotExpired,
		/// A combo needs at least one leg.
		NoLegs,
		/// The legs would cost more premium than `max_cost`.
		CostAboveLimit,
		/// An operation of the batch failed, so that nothing of the batch was done.
		BatchItem {
			/// Which operation, counted from 0.
			position: u8,
			/// Index of the pallet whose error it is; 255: not a pallet's.
			pallet: u8,
			/// Index of the error in that pallet, or of the variant of `DispatchError`.
			error: u8,
		},
		/// The level cannot take more lots: use another price.
		LevelFull,
		/// The book is not sound. This is a fault of the chain: please report it.
		CorruptBook,
		/// The batch has more operations than [`Config::MaxBatch`]: split it.
		BatchTooLong,
		/// A combo has at most eight legs: split it.
		TooManyLegs,
		/// A portfolio account takes series of its own underlying only: use another account.
		NotItsUnderlying,
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Places an order for the caller's account `index`.
		///
		/// It trades against the other side of the book at the resting orders' prices, best first, then
		/// oldest first; `order.kind` says what happens to the rest. Looks at no more than
		/// [`Config::MaxMatches`] resting orders and cancels what is left then.
		#[pallet::call_index(0)]
		#[pallet::weight(metering::place_worst::<T>(order))]
		pub fn place(
			origin: OriginFor<T>,
			index: u16,
			order: NewOrder,
		) -> DispatchResultWithPostInfo {
			let key = AccountKey { owner: ensure_signed(origin)?, index };
			metering::run::<T>(key, T::MaxMatches::get(), metering::place::<T>, |session| {
				session.place(&order)
			})
		}

		/// Cancels a resting order by its number.
		#[pallet::call_index(1)]
		#[pallet::weight(metering::cancel::<T>())]
		pub fn cancel(
			origin: OriginFor<T>,
			index: u16,
			order: OrderId,
		) -> DispatchResultWithPostInfo {
			let key = AccountKey { owner: ensure_signed(origin)?, index };
			metering::run::<T>(key, 0, |_| metering::cancel::<T>(), |session| session.cancel(order))
		}

		/// Cancels a resting order by the number its client gave it.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::cancel_by_client_id())]
		pub fn cancel_by_client_id(
			origin: OriginFor<T>,
			index: u16,
			client_id: ClientOrderId,
		) -> DispatchResultWithPostInfo {
			let key = AccountKey { owner: ensure_signed(origin)?, index };
			let weight = |_: &metering::Work| T::WeightInfo::cancel_by_client_id();
			metering::run::<T>(key, 0, weight, |session| session.cancel_by_client_id(client_id))
		}

		/// Cancels every resting order of the account. Having none is no fault.
		#[pallet::call_index(3)]
		#[pallet::weight(metering::cancel_all_worst::<T>())]
		pub fn cancel_all(origin: OriginFor<T>, index: u16) -> DispatchResultWithPostInfo {
			let key = AccountKey { owner: ensure_signed(origin)?, index };
			metering::run::<T>(key, 0, metering::cancel_all::<T>, |session| {
				session.cancel_many(None);
				Ok(())
			})
		}

		/// Cancels every resting order of the account in one series. Having none is no fault.
		#[pallet::call_index(4)]
		#[pallet::weight(metering::cancel_all_worst::<T>())]
		pub fn cancel_series(
			origin: OriginFor<T>,
			index: u16,
			series: SeriesId,
		) -> DispatchResultWithPostInfo {
			let key = AccountKey { owner: ensure_signed(origin)?, index };
			metering::run::<T>(key, 0, metering::cancel_all::<T>, |session| {
				session.cancel_many(Some(&series));
				Ok(())
			})
		}

		/// Gives a resting order a new price and a new open size; it keeps its number.
		///
		/// At the same price and no larger it keeps its place in the queue. Otherwise it goes to the end
		/// of the queue of its new price, and trades as a new limit order would if it crosses.
		#[pallet::call_index(5)]
		#[pallet::weight(metering::replace_worst::<T>())]
		pub fn replace(
			origin: OriginFor<T>,
			index: u16,
			order: OrderId,
			price: OptionPrice,
			lots: Lots,
		) -> DispatchResultWithPostInfo {
			let key = AccountKey { owner: ensure_signed(origin)?, index };
			metering::run::<T>(key, T::MaxMatches::get(), metering::replace::<T>, |session| {
				session.replace(order, price, lots)
			})
		}

		/// Does several operations on one account, with one margin check at the end.
		///
		/// `AllOrNothing`: the first that fails makes the batch fail with [`Error::BatchItem`].
		/// `BestEffort`: one that fails is undone and reported. In both modes the batch fails if the account
		/// has too little margin after it.
		#[pallet::call_index(6)]
		#[pallet::weight(metering::batch_worst::<T>(operations))]
		pub fn batch(
			origin: OriginFor<T>,
			index: u16,
			operations: Vec<Operation>,
			mode: BatchMode,
		) -> DispatchResultWithPostInfo {
			let key = AccountKey { owner: ensure_signed(origin)?, index };
			ensure!(operations.len() as u32 <= T::MaxBatch::get(), Error::<T>::BatchTooLong);
			let weight = |work: &metering::Work| metering::batch::<T>(&operations, work);
			metering::run::<T>(key, T::MaxBatchMatches::get(), weight, |session| {
				session.batch(&operations, mode)
			})
		}

		/// Fills every leg at once within its own price, or none.
		///
		/// The premium paid over all legs, without fees, is at most `max_cost` micro-USD; a negative
		/// `max_cost` is the least to be received. Margin is checked once, on the whole.
		#[pallet::call_index(7)]
		#[pallet::weight(metering::combo_worst::<T>(legs.len() as u32))]
		pub fn place_combo(
			origin: OriginFor<T>,
			index: u16,
			legs: Vec<Leg>,
			max_cost: MicroUsd,
		) -> DispatchResultWithPostInfo {
			let key = AccountKey { owner: ensure_signed(origin)?, index };
			let count = legs.len() as u32;
			ensure!(count <= MAX_LEGS, Error::<T>::TooManyLegs);
			let weight = |work: &metering::Work| metering::combo::<T>(count, work);
			metering::run::<T>(key, T::MaxBatchMatches::get(), weight, |session| {
				session.combo(&legs, max_cost)
			})
		}

		/// Removes a resting order whose time is over. Anyone may.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::remove_expired())]
		pub fn remove_expired(
			origin: OriginFor<T>,
			owner: T::AccountId,
			index: u16,
			order: OrderId,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_remove_expired(AccountKey { owner, index }, order)?;
			Ok(Pays::No.into())
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_idle(_n: BlockNumberFor<T>, remaining: Weight) -> Weight {
			Self::prune(remaining)
		}

		fn integrity_test() {
			assert!(T::MaxMatches::get() >= 1, "an order has to meet another");
			assert!(T::MaxBatchMatches::get() >= T::MaxMatches::get());
			assert!(T::CheckedMakers::get() >= 1, "an order has to fill another, whoever made it");
			assert!(T::MaxBatch::get() >= 1 && T::MaxBatch::get() <= 64);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_n: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The best price levels of a series, bids then asks, best first: price in micro-USD per contract,
		/// open lots, number of orders. At most 512 levels per side.
		pub fn book_depth(series: SeriesId, levels: u32) -> (Vec<DepthLevel>, Vec<DepthLevel>) {
			Self::depth(&series, levels)
		}

		/// The best bid and the best ask of a series.
		pub fn best_prices(series: SeriesId) -> (Option<DepthLevel>, Option<DepthLevel>) {
			Self::best(&series)
		}
	}
}
