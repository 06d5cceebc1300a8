// SPDX-License-Identifier: Apache-2.0
//! What a run says.

use super::{keepers::Bids, Spread};
use serde::Serialize;
use serde_json::{json, Value};

const MICRO: f64 = 1e6;

/// One path over one book, as it is measured.
#[derive(Clone, Debug, Default)]
pub struct Phase {
	/// Accounts of the book.
	pub accounts: usize,
	/// Blocks.
	pub blocks: u32,
	/// Blocks in which every account was margined by brute force.
	pub audits: u32,
	/// Accounts that had no fresh prices then, summed.
	pub unpriced: u64,
	/// Accounts that were ever under maintenance margin.
	pub liquidatable: usize,
	/// The share of them on auction from the first block on whose prices made them so.
	pub found_in_first_block: f64,
	/// The most blocks that another was late.
	pub blocks_late: Option<u32>,
	/// Weight of the protocol's part by block, milliseconds.
	pub protocol: Vec<f64>,
	/// The same on this machine.
	pub protocol_wall: Vec<f64>,
	/// Weight of the search and the care for auctions by block, milliseconds.
	pub search: Vec<f64>,
	/// The same on this machine.
	pub search_wall: Vec<f64>,
	/// Weight of the whole block, milliseconds.
	pub weights: Vec<f64>,
	/// Accounts looked at by block.
	pub looks: Vec<f64>,
	/// Blocks that had no room to end the search.
	pub blocks_unfinished: u32,
	/// Most auctions at the end of a block.
	pub backlog_max: u32,
	/// The longest delay that the chain has measured.
	pub delay_ms_max: u32,
	/// The first block with somebody under maintenance margin.
	pub first_liquidatable: Option<u32>,
	/// The last block with an auction.
	pub last_backlog: Option<u32>,
	/// Whether no auction was left.
	pub resolved: bool,
	/// Auctions that have ended.
	pub auctions_ended: u32,
	/// Slices that bidders took.
	pub slices_bid: u32,
	/// Slices that the vault took.
	pub slices_vault: u32,
	/// Positions closed against other holders.
	pub deleveraged: u32,
	/// Bids.
	pub bids: Bids,
	/// The insurance fund at the end, micro-USD.
	pub insurance: u128,
	/// Debt that nobody covers at the end, micro-USD.
	pub bad_debt: u128,
	/// What accounts on auction at the end owe beyond what they hold, micro-USD.
	pub owed: u128,
}

impl Phase {
	/// Nothing so far.
	pub fn new(accounts: usize) -> Self {
		Self { accounts, ..Default::default() }
	}

	/// Blocks from the first account under maintenance margin to the last auction; of those there were if it was
	/// not resolved.
	pub fn blocks_to_all_resolved(&self) -> u32 {
		let Some(first) = self.first_liquidatable else { return 0 };
		let last = if self.resolved { self.last_backlog.unwrap_or(first) } else { self.blocks };
		(last + 1).saturating_sub(first)
	}

	/// For readers and programs.
	pub fn to_json(&self) -> Value {
		let usd = |micro: u128| micro as f64 / MICRO;
		json!({
			"blocks": self.blocks,
			"audits": self.audits,
			"unpriced": self.unpriced,
			"liquidatable": self.liquidatable,
			"liquidatable_share": self.liquidatable as f64 / self.accounts.max(1) as f64,
			"found_in_first_block": self.found_in_first_block,
			"blocks_late_max": self.blocks_late,
			"looks": Spread::of(&self.looks),
			"search_ms": Spread::of(&self.search),
			"search_wall_ms": Spread::of(&self.search_wall),
			"protocol_ms": Spread::of(&self.protocol),
			"protocol_wall_ms": Spread::of(&self.protocol_wall),
			"block_ms": Spread::of(&self.weights),
			"blocks_unfinished": self.blocks_unfinished,
			"backlog_max": self.backlog_max,
			"delay_ms_max": self.delay_ms_max,
			"resolved": self.resolved,
			"blocks_to_all_resolved": self.blocks_to_all_resolved(),
			"auctions_ended": self.auctions_ended,
			"slices_bid": self.slices_bid,
			"slices_vault": self.slices_vault,
			"deleveraged": self.deleveraged,
			"bids_included": self.bids.included,
			"bids_succeeded": self.bids.succeeded,
			"bids_full": self.bids.full,
			"bids_refused": self.bids.refused,
			"bad_debt_usd": usd(self.bad_debt + self.owed),
			"insurance_left_usd": usd(self.insurance),
		})
	}
}

/// One book: in a calm market, and over the path that was asked for.
#[derive(Clone, Debug)]
pub struct Report {
	/// Accounts of the book.
	pub accounts: usize,
	/// Name of the path.
	pub path: String,
	/// The seed.
	pub seed: u64,
	/// What the margin of the book requires, dollars.
	pub requirement: f64,
	/// Seconds that the seeding took.
	pub seeded_in: f64,
	/// Seconds that both runs took.
	pub run_in: f64,
	/// In a calm market, nobody bidding.
	pub calm: Phase,
	/// Over the path; `None` if that was the calm one.
	pub path_run: Option<Phase>,
}

#[derive(Serialize)]
struct Head<'a> {
	accounts: usize,
	path: &'a str,
	seed: u64,
	requirement_usd: f64,
	seed_seconds: f64,
	run_seconds: f64,
}

impl Report {
	/// For programs: the head and, beside it, `calm` and the path's own figures.
	pub fn to_json(&self) -> Value {
		let head = Head {
			accounts: self.accounts,
			path: &self.path,
			seed: self.seed,
			requirement_usd: self.requirement,
			seed_seconds: self.seeded_in,
			run_seconds: self.run_in,
		};
		let mut value = json!(head);
		if let (Some(phase), Some(object)) = (&self.path_run, value.as_object_mut()) {
			if let Value::Object(figures) = phase.to_json() {
				object.extend(figures);
			}
		}
		value["calm"] = self.calm.to_json();
		value
	}
}
