// SPDX-License-Identifier: Apache-2.0
//! Random numbers that depend on a seed alone, for the tests that a seed decides: `tests/model`, `tests/stress`.
//!
//! What a seed draws stays as it is: figures and failures are named by their seeds.

#![forbid(unsafe_code)]

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

	/// `low` to `high`, both included.
	pub fn within(&mut self, low: i64, high: i64) -> i64 {
		low + self.below((high - low + 1).unsigned_abs()) as i64
	}

	/// True in so many of a hundred cases.
	pub fn percent(&mut self, percent: u64) -> bool {
		self.below(100) < percent
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

	/// One of the items; `None` of none.
	pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
		items.get(self.below(items.len() as u64) as usize)
	}

	/// Index of a weight, drawn in proportion to it.
	pub fn weighted(&mut self, weights: &[u64]) -> usize {
		let mut left = self.below(weights.iter().sum());
		for (index, weight) in weights.iter().enumerate() {
			if left < *weight {
				return index;
			}
			left -= weight;
		}
		0
	}
}

#[cfg(test)]
mod tests {
	use super::Rng;

	/// What the seed 1 draws, one draw after another.
	fn drawn<T>(count: usize, draw: impl Fn(&mut Rng) -> T) -> Vec<T> {
		let mut rng = Rng::new(1);
		(0..count).map(|_| draw(&mut rng)).collect()
	}

	#[test]
	fn words_should_stay_the_same_for_a_seed() {
		for (seed, words) in [
			(0, [0xba88_94fa_3be5_9747, 0x0699_45de_a824_60da, 0xf2b5_717d_b028_09ea]),
			(1, [0x1dfd_cec4_ec04_f63f, 0xd2f9_9e76_1c6d_8b30, 0x9c92_6582_548e_1ff9]),
			(u64::MAX, [0x22cf_f516_128a_58a7, 0xf531_e947_dd6f_66dd, 0x222a_54c2_7150_6dde]),
		] {
			let mut rng = Rng::new(seed);
			assert_eq!([rng.word(), rng.word(), rng.word()], words, "seed {seed}");
		}
	}

	#[test]
	fn draws_should_stay_the_same_for_a_seed() {
		assert_eq!(drawn(8, |rng| rng.below(10)), [3, 4, 9, 5, 3, 4, 5, 8]);
		assert_eq!(drawn(8, |rng| rng.within(-5, 5)), [-4, -3, -1, -2, 1, -4, 0, 2]);
		let percent = [false, false, false, false, true, true, false, true];
		assert_eq!(drawn(8, |rng| rng.percent(40)), percent);
		assert_eq!(
			drawn(3, |rng| rng.real(-1.0, 3.0)),
			[-0.5313838078435973, 2.296485534041232, 1.4464353344685335]
		);
		assert_eq!(
			drawn(3, Rng::normal),
			[-0.2803230520512585, 2.5167072172492784, 1.9191326289482902]
		);
		let picked: String =
			drawn(8, |rng| rng.pick(&["a", "b", "c"]).copied()).into_iter().flatten().collect();
		assert_eq!(picked, "aabcacab");
		assert_eq!(
			drawn(16, |rng| rng.weighted(&[5, 25, 50, 20])),
			[2, 2, 3, 2, 0, 1, 2, 2, 2, 3, 3, 1, 3, 0, 2, 2]
		);
	}

	#[test]
	fn draws_of_nothing_should_take_one_word_and_be_the_first() {
		let second = 0xd2f9_9e76_1c6d_8b30;
		assert_eq!(drawn(1, |rng| (rng.below(0), rng.word())), [(0, second)]);
		assert_eq!(drawn(1, |rng| (rng.weighted(&[]), rng.word())), [(0, second)]);
		assert_eq!(drawn(1, |rng| (rng.weighted(&[0, 0]), rng.word())), [(0, second)]);
		assert_eq!(drawn(1, |rng| (rng.pick::<u8>(&[]).copied(), rng.word())), [(None, second)]);
	}
}
