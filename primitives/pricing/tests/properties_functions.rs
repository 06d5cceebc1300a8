// SPDX-License-Identifier: Apache-2.0
//! Properties of the elementary functions, and a second opinion on them: `fixed_analytics`.

mod common;

use ballast_pricing::{
	discount_factor, exp, exp_negative, hypotenuse, ln, normal, pow, sqrt, Fixed, Real, Time, Unit,
};
use common::seeded;
use fixed::types::I64F64;
use proptest::prelude::*;

fn wide(x: Real) -> I64F64 {
	I64F64::from_bits(i128::from(x.to_bits()) << 8)
}

/// Difference in units of 2^-64.
fn apart(found: Real, exact: I64F64) -> i128 {
	(wide(found).to_bits() - exact.to_bits()).abs()
}

proptest! {
	#![proptest_config(seeded(3))]

	#[test]
	fn both_tails_should_add_up_to_one(
		x in prop_oneof![any::<i64>(), -9i64 << 56..9 << 56, -2i64..=2],
	) {
		let x = Real::from_bits(x);
		let sum = normal::cdf(x).to_bits() + normal::cdf(x.saturating_neg()).to_bits();
		prop_assert_eq!(sum, Unit::ONE.to_bits());
	}

	#[test]
	fn cdf_should_rise(x in -9i64 << 56..9 << 56, step in 0i64..1 << 56) {
		let (low, high) = (normal::cdf(Real::from_bits(x)), normal::cdf(Real::from_bits(x + step)));
		// 3e-15 of both values.
		prop_assert!(high.to_bits() >= low.to_bits() - (1 << 14));
	}

	#[test]
	fn density_should_be_even_and_below_its_peak(x in any::<i64>()) {
		let x = Real::from_bits(x);
		prop_assert_eq!(normal::density(x), normal::density(x.saturating_neg()));
		prop_assert!(normal::density(x) <= normal::density(Real::ZERO));
	}

	#[test]
	fn ln_should_agree_with_fixed_analytics(x in 1i64..) {
		let x = Real::from_bits(x);
		let exact = fixed_analytics::ln(wide(x)).expect("above zero");
		// 2^-56.4 is 194 units; the other library may be off as well.
		prop_assert!(apart(ln(x).expect("above zero"), exact) <= 200);
	}

	#[test]
	fn exp_should_agree_with_fixed_analytics(x in -38i64 << 56..(4 << 56)) {
		let x = Real::from_bits(x);
		let exact = fixed_analytics::exp(wide(x));
		prop_assert!(apart(exp(x).expect("in range"), exact) <= 130 + (exact.to_bits() >> 56));
	}

	#[test]
	fn sqrt_should_agree_with_fixed_analytics(x in 0i64..) {
		let x = Real::from_bits(x);
		let exact = fixed_analytics::sqrt(wide(x)).expect("not negative");
		prop_assert!(apart(sqrt(x).expect("not negative"), exact) <= 258 + (exact.to_bits() >> 57));
	}

	#[test]
	fn hypotenuse_should_agree_with_sqrt(x in any::<i64>()) {
		let x = Real::from_bits(x);
		let found = hypotenuse(x, Real::ZERO);
		prop_assert!(
			(found.to_bits() as i128 - i128::from(x.saturating_abs().to_bits())).abs() <= 65
		);
	}

	#[test]
	fn exp_should_undo_ln(x in 1i64 << 20..) {
		let x = Real::from_bits(x);
		let back = exp(ln(x).expect("above zero")).map_or(Real::MAX, |back| back);
		// Errors of the logarithm are relative errors of the result.
		prop_assert!((back.to_bits() - x.to_bits()).abs() <= 2 + (x.to_bits() >> 55));
	}

	#[test]
	fn exp_negative_should_agree_with_exp(x in 0i64..) {
		let x = Real::from_bits(x);
		let coarse = exp(x.saturating_neg()).expect("below one");
		prop_assert!((exp_negative(x).to_bits() - (coarse.to_bits() << 6)).abs() <= 64);
	}

	#[test]
	fn discounts_should_agree_with_fixed_analytics(
		x in 0i64..40 << 56,
		rate in 0i64..1 << 55,
		millis in 0u64..3_000_000_000_000,
	) {
		let x = Real::from_bits(x);
		let exact = fixed_analytics::exp(-wide(x));
		let finer = |found: Unit| i128::from(found.to_bits()) << 2;
		// 2^-57, and the other library's own last places.
		prop_assert!((finer(exp_negative(x)) - exact.to_bits()).abs() <= 128 + 4);
		let (rate, time) = (Real::from_bits(rate), Time::from_millis(millis).expect("in range"));
		// rate * millis < 2^55 2^42: exact in 128 bits, then years with 64 fraction bits.
		let exponent = ((i128::from(rate.to_bits()) * i128::from(millis)) << 8) / 31_536_000_000;
		let exact = fixed_analytics::exp(-I64F64::from_bits(exponent));
		prop_assert!((finer(discount_factor(rate, time)) - exact.to_bits()).abs() <= 512);
	}

	#[test]
	fn pow_should_agree_with_repeated_products(x in 1i64 << 50..1i64 << 57) {
		let x = Real::from_bits(x);
		let cube = x.checked_mul(x).and_then(|square| square.checked_mul(x)).expect("at most 8");
		let found = pow(x, Real::from_int(3).expect("in range")).expect("in range");
		prop_assert!((found.to_bits() - cube.to_bits()).abs() <= 8 + (cube.to_bits() >> 53));
		prop_assert_eq!(pow(x, Real::ZERO), Ok(Real::ONE));
	}

	#[test]
	fn sqrt_of_time_should_be_the_root_of_the_years(millis in 0u64..=100 * 365 * 86_400_000) {
		let time = Time::from_millis(millis).expect("in range");
		let exact = (((u128::from(millis) << 57) / 31_536_000_000 + 1) >> 1) as i64;
		prop_assert!((time.years().to_bits() - exact).abs() <= 1);
		// The root carries more bits than the years: at one millisecond the years have 20.
		let root = i128::from(time.sqrt_years().to_bits());
		let wanted = (i128::from(millis) << 85) / 31_536_000_000;
		let allowed = (wanted >> 57) + ((2 * root) >> 27) + 2;
		prop_assert!((((root * root) >> 27) - wanted).abs() <= allowed);
	}

	#[test]
	fn products_and_quotients_should_be_exact_to_nearest(a in any::<i64>(), b in any::<i64>()) {
		let (x, y) = (Real::from_bits(a), Unit::from_bits(b));
		let exact = i128::from(a) * i128::from(b);
		match x.checked_mul(y) {
			Ok(found) => {
				prop_assert!(((i128::from(found.to_bits()) << 62) - exact).abs() <= 1 << 61)
			},
			Err(_) => prop_assert!(exact.abs() >> 62 >= i128::from(i64::MAX)),
		}
		if let Ok(found) = x.checked_div(y) {
			let back = i128::from(found.to_bits()) * i128::from(b);
			prop_assert!(2 * (back - (i128::from(a) << 62)).abs() <= i128::from(b).abs());
		}
		let rescaled: Fixed<40> = x.rescale().expect("coarser");
		prop_assert!(((rescaled.to_bits() << 16) as i128 - i128::from(a)).abs() <= 1 << 15);
	}
}
