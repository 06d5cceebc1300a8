// SPDX-License-Identifier: Apache-2.0
//! What the next block should keep for solvency, in one figure. Pure.

use crate::ReserveRule;
use sp_runtime::{
	traits::{One, Saturating},
	FixedU128, Perbill,
};

/// What is known about the block that ended and the state it left.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
	/// What the solvency lane used, as a share of the block.
	pub used: Perbill,
	/// What was reserved for it.
	pub reserve: Perbill,
	/// Accounts waiting to be liquidated.
	pub backlog: u32,
	/// How many of them a block deals with.
	pub capacity: u32,
	/// Realised volatility over what is usual.
	pub volatility: FixedU128,
}

/// Use of the reserve above which more may have been wanted than was there.
const NEARLY_FULL: Perbill = Perbill::from_percent(90);

/// How far the exchange is from calm (0) on its way to the greatest stress provided for (1): the worse of backlog and
/// volatility.
pub fn stress(rule: &ReserveRule, measured: &Measured) -> Perbill {
	let full = u64::from(measured.capacity).saturating_mul(u64::from(rule.full_backlog));
	let backlog = match (u64::from(measured.backlog), full) {
		(0, _) => Perbill::zero(),
		(_, 0) => Perbill::one(),
		(backlog, full) => Perbill::from_rational(backlog, full),
	};
	let usual = FixedU128::one();
	// Saturating: at or below the usual volatility is calm.
	let above = measured.volatility.saturating_sub(usual).into_inner();
	let span = rule.full_volatility.saturating_sub(usual).into_inner().max(1);
	backlog.max(Perbill::from_rational(above, span))
}

/// The share of the block that solvency asks for: by stress, or what it used and a quarter more where it nearly filled
/// its reserve, whichever is greater.
pub fn demand(rule: &ReserveRule, measured: &Measured) -> Perbill {
	// Saturating: shares of a block end at the block.
	let span = rule.ceiling.saturating_sub(rule.floor);
	let by_stress = rule.floor.saturating_add(span * stress(rule, measured));
	let used = measured.used;
	let by_use = if used >= NEARLY_FULL * measured.reserve && !used.is_zero() {
		let seen = used.max(measured.reserve);
		seen.saturating_add(Perbill::from_percent(25) * seen)
	} else {
		used
	};
	by_stress.max(by_use)
}

/// The next reserve on the way to `wanted`: a bounded step, within floor and ceiling.
pub fn next_reserve(rule: &ReserveRule, reserve: Perbill, wanted: Perbill) -> Perbill {
	let least = reserve.saturating_sub(rule.max_fall);
	let most = reserve.saturating_add(rule.max_rise);
	wanted.clamp(least, most).clamp(rule.floor, rule.ceiling)
}
