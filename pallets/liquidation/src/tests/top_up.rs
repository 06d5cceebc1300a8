// SPDX-License-Identifier: Apache-2.0
//! Deposits of owners in danger, and when they are free.

use super::*;
use frame_support::dispatch::Pays;

fn pay(dollars: u128) -> Pays {
	Liquidation::top_up(signed(ALICE), 0, dollars * USD as u128).unwrap().pays_fee
}

/// Alice's account on auction, and ten thousand dollars in her wallet.
fn on_auction() -> Key {
	let alice = short(ALICE, 10_000, 100);
	wallet(ALICE, 10_000);
	set_spot(BTC, 105_000);
	block();
	assert!(is_on_auction(&alice));
	alice
}

fn missing(key: &Key) -> u128 {
	Auctions::<Test>::get(key).unwrap().missing / USD as u128
}

#[test]
fn top_up_should_end_the_auction_and_cost_no_fee() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		wallet(ALICE, 5_000);
		let top_up =
			|index, dollars: u128| Liquidation::top_up(signed(ALICE), index, dollars * USD as u128);
		block();
		assert_noop!(top_up(0, 2_000), Error::<Test>::NotInDanger);
		set_spot(BTC, 105_000);
		block();
		assert_noop!(top_up(1, 2_000), Error::<Test>::NotInDanger);
		assert_noop!(top_up(0, 0), Error::<Test>::DepositTooSmall);
		assert_noop!(top_up(0, 6_000), DispatchError::Other("poor"));
		assert_eq!(top_up(0, 2_000).unwrap().pays_fee, frame_support::dispatch::Pays::No);
		block();
		assert_eq!(ended(&alice), Some(EndReason::TargetReached));
	});
}

#[test]
fn top_up_should_be_taken_when_margin_is_called_or_a_debt_is_bad() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		wallet(ALICE, 500_000);
		block();
		set_spot(BTC, 104_700);
		block();
		assert!(Liquidation::is_in_danger(&alice) && !is_on_auction(&alice));
		assert_ok!(Liquidation::top_up(signed(ALICE), 0, USD as u128));
		set_spot(BTC, 120_000);
		for _ in 0..4 {
			block();
		}
		assert!(BadDebts::<Test>::contains_key(alice));
		assert_ok!(Liquidation::top_up(signed(ALICE), 0, 400_000 * USD as u128));
		block();
		assert!(!account(&alice).frozen && !Liquidation::is_in_danger(&alice));
	});
}

#[test]
fn top_up_should_be_free_from_a_tenth_of_what_an_auction_is_short_of_on() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = on_auction();
		let short_of = missing(&alice);
		let margin = margin(&alice);
		let target = margin.maintenance + (margin.maintenance - margin.equity) * 15 / 100;
		assert_eq!(short_of, target.unsigned_abs() / USD as u128);
		assert_eq!(pay(short_of / 10 - 1), Pays::Yes);
		block();
		assert!(missing(&alice) < short_of);
		assert_eq!(pay(missing(&alice).div_ceil(10) + 1), Pays::No);
	});
}

#[test]
fn top_up_should_be_free_from_a_tenth_of_what_a_margin_call_asks_for_on() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		wallet(ALICE, 1_000);
		set_spot(BTC, 104_700);
		block();
		let called = || Liquidation::called(&alice);
		let asked = called().expect("a call");
		let margin = margin(&alice);
		assert_eq!(asked as i128, (margin.equity - margin.maintenance) / 10 - margin.maintenance);
		assert_eq!(pay(asked / 10 / USD as u128 - 1), Pays::Yes);
		block();
		let asked = called().expect("a call");
		assert_eq!(pay(asked.div_ceil(USD as u128)), Pays::No);
		block();
		assert_eq!(called(), None, "no more than that was missing");
	});
}

#[test]
fn top_ups_in_a_row_should_pay_when_no_look_was_between_them() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = on_auction();
		let part = missing(&alice).div_ceil(8);
		assert_eq!(pay(part), Pays::No);
		for _ in 0..3 {
			assert_eq!(pay(part), Pays::Yes, "a flood of them is not for nothing");
		}
		block();
		assert_eq!(pay(part), Pays::No);
	});
}

#[test]
fn top_ups_should_be_free_ten_times_at_most_when_prices_stand_still() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = on_auction();
		let part = missing(&alice).div_ceil(10);
		let mut free = 0;
		while Liquidation::is_in_danger(&alice) && is_on_auction(&alice) {
			free += u32::from(pay(part) == Pays::No);
			block();
		}
		assert!((1..=10).contains(&free), "{free}");
	});
}

#[test]
fn top_up_of_a_bad_debt_should_be_free_from_a_tenth_of_it_on() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		wallet(ALICE, 500_000);
		block();
		set_spot(BTC, 120_000);
		for _ in 0..4 {
			block();
		}
		let owed = BadDebts::<Test>::get(alice).unwrap() / USD as u128;
		assert_eq!(pay(owed / 10 - 1), Pays::Yes);
		block();
		assert_eq!(pay(owed), Pays::No);
	});
}
