// SPDX-License-Identifier: Apache-2.0
//! What the fuzzer has kept, and random inputs by seed, run on the real runtime.
#![allow(missing_docs)]

use std::{fs, path::PathBuf};

/// Random inputs.
const SEEDS: u64 = 200;

fn corpus() -> Vec<(PathBuf, Vec<u8>)> {
	let folder = PathBuf::from("corpus");
	let files = fs::read_dir(folder).expect("the corpus is there");
	let mut paths: Vec<PathBuf> = files.map(|file| file.expect("it is readable").path()).collect();
	paths.sort();
	let read = |path: PathBuf| {
		let data = fs::read(&path).expect("it is readable");
		(path, data)
	};
	paths.into_iter().map(read).collect()
}

#[test]
fn corpus_should_run_without_a_finding_when_it_is_replayed() {
	let corpus = corpus();
	assert!(!corpus.is_empty(), "the corpus is empty");
	for (path, data) in corpus {
		println!("{}", path.display());
		ballast_fuzz::run(&data);
	}
}

/// Random bytes (`SplitMix64`, Steele, Lea and Flood, 2014).
fn random(seed: u64) -> Vec<u8> {
	let mut state = seed;
	let mut next = || {
		state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
		let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
		let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
		mixed ^ (mixed >> 31)
	};
	let words = 4 + next() % 96;
	(0..words).flat_map(|_| next().to_le_bytes()).collect()
}

#[test]
fn random_inputs_should_run_without_a_finding_when_they_are_seeded() {
	for seed in 0..SEEDS {
		println!("seed {seed}");
		ballast_fuzz::run(&random(seed));
	}
}
