// SPDX-License-Identifier: Apache-2.0
//! Settlement: payoffs, rounding, chunks, orders, accounts that cannot be settled.

use super::*;
use crate::{Debt, Holders, Insurance, OpenInterest, SettlementProgress, Settlements, WeightInfo};
use frame_support::weights::Weight;

const PRICE: OptionPrice = 3_000_000_000;

fn settled() -> Vec<ExpiryId> {
	state(|state| state.settled.clone())
}

#[test]
fn settlement_should_pay_each_position_its_payoff() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 50, PRICE));
		assert_ok!(trade(&alice, &bob, put(90_000), Side::Buy, 20, PRICE));
		let before = (cash(&alice), cash(&bob));
		settle_at(BTC, expiry(1), 104_000);
		settle_all();
		// Half a contract is 4000 dollars in the money.
		assert_eq!(cash(&bob) - before.1, 2_000 * USD);
		assert_eq!(cash(&alice) - before.0, -2_000 * USD);
		assert!(account(&alice).positions.is_empty() && account(&bob).expiries.is_empty());
		assert_eq!(OpenInterest::<Test>::iter().count(), 0);
		assert_eq!(Holders::<Test>::iter().count(), 0);
		assert_eq!(settled(), vec![(BTC, expiry(1))]);
		let paid = |account, lots, payoff| Event::PositionSettled {
			account,
			series: call(100_000),
			lots,
			payoff,
		};
		assert!(events().contains(&paid(bob, 50, 2_000 * USD)));
		assert!(events().contains(&paid(alice, -50, -2_000 * USD)));
		let nothing =
			Event::PositionSettled { account: bob, series: put(90_000), lots: 20, payoff: 0 };
		assert!(events().contains(&nothing));
		let (underlying, expiry, accounts) = (BTC, expiry(1), 2);
		let done = Event::ExpirySettled { underlying, expiry, accounts, skipped: 0, dust: 0 };
		assert_eq!(events().last(), Some(&done));
	});
}

#[test]
fn settlement_should_leave_other_expiries_alone() {
	run(|| {
		let (alice, bob) = two_traders();
		let later = series(2, 100_000, OptionKind::Call);
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 5, PRICE));
		assert_ok!(trade(&alice, &bob, later, Side::Buy, 5, PRICE));
		rest(&alice, later, Side::Buy, 1, 100);
		settle_at(BTC, expiry(1), 104_000);
		settle_all();
		assert_eq!(account(&bob).positions[..], [Position { series: later, lots: 5 }]);
		assert_eq!(account(&alice).orders.len(), 1);
		assert_eq!(account(&alice).expiries[..], [(BTC, expiry(2))]);
		assert_eq!(OpenInterest::<Test>::get(later), 5);
	});
}

#[test]
fn settlement_should_round_against_both_sides_and_give_the_rest_to_the_insurance_fund() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 1, PRICE));
		let before = (cash(&alice), cash(&bob));
		// 100 000.000150 dollars: one lot of a hundred is owed 1.5 micro-USD.
		let price = Price::from_micro_usd(100_000_000_150).unwrap();
		settle_at_price(BTC, expiry(1), price);
		settle_all();
		assert_eq!((cash(&alice) - before.0, cash(&bob) - before.1), (-2, 1));
		assert_eq!(Insurance::<Test>::get(), 1);
		assert_eq!(Settlements::<Test>::iter().count(), 0);
		let done = events().pop();
		assert!(matches!(done, Some(Event::ExpirySettled { dust: 1, .. })), "{done:?}");
	});
}

#[test]
fn settlement_should_drop_resting_orders_with_an_event() {
	run(|| {
		let (alice, _) = two_traders();
		rest(&alice, call(100_000), Side::Buy, 1, 100);
		rest(&alice, series(2, 100_000, OptionKind::Put), Side::Buy, 1, 100);
		rest(&alice, put(90_000), Side::Buy, 1, 100);
		settle_at(BTC, expiry(1), 104_000);
		settle_all();
		let left: Vec<OrderId> = account(&alice).orders.iter().map(|order| order.id).collect();
		assert_eq!(left, [2]);
		let gone = Event::OrdersExpired {
			account: alice,
			underlying: BTC,
			expiry: expiry(1),
			orders: vec![1, 3].try_into().unwrap(),
		};
		assert!(events().contains(&gone));
	});
}

#[test]
fn settlement_should_go_on_where_it_stopped_when_the_meter_ends() {
	run(|| {
		let (alice, bob) = two_traders();
		let carol = open_with(CAROL, MarginKind::Standard, 100_000);
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 50, PRICE));
		assert_ok!(trade(&alice, &carol, call(100_000), Side::Buy, 10, PRICE));
		let total = cash(&alice) + cash(&bob) + cash(&carol);
		settle_at(BTC, expiry(1), 110_000);
		let unit = <() as WeightInfo>::settle_account(128, 64);
		let limit = unit.saturating_add(<() as WeightInfo>::next_settling());
		for left in [2, 1, 0] {
			let mut meter = WeightMeter::with_limit(limit);
			Clearing::after_inherents(&mut meter);
			assert!(meter.consumed().all_lte(limit));
			assert_eq!(Holders::<Test>::iter_key_prefix((BTC, expiry(1))).count(), left);
			assert_eq!(settled().len(), 0);
			Clearing::do_try_state().expect("the invariants hold between the blocks");
		}
		let progress = Settlements::<Test>::get((BTC, expiry(1))).unwrap();
		assert_eq!(progress, SettlementProgress { accounts: 3, ..Default::default() });
		settle_all();
		assert_eq!(settled().len(), 1);
		assert_eq!(total, cash(&alice) + cash(&bob) + cash(&carol));
	});
}

#[test]
fn settlement_should_go_on_by_an_account_a_block_when_others_take_all_that_it_does_not_keep() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 50, PRICE));
		let limit = Weight::from_parts(1_000_000_000_000, 10_000_000);
		let kept = |meter: &mut WeightMeter| Clearing::kept_for_settlement(meter);
		let next = <() as WeightInfo>::next_settling();
		let mut calm = WeightMeter::with_limit(limit);
		assert_eq!((kept(&mut calm), calm.consumed()), (Weight::zero(), next));
		settle_at(BTC, expiry(1), 110_000);
		for left in [1, 0] {
			let mut meter = WeightMeter::with_limit(limit);
			let kept = kept(&mut meter);
			meter.consume(meter.remaining().saturating_sub(kept));
			Clearing::after_inherents(&mut meter);
			assert!(meter.consumed().all_lte(limit));
			assert_eq!(Holders::<Test>::iter_key_prefix((BTC, expiry(1))).count(), left);
		}
		assert_eq!(kept(&mut WeightMeter::with_limit(Weight::zero())), Weight::zero());
	});
}

#[test]
fn settlement_should_do_nothing_when_the_meter_is_empty() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 50, PRICE));
		settle_at(BTC, expiry(1), 110_000);
		frame_support::assert_storage_noop!(Clearing::after_inherents(
			&mut WeightMeter::with_limit(Weight::zero())
		));
		assert!(settled().is_empty());
	});
}

#[test]
fn settlement_should_take_several_expiries_in_one_block() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 50, PRICE));
		settle_at(BTC, expiry(1), 110_000);
		settle_at(BTC, expiry(2), 110_000);
		settle_at(ETH, expiry(1), 4_000);
		settle_all();
		let all = [(BTC, expiry(1)), (BTC, expiry(2)), (ETH, expiry(1))];
		assert_eq!(settled(), all);
		// Nobody comes back: a second run changes nothing.
		frame_support::assert_storage_noop!(settle_all());
	});
}

#[test]
fn settlement_should_lead_to_debt_when_an_account_cannot_pay() {
	run(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 1_000, PRICE));
		settle_at(BTC, expiry(1), 200_000);
		settle_all();
		assert!(cash(&alice) < 0);
		assert_eq!(Debt::<Test>::get(), cash(&alice).unsigned_abs());
	});
}

#[test]
fn settlement_should_skip_and_report_an_account_that_cannot_be_settled() {
	new_test_ext().execute_with(|| {
		let (alice, bob) = two_traders();
		let carol = open_with(CAROL, MarginKind::Standard, 100_000);
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 50, PRICE));
		assert_ok!(trade(&alice, &carol, call(100_000), Side::Buy, 10, PRICE));
		// Bob's record cannot be read.
		let raw = Accounts::<Test>::hashed_key_for(bob);
		frame_support::storage::unhashed::put_raw(&raw, &[9, 9, 9]);
		let before = cash(&carol);
		settle_at(BTC, expiry(1), 110_000);
		settle_all();
		assert_eq!(cash(&carol) - before, 1_000 * USD);
		assert!(account(&alice).positions.is_empty());
		assert_eq!(settled().len(), 1);
		let skipped = Event::SettlementSkipped {
			account: bob,
			underlying: BTC,
			expiry: expiry(1),
			error: is(Error::AccountNotFound),
		};
		assert!(events().contains(&skipped));
		// What Bob is owed stays on record and does not become insurance.
		let progress = Settlements::<Test>::get((BTC, expiry(1))).unwrap();
		assert_eq!((progress.skipped, progress.suspense), (1, 5_000 * USD));
		assert_eq!(Insurance::<Test>::get(), 0);
	});
}

#[test]
fn settlement_should_undo_the_part_of_an_account_that_fails_halfway() {
	new_test_ext().execute_with(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(90_000), Side::Buy, 5, 12_000_000_000));
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 5, PRICE));
		// The second position contradicts open interest.
		OpenInterest::<Test>::insert(call(100_000), 4);
		let before = account(&bob);
		settle_at(BTC, expiry(1), 110_000);
		settle_all();
		assert_eq!(account(&bob), before);
		assert_eq!(OpenInterest::<Test>::get(call(90_000)), 5);
		let progress = Settlements::<Test>::get((BTC, expiry(1))).unwrap();
		assert_eq!((progress.accounts, progress.skipped), (1, 1));
	});
}

/// Changes the lots of an account's position behind the ledger's back.
fn corrupt(key: &KeyOf<Test>, series: SeriesId, lots: Lots) {
	Accounts::<Test>::mutate(key, |account| {
		let positions = &mut account.as_mut().unwrap().positions;
		positions.iter_mut().find(|held| held.series == series).unwrap().lots = lots;
	});
}

/// Settles an expiry in which Alice is short and Bob long of 50 lots of two series, after a corruption; the underlyings
/// that are frozen then, and how uneven it was.
fn settled_after(corruption: impl FnOnce(&KeyOf<Test>)) -> (Vec<UnderlyingId>, Option<MicroUsd>) {
	new_test_ext().execute_with(|| {
		let (alice, bob) = two_traders();
		for series in [call(100_000), call(110_000)] {
			assert_ok!(trade(&alice, &bob, series, Side::Buy, 50, PRICE));
		}
		corruption(&alice);
		settle_at(BTC, expiry(1), 90_000);
		settle_all();
		let uneven = |event| match event {
			Event::SettlementUneven { underlying: BTC, suspense, .. } => Some(suspense),
			_ => None,
		};
		let uneven = events().into_iter().find_map(uneven);
		let has_record = Settlements::<Test>::contains_key((BTC, expiry(1)));
		assert_eq!(has_record, uneven.is_some());
		assert_eq!(Clearing::do_try_state().is_err(), uneven.is_some());
		(state(|state| state.frozen.iter().copied().collect()), uneven)
	})
}

#[test]
fn settlement_should_freeze_the_underlying_when_shorts_are_not_as_many_as_longs() {
	// Worthless at 90 000 dollars: no money says that a lot is missing.
	assert_eq!(settled_after(|alice| corrupt(alice, call(100_000), -49)), (vec![BTC], Some(0)));
}

#[test]
fn settlement_should_freeze_the_underlying_when_two_series_are_uneven_the_other_way_round() {
	let both = |alice: &KeyOf<Test>| {
		corrupt(alice, call(100_000), -49);
		corrupt(alice, call(110_000), -51);
	};
	assert_eq!(settled_after(both), (vec![BTC], Some(0)));
}

#[test]
fn settlement_should_freeze_nothing_when_longs_equal_shorts() {
	assert_eq!(settled_after(|_| ()), (vec![], None));
}

#[test]
fn surplus_of_an_uneven_settlement_should_not_become_insurance() {
	new_test_ext().execute_with(|| {
		let (alice, bob) = two_traders();
		assert_ok!(trade(&alice, &bob, call(100_000), Side::Buy, 50, PRICE));
		corrupt(&alice, call(100_000), -60);
		settle_at(BTC, expiry(1), 110_000);
		settle_all();
		assert_eq!(Insurance::<Test>::get(), 0);
		let progress = Settlements::<Test>::get((BTC, expiry(1))).unwrap();
		assert_eq!(progress.suspense, 1_000 * USD);
		assert!(state(|state| state.frozen.contains(&BTC)));
	});
}
