// SPDX-License-Identifier: Apache-2.0
//! Calls say beforehand the most they can weigh, and afterwards what they did.

use crate::{metering, mock::*, types::*, Call};
use ballast_exchange::Side;
use frame_support::{
	dispatch::{GetDispatchInfo, PostDispatchInfo},
	weights::Weight,
};
use sp_runtime::{traits::Dispatchable, DispatchResultWithInfo};

/// Weight before and after, and whether it succeeded.
fn weights(owner: AccountId, call: Call<Test>) -> (Weight, Weight, bool) {
	let call = RuntimeCall::OrderBook(call);
	let before = call.get_dispatch_info().call_weight;
	let result: DispatchResultWithInfo<PostDispatchInfo> = call.dispatch(origin(owner));
	let is_ok = result.is_ok();
	let info = result.unwrap_or_else(|error| error.post_info);
	let after = info.actual_weight.expect("calls say what they weighed");
	assert!(after.all_lte(before), "{after:?} is more than {before:?}");
	(before, after, is_ok)
}

fn place_call(order: NewOrder) -> Call<Test> {
	Call::place { index: 0, order }
}

#[test]
fn place_should_weigh_more_with_each_order_it_looks_at() {
	run(|| {
		let (before, none, _) = weights(1, place_call(sell(10, 5)));
		assert!(none.all_lt(before));
		let (_, one, _) = weights(2, place_call(buy(10, 5)));
		place(1, sell(10, 5));
		place(3, sell(10, 5));
		let (_, two, _) = weights(2, place_call(buy(10, 10)));
		assert!(none.all_lt(one) && one.all_lt(two));
		let step = metering::steps::<Test>(1);
		assert!((two - one).all_gte(step));
	});
}

#[test]
fn a_call_that_fails_should_weigh_what_it_did() {
	run(|| {
		place(1, sell(10, 5));
		let (before, after, is_ok) = weights(2, place_call(buy(10, 6).kind(OrderKind::FillOrKill)));
		assert!(!is_ok && after.all_lt(before));
		let (_, unknown, is_ok) = weights(99, place_call(buy(10, 6)));
		assert!(!is_ok && unknown.all_lt(after));
	});
}

#[test]
fn no_call_should_weigh_more_than_it_said() {
	run(|| {
		for at in 1..=64 {
			place(1, buy(at, 5));
		}
		for owner in 2..=40 {
			place(owner, sell(100, 5).of(strike(owner % 8)));
		}
		let leg =
			|at: u64| Leg { series: strike(at), side: Side::Buy, price: 100 * TICK, lots: 20 };
		let legs = (0..8).map(leg).collect::<Vec<_>>();
		weights(41, Call::place_combo { index: 0, legs, max_cost: i128::MAX });
		weights(2, Call::place_combo { index: 0, legs: vec![leg(3), leg(4)], max_cost: i128::MAX });
		weights(1, Call::replace { index: 0, order: 3, price: 90 * TICK, lots: 8 });
		weights(1, Call::cancel { index: 0, order: 4 });
		weights(1, Call::cancel_by_client_id { index: 0, client_id: 4 });
		weights(1, Call::cancel_series { index: 0, series: strike(1) });
		let operations = vec![
			Operation::Place(sell(10, 100)),
			Operation::CancelAll,
			Operation::Place(buy(100, 100).of(strike(5))),
			Operation::Place(buy(100, 100).of(strike(6))),
			Operation::Cancel(7),
		];
		weights(3, Call::batch { index: 0, operations, mode: BatchMode::BestEffort });
		weights(1, Call::cancel_all { index: 0 });
	});
}

#[test]
fn place_should_weigh_less_when_nothing_rests() {
	run(|| {
		place(2, sell(10, 5));
		place(3, sell(10, 5));
		let (_, filled, is_ok) = weights(1, place_call(buy(10, 5)));
		assert!(is_ok);
		let (_, rested, is_ok) = weights(1, place_call(buy(10, 6)));
		assert!(is_ok);
		assert!(filled.all_lt(rested));
	});
}

#[test]
fn batch_should_weigh_operations_by_what_they_do() {
	run(|| {
		let weigh = |operations| {
			let call = Call::batch { index: 0, operations, mode: BatchMode::BestEffort };
			weights(1, call)
		};
		let place = |at| Operation::Place(buy(at, 5));
		let (_, placed, _) = weigh(vec![place(1), place(2), place(3)]);
		let (_, removed, _) = weigh(vec![Operation::CancelAll]);
		let (_, idle, _) = weigh(vec![Operation::Cancel(99); 3]);
		assert!(idle.all_lt(removed) && removed.all_lt(placed));
	});
}

#[test]
fn weight_should_be_bounded_when_a_call_has_more_parts_than_are_taken() {
	let of = |count| {
		let operations = vec![Operation::Place(buy(1, 5)); count];
		let call: Call<Test> = Call::batch { index: 0, operations, mode: BatchMode::BestEffort };
		call.get_dispatch_info().call_weight
	};
	assert_eq!(of(MAX_BATCH as usize), of(10_000));
}

#[test]
fn post_only_should_weigh_less_beforehand_as_it_fills_nobody() {
	let limit = place_call(buy(1, 5)).get_dispatch_info().call_weight;
	let post_only = place_call(buy(1, 5).kind(OrderKind::PostOnly)).get_dispatch_info().call_weight;
	assert!(post_only.all_lt(limit));
}
