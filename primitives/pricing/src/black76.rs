// SPDX-License-Identifier: Apache-2.0
//! Black-76: European options on a forward.
//!
//! `call = F N(d1) - K N(d2)`, `d1 = ln(F / K) / s + s / 2`, `d2 = d1 - s`, `s = vol sqrt(years)`;
//! the put by parity. A call is kept within `max(F - K, 0)` and `F`, hence a put within
//! `max(K - F, 0)` and `K`, and `call - put = F - K` to the pico-USD.
//!
//! Conventions: strike zero gives call = forward; forward zero gives put = strike; no time or no
//! volatility gives the payoff. Undiscounted unless the name says otherwise.
//!
//! Error of a price: below `2e-15 (F + K) + 0.5 pico-USD`, for all forwards, strikes and total
//! volatilities of the types (1.7e-15 is the distribution function's; an error `e` of `d1` moves
//! the price by `e^2 s F / 5` only). [`total_vol`] adds less than `1e-17 (1 + vol) F`.

use crate::{
	error::{Error, Result},
	fixed::{Discount, LogMoneyness, Real, TotalVol, Vol},
	normal::cdf,
	price::{ln_ratio, Price},
	sigma::Sigma,
	time::Time,
	wide::mul_wide,
};

/// Which side of a strike.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OptionKind {
	/// The right to buy.
	Call,
	/// The right to sell.
	Put,
}

/// Value of the call and the put on one strike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallPut {
	/// Value of the call.
	pub call: Price,
	/// Value of the put.
	pub put: Price,
}

impl CallPut {
	/// The value of one side.
	#[inline(always)]
	pub const fn side(self, kind: OptionKind) -> Price {
		match kind {
			OptionKind::Call => self.call,
			OptionKind::Put => self.put,
		}
	}
}

/// `vol * sqrt(years)`, within 0 and [`Sigma::MAX_TOTAL_VOL`].
#[inline]
pub const fn total_vol(vol: Vol, time: Time) -> Result<TotalVol> {
	if vol.to_bits() < 0 {
		return Err(Error::VolatilityNegative);
	}
	match vol.checked_mul(time.sqrt_years()) {
		Ok(total) if total.to_bits() <= Sigma::MAX_TOTAL_VOL.to_bits() => Ok(total),
		_ => Err(Error::TotalVolatilityOutOfRange),
	}
}

/// Value of the option if it expired now.
#[inline(always)]
pub const fn payoff(kind: OptionKind, forward: Price, strike: Price) -> Price {
	match kind {
		OptionKind::Call => Price::clamped(forward.minus(strike)),
		OptionKind::Put => Price::clamped(strike.minus(forward)),
	}
}

/// Call and put.
#[inline]
pub fn call_put(forward: Price, strike: Price, total_vol: TotalVol) -> Result<CallPut> {
	let sigma = Sigma::new(total_vol)?;
	// A price of zero has no logarithm and needs none: the bounds of the call decide.
	let ln_fk = ln_ratio(forward, strike).unwrap_or(Real::ZERO);
	Ok(call_put_prepared(forward, strike, ln_fk, &sigma))
}

/// Call and put times a discount factor within 0 and 1, each to the nearest pico-USD.
#[inline]
pub fn call_put_discounted(
	forward: Price,
	strike: Price,
	total_vol: TotalVol,
	discount: Discount,
) -> Result<CallPut> {
	let value = call_put(forward, strike, total_vol)?;
	Ok(CallPut { call: value.call.discount(discount)?, put: value.put.discount(discount)? })
}

/// Call and put from the logarithm of `forward / strike` and a prepared volatility.
///
/// Never fails: whatever `ln_fk` says, the bounds of the module hold.
#[inline]
pub fn call_put_prepared(
	forward: Price,
	strike: Price,
	ln_fk: LogMoneyness,
	sigma: &Sigma,
) -> CallPut {
	let call = call(forward, strike, ln_fk, sigma);
	CallPut { call, put: put_by_parity(call, forward, strike) }
}

/// One side from the logarithm of `forward / strike` and a prepared volatility: the kernel of risk
/// arrays. No logarithm, no division; the same bits as [`call_put`] where `ln_fk` is
/// [`ln_ratio`] of the two prices.
///
/// A shocked forward `x F` takes `ln(F / K) + ln x`: the price feels an error of the logarithm in
/// second order only.
#[inline]
pub fn one_side(
	kind: OptionKind,
	forward: Price,
	strike: Price,
	ln_fk: LogMoneyness,
	sigma: &Sigma,
) -> Price {
	let call = call(forward, strike, ln_fk, sigma);
	match kind {
		OptionKind::Call => call,
		OptionKind::Put => put_by_parity(call, forward, strike),
	}
}

/// The call from the logarithm of `forward / strike` and a prepared volatility.
#[inline]
fn call(forward: Price, strike: Price, ln_fk: LogMoneyness, sigma: &Sigma) -> Price {
	let intrinsic = payoff(OptionKind::Call, forward, strike);
	let Some(d) = sigma.moneyness(ln_fk) else { return intrinsic };
	let first = cdf(Real::from_bits(d.d1)).to_bits() as u64;
	let second = cdf(Real::from_bits(d.d2)).to_bits() as u64;
	let raw = difference_of_products(forward.word(), first, strike.word(), second);
	if raw <= intrinsic.pico_usd() {
		intrinsic
	} else if raw >= forward.pico_usd() {
		forward
	} else {
		Price::clamped(raw)
	}
}

// The call is within max(F - K, 0) and F: the put is within max(K - F, 0) and K.
#[inline(always)]
const fn put_by_parity(call: Price, forward: Price, strike: Price) -> Price {
	Price::clamped(strike.pico_usd() + call.minus(forward))
}

/// `(a b - c d) / 2^62` to nearest, for `a`, `c <= 8e18` and `b`, `d <= 2^62`: the products stay
/// below 2^125, the result below 8e18 in size.
#[inline(always)]
const fn difference_of_products(a: u64, b: u64, c: u64, d: u64) -> i64 {
	let (gain_high, gain_low) = mul_wide(a, b);
	let (loss_high, loss_low) = mul_wide(c, d);
	let (low, borrow) = gain_low.overflowing_sub(loss_low);
	let (low, carry) = low.overflowing_add(1 << 61);
	let high =
		gain_high.wrapping_sub(loss_high).wrapping_sub(borrow as u64).wrapping_add(carry as u64);
	(high << 2 | low >> 62) as i64
}
