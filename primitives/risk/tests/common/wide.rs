// SPDX-License-Identifier: Apache-2.0
//! 512-bit signed integers, wide enough to evaluate a margin without any rounding.

use std::cmp::Ordering;

/// Two's complement, least significant word first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wide([u64; 8]);

impl From<i128> for Wide {
	fn from(value: i128) -> Self {
		let mut words = [if value < 0 { u64::MAX } else { 0 }; 8];
		words[0] = value as u64;
		words[1] = (value >> 64) as u64;
		Self(words)
	}
}

impl Wide {
	pub fn add(self, other: Self) -> Self {
		let mut carry = 0u128;
		Self(std::array::from_fn(|index| {
			carry += u128::from(self.0[index]) + u128::from(other.0[index]);
			let word = carry as u64;
			carry >>= 64;
			word
		}))
	}

	pub fn negate(self) -> Self {
		Self(self.0.map(|word| !word)).add(Self::from(1))
	}

	pub fn sub(self, other: Self) -> Self {
		self.add(other.negate())
	}

	pub fn is_negative(&self) -> bool {
		self.0[7] >> 63 == 1
	}

	/// Product; the caller keeps it below 2^511.
	pub fn times(self, factor: i128) -> Self {
		if self.is_negative() {
			return self.negate().times(factor).negate();
		}
		if factor < 0 {
			return self.times(-factor).negate();
		}
		let low = self.times_word(factor as u64);
		let high = self.times_word((factor >> 64) as u64);
		assert_eq!(high.0[7], 0, "product exceeds 511 bits");
		low.add(Self(std::array::from_fn(|index| if index == 0 { 0 } else { high.0[index - 1] })))
	}

	fn times_word(self, factor: u64) -> Self {
		let mut carry = 0u128;
		let words = std::array::from_fn(|index| {
			carry += u128::from(self.0[index]) * u128::from(factor);
			let word = carry as u64;
			carry >>= 64;
			word
		});
		assert_eq!(carry, 0, "product exceeds 511 bits");
		Self(words)
	}

	pub fn min(self, other: Self) -> Self {
		if self.compare(&other) == Ordering::Less {
			self
		} else {
			other
		}
	}

	pub fn abs(self) -> Self {
		if self.is_negative() {
			self.negate()
		} else {
			self
		}
	}

	pub fn compare(&self, other: &Self) -> Ordering {
		let sign = other.is_negative().cmp(&self.is_negative());
		let words = self.0.iter().rev().cmp(other.0.iter().rev());
		sign.then(words)
	}
}
