// SPDX-License-Identifier: Apache-2.0
//! Natural logarithm by a table of reciprocals and a short polynomial; no division.

use crate::{
	error::{Error, Result},
	fixed::Real,
	tables::logarithm::{LN, LN_2_HIGH, LN_2_LOW, Q0, Q1, Q2, Q3, RECIPROCAL},
	wide::mul_high_signed,
};

/// `ln x` for `x > 0`, within -38.9 and 4.86. Absolute error below 2^-56.4.
#[inline]
pub fn ln(x: Real) -> Result<Real> {
	if x.to_bits() <= 0 {
		return Err(Error::LogarithmOfNonPositive);
	}
	let (exponent, mantissa) = split(x.to_bits() as u64);
	Ok(Real::from_bits(ln_bits(exponent - 56, mantissa)))
}

/// `ln` of a whole number, `None` for zero. Absolute error below 2^-56.4.
#[inline]
pub(crate) fn ln_word(word: u64) -> Option<Real> {
	if word == 0 {
		return None;
	}
	let (exponent, mantissa) = split(word);
	Some(Real::from_bits(ln_bits(exponent, mantissa)))
}

/// `(exponent, mantissa)` with the number equal to `mantissa 2^exponent`, mantissa in [1, 2) with
/// 63 fraction bits. The word is not zero.
#[inline(always)]
const fn split(word: u64) -> (i64, u64) {
	let zeros = word.leading_zeros();
	// The mask keeps the shift in range for zero, which callers exclude.
	(63 - zeros as i64, word << (zeros & 63))
}

/// `exponent ln 2 + ln mantissa`, 56 fraction bits.
#[inline(always)]
fn ln_bits(exponent: i64, mantissa: u64) -> i64 {
	let row = (mantissa >> 55) as usize & 255;
	let z = residue(mantissa, RECIPROCAL[row] as u64);
	// |z| < 2^-8.99 (table header), 63 fraction bits; `short` keeps 31 of them, 2^22 in size.
	let short = z >> 32;
	let inner = Q1 + (((Q2 + ((Q3 * short) >> 31)) * short) >> 30);
	// inner < 2^30.5 with 32 fraction bits, z >> 22 <= 2^32 with 41: the product fits and has 73.
	let q = Q0 + ((inner * (z >> 22)) >> 11);
	// z^2 <= 2^-17.9 with 2 (63 + 8) - 64 = 78 fraction bits.
	let square = mul_high_signed(z << 8, z << 8);
	// 78 + 62 - 64 - 14 = 62 fraction bits, as z / 2 and the table have.
	let curve = mul_high_signed(square, q) >> 14;
	let fine = LN[row] + (z >> 1) + curve;
	// |exponent| <= 63, and LN_2_LOW < 2^32 has 88 fraction bits: a single rounding at the end.
	let rest = fine + ((exponent * LN_2_LOW) >> 26);
	exponent * LN_2_HIGH + ((rest + 32) >> 6)
}

/// `mantissa * reciprocal - 1`, 63 fraction bits.
#[inline(always)]
const fn residue(mantissa: u64, reciprocal: u64) -> i64 {
	let high = (mantissa >> 32) * reciprocal;
	let low = (mantissa & 0xffff_ffff) * reciprocal;
	// The true result is below 2^55 in size: what wraps on the way there cancels.
	(high << 17).wrapping_add(low >> 15).wrapping_sub(1 << 63) as i64
}
