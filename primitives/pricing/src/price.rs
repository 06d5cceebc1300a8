// SPDX-License-Identifier: Apache-2.0
//! Prices: decimal, so that strikes and the ledger's micro-USD are exact.

use crate::{
	error::{Error, Result},
	fixed::{shift_right_nearest, Discount, LogMoneyness, Ratio},
	ln,
	wide::mul_wide,
};

const PICO_PER_MICRO: i64 = 1_000_000;

/// A price in pico-USD (1e-12 USD) per unit of the underlying, within 0 and 8,000,000 USD.
///
/// The range holds by construction, so that the kernels need no check of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "codec", derive(codec::Encode, codec::MaxEncodedLen, scale_info::TypeInfo))]
pub struct Price(i64);

impl Price {
	/// Nothing.
	pub const ZERO: Self = Self(0);
	/// 8,000,000 USD.
	pub const MAX: Self = Self(8_000_000_000_000_000_000);

	/// From pico-USD.
	#[inline(always)]
	pub const fn from_pico_usd(pico: i64) -> Result<Self> {
		if pico < 0 || pico > Self::MAX.0 {
			return Err(Error::PriceOutOfRange);
		}
		Ok(Self(pico))
	}

	/// From micro-USD, exact.
	pub const fn from_micro_usd(micro: i64) -> Result<Self> {
		match micro.checked_mul(PICO_PER_MICRO) {
			Some(pico) => Self::from_pico_usd(pico),
			None => Err(Error::PriceOutOfRange),
		}
	}

	/// From whole USD, exact.
	pub const fn from_usd(usd: i64) -> Result<Self> {
		match usd.checked_mul(PICO_PER_MICRO) {
			Some(micro) => Self::from_micro_usd(micro),
			None => Err(Error::PriceOutOfRange),
		}
	}

	/// For numbers that are within the range by the caller's reasoning; held at its ends otherwise.
	#[inline(always)]
	pub(crate) const fn clamped(pico: i64) -> Self {
		if pico < 0 {
			Self::ZERO
		} else if pico > Self::MAX.0 {
			Self::MAX
		} else {
			Self(pico)
		}
	}

	/// Pico-USD, within 0 and 8e18.
	#[inline(always)]
	pub const fn pico_usd(self) -> i64 {
		self.0
	}

	/// Pico-USD as the unsigned word the kernels multiply.
	#[inline(always)]
	pub(crate) const fn word(self) -> u64 {
		self.0 as u64
	}

	/// Whether this is zero.
	#[inline(always)]
	pub const fn is_zero(self) -> bool {
		self.0 == 0
	}

	/// Micro-USD, rounded down.
	pub const fn to_micro_usd_floor(self) -> i64 {
		self.0 / PICO_PER_MICRO
	}

	/// Micro-USD, rounded up.
	pub const fn to_micro_usd_ceil(self) -> i64 {
		self.0 / PICO_PER_MICRO + (self.0 % PICO_PER_MICRO != 0) as i64
	}

	/// Sum.
	pub const fn checked_add(self, other: Self) -> Result<Self> {
		// Both at most 8e18: the sum of 1.6e19 fits a u64, not an i64.
		let sum = self.word() + other.word();
		if sum > Self::MAX.word() {
			return Err(Error::PriceOutOfRange);
		}
		Ok(Self(sum as i64))
	}

	/// Difference, signed, in pico-USD; fits always.
	#[inline(always)]
	pub const fn minus(self, other: Self) -> i64 {
		self.0 - other.0
	}

	/// The price times a factor (a spot shock), to nearest. A factor below zero is an error.
	#[inline]
	pub const fn scale(self, factor: Ratio) -> Result<Self> {
		if factor.to_bits() < 0 {
			return Err(Error::PriceOutOfRange);
		}
		let (high, low) = mul_wide(self.word(), factor.to_bits() as u64);
		match shift_right_nearest(high, low, 56) {
			Some(pico) if pico <= Self::MAX.word() => Ok(Self(pico as i64)),
			_ => Err(Error::PriceOutOfRange),
		}
	}

	/// The price times a discount factor, to nearest. A factor outside 0 and 1 is an error.
	#[inline]
	pub const fn discount(self, factor: Discount) -> Result<Self> {
		if factor.to_bits() < 0 || factor.to_bits() > Discount::ONE.to_bits() {
			return Err(Error::DiscountOutOfRange);
		}
		let (high, low) = mul_wide(self.word(), factor.to_bits() as u64);
		match shift_right_nearest(high, low, 62) {
			Some(pico) => Ok(Self::clamped(pico as i64)),
			None => Err(Error::PriceOutOfRange),
		}
	}

	/// `ln` of the number of pico-USD, for a price above zero. Precompute it where a forward or a
	/// strike meets many others: `ln(F / K) = F.ln()? - K.ln()?`. Absolute error below 2^-56.4.
	#[inline]
	pub fn ln(self) -> Result<LogMoneyness> {
		ln::ln_word(self.word()).ok_or(Error::LogarithmOfNonPositive)
	}
}

/// The range holds for what comes from outside, too.
#[cfg(feature = "codec")]
impl codec::Decode for Price {
	fn decode<I: codec::Input>(input: &mut I) -> core::result::Result<Self, codec::Error> {
		Self::from_pico_usd(i64::decode(input)?)
			.map_err(|_| codec::Error::from("a price outside 0 to 8,000,000 USD"))
	}
}

#[cfg(feature = "codec")]
impl codec::DecodeWithMemTracking for Price {}

/// `ln(a / b)` for prices above zero, within +-44. Absolute error below 2^-55.4.
#[inline]
pub fn ln_ratio(a: Price, b: Price) -> Result<LogMoneyness> {
	// Two logarithms within 0 and 43.6: their difference fits.
	Ok(a.ln()?.saturating_sub(b.ln()?))
}
