// SPDX-License-Identifier: Apache-2.0
//! Every account margined, block by block, from the archive: what the search has to have found.

use crate::node::{found::Seen, history::Facts, rpc::Node, wire::Key};
use futures::{stream, StreamExt, TryStreamExt};
use std::collections::BTreeMap;

/// Up to so many accounts every block is audited.
const EVERY_BLOCK_UP_TO: u32 = 1_000;
/// With more accounts, blocks from one audit to the next where prices set no new extreme.
const STRIDE: u32 = 10;
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

/// Which blocks are audited: all of them, or those with a new lowest or highest spot, some between and the last.
pub fn chosen(facts: &[Facts], accounts: u32) -> Vec<usize> {
	let (mut low, mut high) = (f64::MAX, f64::MIN);
	let last = facts.len().saturating_sub(1);
	let is_chosen = |index: usize, facts: &Facts| {
		let is_extreme = facts.spot < low || facts.spot > high;
		(low, high) = (low.min(facts.spot), high.max(facts.spot));
		let is_regular = (index as u32).is_multiple_of(STRIDE) || index == last;
		is_extreme || is_regular || accounts <= EVERY_BLOCK_UP_TO
	};
	let mut is_chosen = is_chosen;
	(0..facts.len()).filter(|index| is_chosen(*index, &facts[*index])).collect()
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

	#[test]
	fn every_block_should_be_audited_when_accounts_are_few() {
		assert_eq!(chosen(&falling(30), 1_000), (0..30).collect::<Vec<_>>());
	}

	#[test]
	fn extremes_and_some_between_should_be_audited_when_accounts_are_many() {
		let expected: Vec<usize> = (0..=13).chain([20, 29]).collect();
		assert_eq!(chosen(&falling(30), 10_000), expected);
	}

	#[test]
	fn nothing_should_be_audited_when_there_is_no_block() {
		assert!(chosen(&[], 1).is_empty());
	}
}
