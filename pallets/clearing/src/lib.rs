// SPDX-License-Identifier: Apache-2.0
//! Margin accounts: collateral, positions, cash, fees, insurance fund, margin; the only place where money moves.
//!
//! The README of the crate has the terms, the formulas, the invariants and the common mistakes.
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

extern crate alloc;

mod accounts;
#[cfg(feature = "runtime-benchmarks")]
pub mod benchmarking;
mod cache;
mod clearing;
mod collateral;
mod custody;
mod errors;
mod fees;
mod fills;
mod funds;
mod governance;
mod inputs;
#[cfg(any(feature = "std", feature = "try-runtime", test))]
mod invariants;
mod margin;
#[cfg(test)]
mod mock;
mod parts;
mod report;
mod safety;
mod settlement;
mod simulate;
#[cfg(test)]
mod tests;
mod types;
pub mod weights;

pub use cache::PriceCache;
pub use pallet::*;
pub use report::{
	AccountReport, CollateralReport, ConditionsReport, MarginReport, OrderReport, PositionReport,
	StandardPart,
};
pub use simulate::{HypotheticalTrade, Simulated, Simulation, MAX_HYPOTHETICAL_TRADES};
pub use types::{CollateralTerms, SettlementProgress};
pub use weights::WeightInfo;

use frame_support::pallet_macros::import_section;

pub(crate) const LOG_TARGET: &str = "runtime::clearing";

#[import_section(errors::errors)]
#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use accounts::Checked;
	use alloc::vec::Vec;
	use ballast_exchange::{
		Account, AccountKey, AssetId, ExpiryId, Lots, MarginKind, Markets, MicroUsd, Moment,
		OrderId, Position, Price, PriceSource, RiskWatch, SeriesId, UnderlyingId, MAX_COLLATERALS,
		MAX_POSITIONS, MAX_RESTING_ORDERS,
	};
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible, fungibles},
		PalletId,
	};
	use frame_system::pallet_prelude::*;

	/// Balance of the native token.
	pub type BalanceOf<T> = <<T as Config>::Currency as fungible::Inspect<
		<T as frame_system::Config>::AccountId,
	>>::Balance;
	/// The key of an account.
	pub type KeyOf<T> = AccountKey<<T as frame_system::Config>::AccountId>;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
		/// The overarching reason of holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// May accept collateral, set the debt cap and collect fees.
		type GovernanceOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// What is listed, on which terms, with which prices.
		type Markets: Markets;

		/// Raw slices, for simulations alone.
		type PriceInputs: PriceSource;

		/// Learns of every change of an account; says whether risk is taken, and what margin gains.
		type Watch: RiskWatch<Self::AccountId>;

		/// Assets that are deposited.
		type Assets: fungibles::Inspect<Self::AccountId, AssetId = AssetId, Balance = u128>
			+ fungibles::Mutate<Self::AccountId>;

		/// The native token, of which the deposit of an account is held.
		type Currency: fungible::MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// The asset that premium, fees and payoffs are paid in: one unit is one micro-USD.
		#[pallet::constant]
		type SettlementAsset: Get<AssetId>;

		/// Held of the native token for each margin account.
		#[pallet::constant]
		type AccountDeposit: Get<BalanceOf<Self>>;

		/// Names the account that holds every asset.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// Weights.
		type WeightInfo: WeightInfo;

		/// Sets up markets for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: ballast_exchange::BenchmarkHelper<Self::AccountId>;
	}

	/// Why native tokens are held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For the storage of a margin account, until it is closed.
		MarginAccount,
	}

	/// Margin accounts.
	#[pallet::storage]
	pub type Accounts<T: Config> = StorageMap<_, Blake2_128Concat, KeyOf<T>, Account>;

	/// Held for an account's storage when it was opened; nothing for a pallet's own.
	#[pallet::storage]
	pub type Deposits<T: Config> = StorageMap<_, Blake2_128Concat, KeyOf<T>, BalanceOf<T>>;

	/// Accounts with positions or orders in an expiry: those its settlement has to visit.
	#[pallet::storage]
	pub type Holders<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, ExpiryId, Blake2_128Concat, KeyOf<T>, ()>;

	/// Lots held long in a series, which are as many as are held short.
	#[pallet::storage]
	pub type OpenInterest<T: Config> = StorageMap<_, Blake2_128Concat, SeriesId, Lots, ValueQuery>;

	/// Sum of what accounts with negative cash owe, micro-USD.
	#[pallet::storage]
	pub type Debt<T: Config> = StorageValue<_, u128, ValueQuery>;

	/// Debt above which no owner's call may add to it, micro-USD.
	#[pallet::storage]
	pub type DebtCap<T: Config> = StorageValue<_, u128, ValueQuery>;

	/// The insurance fund, micro-USD.
	#[pallet::storage]
	pub type Insurance<T: Config> = StorageValue<_, u128, ValueQuery>;

	/// Fees taken and not yet collected, micro-USD.
	#[pallet::storage]
	pub type FeesCollected<T: Config> = StorageValue<_, u128, ValueQuery>;

	/// Assets accepted as collateral.
	#[pallet::storage]
	pub type Collaterals<T: Config> = StorageMap<_, Blake2_128Concat, AssetId, CollateralTerms>;

	/// Deposited less withdrawn of each asset, smallest units. What else the pallet's account holds was given
	/// to it and is nobody's claim.
	#[pallet::storage]
	pub type Held<T: Config> = StorageMap<_, Blake2_128Concat, AssetId, u128, ValueQuery>;

	/// Expiries whose settlement has begun and not ended, and those that left accounts unsettled.
	#[pallet::storage]
	pub type Settlements<T: Config> = StorageMap<_, Blake2_128Concat, ExpiryId, SettlementProgress>;

	/// Accounts that their expiry's settlement has left behind, with its price.
	#[pallet::storage]
	pub type Unsettled<T: Config> =
		StorageDoubleMap<_, Blake2_128Concat, ExpiryId, Blake2_128Concat, KeyOf<T>, Price>;

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// Assets accepted as collateral.
		pub collaterals: Vec<(AssetId, CollateralTerms)>,
		/// Debt above which no owner's call may add to it, micro-USD.
		pub debt_cap: u128,
		/// The insurance fund, micro-USD. The pallet's account has to hold as much of the settlement asset.
		pub insurance: u128,
		#[serde(skip)]
		#[allow(missing_docs)]
		pub _config: core::marker::PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			// Without a reference the account could not hold assets that do not suffice by themselves.
			frame_system::Pallet::<T>::inc_providers(&Pallet::<T>::account_id());
			DebtCap::<T>::put(self.debt_cap);
			Pallet::<T>::insure_at_genesis(self.insurance);
			for (asset, terms) in &self.collaterals {
				Pallet::<T>::accept_at_genesis(*asset, terms);
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A margin account exists from now on.
		AccountOpened {
			/// The account.
			account: KeyOf<T>,
			/// Rules of its margin.
			margin: MarginKind,
			/// Native tokens held of its owner.
			deposit: BalanceOf<T>,
		},
		/// A margin account exists no more.
		AccountClosed {
			/// The account.
			account: KeyOf<T>,
			/// Native tokens released to its owner.
			deposit: BalanceOf<T>,
		},
		/// Another set of rules decides about an account's margin.
		MarginKindChanged {
			/// The account.
			account: KeyOf<T>,
			/// The rules from now on.
			margin: MarginKind,
		},
		/// An owner paid into an account.
		Deposited {
			/// The account.
			account: KeyOf<T>,
			/// What was paid in.
			asset: AssetId,
			/// How much, in the asset's smallest units.
			amount: u128,
		},
		/// An owner took assets out of an account.
		Withdrawn {
			/// The account.
			account: KeyOf<T>,
			/// What was taken.
			asset: AssetId,
			/// How much, in the asset's smallest units.
			amount: u128,
		},
		/// Assets went from one account of an owner to another.
		Moved {
			/// The account that gave.
			from: KeyOf<T>,
			/// The account that received.
			to: KeyOf<T>,
			/// What was moved.
			asset: AssetId,
			/// How much, in the asset's smallest units.
			amount: u128,
		},
		/// A position was paid out at the settlement price and is gone.
		PositionSettled {
			/// The account.
			account: KeyOf<T>,
			/// The series.
			series: SeriesId,
			/// Lots it held; negative is short.
			lots: Lots,
			/// Change of its cash, micro-USD.
			payoff: MicroUsd,
		},
		/// Orders that rested in an expired series are gone.
		OrdersExpired {
			/// The account.
			account: KeyOf<T>,
			/// The underlying of the series.
			underlying: UnderlyingId,
			/// The expiry of the series.
			expiry: Moment,
			/// Numbers of the orders.
			orders: BoundedVec<OrderId, ConstU32<MAX_RESTING_ORDERS>>,
		},
		/// An account could not be settled and keeps its positions; the others of the expiry go on.
		SettlementSkipped {
			/// The account.
			account: KeyOf<T>,
			/// The underlying of the series.
			underlying: UnderlyingId,
			/// The expiry of the series.
			expiry: Moment,
			/// What went wrong.
			error: DispatchError,
		},
		/// Every account of an expiry was visited.
		ExpirySettled {
			/// The underlying.
			underlying: UnderlyingId,
			/// The expiry.
			expiry: Moment,
			/// Accounts settled.
			accounts: u32,
			/// Accounts that could not be settled.
			skipped: u32,
			/// What rounding left, given to the insurance fund, micro-USD.
			dust: u128,
		},
		/// Somebody paid into the insurance fund.
		InsuranceFunded {
			/// Who paid.
			who: T::AccountId,
			/// How much, micro-USD.
			amount: u128,
		},
		/// Governance took fees out.
		FeesCollected {
			/// Who received them.
			to: T::AccountId,
			/// How much, micro-USD.
			amount: u128,
		},
		/// An asset is accepted as collateral on these terms, or no more.
		CollateralSet {
			/// The asset.
			asset: AssetId,
			/// Its terms; `None` if it is accepted no more.
			terms: Option<CollateralTerms>,
		},
		/// Another bound on the sum of all debts.
		DebtCapSet {
			/// The bound, micro-USD.
			cap: u128,
		},
		/// A part of what an account held belongs to another.
		PartMoved {
			/// The account it was taken out of.
			from: KeyOf<T>,
			/// The account it was added to.
			to: KeyOf<T>,
			/// Cash of it, micro-USD; below zero it is owed.
			cash: MicroUsd,
			/// Other assets of it, in their smallest units.
			collateral: BoundedVec<(AssetId, u128), ConstU32<MAX_COLLATERALS>>,
			/// Positions of it: lots by which one account has less and the other more.
			positions: BoundedVec<Position, ConstU32<MAX_POSITIONS>>,
		},
		/// Lots of a series went from one account to another outside of the books, without fees.
		PositionTransferred {
			/// The account that has fewer lots.
			from: KeyOf<T>,
			/// The account that has more lots.
			to: KeyOf<T>,
			/// The series.
			series: SeriesId,
			/// How many lots, above zero.
			lots: Lots,
			/// Price of one contract.
			price: Price,
			/// What `from` received, micro-USD.
			received: MicroUsd,
			/// What `to` paid, micro-USD; what is between is the insurance fund's.
			paid: MicroUsd,
		},
		/// Cash went from one account to another.
		CashPaid {
			/// The account that paid.
			from: KeyOf<T>,
			/// The account that received.
			to: KeyOf<T>,
			/// How much, micro-USD.
			amount: MicroUsd,
		},
		/// The insurance fund paid into an account.
		InsurancePaid {
			/// The account.
			account: KeyOf<T>,
			/// How much, micro-USD.
			amount: u128,
		},
		/// Somebody paid into an account of a pallet.
		PaidIn {
			/// Who paid.
			who: T::AccountId,
			/// The account.
			account: KeyOf<T>,
			/// How much, micro-USD.
			amount: u128,
		},
		/// An account of a pallet paid somebody out.
		PaidOut {
			/// Who received it.
			who: T::AccountId,
			/// The account.
			account: KeyOf<T>,
			/// How much, micro-USD.
			amount: u128,
		},
		/// An account that its expiry's settlement had left behind is settled.
		SettlementRetried {
			/// The account.
			account: KeyOf<T>,
			/// The underlying of the series.
			underlying: UnderlyingId,
			/// The expiry of the series.
			expiry: Moment,
			/// What rounding left of the expiry, given to the insurance fund, micro-USD.
			dust: u128,
		},
		/// An expiry had not as many lots long as short, or paid out more than came in: the underlying is frozen.
		SettlementUneven {
			/// The underlying.
			underlying: UnderlyingId,
			/// The expiry.
			expiry: Moment,
			/// Received from shorts less paid to longs, micro-USD: kept apart.
			suspense: MicroUsd,
		},
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Opens the margin account `index` of the sender, whose margin is computed by `margin`.
		///
		/// Holds [`Config::AccountDeposit`] of the native token until the account is closed.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::open_account())]
		pub fn open_account(
			origin: OriginFor<T>,
			index: u16,
			margin: MarginKind,
		) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_open_account(AccountKey { owner, index }, margin)
		}

		/// Closes the empty account `index` of the sender and releases its deposit.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::close_account())]
		pub fn close_account(origin: OriginFor<T>, index: u16) -> DispatchResult {
			let owner = ensure_signed(origin)?;
			Self::do_close_account(AccountKey { owner, index })
		}

		/// Computes the margin of account `index` by other rules from now on, if it passes them.
		#[pallet::call_index(2)]
		#[pallet::weight(Pallet::<T>::checked(T::WeightInfo::set_margin, Checked::MOST))]
		pub fn set_margin(
			origin: OriginFor<T>,
			index: u16,
			margin: MarginKind,
		) -> DispatchResultWithPostInfo {
			let owner = ensure_signed(origin)?;
			let done = Self::do_set_margin(AccountKey { owner, index }, margin)?;
			Ok(Some(Self::checked(T::WeightInfo::set_margin, done)).into())
		}

		/// Pays `amount` of `asset` from the sender into its account `index`.
		///
		/// The settlement asset becomes cash, an accepted asset collateral. Needs no margin.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::deposit(MAX_POSITIONS, MAX_RESTING_ORDERS))]
		pub fn deposit(
			origin: OriginFor<T>,
			index: u16,
			asset: AssetId,
			#[pallet::compact] amount: u128,
		) -> DispatchResultWithPostInfo {
			let owner = ensure_signed(origin)?;
			let (positions, orders) = Self::do_deposit(AccountKey { owner, index }, asset, amount)?;
			Ok(Some(T::WeightInfo::deposit(positions, orders)).into())
		}

		/// Pays `amount` of `asset` from account `index` to the sender, if the rest is enough margin.
		#[pallet::call_index(4)]
		#[pallet::weight(Pallet::<T>::checked(T::WeightInfo::withdraw, Checked::MOST))]
		pub fn withdraw(
			origin: OriginFor<T>,
			index: u16,
			asset: AssetId,
			#[pallet::compact] amount: u128,
		) -> DispatchResultWithPostInfo {
			let owner = ensure_signed(origin)?;
			let key = AccountKey { owner, index };
			let done = Self::do_withdraw(key, asset, amount)?;
			Ok(Some(Self::checked(T::WeightInfo::withdraw, done)).into())
		}

		/// Moves `amount` of `asset` between two accounts of the sender, if what stays is enough margin.
		#[pallet::call_index(5)]
		#[pallet::weight(Pallet::<T>::checked(T::WeightInfo::move_assets, Checked::MOST))]
		pub fn move_assets(
			origin: OriginFor<T>,
			from: u16,
			to: u16,
			asset: AssetId,
			#[pallet::compact] amount: u128,
		) -> DispatchResultWithPostInfo {
			let owner = ensure_signed(origin)?;
			let giver = AccountKey { owner: owner.clone(), index: from };
			let receiver = AccountKey { owner, index: to };
			let done = Self::do_move_assets(giver, receiver, asset, amount)?;
			Ok(Some(Self::checked(T::WeightInfo::move_assets, done)).into())
		}

		/// Pays `amount` of the settlement asset into the insurance fund. It cannot be taken back.
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::fund_insurance())]
		pub fn fund_insurance(
			origin: OriginFor<T>,
			#[pallet::compact] amount: u128,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_fund_insurance(who, amount)
		}

		/// Accepts `asset` as collateral on these terms, or no more. For governance.
		///
		/// While accounts hold the asset it cannot be dropped, nor its units or its underlying changed.
		#[pallet::call_index(7)]
		#[pallet::weight(T::WeightInfo::set_collateral())]
		pub fn set_collateral(
			origin: OriginFor<T>,
			asset: AssetId,
			terms: Option<CollateralTerms>,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_set_collateral(asset, terms)
		}

		/// Bounds the sum of all debts that owners' calls may lead to, micro-USD. For governance.
		#[pallet::call_index(8)]
		#[pallet::weight(T::WeightInfo::set_debt_cap())]
		pub fn set_debt_cap(origin: OriginFor<T>, #[pallet::compact] cap: u128) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			DebtCap::<T>::put(cap);
			Self::deposit_event(Event::DebtCapSet { cap });
			Ok(())
		}

		/// Pays `amount` micro-USD of collected fees to `to`. For governance.
		#[pallet::call_index(9)]
		#[pallet::weight(T::WeightInfo::collect_fees())]
		pub fn collect_fees(
			origin: OriginFor<T>,
			to: T::AccountId,
			#[pallet::compact] amount: u128,
		) -> DispatchResult {
			T::GovernanceOrigin::ensure_origin(origin)?;
			Self::do_collect_fees(to, amount)
		}

		/// Settles account `index` of `owner` in an expiry whose settlement has left it behind. For governance,
		/// once the reason is gone that [`Event::SettlementSkipped`] names.
		#[pallet::call_index(10)]
		#[pallet::weight(T::WeightInfo::retry_settlement(MAX_POSITIONS, MAX_RESTING_ORDERS))]
		pub fn retry_settlement(
			origin: OriginFor<T>,
			owner: T::AccountId,
			index: u16,
			underlying: UnderlyingId,
			expiry: Moment,
		) -> DispatchResultWithPostInfo {
			T::GovernanceOrigin::ensure_origin(origin)?;
			let key = AccountKey { owner, index };
			let (positions, orders) = Self::do_retry_settlement(key, (underlying, expiry))?;
			Ok(Some(T::WeightInfo::retry_settlement(positions, orders)).into())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// An account with everything it holds.
		pub fn account(owner: T::AccountId, index: u16) -> Option<Account> {
			Accounts::<T>::get(AccountKey { owner, index })
		}

		/// Margin of an account with every part that led to it; `None` without the account or its prices.
		pub fn account_report(owner: T::AccountId, index: u16) -> Option<AccountReport> {
			Self::margin_report(&AccountKey { owner, index }).ok()
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
