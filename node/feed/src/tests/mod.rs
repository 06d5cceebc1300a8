// SPDX-License-Identifier: Apache-2.0

//! Tests, a file per theme.

mod file;
mod http;
mod inherent;
mod properties;
mod report;
mod schema;
mod sim;
mod source;
mod term;
mod warning;

use crate::{PriceFeed, Round};
use ballast_exchange::{ExpiryReport, Price, PriceReport};
use ballast_pricing::{arbitrage, PreparedSlice};
use ballast_runtime_api::ListedUnderlying;

/// 2026-11-21 10:00 UTC, milliseconds.
pub const NOW: u64 = 1_795_255_200_000;

/// Seconds to expiry from the last minute to more than a year.
pub const SECONDS: [u64; 12] = [
	60,
	300,
	3_600,
	6 * 3_600,
	86_400,
	2 * 86_400,
	7 * 86_400,
	14 * 86_400,
	30 * 86_400,
	90 * 86_400,
	180 * 86_400,
	400 * 86_400,
];

/// A listed underlying whose expiries are `seconds` from `now`.
pub fn listed(underlying: u16, symbol: &str, now: u64, seconds: &[u64]) -> ListedUnderlying {
	ListedUnderlying {
		underlying,
		symbol: symbol.as_bytes().to_vec(),
		expiries: seconds.iter().map(|seconds| now + seconds * 1_000).collect(),
	}
}

/// The report of a feed, which has to have everything that is listed.
pub fn whole_report(feed: &dyn PriceFeed, now: u64, listed: &[ListedUnderlying]) -> PriceReport {
	let round = feed.round(now, listed).expect("the feed has an answer");
	let (report, missing) = crate::report(&round, listed, now);
	assert_eq!(missing, Vec::<String>::new());
	report
}

/// Strikes from a fifth of the forward to five times it, dense at the money.
fn strikes(forward: Price) -> Vec<Price> {
	let forward = forward.pico_usd() as f64;
	let mut moneyness: Vec<f64> = (-40..=40).map(|step| f64::from(step) * 0.04).collect();
	moneyness.extend((-40..=40).map(|step| 0.013 + f64::from(step) * 0.002));
	moneyness.extend((-40..=40).map(|step| 0.0001 + f64::from(step) * 0.0001));
	let strike = |k: f64| Price::from_pico_usd((forward * k.exp()) as i64).expect("in range");
	let mut strikes: Vec<Price> = moneyness.into_iter().map(strike).collect();
	strikes.sort();
	// Nearer to each other than a millionth they are one strike, listed for its rounding alone.
	strikes.dedup_by(|next, last| next.minus(*last) < last.pico_usd() / 1_000_000);
	strikes
}

fn prepared(expiry: &ExpiryReport) -> PreparedSlice {
	let slice = expiry.svi.slice().expect("the chain takes the slice");
	slice.prepare().expect("the slice can be priced")
}

/// What the chain checks: butterflies on each slice, calendars between neighbours.
pub fn check_arbitrage(expiries: &[ExpiryReport]) -> Result<(), String> {
	for expiry in expiries {
		arbitrage::butterfly(&prepared(expiry), &strikes(expiry.forward))
			.map_err(|error| format!("{error:?} at {expiry:?}"))?;
	}
	for pair in expiries.windows(2) {
		let [earlier, later] = pair else { continue };
		let (slices, strikes) = ((prepared(earlier), prepared(later)), strikes(earlier.forward));
		arbitrage::calendar(&slices.0, &slices.1, &strikes)
			.map_err(|error| format!("{error:?} between {earlier:?} and {later:?}"))?;
	}
	Ok(())
}

/// Volatility of an expiry at its forward.
pub fn vol_at_the_money(expiry: &ExpiryReport) -> f64 {
	let vol = prepared(expiry).vol(expiry.forward).expect("a volatility");
	vol.to_ppb() as f64 / 1e9
}

/// Dollars of a price.
pub fn dollars(price: Price) -> f64 {
	price.pico_usd() as f64 / 1e12
}

/// A round of BTC alone.
pub fn btc(spot: f64) -> Round {
	let text = format!(r#"{{"underlyings":[{{"symbol":"BTC","spot":{spot}}}]}}"#);
	crate::parse_round(text.as_bytes(), None).expect("a round").1
}

/// A file of the repository's recordings.
pub fn recording(name: &str) -> std::path::PathBuf {
	std::path::Path::new("../../feeds").join(name)
}
