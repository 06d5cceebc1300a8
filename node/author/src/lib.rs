// SPDX-License-Identifier: Apache-2.0

//! Offers the author of a block transactions lane by lane. `README.md` says what for and how it was measured.
//!
//! - [`LanePool`] stands in the pool's place: its iterator ([`turns`]) leaves a lane alone that has refused too often
//!   and comes back to it after the others;
//! - [`Witness`] stands in the client's place: it sees why a transaction did not get in, which the SDK's author does not
//!   tell the iterator, and has the protocol's part of a block done once ([`protocol_part`]) rather than with every refused
//!   transaction;
//! - [`Early`] leaves a block time to be finished, and solvency the last of the time to fill it ([`Cutoff`]);
//! - [`proposer_factory`] makes the SDK's author of the three.
//!
//! Policy of this node, not consensus: a block made in any other order is as good.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod cutoff;
mod early;
mod meter;
mod pool;
mod protocol_part;
pub mod turns;
mod witness;

pub use cutoff::Cutoff;
pub use early::Early;
pub use meter::lane_name;
pub use pool::LanePool;
pub use witness::Witness;

use sc_basic_authorship::ProposerFactory;
use sc_telemetry::TelemetryHandle;
use sc_transaction_pool_api::TransactionPool;
use sp_core::traits::SpawnNamed;
use sp_runtime::Percent;
use std::sync::Arc;
use substrate_prometheus_endpoint::Registry;

/// Target of the log lines.
pub const LOG_TARGET: &str = "lane-author";

/// The SDK's author over lanes. `Api` is the runtime's `RuntimeApi`.
pub fn proposer_factory<Api, Client, Pool: TransactionPool>(
	spawner: impl SpawnNamed + 'static,
	client: Arc<Client>,
	pool: Arc<Pool>,
	registry: Option<&Registry>,
	telemetry: Option<TelemetryHandle>,
) -> Early<ProposerFactory<LanePool<Pool>, Witness<Api, Client>>> {
	let cutoff = Cutoff::default();
	let mut factory = ProposerFactory::new(
		spawner,
		Arc::new(Witness::new(client)),
		Arc::new(LanePool::new(pool, cutoff.clone(), registry)),
		registry,
		telemetry,
	);
	// Past the soft deadline the author stops at the ninth refusal of a block, whichever lanes it has not seen by then.
	// Refusals are bounded per lane here, so that it need not.
	factory.set_soft_deadline(Percent::from_percent(100));
	Early::new(factory, cutoff)
}
