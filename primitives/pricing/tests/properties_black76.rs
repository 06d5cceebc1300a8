// SPDX-License-Identifier: Apache-2.0
//! Properties of the price kernel. `rounding` is twice the stated error bound.

mod common;

use ballast_pricing::{
	black76, black76::OptionKind, greeks, ln_ratio, Discount, Price, Sigma, Time, TotalVol, Vol,
};
use common::{rounding, seeded};
use proptest::prelude::*;

/// 0.1 to 200,000 USD, spread over the magnitudes.
fn a_forward() -> impl Strategy<Value = Price> {
	(0u32..=20, 100_000i64..=200_000).prop_map(|(power, micro)| price((micro << power) * 1_000_000))
}

/// A strike between a tenth and ten times the forward.
fn a_pair() -> impl Strategy<Value = (Price, Price)> {
	(a_forward(), 100i64..=10_000)
		.prop_map(|(forward, per_mille)| (forward, price(forward.pico_usd() / 1_000 * per_mille)))
}

/// 1e-5 to 8.
fn a_total_vol() -> impl Strategy<Value = TotalVol> {
	(0u32..=19, 1i64 << 39..=1i64 << 40)
		.prop_map(|(power, bits)| TotalVol::from_bits(bits << power))
}

fn price(pico: i64) -> Price {
	Price::from_pico_usd(pico).expect("a price in range")
}

fn call(forward: Price, strike: Price, total_vol: TotalVol) -> i64 {
	black76::call_put(forward, strike, total_vol).expect("in range").call.pico_usd()
}

fn put(forward: Price, strike: Price, total_vol: TotalVol) -> i64 {
	black76::call_put(forward, strike, total_vol).expect("in range").put.pico_usd()
}

proptest! {
	#![proptest_config(seeded(1))]

	#[test]
	fn call_minus_put_should_be_forward_minus_strike((f, k) in a_pair(), s in a_total_vol()) {
		prop_assert_eq!(call(f, k, s) - put(f, k, s), f.minus(k));
	}

	#[test]
	fn values_should_stay_within_payoff_and_upper_bound((f, k) in a_pair(), s in a_total_vol()) {
		let value = black76::call_put(f, k, s).expect("in range");
		prop_assert!(value.call >= black76::payoff(OptionKind::Call, f, k) && value.call <= f);
		prop_assert!(value.put >= black76::payoff(OptionKind::Put, f, k) && value.put <= k);
	}

	#[test]
	fn call_should_rise_with_the_forward(
		(f, k) in a_pair(),
		s in a_total_vol(),
		step in 1i64..1 << 40,
	) {
		let higher = price(f.pico_usd() + step);
		let rise = call(higher, k, s) - call(f, k, s);
		// Delta is within 0 and 1.
		prop_assert!(rise >= -rounding(f, k) && rise <= step + rounding(f, k));
		prop_assert!(put(higher, k, s) <= put(f, k, s) + rounding(f, k));
	}

	#[test]
	fn call_should_fall_with_the_strike(
		(f, k) in a_pair(),
		s in a_total_vol(),
		step in 1i64..1 << 40,
	) {
		let higher = price(k.pico_usd() + step);
		let fall = call(f, k, s) - call(f, higher, s);
		prop_assert!(fall >= -rounding(f, higher) && fall <= step + rounding(f, higher));
		prop_assert!(put(f, higher, s) >= put(f, k, s) - rounding(f, higher));
	}

	#[test]
	fn value_should_rise_with_volatility(
		(f, k) in a_pair(),
		s in a_total_vol(),
		step in 1i64..1 << 50,
	) {
		let higher = TotalVol::from_bits(s.to_bits() + step);
		prop_assert!(call(f, k, higher) >= call(f, k, s) - rounding(f, k));
		prop_assert!(put(f, k, higher) >= put(f, k, s) - rounding(f, k));
	}

	#[test]
	fn value_should_rise_with_time(
		(f, k) in a_pair(),
		vol in 30_000_000i64..5_000_000_000,
		seconds in 1u64..100_000_000,
		more in 1u64..1_000_000,
	) {
		let vol = Vol::from_ppb(vol).expect("in range");
		let total = |seconds| {
			black76::total_vol(vol, Time::from_seconds(seconds).expect("in range"))
				.expect("in range")
		};
		prop_assert!(total(seconds + more) >= total(seconds));
		prop_assert!(
			call(f, k, total(seconds + more)) >= call(f, k, total(seconds)) - rounding(f, k)
		);
	}

	#[test]
	fn value_should_be_convex_in_the_strike(
		(f, k) in a_pair(),
		s in a_total_vol(),
		left in 1i64..1 << 40,
		right in 1i64..1 << 40,
	) {
		let (middle, last) = (price(k.pico_usd() + left), price(k.pico_usd() + left + right));
		let chord = i128::from(call(f, k, s)) * i128::from(right)
			+ i128::from(call(f, last, s)) * i128::from(left);
		let allowed = i128::from(call(f, middle, s) - rounding(f, last));
		prop_assert!(allowed * i128::from(left + right) <= chord);
	}

	#[test]
	fn value_should_scale_with_forward_and_strike(
		(f, k) in a_pair(),
		s in a_total_vol(),
		times in 2i64..=4,
	) {
		let k = price(k.pico_usd() / 2);
		let (large_f, large_k) = (price(f.pico_usd() * times), price(k.pico_usd() * times));
		// The small value's own rounding is scaled as well.
		let allowed = rounding(large_f, large_k) + rounding(f, k) * times;
		prop_assert!((call(large_f, large_k, s) - call(f, k, s) * times).abs() <= allowed);
	}

	#[test]
	fn one_side_should_give_the_bits_of_call_put((f, k) in a_pair(), s in a_total_vol()) {
		let (sigma, ln_fk) =
			(Sigma::new(s).expect("in range"), ln_ratio(f, k).expect("above zero"));
		for kind in [OptionKind::Call, OptionKind::Put] {
			let value = black76::call_put(f, k, s).expect("in range").side(kind);
			prop_assert_eq!(black76::one_side(kind, f, k, ln_fk, &sigma), value);
		}
	}

	#[test]
	fn an_error_of_the_logarithm_should_move_the_price_in_second_order(
		(f, k) in a_pair(),
		s in 1i64 << 50..1i64 << 58,
		error in -1i64 << 26..1i64 << 26,
	) {
		let sigma = Sigma::new(TotalVol::from_bits(s)).expect("in range");
		let ln_fk = ln_ratio(f, k).expect("above zero");
		let wrong = ballast_pricing::Real::from_bits(ln_fk.to_bits() + error);
		let (right, wrong) = (
			black76::call_put_prepared(f, k, ln_fk, &sigma).call.pico_usd(),
			black76::call_put_prepared(f, k, wrong, &sigma).call.pico_usd(),
		);
		// First order would be 2^-30 F; second order is 2^-61 F / s^2 at most.
		prop_assert!((right - wrong).abs() <= rounding(f, k));
	}

	#[test]
	fn discounting_should_never_raise_a_value(
		(f, k) in a_pair(),
		s in a_total_vol(),
		d in 0i64..=1 << 62,
	) {
		let value = black76::call_put(f, k, s).expect("in range");
		let discounted =
			black76::call_put_discounted(f, k, s, Discount::from_bits(d)).expect("in range");
		prop_assert!(discounted.call <= value.call && discounted.put <= value.put);
		let at_one = black76::call_put_discounted(f, k, s, Discount::ONE).expect("in range");
		prop_assert_eq!(at_one, value);
	}

	#[test]
	fn greeks_should_keep_their_signs_and_bounds(
		(f, k) in a_pair(),
		vol in 30_000_000i64..5_000_000_000,
		seconds in 60u64..100_000_000,
	) {
		let vol = Vol::from_ppb(vol).expect("in range");
		let found =
			greeks(f, k, vol, Time::from_seconds(seconds).expect("in range")).expect("in range");
		prop_assert!(found.call_delta >= Discount::ZERO && found.call_delta <= Discount::ONE);
		prop_assert_eq!(found.call_delta.to_bits() - found.put_delta.to_bits(), 1 << 62);
		prop_assert!(found.gamma >= 0 && found.vega >= 0 && found.theta <= 0);
	}
}

#[test]
fn a_tiny_volatility_should_give_its_time_value() {
	let price = Price::from_usd(1_000_000).expect("in range");
	for shift in 0..=36 {
		// At the money, F (2 N(s/2) - 1) = F s / sqrt(2 pi) up to s^3.
		let exact = 1e18 * 2f64.powi(shift - 56) / (2.0 * std::f64::consts::PI).sqrt();
		let found = call(price, price, TotalVol::from_bits(1 << shift)) as f64;
		assert!((found - exact).abs() <= 4e-15 * 1e18, "{shift}: {found} {exact}");
	}
}

#[test]
fn conventions_at_the_edges() {
	let (f, s) = (Price::from_usd(100).expect("in range"), TotalVol::ONE);
	let at = |f, k, s| black76::call_put(f, k, s).expect("in range");
	assert_eq!((at(f, Price::ZERO, s).call, at(f, Price::ZERO, s).put), (f, Price::ZERO));
	assert_eq!((at(Price::ZERO, f, s).call, at(Price::ZERO, f, s).put), (Price::ZERO, f));
	let k = Price::from_usd(90).expect("in range");
	let ten = Price::from_usd(10).expect("in range");
	assert_eq!((at(f, k, TotalVol::ZERO).call, at(f, k, TotalVol::ZERO).put), (ten, Price::ZERO));
	assert_eq!((at(k, f, TotalVol::ZERO).call, at(k, f, TotalVol::ZERO).put), (Price::ZERO, ten));
	assert_eq!(at(Price::MAX, Price::MAX, Sigma::MAX_TOTAL_VOL).call, Price::MAX);
	assert!(black76::call_put(f, k, TotalVol::from_bits(-1)).is_err());
	assert!(
		black76::call_put(f, k, TotalVol::from_bits(Sigma::MAX_TOTAL_VOL.to_bits() + 1)).is_err()
	);
}
