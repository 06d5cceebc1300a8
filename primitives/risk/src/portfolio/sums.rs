// SPDX-License-Identifier: Apache-2.0
//! Exact sums of lots times array entries.

use super::account::{ArraySource, MAX_WIDTH};
use crate::units::{Fine, MAX_SUBTOTAL};
use crate::{Position, RiskError};

/// Totals of one expiry, entry by entry: `high 2^32 + low` pico-USD times lots.
pub(super) struct Totals {
	high: [i64; MAX_WIDTH],
	low: [i64; MAX_WIDTH],
	scratch: [i64; MAX_WIDTH],
}

/// Sum of absolute lots under which two 64-bit sums of half entries cannot wrap: `2^31 - 1`.
///
/// An entry is `high 2^32 + low` with `|high| <= 2^31` and `0 <= low < 2^32`; the sum of
/// `lots * high` stays within `2^62` and that of `lots * low` below `2^63`.
const SPLIT_GATE: i128 = (1 << 31) - 1;

impl Totals {
	/// Room for the totals of one expiry after another.
	pub fn new() -> Self {
		Self { high: [0; MAX_WIDTH], low: [0; MAX_WIDTH], scratch: [0; MAX_WIDTH] }
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
		let gross: i128 = held(positions).map(|it| i128::from(it.lots.unsigned_abs())).sum();
		if gross <= SPLIT_GATE {
			self.sum_split(positions, arrays, width)?;
		} else {
			self.sum_wide(positions, arrays, width)?;
		}
		let inside = |high: &i64| high.unsigned_abs() < (MAX_SUBTOTAL >> 32) as u64;
		// `low` was carried into `high`, so that `high` alone tells the size.
		if self.high.iter().take(width).all(inside) {
			Ok(())
		} else {
			Err(RiskError::BookTooLarge)
		}
	}

	/// The total of one entry.
	#[inline(always)]
	pub fn get(&self, entry: usize) -> Fine {
		let high = self.high.get(entry).copied().unwrap_or(0);
		let low = self.low.get(entry).copied().unwrap_or(0);
		i128::from(high) << 32 | i128::from(low)
	}

	/// Totals from `first` on.
	#[inline(always)]
	pub fn skip(&self, first: usize) -> impl Iterator<Item = Fine> + '_ {
		let pairs = self.high.iter().zip(&self.low).skip(first);
		pairs.map(|(high, low)| i128::from(*high) << 32 | i128::from(*low))
	}

	fn sum_split(
		&mut self,
		positions: &[Position],
		arrays: &dyn ArraySource,
		width: usize,
	) -> Result<(), RiskError> {
		let (high, low) = (self.high.get_mut(..width), self.low.get_mut(..width));
		let (Some(high), Some(low)) = (high, low) else { return Err(RiskError::ArrayWidth) };
		let mut held = held(positions);
		let Some(first) = held.next() else {
			high.fill(0);
			low.fill(0);
			return Ok(());
		};
		// The first position sets the sums, so that nothing needs to be cleared.
		let array = entries(arrays, first, width, &mut self.scratch)?;
		for ((high, low), entry) in high.iter_mut().zip(low.iter_mut()).zip(array) {
			*high = first.lots.wrapping_mul(entry >> 32);
			*low = first.lots.wrapping_mul(entry & LOW);
		}
		for position in held {
			let array = entries(arrays, position, width, &mut self.scratch)?;
			for ((high, low), entry) in high.iter_mut().zip(low.iter_mut()).zip(array) {
				// Within SPLIT_GATE neither product nor sum can wrap.
				*high = high.wrapping_add(position.lots.wrapping_mul(entry >> 32));
				*low = low.wrapping_add(position.lots.wrapping_mul(entry & LOW));
			}
		}
		for (high, low) in high.iter_mut().zip(low.iter_mut()) {
			*high = high.wrapping_add(*low >> 32);
			*low &= LOW;
		}
		Ok(())
	}

	/// The same with 128-bit sums: 128 positions of at most `2^40` lots times `2^63` stay below `2^111`.
	fn sum_wide(
		&mut self,
		positions: &[Position],
		arrays: &dyn ArraySource,
		width: usize,
	) -> Result<(), RiskError> {
		let mut totals = [0i128; MAX_WIDTH];
		for position in held(positions) {
			let array = entries(arrays, position, width, &mut self.scratch)?;
			for (total, entry) in totals.iter_mut().zip(array) {
				*total += i128::from(position.lots) * i128::from(*entry);
			}
		}
		let pairs = self.high.iter_mut().zip(&mut self.low);
		for ((high, low), total) in pairs.zip(totals).take(width) {
			*high = i64::try_from(total >> 32).map_err(|_| RiskError::BookTooLarge)?;
			*low = total as i64 & LOW;
		}
		Ok(())
	}
}

const LOW: i64 = 0xffff_ffff;

fn held(positions: &[Position]) -> impl Iterator<Item = &Position> {
	positions.iter().filter(|position| position.lots != 0)
}

#[inline]
fn entries<'s>(
	arrays: &'s dyn ArraySource,
	position: &Position,
	width: usize,
	scratch: &'s mut [i64; MAX_WIDTH],
) -> Result<&'s [i64], RiskError> {
	let entries = arrays.array(usize::from(position.series), scratch)?;
	if entries.len() == width {
		Ok(entries)
	} else {
		Err(RiskError::ArrayWidth)
	}
}
