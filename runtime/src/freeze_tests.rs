// SPDX-License-Identifier: Apache-2.0

//! Records that contradict each other freeze the underlyings of their account in the next block, and no others.
//! Governance repairs the records and thaws.
//!
//! The records are broken behind the pallets' backs, in storage: no call does that.

use crate::{
	constants::assets::USDC,
	test_chain::{events, listed_call, order, rule, small_chain, transact, Head},
	AccountId, Clearing, Liquidation, Runtime, RuntimeEvent, System, SystemCall,
};
use ballast_exchange::{
	Account, AccountKey, Lots, MarginKind, MicroUsd, OptionPrice, Side, UnderlyingId, MICRO_PER_USD,
};
use codec::Encode;
use pallet_clearing::Accounts;
use pallet_liquidation::{Auction, Auctions, BadDebts, Due, EndReason, TotalBadDebt};
use pallet_order_book::types::{NewOrder, OrderKind};
use sp_keyring::Sr25519Keyring::{self, Bob, Charlie, Dave, Eve};
use sp_runtime::{DispatchError, DispatchOutcome, TryRuntimeError};

type Book = pallet_order_book::Call<Runtime>;
type Ledger = pallet_clearing::Call<Runtime>;
type Markets = pallet_options::Call<Runtime>;

const BTC: UnderlyingId = 1;
const ETH: UnderlyingId = 2;
const DOT: UnderlyingId = 3;

/// What each account begins with, micro-USD.
const CASH: u128 = 100_000_000_000;
/// Price of every order, micro-USD per contract: on the ticks of BTC and ETH.
const PRICE: OptionPrice = 100_000_000;
/// Size of every order.
const LOTS: Lots = 10;
/// What the broken records say that is owed, micro-USD.
const OWED: MicroUsd = MICRO_PER_USD;

/// Runs a test on a chain on which Bob has sold calls: on BTC to Charlie and to Dave, on ETH to Dave.
fn on_a_trading_chain(test: impl FnOnce(&mut Head)) {
	small_chain().execute_with(|| {
		let mut head = Head::genesis();
		// The first lists, the second prices what is listed.
		head.block(|| {});
		head.block(|| {});
		head.block(|| {
			for who in [Bob, Charlie, Dave] {
				open(who);
			}
			for (buyer, underlying) in [(Charlie, BTC), (Dave, BTC), (Dave, ETH)] {
				assert_eq!(trade(buyer, underlying), [Ok(()); 2]);
			}
		});
		test(&mut head);
	});
}

fn open(who: Sr25519Keyring) {
	let margin = MarginKind::Standard;
	assert_eq!(transact(who, Ledger::open_account { index: 0, margin }), Ok(()));
	assert_eq!(transact(who, Ledger::deposit { index: 0, asset: USDC, amount: CASH }), Ok(()));
}

/// What comes of an order for the call of an underlying.
fn send(
	who: Sr25519Keyring,
	underlying: UnderlyingId,
	side: Side,
	(kind, reduce_only): (OrderKind, bool),
) -> DispatchOutcome {
	let series = listed_call(underlying);
	let order = NewOrder { series, side, price: PRICE, lots: LOTS, ..order(kind, reduce_only) };
	transact(who, Book::place { index: 0, order })
}

/// Bob offers and `buyer` takes it, both with more risk afterwards: what comes of the two orders.
fn trade(buyer: Sr25519Keyring, underlying: UnderlyingId) -> [DispatchOutcome; 2] {
	[
		send(Bob, underlying, Side::Sell, (OrderKind::PostOnly, false)),
		send(buyer, underlying, Side::Buy, (OrderKind::FillOrKill, false)),
	]
}

/// Dave gives back to Bob what he has bought: what comes of the two orders.
fn reduce(underlying: UnderlyingId) -> [DispatchOutcome; 2] {
	[
		send(Dave, underlying, Side::Sell, (OrderKind::PostOnly, true)),
		send(Bob, underlying, Side::Buy, (OrderKind::FillOrKill, true)),
	]
}

/// Charlie's account, whose records are broken: it depends on BTC alone.
fn key() -> AccountKey<AccountId> {
	AccountKey { owner: Charlie.to_account_id(), index: 0 }
}

fn record() -> Account {
	Accounts::<Runtime>::get(key()).expect("the account is open")
}

/// Writes the account as the ledger does, and tells the search of it.
fn put(account: Account) {
	Accounts::<Runtime>::insert(key(), account);
	Due::<Runtime>::insert(key(), ());
}

/// A bad debt that is not part of the sum of all: records of liquidation contradict each other.
fn break_bad_debts() {
	put(Account { frozen: true, ..record() });
	BadDebts::<Runtime>::insert(key(), OWED.unsigned_abs());
}

/// A bad debt as it should be, of an account whose debt is not part of the sum of all: records of the ledger contradict
/// each other.
fn break_ledger() {
	put(Account { frozen: true, cash: -OWED, ..record() });
	BadDebts::<Runtime>::insert(key(), OWED.unsigned_abs());
	TotalBadDebt::<Runtime>::put(OWED.unsigned_abs());
}

/// Governance writes the record of the account as it was, and removes the bad debt that never was. No call of the exchange
/// does that: a broken record is a fault of the chain.
fn repair(sound: &Account) {
	let items = vec![(Accounts::<Runtime>::hashed_key_for(key()), sound.encode())];
	rule(SystemCall::<Runtime>::set_storage { items });
	let keys = vec![BadDebts::<Runtime>::hashed_key_for(key())];
	rule(SystemCall::<Runtime>::kill_storage { keys });
}

fn thaw() -> Markets {
	Markets::set_paused { underlying: BTC, paused: false }
}

/// Underlyings on which orders that add risk are refused.
fn frozen() -> Vec<UnderlyingId> {
	let is_paused = |id: &UnderlyingId| {
		pallet_options::Underlyings::<Runtime>::get(id).expect("the preset has it").paused
	};
	[BTC, ETH, DOT].into_iter().filter(is_paused).collect()
}

/// Underlyings that this block has frozen.
fn told() -> Vec<UnderlyingId> {
	let frozen = |event: RuntimeEvent| match event {
		RuntimeEvent::Options(pallet_options::Event::Frozen { underlying }) => Some(underlying),
		_ => None,
	};
	events().into_iter().filter_map(frozen).collect()
}

#[test]
fn underlying_should_freeze_in_the_next_block_when_records_contradict_each_other() {
	use pallet_liquidation::Event;
	let faults: [(fn(), DispatchError); 2] = [
		(break_bad_debts, pallet_liquidation::Error::<Runtime>::CorruptRecords.into()),
		(break_ledger, pallet_clearing::Error::<Runtime>::CorruptLedger.into()),
	];
	for (break_records, error) in faults {
		on_a_trading_chain(|head| {
			break_records();
			assert!(frozen().is_empty());
			head.block(|| {
				let failed = Event::<Runtime>::StepFailed { account: key(), error };
				System::assert_has_event(failed.into());
				let told_why = Event::<Runtime>::UnderlyingFrozen { underlying: BTC, error };
				System::assert_has_event(told_why.into());
				assert_eq!((told(), frozen()), (vec![BTC], vec![BTC]));
			});
			// It stays so, and is said once.
			head.block(|| {
				assert_eq!((told(), frozen()), (vec![], vec![BTC]));
				let is_failure = |event: &RuntimeEvent| {
					matches!(event, RuntimeEvent::Liquidation(Event::StepFailed { .. }))
				};
				assert!(!events().iter().any(is_failure), "{:?}", events());
			});
		});
	}
}

#[test]
fn frozen_underlying_should_take_reductions_alone_while_the_others_trade_on() {
	let refused: DispatchError = pallet_order_book::Error::<Runtime>::OnlyReducing.into();
	on_a_trading_chain(|head| {
		break_bad_debts();
		head.block(|| {
			assert_eq!(trade(Dave, BTC), [Err(refused); 2]);
			assert_eq!(trade(Dave, ETH), [Ok(()); 2]);
			assert_eq!(reduce(BTC), [Ok(()); 2]);
		});
		head.block(|| assert_eq!(trade(Dave, BTC), [Err(refused); 2]));
	});
}

#[test]
fn frozen_underlying_should_trade_again_when_governance_has_repaired_and_thawed_it() {
	on_a_trading_chain(|head| {
		let sound = record();
		break_bad_debts();
		head.block(|| {
			assert_eq!(transact(Dave, thaw()), Err(DispatchError::BadOrigin));
			repair(&sound);
			// Only governance ends it, whatever the records say.
			assert_eq!(frozen(), [BTC]);
			rule(thaw());
			assert_eq!(trade(Dave, BTC), [Ok(()); 2]);
		});
		head.block(|| {
			assert!(told().is_empty() && frozen().is_empty());
			for buyer in [Charlie, Dave] {
				assert_eq!(trade(buyer, BTC), [Ok(()); 2]);
			}
		});
		assert_eq!(Clearing::do_try_state(), Ok(()));
		assert_eq!(Liquidation::do_try_state(), Ok(()));
	});
}

#[test]
fn underlying_should_freeze_again_when_it_is_thawed_before_the_repair() {
	on_a_trading_chain(|head| {
		break_bad_debts();
		head.block(|| {
			rule(thaw());
			assert!(frozen().is_empty());
		});
		head.block(|| assert_eq!((told(), frozen()), (vec![BTC], vec![BTC])));
	});
}

#[test]
fn try_state_should_find_the_broken_record_until_it_is_repaired() {
	on_a_trading_chain(|head| {
		assert_eq!(Liquidation::do_try_state(), Ok(()));
		let sound = record();
		break_bad_debts();
		let broken = Err(TryRuntimeError::Other("bad debts do not add up"));
		assert_eq!(Liquidation::do_try_state(), broken);
		head.block(|| assert_eq!(Liquidation::do_try_state(), broken));
		head.block(|| {
			repair(&sound);
			assert_eq!(Liquidation::do_try_state(), Ok(()));
		});
	});
	on_a_trading_chain(|_| {
		assert_eq!(Clearing::do_try_state(), Ok(()));
		break_ledger();
		assert_eq!(Liquidation::do_try_state(), Ok(()));
		let found = "clearing: claims on the settlement asset are not what was paid in";
		assert_eq!(Clearing::do_try_state(), Err(TryRuntimeError::Other(found)));
	});
}

#[test]
fn auction_without_cause_should_end_in_the_next_block_and_freeze_nothing() {
	on_a_trading_chain(|head| {
		let nobody = AccountKey { owner: Eve.to_account_id(), index: 0 };
		for account in [key(), nobody] {
			Auctions::<Runtime>::insert(account, Auction::default());
		}
		let broken = Err(TryRuntimeError::Other("on auction and not frozen"));
		assert_eq!(Liquidation::do_try_state(), broken);
		head.block(|| {
			let ended = |event: RuntimeEvent| match event {
				RuntimeEvent::Liquidation(pallet_liquidation::Event::AuctionEnded {
					account,
					reason,
					..
				}) => Some((account.owner, reason)),
				_ => None,
			};
			let ended: Vec<_> = events().into_iter().filter_map(ended).collect();
			assert_eq!(ended.len(), 2);
			assert!(ended.contains(&(Charlie.to_account_id(), EndReason::TargetReached)));
			assert!(ended.contains(&(Eve.to_account_id(), EndReason::AccountGone)));
			assert!(frozen().is_empty() && !record().frozen);
			assert_eq!(trade(Charlie, BTC), [Ok(()); 2]);
		});
		assert_eq!(Liquidation::do_try_state(), Ok(()));
	});
}
