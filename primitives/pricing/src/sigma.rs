// SPDX-License-Identifier: Apache-2.0
//! Total volatility prepared for many evaluations.

use crate::{
	error::{Error, Result},
	fixed::{LogMoneyness, Real, TotalVol},
	wide::{mul_high_signed, mul_wide, reciprocal},
};

/// A total volatility `s` with its reciprocal, so that `d1` and `d2` cost one product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sigma {
	/// `s` with 56 fraction bits.
	total_vol: i64,
	/// `2^126 / (s normalised to 64 bits)`.
	reciprocal: i64,
	/// Leading zeros of `s`; they place the log-moneyness for the product.
	zeros: u32,
}

/// `d1` and `d2 = d1 - s`, exactly that far apart, 56 fraction bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moneyness {
	pub d1: i64,
	pub d2: i64,
}

impl Sigma {
	/// Largest total volatility: 64 (6400 % over one year).
	pub const MAX_TOTAL_VOL: TotalVol = TotalVol::from_bits(64 << 56);

	/// Prepares `total_vol`, within 0 and [`Self::MAX_TOTAL_VOL`]. One 64-bit division.
	#[inline]
	pub const fn new(total_vol: TotalVol) -> Result<Self> {
		let bits = total_vol.to_bits();
		if bits < 0 || bits > Self::MAX_TOTAL_VOL.to_bits() {
			return Err(Error::TotalVolatilityOutOfRange);
		}
		if bits == 0 {
			return Ok(Self { total_vol: 0, reciprocal: 0, zeros: 63 });
		}
		// 1 <= bits <= 2^62, hence 1 <= zeros <= 63.
		let zeros = (bits as u64).leading_zeros();
		let reciprocal = (reciprocal((bits as u64) << zeros) >> 1) as i64;
		Ok(Self { total_vol: bits, reciprocal, zeros })
	}

	/// The total volatility.
	#[inline(always)]
	pub const fn total_vol(&self) -> TotalVol {
		TotalVol::from_bits(self.total_vol)
	}

	/// Leading zeros and reciprocal: `1 / s = reciprocal 2^(zeros - 70)`.
	#[inline(always)]
	pub(crate) const fn reciprocal(&self) -> (u64, i32) {
		(self.reciprocal as u64, self.zeros as i32 - 70)
	}

	/// `numerator / s` for a numerator of zero or more, relative error below 2^-54 plus 2^-56;
	/// [`Error::DivisionByZero`] where `s` is zero.
	#[inline]
	pub const fn divide(&self, numerator: Real) -> Result<Real> {
		if self.total_vol == 0 {
			return Err(Error::DivisionByZero);
		}
		let bits = numerator.to_bits();
		if bits < 0 || (bits as u64 >> 7) as i64 >= self.total_vol {
			return Err(Error::Overflow);
		}
		let (high, low) = mul_wide(bits as u64, self.reciprocal as u64);
		// reciprocal 2^(zeros - 70) with 56 fraction bits of both: shift by 70 - zeros, 7 to 69.
		let shift = 70 - self.zeros;
		let quotient =
			if shift >= 64 { high >> (shift - 64) } else { high << (64 - shift) | low >> shift };
		if quotient > i64::MAX as u64 {
			return Err(Error::Overflow);
		}
		Ok(Real::from_bits(quotient as i64))
	}

	/// `d1`, `d2` for `ln(F / K)`; `None` where `|ln(F / K)| >= 64 s`, which leaves the payoff.
	#[inline(always)]
	pub(crate) const fn moneyness(&self, ln_fk: LogMoneyness) -> Option<Moneyness> {
		let bits = ln_fk.to_bits();
		if (bits.unsigned_abs() >> 6) as i64 >= self.total_vol {
			return None;
		}
		// |bits| < 64 s < 2^(70 - zeros), hence |placed| < 2^63.
		let placed =
			if self.zeros >= 7 { bits << (self.zeros - 7) } else { bits >> (7 - self.zeros) };
		// ln / s with 55 fraction bits, below 2^61.
		let quotient = mul_high_signed(placed, self.reciprocal) << 1;
		// |quotient| <= 2^62 and s / 2 <= 2^61. An error in d1 moves the price in second order
		// only, as long as d2 keeps its distance to d1.
		let d1 = quotient + (self.total_vol >> 1);
		Some(Moneyness { d1, d2: d1 - self.total_vol })
	}
}
