// SPDX-License-Identifier: Apache-2.0
//! The normal distribution: distribution function by piecewise polynomials, density by the
//! exponential.

use crate::{
	exp::exp_parts,
	fixed::{Probability, Real},
	tables::{exponential::INVERSE_SQRT_TWO_PI, normal::TAIL},
	wide::{mul_high, mul_high_signed, mul_wide},
};

/// From here on the tail counts as zero: N(-8) = 6.2e-16.
const TAIL_END: u64 = 8 << 56;

/// From here on the density counts as zero: it is below 1e-19, half a unit of its scale.
const DENSITY_END: u64 = 19 << 55;

/// N(x). Absolute error below 2e-15 everywhere, and `cdf(x) + cdf(-x) = 1` exactly.
#[inline]
pub fn cdf(x: Real) -> Probability {
	let tail = tail(x.to_bits().unsigned_abs());
	let one = Probability::ONE.to_bits();
	Probability::from_bits(match x.to_bits() {
		..0 => tail,
		// Zero is its own opposite, so that only the exact half adds up to one.
		0 => one / 2,
		_ => one - tail,
	})
}

/// `N(-x)` with 62 fraction bits, `x >= 0` with 56.
#[inline(always)]
fn tail(x: u64) -> i64 {
	if x >= TAIL_END {
		return 0;
	}
	let row = &TAIL[(x >> 51) as usize & 255];
	// Place within the segment, [-1, 1) with 50 fraction bits.
	let u = (x & ((1 << 51) - 1)) as i64 - (1 << 50);
	// Sizes printed by the table's maker: |c5| < 2^26, |c4| < 2^33 (2^32.6), |c3| < 2^41,
	// |c2| < 2^47, |c1| < 2^55. The high terms need few bits, so that plain 64-bit products carry
	// them; what they drop is below 2^-52, on top of 1.46e-15 of the polynomial.
	let mut sum = row[4] + ((row[5] * (u >> 20)) >> 30);
	sum = row[3] + ((sum * (u >> 20)) >> 30);
	// Below 2^32 after >> 9, times 2^31.
	sum = row[2] + (((sum >> 9) * (u >> 19)) >> 22);
	// Below 2^47 with 62 bits: shifted to use the word, as u is.
	sum = row[1] + (mul_high_signed(sum << 15, u << 13) >> 14);
	row[0] + (mul_high_signed(sum << 8, u << 13) >> 7)
}

/// Density of the normal distribution, `e^(-x^2/2) / sqrt(2 pi)`. Absolute error below 2^-57.
#[inline]
pub fn density(x: Real) -> Probability {
	let Some((mantissa, exponent)) = density_parts(x) else { return Probability::ZERO };
	// The density is below 0.4: mantissa 2^(exponent - 63) with 62 fraction bits needs a
	// right shift.
	let shift = (1 - exponent).clamp(1, 63) as u32;
	let rounded = (mantissa >> (shift - 1)).div_ceil(2);
	Probability::from_bits(rounded as i64)
}

/// The density as `mantissa 2^(exponent - 63)`, relative error below `2^-56 (1 + x^2)`; `None`
/// where it counts as zero.
#[inline]
pub(crate) fn density_parts(x: Real) -> Option<(u64, i32)> {
	let size = x.to_bits().unsigned_abs();
	if size >= DENSITY_END {
		return None;
	}
	// |x| < 9.5, so x^2 < 91 fits; x^2 / 2 with 56 fraction bits is the product shifted by 57.
	let (high, low) = mul_wide(size, size);
	let half_square = (high << 7 | low >> 57) as i64;
	let (mantissa, exponent) = exp_parts(Real::from_bits(-half_square));
	// INVERSE_SQRT_TWO_PI has 64 fraction bits.
	Some((mul_high(mantissa, INVERSE_SQRT_TWO_PI), exponent))
}
