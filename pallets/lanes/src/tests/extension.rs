// SPDX-License-Identifier: Apache-2.0
//! What wallets, the pool and authors see of the extension.

use crate::{
	lane_of_priority, mock::*, Lane, PayInLane, Refusal, LANE_CLOSED, SPAN, TIP_CAP, TOO_HEAVY,
};
use frame_support::{assert_ok, dispatch::Pays, weights::Weight};
use pallet_transaction_payment::ChargeTransactionPayment;
use sp_runtime::{
	traits::{DispatchTransaction, TransactionExtension},
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidityError, UnknownTransaction,
	},
	Perbill,
};

fn unknown(code: u8) -> TransactionValidityError {
	UnknownTransaction::Custom(code).into()
}

#[test]
fn extension_should_look_like_the_one_it_wraps() {
	for tip in [0, 1, 63, 64, u128::from(u64::MAX), u128::MAX] {
		assert_eq!(
			encoded(PayInLane::<Test>::from(tip)),
			encoded(ChargeTransactionPayment::<Test>::from(tip))
		);
	}
	let (ours, theirs) = (
		PayInLane::<Test>::metadata().remove(0),
		ChargeTransactionPayment::<Test>::metadata().remove(0),
	);
	assert_eq!(ours.identifier, "ChargeTransactionPayment");
	assert_eq!(ours.identifier, theirs.identifier);
	assert_eq!(ours.ty, theirs.ty);
	assert_eq!(ours.implicit, theirs.implicit);
	assert_eq!(
		scale_info::meta_type::<PayInLane<Test>>().type_info(),
		scale_info::meta_type::<ChargeTransactionPayment<Test>>().type_info()
	);
}

#[test]
fn transaction_should_be_booked_in_its_lane_alone_when_it_is_applied() {
	Builder::default().build_and_execute(|| {
		for lane in Lane::ALL {
			let tx = Tx::new(ALICE, call_of(lane, 2));
			let before = Lane::ALL.map(used);
			assert_ok!(tx.apply().unwrap());
			for (other, before) in Lane::ALL.into_iter().zip(before) {
				let booked = if other == lane { tx.booked() } else { Weight::zero() };
				assert_eq!(used(other), before + booked, "{lane:?}: {other:?}");
			}
		}
	});
}

#[test]
fn unused_weight_should_come_back_to_the_lane_when_the_call_took_less() {
	Builder::default().build_and_execute(|| {
		let weight = Weight::from_parts(10 * MS, 5_000);
		for (lane, succeeds) in [(Lane::Takers, true), (Lane::General, false)] {
			let actual = Some(Weight::from_parts(3 * MS, 1_000));
			let tx = Tx::new(BOB, call(lane, weight, Fate { succeeds, actual, ..done() }));
			assert_eq!(tx.apply().unwrap().is_ok(), succeeds);
			assert_eq!(used(lane), tx.booked() - Weight::from_parts(7 * MS, 4_000));
		}
	});
}

#[test]
fn block_weight_should_agree_with_the_lanes_when_calls_took_less() {
	Builder::default().build_and_execute(|| {
		let before = System::block_weight().total();
		for (lane, millis) in [(Lane::Solvency, 1), (Lane::RiskDown, 2), (Lane::General, 3)] {
			let actual = Some(Weight::from_parts(millis * MS / 2, 0));
			let weight = Weight::from_parts(millis * MS, 0);
			assert_ok!(Tx::new(BOB, call(lane, weight, Fate { actual, ..done() })).apply());
		}
		let sum = Lane::ALL.into_iter().fold(Weight::zero(), |sum, lane| sum + used(lane));
		assert_eq!(System::block_weight().total() - before, sum);
	});
}

#[test]
fn pool_should_book_nothing_when_it_validates() {
	Builder::default().build_and_execute(|| {
		let before = crate::CurrentUse::<Test>::get();
		assert_ok!(Tx::new(ALICE, call_of(Lane::Takers, 5)).validate());
		assert_eq!(crate::CurrentUse::<Test>::get(), before);
		assert!(!crate::Spending::<Test>::contains_key(ALICE));
	});
}

#[test]
fn pool_should_accept_when_the_lane_is_full_in_this_block() {
	Builder::default().build_and_execute(|| {
		fill(Lane::Takers, 5);
		assert_ok!(Tx::new(ALICE, call_of(Lane::Takers, 5)).validate());
	});
}

#[test]
fn priority_should_follow_the_lane_first_and_the_tip_within_it() {
	Builder::default().build_and_execute(|| {
		let mut last = u64::MAX;
		for lane in Lane::ALL {
			let plain = Tx::new(ALICE, call_of(lane, 1));
			let (low, high) = (plain.priority(), plain.clone().tip(1_000_000).priority());
			assert!(low < high && high < last, "{lane:?}");
			assert_eq!((lane_of_priority(low), lane_of_priority(high)), (lane, lane));
			assert!(high - lane.rank() * SPAN <= TIP_CAP);
			last = low;
		}
	});
}

#[test]
fn priority_should_count_the_tip_alone_when_the_class_is_operational() {
	Builder::default().build_and_execute(|| {
		for tip in [0, 1_000] {
			let within = |lane: Lane| {
				Tx::new(ALICE, call_of(lane, 1)).tip(tip).priority() - lane.rank() * SPAN
			};
			// The bid is a little lighter: its account is not metered.
			let (bid, cancel) = (within(Lane::Solvency), within(Lane::RiskDown));
			assert!(bid >= cancel && bid < 2 * cancel, "{bid} {cancel}");
		}
	});
}

#[test]
fn priority_should_be_the_higher_of_two_equal_tips_when_the_call_is_lighter() {
	Builder::default().build_and_execute(|| {
		let priority = |millis| Tx::new(ALICE, call_of(Lane::Makers, millis)).tip(1_000).priority();
		assert!(priority(1) > priority(5));
	});
}

#[test]
fn priority_should_be_lowest_when_the_account_is_over_its_limit() {
	Builder::default().build_and_execute(|| {
		let tx = Tx::new(ALICE, call_of(Lane::Takers, 29)).tip(1_000_000);
		assert_ok!(tx.apply());
		assert_eq!(tx.priority(), 0);
		assert!(Tx::new(ALICE, call_of(Lane::RiskDown, 29)).priority() >= 3 * SPAN);
		assert!(Tx::new(BOB, call_of(Lane::Takers, 29)).priority() >= SPAN);
	});
}

#[test]
fn refusal_should_not_ban_the_bytes_when_the_call_may_pass_later() {
	Builder::default().build_and_execute(|| {
		let tx = Tx::new(ALICE, call_of(Lane::Solvency, 1));
		state(|state| state.refusal = Some(Refusal::Later(7)));
		assert_eq!(tx.validate().unwrap_err(), unknown(7));
		assert_eq!(tx.apply().unwrap_err(), InvalidTransaction::Future.into());
		state(|state| state.refusal = Some(Refusal::Never(9)));
		assert_eq!(tx.validate().unwrap_err(), InvalidTransaction::Custom(9).into());
		assert_eq!(tx.apply().unwrap_err(), InvalidTransaction::Custom(9).into());
		state(|state| state.refusal = None);
		assert_ok!(tx.apply());
	});
}

#[test]
fn pool_should_refuse_for_now_when_the_lane_could_not_take_the_call_in_an_empty_block() {
	Builder::default().without_limit().build_and_execute(|| {
		// 150 ms less the guarantee of risk-down, 30 ms.
		assert_ok!(Tx::new(ALICE, call_of(Lane::General, 119)).validate());
		let heavy = Tx::new(ALICE, call_of(Lane::General, 121));
		assert_eq!(heavy.validate().unwrap_err(), unknown(TOO_HEAVY));
		assert_eq!(heavy.apply().unwrap_err(), InvalidTransaction::ExhaustsResources.into());
	});
}

#[test]
fn closed_lane_should_refuse_for_now_and_keep_its_price() {
	let zero = |rule: &mut crate::ShareRule| {
		for share in [&mut rule.calm, &mut rule.stressed] {
			share.guaranteed = Perbill::zero();
			share.ceiling = Perbill::zero();
		}
	};
	Builder::default().with(|it| zero(&mut it.takers)).build_and_execute(|| {
		let tx = Tx::new(ALICE, call_of(Lane::Takers, 1));
		assert_eq!(tx.validate().unwrap_err(), unknown(LANE_CLOSED));
		assert_eq!(tx.apply().unwrap_err(), InvalidTransaction::Future.into());
		blocks(3);
		assert_eq!(crate::Pallet::<Test>::multiplier(Lane::Takers), 1.into());
		assert_ok!(send(ALICE, Lane::Makers, 1).unwrap());
	});
}

#[test]
fn transaction_without_a_signer_should_be_general_and_last() {
	Builder::default().build_and_execute(|| {
		let tx = Tx::new(ALICE, call_of(Lane::Solvency, 1));
		let source = TransactionSource::External;
		let (valid, ..) = PayInLane::<Test>::from(0)
			.validate_only(RuntimeOrigin::root(), &tx.call, &tx.info(), LEN, source, 0)
			.unwrap_or_else(|_| panic!("root needs no signature"));
		assert_eq!(valid.priority, 0);
		let outcome = PayInLane::<Test>::from(0).dispatch_transaction(
			RuntimeOrigin::root(),
			tx.call.clone(),
			&tx.info(),
			LEN,
			0,
		);
		assert_ok!(outcome.unwrap());
		assert_eq!(used(Lane::Solvency), Weight::zero());
		// The fee pallet had nothing to do, and says so.
		assert!(used(Lane::General).all_lt(tx.booked()));
		assert!(used(Lane::General).ref_time() > BASE + MS);
	});
}

#[test]
fn event_of_the_transaction_should_say_who_pays() {
	Builder::default().build_and_execute(|| {
		let pays = |lane, fate| {
			let _ = Tx::new(ALICE, call(lane, Weight::from_parts(MS, 0), fate)).apply().unwrap();
			match System::events().pop().unwrap().event {
				RuntimeEvent::System(
					frame_system::Event::ExtrinsicSuccess { dispatch_info }
					| frame_system::Event::ExtrinsicFailed { dispatch_info, .. },
				) => dispatch_info.pays_fee,
				other => panic!("{other:?}"),
			}
		};
		assert_eq!(pays(Lane::RiskDown, done()), Pays::No);
		assert_eq!(pays(Lane::RiskDown, failed()), Pays::Yes);
		assert_eq!(pays(Lane::Takers, done()), Pays::Yes);
	});
}
