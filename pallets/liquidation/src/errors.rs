// SPDX-License-Identifier: Apache-2.0
//! Why a call is refused, and what can be done about it. New errors come last: wallets know the others by number.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod errors {
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
		/// Such a change can bring accounts under maintenance margin, or makes it easier for a later one: propose it, so
		/// that it runs in shadow first.
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
}
