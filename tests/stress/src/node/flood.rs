// SPDX-License-Identifier: Apache-2.0
//! The ordinary flood: orders of one lot that cross each other. They come faster than blocks take them until as many wait
//! in the pool as are asked for, and then as fast as blocks take them.
//!
//! Each flooder has one transaction waiting at most. Who was included comes again, on the other side: so positions stay
//! within a lot or two, and half of the orders meet the other half.

use crate::{
	book::{FloodSeries, Party},
	node::{
		rpc::{Answer, Node},
		wire::{sign, trade, Signed, TxHash},
	},
};
use ballast_exchange::{OptionPrice, Side};
use ballast_runtime::Hash;
use futures::{stream, StreamExt};
use std::{
	collections::{HashMap, VecDeque},
	sync::{
		atomic::{AtomicUsize, Ordering},
		Arc,
	},
};
use tokio::sync::mpsc::UnboundedReceiver;

/// Submissions under way at once: enough to keep the pool's two validating threads busy.
const AT_ONCE: usize = 32;
/// Blocks after which marks are asked for again.
const REPRICE_BLOCKS: u32 = 16;
/// Blocks after which a transaction that is in no block is shown to the pool again.
const OVERDUE_BLOCKS: u32 = 64;

/// A new best block, as the flood has to know it.
pub struct News {
	/// Its number.
	pub number: u32,
	/// Its hash.
	pub hash: Hash,
	/// What it holds.
	pub included: Arc<Vec<TxHash>>,
}

/// What others set and read while the flood runs.
#[derive(Default)]
pub struct Gauge {
	/// How many transactions are to wait in the pool.
	pub wanted: AtomicUsize,
	/// How many come with a block at most.
	pub per_block: AtomicUsize,
	/// How many do.
	pub waiting: AtomicUsize,
	/// How many were in blocks so far.
	pub included: AtomicUsize,
	/// How many the pool had no room for.
	pub dropped: AtomicUsize,
	/// How many it refused.
	pub refused: AtomicUsize,
}

struct Waiting {
	flooder: usize,
	since: u32,
	bytes: Vec<u8>,
}

/// The flooders and what of theirs waits.
pub struct Flood {
	node: Node,
	genesis: Hash,
	parties: Vec<Party>,
	nonces: Vec<u32>,
	series: Vec<FloodSeries>,
	ticks: HashMap<u16, OptionPrice>,
	idle: VecDeque<usize>,
	waiting: HashMap<TxHash, Waiting>,
	gauge: Arc<Gauge>,
}

impl Flood {
	/// Flooders who have sent nothing yet.
	pub fn new(
		node: Node,
		genesis: Hash,
		parties: Vec<Party>,
		series: Vec<FloodSeries>,
		gauge: Arc<Gauge>,
	) -> Self {
		let nonces = vec![0; parties.len()];
		let idle = (0..parties.len()).collect();
		let (ticks, waiting) = (HashMap::new(), HashMap::new());
		Self { node, genesis, parties, nonces, series, ticks, idle, waiting, gauge }
	}

	/// Runs until nobody has news any more.
	pub async fn run(mut self, mut news: UnboundedReceiver<News>) -> Result<(), String> {
		while let Some(mut latest) = news.recv().await {
			self.take(&latest);
			// Several blocks may have come while the last ones were being sent.
			while let Ok(next) = news.try_recv() {
				self.take(&next);
				latest = next;
			}
			if latest.number.is_multiple_of(REPRICE_BLOCKS) {
				self.reprice(latest.hash).await?;
				self.show_again(&latest).await?;
			}
			self.refill(&latest).await?;
		}
		Ok(())
	}

	fn take(&mut self, news: &News) {
		for hash in news.included.iter() {
			let Some(waiting) = self.waiting.remove(hash) else { continue };
			self.nonces[waiting.flooder] = self.nonces[waiting.flooder].saturating_add(1);
			self.idle.push_back(waiting.flooder);
			self.gauge.included.fetch_add(1, Ordering::Relaxed);
		}
		self.tell();
	}

	fn tell(&self) {
		self.gauge.waiting.store(self.waiting.len(), Ordering::Relaxed);
	}

	fn signed(&self, flooder: usize) -> Signed {
		let nonce = self.nonces[flooder];
		// Neighbours are on opposite sides of the same series.
		let of = self.series[(flooder / 2) % self.series.len()];
		let is_buyer = (flooder as u64 + u64::from(nonce)).is_multiple_of(2);
		let side = if is_buyer { Side::Buy } else { Side::Sell };
		let party = &self.parties[flooder];
		sign(self.genesis, party, nonce, trade(party.key.index, of.series, side, of.price))
	}

	/// Sends as many as are missing, until the pool is full.
	async fn refill(&mut self, news: &News) -> Result<(), String> {
		let wanted = self.gauge.wanted.load(Ordering::Relaxed);
		let most = self.gauge.per_block.load(Ordering::Relaxed).min(self.idle.len());
		let missing = wanted.saturating_sub(self.waiting.len()).min(most);
		let next: Vec<_> = self.idle.drain(..missing).collect();
		let mut answers = stream::iter(next)
			.map(|flooder| {
				let signed = self.signed(flooder);
				let node = self.node.clone();
				async move { (flooder, node.submit(&signed.bytes).await, signed) }
			})
			.buffer_unordered(AT_ONCE)
			.collect::<Vec<_>>()
			.await;
		for (flooder, answer, signed) in answers.drain(..) {
			match answer? {
				Answer::Taken | Answer::Known => {
					let (since, bytes) = (news.number, signed.bytes);
					self.waiting.insert(signed.hash, Waiting { flooder, since, bytes });
				},
				Answer::Later(_) => {
					self.gauge.dropped.fetch_add(1, Ordering::Relaxed);
					self.idle.push_front(flooder);
				},
				Answer::Refused(_) => self.refused(flooder, news.hash).await?,
			}
		}
		self.tell();
		Ok(())
	}

	/// A nonce that is used already is the usual reason: the chain knows the next one.
	async fn refused(&mut self, flooder: usize, at: Hash) -> Result<(), String> {
		self.gauge.refused.fetch_add(1, Ordering::Relaxed);
		let owner = &self.parties[flooder].key.owner;
		self.nonces[flooder] = self.node.nonce(owner, at).await?;
		self.idle.push_back(flooder);
		Ok(())
	}

	/// Orders follow the market, on the tick.
	async fn reprice(&mut self, at: Hash) -> Result<(), String> {
		if self.ticks.is_empty() {
			let markets = self.node.markets(at).await?;
			self.ticks = markets.iter().map(|it| (it.underlying, it.terms.tick)).collect();
		}
		let mut expiries: Vec<_> = self.series.iter().map(|of| of.series.expiry_id()).collect();
		expiries.sort_unstable();
		expiries.dedup();
		for (underlying, expiry) in expiries {
			let infos = self.node.series(underlying, expiry, at).await?;
			let marks: HashMap<_, _> =
				infos.iter().map(|info| (info.quote.series, info.quote.mark)).collect();
			for of in &mut self.series {
				let tick = self.ticks.get(&underlying).copied().unwrap_or(1).max(1);
				if let Some(Some(mark)) = marks.get(&of.series) {
					of.price = on_tick(*mark, tick);
				}
			}
		}
		Ok(())
	}

	/// What waits for very long may have left the pool: it is shown to it again.
	async fn show_again(&mut self, news: &News) -> Result<(), String> {
		let overdue =
			|waiting: &Waiting| waiting.since.saturating_add(OVERDUE_BLOCKS) < news.number;
		let old: Vec<_> =
			self.waiting.iter().filter(|(_, it)| overdue(it)).map(|(hash, _)| *hash).collect();
		for hash in old {
			let Some(mut waiting) = self.waiting.remove(&hash) else { continue };
			match self.node.submit(&waiting.bytes).await? {
				Answer::Refused(_) | Answer::Later(_) => {
					self.refused(waiting.flooder, news.hash).await?
				},
				Answer::Taken | Answer::Known => {
					waiting.since = news.number;
					self.waiting.insert(hash, waiting);
				},
			}
		}
		Ok(())
	}
}

/// The price on the tick at or below a mark, one tick at least.
fn on_tick(mark: OptionPrice, tick: OptionPrice) -> OptionPrice {
	(mark / tick * tick).max(tick)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn price_should_be_on_the_tick_when_the_mark_is_not() {
		assert_eq!(on_tick(1_234_567, 100_000), 1_200_000);
		assert_eq!(on_tick(1_200_000, 100_000), 1_200_000);
	}

	#[test]
	fn price_should_be_one_tick_when_the_mark_is_below_it() {
		assert_eq!(on_tick(0, 100_000), 100_000);
		assert_eq!(on_tick(99_999, 100_000), 100_000);
	}
}
