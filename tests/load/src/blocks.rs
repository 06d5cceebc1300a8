// SPDX-License-Identifier: Apache-2.0

//! Which blocks a node imported and finalized, and when. Pure: the caller brings times and hashes.

use std::collections::HashMap;

/// Microseconds since the measurement began.
pub type Micros = u64;

/// What identifies a block and its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head<Hash> {
	pub hash: Hash,
	pub parent: Hash,
	pub number: u64,
}

/// A block that one node imported and finalized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FinalBlock<Hash> {
	pub hash: Hash,
	pub number: u64,
	pub imported: Micros,
	pub finalized: Micros,
}

impl<Hash> FinalBlock<Hash> {
	/// From the import of the block to the notification that covers it.
	pub fn finality(&self) -> Micros {
		self.finalized.saturating_sub(self.imported)
	}
}

/// One node's blocks. A finality notification names the latest finalized block only; the ones it
/// covers are found over their parents.
#[derive(Debug, Default)]
pub struct BlockLog<Hash> {
	imported: HashMap<Hash, (Head<Hash>, Micros)>,
	/// A finalized block whose import has not been told yet: the two notifications travel
	/// separately and may overtake each other.
	overtaken: Option<(Hash, Micros)>,
	last_finalized: Option<Hash>,
	chain: Vec<FinalBlock<Hash>>,
}

impl<Hash: Copy + Eq + std::hash::Hash> BlockLog<Hash> {
	pub fn new() -> Self {
		Self { imported: HashMap::new(), overtaken: None, last_finalized: None, chain: Vec::new() }
	}

	/// Records an import and returns the blocks that thereby count as finalized, oldest first. A
	/// block told twice keeps its first time.
	pub fn import(&mut self, head: Head<Hash>, at: Micros) -> Vec<FinalBlock<Hash>> {
		self.imported.entry(head.hash).or_insert((head, at));
		match self.overtaken {
			Some((hash, finalized)) if hash == head.hash => {
				self.overtaken = None;
				self.finalize(hash, finalized)
			},
			_ => Vec::new(),
		}
	}

	/// Records a finality notification and returns the blocks it newly covers, oldest first.
	/// Blocks imported before the log began are unknown to it and left out.
	pub fn finalize(&mut self, hash: Hash, at: Micros) -> Vec<FinalBlock<Hash>> {
		if !self.imported.contains_key(&hash) {
			self.overtaken = Some((hash, at));
			return Vec::new();
		}
		let mut covered = Vec::new();
		let mut next = hash;
		while Some(next) != self.last_finalized {
			let Some((head, imported)) = self.imported.get(&next) else {
				break;
			};
			covered.push(FinalBlock {
				hash: next,
				number: head.number,
				imported: *imported,
				finalized: at,
			});
			next = head.parent;
		}
		covered.reverse();
		self.last_finalized = Some(hash);
		self.chain.extend(covered.iter().copied());
		covered
	}

	/// All finalized blocks, oldest first.
	pub fn chain(&self) -> &[FinalBlock<Hash>] {
		&self.chain
	}

	/// Time between the imports of each two neighbouring finalized blocks.
	pub fn intervals(&self) -> impl Iterator<Item = Micros> + '_ {
		self.chain
			.iter()
			.zip(self.chain.iter().skip(1))
			.filter(|(parent, child)| child.number == parent.number + 1)
			.map(|(parent, child)| child.imported.saturating_sub(parent.imported))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// Block `n` of the main chain has hash `n`; forks carry a hundreds digit.
	fn head(hash: u64, parent: u64) -> Head<u64> {
		Head { hash, parent, number: hash % 100 }
	}

	fn numbers(blocks: &[FinalBlock<u64>]) -> Vec<(u64, Micros)> {
		blocks.iter().map(|block| (block.hash, block.finality())).collect()
	}

	#[test]
	fn a_notification_should_cover_all_ancestors_not_covered_before() {
		let mut log = BlockLog::new();
		for n in 1..=5 {
			assert_eq!(log.import(head(n, n - 1), n * 500), []);
		}
		assert_eq!(numbers(&log.finalize(2, 1_100)), [(1, 600), (2, 100)]);
		assert_eq!(numbers(&log.finalize(5, 2_600)), [(3, 1_100), (4, 600), (5, 100)]);
		assert_eq!(log.chain().len(), 5);
	}

	#[test]
	fn a_repeated_notification_should_cover_nothing() {
		let mut log = BlockLog::new();
		log.import(head(1, 0), 500);
		assert_eq!(log.finalize(1, 600).len(), 1);
		assert_eq!(log.finalize(1, 700), []);
		assert_eq!(log.chain().len(), 1);
	}

	#[test]
	fn blocks_of_a_dead_fork_should_not_count() {
		let mut log = BlockLog::new();
		log.import(head(1, 0), 500);
		log.import(head(102, 1), 990);
		log.import(head(2, 1), 1_000);
		log.import(head(3, 2), 1_500);
		assert_eq!(numbers(&log.finalize(3, 1_700)), [(1, 1_200), (2, 700), (3, 200)]);
		assert_eq!(log.intervals().collect::<Vec<_>>(), [500, 500]);
	}

	#[test]
	fn finality_that_overtakes_the_import_should_count_as_immediate() {
		let mut log = BlockLog::new();
		log.import(head(1, 0), 500);
		assert_eq!(log.finalize(2, 990), []);
		assert_eq!(numbers(&log.import(head(2, 1), 1_000)), [(1, 490), (2, 0)]);
	}

	#[test]
	fn blocks_from_before_the_log_should_be_left_out() {
		let mut log = BlockLog::new();
		assert_eq!(log.finalize(6, 10), []);
		log.import(head(8, 7), 20);
		assert_eq!(numbers(&log.finalize(8, 30)), [(8, 10)]);
	}

	#[test]
	fn a_gap_in_the_imports_should_not_become_an_interval() {
		let mut log = BlockLog::new();
		log.import(head(1, 0), 500);
		log.finalize(1, 600);
		log.import(head(4, 3), 9_000);
		log.import(head(5, 4), 9_500);
		log.finalize(5, 9_600);
		assert_eq!(log.intervals().collect::<Vec<_>>(), [500]);
	}

	#[test]
	fn a_block_told_twice_should_keep_its_first_import() {
		let mut log = BlockLog::new();
		log.import(head(1, 0), 500);
		log.import(head(1, 0), 900);
		assert_eq!(numbers(&log.finalize(1, 1_000)), [(1, 500)]);
	}
}
