// SPDX-License-Identifier: Apache-2.0
//! A set of numbers below 256: one node of the tree of prices.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A set of numbers from 0 to 255.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Bits([u64; 4]);

impl Bits {
	/// Whether there is no number in the set.
	pub fn is_empty(&self) -> bool {
		self.0 == [0; 4]
	}

	/// Whether `index` is in the set.
	pub fn contains(&self, index: u8) -> bool {
		self.0[word(index)] & mask(index) != 0
	}

	/// Puts `index` into the set.
	pub fn insert(&mut self, index: u8) {
		self.0[word(index)] |= mask(index);
	}

	/// Takes `index` out of the set.
	pub fn remove(&mut self, index: u8) {
		self.0[word(index)] &= !mask(index);
	}

	/// The lowest number of the set that is `from` or above.
	pub fn lowest_from(&self, from: u8) -> Option<u8> {
		let first = self.0[word(from)] & (u64::MAX << (from & 63));
		if first != 0 {
			return Some(number(word(from), first.trailing_zeros()));
		}
		(word(from) + 1..4)
			.find(|at| self.0[*at] != 0)
			.map(|at| number(at, self.0[at].trailing_zeros()))
	}

	/// The highest number of the set that is `from` or below.
	pub fn highest_from(&self, from: u8) -> Option<u8> {
		let first = self.0[word(from)] & (u64::MAX >> (63 - (from & 63)));
		if first != 0 {
			return Some(number(word(from), 63 - first.leading_zeros()));
		}
		(0..word(from))
			.rev()
			.find(|at| self.0[*at] != 0)
			.map(|at| number(at, 63 - self.0[at].leading_zeros()))
	}
}

/// Which of the four words holds `index`: at most 3.
fn word(index: u8) -> usize {
	usize::from(index >> 6)
}

fn mask(index: u8) -> u64 {
	1 << (index & 63)
}

fn number(word: usize, bit: u32) -> u8 {
	// `word` is below 4 and `bit` below 64.
	(word as u8) << 6 | bit as u8
}
