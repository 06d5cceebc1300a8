// SPDX-License-Identifier: Apache-2.0
//! What kind of market a seed is: how much insurance there is, how long auctions last, how many come to bid, and
//! whether prices break.

use ballast_rng::Rng;

/// One seed in so many is ruinous.
const SEEDS_PER_RUIN: u64 = 10;

/// What kind of market a seed is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Regime {
	/// The insurance fund at genesis, micro-USD.
	pub insurance: u128,
	/// Whether auctions take seconds where they take hours by default, so that a seed sees their ends.
	pub quick: bool,
	/// Of a hundred calls while there is an auction, those that are about it.
	pub rescuers: u64,
	/// Whether spots jump by several percent now and then.
	pub jumps: bool,
	/// The block in which prices begin to run away, if they do.
	pub crash_at: Option<u32>,
	/// Blocks for which they do.
	pub crash_blocks: u32,
	/// By how much they move in each, of all underlyings in the same direction.
	pub crash_move: f64,
}

impl Regime {
	/// That of a seed. Its numbers are its own: they move nothing else that the seed decides.
	pub fn of(seed: u64) -> Self {
		let mut rng = Rng::new(seed ^ 0x7265_6769_6d65);
		let insurance = match rng.below(4) {
			0 => 0,
			1 => rng.below(2_000_000_000).into(),
			_ => 1_000_000_000_000,
		};
		let crash_at = rng.percent(75).then(|| rng.within(80, 220) as u32);
		let direction = if rng.percent(50) { 1.0 } else { -1.0 };
		let regime = Self {
			insurance,
			quick: rng.percent(50),
			rescuers: [2, 10, 30][rng.below(3) as usize],
			jumps: rng.percent(50),
			crash_at,
			crash_blocks: rng.within(10, 40) as u32,
			crash_move: direction * rng.real(0.006, 0.02),
		};
		// The first one is: a short run has one too.
		if seed % SEEDS_PER_RUIN == 1 {
			regime.ruinous()
		} else {
			regime
		}
	}

	/// Prices run until accounts owe what they have not, and nobody bids or tops up while there is an auction: debts are left that nobody covers.
	fn ruinous(self) -> Self {
		Self {
			insurance: 0,
			quick: true,
			rescuers: 0,
			crash_at: Some(100),
			crash_blocks: 90,
			// As far as the chain follows in a block.
			crash_move: 0.01_f64.copysign(self.crash_move),
			..self
		}
	}

	/// By how much prices move in a block beside what they do anyway.
	pub fn shock(&self, block: u64) -> f64 {
		let since = self.crash_at.and_then(|at| block.checked_sub(at.into()));
		match since {
			Some(since) if since < self.crash_blocks.into() => self.crash_move,
			_ => 0.0,
		}
	}
}
