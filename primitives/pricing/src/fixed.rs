// SPDX-License-Identifier: Apache-2.0
//! Signed binary fixed point that carries its scale in the type.

use crate::{
	error::{Error, Result},
	wide::mul_wide,
};

/// A 64-bit signed number with `FRAC` fraction bits: the value is `bits / 2^FRAC`.
///
/// Operators are absent on purpose: every operation that can leave the range is checked and says
/// so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fixed<const FRAC: u32>(i64);

/// Dimensionless number within +-128, resolution 1.4e-17.
pub type Real = Fixed<56>;
/// `ln(K / F)` or `ln(F / K)`, as said where it is used.
pub type LogMoneyness = Real;
/// `vol * sqrt(years)`.
pub type TotalVol = Real;
/// Annual volatility: 0.8 is 80 % a year.
pub type Vol = Real;
/// Total variance `vol^2 * years`.
pub type Variance = Real;
/// Factor such as a spot shock: 1.135 is +13.5 %.
pub type Ratio = Real;
/// Number within +-2, resolution 2.2e-19.
pub type Unit = Fixed<62>;
/// Value of a distribution function or of the normal density.
pub type Probability = Unit;
/// Discount factor within 0 and 1.
pub type Discount = Unit;

const PARTS_PER_BILLION: i128 = 1_000_000_000;

impl<const FRAC: u32> Fixed<FRAC> {
	const VALID_FRAC: () = assert!(FRAC >= 1 && FRAC <= 62, "FRAC must be within 1 and 62");

	/// Zero.
	pub const ZERO: Self = Self(0);
	/// One.
	pub const ONE: Self = {
		let () = Self::VALID_FRAC;
		Self(1 << FRAC)
	};
	/// Largest number.
	pub const MAX: Self = Self(i64::MAX);
	/// Smallest (most negative) number.
	pub const MIN: Self = Self(i64::MIN);

	/// The number `bits / 2^FRAC`.
	#[inline(always)]
	pub const fn from_bits(bits: i64) -> Self {
		let () = Self::VALID_FRAC;
		Self(bits)
	}

	/// The number times `2^FRAC`.
	#[inline(always)]
	pub const fn to_bits(self) -> i64 {
		self.0
	}

	/// The whole number `value`.
	pub const fn from_int(value: i64) -> Result<Self> {
		Self::from_ratio(value, 1)
	}

	/// `numerator / denominator`, to nearest (half away from zero).
	pub const fn from_ratio(numerator: i64, denominator: i64) -> Result<Self> {
		if denominator == 0 {
			return Err(Error::DivisionByZero);
		}
		Self::from_wide_ratio((numerator as i128) << FRAC, denominator as i128)
	}

	/// `ppb / 1e9`, to nearest. Runtime parameters arrive in parts per billion.
	pub const fn from_ppb(ppb: i64) -> Result<Self> {
		Self::from_wide_ratio((ppb as i128) << FRAC, PARTS_PER_BILLION)
	}

	/// The number times 1e9, to nearest. Fits always: `|value| < 2^62`, hence below 4.7e27.
	pub const fn to_ppb(self) -> i128 {
		let scaled = self.0 as i128 * PARTS_PER_BILLION;
		(scaled + (1 << (FRAC - 1))) >> FRAC
	}

	/// `significand * 10^-decimals`, to nearest; `decimals` up to 18.
	pub const fn from_decimal(significand: i64, decimals: u32) -> Result<Self> {
		match 10i128.checked_pow(decimals) {
			Some(unit) if decimals <= 18 => {
				Self::from_wide_ratio((significand as i128) << FRAC, unit)
			},
			_ => Err(Error::Overflow),
		}
	}

	// |numerator| < 2^126 and |denominator| < 2^64 at every caller: doubling cannot wrap.
	const fn from_wide_ratio(numerator: i128, denominator: i128) -> Result<Self> {
		let quotient = numerator / denominator;
		let remainder = numerator % denominator;
		let away = if 2 * remainder.unsigned_abs() >= denominator.unsigned_abs() {
			if (numerator < 0) == (denominator < 0) {
				1
			} else {
				-1
			}
		} else {
			0
		};
		Self::from_i128(quotient + away)
	}

	const fn from_i128(bits: i128) -> Result<Self> {
		if bits > i64::MAX as i128 || bits < i64::MIN as i128 {
			return Err(Error::Overflow);
		}
		Ok(Self(bits as i64))
	}

	/// Sum.
	#[inline(always)]
	pub const fn checked_add(self, other: Self) -> Result<Self> {
		match self.0.checked_add(other.0) {
			Some(bits) => Ok(Self(bits)),
			None => Err(Error::Overflow),
		}
	}

	/// Difference.
	#[inline(always)]
	pub const fn checked_sub(self, other: Self) -> Result<Self> {
		match self.0.checked_sub(other.0) {
			Some(bits) => Ok(Self(bits)),
			None => Err(Error::Overflow),
		}
	}

	/// Sum, held at the ends of the range.
	#[inline(always)]
	pub const fn saturating_add(self, other: Self) -> Self {
		Self(self.0.saturating_add(other.0))
	}

	/// Difference, held at the ends of the range.
	#[inline(always)]
	pub const fn saturating_sub(self, other: Self) -> Self {
		Self(self.0.saturating_sub(other.0))
	}

	/// The number with its sign turned; [`Self::MIN`] becomes [`Self::MAX`].
	#[inline(always)]
	pub const fn saturating_neg(self) -> Self {
		Self(self.0.saturating_neg())
	}

	/// Distance from zero; that of [`Self::MIN`] is [`Self::MAX`].
	#[inline(always)]
	pub const fn saturating_abs(self) -> Self {
		Self(self.0.saturating_abs())
	}

	/// Product with a number of any scale, in this number's scale, to nearest (half away from
	/// zero).
	#[inline]
	pub const fn checked_mul<const OTHER: u32>(self, other: Fixed<OTHER>) -> Result<Self> {
		let negative = (self.0 < 0) != (other.0 < 0);
		let (high, low) = mul_wide(self.0.unsigned_abs(), other.0.unsigned_abs());
		match shift_right_nearest(high, low, OTHER) {
			Some(size) if size <= i64::MAX as u64 => {
				Ok(Self(if negative { -(size as i64) } else { size as i64 }))
			},
			_ => Err(Error::Overflow),
		}
	}

	/// Quotient by a number of any scale, in this number's scale, to nearest (half away from zero).
	///
	/// A 128-bit division: not for inner loops.
	pub const fn checked_div<const OTHER: u32>(self, other: Fixed<OTHER>) -> Result<Self> {
		if other.0 == 0 {
			return Err(Error::DivisionByZero);
		}
		Self::from_wide_ratio((self.0 as i128) << OTHER, other.0 as i128)
	}

	/// The same number in another scale, to nearest (half up).
	#[inline]
	pub const fn rescale<const TO: u32>(self) -> Result<Fixed<TO>> {
		if TO >= FRAC {
			return Fixed::<TO>::from_i128((self.0 as i128) << (TO - FRAC));
		}
		let half = 1i128 << (FRAC - TO - 1);
		Fixed::<TO>::from_i128((self.0 as i128 + half) >> (FRAC - TO))
	}

	/// The smaller of the two.
	#[inline(always)]
	pub const fn min(self, other: Self) -> Self {
		if self.0 < other.0 {
			self
		} else {
			other
		}
	}

	/// The larger of the two.
	#[inline(always)]
	pub const fn max(self, other: Self) -> Self {
		if self.0 > other.0 {
			self
		} else {
			other
		}
	}
}

/// `(high 2^64 + low) / 2^shift` to nearest (half up), `None` where it exceeds 64 bits;
/// `shift` within 1 and 63.
#[inline(always)]
pub(crate) const fn shift_right_nearest(high: u64, low: u64, shift: u32) -> Option<u64> {
	let (low, carry) = low.overflowing_add(1 << (shift - 1));
	// high <= 2^64 - 2 as the high word of a product: no wrap.
	let high = high + carry as u64;
	if high >> shift != 0 {
		return None;
	}
	Some(high << (64 - shift) | low >> shift)
}
