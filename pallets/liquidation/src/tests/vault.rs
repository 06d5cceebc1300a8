// SPDX-License-Identifier: Apache-2.0
//! The backstop vault.

use super::*;

const DOLLAR: u128 = USD as u128;

fn vault() -> Key {
	Liquidation::vault_key()
}

/// Somebody with a million dollars puts that many into the vault.
fn fund(who: AccountId, dollars: u128) -> u128 {
	wallet(who, 1_000_000);
	assert_ok!(Liquidation::vault_deposit(signed(who), dollars * DOLLAR));
	Shares::<Test>::get(who)
}

/// The vault takes from a discount of 80 % on, after ten seconds.
fn parameters() -> Parameters {
	let auction = AuctionParameters {
		fast_millis: 20_000,
		discount_start: Ppb::percent(90),
		discount_fast_end: Ppb::percent(70),
		..AuctionParameters::DEFAULT
	};
	Parameters { auction, ..Default::default() }
}

fn took() -> Vec<(Ppb, MicroUsd, MicroUsd)> {
	let of = |event| match event {
		Event::VaultTook { share, equity, price, .. } => Some((share, equity, price)),
		_ => None,
	};
	events().into_iter().filter_map(of).collect()
}

/// Waits as long as leaving takes.
fn wait() {
	block_after(HouseParameters::default().vault_delay_millis);
	block();
}

#[test]
fn vault_should_take_a_slice_when_the_discount_has_fallen_to_its_limit() {
	ExtBuilder::default().parameters(parameters()).build_and_execute(|| {
		fund(DAVE, 900_000);
		let alice = short(ALICE, 100_000, 1_000);
		set_spot(BTC, 105_000);
		block();
		block_after(9_000);
		assert!(took().is_empty() && is_on_auction(&alice));
		block_after(2_000);
		let (_, equity, price) = took()[0];
		assert!(price <= equity * 80 / 100 && price > equity * 78 / 100);
		assert_eq!(ended(&alice), Some(EndReason::TargetReached));
		assert!(margin(&vault()).equity > 900_000 * USD, "those who fund it gain the discount");
		assert!(account(&vault()).position(&line(BTC)) < 0);
	});
}

#[test]
fn vault_should_take_less_when_its_margin_is_small() {
	ExtBuilder::default().parameters(parameters()).insurance(1).build_and_execute(|| {
		// Initial margin of a slice of 200 lots is 21,000 dollars.
		fund(DAVE, 12_000);
		let alice = short(ALICE, 100_000, 1_000);
		set_spot(BTC, 105_000);
		block();
		block_after(11_000);
		let lots = account(&vault()).position(&line(BTC));
		assert!((-120..=-60).contains(&lots), "{lots}");
		assert!(margin(&vault()).initial >= 0 && is_on_auction(&alice));
	});
}

#[test]
fn vault_should_stay_out_when_it_has_nothing() {
	ExtBuilder::default().parameters(parameters()).insurance(1).build_and_execute(|| {
		let alice = short(ALICE, 100_000, 1_000);
		set_spot(BTC, 105_000);
		block();
		block_after(15_000);
		assert!(took().is_empty() && is_on_auction(&alice));
	});
}

#[test]
fn vault_should_be_paid_by_the_insurance_when_the_book_is_insolvent() {
	ExtBuilder::default().parameters(parameters()).insurance(1_000_000).build_and_execute(|| {
		fund(DAVE, 900_000);
		let alice = short(ALICE, 100_000, 1_000);
		set_spot(BTC, 112_000);
		block();
		// It wants a fifth of the requirement of 56,000; the premium reaches that after a fifth of the hour.
		pass(710_000);
		assert!(took().is_empty());
		pass(20_000);
		let (share, equity, price) = took()[0];
		assert_eq!((share, equity), (Ppb::ONE, -20_000 * USD));
		assert!((-31_700 * USD..=-31_200 * USD).contains(&price), "{price}");
		assert!(!is_on_auction(&alice));
	});
}

#[test]
fn vault_should_not_bid_for_itself_when_it_is_liquidated() {
	ExtBuilder::default().parameters(parameters()).insurance(1_000_000).build_and_execute(|| {
		fund(DAVE, 20_000);
		trade(&key(HOUSE), &vault(), line(BTC), 190);
		set_spot(BTC, 106_000);
		block();
		assert!(is_on_auction(&vault()));
		let deposit = Liquidation::vault_deposit(signed(DAVE), DOLLAR);
		assert_noop!(deposit, Error::<Test>::VaultFrozen);
		block_after(15_000);
		assert!(took().is_empty());
		// Others can.
		open(BOB, 10_000_000);
		assert_ok!(bid(BOB, &vault(), 1_000_000_000));
	});
}

#[test]
fn shares_should_follow_what_the_vault_is_worth() {
	ExtBuilder::default().build_and_execute(|| {
		let first = fund(DAVE, 100_000);
		assert_eq!(first, 100_000 * DOLLAR * 1_000);
		assert_eq!(Liquidation::vault_worth(first), Some(100_000 * DOLLAR));
		// The vault gains a half.
		trade(&vault(), &key(HOUSE), line(BTC), 100);
		set_spot(BTC, 150_000);
		block();
		let second = fund(CAROL, 150_000);
		assert!(first.abs_diff(second) < first / 1_000_000, "{first} {second}");
	});
}

#[test]
fn deposit_should_be_refused_when_it_is_none() {
	ExtBuilder::default().build_and_execute(|| {
		wallet(DAVE, 10);
		let deposit = |amount| Liquidation::vault_deposit(signed(DAVE), amount);
		assert_noop!(deposit(DOLLAR - 1), Error::<Test>::DepositTooSmall);
		assert_noop!(deposit(11 * DOLLAR), DispatchError::Other("poor"));
		assert_ok!(deposit(DOLLAR));
	});
}

#[test]
fn deposit_should_be_refused_when_the_vault_cannot_be_valued() {
	ExtBuilder::default().build_and_execute(|| {
		fund(DAVE, 10_000);
		trade(&vault(), &key(HOUSE), line(BTC), 10);
		block();
		state(|state| state.now += MAX_AGE + 1);
		let deposit = || Liquidation::vault_deposit(signed(DAVE), DOLLAR);
		assert_noop!(deposit(), Error::<Test>::PricesStale);
		assert_eq!(Liquidation::vault_worth(1), None);
		// Worth nothing, and not noticed yet.
		set_spot(BTC, 1);
		let mut bare = account(&vault());
		bare.cash -= USD;
		let mut house = account(&key(HOUSE));
		house.cash += USD;
		put_account(&vault(), bare);
		put_account(&key(HOUSE), house);
		assert_noop!(deposit(), Error::<Test>::VaultInsolvent);
	});
}

#[test]
fn leaver_should_be_paid_after_the_delay() {
	ExtBuilder::default().build_and_execute(|| {
		let shares = fund(DAVE, 100_000);
		block();
		let leave = |shares| Liquidation::vault_request_withdraw(signed(DAVE), shares);
		assert_noop!(leave(0), Error::<Test>::SharesZero);
		assert_noop!(leave(shares + 1), Error::<Test>::NotEnoughShares);
		assert_ok!(leave(shares / 4));
		assert_eq!(Shares::<Test>::get(DAVE), shares - shares / 4);
		block_after(HouseParameters::default().vault_delay_millis - BLOCK);
		assert_eq!(wallet_of(DAVE), 900_000 * DOLLAR);
		block();
		assert_eq!(wallet_of(DAVE), 925_000 * DOLLAR);
		assert_eq!(TotalShares::<Test>::get(), shares - shares / 4);
		assert_ok!(leave(shares - shares / 4));
		wait();
		assert_eq!((wallet_of(DAVE), TotalShares::<Test>::get()), (1_000_000 * DOLLAR, 0));
	});
}

#[test]
fn leaver_should_bear_the_loss_when_it_comes_before_the_delay_has_passed() {
	ExtBuilder::default().build_and_execute(|| {
		let shares = fund(DAVE, 100_000);
		fund(CAROL, 100_000);
		trade(&vault(), &key(HOUSE), line(BTC), 100);
		block();
		assert_ok!(Liquidation::vault_request_withdraw(signed(DAVE), shares));
		// A quarter of the vault is lost, then the position is closed.
		set_spot(BTC, 50_000);
		block();
		trade(&key(HOUSE), &vault(), line(BTC), 100);
		wait();
		assert_eq!(wallet_of(DAVE), 975_000 * DOLLAR);
	});
}

#[test]
fn leaver_should_be_paid_in_parts_when_margin_is_bound() {
	ExtBuilder::default().build_and_execute(|| {
		let shares = fund(DAVE, 100_000);
		trade(&key(HOUSE), &vault(), line(BTC), 500);
		assert_ok!(Liquidation::vault_request_withdraw(signed(DAVE), shares));
		wait();
		// 50,000 of initial margin are bound.
		let paid = wallet_of(DAVE) - 900_000 * DOLLAR;
		assert!((49_999 * DOLLAR..=50_000 * DOLLAR).contains(&paid), "{paid}");
		assert!(margin(&vault()).initial >= 0);
		trade(&vault(), &key(HOUSE), line(BTC), 500);
		block();
		assert!(wallet_of(DAVE) >= 1_000_000 * DOLLAR - 2);
	});
}

#[test]
fn leavers_should_wait_when_prices_are_old() {
	ExtBuilder::default().build_and_execute(|| {
		let shares = fund(DAVE, 100_000);
		trade(&vault(), &key(HOUSE), line(BTC), 1);
		assert_ok!(Liquidation::vault_request_withdraw(signed(DAVE), shares));
		state(|state| state.now += 2 * HouseParameters::default().vault_delay_millis);
		block_without_round(Weight::MAX);
		assert_eq!(wallet_of(DAVE), 900_000 * DOLLAR);
	});
}

#[test]
fn queue_should_keep_its_order_when_somebody_asks_twice() {
	ExtBuilder::default().build_and_execute(|| {
		let (dave, carol) = (fund(DAVE, 1_000), fund(CAROL, 1_000));
		let leave = |who, shares| Liquidation::vault_request_withdraw(signed(who), shares);
		assert_ok!(leave(DAVE, dave / 2));
		assert_ok!(leave(CAROL, carol));
		// Dave is behind Carol now, with all.
		assert_ok!(leave(DAVE, dave - dave / 2));
		wait();
		let left = |event| match event {
			Event::VaultLeft { who, shares, .. } => Some((who, shares)),
			_ => None,
		};
		let left: Vec<_> = events().into_iter().filter_map(left).collect();
		assert_eq!(left, [(CAROL, carol), (DAVE, dave)]);
	});
}

#[test]
fn others_should_be_paid_when_one_leaver_cannot_be() {
	ExtBuilder::default().build_and_execute(|| {
		let (dave, carol) = (fund(DAVE, 1_000), fund(CAROL, 1_000));
		assert_ok!(Liquidation::vault_request_withdraw(signed(DAVE), dave));
		assert_ok!(Liquidation::vault_request_withdraw(signed(CAROL), carol));
		state(|state| state.blocked.insert(DAVE));
		wait();
		block();
		assert_eq!((wallet_of(DAVE), wallet_of(CAROL)), (999_000 * DOLLAR, 1_000_000 * DOLLAR));
		let postponed =
			|event: &Event| matches!(event, Event::VaultPayoutPostponed { who: DAVE, .. });
		assert!(events().iter().any(postponed));
		state(|state| state.blocked.clear());
		block();
		assert_eq!(wallet_of(DAVE), 1_000_000 * DOLLAR);
	});
}
