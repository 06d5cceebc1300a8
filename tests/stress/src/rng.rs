// SPDX-License-Identifier: Apache-2.0
//! Random numbers that depend on a seed alone.

/// SplitMix64: small, fast, the same on every machine.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
	/// The numbers of a seed.
	pub fn new(seed: u64) -> Self {
		// Seeds are small and close together: spread them first.
		Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
	}

	/// Any number.
	pub fn word(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut bits = self.0;
		bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		bits ^ (bits >> 31)
	}

	/// 0 to `bound - 1`; 0 for a bound of 0.
	pub fn below(&mut self, bound: u64) -> u64 {
		self.word().checked_rem(bound).unwrap_or(0)
	}

	/// 0 to 1.
	pub fn unit(&mut self) -> f64 {
		(self.word() >> 11) as f64 / (1u64 << 53) as f64
	}

	/// `low` to `high`.
	pub fn real(&mut self, low: f64, high: f64) -> f64 {
		low + (high - low) * self.unit()
	}

	/// Roughly normal, of deviation 1, within 6.
	pub fn normal(&mut self) -> f64 {
		(0..12).map(|_| self.unit()).sum::<f64>() - 6.0
	}

	/// Index of a weight, drawn in proportion to it.
	pub fn weighted(&mut self, weights: &[u32]) -> usize {
		let mut left = self.below(weights.iter().map(|weight| u64::from(*weight)).sum());
		for (index, weight) in weights.iter().enumerate() {
			let weight = u64::from(*weight);
			if left < weight {
				return index;
			}
			left -= weight;
		}
		0
	}
}
