// SPDX-License-Identifier: Apache-2.0
//! SVI slices: validation, clamp, and the arbitrage checks.

mod common;

use ballast_pricing::{arbitrage, Error, PreparedSlice, Price, Real, SviSlice};
use common::{price, real, seeded};
use proptest::prelude::*;

fn slice(parameters: [&str; 5], forward: &str, tau: &str) -> Result<SviSlice, Error> {
	let [a, b, rho, m, sigma] = parameters.map(real);
	SviSlice::new(a, b, rho, m, sigma, price(forward), real(tau))
}

fn prepared(parameters: [&str; 5], tau: &str) -> PreparedSlice {
	slice(parameters, "100", tau).and_then(|slice| slice.prepare()).expect("a valid slice")
}

fn strikes() -> Vec<Price> {
	(40..=250).step_by(5).map(|usd| Price::from_usd(usd).expect("in range")).collect()
}

#[test]
fn each_parameter_out_of_its_range_should_have_its_own_error() {
	let at = |parameters| slice(parameters, "100", "0.25").err();
	assert_eq!(at(["0.04", "0.1", "-0.3", "0", "0.2"]), None);
	assert_eq!(at(["17", "0.1", "-0.3", "0", "0.2"]), Some(Error::SviParameterOutOfRange));
	assert_eq!(at(["0.04", "-0.1", "-0.3", "0", "0.2"]), Some(Error::SviWingNegative));
	assert_eq!(at(["0.04", "0.1", "-1", "0", "0.2"]), Some(Error::SviCorrelationOutOfRange));
	assert_eq!(at(["0.04", "0.1", "1", "0", "0.2"]), Some(Error::SviCorrelationOutOfRange));
	assert_eq!(at(["0.04", "0.1", "-0.3", "0", "0"]), Some(Error::SviSmoothnessNotPositive));
	assert_eq!(at(["-0.04", "0.1", "-0.3", "0", "0.2"]), Some(Error::SviMinimumVarianceNegative));
	let good = ["0.04", "0.1", "-0.3", "0", "0.2"];
	assert_eq!(slice(good, "0", "0.25").err(), Some(Error::SviForwardNotPositive));
	assert_eq!(slice(good, "100", "0").err(), Some(Error::SviTimeNotPositive));
}

#[test]
fn a_good_slice_should_pass_the_butterfly_check() {
	let slice = prepared(["0.04", "0.1", "-0.3", "0", "0.2"], "0.25");
	assert_eq!(arbitrage::butterfly(&slice, &strikes()), Ok(()));
}

#[test]
fn the_kink_of_the_clamp_should_not_fail_the_butterfly_check() {
	// 4 sqrt(a + b sigma) = 0.833: pricing clamps below a strike of 43.5.
	let slice = prepared(["0.0245", "0.1094", "-0.415", "-0.119", "0.1724"], "0.1");
	assert_eq!(arbitrage::butterfly(&slice, &strikes()), Ok(()));
	let [below, at] = ["20", "40"].map(|strike| slice.vol(price(strike)).expect("in range"));
	assert_eq!(below, at);
}

#[test]
fn steep_wings_should_fail_the_butterfly_check() {
	// b (1 + |rho|) = 5.4 > 4: total variance grows faster than 2 |k|, against Lee's bound.
	let slice = prepared(["0.0", "3", "0.8", "0", "0.05"], "0.25");
	assert!(matches!(
		arbitrage::butterfly(&slice, &strikes()),
		Err(Error::ButterflyArbitrage { .. })
	));
}

#[test]
fn a_sharp_kink_should_fail_the_butterfly_check() {
	// The example of Axel Vogt: all wings fine, yet a negative density near k = 0.8.
	let slice = prepared(["-0.0410", "0.1331", "0.3060", "0.3586", "0.4153"], "1");
	let strikes: Vec<_> =
		(100..=400).step_by(5).map(|usd| Price::from_usd(usd).expect("in range")).collect();
	let found = arbitrage::butterfly(&slice, &strikes);
	let Err(Error::ButterflyArbitrage { strike }) = found else { panic!("{found:?}") };
	assert!(
		strike > Price::from_usd(150).expect("in range")
			&& strike < Price::from_usd(350).expect("in range")
	);
}

#[test]
fn strikes_out_of_order_should_be_an_error() {
	let slice = prepared(["0.04", "0.1", "-0.3", "0", "0.2"], "0.25");
	let (low, high) =
		(Price::from_usd(90).expect("in range"), Price::from_usd(110).expect("in range"));
	assert_eq!(arbitrage::butterfly(&slice, &[high, low]), Err(Error::StrikesNotIncreasing));
	assert_eq!(arbitrage::butterfly(&slice, &[low, low]), Err(Error::StrikesNotIncreasing));
	assert_eq!(arbitrage::butterfly(&slice, &[Price::ZERO]), Err(Error::StrikeNotPositive));
}

#[test]
fn less_variance_later_should_fail_the_calendar_check() {
	let earlier = prepared(["0.04", "0.1", "-0.3", "0", "0.2"], "0.25");
	let later = prepared(["0.05", "0.1", "-0.3", "0", "0.2"], "0.35");
	assert_eq!(arbitrage::calendar(&earlier, &later, &strikes()), Ok(()));
	assert_eq!(arbitrage::calendar(&earlier, &earlier, &strikes()), Ok(()));
	let strike = strikes()[0];
	assert_eq!(
		arbitrage::calendar(&later, &earlier, &strikes()),
		Err(Error::CalendarArbitrage { strike })
	);
}

proptest! {
	#![proptest_config(seeded(6))]

	/// A flat smile is Black-76 itself: never an arbitrage, at any level, on any strikes.
	#[test]
	fn a_flat_slice_should_pass_every_check(
		level in 1i64 << 36..1i64 << 57,
		more in 0i64..1 << 50,
		forward in 1_000_000i64..1_000_000_000_000,
		first in 1i64..1_000_000_000_000,
		steps in prop::array::uniform8(1i64..1_000_000_000),
	) {
		let forward = Price::from_micro_usd(forward).expect("in range");
		let flat = |a| {
			SviSlice::new(
				Real::from_bits(a),
				Real::ZERO,
				Real::ZERO,
				Real::ZERO,
				Real::ONE,
				forward,
				Real::ONE,
			)
			.and_then(|slice| slice.prepare())
			.expect("a valid slice")
		};
		let mut micro = first;
		let strikes = steps.map(|step| {
			micro += step;
			Price::from_micro_usd(micro).expect("in range")
		});
		prop_assert_eq!(arbitrage::butterfly(&flat(level), &strikes), Ok(()));
		prop_assert_eq!(arbitrage::calendar(&flat(level), &flat(level + more), &strikes), Ok(()));
	}

	/// Total variance is never below `a + b sigma sqrt(1 - rho^2)`, and the wings stay finite.
	#[test]
	fn total_variance_should_not_fall_below_its_minimum(
		a in 0i64..1 << 56,
		b in 0i64..1 << 55,
		rho in -0xffi64..=0xff,
		m in -1i64 << 55..1 << 55,
		sigma in 1i64 << 40..1 << 55,
		strike in 1i64..=8_000_000_000_000_000_000,
	) {
		let bits = Real::from_bits;
		let forward = Price::from_usd(1_000).expect("in range");
		let slice = SviSlice::new(
			bits(a),
			bits(b),
			bits(rho << 48),
			bits(m),
			bits(sigma),
			forward,
			Real::ONE,
		)
		.expect("valid");
		let least = slice.minimum_total_variance().expect("in range").to_bits();
		let strike = Price::from_pico_usd(strike).expect("in range");
		let found = slice
			.prepare()
			.and_then(|slice| slice.total_variance(strike))
			.expect("in range")
			.to_bits();
		prop_assert!(found >= least - 16, "{found} {least}");
	}
}
