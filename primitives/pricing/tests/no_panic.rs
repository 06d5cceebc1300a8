// SPDX-License-Identifier: Apache-2.0
//! No function panics, whatever the bits of its arguments. Run with
//! `--config profile.release.overflow-checks=true` this also proves that no plain operation wraps.

mod common;

use ballast_pricing::{
	arbitrage, black76, black76::OptionKind, discount_factor, exp, exp_negative, greeks,
	hypotenuse, implied, ln, ln_ratio, normal, pow, sqrt, Fixed, Price, Real, Sigma, SviSlice,
	Time, Unit,
};
use common::seeded;
use proptest::prelude::*;

/// Any bits, with the ends of every magnitude more often than chance brings them.
fn any_bits() -> impl Strategy<Value = i64> {
	prop_oneof![
		any::<i64>(),
		(0u32..64, any::<i64>()).prop_map(|(shift, bits)| bits >> shift),
		(0u32..63, -2i64..=2).prop_map(|(shift, off)| (1i64 << shift) + off),
		Just(i64::MIN),
		Just(i64::MAX),
		Just(0),
		Just(-1),
	]
}

fn any_price() -> impl Strategy<Value = Price> {
	any_bits().prop_map(|bits| {
		Price::from_pico_usd(bits.checked_abs().unwrap_or(0) % (Price::MAX.pico_usd() + 1))
			.expect("in range")
	})
}

fn any_real() -> impl Strategy<Value = Real> {
	any_bits().prop_map(Real::from_bits)
}

fn any_time() -> impl Strategy<Value = Time> {
	any_bits().prop_map(|bits| {
		Time::from_millis(bits.unsigned_abs() % (Time::MAX.millis() + 1)).expect("in range")
	})
}

proptest! {
	#![proptest_config(seeded(5))]

	#[test]
	fn constructors(bits in any_bits(), other in any_bits(), decimals in any::<u32>()) {
		let price =
			[Price::from_pico_usd(bits), Price::from_micro_usd(bits), Price::from_usd(bits)];
		for price in price.into_iter().flatten() {
			prop_assert!(price >= Price::ZERO && price <= Price::MAX);
			prop_assert!(price.to_micro_usd_ceil() - price.to_micro_usd_floor() <= 1);
		}
		let time = [Time::from_millis(bits as u64), Time::from_seconds(bits as u64)];
		for time in time.into_iter().flatten() {
			let _ = (time.years(), time.sqrt_years());
		}
		let _ = (
			Real::from_int(bits),
			Real::from_ppb(bits),
			Real::from_ratio(bits, other),
			Real::from_decimal(bits, decimals),
		);
		let _ = (
			Unit::from_ratio(bits, other),
			Fixed::<1>::from_ratio(bits, other),
			Fixed::<1>::from_ppb(bits),
		);
	}

	#[test]
	fn operations_on_fixed(x in any_real(), y in any_real()) {
		let _ =
			(x.checked_add(y), x.checked_sub(y), x.checked_mul(y), x.checked_div(y), x.to_ppb());
		let _ = (x.saturating_add(y), x.saturating_sub(y), x.saturating_neg(), x.saturating_abs());
		let _ = (x.rescale::<1>(), x.rescale::<62>(), x.min(y), x.max(y));
		let _ = (
			Unit::from_bits(x.to_bits()).checked_div(Fixed::<1>::from_bits(y.to_bits())),
			Unit::from_bits(x.to_bits()).to_ppb(),
		);
	}

	#[test]
	fn elementary_functions(x in any_real(), y in any_real(), time in any_time()) {
		let _ = (ln(x), exp(x), exp_negative(x), sqrt(x), pow(x, y), hypotenuse(x, y));
		let _ = (normal::cdf(x), normal::density(x), discount_factor(x, time));
	}

	#[test]
	fn prices(price in any_price(), other in any_price(), bits in any_bits()) {
		let _ = (price.ln(), ln_ratio(price, other), price.checked_add(other), price.minus(other));
		let _ = (price.scale(Real::from_bits(bits)), price.discount(Unit::from_bits(bits)));
	}

	#[test]
	fn kernels(
		forward in any_price(),
		strike in any_price(),
		x in any_real(),
		y in any_real(),
		d in any_bits(),
	) {
		let _ = black76::call_put(forward, strike, x);
		let _ = black76::call_put_discounted(forward, strike, x, Unit::from_bits(d));
		if let Ok(sigma) = Sigma::new(x) {
			let _ = sigma.divide(y);
			let value = black76::call_put_prepared(forward, strike, y, &sigma);
			// The bounds hold whatever the logarithm says.
			prop_assert!(value.call <= forward && value.put <= strike);
			prop_assert_eq!(value.call.minus(value.put), forward.minus(strike));
			prop_assert_eq!(
				black76::one_side(OptionKind::Put, forward, strike, y, &sigma),
				value.put
			);
		}
	}

	#[test]
	fn greeks_and_implied(
		forward in any_price(),
		strike in any_price(),
		price in any_price(),
		vol in any_real(),
		time in any_time(),
		is_call in any::<bool>(),
	) {
		let kind = if is_call { OptionKind::Call } else { OptionKind::Put };
		let _ = (greeks(forward, strike, vol, time), black76::total_vol(vol, time));
		let _ = (
			implied::total_vol(kind, forward, strike, price),
			implied::vol(kind, forward, strike, time, price),
		);
	}

	#[test]
	fn svi(
		parameters in prop::array::uniform5(any_real()),
		small in prop::array::uniform5(-16i64 << 56..16 << 56),
		forward in any_price(),
		tau in any_real(),
		strike in any_price(),
		k in any_real(),
	) {
		for [a, b, rho, m, sigma] in [parameters, small.map(Real::from_bits)] {
			let rho = Real::from_bits(rho.to_bits() >> 4);
			let slice = SviSlice::new(
				a,
				b.saturating_abs(),
				rho,
				m,
				sigma.saturating_abs(),
				forward,
				tau.saturating_abs(),
			);
			let Ok(slice) = slice else { continue };
			let Ok(prepared) = slice.prepare() else { continue };
			let _ = (
				prepared.total_variance_at(k),
				prepared.vol_at(k),
				prepared.vol(strike),
				prepared.total_vol(strike),
			);
			let _ = (
				arbitrage::butterfly(&prepared, &[strike, forward]),
				arbitrage::calendar(&prepared, &prepared, &[strike]),
			);
		}
	}
}
