// SPDX-License-Identifier: Apache-2.0

//! One consistent snapshot of what a feed knows.

use crate::{svi::RawSvi, term, YEAR_SECONDS};
use ballast_exchange::{UnderlyingId, MAX_REPORTED_UNDERLYINGS};
use std::sync::Arc;

/// What a feed says at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Round {
	/// Price of the settlement asset in dollars.
	pub quote_price: f64,
	/// The underlyings it knows.
	pub underlyings: Vec<Underlying>,
}

/// One underlying of a round.
#[derive(Clone, Debug, PartialEq)]
pub struct Underlying {
	/// Its symbol, as the chain lists it.
	pub symbol: Arc<str>,
	/// Spot in dollars.
	pub spot: f64,
	/// Its term structure, by increasing time; shared by rounds that differ in spot alone.
	pub nodes: Arc<[Node]>,
}

/// A point of a term structure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
	/// Seconds to expiry, above zero.
	pub seconds: f64,
	/// `ln(forward / spot)`.
	pub basis: f64,
	/// Interest rate per year.
	pub rate: f64,
	/// Total variance.
	pub svi: RawSvi,
}

/// Largest price, the chain's own limit.
pub(crate) const MAX_PRICE: f64 = 8_000_000.0;
/// Most nodes of one underlying.
pub(crate) const MAX_NODES: usize = 64;
/// Most underlyings of a round.
pub(crate) const MAX_UNDERLYINGS: usize = MAX_REPORTED_UNDERLYINGS as usize;

impl Round {
	/// The underlying of that symbol.
	pub fn underlying(&self, symbol: &[u8]) -> Option<&Underlying> {
		self.underlyings.iter().find(|known| known.symbol.as_bytes() == symbol)
	}
}

impl Underlying {
	/// The point of the term structure at any time, `None` if there is no structure.
	pub fn at(&self, seconds: f64) -> Option<Node> {
		term::at(&self.nodes, seconds)
	}
}

impl Node {
	/// Forward of a spot.
	pub fn forward(&self, spot: f64) -> f64 {
		spot * libm::exp(self.basis)
	}

	/// Years to expiry.
	pub fn years(&self) -> f64 {
		self.seconds / YEAR_SECONDS
	}
}

/// Whether a number is a price above zero that the chain can hold.
pub(crate) fn is_price(value: f64) -> bool {
	// The chain counts in 1e-12 dollars; what rounds to nothing is no price.
	(1e-9..=MAX_PRICE).contains(&value)
}

/// The number of an underlying with its symbol, for messages.
pub(crate) fn name(underlying: UnderlyingId, symbol: &[u8]) -> String {
	format!("{} ({underlying})", String::from_utf8_lossy(symbol))
}
