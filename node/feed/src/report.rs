// SPDX-License-Identifier: Apache-2.0

//! The report of a block, in the chain's integers.

use crate::round::{is_price, name, Node, Round, Underlying};
use ballast_exchange::{
	ExpiryReport, Moment, Ppb, Price, PriceReport, SviParameters, UnderlyingReport,
	MAX_REPORTED_EXPIRIES, MAX_REPORTED_UNDERLYINGS,
};
use ballast_pricing::Time;
use ballast_runtime_api::ListedUnderlying;

/// What the round says of what is listed, at `now`; and what it cannot say, for the log.
///
/// Of more than [`MAX_REPORTED_EXPIRIES`] expiries the nearest count; expiries that have passed need no
/// price. An expiry whose numbers do not fit the chain's types is left out alone.
pub fn report(
	round: &Round,
	listed: &[ListedUnderlying],
	now: Moment,
) -> (PriceReport, Vec<String>) {
	let mut report = PriceReport {
		// Within 0.01 and 100 by the round's own check: fits.
		quote_price: Ppb((round.quote_price * 1e9).round() as i64),
		..Default::default()
	};
	let mut missing = Vec::new();
	for wanted in listed.iter().take(MAX_REPORTED_UNDERLYINGS as usize) {
		let known = round.underlying(&wanted.symbol);
		match known.and_then(|known| underlying(known, wanted, now, &mut missing)) {
			// Bounded by `take` above.
			Some(part) => report.underlyings.try_push(part).unwrap_or_default(),
			None => {
				missing.push(format!("no price of {}", name(wanted.underlying, &wanted.symbol)))
			},
		}
	}
	(report, missing)
}

fn underlying(
	known: &Underlying,
	wanted: &ListedUnderlying,
	now: Moment,
	missing: &mut Vec<String>,
) -> Option<UnderlyingReport> {
	let spot = price(known.spot)?;
	let mut part =
		UnderlyingReport { underlying: wanted.underlying, spot, expiries: Default::default() };
	let future = wanted.expiries.iter().filter(|expiry| **expiry > now);
	for at in future.take(MAX_REPORTED_EXPIRIES as usize) {
		match expiry(known, *at, now) {
			// Bounded by `take` above.
			Some(one) => part.expiries.try_push(one).unwrap_or_default(),
			None => missing.push(format!(
				"no volatilities of {} at {at}",
				name(wanted.underlying, &wanted.symbol)
			)),
		}
	}
	Some(part)
}

fn expiry(known: &Underlying, expiry: Moment, now: Moment) -> Option<ExpiryReport> {
	// The last second counts whole: what is left of it would be lost in the slice's resolution.
	let millis = expiry.saturating_sub(now).max(1_000);
	let node = known.at(millis as f64 / 1e3)?;
	let forward = price(node.forward(known.spot))?;
	let svi = parameters(&node, forward, Time::from_millis(millis).ok()?)?;
	svi.slice().ok()?;
	Some(ExpiryReport { expiry, forward, rate: Ppb((node.rate * 1e9).round() as i64), svi })
}

fn parameters(node: &Node, forward: Price, time: Time) -> Option<SviParameters> {
	let svi = &node.svi;
	Some(SviParameters {
		a: bits(svi.a)?,
		b: bits(svi.b)?,
		rho: bits(svi.rho)?,
		m: bits(svi.m)?,
		sigma: bits(svi.sigma)?,
		forward,
		tau: time.years().to_bits(),
	})
}

/// Dollars as a price of the chain, in whole micro-dollars where that keeps ten digits.
fn price(dollars: f64) -> Option<Price> {
	if !is_price(dollars) {
		return None;
	}
	let price = if dollars >= 1e4 {
		Price::from_micro_usd((dollars * 1e6).round() as i64)
	} else {
		Price::from_pico_usd((dollars * 1e12).round() as i64)
	};
	price.ok().filter(|price| !price.is_zero())
}

/// A number with 56 fraction bits.
fn bits(value: f64) -> Option<i64> {
	(value.abs() < 127.0).then(|| (value * (1u64 << 56) as f64).round() as i64)
}
