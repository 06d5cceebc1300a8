// SPDX-License-Identifier: Apache-2.0
//! Parameters: who may set them, and which are refused.

use crate::{mock::*, CurrentPlan, Error, Event, Lane, LaneParameters, Parameters};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{DispatchError, FixedU128, Perbill};

fn percent(n: u32) -> Perbill {
	Perbill::from_percent(n)
}

#[track_caller]
fn assert_refused(error: Error<Test>, change: impl FnOnce(&mut LaneParameters)) {
	let mut parameters = LaneParameters::default();
	change(&mut parameters);
	assert_noop!(Lanes::set_parameters(RuntimeOrigin::root(), Box::new(parameters)), error);
}

#[test]
fn parameters_should_be_in_force_from_the_next_block_on() {
	Builder::default().build_and_execute(|| {
		let mut parameters = LaneParameters::default();
		parameters.reserve.floor = percent(26);
		let before = CurrentPlan::<Test>::get();
		assert_ok!(Lanes::set_parameters(RuntimeOrigin::root(), Box::new(parameters)));
		System::assert_last_event(Event::ParametersSet { parameters: Box::new(parameters) }.into());
		assert_eq!(Parameters::<Test>::get(), parameters);
		assert_eq!(CurrentPlan::<Test>::get(), before);
		next_block();
		assert_eq!(CurrentPlan::<Test>::get().reserve(), percent(26));
	});
}

#[test]
fn parameters_should_be_refused_when_the_origin_is_not_governance() {
	Builder::default().build_and_execute(|| {
		let parameters = LaneParameters::default();
		let signed = RuntimeOrigin::signed(ALICE);
		assert_noop!(Lanes::set_parameters(signed, Box::new(parameters)), DispatchError::BadOrigin);
	});
}

#[test]
fn reserve_should_be_refused_when_its_bounds_are_not_in_order() {
	Builder::default().build_and_execute(|| {
		assert_refused(Error::ReserveOutOfOrder, |it| it.reserve.floor = percent(51));
		assert_refused(Error::ReserveOutOfOrder, |it| it.reserve.most = percent(49));
		assert_refused(Error::ReserveOutOfOrder, |it| {
			it.reserve.ceiling = percent(100);
			it.reserve.most = percent(100);
		});
		assert_refused(Error::ReserveOutOfOrder, |it| {
			it.reserve.floor = percent(0);
			it.reserve.ceiling = percent(0);
			it.reserve.most = percent(0);
		});
	});
}

#[test]
fn reserve_should_be_refused_when_it_does_not_move_or_falls_faster_than_it_rises() {
	Builder::default().build_and_execute(|| {
		assert_refused(Error::ReserveSteps, |it| it.reserve.max_fall = percent(0));
		assert_refused(Error::ReserveSteps, |it| it.reserve.max_fall = percent(6));
	});
}

#[test]
fn stress_should_be_refused_when_it_has_no_scale() {
	Builder::default().build_and_execute(|| {
		assert_refused(Error::StressWithoutScale, |it| it.reserve.full_backlog = 0);
		assert_refused(Error::StressWithoutScale, |it| {
			it.reserve.full_volatility = FixedU128::from_u32(1)
		});
	});
}

#[test]
fn shares_should_be_refused_when_they_add_up_to_too_much_or_exceed_their_ceiling() {
	Builder::default().build_and_execute(|| {
		assert_refused(Error::TooMuchGuaranteed, |it| it.makers.calm.guaranteed = percent(56));
		assert_refused(Error::TooMuchGuaranteed, |it| it.makers.stressed.guaranteed = percent(56));
		assert_refused(Error::GuaranteeAboveCeiling, |it| it.makers.calm.ceiling = percent(19));
	});
}

#[test]
fn shares_should_be_refused_when_stress_favours_trading() {
	Builder::default().build_and_execute(|| {
		assert_refused(Error::StressFavoursTrading, |it| it.takers.stressed.ceiling = percent(71));
		assert_refused(Error::StressFavoursTrading, |it| {
			it.general.stressed.guaranteed = percent(11)
		});
		assert_refused(Error::StressFavoursTrading, |it| {
			it.risk_down.stressed.guaranteed = percent(19)
		});
	});
}

#[test]
fn shares_should_be_refused_when_reductions_or_governance_would_have_no_lane() {
	Builder::default().build_and_execute(|| {
		assert_refused(Error::LaneMustStayOpen, |it| it.risk_down.calm.guaranteed = percent(0));
		assert_refused(Error::LaneMustStayOpen, |it| {
			it.general.stressed.guaranteed = percent(0);
			it.general.stressed.ceiling = percent(0);
		});
	});
}

#[test]
fn prices_should_be_refused_when_out_of_range() {
	Builder::default().build_and_execute(|| {
		for lane in Lane::ALL {
			assert_refused(Error::FeeRuleOutOfRange, |it| {
				it.fees.get_mut(lane).target = percent(100)
			});
		}
		assert_refused(Error::FeeRuleOutOfRange, |it| it.fees.takers.target = percent(0));
		assert_refused(Error::FeeRuleOutOfRange, |it| it.fees.takers.max_change = percent(100));
		assert_refused(Error::FeeRuleOutOfRange, |it| it.fees.takers.max_change = percent(0));
		assert_refused(Error::FeeRuleOutOfRange, |it| it.fees.takers.floor = 0.into());
		assert_refused(Error::FeeRuleOutOfRange, |it| it.fees.takers.floor = 1_001.into());
		assert_refused(Error::FeeRuleOutOfRange, |it| it.fees.takers.ceiling = 1_000_001.into());
	});
}

#[test]
fn limit_should_be_refused_when_it_never_refills_or_credits_everything() {
	Builder::default().build_and_execute(|| {
		assert_refused(Error::LimitOutOfRange, |it| it.limit.refill = percent(0));
		assert_refused(Error::LimitOutOfRange, |it| it.limit.refill = percent(21));
		assert_refused(Error::LimitOutOfRange, |it| it.limit.reduction_credit = percent(100));
	});
}

#[test]
fn reserve_should_come_within_new_bounds_at_once_when_they_exclude_it() {
	Builder::default().build_and_execute(|| {
		state(|state| state.backlog = 1_000);
		blocks(5);
		let mut parameters = LaneParameters::default();
		parameters.reserve.ceiling = percent(30);
		assert_ok!(Lanes::set_parameters(RuntimeOrigin::root(), Box::new(parameters)));
		next_block();
		assert_eq!(CurrentPlan::<Test>::get().reserve(), percent(30));
	});
}
