// SPDX-License-Identifier: Apache-2.0
//! The state that every input starts from: positions, orders, a vault, an auction that runs, and an expiry whose
//! settlement window is open. Built once per process by the chain's own calls.

use crate::{
	chain::{apply, Head, Transaction},
	checks,
	feed::Feed,
	genesis,
	market::{account, mark, near_money, Key},
	people::{derivative, person, shared, PEOPLE},
	state::State,
};
use ballast_exchange::{MarginKind, Markets, OptionKind, SeriesId, Side};
use ballast_runtime::{
	constants::{currency::BAL, time::SLOT_MILLIS},
	AccountId, Options, Runtime, RuntimeCall,
};
use pallet_order_book::types::{NewOrder, OrderKind};
use sp_runtime::traits::Dispatchable;

/// A Friday, 08:00: minutes, dailies, weeklies and quarterlies may expire then.
const FRIDAY: u64 = 20_777 * 86_400_000 + 8 * 3_600_000;
/// Slots before that moment at which the chain begins: what expires by minutes is listed two minutes ahead.
const BEGIN: u64 = 260;
/// Slots before the first expiry at which prices begin to move against those who are short.
const SLIDE: u64 = 60;
/// Slots before it at which an auction has to run.
const END: u64 = 20;
/// Slots from block to block while nothing happens: prices stay fresh.
const STRIDE: u64 = 4;
/// USDC has six decimals.
const DOLLAR: u128 = 1_000_000;

const BOB: usize = 0;
const CHARLIE: usize = 1;
const DAVE: usize = 2;
const EVE: usize = 3;
const FERDIE: usize = 4;
const STASH: usize = 5;

/// A chain at work.
pub struct Warm {
	/// Its state.
	pub state: State,
	/// Its head.
	pub head: Head,
	/// What its author sees.
	pub feed: Feed,
}

impl Warm {
	/// Plays the chain from genesis.
	pub fn new() -> Self {
		let mut state = State::new(genesis::storage());
		let slot = FRIDAY / SLOT_MILLIS - BEGIN;
		let mut head = Head { slot, ..Head::default() };
		let mut feed = Feed::default();
		state.keep(|| play(&mut head, &mut feed));
		Self { state, head, feed }
	}
}

impl Default for Warm {
	fn default() -> Self {
		Self::new()
	}
}

fn play(head: &mut Head, feed: &mut Feed) {
	block(head, feed, 1, || {});
	block(head, feed, 1, fund);
	block(head, feed, 1, trade);
	block(head, feed, 1, overreach);
	block(head, feed, 1, quote);
	let due = first_due() / SLOT_MILLIS;
	while head.slot + SLIDE + STRIDE <= due {
		block(head, feed, STRIDE, || {});
	}
	while head.slot + END < due && pallet_liquidation::Auctions::<Runtime>::count() == 0 {
		feed.shift(0, 1.009);
		block(head, feed, 1, || {});
	}
	block(head, feed, 1, || {});
}

/// The first expiry of the first underlying.
fn first_due() -> u64 {
	Options::expiries(1).into_iter().min().expect("something is listed")
}

fn block(head: &mut Head, feed: &Feed, slots: u64, calls: impl FnOnce()) {
	head.begin(slots, Some(feed.report(head.now() + slots * SLOT_MILLIS)));
	checks::after_inherents();
	calls();
	head.end();
	checks::after_block(false);
}

/// Dispatches a call without fees and lanes; `false` if it fails.
fn tried(who: usize, call: impl Into<RuntimeCall>) -> bool {
	let call: RuntimeCall = call.into();
	let origin = ballast_runtime::RuntimeOrigin::signed(person(who));
	call.dispatch(origin).is_ok()
}

fn done(who: usize, call: impl Into<RuntimeCall>) {
	done_by(&person(who), call);
}

fn done_by(who: &AccountId, call: impl Into<RuntimeCall>) {
	let call: RuntimeCall = call.into();
	let origin = ballast_runtime::RuntimeOrigin::signed(who.clone());
	if let Err(error) = call.clone().dispatch(origin) {
		panic!("the warm state needs {call:?}: {:?}", error.error);
	}
}

fn fund() {
	use pallet_clearing::Call;
	let accounts = [
		(BOB, MarginKind::Standard, 3_000_000),
		(CHARLIE, MarginKind::Portfolio(1), 500_000),
		(DAVE, MarginKind::Portfolio(2), 100_000),
		(EVE, MarginKind::Standard, 60_000),
		(FERDIE, MarginKind::Portfolio(1), 40_000),
	];
	for (who, margin, dollars) in accounts {
		done(who, Call::open_account { index: 0, margin });
		done(who, Call::deposit { index: 0, asset: 1, amount: dollars * DOLLAR });
	}
	done(BOB, Call::open_account { index: 1, margin: MarginKind::Portfolio(3) });
	done(BOB, Call::deposit { index: 1, asset: 1, amount: 20_000 * DOLLAR });
	done(CHARLIE, Call::deposit { index: 0, asset: 2, amount: 200_000_000 });
	done(EVE, Call::deposit { index: 0, asset: 3, amount: 5 * 10u128.pow(18) });
	for who in [CHARLIE, DAVE] {
		done(who, Call::open_account { index: 1, margin: MarginKind::Standard });
	}
	done(STASH, Call::fund_insurance { amount: 1_000 * DOLLAR });
	done(STASH, pallet_liquidation::Call::vault_deposit { amount: 12_000 * DOLLAR });
	done(STASH, pallet_liquidation::Call::vault_request_withdraw { shares: 1_000 * DOLLAR });
	delegate();
	// Through its extensions, so that fees have been paid once.
	let remark = frame_system::Call::remark { remark: b"warm".to_vec() };
	let applied = apply(Transaction::new(person(BOB), remark.into()));
	assert!(matches!(applied, Ok(Ok(_))), "a remark fails: {applied:?}");
}

/// Proxies, derivative accounts and shared ones.
fn delegate() {
	use pallet_clearing::Call;
	for index in 0..PEOPLE.len() {
		let delegate = person(index + 1).into();
		let proxy_type = ballast_runtime::configs::ProxyType::Any;
		done(index, pallet_proxy::Call::add_proxy { delegate, proxy_type, delay: 0 });
	}
	for index in [BOB, DAVE, FERDIE] {
		let who = person(index);
		for held in [derivative(&who, 0), shared(&who, &person(index + 1))] {
			let (dest, value) = (held.clone().into(), 100 * BAL);
			done(index, pallet_balances::Call::transfer_keep_alive { dest, value });
			let (id, target, amount) = (1.into(), held.clone().into(), 10_000 * DOLLAR);
			done(index, pallet_assets::Call::transfer { id, target, amount });
			done_by(&held, Call::open_account { index: 0, margin: MarginKind::Standard });
			done_by(&held, Call::deposit { index: 0, asset: 1, amount: 8_000 * DOLLAR });
		}
	}
}

fn order(series: SeriesId, side: Side, price: u64, lots: i64, kind: OrderKind) -> NewOrder {
	NewOrder {
		series,
		side,
		price,
		lots,
		kind,
		reduce_only: false,
		good_till: None,
		client_id: None,
		self_trade: Default::default(),
	}
}

fn opposite(side: Side) -> Side {
	match side {
		Side::Buy => Side::Sell,
		Side::Sell => Side::Buy,
	}
}

/// `taker` trades with Bob at the mark; `false` if margin does not let it.
fn trades(taker: usize, series: SeriesId, side: Side, lots: i64) -> bool {
	use pallet_order_book::Call;
	let price = mark(&series);
	let maker = order(series, opposite(side), price, lots, OrderKind::PostOnly);
	done(BOB, Call::place { index: 0, order: maker });
	let order = order(series, side, price, lots, OrderKind::FillOrKill);
	let is_done = tried(taker, Call::place { index: 0, order });
	if !is_done {
		done(BOB, Call::cancel_all { index: 0 });
	}
	is_done
}

/// Every listed series around the money of an underlying: each expiry, the strike above and the one beyond it.
fn series_of(underlying: u16) -> Vec<SeriesId> {
	let kinds = [OptionKind::Call, OptionKind::Put];
	Options::expiries(underlying)
		.into_iter()
		.flat_map(|expiry| {
			kinds.into_iter().flat_map(move |kind| {
				[0, 1]
					.into_iter()
					.filter_map(move |above| near_money(underlying, expiry, above, kind))
			})
		})
		.collect()
}

/// Positions in every expiry, long and short.
fn trade() {
	for (index, series) in series_of(1).into_iter().enumerate() {
		let side = if index % 2 == 0 { Side::Buy } else { Side::Sell };
		assert!(trades(CHARLIE, series, side, 20), "Charlie trades {series:?}");
	}
	for (index, series) in series_of(2).into_iter().enumerate() {
		let side = if index % 3 == 0 { Side::Sell } else { Side::Buy };
		trades(DAVE, series, side, 15);
		trades(EVE, series, opposite(side), 5);
	}
	for series in series_of(3) {
		trades(EVE, series, Side::Sell, 50);
	}
}

/// Eve sells calls as long as margin lets her, the nearest first; Ferdie the farthest, so that he has them for long.
fn overreach() {
	let mut calls = series_of(1);
	calls.retain(|series| series.kind == OptionKind::Call);
	for who in [EVE, FERDIE] {
		calls.sort_by_key(|series| series.expiry);
		if who == FERDIE {
			calls.reverse();
		}
		for series in &calls {
			for lots in [400, 100, 25, 6] {
				while trades(who, *series, Side::Sell, lots) {}
			}
		}
	}
	for who in [FERDIE, EVE] {
		let key = Key { owner: person(who), index: 0 };
		let has_sold = account(&key).is_some_and(|account| !account.positions.is_empty());
		assert!(has_sold, "{key:?} has sold nothing");
	}
}

/// Books with a deep level, several levels, client ids, an order whose time ends, and one that reduces.
fn quote() {
	use pallet_order_book::Call;
	for (index, series) in series_of(1).into_iter().chain(series_of(2)).take(10).enumerate() {
		let (mark, tick) = (mark(&series), crate::market::tick(series.underlying));
		let levels = if index == 0 { 12 } else { 2 };
		for level in 0..levels {
			let away = if index == 0 { 2 } else { 2 + level * 3 };
			let bid = mark.saturating_sub(away * tick).max(tick);
			let mut bid = order(series, Side::Buy, bid, 10, OrderKind::PostOnly);
			bid.client_id = Some(1_000 * index as u64 + level);
			tried(BOB, Call::place { index: 0, order: bid });
			let ask = order(series, Side::Sell, mark + away * tick, 10, OrderKind::PostOnly);
			tried(BOB, Call::place { index: 0, order: ask });
		}
	}
	let key = Key { owner: person(CHARLIE), index: 0 };
	let held = account(&key).and_then(|account| account.positions.first().copied());
	let held = held.expect("Charlie has traded");
	let side = if held.lots > 0 { Side::Sell } else { Side::Buy };
	let far = if held.lots > 0 { mark(&held.series) * 2 } else { crate::market::tick(1) };
	let mut reducing = order(held.series, side, far, 5, OrderKind::PostOnly);
	reducing.reduce_only = true;
	tried(CHARLIE, Call::place { index: 0, order: reducing });
	let mut short_lived = order(held.series, side, far, 5, OrderKind::PostOnly);
	short_lived.good_till = Some(FRIDAY - 10_000);
	tried(CHARLIE, Call::place { index: 0, order: short_lived });
}

#[cfg(test)]
mod tests {
	use super::*;
	use pallet_options::ExpiryState;

	#[test]
	fn warm_state_should_have_everything_to_go_on_from_when_it_is_built() {
		let mut warm = Warm::new();
		let now = warm.head.now();
		warm.state.undo(|| {
			assert!(pallet_liquidation::Auctions::<Runtime>::count() > 0, "an auction runs");
			assert!(pallet_liquidation::TotalShares::<Runtime>::get() > 0, "the vault is funded");
			assert!(pallet_clearing::Insurance::<Runtime>::get() > 0, "insurance is funded");
			assert!(pallet_clearing::OpenInterest::<Runtime>::iter().count() > 8, "positions");
			let bob = account(&Key { owner: person(BOB), index: 0 }).expect("Bob's account");
			assert!(bob.orders.len() > 20, "{} orders rest", bob.orders.len());
			let due = first_due();
			assert!(now < due && due < now + 60_000, "an expiry is at hand: {due}, it is {now}");
			let expiries = pallet_options::Expiries::<Runtime>::get(1);
			let first = expiries.iter().find(|it| it.expiry == due).expect("it is listed");
			assert_eq!(first.state, ExpiryState::Trading);
			let holders = pallet_clearing::Holders::<Runtime>::iter_prefix((1, due)).count();
			assert!(holders > 1, "positions to settle");
		});
	}
}
