// SPDX-License-Identifier: Apache-2.0
//! Factors on money with a stated direction of rounding.

use crate::units::{Fine, MAX_SUBTOTAL};

/// A factor within 0 and 16, in units of `2^-60`.
///
/// Every bit pattern is a valid factor, so that stored ones need no check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
	feature = "codec",
	derive(
		codec::Encode,
		codec::Decode,
		codec::DecodeWithMemTracking,
		codec::MaxEncodedLen,
		scale_info::TypeInfo
	)
)]
pub struct Factor(pub u64);

/// Exact product as (high word, low word), by 32-bit parts: WebAssembly has no wide product.
#[inline(always)]
pub(crate) const fn mul_wide(a: u64, b: u64) -> (u64, u64) {
	let (a1, a0, b1, b0) = (a >> 32, a & 0xffff_ffff, b >> 32, b & 0xffff_ffff);
	// (2^32 - 1)^2 + 2 (2^32 - 1) = 2^64 - 1: no sum below wraps.
	let low = a0 * b0;
	let middle = a1 * b0 + (low >> 32);
	let cross = a0 * b1 + (middle & 0xffff_ffff);
	(a1 * b1 + (middle >> 32) + (cross >> 32), (cross << 32) | (low & 0xffff_ffff))
}

/// Fraction bits of a [`Factor`].
pub(crate) const FACTOR_BITS: u32 = 60;

impl Factor {
	/// Nothing.
	pub const ZERO: Factor = Factor(0);
	/// The whole.
	pub const ONE: Factor = Factor(1 << FACTOR_BITS);

	/// `numerator / denominator` rounded up; none from 16 on or with a denominator of zero.
	///
	/// Arguments of at most `2^67` keep the shifted numerator within 127 bits.
	pub(crate) fn ratio_up(numerator: u128, denominator: u128) -> Option<Factor> {
		if denominator == 0 || numerator >> 67 != 0 {
			return None;
		}
		u64::try_from((numerator << FACTOR_BITS).div_ceil(denominator)).ok().map(Factor)
	}

	/// Largest whole number not above `amount * self`, for amounts within [`MAX_SUBTOTAL`].
	///
	/// With `amount = high 2^64 + low`, `high * self * 2^4` is whole, so only the low part rounds.
	#[inline(always)]
	pub(crate) fn of(self, amount: Fine) -> Fine {
		debug_assert!((-MAX_SUBTOTAL..=MAX_SUBTOTAL).contains(&amount));
		let (high, low) = ((amount >> 64) as i64, amount as u64);
		let (top, bottom) = mul_wide(low, self.0);
		let from_low = (u128::from(top) << 4 | u128::from(bottom >> 60)) as i128;
		// |high| <= 2^26 and either half of the factor < 2^32: both products fit 60 bits.
		let upper = high.wrapping_mul((self.0 >> 32) as i64);
		let lower = high.wrapping_mul((self.0 & 0xffff_ffff) as i64);
		(i128::from(upper) << 36) + (i128::from(lower) << 4) + from_low
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn product_should_be_the_exact_floor() {
		for amount in [
			0,
			1,
			-1,
			1 << 64,
			-(1 << 64),
			MAX_SUBTOTAL,
			-MAX_SUBTOTAL,
			12345678901234567890123,
			-98765432109876543210987,
		] {
			for factor in
				[0, 1, (1 << 60) - 1, 1 << 60, (1 << 60) + 1, 1095216660480000001, u64::MAX]
			{
				let (high, low) = (amount >> 40, amount & ((1 << 40) - 1));
				// amount * factor by two exact products of at most 2^52 * 2^64 and 2^40 * 2^64.
				let exact_low = low * i128::from(factor);
				let carried = high * i128::from(factor) + (exact_low >> 40);
				assert_eq!(Factor(factor).of(amount), carried >> 20, "{amount} {factor}");
			}
		}
	}

	#[test]
	fn ratio_should_round_up_and_refuse_sixteen() {
		assert_eq!(Factor::ratio_up(1, 3), Some(Factor((1 << 60) / 3 + 1)));
		assert_eq!(Factor::ratio_up(1, 1), Some(Factor::ONE));
		assert_eq!(Factor::ratio_up(16, 1), None);
		assert_eq!(Factor::ratio_up(1, 0), None);
	}
}
