// SPDX-License-Identifier: Apache-2.0
//! Small books over both crashes: nobody is missed, and the books stay sound.

use ballast_exchange::Moment;
use ballast_stress::{
	book::{seed, Config},
	path::{Kind, Path},
	simulate::{run, table, Phase, Report},
};

const NOW: Moment = 1_900_000_000_000;
/// Unoptimised code is many times slower.
const ACCOUNTS: u32 = if cfg!(debug_assertions) { 40 } else { 200 };

fn run_small(kind: Kind) -> Phase {
	let mut config = Config::new(11, ACCOUNTS, NOW);
	config.flooders = 0;
	let path = Path::new(kind, 11).unwrap();
	let seeded = seed(&config, &path).unwrap();
	run(&seeded, &path, true).unwrap()
}

fn assert_complete(kind: Kind) {
	let phase = run_small(kind);
	let share = phase.liquidatable as f64 / f64::from(ACCOUNTS);
	assert!((0.05..=0.4).contains(&share), "{kind}: {share} are liquidatable");
	assert_eq!(phase.found_in_first_block, 1.0, "{kind}: {:?} blocks late", phase.blocks_late);
	assert_eq!(phase.audits, phase.blocks);
	assert_eq!(phase.unpriced, 0);
	assert!(phase.bids.succeeded > 0, "{kind}: {:?}", phase.bids);
}

#[test]
fn search_should_miss_nobody_in_the_real_crash() {
	assert_complete(Kind::Crash);
}

#[test]
fn search_should_miss_nobody_in_the_synthetic_crash() {
	assert_complete(Kind::Synthetic);
}

#[test]
fn table_should_have_a_column_for_each_book() {
	let phase = Phase { found_in_first_block: 1.0, ..Phase::new(10) };
	let report = Report {
		accounts: 10,
		path: "crash".into(),
		seed: 1,
		requirement: 0.0,
		seeded_in: 0.0,
		run_in: 0.0,
		calm: phase.clone(),
		path_run: Some(phase),
	};
	let text = table(&[report.clone(), report.clone()]);
	let first = text.lines().next().unwrap();
	assert_eq!(first.split_whitespace().collect::<Vec<_>>(), ["accounts", "10", "10"]);
	assert_eq!(report.to_json()["found_in_first_block"], 1.0);
	assert_eq!(report.to_json()["calm"]["blocks"], 0);
}
