// SPDX-License-Identifier: Apache-2.0
//! Who may use what of a block.

use crate::{mock::*, CurrentPlan, Lane};
use frame_support::{assert_ok, weights::Weight};
use sp_runtime::{transaction_validity::InvalidTransaction, Perbill};

/// A lane used `millis` of execution time, up to one more transaction of 1 ms.
#[track_caller]
fn assert_filled(lane: Lane, millis: u64) {
	let used = used(lane).ref_time();
	assert!(used <= millis * MS, "{lane:?} used {used}");
	assert!(used + 2 * MS > millis * MS, "{lane:?} used {used}");
}

#[test]
fn lane_should_use_what_is_not_kept_from_it_up_to_its_ceiling() {
	// Of 150 ms: risk-down 30, makers 30, takers 22.5, general 15 are guaranteed; the ceiling of general is 75.
	let most = [(Lane::RiskDown, 82), (Lane::Makers, 82), (Lane::Takers, 105), (Lane::General, 75)];
	for (lane, millis) in most {
		Builder::default().without_limit().build_and_execute(|| {
			fill(lane, 1);
			assert_filled(lane, millis);
		});
	}
}

#[test]
fn lanes_behind_should_find_their_guarantee_when_those_before_them_are_full() {
	Builder::default().without_limit().build_and_execute(|| {
		for lane in Lane::SHARED {
			fill(lane, 1);
		}
		for (lane, millis) in [(Lane::Makers, 30), (Lane::Takers, 22), (Lane::General, 15)] {
			assert!(used(lane).ref_time() + 2 * MS > millis * MS, "{lane:?}");
		}
	});
}

#[test]
fn guarantee_of_makers_should_be_lent_to_takers_and_not_that_of_risk_down() {
	Builder::default().without_limit().build_and_execute(|| {
		fill(Lane::Takers, 1);
		assert_filled(Lane::Takers, 105);
		fill(Lane::General, 1);
		assert_filled(Lane::General, 15);
		assert_eq!(send(ALICE, Lane::Makers, 1), Err(InvalidTransaction::ExhaustsResources.into()));
		fill(Lane::RiskDown, 1);
		assert_filled(Lane::RiskDown, 30);
	});
}

#[test]
fn first_transaction_should_pass_when_it_is_heavier_than_the_ceiling_of_its_lane() {
	Builder::default().without_limit().build_and_execute(|| {
		assert_ok!(send(ALICE, Lane::General, 100).unwrap());
		assert_eq!(send(BOB, Lane::General, 1), Err(InvalidTransaction::ExhaustsResources.into()));
	});
}

#[test]
fn solvency_should_find_its_reserve_when_all_other_lanes_are_full() {
	Builder::default().without_limit().build_and_execute(|| {
		for lane in Lane::SHARED {
			fill(lane, 1);
		}
		fill(Lane::Solvency, 1);
		assert_filled(Lane::Solvency, 50);
	});
}

#[test]
fn solvency_should_stop_at_its_own_ceiling_when_nobody_else_comes() {
	Builder::default().build_and_execute(|| {
		fill(Lane::Solvency, 1);
		assert_filled(Lane::Solvency, 120);
		assert_ok!(send(ALICE, Lane::Takers, 20).unwrap());
	});
}

#[test]
fn full_lane_should_leave_everything_as_it_was_when_it_refuses() {
	Builder::default().build_and_execute(|| {
		fill(Lane::Takers, 1);
		let before = (crate::CurrentUse::<Test>::get(), balance(ALICE), System::block_weight());
		assert_eq!(send(ALICE, Lane::Takers, 1), Err(InvalidTransaction::ExhaustsResources.into()));
		let after = (crate::CurrentUse::<Test>::get(), balance(ALICE), System::block_weight());
		assert_eq!(before.0, after.0);
		assert_eq!(before.1, after.1);
		assert_eq!(before.2.total(), after.2.total());
		assert!(!crate::Spending::<Test>::contains_key(ALICE));
	});
}

#[test]
fn lane_should_be_full_when_its_proof_size_is() {
	Builder::default().without_limit().build_and_execute(|| {
		let heavy = |who| {
			let weight = Weight::from_parts(MS, PROOF / 20);
			Tx::new(who, call(Lane::General, weight, done())).apply()
		};
		let taken = (10..100).take_while(|who| heavy(*who).is_ok()).count();
		// Half of the three quarters of the block, a twentieth of the block each.
		assert_eq!(taken, 7);
	});
}

#[test]
fn pool_should_shrink_when_hooks_and_inherents_take_much() {
	Builder::default().without_limit().build_and_execute(|| {
		state(|state| state.mandatory = Weight::from_parts(100 * MS, 0));
		next_block();
		fill(Lane::Takers, 1);
		// 70 % of what is left, 100 ms.
		assert_filled(Lane::Takers, 70);
		for lane in Lane::SHARED {
			fill(lane, 1);
		}
		fill(Lane::Solvency, 1);
		assert_filled(Lane::Solvency, 50);
	});
}

#[test]
fn lanes_should_be_refused_and_solvency_not_when_hooks_fill_the_block() {
	Builder::default().without_limit().build_and_execute(|| {
		state(|state| state.mandatory = Weight::from_parts(200 * MS, 0));
		next_block();
		for lane in Lane::SHARED {
			assert_eq!(fill(lane, 1), 0, "{lane:?}");
		}
		fill(Lane::Solvency, 1);
		assert_filled(Lane::Solvency, 50);
	});
}

#[test]
fn reserve_should_be_kept_out_of_the_block_when_it_exceeds_the_spare_of_the_class() {
	Builder::default().without_limit().build_and_execute(|| {
		state(|state| state.backlog = 1_000);
		blocks(5);
		assert_eq!(CurrentPlan::<Test>::get().reserve(), Perbill::from_percent(50));
		for lane in Lane::SHARED {
			fill(lane, 1);
		}
		let shared: u64 = Lane::SHARED.iter().map(|lane| used(*lane).ref_time()).sum();
		assert!(shared <= 100 * MS);
		fill(Lane::Solvency, 1);
		assert!(used(Lane::Solvency).ref_time() + 2 * MS > 100 * MS);
	});
}

#[test]
fn stress_should_take_from_takers_and_general() {
	Builder::default().without_limit().build_and_execute(|| {
		let calm = fill(Lane::Takers, 1);
		state(|state| state.backlog = 1_000);
		blocks(5);
		let stressed = fill(Lane::Takers, 1);
		// 40 % of 100 ms instead of 70 % of 150 ms.
		assert_filled(Lane::Takers, 40);
		assert!(stressed * 2 < calm);
		fill(Lane::RiskDown, 1);
		assert!(used(Lane::RiskDown).ref_time() > 34 * MS);
	});
}
