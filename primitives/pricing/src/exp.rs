// SPDX-License-Identifier: Apache-2.0
//! Exponential and power by a table of 2^(j/128) and a short polynomial; no division.

use crate::{
	error::{Error, Result},
	fixed::{Discount, Real, Unit},
	ln::ln,
	tables::exponential::{C0, C1, C2, C3, C4, POWER, STEPS_PER_UNIT, STEP_HIGH, STEP_LOW},
	time::Time,
	wide::mul_high_signed,
};

/// `e^x` for `x < ln 128 = 4.85`; above, [`Error::Overflow`]. Far below zero the result is zero.
/// Error below 2^-57 of the result plus 2^-57.
#[inline]
pub fn exp(x: Real) -> Result<Real> {
	let (mantissa, exponent) = exp_parts(x);
	match round_to::<56>(mantissa, exponent) {
		Some(bits) => Ok(Real::from_bits(bits)),
		None => Err(Error::Overflow),
	}
}

/// `e^-x` for `x >= 0`, in the finer scale of discount factors; a negative `x` counts as zero.
/// Absolute error below 2^-57.
#[inline]
pub fn exp_negative(x: Real) -> Unit {
	let (mantissa, exponent) = exp_parts(x.max(Real::ZERO).saturating_neg());
	match round_to::<62>(mantissa, exponent) {
		// At x = 0 the polynomial may exceed one by a unit of its last place.
		Some(bits) => Unit::from_bits(bits).min(Unit::ONE),
		None => Unit::ONE,
	}
}

/// `exp(-rate * time)`, the rate floored at zero. Absolute error below 2^-55.
#[inline]
pub fn discount_factor(rate: Real, time: Time) -> Discount {
	match rate.max(Real::ZERO).checked_mul(time.years()) {
		Ok(exponent) => exp_negative(exponent),
		// The exponent is above 127: the factor is below 2^-183.
		Err(_) => Discount::ZERO,
	}
}

/// `base^power` for `base > 0`. Relative error below `2^-54 (1 + |power|)`.
pub fn pow(base: Real, power: Real) -> Result<Real> {
	let exponent = ln(base)?.checked_mul(power);
	match exponent {
		Ok(exponent) => exp(exponent),
		Err(_) if (base < Real::ONE) == (power > Real::ZERO) => Ok(Real::ZERO),
		Err(error) => Err(error),
	}
}

/// `e^x = mantissa 2^(exponent - 63)` with the mantissa within [0.997, 2) times 2^63; relative
/// error below 2^-58.
#[inline(always)]
pub(crate) fn exp_parts(x: Real) -> (u64, i32) {
	let x = x.to_bits();
	// |x >> 24| <= 2^39 and the factor < 2^23.6: below 2^62.6. Both have 48 fraction bits then.
	let steps = ((x >> 24) * STEPS_PER_UNIT + (1 << 47)) >> 48;
	// |steps| <= 23_638, and STEP_HIGH is rounded down: steps * STEP_HIGH stays within |x| + 2^49.
	let coarse = x.wrapping_sub(steps.wrapping_mul(STEP_HIGH));
	// r with 70 fraction bits, |r| <= 2^-8.52, which read with 62 bits is u = 256 r.
	let u = (coarse << 14) - ((steps * STEP_LOW) >> 18);
	// Every partial sum is below 2^46; shifting it first keeps the low bits of the product.
	let mut sum = C3 + (mul_high_signed(C4 << 16, u) >> 14);
	sum = C2 + (mul_high_signed(sum << 16, u) >> 14);
	sum = C1 + (mul_high_signed(sum << 16, u) >> 14);
	sum = C0 + (mul_high_signed(sum << 16, u) >> 14);
	// e^r - 1 = u sum: 2^61.5 2^54.1, shifted to 62 fraction bits.
	let growth = mul_high_signed(sum << 8, u) >> 6;
	let power = POWER[(steps & 127) as usize];
	let change = mul_high_signed((power >> 1) as i64, growth << 7) >> 4;
	(power.wrapping_add_signed(change), (steps >> 7) as i32)
}

/// The number with `FRAC` fraction bits, to nearest; `None` where it does not fit.
#[inline(always)]
fn round_to<const FRAC: i32>(mantissa: u64, exponent: i32) -> Option<i64> {
	let shift = 63 - FRAC - exponent;
	match shift {
		..0 => None,
		0 => i64::try_from(mantissa).ok(),
		1..=64 => i64::try_from((mantissa >> (shift - 1)).div_ceil(2)).ok(),
		_ => Some(0),
	}
}
