// SPDX-License-Identifier: Apache-2.0
//! Positive numbers of 64 significant bits with an exponent, for greeks: their products span more
//! than any one fixed scale holds. Multiplication only, so every operation is exact to 2^-61.

use crate::{
	error::{Error, Result},
	wide::{mul_high, reciprocal},
};

/// `mantissa 2^exponent`; the mantissa has its top bit set, or is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scaled {
	mantissa: u64,
	exponent: i32,
}

impl Scaled {
	/// `word 2^exponent`; exponents stay within +-200 at every caller.
	#[inline(always)]
	pub const fn new(word: u64, exponent: i32) -> Self {
		let zeros = word.leading_zeros();
		Self { mantissa: word << (zeros & 63), exponent: exponent - zeros as i32 }
	}

	/// Product, relative error below 2^-61.
	#[inline(always)]
	pub const fn times(self, other: Self) -> Self {
		Self::new(mul_high(self.mantissa, other.mantissa), self.exponent + other.exponent + 64)
	}

	/// `1 / self` for a number above zero, relative error below 2^-59.
	#[inline(always)]
	pub const fn inverse(self) -> Self {
		Self::new(reciprocal(self.mantissa), -127 - self.exponent)
	}

	/// The whole part, to nearest; at most 2^127.
	#[inline]
	pub const fn to_integer(self) -> Result<i128> {
		if self.mantissa == 0 || self.exponent < -64 {
			return Ok(0);
		}
		if self.exponent < 0 {
			// exponent in -64..=-1: halves round up.
			let halves = self.mantissa >> (-self.exponent - 1);
			return Ok(halves.div_ceil(2) as i128);
		}
		if self.exponent > 62 {
			return Err(Error::GreekOverflow);
		}
		Ok((self.mantissa as i128) << self.exponent)
	}
}
