// SPDX-License-Identifier: Apache-2.0

//! A volatility surface that moves and never has arbitrage.

use crate::svi::RawSvi;

/// The state of a surface: volatility now and in the long run, skew and curvature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surface {
	/// Volatility of the next moment.
	pub short_vol: f64,
	/// Volatility that it returns to.
	pub long_vol: f64,
	/// Correlation: below zero puts cost more.
	pub rho: f64,
	/// Curvature of the smile.
	pub eta: f64,
}

/// Speed at which variance returns to its long run, per year: half of the way in a month.
const RETURN: f64 = 8.0;

impl Surface {
	/// Total variance at the money: the integral of a variance that goes from short to long, so it grows
	/// with time whatever the two are.
	pub fn at_the_money(&self, years: f64) -> f64 {
		let (short, long) = (self.short_vol * self.short_vol, self.long_vol * self.long_vol);
		long * years - (short - long) * libm::expm1(-RETURN * years) / RETURN
	}

	/// The slice of a time to expiry.
	pub fn slice(&self, years: f64) -> RawSvi {
		RawSvi::ssvi(self.at_the_money(years), self.rho, self.eta)
	}
}
