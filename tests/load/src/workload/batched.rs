// SPDX-License-Identifier: Apache-2.0

//! Batches as a market maker sends them: what rested is cancelled, new orders rest.

use super::{
	calls::{batch, Operation},
	resting_cancel::resting,
	Account, Call, Setting, Workload,
};
use crate::{
	error::Result,
	margin_accounts::{prepare, Want},
	market::{client_id, Market},
};
use futures::future::LocalBoxFuture;
use std::{ops::Range, sync::Arc};

/// Orders of one account that rest at a time; a batch cancels them and rests as many.
const ORDERS: usize = 10;

/// Every transaction cancels the ten orders of its account by the client's numbers and rests ten new
/// ones. The first ten rest before the run begins.
pub struct Batched {
	pub market: Arc<Market>,
	/// Tells the client order ids of this run from those of others.
	pub run: u64,
}

/// Numbers of the orders that rest once an account's set-up (0) or its `n`-th batch is done.
fn orders(round: usize) -> Range<usize> {
	let first = round.saturating_mul(ORDERS);
	first..first.saturating_add(ORDERS)
}

impl Batched {
	fn rest(&self, account: usize, round: usize) -> impl Iterator<Item = Operation<'_>> {
		orders(round)
			.map(move |order| Operation::Place(resting(&self.market, self.run, account, order)))
	}

	fn cancel(&self, round: usize) -> impl Iterator<Item = Operation<'_>> {
		orders(round).map(|order| Operation::CancelByClientId(client_id(self.run, order)))
	}
}

impl Workload for Batched {
	fn name(&self) -> &'static str {
		"batched"
	}

	fn rate_key(&self) -> &'static str {
		"batched_ops_per_s"
	}

	fn operations(&self) -> usize {
		2 * ORDERS
	}

	fn min_accounts(&self) -> usize {
		1
	}

	fn native_once(&self) -> u128 {
		self.market.native_once()
	}

	fn set_up<'a>(&'a self, setting: Setting<'a>) -> LocalBoxFuture<'a, Result<()>> {
		let cash = self.market.premium_of(ORDERS);
		let begin = |(number, account)| Want {
			calls: vec![batch(self.market.index(), &self.rest(number, 0).collect::<Vec<_>>())],
			..Want::cash(account, cash)
		};
		let wants = setting.accounts.iter().enumerate().map(begin).collect();
		Box::pin(async move { prepare(&setting, &self.market, wants).await })
	}

	fn call(&self, _accounts: &[Account], account: usize, index: usize) -> Call {
		let next = index.saturating_add(1);
		let operations: Vec<_> = self.cancel(index).chain(self.rest(account, next)).collect();
		batch(self.market.index(), &operations)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_batch_should_cancel_what_the_one_before_it_rested() {
		assert_eq!(orders(0), 0..10);
		assert_eq!(orders(3), 30..40);
		let workload = Batched { market: Arc::new(Market::example()), run: 5 };
		let ids = |operations: Vec<Operation>| -> Vec<_> {
			let id = |operation: &Operation| match operation {
				Operation::Place(order) => order.client_id,
				Operation::CancelByClientId(id) => Some(*id),
			};
			operations.iter().map(id).collect()
		};
		assert_eq!(ids(workload.rest(4, 2).collect()), ids(workload.cancel(2).collect()));
		assert_eq!(workload.operations(), 20);
	}
}
