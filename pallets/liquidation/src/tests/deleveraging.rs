// SPDX-License-Identifier: Apache-2.0
//! Auto-deleveraging.

use super::*;

/// Closings so far: holder and lots.
fn closings() -> Vec<(AccountId, Lots)> {
	let of = |event| match event {
		Event::Deleveraged { holder, lots, .. } => Some((holder.owner, lots)),
		_ => None,
	};
	events().into_iter().filter_map(of).collect()
}

fn until_ended(key: &Key) {
	for _ in 0..40 {
		if !is_on_auction(key) {
			return;
		}
		block();
	}
	panic!("the auction goes on: {:?}", Auctions::<Test>::get(key));
}

#[test]
fn positions_should_be_closed_at_the_mark_when_the_insurance_is_empty() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = short(ALICE, 1_000_000, 10_000);
		set_spot(BTC, 112_000);
		let house = margin(&key(HOUSE)).equity;
		until_ended(&{
			block();
			alice
		});
		assert_eq!(closings(), [(HOUSE, 10_000)]);
		assert_eq!(margin(&key(HOUSE)).equity, house, "nobody is paid less than the mark");
		assert_eq!(account(&alice).cash, -200_000 * USD);
		assert_eq!(BadDebts::<Test>::get(alice), Some(200_000 * USD as u128));
		assert_eq!(ended(&alice), Some(EndReason::BadDebt));
		let opened = opened();
		assert_eq!(opened, [alice]);
	});
}

#[test]
fn only_what_is_needed_should_be_closed_when_the_account_has_equity() {
	ExtBuilder::default().parameters(quick()).build_and_execute(|| {
		let alice = short(ALICE, 1_000_000, 10_000);
		set_spot(BTC, 105_000);
		block();
		pass(119_000);
		assert!(closings().is_empty(), "bidders have their time");
		pass(2_000);
		until_ended(&alice);
		// 500,000 carry 8281.57 lots with the buffer of 15 %.
		assert_eq!(closings(), [(HOUSE, 1_719)]);
		assert_eq!(ended(&alice), Some(EndReason::TargetReached));
		assert_eq!(account(&alice).position(&line(BTC)), -8_281);
		assert!(Plans::<Test>::get(alice).is_none());
	});
}

#[test]
fn hedged_holder_should_close_only_what_lowers_its_requirement() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = open(ALICE, 1_000_000);
		let (bob, carol) = (open(BOB, 10_000_000), open(CAROL, 10_000_000));
		trade(&bob, &alice, line(BTC), 5_000);
		trade(&carol, &alice, line(BTC), 5_000);
		// Half of what Carol holds is hedged: her requirement falls by the same per lot until it is gone.
		trade(&key(HOUSE), &carol, call(120_000), 2_500);
		set_spot(BTC, 112_000);
		for _ in 0..10 {
			block();
		}
		let of = |owner| closings().iter().filter(|it| it.0 == owner).map(|it| it.1).sum::<Lots>();
		// Closing all of Carol's 5,000 would lower nothing: she is asked for what does, and for no more.
		assert_eq!((of(BOB), of(CAROL)), (5_000, 2_500));
		assert_eq!(account(&alice).position(&line(BTC)), -2_500);
		assert!(is_on_auction(&alice), "bidders can still take it");
	});
}

#[test]
fn two_equal_holders_should_close_alike() {
	ExtBuilder::default().parameters(quick()).build_and_execute(|| {
		let alice = open(ALICE, 1_000_000);
		let (bob, carol) = (open(BOB, 10_000_000), open(CAROL, 10_000_000));
		trade(&bob, &alice, line(BTC), 4_000);
		trade(&carol, &alice, line(BTC), 6_000);
		set_spot(BTC, 105_000);
		block();
		pass(121_000);
		until_ended(&alice);
		// 1,719 lots in halves, the odd one to the first.
		assert_eq!(closings(), [(BOB, 860), (CAROL, 859)]);
	});
}

#[test]
fn nobody_should_be_closed_when_that_raises_their_requirement() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = open(ALICE, 1_000_000);
		let bob = open(BOB, 10_000_000);
		trade(&bob, &alice, line(BTC), 10_000);
		trade(&key(HOUSE), &bob, call(80_000), 10_000);
		set_spot(BTC, 112_000);
		block();
		let before = margin(&bob);
		for _ in 0..6 {
			block();
		}
		assert!(closings().is_empty() && is_on_auction(&alice));
		assert_eq!(margin(&bob), before);
		// It rests, and tries again when holders may have changed.
		let rests_until = Auctions::<Test>::get(alice).unwrap().rests_until;
		assert!(rests_until > state(|state| state.now));
		trade(&bob, &key(HOUSE), call(80_000), 10_000);
		block_after(61_000);
		until_ended(&alice);
		assert_eq!(account(&bob).position(&line(BTC)), 0);
	});
}

#[test]
fn frozen_holders_should_be_left_to_their_own_auction() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = open(ALICE, 1_000_000);
		let bob = open(BOB, 10_000_000);
		trade(&bob, &alice, line(BTC), 10_000);
		let mut frozen = account(&bob);
		frozen.frozen = true;
		set_spot(BTC, 112_000);
		put_account(&bob, frozen.clone());
		for _ in 0..4 {
			block();
		}
		assert!(closings().is_empty() && is_on_auction(&alice));
		put_account(&bob, Account { frozen: false, ..frozen });
	});
}

#[test]
fn many_holders_should_be_visited_over_several_blocks() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = open(ALICE, 1_000_000);
		for n in 0..30u64 {
			let holder = open(100 + n, 10_000_000);
			trade(&holder, &alice, line(BTC), 300);
		}
		trade(&key(HOUSE), &alice, line(BTC), 1_000);
		set_spot(BTC, 112_000);
		block();
		assert!(closings().is_empty());
		until_ended(&alice);
		assert_eq!(closings().iter().map(|it| it.1).sum::<Lots>(), 10_000);
		assert_eq!(closings().len(), 31);
	});
}

#[test]
fn longs_should_be_closed_after_shorts() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = open(ALICE, 1_000_000);
		trade(&alice, &key(HOUSE), put(80_000), 1_000);
		trade(&key(HOUSE), &alice, line(BTC), 10_000);
		set_spot(BTC, 115_000);
		block();
		until_ended(&alice);
		let all = closings();
		assert_eq!(all.first(), Some(&(HOUSE, 10_000)));
		assert_eq!(all.last(), Some(&(HOUSE, -1_000)));
		assert!(account(&alice).positions.is_empty());
	});
}

#[test]
fn bid_should_still_be_taken_when_deleveraging_has_begun() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = short(ALICE, 1_000_000, 10_000);
		open(BOB, 10_000_000);
		set_spot(BTC, 112_000);
		block();
		assert_eq!(Auctions::<Test>::get(alice).unwrap().stage, Stage::Deleveraging);
		assert_ok!(bid(BOB, &alice, 1_000_000_000));
		assert!(!is_on_auction(&alice) && Plans::<Test>::get(alice).is_none());
		block();
		assert!(closings().is_empty());
	});
}
