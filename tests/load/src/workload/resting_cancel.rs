// SPDX-License-Identifier: Apache-2.0

//! Orders that rest, and their cancellation.

use super::{
	calls::{cancel_by_client_id, place, Kind, Order, Side},
	Account, Call, Setting, Workload,
};
use crate::{
	error::Result,
	margin_accounts::{prepare, Want},
	market::{client_id, Market},
};
use futures::future::LocalBoxFuture;
use std::sync::Arc;

/// Every account rests a bid far below the market and cancels it by its own number, in turn. Accounts
/// of odd number begin with an order that rests already, so that at any time half of what is sent
/// rests and half cancels.
pub struct RestingCancel {
	pub market: Arc<Market>,
	/// Tells the client order ids of this run from those of others.
	pub run: u64,
}

/// What an account's `index`-th call is: its `n`-th order rests or is cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
	Rest(usize),
	Cancel(usize),
}

fn step(account: usize, index: usize) -> Step {
	let early = account % 2;
	let place = index.saturating_add(early);
	match place % 2 {
		0 => Step::Rest(place / 2),
		_ => Step::Cancel(place / 2),
	}
}

impl RestingCancel {
	fn rest(&self, account: usize, order: usize) -> Call {
		place(self.market.index(), &resting(&self.market, self.run, account, order))
	}
}

/// The `order`-th bid of an account, on a price that few share.
pub fn resting(market: &Market, run: u64, account: usize, order: usize) -> Order<'_> {
	Order {
		series: &market.series_of(account).id,
		side: Side::Buy,
		price: market.bid(account.saturating_add(order)),
		lots: market.terms.min_lots,
		kind: Kind::PostOnly,
		client_id: Some(client_id(run, order)),
	}
}

impl Workload for RestingCancel {
	fn name(&self) -> &'static str {
		"resting-cancel"
	}

	fn rate_key(&self) -> &'static str {
		"resting_cancel_per_s"
	}

	fn min_accounts(&self) -> usize {
		2
	}

	fn native_once(&self) -> u128 {
		self.market.native_once()
	}

	fn set_up<'a>(&'a self, setting: Setting<'a>) -> LocalBoxFuture<'a, Result<()>> {
		let cash = self.market.premium_of(1);
		let begin = |(number, account)| Want {
			calls: match step(number, 0) {
				Step::Rest(_) => Vec::new(),
				Step::Cancel(order) => vec![self.rest(number, order)],
			},
			..Want::cash(account, cash)
		};
		let wants = setting.accounts.iter().enumerate().map(begin).collect();
		Box::pin(async move { prepare(&setting, &self.market, wants).await })
	}

	fn call(&self, _accounts: &[Account], account: usize, index: usize) -> Call {
		match step(account, index) {
			Step::Rest(order) => self.rest(account, order),
			Step::Cancel(order) => {
				cancel_by_client_id(self.market.index(), client_id(self.run, order))
			},
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn each_order_should_be_cancelled_before_the_next_one_rests() {
		let even: Vec<_> = (0..4).map(|index| step(6, index)).collect();
		assert_eq!(even, [Step::Rest(0), Step::Cancel(0), Step::Rest(1), Step::Cancel(1)]);
	}

	#[test]
	fn odd_accounts_should_begin_with_the_order_that_rests_already() {
		let odd: Vec<_> = (0..4).map(|index| step(7, index)).collect();
		assert_eq!(odd, [Step::Cancel(0), Step::Rest(1), Step::Cancel(1), Step::Rest(2)]);
	}

	#[test]
	fn calls_should_name_what_they_do() {
		let workload = RestingCancel { market: Arc::new(Market::example()), run: 1 };
		let name = |account, index| workload.call(&[], account, index).call_name().to_string();
		assert_eq!(name(0, 0), "place");
		assert_eq!(name(0, 1), "cancel_by_client_id");
		assert_eq!(name(1, 0), "cancel_by_client_id");
	}
}
