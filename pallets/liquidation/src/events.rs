// SPDX-License-Identifier: Apache-2.0
//! What happened, with the numbers that say why.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod events {
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
		/// A step for an account failed and changed nothing. The others go on; it is tried again, and told again only if
		/// that freezes an underlying that was thawed.
		StepFailed {
			/// The account.
			account: KeyOf<T>,
			/// What went wrong.
			error: DispatchError,
		},
		/// Records contradict each other: only reducing orders are taken until governance has repaired them and ends that.
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
			/// Age of the price, milliseconds.
			price_age_millis: u32,
			/// Accounts on auction.
			backlog: u32,
			/// Auctions that can be resolved per second.
			capacity_per_second: u32,
			/// What these three and a block come to, milliseconds; the largest number if it cannot be told.
			delay_millis: u32,
			/// Realised volatility per year.
			realised_vol: Ppb,
		},
		/// The multiplier of initial margin has come to another whole percent.
		MultiplierChanged {
			/// The underlying.
			underlying: UnderlyingId,
			/// The multiplier from now on.
			multiplier: Ppb,
			/// Realised volatility per year.
			realised_vol: Ppb,
			/// Its long mean.
			mean_vol: Ppb,
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
			/// Accounts it was judged on when its time had come.
			judged: u32,
			/// Accounts it would have brought under maintenance margin, and those whose margin cannot be computed.
			fallen: u32,
		},
	}
}
