// SPDX-License-Identifier: Apache-2.0
//! Every account margined, block by block, from the archive: what the search has to have found.

use crate::node::{found::Seen, history::Facts, rpc::Node, wire::Key};
use futures::{stream, StreamExt, TryStreamExt};
use std::collections::BTreeMap;

/// Up to so many accounts every block is audited.
const EVERY_BLOCK_UP_TO: u32 = 1_000;
/// With more accounts, blocks from one audit to the next where prices set no new extreme.
const STRIDE: usize = 10;
/// Accounts in one answer.
const PAGE: u32 = 1_000;
/// Audits at once: the machine has few cores.
const AT_ONCE: usize = 2;

/// What brute force said of a block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Audited {
	/// The block.
	pub block: u32,
	/// Accounts in danger that no auction runs on, with what they are short of nothing, USD.
	pub missed: BTreeMap<Key, f64>,
	/// Accounts margined.
	pub checked: u32,
	/// Accounts that could not be judged.
	pub unpriced: u32,
}

impl Audited {
	/// As the accounting of dangers takes it.
	pub fn seen(&self) -> Seen<Key> {
		Seen { block: self.block, missed: self.missed.keys().cloned().collect() }
	}

	/// What the accounts in danger are short of nothing, USD.
	pub fn owed(&self) -> f64 {
		self.missed.values().sum()
	}
}

/// Which blocks are audited: from the one before the path on all of them, or those with a new lowest or highest spot, some
/// between and the last. And every block before an auction opened: whoever was in danger there already was found late.
pub fn chosen(facts: &[Facts], crash_first: u32, accounts: u32) -> Vec<usize> {
	let begin = facts.partition_point(|it| it.number.saturating_add(1) < crash_first);
	let last = facts.len().saturating_sub(1);
	let (mut low, mut high) = (f64::MAX, f64::MIN);
	let mut is_sampled = |index: usize, spot: f64| {
		let is_extreme = spot < low || spot > high;
		(low, high) = (low.min(spot), high.max(spot));
		let is_regular = index.saturating_sub(begin).is_multiple_of(STRIDE) || index == last;
		is_extreme || is_regular || accounts <= EVERY_BLOCK_UP_TO
	};
	let precedes_auction = |index: usize| {
		let next = facts.get(index.saturating_add(1));
		next.is_some_and(|next| !next.opened.is_empty())
	};
	let is_chosen = |(index, facts): &(usize, &Facts)| {
		(*index >= begin && is_sampled(*index, facts.spot)) || precedes_auction(*index)
	};
	facts.iter().enumerate().filter(is_chosen).map(|(index, _)| index).collect()
}

/// Audits blocks, in their order.
pub async fn audit(node: &Node, blocks: &[&Facts]) -> Result<Vec<Audited>, String> {
	let total = blocks.len();
	stream::iter(blocks.iter().enumerate())
		.map(|(index, facts)| async move {
			if index.is_multiple_of(100) {
				eprintln!("brute force: block {} ({index} of {total})", facts.number);
			}
			audit_one(node, facts).await
		})
		.buffered(AT_ONCE)
		.try_collect()
		.await
}

async fn audit_one(node: &Node, facts: &Facts) -> Result<Audited, String> {
	let mut audited = Audited { block: facts.number, ..Default::default() };
	let mut after = None;
	loop {
		let page = node.audit(after.as_ref(), PAGE, facts.hash).await?;
		audited.checked = audited.checked.saturating_add(page.checked);
		audited.unpriced = audited.unpriced.saturating_add(page.unpriced);
		for missed in page.missed {
			let owed = missed.equity.min(0).abs() as f64 / 1e6;
			audited.missed.insert(missed.account, owed);
		}
		after = page.last;
		if after.is_none() {
			return Ok(audited);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn falling(blocks: u32) -> Vec<Facts> {
		let spot = |number: u32| 8_000.0 - f64::from(number.min(13));
		(0..blocks)
			.map(|number| Facts { number, spot: spot(number), ..Default::default() })
			.collect()
	}

	fn opens_an_auction(facts: &mut Facts) {
		facts.opened = vec![Key { owner: [1; 32].into(), index: 0 }];
	}

	#[test]
	fn every_block_should_be_audited_when_accounts_are_few() {
		assert_eq!(chosen(&falling(30), 0, 1_000), (0..30).collect::<Vec<_>>());
	}

	#[test]
	fn extremes_and_some_between_should_be_audited_when_accounts_are_many() {
		let expected: Vec<usize> = (0..=13).chain([20, 29]).collect();
		assert_eq!(chosen(&falling(30), 0, 10_000), expected);
	}

	#[test]
	fn audits_should_begin_before_the_path_when_blocks_were_before_it() {
		assert_eq!(chosen(&falling(30), 27, 1_000), [26, 27, 28, 29]);
		assert_eq!(chosen(&falling(40), 16, 10_000), [15, 25, 35, 39]);
	}

	#[test]
	fn block_before_an_auction_should_be_audited_when_it_is_no_other() {
		let mut blocks = falling(40);
		for index in [0, 17, 18, 21, 33] {
			opens_an_auction(&mut blocks[index]);
		}
		let expected: Vec<usize> = (0..=13).chain([16, 17, 20, 30, 32, 39]).collect();
		assert_eq!(chosen(&blocks, 0, 10_000), expected);
		assert_eq!(chosen(&blocks, 31, 10_000), [16, 17, 20, 30, 32, 39]);
	}

	#[test]
	fn nothing_should_be_audited_when_there_is_no_block() {
		assert!(chosen(&[], 0, 1).is_empty());
	}
}
