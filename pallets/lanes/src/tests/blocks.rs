// SPDX-License-Identifier: Apache-2.0
//! From block to block: the reserve, statistics, events, pruning.

use crate::{mock::*, CurrentPlan, Event, Lane, LastBlock};
use frame_support::assert_ok;
use sp_runtime::{FixedU128, Perbill};

fn reserve() -> Perbill {
	CurrentPlan::<Test>::get().reserve()
}

fn told() -> Vec<Perbill> {
	let events = System::events().into_iter();
	events
		.filter_map(|record| match record.event {
			RuntimeEvent::Lanes(Event::BudgetsChanged { shares, .. }) => {
				Some(shares.solvency.guaranteed)
			},
			_ => None,
		})
		.collect()
}

#[test]
fn reserve_should_stay_at_its_floor_when_all_is_calm() {
	Builder::default().build_and_execute(|| {
		blocks(10);
		assert_eq!(reserve(), Perbill::from_percent(25));
		assert_eq!(told(), vec![]);
	});
}

#[test]
fn reserve_should_rise_fast_and_fall_slowly_when_a_backlog_comes_and_goes() {
	Builder::default().build_and_execute(|| {
		state(|state| state.backlog = 40);
		next_block();
		assert_eq!(reserve(), Perbill::from_percent(30));
		assert_eq!(told(), vec![Perbill::from_percent(30)]);
		blocks(4);
		assert_eq!(reserve(), Perbill::from_percent(50));
		state(|state| state.backlog = 0);
		// A minute at the peak, then down in small steps.
		blocks(100);
		assert_eq!(reserve(), Perbill::from_percent(50));
		blocks(50);
		let falling = reserve();
		assert!(falling < Perbill::from_percent(50) && falling > Perbill::from_percent(40));
		blocks(1_000);
		assert_eq!(reserve(), Perbill::from_percent(25));
		// Told at the end as well, although the last step was small.
		assert_eq!(told().last(), Some(&Perbill::from_percent(25)));
	});
}

#[test]
fn reserve_should_rise_in_part_when_volatility_rises_in_part() {
	Builder::default().build_and_execute(|| {
		// Half of the way from usual to three times that.
		state(|state| state.volatility = FixedU128::from_u32(2));
		blocks(10);
		assert_eq!(reserve(), Perbill::from_parts(375_000_000));
	});
}

#[test]
fn reserve_should_rise_when_the_lane_fills_it() {
	Builder::default().build_and_execute(|| {
		fill(Lane::Solvency, 1);
		next_block();
		assert_eq!(reserve(), Perbill::from_percent(30));
	});
}

#[test]
fn reserve_should_stand_at_the_ceiling_when_nothing_can_be_resolved() {
	Builder::default().build_and_execute(|| {
		state(|state| {
			state.capacity = 0;
			state.backlog = 1;
		});
		blocks(20);
		assert_eq!(reserve(), Perbill::from_percent(50));
	});
}

#[test]
fn statistics_should_tell_what_the_block_did() {
	Builder::default().build_and_execute(|| {
		state(|state| state.backlog = 3);
		let before = balance(ALICE);
		let tx = Tx::new(ALICE, call_of(Lane::Takers, 20)).tip(5);
		assert_ok!(tx.apply().unwrap());
		let weight = frame_support::weights::Weight::from_parts(MS, 0);
		assert!(Tx::new(BOB, call(Lane::Takers, weight, failed())).apply().unwrap().is_err());
		let number = System::block_number();
		let bobs = RICH - balance(BOB);
		next_block();
		let last = LastBlock::<Test>::get();
		assert_eq!((last.number, last.backlog), (number, 3));
		let takers = last.lanes.takers;
		assert_eq!((takers.usage.transactions, takers.usage.failed), (2, 1));
		assert_eq!(takers.usage.fees, before - balance(ALICE) + bobs);
		assert!(takers.usage.used.ref_time() > tx.booked().ref_time());
		assert_eq!(takers.multiplier, FixedU128::from_u32(1));
		let pool = last.pool.ref_time();
		assert!(pool > 149 * MS && pool <= 150 * MS);
		assert_eq!(takers.ceiling.ref_time(), Perbill::from_percent(70).mul_floor(pool));
		// 21.4 of 105 ms.
		assert!(takers.fullness > Perbill::from_percent(20));
		assert!(takers.fullness < Perbill::from_percent(22));
		assert_eq!(last.lanes.makers.usage, Default::default());
		assert_eq!(used(Lane::Takers), Default::default());
	});
}

#[test]
fn idle_time_should_not_fill_a_lane() {
	Builder::default().build_and_execute(|| {
		assert_ok!(send(ALICE, Lane::Takers, 20).unwrap());
		// As pruning in other pallets does.
		let rest = Limits::get().max_block - System::block_weight().total();
		System::register_extra_weight_unchecked(
			rest,
			frame_support::dispatch::DispatchClass::Mandatory,
		);
		next_block();
		let fullness = LastBlock::<Test>::get().lanes.takers.fullness;
		assert!(fullness < Perbill::from_percent(21), "{fullness:?}");
	});
}
