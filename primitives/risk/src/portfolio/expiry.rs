// SPDX-License-Identifier: Apache-2.0
//! What depends on an expiry and a scenario alone, computed once for all its series.

use ballast_pricing::{
	discount_factor, exp, exp_negative, ln, pow, Discount, PreparedSlice, Price, Real, Time, Vol,
};

use super::{ExpiryTerms, PortfolioParameters, Scenario, VolShock};
use crate::units::{BILLION, MAX_SCENARIOS};
use crate::{ArgumentError, Expiry, Factor, Ppb, RiskError};

/// The settlement average runs over the last half hour.
pub const SETTLEMENT_WINDOW_SECONDS: u32 = 1_800;
const THIRTY_DAYS_SECONDS: u32 = 30 * 86_400;
const YEAR_SECONDS: u128 = 365 * 86_400;
/// Just above the largest normal density, `1 / sqrt(2 pi) = 0.39894..`.
pub(super) const DENSITY_BOUND: Ppb = Ppb(398_942_281);

/// A shocked forward, discounted, and the logarithm of its shock.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shock {
	pub forward: Price,
	pub ln: Real,
}

/// One expiry under every shock of a grid. Prices its series; see [`ExpiryContext::price`].
#[derive(Clone, Copy, Debug)]
pub struct ExpiryContext {
	pub(super) slice: PreparedSlice,
	pub(super) forward: Price,
	pub(super) ln_forward: Real,
	pub(super) discount: Discount,
	pub(super) time: Time,
	pub(super) basis: [Shock; 2],
	pub(super) shocks: [Shock; MAX_SCENARIOS],
	pub(super) kinds: [VolShock; MAX_SCENARIOS],
	pub(super) scenarios: usize,
	pub(super) vols: VolShocks,
	ratios: [Real; MAX_SCENARIOS],
	basis_ratios: [Real; 2],
	terms: ExpiryTerms,
}

/// Factors of one expiry on a volatility.
#[derive(Clone, Copy, Debug)]
pub(super) struct VolShocks {
	pub(super) up: Real,
	pub(super) up_floor: Real,
	pub(super) down: Real,
	pub(super) linear: Skew,
	pub(super) absolute: Skew,
}

/// A tilt of volatilities: `clamp(k, -k_star, k_star) slope`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Skew {
	pub(super) k_star: Real,
	pub(super) slope: Real,
}

impl ExpiryContext {
	/// Computes everything that the series of one expiry share.
	pub fn new(
		parameters: &PortfolioParameters,
		scenarios: &[Scenario],
		expiry: &Expiry,
	) -> Result<Self, RiskError> {
		Self::with_window(parameters, scenarios, expiry, SETTLEMENT_WINDOW_SECONDS)
	}

	/// The same where the settlement average runs over the last `window` seconds, at least one.
	pub fn with_window(
		parameters: &PortfolioParameters,
		scenarios: &[Scenario],
		expiry: &Expiry,
		window: u32,
	) -> Result<Self, RiskError> {
		let window = window.max(1);
		expiry.validate()?;
		super::validate_scenarios(scenarios)?;
		parameters.validate()?;
		let time = Time::from_seconds(expiry.seconds.into())?;
		let rate = Real::from_ppb(expiry.rate.0.max(0))?;
		let vols = VolShocks::new(parameters, expiry.seconds, time)?;
		let slice = expiry.svi.prepare()?;
		let mut context = Self {
			slice,
			forward: Price::ZERO,
			ln_forward: Real::ZERO,
			discount: discount_factor(rate, time),
			time,
			basis: [Shock::default(); 2],
			shocks: [Shock::default(); MAX_SCENARIOS],
			kinds: [VolShock::None; MAX_SCENARIOS],
			scenarios: scenarios.len(),
			vols,
			ratios: [Real::ONE; MAX_SCENARIOS],
			basis_ratios: [Real::ONE; 2],
			terms: ExpiryTerms::default(),
		};
		context.basis_ratios = [
			forward_ratio(parameters.basis_up, expiry.seconds, window)?,
			forward_ratio(parameters.basis_down, expiry.seconds, window)?,
		];
		let entries = context.ratios.iter_mut().zip(&mut context.kinds);
		for ((ratio, kind), scenario) in entries.zip(scenarios) {
			let shock = if scenario.vol.is_skew() { Ppb::ONE } else { scenario.spot };
			(*ratio, *kind) = (forward_ratio(shock, expiry.seconds, window)?, scenario.vol);
		}
		context.terms = terms(parameters, expiry, window, rate, time)?;
		context.terms.skew_slope = skew_slope(&slice, &vols, time)?;
		context.set_forward(expiry.forward)?;
		Ok(context)
	}

	/// The same expiry at another forward: volatility by strike, time and rate stay.
	pub(crate) fn at_forward(&self, forward: Price) -> Result<Self, RiskError> {
		let mut moved = *self;
		moved.set_forward(forward)?;
		Ok(moved)
	}

	/// Shocks a forward by every ratio. Neighbouring scenarios often share a shock.
	fn set_forward(&mut self, forward: Price) -> Result<(), RiskError> {
		self.forward = forward;
		self.ln_forward = forward.ln()?;
		let discounted = forward.discount(self.discount)?;
		self.terms.discounted_forward = Price::from_pico_usd(discounted.pico_usd() + 1)?;
		let discount = self.discount;
		let shock = |ratio: Real| -> Result<Shock, RiskError> {
			let ln = if ratio > Real::ZERO { ln(ratio)? } else { Real::ZERO };
			Ok(Shock { forward: forward.scale(ratio)?.discount(discount)?, ln })
		};
		let (mut last, mut shocked) = (Real::ONE, shock(Real::ONE)?);
		let basis = self.basis_ratios.iter().zip(&mut self.basis);
		let grid = self.ratios.iter().zip(&mut self.shocks).take(self.scenarios);
		for (ratio, entry) in basis.chain(grid) {
			if *ratio != last {
				(last, shocked) = (*ratio, shock(*ratio)?);
			}
			*entry = shocked;
		}
		Ok(())
	}

	/// What accounts need of this expiry beside the arrays; see [`ExpiryTerms`].
	pub const fn terms(&self) -> ExpiryTerms {
		self.terms
	}

	/// Forward.
	pub const fn forward(&self) -> Price {
		self.forward
	}

	/// Discount factor.
	pub const fn discount(&self) -> Discount {
		self.discount
	}

	/// Entries in an array of this context.
	pub const fn width(&self) -> usize {
		super::FIXED_ENTRIES + self.scenarios
	}

	/// Volatility of a strike by the slice.
	pub fn vol(&self, strike: Price) -> Result<Vol, RiskError> {
		Ok(self.slice.vol(strike)?)
	}
}

/// `live x + 1 - live` with `live = min(seconds / window, 1)`.
fn forward_ratio(shock: Ppb, seconds: u32, window: u32) -> Result<Real, RiskError> {
	// Beyond five years an average says nothing; the bound keeps the products below in range.
	let window = i64::from(window.min(crate::units::MAX_SECONDS));
	let live = i64::from(seconds).min(window);
	// |shock - 1| <= 9e9 times 1.6e8 is below 1.5e18.
	Ok(Real::from_ratio(window * BILLION + (shock.0 - BILLION) * live, window * BILLION)?)
}

fn terms(
	p: &PortfolioParameters,
	expiry: &Expiry,
	window: u32,
	rate: Real,
	time: Time,
) -> Result<ExpiryTerms, RiskError> {
	let years = time.years();
	let growth = |of_rate: Ppb, add: Ppb| -> Result<Real, RiskError> {
		let rate = rate.checked_mul(Real::from_ppb(of_rate.0)?)?;
		Ok(rate.checked_add(Real::from_ppb(add.0)?)?.checked_mul(years)?)
	};
	let decay = exp_negative(growth(p.discount_long_rate, p.discount_long_add)?);
	// 2^62 * 2^30: fits; from 62 to 60 fraction bits, rounded down.
	let long = decay.to_bits().max(0) as u128 * p.discount_long.0.max(0) as u128;
	let long = u64::try_from(long / BILLION as u128 / 4).map_err(|_| ArgumentError::Rate)?;
	let short = exp(growth(p.discount_short_rate, p.discount_short_add)?);
	let parity = exp(rate.checked_mul(years)?);
	let short = factor_up(short, p.discount_short).min(factor_up(parity, Ppb::ONE));
	let seconds = u128::from(expiry.seconds);
	let basis =
		p.basis_add.0.max(0) as u128 * YEAR_SECONDS + p.basis_slope.0.max(0) as u128 * seconds;
	let window = window.min(crate::units::MAX_SECONDS);
	let live = expiry.seconds.min(window);
	Ok(ExpiryTerms {
		confidence: expiry.confidence(),
		discount_long: Factor(long),
		discount_short: u64::try_from(short).map(Factor).map_err(|_| ArgumentError::Rate)?,
		basis: Factor::ratio_up(basis, YEAR_SECONDS * BILLION as u128)
			.ok_or(ArgumentError::Seconds)?,
		live: Factor::ratio_up(live.into(), window.into()).ok_or(ArgumentError::Seconds)?,
		discounted_forward: Price::ZERO,
		skew_slope: Ppb::ZERO,
	})
}

/// `growth * factor` with 60 fraction bits, rounded up; a growth beyond the type is beyond any factor.
fn factor_up(growth: ballast_pricing::Result<Real>, factor: Ppb) -> u128 {
	match growth {
		// From 56 to 60 fraction bits: 2^63 * 2^4 * 2^31.
		Ok(growth) => {
			let product = growth.to_bits().max(0) as u128 * 16 * factor.0.max(0) as u128;
			product.div_ceil(BILLION as u128)
		},
		Err(_) => u128::MAX,
	}
}

/// Bound on the slope that a tilt adds to an option's value, per forward: `density(d1) s cap / k*`
/// with the largest total volatility the slice can give.
fn skew_slope(slice: &PreparedSlice, vols: &VolShocks, time: Time) -> Result<Ppb, RiskError> {
	// Total variance is convex in log-moneyness, so an end of the clamp has the largest.
	let ends = [slice.total_variance_at(Real::MAX)?, slice.total_variance_at(Real::MIN)?];
	let end = if ends[0] >= ends[1] { Real::MAX } else { Real::MIN };
	let total_vol = slice.vol_at(end)?.checked_mul(time.sqrt_years())?;
	let slope = vols.linear.slope.max(vols.absolute.slope);
	// Fraction bits 56 + 56, cut to 56 and rounded up: at most 2^63 * 2^63 / 2^56 * 2^29.
	let product = total_vol.to_bits().max(0) as u128 * slope.to_bits().max(0) as u128;
	let bound = ((product >> 56) + 2) * DENSITY_BOUND.0 as u128;
	Ok(Ppb(i64::try_from((bound >> 56) + 1).map_err(|_| ArgumentError::Volatility)?))
}

impl VolShocks {
	fn new(p: &PortfolioParameters, seconds: u32, time: Time) -> Result<Self, RiskError> {
		let measured = seconds.max(p.vol_floor_seconds);
		let ratio = Real::from_ratio(THIRTY_DAYS_SECONDS.into(), measured.into())?;
		let short = seconds <= THIRTY_DAYS_SECONDS;
		let power = if short { p.vol_short_power } else { p.vol_long_power };
		let scale = pow(ratio, Real::from_ppb(power.0)?)?;
		let rise = scale.checked_mul(Real::from_ppb(p.vol_up.0)?)?;
		let fall = scale.checked_mul(Real::from_ppb(p.vol_down.0)?)?;
		let root = time.sqrt_years();
		Ok(Self {
			up: Real::ONE.checked_add(rise)?,
			up_floor: Real::from_ppb(p.vol_up_floor.0)?,
			down: Real::ONE.checked_sub(fall)?.max(Real::ZERO),
			linear: Skew::new(p, p.skew_linear_cap, p.skew_linear_cap_slope, root)?,
			absolute: Skew::new(p, p.skew_absolute_cap, p.skew_absolute_cap_slope, root)?,
		})
	}

	/// The volatility under a shock, for `k = ln(K / F)` at the unshocked forward.
	pub fn apply(&self, kind: VolShock, vol: Vol, k: Real) -> Result<Vol, RiskError> {
		Ok(match kind {
			VolShock::Up => vol.checked_mul(self.up)?.max(self.up_floor),
			VolShock::None => vol,
			VolShock::Down => vol.checked_mul(self.down)?,
			VolShock::Linear => vol.checked_mul(self.linear.factor(k)?)?,
			VolShock::Absolute => vol.checked_mul(self.absolute.factor(k.saturating_abs())?)?,
		})
	}
}

impl Skew {
	/// The cap is kept within 0 and 1: a tilt of more than the whole volatility means nothing.
	fn new(p: &PortfolioParameters, cap: Ppb, slope: Ppb, root: Real) -> Result<Self, RiskError> {
		let cap =
			Real::from_ppb(slope.0)?.checked_mul(root)?.checked_add(Real::from_ppb(cap.0)?)?;
		let cap = cap.max(Real::ZERO).min(Real::ONE);
		let vol = Real::from_ppb(p.skew_vol_slope.0)?.checked_mul(root)?;
		let vol = vol.checked_add(Real::from_ppb(p.skew_vol.0)?)?;
		let width = Real::from_ppb(p.skew_width.0)?.checked_mul(root)?;
		let k_star = width.checked_mul(vol)?.max(Real::from_ppb(p.skew_k_min.0)?);
		Ok(Self { k_star, slope: cap.checked_div(k_star)? })
	}

	/// `max(0, 1 + clamp(k cap / k*, -cap, cap))`.
	fn factor(&self, k: Real) -> Result<Real, RiskError> {
		let k = k.min(self.k_star).max(self.k_star.saturating_neg());
		Ok(Real::ONE.checked_add(k.checked_mul(self.slope)?)?.max(Real::ZERO))
	}
}
