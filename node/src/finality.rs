// SPDX-License-Identifier: Apache-2.0

//! How fast and how boldly GRANDPA finalizes.
//!
//! A GRANDPA round takes at least four times the gossip duration, and the usual voting rule stays two
//! blocks behind the best one. The defaults here are for validators a few milliseconds apart: blocks
//! are final well under a second after their import. Validators spread over continents need a longer
//! gossip duration, or rounds time out before votes arrive.

use crate::service::FullClient;
use ballast_runtime::{opaque::Block, BlockNumber};
use sc_consensus_grandpa::{BeforeBestBlockBy, VotingRule, VotingRulesBuilder};
use std::time::Duration;

/// Command-line options of finality.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct FinalityOptions {
	/// Milliseconds that a GRANDPA message is expected to take to reach all validators.
	///
	/// A round takes at least four times this. Raise it when validators are far apart.
	#[arg(long, value_name = "MS", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=10_000))]
	pub grandpa_gossip_ms: u64,

	/// Blocks by which finality votes stay behind the best block.
	///
	/// 0 votes for the best block. A larger lag finalizes later but seldom votes on short-lived forks.
	#[arg(long, value_name = "BLOCKS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100))]
	pub finality_lag: BlockNumber,
}

impl FinalityOptions {
	/// Expected time of a message to reach all validators.
	pub fn gossip_duration(&self) -> Duration {
		Duration::from_millis(self.grandpa_gossip_ms)
	}

	/// Which block to vote for.
	pub fn voting_rule(&self) -> impl VotingRule<Block, FullClient> + Clone + 'static {
		let rules = VotingRulesBuilder::new();
		match self.finality_lag {
			0 => rules.build(),
			lag => rules.add(BeforeBestBlockBy(lag)).build(),
		}
	}
}
