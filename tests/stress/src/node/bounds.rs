// SPDX-License-Identifier: Apache-2.0
//! What a run has to show.

use crate::{node::side::Side, path::Kind};

/// Most blocks that 99 of 100 bids may wait, with lanes.
pub const MOST_BID_BLOCKS: u64 = 2;
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

/// Everything that has to be shown on a path, by the figures with lanes and without. In a calm market nobody has to be in
/// danger, and there is nothing to compare.
pub fn check(path: Kind, with: &Side, control: Option<&Side>) -> Vec<Bound> {
	let mut bounds = Vec::from(on_any_path(with));
	if path != Kind::Calm {
		bounds.extend(in_a_crash(with));
		bounds.extend(control.into_iter().flat_map(|control| against(with, control)));
	}
	bounds
}

fn on_any_path(with: &Side) -> [Bound; 4] {
	let found = with.found_in_first_block * 100.0;
	[
		bound(
			with.found_in_first_block >= 1.0,
			format!("every account in danger is found in the first block: {found:.2} %"),
		),
		bound(with.trades > 0, format!("trades go on while prices move: {}", with.trades)),
		bound(
			with.discarded == 0,
			format!("no block is discarded for taking too long: {}", with.discarded),
		),
		bound(
			with.block_ms_p99 < MOST_BLOCK_MILLIS,
			format!(
				"99 of 100 blocks are built in under {MOST_BLOCK_MILLIS} ms: {}",
				with.block_ms_p99
			),
		),
	]
}

fn in_a_crash(with: &Side) -> [Bound; 3] {
	let told = &with.told;
	// A queue of auctions is allowed if the chain measures the delay that it is and charges for it.
	let is_sound = with.auctioned_p99 <= 1 || told.is_priced_in();
	let moves = [told.move_before, told.move_max].map(|share| share * 100.0);
	[
		bound(with.liquidatable > 0, format!("accounts were in danger: {}", with.liquidatable)),
		bound(
			is_sound,
			format!(
				"auctions open by the next block (99 of 100 after {}), or the chain tells the \
				 delay of its queue ({} ms; {} auctions make at least {} ms) and margin assumes a \
				 larger move for it ({:.2} %, before {:.2} %)",
				with.auctioned_p99,
				told.delay_ms,
				told.auctions_max,
				told.least_ms,
				moves[1],
				moves[0]
			),
		),
		bound(
			with.bids > 0 && with.bid_p99 <= MOST_BID_BLOCKS,
			format!("99 of 100 bids are in a block within {MOST_BID_BLOCKS}: {}", with.bid_p99),
		),
	]
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
	use crate::node::told::Told;

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

	/// A calm market: nobody in danger, nobody to bid.
	fn calm() -> Side {
		Side { liquidatable: 0, bids: 0, bid_p99: 0, bad_debt: 0.0, ..good() }
	}

	/// A delay that the chain measured and charged for.
	fn told() -> Told {
		Told {
			auctions_max: 80,
			delay_ms: 4_000,
			least_ms: 3_500,
			move_before: 0.001,
			move_max: 0.002,
			move_bound: 0.1,
		}
	}

	fn broken(with: Side, control: Side) -> Vec<String> {
		broken_on(Kind::Crash, with, control)
	}

	fn broken_on(path: Kind, with: Side, control: Side) -> Vec<String> {
		let bounds = check(path, &with, Some(&control));
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
	fn late_auctions_should_be_allowed_when_the_chain_tells_and_charges_their_delay() {
		let late = Side { auctioned_p99: 2, ..good() };
		assert_eq!(broken(late.clone(), control()).len(), 1);
		assert!(broken(Side { told: told(), ..late }, control()).is_empty());
	}

	#[test]
	fn late_auctions_should_break_the_bound_when_the_tool_alone_tells_their_delay() {
		let by_tool = Side { auctioned_p99: 2, backlog_max: 80, delay_ms_max: 4_000, ..good() };
		let silent = Told { delay_ms: 520, ..told() };
		let free = Told { move_max: 0.001, ..told() };
		for told in [Told::default(), silent, free] {
			let text = broken(Side { told, ..by_tool.clone() }, control()).concat();
			assert!(text.contains("the chain tells the delay"), "{told:?}: {text}");
		}
	}

	#[test]
	fn delay_should_not_have_to_be_told_when_auctions_open_by_the_next_block() {
		let at_once = Side { auctioned_p99: 1, backlog_max: 80, delay_ms_max: 4_000, ..good() };
		assert_eq!(at_once.told, Told::default());
		assert!(broken(at_once, control()).is_empty());
	}

	#[test]
	fn calm_path_should_show_everything_when_nobody_is_in_danger() {
		assert_eq!(broken_on(Kind::Calm, calm(), Side::default()), Vec::<String>::new());
		assert!(check(Kind::Calm, &calm(), None).iter().all(|bound| bound.holds));
		assert!(broken_on(Kind::Synthetic, calm(), control()).len() > 1);
	}

	#[test]
	fn calm_path_should_be_bounded_when_somebody_is_found_late_or_blocks_are_slow() {
		let one = |with: Side| broken_on(Kind::Calm, with, control()).concat();
		assert!(one(Side { found_in_first_block: 0.5, ..calm() }).contains("50.00 %"));
		assert!(one(Side { trades: 0, ..calm() }).contains("trades go on"));
		assert!(one(Side { discarded: 1, ..calm() }).contains("discarded"));
		assert!(one(Side { block_ms_p99: 300, ..calm() }).contains("under 300 ms: 300"));
	}

	#[test]
	fn bad_debt_should_not_be_compared_when_the_market_is_calm() {
		let with = Side { bad_debt: 10.0, ..calm() };
		assert!(broken_on(Kind::Calm, with, Side::default()).is_empty());
	}

	#[test]
	fn control_should_not_count_when_it_was_left_out() {
		assert!(check(Kind::Crash, &good(), None).iter().all(|bound| bound.holds));
	}

	#[test]
	fn flood_should_have_been_one_when_the_control_is_judged() {
		assert_eq!(broken(good(), Side { bid_p99: 19, ..control() }).len(), 1);
		let no_auction = Side { bids: 0, bid_p99: 0, look_p99: 300, ..control() };
		assert!(broken(good(), no_auction).is_empty());
	}
}
