// SPDX-License-Identifier: Apache-2.0
//! Exact sums of lots times array entries.

use super::account::{ArraySource, MAX_WIDTH};
use super::split::Split;
use crate::units::{Fine, MAX_SUBTOTAL};
use crate::{Position, RiskError};

/// Totals of one expiry, entry by entry.
pub(super) struct Totals {
	sums: [WrappedSum; MAX_WIDTH],
	width: usize,
	/// Bits that cover the size of the upper word of every total.
	size: u64,
}

/// A total below `2^95` in size, summed apart: with the upper words of the entries, `high`, and
/// with whole entries in 64 bits that wrap, `low`.
///
/// `low - high 2^32`, which is the sum with the lower words of the entries, is below `2^63`, so that
/// its 64 bits are the whole of it.
#[derive(Clone, Copy)]
struct WrappedSum {
	high: i64,
	low: i64,
}

impl WrappedSum {
	const ZERO: Self = Self { high: 0, low: 0 };
	/// Room that is set before it is read; see [`Split::UNSET`].
	const UNSET: Self = Self { high: 1, low: 0 };

	/// The total, carried.
	#[inline(always)]
	fn total(self) -> Split {
		Split { high: self.high, low: self.low.wrapping_sub(self.high << 32) }.carried()
	}

	#[inline(always)]
	fn add(&mut self, lots: i64, entry: i64) {
		self.high = self.high.wrapping_add(lots.wrapping_mul(entry >> 32));
		self.low = self.low.wrapping_add(lots.wrapping_mul(entry));
	}
}

/// Sum of absolute lots under which two 64-bit sums per entry cannot wrap: `2^31 - 1`.
///
/// An entry is `high 2^32 + low` with `|high| <= 2^31` and `0 <= low < 2^32`; the sum of
/// `lots * high` stays within `2^62` and that of `lots * low` below `2^63`.
const SPLIT_GATE: u64 = (1 << 31) - 1;

/// Bits of a sum of absolute lots under which totals need no check: entries are within `2^63`, so
/// that totals stay below `2^88`.
const SMALL_GATE_BITS: u32 = 25;

/// What a position without lots adds.
static NOTHING: [i64; MAX_WIDTH] = [0; MAX_WIDTH];

/// One position's lots and array.
#[derive(Clone, Copy)]
struct Row<'a> {
	lots: i64,
	entries: &'a [i64],
}

impl Totals {
	/// Room for the totals of one expiry after another.
	#[inline(always)]
	pub fn new() -> Self {
		Self { sums: [WrappedSum::UNSET; MAX_WIDTH], width: 0, size: 0 }
	}

	/// Sums `lots * entry` over the positions for each of the first `width` entries.
	///
	/// Every total is exact and within [`crate::MAX_SUBTOTAL`], whichever way it was summed.
	pub fn sum(
		&mut self,
		positions: &[Position],
		arrays: &dyn ArraySource,
		width: usize,
	) -> Result<(), RiskError> {
		let sums = self.sums.get_mut(..width).ok_or(RiskError::ArrayWidth)?;
		// At most 128 positions of 2^40 lots.
		let gross: u64 = positions.iter().map(|position| position.lots.unsigned_abs()).sum();
		self.width = width;
		if gross <= SPLIT_GATE {
			sum_split(sums, positions, arrays)?;
		} else {
			sum_wide(sums, positions, arrays)?;
		}
		self.size = if gross >> SMALL_GATE_BITS == 0 {
			(1 << (SMALL_GATE_BITS + 63 - 32)) - 1
		} else {
			sums.iter().map(|sum| sum.total().high).fold(0, |size, high| size | high.unsigned_abs())
		};
		if self.size < (MAX_SUBTOTAL >> 32) as u64 {
			Ok(())
		} else {
			Err(RiskError::BookTooLarge)
		}
	}

	/// Whether every total is below `2^bits` in size, for `bits` from 32 to 95.
	pub fn are_within(&self, bits: u32) -> bool {
		self.size >> (bits - 32) == 0
	}

	/// The total of one entry.
	#[inline(always)]
	pub fn get(&self, entry: usize) -> Split {
		self.sums.get(entry).map_or(Split::ZERO, |sum| sum.total())
	}

	/// Totals from `first` on.
	#[inline(always)]
	pub fn skip(&self, first: usize) -> impl Iterator<Item = Split> + '_ {
		self.sums.get(first..self.width).unwrap_or(&[]).iter().map(|sum| sum.total())
	}
}

/// Sums in two words, four positions per pass: the sums are loaded and stored once for all of them.
fn sum_split(
	sums: &mut [WrappedSum],
	positions: &[Position],
	arrays: &dyn ArraySource,
) -> Result<(), RiskError> {
	let mut fresh = true;
	for rows in positions.chunks(4) {
		let set = core::mem::take(&mut fresh);
		match rows {
			[a, b, c, d] => add(sums, &[*a, *b, *c, *d], arrays, set)?,
			[a, b, c] => add(sums, &[*a, *b, *c], arrays, set)?,
			[a, b] => add(sums, &[*a, *b], arrays, set)?,
			[a] => add(sums, &[*a], arrays, set)?,
			rows => add_computed(sums, rows, arrays, set)?,
		}
	}
	if fresh {
		sums.fill(WrappedSum::ZERO);
	}
	Ok(())
}

/// Adds positions to the sums, or sets the sums to them if these are the first.
fn add<const N: usize>(
	sums: &mut [WrappedSum],
	positions: &[Position; N],
	arrays: &dyn ArraySource,
	fresh: bool,
) -> Result<(), RiskError> {
	let nothing = NOTHING.get(..sums.len()).unwrap_or(&[]);
	let mut rows = [Row { lots: 0, entries: nothing }; N];
	for (row, position) in rows.iter_mut().zip(positions) {
		if position.lots == 0 {
			continue;
		}
		match arrays.stored(usize::from(position.series)) {
			Some(entries) if entries.len() == sums.len() => {
				*row = Row { lots: position.lots, entries };
			},
			Some(_) => return Err(RiskError::ArrayWidth),
			None => return add_computed(sums, positions, arrays, fresh),
		}
	}
	add_rows(sums, &rows, fresh);
	Ok(())
}

/// The same one by one, with room for an array that is computed.
fn add_computed(
	sums: &mut [WrappedSum],
	positions: &[Position],
	arrays: &dyn ArraySource,
	fresh: bool,
) -> Result<(), RiskError> {
	if fresh {
		sums.fill(WrappedSum::ZERO);
	}
	each_array(positions, arrays, sums.len(), |lots, entries| {
		add_rows(sums, &[Row { lots, entries }], false);
	})
}

/// Adds `lots * entry` of every row. Within [`SPLIT_GATE`] the upper words do not wrap.
fn add_rows<const N: usize>(sums: &mut [WrappedSum], rows: &[Row; N], fresh: bool) {
	// Known lengths spare the loop its bounds checks.
	if rows.iter().any(|row| row.entries.len() != sums.len()) {
		return;
	}
	for (index, sum) in sums.iter_mut().enumerate() {
		let mut total = if fresh { WrappedSum::ZERO } else { *sum };
		for row in rows {
			total.add(row.lots, row.entries.get(index).copied().unwrap_or(0));
		}
		*sum = total;
	}
}

/// The same with 128-bit sums: 128 positions of at most `2^40` lots times `2^63` stay below `2^111`.
fn sum_wide(
	sums: &mut [WrappedSum],
	positions: &[Position],
	arrays: &dyn ArraySource,
) -> Result<(), RiskError> {
	let mut totals: [Fine; MAX_WIDTH] = [0; MAX_WIDTH];
	each_array(positions, arrays, sums.len(), |lots, entries| {
		for (total, entry) in totals.iter_mut().zip(entries) {
			*total += i128::from(lots) * i128::from(*entry);
		}
	})?;
	for (sum, total) in sums.iter_mut().zip(totals) {
		let high = i64::try_from(total >> 32).map_err(|_| RiskError::BookTooLarge)?;
		*sum = WrappedSum { high, low: total as i64 };
	}
	Ok(())
}

fn each_array(
	positions: &[Position],
	arrays: &dyn ArraySource,
	width: usize,
	mut visit: impl FnMut(i64, &[i64]),
) -> Result<(), RiskError> {
	let mut scratch = [0; MAX_WIDTH];
	for position in positions.iter().filter(|position| position.lots != 0) {
		let entries = arrays.array(usize::from(position.series), &mut scratch)?;
		if entries.len() != width {
			return Err(RiskError::ArrayWidth);
		}
		visit(position.lots, entries);
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::super::RiskArrays;
	use super::*;
	use proptest::prelude::*;
	use proptest::test_runner::RngSeed;

	/// Arrays of the same entries that are not in memory.
	struct Computed<'a>(RiskArrays<'a>);

	impl ArraySource for Computed<'_> {
		fn array<'s>(
			&'s self,
			index: usize,
			scratch: &'s mut [i64; MAX_WIDTH],
		) -> Result<&'s [i64], RiskError> {
			let entries = self.0.get(index).ok_or(RiskError::ArrayWidth)?;
			let room = scratch.get_mut(..entries.len()).ok_or(RiskError::ArrayWidth)?;
			room.copy_from_slice(entries);
			Ok(room)
		}
	}

	/// Lots of any size and sign, often none; entries of any size and sign.
	fn position(bits: u32) -> impl Strategy<Value = (i64, [i64; 5])> {
		let lots = (any::<i64>(), 0..4u32).prop_map(move |(lots, kind)| match kind {
			0 => 0,
			_ => lots >> (63 - bits),
		});
		let entry = (any::<i64>(), 0..64u32).prop_map(|(entry, shift)| entry >> shift);
		(lots, proptest::array::uniform5(entry))
	}

	/// Books whose lots end in bits 20 to 40 stand on both sides of every gate.
	fn book() -> impl Strategy<Value = Vec<(i64, [i64; 5])>> {
		(20..=40u32).prop_flat_map(|bits| proptest::collection::vec(position(bits), 0..12))
	}

	proptest! {
		#![proptest_config(ProptestConfig {
			cases: 10_000,
			failure_persistence: None,
			rng_seed: RngSeed::Fixed(20_261_121),
			..ProptestConfig::default()
		})]

		#[test]
		fn totals_should_be_exact_on_both_sides_of_every_gate(book in book()) {
			let entries: Vec<i64> = book.iter().flat_map(|(_, entries)| *entries).collect();
			let positions: Vec<_> = (0u16..)
				.zip(&book)
				.map(|(series, (lots, _))| Position { series, lots: *lots })
				.collect();
			let exact: Vec<i128> = (0..5)
				.map(|entry| {
					book.iter().map(|(lots, of)| i128::from(*lots) * i128::from(of[entry])).sum()
				})
				.collect();
			let largest = exact.iter().map(|it| (it >> 32).unsigned_abs()).max().unwrap_or(0);
			let arrays = RiskArrays::new(&entries, 2);
			for source in [&arrays as &dyn ArraySource, &Computed(arrays)] {
				let mut totals = Totals::new();
				let summed = totals.sum(&positions, source, 5);
				if largest >= (MAX_SUBTOTAL >> 32).unsigned_abs() {
					prop_assert_eq!(summed, Err(RiskError::BookTooLarge));
					continue;
				}
				prop_assert_eq!(summed, Ok(()));
				let found: Vec<_> = totals.skip(0).map(Split::fine).collect();
				prop_assert_eq!(&found, &exact);
				prop_assert!(!totals.are_within(88) || largest < 1 << 56);
			}
		}
	}
}
