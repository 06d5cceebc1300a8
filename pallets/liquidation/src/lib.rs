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
mod governance;
pub mod grid;
mod insolvency;
mod look;
#[cfg(test)]
mod mock;
mod plan;
mod pressure;
mod shadow;
mod slice;
mod sweep;
#[cfg(test)]
mod tests;
mod tiers;
mod top_up;
#[cfg(any(feature = "std", feature = "try-runtime", test))]
mod try_state;
mod types;
mod vault;
mod views;
mod watch;
pub mod weights;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

const LOG_TARGET: &str = "runtime::liquidation";
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use ballast_exchange::{
		AccountKey, Clearing, Custody, Lots, Markets, MicroUsd, Moment, OrderCanceller, Ppb, Price,
		PriceSource, SeriesId, UnderlyingId,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::{Contains, Time},
		PalletId,
	};
	use frame_system::pallet_prelude::*;

	/// The key of an account.
	pub type KeyOf<T> = AccountKey<<T as frame_system::Config>::AccountId>;
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

		/// Errors of the custody, beside [`DispatchError::Corruption`], that freeze the underlyings of an account.
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

	/// Triggers of the accounts, in the order in which they come due.
	#[pallet::storage]
	pub type Tiers<T: Config> = StorageNMap<
		_,
		(
			NMapKey<Twox64Concat, (UnderlyingId, Side)>,
			NMapKey<Identity, Rank>,
			NMapKey<Blake2_128Concat, KeyOf<T>>,
		),
		(),
	>;

	/// Accounts that every sweep looks at, by the sweep in which they were looked at last.
	#[pallet::storage]
	pub type Watched<T: Config> =
		StorageDoubleMap<_, Identity, Rank, Blake2_128Concat, KeyOf<T>, ()>;

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

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account is near maintenance margin: its owner should deposit or reduce.
		MarginCalled {
			/// The account.
			account: KeyOf<T>,
			/// Value of what it holds, cash included, micro-USD.
			equity: MicroUsd,
			/// Maintenance margin, micro-USD.
			maintenance: MicroUsd,
		},
		/// An account is under maintenance margin: it is frozen and its book is on auction from now on.
		AuctionOpened {
			/// The account.
			account: KeyOf<T>,
			/// Value of what it holds, cash included, micro-USD.
			equity: MicroUsd,
			/// Maintenance margin, below zero, micro-USD.
			maintenance: MicroUsd,
			/// What has to reach zero, micro-USD.
			target: MicroUsd,
		},
		/// The orders of an account under maintenance margin are gone.
		OrdersCancelled {
			/// The account.
			account: KeyOf<T>,
			/// How many there were.
			orders: u32,
		},
		/// Nobody would pay for the book any more: the insurance fund pays whoever takes it.
		AuctionInsolvent {
			/// The account.
			account: KeyOf<T>,
			/// Value of what it holds, cash included, micro-USD.
			equity: MicroUsd,
			/// Maintenance margin, micro-USD.
			maintenance: MicroUsd,
		},
		/// A bidder took a slice of a book.
		BidTaken {
			/// The account.
			account: KeyOf<T>,
			/// The account of the bidder.
			bidder: KeyOf<T>,
			/// The share of every position and collateral, before lots are rounded towards nothing.
			share: Ppb,
			/// Value of the slice, micro-USD.
			equity: MicroUsd,
			/// What the bidder paid; below zero the insurance fund paid it, micro-USD.
			price: MicroUsd,
			/// What still has to reach zero, micro-USD.
			target: MicroUsd,
		},
		/// The vault took a slice of a book, as nobody had bid for it down to its discount.
		VaultTook {
			/// The account.
			account: KeyOf<T>,
			/// The share of every position and collateral, before lots are rounded towards nothing.
			share: Ppb,
			/// Value of the slice, micro-USD.
			equity: MicroUsd,
			/// What the vault paid; below zero the insurance fund paid it, micro-USD.
			price: MicroUsd,
			/// What still has to reach zero, micro-USD.
			target: MicroUsd,
		},
		/// The insurance fund paid for an insolvent account.
		InsurancePaid {
			/// The insolvent account.
			account: KeyOf<T>,
			/// The account that was paid: the one that took a slice, or the insolvent one for what it owed.
			to: KeyOf<T>,
			/// How much, micro-USD.
			amount: u128,
			/// What the fund holds afterwards, micro-USD.
			left: u128,
		},
		/// A position nobody took over was closed against a holder of the other side, at the mark.
		Deleveraged {
			/// The account.
			account: KeyOf<T>,
			/// The holder of the other side.
			holder: KeyOf<T>,
			/// The series.
			series: SeriesId,
			/// Lots that the account bought back; below zero it sold.
			lots: Lots,
			/// The mark per contract.
			price: Price,
			/// By how much it lowered the holder's requirement, millionths of a micro-USD per lot.
			relief: u128,
		},
		/// What an account owes is covered by nobody.
		BadDebtRecorded {
			/// The account. It stays frozen, and takes deposits.
			account: KeyOf<T>,
			/// What it owes, micro-USD.
			amount: u128,
			/// What all accounts owe that way, micro-USD.
			total: u128,
		},
		/// Part of such a debt is covered, by a deposit or by the insurance fund.
		BadDebtCovered {
			/// The account.
			account: KeyOf<T>,
			/// How much, micro-USD.
			amount: u128,
			/// What it still owes, micro-USD: at zero it is unfrozen.
			left: u128,
		},
		/// An auction has ended.
		AuctionEnded {
			/// The account. What is left in it is its owner's.
			account: KeyOf<T>,
			/// Why.
			reason: EndReason,
			/// Value of what it holds, cash included, micro-USD.
			equity: MicroUsd,
			/// Maintenance margin, micro-USD.
			maintenance: MicroUsd,
			/// Cash that bidders have paid, micro-USD.
			reserved: MicroUsd,
		},
		/// A step for an account failed and changed nothing. The others go on; it is tried again.
		StepFailed {
			/// The account.
			account: KeyOf<T>,
			/// What went wrong.
			error: DispatchError,
		},
		/// Records contradict each other: only reducing orders are taken until governance ends that.
		UnderlyingFrozen {
			/// The underlying.
			underlying: UnderlyingId,
			/// What was seen.
			error: DispatchError,
		},
		/// The block had no room to search every account that is due: the next one goes on.
		SweepUnfinished {
			/// Number of the sweep.
			number: u64,
			/// Accounts looked at so far.
			looks: u32,
			/// Accounts found under maintenance margin so far.
			found: u32,
		},
		/// A search that had not ended in its first block has ended.
		SweepFinished {
			/// Number of the sweep.
			number: u64,
			/// Accounts looked at.
			looks: u32,
			/// Accounts found under maintenance margin.
			found: u32,
		},
		/// Another move of spot is assumed that no one escapes.
		DelayMoveChanged {
			/// The underlying.
			underlying: UnderlyingId,
			/// The move from now on.
			delay_move: Ppb,
		},
		/// Somebody paid into the vault.
		VaultDeposited {
			/// Who.
			who: T::AccountId,
			/// How much, micro-USD.
			amount: u128,
			/// Shares received.
			shares: u128,
		},
		/// Shares are in the queue out of the vault.
		VaultLeaving {
			/// Whose.
			who: T::AccountId,
			/// Every share of theirs in the queue.
			shares: u128,
			/// When they may leave.
			ready_at: Moment,
		},
		/// Shares of the vault were paid out.
		VaultLeft {
			/// Whose.
			who: T::AccountId,
			/// Shares that are gone.
			shares: u128,
			/// What was paid, micro-USD.
			amount: u128,
			/// Shares of theirs that still wait in the queue for cash.
			left: u128,
		},
		/// Shares of the vault could not be paid out: they are at the end of the queue again.
		VaultPayoutPostponed {
			/// Whose.
			who: T::AccountId,
			/// What went wrong.
			error: DispatchError,
		},
		/// Other parameters are in force.
		ParametersSet {
			/// All of them.
			parameters: Parameters,
		},
		/// Parameters run in shadow.
		ParametersProposed {
			/// Number of the proposal.
			id: u32,
			/// All of them.
			parameters: Parameters,
			/// The block from which on they can take effect.
			ends: BlockNumberFor<T>,
		},
		/// A proposal is over.
		ProposalEnded {
			/// Its number.
			id: u32,
			/// Whether its parameters are in force now.
			enacted: bool,
			/// Accounts it was judged on.
			judged: u32,
			/// Accounts it would have brought under maintenance margin.
			fallen: u32,
		},
	}

	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// No auction runs on that account: it is not under maintenance margin, or its auction has ended.
		NoAuction,
		/// Prices are too old: wait for a new round.
		PricesStale,
		/// Nobody can bid for their own account: deposit into it instead.
		SelfLiquidation,
		/// A bid needs a share above zero and at most one.
		ShareOutOfRange,
		/// The share rounds to nothing: ask for more, or for the whole book.
		ShareTooSmall,
		/// The slice costs more than the limit, or brings less: raise the limit.
		LimitExceeded,
		/// The price is paid in cash: deposit more first.
		BidderLacksCash,
		/// Lots round so that this slice would not help the account: take more or less of it.
		SliceDoesNotHelp,
		/// The account is not in danger, and nothing about its auction changes.
		NothingFound,
		/// The deposit is below the least one: deposit more.
		DepositTooSmall,
		/// The vault owes more than it holds: nothing can be valued by it.
		VaultInsolvent,
		/// The vault itself is being liquidated: wait.
		VaultFrozen,
		/// One holds fewer shares of the vault than that.
		NotEnoughShares,
		/// The number of shares is zero.
		SharesZero,
		/// A parameter is outside its range or contradicts another.
		ParametersOutOfRange,
		/// Such a change can bring accounts under maintenance margin: propose it, so that it runs in shadow first.
		NeedsShadow,
		/// A proposal runs already: cancel it first.
		ProposalRuns,
		/// No proposal runs.
		NoProposal,
		/// A number is beyond what can be counted: use a smaller one.
		AmountTooLarge,
		/// Records contradict each other: please report it.
		CorruptRecords,
		/// The account is neither on auction nor called: use `clearing.deposit`.
		NotInDanger,
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
			Ok((Some(Self::do_bid(key, bidder, max_share, limit)?), Pays::No).into())
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
			Ok((Some(Self::do_look(AccountKey { owner, index })?), Pays::No).into())
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

		/// Sets every parameter at once, if that lowers nobody's maintenance margin. For governance.
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
		/// As `clearing.deposit`, in the lane that goes before all others, and free.
		#[pallet::call_index(7)]
		#[pallet::weight((T::WeightInfo::top_up(), DispatchClass::Operational))]
		pub fn top_up(
			origin: OriginFor<T>,
			index: u16,
			#[pallet::compact] amount: u128,
		) -> DispatchResultWithPostInfo {
			let owner = ensure_signed(origin)?;
			Self::do_top_up(&AccountKey { owner, index }, amount)?;
			Ok(Pays::No.into())
		}

		/// Ends the proposal that runs in shadow. For governance.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::cancel_proposal())]
		pub fn cancel_proposal(origin: OriginFor<T>) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_cancel_proposal()
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
