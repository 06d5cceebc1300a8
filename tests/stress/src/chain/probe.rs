// SPDX-License-Identifier: Apache-2.0
//! What steps of a block weigh and take.

use ballast_runtime::{
	configs::{liquidate, ProtocolBudget},
	Clearing, Options, Prices, System,
};
use frame_support::{
	storage::{with_transaction_unchecked, TransactionOutcome},
	weights::WeightMeter,
};
use std::time::Instant;

/// A step of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Step {
	/// What the chain charged for it, milliseconds of the reference machine.
	pub weight_ms: f64,
	/// What it took here, milliseconds.
	pub wall_ms: f64,
}

fn millis(ref_time: u64) -> f64 {
	ref_time as f64 / 1e9
}

/// Runs a step that registers its own weight.
pub(super) fn measured(step: impl FnOnce()) -> Step {
	let before = System::block_weight().total().ref_time();
	let start = Instant::now();
	step();
	let wall_ms = start.elapsed().as_secs_f64() * 1e3;
	let after = System::block_weight().total().ref_time();
	Step { weight_ms: millis(after.saturating_sub(before)), wall_ms }
}

/// Liquidation's part of the block that is open, as the protocol will run it; what it does is undone.
pub(super) fn search() -> Step {
	with_transaction_unchecked(|| {
		let mut meter = WeightMeter::with_limit(ProtocolBudget::get());
		Prices::after_inherents(&mut meter);
		Options::after_inherents(&mut meter);
		let before = meter.consumed().ref_time();
		let start = Instant::now();
		liquidate(&mut meter);
		let wall_ms = start.elapsed().as_secs_f64() * 1e3;
		let weight_ms = millis(meter.consumed().ref_time().saturating_sub(before));
		Clearing::after_inherents(&mut meter);
		TransactionOutcome::Rollback(Step { weight_ms, wall_ms })
	})
}
