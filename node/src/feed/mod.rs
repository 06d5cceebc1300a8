// SPDX-License-Identifier: Apache-2.0

//! Where this node's price reports come from.
//!
//! The feeds are the crate `ballast-price-feed`; here is their command line. A feed gives the author of a
//! block something to report; the import of other authors' blocks needs none.

use ballast_price_feed::{open, HttpLimits, Opened, Source};
use sc_service::{error::Error as ServiceError, ChainType};
use std::time::Duration;

/// Command-line options of the price feed.
#[derive(Clone, Debug, clap::Args)]
pub struct FeedOptions {
	/// Where the prices that this node reports in its blocks come from.
	///
	/// `sim:SEED[?noise=SHARE]`: made-up markets of BTC, ETH and DOT, the same for every node with that
	/// seed; `noise` is a relative error of this node's own, at most 0.01.
	/// `file:PATH[?speed=N&start=UNIX_SECONDS]`: recorded rounds, replayed N times as fast from the
	/// node's start or the given time; the last round is held.
	/// `http://HOST[:PORT]/PATH`: polled; the answer is one round in JSON.
	/// `none`: blocks without a report.
	///
	/// Default: `sim:1` on development and local chains, `none` on others.
	#[arg(long, value_name = "SOURCE", verbatim_doc_comment)]
	pub price_feed: Option<Source>,

	/// Milliseconds between two questions to an HTTP price feed.
	#[arg(long, value_name = "MS", default_value_t = 500, value_parser = clap::value_parser!(u64).range(50..=60_000))]
	pub price_feed_interval: u64,

	/// Milliseconds that an HTTP price feed has for a whole answer.
	#[arg(long, value_name = "MS", default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(10..=60_000))]
	pub price_feed_timeout: u64,

	/// Seconds after which an answer of an HTTP price feed is no longer reported.
	#[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3_600))]
	pub price_feed_max_age: u64,

	/// Percent that a spot may move from one answer of an HTTP price feed to the next.
	///
	/// Beyond it the answer is ignored, until the last good one is older than --price-feed-max-age.
	#[arg(long, value_name = "PERCENT", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1_000))]
	pub price_feed_max_move: u16,
}

impl FeedOptions {
	/// The feed for a chain of that type.
	pub fn open(&self, chain: &ChainType) -> Result<Opened, ServiceError> {
		open(&self.source(chain), self.limits())
			.map_err(|error| ServiceError::Other(format!("--price-feed: {error}")))
	}

	fn source(&self, chain: &ChainType) -> Source {
		match (&self.price_feed, chain) {
			(Some(source), _) => source.clone(),
			(None, ChainType::Development | ChainType::Local) => {
				Source::Simulation { seed: 1, noise: 0.0 }
			},
			(None, _) => Source::None,
		}
	}

	fn limits(&self) -> HttpLimits {
		HttpLimits {
			interval: Duration::from_millis(self.price_feed_interval),
			timeout: Duration::from_millis(self.price_feed_timeout),
			max_age: Duration::from_secs(self.price_feed_max_age),
			max_move: f64::from(self.price_feed_max_move) / 100.0,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::Parser;

	#[derive(Debug, Parser)]
	struct Line {
		#[command(flatten)]
		feed: FeedOptions,
	}

	fn parse(arguments: &[&str]) -> Result<FeedOptions, String> {
		let line = std::iter::once("ballast").chain(arguments.iter().copied());
		Line::try_parse_from(line).map(|line| line.feed).map_err(|error| error.to_string())
	}

	#[test]
	fn feed_should_be_simulated_on_development_and_local_chains_alone_by_default() {
		let options = parse(&[]).expect("no option is needed");
		let simulation = Source::Simulation { seed: 1, noise: 0.0 };
		assert_eq!(options.source(&ChainType::Development), simulation);
		assert_eq!(options.source(&ChainType::Local), simulation);
		assert_eq!(options.source(&ChainType::Live), Source::None);
		assert_eq!(options.limits(), HttpLimits::default());
	}

	#[test]
	fn feed_should_be_what_the_option_says_on_any_chain() {
		let options = parse(&["--price-feed", "none"]).expect("a source");
		assert_eq!(options.source(&ChainType::Development), Source::None);
		let options = parse(&["--price-feed", "sim:9"]).expect("a source");
		assert_eq!(options.source(&ChainType::Live), Source::Simulation { seed: 9, noise: 0.0 });
		assert!(parse(&["--price-feed", "sim:x"]).expect_err("no seed").contains("whole number"));
	}

	#[test]
	fn limits_should_be_what_the_options_say() {
		let options = parse(&["--price-feed-timeout", "500", "--price-feed-max-move", "5"]);
		let limits = options.expect("two options").limits();
		assert_eq!((limits.timeout, limits.max_move), (Duration::from_millis(500), 0.05));
		assert!(parse(&["--price-feed-interval", "0"]).is_err());
	}
}
