// SPDX-License-Identifier: Apache-2.0

//! Transfers of the native token around a ring of accounts.

use super::{Account, Call, Setting, Workload};
use crate::error::Result;
use futures::future::LocalBoxFuture;
use subxt::{
	dynamic::{tx, Value},
	ext::scale_value::Composite,
	utils::AccountId32,
};

/// Account `a` sends to account `a + 1`, so that balances stay level however long a run is, and
/// every transfer reads and writes two existing accounts.
pub struct Transfers;

/// Smallest unit: what counts is the work, and both accounts exist already.
const AMOUNT: u128 = 1;

impl Workload for Transfers {
	fn name(&self) -> &'static str {
		"transfers"
	}

	fn rate_key(&self) -> &'static str {
		"transfers_per_s"
	}

	fn min_accounts(&self) -> usize {
		2
	}

	fn native_per_call(&self) -> u128 {
		AMOUNT
	}

	/// Funded accounts are all that transfers need.
	fn set_up<'a>(&'a self, _setting: Setting<'a>) -> LocalBoxFuture<'a, Result<()>> {
		Box::pin(async { Ok(()) })
	}

	fn call(&self, accounts: &[Account], account: usize, _index: usize) -> Call {
		let next = accounts.get(account + 1).or(accounts.first());
		let id = next.map_or(AccountId32([0; 32]), |account| account.id);
		transfer_keep_alive(&id, AMOUNT)
	}
}

/// `Balances.transfer_keep_alive` of `amount` in the token's smallest unit.
pub fn transfer_keep_alive(to: &AccountId32, amount: u128) -> Call {
	let arguments = Composite::named([
		("dest", Value::unnamed_variant("Id", [Value::from_bytes(to.0)])),
		("value", Value::u128(amount)),
	]);
	tx("Balances", "transfer_keep_alive", arguments)
}
