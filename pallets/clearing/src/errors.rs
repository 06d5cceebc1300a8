// SPDX-License-Identifier: Apache-2.0
//! Why a call is refused, and what can be done about it. New errors come last: wallets know the others by number.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod errors {
	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// No account of that owner and index: open it first.
		AccountNotFound,
		/// The owner has an account of that index: choose another index.
		AccountExists,
		/// The account holds cash, debt, collateral, positions or orders: empty it first.
		AccountNotEmpty,
		/// A liquidation has taken over: until it ends the account takes deposits alone.
		AccountFrozen,
		/// An account cannot move assets to itself: name another index.
		SameAccount,
		/// The amount is zero.
		AmountZero,
		/// An amount, price or position is beyond what margin can count: use a smaller one.
		AmountTooLarge,
		/// The account holds less of the asset than that.
		InsufficientBalance,
		/// The account has positions or orders in too many series: close some first.
		TooManyPositions,
		/// The account has positions or orders in too many expiries: close some first.
		TooManyExpiries,
		/// The account holds too many kinds of collateral: withdraw one first.
		TooManyCollaterals,
		/// A portfolio account takes series of its own underlying only: use another account.
		NotItsUnderlying,
		/// No market or margin rules for that underlying.
		UnknownUnderlying,
		/// The asset is neither the settlement asset nor accepted as collateral.
		AssetNotAccepted,
		/// All accounts together would hold more of the asset than its cap: deposit less.
		CollateralCapReached,
		/// The settlement asset cannot be collateral as well.
		IsSettlementAsset,
		/// Accounts hold the asset: it can be neither dropped nor redefined. Set its cap to zero and wait.
		CollateralInUse,
		/// Units per token must be above zero, and a multiple of `10^12` if above that.
		UnitsOutOfRange,
		/// Haircuts must be zero or above and together at most one.
		HaircutOutOfRange,
		/// Margin after the call is too low: deposit first, or reduce risk.
		InsufficientMargin,
		/// Prices are too old to add risk on: reduce, or wait for a new round.
		PricesStale,
		/// A price or the risk arrays of an expiry are missing: wait until it is priced.
		PricesMissing,
		/// The owner's call would add to the sum of all debts above its cap: deposit first.
		DebtCapReached,
		/// The exchange holds less of the asset than that at present, as other accounts are in debt: withdraw
		/// less, or later.
		PoolIlliquid,
		/// Fees not yet collected are less than that.
		InsufficientFees,
		/// A fill needs a size and a price above zero.
		InvalidFill,
		/// The series has as much open interest as its terms allow: only trades that do not add to it go on.
		OpenInterestReached,
		/// A simulation moves spot or volatilities out of range or has too many trades.
		SimulationOutOfRange,
		/// Records contradict each other: please report it.
		CorruptLedger,
		/// You own less of the asset than that: name a smaller amount.
		InsufficientFunds,
		/// Accounts in danger are still being searched for: reduce, or try again in the next block.
		SweepUnfinished,
		/// A part is a share of nothing to one of an account's holdings, keeps cash of zero or above back, and has
		/// no orders.
		InvalidPart,
		/// A payment is zero or above: name the other account as the one that pays.
		AmountNegative,
		/// The account's settlement was skipped: it keeps its series of that expiry until that is retried.
		AccountUnsettled,
		/// No settlement of the account was skipped for that expiry: there is nothing to retry.
		NotUnsettled,
	}
}
