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
	/// Sends orders that each cross one resting order.
	Crossing(MarketLoad),
	/// Sends orders that rest and cancels them.
	RestingCancel(MarketLoad),
	/// Sends batches of twenty operations: ten cancels, ten orders that rest.
	Batched(MarketLoad),
	/// Runs all of these one after the other and compares their rates.
	Exchange(Exchange),
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
	#[command(flatten)]
	pub senders: Senders,
	/// Number of transactions.
	#[arg(long, conflicts_with = "seconds", required_unless_present = "seconds",
		value_parser = count_parser)]
	pub count: Option<usize>,
	/// Seconds to offer transactions for.
	#[arg(long, value_parser = seconds_parser())]
	pub seconds: Option<u64>,
	/// Transactions per second, sent whatever the node does; 0 for as fast as it takes them.
	#[arg(long, value_parser = rate_parser)]
	pub rate: f64,
}

/// Who sends, and how.
#[derive(Debug, Args)]
pub struct Senders {
	/// Number of accounts that send; at least as many as transactions in flight keeps each account
	/// at one transaction in the pool.
	#[arg(long, default_value_t = 2_000, value_parser = count_parser)]
	pub accounts: usize,
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
pub struct MarketLoad {
	#[command(flatten)]
	pub load: Load,
	#[command(flatten)]
	pub market: Market,
}

#[derive(Debug, Args)]
pub struct Market {
	/// Number of the underlying whose options are traded; the one whose smallest order is worth least
	/// if there is none.
	#[arg(long)]
	pub underlying: Option<u16>,
}

#[derive(Debug, Args)]
pub struct Exchange {
	#[command(flatten)]
	pub common: Common,
	#[command(flatten)]
	pub senders: Senders,
	#[command(flatten)]
	pub market: Market,
	/// Seconds to offer the transactions of each phase for, as fast as the node takes them.
	#[arg(long, default_value_t = 30, value_parser = seconds_parser())]
	pub seconds: u64,
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

fn seconds_parser() -> clap::builder::RangedU64ValueParser {
	clap::value_parser!(u64).range(1..=86_400)
}

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
			Self::Crossing(of) | Self::RestingCancel(of) | Self::Batched(of) => &of.load.common,
			Self::Exchange(exchange) => &exchange.common,
			Self::Finality(finality) => &finality.common,
		}
	}

	/// What is sent; nothing where blocks are only watched.
	fn plan(&self) -> Option<Plan> {
		match self {
			Self::Transfers(load) => Some(load.plan()),
			Self::Crossing(of) | Self::RestingCancel(of) | Self::Batched(of) => {
				Some(of.load.plan())
			},
			Self::Exchange(exchange) => Some(exchange.plan()),
			Self::Finality(_) => None,
		}
	}

	fn check(&self) -> Result<(), clap::Error> {
		let total = self.plan().map_or(0, |plan| plan.total());
		if total > MAX_COUNT {
			return Err(invalid(format!("{total} transactions are more than {MAX_COUNT}")));
		}
		Ok(())
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
		cli.command.check()?;
		Ok(cli)
	}
}

impl Load {
	pub fn plan(&self) -> Plan {
		let length = match (self.count, self.seconds) {
			(Some(count), _) => Length::Transactions(count),
			// One of the two is required; without either there is nothing to send.
			(None, seconds) => Length::Seconds(seconds.unwrap_or(0)),
		};
		self.senders.plan(&self.common, length, self.rate)
	}
}

impl Exchange {
	pub fn plan(&self) -> Plan {
		self.senders.plan(&self.common, Length::Seconds(self.seconds), 0.0)
	}
}

impl Senders {
	fn plan(&self, common: &Common, length: Length, rate: f64) -> Plan {
		Plan {
			endpoints: common.urls.clone(),
			accounts: self.accounts,
			length,
			pace: Pace::new(rate, self.in_flight),
			connections: self.connections,
			presign_rate: self.presign_rate,
			seed: self.seed.clone(),
			funder: self.funder.clone(),
			limit: common.limit(),
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
		let command = read(arguments).expect("valid arguments").command;
		command.plan().expect("something is sent")
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
	fn workloads_of_orders_should_take_the_options_of_transfers() {
		for workload in ["transfers", "crossing", "resting-cancel", "batched"] {
			let plan = plan(&format!("{workload} --rate 0 --seconds 5 --presign-rate 7"));
			assert_eq!(plan.total(), 35, "{workload}");
		}
		match read("batched --rate 1 --count 1 --underlying 2").map(|cli| cli.command) {
			Ok(Command::Batched(of)) => assert_eq!(of.market.underlying, Some(2)),
			other => panic!("{other:?}"),
		}
	}

	#[test]
	fn the_comparison_should_be_a_closed_loop_of_its_seconds() {
		let plan = plan("exchange --presign-rate 10 --in-flight 9");
		assert_eq!(plan.total(), 300);
		assert_eq!(plan.pace, Pace::Closed { in_flight: 9 });
		assert!(read("exchange --rate 5").is_err());
	}

	#[test]
	fn values_out_of_range_should_be_refused() {
		for arguments in [
			"transfers --rate -1 --count 1",
			"transfers --rate nan --count 1",
			"transfers --rate 10 --count 0",
			"transfers --rate 10 --count 1 --accounts 0",
			"transfers --rate 1000000 --seconds 86400",
			"exchange --seconds 86400",
			"crossing --rate 1 --count 1 --underlying 65536",
			"finality --blocks 0",
			"finality --url http://127.0.0.1:9944",
			"finality --timeout 0",
		] {
			let error = read(arguments).expect_err(arguments);
			assert_eq!(error.exit_code(), 2, "{arguments}");
		}
	}
}
