// SPDX-License-Identifier: Apache-2.0
//! Who owes a fee: whoever only takes risk off the exchange, and did, owes none.

use crate::{mock::*, types::*};
use ballast_exchange::Side;
use frame_support::dispatch::{DispatchResultWithPostInfo, Pays};

const TILL: u64 = 1_000_100;

/// What a call that succeeds says of its fee.
fn done(result: DispatchResultWithPostInfo) -> Pays {
	result.expect("it succeeds").pays_fee
}

/// What a call that fails says of its fee.
fn failed(result: DispatchResultWithPostInfo) -> Pays {
	result.expect_err("it fails").post_info.pays_fee
}

fn fee_of(order: NewOrder) -> Pays {
	done(OrderBook::place(origin(1), 0, order))
}

fn fee_of_batch(operations: Vec<Operation>, mode: BatchMode) -> Pays {
	done(OrderBook::batch(origin(1), 0, operations, mode))
}

/// Account 1 holds ten lots; five of them would find a buyer at ten ticks.
fn long_ten() {
	give(1, 10);
	place(2, buy(10, 5));
}

#[test]
fn cancels_should_be_free_when_they_take_an_order_out() {
	run(|| {
		let order = place(1, buy(10, 5));
		place(1, buy(9, 5).named(7));
		place(1, buy(8, 5).of(strike(7)));
		place(1, buy(7, 5));
		let fees = [
			done(OrderBook::cancel(origin(1), 0, order)),
			done(OrderBook::cancel_by_client_id(origin(1), 0, 7)),
			done(OrderBook::cancel_series(origin(1), 0, strike(7))),
			done(OrderBook::cancel_all(origin(1), 0)),
		];
		assert_eq!(fees, [Pays::No; 4]);
	});
}

#[test]
fn cancels_should_pay_when_there_is_nothing_to_take_out() {
	run(|| {
		let fees = [
			failed(OrderBook::cancel(origin(1), 0, 9)),
			failed(OrderBook::cancel_by_client_id(origin(1), 0, 9)),
			done(OrderBook::cancel_series(origin(1), 0, series())),
			done(OrderBook::cancel_all(origin(1), 0)),
			fee_of_batch(vec![Operation::CancelAll], BatchMode::AllOrNothing),
			fee_of_batch(vec![Operation::Cancel(9)], BatchMode::BestEffort),
		];
		assert_eq!(fees, [Pays::Yes; 6]);
	});
}

#[test]
fn reduction_should_be_free_when_it_fills_and_nothing_of_it_rests() {
	for order in [
		sell(10, 5).reducing(),
		sell(10, 10).reducing().kind(OrderKind::ImmediateOrCancel),
		sell(10, 5).reducing().kind(OrderKind::FillOrKill),
	] {
		run(|| {
			long_ten();
			assert_eq!(fee_of(order), Pays::No, "{order:?}");
			assert_eq!(account(1).position(&series()), 5);
		});
	}
}

#[test]
fn reduction_should_pay_when_its_rest_comes_to_rest() {
	run(|| {
		long_ten();
		assert_eq!(fee_of(sell(10, 10).reducing()), Pays::Yes);
		assert_eq!(account(1).position(&series()), 5);
		assert_eq!(depth().1, vec![(10, 5, 1)]);
	});
}

#[test]
fn reduction_should_pay_when_nothing_of_it_fills() {
	run(|| {
		long_ten();
		for kind in [OrderKind::Limit, OrderKind::PostOnly, OrderKind::ImmediateOrCancel] {
			assert_eq!(fee_of(sell(11, 5).reducing().kind(kind)), Pays::Yes, "{kind:?}");
		}
		let killed = sell(10, 10).reducing().kind(OrderKind::FillOrKill);
		assert_eq!(failed(OrderBook::place(origin(1), 0, killed)), Pays::Yes);
	});
}

#[test]
fn order_should_pay_when_it_makes_a_position_smaller_without_having_to() {
	run(|| {
		long_ten();
		assert_eq!(fee_of(sell(10, 5)), Pays::Yes);
		assert_eq!(account(1).position(&series()), 5);
	});
}

#[test]
fn replace_should_pay_when_its_order_stays_in_the_book() {
	run(|| {
		let order = place(1, buy(10, 20));
		for (ticks, lots) in [(10, 15), (11, 15)] {
			let replaced = OrderBook::replace(origin(1), 0, order, ticks * TICK, lots);
			assert_eq!(done(replaced), Pays::Yes, "{ticks}");
		}
	});
}

#[test]
fn combo_should_pay_when_it_fills() {
	run(|| {
		long_ten();
		let leg = Leg { series: series(), side: Side::Sell, price: 10 * TICK, lots: 5 };
		assert_eq!(done(OrderBook::place_combo(origin(1), 0, vec![leg], i128::MAX)), Pays::Yes);
	});
}

#[test]
fn batch_should_be_free_when_it_cancels_and_reduces_alone() {
	for mode in [BatchMode::AllOrNothing, BatchMode::BestEffort] {
		run(|| {
			long_ten();
			let order = place(1, buy(5, 5));
			let reduction = Operation::Place(sell(10, 5).reducing());
			let operations = vec![Operation::Cancel(order), reduction, Operation::CancelAll];
			assert_eq!(fee_of_batch(operations, mode), Pays::No);
		});
	}
}

#[test]
fn batch_should_pay_when_one_of_its_orders_is_no_reduction() {
	for kind in [OrderKind::Limit, OrderKind::PostOnly, OrderKind::ImmediateOrCancel] {
		for mode in [BatchMode::AllOrNothing, BatchMode::BestEffort] {
			run(|| {
				long_ten();
				let order = place(1, buy(5, 5));
				let operations = vec![
					Operation::Cancel(order),
					Operation::Place(sell(10, 5).reducing()),
					Operation::Place(buy(4, 5).kind(kind)),
				];
				assert_eq!(fee_of_batch(operations, mode), Pays::Yes, "{kind:?}");
			});
		}
	}
}

#[test]
fn batch_should_pay_when_its_reduction_is_undone() {
	run(|| {
		long_ten();
		// Five of ten fill, and are taken back.
		let killed = sell(10, 10).reducing().kind(OrderKind::FillOrKill);
		let fee = fee_of_batch(vec![Operation::Place(killed)], BatchMode::BestEffort);
		assert_eq!(account(1).position(&series()), 10);
		assert_eq!(fee, Pays::Yes);
	});
}

#[test]
fn batch_should_pay_when_an_order_of_it_fails() {
	run(|| {
		let order = place(1, buy(5, 5));
		let off_tick = Operation::Place(NewOrder { price: TICK / 2, ..buy(5, 5) });
		let operations = vec![Operation::Cancel(order), off_tick];
		assert_eq!(fee_of_batch(operations, BatchMode::BestEffort), Pays::Yes);
	});
}

#[test]
fn remove_expired_should_be_free_when_the_order_is_over() {
	run(|| {
		let order = place(1, sell(10, 5).till(TILL));
		Now::set(TILL);
		assert_eq!(done(OrderBook::remove_expired(origin(77), 1, 0, order)), Pays::No);
	});
}

#[test]
fn remove_expired_should_pay_when_it_fails() {
	run(|| {
		let order = place(1, sell(10, 5).till(TILL));
		let fees = [
			failed(OrderBook::remove_expired(origin(77), 1, 0, order)),
			failed(OrderBook::remove_expired(origin(77), 1, 0, 9)),
			failed(OrderBook::remove_expired(origin(77), 99, 0, order)),
		];
		assert_eq!(fees, [Pays::Yes; 3]);
	});
}
