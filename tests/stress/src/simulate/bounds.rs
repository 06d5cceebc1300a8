// SPDX-License-Identifier: Apache-2.0
//! What the runs have to show.

use super::{Phase, Report, Spread};

/// 99 of 100 searches of a calm block take less than that natively, milliseconds of this machine: one in a hundred of the 500
/// that a block has. Unoptimised code is many times slower.
const CALM_SEARCH_MILLIS: f64 = 5.0;
/// Accounts of the largest book that this is asked of.
const CALM_SEARCH_ACCOUNTS: usize = 10_000;

/// What does not hold, a line each.
pub fn broken(reports: &[Report]) -> Vec<String> {
	reports.iter().flat_map(|report| late(report).into_iter().chain(slow(report))).collect()
}

/// Phases in which somebody was not found in the first block.
fn late(report: &Report) -> Vec<String> {
	let calm = ("calm", &report.calm);
	let path = report.path_run.as_ref().map(|phase| (report.path.as_str(), phase));
	let line = |(path, phase): (&str, &Phase)| {
		let found = phase.found_in_first_block;
		(found < 1.0).then(|| {
			format!(
				"{} accounts, {path}: every account in danger is found in the first block: {:.2} %",
				report.accounts,
				100.0 * found
			)
		})
	};
	[Some(calm), path].into_iter().flatten().filter_map(line).collect()
}

fn slow(report: &Report) -> Option<String> {
	let took = Spread::of(&report.calm.search_wall).p99;
	let is_slow = report.accounts <= CALM_SEARCH_ACCOUNTS && took >= CALM_SEARCH_MILLIS;
	is_slow.then(|| {
		format!(
			"{} accounts: 99 of 100 searches of a calm block take under {CALM_SEARCH_MILLIS} ms \
			 here: {took:.2} ms, {:.2} ms of weight",
			report.accounts,
			Spread::of(&report.calm.search).p99
		)
	})
}

#[cfg(test)]
mod tests {
	use super::*;

	fn report(accounts: usize, calm_wall: f64) -> Report {
		let found = Phase { found_in_first_block: 1.0, ..Phase::new(accounts) };
		Report {
			accounts,
			path: "crash".into(),
			seed: 1,
			requirement: 0.0,
			seeded_in: 0.0,
			run_in: 0.0,
			calm: Phase { search_wall: vec![calm_wall; 10], search: vec![9.0], ..found.clone() },
			path_run: Some(Phase { search_wall: vec![50.0], ..found }),
		}
	}

	#[test]
	fn nothing_should_be_broken_when_calm_blocks_are_searched_in_time() {
		assert_eq!(broken(&[report(100, 0.1), report(10_000, 4.99)]), Vec::<String>::new());
	}

	#[test]
	fn search_should_be_named_when_a_calm_block_takes_too_long() {
		let lines = broken(&[report(100, 0.1), report(10_000, 5.0)]);
		assert_eq!(lines.len(), 1);
		assert!(lines[0].starts_with("10000 accounts"), "{lines:?}");
		assert!(lines[0].ends_with("under 5 ms here: 5.00 ms, 9.00 ms of weight"), "{lines:?}");
	}

	#[test]
	fn slow_blocks_should_be_allowed_when_they_are_one_in_a_hundred() {
		let mut report = report(10_000, 0.1);
		report.calm.search_wall = vec![0.1; 200];
		report.calm.search_wall[7] = 80.0;
		report.calm.search_wall[70] = 80.0;
		assert!(broken(&[report]).is_empty());
	}

	#[test]
	fn time_should_not_be_bounded_when_the_book_is_larger() {
		assert!(broken(&[report(100_000, 6.0)]).is_empty());
	}

	#[test]
	fn phase_should_be_named_when_it_missed_somebody() {
		let mut report = report(100, 0.1);
		report.calm.found_in_first_block = 0.5;
		assert!(broken(std::slice::from_ref(&report)).concat().contains("calm: every"));
		report.path_run = report.path_run.map(|run| Phase { found_in_first_block: 0.9, ..run });
		let lines = broken(&[report]);
		assert_eq!(lines.len(), 2);
		assert!(lines[1].contains("crash: every") && lines[1].ends_with("90.00 %"), "{lines:?}");
	}
}
