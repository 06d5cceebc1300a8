// SPDX-License-Identifier: Apache-2.0
//! Brute force: the margin of every account, without any record of the search.

use super::Key;
use crate::{chain::Chain, Outcome};
use ballast_exchange::{Custody, PriceSource};
use ballast_runtime::{Clearing, Liquidation, Prices, Runtime};
use std::collections::{BTreeMap, BTreeSet};

/// Who was ever under maintenance margin, and whether the search had them in the same block.
#[derive(Debug, Default)]
pub(super) struct Audits {
	/// Audits made.
	pub count: u32,
	/// Accounts that could not be margined, summed over audits.
	pub unpriced: u64,
	low: Option<i64>,
	high: Option<i64>,
	first: Option<u32>,
	/// Accounts on which an auction was opened.
	opened: BTreeSet<Key>,
	/// Accounts that were missed in the first block: that block.
	missed: BTreeMap<Key, u32>,
	/// By how many blocks those were late that were found in the end.
	late: Vec<u32>,
}

impl Audits {
	/// Whether spot is lower or higher than in any block before.
	pub fn is_extreme(&mut self, chain: &mut Chain) -> bool {
		let spot = chain.execute(|| {
			<Prices as PriceSource>::spot(crate::book::BTC)
				.map(|spot| spot.regardless_of_age().price.pico_usd())
		});
		let Some(spot) = spot else { return false };
		let is_low = self.low.is_none_or(|low| spot < low);
		let is_high = self.high.is_none_or(|high| spot > high);
		if is_low {
			self.low = Some(spot);
		}
		if is_high {
			self.high = Some(spot);
		}
		is_low || is_high
	}

	/// An auction was opened.
	pub fn opened(&mut self, key: &Key, block: u32) {
		self.first = Some(self.first.map_or(block, |first| first.min(block)));
		self.opened.insert(key.clone());
		if let Some(since) = self.missed.get(key) {
			self.late.push(block.saturating_sub(*since));
		}
	}

	/// Margins everybody that is not on auction: whoever is under maintenance margin was missed.
	pub fn audit(&mut self, chain: &mut Chain, block: u32) -> Outcome {
		let (missed, unpriced) = chain.execute(under_maintenance);
		self.count += 1;
		self.unpriced += unpriced;
		if !missed.is_empty() {
			self.first = Some(self.first.map_or(block, |first| first.min(block)));
			eprintln!("block {block}: {} in danger and not found; {}", missed.len(), state(chain));
		}
		for key in missed {
			self.missed.entry(key).or_insert(block);
		}
		Ok(())
	}

	/// The first block with somebody under maintenance margin.
	pub fn first_liquidatable(&self) -> Option<u32> {
		self.first
	}

	/// Accounts that were ever under maintenance margin.
	pub fn liquidatable(&self) -> usize {
		self.opened.union(&self.missed.keys().cloned().collect()).count()
	}

	/// The share of them that the search found in the first block; one if there is none.
	pub fn found_in_first_block(&self) -> f64 {
		let all = self.liquidatable();
		if all == 0 {
			return 1.0;
		}
		(all - self.missed.len()) as f64 / all as f64
	}

	/// The most blocks that one of the others was late; `None` if there is none.
	pub fn blocks_late(&self) -> Option<u32> {
		self.late.iter().copied().max()
	}
}

/// What the search and the delay buffer of the first underlying are at.
fn state(chain: &mut Chain) -> String {
	let figures = chain.execute(Liquidation::read_figures);
	let is_unfinished = figures.sweep.is_unfinished;
	let delay_move =
		figures.underlyings.first().map_or(0, |(_, measured, _)| measured.delay_move.0);
	format!("delay move {:.3}, search unfinished: {is_unfinished}", delay_move as f64 / 1e9)
}

/// Accounts that are not on auction and under maintenance margin, and how many have no fresh prices.
fn under_maintenance() -> (Vec<Key>, u64) {
	let (mut missed, mut unpriced) = (Vec::new(), 0);
	let mut prices = Default::default();
	for (key, account) in pallet_clearing::Accounts::<Runtime>::iter() {
		if account.frozen {
			continue;
		}
		match Clearing::safety(&mut prices, &account) {
			Ok(safety) if safety.is_fresh => {
				if safety.margin.is_liquidatable() {
					missed.push(key);
				}
			},
			_ => unpriced += 1,
		}
	}
	(missed, unpriced)
}

/// What accounts on auction owe beyond all they hold, micro-USD: what the venue would owe if it ended now.
pub(super) fn owed(chain: &mut Chain) -> u128 {
	chain.execute(|| {
		let mut prices = Default::default();
		let mut total = 0u128;
		for key in pallet_liquidation::Auctions::<Runtime>::iter_keys() {
			let Some(account) = Clearing::peek(&key) else { continue };
			if let Ok(safety) = Clearing::safety(&mut prices, &account) {
				total += safety.margin.equity.min(0).unsigned_abs();
			}
		}
		total
	})
}
