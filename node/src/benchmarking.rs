// SPDX-License-Identifier: Apache-2.0

//! The `benchmark` subcommand: pallets, block and extrinsic overhead, storage, machine.

use crate::{
	cli::Cli,
	service::{self, FullClient},
};
use ballast_runtime::{
	opaque::Block,
	signing::{transaction, Terms},
	AccountId, Balance, BalancesCall, RuntimeCall, SystemCall,
};
use codec::{Decode, Encode};
use frame_benchmarking_cli::{
	BenchmarkCmd, ExtrinsicBuilder, ExtrinsicFactory, SUBSTRATE_REFERENCE_HARDWARE,
};
use sc_cli::SubstrateCli;
use sp_core::Pair;
use sp_inherents::{InherentData, InherentDataProvider};
use sp_keyring::Sr25519Keyring;
use sp_runtime::OpaqueExtrinsic;
use std::{sync::Arc, time::Duration};

/// Runs the subcommand.
pub fn run(cli: &Cli, cmd: &BenchmarkCmd) -> sc_cli::Result<()> {
	let runner = cli.create_runner(cmd)?;
	runner.sync_run(|config| match cmd {
		BenchmarkCmd::Pallet(cmd) => cmd
			.run_with_spec::<sp_runtime::traits::HashingFor<Block>, service::HostFunctions>(Some(
				config.chain_spec,
			)),
		BenchmarkCmd::Block(cmd) => cmd.run(service::parts(&config)?.client),
		BenchmarkCmd::Storage(cmd) => {
			let parts = service::parts(&config)?;
			let db = parts.backend.expose_db();
			let storage = parts.backend.expose_storage();
			let cache = parts.backend.expose_shared_trie_cache();
			cmd.run(config, parts.client, db, storage, cache)
		},
		BenchmarkCmd::Overhead(cmd) => {
			let client = service::parts(&config)?.client;
			cmd.run(
				config.chain_spec.name().into(),
				client.clone(),
				inherent_data()?,
				Vec::new(),
				&Remark(client),
				false,
			)
		},
		BenchmarkCmd::Extrinsic(cmd) => {
			let client = service::parts(&config)?.client;
			let target = Sr25519Keyring::Bob.to_account_id();
			let factory = ExtrinsicFactory(vec![
				Box::new(Remark(client.clone())),
				Box::new(Transfer { client: client.clone(), target }),
			]);
			cmd.run(client, inherent_data()?, Vec::new(), &factory)
		},
		BenchmarkCmd::Machine(cmd) => cmd.run(&config, SUBSTRATE_REFERENCE_HARDWARE.clone()),
	})
}

/// The inherents of the first block: its time.
fn inherent_data() -> sc_cli::Result<InherentData> {
	let mut data = InherentData::new();
	let timestamp = sp_timestamp::InherentDataProvider::new(Duration::from_millis(0).into());
	futures::executor::block_on(timestamp.provide_inherent_data(&mut data))
		.map_err(|error| format!("creating inherent data: {error:?}"))?;
	Ok(data)
}

/// Transactions that do nothing: what they take is the overhead of a transaction.
struct Remark(Arc<FullClient>);

impl ExtrinsicBuilder for Remark {
	fn pallet(&self) -> &str {
		"system"
	}

	fn extrinsic(&self) -> &str {
		"remark"
	}

	fn build(&self, nonce: u32) -> Result<OpaqueExtrinsic, &'static str> {
		sign(&self.0, SystemCall::remark { remark: Vec::new() }.into(), nonce)
	}
}

/// Transfers of the least amount that keeps the receiver alive.
struct Transfer {
	client: Arc<FullClient>,
	target: AccountId,
}

impl ExtrinsicBuilder for Transfer {
	fn pallet(&self) -> &str {
		"balances"
	}

	fn extrinsic(&self) -> &str {
		"transfer_keep_alive"
	}

	fn build(&self, nonce: u32) -> Result<OpaqueExtrinsic, &'static str> {
		let value: Balance = ballast_runtime::constants::currency::EXISTENTIAL_DEPOSIT;
		let call = BalancesCall::transfer_keep_alive { dest: self.target.clone().into(), value };
		sign(&self.client, call.into(), nonce)
	}
}

/// Bob signs `call`, immortal and without a tip.
fn sign(
	client: &FullClient,
	call: RuntimeCall,
	nonce: u32,
) -> Result<OpaqueExtrinsic, &'static str> {
	let signer = Sr25519Keyring::Bob.pair();
	let payload = Terms::immortal(client.chain_info().genesis_hash, nonce).payload(call);
	let signature = payload.using_encoded(|bytes| signer.sign(bytes));
	let transaction = transaction(payload, signer.public().into(), signature.into());
	OpaqueExtrinsic::decode(&mut transaction.encode().as_slice())
		.map_err(|_| "a transaction does not decode as opaque bytes")
}
