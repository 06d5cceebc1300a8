// SPDX-License-Identifier: Apache-2.0
//! What one account may put into makers and takers.
//!
//! With the parameters of these tests: 30 ms at once, 6 ms more in each block, half of a reduction back.

use crate::{mock::*, weights::WeightInfo, Lane, Pallet, PruneCursor, Spending};
use frame_support::{
	assert_ok,
	weights::{Weight, WeightMeter},
};
use sp_runtime::transaction_validity::InvalidTransaction;

fn left(who: AccountId) -> u64 {
	Pallet::<Test>::allowance_of(&who)
}

fn booked(lane: Lane, millis: u64) -> u64 {
	Tx::new(ALICE, call_of(lane, millis)).booked().ref_time()
}

#[test]
fn account_should_be_refused_when_it_has_spent_its_allowance_and_others_not() {
	Builder::default().build_and_execute(|| {
		assert_eq!(left(ALICE), 30 * MS);
		assert_ok!(send(ALICE, Lane::Makers, 14).unwrap());
		assert_ok!(send(ALICE, Lane::Takers, 14).unwrap());
		assert_eq!(left(ALICE), 30 * MS - 2 * booked(Lane::Takers, 14));
		let full = Err(InvalidTransaction::ExhaustsResources.into());
		assert_eq!(send(ALICE, Lane::Takers, 2), full);
		assert_eq!(send(ALICE, Lane::Makers, 2), full);
		assert_ok!(send(BOB, Lane::Takers, 2).unwrap());
	});
}

#[test]
fn account_should_go_on_in_other_lanes_when_it_has_spent_its_allowance() {
	Builder::default().build_and_execute(|| {
		assert_ok!(send(ALICE, Lane::Takers, 29).unwrap());
		for lane in [Lane::Solvency, Lane::RiskDown, Lane::General] {
			assert_ok!(send(ALICE, lane, 20).unwrap());
		}
	});
}

#[test]
fn allowance_should_refill_with_each_block_and_not_beyond_its_cap() {
	Builder::default().build_and_execute(|| {
		assert_ok!(send(ALICE, Lane::Takers, 20).unwrap());
		let spent = booked(Lane::Takers, 20);
		next_block();
		assert_eq!(left(ALICE), 36 * MS - spent);
		blocks(100);
		assert_eq!(left(ALICE), 30 * MS);
	});
}

#[test]
fn idle_account_should_send_a_call_of_any_weight_and_wait_after_it() {
	Builder::default().build_and_execute(|| {
		assert_ok!(send(ALICE, Lane::Takers, 60).unwrap());
		assert_eq!(left(ALICE), 0);
		blocks(5);
		assert_eq!(left(ALICE), 0);
		assert!(send(ALICE, Lane::Takers, 1).is_err());
		blocks(2);
		assert_ok!(send(ALICE, Lane::Takers, 1).unwrap());
	});
}

#[test]
fn allowance_should_be_charged_by_what_the_call_took() {
	Builder::default().build_and_execute(|| {
		let actual = Some(Weight::from_parts(5 * MS, 0));
		let weight = Weight::from_parts(25 * MS, 0);
		let tx = Tx::new(ALICE, call(Lane::Makers, weight, Fate { actual, ..done() }));
		assert_ok!(tx.apply().unwrap());
		assert_eq!(left(ALICE), 30 * MS - (tx.booked().ref_time() - 20 * MS));
	});
}

#[test]
fn reduction_should_give_a_part_back_when_it_succeeds() {
	Builder::default().build_and_execute(|| {
		assert_ok!(send(ALICE, Lane::Takers, 20).unwrap());
		let before = left(ALICE);
		assert_ok!(send(ALICE, Lane::RiskDown, 10).unwrap());
		assert_eq!(left(ALICE), before + booked(Lane::RiskDown, 10) / 2);
		let before = left(ALICE);
		let fails = call(Lane::RiskDown, Weight::from_parts(10 * MS, 0), failed());
		assert!(Tx::new(ALICE, fails).apply().unwrap().is_err());
		assert_eq!(left(ALICE), before);
	});
}

#[test]
fn record_should_vanish_when_everything_was_given_back() {
	Builder::default().build_and_execute(|| {
		assert_ok!(send(ALICE, Lane::Takers, 5).unwrap());
		assert!(Spending::<Test>::contains_key(ALICE));
		assert_ok!(send(ALICE, Lane::RiskDown, 20).unwrap());
		assert!(!Spending::<Test>::contains_key(ALICE));
		// And none appears for an account that only reduces.
		assert_ok!(send(BOB, Lane::RiskDown, 20).unwrap());
		assert!(!Spending::<Test>::contains_key(BOB));
	});
}

#[test]
fn records_should_be_pruned_in_idle_time_when_they_have_run_empty() {
	Builder::default().build_and_execute(|| {
		assert!(fill(Lane::Makers, 1) > 50);
		assert_ok!(send(ALICE, Lane::Takers, 5).unwrap());
		assert!(Spending::<Test>::iter().count() > 50);
		next_block();
		assert!(Spending::<Test>::iter().count() > 50);
		next_block();
		assert_eq!(Spending::<Test>::iter().count(), 0);
	});
}

#[test]
fn pruning_should_go_on_where_it_stopped_when_the_meter_is_short() {
	Builder::default().build_and_execute(|| {
		let accounts = u64::from(fill(Lane::Takers, 1));
		System::set_block_number(System::block_number() + 10);
		let limit = <() as WeightInfo>::prune_start() + <() as WeightInfo>::prune_account() * 20;
		let mut rounds = 0;
		while Spending::<Test>::iter().next().is_some() {
			let mut meter = WeightMeter::with_limit(limit);
			Pallet::<Test>::prune_spending(&mut meter);
			assert!(meter.consumed().all_lte(limit));
			rounds += 1;
		}
		assert_eq!(rounds, accounts.div_ceil(20));
		// At the end of the map it begins anew.
		Pallet::<Test>::prune_spending(&mut unlimited());
		assert!(!PruneCursor::<Test>::exists());
	});
}

#[test]
fn pruning_should_do_nothing_when_the_meter_is_empty() {
	Builder::default().build_and_execute(|| {
		assert_ok!(send(ALICE, Lane::Takers, 1).unwrap());
		System::set_block_number(System::block_number() + 10);
		let mut meter = WeightMeter::with_limit(Weight::zero());
		Pallet::<Test>::prune_spending(&mut meter);
		assert!(Spending::<Test>::contains_key(ALICE));
	});
}
