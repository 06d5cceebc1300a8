// SPDX-License-Identifier: Apache-2.0
//! Settlement averages: exact ends, gaps, missed blocks, dead feeds.

use crate::{mock::*, *};
use ballast_exchange::{Moment, Ppb, Price, PriceSource, SettlementAverage};

/// The window of the tests is the last minute.
const OPEN: Moment = NEAR - 60_000;

fn average() -> SettlementAverage {
	Prices::settlement(BTC, NEAR)
}

fn settled() -> Option<FinalPrice> {
	FinalPrices::<Test>::get(BTC, NEAR)
}

fn one_author() -> ExtBuilder {
	ExtBuilder::default().quorum(1)
}

/// A block with a report of spot.
fn spot_at(now: Moment, spot: i64) {
	block_at(now, 1, btc_spot(usd(spot)));
}

/// Reports `spot` every second from `from` up to, not including, `to`.
fn spot_between(from: Moment, to: Moment, spot: i64) {
	for now in (from..to).step_by(1_000) {
		spot_at(now, spot);
	}
}

#[test]
fn average_should_be_nothing_when_the_window_is_not_open() {
	one_author().build_and_execute(|| {
		spot_at(OPEN - 1, 95_000);
		assert_eq!(average(), SettlementAverage::default());
		assert_eq!(Prices::settlement(BTC, 1), SettlementAverage::default());
		assert_eq!(Prices::settlement(9, NEAR), SettlementAverage::default());
	});
}

#[test]
fn average_should_weigh_spots_by_time_and_become_final_at_the_expiry() {
	one_author().build_and_execute(|| {
		spot_between(OPEN - 5_000, OPEN + 15_000, 100_000);
		assert_eq!(average().average, Some(usd(100_000)));
		spot_between(OPEN + 15_000, NEAR, 104_000);
		// At NEAR - 1,000: 15 of 59 seconds at 100,000.
		let so_far = average();
		assert_eq!(so_far.elapsed, Ppb(983_333_333));
		assert!(!so_far.is_final);
		spot_at(NEAR, 1);
		// A quarter at 100,000, three quarters at 104,000; what comes at the expiry is not in it.
		let expected =
			SettlementAverage { average: Some(usd(103_000)), elapsed: Ppb::ONE, is_final: true };
		assert_eq!(average(), expected);
		assert_eq!(settled(), Some(FinalPrice { price: usd(103_000), covered_millis: 60_000 }));
		let fixed = Event::SettlementFixed {
			underlying: BTC,
			expiry: NEAR,
			price: usd(103_000),
			covered_millis: 60_000,
		};
		assert!(events().contains(&fixed));
	});
}

#[test]
fn average_should_move_with_time_inside_a_round() {
	one_author().build_and_execute(|| {
		spot_at(OPEN, 100);
		assert_eq!(Feeds::<Test>::get(BTC).windows.len(), 1);
		spot_at(OPEN + 1_000, 200);
		Now::set(OPEN + 4_000);
		let now = average();
		// One second at 100, three at 200.
		assert_eq!((now.average, now.elapsed), (Some(usd(175)), Ppb(66_666_666)));
	});
}

#[test]
fn start_should_be_exact_when_no_block_falls_on_it() {
	one_author().build_and_execute(|| {
		spot_at(OPEN - 1_000, 100);
		// No block until two seconds into the window.
		spot_at(OPEN + 2_000, 200);
		let opened = Event::WindowOpened { underlying: BTC, expiry: NEAR, start: OPEN };
		assert!(events().contains(&opened));
		Now::set(OPEN + 4_000);
		assert_eq!(average().average, Some(usd(150)));
	});
}

#[test]
fn end_should_be_exact_when_blocks_are_missed_over_it() {
	one_author().build_and_execute(|| {
		spot_between(OPEN - 2_000, NEAR - 1_000, 100);
		spot_at(NEAR - 1_000, 160);
		Now::set(NEAR + 2_000);
		assert_eq!(average().average, Some(usd(101)));
		// The next block is late and says something else.
		spot_at(NEAR + 3_000, 900);
		assert_eq!(settled().unwrap().price, usd(101));
	});
}

#[test]
fn whole_window_should_be_settled_when_the_chain_stood_still_over_it() {
	one_author().build_and_execute(|| {
		spot_at(OPEN - 1_000, 100);
		spot_at(NEAR + DAY, 900);
		// The round before was good for five seconds, four of them in the window.
		assert_eq!(settled(), Some(FinalPrice { price: usd(100), covered_millis: 4_000 }));
	});
}

#[test]
fn gap_should_weigh_only_what_a_price_is_good_for() {
	one_author().build_and_execute(|| {
		spot_at(OPEN, 100);
		// 100 counts for five seconds of thirty, 200 for five.
		spot_at(OPEN + 30_000, 200);
		silent_block_at(NEAR);
		assert_eq!(settled(), Some(FinalPrice { price: usd(150), covered_millis: 10_000 }));
	});
}

#[test]
fn first_spot_after_the_expiry_should_settle_when_the_feed_was_dead() {
	one_author().build_and_execute(|| {
		spot_at(OPEN - 10_000, 100);
		silent_block_at(OPEN + 1);
		assert_eq!(average().average, None);
		silent_block_at(NEAR);
		silent_block_at(NEAR + 7_000);
		let waiting = SettlementAverage { average: None, elapsed: Ppb::ONE, is_final: false };
		assert_eq!(average(), waiting);
		spot_at(NEAR + 60_000, 177);
		assert_eq!(settled(), Some(FinalPrice { price: usd(177), covered_millis: 0 }));
	});
}

#[test]
fn spot_at_the_expiry_itself_should_settle_when_the_feed_was_dead() {
	one_author().build_and_execute(|| {
		spot_at(OPEN - 10_000, 100);
		spot_at(NEAR, 150);
		assert_eq!(settled(), Some(FinalPrice { price: usd(150), covered_millis: 0 }));
	});
}

#[test]
fn forget_should_close_a_window() {
	one_author().build_and_execute(|| {
		spot_at(OPEN + 1_000, 100);
		Prices::forget(BTC, NEAR);
		assert_eq!(Feeds::<Test>::get(BTC).windows.len(), 0);
	});
}

#[test]
fn first_spot_should_settle_when_there_never_was_one() {
	one_author().build_and_execute(|| {
		silent_block_at(NEAR + 1);
		assert!(!average().is_final);
		spot_at(NEAR + 2, 5);
		assert_eq!(settled().unwrap().price, usd(5));
	});
}

#[test]
fn final_price_should_not_change_any_more() {
	one_author().build_and_execute(|| {
		spot_between(OPEN, NEAR + 1, 100);
		let settled = settled();
		assert!(settled.is_some());
		spot_between(NEAR + 1_000, NEAR + 60_000, 900);
		assert_eq!(self::settled(), settled);
		assert_eq!(Feeds::<Test>::get(BTC).windows.len(), 0);
	});
}

#[test]
fn late_round_should_count_from_its_own_moment() {
	one_author().build_and_execute(|| {
		spot_at(OPEN - 2_000, 100);
		// The block at OPEN - 1,000 has no weight left; the window opens before its report is looked at.
		begin_block_at(OPEN - 1_000);
		Prices::report(RuntimeOrigin::none(), btc_spot(usd(200))).unwrap();
		silent_block_at(OPEN + 1_000);
		assert_eq!(average().average, Some(usd(200)));
	});
}

#[test]
fn average_should_cover_the_rest_when_an_expiry_is_listed_inside_its_window() {
	one_author().listing(vec![(BTC, vec![])]).build_and_execute(|| {
		spot_between(OPEN, OPEN + 30_000, 100);
		Listed::set(vec![(BTC, vec![(NEAR, vec![])])]);
		spot_at(OPEN + 30_000, 200);
		let start = OPEN + 29_000;
		let opened = Event::WindowOpened { underlying: BTC, expiry: NEAR, start };
		assert!(events().contains(&opened));
		// One second of 31.
		assert_eq!(average().elapsed, Ppb(32_258_064));
		spot_between(OPEN + 31_000, NEAR, 200);
		silent_block_at(NEAR);
		// From the last round before it was seen: one second of 31 at 100.
		let settled = settled().unwrap();
		assert_eq!(settled.covered_millis, 31_000);
		assert_eq!(settled.price.to_micro_usd_floor(), 196_774_193);
	});
}

#[test]
fn first_spot_should_settle_when_an_expiry_is_listed_after_it_has_passed() {
	one_author().listing(vec![(BTC, vec![])]).build_and_execute(|| {
		spot_at(NEAR + 1_000, 100);
		Listed::set(vec![(BTC, vec![(NEAR, vec![])])]);
		silent_block_at(NEAR + 2_000);
		assert!(!average().is_final);
		Prices::do_try_state().unwrap();
		spot_at(NEAR + 3_000, 300);
		assert_eq!(settled().unwrap().price, usd(300));
	});
}

#[test]
fn open_windows_should_not_mind_a_change_of_the_largest_age() {
	one_author().build_and_execute(|| {
		spot_at(OPEN - 4_000, 1_000);
		// Opens four seconds into the round.
		silent_block_at(OPEN);
		let parameters = PriceParameters { max_age_millis: 1_000, ..Parameters::<Test>::get() };
		Prices::set_parameters(RuntimeOrigin::root(), parameters).unwrap();
		spot_between(OPEN + 10_000, NEAR, 100);
		silent_block_at(NEAR);
		// One second at 1,000, fifty at 100.
		assert_eq!(settled().unwrap().covered_millis, 51_000);
		assert_eq!(settled().unwrap().price.to_micro_usd_floor(), 117_647_058);
	});
}

#[test]
fn twelve_windows_should_be_open_at_once_and_a_thirteenth_wait() {
	let expiries: Vec<(Moment, Vec<Price>)> = (0..13).map(|i| (NEAR + i, vec![])).collect();
	one_author().listing(vec![(BTC, expiries)]).build_and_execute(|| {
		spot_at(OPEN + 1_000, 100);
		assert_eq!(Feeds::<Test>::get(BTC).windows.len(), MAX_WINDOWS as usize);
		assert_eq!(Prices::settlement(BTC, NEAR + 12), SettlementAverage::default());
		spot_between(OPEN + 2_000, NEAR + 2_000, 100);
		for offset in 0..13 {
			assert_eq!(Prices::settlement(BTC, NEAR + offset).average, Some(usd(100)), "{offset}");
		}
	});
}

#[test]
fn forget_should_remove_everything_of_an_expiry_and_nothing_else() {
	one_author().build_and_execute(|| {
		block_at(OPEN + 1_000, 1, btc(95_000));
		spot_at(NEAR, 95_000);
		Prices::forget(BTC, FAR);
		assert!(Prices::expiry(BTC, FAR).is_none());
		assert!(average().is_final);
		// Settled: the options pallet lists it no longer.
		Listed::set(vec![(BTC, vec![])]);
		Prices::forget(BTC, NEAR);
		assert_eq!(average(), SettlementAverage::default());
		assert_eq!(FinalPrices::<Test>::iter().count(), 0);
		Prices::forget(9, NEAR);
		assert!(!Feeds::<Test>::contains_key(9) && !ExpiryPrices::<Test>::contains_key(9));
		spot_at(NEAR + 1_000, 95_000);
		assert_eq!(average(), SettlementAverage::default());
	});
}

#[test]
fn average_should_be_exact_when_prices_are_extreme() {
	one_author().build_and_execute(|| {
		for now in (OPEN..NEAR).step_by(1_000) {
			block_at(now, 1, btc_spot(Price::MAX));
		}
		silent_block_at(NEAR);
		assert_eq!(settled().unwrap().price, Price::MAX);
	});
}
