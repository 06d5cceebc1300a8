// SPDX-License-Identifier: Apache-2.0

use super::make::{key, me, owner, usd};
use crate::{
	failure::Reason,
	outcome::{decode, events_key, outcome_of, Record},
	types::{Key, Taken},
};
use ballast_exchange::Ppb;
use ballast_runtime::{AccountId, Runtime, RuntimeEvent, System};
use codec::Encode;
use frame_system::{Event as SystemEvent, Phase};
use pallet_liquidation::{Error, Event};

fn record(index: u32, event: impl Into<RuntimeEvent>) -> Record {
	Record { phase: Phase::ApplyExtrinsic(index), event: event.into(), topics: Vec::new() }
}

fn taken(by: AccountId, price: i128) -> Event<Runtime> {
	Event::BidTaken {
		account: key(b't'),
		bidder: Key { owner: by, index: 0 },
		share: Ppb(443_300_000),
		equity: usd(19_947),
		price: usd(price),
		target: 0,
	}
}

fn failed(error: Error<Runtime>) -> SystemEvent<Runtime> {
	SystemEvent::ExtrinsicFailed { dispatch_error: error.into(), dispatch_info: Default::default() }
}

#[test]
fn outcome_should_be_the_slice_of_the_own_bid() {
	let records = [
		record(2, taken(me(), 1)),
		record(3, taken(owner(b'x'), 2)),
		record(3, taken(me(), 18_944)),
		record(4, failed(Error::NoAuction)),
	];
	let slice = Taken { share: Ppb(443_300_000), equity: usd(19_947), price: usd(18_944) };
	assert_eq!(outcome_of(&records, 3, &me()), Ok(Some(slice)));
}

#[test]
fn outcome_should_be_the_error_of_a_bid_that_failed() {
	let records = [record(3, failed(Error::LimitExceeded))];
	let failure = outcome_of(&records, 3, &me()).expect_err("it failed");
	assert_eq!(
		(failure.reason, &*failure.text),
		(Reason::PriceMoved, "Liquidation(LimitExceeded)")
	);
}

#[test]
fn outcome_should_be_nothing_when_the_account_was_back_at_its_target() {
	assert_eq!(outcome_of(&[], 3, &me()), Ok(None));
}

#[test]
fn events_should_be_read_as_the_chain_stores_them() {
	let stored = sp_io::TestExternalities::default().execute_with(|| {
		System::set_block_number(1);
		System::deposit_event(taken(me(), 1));
		sp_io::storage::get(&events_key().0).expect("events are there")
	});
	let records = decode(&stored).expect("events decode");
	let found = &records.first().expect("one event").event;
	assert_eq!(*found, taken(me(), 1).into());
	assert_eq!(records.encode(), stored);
}

#[test]
fn events_of_another_runtime_should_be_a_failure_and_no_panic() {
	let failure = decode(&[4, 0, 1, 2, 3, 255, 255]).expect_err("no events");
	assert_eq!(failure.reason, Reason::Unexpected);
}
