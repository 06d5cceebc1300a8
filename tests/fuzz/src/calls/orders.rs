// SPDX-License-Identifier: Apache-2.0
//! Orders that can mean something: series that are listed, prices on the tick around the mark, sizes that fit.

use crate::{
	bytes::Bytes,
	market::{account, keys, mark, orders_beside, priced, tick, Key},
};
use ballast_exchange::{MarginKind, Markets, OptionKind, SeriesId, Side};
use ballast_runtime::{Options, Timestamp};
use pallet_order_book::types::{BatchMode, Leg, NewOrder, Operation, OrderKind, SelfTrade};

/// A series: listed, one of the account's own, or nonsense.
pub fn series(key: &Key, bytes: &mut Bytes) -> SeriesId {
	let kind = if bytes.chance(128) { OptionKind::Put } else { OptionKind::Call };
	let held = account(key);
	let underlying = match held.as_ref().map(|account| account.margin) {
		Some(MarginKind::Portfolio(underlying)) if !bytes.chance(16) => underlying,
		_ => 1 + bytes.below(3) as u16,
	};
	if let Some(account) = held.filter(|_| bytes.chance(64)) {
		if let Some(position) = bytes.pick(&account.positions) {
			return position.series;
		}
	}
	let expiry = bytes.pick(&Options::expiries(underlying)).unwrap_or(1_000);
	let strikes = priced(underlying, expiry).map(|priced| priced.strikes).unwrap_or_default();
	let strike = bytes.pick(&strikes).unwrap_or(1_000_000);
	let series = SeriesId { underlying, expiry, strike, kind };
	match bytes.byte() {
		253 => SeriesId { underlying: bytes.word(), ..series },
		254 => SeriesId { expiry: u64::from_le_bytes(bytes.array()), ..series },
		255 => SeriesId { strike: u64::from_le_bytes(bytes.array()), ..series },
		_ => series,
	}
}

fn price(series: &SeriesId, bytes: &mut Bytes) -> u64 {
	let tick = tick(series.underlying);
	let mark = mark(series);
	match bytes.below(8) {
		0 => mark,
		1..=3 => mark.saturating_add_signed(i64::from(bytes.byte() as i8) * tick as i64).max(tick),
		4 => tick,
		5 => mark.saturating_mul(2),
		6 => mark / 2 / tick * tick,
		_ => u64::from_le_bytes(bytes.array()),
	}
}

fn lots(bytes: &mut Bytes) -> i64 {
	match bytes.below(8) {
		0 => 1,
		1..=3 => 1 + i64::from(bytes.byte()),
		4..=5 => 1 + i64::from(bytes.word()),
		6 => [0, -1, i64::MIN, i64::MAX, 100_000, 100_001][bytes.below(6)],
		_ => i64::from_le_bytes(bytes.array()),
	}
}

fn kind(bytes: &mut Bytes) -> OrderKind {
	use OrderKind::{FillOrKill, ImmediateOrCancel, Limit, PostOnly};
	[Limit, ImmediateOrCancel, PostOnly, FillOrKill][bytes.below(4)]
}

/// An order: a new one, or one that takes what rests.
pub fn order(key: &Key, bytes: &mut Bytes) -> NewOrder {
	let there = if bytes.chance(96) { bytes.pick(&orders_beside(&key.owner)) } else { None };
	let flags = bytes.byte();
	let now = Timestamp::get();
	let (series, side, price, lots) = match there {
		Some(there) => {
			let side = if there.side == Side::Buy { Side::Sell } else { Side::Buy };
			let lots = if flags & 1 == 0 { there.lots } else { lots(bytes) };
			(there.series, side, there.price, lots)
		},
		None => {
			let series = series(key, bytes);
			let side = if flags & 1 == 0 { Side::Buy } else { Side::Sell };
			(series, side, price(&series, bytes), lots(bytes))
		},
	};
	NewOrder {
		series,
		side,
		price,
		lots,
		kind: kind(bytes),
		reduce_only: flags & 0b0110 == 0b0110,
		good_till: (flags & 0b0001_1000 == 0b0001_1000)
			.then(|| now.saturating_add(u64::from(bytes.word()))),
		client_id: (flags & 0b0010_0000 != 0).then(|| u64::from(bytes.byte() % 16)),
		self_trade: if flags & 0b0100_0000 == 0 {
			SelfTrade::CancelResting
		} else {
			SelfTrade::CancelIncoming
		},
	}
}

/// One of the account's resting orders, or any number.
pub fn order_id(key: &Key, bytes: &mut Bytes) -> u64 {
	let ids: Vec<u64> = account(key)
		.map(|account| account.orders.iter().map(|order| order.id).collect())
		.unwrap_or_default();
	if bytes.chance(16) {
		return u64::from_le_bytes(bytes.array());
	}
	bytes.pick(&ids).unwrap_or(1)
}

/// A new price and size for an order.
pub fn replacement(key: &Key, id: u64, bytes: &mut Bytes) -> (u64, i64) {
	let order = account(key).and_then(|account| account.order(id).copied());
	let Some(order) = order else { return (price(&series(key, bytes), bytes), lots(bytes)) };
	let price = if bytes.chance(128) { price(&order.series, bytes) } else { order.price };
	let lots = if bytes.chance(128) { lots(bytes) } else { (order.lots / 2).max(1) };
	(price, lots)
}

fn operation(key: &Key, bytes: &mut Bytes) -> Operation {
	match bytes.below(8) {
		0..=3 => Operation::Place(order(key, bytes)),
		4 => Operation::Cancel(order_id(key, bytes)),
		5 => Operation::CancelByClientId(u64::from(bytes.byte() % 16)),
		6 => {
			let order = order_id(key, bytes);
			let (price, lots) = replacement(key, order, bytes);
			Operation::Replace { order, price, lots }
		},
		_ if bytes.chance(128) => Operation::CancelAll,
		_ => Operation::CancelSeries(series(key, bytes)),
	}
}

/// Several operations, up to twice as many as fit.
pub fn batch(key: &Key, bytes: &mut Bytes) -> (Vec<Operation>, BatchMode) {
	let shape = bytes.byte();
	let mode = if shape & 1 == 0 { BatchMode::BestEffort } else { BatchMode::AllOrNothing };
	let count =
		if shape > 250 { usize::from(bytes.byte()) / 2 } else { usize::from(shape / 2 % 12) };
	// Where the bytes have ended, what follows is the same again: once is enough.
	let mut operations = Vec::new();
	while operations.len() < count && !bytes.is_empty() {
		operations.push(operation(key, bytes));
	}
	(operations, mode)
}

/// Legs and the most they may cost.
pub fn combo(key: &Key, bytes: &mut Bytes) -> (Vec<Leg>, i128) {
	let count = bytes.below(10);
	let mut legs = Vec::new();
	while legs.len() < count && !bytes.is_empty() {
		let NewOrder { series, side, price, lots, .. } = order(key, bytes);
		legs.push(Leg { series, side, price, lots });
	}
	let max_cost = if bytes.chance(64) {
		i128::from(bytes.byte() as i8) << bytes.below(120)
	} else {
		i128::MAX
	};
	(legs, max_cost)
}

/// Any margin account, mostly one of somebody else.
pub fn any_key(bytes: &mut Bytes) -> Option<Key> {
	bytes.pick(&keys())
}
