// SPDX-License-Identifier: Apache-2.0
//! Risk arrays: what one contract of a series is worth now and in every scenario.

use ballast_pricing::black76::{one_side, total_vol, OptionKind};
use ballast_pricing::{black76, Price, Real, Sigma, Vol};

use super::account::{ArraySource, FIXED_ENTRIES, MAX_WIDTH};
use super::expiry::{ExpiryContext, Shock};
use super::VolShock;
use crate::{RiskError, Series};

/// Volatility shocks in the order of [`Sigmas`].
const KINDS: [VolShock; 5] =
	[VolShock::None, VolShock::Up, VolShock::Down, VolShock::Linear, VolShock::Absolute];

/// Total volatility of one series, prepared per volatility shock.
struct Sigmas([Sigma; KINDS.len()]);

impl Sigmas {
	fn new(context: &ExpiryContext, vol: Vol, k: Real) -> Result<Self, RiskError> {
		let prepare = |kind| -> Result<Sigma, RiskError> {
			let shocked = context.vols.apply(kind, vol, k)?;
			Ok(Sigma::new(total_vol(shocked, context.time)?)?)
		};
		let [none, up, down, linear, absolute] = KINDS;
		Ok(Self([
			prepare(none)?,
			prepare(up)?,
			prepare(down)?,
			prepare(linear)?,
			prepare(absolute)?,
		]))
	}

	fn of(&self, kind: VolShock) -> &Sigma {
		let [none, up, down, linear, absolute] = &self.0;
		match kind {
			VolShock::None => none,
			VolShock::Up => up,
			VolShock::Down => down,
			VolShock::Linear => linear,
			VolShock::Absolute => absolute,
		}
	}
}

impl ExpiryContext {
	/// Writes the array of a series into the first [`ExpiryContext::width`] entries of `out`.
	///
	/// Entries are discounted values in pico-USD per contract, each within the error of one
	/// Black-76 evaluation: `2e-15` of forward plus strike and two pico-USD.
	pub fn price(&self, kind: OptionKind, strike: Price, out: &mut [i64]) -> Result<(), RiskError> {
		self.price_at_vol(kind, strike, self.vol(strike)?, out)
	}

	/// The same with a volatility of the caller's.
	pub fn price_at_vol(
		&self,
		kind: OptionKind,
		strike: Price,
		vol: Vol,
		out: &mut [i64],
	) -> Result<(), RiskError> {
		let out = out.get_mut(..self.width()).ok_or(RiskError::BufferTooShort)?;
		// A strike of zero has no logarithm; the kernel's bounds decide without it.
		let ln_strike = strike.ln().unwrap_or(self.ln_forward);
		let ln_fk = self.ln_forward.saturating_sub(ln_strike);
		let sigmas = Sigmas::new(self, vol, ln_fk.saturating_neg())?;
		let strike = strike.discount(self.discount)?;
		let value = |shock: &Shock, sigma: &Sigma| {
			one_side(kind, shock.forward, strike, ln_fk.saturating_add(shock.ln), sigma).pico_usd()
		};
		let same = sigmas.of(VolShock::None);
		let unshocked = Shock { forward: self.forward.discount(self.discount)?, ln: Real::ZERO };
		let [up, down] = &self.basis;
		let fixed = [value(&unshocked, same), value(up, same), value(down, same)];
		let (head, tail) = out.split_at_mut(FIXED_ENTRIES);
		head.copy_from_slice(&fixed);
		for (entry, (shock, kind)) in tail.iter_mut().zip(self.shocks.iter().zip(&self.kinds)) {
			*entry = value(shock, sigmas.of(*kind));
		}
		Ok(())
	}

	/// Undiscounted value at a volatility: the `value` of standard margin.
	pub fn undiscounted(
		&self,
		kind: OptionKind,
		strike: Price,
		vol: Vol,
	) -> Result<Price, RiskError> {
		let total = total_vol(vol, self.time)?;
		Ok(black76::call_put(self.forward, strike, total)?.side(kind))
	}
}

/// Arrays that are computed when they are asked for: the direct path.
///
/// The same function prices both paths, so that a margin is the same to the bit whether its arrays
/// were stored or not.
#[derive(Clone, Copy, Debug)]
pub struct DirectArrays<'a> {
	contexts: &'a [ExpiryContext],
	series: &'a [Series],
}

impl<'a> DirectArrays<'a> {
	/// Prices `series` on demand, with volatilities of each expiry's slice.
	pub const fn new(contexts: &'a [ExpiryContext], series: &'a [Series]) -> Self {
		Self { contexts, series }
	}
}

impl ArraySource for DirectArrays<'_> {
	fn array<'s>(
		&'s self,
		index: usize,
		scratch: &'s mut [i64; MAX_WIDTH],
	) -> Result<&'s [i64], RiskError> {
		let series = self.series.get(index).ok_or(RiskError::UnknownSeries)?;
		let context =
			self.contexts.get(usize::from(series.expiry)).ok_or(RiskError::UnknownExpiry)?;
		context.price(series.kind, series.strike, scratch)?;
		scratch.get(..context.width()).ok_or(RiskError::ArrayWidth)
	}
}

/// Prices every series into consecutive arrays of `entries`, as [`super::RiskArrays`] reads them.
pub fn price_all(
	contexts: &[ExpiryContext],
	series: &[Series],
	entries: &mut [i64],
) -> Result<(), RiskError> {
	let width = contexts.first().map_or(FIXED_ENTRIES, ExpiryContext::width);
	if entries.len() < series.len().saturating_mul(width) {
		return Err(RiskError::BufferTooShort);
	}
	for (listed, out) in series.iter().zip(entries.chunks_exact_mut(width)) {
		let context = contexts.get(usize::from(listed.expiry)).ok_or(RiskError::UnknownExpiry)?;
		if context.width() != width {
			return Err(RiskError::ArrayWidth);
		}
		context.price(listed.kind, listed.strike, out)?;
	}
	Ok(())
}
