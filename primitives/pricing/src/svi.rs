// SPDX-License-Identifier: Apache-2.0
//! Raw SVI: total variance of one expiry as a function of log-moneyness.

use crate::{
	error::{Error, Result},
	fixed::{LogMoneyness, Real, TotalVol, Variance, Vol},
	price::Price,
	sigma::Sigma,
	sqrt::{hypotenuse, sqrt},
};

/// Parameters of a raw SVI slice, `w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2))` with
/// `k = ln(K / forward)` (Gatheral).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SviSlice {
	a: Real,
	b: Real,
	rho: Real,
	m: Real,
	sigma: Real,
	forward: Price,
	tau: Real,
}

/// A slice with what every strike shares: the clamp, `ln forward` and `1 / sqrt(tau)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PreparedSlice {
	slice: SviSlice,
	ln_forward: Real,
	clamp: Real,
	per_sqrt_tau: Sigma,
}

impl SviSlice {
	/// Largest size of `a`, `b`, `m` and `sigma`.
	pub const MAX_PARAMETER: i64 = 16;

	/// A slice whose parameters are within their ranges and whose least total variance
	/// `a + b sigma sqrt(1 - rho^2)` is zero or more. `tau` in years, at most 100.
	pub fn new(
		a: Real,
		b: Real,
		rho: Real,
		m: Real,
		sigma: Real,
		forward: Price,
		tau: Real,
	) -> Result<Self> {
		let largest = Self::MAX_PARAMETER << 56;
		for parameter in [a, b, m, sigma] {
			if parameter.to_bits().unsigned_abs() > largest as u64 {
				return Err(Error::SviParameterOutOfRange);
			}
		}
		if b < Real::ZERO {
			return Err(Error::SviWingNegative);
		}
		if rho.saturating_abs() >= Real::ONE {
			return Err(Error::SviCorrelationOutOfRange);
		}
		if sigma <= Real::ZERO {
			return Err(Error::SviSmoothnessNotPositive);
		}
		if forward.is_zero() {
			return Err(Error::SviForwardNotPositive);
		}
		if tau <= Real::ZERO {
			return Err(Error::SviTimeNotPositive);
		}
		let slice = Self { a, b, rho, m, sigma, forward, tau };
		if slice.minimum_total_variance()? < Real::ZERO {
			return Err(Error::SviMinimumVarianceNegative);
		}
		Ok(slice)
	}

	/// `a + b sigma sqrt(1 - rho^2)`, the least total variance of the unclamped curve.
	pub fn minimum_total_variance(&self) -> Result<Variance> {
		let one_minus_square = Real::ONE.checked_sub(self.rho.checked_mul(self.rho)?)?;
		let depth = self.b.checked_mul(self.sigma)?.checked_mul(sqrt(one_minus_square)?)?;
		self.a.checked_add(depth)
	}

	/// Forward the log-moneyness refers to.
	pub const fn forward(&self) -> Price {
		self.forward
	}

	/// Years the total variance refers to.
	pub const fn tau(&self) -> Real {
		self.tau
	}

	/// Level `a`, wings `b`, correlation `rho`, centre `m`, smoothness `sigma`.
	pub const fn parameters(&self) -> [Real; 5] {
		[self.a, self.b, self.rho, self.m, self.sigma]
	}

	/// The raw curve `w(k)`, without the clamp that pricing puts on `k`.
	#[inline]
	pub fn curve(&self, k: LogMoneyness) -> Result<Variance> {
		let Self { a, b, rho, m, sigma, .. } = *self;
		let distance = k.saturating_sub(m);
		let bend = rho.checked_mul(distance)?.checked_add(hypotenuse(distance, sigma))?;
		let variance = b.checked_mul(bend)?.checked_add(a)?;
		if variance < Real::ZERO {
			return Err(Error::TotalVarianceNegative);
		}
		Ok(variance)
	}

	/// Computes once what every strike of the slice needs.
	pub fn prepare(&self) -> Result<PreparedSlice> {
		let level = self.a.checked_add(self.b.checked_mul(self.sigma)?)?;
		let four = Real::from_int(4)?;
		Ok(PreparedSlice {
			slice: *self,
			ln_forward: self.forward.ln()?,
			clamp: sqrt(level)?.checked_mul(four)?,
			per_sqrt_tau: Sigma::new(sqrt(self.tau)?)?,
		})
	}
}

impl PreparedSlice {
	/// The slice this was made from.
	pub const fn slice(&self) -> &SviSlice {
		&self.slice
	}

	/// `ln forward` as [`Price::ln`] gives it.
	pub const fn ln_forward(&self) -> Real {
		self.ln_forward
	}

	/// `ln(strike / forward)`, not clamped.
	#[inline]
	pub fn log_moneyness(&self, strike: Price) -> Result<LogMoneyness> {
		match strike.ln() {
			Ok(ln_strike) => Ok(ln_strike.saturating_sub(self.ln_forward)),
			Err(_) => Err(Error::StrikeNotPositive),
		}
	}

	/// Total variance at `k = ln(K / forward)`, `k` clamped to `+-4 sqrt(a + b sigma)`.
	#[inline]
	pub fn total_variance_at(&self, k: LogMoneyness) -> Result<Variance> {
		self.slice.curve(k.min(self.clamp).max(self.clamp.saturating_neg()))
	}

	/// Total variance of a strike above zero.
	#[inline]
	pub fn total_variance(&self, strike: Price) -> Result<Variance> {
		self.total_variance_at(self.log_moneyness(strike)?)
	}

	/// `sqrt(w)`: the total volatility over the slice's own `tau`.
	#[inline]
	pub fn total_vol(&self, strike: Price) -> Result<TotalVol> {
		sqrt(self.total_variance(strike)?)
	}

	/// Volatility at `k = ln(K / forward)`, clamped as the total variance is.
	#[inline]
	pub fn vol_at(&self, k: LogMoneyness) -> Result<Vol> {
		self.per_sqrt_tau.divide(sqrt(self.total_variance_at(k)?)?)
	}

	/// Volatility of a strike, `sqrt(w / tau)`; zero for strike zero, whose option needs none.
	#[inline]
	pub fn vol(&self, strike: Price) -> Result<Vol> {
		if strike.is_zero() {
			return Ok(Vol::ZERO);
		}
		self.vol_at(self.log_moneyness(strike)?)
	}
}
