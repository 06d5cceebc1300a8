// SPDX-License-Identifier: Apache-2.0
//! Square root and hypotenuse.

use crate::{
	error::{Error, Result},
	fixed::Real,
	wide::{mul_wide, sqrt_wide},
};

/// `sqrt x` for `x >= 0`. Relative error below 2^-59, then rounded down to 2^-56.
#[inline]
pub const fn sqrt(x: Real) -> Result<Real> {
	if x.to_bits() < 0 {
		return Err(Error::SquareRootOfNegative);
	}
	let bits = x.to_bits() as u64;
	// x with 112 fraction bits; the root is below 2^60.
	Ok(Real::from_bits(sqrt_wide(bits >> 8, bits << 56) as i64))
}

/// `sqrt(x^2 + y^2)`, held at [`Real::MAX`]. Relative error below 2^-59, then rounded down
/// to 2^-56.
#[inline]
pub const fn hypotenuse(x: Real, y: Real) -> Real {
	let (a, b) = (x.to_bits().unsigned_abs(), y.to_bits().unsigned_abs());
	let (a_high, a_low) = mul_wide(a, a);
	let (b_high, b_low) = mul_wide(b, b);
	// Each square is at most 2^126, so the sum of the high words does not wrap.
	let (low, carry) = a_low.overflowing_add(b_low);
	let root = sqrt_wide(a_high + b_high + carry as u64, low);
	Real::from_bits(if root > i64::MAX as u64 { i64::MAX } else { root as i64 })
}
