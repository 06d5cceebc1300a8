// SPDX-License-Identifier: Apache-2.0
//! The search: who is looked at, when, in which order.

use super::*;
use crate::{look::Eyes, Class, List, Places, SweepState, WeightInfo, MAX_ENTRIES};
use ballast_exchange::Side as OrderSide;
use frame_support::weights::WeightMeter;

fn buy_order(id: u64) -> OpenOrder {
	OpenOrder {
		id,
		client_id: None,
		series: line(BTC),
		side: OrderSide::Buy,
		price: 1,
		lots: 1,
		reduce_only: false,
		good_till: None,
	}
}

/// The triggers of an account.
fn places_of(key: &Key) -> Places {
	Liquidation::listing(key, &Registrations::<Test>::get(key).unwrap()).unwrap().places
}

#[test]
fn search_should_open_an_auction_when_spot_brings_an_account_under_maintenance() {
	ExtBuilder::default().insurance(100_000).build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		block();
		assert!(!is_on_auction(&alice));
		set_spot(BTC, 104_700);
		block();
		assert!(!is_on_auction(&alice) && margin(&alice).maintenance > 0);
		set_spot(BTC, 104_800);
		block();
		let Margin { equity, maintenance, .. } = margin(&alice);
		assert!(account(&alice).frozen && maintenance < 0);
		// 15 % of the distance between both beyond maintenance.
		let target = maintenance - (equity - maintenance) * 15 / 100;
		let opened = Event::AuctionOpened { account: alice, equity, maintenance, target };
		assert!(events().contains(&opened));
		assert!(!Registrations::<Test>::contains_key(alice));
	});
}

#[test]
fn search_should_tell_an_account_at_maintenance_from_one_a_micro_dollar_under_it() {
	for (left, falls) in [(1, false), (0, false), (-1, true)] {
		ExtBuilder::default().build_and_execute(|| {
			let alice = short(ALICE, 10_000, 100);
			set_spot(BTC, 104_800);
			let missing = margin(&alice).maintenance;
			set_spot(BTC, 100_000);
			mint(ALICE, left - missing);
			block();
			assert!(!is_on_auction(&alice));
			set_spot(BTC, 104_800);
			block();
			assert_eq!((margin(&alice).maintenance, is_on_auction(&alice)), (left, falls));
			assert_eq!(account(&alice).frozen, falls);
		});
	}
}

#[test]
fn accounts_should_leave_their_page_together_when_they_fall_together() {
	ExtBuilder::default().insurance(100_000).build_and_execute(|| {
		let fall: Vec<Key> = (10..14).map(|owner| short(owner, 10_000, 100)).collect();
		let stays = short(14, 10_300, 100);
		block();
		let page = |key: &Key| Registrations::<Test>::get(key).and_then(|record| record.page);
		let shared = page(&stays).unwrap();
		assert!(fall.iter().all(|key| page(key) == Some(shared)));
		let count = Registrations::<Test>::count();
		set_spot(BTC, 104_800);
		block();
		assert!(fall.iter().all(|key| is_on_auction(key) && page(key).is_none()));
		assert_eq!(Registrations::<Test>::count(), count - 4);
		let kept: Vec<Key> = Liquidation::listed_in(shared.list).map(|listed| listed.key).collect();
		assert!(fall.iter().all(|key| !kept.contains(key)));
		assert!(!is_on_auction(&stays) && !places_of(&stays).is_empty());
		Liquidation::do_try_state().unwrap();
	});
}

#[test]
fn account_should_stay_when_it_is_in_danger_by_its_page_alone() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		block();
		let page = Registrations::<Test>::get(alice).and_then(|record| record.page).unwrap();
		set_spot(BTC, 104_800);
		// The page does not know of it before the next look.
		top_up(&alice, 5_000);
		let (mut eyes, mut state) = (Eyes::<Test>::new(), SweepState::default());
		assert!(Liquidation::go_through(page, &mut eyes, &mut state, &mut WeightMeter::new()));
		assert_eq!((state.looks, state.found), (1, 0));
		assert!(!is_on_auction(&alice) && Registrations::<Test>::contains_key(alice));
	});
}

#[test]
fn page_should_wait_when_there_is_no_room_to_open_an_auction() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		block();
		// The page does not know of orders, and each has to be cancelled.
		let mut record = account(&alice);
		(0..MAX_RESTING_ORDERS.into())
			.for_each(|id| record.orders.try_push(buy_order(id)).unwrap());
		put_account(&alice, record);
		let page = Registrations::<Test>::get(alice).and_then(|record| record.page).unwrap();
		set_spot(BTC, 104_800);
		let go_through = |room: Weight| {
			let (mut eyes, mut state) = (Eyes::<Test>::new(), SweepState::default());
			let mut meter = WeightMeter::with_limit(room);
			let has_ended = Liquidation::go_through(page, &mut eyes, &mut state, &mut meter);
			assert!(meter.consumed().all_lte(room));
			has_ended
		};
		let held = account(&alice);
		let bare = Account { orders: Default::default(), ..held.clone() };
		let [by_page, most] = [bare, held].map(|it| Liquidation::most_look_at(Some(&it)));
		let page = <() as WeightInfo>::read_page(MAX_ENTRIES) + <() as WeightInfo>::save_page(16);
		// Enough to read the page, and then to look at her in it.
		assert!((by_page + <() as WeightInfo>::read_page(32)).all_lt(most) && page.all_lt(most));
		assert!(!go_through(most));
		assert!(!is_on_auction(&alice));
		assert!(go_through(most + most));
		assert!(is_on_auction(&alice));
	});
}

#[test]
fn search_should_find_longs_too_when_spot_falls() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = long(ALICE, 10_000, 100);
		block();
		set_spot(BTC, 40_000);
		block();
		assert!(is_on_auction(&alice));
	});
}

#[test]
fn search_should_cancel_orders_when_it_freezes_an_account() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		let mut record = account(&alice);
		for id in 1..=3 {
			record.orders.try_push(buy_order(id)).unwrap();
		}
		put_account(&alice, record);
		set_spot(BTC, 110_000);
		block();
		assert!(account(&alice).orders.is_empty());
		assert!(events().contains(&Event::OrdersCancelled { account: alice, orders: 3 }));
	});
}

#[test]
fn drift_should_bring_a_look_when_volatility_jumps() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = short(ALICE, 6_000, 100);
		block();
		// 1,000 dollars of surplus: a volatility of one costs as much.
		set_vol(BTC, 999_000_000);
		block();
		assert!(!is_on_auction(&alice));
		set_vol(BTC, 1_001_000_000);
		block();
		assert!(is_on_auction(&alice));
	});
}

#[test]
fn accounts_should_be_found_worst_first_when_many_cross_in_one_block() {
	ExtBuilder::default().build_and_execute(|| {
		// Triggers of richer accounts lie farther from spot: they are overshot by less.
		let keys: Vec<Key> =
			(0..6).map(|n| short(100 + n, 8_000 + 2_000 * i128::from(n), 100)).collect();
		block();
		set_spot(BTC, 130_000);
		block();
		assert_eq!(opened(), keys);
	});
}

#[test]
fn calm_block_should_look_at_few_when_thousands_hold_positions() {
	ExtBuilder::default().build_and_execute(|| {
		for n in 0..2_000u64 {
			// Initial margin of nothing to ninefold: 10,000 to 100,000 dollars.
			short(100 + n, 10_000 + i128::from(n) * 45, 100);
		}
		block();
		assert!(looks().len() >= 2_000);
		set_spot(BTC, 100_100);
		block();
		let looked = looks().len();
		assert!(looked <= 40, "{looked} looks for a move of 0.1 %");
		set_spot(BTC, 100_000);
		block();
		assert!(looks().len() <= 40);
		assert!(opened().is_empty() && is_swept(BTC));
	});
}

#[test]
fn block_without_news_should_look_at_nobody() {
	ExtBuilder::default().build_and_execute(|| {
		short(ALICE, 10_000, 100);
		block();
		looks();
		block_without_round(Weight::MAX);
		assert!(looks().is_empty());
	});
}

#[test]
fn search_should_go_on_in_the_next_block_when_the_meter_ends() {
	ExtBuilder::default().build_and_execute(|| {
		let count = 2_000u64;
		for n in 0..count {
			short(100 + n, 10_000 + 10 * i128::from(n), 100);
		}
		block();
		set_spot(BTC, 130_000);
		assert!(!is_swept(BTC));
		small_block(200);
		let found = opened();
		assert!((30..1_000).contains(&found.len()), "{}", found.len());
		assert!(!is_swept(BTC) && Sweep::<Test>::get().is_unfinished);
		assert!(matches!(events().last(), Some(Event::SweepUnfinished { .. })));
		let mut blocks = 1;
		while Sweep::<Test>::get().is_unfinished {
			assert!(!is_swept(BTC));
			small_block(200);
			blocks += 1;
			assert!(blocks < 200, "the search ends");
		}
		assert!(is_swept(BTC) && blocks > 2);
		let found = opened();
		assert_eq!(found.len(), count as usize);
		// The poorer, the farther beyond its trigger. Pages are in that order, each of accounts within an eighth of an octave. Each
		// class has its part of the room, and those of one have less than those of the next.
		let (near, far): (Vec<u64>, Vec<u64>) =
			found.iter().map(|key| key.owner).partition(|owner| *owner < 600);
		for (order, first) in [(near, 100), (far, 600)] {
			let distance =
				|(place, owner): (usize, &u64)| (place as i64 - *owner as i64 + first).abs();
			assert!(order.iter().enumerate().map(distance).max().unwrap() < 400, "{order:?}");
		}
		let finished = |event: &Event| matches!(event, Event::SweepFinished { found: 2_000, .. });
		assert!(events().iter().any(finished));
	});
}

#[test]
fn underlying_should_be_unswept_when_its_round_has_come_and_the_block_has_not() {
	ExtBuilder::default().build_and_execute(|| {
		short(ALICE, 10_000, 100);
		assert!(is_swept(BTC) && is_swept(ETH));
		block();
		assert!(is_swept(BTC));
		new_round();
		assert!(!is_swept(BTC));
		assert!(is_swept(ETH), "nobody depends on it");
		block();
		assert!(is_swept(BTC));
	});
}

#[test]
fn underlying_should_stay_unswept_when_its_arrays_are_behind() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		block();
		state(|state| state.behind.insert(BTC));
		set_spot(BTC, 150_000);
		block();
		assert!(!is_swept(BTC) && !is_on_auction(&alice));
		state(|state| state.behind.clear());
		block_without_round(Weight::MAX);
		assert!(is_swept(BTC) && is_on_auction(&alice));
	});
}

#[test]
fn account_should_wait_for_prices_when_it_changes_while_they_are_old() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		state(|state| state.behind.insert(BTC));
		block();
		let places = places_of(&alice);
		assert_eq!(places.iter().map(|place| place.side).collect::<Vec<_>>(), [Side::Waiting]);
		looks();
		block();
		assert!(!looks().contains(&alice), "no look before there are prices");
		state(|state| state.behind.clear());
		block();
		assert!(looks().contains(&alice));
		assert_eq!(places_of(&alice).len(), 4);
	});
}

#[test]
fn nothing_should_be_liquidated_when_time_has_a_gap() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		block();
		state(|state| {
			state.now += MAX_AGE + 1;
			state.spots.get_mut(&BTC).unwrap().0 = 150_000_000_000;
		});
		block_without_round(Weight::MAX);
		assert!(!is_on_auction(&alice) && margin(&alice).maintenance < 0);
		assert_noop!(look(ALICE), Error::<Test>::NothingFound);
		block();
		assert!(is_on_auction(&alice));
	});
}

#[test]
fn every_account_should_be_looked_at_when_nothing_can_be_said_of_drift() {
	ExtBuilder::default().build_and_execute(|| {
		let keys: Vec<Key> = (0..5).map(|n| short(100 + n, 50_000, 100)).collect();
		block();
		looks();
		state(|state| state.silent.insert(BTC));
		for _ in 0..2 {
			block();
			let looked = looks();
			assert!(keys.iter().all(|key| looked.contains(key)));
		}
		state(|state| state.silent.clear());
		block();
		looks();
		block();
		assert!(looks().is_empty());
		assert_eq!(Liquidation::listed_in(List::BLIND).count(), 0);
	});
}

#[test]
fn owner_should_be_called_once_when_margin_is_short() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		block();
		let calls = || {
			let is_call = |event: &Event| matches!(event, Event::MarginCalled { .. });
			events().iter().filter(|event| is_call(event)).count()
		};
		for spot in [104_000, 104_700, 104_650, 104_700] {
			set_spot(BTC, spot);
			block();
		}
		assert_eq!(calls(), 1);
		// Safe again, then called again.
		set_spot(BTC, 90_000);
		top_up(&alice, 1);
		block();
		set_spot(BTC, 104_700);
		block();
		assert_eq!(calls(), 2);
	});
}

#[test]
fn owner_should_be_called_before_the_auction_when_spot_jumps() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		block();
		System::reset_events();
		set_spot(BTC, 106_000);
		block();
		assert!(is_on_auction(&alice));
		let told = events().into_iter().filter_map(|event| match event {
			Event::MarginCalled { account, .. } => Some(("call", account)),
			Event::AuctionOpened { account, .. } => Some(("auction", account)),
			_ => None,
		});
		assert_eq!(told.collect::<Vec<_>>(), [("call", alice), ("auction", alice)]);
	});
}

#[test]
fn account_should_leave_every_tier_when_it_is_emptied_or_closed() {
	ExtBuilder::default().build_and_execute(|| {
		let (alice, bob) = (short(ALICE, 10_000, 100), short(BOB, 10_000, 100));
		block();
		assert_eq!(Registrations::<Test>::count(), 3);
		trade(&alice, &key(HOUSE), line(BTC), 100);
		trade(&bob, &key(HOUSE), line(BTC), 100);
		close(&bob);
		block();
		assert_eq!(Registrations::<Test>::count(), 0);
		assert_eq!(Tiers::<Test>::iter_keys().count(), 0);
		assert_eq!(Due::<Test>::iter_keys().count(), 0);
	});
}

#[test]
fn others_should_go_on_when_the_margin_of_one_account_fails() {
	ExtBuilder::default().insurance(100_000).build_and_execute(|| {
		let (alice, bob) = (short(ALICE, 10_000, 100), short(BOB, 10_000, 100));
		block();
		state(|state| state.failing.insert((ALICE, 0), DispatchError::Other("broken")));
		set_spot(BTC, 120_000);
		for _ in 0..3 {
			block();
		}
		assert!(is_on_auction(&bob) && !is_on_auction(&alice));
		// An event does not keep the words.
		let error = DispatchError::Other("");
		let failed = Event::StepFailed { account: alice, error };
		assert_eq!(events().into_iter().filter(|event| *event == failed).count(), 1);
		assert!(state(|state| state.frozen.is_empty()));
		state(|state| state.failing.clear());
		block();
		assert!(is_on_auction(&alice));
	});
}

/// Underlyings that the last block has told of as frozen.
fn told_frozen() -> Vec<UnderlyingId> {
	let frozen = |event: &Event| match event {
		Event::UnderlyingFrozen { underlying, .. } => Some(*underlying),
		_ => None,
	};
	let told = events().iter().filter_map(frozen).collect();
	System::reset_events();
	told
}

#[test]
fn underlyings_should_be_frozen_when_records_contradict_each_other() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		trade(&alice, &key(HOUSE), line(ETH), 1);
		for error in [DispatchError::Other("corrupt"), DispatchError::Corruption] {
			state(|state| state.failing.insert((ALICE, 0), error));
			top_up(&alice, 1);
			block();
			assert_eq!(told_frozen(), [BTC, ETH]);
			block();
			assert!(told_frozen().is_empty(), "said once");
			// Thawed while the records are as they were.
			state(|state| state.frozen.remove(&ETH));
			block();
			assert_eq!(told_frozen(), [ETH]);
			state(|state| state.failing.clear());
			state(|state| state.frozen.clear());
			block();
			assert!(told_frozen().is_empty() && state(|state| state.frozen.is_empty()));
		}
	});
}

#[test]
fn underlyings_of_an_auction_should_be_frozen_again_when_thawed_before_the_repair() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		set_spot(BTC, 105_000);
		block();
		assert!(is_on_auction(&alice) && told_frozen().is_empty());
		state(|state| state.failing.insert((ALICE, 0), DispatchError::Corruption));
		for is_thawed in [true, false, true] {
			if is_thawed {
				state(|state| state.frozen.clear());
			}
			block();
			assert_eq!(told_frozen(), if is_thawed { vec![BTC] } else { vec![] });
		}
	});
}

#[test]
fn look_should_open_an_auction_when_anyone_asks_between_blocks() {
	ExtBuilder::default().build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		block();
		assert_noop!(look(ALICE), Error::<Test>::NothingFound);
		assert_noop!(look(77), Error::<Test>::NothingFound);
		set_spot(BTC, 120_000);
		assert_ok!(look(ALICE));
		assert!(is_on_auction(&alice));
	});
}

#[test]
fn account_on_two_underlyings_should_be_found_when_either_moves() {
	for (underlying, spot) in [(BTC, 104_000), (ETH, 4_300)] {
		ExtBuilder::default().build_and_execute(|| {
			let alice = short(ALICE, 13_000, 100);
			trade(&key(HOUSE), &alice, line(ETH), 1_000);
			block();
			assert_eq!(Known::<Test>::get().to_vec(), [BTC, ETH]);
			assert!(!is_on_auction(&alice));
			set_spot(underlying, spot + spot / 15);
			block();
			assert!(is_on_auction(&alice), "{underlying}");
		});
	}
}

#[test]
fn search_should_leave_accounts_to_looks_when_the_protocol_does_not_search() {
	ExtBuilder::default().insurance(100_000).build_and_execute(|| {
		Searches::set(false);
		let alice = short(ALICE, 10_000, 100);
		set_spot(BTC, 104_800);
		block();
		assert!(!is_on_auction(&alice) && margin(&alice).maintenance < 0);
		assert!(<Liquidation as ballast_exchange::RiskWatch<u64>>::is_swept(BTC));
		assert_ok!(look(ALICE));
		assert!(is_on_auction(&alice));
	});
}

#[test]
fn glance_should_leave_an_account_alone_when_nothing_about_it_changes() {
	ExtBuilder::default().build_and_execute(|| {
		let eyes = Eyes::<Test>::new();
		let stays = |maintenance, class, called| {
			let margin = Margin {
				mark_to_market: 0,
				equity: 1_000 + maintenance,
				maintenance,
				initial: maintenance,
			};
			Liquidation::stays_as_it_is(&eyes, &margin, class, called)
		};
		assert!(stays(200, Class::Near, None) && stays(300, Class::Near, None));
		assert!(!stays(-1, Class::Urgent, None), "in danger");
		let is_of_another_class = |maintenance| !stays(maintenance, Class::Near, None);
		assert!(is_of_another_class(100) && is_of_another_class(375));
		assert!(stays(100, Class::Urgent, None));
		assert!(!stays(99, Class::Urgent, None), "to be called");
		assert!(stays(99, Class::Urgent, Some(1)), "called already");
		assert!(!stays(100, Class::Urgent, Some(1)), "to be called no more");
	});
}

#[test]
fn look_should_be_paid_for_by_what_it_weighs_when_it_finds_nothing() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		short(ALICE, 10_000_000, 100);
		block();
		let failed = Liquidation::look(signed(BOB), ALICE, 0).unwrap_err();
		assert_eq!(failed.error, Error::<Test>::NothingFound.into());
		assert_eq!(failed.post_info.pays_fee, frame_support::dispatch::Pays::Yes);
		let weight = failed.post_info.actual_weight.unwrap();
		assert!(
			weight.ref_time() > 0 && weight.ref_time() * 2 < Liquidation::most_look().ref_time()
		);
	});
}

/// Accounts whose bitcoin carries a short put: the last of them carries half as much.
fn pledged() -> Vec<Key> {
	let pledge_of = |n: u64| {
		let key = open(100 + n, 0);
		pledge(&key, 100_000_000);
		let lots = if n == 20 { 500 } else { 1_000 };
		trade(&crate::mock::key(HOUSE), &key, put(100_000), lots);
		key
	};
	(0..21).map(pledge_of).collect()
}

/// No price moves, but collateral counts for less.
fn cut() {
	state(|state| state.haircut = 45);
	<Liquidation as RiskWatch<AccountId>>::rules_changed(BTC);
}

#[test]
fn accounts_should_be_found_when_rules_change_and_no_price_moves() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let keys = pledged();
		block();
		block();
		assert!(!keys.iter().any(is_on_auction) && is_swept(BTC));
		cut();
		assert!(!is_swept(BTC), "nothing that adds risk is taken");
		assert!(margin(&keys[0]).maintenance < 0 && margin(&keys[20]).maintenance > 0);
		block();
		let found: Vec<_> = keys.iter().map(is_on_auction).collect();
		assert_eq!(found, [[true; 20].as_slice(), &[false]].concat());
		assert!(is_swept(BTC) && !crate::Afresh::<Test>::exists());
	});
}

#[test]
fn look_at_everybody_should_go_on_in_the_next_block_when_the_meter_ends() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let keys = pledged();
		block();
		cut();
		let mut blocks = 0;
		while crate::Afresh::<Test>::exists() {
			assert!(!is_swept(BTC) || blocks == 0);
			small_block(3);
			blocks += 1;
			assert!(blocks < 50);
		}
		assert!(blocks > 3);
		assert_eq!(keys.iter().filter(|key| is_on_auction(key)).count(), 20);
		assert!(is_swept(BTC));
	});
}

#[test]
fn look_at_everybody_should_begin_again_when_rules_change_meanwhile() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let keys = pledged();
		block();
		<Liquidation as RiskWatch<AccountId>>::rules_changed(BTC);
		small_block(3);
		assert!(crate::Afresh::<Test>::get().is_some_and(|it| it.after.is_some()));
		cut();
		assert_eq!(crate::Afresh::<Test>::get().and_then(|it| it.after), None);
		block();
		assert_eq!(keys.iter().filter(|key| is_on_auction(key)).count(), 20);
	});
}
