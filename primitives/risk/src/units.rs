// SPDX-License-Identifier: Apache-2.0
//! Units of amounts and of money, and the bounds inside which every formula of the crate is exact.

use crate::{ArgumentError, RiskError};

/// Whole lots of a market. A contract holds `lots_per_contract` of them; positive is long.
pub type Lots = i64;

/// Money of the ledger: millionths of a dollar.
pub type MicroUsd = i128;

/// Money inside one evaluation: pico-USD times lots. A dollar is `10^12 * lots_per_contract`.
///
/// A sum of lots times prices is exact in this unit, whatever the lot size.
pub(crate) type Fine = i128;

/// Billionths of a [`Fine`]: exact products of a `Fine` and a [`Ppb`].
pub(crate) type NanoFine = i128;

/// One in parts per billion.
pub(crate) const BILLION: i64 = 1_000_000_000;
const PICO_PER_MICRO: i128 = 1_000_000;

/// Largest number of lots of one position, order or perpetual: `2^40`.
pub const MAX_LOTS: Lots = 1 << 40;
/// Largest number of lots in one contract.
pub const MAX_LOTS_PER_CONTRACT: u32 = 1_000_000;
/// Largest amount of cash, profit or adjustment an evaluation takes: `10^18` micro-USD, a trillion dollars.
pub const MAX_MICRO_USD: MicroUsd = 1_000_000_000_000_000_000;
/// Bound of any subtotal of a book, in pico-USD times lots: below `2^90`, at least `-2^90`.
///
/// At 100 lots per contract that is 12 trillion dollars. A factor is below `2^34` parts per billion,
/// so its product with a weighted subtotal stays under `2^125` and no product in the crate can wrap.
pub const MAX_SUBTOTAL: i128 = 1 << 90;
/// Largest absolute value of a sum of charges, in billionths of that: `2^122`.
const MAX_NANO_SUBTOTAL: i128 = 1 << 122;
/// Longest time to expiry an evaluation takes: five years of 365 days.
pub const MAX_SECONDS: u32 = 5 * 365 * 86_400;
/// Most positions in one book or one underlying.
pub const MAX_LEGS: usize = 128;
/// Most expiries of one underlying.
pub const MAX_EXPIRIES: usize = 12;
/// Most scenarios in a grid.
pub const MAX_SCENARIOS: usize = 64;
/// Most open orders counted with one book.
pub const MAX_ORDERS: usize = 64;
/// Most collateral assets in one book.
pub const MAX_COLLATERAL: usize = 16;
/// Most underlyings of one standard-margin account.
pub const MAX_UNDERLYINGS: usize = 32;

/// A ratio in parts per billion: factors, rates, confidences, weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
	feature = "codec",
	derive(
		codec::Encode,
		codec::Decode,
		codec::DecodeWithMemTracking,
		codec::MaxEncodedLen,
		scale_info::TypeInfo
	)
)]
pub struct Ppb(pub i64);

impl Ppb {
	/// Nothing.
	pub const ZERO: Ppb = Ppb(0);
	/// The whole.
	pub const ONE: Ppb = Ppb(BILLION);

	/// `percent` hundredths.
	pub const fn percent(percent: i32) -> Ppb {
		Ppb(percent as i64 * 10_000_000)
	}

	pub(crate) fn wide(self) -> i128 {
		i128::from(self.0)
	}
}

/// The amount, if it is inside the range every formula assumes.
pub(crate) fn lots_in_range(lots: Lots) -> Result<i128, RiskError> {
	if (-MAX_LOTS..=MAX_LOTS).contains(&lots) {
		Ok(i128::from(lots))
	} else {
		Err(RiskError::Argument(ArgumentError::Lots))
	}
}

/// Exact conversion from the ledger's unit.
pub(crate) fn fine_from_micro(micro: MicroUsd, lots_per_contract: u32) -> Result<Fine, RiskError> {
	if !(-MAX_MICRO_USD..=MAX_MICRO_USD).contains(&micro) {
		return Err(RiskError::Argument(ArgumentError::Money));
	}
	// 10^18 * 10^6 * 10^6 < 2^100.
	subtotal(micro * PICO_PER_MICRO * i128::from(lots_per_contract))
}

/// Largest whole number of micro-USD not above `fine`.
pub(crate) fn micro_floor(fine: Fine, lots_per_contract: u32) -> MicroUsd {
	fine.div_euclid(PICO_PER_MICRO * i128::from(lots_per_contract.max(1)))
}

/// Smallest whole number of micro-USD not below `fine`.
pub(crate) fn micro_ceil(fine: Fine, lots_per_contract: u32) -> MicroUsd {
	-micro_floor(-fine, lots_per_contract)
}

/// Largest whole number of micro-USD not above `nano`.
pub(crate) fn micro_floor_nano(nano: NanoFine, lots_per_contract: u32) -> MicroUsd {
	micro_floor(floor_billionth(nano), lots_per_contract)
}

/// Smallest whole number of micro-USD not below `nano`.
pub(crate) fn micro_ceil_nano(nano: NanoFine, lots_per_contract: u32) -> MicroUsd {
	-micro_floor_nano(-nano, lots_per_contract)
}

/// The subtotal, if it is inside [`MAX_SUBTOTAL`].
#[inline(always)]
pub(crate) fn subtotal(fine: Fine) -> Result<Fine, RiskError> {
	// The upper word decides: 128-bit comparisons cost several times as much.
	const LIMIT: i64 = (MAX_SUBTOTAL >> 64) as i64;
	if (-LIMIT..LIMIT).contains(&((fine >> 64) as i64)) {
		Ok(fine)
	} else {
		Err(RiskError::BookTooLarge)
	}
}

/// The sum of charges, if it is small enough for a few of them to be added.
pub(crate) fn nano_subtotal(nano: NanoFine) -> Result<NanoFine, RiskError> {
	if (-MAX_NANO_SUBTOTAL..=MAX_NANO_SUBTOTAL).contains(&nano) {
		Ok(nano)
	} else {
		Err(RiskError::BookTooLarge)
	}
}

/// A subtotal times a number below `2^36` in size, or a sum of up to 16 subtotals times one below
/// `2^32`, without a call of the 128-bit product.
#[inline(always)]
pub(crate) fn times(fine: Fine, factor: i64) -> i128 {
	debug_assert!(factor.unsigned_abs() < 1 << 36);
	// fine = high 2^64 + low with |high| <= 2^26: high times factor stays within 2^62.
	let (high, low) = ((fine >> 64) as i64, fine as u64);
	let upper = i128::from(high.wrapping_mul(factor)) << 64;
	let (top, bottom) = crate::factor::mul_wide(low, factor.unsigned_abs());
	let rest = (u128::from(top) << 64 | u128::from(bottom)) as i128;
	if factor < 0 {
		upper - rest
	} else {
		upper + rest
	}
}

/// The exact product, if it fits and the second factor is below `2^64` in size: the checked 128-bit product is a slow
/// library call in WebAssembly.
pub(crate) fn product(wide: i128, lots: i128) -> Result<i128, RiskError> {
	let count = u64::try_from(lots.unsigned_abs()).map_err(|_| RiskError::BookTooLarge)?;
	let size = wide.unsigned_abs();
	let (carry, low) = crate::factor::mul_wide(size as u64, count);
	let (over, high) = crate::factor::mul_wide((size >> 64) as u64, count);
	let (high, wraps) = high.overflowing_add(carry);
	if over != 0 || wraps || high >> 63 != 0 {
		return Err(RiskError::BookTooLarge);
	}
	let product = (u128::from(high) << 64 | u128::from(low)) as i128;
	Ok(if (wide < 0) == (lots < 0) { product } else { -product })
}

/// Largest whole number not above `wide / 10^9`, for any size below `2^125`.
///
/// `10^9 = 2^9 5^9`: after a shift, three divisions by `5^9 < 2^21` in base `2^40` take the
/// place of a 128-bit one, which WebAssembly has as a slow library call only.
pub(crate) fn floor_billionth(wide: i128) -> i128 {
	const LOW: u64 = (1 << 40) - 1;
	// The floor of a negative number is one more than the ceiling of its size, negated.
	let negative = wide < 0;
	let size = ((if negative { !wide } else { wide }) >> 9) as u128;
	// size < 2^116: the top part is below 2^36; a remainder below 2^21 before 40 bits fits.
	let (top, middle, low) = ((size >> 80) as u64, (size >> 40) as u64 & LOW, size as u64 & LOW);
	let first = by_reciprocal(top);
	let carried = (top - first * DIVISOR) << 40 | middle;
	let second = by_reciprocal(carried);
	let third = by_reciprocal((carried - second * DIVISOR) << 40 | low);
	let quotient = (u128::from(first) << 80) + (u128::from(second) << 40) + u128::from(third);
	if negative {
		!(quotient as i128)
	} else {
		quotient as i128
	}
}

/// The same in one word.
#[inline(always)]
pub(crate) fn floor_billionth_word(word: i64) -> i64 {
	let negative = word < 0;
	let size = if negative { !word } else { word } as u64;
	// size / 2^9 < 2^54.
	let quotient = by_reciprocal(size >> 9) as i64;
	if negative {
		!quotient
	} else {
		quotient
	}
}

/// `5^9`.
const DIVISOR: u64 = 1_953_125;

/// `word / 5^9` for `word < 2^61` by a product: with `M = floor(2^84 / 5^9) + 1`, `M 5^9` exceeds
/// `2^84` by at most `5^9 < 2^21`, and `2^21 * 2^61 < 2^84` leaves the floor exact.
#[inline(always)]
fn by_reciprocal(word: u64) -> u64 {
	const RECIPROCAL: u64 = ((1u128 << 84) / DIVISOR as u128 + 1) as u64;
	crate::factor::mul_wide(word, RECIPROCAL).0 >> 20
}

/// Smallest whole number not below `wide / 10^9`.
pub(crate) fn ceil_billionth(wide: i128) -> i128 {
	-floor_billionth(-wide)
}

pub(crate) fn lots_per_contract_in_range(lots_per_contract: u32) -> Result<u32, RiskError> {
	if (1..=MAX_LOTS_PER_CONTRACT).contains(&lots_per_contract) {
		Ok(lots_per_contract)
	} else {
		Err(RiskError::Argument(ArgumentError::LotsPerContract))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn products_should_be_exact_or_too_large() {
		let mut word = 0x9e37_79b9_7f4a_7c15u64;
		let mut next = |bits: u32| {
			word = word.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
			i128::from(word >> (64 - bits)) - (1 << (bits - 1))
		};
		for bits in 1..=64 {
			for _ in 0..500 {
				let wide = (next(bits) << (bits - 1)) + next(64);
				let lots = next(bits);
				for (wide, lots) in
					[(wide, lots), (wide, 0), (0, lots), (i128::MAX, lots), (1, lots)]
				{
					let expected = wide.checked_mul(lots).ok_or(RiskError::BookTooLarge);
					assert_eq!(product(wide, lots), expected, "{wide} {lots}");
				}
			}
		}
		assert_eq!(product(1, 1 << 64), Err(RiskError::BookTooLarge));
	}

	#[test]
	fn billionths_should_be_exact_floors() {
		let mut number: i128 = 1;
		for step in 0..4_000i128 {
			for wide in [number, number - 1, number / 7, number ^ (step << 60)] {
				for wide in [wide, -wide] {
					assert_eq!(floor_billionth(wide), wide.div_euclid(1_000_000_000), "{wide}");
					assert_eq!(ceil_billionth(wide), -(-wide).div_euclid(1_000_000_000), "{wide}");
				}
			}
			for word in [number as i64, (number >> 60) as i64, -((number >> 70) as i64)] {
				assert_eq!(floor_billionth_word(word), word.div_euclid(BILLION), "{word}");
			}
			number = (number * 3 + step) & ((1 << 125) - 1);
		}
		for wide in [1_000_000_000i128, 999_999_999, 0, 1 << 125, -(1 << 125), -1] {
			assert_eq!(floor_billionth(wide), wide.div_euclid(1_000_000_000));
		}
	}
}
