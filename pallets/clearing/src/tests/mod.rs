// SPDX-License-Identifier: Apache-2.0
//! Tests by theme, and what they share.

mod abuse;
mod accounts;
mod custody;
mod fills;
mod funds;
mod governance;
mod margin;
mod movements;
mod parts;
mod properties;
mod retry;
mod safety;
mod settlement;
mod simulate;
mod watch;

use crate::{
	mock::{Clearing, *},
	pallet, Accounts, Error, KeyOf, PriceCache,
};
use ballast_exchange::{Clearing as _, *};
use frame_support::{assert_ok, storage::with_storage_layer, weights::WeightMeter};
use sp_runtime::DispatchError;

type Event = pallet::Event<Test>;

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

/// Opens account 0 of an owner.
fn open(owner: AccountId, margin: MarginKind) -> KeyOf<Test> {
	assert_ok!(Clearing::open_account(signed(owner), 0, margin));
	key(owner, 0)
}

/// Opens account 0 of an owner with that many dollars in it.
fn open_with(owner: AccountId, margin: MarginKind, dollars: i128) -> KeyOf<Test> {
	let key = open(owner, margin);
	assert_ok!(Clearing::deposit(signed(owner), 0, USDC, (dollars * USD) as u128));
	key
}

/// Alice and Bob with a portfolio account each, half a million dollars in it.
fn two_traders() -> (KeyOf<Test>, KeyOf<Test>) {
	let kind = MarginKind::Portfolio(BTC);
	(open_with(ALICE, kind, 500_000), open_with(BOB, kind, 500_000))
}

fn account(key: &KeyOf<Test>) -> Account {
	Accounts::<Test>::get(key).expect("the account exists")
}

/// A fill as the order book makes it, with the margin of both sides checked.
fn trade(
	maker: &KeyOf<Test>,
	taker: &KeyOf<Test>,
	series: SeriesId,
	taker_side: Side,
	lots: Lots,
	price: OptionPrice,
) -> Result<Fees, DispatchError> {
	let fill = Fill { series, taker_side, price, lots };
	with_storage_layer(|| {
		let mut prices = PriceCache::default();
		let before = (Clearing::load(maker)?, Clearing::load(taker)?);
		let mut after = before.clone();
		let fees = Clearing::fill(&fill, &mut after.0, &mut after.1)?;
		Clearing::check(&mut prices, &before.0, &after.0)?;
		Clearing::check(&mut prices, &before.1, &after.1)?;
		Clearing::store(maker, after.0)?;
		Clearing::store(taker, after.1)?;
		Ok(fees)
	})
}

/// The same without a look at margin.
fn force_trade(
	maker: &KeyOf<Test>,
	taker: &KeyOf<Test>,
	series: SeriesId,
	taker_side: Side,
	lots: Lots,
	price: OptionPrice,
) -> Result<Fees, DispatchError> {
	let fill = Fill { series, taker_side, price, lots };
	with_storage_layer(|| {
		let (mut first, mut second) = (Clearing::load(maker)?, Clearing::load(taker)?);
		let fees = Clearing::fill(&fill, &mut first, &mut second)?;
		Clearing::store(maker, first)?;
		Clearing::store(taker, second)?;
		Ok(fees)
	})
}

/// Rests an order in an account's record as the order book does.
fn rest(key: &KeyOf<Test>, series: SeriesId, side: Side, lots: Lots, price: OptionPrice) {
	let mut account = account(key);
	let order = OpenOrder {
		id: account.next_order,
		client_id: None,
		series,
		side,
		price,
		lots,
		reduce_only: false,
		good_till: None,
	};
	account.next_order += 1;
	account.orders.try_push(order).expect("room for an order");
	assert_ok!(Clearing::store(key, account));
}

fn cash(key: &KeyOf<Test>) -> MicroUsd {
	account(key).cash
}

fn events() -> Vec<Event> {
	let of = |record: frame_system::EventRecord<RuntimeEvent, _>| match record.event {
		RuntimeEvent::Clearing(event) => Some(event),
		_ => None,
	};
	System::events().into_iter().filter_map(of).collect()
}

/// One block's settlement with all the room there is.
fn settle_all() {
	Clearing::after_inherents(&mut WeightMeter::new());
}

fn is(error: Error<Test>) -> DispatchError {
	error.into()
}
