// SPDX-License-Identifier: Apache-2.0
//! The path of time and prices: skipped blocks, long gaps, jumps, stale periods, reports with parts that
//! the chain has to drop.

use crate::{market::Market, pricing::YEAR, regime::Regime};
use ballast_exchange::{
	ExpiryReport, Moment, Ppb, Price, PriceReport, SviParameters, UnderlyingId, UnderlyingReport,
};
use ballast_rng::Rng;
use pallet_prices::Part;

const SLOT: Moment = 500;
/// Midnight of a Friday.
const FRIDAY: Moment = 20_777 * 86_400_000;
const HOUR: Moment = 3_600_000;

/// Prices as the author's feed sees them.
#[derive(Clone, Debug)]
pub struct Path {
	slot: u64,
	feeds: Vec<Feed>,
	quote: f64,
	rate: f64,
	/// Blocks without a report to come.
	silent: u64,
}

#[derive(Clone, Debug)]
struct Feed {
	underlying: UnderlyingId,
	spot: f64,
	vol: f64,
	rho: f64,
}

/// A block to make.
#[derive(Clone, Debug)]
pub struct Step {
	/// Its slot.
	pub slot: u64,
	/// The report, if the feed answers.
	pub report: Option<PriceReport>,
	/// Parts of it that the chain must not take.
	pub bad: Vec<Part>,
}

impl Path {
	/// The path of a seed. One in two passes the expiries at 08:00 on a Friday.
	pub fn new(rng: &mut Rng) -> Self {
		let start = if rng.percent(50) {
			FRIDAY + 8 * HOUR - rng.below(10 * 60_000)
		} else {
			FRIDAY + rng.below(7 * 24 * HOUR)
		};
		let feed = |underlying, spot: f64, rng: &mut Rng| Feed {
			underlying,
			spot: spot * rng.real(0.7, 1.4),
			vol: rng.real(0.3, 1.1),
			rho: rng.real(-0.4, 0.3),
		};
		let feeds = vec![feed(1, 95_000.0, rng), feed(2, 3_400.0, rng), feed(3, 7.0, rng)];
		let rate = rng.real(-0.02, 0.09);
		Self { slot: start / SLOT, feeds, quote: 1.0, rate, silent: 0 }
	}

	/// The next block.
	pub fn step(&mut self, rng: &mut Rng, market: &Market, regime: &Regime) -> Step {
		let shock = regime.shock(market.block);
		self.slot += match rng.weighted(&[600, 250, 100, 40, 10]) {
			0 => 1,
			1 => 2,
			2 => rng.within(3, 8) as u64,
			3 => rng.within(9, 24) as u64,
			// Longer than a settlement window.
			_ => rng.within(60, 300) as u64,
		};
		for feed in &mut self.feeds {
			feed.spot *= (0.0006 * rng.normal() + shock).exp();
			if rng.percent(2) && regime.jumps {
				feed.spot *= (0.05 * rng.normal()).exp();
			}
			feed.vol = (feed.vol * (0.01 * rng.normal()).exp()).clamp(0.15, 2.5);
		}
		if rng.percent(1) {
			self.quote = if rng.percent(60) { 1.0 } else { rng.real(0.93, 1.02) };
		}
		if self.silent == 0 && shock == 0.0 && rng.below(1_000) < 6 {
			self.silent = rng.within(5, 40) as u64;
		}
		let is_silent = self.silent > 0;
		self.silent = self.silent.saturating_sub(1);
		let mut step = Step { slot: self.slot, report: None, bad: Vec::new() };
		if !is_silent && (market.block <= 1 || rng.percent(85)) {
			step.report = Some(self.report(rng, market, &mut step.bad));
		}
		step
	}

	fn report(&self, rng: &mut Rng, market: &Market, bad: &mut Vec<Part>) -> PriceReport {
		let now = self.slot * SLOT;
		let mut report =
			PriceReport { quote_price: Ppb((self.quote * 1e9) as i64), ..PriceReport::default() };
		if rng.percent(1) {
			report.quote_price = Ppb(rng.within(-1, 9_999_999));
			bad.push(Part::QuotePrice);
		}
		for feed in &self.feeds {
			if market.block > 1 && !rng.percent(75) {
				continue;
			}
			let mut reported = self.underlying(feed, rng, market, now, bad);
			if rng.percent(1) {
				reported.spot = Price::ZERO;
				bad.retain(|part| !matches!(part, Part::Expiry(id, _) if *id == feed.underlying));
				bad.push(Part::Underlying(feed.underlying));
			}
			let _ = report.underlyings.try_push(reported);
		}
		if rng.percent(1) {
			let unknown =
				UnderlyingReport { underlying: 9, spot: price(1.0), expiries: Default::default() };
			bad.push(Part::Underlying(9));
			let _ = report.underlyings.try_push(unknown);
		}
		report
	}

	fn underlying(
		&self,
		feed: &Feed,
		rng: &mut Rng,
		market: &Market,
		now: Moment,
		bad: &mut Vec<Part>,
	) -> UnderlyingReport {
		let id = feed.underlying;
		let mut reported = UnderlyingReport {
			underlying: id,
			spot: price(feed.spot),
			expiries: Default::default(),
		};
		for (expiry, _) in market.trading(id) {
			if expiry <= now {
				continue;
			}
			if rng.percent(99) {
				let _ = reported.expiries.try_push(self.expiry(feed, expiry, now, rng));
			}
		}
		let wrong = match rng.below(150) {
			0 => Some(now.saturating_sub(SLOT)),
			1 => Some(now + 7 * HOUR + 1),
			2 => reported.expiries.last().map(|last| last.expiry),
			_ => None,
		};
		if let Some(expiry) = wrong {
			let reported = reported.expiries.try_push(self.expiry(feed, expiry, now, rng));
			if reported.is_ok() {
				bad.push(Part::Expiry(id, expiry));
			}
		}
		reported
	}

	/// A slice of the surface SSVI (Gatheral and Jacquier, 2014): one surface for all expiries of a report,
	/// so that it has no arbitrage.
	fn expiry(&self, feed: &Feed, expiry: Moment, now: Moment, rng: &mut Rng) -> ExpiryReport {
		const ETA: f64 = 0.9;
		let years = (expiry.saturating_sub(now).max(1)) as f64 / 1_000.0 / YEAR;
		let (theta, rho) = (feed.vol * feed.vol * years, feed.rho);
		let phi = ETA / (theta * (1.0 + theta)).sqrt();
		let complement = 1.0 - rho * rho;
		let forward = price(feed.spot * (self.rate * years).exp() * rng.real(0.9998, 1.0002));
		let bits = |real: f64| (real * (1u64 << 56) as f64).round() as i64;
		let svi = SviParameters {
			a: bits(theta / 2.0 * complement),
			b: bits(theta * phi / 2.0),
			rho: bits(rho),
			m: bits(-rho / phi),
			sigma: bits(complement.sqrt() / phi),
			forward,
			tau: bits(years),
		};
		ExpiryReport { expiry, forward, rate: Ppb((self.rate * 1e9) as i64), svi }
	}
}

fn price(dollars: f64) -> Price {
	Price::from_pico_usd((dollars * 1e12).max(1.0) as i64).unwrap_or(Price::MAX)
}
