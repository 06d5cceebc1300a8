// SPDX-License-Identifier: Apache-2.0
//! Keepers: accounts with finite capital that bid for what they can carry.
//!
//! They see the auctions at the end of a block and bid in the next: each auction, the one that asks for most margin
//! first, gets a bid of the next keeper that can pay for a part of it, by transactions that the runtime meters and refuses
//! as in a node. When the lane or the block is full, the rest waits for the next block.

use super::Key;
use crate::{
	book::Party,
	chain::{sign, Applied, Chain},
	Outcome,
};
use ballast_exchange::{MicroUsd, Ppb};
use ballast_runtime::{AccountId, Clearing, Liquidation, Runtime, RuntimeCall, System};
use pallet_liquidation::AuctionReport;
use std::collections::BTreeSet;

/// Share of its free initial margin that a keeper puts into one bid.
const BOLDNESS: f64 = 0.5;
/// What a keeper reckons with that a book asks of it, as a multiple of what the book asks of its owner as maintenance.
const CAUTION: f64 = 1.5;
/// Smallest share that is worth a bid.
const LEAST_SHARE: f64 = 0.02;
/// Auctions read at once.
const PAGE: u32 = 1_000;

/// Bids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bids {
	/// In a block.
	pub included: u32,
	/// Of them, those that took a slice or ended an auction.
	pub succeeded: u32,
	/// Kept out by a full lane or block.
	pub full: u32,
	/// Refused for another reason.
	pub refused: u32,
}

impl Bids {
	/// Adds those of another block.
	pub fn add(&mut self, other: Self) {
		self.included += other.included;
		self.succeeded += other.succeeded;
		self.full += other.full;
		self.refused += other.refused;
	}
}

struct Keeper<'a> {
	party: &'a Party,
	nonce: u32,
	/// Cash and free initial margin, micro-USD.
	capital: (f64, f64),
}

/// All keepers.
pub(super) struct Keepers<'a> {
	all: Vec<Keeper<'a>>,
	next: usize,
	/// Auctions at the end of the last block.
	seen: Vec<Auction>,
	/// Why bids were refused so far.
	reasons: BTreeSet<String>,
}

type Auction = AuctionReport<AccountId>;

impl<'a> Keepers<'a> {
	/// Keepers that have sent nothing so far.
	pub fn new(parties: &'a [Party]) -> Self {
		let keeper = |party| Keeper { party, nonce: 0, capital: (0.0, 0.0) };
		Self {
			all: parties.iter().map(keeper).collect(),
			next: 0,
			seen: Vec::new(),
			reasons: BTreeSet::new(),
		}
	}

	/// Reads the auctions at the end of a block.
	pub fn look(&mut self, chain: &mut Chain) {
		self.seen = chain.execute(auctions);
		let requirement = |it: &Auction| it.equity.saturating_sub(it.maintenance);
		self.seen.sort_by_key(|it| std::cmp::Reverse(requirement(it)));
	}

	/// Bids in the open block.
	pub fn bid(&mut self, chain: &mut Chain) -> Outcome<Bids> {
		let mut bids = Bids::default();
		let auctions = std::mem::take(&mut self.seen);
		if auctions.is_empty() {
			return Ok(bids);
		}
		let genesis = chain.execute(|| System::block_hash(0));
		for keeper in &mut self.all {
			keeper.capital = chain.execute(|| capital(&keeper.party.key));
		}
		for auction in &auctions {
			let Some((index, share, limit)) = self.choose(auction) else { continue };
			let keeper = &mut self.all[index];
			let bid = call(auction, share, limit, keeper.party.key.index);
			let signed = sign(&keeper.party.pair, keeper.nonce, genesis, bid);
			match chain.apply(signed) {
				Applied::Included(result) => {
					keeper.nonce += 1;
					bids.included += 1;
					bids.succeeded += u32::from(result.is_ok());
					keeper.capital = chain.execute(|| capital(&keeper.party.key));
				},
				Applied::Full => {
					bids.full += 1;
					break;
				},
				Applied::Refused(reason) => {
					bids.refused += 1;
					if self.reasons.insert(format!("{reason:?}")) {
						eprintln!("bids are refused: {reason:?}, the first of keeper {index}");
					}
				},
			}
		}
		Ok(bids)
	}

	/// The next keeper that can carry a part of a book, the share it asks for and the most it pays.
	fn choose(&mut self, auction: &Auction) -> Option<(usize, Ppb, MicroUsd)> {
		let most = auction.max_share.0 as f64 / 1e9;
		if !auction.is_open || most <= 0.0 {
			return None;
		}
		let needed = auction.equity.saturating_sub(auction.maintenance).max(1) as f64 * CAUTION;
		let price = auction.price.max(0) as f64 / most;
		for offset in 0..self.all.len() {
			let index = (self.next + offset) % self.all.len();
			let (cash, free) = self.all[index].capital;
			let by_cash = if price > 0.0 { cash.max(0.0) / price } else { 1.0 };
			let share = most.min(by_cash).min(BOLDNESS * free / needed);
			if share < LEAST_SHARE.min(most) {
				continue;
			}
			self.next = index + 1;
			let share = Ppb((share * 1e9) as i64);
			// A tenth more than it costs now: others may bid before.
			let cost = auction.price.saturating_mul(share.0.into())
				/ MicroUsd::from(auction.max_share.0).max(1);
			return Some((index, share, cost.saturating_add(cost.abs() / 10).saturating_add(1)));
		}
		None
	}
}

fn call(auction: &Auction, max_share: Ppb, limit: MicroUsd, bidder_index: u16) -> RuntimeCall {
	let Key { owner, index } = auction.account.clone();
	pallet_liquidation::Call::bid { owner, index, max_share, limit, bidder_index }.into()
}

fn auctions() -> Vec<Auction> {
	let (mut all, mut after) = (Vec::new(), None);
	loop {
		let keys = Liquidation::auctions_after(after, PAGE);
		after = keys.last().cloned();
		all.extend(keys.iter().filter_map(Liquidation::auction_report));
		if keys.len() < PAGE as usize {
			return all;
		}
	}
}

/// Cash and free initial margin of an account, micro-USD; nothing if it cannot bid.
fn capital(key: &Key) -> (f64, f64) {
	let Some(account) = pallet_clearing::Accounts::<Runtime>::get(key).filter(|it| !it.frozen)
	else {
		return (0.0, 0.0);
	};
	let mut prices = Default::default();
	match <Clearing as ballast_exchange::Clearing<AccountId>>::margin(&mut prices, &account) {
		Ok(margin) => (account.cash as f64, margin.initial as f64),
		Err(_) => (0.0, 0.0),
	}
}
