// SPDX-License-Identifier: Apache-2.0
//! Debts that nobody covers at first.

use super::*;

/// Alice owes 200,000 with nothing left.
fn bad_debt() -> Key {
	let alice = short(ALICE, 1_000_000, 10_000);
	set_spot(BTC, 112_000);
	for _ in 0..4 {
		block();
	}
	assert_eq!(TotalBadDebt::<Test>::get(), 200_000 * USD as u128);
	alice
}

#[test]
fn account_should_stay_frozen_when_its_debt_is_bad() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = bad_debt();
		assert!(account(&alice).frozen);
		let total = 200_000 * USD as u128;
		let recorded = Event::BadDebtRecorded { account: alice, amount: total, total };
		assert!(events().contains(&recorded));
		block();
		assert!(account(&alice).frozen);
	});
}

#[test]
fn deposit_should_lower_the_debt_and_free_the_account_when_it_covers_all() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = bad_debt();
		top_up(&alice, 50_000);
		block();
		assert_eq!(BadDebts::<Test>::get(alice), Some(150_000 * USD as u128));
		assert!(account(&alice).frozen);
		top_up(&alice, 150_001);
		block();
		assert_eq!((BadDebts::<Test>::get(alice), TotalBadDebt::<Test>::get()), (None, 0));
		assert_eq!((account(&alice).frozen, account(&alice).cash), (false, USD));
	});
}

#[test]
fn insurance_should_cover_the_debt_when_it_is_funded_again() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = bad_debt();
		insure(120_000);
		assert_ok!(look(ALICE));
		assert_eq!(BadDebts::<Test>::get(alice), Some(80_000 * USD as u128));
		assert_noop!(look(ALICE), Error::<Test>::NothingFound);
		insure(100_000);
		assert_ok!(look(ALICE));
		assert_eq!(Bank::insurance(), 20_000 * USD as u128);
		assert!(!account(&alice).frozen);
	});
}

#[test]
fn insurance_should_cover_what_is_owed_when_nothing_is_left_to_sell() {
	ExtBuilder::default().insurance(500).build_and_execute(|| {
		let alice = mint(ALICE, -300 * USD);
		let bob = mint(BOB, -300 * USD);
		block();
		let mut covered = [&alice, &bob].map(|key| account(key).cash);
		covered.sort();
		assert_eq!(covered, [-100 * USD, 0]);
		assert_eq!((Bank::insurance(), TotalBadDebt::<Test>::get()), (0, 100 * USD as u128));
	});
}
