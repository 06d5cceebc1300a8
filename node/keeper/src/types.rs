// SPDX-License-Identifier: Apache-2.0

//! What the parts of the keeper hand each other. Money is micro-USD, shares and edges are parts per billion.

use ballast_exchange::{AccountKey, Margin, MicroUsd, Position, Ppb};
use ballast_runtime::AccountId;
use pallet_clearing::AccountReport;
use pallet_liquidation::AuctionReport;

/// Names a margin account.
pub type Key = AccountKey<AccountId>;
/// An account on auction, as the chain reports it.
pub type Auction = AuctionReport<AccountId>;

/// What the keeper takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
	/// Largest part of a book in one bid: above zero, at most one.
	pub max_share: Ppb,
	/// Largest value of a slice in one bid, micro-USD, above zero.
	pub max_equity: MicroUsd,
	/// Least gain by the value of the slice: zero to one.
	pub min_edge: Ppb,
	/// Least gain of a bid, micro-USD.
	pub min_gain: MicroUsd,
	/// Initial margin that stays free after a bid, micro-USD.
	pub keep_free: MicroUsd,
	/// Bids sent in one look, one for each auction.
	pub bids_per_block: u32,
}

/// Which account bids, and what it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
	/// Number of the account among those of the key.
	pub index: u16,
	/// What it takes.
	pub rules: Rules,
}

/// One call `liquidation.bid`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bid {
	/// The account on auction.
	pub account: Key,
	/// Most of the book to take.
	pub max_share: Ppb,
	/// Most to pay for that share; below zero the least to be paid.
	pub limit: MicroUsd,
}

/// The part of a book that a bid is after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
	/// Share of the book.
	pub share: Ppb,
	/// Value of it, before lots are rounded.
	pub equity: MicroUsd,
	/// What it costs at the price that the chain told.
	pub price: MicroUsd,
	/// Cash that comes with it; below zero a debt.
	pub cash: MicroUsd,
	/// Lots that come with it.
	pub positions: Vec<Position>,
	/// Whether other assets come with it, which no simulation knows.
	pub has_collateral: bool,
}

/// The keeper's own account, as it is or after assumed trades.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
	/// Its margin.
	pub margin: Margin,
	/// Whether every price under it is young enough to add risk on.
	pub is_fresh: bool,
	/// It is on auction itself.
	pub is_frozen: bool,
	/// Its cash.
	pub cash: MicroUsd,
}

impl From<AccountReport> for Standing {
	fn from(report: AccountReport) -> Self {
		let AccountReport { margin, fresh, frozen, cash, .. } = report;
		Self { margin, is_fresh: fresh, is_frozen: frozen, cash }
	}
}

/// A slice that a bid has bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
	/// The share of the book.
	pub share: Ppb,
	/// What it is worth.
	pub equity: MicroUsd,
	/// What it cost.
	pub price: MicroUsd,
}
