// SPDX-License-Identifier: Apache-2.0
//! What calls take, what the book stores, and why an order leaves it.

use crate::bits::Bits;
use ballast_exchange::{
	AccountKey, ClientOrderId, Lots, Moment, OpenOrder, OptionKind, OptionPrice, OrderId, SeriesId,
	Side,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// Orders of a level that its own record holds; the others are linked one to the next.
pub const FRONT_ORDERS: u32 = 8;
/// Most legs of a combo.
pub const MAX_LEGS: u32 = 8;
/// Highest price in ticks.
pub const MAX_TICK: u32 = (1 << 24) - 1;
/// Most price levels per side that [`crate::Pallet::depth`] tells.
pub const MAX_DEPTH: u32 = 512;

/// What happens to the part of an order that does not fill at once.
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
pub enum OrderKind {
	/// It rests in the book.
	Limit,
	/// All of it rests; an order that would fill at once is refused.
	PostOnly,
	/// It is cancelled.
	ImmediateOrCancel,
	/// There may be no such part: the order fills whole or the call fails.
	FillOrKill,
}

/// What happens when an order would meet another of the same owner, in whichever account.
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
pub enum SelfTrade {
	/// The resting order is cancelled, and the new one goes on.
	#[default]
	CancelResting,
	/// The rest of the new order is cancelled.
	CancelIncoming,
}

/// An order as its owner gives it.
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
pub struct NewOrder {
	/// The series.
	pub series: SeriesId,
	/// Buy or sell.
	pub side: Side,
	/// Worst price to trade at, micro-USD per contract, on the market's tick.
	pub price: OptionPrice,
	/// Size in lots.
	pub lots: Lots,
	/// What happens to the part that does not fill at once.
	pub kind: OrderKind,
	/// Whether it may only make a position smaller: it then trades at most the position.
	pub reduce_only: bool,
	/// When it ends, milliseconds since the epoch; `None`: with its expiry.
	pub good_till: Option<Moment>,
	/// The client's own number, refused if the account has used it lately.
	pub client_id: Option<ClientOrderId>,
	/// What happens when it would meet an order of the same owner.
	pub self_trade: SelfTrade,
}

/// One step of a batch.
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
pub enum Operation {
	/// As [`crate::Call::place`].
	Place(NewOrder),
	/// As [`crate::Call::cancel`].
	Cancel(OrderId),
	/// As [`crate::Call::cancel_by_client_id`].
	CancelByClientId(ClientOrderId),
	/// As [`crate::Call::cancel_series`].
	CancelSeries(SeriesId),
	/// As [`crate::Call::cancel_all`].
	CancelAll,
	/// As [`crate::Call::replace`].
	Replace {
		/// The order.
		order: OrderId,
		/// Its new price, micro-USD per contract.
		price: OptionPrice,
		/// Its new open size, lots.
		lots: Lots,
	},
}

impl Operation {
	/// Whether it puts an order in.
	pub fn places(&self) -> bool {
		matches!(self, Self::Place(_) | Self::Replace { .. })
	}
}

/// What a batch does with a step that fails.
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
pub enum BatchMode {
	/// The whole batch fails.
	AllOrNothing,
	/// The step is undone and the batch goes on.
	BestEffort,
}

/// One leg of a combo.
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
pub struct Leg {
	/// The series.
	pub series: SeriesId,
	/// Buy or sell.
	pub side: Side,
	/// Worst price of this leg, micro-USD per contract, on the market's tick.
	pub price: OptionPrice,
	/// Size in lots.
	pub lots: Lots,
}

/// Why an order, or what was left of it, was cancelled.
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
pub enum CancelReason {
	/// Its owner wished so.
	Owner,
	/// The call had looked at as many resting orders as it may, or had no weight left to check the margin of who made the
	/// next one, and more of them crossed.
	MatchLimit,
	/// Filling it would have left its account with too little margin.
	Margin,
	/// It met an order of the same owner.
	SelfTrade,
	/// Its time was over.
	Expired,
	/// It may only make a position smaller, and there was no position left.
	ReduceOnly,
	/// It was not to rest, and this much did not fill at once.
	ImmediateRemainder,
	/// Prices are too old for the resting side to take on risk: try again when they are fresh.
	PricesStale,
	/// Its account holds as many series as it can.
	PositionLimit,
	/// Its account cannot trade, or does not know the order.
	Unavailable,
	/// Its account is being liquidated.
	Liquidation,
	/// Accounts in danger are still being searched for, and the resting side may not take on risk until that has
	/// ended: try again in the next block.
	SweepUnfinished,
}

/// Names an order across all accounts.
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
pub struct OrderRef<AccountId> {
	/// Account of the order.
	pub account: AccountKey<AccountId>,
	/// Its number there.
	pub id: OrderId,
}

/// The neighbours of an order in the linked part of its level.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Links<AccountId> {
	/// The order before it; `None`: the last of the level's front.
	pub previous: Option<OrderRef<AccountId>>,
	/// The order after it.
	pub next: Option<OrderRef<AccountId>>,
}

/// First and last order of the linked part of a level.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Ends<AccountId> {
	/// The one next in turn once the front is gone.
	pub first: OrderRef<AccountId>,
	/// The one placed last.
	pub last: OrderRef<AccountId>,
}

/// The orders of one price, oldest first: `front`, then those linked from `back`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Level<AccountId> {
	/// Sum of the open sizes.
	pub lots: Lots,
	/// Number of orders.
	pub count: u32,
	/// The oldest orders. Empty only if the level is.
	pub front: BoundedVec<OrderRef<AccountId>, ConstU32<FRONT_ORDERS>>,
	/// The orders that found the front full.
	pub back: Option<Ends<AccountId>>,
}

impl<AccountId> Default for Level<AccountId> {
	fn default() -> Self {
		Self { lots: 0, count: 0, front: BoundedVec::new(), back: None }
	}
}

/// The book of one series: its tick and the roots of its two trees of prices.
///
/// The tick stays what it was when the first order came, so that resting orders are found when
/// governance changes the market's tick. It follows the market again once the book has been empty.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Book {
	/// Step of prices, micro-USD per contract.
	pub tick_size: OptionPrice,
	/// Which parts of 65,536 ticks have bids.
	pub bids: Bits,
	/// Which parts of 65,536 ticks have asks.
	pub asks: Bits,
}

/// Names a series within its expiry.
pub type SeriesKey = (u64, OptionKind);

/// Names one side of a series within its expiry, and a node of the tree of its prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct BranchKey {
	/// Strike in micro-USD.
	pub strike: u64,
	/// Call or put.
	pub kind: OptionKind,
	/// Bids or asks.
	pub side: Side,
	/// Whether the node is a leaf, whose bits are prices; the others' bits are leaves.
	pub leaf: bool,
	/// Price in ticks over 256 for a leaf, over 65,536 for the others.
	pub index: u16,
}

/// Names a level within its expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct LevelKey {
	/// Strike in micro-USD.
	pub strike: u64,
	/// Call or put.
	pub kind: OptionKind,
	/// Bids or asks.
	pub side: Side,
	/// Price in ticks.
	pub tick: u32,
}

/// A price level as readers see it: price in micro-USD per contract, open lots, number of orders.
pub type DepthLevel = (OptionPrice, Lots, u32);

/// Whether an order's time is over.
pub fn is_over(order: &OpenOrder, now: Moment) -> bool {
	order.good_till.is_some_and(|till| till <= now)
}
