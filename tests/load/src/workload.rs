// SPDX-License-Identifier: Apache-2.0

//! What the accounts of a run do. One file per workload beneath this one.

pub mod transfers;

use crate::{error::Result, node::Node};
use futures::future::BoxFuture;
use std::time::Duration;
use subxt::{ext::scale_value::Composite, tx::DynamicPayload, utils::AccountId32};
use subxt_signer::sr25519::Keypair;

/// A call by names, encoded by the metadata of the chain it meets.
pub type Call = DynamicPayload<Composite<()>>;

/// One account of the generator.
#[derive(Debug, Clone)]
pub struct Account {
	pub keypair: Keypair,
	pub id: AccountId32,
}

/// A kind of load. Calls are made off the clock and in parallel, so they depend on nothing but the
/// arguments and what [`Workload::set_up`] left behind.
pub trait Workload: Send + Sync {
	/// Name on the command line and in reports.
	fn name(&self) -> &'static str;

	/// Smallest number of accounts the workload makes sense with.
	fn min_accounts(&self) -> usize;

	/// Native token a call may take from its sender beyond the fee, in the token's smallest unit.
	fn native_per_call(&self) -> u128;

	/// Brings the chain into the state the calls expect, with accounts that are funded already.
	/// Idempotent: a second run on the same chain finds its work done. Waiting longer than `limit`
	/// for anything is an error.
	fn set_up<'a>(
		&'a self,
		node: &'a Node,
		accounts: &'a [Account],
		limit: Duration,
	) -> BoxFuture<'a, Result<()>>;

	/// The `index`-th call (from 0) of account number `account`.
	fn call(&self, accounts: &[Account], account: usize, index: usize) -> Call;
}
