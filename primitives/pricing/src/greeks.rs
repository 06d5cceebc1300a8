// SPDX-License-Identifier: Apache-2.0
//! Greeks of the undiscounted Black-76 price, all in one evaluation.

use crate::{
	black76::total_vol,
	error::Result,
	fixed::{Probability, Real, Vol},
	normal::{cdf, density_parts},
	price::{ln_ratio, Price},
	scaled::Scaled,
	sigma::{Moneyness, Sigma},
	time::Time,
};

/// One unit of a greek, in the integers of [`Greeks`]: 1e18.
pub const GREEK_UNIT: i128 = 1_000_000_000_000_000_000;

/// Sensitivities of one strike. Call and put share all but the delta.
///
/// Error, each in terms of its natural scale (the formula without the density and the `d`s):
/// below `1e-12 + 2^-52 / s`, so below 1e-9 for total volatilities from 1e-6.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Greeks {
	/// `N(d1)`: change of the call per change of the forward.
	pub call_delta: Probability,
	/// `N(d1) - 1`.
	pub put_delta: Probability,
	/// `phi(d1) / (F s)`, 1e-18 per USD. Natural scale `1 / (F s)`.
	pub gamma: i128,
	/// `F phi(d1) sqrt(t)`, 1e-18 USD per unit of volatility (1.00). Natural scale `F sqrt(t)`.
	pub vega: i128,
	/// `-F phi(d1) vol / (2 sqrt(t))`, 1e-18 USD per year. Natural scale `F vol / sqrt(t)`.
	pub theta: i128,
	/// `-phi(d1) d2 / vol`: change of delta per unit of volatility, 1e-18. Natural scale `1 / vol`.
	pub vanna: i128,
	/// `vega d1 d2 / vol`: change of vega per unit of volatility, 1e-18 USD. Natural scale
	/// `F sqrt(t) / vol`.
	pub volga: i128,
}

/// Greeks for a volatility and a time to expiry.
///
/// Where the option is its payoff (no time, no volatility, forward or strike zero), the call's
/// delta is 1 above the strike and 0 otherwise, and the rest is zero.
pub fn greeks(forward: Price, strike: Price, vol: Vol, time: Time) -> Result<Greeks> {
	let sigma = Sigma::new(total_vol(vol, time)?)?;
	let moneyness = match ln_ratio(forward, strike) {
		Ok(ln_fk) => sigma.moneyness(ln_fk),
		Err(_) => None,
	};
	let Some(d) = moneyness else { return Ok(payoff_greeks(forward, strike)) };
	let call_delta = cdf(Real::from_bits(d.d1));
	let flat = Greeks {
		call_delta,
		put_delta: call_delta.saturating_sub(Probability::ONE),
		..Greeks::default()
	};
	match density_parts(Real::from_bits(d.d1)) {
		Some((mantissa, exponent)) => {
			curved(flat, Scaled::new(mantissa, exponent - 63), forward, d, &sigma, vol, time)
		},
		None => Ok(flat),
	}
}

fn payoff_greeks(forward: Price, strike: Price) -> Greeks {
	let call_delta = if forward > strike { Probability::ONE } else { Probability::ZERO };
	let put_delta = call_delta.saturating_sub(Probability::ONE);
	Greeks { call_delta, put_delta, ..Greeks::default() }
}

/// 1e-12 USD to 1e-18 USD.
const ATTO_PER_PICO: Scaled = Scaled::new(1_000_000, 0);
/// Per 1e-12 USD to 1e-18 per USD: 1e30, of which 2^36 is split off to fit a word.
const ATTO_PER_INVERSE_PICO: Scaled = Scaled::new((10u128.pow(30) >> 36) as u64, 36);
const ATTO: Scaled = Scaled::new(GREEK_UNIT as u64, 0);

/// The greeks that carry the density. `1 / vol = sqrt(t) / s` and `1 / sqrt(t) = vol / s`, so one
/// reciprocal of `s` and one of the forward serve all.
fn curved(
	flat: Greeks,
	density: Scaled,
	forward: Price,
	d: Moneyness,
	sigma: &Sigma,
	vol: Vol,
	time: Time,
) -> Result<Greeks> {
	let (mantissa, exponent) = sigma.reciprocal();
	let per_total_vol = Scaled::new(mantissa, exponent);
	let price = Scaled::new(forward.word(), 0);
	let vol = Scaled::new(vol.to_bits().unsigned_abs(), -56);
	let root_time = Scaled::new(time.sqrt_years().to_bits().unsigned_abs(), -56);
	let d1 = Scaled::new(d.d1.unsigned_abs(), -56);
	let d2_per_vol = Scaled::new(d.d2.unsigned_abs(), -56).times(root_time).times(per_total_vol);

	let dollars = density.times(price).times(ATTO_PER_PICO);
	let vega = dollars.times(root_time);
	let theta = dollars.times(vol).times(vol).times(per_total_vol).times(HALF);
	let gamma = density.times(ATTO_PER_INVERSE_PICO).times(price.inverse()).times(per_total_vol);
	let vanna = density.times(ATTO).times(d2_per_vol).to_integer()?;
	let volga = vega.times(d1).times(d2_per_vol).to_integer()?;
	Ok(Greeks {
		gamma: gamma.to_integer()?,
		vega: vega.to_integer()?,
		theta: -theta.to_integer()?,
		vanna: if d.d2 < 0 { vanna } else { -vanna },
		volga: if (d.d1 < 0) == (d.d2 < 0) { volga } else { -volga },
		..flat
	})
}

const HALF: Scaled = Scaled::new(1, -1);
