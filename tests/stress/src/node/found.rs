// SPDX-License-Identifier: Apache-2.0
//! When each account was in danger for the first time, and when its auction opened: pure accounting.

use std::collections::{BTreeMap, BTreeSet};

/// What brute force saw after a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen<K> {
	/// The block.
	pub block: u32,
	/// Accounts under maintenance margin that no auction runs on.
	pub missed: BTreeSet<K>,
}

/// An account that was in danger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Danger {
	/// The first block after which it was in danger, or in which its auction opened.
	pub since: u32,
	/// The block in which its auction opened; `None`: never, it was in danger up to `until`.
	pub opened: Option<u32>,
	/// Last block that is known of.
	pub until: u32,
}

impl Danger {
	/// Blocks from the first price that endangered it to its auction, or to the end of the danger.
	pub fn blocks(&self) -> u64 {
		u64::from(self.opened.unwrap_or(self.until).saturating_sub(self.since))
	}

	/// Whether its auction opened in the block whose prices endangered it.
	pub fn is_found_at_once(&self) -> bool {
		self.opened == Some(self.since)
	}
}

/// The longest time in danger of every account that ever was.
///
/// `seen` are the blocks that were looked at, ascending, `opened` the auctions in the order of blocks. An auction that opens
/// between two looks counts as found at once if brute force had not seen the account in danger before: the block before each
/// auction has to be among those that were looked at.
pub fn dangers<K: Ord + Clone>(seen: &[Seen<K>], opened: &[(u32, K)]) -> BTreeMap<K, Danger> {
	let mut worst = BTreeMap::new();
	// Accounts in danger with the block since when, and until when.
	let mut running: BTreeMap<K, (u32, u32)> = BTreeMap::new();
	let mut next = opened.iter().peekable();
	for look in seen {
		while let Some((block, key)) = next.next_if(|(block, _)| *block <= look.block) {
			open(&mut worst, &mut running, *block, key);
		}
		let gone: Vec<K> =
			running.keys().filter(|key| !look.missed.contains(key)).cloned().collect();
		for key in gone {
			end(&mut worst, &mut running, &key);
		}
		for key in &look.missed {
			running.entry(key.clone()).or_insert((look.block, look.block)).1 = look.block;
		}
	}
	for (block, key) in next {
		open(&mut worst, &mut running, *block, key);
	}
	let left: Vec<K> = running.keys().cloned().collect();
	for key in left {
		end(&mut worst, &mut running, &key);
	}
	worst
}

fn open<K: Ord + Clone>(
	worst: &mut BTreeMap<K, Danger>,
	running: &mut BTreeMap<K, (u32, u32)>,
	block: u32,
	key: &K,
) {
	let since = running.remove(key).map_or(block, |(since, _)| since);
	note(worst, key, Danger { since, opened: Some(block), until: block });
}

/// Prices came back, or the run ended, before anybody found the account.
fn end<K: Ord + Clone>(
	worst: &mut BTreeMap<K, Danger>,
	running: &mut BTreeMap<K, (u32, u32)>,
	key: &K,
) {
	let Some((since, until)) = running.remove(key) else { return };
	// It was in danger through the last of these blocks: one block at least.
	note(worst, key, Danger { since, opened: None, until: until.saturating_add(1) });
}

fn note<K: Ord + Clone>(worst: &mut BTreeMap<K, Danger>, key: &K, danger: Danger) {
	let longest = worst.entry(key.clone()).or_insert(danger);
	let rank = |danger: &Danger| (danger.blocks(), !danger.is_found_at_once());
	if rank(&danger) > rank(longest) {
		*longest = danger;
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn seen(block: u32, missed: &[char]) -> Seen<char> {
		Seen { block, missed: missed.iter().copied().collect() }
	}

	#[test]
	fn account_should_be_found_at_once_when_brute_force_never_saw_it() {
		let dangers = dangers(&[seen(4, &[]), seen(5, &[])], &[(5, 'a')]);
		assert_eq!(dangers[&'a'], Danger { since: 5, opened: Some(5), until: 5 });
		assert!(dangers[&'a'].is_found_at_once());
		assert_eq!(dangers[&'a'].blocks(), 0);
	}

	#[test]
	fn account_should_be_late_when_brute_force_saw_it_before() {
		let looks = [seen(4, &['a']), seen(5, &['a']), seen(6, &[])];
		let dangers = dangers(&looks, &[(6, 'a')]);
		assert_eq!(dangers[&'a'].blocks(), 2);
		assert!(!dangers[&'a'].is_found_at_once());
	}

	#[test]
	fn account_should_be_late_when_the_block_before_its_auction_alone_was_looked_at() {
		let looks = [seen(0, &[]), seen(14, &['a']), seen(20, &[])];
		let dangers = dangers(&looks, &[(15, 'a'), (15, 'b')]);
		assert_eq!(dangers[&'a'], Danger { since: 14, opened: Some(15), until: 15 });
		assert!(!dangers[&'a'].is_found_at_once());
		assert!(dangers[&'b'].is_found_at_once());
	}

	#[test]
	fn account_should_count_as_never_found_when_prices_came_back() {
		let dangers = dangers(&[seen(4, &['a']), seen(5, &['a']), seen(6, &[])], &[]);
		assert_eq!(dangers[&'a'], Danger { since: 4, opened: None, until: 6 });
		assert_eq!(dangers[&'a'].blocks(), 2);
	}

	#[test]
	fn account_should_count_to_the_end_when_it_is_still_in_danger() {
		let dangers = dangers(&[seen(4, &['a']), seen(9, &['a'])], &[]);
		assert_eq!(dangers[&'a'].blocks(), 6);
		assert!(!dangers[&'a'].is_found_at_once());
	}

	#[test]
	fn worst_time_should_count_when_an_account_was_in_danger_twice() {
		let looks = [seen(1, &[]), seen(2, &['a']), seen(3, &['a']), seen(4, &['a']), seen(5, &[])];
		let dangers = dangers(&looks, &[(1, 'a'), (5, 'a'), (9, 'a')]);
		assert_eq!(dangers[&'a'], Danger { since: 2, opened: Some(5), until: 5 });
	}

	#[test]
	fn auction_should_count_when_it_opens_after_the_last_look() {
		let dangers = dangers(&[seen(1, &['a'])], &[(3, 'a'), (3, 'b')]);
		assert_eq!(dangers[&'a'].blocks(), 2);
		assert_eq!(dangers[&'b'].blocks(), 0);
	}
}
