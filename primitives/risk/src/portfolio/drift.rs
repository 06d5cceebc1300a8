// SPDX-License-Identifier: Apache-2.0
//! How fast maintenance margin can fall when everything but spot moves.
//!
//! [`SurplusBound`](super::SurplusBound) fixes the surface: volatility by strike, time, rates, the
//! ratio of each forward to spot. [`Portfolio::drift`] measures how far a surface has moved, whatever
//! spot is, and the bound here says what a drift of one costs. The two steps are taken in this order:
//!
//! 1. spot moves from `S` to `S'` on the old surface: [`Portfolio::surplus_bound`];
//! 2. the delay move rises by `d` at `S'` on the old surface;
//! 3. the surface and the quote price drift at `S'`: forwards, and with them deltas and vegas, are
//!    those at `S'`. That is why the bound is enlarged by [`DRIFT_SPOT_RANGE`], within which `S'` has
//!    to stay.
//!
//! So `MM(S', d, surface') >= MM(S, surface) - relative_fall |S' - S| / S - drift_bound (drift + d) -
//! slack`.
//!
//! Per contract the drift of an expiry bounds the fall of every candidate of maintenance per unit of a
//! *reach* `1.3 * 9/8 * S` (for a put at least its strike, of which a change of discount takes a part).
//! On top of that:
//!
//! - The basis contingency counts `maintenance_factor basis`, which time can only lower; the drift
//!   covers twice its moves.
//! - The delay buffer takes delta and gamma from the basis moves, `h` up and `l` down: per move of a
//!   value its delta moves by `max(l / h, h / l) / (h + l)` and its gamma by `2 / (h l)`. Deltas are at
//!   most the discounted forward and gammas `2 / (h + l)` of it, which bounds what a rise of the delay
//!   move costs.
//! - Collateral is worth `amount price / quote_price`, in hedging scenarios `1 + c (x - 1)` of that.
//!
//! The ratio of the perpetual's price and of collateral's price to spot is fixed, as for the spot
//! bound.

use super::account::PortfolioAccount;
use super::legs::{by_expiry, each_net, legs, sort, survey, Leg};
use super::{ExpiryTerms, Portfolio};
use crate::units::{
	ceil_billionth, floor_billionth, lots_in_range, micro_ceil, subtotal, Fine, BILLION,
	MAX_EXPIRIES, MAX_LEGS,
};
use crate::{Factor, List, MicroUsd, Position, Ppb, Price, RiskError};

/// Relative rise of spot up to which [`Portfolio::drift_bound`] holds: beyond it an account is to be
/// looked at again.
pub const DRIFT_SPOT_RANGE: Ppb = Ppb(300_000_000);
/// Rise of [`super::Adjustments::delay_move`] up to which [`DriftBound::near`] holds.
pub const DRIFT_DELAY_RANGE: Ppb = Ppb(10_000_000);
/// Rise of [`super::Adjustments::delay_move`] up to which [`DriftBound::wide`] holds.
pub const DRIFT_WIDE_DELAY_RANGE: Ppb = Ppb(40_000_000);
/// Forward over spot up to which a drift counts forwards at their own size; see [`super::SurfaceTerms`].
pub(super) const FORWARD_RANGE: Ppb = Ppb(1_125_000_000);
/// A drift counts the moves of the basis contingency this many times.
pub(crate) const BASIS_WEIGHT: i128 = 2;

/// `1.3 * 9/8` of spot: no forward is larger within the ranges above.
pub(crate) fn reach(spot: Price) -> Fine {
	let range = (BILLION + DRIFT_SPOT_RANGE.0) as i128 * FORWARD_RANGE.wide();
	ceil_billionth(ceil_billionth(range) * i128::from(spot.pico_usd()))
}

/// Bounds on what a drift costs, micro-USD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DriftBound {
	/// While the delay move has risen by at most [`DRIFT_DELAY_RANGE`].
	pub near: MicroUsd,
	/// While it has risen by at most [`DRIFT_WIDE_DELAY_RANGE`].
	pub wide: MicroUsd,
}

impl Portfolio<'_> {
	/// Micro-USD by which maintenance margin can fall per drift of one ([`Portfolio::drift`], the
	/// largest of the account's expiries and of the quote price), and per rise of the delay move by
	/// one. Rounded up; what rounding adds is in [`super::SurplusBound::slack`].
	///
	/// Holds while spot is at most [`DRIFT_SPOT_RANGE`] above the account's and the delay move has
	/// risen by no more than the bound says. No array is read.
	pub fn drift_bound(&self, account: &PortfolioAccount<'_>) -> Result<DriftBound, RiskError> {
		let (round, book) = (&account.round, &account.book);
		round.market.validate()?;
		book.check()?;
		account.adjustments.check()?;
		if round.expiries.len() > MAX_EXPIRIES {
			return Err(RiskError::TooMany(List::Expiries));
		}
		let delay_move = account.adjustments.delay_move;
		let ranges = [DRIFT_DELAY_RANGE, DRIFT_WIDE_DELAY_RANGE];
		let delays =
			[self.delay_drift(delay_move, ranges[0])?, self.delay_drift(delay_move, ranges[1])?];
		let mut falls =
			[self.delta_one_drift(account, ranges[0])?, self.delta_one_drift(account, ranges[1])?];
		let (mut room, series) = ([Position { series: 0, lots: 0 }; MAX_LEGS], round.series);
		let positions = match survey(book.options, series, round.expiries.len())? {
			true => book.options,
			false => sort(book.options, series, &mut room),
		};
		for (index, group) in by_expiry(positions, series) {
			let terms = round.expiries.get(index).ok_or(RiskError::UnknownExpiry)?;
			let reach = reach(round.market.spot).max(scaled(terms.discounted_forward));
			let counted = counted(legs(group, series), reach)?;
			let basis = self.basis_drift(terms);
			for (fall, delay) in falls.iter_mut().zip(&delays) {
				let weight = (basis + delay.of_drift).max(delay.of_rise);
				*fall = subtotal(*fall + weighted(counted, weight)?)?;
			}
		}
		let [near, wide] = falls.map(|fall| micro_ceil(fall, book.lots_per_contract));
		Ok(DriftBound { near, wide })
	}

	/// Weight of an expiry by its basis contingency, at least one, billionths.
	fn basis_drift(&self, terms: &ExpiryTerms) -> i128 {
		let basis = ceil_billionth(self.parameters.maintenance_factor.wide() * ppb_up(terms.basis));
		(basis / BASIS_WEIGHT + 1).max(Ppb::ONE.wide())
	}

	/// Perpetual and collateral.
	fn delta_one_drift(&self, account: &PortfolioAccount, range: Ppb) -> Result<Fine, RiskError> {
		let (book, quote_price) = (&account.book, account.round.market.quote_price);
		let p = self.parameters;
		let size = account.adjustments.delay_move.wide() + range.wide();
		let hedged = self.scenarios.iter().map(|scenario| {
			let shock = (scenario.spot.0 - BILLION).unsigned_abs();
			ceil_billionth(
				ceil_billionth(p.maintenance_factor.wide() * scenario.weight.wide())
					* i128::from(shock),
			)
		});
		// At most 1 + 4 * 9 + 10: under 2^36.
		let weight = Ppb::ONE.wide() + hedged.max().unwrap_or(0) + size;
		let lots = lots_in_range(book.perpetual.lots)?.abs();
		let mut total = subtotal(lots * i128::from(book.perpetual.price.pico_usd()))?;
		for collateral in book.collateral {
			let worth = collateral.worth(quote_price, book.lots_per_contract)?;
			// A drift counts changes of 1 / quote_price, of which the worth at a price of one is lost.
			let at_one = (floor_billionth(worth) + 1) * quote_price.wide();
			let counted = subtotal(worth.max(at_one) + 1)?;
			total = subtotal(total + weighted(counted, weight)?)?;
		}
		subtotal(weighted(total, Ppb::ONE.wide() + DRIFT_SPOT_RANGE.wide())?)
	}

	/// What the delay buffer adds, for a delay move up to `range` above `size`.
	fn delay_drift(&self, size: Ppb, range: Ppb) -> Result<DelayDrift, RiskError> {
		let billion = Ppb::ONE.wide();
		let p = self.parameters;
		let (rise, fall) = (p.basis_up.wide() - billion, billion - p.basis_down.wide());
		if rise <= 0 || fall <= 0 {
			return Ok(DelayDrift::default());
		}
		let ratio = |numerator: i128, denominator: i128| numerator / denominator + 1;
		let both = rise + fall;
		let larger = rise.max(fall) * billion * billion;
		// At most 1e18 and 1e27; times a move of 1e10 or its square over a billion.
		let delta = billion + ratio(larger, rise.min(fall) * both);
		let gamma = ratio(billion * billion * billion, rise * fall);
		let most = size.wide() + range.wide();
		let squared = ceil_billionth(most * most);
		let moved = weighted(squared, gamma)? + weighted(most, delta)?;
		let of_rise = ratio((2 * size.wide() + range.wide()) * billion, both);
		Ok(DelayDrift { of_drift: moved / BASIS_WEIGHT + 1, of_rise: billion + of_rise })
	}
}

/// What the delay buffer adds to the weight of an expiry, billionths.
#[derive(Clone, Copy, Default)]
struct DelayDrift {
	/// To that of a drift.
	of_drift: i128,
	/// The weight of a rise of the delay move.
	of_rise: i128,
}

/// An amount times billionths, rounded up.
fn weighted(amount: i128, billionths: i128) -> Result<i128, RiskError> {
	let product = amount.checked_mul(billionths).filter(|it| *it < 1 << 124);
	Ok(ceil_billionth(product.ok_or(RiskError::BookTooLarge)?))
}

/// A discounted forward, spot risen by its range.
fn scaled(forward: Price) -> Fine {
	ceil_billionth(i128::from(forward.pico_usd()) * (Ppb::ONE.wide() + DRIFT_SPOT_RANGE.wide()))
}

/// Lots times the reach of each series, netted: for a put at least its strike.
fn counted(legs: impl Iterator<Item = Leg>, reach: Fine) -> Result<Fine, RiskError> {
	let mut counted = Ok(0);
	each_net(legs, |leg| {
		let each = if leg.is_put { reach.max(leg.strike.into()) } else { reach };
		// 2^47 lots times 2^64.
		let lots = i128::from(leg.lots.unsigned_abs());
		counted = counted.and_then(|sum| subtotal(sum + subtotal(lots * each)?));
	});
	counted
}

/// A factor in billionths, rounded up: below 2^34.
fn ppb_up(factor: Factor) -> i128 {
	((i128::from(factor.0) * Ppb::ONE.wide()) >> 60) + 1
}
