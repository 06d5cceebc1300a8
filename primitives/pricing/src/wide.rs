// SPDX-License-Identifier: Apache-2.0
//! Products wider than a word, by 32-bit partial products.
//!
//! WebAssembly has no 64x64 -> 128 product; the compiler calls a library function for `i128`
//! products. The functions here stay inline. Natively the same code runs, for the same bits.

const LOW: u64 = 0xffff_ffff;

/// Exact product as (high word, low word).
#[inline(always)]
pub const fn mul_wide(a: u64, b: u64) -> (u64, u64) {
	let (a1, a0) = (a >> 32, a & LOW);
	let (b1, b0) = (b >> 32, b & LOW);
	let low = a0 * b0;
	// (2^32 - 1)^2 + 2 (2^32 - 1) = 2^64 - 1: no sum below wraps.
	let middle = a1 * b0 + (low >> 32);
	let cross = a0 * b1 + (middle & LOW);
	(a1 * b1 + (middle >> 32) + (cross >> 32), (cross << 32) | (low & LOW))
}

/// High word of the product, up to 2 too small: `a b / 2^64 - 3 < result <= a b / 2^64`.
#[inline(always)]
pub const fn mul_high_signed(a: i64, b: i64) -> i64 {
	let (a1, a0) = (a >> 32, a & LOW as i64);
	let (b1, b0) = (b >> 32, b & LOW as i64);
	// |a1|, |b1| <= 2^31 and a0, b0 < 2^32: each product stays within 2^63, the sum within 2^63.
	a1 * b1 + ((a1 * b0) >> 32) + ((a0 * b1) >> 32)
}

/// High word of the product, up to 2 too small.
#[inline(always)]
pub const fn mul_high(a: u64, b: u64) -> u64 {
	let (a1, a0) = (a >> 32, a & LOW);
	let (b1, b0) = (b >> 32, b & LOW);
	a1 * b1 + ((a1 * b0) >> 32) + ((a0 * b1) >> 32)
}

/// `2^127 / divisor` for a divisor with its top bit set, within 8 of the exact quotient and capped
/// at `2^64 - 1`. One 64-bit division and one Newton step.
#[inline(always)]
pub const fn reciprocal(divisor: u64) -> u64 {
	let divisor = divisor | 1 << 63;
	let (high, low) = (divisor >> 32, divisor & LOW);
	// 2^31 <= high < 2^32, hence 2^31 <= seed < 2^32, at most 2^-30 off (relative).
	let seed = (u64::MAX >> 1) / high;
	let product = high * seed + ((low * seed) >> 32);
	// |residue| <= 2^33, shifted by 2 so that the product with the seed stays within 63 bits.
	let residue = (1u64 << 63).wrapping_sub(product) as i64;
	let correction = (seed as i64 * (residue >> 2)) >> 29;
	(seed << 32).saturating_add_signed(correction)
}

/// Square root of `high 2^64 + low`, relative error below 2^-59, then rounded down.
#[inline]
pub const fn sqrt_wide(high: u64, low: u64) -> u64 {
	let zeros = if high != 0 { high.leading_zeros() } else { 64 + low.leading_zeros() };
	if zeros == 128 {
		return 0;
	}
	// An even shift puts the leading bit at 127 or 126: the root then has 64 bits.
	let shift = zeros & !1;
	let top = if shift == 0 {
		high
	} else if shift < 64 {
		high << shift | low >> (64 - shift)
	} else {
		low << (shift - 64)
	};
	sqrt_normalised(top) >> (shift / 2)
}

/// `sqrt(top 2^64)` for `top >= 2^62`, relative error below 2^-59.
#[inline]
const fn sqrt_normalised(top: u64) -> u64 {
	use crate::tables::square_root::SEED;
	// top = m 2^62 with m in [1, 4); 1/64 in m is bit 56.
	let row = SEED[((top >> 56) as usize).saturating_sub(64) % SEED.len()];
	let part = (top >> 24) & LOW;
	let seed = (row[0] as u64 - ((row[1] as u64 * part) >> 32)) << 1;
	let r = newton(seed, top);
	// root = m r with 62 fraction bits; its remainder then squares the error: 2^-60.
	let root = mul_high(top, r << 32);
	let square = mul_high(root << 1, root << 1);
	let remainder = top.wrapping_sub(square) as i64;
	let correction = mul_high_signed(remainder << 16, (r << 30) as i64) >> 15;
	let root = root.saturating_add_signed(correction);
	if root >= 1 << 63 {
		u64::MAX
	} else {
		root << 1
	}
}

/// One Newton step for `1 / sqrt(m)` with 32 fraction bits, from 2^-16.4 to 2^-30.5 (relative),
/// rounding included. The result is below 2^32.
#[inline(always)]
const fn newton(r: u64, top: u64) -> u64 {
	// r < 2^32: its square fits a word; m r^2 has 62 fraction bits and is within 2^-15 of one.
	let residue = (1i64 << 62).wrapping_sub(mul_high(r * r, top) as i64);
	let refined = r.saturating_add_signed((r as i64 * (residue >> 16)) >> 47);
	if refined >> 32 == 0 {
		refined
	} else {
		LOW
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	proptest! {
		#![proptest_config(ProptestConfig {
			cases: 10_000,
			rng_seed: proptest::test_runner::RngSeed::Fixed(4),
			failure_persistence: None,
			..Default::default()
		})]

		#[test]
		fn products_should_match_128_bits(a in any::<u64>(), b in any::<u64>()) {
			let exact = u128::from(a) * u128::from(b);
			let (high, low) = mul_wide(a, b);
			prop_assert_eq!(u128::from(high) << 64 | u128::from(low), exact);
			prop_assert!(high - mul_high(a, b) <= 2);
			let exact = ((i128::from(a as i64) * i128::from(b as i64)) >> 64) as i64;
			prop_assert!((0..=2).contains(&(exact - mul_high_signed(a as i64, b as i64))));
		}

		#[test]
		fn reciprocal_should_be_within_8(divisor in 1u64 << 63..) {
			let exact = ((1u128 << 127) / u128::from(divisor)).min(u128::from(u64::MAX));
			prop_assert!((exact as i128 - i128::from(reciprocal(divisor))).abs() <= 8);
		}

		#[test]
		fn root_should_keep_59_bits(high in any::<u64>(), low in any::<u64>(), zeros in 0u32..128) {
			let exact = (u128::from(high) << 64 | u128::from(low)) >> zeros;
			let root = u128::from(sqrt_wide((exact >> 64) as u64, exact as u64));
			// Rounded down, and the relative error rounded up.
			let allowed = 2 + (root >> 59);
			let (below, above) = (root.saturating_sub(allowed), root + allowed);
			prop_assert!(below * below <= exact);
			prop_assert!(above.checked_mul(above).is_none_or(|square| square >= exact));
		}
	}

	#[test]
	fn extremes() {
		assert_eq!(sqrt_wide(0, 0), 0);
		assert!(u64::MAX - sqrt_wide(u64::MAX, u64::MAX) <= 1 << 5);
		for divisor in [1 << 63, (1 << 63) + 1, u64::MAX, u64::MAX - 1, 0xffff_ffff << 32] {
			let exact = ((1u128 << 127) / u128::from(divisor)).min(u128::from(u64::MAX));
			assert!((exact as i128 - i128::from(reciprocal(divisor))).abs() <= 8);
		}
		// Smallest and largest words of each sign meet the bounds written in the products.
		for a in [i64::MIN, -1, 0, 1, i64::MAX] {
			for b in [i64::MIN, -1, 0, 1, i64::MAX] {
				let exact = ((i128::from(a) * i128::from(b)) >> 64) as i64;
				assert!((0..=2).contains(&(exact - mul_high_signed(a, b))));
			}
		}
	}
}
