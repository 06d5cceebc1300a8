// SPDX-License-Identifier: Apache-2.0

//! The steady phase of a run: what it sustained, and what held it there. Pure.

use crate::{blocks::Micros, capacity::Fullness, lanes::LaneRoom};
use std::ops::Range;

/// One finalized block as far as these figures need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
	pub imported: Micros,
	/// Transactions of the run in this block.
	pub ours: usize,
	pub fullness: Fullness,
	pub lanes: Option<LaneRoom>,
}

/// Below this many blocks a phase is no phase.
const MIN_BLOCKS: usize = 3;

/// The full blocks of the steady phase, as a range of `rows`.
///
/// The first block with transactions of the run filled only since the run began, and blocks after
/// `last_offer` drain what is left: neither says what the chain sustains. Where too little would
/// remain, as in a burst that is submitted within a block or two, only the first and the last block
/// are left out.
pub fn phase(rows: &[Row], last_offer: Option<Micros>) -> Range<usize> {
	let has_ours = |row: &Row| row.ours > 0;
	let (Some(first), Some(last)) =
		(rows.iter().position(has_ours), rows.iter().rposition(has_ours))
	else {
		return 0..0;
	};
	let start = first.saturating_add(1);
	let end = rows
		.iter()
		.rposition(|row| last_offer.is_none_or(|last| row.imported <= last))
		.map_or(start, |index| index.saturating_add(1).min(last.saturating_add(1)));
	if end >= start.saturating_add(MIN_BLOCKS) {
		start..end
	} else {
		start..last.max(start)
	}
}

/// Transactions per second over `phase`, from the import of the block before it to the import of
/// its last block.
pub fn per_second(rows: &[Row], phase: &Range<usize>) -> Option<f64> {
	let steady = rows.get(phase.clone())?;
	let before = rows.get(phase.start.checked_sub(1)?)?;
	let included: usize = steady.iter().map(|row| row.ours).sum();
	let time = steady.last()?.imported.checked_sub(before.imported)?;
	(time > 0).then(|| included as f64 * 1e6 / time as f64)
}

/// For each block: transactions the pool had taken before the block's import and that no earlier
/// block held. `accepted` is in ascending order.
pub fn waiting(rows: &[Row], accepted: &[Micros]) -> Vec<u64> {
	let mut included = 0usize;
	rows.iter()
		.map(|row| {
			let taken = accepted.partition_point(|at| *at < row.imported);
			let waiting = taken.saturating_sub(included);
			included = included.saturating_add(row.ours);
			waiting as u64
		})
		.collect()
}

/// What kept the rate from being higher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
	/// Everything offered was included as it came: more might be.
	Offer,
	/// Blocks had no room for the weight that one more transaction is charged before it runs.
	Weight,
	/// The lane of the transactions had no room for that weight: what others are sure of is kept free.
	Lane,
	/// Blocks ended at the length limit of ordinary transactions.
	Length,
	/// Blocks had room, and the pool had nothing waiting to fill it: signatures are checked on
	/// entry to the pool, and the generator may share the machine.
	Intake,
	/// Blocks had room, transactions waited: the author's time for the block ended first.
	Authoring,
}

impl Limit {
	pub fn name(self) -> &'static str {
		match self {
			Self::Offer => "offer",
			Self::Weight => "weight",
			Self::Lane => "lane",
			Self::Length => "length",
			Self::Intake => "intake",
			Self::Authoring => "authoring",
		}
	}
}

/// Medians over the steady phase that tell the limit.
#[derive(Debug, Clone, Copy)]
pub struct Medians {
	pub per_block: u64,
	pub waiting: u64,
	pub weight_ppm: u64,
	pub length_ppm: u64,
	/// What the busiest lane could still have used; `None` without lanes.
	pub lane_left_ppm: Option<u64>,
	/// Weight that one transaction is charged before it runs.
	pub charged_ppm: u64,
}

impl Medians {
	/// A lane with less room than this takes no further transaction: what one is charged before its call, and a little for the
	/// base weight that it is charged beside it.
	fn lane_room_needed(&self) -> u64 {
		self.charged_ppm.saturating_add(BASE_PPM)
	}
}

/// Base weight and extensions of a transaction weigh no more than this.
const BASE_PPM: u64 = 5_000;
/// A block counts as full from here: the next transaction may be larger than the room left.
const FULL_PPM: u64 = 950_000;
/// An offer counts as met from here: the phase's edges cut through blocks.
const MET: f64 = 0.98;

pub fn limit(offered: Option<f64>, sustained: f64, medians: &Medians) -> Limit {
	if medians.weight_ppm.saturating_add(medians.charged_ppm) >= FULL_PPM {
		Limit::Weight
	} else if medians.length_ppm >= FULL_PPM {
		Limit::Length
	} else if offered.is_some_and(|offered| sustained >= offered * MET) {
		Limit::Offer
	} else if medians.lane_left_ppm.is_some_and(|left| left < medians.lane_room_needed()) {
		Limit::Lane
	} else if medians.waiting > medians.per_block.saturating_mul(3) / 2 {
		Limit::Authoring
	} else {
		Limit::Intake
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const ROOM: Fullness = Fullness { normal_ppm: 500_000, block_ppm: 400_000, length_ppm: 10_000 };

	/// One block every 500 ms.
	fn rows(ours: &[usize]) -> Vec<Row> {
		(1u64..)
			.zip(ours)
			.map(|(n, ours)| Row {
				imported: n * 500_000,
				ours: *ours,
				fullness: ROOM,
				lanes: None,
			})
			.collect()
	}

	#[test]
	fn the_steady_phase_should_leave_out_filling_and_draining() {
		let rows = rows(&[0, 40, 100, 100, 100, 100, 60, 0]);
		// The last offer comes while the block with 60 is being built: that and what follows drain.
		let steady = phase(&rows, Some(3_200_000));
		assert_eq!(steady, 2..6);
		assert_eq!(per_second(&rows, &steady), Some(200.0));
	}

	#[test]
	fn empty_blocks_inside_the_phase_should_count() {
		let rows = rows(&[100, 100, 0, 0, 100, 100]);
		let steady = phase(&rows, Some(3_000_000));
		assert_eq!(steady, 1..6);
		assert_eq!(per_second(&rows, &steady), Some(120.0));
	}

	#[test]
	fn a_burst_should_fall_back_to_the_inner_blocks() {
		let rows = rows(&[30, 100, 100, 100, 100, 7]);
		let steady = phase(&rows, Some(600_000));
		assert_eq!(steady, 1..5);
		assert_eq!(per_second(&rows, &steady), Some(200.0));
	}

	#[test]
	fn nothing_included_should_have_no_phase_and_no_rate() {
		let empty = rows(&[0, 0, 0]);
		assert_eq!(phase(&empty, Some(1)), 0..0);
		assert_eq!(per_second(&empty, &(0..0)), None);
		let single = rows(&[0, 5, 0]);
		let steady = phase(&single, Some(9_000_000));
		assert!(steady.is_empty());
		assert_eq!(per_second(&single, &steady), None);
	}

	#[test]
	fn a_run_that_ended_early_should_keep_its_last_block() {
		let rows = rows(&[10, 100, 100, 100, 100]);
		assert_eq!(phase(&rows, None), 1..5);
	}

	#[test]
	fn waiting_should_be_accepted_and_not_yet_in_an_earlier_block() {
		let rows = rows(&[1, 2, 0]);
		let accepted = [100, 200, 600_000, 900_000, 1_400_000];
		// 2 before 500 ms; 4 before 1,000 ms less 1 included; 5 before 1,500 ms less 3.
		assert_eq!(waiting(&rows, &accepted), [2, 3, 2]);
	}

	#[test]
	fn the_limit_should_follow_what_is_full() {
		let open = Medians {
			per_block: 100,
			waiting: 100,
			weight_ppm: 600_000,
			length_ppm: 9_000,
			lane_left_ppm: Some(80_000),
			charged_ppm: 5_000,
		};
		assert_eq!(limit(Some(200.0), 199.0, &open), Limit::Offer);
		assert_eq!(limit(Some(400.0), 199.0, &open), Limit::Intake);
		assert_eq!(limit(None, 199.0, &open), Limit::Intake);
		assert_eq!(limit(None, 199.0, &Medians { waiting: 900, ..open }), Limit::Authoring);
		let heavy = Medians { weight_ppm: 960_000, ..open };
		assert_eq!(limit(Some(200.0), 199.0, &heavy), Limit::Weight);
		let greedy = Medians { charged_ppm: 390_000, waiting: 900, ..open };
		assert_eq!(limit(None, 199.0, &greedy), Limit::Weight);
		let crowded = Medians { lane_left_ppm: Some(9_999), waiting: 900, ..open };
		assert_eq!(limit(None, 199.0, &crowded), Limit::Lane);
		let laneless = Medians { lane_left_ppm: None, ..crowded };
		assert_eq!(limit(None, 199.0, &laneless), Limit::Authoring);
		assert_eq!(limit(None, 1.0, &Medians { length_ppm: 999_999, ..open }), Limit::Length);
	}
}
