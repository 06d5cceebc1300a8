// SPDX-License-Identifier: Apache-2.0
//! What the chain recorded of each block, read from the archive once the run is over: nothing of it disturbs the run.

use crate::node::{
	rpc::Node,
	wire::{value_key, EventRecord, Key},
};
use ballast_runtime::{Hash, RuntimeEvent};
use codec::Decode;
use frame_support::{dispatch::PerDispatchClass, weights::Weight};
use futures::{stream, StreamExt, TryStreamExt};
use pallet_lanes::Lane;
use pallet_liquidation::Event;

/// Blocks read at once.
const AT_ONCE: usize = 4;
/// Auctions in one answer.
const PAGE: u32 = 100;
/// Micro-USD in a dollar.
const MICRO: f64 = 1e6;

/// What is known of a block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
	/// Its number.
	pub number: u32,
	/// Its hash.
	pub hash: Hash,
	/// Spot of the first underlying, USD.
	pub spot: f64,
	/// Age of that price, milliseconds.
	pub age_millis: u64,
	/// Auctions open.
	pub auctions: u32,
	/// Auctions that can be resolved per second.
	pub capacity: u32,
	/// Time since the block before, milliseconds.
	pub block_millis: u32,
	/// The insurance fund, USD.
	pub insurance: f64,
	/// Bad debt on record, USD.
	pub bad_debt: f64,
	/// Delay that the chain measured, milliseconds; the largest 32 bits hold if it cannot be told.
	pub delay_told: u64,
	/// The move that margin assumes nobody escapes, share of spot.
	pub delay_move: f64,
	/// The largest move that margin may assume, share of spot.
	pub highest_move: f64,
	/// Multiplier of initial margin.
	pub multiplier: f64,
	/// Weight used by each lane, best first, milliseconds.
	pub lanes: [f64; 5],
	/// Weight of all transactions and hooks, milliseconds.
	pub weight: f64,
	/// Weight of hooks and inherents, milliseconds.
	pub protocol: f64,
	/// Fills.
	pub trades: u32,
	/// Transactions, inherents not counted.
	pub transactions: u32,
	/// Accounts whose auction opened.
	pub opened: Vec<Key>,
	/// Accounts that the search looked at.
	pub looks: u32,
	/// Whether the search had no room to end.
	pub is_unfinished: bool,
}

impl Facts {
	/// How long it would take to get rid of `backlog` accounts and of a price this old, milliseconds: as
	/// `pallet-liquidation` measures it.
	pub fn delay_millis(&self, backlog: u32) -> u64 {
		let queue =
			u64::from(backlog).saturating_mul(1_000).div_ceil(u64::from(self.capacity.max(1)));
		self.age_millis.saturating_add(queue).saturating_add(u64::from(self.block_millis))
	}
}

/// Reads the blocks from `first` to `last`.
pub async fn read(node: &Node, first: u32, last: u32) -> Result<Vec<Facts>, String> {
	stream::iter(first..=last)
		.map(|number| facts(node, number))
		.buffered(AT_ONCE)
		.try_collect()
		.await
}

async fn facts(node: &Node, number: u32) -> Result<Facts, String> {
	let hash = node.block_hash(number).await?;
	let of_weight = value_key("System", "BlockWeight");
	let (markets, figures, lanes, weight, events) = futures::try_join!(
		node.markets(hash),
		node.figures(hash),
		node.lanes(hash),
		node.storage(&of_weight, hash),
		node.events(hash),
	)?;
	let market = markets.first();
	let measured =
		figures.underlyings.first().map(|(_, measured, _)| *measured).unwrap_or_default();
	let weight = used(weight)?;
	let mut facts = Facts {
		number,
		hash,
		spot: market.and_then(|market| market.spot).unwrap_or(0) as f64 / MICRO,
		age_millis: market.map_or(0, |market| market.age_millis),
		auctions: figures.backlog,
		capacity: figures.capacity_per_second,
		block_millis: figures.sweep.block_millis,
		insurance: figures.insurance as f64 / MICRO,
		bad_debt: figures.bad_debt as f64 / MICRO,
		delay_told: measured.delay_millis.into(),
		delay_move: measured.delay_move.0 as f64 / 1e9,
		highest_move: figures.parameters.house.highest_move.0 as f64 / 1e9,
		multiplier: measured.multiplier.0.max(1_000_000_000) as f64 / 1e9,
		lanes: Lane::ALL.map(|lane| millis(lanes.lanes.get(lane).usage.used)),
		transactions: Lane::ALL.iter().map(|lane| lanes.lanes.get(*lane).usage.transactions).sum(),
		weight: millis(weight.total()),
		protocol: millis(*weight.get(frame_support::dispatch::DispatchClass::Mandatory)),
		looks: figures.sweep.looks,
		is_unfinished: figures.sweep.is_unfinished,
		..Default::default()
	};
	count(&mut facts, events);
	Ok(facts)
}

fn used(stored: Option<Vec<u8>>) -> Result<PerDispatchClass<Weight>, String> {
	let Some(bytes) = stored else { return Ok(Default::default()) };
	Decode::decode(&mut bytes.as_slice()).map_err(|error| format!("decoding a weight: {error}"))
}

fn millis(weight: Weight) -> f64 {
	weight.ref_time() as f64 / 1e9
}

fn count(facts: &mut Facts, events: Vec<EventRecord>) {
	for record in events {
		match record.event {
			RuntimeEvent::OrderBook(pallet_order_book::Event::Filled { .. }) => {
				facts.trades = facts.trades.saturating_add(1)
			},
			RuntimeEvent::Liquidation(Event::AuctionOpened { account, .. }) => {
				facts.opened.push(account)
			},
			_ => {},
		}
	}
}

/// What accounts on auction are short of nothing at a block, USD.
pub async fn owed_on_auction(node: &Node, at: Hash) -> Result<f64, String> {
	let mut owed = 0.0;
	let mut after = None;
	loop {
		let page = node.auctions(after.as_ref(), PAGE, at).await?;
		owed += page.iter().map(|report| report.equity.min(0).abs() as f64 / MICRO).sum::<f64>();
		if page.len() < PAGE as usize {
			return Ok(owed);
		}
		after = page.last().map(|report| report.account.clone());
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Encode;

	#[test]
	fn delay_should_be_age_and_queue_and_a_block_when_it_is_measured() {
		let facts = Facts { age_millis: 20, capacity: 40, block_millis: 500, ..Default::default() };
		assert_eq!(facts.delay_millis(0), 520);
		assert_eq!(facts.delay_millis(80), 2_520);
		assert_eq!(facts.delay_millis(1), 545);
	}

	#[test]
	fn delay_should_be_finite_when_nothing_can_be_resolved() {
		assert_eq!(Facts::default().delay_millis(3), 3_000);
	}

	#[test]
	fn weight_should_be_read_as_it_is_stored() {
		let two = Weight::from_parts(2_000_000_000, 5);
		let stored = PerDispatchClass::<Weight>::new(|_| two).encode();
		let used = used(Some(stored)).expect("it decodes");
		assert_eq!(millis(used.total()), 6.0);
	}
}
