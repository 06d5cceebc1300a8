// SPDX-License-Identifier: Apache-2.0

//! Made-up markets: a pure function of a seed and the time.
//!
//! Validators with the same seed and synchronised clocks report the same prices, without talking to each
//! other, and a restarted node goes on where it would have been.

mod path;
mod random;
mod surface;

pub use surface::Surface;

use crate::{
	round::{Node, Round, Underlying},
	PriceFeed, YEAR_SECONDS,
};
use ballast_exchange::Moment;
use ballast_runtime_api::ListedUnderlying;
use path::{Jumps, Walk};
use std::{
	hash::{BuildHasher, RandomState},
	sync::Arc,
};

/// A simulated market.
struct Market {
	symbol: &'static str,
	/// Spot that it keeps returning to.
	spot: f64,
	/// Annual volatility, jumps not counted.
	vol: f64,
	/// Share of the common path in its own.
	beta: f64,
}

const MARKETS: [Market; 3] = [
	Market { symbol: "BTC", spot: 95_000.0, vol: 0.52, beta: 0.95 },
	Market { symbol: "ETH", spot: 3_400.0, vol: 0.58, beta: 0.85 },
	Market { symbol: "DOT", spot: 7.0, vol: 0.62, beta: 0.75 },
];

/// What implied volatility is above the one that happens.
const VOL_PREMIUM: f64 = 0.04;

/// Streams of random numbers: one for each path that all markets share, ten for each market.
mod stream {
	pub const COMMON: u64 = 1;
	pub const JUMPS: u64 = 2;
	pub const NOISE: u64 = 3;
	pub const MARKETS: u64 = 10;
	pub const OWN: u64 = 0;
	pub const SHORT_VOL: u64 = 1;
	pub const LONG_VOL: u64 = 2;
	pub const SKEW: u64 = 3;
	pub const CURVATURE: u64 = 4;
	pub const CARRY: u64 = 5;
}

/// Jump diffusions of BTC, ETH and DOT with moving surfaces.
#[derive(Debug)]
pub struct Simulation {
	seed: u64,
	/// Deviation of this node's spot from the others', relative.
	noise: f64,
	/// Tells this node's deviations from the others'.
	node: u64,
}

impl Simulation {
	/// The markets of a seed.
	pub fn new(seed: u64) -> Self {
		Self { seed, noise: 0.0, node: 0 }
	}

	/// The markets of a seed, seen with an error of the relative deviation `noise` that is new every
	/// second and this node's own.
	pub fn with_noise(seed: u64, noise: f64) -> Self {
		Self { seed, noise, node: RandomState::new().hash_one(seed) }
	}

	/// Spot and surface of a symbol, and its carry per year; `None` for symbols it does not know.
	pub fn market(&self, symbol: &[u8], now: Moment) -> Option<(f64, Surface, f64)> {
		let index = MARKETS.iter().position(|market| market.symbol.as_bytes() == symbol)?;
		let market = MARKETS.get(index)?;
		let walk = |stream, persistence| Walk { seed: self.seed, stream, persistence }.at(now);
		let own =
			|stream, persistence| walk(stream::MARKETS * (1 + index as u64) + stream, persistence);

		let shocks = Jumps { seed: self.seed, stream: stream::JUMPS }.at(now);
		let common = walk(stream::COMMON, 0.97);
		let alone = (1.0 - market.beta * market.beta).sqrt();
		let path = market.beta * common + alone * own(stream::OWN, 0.97);
		let spot = market.spot * libm::exp(market.vol * path + shocks.price);

		// Volatility rises when prices fall, and after jumps either way.
		let short = 1.2 * own(stream::SHORT_VOL, 0.95) - 0.4 * path + shocks.vol;
		let long = 0.3 * short + 0.6 * own(stream::LONG_VOL, 0.98);
		let level = market.vol + VOL_PREMIUM;
		let surface = Surface {
			short_vol: (level * libm::exp(short)).clamp(0.2, 2.5),
			long_vol: ((level + 0.02) * libm::exp(long)).clamp(0.2, 1.5),
			rho: -0.2 + 0.25 * libm::tanh(2.0 * own(stream::SKEW, 0.95) + path),
			// eta (1 + |rho|) is at most 0.95 * 1.45: free of arbitrage.
			eta: 0.75 + 0.2 * libm::tanh(4.0 * own(stream::CURVATURE, 0.95)),
		};
		let carry = 0.05 + 0.03 * libm::tanh(4.0 * own(stream::CARRY, 0.97));
		Some((spot * self.error(now, index as u64), surface, carry))
	}

	fn error(&self, now: Moment, market: u64) -> f64 {
		if self.noise == 0.0 {
			return 1.0;
		}
		let draw = random::normal([self.node, stream::NOISE, now / 1_000, market]);
		libm::exp(self.noise * draw)
	}

	fn underlying(&self, wanted: &ListedUnderlying, now: Moment) -> Option<Underlying> {
		let (spot, surface, carry) = self.market(&wanted.symbol, now)?;
		let node = |expiry: &Moment| {
			let seconds = expiry.saturating_sub(now).max(1_000) as f64 / 1e3;
			let years = seconds / YEAR_SECONDS;
			Node { seconds, basis: carry * years, rate: carry, svi: surface.slice(years) }
		};
		let symbol = std::str::from_utf8(&wanted.symbol).ok()?;
		let mut nodes: Vec<Node> = wanted.expiries.iter().map(node).collect();
		nodes.sort_by(|one, other| one.seconds.total_cmp(&other.seconds));
		Some(Underlying { symbol: symbol.into(), spot, nodes: nodes.into() })
	}
}

impl PriceFeed for Simulation {
	fn round(&self, now: Moment, listed: &[ListedUnderlying]) -> Result<Arc<Round>, String> {
		let underlyings = listed.iter().filter_map(|wanted| self.underlying(wanted, now)).collect();
		Ok(Arc::new(Round { quote_price: 1.0, underlyings }))
	}
}
