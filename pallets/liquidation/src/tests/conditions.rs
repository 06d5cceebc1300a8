// SPDX-License-Identifier: Apache-2.0
//! What the chain measures, and what that does to margin.

use super::*;
use crate::Measured;
use ballast_risk::{ConcentrationParameters, DelayParameters, MultiplierParameters};

fn conditions() -> MarginConditions {
	<Liquidation as RiskWatch<AccountId>>::conditions(BTC)
}

fn delay() -> Parameters {
	let delay = DelayParameters { z: Ppb(3_000_000_000), vol_floor: Ppb::percent(100) };
	Parameters { delay, ..Default::default() }
}

#[test]
fn nothing_should_be_asked_for_when_the_buffers_are_off() {
	ExtBuilder::default().build_and_execute(|| {
		short(ALICE, 10_000, 100);
		pass(20_000);
		assert_eq!(conditions(), MarginConditions::default());
	});
}

#[test]
fn delay_move_should_come_from_the_delay_that_is_measured() {
	ExtBuilder::default().parameters(delay()).build_and_execute(|| {
		short(ALICE, 50_000, 100);
		block();
		block();
		// 3 sqrt(0.5 s / a year) = 0.00038, on its step.
		assert_eq!(conditions().delay_move, Ppb(1_000_000));
		let moved = Event::DelayMoveChanged {
			underlying: BTC,
			delay_move: Ppb(1_000_000),
			price_age_millis: 0,
			backlog: 0,
			capacity_per_second: Liquidation::capacity(),
			delay_millis: 500,
			realised_vol: Ppb(0),
		};
		assert!(events().contains(&moved), "{:?}", events());
		block_after(60_000);
		// Blocks of thirty seconds and more: 0.0029.
		assert_eq!(conditions().delay_move, Ppb(3_000_000));
		block();
		assert_eq!(conditions().delay_move, Ppb(1_000_000));
	});
}

#[test]
fn backlog_should_raise_the_move_within_its_bounds() {
	BidBudget::set(Weight::from_parts(15_000_000_000, 1_000_000));
	ExtBuilder::default().parameters(delay()).insurance(1).build_and_execute(|| {
		for n in 0..1_000u64 {
			short(100 + n, 10_000, 100);
		}
		let carol = short(CAROL, 10_520, 100);
		block();
		set_spot(BTC, 105_000);
		block();
		assert_eq!(Auctions::<Test>::count(), 1_000);
		block();
		// 15 ms of bids in each half second, by the figures of the mock.
		let capacity = Liquidation::figures().capacity_per_second;
		assert!((100..1_000).contains(&capacity), "{capacity}");
		let delay_move = conditions().delay_move;
		assert!(delay_move > Ppb(1_000_000), "{capacity} a second: {delay_move:?}");
		assert!(delay_move <= HouseParameters::default().highest_move);
		// The rise is a drift: who it brings under maintenance is found.
		assert_eq!(is_on_auction(&carol), margin(&carol).maintenance < 0);
	});
}

#[test]
fn account_should_be_found_when_the_delay_move_alone_brings_it_under() {
	let mut parameters = delay();
	parameters.house.move_rise = Ppb::percent(10);
	ExtBuilder::default().parameters(parameters).insurance(1).build_and_execute(|| {
		// 1 dollar of surplus: a move of 0.001 costs as much on 1,000 dollars.
		let alice = short(ALICE, 5_002, 100);
		block();
		block();
		assert!(!is_on_auction(&alice) && margin(&alice).maintenance == USD);
		block_after(60_000);
		assert!(is_on_auction(&alice));
	});
}

#[test]
fn calm_blocks_should_bring_no_looks_when_the_measure_is_noise() {
	ExtBuilder::default().parameters(delay()).build_and_execute(|| {
		short(ALICE, 50_000, 100);
		block();
		block();
		looks();
		for millis in [500, 520, 480, 700, 450, 610] {
			block_after(millis);
		}
		assert!(looks().is_empty());
	});
}

#[test]
fn multiplier_should_follow_realised_volatility() {
	let multiplier = MultiplierParameters { slope: Ppb::ONE, ..MultiplierParameters::DEFAULT };
	let parameters = Parameters { multiplier, ..Default::default() };
	ExtBuilder::default().parameters(parameters).build_and_execute(|| {
		short(ALICE, 50_000, 100);
		state(|state| state.realised = Some(Ppb::percent(50)));
		block();
		block();
		assert_eq!(conditions().multiplier, Ppb::ONE);
		state(|state| state.realised = Some(Ppb::percent(75)));
		// The mean of days, not of two blocks.
		Measured::<Test>::mutate(BTC, |measured| measured.mean_blocks = 1 << 20);
		block();
		assert_eq!(conditions().multiplier, Ppb::percent(101), "a percent a block");
		let mean_vol = Measured::<Test>::get(BTC).mean_vol();
		let (multiplier, realised_vol) = (Ppb::percent(101), Ppb::percent(75));
		let told = Event::MultiplierChanged { underlying: BTC, multiplier, realised_vol, mean_vol };
		assert!(events().contains(&told), "{:?}", events());
		for _ in 0..60 {
			block();
		}
		// Half as much again as its long mean.
		assert!((Ppb(1_499_000_000)..=Ppb(1_500_000_000)).contains(&conditions().multiplier));
	});
}

#[test]
fn conditions_should_stay_when_prices_are_old() {
	ExtBuilder::default().parameters(delay()).build_and_execute(|| {
		short(ALICE, 50_000, 100);
		block();
		block();
		let before = conditions();
		state(|state| state.now += HOUR);
		block_without_round(Weight::MAX);
		assert_eq!(conditions(), before);
	});
}

#[test]
fn gap_in_time_should_not_look_like_slow_blocks() {
	ExtBuilder::default().parameters(delay()).insurance(1).build_and_execute(|| {
		short(ALICE, 10_000, 100);
		set_spot(BTC, 105_000);
		block();
		block();
		assert_eq!(Liquidation::figures().backlog, 1);
		block_after(24 * HOUR);
		// Thirty seconds at most, and the one account in the backlog.
		assert_eq!(conditions().delay_move, Ppb(3_000_000));
		assert!(Liquidation::figures().capacity_per_second > 0);
	});
}

#[test]
fn concentration_should_be_handed_on() {
	let concentration =
		ConcentrationParameters { threshold: Ppb::percent(10), charge: Ppb::percent(5) };
	let parameters = Parameters { concentration, ..Default::default() };
	ExtBuilder::default().parameters(parameters).build_and_execute(|| {
		assert_eq!(conditions().concentration, concentration);
	});
}

#[test]
fn one_auction_should_not_look_like_a_delay_without_end_when_a_block_is_slow() {
	// Room for two usual bids in a block.
	let usual = Liquidation::bid_weight(16, 1).saturating_add(Bank::safety_weight(16));
	BidBudget::set(usual.saturating_mul(2));
	ExtBuilder::default().parameters(delay()).insurance(1).build_and_execute(|| {
		short(ALICE, 10_000, 100);
		set_spot(BTC, 105_000);
		block();
		block();
		block_after(10_000);
		assert_eq!((Liquidation::capacity_per_block(), Liquidation::capacity()), (2, 0));
		// One block of ten seconds, and half of one for the auction.
		let measured = Measured::<Test>::get(BTC);
		assert_eq!((measured.delay_millis, measured.delay_move), (15_000, Ppb(3_000_000)));
	});
}

#[test]
fn delay_move_should_rise_at_the_pace_of_the_search() {
	ExtBuilder::default().build_and_execute(|| {
		short(ALICE, 10_000, 100);
		block();
		let house = HouseParameters::default();
		let rise = || {
			let parameters = Parameters { house, ..Parameters::default() };
			Liquidation::at_the_pace_of_the_search(parameters).house.move_rise
		};
		assert_eq!(rise(), house.move_rise);
		Sweep::<Test>::mutate(|state| state.is_unfinished = true);
		assert_eq!(rise(), Ppb::ZERO);
		Sweep::<Test>::mutate(|state| (state.is_unfinished, state.found) = (false, 1));
		assert_eq!(rise(), house.move_step);
		block();
		assert_eq!(rise(), house.move_rise);
	});
}
