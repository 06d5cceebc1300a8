// SPDX-License-Identifier: Apache-2.0

//! What the accounts of a run do. One file per workload beneath this one.

pub mod batched;
pub mod calls;
pub mod crossing;
pub mod resting_cancel;
pub mod transfers;

use crate::{error::Result, node::Node};
use futures::future::LocalBoxFuture;
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

/// What [`Workload::set_up`] works with.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
	pub node: &'a Node,
	/// The senders, funded for their calls.
	pub accounts: &'a [Account],
	/// Calls of one account, at most.
	pub calls: usize,
	/// Who pays for the accounts.
	pub funder: &'a Keypair,
	/// Secret URI that the accounts are derived from.
	pub seed: &'a str,
	/// Waiting longer for anything is an error.
	pub limit: Duration,
}

/// A kind of load. Calls are made off the clock and in parallel, so they depend on nothing but the
/// arguments and what the workload was made with.
pub trait Workload: Send + Sync {
	/// Name on the command line and in reports.
	fn name(&self) -> &'static str;

	/// JSON key of the operations per second.
	fn rate_key(&self) -> &'static str;

	/// Operations in one transaction.
	fn operations(&self) -> usize {
		1
	}

	/// Smallest number of accounts the workload makes sense with.
	fn min_accounts(&self) -> usize;

	/// Native token a call may take from its sender beyond the fee, in the token's smallest unit.
	fn native_per_call(&self) -> u128 {
		0
	}

	/// Native token that the set-up may take from an account, in the token's smallest unit.
	fn native_once(&self) -> u128 {
		0
	}

	/// Brings the chain into the state the calls expect. A second run on the same chain finds
	/// accounts of the first one and uses them.
	fn set_up<'a>(&'a self, setting: Setting<'a>) -> LocalBoxFuture<'a, Result<()>>;

	/// The `index`-th call (from 0) of account number `account`.
	fn call(&self, accounts: &[Account], account: usize, index: usize) -> Call;
}
