// SPDX-License-Identifier: Apache-2.0

//! One look at every auction: which bids to send, and what is under way.

use crate::{
	caution::{Caution, Millis},
	choosing::{bid_for, rank, share_for, slice_of, whole_lots},
	failure::{Failure, Reason},
	margin::{can_pay, is_enough, trades_of},
	signing::{BORN_BEFORE, ERA_BLOCKS},
	types::{Auction, Bid, Key, Rules, Slice, Standing},
};
use ballast_exchange::Ppb;
use ballast_runtime::{AccountId, BlockNumber};
use pallet_clearing::HypotheticalTrade;
use sp_runtime::DispatchError;
use std::{
	collections::{BTreeMap, BTreeSet},
	fmt,
};

/// Blocks in which a bid can be included: after them it is dead.
pub const BID_LIFE: BlockNumber = ERA_BLOCKS - BORN_BEFORE;
/// Auctions that one question is answered with, and most questions in one look.
const PAGE: u32 = 20;
const MAX_PAGES: u32 = 50;
/// Halvings of a share in one look.
const MAX_HALVINGS: u32 = 6;
/// Auctions that one look weighs: each costs a few simulations.
const MAX_WEIGHED: usize = 8;
/// Bids under way.
const MAX_PENDING: usize = 32;

/// What the runtime says at one block.
pub trait Exchange {
	/// The owner of the account that bids.
	fn owner(&self) -> Result<AccountId, Trouble>;
	/// Accounts on auction, at most `limit`, those after `after`.
	fn auctions(&self, after: Option<&Key>, limit: u32) -> Result<Vec<Auction>, Trouble>;
	/// The account that bids; `None` while it does not exist.
	fn standing(&self) -> Result<Option<Standing>, Trouble>;
	/// The same after trades, or the error that they meet.
	fn simulate(
		&self,
		trades: Vec<HypotheticalTrade>,
	) -> Result<Result<Standing, DispatchError>, Trouble>;
	/// Tickets of bids that are in a block by then, if what became of them is not known yet.
	fn included(&self) -> Result<Vec<u64>, Trouble>;
	/// Whether this look may read more auctions: some of its time is for weighing those it has.
	fn has_time_to_read(&self) -> bool;
	/// Whether this look may ask more.
	fn has_time(&self) -> bool;
}

/// What keeps the keeper from bidding, and a person should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
	/// The keystore has no key, or several.
	Key(String),
	/// The account that bids does not exist.
	NoAccount,
	/// It is on auction itself.
	OnAuction,
	/// The runtime does not answer.
	Silent(String),
	/// A slice cannot be simulated.
	Simulation(String),
	/// A bid met an error that nobody expects.
	Bid(String),
}

impl Trouble {
	/// Names the kind: one of a kind is logged a minute.
	pub fn kind(&self) -> &'static str {
		match self {
			Self::Key(_) => "key",
			Self::NoAccount => "account",
			Self::OnAuction => "auction",
			Self::Silent(_) => "runtime",
			Self::Simulation(_) => "simulation",
			Self::Bid(_) => "bid",
		}
	}
}

impl fmt::Display for Trouble {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Key(text) => write!(f, "no bid: {text}"),
			Self::NoAccount => write!(
				f,
				"no bid: the key has no margin account of that number: open it and deposit, or name another with \
				 --keeper-index"
			),
			Self::OnAuction => {
				write!(f, "no bid: the account that bids is on auction itself: deposit into it")
			},
			Self::Silent(text) => write!(f, "no bid: the runtime does not answer: {text}"),
			Self::Simulation(text) => write!(f, "a slice cannot be simulated: {text}"),
			Self::Bid(text) => write!(f, "a bid failed: {text}"),
		}
	}
}

/// A bid to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
	/// Names it.
	pub ticket: u64,
	/// The call.
	pub bid: Bid,
	/// What it is after.
	pub slice: Slice,
}

/// What came of a look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
	/// Bids to send, the best first.
	pub chosen: Vec<Chosen>,
	/// Bids that can no longer succeed, by their tickets: their auction has ended, or they are too old.
	pub dead: Vec<u64>,
	/// What a person should know.
	pub troubles: Vec<Trouble>,
}

/// A bid that is under way.
struct Pending {
	ticket: u64,
	since: BlockNumber,
	/// What it may bring into the account any moment; `None` once that has happened or not.
	slice: Option<Slice>,
}

/// Whether the account carries a slice.
enum Carries {
	Yes,
	No,
	/// This look may ask no more.
	NoTime,
}

/// Watches auctions and says which bids to send.
pub struct Keeper {
	rules: Rules,
	cautions: BTreeMap<Key, Caution>,
	pending: BTreeMap<Key, Pending>,
	next_ticket: u64,
	/// Where the next look goes on: time was up before every auction was read.
	after: Option<Key>,
	/// Auctions read since the first one.
	listed: BTreeSet<Key>,
}

impl Keeper {
	/// A keeper that has bid for nothing yet.
	pub fn new(rules: Rules) -> Self {
		Self {
			rules,
			cautions: BTreeMap::new(),
			pending: BTreeMap::new(),
			next_ticket: 0,
			after: None,
			listed: BTreeSet::new(),
		}
	}

	/// Bids that are under way.
	#[cfg(test)]
	pub fn in_flight(&self) -> usize {
		self.pending.len()
	}

	/// Looks at every auction once, as far as time allows, at the state of block `number`.
	pub fn look(&mut self, exchange: &dyn Exchange, number: BlockNumber, now: Millis) -> Look {
		let mut look = Look::default();
		if let Err(trouble) = self.try_look(exchange, number, now, &mut look) {
			look.troubles.push(trouble);
		}
		look
	}

	/// A bid has come to its end. What a person should know of it.
	pub fn ended(
		&mut self,
		chosen: &Chosen,
		failure: Option<&Failure>,
		now: Millis,
	) -> Option<Trouble> {
		let key = &chosen.bid.account;
		if self.pending.get(key).is_some_and(|pending| pending.ticket == chosen.ticket) {
			self.pending.remove(key);
		}
		let failure = failure?;
		// What is no longer on auction needs no memory.
		if let Some(caution) = self.cautions.get_mut(key) {
			caution.learn(failure.reason, now);
		}
		(failure.reason == Reason::Unexpected).then(|| Trouble::Bid(failure.text.clone()))
	}

	fn try_look(
		&mut self,
		exchange: &dyn Exchange,
		number: BlockNumber,
		now: Millis,
		look: &mut Look,
	) -> Result<(), Trouble> {
		self.bury(&mut look.dead, |_, pending| number.saturating_sub(pending.since) >= BID_LIFE);
		let auctions = self.read(exchange, &mut look.dead)?;
		if auctions.is_empty() {
			return Ok(());
		}
		let ranked = rank(auctions, &self.rules, &exchange.owner()?);
		if ranked.is_empty() {
			return Ok(());
		}
		self.settle(exchange)?;
		let standing = exchange.standing()?.ok_or(Trouble::NoAccount)?;
		if standing.is_frozen {
			return Err(Trouble::OnAuction);
		}
		let is_ready = |auction: &&Auction| self.is_ready(&auction.account, now);
		let ready: Vec<_> = ranked.iter().filter(is_ready).take(MAX_WEIGHED).collect();
		for auction in ready {
			let is_full = look.chosen.len() >= self.rules.bids_per_block as usize
				|| self.pending.len() >= MAX_PENDING;
			if is_full || !exchange.has_time() {
				break;
			}
			self.weigh(exchange, auction, &standing, (number, now), look)?;
		}
		Ok(())
	}

	/// Bids for an auction, or lets it rest.
	fn weigh(
		&mut self,
		exchange: &dyn Exchange,
		auction: &Auction,
		standing: &Standing,
		(number, now): (BlockNumber, Millis),
		look: &mut Look,
	) -> Result<(), Trouble> {
		let key = &auction.account;
		let caution = *self.cautions.entry(key.clone()).or_default();
		let (halvings, is_whole) = (caution.halvings(now), caution.is_all_or_nothing);
		let mut share = share_for(auction, &self.rules, halvings, is_whole);
		for _ in 0..=MAX_HALVINGS {
			if share <= Ppb::ZERO {
				break;
			}
			let slice = slice_of(auction, share);
			match self.carries(exchange, standing, &slice, &mut look.troubles)? {
				Carries::Yes => {
					let bid = bid_for(auction, &slice, &self.rules);
					let ticket = self.next_ticket;
					self.next_ticket = ticket.wrapping_add(1);
					let pending = Pending { ticket, since: number, slice: Some(slice.clone()) };
					self.pending.insert(key.clone(), pending);
					look.chosen.push(Chosen { ticket, bid, slice });
					return Ok(());
				},
				Carries::NoTime => return Ok(()),
				Carries::No if is_whole => break,
				Carries::No => share = whole_lots(&auction.book, Ppb(share.0 / 2)),
			}
		}
		self.cautions.entry(key.clone()).or_default().rest(now);
		Ok(())
	}

	fn carries(
		&self,
		exchange: &dyn Exchange,
		standing: &Standing,
		slice: &Slice,
		troubles: &mut Vec<Trouble>,
	) -> Result<Carries, Trouble> {
		let mut slices: Vec<_> =
			self.pending.values().filter_map(|pending| pending.slice.as_ref()).collect();
		if !can_pay(standing, &slices, slice) {
			return Ok(Carries::No);
		}
		slices.push(slice);
		let Some(trades) = trades_of(&slices) else {
			// Only the chain can tell; after a refusal the next bid is for half.
			return Ok(Carries::Yes);
		};
		if !exchange.has_time() {
			return Ok(Carries::NoTime);
		}
		let is_enough = match exchange.simulate(trades)? {
			Ok(after) => is_enough(&after, &slices, self.rules.keep_free),
			Err(error) => {
				let Failure { reason, text } = Failure::in_block(error);
				if reason == Reason::Unexpected {
					troubles.push(Trouble::Simulation(text));
				}
				false
			},
		};
		Ok(if is_enough { Carries::Yes } else { Carries::No })
	}

	/// What is in a block is in the account: it counts once.
	fn settle(&mut self, exchange: &dyn Exchange) -> Result<(), Trouble> {
		if self.pending.is_empty() {
			return Ok(());
		}
		let included = exchange.included()?;
		for pending in self.pending.values_mut() {
			if included.contains(&pending.ticket) {
				pending.slice = None;
			}
		}
		Ok(())
	}

	/// No bid is under way, and no pause.
	fn is_ready(&self, key: &Key, now: Millis) -> bool {
		let is_resting = self.cautions.get(key).is_some_and(|caution| !caution.is_ready(now));
		!is_resting && !self.pending.contains_key(key)
	}

	/// Reads auctions from where the last look had to stop, as far as time allows.
	fn read(
		&mut self,
		exchange: &dyn Exchange,
		dead: &mut Vec<u64>,
	) -> Result<Vec<Auction>, Trouble> {
		let mut all = Vec::new();
		for page in 0..MAX_PAGES {
			if page > 0 && !exchange.has_time_to_read() {
				break;
			}
			let has_skipped = self.after.is_some() && all.is_empty();
			let found = exchange.auctions(self.after.as_ref(), PAGE)?;
			// A page may be short of auctions that cannot be priced: only an empty one is the last.
			let Some(last) = found.last() else {
				self.forget(dead);
				if has_skipped {
					continue;
				}
				break;
			};
			self.after = Some(last.account.clone());
			self.listed.extend(found.iter().map(|auction| auction.account.clone()));
			all.extend(found);
		}
		Ok(all)
	}

	/// Every auction has been read: what is not among them has ended.
	fn forget(&mut self, dead: &mut Vec<u64>) {
		self.after = None;
		let listed = std::mem::take(&mut self.listed);
		self.cautions.retain(|key, _| listed.contains(key));
		self.bury(dead, |key, _| !listed.contains(key));
	}

	fn bury(&mut self, dead: &mut Vec<u64>, is_dead: impl Fn(&Key, &Pending) -> bool) {
		self.pending.retain(|key, pending| {
			let goes = is_dead(key, pending);
			if goes {
				dead.push(pending.ticket);
			}
			!goes
		});
	}
}
