// SPDX-License-Identifier: Apache-2.0
//! Auctions without bids: opened, timed, ended.

use super::*;

#[test]
fn auction_should_end_when_the_owner_tops_up() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		set_spot(BTC, 105_000);
		block();
		assert!(is_on_auction(&alice));
		// Maintenance alone is not enough: the target lies 15 % of the requirement beyond.
		top_up(&alice, 1_037);
		block();
		assert!(is_on_auction(&alice) && margin(&alice).maintenance > 0);
		top_up(&alice, 1);
		block();
		assert!(!account(&alice).frozen);
		assert_eq!(ended(&alice), Some(EndReason::TargetReached));
		block();
		assert!(Registrations::<Test>::contains_key(alice), "it is in its tiers again");
	});
}

#[test]
fn auction_should_end_at_once_when_anyone_asks_for_a_look_after_a_top_up() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		set_spot(BTC, 105_000);
		block();
		assert_noop!(look(ALICE), Error::<Test>::NothingFound);
		top_up(&alice, 2_000);
		assert_ok!(look(ALICE));
		assert!(!is_on_auction(&alice) && !account(&alice).frozen);
	});
}

#[test]
fn auction_should_end_when_prices_recover() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		set_spot(BTC, 105_000);
		block();
		set_spot(BTC, 100_000);
		block();
		assert_eq!(ended(&alice), Some(EndReason::TargetReached));
		assert_eq!(account(&alice).position(&line(BTC)), -100);
	});
}

#[test]
fn same_account_should_be_liquidated_again_when_it_falls_again() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		for _ in 0..3 {
			set_spot(BTC, 105_000);
			block();
			assert!(is_on_auction(&alice));
			set_spot(BTC, 100_000);
			block();
			assert!(!is_on_auction(&alice));
		}
		assert_eq!(opened(), [alice, alice, alice]);
	});
}

#[test]
fn time_should_not_count_when_prices_are_old() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		set_spot(BTC, 105_000);
		block();
		let elapsed = || Auctions::<Test>::get(alice).unwrap().elapsed_millis;
		assert_eq!(elapsed(), 0);
		block_after(7_000);
		assert_eq!(elapsed(), 7_000);
		state(|state| state.now += HOUR);
		block_without_round(Weight::MAX);
		assert_eq!(elapsed(), 7_000);
		block_after(1_000);
		assert_eq!(elapsed(), 8_000);
		// A gap that ends with a round is counted only as far as its prices can have been fresh.
		block_after(HOUR);
		assert_eq!(elapsed(), 8_000 + MAX_AGE);
	});
}

#[test]
fn auction_should_end_when_its_expiry_settles_in_the_middle() {
	for (paid, reason) in [(1_000, EndReason::NothingLeft), (-1_000, EndReason::BadDebt)] {
		ExtBuilder::default().build_and_execute(|| {
			let alice = short(ALICE, 10_000, 100);
			set_spot(BTC, 106_000);
			block();
			assert!(is_on_auction(&alice));
			// As settlement does: positions go, cash changes, on both sides.
			let (mut own, mut house) = (account(&alice), account(&key(HOUSE)));
			let change = paid * USD - own.cash;
			own.positions.clear();
			house.positions.clear();
			own.cash += change;
			house.cash -= change;
			put_account(&alice, own);
			put_account(&key(HOUSE), house);
			block();
			assert_eq!(ended(&alice), Some(reason));
			assert_eq!(account(&alice).frozen, reason == EndReason::BadDebt);
		});
	}
}

#[test]
fn auction_should_end_when_its_account_is_gone() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		set_spot(BTC, 106_000);
		block();
		trade(&alice, &key(HOUSE), line(BTC), 100);
		close(&alice);
		block();
		assert_eq!(ended(&alice), Some(EndReason::AccountGone));
		assert_eq!(Auctions::<Test>::count(), 0);
	});
}

#[test]
fn auctions_should_be_looked_after_in_turn_when_they_are_many() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		for n in 0..40u64 {
			short(100 + n, 10_000, 100);
		}
		set_spot(BTC, 105_000);
		block();
		assert_eq!(Auctions::<Test>::count(), 40);
		// Sixteen in a block.
		let start = state(|state| state.now);
		for _ in 0..3 {
			block();
		}
		assert!(Auctions::<Test>::iter_values().all(|auction| auction.seen_at > start));
	});
}

#[test]
fn auction_should_go_on_when_one_visit_fails() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let (alice, bob) = (short(ALICE, 10_000, 100), short(BOB, 10_000, 100));
		set_spot(BTC, 105_000);
		block();
		state(|state| state.failing.insert((ALICE, 0), DispatchError::Other("broken")));
		set_spot(BTC, 100_000);
		block();
		block();
		assert!(is_on_auction(&alice) && !is_on_auction(&bob));
		let is_failure = |event: &Event| matches!(event, Event::StepFailed { .. });
		assert_eq!(events().iter().filter(|event| is_failure(event)).count(), 1);
		state(|state| state.failing.clear());
		block();
		assert!(!is_on_auction(&alice));
	});
}

#[test]
fn failed_look_at_a_topped_up_account_should_leave_it_to_its_auction() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		set_spot(BTC, 105_000);
		block();
		top_up(&alice, 5_000);
		state(|state| state.failing.insert((ALICE, 0), DispatchError::Other("broken")));
		block();
		Liquidation::do_try_state().unwrap();
		assert!(is_on_auction(&alice) && !Registrations::<Test>::contains_key(alice));
		state(|state| state.failing.clear());
		block();
		assert_eq!(ended(&alice), Some(EndReason::TargetReached));
	});
}

#[test]
fn auction_should_turn_insolvent_and_back_when_prices_do() {
	ExtBuilder::default().insurance(1_000_000).build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		set_spot(BTC, 105_000);
		block();
		let stage = || Auctions::<Test>::get(alice).unwrap().stage;
		assert_eq!(stage(), Stage::Solvent);
		set_spot(BTC, 115_000);
		block();
		assert_eq!(stage(), Stage::Insolvent);
		let insolvent =
			|event: &Event| matches!(event, Event::AuctionInsolvent { account, .. } if *account == alice);
		assert!(events().iter().any(insolvent));
		block_after(5_000);
		set_spot(BTC, 105_000);
		block();
		assert_eq!(stage(), Stage::Solvent);
		let auction = Auctions::<Test>::get(alice).unwrap();
		// The block in which it came back belongs to the insolvent time.
		assert_eq!(auction.insolvent_millis, 5_000 + BLOCK);
	});
}

#[test]
fn report_should_show_what_a_bid_would_find() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = short(ALICE, 1_000_000, 10_000);
		assert_eq!(Liquidation::auction(ALICE, 0), None);
		set_spot(BTC, 105_000);
		block();
		let report = Liquidation::auction(ALICE, 0).unwrap();
		assert_eq!(report.discount, Ppb(950_000_000));
		assert_eq!((report.equity, report.is_open), (500_000 * USD, true));
		assert_eq!(report.price, {
			let exact = 475_000 * USD * i128::from(report.max_share.0);
			-(-exact).div_euclid(1_000_000_000)
		});
		assert_eq!(Liquidation::auctions(None, 9), [alice]);
		assert!(Liquidation::auctions(Some(alice), 9).is_empty());
		let figures = Liquidation::figures();
		assert_eq!((figures.backlog, figures.insurance), (1, USD as u128));
		assert!(figures.underlyings.iter().any(|(id, _, is_swept)| *id == BTC && *is_swept));
	});
}
