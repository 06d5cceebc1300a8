// SPDX-License-Identifier: Apache-2.0
//! Records of the pallet.

use crate::{pages::PageId, Parameters};
use alloc::vec::Vec;
use ballast_exchange::{
	Account, AccountKey, Lots, MicroUsd, Moment, Ppb, RoundNumber, SeriesId, UnderlyingId,
	MAX_ACCOUNT_EXPIRIES, MAX_COLLATERALS,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// Most underlyings that one account can depend on: by its expiries, its collateral and its rules.
pub const MAX_ACCOUNT_UNDERLYINGS: u32 = MAX_ACCOUNT_EXPIRIES + MAX_COLLATERALS + 1;
/// Most triggers of an account: one on each side of each underlying.
pub const MAX_PLACES: u32 = 4 * MAX_ACCOUNT_UNDERLYINGS;
/// Most underlyings whose accounts are kept in tiers. Accounts beyond are looked at in every sweep.
pub const MAX_UNDERLYINGS: u32 = 64;
/// Most holders that auto-deleveraging keeps as candidates for one series.
pub const MAX_CANDIDATES: u32 = 64;

/// Which movement brings an account's look.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Side {
	/// The underlying has no fresh, complete prices: as soon as it has.
	Waiting,
	/// Spot falls into the cell or below it.
	Falling,
	/// Spot rises into the cell or above it.
	Rising,
	/// The odometer of everything but spot reaches the cell.
	Drift,
	/// The sum of all rises of the delay buffer reaches the cell.
	Delay,
}

/// How early in a search an account is looked at.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Class {
	/// Maintenance margin is under an eighth of what it requires: before all others.
	Urgent,
	/// It is under a quarter.
	Near,
	/// It is under a half.
	Middle,
	/// It is less than it requires.
	Apart,
	/// It is less than twice that.
	Away,
	/// There is time.
	#[default]
	Far,
	/// No movement of prices that could be measured says when: in every block, last.
	Blind,
}

impl Class {
	/// Those whom movements of prices bring, first to last.
	pub const MOVED: [Self; 6] =
		[Self::Urgent, Self::Near, Self::Middle, Self::Apart, Self::Away, Self::Far];

	/// The class of a maintenance margin by what it requires, both micro-USD: one that it had, it has until a half more is
	/// there.
	pub fn of(maintenance: MicroUsd, requirement: MicroUsd, old: Self) -> Self {
		// Half parts of the requirement, each twice the one before: whoever nears danger evenly is half as long in each class
		// as in the one after it.
		let least = [
			(Self::Urgent, 16),
			(Self::Near, 8),
			(Self::Middle, 4),
			(Self::Apart, 2),
			(Self::Away, 1),
		];
		let is_in = |(class, part): &(Self, i128)| {
			let stays = if *class == old { 6 } else { 4 };
			// Saturated, both are beyond any account.
			maintenance.saturating_mul(2 * part) < requirement.saturating_mul(stays)
		};
		least.iter().find(|it| is_in(it)).map_or(Self::Far, |(class, _)| *class)
	}
}

/// A place in the order in which the accounts of one side come due: eight bytes, big end first, so that storage
/// has them in that order.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Rank([u8; 8]);

impl Rank {
	/// The place of a number: the lowest comes first.
	pub const fn new(number: u64) -> Self {
		Self(number.to_be_bytes())
	}

	/// The number.
	pub const fn number(self) -> u64 {
		u64::from_be_bytes(self.0)
	}
}

/// Where an account is registered.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Place {
	/// The underlying.
	pub underlying: UnderlyingId,
	/// What is waited for.
	pub side: Side,
	/// Its place among the others.
	pub rank: Rank,
}

/// Where an account is registered: four triggers per underlying.
pub type Places = BoundedVec<Place, ConstU32<MAX_PLACES>>;

/// What is known of an account that prices decide about.
#[derive(
	Clone,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Registration {
	/// Its page; `None` if no movement of prices decides about it.
	pub page: Option<PageId>,
	/// Whether the last look at it failed.
	pub has_failed: bool,
}

impl Registration {
	/// The class in which it is kept.
	pub fn class(&self) -> Class {
		self.page.map_or(Class::default(), |page| page.list.class)
	}
}

/// How far the search for accounts in danger is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct SweepState {
	/// Number of the sweep.
	pub number: u64,
	/// When that block was.
	pub at: Moment,
	/// How long after the one before it, milliseconds, a gap in time left out.
	pub block_millis: u32,
	/// Whether there was no room to end it.
	pub is_unfinished: bool,
	/// Accounts looked at since it began.
	pub looks: u32,
	/// Accounts found in danger since it began.
	pub found: u32,
}

/// How far the prices of an underlying have been searched, and where they were when a search went by them last, ended or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Swept {
	/// The round whose search has ended.
	pub round: RoundNumber,
	/// The odometer in the last block; `None` while nothing could be said of it.
	pub odometer: Option<u64>,
	/// Cell of spot there.
	pub cell: u64,
	/// The sum of all rises of the delay buffer there.
	pub travelled: u64,
	/// How fast they move from block to block.
	pub pace: Pace,
}

/// A look at every account, because rules have changed: no price moves, and yet maintenance margin falls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Recheck<Key> {
	/// Whom it has looked at last; nobody so far without.
	pub after: Option<Key>,
}

/// A page with accounts that are due whatever prices do, and the underlying in whose order it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Watched {
	/// The underlying.
	pub underlying: UnderlyingId,
	/// The page.
	pub page: PageId,
}

/// How far a search is that has not ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Progress {
	/// At which prices: round and odometer of each underlying searched.
	pub at: BoundedVec<(UnderlyingId, RoundNumber, Option<u64>), ConstU32<MAX_UNDERLYINGS>>,
	/// Classes of [`Class::MOVED`] that have been searched there, a bit for each, the first in the lowest.
	pub classes: u8,
	/// The same of all that have been searched since prices moved by more than a step of the delay move.
	pub seen: u8,
}

/// Cells that a movement goes: the last one, or three quarters of the pace before it if that is more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Pace {
	/// Of spot, either way.
	pub spot: u32,
	/// Of the odometer.
	pub drift: u32,
	/// Of the rises of the delay buffer.
	pub delay: u32,
}

/// What the chain measures of an underlying.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Conditions {
	/// Relative move of spot that no one escapes.
	pub delay_move: Ppb,
	/// How far it rose in the last block that measured; zero if it did not.
	pub last_rise: Ppb,
	/// The move that no one escapes by the parameters that are proposed.
	pub shadow_move: Ppb,
	/// Multiplier of initial margin; zero counts as one.
	pub multiplier: Ppb,
	/// Long mean of realised volatility per year, parts per billion times `2^20`.
	pub mean_vol_fine: u64,
	/// Sum of all rises of `delay_move`, parts per billion.
	pub travelled: u64,
	/// Blocks in the long mean, at most `2^20`: until then it is the plain mean of all.
	pub mean_blocks: u32,
	/// Realised volatility per year.
	pub realised_vol: Ppb,
	/// Age of the price, milliseconds.
	pub price_age_millis: u32,
	/// Price age, time to work the backlog off, and a block, milliseconds; the largest number if it cannot be told.
	pub delay_millis: u32,
}

/// What an auction is doing.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Stage {
	/// Bidders pay.
	#[default]
	Solvent,
	/// The insurance fund pays bidders.
	Insolvent,
	/// Nobody bid or the fund is empty: positions are closed against their other side.
	Deleveraging,
}

/// An auction of the book of an account.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Auction {
	/// When it was opened.
	pub opened_at: Moment,
	/// Up to when its time has been counted.
	pub seen_at: Moment,
	/// Time that has passed with fresh prices, milliseconds.
	pub elapsed_millis: u64,
	/// The part of it in which it was insolvent, milliseconds.
	pub insolvent_millis: u64,
	/// Cash that bidders have paid, micro-USD: not sold again.
	pub reserved: MicroUsd,
	/// What the target was short of by the last fresh prices it was seen with, micro-USD.
	pub missing: u128,
	/// What it is doing.
	pub stage: Stage,
	/// Auto-deleveraging found nobody: it tries again from this moment on.
	pub rests_until: Moment,
	/// Whether the last step for it failed.
	pub has_failed: bool,
}

impl Auction {
	/// Counts the time since it was seen last if prices are fresh, at most `most_millis` of it: while prices
	/// are old nobody can bid, and no discount grows.
	pub fn advance(&mut self, now: Moment, is_fresh: bool, most_millis: u64) {
		// A clock that stands still or goes back is no time.
		let passed = now.saturating_sub(self.seen_at).min(most_millis);
		self.seen_at = now;
		if !is_fresh {
			return;
		}
		// Sums of milliseconds: the type lasts for half a billion years.
		self.elapsed_millis = self.elapsed_millis.saturating_add(passed);
		if self.stage != Stage::Solvent {
			self.insolvent_millis = self.insolvent_millis.saturating_add(passed);
		}
	}
}

/// Why an auction has ended.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum EndReason {
	/// The account is back at its target.
	TargetReached,
	/// Nothing is left to sell, and the account owes nothing.
	NothingLeft,
	/// Nothing is left to sell, and part of what the account owes is covered by nobody. It stays frozen.
	BadDebt,
	/// The account is gone.
	AccountGone,
}

/// A holder on the other side of a position that is to be closed.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Candidate<AccountId> {
	/// The holder's account.
	pub key: AccountKey<AccountId>,
	/// Lots it held when it was found, above zero.
	pub lots: Lots,
	/// By how much closing lowers its requirement, millionths of a micro-USD per lot.
	pub relief: u128,
}

/// How far the auto-deleveraging of an account is.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Plan<AccountId> {
	/// The series being closed.
	pub series: SeriesId,
	/// Holder up to which the search has come.
	pub after: Option<AccountKey<AccountId>>,
	/// Whether every holder was visited.
	pub is_gathered: bool,
	/// Those found whom closing helps most.
	pub candidates: BoundedVec<Candidate<AccountId>, ConstU32<MAX_CANDIDATES>>,
	/// Lots closed since the first series was begun: if none, the next attempt waits.
	pub closed: Lots,
}

/// Someone who leaves the vault.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Leaving {
	/// Place in the queue.
	pub ticket: u64,
	/// Shares that leave: until then they carry gains and losses.
	pub shares: u128,
	/// When they may.
	pub ready_at: Moment,
}

/// The queue of those who leave: the next ticket to pay, and the next one to give out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Queue {
	/// The next to be paid.
	pub head: u64,
	/// The next to be given out.
	pub tail: u64,
}

/// An auction as bidders want to see it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct AuctionReport<AccountId> {
	/// The account.
	pub account: AccountKey<AccountId>,
	/// Its record.
	pub auction: Auction,
	/// What is on sale: the account's positions and collateral.
	pub book: Account,
	/// Value of what the account holds, cash included.
	pub equity: MicroUsd,
	/// Maintenance margin.
	pub maintenance: MicroUsd,
	/// What has to reach zero.
	pub target: MicroUsd,
	/// Discount factor; zero in an insolvent auction.
	pub discount: Ppb,
	/// Largest share that a bid can take now; zero while prices are old.
	pub max_share: Ppb,
	/// What that share costs now, micro-USD; below zero the insurance fund pays it to the bidder, as far as it
	/// goes. Lots are rounded: a bid can differ by that.
	pub price: MicroUsd,
	/// Whether prices are fresh enough for bids.
	pub is_open: bool,
}

/// How the search and the auctions stand.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Figures {
	/// The search.
	pub sweep: SweepState,
	/// Accounts that prices decide about.
	pub registered: u32,
	/// Accounts liquidatable and not resolved.
	pub backlog: u32,
	/// Auctions that can be resolved per second.
	pub capacity_per_second: u32,
	/// The insurance fund, micro-USD.
	pub insurance: u128,
	/// What is owed and covered by nobody, micro-USD.
	pub bad_debt: u128,
	/// Shares of the vault.
	pub vault_shares: u128,
	/// Each underlying: what is measured, and whether it is searched.
	pub underlyings: Vec<(UnderlyingId, Conditions, bool)>,
	/// Parameters in force: the bounds of what is measured.
	pub parameters: Parameters,
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn class_should_tell_how_much_of_the_requirement_is_left() {
		let of = |maintenance| Class::of(maintenance, 2_400, Class::Far);
		assert_eq!([of(-1), of(299), of(300)], [Class::Urgent, Class::Urgent, Class::Near]);
		assert_eq!([of(599), of(600), of(1_199)], [Class::Near, Class::Middle, Class::Middle]);
		assert_eq!([of(1_200), of(2_399)], [Class::Apart; 2]);
		assert_eq!([of(2_400), of(4_799)], [Class::Away; 2]);
		assert_eq!([of(4_800), Class::of(0, 0, Class::Far)], [Class::Far; 2]);
		assert_eq!(Class::of(MicroUsd::MAX, MicroUsd::MAX, Class::Far), Class::Far);
	}

	#[test]
	fn class_should_stay_until_half_as_much_more_is_left() {
		let of = |maintenance, old| Class::of(maintenance, 2_400, old);
		assert_eq!([of(449, Class::Urgent), of(450, Class::Urgent)], [Class::Urgent, Class::Near]);
		assert_eq!([of(899, Class::Near), of(900, Class::Near)], [Class::Near, Class::Middle]);
		assert_eq!([of(7_199, Class::Away), of(7_200, Class::Away)], [Class::Away, Class::Far]);
		assert_eq!(of(0, Class::Blind), Class::Urgent);
	}
}
