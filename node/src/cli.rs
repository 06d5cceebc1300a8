// SPDX-License-Identifier: Apache-2.0

//! Options and subcommands.

use crate::{feed::FeedOptions, finality::FinalityOptions, keeper::KeeperOptions};
use std::path::PathBuf;

/// Bytes of the cache of state that a node has unless it is told otherwise. While its table grows nobody may read: that of the SDK's gibibyte
/// takes more than half a second, and the block that is being built comes too late (docs/decisions/0009-cache-of-state.md).
const TRIE_CACHE_BYTES: &str = "134217728";

/// Seconds for which the pool takes no bytes again that it refused: none, which is until the next block. The SDK's half hour is meant for what can never be
/// valid, but the fork-aware pool bans what may become valid as well, and every try begins the ban anew: a bid that came a
/// block too early would be out for the whole auction. What a full pool gave up may come again too; it has to outrank what is there.
const BAN_SECONDS: &str = "0";

/// The command line.
#[derive(Debug, clap::Parser)]
#[command(
	mut_arg("trie_cache_size", |it| it.default_value(TRIE_CACHE_BYTES)),
	mut_arg("tx_ban_seconds", |it| it.default_value(BAN_SECONDS)),
)]
pub struct Cli {
	/// What to do instead of running a node.
	#[command(subcommand)]
	pub subcommand: Option<Subcommand>,

	/// How to run a node.
	#[command(flatten)]
	pub run: RunCmd,
}

/// Options of a running node.
#[derive(Debug, clap::Args)]
pub struct RunCmd {
	/// Those of every Substrate node.
	#[command(flatten)]
	pub base: sc_cli::RunCmd,

	/// Those of finality.
	#[command(flatten)]
	pub finality: FinalityOptions,

	/// Those of the price feed.
	#[command(flatten)]
	pub feed: FeedOptions,

	/// Those of the keeper.
	#[command(flatten)]
	pub keeper: KeeperOptions,
}

/// What the binary does besides running a node.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
	/// Key management: generate, inspect, insert, node keys.
	#[command(subcommand)]
	Key(sc_cli::KeySubcommand),

	/// Turn a file of `chain-specs/` into a plain and a raw chain spec.
	BuildChainSpec(BuildChainSpecCmd),

	/// Export a known chain spec, plain or raw.
	ExportChainSpec(sc_cli::ExportChainSpecCmd),

	/// Validate blocks that are in the database.
	CheckBlock(sc_cli::CheckBlockCmd),

	/// Export blocks to a file.
	ExportBlocks(sc_cli::ExportBlocksCmd),

	/// Export the state of a block as a chain spec.
	ExportState(sc_cli::ExportStateCmd),

	/// Import blocks from a file.
	ImportBlocks(sc_cli::ImportBlocksCmd),

	/// Remove the whole chain from the database.
	PurgeChain(sc_cli::PurgeChainCmd),

	/// Revert the chain by a number of blocks.
	Revert(sc_cli::RevertCmd),

	/// Print meta information about the database.
	ChainInfo(sc_cli::ChainInfoCmd),

	/// Measure weights: pallets, block and extrinsic overhead, storage, machine.
	#[cfg(feature = "runtime-benchmarks")]
	#[command(subcommand)]
	Benchmark(Box<frame_benchmarking_cli::BenchmarkCmd>),
}

/// Options of `build-chain-spec`.
#[derive(Debug, clap::Args)]
pub struct BuildChainSpecCmd {
	/// The file that describes the chain (see `chain-specs/`).
	pub file: PathBuf,

	/// Where to write the plain spec, for people to read.
	#[arg(long)]
	pub plain: Option<PathBuf>,

	/// Where to write the raw spec, for nodes to run. All nodes of a chain need the same file.
	#[arg(long)]
	pub raw: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::{CommandFactory, Parser};

	#[test]
	fn options_should_be_consistent() {
		Cli::command().debug_assert();
	}

	#[test]
	fn bytes_should_be_banned_until_the_next_block_when_nothing_is_said() {
		let ban = |args: &[&str]| {
			let cli = Cli::try_parse_from(args).expect("the options are known");
			cli.run.base.pool_config.tx_ban_seconds
		};
		assert_eq!(ban(&["ballast"]), Some(0));
		assert_eq!(ban(&["ballast", "--tx-ban-seconds", "1800"]), Some(1_800));
	}

	#[test]
	fn cache_of_state_should_be_small_when_nothing_is_said() {
		let size = |args: &[&str]| {
			let cli = Cli::try_parse_from(args).expect("the options are known");
			cli.run.base.import_params.trie_cache_size.to_string()
		};
		assert_eq!(size(&["ballast", "--dev"]), TRIE_CACHE_BYTES);
		assert_eq!(size(&["ballast", "--dev", "--trie-cache-size", "7"]), "7");
	}
}
