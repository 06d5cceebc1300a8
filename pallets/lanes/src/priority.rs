// SPDX-License-Identifier: Apache-2.0
//! The pool's priority: the lane's rank decides, the tip only within the lane.
//!
//! `priority = rank SPAN + min(tip per share of a block, TIP_CAP)`. The upper half of a span stays empty: the pool adds
//! up what all extensions say, and the others may say up to `SPAN / 2` without carrying a transaction into the next lane.

use crate::Lane;
use sp_runtime::transaction_validity::TransactionPriority;

/// Priorities of one lane.
pub const SPAN: TransactionPriority = 1 << 61;

/// The most a tip adds.
pub const TIP_CAP: TransactionPriority = SPAN / 2 - 1;

/// What the extension says: `by_tip` is the tip times how many such transactions a block holds.
pub fn priority(lane: Lane, by_tip: TransactionPriority) -> TransactionPriority {
	// Saturating for show: 4 SPAN + SPAN / 2 fits.
	lane.rank().saturating_mul(SPAN).saturating_add(by_tip.min(TIP_CAP))
}

/// The lane that a priority belongs to: what a lane-aware author asks.
pub fn lane_of_priority(priority: TransactionPriority) -> Lane {
	match priority / SPAN {
		0 => Lane::General,
		1 => Lane::Takers,
		2 => Lane::Makers,
		3 => Lane::RiskDown,
		_ => Lane::Solvency,
	}
}
