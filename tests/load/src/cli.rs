// SPDX-License-Identifier: Apache-2.0

//! The command line. Whatever is wrong with it ends the process with code 2.

use crate::{
	endpoint::Endpoint,
	pacing::Pace,
	run::{Length, Plan},
};
use clap::{error::ErrorKind, Args, CommandFactory, Parser, Subcommand};
use std::time::Duration;

/// Load generator and yardstick of a Ballast node.
#[derive(Debug, Parser)]
#[command(name = "ballast-load", version)]
pub struct Cli {
	#[command(subcommand)]
	pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
	/// Sends pre-signed transfers and reports throughput and latency.
	Transfers(Load),
	/// Watches blocks and reports their interval and the time from import to finality.
	Finality(Finality),
}

#[derive(Debug, Args)]
pub struct Common {
	/// WebSocket address of a node; may be given several times.
	#[arg(long = "url", default_value = "ws://127.0.0.1:9944")]
	pub urls: Vec<Endpoint>,
	/// Allow addresses other than this machine's.
	#[arg(long)]
	pub allow_remote: bool,
	/// Print one JSON object instead of text.
	#[arg(long)]
	pub json: bool,
	/// Seconds without an answer, a block or any progress after which to give up.
	#[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3_600))]
	pub timeout: u64,
}

#[derive(Debug, Args)]
pub struct Load {
	#[command(flatten)]
	pub common: Common,
	/// Number of accounts that send; at least as many as transactions in flight keeps each account
	/// at one transaction in the pool.
	#[arg(long, default_value_t = 2_000, value_parser = count_parser)]
	pub accounts: usize,
	/// Number of transactions.
	#[arg(long, conflicts_with = "seconds", required_unless_present = "seconds",
		value_parser = count_parser)]
	pub count: Option<usize>,
	/// Seconds to offer transactions for.
	#[arg(long, value_parser = clap::value_parser!(u64).range(1..=86_400))]
	pub seconds: Option<u64>,
	/// Transactions per second, sent whatever the node does; 0 for as fast as it takes them.
	#[arg(long, value_parser = rate_parser)]
	pub rate: f64,
	/// With --rate 0: transactions sent and not yet in a block, at most.
	#[arg(long, default_value_t = 2_000, value_parser = count_parser)]
	pub in_flight: usize,
	/// With --rate 0 and --seconds: transactions to sign per second.
	#[arg(long, default_value_t = 2_000, value_parser = count_parser)]
	pub presign_rate: usize,
	/// Connections to send over, dealt out to the nodes in turn.
	#[arg(long, default_value_t = 4, value_parser = count_parser)]
	pub connections: usize,
	/// Seconds after the last transaction is offered in which all must be finalized.
	#[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3_600))]
	pub drain: u64,
	/// Secret URI that the accounts are derived from.
	#[arg(long, default_value = "//load")]
	pub seed: String,
	/// Secret URI of the account that pays.
	#[arg(long, default_value = "//Alice")]
	pub funder: String,
}

#[derive(Debug, Args)]
pub struct Finality {
	#[command(flatten)]
	pub common: Common,
	/// Number of finalized blocks to wait for, at each node.
	#[arg(long, default_value_t = 200, value_parser = count_parser)]
	pub blocks: usize,
}

/// Most of anything a run may count: keeps every product of counts far from overflow and memory
/// within a machine's.
const MAX_COUNT: usize = 10_000_000;

fn count_parser(text: &str) -> Result<usize, String> {
	match text.parse() {
		Ok(count @ 1..=MAX_COUNT) => Ok(count),
		_ => Err(format!("expected a number from 1 to {MAX_COUNT}")),
	}
}

fn rate_parser(text: &str) -> Result<f64, String> {
	match text.parse::<f64>() {
		Ok(rate) if rate == 0.0 || (0.001..=1e6).contains(&rate) => Ok(rate),
		_ => Err("expected 0 or a number from 0.001 to 1000000".into()),
	}
}

impl Common {
	pub fn limit(&self) -> Duration {
		Duration::from_secs(self.timeout)
	}

	/// Refuses addresses beyond this machine unless they are allowed.
	fn check(&self) -> Result<(), clap::Error> {
		match self.urls.iter().find(|url| !self.allow_remote && !url.is_local()) {
			Some(remote) => Err(invalid(format!(
				"{} is not on this machine; --allow-remote permits it",
				remote.url()
			))),
			None => Ok(()),
		}
	}
}

impl Command {
	pub fn common(&self) -> &Common {
		match self {
			Self::Transfers(load) => &load.common,
			Self::Finality(finality) => &finality.common,
		}
	}
}

impl Cli {
	/// Parses and checks what no single argument shows.
	pub fn read<I, T>(arguments: I) -> Result<Self, clap::Error>
	where
		I: IntoIterator<Item = T>,
		T: Into<std::ffi::OsString> + Clone,
	{
		let cli = Self::try_parse_from(arguments)?;
		cli.command.common().check()?;
		if let Command::Transfers(load) = &cli.command {
			load.check()?;
		}
		Ok(cli)
	}
}

impl Load {
	fn check(&self) -> Result<(), clap::Error> {
		let total = self.plan().total();
		if total > MAX_COUNT {
			return Err(invalid(format!("{total} transactions are more than {MAX_COUNT}")));
		}
		Ok(())
	}

	pub fn plan(&self) -> Plan {
		Plan {
			endpoints: self.common.urls.clone(),
			accounts: self.accounts,
			length: match (self.count, self.seconds) {
				(Some(count), _) => Length::Transactions(count),
				// One of the two is required; without either there is nothing to send.
				(None, seconds) => Length::Seconds(seconds.unwrap_or(0)),
			},
			pace: Pace::new(self.rate, self.in_flight),
			connections: self.connections,
			presign_rate: self.presign_rate,
			seed: self.seed.clone(),
			funder: self.funder.clone(),
			limit: self.common.limit(),
			drain: Duration::from_secs(self.drain),
		}
	}
}

/// An error that prints like clap's own and exits with the same code.
pub fn invalid(text: String) -> clap::Error {
	Cli::command().error(ErrorKind::ValueValidation, text)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn read(arguments: &str) -> Result<Cli, clap::Error> {
		Cli::read(std::iter::once("ballast-load").chain(arguments.split_whitespace()))
	}

	fn plan(arguments: &str) -> Plan {
		match read(arguments).expect("valid arguments").command {
			Command::Transfers(load) => load.plan(),
			Command::Finality(_) => unreachable!("the tests ask for plans of transfers"),
		}
	}

	#[test]
	fn definition_should_be_consistent() {
		Cli::command().debug_assert();
	}

	#[test]
	fn remote_addresses_should_need_permission() {
		assert!(read("finality --url ws://10.0.0.1:9944").is_err());
		assert!(read("finality --url ws://10.0.0.1:9944 --allow-remote").is_ok());
		assert!(read("finality --url ws://127.0.0.1:1 --url ws://example.org:1").is_err());
		assert!(read("finality --url ws://127.0.0.1:1 --url ws://localhost:2").is_ok());
	}

	#[test]
	fn a_run_should_need_exactly_one_length() {
		assert!(read("transfers --rate 10").is_err());
		assert!(read("transfers --rate 10 --count 5 --seconds 5").is_err());
		assert_eq!(plan("transfers --rate 10 --count 5").total(), 5);
		assert_eq!(plan("transfers --rate 10 --seconds 5").total(), 50);
		assert_eq!(plan("transfers --rate 0 --seconds 5 --presign-rate 7").total(), 35);
	}

	#[test]
	fn values_out_of_range_should_be_refused() {
		for arguments in [
			"transfers --rate -1 --count 1",
			"transfers --rate nan --count 1",
			"transfers --rate 10 --count 0",
			"transfers --rate 10 --count 1 --accounts 0",
			"transfers --rate 1000000 --seconds 86400",
			"finality --blocks 0",
			"finality --url http://127.0.0.1:9944",
			"finality --timeout 0",
		] {
			let error = read(arguments).expect_err(arguments);
			assert_eq!(error.exit_code(), 2, "{arguments}");
		}
	}
}
