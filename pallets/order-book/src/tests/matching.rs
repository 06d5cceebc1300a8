// SPDX-License-Identifier: Apache-2.0

use crate::{mock::*, types::*, Event};
use ballast_exchange::{MicroUsd, Side};
use frame_support::assert_ok;

#[test]
fn place_should_fill_at_the_resting_price_and_rest_the_remainder() {
	run(|| {
		let maker_order = place(1, sell(10, 20));
		events();
		assert_ok!(OrderBook::place(origin(2), 0, buy(12, 50)));
		let filled = Event::Filled {
			series: series(),
			price: 10 * TICK,
			lots: 20,
			taker_side: Side::Buy,
			maker: key(1),
			maker_order,
			maker_left: 0,
			taker: key(2),
			taker_order: 1,
			taker_left: 30,
			maker_fee: 20 * MAKER_FEE,
			taker_fee: 20 * TAKER_FEE,
		};
		let rests = Event::OrderPlaced { account: key(2), order: account(2).orders[0] };
		assert_eq!(events(), vec![filled, rests]);
		assert_eq!(depth(), (vec![(12, 30, 1)], vec![]));
		assert_eq!((account(1).position(&series()), account(2).position(&series())), (-20, 20));
		let premium = MicroUsd::from(10 * TICK) * 20 / MicroUsd::from(LOTS_PER_CONTRACT);
		assert_eq!(account(1).cash, premium - 20 * MAKER_FEE);
		assert_eq!(account(2).cash, -premium - 20 * TAKER_FEE);
	});
}

#[test]
fn matching_should_take_the_best_price_first_then_the_oldest() {
	run(|| {
		place(1, sell(12, 5));
		place(2, sell(10, 5));
		place(3, sell(10, 5));
		place(4, sell(11, 5));
		place(2, sell(10, 5));
		events();
		place(9, buy(12, 25));
		assert_eq!(
			fills(),
			vec![(2, 1, 10, 5), (3, 1, 10, 5), (2, 2, 10, 5), (4, 1, 11, 5), (1, 1, 12, 5)]
		);
		assert_eq!(depth(), (vec![], vec![]));
	});
}

#[test]
fn matching_should_take_the_highest_bid_first_when_selling() {
	run(|| {
		place(1, buy(300, 5));
		place(2, buy(70_000, 5));
		place(3, buy(299, 5));
		events();
		place(9, sell(300, 15));
		assert_eq!(fills(), vec![(2, 1, 70_000, 5), (1, 1, 300, 5)]);
		assert_eq!(depth(), (vec![(299, 5, 1)], vec![(300, 5, 1)]));
	});
}

#[test]
fn a_partly_filled_order_should_keep_its_place() {
	run(|| {
		place(1, sell(10, 20));
		place(2, sell(10, 20));
		place(9, buy(10, 15));
		assert_eq!(depth().1, vec![(10, 25, 2)]);
		events();
		place(9, buy(10, 10));
		assert_eq!(fills(), vec![(1, 1, 10, 5), (2, 1, 10, 5)]);
		assert_eq!(account(2).orders[0].lots, 15);
	});
}

#[test]
fn matching_should_not_cross_the_limit_price() {
	run(|| {
		place(1, sell(10, 5));
		place(2, buy(9, 5));
		assert_eq!(depth(), (vec![(9, 5, 1)], vec![(10, 5, 1)]));
		assert!(fills().is_empty());
	});
}

#[test]
fn matching_should_store_each_account_once_however_often_it_fills() {
	run(|| {
		for at in 1..=5 {
			place(1, sell(at, 5));
			place(2, sell(at, 5));
		}
		Stores::set(vec![]);
		place(9, buy(5, 50));
		assert_eq!(Stores::get(), vec![key(1), key(2), key(9)]);
		assert_eq!(account(1).position(&series()), -25);
		assert!(account(1).orders.is_empty());
	});
}

#[test]
fn matching_should_go_on_through_the_linked_part_of_a_level() {
	run(|| {
		for owner in 1..=13 {
			place(owner, sell(10, 5));
		}
		events();
		place(20, buy(10, 62));
		let owners: Vec<u64> = fills().into_iter().map(|(owner, ..)| owner).collect();
		assert_eq!(owners, (1..=13).collect::<Vec<_>>());
		assert_eq!(depth().1, vec![(10, 3, 1)]);
		assert_eq!(crate::Queued::<Test>::iter().count(), 0);
	});
}

#[test]
fn place_should_cancel_the_rest_when_it_has_looked_at_sixteen_orders() {
	run(|| {
		for owner in 1..=20 {
			place(owner, sell(10, 5));
		}
		events();
		let taker = place(30, buy(11, 100));
		let all = events();
		assert_eq!(all.iter().filter(|event| matches!(event, Event::Filled { .. })).count(), 16);
		let last = all.last().expect("there are events").clone();
		let stopped = Event::OrderCancelled {
			account: key(30),
			order: taker,
			series: series(),
			lots: 20,
			reason: CancelReason::MatchLimit,
		};
		assert_eq!(last, stopped);
		assert_eq!(depth(), (vec![], vec![(10, 20, 4)]));
	});
}

#[test]
fn place_should_rest_the_remainder_when_the_sixteenth_order_was_the_last_to_cross() {
	run(|| {
		for owner in 1..=16 {
			place(owner, sell(10, 5));
		}
		place(17, sell(12, 5));
		place(30, buy(11, 100));
		assert_eq!(depth(), (vec![(11, 20, 1)], vec![(12, 5, 1)]));
	});
}

#[test]
fn premium_should_go_from_buyer_to_seller_and_no_lots_appear() {
	run(|| {
		place(1, sell(10, 20));
		place(2, buy(8, 20));
		place(3, buy(10, 7));
		place(4, sell(8, 11));
		let accounts = [1, 2, 3, 4].map(account);
		let lots: i64 = accounts.iter().map(|account| account.position(&series())).sum();
		let cash: MicroUsd = accounts.iter().map(|account| account.cash).sum();
		assert_eq!((lots, cash), (0, -18 * (MAKER_FEE + TAKER_FEE)));
	});
}
