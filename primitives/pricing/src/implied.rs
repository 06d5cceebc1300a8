// SPDX-License-Identifier: Apache-2.0
//! Implied volatility: the inverse of Black-76.

use crate::{
	black76::{one_side, payoff, OptionKind},
	error::{Error, Result},
	fixed::{LogMoneyness, Real, TotalVol, Vol},
	ln::ln_word,
	normal::density,
	price::{ln_ratio, Price},
	sigma::Sigma,
	sqrt::sqrt,
	time::Time,
	wide::mul_high,
};

/// Evaluations in which Newton's steps may lead; a handful is enough but in far tails.
const NEWTON_EVALUATIONS: u32 = 40;

/// Halvings that bring the first bracket, 2^62 units, down to one.
const HALVINGS: u32 = 62;

/// The annual volatility at which an option on `forward` costs `price` (undiscounted).
///
/// Errors as [`total_vol`]; no time left is [`Error::TimeNotPositive`].
pub fn vol(
	kind: OptionKind,
	forward: Price,
	strike: Price,
	time: Time,
	price: Price,
) -> Result<Vol> {
	if time.is_zero() {
		return Err(Error::TimeNotPositive);
	}
	total_vol(kind, forward, strike, price)?.checked_div(time.sqrt_years())
}

/// The total volatility at which an option costs `price` (undiscounted): the kernel gives `price`
/// there to within its own error, `2^-49 (F + K)` rounded down to pico-USD, or the number below
/// gives less and this one more.
///
/// Forward and strike above zero. A price below the payoff or at the upper bound (forward of a
/// call, strike of a put) is an error. At the payoff itself the answer is zero. Always terminates,
/// after 102 evaluations at most: 40 of a Newton search kept inside a bracket, then halving.
pub fn total_vol(
	kind: OptionKind,
	forward: Price,
	strike: Price,
	price: Price,
) -> Result<TotalVol> {
	if forward.is_zero() {
		return Err(Error::ForwardNotPositive);
	}
	if strike.is_zero() {
		return Err(Error::StrikeNotPositive);
	}
	let bound = match kind {
		OptionKind::Call => forward,
		OptionKind::Put => strike,
	};
	if price >= bound {
		return Err(Error::PriceAboveBound);
	}
	let time_value = price.minus(payoff(kind, forward, strike));
	match time_value {
		..0 => Err(Error::PriceBelowIntrinsic),
		0 => Ok(TotalVol::ZERO),
		_ => {
			let ln_fk = ln_ratio(forward, strike)?;
			// Both sides of a strike have the same time value; out of the money it is the price.
			let kind = if forward < strike { OptionKind::Call } else { OptionKind::Put };
			Ok(Search { kind, forward, strike, ln_fk, target: time_value }.run())
		},
	}
}

/// The out-of-the-money option whose price is to be met.
struct Search {
	kind: OptionKind,
	forward: Price,
	strike: Price,
	ln_fk: LogMoneyness,
	/// Pico-USD, above zero.
	target: i64,
}

impl Search {
	/// The bracket `(low, high]`: the price is below the target at `low` (zero at no volatility)
	/// and at or above it at `high` (the bound at the largest total volatility).
	fn run(&self) -> TotalVol {
		let (mut low, mut high) = (0, Sigma::MAX_TOTAL_VOL.to_bits());
		let mut guess = self.inflection();
		// Left of the inflection the price rises like exp(-1/s^2): there its logarithm is followed.
		let mut logarithmic = None;
		for evaluation in 0..NEWTON_EVALUATIONS + HALVINGS {
			if high - low <= 1 {
				break;
			}
			if evaluation >= NEWTON_EVALUATIONS || guess <= low || guess >= high {
				guess = low + (high - low) / 2;
			}
			let (value, vega) = self.evaluate(guess);
			if value.abs_diff(self.target) <= self.tolerance() {
				return TotalVol::from_bits(guess);
			}
			if value < self.target {
				low = guess;
			} else {
				high = guess;
			}
			let by_logarithm = *logarithmic.get_or_insert(value > self.target);
			// A step of less than one unit still has to leave the point it starts from.
			let least = (self.target - value).signum();
			guess = match self.newton_step(value, vega, by_logarithm) {
				Some(0) => guess + least,
				Some(step) => guess.saturating_add(step),
				None => low,
			};
		}
		TotalVol::from_bits(high)
	}

	/// Below this a difference in price says nothing about the volatility.
	const fn tolerance(&self) -> u64 {
		(self.forward.word() + self.strike.word()) >> 49
	}

	/// `sqrt(2 |ln(F / K)|)`, where the price as a function of total volatility turns from convex
	/// to concave; not below 2^-8, where at the money the price is nearly a straight line.
	fn inflection(&self) -> i64 {
		let double = self.ln_fk.saturating_abs().saturating_add(self.ln_fk.saturating_abs());
		sqrt(double).unwrap_or(Real::ONE).to_bits().max(1 << 48)
	}

	/// Price and its derivative by total volatility, both in pico-USD.
	fn evaluate(&self, total_vol: i64) -> (i64, i64) {
		let Ok(sigma) = Sigma::new(TotalVol::from_bits(total_vol)) else { return (0, 0) };
		let value = one_side(self.kind, self.forward, self.strike, self.ln_fk, &sigma).pico_usd();
		let Some(d) = sigma.moneyness(self.ln_fk) else { return (value, 0) };
		let density = density(Real::from_bits(d.d1)).to_bits() as u64;
		// The density is below 0.4, so the product is below the forward.
		let vega = mul_high(self.forward.word() << 1, density << 1) as i64;
		(value, vega)
	}

	/// Newton's step for `value = target`, or for the logarithms of both; units of 2^-56.
	fn newton_step(&self, value: i64, vega: i64, by_logarithm: bool) -> Option<i64> {
		if vega <= 0 {
			return None;
		}
		let gap = if by_logarithm && value > 0 {
			let (wanted, found) = (ln_word(self.target as u64)?, ln_word(value as u64)?);
			// At most 44 2^56 times 2^63: 125 bits.
			i128::from(wanted.saturating_sub(found).to_bits()) * i128::from(value)
		} else {
			(i128::from(self.target) - i128::from(value)) << 56
		};
		i64::try_from(gap / i128::from(vega)).ok()
	}
}
