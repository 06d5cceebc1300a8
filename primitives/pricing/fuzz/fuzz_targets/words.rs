// SPDX-License-Identifier: Apache-2.0
//! Arbitrary bytes as the arguments of the crate's functions.

use ballast_pricing::{Price, Real, Time};

/// The bytes as little-endian words; past the end they read as zero.
pub struct Words<'a>(pub &'a [u8]);

#[allow(dead_code)]
impl Words<'_> {
	pub fn word(&mut self) -> i64 {
		let (head, tail) = self.0.split_at(self.0.len().min(8));
		self.0 = tail;
		let mut bytes = [0; 8];
		bytes[..head.len()].copy_from_slice(head);
		i64::from_le_bytes(bytes)
	}

	pub fn real(&mut self) -> Real {
		Real::from_bits(self.word())
	}

	/// Any price there is: words outside the range wrap into it.
	pub fn price(&mut self) -> Price {
		let pico = self.word().unsigned_abs() % (Price::MAX.pico_usd() as u64 + 1);
		Price::from_pico_usd(pico as i64).unwrap_or(Price::MAX)
	}

	pub fn time(&mut self) -> Time {
		let millis = self.word() as u64 % (Time::MAX.millis() + 1);
		Time::from_millis(millis).unwrap_or(Time::MAX)
	}
}
