// SPDX-License-Identifier: Apache-2.0
//! The pool as the author sees it.

use crate::{
	cutoff::Cutoff,
	meter::Meter,
	turns::{Ready, Turns},
};
use async_trait::async_trait;
use sc_transaction_pool_api::{
	BlockHash, ImportNotificationStream, PoolStatus, TransactionFor, TransactionPool,
	TransactionSource, TransactionStatusStreamFor, TxHash, TxInvalidityReportMap,
};
use std::{collections::HashMap, pin::Pin, sync::Arc, time::Duration};
use substrate_prometheus_endpoint::Registry;

/// A pool whose ready transactions come in [`Turns`]. Everything else it leaves to the pool.
pub struct LanePool<Pool> {
	pool: Arc<Pool>,
	cutoff: Cutoff,
	meter: Option<Meter>,
}

impl<Pool: TransactionPool> LanePool<Pool> {
	/// Stands in the place of `pool`.
	pub fn new(pool: Arc<Pool>, cutoff: Cutoff, registry: Option<&Registry>) -> Self {
		Self { pool, cutoff, meter: Meter::new(registry) }
	}
}

impl<Pool> LanePool<Pool>
where
	Pool: TransactionPool,
	Pool::InPoolTransaction: Send + Sync + 'static,
{
	fn turns(
		&self,
		ready: Ready<Pool::InPoolTransaction>,
		seed: u64,
	) -> Ready<Pool::InPoolTransaction> {
		let turns = Turns::new(ready, seed, self.cutoff.clone());
		Box::new(turns.with_meter(self.meter.clone()))
	}
}

/// The last bytes of the parent's hash.
fn seed(hash: &[u8]) -> u64 {
	hash.last_chunk().copied().map(u64::from_le_bytes).unwrap_or_default()
}

#[async_trait]
impl<Pool> TransactionPool for LanePool<Pool>
where
	Pool: TransactionPool,
	Pool::InPoolTransaction: Send + Sync + 'static,
{
	type Block = Pool::Block;
	type Hash = Pool::Hash;
	type InPoolTransaction = Pool::InPoolTransaction;
	type Error = Pool::Error;

	async fn submit_at(
		&self,
		at: BlockHash<Self>,
		source: TransactionSource,
		transactions: Vec<TransactionFor<Self>>,
	) -> Result<Vec<Result<TxHash<Self>, Self::Error>>, Self::Error> {
		self.pool.submit_at(at, source, transactions).await
	}

	async fn submit_one(
		&self,
		at: BlockHash<Self>,
		source: TransactionSource,
		transaction: TransactionFor<Self>,
	) -> Result<TxHash<Self>, Self::Error> {
		self.pool.submit_one(at, source, transaction).await
	}

	async fn submit_and_watch(
		&self,
		at: BlockHash<Self>,
		source: TransactionSource,
		transaction: TransactionFor<Self>,
	) -> Result<Pin<Box<TransactionStatusStreamFor<Self>>>, Self::Error> {
		self.pool.submit_and_watch(at, source, transaction).await
	}

	async fn ready_at(&self, at: BlockHash<Self>) -> Ready<Self::InPoolTransaction> {
		self.turns(self.pool.ready_at(at).await, seed(at.as_ref()))
	}

	fn ready(&self) -> Ready<Self::InPoolTransaction> {
		self.turns(self.pool.ready(), 0)
	}

	async fn ready_at_with_timeout(
		&self,
		at: BlockHash<Self>,
		timeout: Duration,
	) -> Ready<Self::InPoolTransaction> {
		self.turns(self.pool.ready_at_with_timeout(at, timeout).await, seed(at.as_ref()))
	}

	async fn report_invalid(
		&self,
		at: Option<BlockHash<Self>>,
		errors: TxInvalidityReportMap<TxHash<Self>>,
	) -> Vec<Arc<Self::InPoolTransaction>> {
		self.pool.report_invalid(at, errors).await
	}

	fn futures(&self) -> Vec<Self::InPoolTransaction> {
		self.pool.futures()
	}

	fn status(&self) -> PoolStatus {
		self.pool.status()
	}

	fn import_notification_stream(&self) -> ImportNotificationStream<TxHash<Self>> {
		self.pool.import_notification_stream()
	}

	fn on_broadcasted(&self, propagations: HashMap<TxHash<Self>, Vec<String>>) {
		self.pool.on_broadcasted(propagations)
	}

	fn hash_of(&self, transaction: &TransactionFor<Self>) -> TxHash<Self> {
		self.pool.hash_of(transaction)
	}

	fn ready_transaction(&self, hash: &TxHash<Self>) -> Option<Arc<Self::InPoolTransaction>> {
		self.pool.ready_transaction(hash)
	}
}
