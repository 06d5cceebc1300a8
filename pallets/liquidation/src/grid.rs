// SPDX-License-Identifier: Apache-2.0
//! The grids on which triggers lie: a geometric one for prices, an even one for drift.
//!
//! A trigger is rounded to its cell, and the whole cell counts as reached: that brings a look forward,
//! never back.

use ballast_exchange::Price;

/// Bits of a price below its leading one that make its cell: 8,192 cells in each doubling, each 0.006 % to
/// 0.012 % wide, which is how far spot moves in a block of an ordinary market. Books of which one leg hedges the other have
/// triggers within some tenths of a percent: in wider cells many come due at once, and are due again at once.
const MANTISSA_BITS: u32 = 13;

/// Cells of price within which spot counts as standing where it was: 0.05 % to 0.1 %.
const STILL_CELLS: u64 = 8;

/// Whether spot counts as standing where it was.
pub fn stands_still(last: u64, now: u64) -> bool {
	last.abs_diff(now) < STILL_CELLS
}

/// Width of a cell of drift, parts per billion: 0.01 %.
pub const DRIFT_CELL_PPB: u64 = 100_000;

/// Cell of a price. Never falls as the price rises.
pub fn price_cell(price: Price) -> u64 {
	// A price is above zero; zero would lie in the lowest cell.
	let pico = price.pico_usd().max(1).unsigned_abs();
	let exponent = pico.ilog2();
	let mantissa = if exponent >= MANTISSA_BITS {
		pico >> (exponent - MANTISSA_BITS)
	} else {
		pico << (MANTISSA_BITS - exponent)
	};
	let cells = 1 << MANTISSA_BITS;
	u64::from(exponent) * cells + (mantissa & (cells - 1))
}

/// The lowest price of a cell, pico-USD, or the highest price there is; of the lowest cells, which hold no whole
/// price, the next below.
pub fn cell_start(cell: u64) -> u64 {
	let (exponent, mantissa) = (cell >> MANTISSA_BITS, cell & ((1 << MANTISSA_BITS) - 1));
	if exponent >= 63 {
		return i64::MAX.unsigned_abs();
	}
	let mantissa = (1 << MANTISSA_BITS) | mantissa;
	let bits = u64::from(MANTISSA_BITS);
	if exponent >= bits {
		// Below 2^11 times 2^52.
		mantissa << (exponent - bits)
	} else {
		mantissa >> (bits - exponent)
	}
}

/// Cell of an odometer, parts per billion.
pub const fn drift_cell(odometer_ppb: u64) -> u64 {
	odometer_ppb / DRIFT_CELL_PPB
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	const MOST: i64 = 8_000_000_000_000_000_000;

	fn pico(pico: i64) -> Price {
		Price::from_pico_usd(pico).unwrap()
	}

	#[test]
	fn price_cell_should_be_narrow_when_the_price_is_a_usual_one() {
		for dollars in [1i64, 7, 63, 4_000, 99_999, 1_000_000] {
			let price = dollars * 1_000_000_000_000;
			let wide = price_cell(pico(price + price / 100)) - price_cell(pico(price));
			assert!((80..=160).contains(&wide), "{dollars}: a percent is {wide} cells");
			let narrow = price_cell(pico(price + price / 1_000)) - price_cell(pico(price));
			assert!(narrow <= 17, "{dollars}: a thousandth is {narrow} cells");
		}
	}

	#[test]
	fn price_cell_should_be_total_when_the_price_is_extreme() {
		assert_eq!(price_cell(pico(0)), price_cell(pico(1)));
		assert_eq!(price_cell(pico(1)), 0);
		assert_eq!(price_cell(Price::MAX), 62 * 8_192 + 6_018);
	}

	#[test]
	fn drift_cell_should_round_down() {
		assert_eq!(drift_cell(DRIFT_CELL_PPB - 1), 0);
		assert_eq!(drift_cell(DRIFT_CELL_PPB), 1);
		assert_eq!(drift_cell(u64::MAX), u64::MAX / DRIFT_CELL_PPB);
	}

	#[test]
	fn cell_start_should_be_the_lowest_price_of_its_cell() {
		for dollars in [1i64, 7, 63, 4_000, 99_999, 1_000_000] {
			let cell = price_cell(pico(dollars * 1_000_000_000_000));
			let start = cell_start(cell) as i64;
			assert_eq!((price_cell(pico(start)), price_cell(pico(start - 1))), (cell, cell - 1));
		}
		assert_eq!((cell_start(0), cell_start(u64::MAX)), (1, i64::MAX as u64));
	}

	proptest! {
		#[test]
		fn price_cell_should_never_fall_when_the_price_rises(a in 1..MOST, b in 1..MOST) {
			let (low, high) = (a.min(b), a.max(b));
			prop_assert!(price_cell(pico(low)) <= price_cell(pico(high)));
			prop_assert!(price_cell(pico(low)) <= price_cell(pico((low + (low >> 9)).min(MOST))));
		}
	}
}
