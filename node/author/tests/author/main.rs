// SPDX-License-Identifier: Apache-2.0
//! The SDK's author and the SDK's pool, over a chain that is made up: five lanes of fixed room.

mod chain;
mod cutoff;
mod limits;
mod order;
mod properties;
mod protocol_part;
mod reach;
mod runtime;

use ballast_author::{proposer_factory, Cutoff, LanePool, Witness};
use chain::{Chain, Tx};
use futures::executor::block_on;
use pallet_lanes::{Lane, PerLane};
use runtime::{Block, RuntimeApi};
use sc_basic_authorship::ProposerFactory;
use sc_transaction_pool::{BasicPool, Options, PoolLimit};
use sc_transaction_pool_api::{TransactionPool, TransactionSource};
use sp_consensus::{Environment, ProposeArgs, Proposer};
use sp_core::testing::TaskExecutor;
use sp_runtime::Percent;
use std::{sync::Arc, time::Duration};

type Pool = BasicPool<Chain, Block>;

/// So long that no test depends on it.
const TIME_TO_PROPOSE: Duration = Duration::from_secs(600);

/// A chain with transactions waiting.
struct Bench {
	chain: Arc<Chain>,
	pool: Arc<Pool>,
	/// Bytes that a block may have, if not what the SDK says.
	longest: Option<usize>,
}

impl Bench {
	fn new(chain: Chain, waiting: &[Tx]) -> Self {
		let chain = Arc::new(chain);
		let limit = PoolLimit { count: 100_000, total_bytes: 1 << 30 };
		let options = Options { ready: limit.clone(), future: limit, ..Default::default() };
		let genesis = Chain::genesis();
		let (pool, _) = BasicPool::new_test(chain.clone(), genesis, genesis, options);
		let transactions = waiting.iter().map(Tx::to_extrinsic).collect();
		let submitted =
			block_on(pool.submit_at(genesis, TransactionSource::External, transactions))
				.expect("the pool knows the genesis block");
		for result in submitted {
			result.expect("the pool takes every transaction");
		}
		Self { chain, pool: Arc::new(pool), longest: None }
	}

	/// A block by the author of this crate.
	fn by_lanes(&self) {
		self.propose(proposer_factory::<RuntimeApi, _, _>(
			TaskExecutor::new(),
			self.chain.clone(),
			self.pool.clone(),
			None,
			None,
		));
	}

	/// A block by the SDK's author over lanes, in which ordinary transactions have this much time.
	fn by_lanes_within(&self, time: Duration) {
		let cutoff = Cutoff::default();
		cutoff.begin(time);
		let client = Arc::new(Witness::<RuntimeApi, _>::new(self.chain.clone()));
		let pool = Arc::new(LanePool::new(self.pool.clone(), cutoff, None));
		self.propose(ProposerFactory::new(TaskExecutor::new(), client, pool, None, None));
	}

	/// A block by the SDK's author alone, whose soft deadline has passed.
	fn by_the_pool(&self) {
		let spawner = TaskExecutor::new();
		let client = Arc::new(Witness::<RuntimeApi, _>::new(self.chain.clone()));
		let mut factory = ProposerFactory::new(spawner, client, self.pool.clone(), None, None);
		factory.set_soft_deadline(Percent::zero());
		self.propose(factory);
	}

	fn propose<E: Environment<Block>>(&self, mut factory: E)
	where
		E::Error: std::fmt::Debug,
		<E::Proposer as Proposer<Block>>::Error: std::fmt::Debug,
	{
		let proposer = block_on(factory.init(&Chain::genesis_header())).expect("a proposer");
		let proposal = block_on(proposer.propose(ProposeArgs {
			max_duration: TIME_TO_PROPOSE,
			block_size_limit: self.longest,
			..Default::default()
		}))
		.expect("a block");
		let included = self.chain.included().iter().map(Tx::to_extrinsic).collect::<Vec<_>>();
		assert_eq!(proposal.block.extrinsics, included);
		assert_eq!(self.chain.out_of_order(), [], "nothing is tried without what it depends on");
	}

	fn included(&self, lane: Lane) -> Vec<Tx> {
		self.chain.included().into_iter().filter(|tx| tx.lane() == lane).collect()
	}

	/// Tries of a lane that found no room.
	fn refused(&self, lane: Lane) -> usize {
		self.chain.refused().iter().filter(|tx| tx.lane() == lane).count()
	}

	/// Transactions of each lane in the block.
	fn counts(&self) -> [usize; 5] {
		Lane::ALL.map(|lane| self.included(lane).len())
	}
}

/// Refusals of a lane in a block beyond what it takes. Three turns of eight and of what it takes to get past any crowd.
const MOST_REFUSALS: usize = 100;

/// Room for ten transactions of weight 1 in each lane.
fn ten() -> PerLane<u64> {
	PerLane::from_fn(|_| 10)
}

/// `count` transactions of weight 1, each of another account, the first being `first`.
fn crowd(lane: Lane, first: u32, count: u32) -> impl Iterator<Item = Tx> {
	(first..first + count).map(move |account| Tx::new(lane, account))
}

/// Thousands of takers and twenty of every other lane.
fn flood() -> Vec<Tx> {
	crowd(Lane::Takers, 0, 3_000)
		.chain(crowd(Lane::General, 10_000, 20))
		.chain(crowd(Lane::Makers, 20_000, 20))
		.chain(crowd(Lane::RiskDown, 30_000, 20))
		.chain(crowd(Lane::Solvency, 40_000, 20))
		.collect()
}
