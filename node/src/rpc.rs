// SPDX-License-Identifier: Apache-2.0

//! JSON-RPC beyond what every Substrate node serves: nonces, fees, GRANDPA's state.

use crate::service::{FullClient, FullPool, GrandpaParts};
use ballast_runtime::opaque::Block;
use jsonrpsee::RpcModule;
use sc_rpc::SubscriptionTaskExecutor;
use std::sync::Arc;

/// What the handlers need.
pub struct Dependencies {
	/// The client.
	pub client: Arc<FullClient>,
	/// The transaction pool.
	pub pool: Arc<FullPool>,
	/// What there is to tell of GRANDPA.
	pub grandpa: GrandpaParts,
}

/// Merges the modules into one.
pub fn create(
	dependencies: Dependencies,
	executor: SubscriptionTaskExecutor,
) -> Result<RpcModule<()>, Box<dyn std::error::Error + Send + Sync>> {
	use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
	use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
	use substrate_frame_rpc_system::{System, SystemApiServer};

	let Dependencies { client, pool, grandpa } = dependencies;
	let mut module = RpcModule::new(());
	module.merge(System::<_, _, Block>::new(client.clone(), pool).into_rpc())?;
	module.merge(TransactionPayment::new(client).into_rpc())?;
	module.merge(
		Grandpa::new(
			executor,
			grandpa.authority_set,
			grandpa.voter_state,
			grandpa.justification_stream,
			grandpa.finality_proofs,
		)
		.into_rpc(),
	)?;
	Ok(module)
}
