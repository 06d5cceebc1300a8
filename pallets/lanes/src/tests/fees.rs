// SPDX-License-Identifier: Apache-2.0
//! What weight costs in a lane, and who pays.

use crate::{mock::*, Lane, Multipliers, Pallet};
use frame_support::{assert_ok, dispatch::DispatchClass, weights::Weight};
use pallet_transaction_payment::NextFeeMultiplier;
use sp_runtime::{traits::Saturating, transaction_validity::InvalidTransaction, FixedU128};

fn set_price(lane: Lane, multiplier: u32) {
	Multipliers::<Test>::mutate(|it| *it.get_mut(lane) = FixedU128::from_u32(multiplier));
}

fn price(lane: Lane) -> FixedU128 {
	Pallet::<Test>::multiplier(lane)
}

/// What a transaction takes from its sender.
fn paid(tx: &Tx) -> u128 {
	let before = balance(tx.who);
	let _ = tx.apply().unwrap();
	before - balance(tx.who)
}

fn fee(tx: &Tx, multiplier: u128) -> u128 {
	u128::from(BASE) + LEN as u128 + multiplier * u128::from(tx.info().total_weight().ref_time())
}

#[test]
fn fee_should_be_the_usual_one_when_the_multiplier_is_one() {
	Builder::default().build_and_execute(|| {
		for lane in [Lane::Makers, Lane::Takers, Lane::General] {
			let tx = Tx::new(ALICE, call_of(lane, 1)).tip(17);
			assert_eq!(paid(&tx), fee(&tx, 1) + 17);
		}
	});
}

#[test]
fn fee_should_follow_the_price_of_its_lane_alone() {
	Builder::default().build_and_execute(|| {
		set_price(Lane::Takers, 3);
		let (take, quote) =
			(Tx::new(ALICE, call_of(Lane::Takers, 1)), Tx::new(ALICE, call_of(Lane::Makers, 1)));
		assert_eq!(paid(&take), fee(&take, 3));
		assert_eq!(paid(&quote), fee(&quote, 1));
		assert_eq!(NextFeeMultiplier::<Test>::get(), FixedU128::from_u32(1));
	});
}

#[test]
fn fee_should_follow_the_price_when_it_exceeds_that_of_a_whole_block() {
	Builder::default().without_limit().build_and_execute(|| {
		set_price(Lane::General, 7);
		let tx = Tx::new(ALICE, call_of(Lane::General, 100));
		assert_eq!(paid(&tx), fee(&tx, 7));
	});
}

#[test]
fn fee_should_be_that_of_the_weight_used_when_the_call_took_less() {
	Builder::default().build_and_execute(|| {
		set_price(Lane::Takers, 3);
		let (weight, actual) = (Weight::from_parts(10 * MS, 0), Weight::from_parts(4 * MS, 0));
		let fate = Fate { actual: Some(actual), ..done() };
		let tx = Tx::new(ALICE, call(Lane::Takers, weight, fate));
		assert_eq!(paid(&tx), fee(&tx, 3) - 3 * 6 * u128::from(MS));
	});
}

/// A transaction of somebody who can pay `fees` and hardly more.
fn tx_of_one_with(fees: impl FnOnce(&Tx) -> u128) -> Tx {
	let tx = Tx::new(999, call_of(Lane::Takers, 1));
	let endow = fees(&tx) + 10;
	assert_ok!(<Balances as frame_support::traits::fungible::Mutate<_>>::mint_into(&999, endow));
	tx
}

#[test]
fn transaction_should_wait_behind_everybody_when_its_lane_is_too_dear_for_its_sender() {
	Builder::default().build_and_execute(|| {
		let tx = tx_of_one_with(|tx| fee(tx, 1));
		assert!(tx.validate().unwrap().priority > 0);
		set_price(Lane::Takers, 2);
		let waiting = tx.validate().unwrap();
		assert_eq!(waiting.priority, 0);
		assert_eq!(tx.apply(), Err(InvalidTransaction::Future.into()));
		assert_eq!(NextFeeMultiplier::<Test>::get(), FixedU128::from_u32(1));
		assert_eq!(used(Lane::Takers), Weight::zero());
		set_price(Lane::Takers, 1);
		assert_ok!(tx.apply().unwrap());
	});
}

#[test]
fn transaction_should_be_refused_when_its_sender_could_not_pay_the_usual_price() {
	Builder::default().build_and_execute(|| {
		let tx = tx_of_one_with(|tx| fee(tx, 1) / 2);
		for multiplier in [1, 2, 1_000] {
			set_price(Lane::Takers, multiplier);
			assert_eq!(tx.validate().unwrap_err(), InvalidTransaction::Payment.into());
			assert_eq!(tx.apply(), Err(InvalidTransaction::Payment.into()));
		}
	});
}

#[test]
fn free_lanes_should_cost_the_tip_alone_when_the_call_succeeds() {
	Builder::default().build_and_execute(|| {
		for lane in [Lane::Solvency, Lane::RiskDown] {
			set_price(lane, 5);
			assert_eq!(paid(&Tx::new(ALICE, call_of(lane, 2))), 0);
			assert_eq!(paid(&Tx::new(ALICE, call_of(lane, 2)).tip(23)), 23);
		}
	});
}

#[test]
fn free_lanes_should_cost_when_the_call_did_nothing() {
	Builder::default().build_and_execute(|| {
		for lane in [Lane::Solvency, Lane::RiskDown] {
			let fate = Fate { is_idle: true, ..done() };
			let tx = Tx::new(ALICE, call(lane, Weight::from_parts(MS, 0), fate));
			assert_eq!(paid(&tx), fee(&tx, 1));
		}
	});
}

#[test]
fn free_lanes_should_cost_when_the_call_fails() {
	Builder::default().build_and_execute(|| {
		for lane in [Lane::Solvency, Lane::RiskDown] {
			let tx = Tx::new(ALICE, call(lane, Weight::from_parts(MS, 0), failed()));
			assert_eq!(paid(&tx), fee(&tx, 1));
		}
	});
}

#[test]
fn price_should_rise_by_its_step_when_the_lane_was_full() {
	Builder::default().without_limit().build_and_execute(|| {
		fill(Lane::Takers, 1);
		next_block();
		assert!(price(Lane::Takers) > FixedU128::from_rational(112, 100));
		assert!(price(Lane::Takers) <= FixedU128::from_rational(1_125, 1_000));
		// The flood in takers makes no other lane dearer.
		for lane in [Lane::Makers, Lane::General] {
			assert_eq!(price(lane), FixedU128::from_rational(875, 1_000), "{lane:?}");
		}
	});
}

#[test]
fn price_should_fall_to_its_floor_when_nobody_comes() {
	Builder::default().build_and_execute(|| {
		blocks(1);
		assert_eq!(price(Lane::Makers), FixedU128::from_rational(875, 1_000));
		blocks(30);
		for lane in Lane::ALL {
			// Failing in a free lane costs the usual price at least.
			let floor = FixedU128::from_rational(if lane.is_free() { 10 } else { 1 }, 10);
			assert_eq!(price(lane), floor, "{lane:?}");
		}
	});
}

#[test]
fn price_should_stop_at_its_ceiling_when_the_lane_stays_full() {
	let low = |it: &mut crate::LaneParameters| it.fees.takers.ceiling = FixedU128::from_u32(2);
	Builder::default().without_limit().with(low).build_and_execute(|| {
		for _ in 0..8 {
			fill(Lane::Takers, 5);
			next_block();
		}
		assert_eq!(price(Lane::Takers), FixedU128::from_u32(2));
	});
}

#[test]
fn price_should_stay_within_a_guarantee_however_full_the_other_lanes_are() {
	Builder::default().without_limit().build_and_execute(|| {
		assert_ok!(send(ALICE, Lane::Makers, 10).unwrap());
		fill(Lane::Takers, 1);
		fill(Lane::General, 1);
		// No more room for makers, who used a third of what they are sure of: their lane is not full.
		next_block();
		assert!(price(Lane::Makers) < FixedU128::from_u32(1));
		assert!(price(Lane::General) > FixedU128::from_u32(1));
	});
}

#[test]
fn query_should_answer_with_the_price_of_the_lane() {
	Builder::default().build_and_execute(|| {
		set_price(Lane::Takers, 4);
		let tx = Tx::new(ALICE, call_of(Lane::Takers, 1));
		let asked = Pallet::<Test>::at_price_of(&tx.call, DispatchClass::Normal, || {
			TransactionPayment::compute_fee(LEN as u32, &tx.info(), 0)
		});
		assert_eq!(asked, paid(&tx));
		assert_eq!(NextFeeMultiplier::<Test>::get(), FixedU128::from_u32(1));
	});
}

#[test]
fn usual_multiplier_should_be_on_top_when_it_is_not_one() {
	Builder::default().build_and_execute(|| {
		NextFeeMultiplier::<Test>::put(FixedU128::from_u32(2));
		set_price(Lane::Takers, 3);
		let tx = Tx::new(ALICE, call_of(Lane::Takers, 1));
		assert_eq!(paid(&tx), fee(&tx, 6));
		assert_eq!(NextFeeMultiplier::<Test>::get(), FixedU128::from_u32(2));
		let halved = FixedU128::from_u32(2).saturating_sub(FixedU128::from_u32(1));
		NextFeeMultiplier::<Test>::put(halved);
	});
}
