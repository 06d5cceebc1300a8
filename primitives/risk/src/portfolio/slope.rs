// SPDX-License-Identifier: Apache-2.0
//! How fast maintenance margin can fall when spot moves.
//!
//! Volatility by strike, time, rates and the ratios of forwards, perpetual and hedging collateral
//! to spot are fixed. With `y` the ratio of spot to what it is now, all figures below are
//! derivatives by `y`, and since none of the bounds depends on `y` they hold for every move.
//!
//! - A discounted call has a delta within `[0, 1]` of its discounted forward, a put within
//!   `[-1, 0]`. A shocked forward `g F` scales that by `g = live x + 1 - live`.
//! - Maintenance is a minimum over candidates (basis and scenarios) of
//!   `H = c pnl + mark + cash - charges` with `c = maintenance_factor weight`. A minimum falls no
//!   faster than its fastest candidate.
//! - Options of one expiry, scenario of spot and volatility: `H' = (1 - c) M' + c d T'` with the
//!   discount `d` within `[long, short]`. Per contract and discounted forward the slope of a call
//!   lies within `[-(c - 1)+, (1 - c)+ + c short g]`.
//! - A skew scenario counts `-c |d T - M|`: `H'` is `(1 + c) M' - c d T'` or `(1 - c) M' + c d T'`.
//!   `T` also changes through the tilt, by at most `density(0) s cap / k*` ([`ExpiryTerms::skew_slope`]).
//! - Basis: `c = maintenance_factor basis`, and `H' = M'` or `(1 - c) M' + c T'`.
//! - Perpetual, hedging collateral and the charges on spot are linear and enter with their sign.
//!
//! Rising spot costs short calls and long puts the upper end of the interval and the others the
//! lower end; falling spot the reverse. The delay buffer adds a bound on its own change.

use super::account::PortfolioAccount;
use super::legs::{by_expiry, each_net, exposure, legs, sort, survey, Leg};
use super::{ExpiryTerms, Portfolio, Scenario};
use crate::units::{
	ceil_billionth, floor_billionth, lots_in_range, micro_ceil, subtotal, Fine, BILLION,
	MAX_EXPIRIES, MAX_LEGS,
};
use crate::{Factor, List, MicroUsd, Position, Ppb, Price, RiskError};

/// Fraction bits of a slope's coefficients: a millionth is exact enough for a bound, rounded up.
const BITS: u32 = 20;
const ONE: i64 = 1 << BITS;
/// Largest coefficient. With money below `2^26` units, 26 products stay within `2^62`.
const LARGEST: i64 = 1 << 31;
/// Bits of the largest exposure of a book, in units chosen for that book.
const MONEY_BITS: u32 = 26;

/// A bound on the fall of maintenance margin: `fall(move) = relative_fall move / spot + slack`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SurplusBound {
	/// Fall for a move by the whole of spot, either way, in micro-USD, rounded up: the larger of the two below.
	pub relative_fall: MicroUsd,
	/// The same while spot only falls.
	pub when_falling: MicroUsd,
	/// The same while spot only rises.
	pub when_rising: MicroUsd,
	/// What rounding and the error of prices can add, in micro-USD, for moves to within a tenth and
	/// ten times of spot.
	pub slack: MicroUsd,
	/// Spot the bound refers to.
	pub spot: Price,
}

impl SurplusBound {
	/// The bound for a spot on one side: that fall alone.
	pub fn toward(self, spot: Price) -> Self {
		let relative_fall = if spot < self.spot { self.when_falling } else { self.when_rising };
		Self { relative_fall, ..self }
	}

	/// Most that maintenance margin falls when spot moves by `distance`, rounded up.
	pub fn fall(&self, distance: Price) -> MicroUsd {
		let spot = i128::from(self.spot.pico_usd()).max(1);
		let (whole, rest) =
			(self.relative_fall.div_euclid(spot), self.relative_fall.rem_euclid(spot));
		// Less than 2^90 micro-USD per 2^63: split, so that no product exceeds 2^127.
		let distance = i128::from(distance.pico_usd());
		whole
			.saturating_mul(distance)
			.saturating_add(-(-(rest * distance)).div_euclid(spot))
			.saturating_add(self.slack)
	}

	/// Farthest that spot may move, either way, before maintenance margin of `surplus` can be used
	/// up, rounded down.
	pub fn safe_distance(&self, surplus: MicroUsd) -> Price {
		let room = surplus.saturating_sub(self.slack).max(0);
		if self.relative_fall <= 0 {
			return Price::MAX;
		}
		let spot = i128::from(self.spot.pico_usd());
		// Whole part and rest apart; the rest is cut to 63 bits, its divisor rounded up.
		let whole = room.div_euclid(self.relative_fall).saturating_mul(spot);
		let rest = room.rem_euclid(self.relative_fall);
		let scale = 1 + (rest >> 63);
		let part = (rest / scale) * spot / (self.relative_fall / scale).saturating_add(1);
		let pico = whole.saturating_add(part).min(i128::from(Price::MAX.pico_usd()));
		i64::try_from(pico)
			.ok()
			.and_then(|pico| Price::from_pico_usd(pico).ok())
			.unwrap_or(Price::ZERO)
	}
}

/// Discounted forward times lots of one expiry, in pico-USD times lots.
#[derive(Clone, Copy, Default)]
struct Sides {
	/// Short calls and long puts: rising spot costs them.
	up: Fine,
	/// Long calls and short puts: falling spot costs them.
	down: Fine,
	terms: ExpiryTerms,
}

/// The same in units of the book, rounded up, with the coefficients of the expiry.
#[derive(Clone, Copy, Default)]
struct Exposed {
	up: i64,
	down: i64,
	basis: i64,
	short: i64,
	live: i64,
	skew_slope: i64,
}

/// Ends of the interval of a slope, with [`BITS`] fraction bits: what the losing side loses and
/// what the other side loses, per discounted forward.
#[derive(Clone, Copy)]
struct Interval {
	same: i64,
	opposite: i64,
}

/// Falls per relative move of spot, zero or above, with [`BITS`] fraction bits.
#[derive(Clone, Copy)]
struct Falls {
	/// While spot rises.
	rising: i64,
	/// While it falls.
	falling: i64,
}

impl Falls {
	/// The larger of each.
	fn max(self, other: Self) -> Self {
		Self { rising: self.rising.max(other.rising), falling: self.falling.max(other.falling) }
	}
}

/// Everything of a book that does not depend on the candidate, in units of `2^shift` pico-USD
/// times lots.
struct Slopes {
	expiries: [Exposed; MAX_EXPIRIES],
	count: usize,
	/// Profit of perpetual and hedging collateral, rounded down.
	delta_one: i64,
	/// Charges that scale with spot, rounded up.
	charges: i64,
	shift: u32,
	gross: Fine,
	exact_delta_one: Fine,
	slack: Fine,
}

impl Portfolio<'_> {
	/// Bound on how fast maintenance margin can fall when spot moves, from the book, the terms of
	/// its expiries and the parameters alone: no array is read.
	///
	/// The derivation: with `y` the ratio of spot to what it is now, maintenance is a minimum over
	/// the basis contingency and the scenarios of functions whose slope by `y` lies in an interval
	/// per contract, scaled by the discounted forward; the sum of the intervals' worse ends bounds
	/// the fall. Volatility by strike, time and rates are fixed. The module's head in the source and
	/// the README state every interval.
	pub fn surplus_bound(&self, account: &PortfolioAccount<'_>) -> Result<SurplusBound, RiskError> {
		let slopes = self.slopes(account)?;
		let mut steepest = self.basis_fall(&slopes)?;
		let mut last = None;
		for scenario in self.scenarios {
			// Scenarios that differ by volatility alone have the same bound.
			let key = (scenario.spot, scenario.weight, scenario.vol.is_skew());
			if last != Some(key) {
				last = Some(key);
				steepest = steepest.max(self.scenario_fall(&slopes, scenario)?);
			}
		}
		let delay = self.delay_fall(&slopes, account.adjustments.delay_move)?;
		let lots = account.book.lots_per_contract;
		let of = |steepest: i64| {
			micro_ceil(((i128::from(steepest >> BITS) + 1) << slopes.shift) + delay, lots)
		};
		let (when_falling, when_rising) = (of(steepest.falling), of(steepest.rising));
		Ok(SurplusBound {
			relative_fall: when_falling.max(when_rising),
			when_falling,
			when_rising,
			slack: micro_ceil(slopes.slack, lots) + 2,
			spot: account.round.market.spot,
		})
	}

	fn slopes(&self, account: &PortfolioAccount) -> Result<Slopes, RiskError> {
		let (round, book, p) = (&account.round, &account.book, self.parameters);
		round.market.validate()?;
		book.check()?;
		account.adjustments.check()?;
		if round.expiries.len() > MAX_EXPIRIES {
			return Err(RiskError::TooMany(List::Expiries));
		}
		let spot = i128::from(round.market.spot.pico_usd());
		let lots = lots_in_range(book.perpetual.lots)?;
		let notional = subtotal(lots.abs() * spot)?;
		let mut delta_one = subtotal(lots * i128::from(book.perpetual.price.pico_usd()))?;
		let mut charges = notional * p.perpetual_maintenance.wide();
		for collateral in book.collateral.iter().filter(|collateral| collateral.hedges_spot) {
			let worth = collateral.worth(round.market.quote_price, book.lots_per_contract)?;
			delta_one += worth;
			charges += worth * collateral.haircut_maintenance.wide();
		}
		let mut sides = [Sides::default(); MAX_EXPIRIES];
		let (mut count, mut slack, mut gross) = (0, 0, 0);
		let (mut room, series) = ([Position { series: 0, lots: 0 }; MAX_LEGS], round.series);
		let positions = match survey(book.options, series, round.expiries.len())? {
			true => book.options,
			false => sort(book.options, series, &mut room),
		};
		for (sides, (index, group)) in sides.iter_mut().zip(by_expiry(positions, series)) {
			let terms = round.expiries.get(index).ok_or(RiskError::UnknownExpiry)?;
			*sides = Sides::new(legs(group, series), terms)?;
			let naked = i128::from(exposure(legs(group, series)).naked);
			charges += subtotal(naked * spot)? * p.option_maintenance.wide();
			slack = subtotal(slack + price_error(legs(group, series), terms)?)?;
			gross = subtotal(gross + sides.up + sides.down)?;
			count += 1;
		}
		let charges = subtotal(floor_billionth(charges) + 1)?;
		let exact_delta_one = subtotal(delta_one)?;
		let largest = gross.max(exact_delta_one.abs()).max(charges);
		let shift = (i128::BITS - largest.leading_zeros()).saturating_sub(MONEY_BITS);
		let mut expiries = [Exposed::default(); MAX_EXPIRIES];
		for (exposed, sides) in expiries.iter_mut().zip(&sides).take(count) {
			*exposed = Exposed::new(sides, shift)?;
		}
		// Shifted by so many bits that the largest has MONEY_BITS.
		let delta_one = (exact_delta_one >> shift) as i64;
		let charges = (charges >> shift) as i64 + 1;
		Ok(Slopes { expiries, count, delta_one, charges, shift, gross, exact_delta_one, slack })
	}

	/// Fall of the candidate that is the basis contingency.
	fn basis_fall(&self, slopes: &Slopes) -> Result<Falls, RiskError> {
		let g = coefficient_up(self.parameters.basis_up)?;
		let factor = coefficient_up(self.parameters.maintenance_factor)?;
		let interval = |expiry: &Exposed| {
			let c = product_up(factor, expiry.basis);
			Interval {
				same: ((ONE - c).max(0) + product_up(c, g)).max(ONE),
				opposite: (c - ONE).max(0),
			}
		};
		slopes.fall(interval, slopes.linear(0))
	}

	fn scenario_fall(&self, slopes: &Slopes, scenario: &Scenario) -> Result<Falls, RiskError> {
		let factor = coefficient_up(self.parameters.maintenance_factor)?;
		let c = product_up(factor, coefficient_up(scenario.weight)?);
		let shock = coefficient_up(Ppb(scenario.spot.0 - Ppb::ONE.0))?;
		let interval = |expiry: &Exposed| {
			let short = product_up(c, expiry.short);
			let idle = (c - ONE).max(0);
			if scenario.vol.is_skew() {
				let tilt = product_up(short, expiry.skew_slope);
				return Interval {
					same: (ONE + c).max((ONE - c).max(0) + short) + tilt,
					opposite: short.max(idle) + tilt,
				};
			}
			let g = (ONE + product_up(expiry.live, shock)).max(0) + 1;
			Interval { same: (ONE - c).max(0) + product_up(short, g) + 1, opposite: idle }
		};
		slopes.fall(interval, slopes.linear(product_up(c, shock)))
	}

	/// Bound on how the delay buffer changes, in pico-USD times lots: its delta and gamma are
	/// differences of array entries.
	///
	/// Let `a` and `b` be what the slopes by `y` of the values after a rise by `h` and now, and of those now and after a fall by
	/// `l`, differ by. A call is convex: both are zero or above, `a + b` is at most `basis_up` and each at most that. So its
	/// delta `(a l / h + b h / l) / (h + l)` changes no faster than the larger ratio allows, and half its gamma, `(a / h - b / l) /
	/// (h + l)`, no faster than the larger quotient. A put is a call less a forward, whose delta changes by one and
	/// whose gamma by nothing.
	fn delay_fall(&self, slopes: &Slopes, size: Ppb) -> Result<Fine, RiskError> {
		let billion = Ppb::ONE.wide();
		let p = self.parameters;
		let linear = ceil_billionth(slopes.exact_delta_one.abs() * size.wide());
		let (rise, fall) = (p.basis_up.wide() - billion, billion - p.basis_down.wide());
		if size == Ppb::ZERO || rise <= 0 || fall <= 0 {
			return Ok(linear);
		}
		// Slopes of the two half moves, in billionths: at most 3e18 each, for a move of 1e-9.
		let over = |length: i128| p.basis_up.wide() * billion / length + 1;
		let (shorter, both) = (rise.min(fall), rise + fall);
		let steeper = over(shorter);
		// `(a l / h + b h / l) / (h + l)` with `a + b <= basis_up`; at least the slope of a forward.
		let central = over(both).saturating_mul(rise.max(fall)) / shorter + 1;
		let delta = ceil_billionth(size.wide() * central.min(steeper).max(billion));
		let squared = ceil_billionth(size.wide() * size.wide());
		let gamma = ceil_billionth(squared * steeper) * billion / both + 1;
		let options = slopes.gross.checked_mul(delta + gamma).filter(|fall| *fall < 1 << 124);
		subtotal(linear + ceil_billionth(options.ok_or(RiskError::BookTooLarge)?))
	}
}

impl Slopes {
	/// Least and largest slope of perpetual, collateral and charges where a scenario weighs
	/// `c (x - 1)`: five last places of `c` times a shock of nine stay under 64.
	fn linear(&self, weighted_shock: i64) -> (i64, i64) {
		let slope = self.delta_one * (ONE + weighted_shock) - self.charges * ONE;
		let error =
			(self.delta_one.abs() + self.charges + 1) * 64 + (ONE + weighted_shock.abs()) * 2;
		(slope - error, slope + error)
	}

	/// Falls for rising and for falling spot, zero or above.
	fn fall(
		&self,
		interval: impl Fn(&Exposed) -> Interval,
		linear: (i64, i64),
	) -> Result<Falls, RiskError> {
		let (mut rising, mut falling) = (-linear.0, linear.1);
		for expiry in self.expiries.iter().take(self.count) {
			let Interval { same, opposite } = interval(expiry);
			if same.max(opposite) > LARGEST {
				return Err(RiskError::BookTooLarge);
			}
			rising += same * expiry.up + opposite * expiry.down;
			falling += same * expiry.down + opposite * expiry.up;
		}
		Ok(Falls { rising: rising.max(0), falling: falling.max(0) })
	}
}

impl Sides {
	/// Sides of legs in order; lots of one series are netted.
	fn new(legs: impl Iterator<Item = Leg>, terms: &ExpiryTerms) -> Result<Self, RiskError> {
		let (mut up, mut down) = (0i128, 0i128);
		each_net(legs, |leg| {
			*(if (leg.lots < 0) != leg.is_put { &mut up } else { &mut down }) +=
				i128::from(leg.lots.unsigned_abs());
		});
		let forward = i128::from(terms.discounted_forward.pico_usd());
		Ok(Self { up: subtotal(up * forward)?, down: subtotal(down * forward)?, terms: *terms })
	}
}

impl Exposed {
	fn new(sides: &Sides, shift: u32) -> Result<Self, RiskError> {
		let coarse = |fine: Fine| if fine == 0 { 0 } else { (fine >> shift) as i64 + 1 };
		Ok(Self {
			up: coarse(sides.up),
			down: coarse(sides.down),
			basis: factor_bits(sides.terms.basis),
			short: factor_bits(sides.terms.discount_short),
			live: factor_bits(sides.terms.live),
			skew_slope: coefficient_up(sides.terms.skew_slope)?,
		})
	}
}

/// What errors of prices can add up to between two margins of one book, in pico-USD times lots:
/// per contract `2^-40` of forward plus strike and 256 pico-USD. That is a hundred times the
/// error of a price at ten times the forward, for the coefficients in front of it.
fn price_error(legs: impl Iterator<Item = Leg>, terms: &ExpiryTerms) -> Result<Fine, RiskError> {
	let forward = i128::from(terms.discounted_forward.pico_usd());
	let mut error = 0;
	for leg in legs {
		let each = ((forward + i128::from(leg.strike)) >> 40) + 256;
		error = subtotal(error + i128::from(leg.lots).abs() * each)?;
	}
	Ok(error)
}

/// Parts per billion as a coefficient, rounded up; under `2^33`, so that products fit.
fn coefficient_up(ppb: Ppb) -> Result<i64, RiskError> {
	if ppb.0.unsigned_abs() >= 1 << 42 {
		return Err(RiskError::BookTooLarge);
	}
	Ok(-((-ppb.0) << BITS).div_euclid(BILLION))
}

/// Upper bits of a factor below 16, rounded up.
fn factor_bits(factor: Factor) -> i64 {
	(factor.0 >> (60 - BITS)) as i64 + 1
}

/// Product of two coefficients, rounded up. The largest are `c short < 2^27` with a skew slope
/// below `2^33`.
fn product_up(a: i64, b: i64) -> i64 {
	-((-(a * b)) >> BITS)
}
