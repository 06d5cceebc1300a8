// SPDX-License-Identifier: Apache-2.0
//! Liquidation: finds every account under maintenance margin and brings it back.
//!
//! The README of the crate has the terms, the search, the ladder, the invariants and the common mistakes.
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

mod auction;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod bidding;
mod conditions;
pub mod deleveraging;
mod errors;
mod events;
mod genesis;
mod governance;
pub mod grid;
mod insolvency;
mod look;
#[cfg(test)]
mod mock;
mod pages;
mod parameters;
mod plan;
mod pressure;
mod reading;
mod shadow;
mod slice;
mod sweep;
#[cfg(test)]
mod tests;
mod tiers;
mod top_up;
#[cfg(any(feature = "std", feature = "try-runtime", test))]
mod try_state;
mod turns;
mod types;
mod vault;
mod views;
mod watch;
pub mod weights;

pub use ballast_risk::{
	AuctionParameters, ConcentrationParameters, DelayMeasure, DelayParameters, MultiplierParameters,
};
pub use pages::{
	Holdings, List, Listed, Page, PageId, MAX_COPIED_POSITIONS, MAX_ENTRIES, PAGE_ACCOUNTS,
};
pub use pallet::*;
pub use parameters::{HouseParameters, Parameters, Proposal, Round};
pub use types::*;
pub use weights::WeightInfo;

use frame_support::pallet_macros::import_section;

const LOG_TARGET: &str = "runtime::liquidation";

#[import_section(events::events)]
#[import_section(errors::errors)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use ballast_exchange::{
		AccountKey, Clearing, Custody, Lots, Markets, MicroUsd, Moment, OrderCanceller, Ppb, Price,
		PriceSource, SeriesId, UnderlyingId,
	};
	use frame_support::{
		dispatch::DispatchErrorWithPostInfo,
		pallet_prelude::*,
		traits::{Contains, Time},
		PalletId,
	};
	use frame_system::pallet_prelude::*;

	/// The key of an account.
	pub type KeyOf<T> = AccountKey<<T as frame_system::Config>::AccountId>;
	/// Accounts of one page.
	pub type PageOf<T> = Page<KeyOf<T>>;
	/// Prices loaded during one step.
	pub(crate) type PricesOf<T> =
		<<T as Config>::Custody as Clearing<<T as frame_system::Config>::AccountId>>::Prices;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// May set and propose parameters.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Holds the accounts and moves money.
		type Custody: Custody<Self::AccountId>;

		/// Takes orders out of the books.
		type Orders: OrderCanceller<Self::AccountId>;

		/// What is listed, at which prices.
		type Markets: Markets;

		/// Rounds and realised volatility.
		type Prices: PriceSource;

		/// The block's timestamp, milliseconds since the epoch.
		type Time: Time<Moment = Moment>;

		/// Errors, beside [`DispatchError::Corruption`], that say of records that they contradict each other and freeze the underlyings of an account.
		type Corruption: Contains<DispatchError>;

		/// Names the owner of the vault's margin account.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// Whether the protocol searches for accounts in danger by itself. Without, nobody is found but by
		/// [`Pallet::look`]: for experiments alone.
		#[pallet::constant]
		type Searches: Get<bool>;

		/// Weight of each block that bids can count on.
		#[pallet::constant]
		type BidBudget: Get<Weight>;

		/// Weight of taking one order out of its book.
		#[pallet::constant]
		type CancelWeight: Get<Weight>;

		/// Least deposit into the vault, micro-USD: pays for the record of the depositor.
		#[pallet::constant]
		type MinVaultDeposit: Get<u128>;

		/// Most auctions that a block looks after.
		#[pallet::constant]
		type MaxAuctionVisits: Get<u32>;

		/// Weights.
		type WeightInfo: WeightInfo;

		/// Sets up markets for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: ballast_exchange::BenchmarkHelper<Self::AccountId>;
	}

	/// Underlyings whose accounts are in tiers, ascending.
	#[pallet::storage]
	pub type Known<T: Config> =
		StorageValue<_, BoundedVec<UnderlyingId, ConstU32<MAX_UNDERLYINGS>>, ValueQuery>;

	/// Triggers of the pages, in the order in which they come due: the earliest of each.
	#[pallet::storage]
	pub type Tiers<T: Config> = StorageNMap<
		_,
		(
			NMapKey<Twox64Concat, (UnderlyingId, Class, Side)>,
			NMapKey<Identity, Rank>,
			NMapKey<Twox64Concat, PageId>,
		),
		(),
	>;

	/// Accounts by pages of their lists, none empty.
	#[pallet::storage]
	pub type Pages<T: Config> =
		StorageDoubleMap<_, Twox64Concat, List, Twox64Concat, u64, PageOf<T>, ValueQuery>;

	/// Pages that are not full.
	#[pallet::storage]
	pub type PagesWithRoom<T: Config> =
		StorageDoubleMap<_, Twox64Concat, List, Twox64Concat, u64, ()>;

	/// Number of the next page of a list.
	#[pallet::storage]
	pub type NextPage<T: Config> = StorageMap<_, Twox64Concat, List, u64, ValueQuery>;

	/// How far the search is, if it has not ended.
	#[pallet::storage]
	pub type SearchProgress<T: Config> = StorageValue<_, Progress>;

	/// The look at every account that a change of rules has asked for.
	#[pallet::storage]
	pub type Afresh<T: Config> = StorageValue<_, Recheck<KeyOf<T>>>;

	/// The page of watched accounts of a class behind which there was no more room: the next block goes on there.
	#[pallet::storage]
	pub type WatchCursors<T: Config> = StorageMap<_, Identity, Class, Watched>;

	/// Accounts whose holdings have changed since their last look.
	#[pallet::storage]
	pub type Due<T: Config> = StorageMap<_, Blake2_128Concat, KeyOf<T>, ()>;

	/// What is known of each account that prices decide about.
	#[pallet::storage]
	pub type Registrations<T: Config> =
		CountedStorageMap<_, Blake2_128Concat, KeyOf<T>, Registration>;

	/// How far the search is.
	#[pallet::storage]
	pub type Sweep<T: Config> = StorageValue<_, SweepState, ValueQuery>;

	/// Up to which prices each underlying has been searched.
	#[pallet::storage]
	pub type SweptRounds<T: Config> = StorageMap<_, Twox64Concat, UnderlyingId, Swept>;

	/// What the chain measures of each underlying.
	#[pallet::storage]
	pub type Measured<T: Config> =
		StorageMap<_, Twox64Concat, UnderlyingId, Conditions, ValueQuery>;

	/// Auctions under way.
	#[pallet::storage]
	pub type Auctions<T: Config> = CountedStorageMap<_, Blake2_128Concat, KeyOf<T>, Auction>;

	/// The auction looked after last: the next block goes on after it.
	#[pallet::storage]
	pub type AuctionCursor<T: Config> = StorageValue<_, KeyOf<T>>;

	/// Auto-deleveraging under way.
	#[pallet::storage]
	pub type Plans<T: Config> = StorageMap<_, Blake2_128Concat, KeyOf<T>, Plan<T::AccountId>>;

	/// What accounts owe that nobody covers, micro-USD. They are frozen.
	#[pallet::storage]
	pub type BadDebts<T: Config> = StorageMap<_, Blake2_128Concat, KeyOf<T>, u128>;

	/// Sum of it, micro-USD.
	#[pallet::storage]
	pub type TotalBadDebt<T: Config> = StorageValue<_, u128, ValueQuery>;

	/// Shares of the vault, those that are leaving not among them.
	#[pallet::storage]
	pub type Shares<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, u128, ValueQuery>;

	/// Every share of the vault.
	#[pallet::storage]
	pub type TotalShares<T: Config> = StorageValue<_, u128, ValueQuery>;

	/// Those who leave the vault, each once.
	#[pallet::storage]
	pub type Leavers<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Leaving>;

	/// Who has which ticket of the queue out of the vault.
	#[pallet::storage]
	pub type Tickets<T: Config> = StorageMap<_, Twox64Concat, u64, T::AccountId>;

	/// Ends of that queue.
	#[pallet::storage]
	pub type VaultQueue<T: Config> = StorageValue<_, Queue, ValueQuery>;

	/// Parameters in force.
	#[pallet::storage]
	pub type ParametersInForce<T: Config> = StorageValue<_, Parameters, ValueQuery>;

	/// Parameters that run in shadow.
	#[pallet::storage]
	pub type Proposed<T: Config> =
		StorageValue<_, Proposal<T::AccountId, BlockNumberFor<T>>, OptionQuery>;

	/// Number of the next proposal.
	#[pallet::storage]
	pub type NextProposal<T: Config> = StorageValue<_, u32, ValueQuery>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// What is in force from the first block on. The default charges for nothing.
		pub parameters: Parameters,
		/// Who has paid how much into the vault, micro-USD of the settlement asset that each holds.
		pub vault: Vec<(T::AccountId, u128)>,
		#[serde(skip)]
		#[allow(missing_docs)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			Pallet::<T>::begin(self.parameters, &self.vault);
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Takes up to `max_share` of the book of account `index` of `owner` into account `bidder_index` of the sender.
		///
		/// `limit`, micro-USD, is the most to pay for `max_share`, less in proportion for a smaller slice; below zero the
		/// least to be paid by the insurance fund. The bidder needs the price in cash, and initial margin afterwards.
		/// If the account is back at its target already, the auction ends and nothing is taken.
		#[pallet::call_index(0)]
		#[pallet::weight((Pallet::<T>::most_bid(), DispatchClass::Operational))]
		pub fn bid(
			origin: OriginFor<T>,
			owner: T::AccountId,
			index: u16,
			max_share: Ppb,
			limit: MicroUsd,
			bidder_index: u16,
		) -> DispatchResultWithPostInfo {
			let bidder = AccountKey { owner: ensure_signed(origin)?, index: bidder_index };
			let key = AccountKey { owner, index };
			Self::free_if_done(Self::do_bid(key, bidder, max_share, limit))
		}

		/// Looks at an account now: opens its auction if it is under maintenance margin, ends its auction if it is back.
		#[pallet::call_index(1)]
		#[pallet::weight((Pallet::<T>::most_look(), DispatchClass::Operational))]
		pub fn look(
			origin: OriginFor<T>,
			owner: T::AccountId,
			index: u16,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::free_if_done(Self::do_look(AccountKey { owner, index }))
		}

		/// Pays `amount` of the settlement asset from the sender into the vault, for shares.
		#[pallet::call_index(2)]
		#[pallet::weight(Pallet::<T>::most_vault_deposit())]
		pub fn vault_deposit(
			origin: OriginFor<T>,
			#[pallet::compact] amount: u128,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			Ok(Some(Self::do_vault_deposit(who, amount)?).into())
		}

		/// Puts `shares` of the sender into the queue out of the vault, at its end, with those of theirs in it already.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::vault_request_withdraw())]
		pub fn vault_request_withdraw(
			origin: OriginFor<T>,
			#[pallet::compact] shares: u128,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_vault_request_withdraw(who, shares)
		}

		/// Sets every parameter at once, if that lowers nobody's maintenance margin nor makes the shadow of proposals
		/// easier to pass. For governance.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::set_parameters())]
		pub fn set_parameters(origin: OriginFor<T>, parameters: Parameters) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_parameters(parameters)
		}

		/// Runs parameters in shadow: they take effect if they bring few under maintenance margin. For governance.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::propose_parameters())]
		pub fn propose_parameters(origin: OriginFor<T>, parameters: Parameters) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_propose_parameters(parameters)
		}

		/// Pays `amount` micro-USD of the settlement asset from the sender into its account `index`, which is in danger.
		///
		/// As `clearing.deposit`, in the lane that goes before all others; free from a tenth of what is missing on, once
		/// until the account is looked at again.
		#[pallet::call_index(7)]
		#[pallet::weight((T::WeightInfo::top_up(), DispatchClass::Operational))]
		pub fn top_up(
			origin: OriginFor<T>,
			index: u16,
			#[pallet::compact] amount: u128,
		) -> DispatchResultWithPostInfo {
			let owner = ensure_signed(origin)?;
			Ok(Self::do_top_up(&AccountKey { owner, index }, amount)?.into())
		}

		/// Ends the proposal that runs in shadow. For governance.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::cancel_proposal())]
		pub fn cancel_proposal(origin: OriginFor<T>) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_cancel_proposal()
		}
	}

	impl<T: Config> Pallet<T> {
		/// Free if it did what it was for, paid for by its weight if not. Either way it leaves the rest of the room to others.
		fn free_if_done((weight, done): (Weight, DispatchResult)) -> DispatchResultWithPostInfo {
			match done {
				Ok(()) => Ok((Some(weight), Pays::No).into()),
				Err(error) => {
					let post_info = (Some(weight), Pays::Yes).into();
					Err(DispatchErrorWithPostInfo { post_info, error })
				},
			}
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The auction of an account with what it sells and the price of it now.
		pub fn auction(owner: T::AccountId, index: u16) -> Option<AuctionReport<T::AccountId>> {
			Self::auction_report(&AccountKey { owner, index })
		}

		/// Accounts on auction, at most `limit`, those after `after` in the order of storage.
		pub fn auctions(after: Option<KeyOf<T>>, limit: u32) -> Vec<KeyOf<T>> {
			Self::auctions_after(after, limit)
		}

		/// How the search, the auctions and the vault stand.
		pub fn figures() -> Figures {
			Self::read_figures()
		}

		/// What shares of the vault are worth now, micro-USD; `None` while its prices are old.
		pub fn vault_worth(shares: u128) -> Option<u128> {
			Self::worth_of(shares)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		#[cfg(feature = "try-runtime")]
		fn try_state(_n: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}
}
