// SPDX-License-Identifier: Apache-2.0
//! Constructors, operations and elementary functions on any bits.
#![no_main]

mod words;

use ballast_pricing::{
	discount_factor, exp, exp_negative, hypotenuse, ln, ln_ratio, normal, pow, sqrt, Discount,
	Fixed, Price, Real, Time, Unit,
};
use libfuzzer_sys::fuzz_target;
use words::Words;

fuzz_target!(|data: &[u8]| {
	let mut words = Words(data);
	let (x, y, price, other, time) =
		(words.real(), words.real(), words.price(), words.price(), words.time());
	let (a, b) = (words.word(), words.word());
	let sum = normal::cdf(x).to_bits() + normal::cdf(x.saturating_neg()).to_bits();
	assert_eq!(sum, Unit::ONE.to_bits());
	assert!(normal::density(x) >= Unit::ZERO);
	let _ = (ln(x), exp(x), pow(x, y), hypotenuse(x, y));
	if let Ok(root) = sqrt(x) {
		let square = i128::from(root.to_bits()).pow(2) - (i128::from(x.to_bits()) << 56);
		assert!(
			square.abs()
				<= (4 + (i128::from(root.to_bits()) >> 57)) * i128::from(root.to_bits().max(1))
		);
	}
	let discount = discount_factor(x, time);
	assert!(discount >= Discount::ZERO && discount <= Discount::ONE);
	assert!(exp_negative(y) <= Unit::ONE);
	let _ = (
		x.checked_add(y),
		x.checked_sub(y),
		x.checked_mul(y),
		x.checked_div(y),
		x.to_ppb(),
		x.rescale::<1>(),
	);
	let _ = (
		Real::from_ratio(a, b),
		Real::from_ppb(a),
		Real::from_decimal(a, b as u32),
		Fixed::<1>::from_ratio(a, b),
	);
	let _ = (
		Price::from_pico_usd(a),
		Price::from_micro_usd(a),
		Price::from_usd(a),
		Time::from_seconds(a as u64),
	);
	let _ = (
		ln_ratio(price, other),
		price.scale(x),
		price.discount(Discount::from_bits(a)),
		price.checked_add(other),
	);
});
