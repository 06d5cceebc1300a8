// SPDX-License-Identifier: Apache-2.0
//! Profit of a book per scenario, before its weight.

use super::account::{FIXED_ENTRIES, MARK};
use super::split::{Split, SplitFactor};
use super::sums::Totals;
use super::{ExpiryTerms, Scenario};
use crate::units::{
	floor_billionth, floor_billionth_word, subtotal, Fine, NanoFine, BILLION, MAX_SCENARIOS,
};
use crate::{Ppb, RiskError};

/// Size of the totals up to which [`SplitFactor`] discounts them.
const SPLIT_BITS: u32 = 88;

/// Profits summed over expiries.
pub(super) struct Profits {
	/// Values of expiries within the gate of [`Profits::add`], whose marks are yet to be taken off.
	/// 12 expiries times `2^58` for the value and `2^57` for twice the mark of a skew scenario keep
	/// the upper word within `18 2^58`, marks and spot add `12 2^58`: below `2^63`.
	sums: [Split; MAX_SCENARIOS],
	/// Marks of these expiries.
	marks: Split,
	/// Whether the sums hold an expiry yet.
	started: bool,
	/// Those of the others.
	wide: Option<[Fine; MAX_SCENARIOS]>,
}

impl Profits {
	/// No expiry yet.
	#[inline(always)]
	pub fn new() -> Self {
		Self { sums: [Split::UNSET; MAX_SCENARIOS], marks: Split::ZERO, started: false, wide: None }
	}

	/// Adds one expiry: in two words if its totals are within `2^88` and its discounts below 4,
	/// otherwise in 128 bits. Both give the same bits.
	pub fn add(&mut self, terms: &ExpiryTerms, scenarios: &[Scenario], totals: &Totals) {
		let long = SplitFactor::new(terms.discount_long);
		let short = SplitFactor::new(terms.discount_short);
		match (long, short) {
			(Some(long), Some(short)) if totals.are_within(SPLIT_BITS) => {
				self.add_split(long, short, scenarios, totals);
			},
			_ => self.add_wide(terms, scenarios, totals),
		}
	}

	fn add_split(
		&mut self,
		long: SplitFactor,
		short: SplitFactor,
		scenarios: &[Scenario],
		totals: &Totals,
	) {
		let fresh = !core::mem::replace(&mut self.started, true);
		let mark = totals.get(MARK);
		self.marks = self.marks.plus(mark);
		let shocked = totals.skip(FIXED_ENTRIES);
		for ((sum, scenario), total) in self.sums.iter_mut().zip(scenarios).zip(shocked) {
			let discount = if total.high >= 0 { long } else { short };
			let mut value = discount.of(total).carried();
			if scenario.vol.is_skew() {
				value = counted_as_loss(value, mark);
			}
			*sum = if fresh { value } else { sum.plus(value) };
		}
	}

	fn add_wide(&mut self, terms: &ExpiryTerms, scenarios: &[Scenario], totals: &Totals) {
		let mark = totals.get(MARK).fine();
		let sums = self.wide.get_or_insert([0; MAX_SCENARIOS]);
		let shocked = totals.skip(FIXED_ENTRIES);
		for ((sum, scenario), total) in sums.iter_mut().zip(scenarios).zip(shocked) {
			let discount = if total.high >= 0 { terms.discount_long } else { terms.discount_short };
			let change = discount.of(total.fine()) - mark;
			*sum += if scenario.vol.is_skew() { -change.abs() } else { change };
		}
	}

	/// Adds `delta_one`, a subtotal, times the move of spot to every scenario. Every profit is a
	/// subtotal afterwards. Consecutive scenarios often share a shock.
	pub fn finish(&mut self, scenarios: &[Scenario], delta_one: Fine) -> Result<(), RiskError> {
		// A subtotal over a billion is below 2^61; the rest, below a billion, is in the lowest word.
		let units = floor_billionth(delta_one) as i64;
		let rest = (delta_one as i64).wrapping_sub(units.wrapping_mul(BILLION));
		let cost = self.marks.negate();
		let (mut last, mut profit) = (Ppb::ONE, Split::ZERO);
		for (index, scenario) in scenarios.iter().enumerate() {
			if scenario.spot != last {
				last = scenario.spot;
				let shock = last.0 - Ppb::ONE.0;
				// Below 10^9 times 9e9: within 2^63.
				let part = floor_billionth_word(rest.wrapping_mul(shock));
				profit = Split::product(units, shock).plus(Split { high: 0, low: part });
			}
			let Some(sum) = self.sums.get_mut(index) else { break };
			let options = if self.started { sum.plus(cost) } else { Split::ZERO };
			*sum = options.plus(profit).carried();
			if let Some(wide) = &self.wide {
				let wide = wide.get(index).copied().unwrap_or(0);
				*sum = Split::new(subtotal(sum.fine() + wide)?).ok_or(RiskError::BookTooLarge)?;
			}
			sum.subtotal()?;
		}
		Ok(())
	}

	/// Finished profits times the weights of their scenarios: within `2^91` before the billionths.
	#[inline(always)]
	pub fn weighted<'a>(
		&'a self,
		scenarios: &'a [Scenario],
	) -> impl Iterator<Item = NanoFine> + 'a {
		self.sums.iter().zip(scenarios).map(|(profit, scenario)| profit.times(scenario.weight.0))
	}
}

/// The value that a skew scenario counts: as far below the mark as `value` is away from it.
#[cold]
fn counted_as_loss(value: Split, mark: Split) -> Split {
	value.plus(mark.negate()).carried().as_loss().plus(mark)
}

#[cfg(test)]
mod tests {
	use super::super::{RiskArrays, VolShock};
	use super::*;
	use crate::{Factor, Position};
	use proptest::prelude::*;
	use proptest::test_runner::RngSeed;

	type Drawn = ([i64; 7], i64, u64, u64);

	/// Entries, lots and discounts of one expiry.
	fn expiry(bits: u32) -> impl Strategy<Value = Drawn> {
		let entry = (any::<i64>(), 0..20u32).prop_map(|(entry, shift)| entry >> shift);
		let discount = (any::<u64>(), 0..4u32).prop_map(|(bits, shift)| bits >> shift);
		let lots = any::<i64>().prop_map(move |lots| lots >> (63 - bits));
		(proptest::array::uniform7(entry), lots, discount.clone(), discount)
	}

	fn grid() -> [Scenario; 4] {
		let kinds = [VolShock::Up, VolShock::None, VolShock::Linear, VolShock::Absolute];
		let spots = [1_135_000_001, 820_000_000, 1_000_000_000, 10_000_000_000];
		core::array::from_fn(|index| Scenario {
			spot: Ppb(spots[index]),
			vol: kinds[index],
			weight: Ppb::ONE,
		})
	}

	fn all(profits: &Profits) -> [Split; 4] {
		core::array::from_fn(|index| profits.sums[index])
	}

	proptest! {
		#![proptest_config(ProptestConfig {
			cases: 10_000,
			failure_persistence: None,
			rng_seed: RngSeed::Fixed(20_261_123),
			..ProptestConfig::default()
		})]

		/// Lots that end in bits 18 to 27 and discounts up to 16 stand on both sides of the gate.
		#[test]
		fn both_ways_should_give_the_same_bits(
			drawn in (18..28u32).prop_flat_map(|bits| proptest::collection::vec(expiry(bits), 0..=12)),
			delta_one: i128,
			shift in 37..127u32,
		) {
			let (grid, delta_one) = (grid(), delta_one >> shift);
			let (mut gated, mut wide) = (Profits::new(), Profits::new());
			let mut exact = [0i128; 4];
			for (entries, lots, long, short) in drawn {
				let terms = ExpiryTerms {
					discount_long: Factor(long),
					discount_short: Factor(short),
					..ExpiryTerms::default()
				};
				let mut totals = Totals::new();
				let positions = [Position { series: 0, lots }];
				let summed = totals.sum(&positions, &RiskArrays::new(&entries, 4), 7);
				if summed.is_err() {
					return Ok(());
				}
				gated.add(&terms, &grid, &totals);
				wide.add_wide(&terms, &grid, &totals);
				let of = |entry: usize| i128::from(lots) * i128::from(entries[entry]);
				for (index, (exact, scenario)) in exact.iter_mut().zip(&grid).enumerate() {
					let total = of(FIXED_ENTRIES + index);
					let discount = Factor(if total >= 0 { long } else { short });
					let change = discount.of(total) - of(MARK);
					*exact += if scenario.vol.is_skew() { -change.abs() } else { change };
				}
			}
			let finished = gated.finish(&grid, delta_one);
			prop_assert_eq!(finished, wide.finish(&grid, delta_one));
			let exact: Vec<_> = exact.iter().zip(&grid).map(|(options, scenario)| {
				options + (delta_one * (scenario.spot.0 - BILLION) as i128).div_euclid(BILLION.into())
			}).collect();
			let fits = exact.iter().all(|profit| subtotal(*profit).is_ok());
			prop_assert_eq!(finished.is_ok(), fits);
			if fits {
				prop_assert_eq!(all(&gated), all(&wide));
				prop_assert_eq!(all(&gated).map(Split::fine).to_vec(), exact);
			}
		}
	}

	/// 12 expiries of `5 2^90` and a perpetual of `4 2^90` are `2^96`, which two words would wrap to
	/// nothing.
	#[test]
	fn largest_totals_should_not_wrap() {
		let entries = [(1 << 40) - i64::MAX, 0, 0, i64::MAX];
		let positions = [Position { series: 0, lots: 1 << 27 }];
		let largest = Factor((1 << 62) - 1);
		let terms = ExpiryTerms {
			discount_long: largest,
			discount_short: largest,
			..ExpiryTerms::default()
		};
		let grid = [Scenario { spot: Ppb(10 * BILLION), vol: VolShock::None, weight: Ppb::ONE }];
		let mut totals = Totals::new();
		assert_eq!(totals.sum(&positions, &RiskArrays::new(&entries, 1), 4), Ok(()));
		let mut profits = Profits::new();
		for _ in 0..12 {
			profits.add(&terms, &grid, &totals);
		}
		let delta_one = (4i128 << 90) / 9;
		assert_eq!(profits.finish(&grid, delta_one), Err(RiskError::BookTooLarge));
	}
}
