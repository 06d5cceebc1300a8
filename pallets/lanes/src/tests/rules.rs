// SPDX-License-Identifier: Apache-2.0
//! The pure rules: forecast, demand, reserve, prices, shares.

use crate::{
	demand,
	forecast::{Forecast, LinearTrend, PeakHold},
	next_multiplier, next_reserve, priority, stress, FeeRule, Lane, LaneParameters, Limits,
	Measured, PerLane, Plan, ReserveRule, Space, SPAN, TIP_CAP,
};
use frame_support::{dispatch::DispatchClass, weights::Weight};
use proptest::prelude::*;
use sp_runtime::{FixedU128, Perbill};

fn percent(n: u32) -> Perbill {
	Perbill::from_percent(n)
}

fn reserve_rule() -> ReserveRule {
	LaneParameters::default().reserve
}

fn fee_rule() -> FeeRule {
	LaneParameters::default().fees.takers
}

fn calm() -> Measured {
	Measured {
		used: percent(0),
		reserve: percent(25),
		backlog: 0,
		capacity: 10,
		volatility: FixedU128::from_u32(1),
	}
}

#[test]
fn defaults_should_be_valid() {
	assert_eq!(LaneParameters::default().validate(), Ok(()));
}

#[test]
fn ranks_should_descend_with_precedence() {
	assert!(Lane::ALL.windows(2).all(|pair| pair[0].rank() == pair[1].rank() + 1));
}

#[test]
fn priority_should_leave_half_a_span_to_other_extensions() {
	for pair in Lane::ALL.windows(2) {
		let highest_behind = priority(pair[1], u64::MAX);
		assert_eq!(highest_behind, pair[1].rank() * SPAN + TIP_CAP);
		assert!(highest_behind + SPAN / 2 < priority(pair[0], 0));
	}
	assert!(priority(Lane::Solvency, u64::MAX).checked_add(SPAN / 2).is_some());
}

#[test]
fn lanes_should_keep_from_those_before_them_and_risk_down_from_all() {
	assert!(Lane::General.keeps_from(Lane::Takers));
	assert!(!Lane::Makers.keeps_from(Lane::Takers));
	for lane in [Lane::Makers, Lane::Takers, Lane::General] {
		assert!(Lane::RiskDown.keeps_from(lane));
	}
	assert!(Lane::ALL.into_iter().all(|lane| !lane.keeps_from(lane)));
}

#[test]
fn stress_should_be_the_worse_of_backlog_and_volatility() {
	let rule = reserve_rule();
	assert_eq!(stress(&rule, &calm()), percent(0));
	assert_eq!(stress(&rule, &Measured { backlog: 10, ..calm() }), percent(25));
	assert_eq!(stress(&rule, &Measured { backlog: 1_000, ..calm() }), percent(100));
	let volatility = FixedU128::from_rational(3, 2);
	assert_eq!(stress(&rule, &Measured { backlog: 4, volatility, ..calm() }), percent(25));
	let volatility = FixedU128::from_rational(1, 2);
	assert_eq!(stress(&rule, &Measured { volatility, ..calm() }), percent(0));
	assert_eq!(stress(&rule, &Measured { capacity: 0, backlog: 1, ..calm() }), percent(100));
	assert_eq!(stress(&rule, &Measured { capacity: 0, ..calm() }), percent(0));
}

#[test]
fn demand_should_exceed_what_was_used_when_the_reserve_was_nearly_full() {
	let rule = reserve_rule();
	assert_eq!(demand(&rule, &calm()), percent(25));
	assert_eq!(demand(&rule, &Measured { used: percent(20), ..calm() }), percent(25));
	let nearly = Measured { used: percent(23), ..calm() };
	assert_eq!(demand(&rule, &nearly), Perbill::from_parts(312_500_000));
	let far_over = Measured { used: percent(40), ..calm() };
	assert_eq!(demand(&rule, &far_over), percent(50));
}

#[test]
fn reserve_should_take_bounded_steps() {
	let rule = reserve_rule();
	assert_eq!(next_reserve(&rule, percent(25), percent(26)), percent(26));
	assert_eq!(next_reserve(&rule, percent(25), percent(90)), percent(30));
	assert_eq!(next_reserve(&rule, percent(49), percent(90)), percent(50));
	let lower = Perbill::from_parts(399_000_000);
	assert_eq!(next_reserve(&rule, percent(40), percent(0)), lower);
	assert_eq!(next_reserve(&rule, percent(25), percent(0)), percent(25));
}

#[test]
fn peak_hold_should_rise_at_once_hold_and_then_fall() {
	let mut rule = PeakHold::default();
	assert_eq!(rule.next(percent(40)), percent(40));
	for _ in 0..PeakHold::HOLD {
		assert_eq!(rule.next(percent(0)), percent(40));
	}
	let falling: Vec<_> = (0..400).map(|_| rule.next(percent(0))).collect();
	assert!(falling[0] < percent(40) && falling[0] > percent(39));
	assert!(falling.windows(2).all(|pair| pair[1] <= pair[0]));
	assert!(falling[399] < percent(1));
	for _ in 0..3_000 {
		rule.next(percent(0));
	}
	assert_eq!(rule.next(percent(0)), percent(0));
}

#[test]
fn linear_trend_should_draw_the_line_on_and_stay_within_the_block() {
	let mut rule = LinearTrend::default();
	assert_eq!(rule.next(percent(10)), percent(20));
	assert_eq!(rule.next(percent(15)), percent(20));
	assert_eq!(rule.next(percent(5)), percent(0));
	assert_eq!(rule.next(percent(90)), percent(100));
}

#[test]
fn multiplier_should_move_by_its_step_at_most() {
	let (rule, one) = (fee_rule(), FixedU128::from_u32(1));
	let at = |fullness| next_multiplier(one, percent(fullness), &rule);
	assert_eq!(at(50), one);
	assert_eq!(at(100), FixedU128::from_rational(1_125, 1_000));
	assert_eq!(at(75), FixedU128::from_rational(10_625, 10_000));
	assert_eq!(at(0), FixedU128::from_rational(875, 1_000));
	assert_eq!(at(25), FixedU128::from_rational(9_375, 10_000));
	assert_eq!(next_multiplier(rule.ceiling, percent(100), &rule), rule.ceiling);
	assert_eq!(next_multiplier(rule.floor, percent(0), &rule), rule.floor);
	// Out of bounds after governance moved them.
	assert_eq!(next_multiplier(5_000.into(), percent(100), &rule), rule.ceiling);
}

#[test]
fn space_should_refuse_when_the_weight_does_not_fit_its_type() {
	let block = Weight::from_parts(u64::MAX, u64::MAX);
	let limits = Limits { block, normal: block / 2, spare: block / 4 };
	let used = PerLane { makers: Weight::from_parts(1, 1), ..Default::default() };
	let space = Space {
		limits,
		plan: Plan::default(),
		mandatory: Weight::zero(),
		used,
		operational: Weight::zero(),
	};
	for lane in Lane::SHARED {
		assert!(!space.fits(lane, Weight::MAX, DispatchClass::Normal), "{lane:?}");
		assert!(!space.fits(lane, Weight::MAX, DispatchClass::Operational), "{lane:?}");
	}
	assert!(space.fits(Lane::Makers, block / 8, DispatchClass::Normal));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(256))]

	#[test]
	fn shares_should_add_up_to_at_most_the_pool_at_any_reserve(reserve in 0u32..=1_000_000_000) {
		let mut parameters = LaneParameters::default();
		// To the brim at both ends.
		parameters.makers.calm.guaranteed = percent(55);
		parameters.makers.stressed.guaranteed = percent(55);
		prop_assert_eq!(parameters.validate(), Ok(()));
		let shares = Plan::new(&parameters, Perbill::from_parts(reserve)).shares;
		let sum: u64 =
			Lane::SHARED.iter().map(|lane| u64::from(shares.get(*lane).guaranteed.deconstruct())).sum();
		prop_assert!(sum <= 1_000_000_000);
		prop_assert!(Lane::ALL.iter().all(|it| shares.get(*it).guaranteed <= shares.get(*it).ceiling));
		let bounds = percent(25)..=percent(50);
		prop_assert!(bounds.contains(&shares.solvency.guaranteed));
	}

	#[test]
	fn multiplier_should_stay_in_bounds_and_move_towards_the_target(
		millionths in 100_000u128..=1_000_000_000,
		fullness in 0u32..=1_000_000_000,
	) {
		let (rule, fullness) = (fee_rule(), Perbill::from_parts(fullness));
		let before = FixedU128::from_rational(millionths, 1_000_000);
		let after = next_multiplier(before, fullness, &rule);
		prop_assert!(after >= rule.floor && after <= rule.ceiling);
		if fullness > rule.target {
			prop_assert!(after >= before);
		} else {
			prop_assert!(after <= before);
		}
	}

	#[test]
	fn headroom_should_be_the_most_that_fits(
		used in prop::array::uniform5(1u64..40),
		mandatory in 0u64..120,
		operational in 0u64..2,
		lane in prop::sample::select(Lane::ALL.to_vec()),
		reserve in 0u32..=1_000_000_000,
	) {
		const UNIT: u64 = 1_000_003;
		let time = |units: u64| Weight::from_parts(units * UNIT, 0);
		let limits = Limits { block: time(200), normal: time(150), spare: time(50) };
		let mut used = used.into_iter().map(time);
		let space = Space {
			limits,
			plan: Plan::new(&LaneParameters::default(), Perbill::from_parts(reserve)),
			mandatory: time(mandatory),
			used: PerLane::from_fn(|_| used.next().unwrap_or_default()),
			operational: time(operational),
		};
		let most = space.headroom(lane);
		let more = most + Weight::from_parts(1, 0);
		prop_assert!(!space.fits(lane, more, DispatchClass::Normal));
		if most != Weight::zero() {
			prop_assert!(space.fits(lane, most, DispatchClass::Normal));
		}
		let fullness = space.fullness(lane);
		prop_assert!(fullness.is_some_and(|it| !it.is_zero()));
	}

	#[test]
	fn forecasts_should_not_panic_and_peak_hold_should_cover_what_it_saw(
		demands in prop::collection::vec(0u32..=1_000_000_000, 1..300),
	) {
		let (mut hold, mut trend) = (PeakHold::default(), LinearTrend::default());
		for demand in demands {
			let demand = Perbill::from_parts(demand);
			prop_assert!(hold.next(demand) >= demand);
			trend.next(demand);
		}
	}
}
