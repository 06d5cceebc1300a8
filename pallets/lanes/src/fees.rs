// SPDX-License-Identifier: Apache-2.0
//! The price of weight in a lane, and how the fee pallet is made to charge it.

use crate::{Config, FeeRule};
use pallet_transaction_payment::NextFeeMultiplier;
use sp_runtime::{
	traits::{One, Saturating},
	FixedU128, Perbill,
};

/// The next multiplier of a lane that was `fullness` full: unchanged at the target, up by `max_change` when full, down by
/// `max_change` when empty, linear between, within floor and ceiling.
pub fn next_multiplier(multiplier: FixedU128, fullness: Perbill, rule: &FeeRule) -> FixedU128 {
	let (target, one) = (rule.target, Perbill::one());
	// Saturating: the parts are shares, and the ceiling is far from the end of the type.
	let next = if fullness >= target {
		let excess = fullness.saturating_sub(target);
		let change = rule.max_change * ratio(excess, one.saturating_sub(target));
		multiplier.saturating_add(multiplier.saturating_mul(change.into()))
	} else {
		let change = rule.max_change * ratio(target.saturating_sub(fullness), target);
		multiplier.saturating_sub(multiplier.saturating_mul(change.into()))
	};
	next.clamp(rule.floor, rule.ceiling)
}

fn ratio(part: Perbill, whole: Perbill) -> Perbill {
	Perbill::from_rational(part.deconstruct(), whole.deconstruct())
}

/// Runs `f` while the fee pallet's own multiplier is `multiplier` times what it is.
///
/// Exact for any weight, where scaling a call's weight is not: the fee pallet caps weights at the block's before it
/// turns them into a fee, so a heavy call would get away with less. The value is put back before anything else can read
/// it; both writes stay in the block's overlay, on a key that is written in every block anyway.
pub(crate) fn priced<T: Config, R>(multiplier: FixedU128, f: impl FnOnce() -> R) -> R {
	let usual = NextFeeMultiplier::<T>::get();
	// Saturating: a price that does not fit the type cannot be paid either.
	NextFeeMultiplier::<T>::put(usual.saturating_mul(multiplier));
	let result = f();
	NextFeeMultiplier::<T>::put(usual);
	result
}

/// The multiplier that all lanes begin with.
pub(crate) fn usual() -> FixedU128 {
	FixedU128::one()
}
