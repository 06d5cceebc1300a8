// SPDX-License-Identifier: Apache-2.0

//! The accounts of a run: derived, funded, their nonces read.

use crate::{
	charge::{existential_deposit, Charge, Transaction},
	error::{within, Context, Failure, Result},
	node::{AtBlock, Chain, Node},
	workload::{calls::batch_all, transfers::transfer_keep_alive, Account, Call, Workload},
};
use futures::{stream, StreamExt, TryStreamExt};
use std::{str::FromStr, time::Duration};
use subxt::{
	config::DefaultExtrinsicParamsBuilder,
	dynamic::{At, Value},
};
use subxt_signer::{sr25519::Keypair, DeriveJunction, SecretUri};

/// Transfers per funding batch: small enough for one block of any chain that can be loaded at all.
const BATCH: usize = 100;
/// Requests outstanding while balances and nonces are read.
const READS_AT_ONCE: usize = 32;
/// Fees may rise while blocks are full, so each call is budgeted at several times today's fee.
const FEE_MARGIN: u128 = 3;
/// Existential deposits kept in reserve, so that no account of a run can be reaped.
const DEPOSITS_KEPT: u128 = 10;

/// The key pair of a secret URI such as `//Alice`.
pub fn keypair(uri: &str) -> Result<Keypair> {
	let parsed = SecretUri::from_str(uri).context(format!("reading the key `{uri}`"))?;
	Keypair::from_uri(&parsed).context(format!("reading the key `{uri}`"))
}

/// Accounts `SEED//0`, `SEED//1` and so on.
pub fn derive(seed: &str, count: usize) -> Result<Vec<Account>> {
	// The seed's password hashing is slow: it is done once and the children derived from the result.
	Ok(children(&keypair(seed)?, count))
}

/// Accounts `SEED//NAME//0`, `SEED//NAME//1` and so on.
pub fn derive_named(seed: &str, name: &str, count: usize) -> Result<Vec<Account>> {
	let parent = keypair(seed)?.derive([DeriveJunction::hard(name)]);
	Ok(children(&parent, count))
}

fn children(parent: &Keypair, count: usize) -> Vec<Account> {
	let child = |index: usize| {
		let keypair = parent.derive([DeriveJunction::hard(index as u64)]);
		Account { id: keypair.public_key().to_account_id(), keypair }
	};
	(0..count).map(child).collect()
}

/// Gives every account the native token it needs. An account that has enough is left alone, so that
/// repeating it costs nothing.
///
/// Returns how many accounts had to be funded.
pub async fn fund(
	node: &Node,
	funder: &Keypair,
	accounts: &[Account],
	needed: u128,
	limit: Duration,
) -> Result<usize> {
	let at = node.at_best().await?;
	let free = free_balances(&at, accounts).await?;
	// Twice the need, so that the next run of the same size finds enough.
	let lacking = |free: u128| needed.saturating_mul(2).saturating_sub(free);
	let short: Vec<_> = accounts.iter().zip(free).filter(|(_, free)| *free < needed).collect();
	let total = short.iter().fold(0u128, |sum, (_, free)| sum.saturating_add(lacking(*free)));
	check_funder(&at, funder, total).await?;
	let transfers: Vec<Call> = short
		.iter()
		.map(|(account, free)| transfer_keep_alive(&account.id, lacking(*free)))
		.collect();
	pay(node, &at, funder, &transfers, limit).await?;
	Ok(transfers.len())
}

/// The pool's own words for an empty account are no help, so this asks first.
async fn check_funder(at: &AtBlock, funder: &Keypair, amount: u128) -> Result<()> {
	let id = funder.public_key().to_account_id();
	let account = Account { keypair: funder.clone(), id };
	let has = free_balances(at, &[account]).await?.first().copied().unwrap_or(0);
	if has < amount {
		let text = format!("the funder {id} holds {has} units, the accounts need {amount}");
		return Err(Failure::new(text));
	}
	Ok(())
}

/// Sends `calls` of `funder` in batches and waits until all of them are finalized.
pub async fn pay(
	node: &Node,
	at: &AtBlock,
	funder: &Keypair,
	calls: &[Call],
	limit: Duration,
) -> Result<()> {
	let doing = "funding the accounts";
	let id = funder.public_key().to_account_id();
	let mut nonce = node.methods.system_account_next_index(&id).await.context(doing)?;
	let mut pending = Vec::new();
	for batch in calls.chunks(BATCH) {
		let signed = sign(at, funder, &batch_all(batch.iter().cloned()), nonce)?;
		pending.push(signed.submit_and_watch().await.context(doing)?);
		nonce = nonce.saturating_add(1);
	}
	for batch in pending {
		let finalized = async { batch.wait_for_finalized_success().await.context(doing) };
		within(limit, doing, finalized).await?;
	}
	Ok(())
}

/// Each account's next nonce, counting what waits in the node's pool.
pub async fn nonces(node: &Node, accounts: &[Account]) -> Result<Vec<u64>> {
	stream::iter(accounts.iter().map(|account| async {
		node.methods.system_account_next_index(&account.id).await.context("reading a nonce")
	}))
	.buffered(READS_AT_ONCE)
	.try_collect()
	.await
}

/// Signs `call` so that it stays valid however long the run is.
pub fn sign(at: &AtBlock, signer: &Keypair, call: &Call, nonce: u64) -> Result<Transaction> {
	let params = DefaultExtrinsicParamsBuilder::<Chain>::new().immortal().nonce(nonce).build();
	let doing = || format!("encoding {}.{}", call.pallet_name(), call.call_name());
	at.tx()
		.create_signable_offline(call, params)
		.and_then(|mut signable| signable.sign(signer))
		.map_err(|error| Failure::new(format!("{}: {error}", doing())))
}

/// What the workload's calls are charged, by the first of them.
pub async fn charge(at: &AtBlock, accounts: &[Account], workload: &dyn Workload) -> Result<Charge> {
	let first = accounts.first().ok_or_else(|| Failure::new("there are no accounts"))?;
	let sample = sign(at, &first.keypair, &workload.call(accounts, 0, 0), 0)?;
	Charge::of(at, &sample).await
}

/// Free balance an account needs for `calls` calls, in the token's smallest unit.
pub fn budget(
	at: &AtBlock,
	workload: &dyn Workload,
	charge: &Charge,
	calls: usize,
) -> Result<u128> {
	let kept = existential_deposit(at)?.saturating_mul(DEPOSITS_KEPT);
	let per_call = charge.fee.saturating_mul(FEE_MARGIN).saturating_add(workload.native_per_call());
	let once = kept.saturating_add(workload.native_once());
	Ok(per_call.saturating_mul(calls as u128).saturating_add(once))
}

/// Free balances in the order of `accounts`; an account the chain does not know has none.
async fn free_balances(at: &AtBlock, accounts: &[Account]) -> Result<Vec<u128>> {
	let storage = at.storage();
	let entry = storage.entry(("System", "Account")).context("finding System.Account")?;
	let entry = &entry;
	stream::iter(accounts.iter().map(|account| async move {
		let doing = "reading the balance of an account";
		let key = vec![Value::from_bytes(account.id.0)];
		let Some(stored) = entry.try_fetch(key).await.context(doing)? else {
			return Ok(0);
		};
		let value = stored.decode().context(doing)?;
		value
			.at("data")
			.at("free")
			.and_then(Value::as_u128)
			.ok_or_else(|| Failure::new("System.Account holds no data.free"))
	}))
	.buffered(READS_AT_ONCE)
	.try_collect()
	.await
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn derived_accounts_should_equal_their_secret_uris() {
		let derived = derive("//load", 12).expect("a valid seed");
		for (index, account) in derived.iter().enumerate() {
			let expected = keypair(&format!("//load//{index}")).expect("a valid key");
			assert_eq!(account.id.0, expected.public_key().0, "{index}");
		}
	}

	#[test]
	fn named_accounts_should_equal_their_secret_uris() {
		let derived = derive_named("//load", "maker", 2).expect("a valid seed");
		let expected = keypair("//load//maker//1").expect("a valid key");
		assert_eq!(derived[1].id.0, expected.public_key().0);
	}

	#[test]
	fn a_malformed_seed_should_be_an_error() {
		assert!(derive("not a phrase", 1).is_err());
	}
}
