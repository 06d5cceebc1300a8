// SPDX-License-Identifier: Apache-2.0
//! The run itself: block by block, the flood is kept up, keepers bid, and in the control lookers look.

use crate::node::{
	flood::{Flood, Gauge, News},
	keepers::{Bid, Keepers},
	lookers::Lookers,
	machine::Ticks,
	percentile::percentile,
	rpc::Node,
	setting::Crowd,
	wire::{hash_of, TxHash},
};
use ballast_runtime::{Hash, Header};
use std::{
	collections::HashMap,
	sync::{atomic::Ordering, Arc},
	time::{SystemTime, UNIX_EPOCH},
};
use tokio::sync::mpsc::{unbounded_channel, UnboundedSender};

/// Transactions that wait while it is measured what a block takes: more than any block can.
const MEASURING: usize = 1_200;
/// Blocks over which that is measured.
const MEASURED_BLOCKS: usize = 16;
/// Blocks before them, in which the pool fills.
const FILLING_BLOCKS: usize = 8;
/// Most transactions of the flood in the pool: a node holds 8,192, and a full one takes no bid that does not outrank
/// what is in it.
const MOST_WAITING: usize = 7_500;
/// Blocks from one line of progress to the next.
const PROGRESS_BLOCKS: u32 = 20;
/// Blocks from one comparison of nonces to the next.
const AGREE_BLOCKS: u32 = 32;

/// A block as it came.
pub struct Block {
	/// Its number.
	pub number: u32,
	/// Its hash.
	pub hash: Hash,
	places: HashMap<TxHash, u32>,
}

impl Block {
	/// Where a transaction is in it.
	pub fn place(&self, hash: &TxHash) -> Option<u32> {
		self.places.get(hash).copied()
	}
}

/// When what happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Times {
	/// When the path begins, seconds since the epoch.
	pub start: u64,
	/// How long it lasts, seconds.
	pub seconds: f64,
	/// How many blocks are waited for auctions that are open at its end.
	pub tail_blocks: u32,
	/// How many blocks' worth of trades come with each block, until enough wait.
	pub flood: f64,
	/// How many blocks' worth of trades are to wait.
	pub depth: f64,
}

/// What a run was, beside what the chain recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Live {
	/// First block with the whole flood.
	pub first: u32,
	/// First block of the path.
	pub crash_first: u32,
	/// Last block of the path.
	pub crash_last: u32,
	/// Last block of the run.
	pub last: u32,
	/// Trades that a block took before the crash.
	pub block_takes: u64,
	/// Trades that were to wait in the pool.
	pub flood_wanted: u64,
	/// Trades that did wait, each block of the crash.
	pub flood_waiting: Vec<u64>,
	/// Every bid.
	pub bids: Vec<Bid>,
	/// Bids whose auction ended before they were in a block.
	pub bids_lapsed: u32,
	/// Looks that were in a block.
	pub looks: u32,
	/// Blocks that looks waited, those in no block up to the end of the run.
	pub look_waits: Vec<u64>,
	/// Attempts of bids and looks that found the pool full.
	pub dropped: u32,
	/// Share of the machine's time that its host gave to others during the run; `None` where that is not told.
	pub stolen: Option<f64>,
}

/// Everyone who takes part.
struct Actors {
	keepers: Keepers,
	lookers: Option<Lookers>,
	gauge: Arc<Gauge>,
	news: UnboundedSender<News>,
}

/// Runs until the path is over and nobody is in danger, or the tail has ended.
pub async fn run(port: u16, crowd: Crowd, times: Times, is_control: bool) -> Result<Live, String> {
	// Heads and small questions, bids, flood: none of them waits for another's answers.
	let (node, of_keepers) = (Node::connect(port).await?, Node::connect(port).await?);
	let (of_flood, of_lookers) = (Node::connect(port).await?, Node::connect(port).await?);
	let genesis = node.block_hash(0).await?;
	let gauge = Arc::new(Gauge::default());
	let (news, inbox) = unbounded_channel();
	let Crowd { flooders, lookers, keepers, series, near } = crowd;
	let most = flooders.len().min(MOST_WAITING);
	let flood = Flood::new(of_flood, genesis, flooders, series, gauge.clone());
	let flood = tokio::spawn(flood.run(inbox));
	let lookers = is_control.then(|| Lookers::new(of_lookers, genesis, lookers, near));
	let actors =
		Actors { keepers: Keepers::new(of_keepers, genesis, keepers), lookers, gauge, news };
	let mut run = Run { node, actors, times, most, live: Live::default(), taken: Vec::new() };
	let before = Ticks::now();
	run.follow().await?;
	let Run { actors, mut live, .. } = run;
	live.stolen = Ticks::now().zip(before).map(|(after, before)| after.stolen_since(before));
	drop(actors.news);
	flood.await.map_err(|error| format!("the flood ended: {error}"))??;
	let keepers = actors.keepers.end();
	live.dropped = keepers.dropped + actors.lookers.as_ref().map_or(0, |it| it.dropped);
	live.look_waits = actors.lookers.as_ref().map_or(Vec::new(), |it| it.waits(live.last));
	live.looks = actors.lookers.map_or(0, |it| it.looks);
	live.bids_lapsed = keepers.lapsed;
	live.bids = keepers.bids;
	Ok(live)
}

struct Run {
	node: Node,
	actors: Actors,
	times: Times,
	/// Most trades that can wait.
	most: usize,
	live: Live,
	/// Trades in each block so far.
	taken: Vec<u64>,
}

impl Run {
	async fn follow(&mut self) -> Result<(), String> {
		let mut heads = self.node.heads().await?;
		self.actors.gauge.wanted.store(self.most.min(MEASURING), Ordering::Relaxed);
		self.actors.gauge.per_block.store(MEASURING, Ordering::Relaxed);
		let mut quiet_rounds = None;
		loop {
			let header = heads.next().await.ok_or("the node has ended")?;
			let header = header.map_err(|error| format!("reading a header: {error}"))?;
			let block = self.block(header).await?;
			self.count(&block);
			let figures = self.node.figures(block.hash).await?;
			self.actors.keepers.see(&block, figures.backlog).await?;
			if block.number.is_multiple_of(AGREE_BLOCKS) {
				self.actors.keepers.agree(block.hash).await?;
			}
			self.look(&block).await?;
			self.tell(&block, figures.backlog);
			let is_over = self.keep_time(&block)?;
			if is_over && self.is_done(&block, figures.backlog, &mut quiet_rounds) {
				self.live.last = block.number;
				return Ok(());
			}
		}
	}

	async fn block(&self, header: Header) -> Result<Block, String> {
		let (number, hash) = (header.number, header.hash());
		let body = self.node.body(hash).await?;
		let hashes: Vec<TxHash> = body.iter().map(|bytes| hash_of(bytes)).collect();
		// A block has far fewer transactions than the type.
		let places = hashes.iter().enumerate().map(|(at, hash)| (*hash, at as u32)).collect();
		// The flood ends with the run only: until then somebody listens.
		let _ = self.actors.news.send(News { number, hash, included: Arc::new(hashes) });
		Ok(Block { number, hash, places })
	}

	/// Counts what the block took, and lets the whole flood in once that is known.
	fn count(&mut self, block: &Block) {
		// Two inherents are in every block.
		self.taken.push(block.places.len().saturating_sub(2) as u64);
		if self.live.first > 0 || self.taken.len() < FILLING_BLOCKS + MEASURED_BLOCKS {
			return;
		}
		let measured = &self.taken[self.taken.len() - MEASURED_BLOCKS..];
		self.live.block_takes = percentile(measured, 50).unwrap_or(0);
		let blocks = |count: f64| (self.live.block_takes as f64 * count).round() as usize;
		let wanted = blocks(self.times.depth).clamp(1, self.most);
		self.actors.gauge.wanted.store(wanted, Ordering::Relaxed);
		self.actors.gauge.per_block.store(blocks(self.times.flood).max(1), Ordering::Relaxed);
		self.live.flood_wanted = wanted as u64;
		self.live.first = block.number;
	}

	async fn look(&mut self, block: &Block) -> Result<(), String> {
		let Some(lookers) = &mut self.actors.lookers else { return Ok(()) };
		let markets = self.node.markets(block.hash).await?;
		let spot = markets.first().and_then(|market| market.spot).unwrap_or(0);
		lookers.see(block, spot).await
	}

	/// Notes where in the path the block is; whether the path is over.
	fn keep_time(&mut self, block: &Block) -> Result<bool, String> {
		let now = seconds_now();
		let (start, end) = (self.times.start as f64, self.times.start as f64 + self.times.seconds);
		if now < start {
			return Ok(false);
		}
		if self.live.first == 0 {
			return Err("prices began to move before it was known what a block takes: \
				give more time with --lead-seconds"
				.into());
		}
		if self.live.crash_first == 0 {
			self.live.crash_first = block.number;
		}
		if now < end {
			self.live.crash_last = block.number;
			self.live.flood_waiting.push(self.actors.gauge.waiting.load(Ordering::Relaxed) as u64);
		}
		Ok(now >= end)
	}

	/// Whether nobody is in danger any more, or it has been waited for long enough.
	fn is_done(&self, block: &Block, backlog: u32, quiet: &mut Option<u32>) -> bool {
		let waited = block.number.saturating_sub(self.live.crash_last);
		let all_seen = match &self.actors.lookers {
			None => true,
			Some(lookers) => {
				// The round that runs now began before: the one after it counts.
				let since = *quiet.get_or_insert(lookers.rounds);
				lookers.rounds >= since.saturating_add(2) && lookers.missed == 0
			},
		};
		(backlog == 0 && all_seen) || waited >= self.times.tail_blocks
	}

	fn tell(&self, block: &Block, backlog: u32) {
		if !block.number.is_multiple_of(PROGRESS_BLOCKS) {
			return;
		}
		let gauge = &self.actors.gauge;
		let read = |value: &std::sync::atomic::AtomicUsize| value.load(Ordering::Relaxed);
		let missed = self.actors.lookers.as_ref().map_or(0, |it| it.missed);
		eprintln!(
			"block {:5}  {:+7.1} s  waiting {:5} of {:5}  in blocks {:7}  no room {:5}  refused {:4}  backlog {:4}  \
			 not found {:4}  bids {:5}",
			block.number,
			seconds_now() - self.times.start as f64,
			read(&gauge.waiting),
			read(&gauge.wanted),
			read(&gauge.included),
			read(&gauge.dropped),
			read(&gauge.refused),
			backlog,
			missed,
			self.actors.keepers.bids.len(),
		);
	}
}

fn seconds_now() -> f64 {
	SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}
