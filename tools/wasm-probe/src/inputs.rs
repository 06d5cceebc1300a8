// SPDX-License-Identifier: Apache-2.0
//! Seeded inputs, in integers, so that every yardstick is measured on the same options.

/// Splitmix64: equal seeds give equal numbers everywhere.
#[derive(Clone, Debug)]
pub struct Seeded(u64);

impl Seeded {
	/// A sequence of its own for every seed.
	pub const fn new(seed: u32) -> Self {
		Self((seed as u64).wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(0x2545_f491_4f6c_dd1d))
	}

	/// The next 64 bits.
	pub const fn bits(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		mixed ^ (mixed >> 31)
	}

	/// A number within `low` and `high`, both included; `low` if they are out of order.
	pub const fn within(&mut self, low: i64, high: i64) -> i64 {
		let span = high.wrapping_sub(low).wrapping_add(1);
		if span <= 0 {
			return low;
		}
		// The remainder is below 2^63 and `low + remainder <= high`.
		low.wrapping_add((self.bits() % span as u64) as i64)
	}
}

/// One option to price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OptionInput {
	/// Forward in micro-USD: 100 to 200,000 USD.
	pub forward: i64,
	/// Strike in micro-USD: 0.6 to 1.6 forwards.
	pub strike: i64,
	/// Volatility in parts per billion: 20 % to 150 %.
	pub vol: i64,
	/// Seconds to expiry: an hour to a year.
	pub seconds: i64,
}

/// Options per measurement: more than a branch predictor learns, few enough for a level-1 cache.
pub const OPTIONS: usize = 512;

/// The options that belong to a seed.
pub fn options(seed: u32) -> [OptionInput; OPTIONS] {
	let mut seeded = Seeded::new(seed);
	core::array::from_fn(|_| {
		let forward = seeded.within(100_000_000, 200_000_000_000);
		OptionInput {
			forward,
			strike: forward / 1_000 * seeded.within(600, 1_600),
			vol: seeded.within(200_000_000, 1_500_000_000),
			seconds: seeded.within(3_600, 31_536_000),
		}
	})
}

/// A running digest of results, cheap enough to weigh nothing beside what it digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(pub u64);

impl Digest {
	/// The digest of nothing.
	pub const EMPTY: Self = Self(0xcbf2_9ce4_8422_2325);

	/// Takes in one result.
	#[inline(always)]
	pub const fn fold(&mut self, word: u64) {
		self.0 = (self.0 ^ word).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29);
	}

	/// Takes in a wide result.
	pub const fn fold_wide(&mut self, word: i128) {
		self.fold(word as u64);
		self.fold((word >> 64) as u64);
	}
}
