// SPDX-License-Identifier: Apache-2.0

//! Margin accounts of a run: opened, paid in, rid of the orders of earlier runs.

use crate::{
	accounts::{nonces, pay, sign},
	error::{within, Context, Failure, Result},
	market::Market,
	node::{AtBlock, Node},
	values::{items, signed},
	workload::{
		calls::{batch_all, cancel_all, deposit, open_account, transfer_asset},
		Account, Call, Setting,
	},
};
use futures::{stream, StreamExt, TryStreamExt};
use std::time::Duration;
use subxt::dynamic::{At, Value};
use subxt_signer::sr25519::Keypair;

/// Requests outstanding while accounts are read.
const READS_AT_ONCE: usize = 32;
/// Set-up transactions on their way: each takes one subscription, of which a node allows 1,024, and
/// they should not fill blocks to the rim.
const SET_UPS_AT_ONCE: usize = 128;

/// What an account needs before a run.
pub struct Want<'a> {
	pub account: &'a Account,
	/// Micro-USD of cash.
	pub cash: u128,
	/// Micro-USD more for each lot that it is short already.
	pub cash_per_short_lot: u128,
	/// Sent once it is open and paid in.
	pub calls: Vec<Call>,
}

impl<'a> Want<'a> {
	/// Nothing but cash.
	pub fn cash(account: &'a Account, cash: u128) -> Self {
		Self { account, cash, cash_per_short_lot: 0, calls: Vec::new() }
	}
}

/// A margin account as it stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct State {
	/// Micro-USD; below zero it is owed.
	cash: i128,
	orders: usize,
	short_lots: u128,
}

/// What brings one account from its state to what is wanted of it.
struct Step {
	calls: Vec<Call>,
	/// Smallest units of the settlement asset that `calls` pay in.
	paid_in: u128,
}

/// Gives every account what is wanted of it and waits for finality. Each account sends one
/// transaction, or none if nothing is missing.
pub async fn prepare(setting: &Setting<'_>, market: &Market, wants: Vec<Want<'_>>) -> Result<()> {
	let at = setting.node.at_best().await?;
	let accounts: Vec<_> = wants.iter().map(|want| want.account.clone()).collect();
	let states = states(&at, market.index(), &accounts).await?;
	let steps: Vec<_> =
		wants.into_iter().zip(states).map(|(want, state)| step(market, want, state)).collect();
	pay_in(setting, &at, market, &accounts, &steps).await?;
	let missing: Vec<_> =
		accounts.into_iter().zip(steps).filter(|(_, step)| !step.calls.is_empty()).collect();
	let count = missing.len();
	send(setting.node, &at, missing, setting.limit).await?;
	eprintln!("{count} margin accounts prepared");
	Ok(())
}

fn step(market: &Market, want: Want<'_>, state: Option<State>) -> Step {
	let mut calls = Vec::new();
	if state.is_none() {
		calls.push(open_account(market.index(), market.underlying));
	}
	let State { cash, orders, short_lots } = state.unwrap_or_default();
	if orders > 0 {
		calls.push(cancel_all(market.index()));
	}
	let short = want.cash_per_short_lot.saturating_mul(short_lots);
	let needed = i128::try_from(want.cash.saturating_add(short)).unwrap_or(i128::MAX);
	let paid_in = u128::try_from(needed.saturating_sub(cash)).unwrap_or(0);
	if paid_in > 0 {
		calls.push(deposit(market.index(), market.settlement_asset, paid_in));
	}
	calls.extend(want.calls);
	Step { calls, paid_in }
}

/// Has the funder pay for what the accounts will pay in.
async fn pay_in(
	setting: &Setting<'_>,
	at: &AtBlock,
	market: &Market,
	accounts: &[Account],
	steps: &[Step],
) -> Result<()> {
	let asset = market.settlement_asset;
	let balances = balances(at, asset, accounts).await?;
	let lacking = |(step, has): (&Step, &u128)| match step.paid_in {
		0 => 0,
		// One unit stays: an account that pays in all it has is closed by the assets pallet.
		paid_in => paid_in.saturating_add(1).saturating_sub(*has),
	};
	let lacking: Vec<_> = steps.iter().zip(&balances).map(lacking).collect();
	let total = lacking.iter().fold(0u128, |sum, one| sum.saturating_add(*one));
	check_funder(at, asset, setting.funder, total).await?;
	let transfers: Vec<_> = accounts
		.iter()
		.zip(lacking)
		.filter(|(_, lacking)| *lacking > 0)
		.map(|(account, lacking)| transfer_asset(asset, &account.id, lacking))
		.collect();
	pay(setting.node, at, setting.funder, &transfers, setting.limit).await
}

async fn check_funder(at: &AtBlock, asset: u128, funder: &Keypair, amount: u128) -> Result<()> {
	let id = funder.public_key().to_account_id();
	let account = Account { keypair: funder.clone(), id };
	let has = balances(at, asset, &[account]).await?.first().copied().unwrap_or(0);
	if has < amount {
		return Err(Failure::new(format!(
			"the funder {id} holds {has} units of asset {asset}, the accounts need {amount}: \
			 name another with --funder, or a smaller --presign-rate"
		)));
	}
	Ok(())
}

async fn send(
	node: &Node,
	at: &AtBlock,
	steps: Vec<(Account, Step)>,
	limit: Duration,
) -> Result<()> {
	let accounts: Vec<_> = steps.iter().map(|(account, _)| account.clone()).collect();
	let nonces = nonces(node, &accounts).await?;
	stream::iter(steps.into_iter().zip(nonces).map(|((account, step), nonce)| async move {
		let doing = "preparing a margin account";
		let signed = sign(at, &account.keypair, &batch_all(step.calls), nonce)?;
		let sent = async {
			let pending = signed.submit_and_watch().await.context(doing)?;
			pending.wait_for_finalized_success().await.context(doing)
		};
		within(limit, doing, sent).await.map(drop)
	}))
	.buffer_unordered(SET_UPS_AT_ONCE)
	.try_collect()
	.await
}

/// Margin accounts in the order of `accounts`; `None` where there is none.
async fn states(at: &AtBlock, index: u16, accounts: &[Account]) -> Result<Vec<Option<State>>> {
	let key = |account: &Account| {
		let owner = ("owner", Value::from_bytes(account.id.0));
		vec![Value::named_composite([owner, ("index", Value::u128(index.into()))])]
	};
	let stored = stored(at, ("Clearing", "Accounts"), accounts.iter().map(key)).await?;
	stored
		.iter()
		.map(|value| match value {
			Some(value) => read_state(value).map(Some),
			None => Ok(None),
		})
		.collect()
}

fn read_state(account: &Value) -> Result<State> {
	let unknown = || Failure::new("Clearing.Accounts holds no cash, positions and orders");
	let positions = account.at("positions").ok_or_else(unknown)?;
	let lots = items(positions).into_iter().filter_map(|held| signed(held.at("lots")));
	Ok(State {
		cash: signed(account.at("cash")).ok_or_else(unknown)?,
		orders: items(account.at("orders").ok_or_else(unknown)?).len(),
		short_lots: lots
			.filter(|lots| *lots < 0)
			.fold(0u128, |sum, lots| sum.saturating_add(lots.unsigned_abs())),
	})
}

/// Balances of an asset in the order of `accounts`; an account without any has none.
async fn balances(at: &AtBlock, asset: u128, accounts: &[Account]) -> Result<Vec<u128>> {
	let key = |account: &Account| vec![Value::u128(asset), Value::from_bytes(account.id.0)];
	let stored = stored(at, ("Assets", "Account"), accounts.iter().map(key)).await?;
	let balance = |value: &Option<Value>| match value {
		Some(value) => value
			.at("balance")
			.and_then(Value::as_u128)
			.ok_or_else(|| Failure::new("Assets.Account holds no balance")),
		None => Ok(0),
	};
	stored.iter().map(balance).collect()
}

/// Values of a map, in the order of `keys`.
async fn stored(
	at: &AtBlock,
	(pallet, name): (&'static str, &'static str),
	keys: impl Iterator<Item = Vec<Value>>,
) -> Result<Vec<Option<Value>>> {
	let storage = at.storage();
	let doing = format!("reading {pallet}.{name}");
	let entry = storage.entry((pallet, name)).context(&doing)?;
	let (entry, doing) = (&entry, &doing);
	stream::iter(keys.map(|key| async move {
		match entry.try_fetch(key).await.context(doing)? {
			Some(value) => value.decode().context(doing).map(Some),
			None => Ok(None),
		}
	}))
	.buffered(READS_AT_ONCE)
	.try_collect()
	.await
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::accounts::derive;

	fn account() -> Account {
		derive("//load", 1).expect("a valid seed").remove(0)
	}

	fn names(step: &Step) -> Vec<&str> {
		step.calls.iter().map(|call| call.call_name()).collect()
	}

	#[test]
	fn a_new_account_should_be_opened_and_paid_in() {
		let account = account();
		let want = Want { calls: vec![cancel_all(3)], ..Want::cash(&account, 500) };
		let step = step(&Market::example(), want, None);
		assert_eq!(names(&step), ["open_account", "deposit", "cancel_all"]);
		assert_eq!(step.paid_in, 500);
	}

	#[test]
	fn an_account_that_has_enough_should_be_left_alone() {
		let account = account();
		let state = State { cash: 500, ..State::default() };
		let step = step(&Market::example(), Want::cash(&account, 500), Some(state));
		assert_eq!(names(&step), [""; 0]);
		assert_eq!(step.paid_in, 0);
	}

	#[test]
	fn orders_debts_and_short_positions_of_earlier_runs_should_be_made_up_for() {
		let account = account();
		let state = State { cash: -20, orders: 2, short_lots: 10 };
		let want = Want { cash_per_short_lot: 7, ..Want::cash(&account, 500) };
		let step = step(&Market::example(), want, Some(state));
		assert_eq!(names(&step), ["cancel_all", "deposit"]);
		assert_eq!(step.paid_in, 590);
	}

	#[test]
	fn states_should_be_read_from_the_record() {
		let position = |lots| Value::named_composite([("lots", Value::i128(lots))]);
		let list = |items: Vec<Value>| Value::unnamed_composite([Value::unnamed_composite(items)]);
		let record = Value::named_composite([
			("cash", Value::i128(-5)),
			("positions", list(vec![position(-3), position(8), position(-4)])),
			("orders", list(vec![position(1)])),
		]);
		let expected = State { cash: -5, orders: 1, short_lots: 7 };
		assert_eq!(read_state(&record), Ok(expected));
		assert!(read_state(&Value::u128(1)).is_err());
	}
}
