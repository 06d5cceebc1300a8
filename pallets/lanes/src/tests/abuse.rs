// SPDX-License-Identifier: Apache-2.0
//! Attempts to get precedence, space or work that one has no right to.

use crate::{lane_of_priority, mock::*, Classify, Lane, Pallet, PayInLane, SPAN};
use codec::Decode;
use frame_support::{
	assert_ok,
	dispatch::{DispatchClass, GetDispatchInfo},
	weights::Weight,
};
use sp_runtime::transaction_validity::InvalidTransaction;

fn full() -> sp_runtime::ApplyExtrinsicResult {
	Err(InvalidTransaction::ExhaustsResources.into())
}

fn batch(calls: Vec<RuntimeCall>) -> RuntimeCall {
	RuntimeCall::Utility(pallet_utility::Call::batch_all { calls })
}

/// Every way of this chain to wrap a call.
fn wrapped(inner: RuntimeCall) -> Vec<RuntimeCall> {
	use pallet_utility::Call as Utility;
	let boxed = Box::new(inner.clone());
	vec![
		Utility::batch { calls: vec![inner.clone()] }.into(),
		batch(vec![inner.clone()]),
		batch(vec![batch(vec![inner.clone()])]),
		Utility::force_batch { calls: vec![inner] }.into(),
		Utility::as_derivative { index: 0, call: boxed.clone() }.into(),
		pallet_sudo::Call::sudo { call: boxed.clone() }.into(),
		pallet_sudo::Call::sudo_as { who: BOB, call: boxed }.into(),
	]
}

#[test]
fn tip_war_should_not_carry_a_transaction_across_lanes() {
	Builder::default().build_and_execute(|| {
		for pair in Lane::ALL.windows(2) {
			let modest = Tx::new(ALICE, call_of(pair[0], 60)).priority();
			for tip in [RICH / 2, RICH - 1_000_000 * u128::from(MS)] {
				let lavish = Tx::new(BOB, call_of(pair[1], 1)).tip(tip).priority();
				assert!(lavish < modest, "{pair:?}");
				assert_eq!(lane_of_priority(lavish + SPAN / 2), pair[1]);
			}
		}
	});
}

#[test]
fn nested_call_smuggling_should_end_in_the_general_lane() {
	Builder::default().build_and_execute(|| {
		for lane in [Lane::Solvency, Lane::RiskDown, Lane::Makers, Lane::Takers] {
			for call in wrapped(call_of(lane, 1)) {
				let tx = Tx::new(ALICE, call.clone()).tip(RICH / 2);
				assert_eq!(lane_of_priority(tx.priority()), Lane::General, "{call:?}");
				let before = Lane::ALL.map(used);
				let _ = Tx::new(ALICE, call.clone()).apply().unwrap();
				for (it, before) in Lane::ALL.into_iter().zip(before) {
					assert_eq!(used(it) != before, it == Lane::General, "{call:?} in {it:?}");
				}
			}
		}
	});
}

#[test]
fn nested_call_smuggling_should_not_make_work_free() {
	Builder::default().build_and_execute(|| {
		for lane in [Lane::Solvency, Lane::RiskDown] {
			let before = balance(ALICE);
			assert_ok!(Tx::new(ALICE, batch(vec![call_of(lane, 1)])).apply().unwrap());
			assert!(before - balance(ALICE) > u128::from(MS));
		}
	});
}

#[test]
fn operational_smuggling_should_not_use_the_reserve_up() {
	Builder::default().without_limit().build_and_execute(|| {
		// So much that the shared lanes could fill the block to its end.
		state(|state| state.mandatory = Weight::from_parts(60 * MS, 0));
		next_block();
		let smuggled = batch(vec![call_of(Lane::Solvency, 1)]);
		assert_eq!(smuggled.get_dispatch_info().class, DispatchClass::Operational);
		let flood =
			|| (10..).take_while(|who| Tx::new(*who, smuggled.clone()).apply().is_ok()).count();
		assert!(flood() > 10);
		for lane in Lane::SHARED {
			fill(lane, 1);
		}
		assert_eq!(flood(), 0);
		fill(Lane::Solvency, 1);
		assert!(used(Lane::Solvency).ref_time() + 2 * MS > 50 * MS);
	});
}

#[test]
fn normal_call_classified_as_solvency_should_be_general() {
	Builder::default().build_and_execute(|| {
		let weight = Weight::from_parts(MS, 0);
		let call = RuntimeCall::Exchange(exchange::Call::normal_bid { weight, fate: done() });
		assert_eq!(ByCall::lane(&call), Lane::Solvency);
		let tx = Tx::new(ALICE, call);
		assert_eq!(lane_of_priority(tx.priority()), Lane::General);
		assert_ok!(tx.apply().unwrap());
		assert_eq!(used(Lane::Solvency), Weight::zero());
		assert!(balance(ALICE) < RICH);
	});
}

#[test]
fn scheduled_and_root_dispatched_calls_should_consume_no_lane() {
	Builder::default().build_and_execute(|| {
		for lane in Lane::ALL {
			let when = System::block_number() + 1;
			let call = Box::new(call_of(lane, 1));
			assert_ok!(Scheduler::schedule(RuntimeOrigin::root(), when, None, 0, call));
		}
		next_block();
		let ran = System::events().into_iter().filter(|record| {
			matches!(
				record.event,
				RuntimeEvent::Scheduler(pallet_scheduler::Event::Dispatched { result: Ok(()), .. })
			)
		});
		assert_eq!(ran.count(), 5);
		assert!(Lane::ALL.into_iter().all(|lane| used(lane) == Weight::zero()));
	});
}

#[test]
fn lane_flooding_by_one_account_should_leave_the_lane_to_others() {
	Builder::default().build_and_execute(|| {
		let alices = (0..).take_while(|_| send(ALICE, Lane::Takers, 1).is_ok()).count();
		assert!(alices < 30);
		assert!(fill(Lane::Takers, 1) > 2 * alices as u32);
		// And in the pool she stands behind everything.
		assert_eq!(Tx::new(ALICE, call_of(Lane::Takers, 1)).tip(RICH / 2).priority(), 0);
	});
}

#[test]
fn placing_and_cancelling_in_a_loop_should_end_when_the_allowance_is_spent() {
	Builder::default().build_and_execute(|| {
		let round =
			|| send(ALICE, Lane::Makers, 1).is_ok() && send(ALICE, Lane::RiskDown, 1).is_ok();
		let rounds = (0..1_000).take_while(|_| round()).count();
		// Half of each cancel comes back: twice as many as without cancels, and not more.
		assert!(rounds > 30 && rounds < 60, "{rounds}");
	});
}

#[test]
fn refund_cheating_should_not_empty_the_lane_nor_be_free() {
	Builder::default().build_and_execute(|| {
		let nothing = Fate { actual: Some(Weight::zero()), ..failed() };
		for lane in [Lane::Solvency, Lane::RiskDown, Lane::General] {
			let tx = Tx::new(ALICE, call(lane, Weight::from_parts(10 * MS, 0), nothing));
			let (before, own) = (balance(ALICE), tx.info().extension_weight);
			assert!(tx.apply().unwrap().is_err());
			// Base weight and the extensions stay booked and are paid for.
			let least = own + Weight::from_parts(BASE, LEN as u64);
			assert_eq!(used(lane), least);
			assert!(before - balance(ALICE) >= u128::from(least.ref_time()));
		}
	});
}

#[test]
fn refund_cheating_should_not_give_back_more_than_was_booked() {
	Builder::default().build_and_execute(|| {
		let more = Fate { actual: Some(Weight::MAX), ..done() };
		let tx = Tx::new(ALICE, call(Lane::Takers, Weight::from_parts(MS, 0), more));
		assert_ok!(tx.apply().unwrap());
		assert_eq!(used(Lane::Takers), tx.booked());
	});
}

#[test]
fn claiming_to_be_free_should_not_help_when_the_call_failed() {
	Builder::default().build_and_execute(|| {
		let fate = Fate { claims_free: true, ..failed() };
		let tx = Tx::new(ALICE, call(Lane::RiskDown, Weight::from_parts(MS, 0), fate));
		assert!(tx.apply().unwrap().is_err());
		assert!(RICH - balance(ALICE) > u128::from(MS));
	});
}

#[test]
fn free_flood_of_the_best_lane_should_not_fill_the_block() {
	Builder::default().without_limit().build_and_execute(|| {
		fill(Lane::Solvency, 1);
		assert!(used(Lane::Solvency).ref_time() <= 120 * MS);
		assert!(fill(Lane::RiskDown, 1) > 20);
		assert!(fill(Lane::General, 1) > 10);
	});
}

#[test]
fn weight_overflow_should_be_refused_and_book_nothing() {
	Builder::default().build_and_execute(|| {
		for lane in Lane::ALL {
			let tx = Tx::new(ALICE, call(lane, Weight::MAX, done()));
			assert!(tx.validate().is_err(), "{lane:?}");
			assert_eq!(tx.apply(), full(), "{lane:?}");
			assert_eq!(used(lane), Weight::zero());
			assert!(!Pallet::<Test>::enter(Lane::General, Weight::MAX, DispatchClass::Normal));
		}
		assert_eq!(balance(ALICE), RICH);
	});
}

#[test]
fn extension_data_should_not_decode_into_more_than_a_tip() {
	let mut bytes = encoded(PayInLane::<Test>::from(5));
	bytes.push(0xff);
	let mut rest = &bytes[..];
	assert_eq!(PayInLane::<Test>::decode(&mut rest), Ok(PayInLane::from(5)));
	assert_eq!(rest, [0xff]);
}
