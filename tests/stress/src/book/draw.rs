// SPDX-License-Identifier: Apache-2.0
//! Which book an account has, and how near to danger it is.

use super::{
	market::{Expiry, Listed, Market},
	Wanted, BTC,
};
use crate::Outcome;
use ballast_exchange::MarginKind;
use ballast_rng::Rng;
use serde::Serialize;

/// What an account has bought and sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
	/// Puts sold.
	ShortPut,
	/// Puts sold, cheaper puts bought.
	PutSpread,
	/// Calls sold.
	ShortCall,
	/// Calls sold, cheaper calls bought.
	CallSpread,
	/// Puts and calls sold.
	Strangle,
	/// A strangle with cheaper puts and calls bought.
	Condor,
	/// Puts sold, calls bought.
	RiskReversal,
	/// Puts, calls or both bought.
	Long,
}

impl Style {
	/// Every style with its share of the accounts, percent.
	pub const SHARES: [(Self, u64); 8] = [
		(Self::ShortPut, 28),
		(Self::PutSpread, 14),
		(Self::ShortCall, 8),
		(Self::CallSpread, 8),
		(Self::Strangle, 14),
		(Self::Condor, 8),
		(Self::RiskReversal, 8),
		(Self::Long, 12),
	];

	/// Whether rising prices are what the account has to fear.
	pub const fn fears_rise(self) -> bool {
		matches!(self, Self::ShortCall | Self::CallSpread)
	}
}

/// A book to build.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
	pub style: Style,
	pub margin: MarginKind,
	pub wanted: Wanted,
	/// The move of spot, relative, at which the account is to be under maintenance margin.
	pub distance: f64,
}

/// Distances to danger: so many of a hundred accounts within these moves of spot. None is nearer than initial
/// margin permits.
const DISTANCES: [(u64, f64, f64); 4] =
	[(6, 0.04, 0.12), (22, 0.12, 0.30), (42, 0.30, 0.45), (30, 0.45, 0.60)];

/// Median size, contracts, and the deviation of its logarithm.
const MEDIAN_SIZE: f64 = 1.0;
const SIZE_DEVIATION: f64 = 0.9;
const SMALLEST_LOTS: i64 = 5;
const LARGEST_LOTS: i64 = 3_000;

/// Books for so many accounts.
pub(super) fn books(rng: &mut Rng, market: &Market, count: u32) -> Outcome<Vec<Drawn>> {
	(0..count).map(|_| book(rng, market).ok_or_else(|| "no series fits".to_string())).collect()
}

fn book(rng: &mut Rng, market: &Market) -> Option<Drawn> {
	let (style, _) = *Style::SHARES.get(rng.weighted(&Style::SHARES.map(|(_, share)| share)))?;
	let expiry = market.expiries.get(rng.below(market.expiries.len() as u64) as usize)?;
	let contracts = MEDIAN_SIZE * (SIZE_DEVIATION * rng.normal()).exp();
	let lots = (contracts * f64::from(market.lots_per_contract)) as i64;
	let lots = lots.clamp(SMALLEST_LOTS, LARGEST_LOTS);
	let wanted = legs(rng, market.spot, expiry, style, lots)?;
	let margin = if rng.below(2) == 0 { MarginKind::Standard } else { MarginKind::Portfolio(BTC) };
	let (_, low, high) = *DISTANCES.get(rng.weighted(&DISTANCES.map(|(share, ..)| share)))?;
	Some(Drawn { style, margin, wanted, distance: rng.real(low, high) })
}

fn legs(rng: &mut Rng, spot: f64, expiry: &Expiry, style: Style, lots: i64) -> Option<Wanted> {
	let (put, call) = (rng.real(-1.3, -0.2), rng.real(0.2, 1.3));
	let wing = rng.real(0.5, 1.2);
	let at = |listed: &[Listed], deviations: f64| -> Option<Listed> {
		nearest(listed, spot * (1.0 + deviations * expiry.deviation))
	};
	let (sold_put, sold_call) = (at(&expiry.puts, put)?, at(&expiry.calls, call)?);
	let mut wanted = Wanted::new();
	let mut add = |listed: Listed, lots: i64| *wanted.entry(listed.series).or_default() += lots;
	match style {
		Style::ShortPut => add(sold_put, -lots),
		Style::PutSpread => {
			add(sold_put, -lots);
			add(other(&expiry.puts, &sold_put, -wing * spot * expiry.deviation)?, lots);
		},
		Style::ShortCall => add(sold_call, -lots),
		Style::CallSpread => {
			add(sold_call, -lots);
			add(other(&expiry.calls, &sold_call, wing * spot * expiry.deviation)?, lots);
		},
		Style::Strangle => {
			add(sold_put, -lots);
			add(sold_call, -lots);
		},
		Style::Condor => {
			add(sold_put, -lots);
			add(sold_call, -lots);
			add(other(&expiry.puts, &sold_put, -wing * spot * expiry.deviation)?, lots);
			add(other(&expiry.calls, &sold_call, wing * spot * expiry.deviation)?, lots);
		},
		Style::RiskReversal => {
			add(sold_put, -lots);
			add(sold_call, lots);
		},
		Style::Long => {
			let which = rng.below(3);
			if which != 0 {
				add(sold_put, lots);
			}
			if which != 1 {
				add(sold_call, lots);
			}
		},
	}
	wanted.retain(|_, lots| *lots != 0);
	Some(wanted)
}

fn nearest(listed: &[Listed], strike: f64) -> Option<Listed> {
	let distance = |it: &&Listed| (it.strike - strike).abs();
	listed.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).copied()
}

/// The series so far from another; if the list ends, its neighbour on the other side.
fn other(listed: &[Listed], from: &Listed, by: f64) -> Option<Listed> {
	let beyond: Vec<Listed> =
		listed.iter().filter(|it| (it.strike - from.strike) * by > 0.0).copied().collect();
	let found = nearest(&beyond, from.strike + by);
	found.or_else(|| {
		let others: Vec<Listed> =
			listed.iter().filter(|it| it.series != from.series).copied().collect();
		nearest(&others, from.strike)
	})
}
