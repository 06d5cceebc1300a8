// SPDX-License-Identifier: Apache-2.0

//! Where a validator's price reports come from.
//!
//! Every author of a block reports what its own feed says; the runtime takes medians. A feed is one of
//!
//! - [`Simulation`]: made-up markets, a pure function of a seed and the time;
//! - [`Recording`]: rounds from a file, replayed by their time;
//! - [`HttpFeed`]: rounds polled from a JSON endpoint.
//!
//! Each gives a [`Round`]; [`report`] turns it into the [`PriceReport`](ballast_exchange::PriceReport)
//! of what the runtime has listed, and [`Reporter`] puts that among the inherents of a block. A feed
//! that fails costs a warning and the report of a block, never the block.
//!
//! Floating point is allowed here: nothing of it is consensus.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod file;
mod http;
mod inherent;
mod report;
mod round;
mod schema;
mod sim;
mod source;
mod svi;
mod term;
#[cfg(test)]
mod tests;
mod warning;

pub use file::Recording;
pub use http::{HttpFeed, HttpLimits};
pub use inherent::{listed_at, unix_millis, PriceReportProvider, Reporter};
pub use report::report;
pub use round::{Node, Round, Underlying};
pub use schema::parse_round;
pub use sim::Simulation;
pub use source::{open, Opened, Source};
pub use svi::RawSvi;

use ballast_exchange::Moment;
use ballast_runtime_api::ListedUnderlying;
use std::sync::Arc;

/// Target of the log lines.
pub const LOG_TARGET: &str = "price-feed";

/// Seconds of the year that volatilities and rates refer to: 365 days.
pub const YEAR_SECONDS: f64 = 365.0 * 86_400.0;

/// Something that knows prices.
pub trait PriceFeed: Send + Sync {
	/// What the feed says at `now`, milliseconds since the epoch; what is listed is a hint for feeds that
	/// compute their answer. `Err` says why there is no answer. Returns at once: it is called while a
	/// block is built.
	fn round(&self, now: Moment, listed: &[ListedUnderlying]) -> Result<Arc<Round>, String>;
}
