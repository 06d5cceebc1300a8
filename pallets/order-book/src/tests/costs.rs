// SPDX-License-Identifier: Apache-2.0
//! What a call reads and writes does not depend on what others have put into the book.

use crate::mock::*;
use frame_support::{
	__private::sp_tracing::tracing::{
		self,
		field::{Field, Visit},
		span, Event, Metadata, Subscriber,
	},
	assert_ok,
};
use std::sync::{
	atomic::{AtomicU32, Ordering},
	Arc,
};

/// Counts what the state machine says it reads and writes.
#[derive(Clone, Default)]
struct Counter {
	reads: Arc<AtomicU32>,
	writes: Arc<AtomicU32>,
}

/// One thing that the state machine says.
#[derive(Default)]
struct Said {
	method: String,
	key: String,
}

impl Visit for Said {
	fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
		if field.name() == "key" {
			self.key = format!("{value:?}");
		}
	}

	fn record_str(&mut self, field: &Field, value: &str) {
		if field.name() == "method" {
			self.method = value.into();
		}
	}
}

/// `:transaction_level:`, which FRAME counts its storage layers in. It never reaches the state.
const LAYERS: &str = "3a7472616e73616374696f6e5f6c6576656c3a";

impl Subscriber for Counter {
	fn enabled(&self, metadata: &Metadata<'_>) -> bool {
		metadata.target() == "state"
	}

	fn event(&self, event: &Event<'_>) {
		let mut said = Said::default();
		event.record(&mut said);
		let counter = match said.method.as_str() {
			_ if said.key == LAYERS => return,
			"Get" | "Exists" | "Hash" => &self.reads,
			"Put" | "Append" => &self.writes,
			_ => return,
		};
		counter.fetch_add(1, Ordering::Relaxed);
	}

	fn new_span(&self, _span: &span::Attributes<'_>) -> span::Id {
		span::Id::from_u64(1)
	}

	fn record(&self, _span: &span::Id, _values: &span::Record<'_>) {}

	fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

	fn enter(&self, _span: &span::Id) {}

	fn exit(&self, _span: &span::Id) {}
}

/// Reads and writes of `work`; events are not kept while it runs, so that they do not count.
fn cost(work: impl FnOnce()) -> (u32, u32) {
	let counter = Counter::default();
	System::set_block_number(0);
	tracing::subscriber::with_default(counter.clone(), work);
	System::set_block_number(1);
	(counter.reads.load(Ordering::Relaxed), counter.writes.load(Ordering::Relaxed))
}

/// Rests `count` bids of many owners at prices that `ticks` gives.
fn stuff(count: u64, ticks: impl Fn(u64) -> u64) {
	for at in 0..count {
		let owner = 1_000 + at / 60;
		if at % 60 == 0 {
			open(key(owner));
		}
		place(owner, buy(ticks(at), 5));
	}
}

/// What placing, filling and cancelling costs at one price, with `count` orders before.
fn costs_in_a_level(count: u64) -> Vec<(u32, u32)> {
	let mut costs = vec![];
	new_test_ext().execute_with(|| {
		stuff(count, |_| 500);
		costs.push(cost(|| {
			place(1, buy(500, 5));
		}));
		place(2, buy(500, 5));
		costs.push(cost(|| {
			assert_ok!(OrderBook::cancel(origin(1), 0, 1));
		}));
		costs.push(cost(|| {
			place(3, sell(500, 5));
		}));
		costs.push(cost(|| {
			place(4, sell(500, 40));
		}));
		costs.push(cost(|| {
			assert_ok!(OrderBook::replace(origin(2), 0, 1, 500 * TICK, 6));
		}));
	});
	costs
}

/// The same at a price of its own, with `count` other prices in use.
fn costs_of_a_price(count: u64) -> Vec<(u32, u32)> {
	let mut costs = vec![];
	new_test_ext().execute_with(|| {
		stuff(count, |at| 1 + at);
		costs.push(cost(|| {
			place(1, buy(1 << 20, 5));
		}));
		costs.push(cost(|| {
			place(3, sell(1 << 20, 5));
		}));
		place(1, buy(1 << 20, 5));
		costs.push(cost(|| {
			assert_ok!(OrderBook::cancel(origin(1), 0, 2));
		}));
		costs.push(cost(|| {
			OrderBook::best(&series());
		}));
	});
	costs
}

#[test]
fn costs_should_be_the_same_with_ten_thousand_orders_at_the_price() {
	assert_eq!(costs_in_a_level(10_000), costs_in_a_level(30));
}

#[test]
fn costs_should_be_the_same_with_ten_thousand_prices() {
	assert_eq!(costs_of_a_price(10_000), costs_of_a_price(1));
}

#[test]
fn costs_should_not_exceed_those_of_an_empty_book() {
	let [empty, full] = [0, 10_000].map(costs_of_a_price);
	// The first three: in an empty book the root comes and goes as well.
	for (full, empty) in full.iter().zip(&empty).take(3) {
		assert!(full.0 <= empty.0 && full.1 <= empty.1, "{full:?} against {empty:?}");
	}
}

#[test]
fn resting_should_write_account_and_level_and_the_nodes_of_a_new_price() {
	new_test_ext().execute_with(|| {
		let writes = |order| {
			cost(|| {
				place(1, order);
			})
			.1
		};
		// Account, level, leaf, branch, root.
		assert_eq!(writes(buy(10, 5)), 5);
		// The leaf is there.
		assert_eq!(writes(buy(11, 5)), 3);
		// The level is there.
		assert_eq!(writes(buy(11, 5)), 2);
		(0..6).for_each(|_| assert_eq!(writes(buy(11, 5)), 2));
		// The front is full: the order's links, and those of the one before it.
		assert_eq!(writes(buy(11, 5)), 3);
		assert_eq!(writes(buy(11, 5)), 4);
	});
}
