// SPDX-License-Identifier: Apache-2.0
//! What a run has to show.

use crate::node::side::Side;

/// Most blocks that 99 of 100 bids may wait, with lanes.
const MOST_BID_BLOCKS: u64 = 2;
/// Fewest blocks that 99 of 100 bids wait without, if the flood was one.
const LEAST_CONTROL_BID_BLOCKS: u64 = 20;
/// Most milliseconds that 99 of 100 blocks may take to build.
const MOST_BLOCK_MILLIS: u64 = 300;
/// Bad debt is at most that part of the control's.
const BAD_DEBT_PART: f64 = 10.0;
/// Micro-dollars do not count.
const CENT: f64 = 0.01;

/// One of the things to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
	/// What it says, with the figures of the run.
	pub text: String,
	/// Whether it holds.
	pub holds: bool,
}

fn bound(holds: bool, text: String) -> Bound {
	Bound { text, holds }
}

/// Everything that has to be shown, by the figures with lanes and without.
pub fn check(with: &Side, control: Option<&Side>) -> Vec<Bound> {
	let found = with.found_in_first_block * 100.0;
	// A queue of auctions is allowed if the chain measures the delay that it is.
	let at_once = with.auctioned_p99 <= 1;
	let is_told = with.backlog_max > 0 && with.delay_ms_max > 0;
	let mut bounds = vec![
		bound(with.liquidatable > 0, format!("accounts were in danger: {}", with.liquidatable)),
		bound(
			with.found_in_first_block >= 1.0,
			format!("every account in danger is found in the first block: {found:.2} %"),
		),
		bound(
			at_once || is_told,
			format!(
				"auctions open by the next block (99 of 100 after {}), or backlog and delay are told ({}, {} ms)",
				with.auctioned_p99, with.backlog_max, with.delay_ms_max
			),
		),
		bound(
			with.bids > 0 && with.bid_p99 <= MOST_BID_BLOCKS,
			format!("99 of 100 bids are in a block within {MOST_BID_BLOCKS}: {}", with.bid_p99),
		),
		bound(with.trades > 0, format!("trades go on while prices move: {}", with.trades)),
		bound(
			with.discarded == 0,
			format!("no block is discarded for taking too long: {}", with.discarded),
		),
		bound(
			with.block_ms_p99 < MOST_BLOCK_MILLIS,
			format!("99 of 100 blocks are built in under {MOST_BLOCK_MILLIS} ms: {}", with.block_ms_p99),
		),
	];
	bounds.extend(control.into_iter().flat_map(|control| against(with, control)));
	bounds
}

fn against(with: &Side, control: &Side) -> [Bound; 2] {
	// Where no look comes through there is no auction to bid in.
	let waited = control.bid_p99.max(control.look_p99);
	[
		bound(
			waited >= LEAST_CONTROL_BID_BLOCKS,
			format!(
				"without lanes 99 of 100 bids, or the looks before them, wait at least {LEAST_CONTROL_BID_BLOCKS} blocks: {waited}"
			),
		),
		bound(
			with.bad_debt <= control.bad_debt / BAD_DEBT_PART + CENT,
			format!(
				"bad debt is at most a tenth of that without lanes: {:.2} against {:.2} USD",
				with.bad_debt, control.bad_debt
			),
		),
	]
}

#[cfg(test)]
mod tests {
	use super::*;

	fn good() -> Side {
		Side {
			liquidatable: 20,
			found_in_first_block: 1.0,
			bids: 30,
			bid_p99: 2,
			trades: 1_000,
			block_ms_p99: 299,
			bad_debt: 10.0,
			..Default::default()
		}
	}

	fn control() -> Side {
		Side { bids: 9, bid_p99: 20, bad_debt: 100.0, ..Default::default() }
	}

	fn broken(with: Side, control: Side) -> Vec<String> {
		let bounds = check(&with, Some(&control));
		bounds.into_iter().filter(|bound| !bound.holds).map(|bound| bound.text).collect()
	}

	#[test]
	fn bounds_should_hold_when_every_figure_is_at_its_limit() {
		assert_eq!(broken(good(), control()), Vec::<String>::new());
	}

	#[test]
	fn bound_should_be_named_when_it_is_broken() {
		let one = |with: Side| broken(with, control()).concat();
		assert!(one(Side { found_in_first_block: 0.99, ..good() }).contains("first block: 99.00 %"));
		assert!(one(Side { bid_p99: 3, ..good() }).contains("within 2: 3"));
		assert!(one(Side { trades: 0, ..good() }).contains("trades go on"));
		assert!(one(Side { discarded: 1, ..good() }).contains("discarded"));
		assert!(one(Side { block_ms_p99: 300, ..good() }).contains("under 300 ms: 300"));
		assert!(one(Side { bad_debt: 10.02, ..good() }).contains("10.02 against 100.00"));
		assert!(one(Side { liquidatable: 0, ..good() }).contains("in danger: 0"));
	}

	#[test]
	fn late_auctions_should_be_allowed_when_backlog_and_delay_are_told() {
		let late = Side { auctioned_p99: 5, ..good() };
		assert_eq!(broken(late.clone(), control()).len(), 1);
		let told = Side { backlog_max: 80, delay_ms_max: 4_000, ..late };
		assert!(broken(told, control()).is_empty());
	}

	#[test]
	fn control_should_not_count_when_it_was_left_out() {
		assert!(check(&good(), None).iter().all(|bound| bound.holds));
	}

	#[test]
	fn flood_should_have_been_one_when_the_control_is_judged() {
		assert_eq!(broken(good(), Side { bid_p99: 19, ..control() }).len(), 1);
		let no_auction = Side { bids: 0, bid_p99: 0, look_p99: 300, ..control() };
		assert!(broken(good(), no_auction).is_empty());
	}
}
