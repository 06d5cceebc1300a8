// SPDX-License-Identifier: Apache-2.0
//! Time to expiry.

use crate::{
	error::{Error, Result},
	fixed::{shift_right_nearest, Real},
	wide::{mul_wide, sqrt_wide},
};

/// Milliseconds of the year of the margin rules: 365 days.
pub const YEAR_MILLIS: u64 = 365 * 86_400 * 1_000;

/// `1 / YEAR_MILLIS` with 98 fraction bits, to nearest: 64 significant bits.
const YEARS_PER_MILLI: u64 =
	(((1u128 << 98) + YEAR_MILLIS as u128 / 2) / YEAR_MILLIS as u128) as u64;

/// Time to expiry in milliseconds, at most 100 years of 365 days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

impl Time {
	/// Expired.
	pub const ZERO: Self = Self(0);
	/// 100 years.
	pub const MAX: Self = Self(100 * YEAR_MILLIS);

	/// From milliseconds.
	pub const fn from_millis(millis: u64) -> Result<Self> {
		if millis > Self::MAX.0 {
			return Err(Error::TimeTooLong);
		}
		Ok(Self(millis))
	}

	/// From seconds.
	pub const fn from_seconds(seconds: u64) -> Result<Self> {
		match seconds.checked_mul(1_000) {
			Some(millis) => Self::from_millis(millis),
			None => Err(Error::TimeTooLong),
		}
	}

	/// Milliseconds.
	pub const fn millis(self) -> u64 {
		self.0
	}

	/// Whether the option has expired.
	pub const fn is_zero(self) -> bool {
		self.0 == 0
	}

	/// Years, absolute error below 2^-56.
	#[inline]
	pub const fn years(self) -> Real {
		let (high, low) = mul_wide(self.0, YEARS_PER_MILLI);
		match shift_right_nearest(high, low, 98 - 56) {
			// At most 100 years: 63 bits.
			Some(bits) => Real::from_bits(bits as i64),
			None => Real::MAX,
		}
	}

	/// Square root of the years, relative error below 2^-56 plus 2^-56 absolute.
	#[inline]
	pub const fn sqrt_years(self) -> Real {
		let (high, low) = mul_wide(self.0, YEARS_PER_MILLI);
		// From 98 to 112 fraction bits; at most 100 years leaves 9 bits free in `high`.
		let root = sqrt_wide(high << 14 | low >> 50, low << 14);
		Real::from_bits(root as i64)
	}
}
