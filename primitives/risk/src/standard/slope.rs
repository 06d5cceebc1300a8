// SPDX-License-Identifier: Apache-2.0
//! How fast maintenance margin can fall under standard margin.
//!
//! Maintenance of an expiry is the larger of two requirements, so it falls no faster than the faster of
//! them; `y` is the ratio of spot to what it is now, forwards follow it:
//!
//! - Each short by itself: a short call costs its delta, within `[0, F]`, and `call_maintenance S` when
//!   spot rises, a short put `put_maintenance S` when it rises and `(1 + put_mark_maintenance) F` when
//!   it falls.
//! - The least payoff: only what is sold unpaired depends on the forward, `unpaired_maintenance F`.
//! - Base asset and perpetual are linear.
//! - Where no call is sold without a bought one, the requirement of an expiry is never below its least payoff, which
//!   no price changes: with options alone, that bounds the fall in all. Spreads are held at cash of about their width,
//!   and legs that hedge each other would look far steeper one by one.
//!
//! Per drift of one ([`crate::Portfolio::drift`]) an undiscounted value moves by at most half of the
//! reach of the expiry, and so does the forward: see the head of `portfolio/drift.rs` for the reach and
//! for the order of spot and drift.

use super::account::{StandardAccount, StandardExpiry, Underlying};
use super::expiry::requirement;
use super::model::check;
use super::Standard;
use crate::book::worth;
use crate::market::check_quote_price;
use crate::portfolio::drift::{reach, BASIS_WEIGHT};
use crate::portfolio::legs::{each_net, Leg, Legs};
use crate::units::{
	ceil_billionth, lots_in_range, micro_ceil, micro_ceil_nano, nano_subtotal, subtotal, times,
	Fine, NanoFine, MAX_UNDERLYINGS,
};
use crate::{List, MicroUsd, Ppb, RiskError};

/// A bound on the fall of maintenance margin on one underlying.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StandardBound {
	/// Fall for a move by the whole of spot, either way, micro-USD, rounded up.
	pub relative_fall: MicroUsd,
	/// The same while spot only falls.
	pub when_falling: MicroUsd,
	/// The same while spot only rises.
	pub when_rising: MicroUsd,
	/// Fall for a drift of one, while spot is at most [`crate::DRIFT_SPOT_RANGE`] above the present
	/// one, micro-USD, rounded up. The delay move does not count under standard margin.
	pub drift_fall: MicroUsd,
	/// What rounding and the error of prices can add to both, micro-USD.
	pub slack: MicroUsd,
	/// The most it can fall in all, whatever prices do, micro-USD, rounded up; `None` if nothing bounds it.
	pub most_fall: Option<MicroUsd>,
}

/// Bounds by underlying, in the order of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandardBounds {
	bounds: [StandardBound; MAX_UNDERLYINGS],
	count: usize,
}

impl StandardBounds {
	/// One bound per underlying of the account, in its order.
	pub fn as_slice(&self) -> &[StandardBound] {
		self.bounds.get(..self.count).unwrap_or(&[])
	}
}

impl Standard {
	/// Bounds on how fast maintenance margin can fall, per underlying. Open orders are left out: they
	/// do not count for maintenance.
	pub fn surplus_bounds(
		&self,
		account: &StandardAccount<'_>,
	) -> Result<StandardBounds, RiskError> {
		check_quote_price(account.quote_price)?;
		if account.underlyings.len() > MAX_UNDERLYINGS {
			return Err(RiskError::TooMany(List::Underlyings));
		}
		let mut bounds = [StandardBound::default(); MAX_UNDERLYINGS];
		for (bound, underlying) in bounds.iter_mut().zip(account.underlyings) {
			*bound = Falls::new(underlying)?.bound(underlying.lots_per_contract);
		}
		Ok(StandardBounds { bounds, count: account.underlyings.len() })
	}
}

/// What one underlying can lose, pico-USD times lots.
#[derive(Clone, Copy, Default)]
struct Falls {
	/// Per relative rise of spot.
	rising: Fine,
	/// Per relative fall of spot.
	falling: Fine,
	/// Per drift.
	drift: Fine,
	slack: Fine,
	/// In all, billionths.
	most: Option<NanoFine>,
}

impl Falls {
	fn new(underlying: &Underlying) -> Result<Self, RiskError> {
		check(underlying)?;
		let mut falls = Self { most: Some(0), ..Self::default() };
		let (options, expiries) = (underlying.options, underlying.expiries);
		let legs = Legs::collect(options, &[], false, underlying.series, expiries.len())?;
		for group in legs.by_expiry() {
			let index = group.first().map_or(0, |leg| usize::from(leg.expiry));
			let expiry = expiries.get(index).ok_or(RiskError::UnknownExpiry)?;
			falls.add_expiry(underlying, expiry, group)?;
			let held = requirement(underlying, expiry, group, 0)?;
			falls.most = falls
				.most
				.zip(held.floor)
				.map(|(most, floor)| nano_subtotal(most + held.maintenance - floor))
				.transpose()?;
		}
		if underlying.base > 0 || underlying.perpetual.lots != 0 {
			falls.most = None;
		}
		falls.add_linear(underlying)?;
		Ok(falls)
	}

	fn add_expiry(
		&mut self,
		underlying: &Underlying,
		expiry: &StandardExpiry,
		group: &[Leg],
	) -> Result<(), RiskError> {
		let p = underlying.parameters;
		let (spot, forward) = (pico(underlying.spot), pico(expiry.forward));
		let (mut calls, mut puts, mut net_calls, mut error) = (0i128, 0i128, 0i128, 0i128);
		each_net(group.iter().copied(), |leg| {
			let lots = i128::from(leg.lots);
			if !leg.is_put {
				net_calls += lots;
			}
			*(if leg.is_put { &mut puts } else { &mut calls }) -= lots.min(0);
			// See the error of prices of portfolio margin: at most 2^47 lots times 2^25.
			error += lots.abs() * (((forward + i128::from(leg.strike)) >> 40) + 256);
		});
		let unpaired = -net_calls.min(0);
		let of = |lots: i128, price: i128, factor: Ppb| -> Result<Fine, RiskError> {
			Ok(ceil_billionth(times(subtotal(lots * price)?, factor.0)))
		};
		let mark = Ppb(Ppb::ONE.0 + p.put_mark_maintenance.0);
		let called = of(calls, forward, Ppb::ONE)? + of(calls, spot, p.call_maintenance)?;
		let rising = called + of(puts, spot, p.put_maintenance)?;
		let reach = reach(underlying.spot);
		let alone = of(calls, reach, Ppb::ONE)? + of(puts, reach, mark)?;
		let (unpaired, unpaired_drift) = (
			of(unpaired, forward, p.unpaired_maintenance)?,
			of(unpaired, reach, p.unpaired_maintenance)?,
		);
		self.rising = subtotal(self.rising + rising.max(unpaired))?;
		self.falling = subtotal(self.falling + of(puts, forward, mark)?)?;
		self.drift = subtotal(self.drift + alone.max(unpaired_drift) / BASIS_WEIGHT + 1)?;
		self.slack = subtotal(self.slack + of(error, 1, mark)?)?;
		Ok(())
	}

	/// Base asset and perpetual: what they gain when spot rises they lose when it falls.
	fn add_linear(&mut self, underlying: &Underlying) -> Result<(), RiskError> {
		let (p, perpetual) = (underlying.parameters, &underlying.perpetual);
		let dollars = worth(
			underlying.base,
			underlying.base_units_per_token,
			underlying.spot,
			Ppb::ONE,
			underlying.lots_per_contract,
		)?;
		let lots = lots_in_range(perpetual.lots)?;
		let notional = subtotal(lots * pico(perpetual.price))?;
		let charge = times(notional.abs(), p.perpetual_maintenance.0);
		let gain = times(dollars, p.base_factor.0) + times(notional, Ppb::ONE.0) - charge;
		let gain = subtotal(ceil_billionth(gain))?;
		self.rising = subtotal(self.rising - gain + 1)?;
		self.falling = subtotal(self.falling + gain)?;
		Ok(())
	}

	fn bound(&self, lots_per_contract: u32) -> StandardBound {
		let of = |fall: Fine| micro_ceil(fall.max(0), lots_per_contract);
		let (when_falling, when_rising) = (of(self.falling), of(self.rising));
		StandardBound {
			relative_fall: when_falling.max(when_rising),
			when_falling,
			when_rising,
			drift_fall: micro_ceil(self.drift, lots_per_contract),
			slack: micro_ceil(self.slack, lots_per_contract) + 2,
			most_fall: self.most.map(|most| micro_ceil_nano(most, lots_per_contract)),
		}
	}
}

fn pico(price: crate::Price) -> i128 {
	i128::from(price.pico_usd())
}
