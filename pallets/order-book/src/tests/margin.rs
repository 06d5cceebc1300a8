// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, types::*, Event};
use frame_support::assert_ok;

fn impoverish(owner: AccountId) {
	change(owner, |account| account.margin = POOR);
}

#[test]
fn place_should_be_refused_when_margin_does_not_suffice() {
	run(|| {
		place(2, sell(10, 5));
		impoverish(1);
		for order in [buy(9, 5), buy(10, 5)] {
			assert_refused!(
				OrderBook::place(origin(1), 0, order),
				ledger::Error::<Test>::InsufficientMargin
			);
		}
	});
}

#[test]
fn place_should_let_a_poor_account_reduce() {
	run(|| {
		give(1, -5);
		place(2, sell(10, 5));
		impoverish(1);
		assert_ok!(OrderBook::place(origin(1), 0, buy(10, 5)));
		assert_eq!(account(1).position(&series()), 0);
	});
}

#[test]
fn a_resting_order_without_margin_should_be_cancelled_and_matching_go_on() {
	run(|| {
		let poor = place(1, sell(10, 20));
		place(3, sell(10, 5));
		impoverish(1);
		let cash = account(1).cash;
		events();
		place(2, buy(10, 8));
		let all = events();
		assert!(matches!(
			all.as_slice(),
			[
				Event::OrderCancelled { lots: 20, reason: CancelReason::Margin, .. },
				Event::Filled { lots: 5, .. },
				Event::OrderPlaced { .. },
			]
		));
		assert!(account(1).order(poor).is_none());
		assert_eq!((account(1).position(&series()), account(1).cash), (0, cash));
		assert_eq!(account(2).position(&series()), 5);
		assert_eq!(ledger::Traded::<Test>::get(series()), 5, "the fill was undone in storage too");
		assert_eq!(depth(), (vec![(10, 3, 1)], vec![]));
	});
}

#[test]
fn a_poor_makers_order_should_fill_when_it_reduces() {
	run(|| {
		give(1, 20);
		place(1, sell(10, 20));
		impoverish(1);
		place(2, buy(10, 8));
		assert_eq!((account(1).position(&series()), account(1).orders[0].lots), (12, 12));
	});
}

#[test]
fn orders_without_margin_should_count_as_steps() {
	run(|| {
		for owner in 1..=17 {
			place(owner, sell(10, 5));
			impoverish(owner);
		}
		events();
		let taker = place(30, buy(10, 5));
		let gone = cancelled();
		assert_eq!(gone.len(), 17);
		assert_eq!(gone.last(), Some(&(30, taker, 5, CancelReason::MatchLimit)));
		assert_eq!(depth().1, vec![(10, 5, 1)]);
	});
}

#[test]
fn stale_prices_should_not_cost_makers_their_orders() {
	run(|| {
		give(1, -5);
		place(2, sell(10, 5));
		PriceAge::set(10_001);
		events();
		let taker = place(1, buy(10, 5).kind(OrderKind::ImmediateOrCancel));
		assert_eq!(cancelled(), vec![(1, taker, 5, CancelReason::PricesStale)]);
		assert_eq!(depth().1, vec![(10, 5, 1)]);
		assert_eq!(account(1).position(&series()), -5);
	});
}

#[test]
fn stale_prices_should_let_both_sides_reduce() {
	run(|| {
		give(1, -5);
		give(2, 5);
		place(2, sell(10, 5));
		PriceAge::set(10_001);
		place(1, buy(10, 5));
		assert_eq!((account(1).position(&series()), account(2).position(&series())), (0, 0));
	});
}

#[test]
fn a_maker_without_room_for_the_series_should_lose_its_order() {
	run(|| {
		let order = place(1, sell(10, 5));
		place(3, sell(10, 5));
		for at in 1..=128 {
			change(1, |account| hold(account, strike(1_000 + at), 1).unwrap());
		}
		events();
		place(2, buy(10, 5));
		assert!(account(1).order(order).is_none());
		assert_eq!(account(1).position(&series()), 0);
		assert_eq!(account(2).position(&series()), 5);
	});
}

#[test]
fn a_taker_without_room_for_the_series_should_be_refused() {
	run(|| {
		place(3, sell(10, 5));
		for at in 1..=128 {
			change(1, |account| hold(account, strike(1_000 + at), 1).unwrap());
		}
		assert_refused!(
			OrderBook::place(origin(1), 0, buy(10, 5)),
			ledger::Error::<Test>::TooManyPositions
		);
	});
}

#[test]
fn matching_should_stop_when_the_checks_of_large_makers_weigh_too_much() {
	run(|| {
		for owner in 1..=3 {
			place(owner, sell(10, 5));
			change(owner, |account| account.margin = HEAVY);
		}
		events();
		let taker = place(30, buy(10, 15));
		assert_eq!(account(30).position(&series()), 10, "two as large as can be are checked");
		assert_eq!(cancelled(), vec![(30, taker, 5, CancelReason::MatchLimit)]);
		assert_eq!(depth(), (vec![], vec![(10, 5, 1)]));
		place(30, buy(10, 5));
		assert_eq!(account(30).position(&series()), 15, "the next call goes on");
	});
}

#[test]
fn a_whole_batch_should_share_the_weight_of_checks() {
	run(|| {
		for owner in 1..=4 {
			place(owner, sell(10, 5));
			change(owner, |account| account.margin = HEAVY);
		}
		let take = vec![Operation::Place(buy(10, 5)); 4];
		assert_ok!(OrderBook::batch(origin(30), 0, take, BatchMode::BestEffort));
		assert_eq!(account(30).position(&series()), 10);
	});
}
