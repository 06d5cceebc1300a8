// SPDX-License-Identifier: Apache-2.0
//! Pages that are due whatever prices do, when there are more of them than a block has room for.

use super::*;
use crate::{look::Eyes, Class, List, Pages, SweepState, WatchCursors, WeightInfo};
use frame_support::weights::WeightMeter;
use std::collections::BTreeMap;

/// Shorts of so many owners on an underlying, all alike, that wait for its prices.
fn waiting(first: AccountId, count: u64, underlying: UnderlyingId) {
	for owner in first..first + count {
		let seller = open(owner, 100_000);
		trade(&key(HOUSE), &seller, line(underlying), 100);
	}
}

/// A block with room for the most that a look can weigh and so many pages more; the looks it had.
fn block_with(pages: u64) -> Vec<Key> {
	let begin = <() as WeightInfo>::begin_block(2);
	let page = <() as WeightInfo>::next_page().saturating_mul(pages);
	let limit = Liquidation::most_look().saturating_add(begin).saturating_add(page);
	state(|state| state.now += BLOCK);
	new_round();
	looks();
	let consumed = block_without_round(limit);
	assert!(consumed.all_lte(limit), "{consumed:?} of {limit:?}");
	looks()
}

/// How many looks each account has had in all these.
fn counts(looks: impl IntoIterator<Item = Key>) -> BTreeMap<AccountId, u32> {
	let mut counts = BTreeMap::new();
	for key in looks.into_iter().filter(|key| key.owner != HOUSE) {
		*counts.entry(key.owner).or_default() += 1;
	}
	counts
}

#[test]
fn pages_should_be_named_one_by_one_when_there_are_more_than_a_block_can_name() {
	const ROOM: usize = 7;
	ExtBuilder::default().build_and_execute(|| {
		state(|state| state.behind.extend([BTC, ETH]));
		waiting(1_000, 400, BTC);
		waiting(5_000, 300, ETH);
		block();
		let class = Class::Far;
		let order: Vec<_> = Liquidation::watched_in_turn(class, &[ETH, BTC], None).collect();
		assert!(order.len() > 5 * ROOM, "{}", order.len());
		assert_eq!((order[0].underlying, order.last().unwrap().underlying), (ETH, BTC));
		// All have been gone through: what is left is to find them. That of the house is there for both.
		let mut eyes = Eyes::<Test>::new();
		let pages = order.iter().filter(|it| eyes.note_page(it.page)).count();
		assert_eq!(pages, order.len() - 1);
		let mut go = |room: usize| {
			let limit = <() as WeightInfo>::next_page().saturating_mul(room as u64);
			let mut meter = WeightMeter::with_limit(limit);
			let state = &mut SweepState::default();
			let ends =
				Liquidation::search_watched(class, &[ETH, BTC], &mut eyes, state, &mut meter);
			assert_eq!(meter.consumed(), limit);
			ends
		};
		for turn in 1..20 {
			assert!(!go(ROOM));
			let last = order[(turn * ROOM - 1) % order.len()];
			assert_eq!(WatchCursors::<Test>::get(class), Some(last));
		}
		// From anywhere, all are as many as there are.
		assert!(go(order.len()));
		assert_eq!(WatchCursors::<Test>::get(class), None);
	});
}

#[test]
fn everybody_should_be_found_when_the_watched_are_more_than_a_block_has_room_for() {
	const EACH: u64 = 400;
	ExtBuilder::default().build_and_execute(|| {
		state(|state| state.behind.extend([BTC, ETH]));
		waiting(1_000, EACH, BTC);
		waiting(5_000, EACH, ETH);
		block();
		state(|state| state.behind.clear());
		let waiting =
			|| Pages::<Test>::iter_values().flatten().filter(|it| it.is_watched()).count();
		let (mut blocks, mut left) = (0, waiting());
		assert!(left > 2 * EACH as usize);
		while left > 0 {
			block_with(3_000);
			// A glance leaves an account where it is for some blocks.
			let before = core::mem::replace(&mut left, waiting());
			assert!(left <= before && blocks < 200, "{left} left of {before}");
			blocks += 1;
		}
		assert!(blocks > 3, "there was room for all in {blocks}");
		assert!(!Sweep::<Test>::get().is_unfinished);
	});
}

#[test]
fn blind_accounts_should_be_looked_at_in_turn_when_there_is_no_room_for_all() {
	const ALL: u64 = 600;
	ExtBuilder::default().build_and_execute(|| {
		state(|state| {
			state.silent.insert(BTC);
		});
		waiting(1_000, ALL, BTC);
		block();
		assert_eq!(Liquidation::listed_in(List::BLIND).count(), ALL as usize + 1);
		let (mut all, mut cursors) = (Vec::new(), Vec::new());
		for _ in 0..12 {
			all.extend(block_with(3_000));
			cursors.push(WatchCursors::<Test>::get(Class::Blind));
		}
		let counts = counts(all);
		assert_eq!(counts.len(), ALL as usize, "everybody had a look");
		// A page of which a block had no room for all is begun again: no other has more than one turn more.
		let (least, most) = (counts.values().min().unwrap(), counts.values().max().unwrap());
		assert!(*least >= 1 && most - least <= 2, "{least} to {most}");
		assert!(cursors.iter().all(Option::is_some), "none of these searches has ended");
		assert!(cursors.windows(2).all(|pair| pair[0] != pair[1]), "each block comes farther");
		state(|state| state.silent.clear());
		block();
		assert_eq!(WatchCursors::<Test>::iter().count(), 0);
	});
}

#[test]
fn turn_should_begin_at_the_next_underlying_when_the_one_of_the_last_page_has_old_prices() {
	ExtBuilder::default().build_and_execute(|| {
		state(|state| state.behind.extend([BTC, ETH]));
		waiting(1_000, 400, BTC);
		waiting(5_000, 400, ETH);
		block();
		state(|state| state.behind.clear());
		block_with(3_000);
		let cursor = WatchCursors::<Test>::iter_values().next().expect("there are more");
		state(|state| state.behind.insert(cursor.underlying));
		let class = Class::Far;
		let others: Vec<_> = [BTC, ETH].into_iter().filter(|id| *id != cursor.underlying).collect();
		let mut pages = Liquidation::watched_in_turn(class, &others, Some(cursor));
		assert!(pages.all(|it| others.contains(&it.underlying)));
		let on = |id| Tiers::<Test>::iter_key_prefix(((id, class, Side::Waiting),)).count();
		let (before, on_others) = (on(cursor.underlying), on(others[0]));
		for _ in 0..2 {
			block_with(3_000);
		}
		assert!(on(others[0]) < on_others && on(cursor.underlying) >= before);
	});
}

/// A block whose search cannot end, with room to look after one auction in every fourth.
fn crowded() -> Weight {
	let begin = <() as WeightInfo>::begin_block(2);
	Liquidation::most_visit().saturating_mul(2).saturating_add(begin)
}

#[test]
fn auctions_should_be_looked_after_when_searches_do_not_end() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		set_spot(BTC, 105_000);
		block();
		assert!(is_on_auction(&alice));
		// More of whom nothing can be said than there is room for.
		state(|state| {
			state.silent.insert(ETH);
		});
		waiting(1_000, 1_500, ETH);
		for _ in 0..4 {
			state(|state| state.now += BLOCK);
			new_round();
			block_without_round(crowded());
		}
		assert!(Sweep::<Test>::get().is_unfinished);
		top_up(&alice, 5_000);
		for _ in 0..4 {
			state(|state| state.now += BLOCK);
			new_round();
			let consumed = block_without_round(crowded());
			assert!(consumed.all_lte(crowded()));
			assert!(Sweep::<Test>::get().is_unfinished);
		}
		assert_eq!(ended(&alice), Some(EndReason::TargetReached));
	});
}

#[test]
fn search_should_keep_nothing_for_auctions_when_the_block_has_little_room() {
	ExtBuilder::default().insurance(1).build_and_execute(|| {
		let alice = short(ALICE, 10_000, 100);
		set_spot(BTC, 105_000);
		block();
		assert!(is_on_auction(&alice));
		Sweep::<Test>::mutate(|state| (state.is_unfinished, state.number) = (true, 4));
		let kept = |limit| Liquidation::kept_for_auctions(&WeightMeter::with_limit(limit));
		let most = Liquidation::most_visit();
		assert_eq!(kept(most.saturating_mul(2)), most);
		assert_eq!(kept(most), Weight::zero());
		Sweep::<Test>::mutate(|state| state.number = 5);
		assert_eq!(kept(most.saturating_mul(2)), Weight::zero());
		Sweep::<Test>::mutate(|state| (state.is_unfinished, state.number) = (false, 4));
		assert_eq!(kept(most.saturating_mul(2)), Weight::zero());
	});
}
