// SPDX-License-Identifier: Apache-2.0
//! A margin account and what it holds: one record, read and written once per call.

use crate::{
	AssetId, ClientOrderId, ExpiryId, Lots, MicroUsd, Moment, OptionPrice, OrderId, SeriesId, Side,
	UnderlyingId,
};
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Most series that one account holds.
pub const MAX_POSITIONS: u32 = 128;
/// Most orders that one account has resting.
pub const MAX_RESTING_ORDERS: u32 = 64;
/// Most expiries, over all underlyings, in which one account has positions or orders.
pub const MAX_ACCOUNT_EXPIRIES: u32 = 12;
/// Most collateral assets that one account holds.
pub const MAX_COLLATERALS: u32 = 8;
/// Client order ids that an account remembers after the order is gone.
pub const MAX_RECENT_CLIENT_IDS: u32 = 32;

/// A margin account: its owner and a number of the owner's choice.
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
pub struct AccountKey<AccountId> {
	/// Who may trade and withdraw.
	pub owner: AccountId,
	/// Which of the owner's accounts.
	pub index: u16,
}

/// The rules an account's margin is computed by.
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
pub enum MarginKind {
	/// Standard margin: any number of underlyings.
	Standard,
	/// Portfolio margin on one underlying.
	Portfolio(UnderlyingId),
}

/// An amount of one series.
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
pub struct Position {
	/// The series.
	pub series: SeriesId,
	/// Positive is long, never zero.
	pub lots: Lots,
}

/// An order that rests in a book.
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
pub struct OpenOrder {
	/// Number of the order in its account.
	pub id: OrderId,
	/// The client's own number.
	pub client_id: Option<ClientOrderId>,
	/// The series.
	pub series: SeriesId,
	/// Buy or sell.
	pub side: Side,
	/// Limit in micro-USD per contract.
	pub price: OptionPrice,
	/// Size that is still open, above zero.
	pub lots: Lots,
	/// Whether it may only make a position smaller.
	pub reduce_only: bool,
	/// When it ends.
	pub good_till: Option<Moment>,
}

/// A margin account.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Account {
	/// Rules of its margin.
	pub margin: MarginKind,
	/// Cash in the settlement asset, micro-USD; below zero it is owed.
	pub cash: MicroUsd,
	/// Other assets in their smallest units, none zero, in order of the asset.
	pub collateral: BoundedVec<(AssetId, u128), ConstU32<MAX_COLLATERALS>>,
	/// Positions in order of the series, none zero.
	pub positions: BoundedVec<Position, ConstU32<MAX_POSITIONS>>,
	/// Resting orders in order of their number.
	pub orders: BoundedVec<OpenOrder, ConstU32<MAX_RESTING_ORDERS>>,
	/// Expiries in which the account is registered for settlement, ascending.
	pub expiries: BoundedVec<ExpiryId, ConstU32<MAX_ACCOUNT_EXPIRIES>>,
	/// Number of the next order.
	pub next_order: OrderId,
	/// The client order ids used last, oldest first.
	pub recent_client_ids: BoundedVec<ClientOrderId, ConstU32<MAX_RECENT_CLIENT_IDS>>,
	/// Whether a liquidation has taken the account out of its owner's hands: only deposits are taken.
	pub frozen: bool,
}

impl Account {
	/// An empty account.
	pub fn new(margin: MarginKind) -> Self {
		Self {
			margin,
			cash: 0,
			collateral: BoundedVec::new(),
			positions: BoundedVec::new(),
			orders: BoundedVec::new(),
			expiries: BoundedVec::new(),
			next_order: 1,
			recent_client_ids: BoundedVec::new(),
			frozen: false,
		}
	}

	/// Lots held of a series; negative is short.
	pub fn position(&self, series: &SeriesId) -> Lots {
		match self.positions.binary_search_by(|held| held.series.cmp(series)) {
			Ok(index) => self.positions.get(index).map_or(0, |held| held.lots),
			Err(_) => 0,
		}
	}

	/// A resting order by its number.
	pub fn order(&self, id: OrderId) -> Option<&OpenOrder> {
		let index = self.orders.binary_search_by(|order| order.id.cmp(&id)).ok()?;
		self.orders.get(index)
	}

	/// Whether a client order id is among those the account remembers or has resting.
	pub fn knows(&self, client_id: ClientOrderId) -> bool {
		self.recent_client_ids.contains(&client_id)
			|| self.orders.iter().any(|order| order.client_id == Some(client_id))
	}

	/// Remembers a client order id, and forgets the oldest one if there is no more room.
	pub fn remember(&mut self, client_id: ClientOrderId) {
		if self.recent_client_ids.is_full() {
			self.recent_client_ids.remove(0);
		}
		// There is room now.
		let _ = self.recent_client_ids.try_push(client_id);
	}
}
