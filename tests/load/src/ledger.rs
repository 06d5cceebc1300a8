// SPDX-License-Identifier: Apache-2.0

//! What became of each transaction of a run, written by the senders and the follower at once.

use crate::blocks::Micros;
use std::{
	collections::{BTreeMap, HashMap},
	hash::Hash,
	sync::{
		atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
		Mutex, PoisonError,
	},
};

/// Times are stored one higher than they are, so that zero means "not yet".
#[derive(Debug, Default)]
struct Moment(AtomicU64);

impl Moment {
	/// Sets the time unless it is set; says whether it did.
	fn set_once(&self, at: Micros) -> bool {
		let stored = at.saturating_add(1);
		self.0.compare_exchange(0, stored, Ordering::Relaxed, Ordering::Relaxed).is_ok()
	}

	fn get(&self) -> Option<Micros> {
		self.0.load(Ordering::Relaxed).checked_sub(1)
	}
}

/// One transaction: when it was due (open loop) or sent (closed loop), taken by the pool, and first
/// seen in an imported block.
#[derive(Debug, Default)]
struct Entry {
	offered: Moment,
	accepted: Moment,
	included: Moment,
}

/// Every transaction of a run by number and by hash.
pub struct Ledger<Id> {
	by_hash: HashMap<Id, usize>,
	entries: Vec<Entry>,
	/// Accounts the pool refused for good: what follows in their nonces cannot be included.
	stopped: Vec<AtomicBool>,
	offered: AtomicUsize,
	accepted: AtomicUsize,
	included: AtomicUsize,
	skipped: AtomicUsize,
	refusals: Mutex<BTreeMap<String, u64>>,
}

impl<Id: Eq + Hash> Ledger<Id> {
	pub fn new(hashes: impl IntoIterator<Item = Id>, accounts: usize) -> Self {
		let hashes: Vec<_> = hashes.into_iter().collect();
		Self {
			entries: hashes.iter().map(|_| Entry::default()).collect(),
			by_hash: hashes.into_iter().enumerate().map(|(index, hash)| (hash, index)).collect(),
			stopped: (0..accounts).map(|_| AtomicBool::new(false)).collect(),
			offered: AtomicUsize::new(0),
			accepted: AtomicUsize::new(0),
			included: AtomicUsize::new(0),
			skipped: AtomicUsize::new(0),
			refusals: Mutex::new(BTreeMap::new()),
		}
	}

	pub fn index_of(&self, hash: &Id) -> Option<usize> {
		self.by_hash.get(hash).copied()
	}

	pub fn total(&self) -> usize {
		self.entries.len()
	}

	pub fn offer(&self, index: usize, at: Micros) {
		if self.entries.get(index).is_some_and(|entry| entry.offered.set_once(at)) {
			self.offered.fetch_add(1, Ordering::Relaxed);
		}
	}

	pub fn accept(&self, index: usize, at: Micros) {
		if self.entries.get(index).is_some_and(|entry| entry.accepted.set_once(at)) {
			self.accepted.fetch_add(1, Ordering::Relaxed);
		}
	}

	/// Says whether this was the first block the transaction was seen in.
	pub fn include(&self, index: usize, at: Micros) -> bool {
		let first = self.entries.get(index).is_some_and(|entry| entry.included.set_once(at));
		if first {
			self.included.fetch_add(1, Ordering::Relaxed);
		}
		first
	}

	/// Counts one refusal under the node's own words.
	pub fn refuse(&self, reason: &str) {
		let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
		*refusals.entry(reason.into()).or_default() += 1;
	}

	pub fn stop(&self, account: usize) {
		if let Some(stopped) = self.stopped.get(account) {
			stopped.store(true, Ordering::Relaxed);
		}
	}

	pub fn is_stopped(&self, account: usize) -> bool {
		self.stopped.get(account).is_some_and(|stopped| stopped.load(Ordering::Relaxed))
	}

	/// Counts a transaction that is not sent because its account is stopped.
	pub fn skip(&self) {
		self.skipped.fetch_add(1, Ordering::Relaxed);
	}

	pub fn offered(&self) -> usize {
		self.offered.load(Ordering::Relaxed)
	}

	pub fn accepted(&self) -> usize {
		self.accepted.load(Ordering::Relaxed)
	}

	pub fn included(&self) -> usize {
		self.included.load(Ordering::Relaxed)
	}

	pub fn skipped(&self) -> usize {
		self.skipped.load(Ordering::Relaxed)
	}

	pub fn refusals(&self) -> BTreeMap<String, u64> {
		self.refusals.lock().unwrap_or_else(PoisonError::into_inner).clone()
	}

	pub fn offered_at(&self, index: usize) -> Option<Micros> {
		self.entries.get(index).and_then(|entry| entry.offered.get())
	}

	/// From the offer of a transaction to the first import of a block with it.
	pub fn inclusion(&self, index: usize) -> Option<Micros> {
		let entry = self.entries.get(index)?;
		Some(entry.included.get()?.saturating_sub(entry.offered.get()?))
	}

	/// Times at which the pool took transactions, in ascending order.
	pub fn acceptances(&self) -> Vec<Micros> {
		let mut times: Vec<_> =
			self.entries.iter().filter_map(|entry| entry.accepted.get()).collect();
		times.sort_unstable();
		times
	}

	/// First and last offer.
	pub fn offer_span(&self) -> Option<(Micros, Micros)> {
		let times = || self.entries.iter().filter_map(|entry| entry.offered.get());
		Some((times().min()?, times().max()?))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn each_step_should_count_once_and_keep_its_first_time() {
		let ledger = Ledger::new(["a", "b", "c"], 3);
		ledger.offer(0, 0);
		ledger.offer(0, 50);
		ledger.accept(0, 10);
		assert!(ledger.include(0, 700));
		assert!(!ledger.include(0, 900));
		assert_eq!((ledger.offered(), ledger.accepted(), ledger.included()), (1, 1, 1));
		assert_eq!(ledger.inclusion(0), Some(700));
		assert_eq!(ledger.inclusion(1), None);
		assert_eq!(ledger.total(), 3);
	}

	#[test]
	fn hashes_should_lead_to_their_transactions() {
		let ledger = Ledger::new(["a", "b", "c"], 3);
		assert_eq!(ledger.index_of(&"b"), Some(1));
		assert_eq!(ledger.index_of(&"x"), None);
	}

	#[test]
	fn unknown_numbers_should_change_nothing() {
		let ledger = Ledger::new(["a"], 1);
		ledger.offer(7, 1);
		ledger.stop(7);
		assert!(!ledger.include(7, 1));
		assert_eq!((ledger.offered(), ledger.included()), (0, 0));
		assert!(!ledger.is_stopped(7));
	}

	#[test]
	fn refusals_should_be_counted_by_reason() {
		let ledger = Ledger::new(["a"], 1);
		ledger.refuse("full");
		ledger.refuse("stale");
		ledger.refuse("full");
		let counted: Vec<_> = ledger.refusals().into_iter().collect();
		assert_eq!(counted, [("full".to_string(), 2), ("stale".to_string(), 1)]);
	}

	#[test]
	fn acceptances_should_be_in_the_order_of_time() {
		let ledger = Ledger::new(["a", "b", "c"], 3);
		ledger.accept(2, 5);
		ledger.accept(0, 9);
		assert_eq!(ledger.acceptances(), [5, 9]);
		ledger.offer(1, 4);
		ledger.offer(2, 3);
		assert_eq!(ledger.offer_span(), Some((3, 4)));
	}
}
