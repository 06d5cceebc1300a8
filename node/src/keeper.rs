// SPDX-License-Identifier: Apache-2.0

//! Bids from this node's own account: the command line of the crate `ballast-keeper`.
//!
//! The options are those of `bots/keeper` where they mean the same.

use ballast_exchange::{MicroUsd, Ppb};
use ballast_keeper::{Config, Rules};

/// Command-line options of the keeper.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct KeeperOptions {
	/// Watch auctions of accounts under maintenance margin and bid from this node's own account.
	///
	/// It signs with the one sr25519 key of type `keep` in the keystore; a development chain has //Bob without one.
	/// The margin account has to exist and to hold cash: it never pays in by itself.
	#[arg(long)]
	pub keeper: bool,

	/// Number of the margin account that bids.
	#[arg(long, value_name = "INDEX", requires = "keeper", default_value_t = 0)]
	pub keeper_index: u16,

	/// Largest part of a book in one bid.
	#[arg(long, value_name = "SHARE", requires = "keeper", default_value = "1", value_parser = share)]
	pub keeper_max_share: Ppb,

	/// Largest value of a slice in one bid, USD.
	#[arg(long, value_name = "USD", requires = "keeper", default_value = "25000", value_parser = positive_usd)]
	pub keeper_max_equity_usd: MicroUsd,

	/// Least gain of a bid, percent of the value of the slice.
	#[arg(long, value_name = "PERCENT", requires = "keeper", default_value = "4", value_parser = percent)]
	pub keeper_min_edge_percent: Ppb,

	/// Least gain of a bid, USD.
	#[arg(long, value_name = "USD", requires = "keeper", default_value = "1", value_parser = usd)]
	pub keeper_min_gain_usd: MicroUsd,

	/// Initial margin that stays free after a bid, USD.
	#[arg(long, value_name = "USD", requires = "keeper", default_value = "1000", value_parser = usd)]
	pub keeper_keep_free_usd: MicroUsd,

	/// Bids sent at once, one for each auction.
	#[arg(long, value_name = "BIDS", requires = "keeper", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=32))]
	pub keeper_bids_per_block: u32,
}

impl KeeperOptions {
	/// How to bid; `None` if this node does not.
	pub fn config(&self) -> Option<Config> {
		let rules = Rules {
			max_share: self.keeper_max_share,
			max_equity: self.keeper_max_equity_usd,
			min_edge: self.keeper_min_edge_percent,
			min_gain: self.keeper_min_gain_usd,
			keep_free: self.keeper_keep_free_usd,
			bids_per_block: self.keeper_bids_per_block,
		};
		self.keeper.then_some(Config { index: self.keeper_index, rules })
	}
}

/// A number between two others, both included.
fn number(text: &str, least: f64, most: f64) -> Result<f64, String> {
	let number: f64 = text.parse().map_err(|_| "it is not a number".to_string())?;
	if (least..=most).contains(&number) {
		Ok(number)
	} else {
		Err(format!("it has to be between {least} and {most}"))
	}
}

fn share(text: &str) -> Result<Ppb, String> {
	// At most 10^9 after the check: the conversion is exact.
	number(text, 0.000_001, 1.0).map(|share| Ppb((share * 1e9).round() as i64))
}

fn percent(text: &str) -> Result<Ppb, String> {
	number(text, 0.0, 100.0).map(|percent| Ppb((percent * 1e7).round() as i64))
}

fn usd(text: &str) -> Result<MicroUsd, String> {
	number(text, 0.0, 1e9).map(|usd| (usd * 1e6).round() as MicroUsd)
}

fn positive_usd(text: &str) -> Result<MicroUsd, String> {
	number(text, 0.01, 1e9).map(|usd| (usd * 1e6).round() as MicroUsd)
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::Parser;

	#[derive(Debug, Parser)]
	struct Line {
		#[command(flatten)]
		keeper: KeeperOptions,
	}

	fn parse(arguments: &[&str]) -> Result<Option<Config>, String> {
		let line = std::iter::once("ballast").chain(arguments.iter().copied());
		let line = Line::try_parse_from(line).map_err(|error| error.to_string())?;
		Ok(line.keeper.config())
	}

	#[test]
	fn keeper_should_be_off_unless_it_is_asked_for() {
		assert_eq!(parse(&[]), Ok(None));
		let error = parse(&["--keeper-max-share", "0.5"]).expect_err("it means nothing alone");
		assert!(error.contains("--keeper"), "{error}");
	}

	#[test]
	fn rules_should_be_those_of_the_bot_by_default() {
		let rules = Rules {
			max_share: Ppb::ONE,
			max_equity: 25_000_000_000,
			min_edge: Ppb::percent(4),
			min_gain: 1_000_000,
			keep_free: 1_000_000_000,
			bids_per_block: 4,
		};
		assert_eq!(parse(&["--keeper"]), Ok(Some(Config { index: 0, rules })));
	}

	#[test]
	fn rules_should_be_what_the_options_say() {
		let config = parse(&[
			"--keeper",
			"--keeper-index=3",
			"--keeper-max-share=0.25",
			"--keeper-max-equity-usd=0.01",
			"--keeper-min-edge-percent=7.5",
			"--keeper-min-gain-usd=12.5",
			"--keeper-keep-free-usd=0",
			"--keeper-bids-per-block=1",
		]);
		let rules = Rules {
			max_share: Ppb::percent(25),
			max_equity: 10_000,
			min_edge: Ppb(75_000_000),
			min_gain: 12_500_000,
			keep_free: 0,
			bids_per_block: 1,
		};
		assert_eq!(config, Ok(Some(Config { index: 3, rules })));
	}

	#[test]
	fn values_out_of_range_should_be_refused() {
		for wrong in [
			"--keeper-max-share=0",
			"--keeper-max-share=1.1",
			"--keeper-max-equity-usd=0",
			"--keeper-min-edge-percent=101",
			"--keeper-min-gain-usd=NaN",
			"--keeper-keep-free-usd=-1",
			"--keeper-bids-per-block=33",
			"--keeper-index=65536",
		] {
			assert!(parse(&["--keeper", wrong]).is_err(), "{wrong}");
		}
	}
}
