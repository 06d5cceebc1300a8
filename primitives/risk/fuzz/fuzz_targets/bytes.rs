// SPDX-License-Identifier: Apache-2.0
//! Arguments read from the fuzzer's bytes; zeros once they run out.

use ballast_pricing::Price;
use ballast_risk::{Lots, MicroUsd, Ppb};

pub struct Bytes<'a>(pub &'a [u8]);

#[allow(dead_code)]
impl Bytes<'_> {
	pub fn word(&mut self) -> u64 {
		let mut word = [0; 8];
		let length = self.0.len().min(8);
		word[..length].copy_from_slice(&self.0[..length]);
		self.0 = &self.0[length..];
		u64::from_le_bytes(word)
	}

	pub fn byte(&mut self) -> u8 {
		let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
		self.0 = rest;
		*first
	}

	pub fn price(&mut self) -> Price {
		let pico = self.word() % 8_000_000_000_000_000_001;
		Price::from_pico_usd(pico as i64).unwrap_or(Price::ZERO)
	}

	/// Mostly between nothing and twice the whole, so that most are permitted.
	pub fn ppb(&mut self) -> Ppb {
		let word = self.word();
		Ppb(if word % 16 == 0 { word as i64 } else { (word >> 33) as i64 % 2_000_000_001 })
	}

	pub fn part(&mut self) -> Ppb {
		Ppb((self.word() % 1_000_000_001) as i64)
	}

	pub fn lots(&mut self) -> Lots {
		let word = self.word() as i64;
		if word % 16 == 0 {
			word
		} else {
			word >> 23
		}
	}

	pub fn money(&mut self) -> MicroUsd {
		let word = self.word() as i64;
		if word % 16 == 0 {
			i128::from(word) << 40
		} else {
			i128::from(word) / 10
		}
	}
}
