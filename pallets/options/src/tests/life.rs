// SPDX-License-Identifier: Apache-2.0

//! From expiry to pruning.

use crate::{
	mock::*, weights::WeightInfo, Event, ExpiryState, HoldReason, Minutes, RemovalQueue, Schedule,
	SettlingQueue,
};
use ballast_exchange::{Markets, Moment, OptionKind, SeriesId, SeriesStatus, Settling};
use frame_support::{
	assert_ok,
	traits::{fungible::hold::Inspect, Hooks},
	weights::Weight,
};

fn minutes() -> Schedule {
	let minutes = Some(Minutes { period_minutes: 5, count: 2 });
	Schedule { minutes, dailies: 0, ..schedule() }
}

fn status(expiry: Moment) -> SeriesStatus {
	let strike = Options::listing(BTC, expiry).map_or(95_000 * USD, |listing| listing.strikes[0]);
	let series = SeriesId { underlying: BTC, expiry, strike, kind: OptionKind::Call };
	<Options as Markets>::status(&series)
}

fn idle(limit: u64) -> Weight {
	Options::on_idle(0, Weight::from_parts(limit, u64::MAX))
}

#[test]
fn expiry_should_go_through_its_life_in_order() {
	TestExt::new().schedule(minutes()).priced_at(95_000).execute_with(|| {
		let expiry = expiries()[0];
		assert_eq!(status(expiry), SeriesStatus::Trading);
		set_now(expiry - 1);
		block(0);
		assert_eq!(status(expiry), SeriesStatus::Trading);
		System::reset_events();
		block(1);
		assert_eq!(status(expiry), SeriesStatus::Expired);
		assert_eq!(events()[0], Event::Expired { underlying: BTC, expiry });
		let next = Event::ExpiryListed { underlying: BTC, expiry: expiry + 10 * 60_000 };
		assert_eq!(events()[1], next);
		block(500);
		assert_eq!(<Options as Markets>::next_settling(), None);

		settle_at(BTC, expiry, usd(94_321));
		System::reset_events();
		block(500);
		assert_eq!(status(expiry), SeriesStatus::Settling);
		let settling = Settling { underlying: BTC, expiry, price: usd(94_321) };
		assert_eq!(<Options as Markets>::next_settling(), Some(settling));
		let priced = Event::SettlementPriced { underlying: BTC, expiry, price: usd(94_321) };
		assert_eq!(events(), [priced]);
		assert_eq!(<Options as Markets>::next_pruning(), None);

		System::reset_events();
		<Options as Markets>::settled(BTC, expiry);
		assert_eq!(status(expiry), SeriesStatus::Settled);
		assert_eq!(<Options as Markets>::next_settling(), None);
		assert_eq!(<Options as Markets>::next_pruning(), Some((BTC, expiry)));
		assert_eq!(events(), [Event::Settled { underlying: BTC, expiry }]);

		<Options as Markets>::pruned(BTC, expiry);
		assert_eq!(<Options as Markets>::next_pruning(), None);
		idle(u64::MAX);
		assert_eq!(status(expiry), SeriesStatus::Unknown);
		assert!(!expiries().contains(&expiry));
		assert!(<Options as Markets>::priced(BTC, expiry).is_none());
		assert_eq!(source(BTC, |source| source.forgotten.clone()), [expiry]);
		assert!(events().contains(&Event::Pruned { underlying: BTC, expiry }));
	});
}

#[test]
fn series_should_be_expired_at_its_moment_even_if_the_hook_had_no_weight() {
	TestExt::new().schedule(minutes()).priced_at(95_000).execute_with(|| {
		let expiry = expiries()[0];
		set_now(expiry);
		block_with(0, 0);
		assert_eq!(Options::listing(BTC, expiry).unwrap().state, ExpiryState::Trading);
		assert_eq!(status(expiry), SeriesStatus::Expired);
		block(500);
		assert_eq!(Options::listing(BTC, expiry).unwrap().state, ExpiryState::Expired);
	});
}

#[test]
fn missed_blocks_should_expire_everything_that_has_passed() {
	TestExt::new().schedule(minutes()).priced_at(95_000).execute_with(|| {
		let passed = expiries();
		assert_eq!(passed.len(), 2);
		// The chain stands still for a day.
		block(crate::calendar::DAY);
		for expiry in &passed {
			assert_eq!(status(*expiry), SeriesStatus::Expired);
			assert_eq!(priced(*expiry).seconds, 0);
		}
		// And goes on with what is ahead, not with what was missed.
		assert_eq!(expiries().len(), 4);
		assert!(expiries()[2..].iter().all(|expiry| *expiry > now() + 5 * 60_000 - 1));
	});
}

#[test]
fn settlement_should_be_one_expiry_after_the_other_in_order() {
	TestExt::new().schedule(minutes()).priced_at(95_000).execute_with(|| {
		let passed = expiries();
		block(crate::calendar::DAY);
		passed.iter().for_each(|expiry| settle_at(BTC, *expiry, usd(95_000)));
		block(500);
		for expiry in &passed {
			assert_eq!(<Options as Markets>::next_settling().unwrap().expiry, *expiry);
			// Clearing needs several blocks: it is told the same expiry until it is done.
			block(500);
			assert_eq!(<Options as Markets>::next_settling().unwrap().expiry, *expiry);
			<Options as Markets>::settled(BTC, *expiry);
		}
		assert_eq!(<Options as Markets>::next_settling(), None);
		assert_eq!(<Options as Markets>::next_pruning(), Some((BTC, passed[0])));
	});
}

#[test]
fn answers_out_of_turn_should_change_nothing() {
	TestExt::new().schedule(minutes()).priced_at(95_000).execute_with(|| {
		let expiry = expiries()[0];
		let root = || sp_io::storage::root(Default::default());
		let before = root();
		<Options as Markets>::settled(BTC, expiry);
		<Options as Markets>::pruned(BTC, expiry);
		<Options as Markets>::settled(BTC, 1);
		<Options as Markets>::pruned(9, 1);
		assert_eq!(root(), before);
		set_now(expiry);
		settle_at(BTC, expiry, usd(95_000));
		block(0);
		let before = root();
		<Options as Markets>::pruned(BTC, expiry);
		assert_eq!(root(), before);
		<Options as Markets>::settled(BTC, expiry);
		let before = root();
		<Options as Markets>::settled(BTC, expiry);
		assert_eq!(root(), before);
		<Options as Markets>::pruned(BTC, expiry);
		let before = root();
		<Options as Markets>::pruned(BTC, expiry);
		assert_eq!(root(), before);
	});
}

#[test]
fn final_average_of_nothing_should_not_settle() {
	TestExt::new().schedule(minutes()).priced_at(95_000).execute_with(|| {
		let expiry = expiries()[0];
		set_now(expiry);
		source(BTC, |source| {
			let nothing =
				ballast_exchange::SettlementAverage { is_final: true, ..Default::default() };
			source.settlements.insert(expiry, nothing);
		});
		block(0);
		assert_eq!(status(expiry), SeriesStatus::Expired);
		assert!(SettlingQueue::<Test>::get().is_empty());
	});
}

#[test]
fn settlement_at_zero_should_be_taken_and_priced() {
	TestExt::new().schedule(minutes()).priced_at(95_000).execute_with(|| {
		let expiry = expiries()[0];
		set_now(expiry);
		settle_at(BTC, expiry, ballast_exchange::Price::ZERO);
		block(0);
		assert_eq!(status(expiry), SeriesStatus::Settling);
		assert_eq!(priced(expiry).forward.pico_usd(), 1);
	});
}

#[test]
fn tiny_meter_should_still_expire_and_settle_over_blocks() {
	TestExt::new().schedule(minutes()).priced_at(95_000).execute_with(|| {
		let passed = expiries();
		set_now(now() + crate::calendar::DAY);
		passed.iter().for_each(|expiry| settle_at(BTC, *expiry, usd(95_000)));
		let unit = <() as WeightInfo>::reprice_expiry(0).ref_time();
		for _ in 0..20 {
			block_with(500, unit);
		}
		assert_eq!(SettlingQueue::<Test>::get().len(), 2);
	});
}

#[test]
fn deposits_should_return_to_those_who_paid_when_the_expiry_is_pruned() {
	TestExt::new().schedule(minutes()).priced_at(95_000).execute_with(|| {
		let (expiry, other) = (expiries()[0], expiries()[1]);
		let request = |who, expiry, dollars| {
			let strike = dollars * USD;
			assert_ok!(Options::list_strike(RuntimeOrigin::signed(who), BTC, expiry, strike));
		};
		request(1, expiry, 50_000);
		request(1, expiry, 60_000);
		request(2, expiry, 70_000);
		request(1, other, 50_000);
		let held = |who| Balances::balance_on_hold(&HoldReason::StrikeDeposit.into(), &who);
		assert_eq!((held(1), held(2)), (3 * DEPOSIT, DEPOSIT));
		set_now(expiry);
		settle_at(BTC, expiry, usd(95_000));
		block(0);
		<Options as Markets>::settled(BTC, expiry);
		<Options as Markets>::pruned(BTC, expiry);
		assert_eq!((held(1), held(2)), (3 * DEPOSIT, DEPOSIT));
		idle(u64::MAX);
		assert_eq!((held(1), held(2)), (DEPOSIT, 0));
		assert_eq!(Balances::free_balance(2), ENDOWMENT);
	});
}

#[test]
fn market_made_to_measure_should_live_like_any_other() {
	TestExt::new().schedule(minutes()).priced_at(95_000).execute_with(|| {
		let expiry = now() + 3 * crate::calendar::DAY;
		let price = expiry_price(usd(95_000), expiry - now());
		source(BTC, |source| source.expiries.insert(expiry, price));
		Options::set_up_expiry(BTC, expiry, vec![90_000 * USD, 99_000 * USD]);
		assert_eq!(status(expiry), SeriesStatus::Trading);
		assert_eq!(priced(expiry).strikes, [90_000 * USD, 99_000 * USD]);
		Options::set_up_settlement(BTC, expiry, usd(91_000));
		assert_eq!(<Options as Markets>::next_settling().unwrap().price, usd(91_000));
		<Options as Markets>::settled(BTC, expiry);
		assert_eq!(<Options as Markets>::next_pruning(), Some((BTC, expiry)));
	});
}

#[test]
fn idle_without_room_should_remove_later() {
	TestExt::new().schedule(minutes()).priced_at(95_000).execute_with(|| {
		let passed = expiries();
		block(crate::calendar::DAY);
		for expiry in &passed {
			settle_at(BTC, *expiry, usd(95_000));
		}
		block(500);
		for expiry in &passed {
			<Options as Markets>::settled(BTC, *expiry);
			<Options as Markets>::pruned(BTC, *expiry);
		}
		let most = <() as WeightInfo>::remove_expiry(16).ref_time();
		assert_eq!(idle(most - 1), Weight::zero());
		assert_eq!(RemovalQueue::<Test>::get().len(), 2);
		let one = idle(most);
		assert_eq!(one, <() as WeightInfo>::remove_expiry(0));
		assert_eq!(RemovalQueue::<Test>::get().to_vec(), [(BTC, passed[1])]);
		idle(u64::MAX);
		assert!(RemovalQueue::<Test>::get().is_empty());
	});
}
