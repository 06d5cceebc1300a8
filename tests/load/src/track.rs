// SPDX-License-Identifier: Apache-2.0

//! Finds the transactions of a run in the blocks a node imports, and waits for their finality.

use crate::{
	blocks::{BlockLog, FinalBlock, Micros},
	capacity::{Fullness, Limits},
	error::{Context, Failure, Result},
	lanes::LaneRoom,
	ledger::Ledger,
	node::{AtBlock, Kind, Node, Notice},
	submit::Offer,
};
use futures::{stream::FuturesUnordered, Stream, StreamExt};
use std::{
	collections::{BTreeMap, HashMap, HashSet},
	sync::Arc,
	time::{Duration, Instant},
};
use subxt::{config::Hasher, error::DispatchError, events::Phase, utils::H256};
use tokio::task::JoinHandle;

/// How often progress is told on standard error.
const PROGRESS: Duration = Duration::from_secs(2);

/// What a block holds of the run.
#[derive(Debug, Clone)]
pub struct Content {
	hash: H256,
	imported: Micros,
	/// Transactions of the run, by number.
	pub ours: Vec<usize>,
	/// How many of them ended in `System.ExtrinsicFailed`, by the runtime's reason.
	pub failures: BTreeMap<String, u64>,
	pub fullness: Fullness,
	/// `None` on a chain without lanes.
	pub lanes: Option<LaneRoom>,
}

/// The finalized blocks of a run with their content, oldest first, and why the run ended early if
/// it did.
pub struct Tracked {
	pub blocks: Vec<(FinalBlock<H256>, Content)>,
	pub finalized: usize,
	pub gave_up: Option<Failure>,
}

/// Follows one node until everything the pool accepted is finalized.
pub struct Tracker {
	offer: Arc<Offer>,
	reader: Reader,
	log: BlockLog<H256>,
	contents: HashMap<H256, Content>,
	/// Finalized blocks whose content is still being read.
	unread: HashSet<H256>,
	finalized: usize,
	/// Whether every transaction is accepted, refused or skipped.
	submitted: bool,
	progressed: Instant,
	draining_since: Option<Instant>,
}

impl Tracker {
	pub fn new(offer: Arc<Offer>, reader: Reader) -> Self {
		Self {
			offer,
			reader,
			log: BlockLog::new(),
			contents: HashMap::new(),
			unread: HashSet::new(),
			finalized: 0,
			submitted: false,
			progressed: Instant::now(),
			draining_since: None,
		}
	}

	/// Runs until done, or until nothing moved for the offer's patience. A lost connection and a
	/// failed submission are errors.
	pub async fn run(
		mut self,
		mut notices: impl Stream<Item = Result<Notice>> + Unpin,
		mut submission: JoinHandle<Result<()>>,
	) -> Result<Tracked> {
		let mut reading = FuturesUnordered::new();
		let mut ticks = tokio::time::interval(PROGRESS);
		let gave_up = loop {
			tokio::select! {
				biased;
				notice = notices.next() => {
					let notice = notice.ok_or_else(|| Failure::new("the block stream ended"))??;
					if let Some(read) = self.notice(notice) {
						reading.push(tokio::spawn(read));
					}
				},
				Some(content) = reading.next(), if !reading.is_empty() => {
					self.content(content.context("reading a block")??);
				},
				ended = &mut submission, if !self.submitted => {
					ended.context("submitting")??;
					self.submitted = true;
				},
				_ = ticks.tick() => self.tell(),
			}
			if self.submitted && self.has_finalized_all() {
				break None;
			}
			if let Some(reason) = self.out_of_patience() {
				break Some(reason);
			}
		};
		submission.abort();
		self.tell();
		Ok(self.tracked(gave_up))
	}

	/// Returns what remains to be read of an imported block.
	fn notice(
		&mut self,
		notice: Notice,
	) -> Option<impl std::future::Future<Output = Result<Content>> + Send + 'static> {
		let at = self.offer.clock.at(notice.at);
		let covered = match notice.kind {
			Kind::Imported => self.log.import(notice.head, at),
			Kind::Finalized => self.log.finalize(notice.head.hash, at),
		};
		for block in covered {
			self.unread.insert(block.hash);
			self.count_finalized(block.hash);
		}
		(notice.kind == Kind::Imported)
			.then(|| self.reader.clone().read(notice.head.hash, at, self.offer.ledger.clone()))
	}

	fn content(&mut self, content: Content) {
		for index in &content.ours {
			if self.offer.ledger.include(*index, content.imported) {
				self.offer.free_place();
				self.progressed = Instant::now();
			}
		}
		let hash = content.hash;
		self.contents.insert(hash, content);
		self.count_finalized(hash);
	}

	/// Counts a block's transactions as finalized once both its finality and its content are known.
	fn count_finalized(&mut self, hash: H256) {
		let Some(content) = self.contents.get(&hash) else {
			return;
		};
		if self.unread.remove(&hash) && !content.ours.is_empty() {
			self.finalized = self.finalized.saturating_add(content.ours.len());
			self.progressed = Instant::now();
		}
	}

	fn has_finalized_all(&self) -> bool {
		self.finalized >= self.offer.ledger.accepted()
	}

	/// Why to wait no longer, if so.
	fn out_of_patience(&mut self) -> Option<Failure> {
		if self.has_finalized_all() {
			// A slow offer leaves pauses in which nothing is to be waited for.
			self.progressed = Instant::now();
		}
		let offer = &self.offer;
		let draining =
			offer.is_over().then(|| *self.draining_since.get_or_insert_with(Instant::now));
		let why = if self.progressed.elapsed() > offer.patience {
			format!("nothing moved for {} s", offer.patience.as_secs())
		} else if draining.is_some_and(|since| since.elapsed() > offer.drain) {
			format!("not finished {} s after the last offer", offer.drain.as_secs())
		} else {
			return None;
		};
		let (accepted, included) = (offer.ledger.accepted(), offer.ledger.included());
		let finalized = self.finalized;
		Some(Failure::new(format!(
			"{why}: {accepted} transactions accepted, {included} in blocks, {finalized} finalized"
		)))
	}

	fn tell(&self) {
		let ledger = &self.offer.ledger;
		eprintln!(
			"{:6.1} s  offered {}/{}  accepted {}  in blocks {}  finalized {}",
			self.offer.clock.elapsed().as_secs_f64(),
			ledger.offered(),
			ledger.total(),
			ledger.accepted(),
			ledger.included(),
			self.finalized,
		);
	}

	fn tracked(mut self, gave_up: Option<Failure>) -> Tracked {
		let blocks = self
			.log
			.chain()
			.iter()
			.filter_map(|block| Some((*block, self.contents.remove(&block.hash)?)))
			.collect();
		Tracked { blocks, finalized: self.finalized, gave_up }
	}
}

/// Reads blocks over a connection of its own, so that large answers do not delay notifications.
#[derive(Clone)]
pub struct Reader {
	node: Node,
	at: Arc<AtBlock>,
	limits: Limits,
	weight_key: Arc<Vec<u8>>,
	events_key: Arc<Vec<u8>>,
	lanes_key: Option<Arc<Vec<u8>>>,
}

impl Reader {
	pub fn limits(&self) -> &Limits {
		&self.limits
	}

	pub fn new(node: Node, at: Arc<AtBlock>) -> Result<Self> {
		let limits = Limits::read(&at)?;
		let weight_key = Arc::new(storage_key(&at, "System", "BlockWeight")?);
		let events_key = Arc::new(storage_key(&at, "System", "Events")?);
		let lanes_key = storage_key(&at, "Lanes", "LastBlock").ok().map(Arc::new);
		Ok(Self { node, at, limits, weight_key, events_key, lanes_key })
	}

	async fn read(
		self,
		hash: H256,
		imported: Micros,
		ledger: Arc<Ledger<H256>>,
	) -> Result<Content> {
		let doing = "reading a block";
		let details = self.node.methods.chain_get_block(Some(hash)).await.context(doing)?;
		let block = details.ok_or_else(|| Failure::new("the node lost a block"))?.block;
		let hasher = self.at.hasher();
		let numbered = |body: &[u8]| ledger.index_of(&hasher.hash(body));
		let places: Vec<_> = block.extrinsics.iter().map(|body| numbered(body)).collect();
		let length = block.extrinsics.iter().map(|body| body.len() as u64).sum();
		let weight = self.stored(&self.weight_key, hash).await?;
		let ours: Vec<_> = places.iter().copied().flatten().collect();
		let failures = match ours.is_empty() {
			true => BTreeMap::new(),
			false => self.failures(hash, &places).await?,
		};
		let fullness = self.limits.fullness(&weight, length)?;
		let lanes = match &self.lanes_key {
			Some(key) => Some(LaneRoom::read(&self.stored(key, hash).await?, &self.limits)?),
			None => None,
		};
		Ok(Content { hash, imported, ours, failures, fullness, lanes })
	}

	/// How many of the run's transactions a block reports as failed, by reason.
	async fn failures(
		&self,
		hash: H256,
		places: &[Option<usize>],
	) -> Result<BTreeMap<String, u64>> {
		let events = self.at.events().from_bytes(self.stored(&self.events_key, hash).await?);
		let mut failures = BTreeMap::new();
		for event in events.iter() {
			let event = event.context("decoding the events of a block")?;
			let Phase::ApplyExtrinsic(place) = event.phase() else {
				continue;
			};
			let is_ours = places.get(place as usize).is_some_and(Option::is_some);
			let is_failure =
				event.pallet_name() == "System" && event.event_name() == "ExtrinsicFailed";
			if is_ours && is_failure {
				*failures.entry(self.reason(event.field_bytes())).or_default() += 1;
			}
		}
		Ok(failures)
	}

	/// The runtime's name of an error.
	fn reason(&self, error: &[u8]) -> String {
		match DispatchError::decode_from(error, self.at.metadata()) {
			Ok(DispatchError::Module(error)) => error.details_string(),
			Ok(error) => error.to_string(),
			Err(_) => "an error that the metadata does not describe".into(),
		}
	}

	async fn stored(&self, key: &[u8], at: H256) -> Result<Vec<u8>> {
		let value = self.node.methods.state_get_storage(key, Some(at)).await;
		let value = value.context("reading the state of a block")?;
		value.ok_or_else(|| Failure::new("the node has no state of a block it imported"))
	}
}

fn storage_key(at: &AtBlock, pallet: &str, entry: &str) -> Result<Vec<u8>> {
	let storage = at.storage();
	let entry = storage.entry((pallet, entry)).context(format!("finding {pallet}.{entry}"))?;
	Ok(entry.key_prefix().to_vec())
}
