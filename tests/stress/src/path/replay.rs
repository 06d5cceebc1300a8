// SPDX-License-Identifier: Apache-2.0
//! A path in process, through the code of a node's own feed.

use super::SYMBOL;
use crate::Outcome;
use ballast_exchange::{Moment, PriceReport};
use ballast_price_feed::{report, PriceFeed, Recording, Round};
use ballast_runtime_api::ListedUnderlying;
use std::sync::Arc;

/// A recording that is being replayed.
#[derive(Debug)]
pub struct Replay(Recording);

impl Replay {
	pub(super) fn new(text: &str, start: Moment, speed: f64) -> Outcome<Self> {
		Recording::read(text.as_bytes(), start, speed).map(Self)
	}

	/// All that the feed says at a moment, milliseconds since the epoch.
	pub fn round(&self, now: Moment) -> Outcome<Arc<Round>> {
		self.0.round(now, &[])
	}

	/// Spot at a moment, dollars.
	pub fn spot(&self, now: Moment) -> Outcome<f64> {
		let round = self.round(now)?;
		let underlying = round.underlying(SYMBOL.as_bytes()).ok_or("the path has no spot")?;
		Ok(underlying.spot)
	}

	/// What the author of a block at that moment reports. Fails if the feed lacks a price of what is listed.
	pub fn report(&self, now: Moment, listed: &[ListedUnderlying]) -> Outcome<PriceReport> {
		let (report, gaps) = report(self.round(now)?.as_ref(), listed, now);
		match gaps.first() {
			None => Ok(report),
			Some(gap) => Err(format!("the feed has {gap}")),
		}
	}
}
