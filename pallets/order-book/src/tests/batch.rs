// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, types::*, Error, Event, NO_PALLET};
use ballast_exchange::MarginKind;
use frame_support::assert_ok;
use sp_runtime::{DispatchError, DispatchResult};

fn batch(owner: AccountId, operations: Vec<Operation>, mode: BatchMode) -> DispatchResult {
	OrderBook::batch(origin(owner), 0, operations, mode).map(|_| ()).map_err(|error| error.error)
}

/// The failure of an operation with an error of this pallet.
fn item_error(position: u8, error: Error<Test>) -> DispatchError {
	let DispatchError::Module(module) = error.into() else { panic!("an error of the pallet") };
	Error::<Test>::BatchItem { position, pallet: 2, error: module.error[0] }.into()
}

#[test]
fn batch_should_be_refused_when_it_is_too_long() {
	run(|| {
		let operations = vec![Operation::Place(buy(10, 5)); MAX_BATCH as usize + 1];
		for mode in [BatchMode::AllOrNothing, BatchMode::BestEffort] {
			assert_refused!(
				OrderBook::batch(origin(1), 0, operations.clone(), mode),
				Error::<Test>::BatchTooLong
			);
		}
	});
}

#[test]
fn batch_should_go_on_when_an_operation_names_a_series_of_another_underlying() {
	run(|| {
		change(1, |account| account.margin = MarginKind::Portfolio(2));
		let operations = vec![Operation::Place(buy(10, 5)), Operation::CancelAll];
		assert_ok!(batch(1, operations.clone(), BatchMode::BestEffort));
		let error = item_error(0, Error::NotItsUnderlying);
		assert_eq!(batch(1, operations, BatchMode::AllOrNothing), Err(error));
	});
}

#[test]
fn batch_should_do_every_operation_with_one_check_and_one_store() {
	for mode in [BatchMode::AllOrNothing, BatchMode::BestEffort] {
		run(|| {
			let first = place(1, buy(10, 5).named(7));
			let second = place(1, buy(9, 5));
			let third = place(1, sell(30, 5).of(strike(7)));
			place(1, buy(8, 5).named(8));
			place(2, sell(12, 5));
			Checks::set(0);
			Stores::set(vec![]);
			let operations = vec![
				Operation::Cancel(first),
				Operation::Replace { order: second, price: 11 * TICK, lots: 6 },
				Operation::CancelSeries(strike(7)),
				Operation::CancelByClientId(8),
				Operation::Place(buy(12, 8)),
			];
			assert_ok!(batch(1, operations, mode));
			assert_eq!(Checks::get(), 2, "one of the caller, one of the maker");
			assert_eq!(Stores::get(), vec![key(2), key(1)]);
			assert!(account(1).order(third).is_none());
			assert_eq!(depth(), (vec![(12, 3, 1), (11, 6, 1)], vec![]));
			assert_ok!(batch(1, vec![Operation::CancelAll], mode));
			assert!(account(1).orders.is_empty());
		});
	}
}

#[test]
fn all_or_nothing_should_name_the_operation_that_failed_and_change_nothing() {
	run(|| {
		place(2, sell(12, 5));
		let operations =
			vec![Operation::Place(buy(12, 8)), Operation::Place(buy(3, 5)), Operation::Cancel(99)];
		assert_refused!(
			batch(1, operations, BatchMode::AllOrNothing),
			item_error(2, Error::<Test>::UnknownOrder)
		);
	});
}

#[test]
fn all_or_nothing_should_name_the_pallet_whose_error_it_was() {
	run(|| {
		place(2, sell(12, 5));
		for strike in 1..=128 {
			change(1, |account| {
				hold(account, super::super::mock::strike(1_000 + strike), 1).unwrap()
			});
		}
		let DispatchError::Module(full) = ledger::Error::<Test>::TooManyPositions.into() else {
			panic!("an error of the ledger")
		};
		assert_refused!(
			batch(1, vec![Operation::Place(buy(12, 5))], BatchMode::AllOrNothing),
			Error::<Test>::BatchItem { position: 0, pallet: 1, error: full.error[0] }
		);
	});
}

#[test]
fn all_or_nothing_should_say_when_the_error_is_of_no_pallet() {
	run(|| {
		change(1, |account| account.next_order = u64::MAX);
		let result = batch(1, vec![Operation::Place(buy(12, 5))], BatchMode::AllOrNothing);
		let Err(DispatchError::Module(module)) = result else { panic!("it fails") };
		assert_eq!(module.error[1..3], [0, NO_PALLET]);
	});
}

#[test]
fn best_effort_should_undo_what_fails_and_do_the_others() {
	run(|| {
		place(2, sell(12, 5));
		place(3, sell(13, 5));
		let traded = ledger::Traded::<Test>::get(series());
		events();
		let operations = vec![
			Operation::Place(buy(12, 20).kind(OrderKind::FillOrKill).named(5)),
			Operation::Place(buy(3, 5).named(5)),
			Operation::Cancel(99),
			Operation::Place(buy(4, 5)),
		];
		assert_ok!(batch(1, operations, BatchMode::BestEffort));
		let failed = |position, error: Error<Test>| Event::BatchItemFailed {
			account: key(1),
			position,
			error: error.into(),
		};
		let all = events();
		assert_eq!(all.len(), 4);
		assert_eq!(all[0], failed(0, Error::NotFilled));
		assert_eq!(all[2], failed(2, Error::UnknownOrder));
		assert_eq!(depth(), (vec![(4, 5, 1), (3, 5, 1)], vec![(12, 5, 1), (13, 5, 1)]));
		assert_eq!((account(2).position(&series()), account(2).orders.len()), (0, 1));
		assert_eq!(ledger::Traded::<Test>::get(series()), traded);
		// The number of an operation that failed is given again.
		assert_eq!(account(1).orders[0].id, 1);
	});
}

#[test]
fn best_effort_should_keep_the_fills_of_operations_before_one_that_fails() {
	run(|| {
		place(2, sell(12, 10));
		let operations = vec![
			Operation::Place(buy(12, 5)),
			Operation::Place(buy(12, 9).kind(OrderKind::FillOrKill)),
			Operation::Place(buy(12, 5)),
		];
		assert_ok!(batch(1, operations, BatchMode::BestEffort));
		assert_eq!((account(1).position(&series()), account(2).position(&series())), (10, -10));
		assert!(account(2).orders.is_empty());
		assert_eq!(depth(), (vec![], vec![]));
	});
}

#[test]
fn batch_should_fail_as_a_whole_when_margin_does_not_suffice() {
	for mode in [BatchMode::AllOrNothing, BatchMode::BestEffort] {
		run(|| {
			place(1, buy(10, 5));
			change(1, |account| account.margin = POOR);
			let more = vec![Operation::CancelAll, Operation::Place(buy(9, 6))];
			assert_refused!(batch(1, more, mode), ledger::Error::<Test>::InsufficientMargin);
			let moved = vec![Operation::CancelAll, Operation::Place(buy(9, 5))];
			assert_ok!(batch(1, moved, mode));
		});
	}
}

#[test]
fn a_batch_of_cancels_should_need_no_margin() {
	run(|| {
		let order = place(1, buy(10, 5));
		Checks::set(0);
		assert_ok!(batch(1, vec![Operation::Cancel(order)], BatchMode::AllOrNothing));
		assert_eq!(Checks::get(), 0);
	});
}

#[test]
fn batch_should_look_at_no_more_orders_than_a_batch_may() {
	run(|| {
		for round in 0..2 {
			for owner in 2..=25 {
				place(owner, sell(10 + round, 5));
			}
		}
		events();
		let taking = Operation::Place(buy(20, 200));
		assert_ok!(batch(1, vec![taking; 5], BatchMode::BestEffort));
		let all = events();
		let fills = all.iter().filter(|event| matches!(event, Event::Filled { .. })).count();
		assert_eq!(fills, 32);
		let stopped = |event: &&Event<Test>| {
			matches!(event, Event::OrderCancelled { reason: CancelReason::MatchLimit, .. })
		};
		assert_eq!(all.iter().filter(stopped).count(), 5);
	});
}

#[test]
fn an_empty_batch_should_change_nothing() {
	run(|| {
		let before = account(1);
		assert_ok!(batch(1, vec![], BatchMode::AllOrNothing));
		assert_eq!(account(1), before);
		assert!(events().is_empty());
	});
}

#[test]
fn batch_should_refuse_an_account_that_does_not_exist() {
	run(|| {
		assert_refused!(
			OrderBook::batch(origin(99), 0, vec![], BatchMode::BestEffort),
			ledger::Error::<Test>::UnknownAccount
		);
	});
}
