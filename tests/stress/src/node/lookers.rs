// SPDX-License-Identifier: Apache-2.0
//! Those who look for accounts in danger where the protocol does not: in the control.
//!
//! They are many, see everything at once and pay whatever it costs: a look is sent as soon as spot passes the price at
//! which an account is about to fall, or brute force says that it has fallen.

use crate::{
	book::Party,
	node::{
		live::Block,
		rpc::{Answer, Node},
		sender::Sender,
		wire::{look, Key},
	},
};
use ballast_runtime::Hash;
use futures::future::try_join_all;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Blocks without news after which the pool is asked about a look.
const PATIENCE: u32 = 48;
/// Accounts margined per block by brute force while it runs.
const AUDITED_PER_BLOCK: u32 = 500;

/// An account with the prices beyond which it is about to be in danger, micro-USD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Near {
	/// The account.
	pub key: Key,
	/// Zero if no fall endangers it.
	pub below: u64,
	/// The largest number if no rise does.
	pub above: u64,
}

impl Near {
	/// How far spot is beyond these prices, thousandths of it; `None` if it is not.
	fn beyond(&self, spot: u64) -> Option<u64> {
		if spot > self.below && spot < self.above {
			return None;
		}
		let distance = self.below.saturating_sub(spot).max(spot.saturating_sub(self.above));
		Some(distance.saturating_mul(1_000) / spot.max(1))
	}
}

/// The lookers and what they know.
pub struct Lookers {
	node: Node,
	senders: Vec<Sender<Key>>,
	near: Vec<Near>,
	/// Accounts that a look is under way for.
	busy: BTreeSet<Key>,
	wanted: VecDeque<Key>,
	queued: BTreeSet<Key>,
	/// How far spot was beyond the price of an account when that alone asked for a look.
	seen: BTreeMap<Key, u64>,
	after: Option<Key>,
	found: BTreeSet<Key>,
	/// Accounts that the last complete round of brute force found in danger.
	pub missed: usize,
	/// Whether such a round has ended since the last price.
	pub rounds: u32,
	/// Looks that were in a block.
	pub looks: u32,
	/// Blocks that each of them waited.
	waited: Vec<u64>,
	/// The best block when a look that waits was first taken by the pool.
	waiting: BTreeMap<Key, u32>,
	/// Attempts that found the pool full.
	pub dropped: u32,
}

impl Lookers {
	/// Lookers who have looked at nothing yet.
	pub fn new(node: Node, genesis: Hash, parties: Vec<Party>, near: Vec<Near>) -> Self {
		let sender = |party| Sender::new(party, genesis, node.clone());
		Self {
			senders: parties.into_iter().map(sender).collect(),
			node: node.clone(),
			near,
			busy: BTreeSet::new(),
			wanted: VecDeque::new(),
			queued: BTreeSet::new(),
			seen: BTreeMap::new(),
			after: None,
			found: BTreeSet::new(),
			missed: 0,
			rounds: 0,
			looks: 0,
			waited: Vec::new(),
			waiting: BTreeMap::new(),
			dropped: 0,
		}
	}

	/// Sees a new best block with its spot, micro-USD.
	pub async fn see(&mut self, block: &Block, spot: u64) -> Result<(), String> {
		for sender in &mut self.senders {
			for (_, key) in sender.included(|hash| block.place(hash)) {
				self.busy.remove(&key);
				self.looks = self.looks.saturating_add(1);
				let since = self.waiting.remove(&key).unwrap_or(block.number);
				self.waited.push(block.number.saturating_sub(since).into());
			}
		}
		let unblocked = self.senders.iter_mut().map(|it| it.unblock(block.number, PATIENCE));
		for gone in try_join_all(unblocked).await?.into_iter().flatten() {
			self.busy.remove(&gone);
		}
		self.watch_price(spot);
		self.audit(block.hash).await?;
		self.send(block.number).await
	}

	/// Blocks from the pool to the block that holds a look; those in no block count up to `last`.
	pub fn waits(&self, last: u32) -> Vec<u64> {
		let open = self.waiting.values().map(|since| u64::from(last.saturating_sub(*since)));
		self.waited.iter().copied().chain(open).collect()
	}

	/// Once by the price alone, again for each per cent that it goes on: brute force tells the rest.
	fn watch_price(&mut self, spot: u64) {
		for near in &self.near {
			let Some(beyond) = near.beyond(spot) else { continue };
			let is_new = self.seen.get(&near.key).is_none_or(|last| beyond >= last + 10);
			if is_new {
				self.seen.insert(near.key.clone(), beyond);
				if !self.busy.contains(&near.key) && self.queued.insert(near.key.clone()) {
					self.wanted.push_back(near.key.clone());
				}
			}
		}
	}

	/// Some accounts by brute force, going round.
	async fn audit(&mut self, at: Hash) -> Result<(), String> {
		let audit = self.node.audit(self.after.as_ref(), AUDITED_PER_BLOCK, at).await?;
		for missed in audit.missed {
			let key = missed.account;
			self.found.insert(key.clone());
			if !self.busy.contains(&key) && self.queued.insert(key.clone()) {
				self.wanted.push_back(key);
			}
		}
		self.after = audit.last;
		if self.after.is_none() {
			self.missed = std::mem::take(&mut self.found).len();
			self.rounds = self.rounds.saturating_add(1);
		}
		Ok(())
	}

	/// Every looker who waits for nothing takes the next account.
	async fn send(&mut self, now: u32) -> Result<(), String> {
		let free = self.senders.iter_mut().filter(|sender| sender.queue.is_empty());
		let next = std::iter::from_fn(|| self.wanted.pop_front());
		let sent = free.zip(next).map(|(sender, key)| async move {
			let answer = sender.send(look(&key), Some(key.clone()), now).await?;
			Ok::<_, String>((key, answer))
		});
		// Collected first: all of them are under way at once.
		let sent: Vec<_> = sent.collect();
		for (key, answer) in try_join_all(sent).await? {
			match answer {
				Answer::Taken | Answer::Known => {
					self.queued.remove(&key);
					self.waiting.entry(key.clone()).or_insert(now);
					self.busy.insert(key);
				},
				Answer::Later(_) => {
					self.dropped = self.dropped.saturating_add(1);
					self.wanted.push_front(key);
				},
				Answer::Refused(_) => {
					self.queued.remove(&key);
				},
			}
		}
		Ok(())
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use ballast_exchange::AccountKey;

	fn near(below: u64, above: u64) -> Near {
		Near { key: AccountKey { owner: [1; 32].into(), index: 0 }, below, above }
	}

	#[test]
	fn account_should_be_looked_at_when_spot_has_passed_its_price() {
		assert_eq!(near(7_000, 9_000).beyond(8_000), None);
		assert_eq!(near(7_000, 9_000).beyond(7_000), Some(0));
		assert_eq!(near(7_000, 9_000).beyond(6_000), Some(166));
		assert_eq!(near(7_000, 9_000).beyond(10_000), Some(100));
	}

	#[test]
	fn account_should_be_left_alone_when_no_price_endangers_it() {
		assert_eq!(near(0, u64::MAX).beyond(1), None);
		assert_eq!(near(0, u64::MAX).beyond(1 << 60), None);
	}
}
