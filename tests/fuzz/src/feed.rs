// SPDX-License-Identifier: Apache-2.0
//! Price reports: of a sane feed whose prices move as the fuzzer says, and of a hostile author.

use crate::bytes::Bytes;
use ballast_exchange::{
	ExpiryReport, Markets, Moment, Ppb, Price, PriceReport, SviParameters, UnderlyingId,
	UnderlyingReport,
};
use ballast_runtime::Options;
use codec::{Decode, Encode};

/// Milliseconds of a year of 365 days.
const YEAR: f64 = 365.0 * 86_400_000.0;
/// Interest rate per year.
const RATE: f64 = 0.04;
/// Correlation of the slices.
const RHO: f64 = -0.2;
/// Smallest step that the fuzzer can move a price by: 1 / 1,000 of it.
const STEP: f64 = 0.001;

/// One underlying of the feed.
#[derive(Clone, Copy, Debug)]
pub struct Quote {
	/// The underlying.
	pub underlying: UnderlyingId,
	/// Spot in dollars.
	pub spot: f64,
	/// Volatility per year.
	pub vol: f64,
}

/// What a sane author sees.
#[derive(Clone, Debug)]
pub struct Feed {
	/// The underlyings.
	pub quotes: [Quote; 3],
	/// Price of the settlement asset.
	pub quote_price: f64,
}

impl Default for Feed {
	fn default() -> Self {
		let quote = |underlying, spot, vol| Quote { underlying, spot, vol };
		let quotes = [quote(1, 95_000.0, 0.6), quote(2, 3_400.0, 0.7), quote(3, 7.0, 0.9)];
		Self { quotes, quote_price: 1.0 }
	}
}

impl Feed {
	/// Moves prices as the bytes say.
	pub fn stir(&mut self, bytes: &mut Bytes) {
		let factor = |byte: u8| 1.0 + f64::from(byte as i8) * STEP;
		match bytes.below(8) {
			0..=2 => {},
			3 => self.shift(bytes.byte(), factor(bytes.byte())),
			4 => {
				let factor = factor(bytes.byte());
				for index in 0..3 {
					self.shift(index, factor);
				}
			},
			5 => {
				let quote = &mut self.quotes[bytes.below(3)];
				quote.vol =
					(quote.vol * (1.0 + f64::from(bytes.byte() as i8) * 0.01)).clamp(0.05, 4.0);
			},
			6 => self.quote_price = 1.0 + f64::from(bytes.byte() as i8) * STEP,
			// A crash or a spike, which the clamp stretches over many blocks.
			_ => {
				let factor = [0.3, 0.6, 0.8, 1.25, 1.6, 3.0][bytes.below(6)];
				self.shift(bytes.byte(), factor);
			},
		}
	}

	/// Multiplies a spot price.
	pub fn shift(&mut self, index: u8, factor: f64) {
		let quote = &mut self.quotes[usize::from(index) % 3];
		quote.spot = (quote.spot * factor).clamp(0.000_1, 9_000_000.0);
	}

	/// The report of an honest author at `now`, of everything listed.
	pub fn report(&self, now: Moment) -> PriceReport {
		let underlyings: Vec<UnderlyingReport> = self
			.quotes
			.iter()
			.map(|quote| {
				let listed = Options::expiries(quote.underlying).into_iter();
				let live: Vec<ExpiryReport> = listed
					.filter(|expiry| *expiry > now)
					.map(|expiry| expiry_of(quote, expiry, now))
					.take(ballast_exchange::MAX_REPORTED_EXPIRIES as usize)
					.collect();
				UnderlyingReport {
					underlying: quote.underlying,
					spot: price(quote.spot),
					expiries: live.try_into().unwrap_or_default(),
				}
			})
			.collect();
		PriceReport {
			quote_price: Ppb((self.quote_price * 1e9) as i64),
			underlyings: underlyings.try_into().unwrap_or_default(),
		}
	}
}

/// A slice of the surface SSVI (Gatheral and Jacquier, 2014): one for all expiries, so that it has no arbitrage.
fn expiry_of(quote: &Quote, expiry: Moment, now: Moment) -> ExpiryReport {
	const ETA: f64 = 0.9;
	let years = expiry.saturating_sub(now).max(1) as f64 / YEAR;
	let theta = quote.vol * quote.vol * years;
	let phi = ETA / (theta * (1.0 + theta)).sqrt();
	let complement = 1.0 - RHO * RHO;
	let forward = price(quote.spot * (RATE * years).exp());
	let bits = |real: f64| (real * (1u64 << 56) as f64).round() as i64;
	let svi = SviParameters {
		a: bits(theta / 2.0 * complement),
		b: bits(theta * phi / 2.0),
		rho: bits(RHO),
		m: bits(-RHO / phi),
		sigma: bits(complement.sqrt() / phi),
		forward,
		tau: bits(years),
	};
	ExpiryReport { expiry, forward, rate: Ppb((RATE * 1e9) as i64), svi }
}

fn price(dollars: f64) -> Price {
	Price::from_pico_usd((dollars * 1e12).max(1.0) as i64).unwrap_or(Price::MAX)
}

/// What a hostile author makes of an honest report: a few fields, or every byte, are the fuzzer's.
pub fn hostile(honest: PriceReport, bytes: &mut Bytes) -> PriceReport {
	match bytes.below(4) {
		0 => mutated(&honest, bytes).unwrap_or(honest),
		1 => extreme(honest, bytes),
		2 => doubled(honest, bytes),
		_ => {
			let mut raw = bytes.rest();
			let before = raw.len();
			let decoded = PriceReport::decode(&mut raw);
			bytes.skip(before - raw.len());
			decoded.unwrap_or_default()
		},
	}
}

/// The value with up to four of its bytes changed, if that can be decoded.
pub fn mutated<V: Encode + Decode>(value: &V, bytes: &mut Bytes) -> Option<V> {
	let mut encoded = value.encode();
	for _ in 0..=bytes.below(4) {
		let place = usize::from(bytes.word());
		let count = encoded.len();
		if let Some(byte) = encoded.get_mut(place % count.max(1)) {
			*byte = bytes.byte();
		}
	}
	V::decode(&mut &encoded[..]).ok()
}

/// A number that is at an end of its range, or any.
fn edge(bytes: &mut Bytes) -> i64 {
	match bytes.below(8) {
		0 => 0,
		1 => 1,
		2 => -1,
		3 => i64::MAX,
		4 => i64::MIN,
		5 => 1 << 56,
		6 => i64::from(bytes.word()) << 40,
		_ => i64::from_le_bytes(bytes.array()),
	}
}

fn extreme(mut report: PriceReport, bytes: &mut Bytes) -> PriceReport {
	let wide = |number: i64| Price::from_pico_usd(number.max(0)).unwrap_or(Price::MAX);
	let index = bytes.below(report.underlyings.len().max(1));
	let Some(underlying) = report.underlyings.get_mut(index) else { return report };
	let index = bytes.below(underlying.expiries.len().max(1));
	let Some(expiry) = underlying.expiries.get_mut(index) else { return report };
	let number = edge(bytes);
	match bytes.below(11) {
		0 => expiry.svi.a = number,
		1 => expiry.svi.b = number,
		2 => expiry.svi.rho = number,
		3 => expiry.svi.m = number,
		4 => expiry.svi.sigma = number,
		5 => expiry.svi.tau = number,
		6 => expiry.svi.forward = wide(number),
		7 => expiry.forward = wide(number),
		8 => expiry.rate = Ppb(number),
		9 => underlying.spot = wide(number),
		_ => report.quote_price = Ppb(number),
	}
	report
}

/// Parts twice, left out, or of what is not listed.
fn doubled(mut report: PriceReport, bytes: &mut Bytes) -> PriceReport {
	let index = bytes.below(report.underlyings.len().max(1));
	let Some(mut chosen) = report.underlyings.get(index).cloned() else { return report };
	match bytes.below(4) {
		0 => {
			let _ = report.underlyings.remove(index);
		},
		1 => {
			let _ = report.underlyings.try_push(chosen);
		},
		2 => {
			chosen.underlying = bytes.word();
			let _ = report.underlyings.try_push(chosen);
		},
		_ => {
			if let Some(expiry) = chosen.expiries.first().cloned() {
				let _ = chosen.expiries.try_push(expiry);
			}
			report.underlyings[index] = chosen;
		},
	}
	report
}
