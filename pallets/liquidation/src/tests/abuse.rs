// SPDX-License-Identifier: Apache-2.0
//! What someone may try, by name.

use super::*;

const ONE: i64 = 1_000_000_000;

#[test]
fn self_liquidation_should_be_refused_from_any_account_of_the_owner() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = short(ALICE, 1_000_000, 10_000);
		let second = AccountKey { owner: ALICE, index: 1 };
		put_account(&second, Account::new(MarginKind::Standard));
		set_spot(BTC, 105_000);
		block();
		for index in [0, 1] {
			let bid = Liquidation::bid(signed(ALICE), ALICE, 0, Ppb(ONE), MicroUsd::MAX, index);
			assert_noop!(bid.map_err(|it| it.error), Error::<Test>::SelfLiquidation);
		}
		assert!(is_on_auction(&alice));
	});
}

#[test]
fn self_liquidation_should_not_pay_when_another_key_of_the_owner_bids() {
	ExtBuilder::default().insurance(1_000_000).parameters(quick()).build_and_execute(|| {
		let alice = short(ALICE, 1_000_000, 10_000);
		let second = open(BOB, 10_000_000);
		set_spot(BTC, 105_000);
		block();
		let together = || margin(&alice).equity + margin(&second).equity;
		let (before, insurance) = (together(), Bank::insurance());
		while is_on_auction(&alice) {
			assert_ok!(bid(BOB, &alice, ONE / 20));
			assert_eq!((together(), Bank::insurance()), (before, insurance));
			pass(5_000);
		}
		assert!(account(&second).position(&line(BTC)) < 0);
	});
}

#[test]
fn front_running_a_top_up_should_be_no_more_than_a_bid() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = short(ALICE, 1_000_000, 10_000);
		open(BOB, 10_000_000);
		set_spot(BTC, 105_000);
		block();
		let equity = margin(&alice).equity;
		assert_ok!(bid(BOB, &alice, ONE));
		top_up(&alice, 100_000);
		// A twentieth of a fifth of the book at most.
		let lost = equity + 100_000 * USD - margin(&alice).equity;
		assert!((0..equity / 100).contains(&lost), "{lost}");
		// A second one finds nothing.
		assert_noop!(bid(BOB, &alice, ONE), Error::<Test>::NoAuction);
	});
}

#[test]
fn repeated_small_bids_should_cost_no_less_than_one() {
	let price_of = |bids: i64| {
		let mut lost = 0;
		ExtBuilder::default().insurance(1).build_and_execute(|| {
			let alice = short(ALICE, 1_000_000, 10_000);
			open(BOB, 10_000_000);
			set_spot(BTC, 105_000);
			block();
			let before = margin(&alice).equity;
			while is_on_auction(&alice) {
				assert_ok!(bid(BOB, &alice, ONE / bids));
			}
			lost = before - margin(&alice).equity;
		});
		lost
	};
	let (one, many) = (price_of(1), price_of(50));
	assert!(many < one + one / 20, "the owner loses {many} instead of {one}");
}

#[test]
fn donation_to_the_vault_should_not_take_from_the_next_depositor() {
	ExtBuilder::default().build_and_execute(|| {
		let dollar = USD as u128;
		wallet(DAVE, 2_000_000);
		wallet(CAROL, 10_000);
		// Dave owns nearly nothing, gives the vault a million and hopes that Carol's deposit rounds to no share.
		assert_ok!(Liquidation::vault_deposit(signed(DAVE), dollar));
		let shares = Shares::<Test>::get(DAVE);
		let vault = Liquidation::vault_key();
		let mut record = account(&vault);
		Bank::pay_in(&DAVE, 1_000_000 * dollar, &vault, &mut record).unwrap();
		put_account(&vault, record);
		assert_ok!(Liquidation::vault_deposit(signed(CAROL), 10_000 * dollar));
		let carol = Liquidation::vault_worth(Shares::<Test>::get(CAROL)).unwrap();
		assert!(carol > 9_999 * dollar, "{carol}");
		let dave = Liquidation::vault_worth(shares).unwrap();
		assert!(dave < 1_000_002 * dollar, "he has not gained by it");
	});
}

#[test]
fn depositing_just_before_a_gain_should_not_be_left_with_at_once() {
	ExtBuilder::default().build_and_execute(|| {
		wallet(DAVE, 1_000);
		assert_ok!(Liquidation::vault_deposit(signed(DAVE), 1_000 * USD as u128));
		let shares = Shares::<Test>::get(DAVE);
		assert_ok!(Liquidation::vault_request_withdraw(signed(DAVE), shares));
		for _ in 0..10 {
			block_after(HOUR);
		}
		assert_eq!(wallet_of(DAVE), 0);
	});
}

#[test]
fn touching_an_account_again_and_again_should_bring_one_look() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		block();
		looks();
		for _ in 0..100 {
			top_up(&alice, 0);
		}
		block();
		assert_eq!(looks(), [alice]);
	});
}

#[test]
fn accounts_of_cash_alone_should_bring_no_looks() {
	ExtBuilder::default().build_and_execute(|| {
		for n in 0..50 {
			open(100 + n, 1);
		}
		assert_eq!(Due::<Test>::iter_keys().count(), 0);
		let debtor = mint(200, -1);
		assert!(Due::<Test>::contains_key(debtor));
		block();
		assert!(account(&debtor).frozen);
	});
}

#[test]
fn asking_for_looks_should_change_nothing_when_nothing_is_found() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		block();
		let before = Registrations::<Test>::get(alice);
		for _ in 0..3 {
			let look = look(ALICE);
			assert_noop!(look, Error::<Test>::NothingFound);
		}
		assert_eq!(Registrations::<Test>::get(alice), before);
	});
}

#[test]
fn bidding_for_rounding_should_not_drain_the_insurance() {
	ExtBuilder::default().insurance(1_000_000).parameters(quick()).build_and_execute(|| {
		// A short that rounds into small slices, and a long hedge that does not.
		let alice = open(ALICE, 2_000);
		trade(&alice, &key(HOUSE), call(110_000), 3);
		trade(&key(HOUSE), &alice, line(BTC), 100);
		open(BOB, 10_000_000);
		set_spot(BTC, 120_000);
		block();
		pass(59_000);
		let due = {
			let Margin { equity, maintenance, .. } = margin(&alice);
			assert!(equity < 0);
			// With the premium at its end the whole is worth that much.
			-maintenance
		};
		let before = margin(&key(BOB)).equity;
		while is_on_auction(&alice) {
			let bid = |share| {
				frame_support::storage::with_storage_layer(|| {
					bid(BOB, &alice, share).map_err(|error| error.error)
				})
			};
			if bid(ONE / 10).is_err() {
				assert_ok!(bid(ONE));
			}
		}
		let gained = margin(&key(BOB)).equity - before;
		let paid = 1_000_000 * USD - Bank::insurance() as i128;
		assert!(gained <= due && paid <= due + due / 20, "{gained} {paid} {due}");
	});
}

#[test]
fn flapping_around_the_margin_should_cost_the_owner_nothing_without_bids() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		block();
		let before = account(&alice);
		for spot in [105_000, 100_000, 105_500, 99_000, 105_000, 100_000] {
			set_spot(BTC, spot);
			block();
		}
		assert_eq!(account(&alice), before);
	});
}
