// SPDX-License-Identifier: Apache-2.0
//! Static arbitrage of SVI slices on listed strikes.
//!
//! Checked is the raw curve. The clamp that pricing puts on far strikes bends it at one point; that
//! kink is a rule of the margin, not of the slice, and is not held against a good surface.

use crate::{
	black76::call_put,
	error::{Error, Result},
	fixed::TotalVol,
	price::Price,
	sqrt::sqrt,
	svi::PreparedSlice,
};

/// Checks that calls on the slice have no butterfly arbitrage on `strikes` (strictly increasing,
/// above zero): between strikes the call price falls, at most one for one, and its slope never
/// falls (Breeden-Litzenberger on listed strikes). Strike zero, whose call is the forward, is
/// checked as the neighbour of the first.
///
/// Differences within the rounding of the price kernel pass.
pub fn butterfly(slice: &PreparedSlice, strikes: &[Price]) -> Result<()> {
	let forward = slice.slice().forward();
	let mut before = None;
	let mut last = (Price::ZERO, forward);
	for &strike in strikes {
		if strike <= last.0 {
			return Err(if strike.is_zero() {
				Error::StrikeNotPositive
			} else {
				Error::StrikesNotIncreasing
			});
		}
		let next = (strike, call_put(forward, strike, raw_total_vol(slice, strike)?)?.call);
		if !falls_as_a_call(last, next, forward) {
			return Err(Error::ButterflyArbitrage { strike });
		}
		if let Some(first) = before {
			if !is_convex(first, last, next, forward) {
				return Err(Error::ButterflyArbitrage { strike: last.0 });
			}
		}
		before = Some(last);
		last = next;
	}
	Ok(())
}

/// Checks that the later slice has no less total variance than the earlier one at the
/// log-moneyness of each strike (above zero, in terms of the earlier slice's forward).
pub fn calendar(earlier: &PreparedSlice, later: &PreparedSlice, strikes: &[Price]) -> Result<()> {
	for &strike in strikes {
		let k = earlier.log_moneyness(strike)?;
		if later.slice().curve(k)? < earlier.slice().curve(k)? {
			return Err(Error::CalendarArbitrage { strike });
		}
	}
	Ok(())
}

fn raw_total_vol(slice: &PreparedSlice, strike: Price) -> Result<TotalVol> {
	sqrt(slice.slice().curve(slice.log_moneyness(strike)?)?)
}

/// A strike and its call.
type Quote = (Price, Price);

/// What three kernel errors may add up to: 2^-46 of strike plus forward, and 2 pico-USD.
const fn rounding(strike: Price, forward: Price) -> i128 {
	let sum = strike.pico_usd() as i128 + forward.pico_usd() as i128;
	(sum >> 46) + 2
}

fn falls_as_a_call(low: Quote, high: Quote, forward: Price) -> bool {
	let fall = i128::from(low.1.minus(high.1));
	let width = i128::from(high.0.minus(low.0));
	let rounding = rounding(high.0, forward);
	fall >= -rounding && fall <= width + rounding
}

/// `C(K2)` is at or below the chord from `C(K1)` to `C(K3)`, without a division.
fn is_convex(first: Quote, middle: Quote, last: Quote, forward: Price) -> bool {
	let left = i128::from(middle.0.minus(first.0));
	let right = i128::from(last.0.minus(middle.0));
	// Widths and prices are below 2^63: each product is below 2^126, the sum below 2^127.
	let chord = i128::from(first.1.pico_usd()) * right + i128::from(last.1.pico_usd()) * left;
	let allowed = i128::from(middle.1.pico_usd()) - rounding(last.0, forward);
	allowed * (left + right) <= chord
}
