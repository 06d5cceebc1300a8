// SPDX-License-Identifier: Apache-2.0

use super::make::*;
use crate::{
	failure::{Failure, Reason},
	keeper::{Chosen, Exchange, Trouble, BID_LIFE},
	outcome::Outcome,
	signing::At,
	task::{percent, run, usd as dollars, Fate, Node},
	types::{Auction, Bid, Key},
};
use ballast_exchange::Ppb;
use ballast_runtime::Hash;
use futures::{
	channel::{mpsc, oneshot},
	executor::LocalPool,
	task::LocalSpawnExt,
	FutureExt,
};
use std::sync::{
	atomic::{AtomicU64, Ordering},
	Arc, Mutex,
};

/// What a test and its node share.
#[derive(Default)]
struct Shared {
	listed: Vec<Auction>,
	is_syncing: bool,
	is_silent: bool,
	looks: Vec<u32>,
	sent: Vec<(u32, Bid)>,
	given_up: Vec<u64>,
	fates: Vec<(u64, oneshot::Sender<Outcome>)>,
}

#[derive(Clone, Default)]
struct FakeNode(Arc<Mutex<Shared>>);

impl FakeNode {
	fn with<R>(&self, read: impl FnOnce(&mut Shared) -> R) -> R {
		read(&mut self.0.lock().expect("no test panics while it holds the lock"))
	}
}

/// A runtime that does not answer.
struct Silent;

impl Exchange for Silent {
	fn owner(&self) -> Result<ballast_runtime::AccountId, Trouble> {
		Err(Trouble::Silent("no state".into()))
	}

	fn auctions(&self, _: Option<&Key>, _: u32) -> Result<Vec<Auction>, Trouble> {
		Err(Trouble::Silent("no state".into()))
	}

	fn standing(&self) -> Result<Option<crate::types::Standing>, Trouble> {
		Err(Trouble::Silent("no state".into()))
	}

	fn simulate(
		&self,
		_: Vec<pallet_clearing::HypotheticalTrade>,
	) -> Result<Result<crate::types::Standing, sp_runtime::DispatchError>, Trouble> {
		Err(Trouble::Silent("no state".into()))
	}

	fn included(&self) -> Result<Vec<u64>, Trouble> {
		Err(Trouble::Silent("no state".into()))
	}

	fn has_time_to_read(&self) -> bool {
		true
	}

	fn has_time(&self) -> bool {
		true
	}
}

#[async_trait::async_trait]
impl Node for FakeNode {
	fn is_syncing(&self) -> bool {
		self.with(|shared| shared.is_syncing)
	}

	fn exchange_at(&self, at: At) -> Box<dyn Exchange + '_> {
		let (listed, is_silent) = self.with(|shared| {
			shared.looks.push(at.number);
			(shared.listed.clone(), shared.is_silent)
		});
		if is_silent {
			return Box::new(Silent);
		}
		Box::new(FakeExchange::new(listed))
	}

	async fn send(&self, at: At, bids: &[Chosen]) -> Vec<Fate> {
		self.with(|shared| {
			let watch = |chosen: &Chosen| {
				shared.sent.push((at.number, chosen.bid.clone()));
				let (settle, fate) = oneshot::channel();
				shared.fates.push((chosen.ticket, settle));
				let lost = Failure::lost("the test has let go of it");
				fate.map(|outcome| outcome.unwrap_or(Err(lost))).boxed()
			};
			bids.iter().map(watch).collect()
		})
	}

	fn give_up(&self, ticket: u64) {
		self.with(|shared| shared.given_up.push(ticket));
	}
}

/// A task, its node, and the blocks it is shown.
struct Bench {
	node: FakeNode,
	blocks: mpsc::UnboundedSender<At>,
	now: Arc<AtomicU64>,
	pool: LocalPool,
}

fn make(listed: Vec<Auction>) -> Bench {
	let node = FakeNode::default();
	node.with(|shared| shared.listed = listed);
	let (blocks, stream) = mpsc::unbounded();
	let now = Arc::new(AtomicU64::new(1_000));
	let clock = {
		let now = now.clone();
		move || now.load(Ordering::Relaxed)
	};
	let pool = LocalPool::new();
	pool.spawner().spawn_local(run(node.clone(), stream, rules(), clock)).expect("it spawns");
	Bench { node, blocks, now, pool }
}

impl Bench {
	fn import(&self, number: u32) {
		self.blocks.unbounded_send(At { hash: Hash::zero(), number }).expect("the task runs");
	}

	fn block(&mut self, number: u32) {
		self.import(number);
		self.pool.run_until_stalled();
	}

	fn sent(&self) -> Vec<(u32, Key)> {
		let plain = |(number, bid): &(u32, Bid)| (*number, bid.account.clone());
		self.node.with(|shared| shared.sent.iter().map(plain).collect())
	}

	/// Says what became of the oldest bid under way.
	fn settle(&mut self, outcome: Outcome) {
		let (_, settle) = self.node.with(|shared| shared.fates.remove(0));
		// Nobody may listen any more.
		let _ = settle.send(outcome);
		self.pool.run_until_stalled();
	}
}

#[test]
fn task_should_bid_once_and_again_when_it_knows_what_became_of_it() {
	let mut bench = make(vec![auction()]);
	bench.block(1);
	bench.block(2);
	assert_eq!(bench.sent(), [(1, key(b't'))]);
	bench.settle(Ok(None));
	bench.block(3);
	assert_eq!(bench.sent(), [(1, key(b't')), (3, key(b't'))]);
	assert!(bench.node.with(|shared| shared.given_up.is_empty()));
}

#[test]
fn task_should_learn_from_failures() {
	let mut bench = make(vec![auction()]);
	bench.block(1);
	bench.settle(Err(Failure { reason: Reason::TooLittleMargin, text: "too little".into() }));
	bench.block(2);
	bench.now.fetch_add(1_000, Ordering::Relaxed);
	bench.block(3);
	let sent = bench.node.with(|shared| shared.sent.clone());
	let shares: Vec<_> = sent.iter().map(|(number, bid)| (*number, bid.max_share)).collect();
	assert_eq!(shares, [(1, HALF), (3, Ppb(250_000_000))]);
}

#[test]
fn task_should_look_at_the_newest_of_the_blocks_that_wait() {
	let mut bench = make(vec![auction()]);
	bench.import(1);
	bench.import(2);
	bench.block(3);
	assert_eq!(bench.node.with(|shared| shared.looks.clone()), [3]);
}

#[test]
fn task_should_not_look_while_the_node_is_syncing() {
	let mut bench = make(vec![auction()]);
	bench.node.with(|shared| shared.is_syncing = true);
	bench.block(1);
	assert!(bench.node.with(|shared| shared.looks.is_empty()));
	bench.node.with(|shared| shared.is_syncing = false);
	bench.block(2);
	assert_eq!(bench.sent(), [(2, key(b't'))]);
}

#[test]
fn task_should_go_on_after_a_runtime_that_does_not_answer() {
	let mut bench = make(vec![auction()]);
	bench.node.with(|shared| shared.is_silent = true);
	bench.block(1);
	bench.node.with(|shared| shared.is_silent = false);
	bench.block(2);
	assert_eq!(bench.sent(), [(2, key(b't'))]);
}

#[test]
fn task_should_give_the_nonce_of_a_dead_bid_back_and_still_hear_of_it() {
	let mut bench = make(vec![auction()]);
	bench.block(1);
	bench.node.with(|shared| shared.listed.clear());
	bench.block(2);
	assert_eq!(bench.node.with(|shared| shared.given_up.clone()), [0]);
	assert!(!bench.node.with(|shared| shared.fates[0].1.is_canceled()));
	bench.settle(Ok(None));
	bench.block(3);
	assert_eq!(bench.sent().len(), 1);
}

#[test]
fn task_should_stop_watching_a_bid_that_no_block_can_include() {
	let mut bench = make(vec![auction()]);
	bench.block(1);
	bench.block(1 + BID_LIFE);
	assert_eq!(bench.node.with(|shared| shared.given_up.clone()), [0]);
	bench.block(2 + BID_LIFE);
	assert!(bench.node.with(|shared| shared.fates[0].1.is_canceled()));
	let bids = bench.sent();
	assert_eq!(bids, [(1, key(b't')), (1 + BID_LIFE, key(b't'))]);
}

#[test]
fn task_should_end_with_the_blocks() {
	let bench = make(vec![]);
	let Bench { blocks, mut pool, node, .. } = bench;
	drop(blocks);
	pool.run();
	assert_eq!(node.with(|shared| shared.looks.len()), 0);
}

#[test]
fn figures_should_read_as_people_write_them() {
	assert_eq!(dollars(18_944_517_000), "18944.51");
	assert_eq!(dollars(-1_059_999), "-1.05");
	assert_eq!(percent(Ppb(443_300_000)), "44.33 %");
	assert_eq!(percent(Ppb::ONE), "100.00 %");
}
