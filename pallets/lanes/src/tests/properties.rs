// SPDX-License-Identifier: Apache-2.0
//! Whatever is sent: the reserve is there, nothing is used twice or given back twice, the block holds.

use crate::{mock::*, CurrentPlan, CurrentUse, Lane, Limits as ChainLimits};
use frame_support::{dispatch::DispatchClass, weights::Weight};
use proptest::prelude::*;
use sp_runtime::Perbill;

/// One attempt to get into a block.
#[derive(Clone, Debug)]
struct Attempt {
	who: AccountId,
	lane: Lane,
	millis: u64,
	/// Hundredths of the weight that it says it took.
	took: Option<u64>,
	succeeds: bool,
	wrapped: bool,
}

fn lane() -> impl Strategy<Value = Lane> {
	prop::sample::select(Lane::ALL.to_vec())
}

fn attempt() -> impl Strategy<Value = Attempt> {
	let fate = (prop::option::of(0u64..=120), any::<bool>(), prop::bool::weighted(0.2));
	(10u64..40, lane(), 0u64..30, fate).prop_map(
		|(who, lane, millis, (took, succeeds, wrapped))| Attempt {
			who,
			lane,
			millis,
			took,
			succeeds,
			wrapped,
		},
	)
}

impl Attempt {
	fn tx(&self) -> Tx {
		let weight = Weight::from_parts(self.millis * MS, self.millis * 10_000);
		let actual = self.took.map(|it| weight * it / 100);
		let fate = Fate { succeeds: self.succeeds, actual, ..done() };
		let inner = call(self.lane, weight, fate);
		let calls = vec![inner.clone()];
		let call = if self.wrapped {
			RuntimeCall::Utility(pallet_utility::Call::batch { calls })
		} else {
			inner
		};
		Tx::new(self.who, call)
	}
}

fn shared_use() -> Weight {
	Lane::SHARED.into_iter().fold(Weight::zero(), |sum, lane| sum + used(lane))
}

/// What every block has to satisfy after every transaction.
fn check() {
	Lanes::do_try_state().unwrap();
	let limits: ChainLimits = Limits::get().into();
	let classes = System::block_weight();
	assert!(shared_use().all_lte(limits.normal));
	assert!(classes.get(DispatchClass::Normal).all_lte(limits.normal));
	let sum = shared_use() + used(Lane::Solvency);
	let transactions =
		*classes.get(DispatchClass::Normal) + *classes.get(DispatchClass::Operational);
	// Lanes never count less than the block does.
	assert!(transactions.all_lte(sum));
	let usage = CurrentUse::<Test>::get();
	for lane in Lane::ALL {
		let books = usage.lanes.get(lane);
		let least = Weight::from_parts(BASE, LEN as u64) * u64::from(books.transactions);
		assert!(least.all_lte(books.used), "{lane:?}");
		assert!(books.failed <= books.transactions);
	}
}

/// The reserve can be used to its last millisecond, whatever went before.
fn check_reserve(mandatory: u64) {
	let reserve = CurrentPlan::<Test>::get().reserve().mul_floor(BLOCK);
	let room = SPARE.max(BLOCK.saturating_sub(mandatory + MS));
	let promised = reserve.min(room);
	fill(Lane::Solvency, 1);
	assert!(used(Lane::Solvency).ref_time() + 2 * MS >= promised);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn reserve_should_still_be_there_after_any_transactions(
		floor in 5u32..=55,
		backlog in 0u32..60,
		mandatory in 0u64..120,
		attempts in prop::collection::vec(attempt(), 1..60),
	) {
		let bounds = |it: &mut crate::LaneParameters| {
			it.reserve.floor = Perbill::from_percent(floor);
			it.reserve.ceiling = it.reserve.floor.max(it.reserve.ceiling);
		};
		Builder::default().with(bounds).build_and_execute(|| {
			state(|state| {
				state.backlog = backlog;
				state.mandatory = Weight::from_parts(mandatory * MS, 0);
			});
			next_block();
			for attempt in &attempts {
				let _ = attempt.tx().apply();
				check();
			}
			check_reserve(mandatory * MS);
			check();
		});
	}

	#[test]
	fn refused_transaction_should_change_nothing(
		attempts in prop::collection::vec(attempt(), 1..80),
	) {
		Builder::default().build_and_execute(|| {
			for attempt in &attempts {
				let root = || sp_io::storage::root(sp_runtime::StateVersion::V1);
				let before = root();
				if attempt.tx().apply().is_err() {
					assert_eq!(root(), before);
				}
			}
		});
	}

	#[test]
	fn allowance_should_bound_what_an_account_puts_into_limited_lanes(
		attempts in prop::collection::vec(attempt(), 1..120),
	) {
		Builder::default().build_and_execute(|| {
			let (mut spent, mut largest) = (0u64, 0u64);
			for attempt in attempts.iter().filter(|it| it.lane != Lane::RiskDown) {
				let tx = Attempt { who: ALICE, wrapped: false, ..attempt.clone() }.tx();
				let before = used(attempt.lane).ref_time();
				if tx.apply().is_ok() && attempt.lane.is_limited() {
					spent += used(attempt.lane).ref_time() - before;
					largest = largest.max(tx.booked().ref_time());
				}
			}
			// Within one block: the cap, or one call of an account that had spent nothing.
			let cap = Perbill::from_percent(20).mul_floor(NORMAL);
			assert!(spent <= cap.max(largest));
		});
	}
}
