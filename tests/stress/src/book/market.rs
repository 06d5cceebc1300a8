// SPDX-License-Identifier: Apache-2.0
//! What is listed and what it is worth when the book is seeded.

use super::{FloodSeries, BTC, MICRO};
use crate::Outcome;
use ballast_exchange::{Markets, Moment, OptionKind, OptionPrice, SeriesId};
use ballast_runtime::{Options, Runtime};
use pallet_options::ExpiryState;

/// Cheapest series that the book has, dollars: below, a tick is too much of the price.
const LEAST_MARK: f64 = 4.0;
/// Expiries for small trades, those with the longest life, and series of each.
const FLOOD_EXPIRIES: usize = 3;
const FLOOD_STRIKES: usize = 3;
const YEAR_SECONDS: f64 = 365.0 * 86_400.0;

/// A series with its price.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listed {
	pub series: SeriesId,
	/// Strike, dollars.
	pub strike: f64,
	/// The mark on the tick, micro-USD.
	pub price: OptionPrice,
}

/// One expiry.
#[derive(Clone, Debug)]
pub(super) struct Expiry {
	pub moment: Moment,
	/// Standard deviation of spot until then at 60 % a year, relative.
	pub deviation: f64,
	/// Calls by strike.
	pub calls: Vec<Listed>,
	/// Puts by strike.
	pub puts: Vec<Listed>,
}

/// The market.
#[derive(Clone, Debug)]
pub(super) struct Market {
	pub spot: f64,
	pub lots_per_contract: u32,
	pub expiries: Vec<Expiry>,
}

impl Market {
	/// The market as the chain has it.
	pub fn read() -> Outcome<Self> {
		let terms = Options::terms(BTC).ok_or("BTC is not listed")?;
		let spot = Options::spot(BTC).ok_or("BTC has no price")?.regardless_of_age();
		let spot = spot.price.to_micro_usd_floor() as f64 / MICRO;
		let now = pallet_timestamp::Now::<Runtime>::get();
		let mut expiries = Vec::new();
		for entry in pallet_options::Expiries::<Runtime>::get(BTC) {
			if entry.state != ExpiryState::Trading {
				continue;
			}
			let seconds = entry.expiry.saturating_sub(now) as f64 / 1e3;
			let deviation = 0.6 * (seconds / YEAR_SECONDS).sqrt();
			let [calls, puts] = [OptionKind::Call, OptionKind::Put]
				.map(|kind| series(entry.expiry, kind, terms.tick));
			expiries.push(Expiry { moment: entry.expiry, deviation, calls: calls?, puts: puts? });
		}
		if expiries.iter().any(|expiry| expiry.calls.is_empty() || expiry.puts.is_empty()) {
			return Err("an expiry has no series".into());
		}
		if expiries.is_empty() {
			return Err("nothing is listed".into());
		}
		Ok(Self { spot, lots_per_contract: terms.lots_per_contract, expiries })
	}

	/// Expiries, ascending.
	pub fn expiries(&self) -> Vec<Moment> {
		self.expiries.iter().map(|expiry| expiry.moment).collect()
	}

	/// A series with its price.
	pub fn listed(&self, series: &SeriesId) -> Option<&Listed> {
		let expiry = self.expiries.iter().find(|expiry| expiry.moment == series.expiry)?;
		let side = match series.kind {
			OptionKind::Call => &expiry.calls,
			OptionKind::Put => &expiry.puts,
		};
		side.iter().find(|listed| listed.series == *series)
	}

	/// Series near the money of the expiries that live longest.
	pub fn flood(&self) -> Vec<FloodSeries> {
		let expiries = self.expiries.iter().rev().take(FLOOD_EXPIRIES);
		expiries
			.flat_map(|expiry| {
				let mut near: Vec<&Listed> = expiry.calls.iter().chain(&expiry.puts).collect();
				let distance = |listed: &Listed| (listed.strike - self.spot).abs();
				near.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
				near.into_iter().take(2 * FLOOD_STRIKES)
			})
			.map(|listed| FloodSeries { series: listed.series, price: listed.price })
			.collect()
	}
}

/// Series of an expiry that are worth trading, by strike.
fn series(expiry: Moment, kind: OptionKind, tick: OptionPrice) -> Outcome<Vec<Listed>> {
	let priced = Options::priced(BTC, expiry).ok_or("an expiry is not priced")?;
	let priced = priced.regardless_of_age();
	let mut strikes = priced.strikes.clone();
	strikes.sort_unstable();
	let listed = strikes.into_iter().filter_map(|strike| {
		let series = SeriesId { underlying: BTC, expiry, strike, kind };
		let micro = u64::try_from(priced.mark_of(&series)?.to_micro_usd_floor()).ok()?;
		let mark = micro as f64 / MICRO;
		let price = ((micro + tick / 2) / tick).max(1) * tick;
		(mark >= LEAST_MARK).then_some(Listed { series, strike: strike as f64 / MICRO, price })
	});
	Ok(listed.collect())
}
