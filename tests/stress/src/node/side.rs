// SPDX-License-Identifier: Apache-2.0
//! What one side of the comparison came to.

use crate::{
	looks::Looks,
	node::{
		brute_force::Audited,
		build_log::Built,
		found::{dangers, Danger},
		history::Facts,
		keepers::{failures, waits},
		live::Live,
		percentile::percentile,
		told::Told,
		wire::Key,
	},
};
use serde_json::{json, Map, Value};
use std::collections::BTreeMap;

/// Everything that was recorded of a run.
#[derive(Clone, Debug, Default)]
pub struct Record {
	/// What the tool did.
	pub live: Live,
	/// The blocks from the first with the whole flood to the last, ascending.
	pub facts: Vec<Facts>,
	/// What brute force said.
	pub audited: Vec<Audited>,
	/// What the author logged.
	pub built: Built,
	/// What accounts on auction are short of nothing at the end, USD.
	pub owed_on_auction: f64,
}

/// The figures of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Side {
	/// Accounts that were ever in danger.
	pub liquidatable: u64,
	/// Share of them whose auction opened in the block whose prices endangered them, 0 to 1; one if there were none.
	pub found_in_first_block: f64,
	/// Blocks from danger to auction, half of the accounts.
	pub auctioned_p50: u64,
	/// The same for 99 of 100.
	pub auctioned_p99: u64,
	/// Blocks from the first account in danger until nobody was.
	pub resolved_after: u64,
	/// Whether nobody was in danger at the end; if not, the above is the length of the run.
	pub resolved: bool,
	/// Bad debt on record, and what accounts in danger are short of nothing, at the end, USD.
	pub bad_debt: f64,
	/// What the insurance fund lost, USD; below zero it gained.
	pub insurance_used: f64,
	/// Fills while prices moved.
	pub trades: u64,
	/// Milliseconds to build a block, half of them.
	pub block_ms_p50: u64,
	/// The same for 99 of 100.
	pub block_ms_p99: u64,
	/// The longest of them.
	pub block_ms_max: u64,
	/// Blocks thrown away because they took too long.
	pub discarded: u64,
	/// Most accounts in danger at once, on auction or not.
	pub backlog_max: u64,
	/// Longest delay by the tool, which counts accounts that were not found as well, milliseconds.
	pub delay_ms_max: u64,
	/// The delay and its charge by the chain.
	pub told: Told,
	/// Blocks from the offer of a bid to its block, half of the bids.
	pub bid_p50: u64,
	/// The same for 99 of 100.
	pub bid_p99: u64,
	/// Blocks from the pool to the block that holds a look, half of them (control).
	pub look_p50: u64,
	/// The same for 99 of 100.
	pub look_p99: u64,
	/// Bids offered.
	pub bids: u64,
	/// Bids that took a slice.
	pub bids_taken: u64,
	/// Accounts that could not be judged, most at once.
	pub unpriced_max: u64,
	/// Blocks whose search had no room to end.
	pub unfinished: u64,
}

/// One block as the chart shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
	/// Blocks since the path began.
	pub block: f64,
	/// Accounts in danger, on auction or not.
	pub backlog: f64,
	/// Weight used by each lane, best first, milliseconds.
	pub lanes: [f64; 5],
	/// Delay, seconds.
	pub delay: f64,
	/// The insurance fund, USD.
	pub insurance: f64,
	/// Bad debt on record and what accounts in danger owe, as far as brute force was asked, USD.
	pub bad_debt: f64,
}

/// Accounts in danger after each block and what those not on auction owe: of blocks that were not audited, as of the last that
/// was.
fn carried(record: &Record) -> Vec<(u32, f64)> {
	let mut audits = record.audited.iter().peekable();
	let mut last = (0, 0.0);
	let mut of_block = |facts: &Facts| {
		while let Some(audit) = audits.next_if(|audit| audit.block <= facts.number) {
			last = (u32::try_from(audit.missed.len()).unwrap_or(u32::MAX), audit.owed());
		}
		(facts.auctions.saturating_add(last.0), last.1)
	};
	record.facts.iter().map(&mut of_block).collect()
}

impl Side {
	/// The figures of a record.
	pub fn of(record: &Record) -> Self {
		let dangers = all_dangers(record);
		let carried = carried(record);
		let during = |facts: &&Facts| {
			(record.live.crash_first..=record.live.crash_last).contains(&facts.number)
		};
		let (resolved_after, resolved) = resolved(record, &dangers, &carried);
		let late: Vec<u64> = dangers.values().map(Danger::blocks).collect();
		let at_once = dangers.values().filter(|it| it.is_found_at_once()).count();
		let built: Vec<u64> = record.built.blocks.iter().map(|(_, millis)| *millis).collect();
		let waits = waits(&record.live.bids, record.live.last);
		let taken =
			record.live.bids.iter().filter(|it| it.included.is_some() && it.failure.is_none());
		let rest = record.audited.last().map_or(0.0, Audited::owed) + record.owed_on_auction;
		let (first, last) = (record.facts.first(), record.facts.last());
		let delays =
			record.facts.iter().zip(&carried).map(|(it, (backlog, _))| it.delay_millis(*backlog));
		Self {
			liquidatable: dangers.len() as u64,
			found_in_first_block: share(at_once, dangers.len()),
			auctioned_p50: percentile(&late, 50).unwrap_or(0),
			auctioned_p99: percentile(&late, 99).unwrap_or(0),
			resolved_after,
			resolved,
			bad_debt: last.map_or(0.0, |it| it.bad_debt) + rest,
			insurance_used: first.map_or(0.0, |it| it.insurance)
				- last.map_or(0.0, |it| it.insurance),
			trades: record.facts.iter().filter(during).map(|it| u64::from(it.trades)).sum(),
			block_ms_p50: percentile(&built, 50).unwrap_or(0),
			block_ms_p99: percentile(&built, 99).unwrap_or(0),
			block_ms_max: percentile(&built, 100).unwrap_or(0),
			discarded: record.built.discarded.len() as u64,
			backlog_max: carried.iter().map(|(backlog, _)| u64::from(*backlog)).max().unwrap_or(0),
			delay_ms_max: delays.max().unwrap_or(0),
			told: Told::of(&record.facts, record.live.crash_first),
			bid_p50: percentile(&waits, 50).unwrap_or(0),
			bid_p99: percentile(&waits, 99).unwrap_or(0),
			look_p50: percentile(&record.live.look_waits, 50).unwrap_or(0),
			look_p99: percentile(&record.live.look_waits, 99).unwrap_or(0),
			bids: record.live.bids.len() as u64,
			bids_taken: taken.count() as u64,
			unpriced_max: record.audited.iter().map(|it| u64::from(it.unpriced)).max().unwrap_or(0),
			unfinished: record.facts.iter().filter(|it| it.is_unfinished).count() as u64,
		}
	}

	/// The figures under their names, each after `prefix`.
	pub fn json(&self, record: &Record, prefix: &str) -> Map<String, Value> {
		let live = &record.live;
		let mut counter = Looks::default();
		let looks = record.facts.iter().map(|it| counter.of_block(it.looks, it.is_unfinished));
		let looks: Vec<u64> = looks.map(u64::from).collect();
		let values = [
			("liquidatable", json!(self.liquidatable)),
			("found_in_first_block", json!(self.found_in_first_block)),
			("blocks_to_all_auctioned_p50", json!(self.auctioned_p50)),
			("blocks_to_all_auctioned_p99", json!(self.auctioned_p99)),
			("blocks_to_all_resolved", json!(self.resolved_after)),
			("resolved", json!(self.resolved)),
			("bad_debt_usd", json!(cents(self.bad_debt))),
			("insurance_used_usd", json!(cents(self.insurance_used))),
			("trades_included_during", json!(self.trades)),
			("block_ms_p50", json!(self.block_ms_p50)),
			("block_ms_p99", json!(self.block_ms_p99)),
			("block_ms_max", json!(self.block_ms_max)),
			("discarded_blocks", json!(self.discarded)),
			("backlog_max", json!(self.backlog_max)),
			("delay_ms_max", json!(self.delay_ms_max)),
			("auctions_max", json!(self.told.auctions_max)),
			("delay_told_ms", json!(self.told.delay_ms)),
			("delay_told_ms_least", json!(self.told.least_ms)),
			("delay_move_before", json!(self.told.move_before)),
			("delay_move_max", json!(self.told.move_max)),
			("bid_blocks_p50", json!(self.bid_p50)),
			("bid_blocks_p99", json!(self.bid_p99)),
			("bids", json!(self.bids)),
			("bids_taken", json!(self.bids_taken)),
			("bids_lapsed", json!(live.bids_lapsed)),
			("bid_failures", json!(failures(&live.bids))),
			("looks_sent", json!(live.looks)),
			("look_blocks_p50", json!(self.look_p50)),
			("look_blocks_p99", json!(self.look_p99)),
			("dropped_by_full_pool", json!(live.dropped)),
			("block_takes", json!(live.block_takes)),
			("machine_stolen_share", json!(live.stolen)),
			("flood_wanted", json!(live.flood_wanted)),
			("flood_waiting_p50", json!(percentile(&live.flood_waiting, 50))),
			("blocks", json!(record.facts.len())),
			("audited_blocks", json!(record.audited.len())),
			("unpriced_max", json!(self.unpriced_max)),
			("sweep_looks_p50", json!(percentile(&looks, 50))),
			("sweep_looks_max", json!(percentile(&looks, 100))),
			("sweeps_unfinished", json!(self.unfinished)),
		];
		values.into_iter().map(|(key, value)| (format!("{prefix}{key}"), value)).collect()
	}
}

/// Everybody who was in danger in the recorded blocks.
pub fn all_dangers(record: &Record) -> BTreeMap<Key, Danger> {
	let seen: Vec<_> = record.audited.iter().map(Audited::seen).collect();
	let opened: Vec<_> = record
		.facts
		.iter()
		.flat_map(|facts| facts.opened.iter().map(|key| (facts.number, key.clone())))
		.collect();
	dangers(&seen, &opened)
}

/// Blocks from the first account in danger to the first block after which nobody was, for good.
fn resolved(
	record: &Record,
	dangers: &BTreeMap<Key, Danger>,
	carried: &[(u32, f64)],
) -> (u64, bool) {
	let Some(since) = dangers.values().map(|danger| danger.since).min() else { return (0, true) };
	let numbered = record.facts.iter().zip(carried);
	let busy = numbered
		.filter(|(_, (backlog, _))| *backlog > 0)
		.map(|(facts, _)| facts.number)
		.next_back();
	let last = record.facts.last().map_or(since, |facts| facts.number);
	match busy {
		Some(busy) if busy == last => (u64::from(last.saturating_sub(since)), false),
		Some(busy) => (u64::from(busy.saturating_add(1).saturating_sub(since)), true),
		None => (0, true),
	}
}

/// What the chart shows of a record, from the beginning of the path on.
pub fn points(record: &Record) -> Vec<Point> {
	let begin = record.live.crash_first;
	let carried = carried(record);
	let blocks = record.facts.iter().zip(carried).filter(|(facts, _)| facts.number >= begin);
	blocks
		.map(|(facts, (backlog, owed))| Point {
			block: f64::from(facts.number - begin),
			backlog: backlog.into(),
			lanes: facts.lanes,
			delay: facts.delay_millis(backlog) as f64 / 1e3,
			insurance: facts.insurance,
			bad_debt: facts.bad_debt + owed,
		})
		.collect()
}

fn share(part: usize, whole: usize) -> f64 {
	if whole == 0 {
		1.0
	} else {
		part as f64 / whole as f64
	}
}

fn cents(usd: f64) -> f64 {
	(usd * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::node::keepers::Bid;
	use ballast_exchange::AccountKey;

	fn key(byte: u8) -> Key {
		AccountKey { owner: [byte; 32].into(), index: 0 }
	}

	fn facts(number: u32, auctions: u32, opened: &[u8]) -> Facts {
		Facts {
			number,
			auctions,
			opened: opened.iter().copied().map(key).collect(),
			capacity: 10,
			block_millis: 500,
			insurance: 100.0,
			trades: 7,
			..Default::default()
		}
	}

	fn audited(block: u32, missed: &[(u8, f64)]) -> Audited {
		let missed = missed.iter().map(|(byte, owed)| (key(*byte), *owed)).collect();
		Audited { block, missed, ..Default::default() }
	}

	/// Account 1 is found at once, account 2 two blocks late; the backlog is gone in block 15.
	fn record() -> Record {
		let bid = |offered, included, failure: Option<&str>| Bid {
			offered,
			included,
			failure: failure.map(String::from),
		};
		Record {
			live: Live {
				crash_first: 11,
				crash_last: 13,
				last: 15,
				bids: vec![bid(11, Some(12), None), bid(12, Some(14), Some("no"))],
				..Default::default()
			},
			facts: vec![
				facts(10, 0, &[]),
				facts(11, 1, &[1]),
				facts(12, 1, &[]),
				facts(13, 2, &[2]),
				facts(14, 1, &[]),
				Facts { insurance: 60.0, bad_debt: 5.0, ..facts(15, 0, &[]) },
			],
			audited: vec![
				audited(10, &[]),
				audited(11, &[(2, 3.0)]),
				audited(12, &[(2, 4.0)]),
				audited(13, &[]),
				audited(15, &[]),
			],
			built: Built { blocks: vec![(11, 40), (12, 60)], discarded: vec![11] },
			owed_on_auction: 2.0,
		}
	}

	#[test]
	fn figures_should_count_accounts_once_when_one_is_found_late() {
		let side = Side::of(&record());
		assert_eq!(side.liquidatable, 2);
		assert_eq!(side.found_in_first_block, 0.5);
		assert_eq!((side.auctioned_p50, side.auctioned_p99), (0, 2));
	}

	#[test]
	fn figures_should_say_when_the_last_account_was_out_of_danger() {
		assert_eq!((Side::of(&record()).resolved_after, Side::of(&record()).resolved), (4, true));
		let mut unfinished = record();
		unfinished.facts.pop();
		assert_eq!(
			(Side::of(&unfinished).resolved_after, Side::of(&unfinished).resolved),
			(3, false)
		);
	}

	#[test]
	fn figures_should_add_what_is_owed_to_bad_debt_when_the_run_ends() {
		let side = Side::of(&record());
		assert_eq!(side.bad_debt, 7.0);
		assert_eq!(side.insurance_used, 40.0);
	}

	#[test]
	fn figures_should_count_accounts_not_found_into_the_backlog_when_it_is_measured() {
		let side = Side::of(&record());
		assert_eq!(side.backlog_max, 2);
		assert_eq!(side.delay_ms_max, 700);
		assert_eq!(points(&record())[0].bad_debt, 3.0);
	}

	#[test]
	fn figures_should_count_trades_and_bids_when_prices_move() {
		let side = Side::of(&record());
		assert_eq!(side.trades, 21);
		assert_eq!((side.bids, side.bids_taken, side.bid_p50, side.bid_p99), (2, 1, 1, 2));
		assert_eq!((side.block_ms_p99, side.discarded), (60, 1));
	}

	#[test]
	fn figures_should_be_whole_when_nobody_was_in_danger() {
		let side = Side::of(&Record::default());
		assert_eq!((side.found_in_first_block, side.resolved), (1.0, true));
	}

	#[test]
	fn keys_should_carry_the_prefix_when_they_are_of_the_control() {
		let record = record();
		let json = Side::of(&record).json(&record, "control_");
		assert!(json.keys().all(|key| key.starts_with("control_")));
		assert_eq!(json["control_bad_debt_usd"], json!(7.0));
	}
}
