// SPDX-License-Identifier: Apache-2.0
//! Amounts and factors in two words: WebAssembly has no carries and no wide products.

use crate::units::{Fine, NanoFine, MAX_SUBTOTAL};
use crate::{Factor, RiskError};

const LOW: i64 = 0xffff_ffff;

/// An amount of pico-USD times lots, `high 2^32 + low`. Words are added apart, without a carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Split {
	pub high: i64,
	pub low: i64,
}

impl Split {
	/// Nothing.
	pub const ZERO: Split = Split { high: 0, low: 0 };

	/// Room that is set before it is read. Other than with zeros, WebAssembly fills an array with
	/// it in a loop of wide stores and not in a call that stores four bytes at a time.
	pub const UNSET: Split = Split { high: 1, low: 0 };

	/// The amount, if its upper word fits: below `2^95` in size.
	pub fn new(amount: Fine) -> Option<Self> {
		let high = i64::try_from(amount >> 32).ok()?;
		Some(Self { high, low: amount as i64 & LOW })
	}

	/// A word within `2^61` times a shock within `9e9`; not carried.
	///
	/// The product with the upper word stays within `2^63`, those of 16 bits within `2^50`.
	#[inline(always)]
	pub fn product(word: i64, shock: i64) -> Self {
		let middle = (word >> 16 & 0xffff).wrapping_mul(shock);
		let low = (word & 0xffff).wrapping_mul(shock);
		Self {
			high: (word >> 32).wrapping_mul(shock).wrapping_add(middle >> 16),
			low: ((middle & 0xffff) << 16).wrapping_add(low),
		}
	}

	/// The amount.
	#[inline(always)]
	pub fn fine(self) -> Fine {
		(i128::from(self.high) << 32) + i128::from(self.low)
	}

	/// The same amount with `low` within 0 and `2^32`, so that `high` alone tells sign and size.
	#[inline(always)]
	pub fn carried(self) -> Self {
		Self { high: self.high.wrapping_add(self.low >> 32), low: self.low & LOW }
	}

	/// The sum; the caller keeps both words in range.
	#[inline(always)]
	pub fn plus(self, other: Self) -> Self {
		Self { high: self.high.wrapping_add(other.high), low: self.low.wrapping_add(other.low) }
	}

	/// The amount with the other sign.
	#[inline(always)]
	pub fn negate(self) -> Self {
		Self { high: self.high.wrapping_neg(), low: self.low.wrapping_neg() }
	}

	/// The size of a carried amount, below zero.
	#[inline(always)]
	pub fn as_loss(self) -> Self {
		if self.high < 0 {
			self
		} else {
			self.negate()
		}
	}

	/// The same carried amount, if it is inside [`MAX_SUBTOTAL`]; see [`crate::units::subtotal`].
	#[inline(always)]
	pub fn subtotal(self) -> Result<Self, RiskError> {
		const LIMIT: i64 = (MAX_SUBTOTAL >> 32) as i64;
		if (-LIMIT..LIMIT).contains(&self.high) {
			Ok(self)
		} else {
			Err(RiskError::BookTooLarge)
		}
	}

	/// A carried subtotal times a number from 0 to below `2^31`.
	#[inline(always)]
	pub fn times(self, factor: i64) -> NanoFine {
		debug_assert!((0..1 << 31).contains(&factor));
		// Within 2^26 and below 2^32 each, times 2^31: the products stay below 2^63.
		let top = (self.high >> 32).wrapping_mul(factor);
		let middle = (self.high & LOW).wrapping_mul(factor);
		let low = self.low.wrapping_mul(factor);
		let middle = middle.wrapping_add(low >> 32);
		let lower = (middle << 32) as u64 | (low & LOW) as u64;
		(i128::from(top.wrapping_add(middle >> 32)) << 64) | i128::from(lower)
	}
}

/// A factor below 4 in two words of 32 bits.
#[derive(Clone, Copy)]
pub(super) struct SplitFactor {
	high: u64,
	low: u64,
}

impl SplitFactor {
	/// The factor, if it is below 4.
	pub fn new(factor: Factor) -> Option<Self> {
		let (high, low) = (factor.0 >> 32, factor.0 & LOW as u64);
		(high < 1 << 30).then_some(Self { high, low })
	}

	/// [`Factor::of`] for a carried amount below `2^88` in size; the result is not carried.
	///
	/// With `amount = top 2^60 + rest` the product of `top` is whole, so only that of `rest` rounds.
	/// In the order below, products stay within `2^62`, `2^60`, `2^64`, `2^58`, `2^60` and `2^58`;
	/// the floor of `rest` times the factor is below `2^62`, the lower word of the result below
	/// `2^63`, and the upper one within `2^58`.
	#[inline(always)]
	pub fn of(self, amount: Split) -> Split {
		let top = amount.high >> 28;
		let (middle, low) = ((amount.high & 0xfff_ffff) as u64, amount.low as u64);
		let cross = low
			.wrapping_mul(self.high)
			.wrapping_add(middle.wrapping_mul(self.low))
			.wrapping_add(low.wrapping_mul(self.low) >> 32);
		let rest = (middle.wrapping_mul(self.high) << 4).wrapping_add(cross >> 28) as i64;
		Split {
			high: top.wrapping_mul(self.high as i64),
			low: top.wrapping_mul(self.low as i64).wrapping_add(rest),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use proptest::test_runner::RngSeed;

	proptest! {
		#![proptest_config(ProptestConfig {
			cases: 10_000,
			failure_persistence: None,
			rng_seed: RngSeed::Fixed(20_261_122),
			..ProptestConfig::default()
		})]

		#[test]
		fn discount_should_be_that_of_the_factor(amount: i128, shift in 40..127u32, factor: u64, cut in 0..64u32) {
			let amount = amount >> shift;
			for factor in [factor >> cut, u64::MAX >> cut, 1 << cut].map(Factor) {
				let Some(split) = SplitFactor::new(factor) else {
					prop_assert!(factor.0 >= 1 << 62);
					continue;
				};
				prop_assert!(factor.0 < 1 << 62);
				for amount in [amount, amount >> 60 << 60, (amount >> 60 << 60) - 1] {
					if (-(1i128 << 88)..1 << 88).contains(&amount) {
						let found = split.of(Split::new(amount).unwrap());
						prop_assert_eq!(found.fine(), factor.of(amount));
						prop_assert_eq!(found.carried().fine(), factor.of(amount));
					}
				}
			}
		}

		#[test]
		fn product_should_be_exact(word: i64, shift in 2..64u32, shock in -1_000_000_000..=9_000_000_000i64) {
			let word = word >> shift;
			let found = Split::product(word, shock);
			prop_assert_eq!(found.fine(), i128::from(word) * i128::from(shock));
			prop_assert_eq!(found.carried().fine(), found.fine());
		}

		#[test]
		fn weighted_should_be_the_exact_product(amount: i128, shift in 37..127u32, factor in 0..1i64 << 31) {
			let amount = amount >> shift;
			let split = Split::new(amount).unwrap().subtotal().unwrap();
			prop_assert_eq!(split.times(factor), amount * i128::from(factor));
			prop_assert_eq!(split.as_loss().fine(), -amount.abs());
		}
	}

	#[test]
	fn ends_should_be_exact() {
		for amount in [(1i128 << 88) - 1, -(1 << 88), -1, 0] {
			for factor in [u64::MAX >> 2, 1 << 60, 1, 0].map(Factor) {
				let found = SplitFactor::new(factor).unwrap().of(Split::new(amount).unwrap());
				assert_eq!(found.fine(), factor.of(amount), "{amount} {factor:?}");
			}
		}
		assert!(SplitFactor::new(Factor(1 << 62)).is_none());
		assert!(Split::new(MAX_SUBTOTAL).unwrap().subtotal().is_err());
		assert!(Split::new(-MAX_SUBTOTAL - 1).unwrap().subtotal().is_err());
	}
}
