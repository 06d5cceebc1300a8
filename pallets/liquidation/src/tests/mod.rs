// SPDX-License-Identifier: Apache-2.0
//! Tests by theme, and what they share.

mod abuse;
mod auctions;
mod bids;
mod completeness;
mod conditions;
mod deleveraging;
mod governance;
mod insolvency;
mod ledger;
mod search;
mod top_up;
mod turns;
mod vault;

use crate::{
	mock::{Liquidation, *},
	pallet, Auctions, BadDebts, Due, EndReason, Error, HouseParameters, Known, Parameters, Plans,
	Proposed, Registrations, Shares, Side, Stage, Sweep, Tiers, TotalBadDebt, TotalShares,
};
use ballast_exchange::{Custody as _, *};
use ballast_risk::AuctionParameters;
use frame_support::{
	assert_noop, assert_ok, dispatch::DispatchResultWithPostInfo, weights::Weight,
};
use sp_runtime::DispatchError;

type Event = pallet::Event<Test>;

const HOUR: u64 = 3_600_000;

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

/// An account with that many dollars that sold lots of a contract worth spot.
fn short(owner: AccountId, dollars: i128, lots: Lots) -> Key {
	let key = open(owner, dollars);
	trade(&super::mock::key(HOUSE), &key, line(BTC), lots);
	key
}

/// The same for one that bought them.
fn long(owner: AccountId, dollars: i128, lots: Lots) -> Key {
	let key = open(owner, dollars);
	trade(&key, &super::mock::key(HOUSE), line(BTC), lots);
	key
}

fn is_on_auction(key: &Key) -> bool {
	Auctions::<Test>::contains_key(key)
}

fn is_swept(underlying: UnderlyingId) -> bool {
	<Liquidation as RiskWatch<AccountId>>::is_swept(underlying)
}

/// Accounts looked at since this was asked last.
fn looks() -> Vec<Key> {
	state(|state| std::mem::take(&mut state.looks))
}

/// A bid for everything at any price, from the first account of the bidder.
fn bid(bidder: AccountId, key: &Key, share: i64) -> DispatchResultWithPostInfo {
	bid_at(bidder, key, share, MicroUsd::MAX)
}

fn bid_at(bidder: AccountId, key: &Key, share: i64, limit: MicroUsd) -> DispatchResultWithPostInfo {
	// What a failed one weighs is tested apart.
	Liquidation::bid(signed(bidder), key.owner, key.index, Ppb(share), limit, 0)
		.map_err(|failed| failed.error.into())
}

/// Bob looks at the account of `owner`.
fn look(owner: AccountId) -> DispatchResultWithPostInfo {
	Liquidation::look(signed(BOB), owner, 0).map_err(|failed| failed.error.into())
}

/// As an owner's deposit.
fn top_up(key: &Key, dollars: i128) {
	mint(key.owner, dollars * USD);
}

fn ended(key: &Key) -> Option<EndReason> {
	events().into_iter().find_map(|event| match event {
		Event::AuctionEnded { account, reason, .. } if account == *key => Some(reason),
		_ => None,
	})
}

fn opened() -> Vec<Key> {
	let of = |event| match event {
		Event::AuctionOpened { account, .. } => Some(account),
		_ => None,
	};
	events().into_iter().filter_map(of).collect()
}

/// Without slow phases: the discount falls to nothing within two minutes.
fn quick() -> Parameters {
	let auction = AuctionParameters {
		fast_millis: 60_000,
		slow_millis: 60_000,
		insolvent_millis: 60_000,
		..AuctionParameters::DEFAULT
	};
	// The vault stays out of what is not about it.
	let house = HouseParameters { vault_discount: Ppb(0), ..Default::default() };
	Parameters { auction, house, ..Default::default() }
}

/// Blocks with fresh rounds until that much time has passed.
fn pass(millis: u64) {
	let mut left = millis;
	while left > 0 {
		let step = left.min(10_000);
		block_after(step);
		left -= step;
	}
}
