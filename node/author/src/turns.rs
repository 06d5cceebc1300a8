// SPDX-License-Identifier: Apache-2.0
//! The order in which an author is offered transactions.
//!
//! The first turn goes through the pool's order. After some refusals a lane is only probed: ever more of what the pool
//! yields of it is passed over, and waits, with everything that depends on it. So the lanes behind are reached after
//! some thirty refusals, whatever waits before them. What waits is gone through again if it turned out that only
//! some did not fit. Once the time of ordinary transactions is over, nothing is offered but what is for
//! solvency or lowers risk.

use crate::{cutoff::Cutoff, meter::Meter, protocol_part, witness};
use pallet_lanes::{lane_of_priority, Lane, PerLane};
use sc_transaction_pool_api::{InPoolTransaction, ReadyTransactions, TransactionTag};
use std::{collections::HashSet, mem, sync::Arc, vec};

/// Refusals more than successes in a lane before it is only probed.
///
/// A lane that refuses a transaction may have room for a lighter one: see the README for what is gained by each try.
pub const FREE_REFUSALS: u32 = 8;

/// Transactions of a block found invalid that say nothing of their lanes; those beyond count as refused.
///
/// Many at once have a reason in common, a price that they cannot pay or a search that goes on: to try them all would take
/// the author's time, and its block would come too late.
pub const FREE_INVALID: u32 = 64;

/// Passing over less than `2^16` at a time: more than any pool holds.
const LONGEST_GAP: u32 = 16;

/// Turns of a block.
pub const TURNS: u32 = 3;

/// The pool's iterator.
pub type Ready<T> = Box<dyn ReadyTransactions<Item = Arc<T>> + Send>;

/// The lane that a transaction of the pool belongs to.
pub fn lane_of<T: InPoolTransaction>(transaction: &T) -> Lane {
	lane_of_priority(*transaction.priority())
}

/// Whether a lane has less time than solvency and what lowers risk.
fn is_ordinary(lane: Lane) -> bool {
	!matches!(lane, Lane::Solvency | Lane::RiskDown)
}

/// A lane in a turn.
#[derive(Clone, Copy, Default)]
struct LaneState {
	/// Refusals less successes.
	refusals: u32,
	/// Transactions to pass over before the next try.
	gap: u32,
	/// Whether something was passed over.
	has_passed: bool,
	/// Whether something was taken after that: then there can be room for what was passed over.
	took_later: bool,
	/// Whether a turn has shown that it takes nothing any more.
	is_full: bool,
}

impl LaneState {
	/// Whether the next transaction has to wait.
	fn passes(&mut self) -> bool {
		if self.is_full {
			return true;
		}
		let passes = self.gap > 0;
		self.gap = self.gap.saturating_sub(1);
		self.has_passed |= passes;
		passes
	}

	fn took(&mut self) {
		self.refusals = self.refusals.saturating_sub(1);
		self.took_later |= self.has_passed;
	}

	/// The longest gap doubles with every second refusal, and nobody can tell how long it will be: otherwise one who puts unfit transactions
	/// before those of others could choose how many, so that the same ones are passed over in every block.
	fn refused(&mut self, dice: &mut Dice) {
		self.refusals += 1;
		let doublings = self.refusals.saturating_sub(FREE_REFUSALS).div_ceil(2).min(LONGEST_GAP);
		self.gap = dice.below(1 << doublings);
	}

	fn next_turn(self) -> Self {
		let is_full = self.is_full || (self.has_passed && !self.took_later);
		Self { is_full, ..Default::default() }
	}
}

/// Random enough (SplitMix64).
struct Dice(u64);

impl Dice {
	/// From 0 to below `end`, which is not zero.
	fn below(&mut self, end: u32) -> u32 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut mixed = self.0;
		mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		((mixed ^ (mixed >> 31)) % u64::from(end)) as u32
	}
}

/// Tags of transactions.
#[derive(Default)]
struct Tags(HashSet<TransactionTag>);

impl Tags {
	fn add(&mut self, transaction: &impl InPoolTransaction) {
		self.0.extend(transaction.provides().iter().cloned());
	}

	fn are_required_by(&self, transaction: &impl InPoolTransaction) -> bool {
		!self.0.is_empty() && transaction.requires().iter().any(|tag| self.0.contains(tag))
	}
}

/// Transactions for one block.
pub struct Turns<T: InPoolTransaction> {
	pool: Ready<T>,
	lanes: PerLane<LaneState>,
	/// The turn that runs, from 1.
	turn: u32,
	/// What is left of the turn; the first one asks the pool instead.
	left: vec::IntoIter<Arc<T>>,
	/// For the next turn, in order.
	waiting: Vec<Arc<T>>,
	/// What those that wait provide.
	held: Tags,
	/// What those provide that did not get in.
	missing: Tags,
	/// Yielded last, and nothing bad heard of it so far.
	tried: Option<Lane>,
	/// Whether one has been yielded.
	has_begun: bool,
	/// Found invalid so far.
	invalid: u32,
	dice: Dice,
	cutoff: Cutoff,
	meter: Option<Meter>,
}

impl<T: InPoolTransaction> Turns<T> {
	/// What `pool` yields. `seed` should differ from block to block.
	pub fn new(pool: Ready<T>, seed: u64, cutoff: Cutoff) -> Self {
		Self {
			pool,
			lanes: Default::default(),
			turn: 1,
			left: Vec::new().into_iter(),
			waiting: Vec::new(),
			held: Tags::default(),
			missing: Tags::default(),
			tried: None,
			has_begun: false,
			invalid: 0,
			dice: Dice(seed),
			cutoff,
			meter: None,
		}
	}

	pub(crate) fn with_meter(mut self, meter: Option<Meter>) -> Self {
		self.meter = meter;
		self
	}

	/// What the author did not complain about is in the block.
	fn settle(&mut self) {
		if let Some(lane) = self.tried.take() {
			self.lanes.get_mut(lane).took();
		}
	}

	fn next_of_turn(&mut self) -> Option<Arc<T>> {
		match self.turn {
			1 => self.pool.next(),
			_ => self.left.next(),
		}
	}

	/// Whether another turn can bring anything.
	fn begin_turn(&mut self) -> bool {
		if self.turn == TURNS {
			return false;
		}
		self.lanes = PerLane::from_fn(|lane| self.lanes.get(lane).next_turn());
		if self.waiting.iter().all(|waiting| self.lanes.get(lane_of(&**waiting)).is_full) {
			return false;
		}
		self.turn += 1;
		self.held = Tags::default();
		self.left = mem::take(&mut self.waiting).into_iter();
		true
	}

	fn wait(&mut self, transaction: Arc<T>) {
		self.held.add(&*transaction);
		self.waiting.push(transaction);
	}
}

impl<T: InPoolTransaction> Iterator for Turns<T> {
	type Item = Arc<T>;

	fn next(&mut self) -> Option<Arc<T>> {
		self.settle();
		loop {
			let Some(transaction) = self.next_of_turn() else {
				if self.begin_turn() {
					continue;
				}
				return None;
			};
			let lane = lane_of(&*transaction);
			if is_ordinary(lane) && self.cutoff.has_passed() {
				self.wait(transaction);
				// What comes behind it in the pool is ordinary too; what was passed over before it may not be.
				if self.turn == 1 && !self.begin_turn() {
					return None;
				}
				continue;
			}
			if self.missing.are_required_by(&*transaction) {
				self.missing.add(&*transaction);
			} else if self.held.are_required_by(&*transaction) || self.lanes.get_mut(lane).passes()
			{
				self.wait(transaction);
			} else {
				// Inherents and the transaction before have left their word.
				witness::forget();
				if !mem::replace(&mut self.has_begun, true) {
					protocol_part::expect_first();
				}
				self.tried = Some(lane);
				return Some(transaction);
			}
		}
	}
}

impl<T: InPoolTransaction> ReadyTransactions for Turns<T> {
	/// The author says so of what is invalid, of what the block has no room for, and of what would make the block too long.
	fn report_invalid(&mut self, transaction: &Arc<T>) {
		self.tried = None;
		// Those that the pool has not yielded so far; `missing` keeps back those that wait here.
		self.pool.report_invalid(transaction);
		self.missing.add(&**transaction);
		let is_invalid = witness::saw_invalid();
		self.invalid = self.invalid.saturating_add(is_invalid.into());
		if is_invalid && self.invalid <= FREE_INVALID {
			return;
		}
		let lane = lane_of(&**transaction);
		self.lanes.get_mut(lane).refused(&mut self.dice);
		if is_invalid {
			return;
		}
		if let Some(meter) = &self.meter {
			meter.refused(lane);
		}
	}
}

impl<T: InPoolTransaction> Drop for Turns<T> {
	fn drop(&mut self) {
		if let Some(meter) = &self.meter {
			let mut count = PerLane::default();
			for transaction in self.waiting.iter().chain(self.left.as_slice()) {
				*count.get_mut(lane_of(&**transaction)) += 1;
			}
			meter.waiting(&count);
		}
	}
}
