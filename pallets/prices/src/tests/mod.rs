// SPDX-License-Identifier: Apache-2.0
//! Tests by theme.

mod aggregate;
mod hostile;
mod parameters;
mod properties;
mod report;
mod settlement;
mod source;

/// As many cases of a property, the same in every run, nothing written to disk.
pub(crate) fn cases(cases: u32) -> proptest::test_runner::Config {
	proptest::test_runner::Config {
		cases,
		rng_seed: proptest::test_runner::RngSeed::Fixed(7),
		failure_persistence: None,
		..Default::default()
	}
}
