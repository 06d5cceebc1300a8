// SPDX-License-Identifier: Apache-2.0
//! A chain of a genesis block on which one block is built: what the pool and the author ask of it.

use super::runtime::{version, Block, Hash, Header};
use async_trait::async_trait;
use codec::{Decode, Encode};
use pallet_lanes::{priority, Lane, PerLane};
use sc_transaction_pool::{ChainApi, ValidateTransactionPriority};
use sc_transaction_pool_api::{error::Error as PoolError, TransactionSource};
use sp_api::{ApiError, CallApiAt, CallApiAtParams, CallContext};
use sp_blockchain::{BlockStatus, HeaderBackend, Info, TreeRoute};
use sp_externalities::Extensions;
use sp_runtime::{
	generic::BlockId,
	traits::{BlakeTwo256, Hash as _, Header as _},
	transaction_validity::{InvalidTransaction, TransactionValidity, ValidTransaction},
	ApplyExtrinsicResult, ExtrinsicInclusionMode, OpaqueExtrinsic, StateVersion,
};
use sp_state_machine::InMemoryBackend;
use sp_version::RuntimeVersion;
use std::{
	collections::BTreeMap,
	sync::{Arc, Mutex, MutexGuard},
};

/// A transaction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct Tx {
	pub account: u32,
	pub nonce: u32,
	/// What it takes of its lane.
	pub weight: u64,
	pub tip: u64,
	/// Whether the block finds it invalid, though the pool has taken it.
	pub is_invalid: bool,
	/// Makes it long.
	pub ballast: Vec<u8>,
	rank: u64,
}

impl Tx {
	pub fn new(lane: Lane, account: u32) -> Self {
		Self {
			account,
			nonce: 0,
			weight: 1,
			tip: 0,
			is_invalid: false,
			ballast: Vec::new(),
			rank: lane.rank(),
		}
	}

	pub fn nonce(self, nonce: u32) -> Self {
		Self { nonce, ..self }
	}

	pub fn weight(self, weight: u64) -> Self {
		Self { weight, ..self }
	}

	pub fn tip(self, tip: u64) -> Self {
		Self { tip, ..self }
	}

	pub fn invalid(self) -> Self {
		Self { is_invalid: true, ..self }
	}

	pub fn long(self, bytes: usize) -> Self {
		Self { ballast: vec![0; bytes], ..self }
	}

	pub fn lane(&self) -> Lane {
		Lane::ALL.into_iter().find(|lane| lane.rank() == self.rank).expect("a lane's rank")
	}

	pub fn to_extrinsic(&self) -> OpaqueExtrinsic {
		OpaqueExtrinsic::from_blob(self.encode())
	}

	pub fn of(extrinsic: &OpaqueExtrinsic) -> Self {
		Self::decode(&mut extrinsic.inner()).expect("the tests made it")
	}
}

#[derive(Debug, Default)]
struct Block1 {
	used: PerLane<u64>,
	nonces: BTreeMap<u32, u32>,
	/// Weight of each account.
	spent: BTreeMap<u32, u64>,
	included: Vec<Tx>,
	refused: Vec<Tx>,
	invalid: usize,
	out_of_order: Vec<Tx>,
	/// How often the protocol's part was done.
	protocol_parts: usize,
}

/// Set by the protocol's part.
const DONE: &[u8] = b"done";

/// What one block has room for, and what was put into it.
#[derive(Debug)]
pub struct Chain {
	room: PerLane<u64>,
	/// The most weight of one account in the block.
	limit: u64,
	/// Whether doing the protocol's part by itself fails half-way.
	fails_apart: bool,
	block: Mutex<Block1>,
}

impl Chain {
	pub fn new(room: PerLane<u64>) -> Self {
		Self { room, limit: u64::MAX, fails_apart: false, block: Default::default() }
	}

	pub fn with_limit(self, limit: u64) -> Self {
		Self { limit, ..self }
	}

	/// The same, whose protocol's part cannot be done by itself.
	pub fn failing_apart(self) -> Self {
		Self { fails_apart: true, ..self }
	}

	pub fn genesis_header() -> Header {
		Header::new(0, Hash::zero(), Hash::zero(), Hash::zero(), Default::default())
	}

	pub fn genesis() -> Hash {
		Self::genesis_header().hash()
	}

	pub fn included(&self) -> Vec<Tx> {
		self.block().included.clone()
	}

	/// What was tried and found no room.
	pub fn refused(&self) -> Vec<Tx> {
		self.block().refused.clone()
	}

	/// How many were tried and found invalid.
	pub fn invalid(&self) -> usize {
		self.block().invalid
	}

	/// How often the protocol's part was done.
	pub fn protocol_parts(&self) -> usize {
		self.block().protocol_parts
	}

	/// What was tried without the one before it.
	pub fn out_of_order(&self) -> Vec<Tx> {
		self.block().out_of_order.clone()
	}

	fn block(&self) -> MutexGuard<'_, Block1> {
		self.block.lock().expect("no test panics in here")
	}

	/// Once in the storage of a block, as the SDK's runtime does.
	fn apply_protocol_part(&self, params: &CallApiAtParams<Block>) {
		let mut changes = params.overlayed_changes.borrow_mut();
		if changes.storage(DONE).is_none() {
			changes.set_storage(DONE.to_vec(), Some(vec![1]));
			self.block().protocol_parts += 1;
		}
	}

	fn apply(&self, tx: Tx) -> ApplyExtrinsicResult {
		let mut block = self.block();
		let nonce = block.nonces.get(&tx.account).copied().unwrap_or_default();
		if nonce != tx.nonce {
			block.out_of_order.push(tx);
			return Err(InvalidTransaction::Future.into());
		}
		if tx.is_invalid {
			block.invalid += 1;
			return Err(InvalidTransaction::Future.into());
		}
		let used = block.used.get(tx.lane()) + tx.weight;
		let spent = block.spent.get(&tx.account).copied().unwrap_or_default() + tx.weight;
		if used > *self.room.get(tx.lane()) || spent > self.limit {
			block.refused.push(tx);
			return Err(InvalidTransaction::ExhaustsResources.into());
		}
		*block.used.get_mut(tx.lane()) = used;
		block.spent.insert(tx.account, spent);
		block.nonces.insert(tx.account, nonce + 1);
		block.included.push(tx);
		Ok(Ok(()))
	}

	fn finalize(&self) -> Header {
		let transactions =
			self.block().included.iter().map(|tx| tx.to_extrinsic().encode()).collect();
		let root = BlakeTwo256::ordered_trie_root(transactions, StateVersion::V0);
		Header::new(1, root, Hash::zero(), Self::genesis(), Default::default())
	}
}

impl CallApiAt<Block> for Chain {
	type StateBackend = InMemoryBackend<BlakeTwo256>;

	fn call_api_at(&self, params: CallApiAtParams<Block>) -> Result<Vec<u8>, ApiError> {
		Ok(match params.function {
			"Core_initialize_block" => ExtrinsicInclusionMode::AllExtrinsics.encode(),
			"BlockBuilder_inherent_extrinsics" => Vec::<OpaqueExtrinsic>::new().encode(),
			"AuthoringApi_apply_protocol_part" => {
				self.apply_protocol_part(&params);
				if self.fails_apart {
					return Err(ApiError::Application("it panics".into()));
				}
				Vec::new()
			},
			"BlockBuilder_apply_extrinsic" => {
				self.apply_protocol_part(&params);
				let extrinsic = OpaqueExtrinsic::decode(&mut params.arguments.as_slice());
				self.apply(Tx::of(&extrinsic.expect("the author encoded it"))).encode()
			},
			"BlockBuilder_finalize_block" => self.finalize().encode(),
			other => panic!("an author has no reason to call {other}"),
		})
	}

	fn runtime_version_at(&self, _: Hash, _: CallContext) -> Result<RuntimeVersion, ApiError> {
		Ok(version())
	}

	fn state_at(&self, _: Hash) -> Result<Self::StateBackend, ApiError> {
		Ok(InMemoryBackend::default())
	}

	fn initialize_extensions(&self, _: Hash, _: &mut Extensions) -> Result<(), ApiError> {
		Ok(())
	}
}

impl HeaderBackend<Block> for Chain {
	fn header(&self, hash: Hash) -> sp_blockchain::Result<Option<Header>> {
		Ok((hash == Self::genesis()).then(Self::genesis_header))
	}

	fn info(&self) -> Info<Block> {
		Info {
			best_hash: Self::genesis(),
			best_number: 0,
			genesis_hash: Self::genesis(),
			finalized_hash: Self::genesis(),
			finalized_number: 0,
			finalized_state: None,
			number_leaves: 1,
			block_gap: None,
		}
	}

	fn status(&self, _: Hash) -> sp_blockchain::Result<BlockStatus> {
		Ok(BlockStatus::InChain)
	}

	fn number(&self, hash: Hash) -> sp_blockchain::Result<Option<u32>> {
		Ok((hash == Self::genesis()).then_some(0))
	}

	fn hash(&self, number: u32) -> sp_blockchain::Result<Option<Hash>> {
		Ok((number == 0).then(Self::genesis))
	}
}

#[async_trait]
impl ChainApi for Chain {
	type Block = Block;
	type Error = PoolError;

	async fn validate_transaction(
		&self,
		at: Hash,
		source: TransactionSource,
		extrinsic: Arc<OpaqueExtrinsic>,
		_: ValidateTransactionPriority,
	) -> Result<TransactionValidity, PoolError> {
		self.validate_transaction_blocking(at, source, extrinsic)
	}

	fn validate_transaction_blocking(
		&self,
		_: Hash,
		_: TransactionSource,
		extrinsic: Arc<OpaqueExtrinsic>,
	) -> Result<TransactionValidity, PoolError> {
		let tx = Tx::of(&extrinsic);
		let before = tx.nonce.checked_sub(1);
		Ok(Ok(ValidTransaction {
			priority: priority(tx.lane(), tx.tip),
			requires: before.map(|nonce| (tx.account, nonce).encode()).into_iter().collect(),
			provides: vec![(tx.account, tx.nonce).encode()],
			longevity: 64,
			propagate: true,
		}))
	}

	fn block_id_to_number(&self, _: &BlockId<Block>) -> Result<Option<u32>, PoolError> {
		Ok(Some(0))
	}

	fn block_id_to_hash(&self, _: &BlockId<Block>) -> Result<Option<Hash>, PoolError> {
		Ok(Some(Self::genesis()))
	}

	fn hash_and_length(&self, extrinsic: &OpaqueExtrinsic) -> (Hash, usize) {
		(BlakeTwo256::hash(extrinsic.inner()), extrinsic.inner().len())
	}

	async fn block_body(&self, _: Hash) -> Result<Option<Vec<OpaqueExtrinsic>>, PoolError> {
		Ok(Some(Vec::new()))
	}

	fn block_header(&self, hash: Hash) -> Result<Option<Header>, PoolError> {
		Ok((hash == Self::genesis()).then(Self::genesis_header))
	}

	fn tree_route(&self, _: Hash, _: Hash) -> Result<TreeRoute<Block>, PoolError> {
		Err(PoolError::InvalidBlockId("there is one block".into()))
	}
}
