// SPDX-License-Identifier: Apache-2.0

//! Calls of the exchange by their names in the metadata. `index` is the number of the sender's margin
//! account.

use super::Call;
use subxt::{
	dynamic::{tx, Value},
	ext::scale_value::Composite,
	utils::AccountId32,
};

/// An order as the book wants it.
#[derive(Debug, Clone)]
pub struct Order<'a> {
	/// The series as the chain names it.
	pub series: &'a Value,
	pub side: Side,
	/// Micro-USD per contract.
	pub price: u64,
	pub lots: u64,
	pub kind: Kind,
	pub client_id: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
	Buy,
	Sell,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
	PostOnly,
	FillOrKill,
}

impl Order<'_> {
	fn value(&self) -> Value {
		let side = match self.side {
			Side::Buy => "Buy",
			Side::Sell => "Sell",
		};
		let kind = match self.kind {
			Kind::PostOnly => "PostOnly",
			Kind::FillOrKill => "FillOrKill",
		};
		Value::named_composite([
			("series", self.series.clone()),
			("side", unit(side)),
			("price", Value::u128(self.price.into())),
			("lots", Value::u128(self.lots.into())),
			("kind", unit(kind)),
			("reduce_only", Value::bool(false)),
			("good_till", unit("None")),
			("client_id", option(self.client_id.map(|id| Value::u128(id.into())))),
			("self_trade", unit("CancelResting")),
		])
	}
}

/// One step of a batch.
#[derive(Debug, Clone)]
pub enum Operation<'a> {
	Place(Order<'a>),
	CancelByClientId(u64),
}

impl Operation<'_> {
	fn value(&self) -> Value {
		match self {
			Self::Place(order) => Value::unnamed_variant("Place", [order.value()]),
			Self::CancelByClientId(id) => {
				Value::unnamed_variant("CancelByClientId", [Value::u128((*id).into())])
			},
		}
	}
}

/// `OrderBook.place`.
pub fn place(index: u16, order: &Order) -> Call {
	order_book("place", index, [("order", order.value())])
}

/// `OrderBook.cancel_by_client_id`.
pub fn cancel_by_client_id(index: u16, id: u64) -> Call {
	order_book("cancel_by_client_id", index, [("client_id", Value::u128(id.into()))])
}

/// `OrderBook.cancel_all`.
pub fn cancel_all(index: u16) -> Call {
	order_book("cancel_all", index, [])
}

/// `OrderBook.batch` that fails whole if one operation does.
pub fn batch(index: u16, operations: &[Operation]) -> Call {
	let operations = Value::unnamed_composite(operations.iter().map(Operation::value));
	order_book("batch", index, [("operations", operations), ("mode", unit("AllOrNothing"))])
}

fn order_book<const N: usize>(
	call: &'static str,
	index: u16,
	arguments: [(&'static str, Value); N],
) -> Call {
	let index = [("index", Value::u128(index.into()))];
	tx("OrderBook", call, Composite::named(index.into_iter().chain(arguments)))
}

/// `Clearing.open_account` under portfolio margin on `underlying`.
pub fn open_account(index: u16, underlying: u16) -> Call {
	let margin = Value::unnamed_variant("Portfolio", [Value::u128(underlying.into())]);
	let arguments = [("index", Value::u128(index.into())), ("margin", margin)];
	tx("Clearing", "open_account", Composite::named(arguments))
}

/// `Clearing.deposit` of `amount` smallest units.
pub fn deposit(index: u16, asset: u128, amount: u128) -> Call {
	let arguments = [
		("index", Value::u128(index.into())),
		("asset", Value::u128(asset)),
		("amount", Value::u128(amount)),
	];
	tx("Clearing", "deposit", Composite::named(arguments))
}

/// `Assets.transfer_keep_alive` of `amount` smallest units.
pub fn transfer_asset(asset: u128, to: &AccountId32, amount: u128) -> Call {
	let arguments = [
		("id", Value::u128(asset)),
		("target", Value::unnamed_variant("Id", [Value::from_bytes(to.0)])),
		("amount", Value::u128(amount)),
	];
	tx("Assets", "transfer_keep_alive", Composite::named(arguments))
}

/// `Utility.batch_all`.
pub fn batch_all(calls: impl IntoIterator<Item = Call>) -> Call {
	let calls = calls.into_iter().map(Call::into_value);
	tx("Utility", "batch_all", Composite::named([("calls", Value::unnamed_composite(calls))]))
}

fn unit(name: &str) -> Value {
	Value::unnamed_variant(name, [])
}

fn option(value: Option<Value>) -> Value {
	match value {
		Some(value) => Value::unnamed_variant("Some", [value]),
		None => unit("None"),
	}
}
