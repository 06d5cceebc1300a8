// SPDX-License-Identifier: Apache-2.0
//! Requirement of the options of one expiry.

use ballast_pricing::Price;

use super::account::{StandardExpiry, Underlying};
use crate::portfolio::charge_factor;
use crate::portfolio::legs::Leg;
use crate::units::{
	floor_billionth, nano_subtotal, subtotal, Fine, NanoFine, MAX_LEGS, MAX_ORDERS,
};
use crate::{Ppb, RiskError};

/// What the options of one expiry add to an account.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Requirement {
	/// Value.
	pub mark: Fine,
	/// Maintenance requirement, zero or below.
	pub maintenance: NanoFine,
	/// Initial requirement, without charges.
	pub initial: NanoFine,
	/// Charge for low confidence, zero or above.
	pub confidence: NanoFine,
	/// Charge for a quote price off its peg, zero or above.
	pub peg: NanoFine,
	/// What the maintenance requirement never falls below, whatever prices do. None if nothing bounds it: calls are sold
	/// that no bought one covers.
	pub floor: Option<NanoFine>,
}

/// One series, its lots netted.
#[derive(Clone, Copy, Default)]
struct Net {
	is_put: bool,
	strike: i128,
	value: i128,
	lots: i128,
}

const CAPACITY: usize = MAX_LEGS + MAX_ORDERS;

/// Requirement of the positions among the legs of one expiry.
pub(super) fn requirement(
	underlying: &Underlying,
	expiry: &StandardExpiry,
	legs: &[Leg],
	peg: i128,
) -> Result<Requirement, RiskError> {
	let mut room = [Net::default(); CAPACITY];
	let nets = net(underlying, legs, &mut room)?;
	let p = underlying.parameters;
	let spot = i128::from(underlying.spot.pico_usd());
	let mut alone = Alone::default();
	for series in nets {
		alone.add(underlying, series, spot)?;
	}
	let loss = subtotal(greatest_loss(nets)?)? * Ppb::ONE.wide();
	let unpaired = subtotal(alone.net_calls.min(0) * pico(expiry.forward))?;
	let sold = subtotal(alone.sold * spot)?;
	let confidence = underlying.spot_confidence.min(expiry.confidence);
	let charge = charge_factor(p.confidence_threshold, p.confidence_margin, confidence);
	Ok(Requirement {
		mark: subtotal(alone.mark)?,
		maintenance: alone.maintenance.max(loss + unpaired * p.unpaired_maintenance.wide()),
		initial: alone.initial.max(loss + unpaired * p.unpaired_initial.wide()),
		confidence: sold * charge,
		peg: nano_subtotal(sold * peg)?,
		floor: (alone.net_calls >= 0).then_some(loss),
	})
}

fn pico(price: Price) -> i128 {
	i128::from(price.pico_usd())
}

/// Nets the positions of each series.
///
/// A series without lots is left out. Its strike would be a further point at which the payoff is
/// looked at, and beyond the strikes held that counts a short call twice.
fn net<'r>(
	underlying: &Underlying,
	legs: &[Leg],
	room: &'r mut [Net; CAPACITY],
) -> Result<&'r [Net], RiskError> {
	let mut count = 0;
	for same in legs.chunk_by(|a, b| a.series == b.series) {
		let first = same.first().copied().unwrap_or_default();
		let value = underlying.values.get(usize::from(first.series));
		let value = pico(*value.ok_or(RiskError::UnknownSeries)?);
		let held = same.iter().filter(|leg| !leg.is_order);
		let lots = held.map(|leg| i128::from(leg.lots)).sum();
		if let (Some(slot), true) = (room.get_mut(count), lots != 0) {
			*slot = Net { is_put: first.is_put, strike: first.strike.into(), value, lots };
			count += 1;
		}
	}
	Ok(room.get(..count).unwrap_or(&[]))
}

/// Each series by itself.
#[derive(Default)]
struct Alone {
	mark: Fine,
	maintenance: NanoFine,
	initial: NanoFine,
	net_calls: i128,
	sold: i128,
}

impl Alone {
	fn add(&mut self, underlying: &Underlying, net: &Net, spot: i128) -> Result<(), RiskError> {
		let value = subtotal(net.lots * net.value)?;
		self.mark += value;
		if !net.is_put {
			self.net_calls += net.lots;
		}
		if net.lots >= 0 {
			return Ok(());
		}
		self.sold -= net.lots;
		let (maintenance, initial) = short(underlying, net, value, spot)?;
		self.maintenance = nano_subtotal(self.maintenance + maintenance)?;
		self.initial = nano_subtotal(self.initial + initial)?;
		Ok(())
	}
}

/// Initial requirement of one lot that is short by itself, billionths, rounded up.
pub(super) fn lot_requirement(underlying: &Underlying, leg: &Leg) -> Result<NanoFine, RiskError> {
	let value = underlying.values.get(usize::from(leg.series));
	let value = pico(*value.ok_or(RiskError::UnknownSeries)?);
	let net = Net { is_put: leg.is_put, strike: leg.strike.into(), value, lots: -1 };
	Ok(-short(underlying, &net, -value, pico(underlying.spot))?.1)
}

/// Charges on initial margin per lot that is short, billionths.
pub(super) fn lot_charge(
	underlying: &Underlying,
	expiry: &StandardExpiry,
	peg: i128,
) -> Result<NanoFine, RiskError> {
	let p = underlying.parameters;
	let confidence = underlying.spot_confidence.min(expiry.confidence);
	let charge = charge_factor(p.confidence_threshold, p.confidence_margin, confidence);
	nano_subtotal(pico(underlying.spot) * (charge + peg))
}

/// Maintenance and initial requirement of one short series, both below zero.
fn short(
	underlying: &Underlying,
	net: &Net,
	value: Fine,
	spot: i128,
) -> Result<(NanoFine, NanoFine), RiskError> {
	let p = underlying.parameters;
	let worth = value * Ppb::ONE.wide();
	// Lots are below zero: so are notional and the distance out of the money.
	let notional = subtotal(net.lots * spot)?;
	let distance = if net.is_put { spot - net.strike } else { net.strike - spot };
	let away = subtotal(net.lots * distance.max(0))?;
	let at_spot =
		(notional * p.spot_max.wide() - away * Ppb::ONE.wide()).min(notional * p.spot_min.wide());
	if !net.is_put {
		return Ok((worth + notional * p.call_maintenance.wide(), worth + at_spot));
	}
	let by_spot = notional * p.put_maintenance.wide();
	let maintenance = worth + by_spot.min(value * p.put_mark_maintenance.wide());
	let scaled = subtotal(floor_billionth(maintenance))? * p.put_initial_scale.wide();
	Ok((maintenance, (worth + at_spot).min(scaled)))
}

/// `min(0, payoff at price zero and at every strike)`: the payoff is linear in between.
///
/// Lots of 192 legs below `2^48` times a strike below `2^63` keep every sum under `2^119`.
fn greatest_loss(nets: &[Net]) -> Result<Fine, RiskError> {
	let puts = || nets.iter().filter(|net| net.is_put);
	let mut payoff: Fine = puts().map(|net| net.lots * net.strike).sum();
	let mut slope: i128 = -puts().map(|net| net.lots).sum::<i128>();
	let (mut price, mut least) = (0, payoff.min(0));
	for net in nets {
		payoff += slope * (net.strike - price);
		price = net.strike;
		least = least.min(payoff);
		// Past its strike a call begins to pay and a put has ceased to.
		slope += net.lots;
	}
	Ok(least)
}
