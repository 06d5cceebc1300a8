// SPDX-License-Identifier: Apache-2.0
//! Keepers with finite capital: they bid on what is on auction as soon as they see it.
//!
//! The tool lets them agree: one bid for an auction at a time, and no more bids under way than blocks take. So no bid fails
//! because another keeper was faster or waits behind a hundred others, and what is measured is how long a valid bid waits.
//! Auctions that no bid has been sent for show in the backlog and in how long they take.

use crate::{
	book::Party,
	node::{
		bounds::MOST_BID_BLOCKS,
		live::Block,
		offer::{offer, Offer, Purse},
		rpc::{Answer, Node},
		sender::Sender,
		window::Window,
		wire::{reason, EventRecord, Key},
	},
};
use ballast_runtime::{AccountId, Hash, RuntimeEvent};
use frame_system::Phase;
use futures::future::try_join_all;
use pallet_liquidation::{AuctionReport, Call, Event};
use std::collections::{BTreeMap, BTreeSet};

/// Bids of one keeper under way at once.
const MOST_UNDER_WAY: usize = 64;
/// Auctions read per block, some more than a block takes bids for: margining each is work for the node that builds
/// blocks, and takes time that the bids then lack.
const PAGE: u32 = 100;
/// Blocks without news after which the pool is asked about a bid.
const PATIENCE: u32 = 4;

/// A bid as the measurement sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bid {
	/// Best block when it was first offered to the pool.
	pub offered: u32,
	/// The block that holds it.
	pub included: Option<u32>,
	/// What came of it: nothing if it took a slice, or why not.
	pub failure: Option<String>,
}

#[derive(Clone, Debug)]
struct Purpose {
	auction: Key,
	offered: u32,
	offer: Offer,
}

struct Keeper {
	sender: Sender<Purpose>,
	planned: Vec<Purpose>,
	purse: Purse,
	caution: i128,
}

/// The keepers and what they did.
pub struct Keepers {
	node: Node,
	keepers: Vec<Keeper>,
	/// Auctions that a bid is under way for.
	busy: BTreeSet<Key>,
	/// Auctions whose bid the pool had no room for, with the block of the first attempt.
	tried: BTreeMap<Key, u32>,
	after: Option<Key>,
	window: Window,
	/// Every bid that was in a block.
	pub bids: Vec<Bid>,
	/// Bids that the pool lost: their auction had ended.
	pub lapsed: u32,
	/// Attempts that found the pool full.
	pub dropped: u32,
}

impl Keepers {
	/// Keepers that have bid for nothing yet.
	pub fn new(node: Node, genesis: Hash, parties: Vec<Party>) -> Self {
		let purse = Purse { cash: 0, initial: 0, caution: 0 };
		let keeper = |party| {
			let sender = Sender::new(party, genesis, node.clone());
			Keeper { sender, planned: Vec::new(), purse, caution: 0 }
		};
		let keepers = parties.into_iter().map(keeper).collect();
		Self {
			node: node.clone(),
			keepers,
			busy: BTreeSet::new(),
			tried: BTreeMap::new(),
			after: None,
			window: Window::default(),
			bids: Vec::new(),
			lapsed: 0,
			dropped: 0,
		}
	}

	/// Sees a new best block: finds out about bids, and bids.
	pub async fn see(&mut self, block: &Block, backlog: u32) -> Result<(), String> {
		let taken = self.find(block).await?;
		self.window.see(taken, self.is_late(block.number));
		let unblocked =
			self.keepers.iter_mut().map(|keeper| keeper.sender.unblock(block.number, PATIENCE));
		for gone in try_join_all(unblocked).await?.into_iter().flatten() {
			self.busy.remove(&gone.auction);
			self.lapsed = self.lapsed.saturating_add(1);
		}
		if backlog == 0 {
			return Ok(());
		}
		let open = self.read(block.hash).await?;
		if open.iter().any(|report| !self.busy.contains(&report.account)) {
			self.count_money(block.hash).await?;
			open.iter().for_each(|report| self.plan(report, block.number));
			self.send(block.number).await?;
		}
		Ok(())
	}

	/// Bids under way.
	fn under_way(&self) -> usize {
		let of = |keeper: &Keeper| keeper.sender.queue.len() + keeper.planned.len();
		self.keepers.iter().map(of).sum()
	}

	/// Whether a bid is under way that was offered before this block.
	fn is_late(&self, now: u32) -> bool {
		let mut waiting = self.keepers.iter().flat_map(|it| it.sender.queue.iter());
		let is_late = |purpose: &Purpose| purpose.offered < now;
		waiting.any(|it| it.purpose.as_ref().is_some_and(is_late))
	}

	/// Finds out what became of bids; how many the block has.
	async fn find(&mut self, block: &Block) -> Result<usize, String> {
		let before = self.bids.len();
		let mut events = None;
		for keeper in &mut self.keepers {
			for (place, purpose) in keeper.sender.included(|hash| block.place(hash)) {
				if events.is_none() {
					events = Some(self.node.events(block.hash).await?);
				}
				let failure = failure(events.as_deref().unwrap_or_default(), place);
				keeper.learn(failure.as_deref());
				self.busy.remove(&purpose.auction);
				let (offered, included) = (purpose.offered, Some(block.number));
				self.bids.push(Bid { offered, included, failure });
			}
		}
		Ok(self.bids.len().saturating_sub(before))
	}

	/// Some auctions, going round.
	async fn read(&mut self, at: Hash) -> Result<Vec<AuctionReport<AccountId>>, String> {
		let open = self.node.auctions(self.after.as_ref(), PAGE, at).await?;
		let is_last = open.len() < PAGE as usize;
		self.after = open.last().filter(|_| !is_last).map(|report| report.account.clone());
		Ok(open)
	}

	/// What each has, less what is under way.
	async fn count_money(&mut self, at: Hash) -> Result<(), String> {
		let node = &self.node;
		let accounts = self.keepers.iter().map(|keeper| node.account(&keeper.sender.party.key, at));
		let accounts = try_join_all(accounts).await?;
		for (keeper, account) in self.keepers.iter_mut().zip(accounts) {
			let Some(account) = account else { continue };
			let under_way = keeper.sender.queue.iter().filter_map(|it| it.purpose.as_ref());
			let (cash, initial) = under_way.fold((0i128, 0i128), |(cash, initial), purpose| {
				(cash + purpose.offer.cash, initial + purpose.offer.initial)
			});
			// Its own account may be on auction: then it has nothing to bid with.
			let is_free = account.fresh && !account.frozen;
			let left = |has: i128, gone: i128| if is_free { has - gone } else { 0 };
			keeper.purse = Purse {
				cash: left(account.cash, cash),
				initial: left(account.margin.initial, initial),
				caution: keeper.caution,
			};
		}
		Ok(())
	}

	/// Whoever carries most is to bid.
	fn plan(&mut self, report: &AuctionReport<AccountId>, now: u32) {
		if self.busy.contains(&report.account) || self.under_way() >= self.window.size() {
			return;
		}
		let able = self.keepers.iter_mut().filter(|it| it.has_room());
		let offers = able.filter_map(|keeper| offer(report, &keeper.purse).map(|it| (it, keeper)));
		let Some((offer, keeper)) =
			offers.max_by_key(|(offer, keeper)| (offer.share, keeper.purse.initial))
		else {
			return;
		};
		let auction = report.account.clone();
		let offered = self.tried.get(&auction).copied().unwrap_or(now);
		keeper.purse.cash -= offer.cash;
		keeper.purse.initial -= offer.initial;
		keeper.planned.push(Purpose { auction: auction.clone(), offered, offer });
		self.busy.insert(auction);
	}

	/// Sends what is planned: each keeper one bid after the other, all keepers at once.
	async fn send(&mut self, now: u32) -> Result<(), String> {
		let sent = self.keepers.iter_mut().map(|keeper| keeper.send(now));
		for (purpose, answer) in try_join_all(sent).await?.into_iter().flatten() {
			match answer {
				Answer::Taken | Answer::Known => {
					self.tried.remove(&purpose.auction);
				},
				Answer::Later(1016) => {
					self.busy.remove(&purpose.auction);
					self.tried.insert(purpose.auction, purpose.offered);
					self.dropped = self.dropped.saturating_add(1);
				},
				Answer::Later(_) | Answer::Refused(_) => {
					self.busy.remove(&purpose.auction);
					self.tried.remove(&purpose.auction);
				},
			}
		}
		Ok(())
	}

	/// Brings nonces in line with the chain; for bids whose block was not seen.
	pub async fn agree(&mut self, at: Hash) -> Result<(), String> {
		for keeper in &mut self.keepers {
			for purpose in keeper.sender.agree(at).await? {
				self.busy.remove(&purpose.auction);
				self.lapsed = self.lapsed.saturating_add(1);
			}
		}
		Ok(())
	}

	/// Ends: bids still under way, and those that never found room, count as far as they have waited.
	pub fn end(mut self) -> Self {
		let waiting = self.keepers.iter().flat_map(|it| it.sender.queue.iter());
		let offered = waiting.filter_map(|it| it.purpose.as_ref()).map(|purpose| purpose.offered);
		let never = self.tried.values().copied();
		let unfinished =
			offered.chain(never).map(|offered| Bid { offered, included: None, failure: None });
		self.bids.extend(unfinished.collect::<Vec<_>>());
		self
	}
}

impl Keeper {
	fn has_room(&self) -> bool {
		self.sender.queue.len() + self.planned.len() < MOST_UNDER_WAY
	}

	/// Sends what is planned; what the pool said to each.
	async fn send(&mut self, now: u32) -> Result<Vec<(Purpose, Answer)>, String> {
		let mut answers = Vec::new();
		for purpose in std::mem::take(&mut self.planned) {
			let Key { owner, index } = purpose.auction.clone();
			let (max_share, limit) = (purpose.offer.share, purpose.offer.limit);
			let bidder_index = self.sender.party.key.index;
			let call = Call::bid { owner, index, max_share, limit, bidder_index };
			let answer = self.sender.send(call.into(), Some(purpose.clone()), now).await?;
			answers.push((purpose, answer));
		}
		Ok(answers)
	}

	/// Margin is estimated: one that was too short makes the next estimates more careful.
	fn learn(&mut self, failure: Option<&str>) {
		self.caution = match failure {
			None => self.caution * 3 / 4,
			Some(text) if text.starts_with("Clearing") || text.contains("BidderLacksCash") => {
				(self.caution * 2 + 50).min(1_000)
			},
			Some(_) => self.caution,
		};
	}
}

/// Why the transaction at a place of its block took no slice.
fn failure(events: &[EventRecord], place: u32) -> Option<String> {
	let mine = events.iter().filter(|record| record.phase == Phase::ApplyExtrinsic(place));
	let mut failure = Some("nothing taken: the account is back at its target".into());
	for record in mine {
		match &record.event {
			RuntimeEvent::Liquidation(Event::BidTaken { .. }) => failure = None,
			RuntimeEvent::System(frame_system::Event::ExtrinsicFailed {
				dispatch_error, ..
			}) => return Some(reason(*dispatch_error)),
			_ => {},
		}
	}
	failure
}

/// How often each failure came.
pub fn failures(bids: &[Bid]) -> BTreeMap<String, u32> {
	let mut counts = BTreeMap::new();
	for failure in bids.iter().filter_map(|bid| bid.failure.clone()) {
		*counts.entry(failure).or_default() += 1;
	}
	counts
}

/// In which blocks bids were that had waited for longer than they may, and how many.
pub fn late_bids(bids: &[Bid]) -> BTreeMap<u32, u32> {
	let mut counts = BTreeMap::new();
	for bid in bids {
		let Some(included) = bid.included else { continue };
		if u64::from(included.saturating_sub(bid.offered)) > MOST_BID_BLOCKS {
			*counts.entry(included).or_default() += 1;
		}
	}
	counts
}

/// Blocks from the offer of each bid to its block; those in none count up to `last`.
pub fn waits(bids: &[Bid], last: u32) -> Vec<u64> {
	let wait = |bid: &Bid| bid.included.unwrap_or(last).saturating_sub(bid.offered);
	bids.iter().map(|bid| u64::from(wait(bid))).collect()
}

#[cfg(test)]
mod tests {
	use super::*;
	use ballast_exchange::{AccountKey, Ppb};

	fn key() -> Key {
		AccountKey { owner: AccountId::from([1; 32]), index: 0 }
	}

	fn record(place: u32, event: impl Into<RuntimeEvent>) -> EventRecord {
		EventRecord { phase: Phase::ApplyExtrinsic(place), event: event.into(), topics: Vec::new() }
	}

	fn taken() -> RuntimeEvent {
		let share = Ppb::ONE;
		let (account, bidder) = (key(), key());
		Event::BidTaken { account, bidder, share, equity: 1, price: 1, target: 0 }.into()
	}

	#[test]
	fn bid_should_have_no_failure_when_it_took_a_slice() {
		assert_eq!(failure(&[record(4, taken())], 4), None);
	}

	#[test]
	fn bid_should_have_failed_when_the_slice_was_taken_by_another_transaction() {
		assert!(failure(&[record(3, taken())], 4).is_some());
	}

	#[test]
	fn waits_should_count_up_to_the_end_when_a_bid_is_in_no_block() {
		let bid = |offered, included| Bid { offered, included, failure: None };
		assert_eq!(waits(&[bid(5, Some(6)), bid(5, None)], 25), [1, 20]);
	}

	#[test]
	fn late_bids_should_be_counted_by_block() {
		let bid = |offered, included| Bid { offered, included, failure: None };
		let bids = [bid(5, Some(7)), bid(5, Some(8)), bid(4, Some(8)), bid(5, None)];
		assert_eq!(late_bids(&bids), BTreeMap::from([(8, 2)]));
	}

	#[test]
	fn failures_should_be_counted_by_reason_when_there_are_some() {
		let bid = |failure: Option<&str>| Bid {
			offered: 1,
			included: Some(2),
			failure: failure.map(String::from),
		};
		let counts = failures(&[bid(None), bid(Some("a")), bid(Some("b")), bid(Some("a"))]);
		assert_eq!(counts, BTreeMap::from([("a".into(), 2), ("b".into(), 1)]));
	}
}
