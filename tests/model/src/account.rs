// SPDX-License-Identifier: Apache-2.0
//! A margin account as the ledger keeps it.

use crate::market::{Expiry, Market};
use ballast_exchange::{
	Account as Stored, AccountKey, MarginKind, OpenOrder, SeriesId, Side, UnderlyingId,
};
use ballast_runtime::AccountId;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Names an account.
pub type Key = AccountKey<AccountId>;

const RECENT_CLIENT_IDS: usize = 32;
const MAKER_FEE_PPB: i128 = 100_000;
const TAKER_FEE_PPB: i128 = 300_000;
const FEE_CAP_PPB: i128 = 125_000_000;

/// An account.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
	/// Rules of its margin.
	pub margin: MarginKind,
	/// Cash, micro-USD.
	pub cash: i128,
	/// Other assets.
	pub collateral: BTreeMap<u32, u128>,
	/// Lots by series, none zero.
	pub positions: BTreeMap<SeriesId, i64>,
	/// Resting orders by number.
	pub orders: BTreeMap<u64, OpenOrder>,
	/// Number of the next order.
	pub next_order: u64,
	/// Client ids it remembers, oldest first.
	pub recent: VecDeque<u64>,
	/// Whether a liquidation has taken it over.
	pub frozen: bool,
}

impl Account {
	/// An empty account.
	pub fn new(margin: MarginKind) -> Self {
		Self {
			margin,
			cash: 0,
			collateral: BTreeMap::new(),
			positions: BTreeMap::new(),
			orders: BTreeMap::new(),
			next_order: 1,
			recent: VecDeque::new(),
			frozen: false,
		}
	}

	/// The record of the chain in the same shape.
	pub fn from_stored(stored: &Stored) -> Self {
		Self {
			margin: stored.margin,
			cash: stored.cash,
			collateral: stored.collateral.iter().copied().collect(),
			positions: stored.positions.iter().map(|it| (it.series, it.lots)).collect(),
			orders: stored.orders.iter().map(|order| (order.id, *order)).collect(),
			next_order: stored.next_order,
			recent: stored.recent_client_ids.iter().copied().collect(),
			frozen: stored.frozen,
		}
	}

	/// Whether there is nothing in it.
	pub fn is_empty(&self) -> bool {
		self.cash == 0
			&& self.collateral.is_empty()
			&& self.positions.is_empty()
			&& self.orders.is_empty()
	}

	/// Lots of a series.
	pub fn position(&self, series: &SeriesId) -> i64 {
		self.positions.get(series).copied().unwrap_or(0)
	}

	/// Adds lots; a position of zero goes.
	pub fn trade(&mut self, series: SeriesId, lots: i64) {
		let after = self.position(&series) + lots;
		if after == 0 {
			self.positions.remove(&series);
		} else {
			self.positions.insert(series, after);
		}
	}

	/// Lots by which an order on `side` would make a position smaller.
	pub fn reducible(&self, series: &SeriesId, side: Side) -> i64 {
		let held = self.position(series);
		match side {
			Side::Sell => held.max(0),
			Side::Buy => (-held).max(0),
		}
	}

	/// Series in which it has positions or orders.
	pub fn series(&self) -> BTreeSet<SeriesId> {
		let orders = self.orders.values().map(|order| order.series);
		self.positions.keys().copied().chain(orders).collect()
	}

	/// Expiries in which it has positions or orders.
	pub fn expiries(&self) -> BTreeSet<Expiry> {
		self.series().into_iter().map(|series| (series.underlying, series.expiry)).collect()
	}

	/// Whether its rules permit an underlying.
	pub fn permits(&self, underlying: UnderlyingId) -> bool {
		match self.margin {
			MarginKind::Standard => true,
			MarginKind::Portfolio(own) => own == underlying,
		}
	}

	/// Whether it has used a client id lately.
	pub fn knows(&self, client_id: u64) -> bool {
		self.recent.contains(&client_id)
			|| self.orders.values().any(|order| order.client_id == Some(client_id))
	}

	/// Gives an order that came in its number and remembers its client id.
	pub fn number(&mut self, client_id: Option<u64>) {
		self.next_order += 1;
		if let Some(client_id) = client_id {
			if self.recent.len() == RECENT_CLIENT_IDS {
				self.recent.pop_front();
			}
			self.recent.push_back(client_id);
		}
	}
}

/// The underlying whose spot prices a collateral asset, and its units per token.
pub const fn collateral_of(asset: u32) -> Option<(UnderlyingId, f64)> {
	match asset {
		2 => Some((1, 1e8)),
		3 => Some((2, 1e18)),
		4 => Some((3, 1e10)),
		_ => None,
	}
}

/// Fees of maker and taker for a fill at the latest spot, micro-USD: of the notional, capped by the
/// premium, rounded up.
pub fn fees(market: &Market, series: &SeriesId, lots: i64, price: u64) -> Option<(i128, i128)> {
	let per_contract =
		market.underlyings.get(&series.underlying)?.lots_per_contract * 1_000_000_000;
	let spot = (market.spot(series.underlying)? + 999_999) / 1_000_000;
	let up = |product: i128| (product + per_contract - 1) / per_contract;
	let cap = up(i128::from(price) * i128::from(lots) * FEE_CAP_PPB);
	let fee = |rate: i128| up(spot * i128::from(lots) * rate).min(cap);
	Some((fee(MAKER_FEE_PPB), fee(TAKER_FEE_PPB)))
}
