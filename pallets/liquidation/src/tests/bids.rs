// SPDX-License-Identifier: Apache-2.0
//! Bids.

use super::*;
use crate::auction::whole_lots;
use frame_support::dispatch::Pays;

const ONE: i64 = 1_000_000_000;

/// Alice short a hundred contracts at 105,000 with half a million of equity and 25,000 too little; Bob with ten
/// million.
fn solvent() -> Key {
	let alice = short(ALICE, 1_000_000, 10_000);
	open(BOB, 10_000_000);
	set_spot(BTC, 105_000);
	block();
	assert!(is_on_auction(&alice));
	alice
}

/// The same at 112,000, with 200,000 less than nothing.
fn insolvent() -> Key {
	let alice = short(ALICE, 1_000_000, 10_000);
	open(BOB, 10_000_000);
	set_spot(BTC, 112_000);
	block();
	assert_eq!(margin(&alice).equity, -200_000 * USD);
	alice
}

#[derive(Debug, PartialEq)]
struct Taken {
	share: Ppb,
	equity: MicroUsd,
	price: MicroUsd,
	target: MicroUsd,
}

fn taken() -> Taken {
	let of = |event| match event {
		Event::BidTaken { share, equity, price, target, .. } => {
			Some(Taken { share, equity, price, target })
		},
		_ => None,
	};
	events().into_iter().filter_map(of).next_back().expect("a bid was taken")
}

#[test]
fn bid_should_bring_the_account_back_to_its_target_when_it_takes_all_there_is() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = solvent();
		let (before, bob) = (margin(&alice), margin(&key(BOB)));
		assert_ok!(bid(BOB, &alice, ONE));
		let Taken { share, equity, price, target } = taken();
		// -1037.5 / (-1037.5 - 4750) of the book, to the lot.
		assert_eq!(share, Ppb(179_300_000));
		assert_eq!(account(&key(BOB)).position(&line(BTC)), -1_793);
		assert_eq!(price, -(-equity * 95).div_euclid(100));
		assert!((0..200 * USD).contains(&target), "{target}");
		assert_eq!(ended(&alice), Some(EndReason::TargetReached));
		assert!(!account(&alice).frozen);
		// What the slice was worth and what it cost are all that changed hands.
		assert_eq!(margin(&alice).equity, before.equity - equity + price);
		assert_eq!(margin(&key(BOB)).equity, bob.equity + equity - price);
	});
}

#[test]
fn auction_should_go_on_with_reserved_cash_when_a_bid_takes_part() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = solvent();
		assert_ok!(bid(BOB, &alice, ONE / 20));
		let first = taken();
		assert_eq!(first.share, Ppb(ONE / 20));
		let auction = Auctions::<Test>::get(alice).unwrap();
		assert_eq!(auction.reserved, first.price);
		assert!(account(&alice).frozen && first.target < 0);
		assert_ok!(bid(BOB, &alice, ONE));
		let second = taken();
		assert!(second.share < Ppb(179_300_000) && second.target >= 0);
		// The whole book without the cash that is reserved was on sale.
		assert!(second.equity < 500_000 * USD * i128::from(second.share.0) / i128::from(ONE));
		assert!(!is_on_auction(&alice));
	});
}

#[test]
fn price_should_fall_with_time_when_nobody_bids() {
	ExtBuilder::default().insurance(1).parameters(quick()).build_and_execute(|| {
		let alice = solvent();
		pass(60_000);
		assert_ok!(bid(BOB, &alice, ONE / 20));
		let Taken { equity, price, .. } = taken();
		assert_eq!(price, -(-equity * 70).div_euclid(100));
	});
}

#[test]
fn bid_should_be_refused_when_it_is_none() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = short(ALICE, 1_000_000, 10_000);
		open(BOB, 10_000_000);
		block();
		assert_noop!(bid(BOB, &alice, ONE), Error::<Test>::NoAuction);
		set_spot(BTC, 105_000);
		block();
		for share in [0, -1, ONE + 1] {
			assert_noop!(bid(BOB, &alice, share), Error::<Test>::ShareOutOfRange);
		}
		assert_noop!(bid(BOB, &alice, ONE / 10_001), Error::<Test>::ShareTooSmall);
		assert_noop!(bid(CAROL, &alice, ONE), DispatchError::Other("no account"));
		assert_ok!(bid(BOB, &alice, ONE));
	});
}

#[test]
fn bid_should_be_refused_when_prices_are_old() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = solvent();
		state(|state| state.now += MAX_AGE + 1);
		assert_noop!(bid(BOB, &alice, ONE), Error::<Test>::PricesStale);
		new_round();
		state(|state| state.behind.insert(BTC));
		assert_noop!(bid(BOB, &alice, ONE), Error::<Test>::PricesStale);
		state(|state| state.behind.clear());
		assert_ok!(bid(BOB, &alice, ONE));
	});
}

#[test]
fn bid_should_be_taken_when_the_search_has_not_ended() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = solvent();
		new_round();
		assert!(!is_swept(BTC));
		assert_ok!(bid(BOB, &alice, ONE));
	});
}

#[test]
fn bid_should_be_refused_when_it_costs_more_than_the_limit() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = solvent();
		assert_ok!(bid(BOB, &alice, ONE / 20));
		let price = taken().price;
		assert_noop!(bid_at(BOB, &alice, ONE / 20, price / 2), Error::<Test>::LimitExceeded);
		assert_noop!(bid_at(BOB, &alice, ONE / 20, -1), Error::<Test>::LimitExceeded);
		assert_ok!(bid_at(BOB, &alice, ONE / 20, price + USD));
	});
}

#[test]
fn bid_should_be_refused_when_the_bidder_lacks_cash() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = long(ALICE, 1_000_000, 10_000);
		// Bob's ten million are worth of an option, not cash.
		let bob = open(BOB, 10_000_000);
		trade(&bob, &key(HOUSE), call(80_000), 50_000);
		set_spot(BTC, 94_500);
		block();
		assert!(is_on_auction(&alice));
		assert_eq!(account(&bob).cash, 0);
		// Alice owes nine million: a part of that comes with the slice, its price does not.
		assert_noop!(bid(BOB, &alice, ONE), Error::<Test>::BidderLacksCash);
	});
}

#[test]
fn bid_should_be_refused_when_the_bidder_lacks_margin() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = solvent();
		open(CAROL, 100_000);
		assert_noop!(bid(CAROL, &alice, ONE), DispatchError::Other("margin"));
		// A smaller slice fits.
		assert_ok!(bid(CAROL, &alice, ONE / 1_000));
	});
}

#[test]
fn book_of_single_lots_should_be_sold_as_a_whole() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = short(ALICE, 100, 1);
		open(BOB, 10_000_000);
		set_spot(BTC, 105_000);
		block();
		assert_eq!(whole_lots(&account(&alice), Ppb(1), true), Ppb::ONE);
		assert_noop!(bid(BOB, &alice, ONE - 1), Error::<Test>::ShareTooSmall);
		assert_ok!(bid(BOB, &alice, ONE));
		assert_eq!(ended(&alice), Some(EndReason::NothingLeft));
		// The owner keeps the price: 95 % of 50 dollars.
		assert_eq!(account(&alice).cash, 47_500_000);
		assert!(account(&alice).positions.is_empty() && !account(&alice).frozen);
	});
}

#[test]
fn whole_book_should_be_offered_when_lots_round_so_that_a_part_does_not_help() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		// Four of the 22 take two of each 16: as many net lots are left, and a twentieth of the slice is lost.
		let alice = open(ALICE, 1_790);
		trade(&alice, &key(HOUSE), call(110_000), 22);
		trade(&key(HOUSE), &alice, line(BTC), 16);
		trade(&key(HOUSE), &alice, call(80_000), 16);
		open(BOB, 10_000_000);
		set_spot(BTC, 104_000);
		block();
		let report = Liquidation::auction(ALICE, 0).unwrap();
		assert_eq!(report.max_share, Ppb(181_818_182));
		let before = account(&alice);
		let part = frame_support::storage::with_storage_layer(|| {
			bid(BOB, &alice, ONE / 4).map_err(|error| error.error)
		});
		assert_eq!(part.unwrap_err(), Error::<Test>::SliceDoesNotHelp.into());
		assert_eq!(account(&alice), before);
		assert_ok!(bid(BOB, &alice, ONE));
		assert_eq!(taken().share, Ppb::ONE);
		assert_eq!(ended(&alice), Some(EndReason::NothingLeft));
	});
}

#[test]
fn insurance_should_pay_the_bidder_when_the_book_is_insolvent() {
	ExtBuilder::default().insurance(1_000_000).parameters(quick()).build_and_execute(|| {
		let alice = insolvent();
		let bob = margin(&key(BOB));
		pass(30_000);
		assert_ok!(bid_at(BOB, &alice, ONE, -480_000 * USD));
		// Halfway from 200,000 to 760,000.
		assert_eq!(taken().price, -480_000 * USD);
		assert_eq!(Bank::insurance(), 520_000 * USD as u128);
		assert_eq!(margin(&key(BOB)).equity, bob.equity + 280_000 * USD);
		assert_eq!(ended(&alice), Some(EndReason::NothingLeft));
		let paid = Event::InsurancePaid {
			account: alice,
			to: key(BOB),
			amount: 480_000 * USD as u128,
			left: 520_000 * USD as u128,
		};
		assert!(events().contains(&paid));
	});
}

#[test]
fn book_that_nobody_wanted_should_go_for_nothing_when_the_discount_has_run_out() {
	ExtBuilder::default().insurance(1_000_000).parameters(quick()).build_and_execute(|| {
		let alice = solvent();
		let before = (margin(&alice), margin(&key(BOB)).equity);
		pass(119_000);
		assert_eq!(Auctions::<Test>::get(alice).unwrap().stage, Stage::Solvent);
		pass(1_000);
		assert_eq!(Auctions::<Test>::get(alice).unwrap().stage, Stage::Insolvent);
		// It is worth half a million, and the insurance begins with nothing on top.
		assert_eq!(before.0.equity, 500_000 * USD);
		assert_ok!(bid(BOB, &alice, ONE));
		let Taken { share, equity, price, .. } = taken();
		assert_eq!((share, equity, price), (Ppb(ONE), 500_000 * USD, 0));
		assert_eq!(margin(&key(BOB)).equity, before.1 + 500_000 * USD);
		assert_eq!(Bank::insurance(), 1_000_000 * USD as u128);
		assert_eq!(ended(&alice), Some(EndReason::NothingLeft));
		assert!(!account(&alice).frozen && account(&alice).positions.is_empty());
	});
}

#[test]
fn part_of_an_insolvent_book_should_cost_the_insurance_a_part() {
	ExtBuilder::default().insurance(1_000_000).parameters(quick()).build_and_execute(|| {
		let alice = insolvent();
		pass(30_000);
		assert_ok!(bid(BOB, &alice, ONE / 4));
		assert_eq!(taken().price, -120_000 * USD);
		assert_eq!(margin(&alice).equity, -150_000 * USD);
		assert!(is_on_auction(&alice));
		assert_eq!(Auctions::<Test>::get(alice).unwrap().reserved, 0);
	});
}

#[test]
fn insurance_should_reach_exactly_zero_when_one_book_takes_all_of_it() {
	ExtBuilder::default().insurance(200_000).build_and_execute(|| {
		let alice = insolvent();
		assert_ok!(bid(BOB, &alice, ONE));
		assert_eq!((Bank::insurance(), taken().price), (0, -200_000 * USD));
		assert!(!is_on_auction(&alice));
		// The whole open interest of the series went through one liquidation.
		assert_eq!(account(&key(BOB)).position(&line(BTC)), -10_000);
	});
}

#[test]
fn bidder_should_decide_when_the_insurance_is_short() {
	ExtBuilder::default().insurance(50_000).build_and_execute(|| {
		let alice = insolvent();
		assert_noop!(bid_at(BOB, &alice, ONE, -200_000 * USD), Error::<Test>::LimitExceeded);
		assert_ok!(bid_at(BOB, &alice, ONE, -50_000 * USD));
		assert_eq!(Bank::insurance(), 0);
	});
}

#[test]
fn reserved_cash_should_go_with_the_book_when_it_turns_insolvent() {
	ExtBuilder::default().insurance(10_000_000).build_and_execute(|| {
		let alice = solvent();
		assert_ok!(bid(BOB, &alice, ONE / 20));
		assert!(Auctions::<Test>::get(alice).unwrap().reserved > 0);
		set_spot(BTC, 115_000);
		block();
		assert_eq!(Auctions::<Test>::get(alice).unwrap().reserved, 0);
		let equity = margin(&alice).equity;
		assert_ok!(bid(BOB, &alice, ONE));
		assert!(taken().price >= equity, "no more than the account is short of");
		assert_eq!(account(&alice).cash, 0);
	});
}

#[test]
fn bid_should_end_the_auction_and_take_nothing_when_the_account_is_back() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = solvent();
		top_up(&alice, 1_000_000);
		let bob = account(&key(BOB));
		assert_ok!(bid(BOB, &alice, ONE));
		assert_eq!(account(&key(BOB)), bob);
		assert_eq!(ended(&alice), Some(EndReason::TargetReached));
	});
}

#[test]
fn collateral_should_go_with_the_slice() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = open(ALICE, 0);
		pledge(&alice, 100_000_000);
		// 100,000 dollars of bitcoin carry a short of a put: 10 contracts.
		trade(&key(HOUSE), &alice, put(100_000), 1_000);
		open(BOB, 10_000_000);
		block();
		set_spot(BTC, 95_000);
		block();
		assert!(is_on_auction(&alice));
		assert_ok!(bid(BOB, &alice, ONE));
		let units = |key: &Key| account(key).collateral.first().map_or(0, |(_, units)| *units);
		assert!(units(&key(BOB)) > 0);
		assert_eq!(units(&key(BOB)) + units(&alice), 100_000_000);
	});
}

#[test]
fn bid_should_weigh_the_slices_it_worked_out_when_it_is_taken_and_when_it_fails() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = solvent();
		let sent = |limit| Liquidation::bid(signed(BOB), ALICE, alice.index, Ppb(ONE), limit, 0);
		let weights = |slices| Liquidation::bid_weight(1, slices);
		let failed = sent(1).unwrap_err();
		assert_eq!(failed.error, Error::<Test>::LimitExceeded.into());
		assert_eq!(failed.post_info.pays_fee, Pays::Yes);
		let of_failed = failed.post_info.actual_weight.unwrap();
		let of_taken = sent(MicroUsd::MAX).unwrap().actual_weight.unwrap();
		// The rest is margin work: the book and the slice, and for one that is taken both accounts after it.
		let margins = |weight: Weight| weight.saturating_sub(weights(1)).ref_time() / 1_000_000;
		assert_eq!((margins(of_failed), margins(of_taken)), (50, 110));
		// Its auction is over: nothing was worked out.
		let late = sent(MicroUsd::MAX).unwrap_err().post_info.actual_weight.unwrap();
		assert_eq!(late, Liquidation::bid_weight(0, 0));
	});
}
