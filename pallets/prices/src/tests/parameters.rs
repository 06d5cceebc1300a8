// SPDX-License-Identifier: Apache-2.0
//! The rules and who may change them.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{BuildStorage, DispatchError};

#[test]
fn set_parameters_should_replace_them() {
	ExtBuilder::default().build_and_execute(|| {
		let parameters = PriceParameters { quorum: 2, ..PriceParameters::default() };
		assert_ok!(Prices::set_parameters(RuntimeOrigin::root(), parameters));
		assert_eq!(Parameters::<Test>::get(), parameters);
		System::assert_last_event(Event::ParametersSet { parameters }.into());
	});
}

#[test]
fn set_parameters_should_need_governance() {
	ExtBuilder::default().build_and_execute(|| {
		for origin in [RuntimeOrigin::signed(1), RuntimeOrigin::none()] {
			let call = Prices::set_parameters(origin, PriceParameters::default());
			assert_noop!(call, DispatchError::BadOrigin);
		}
	});
}

type Change = fn(&mut PriceParameters, u64);

/// Each parameter with its bounds and the error beyond them.
fn ranges() -> Vec<(Change, u64, u64, Error<Test>)> {
	const HOUR: u64 = 3_600_000;
	vec![
		(|p, x| p.quorum = x as u32, 1, 32, Error::QuorumOutOfRange),
		(|p, x| p.freshness_millis = x, 1, HOUR, Error::FreshnessOutOfRange),
		(|p, x| p.clamp_ppb = x as u32, 1, 1_000_000_000, Error::ClampOutOfRange),
		(|p, x| p.max_age_millis = x, 1, HOUR, Error::MaxAgeOutOfRange),
		(|p, x| p.settlement_window_millis = x, 1_000, DAY, Error::SettlementWindowOutOfRange),
		(|p, x| p.vol_half_life_millis = x, 10_000, 10_000_000_000, Error::VolHalfLifeOutOfRange),
	]
}

#[test]
fn set_parameters_should_take_both_ends_of_every_range_and_nothing_beyond() {
	ExtBuilder::default().build_and_execute(|| {
		let changed = |change: Change, value| {
			let mut parameters = PriceParameters::default();
			change(&mut parameters, value);
			parameters
		};
		for (change, least, most, error) in ranges() {
			let error = DispatchError::from(error);
			for value in [least, most] {
				let parameters = changed(change, value);
				assert_ok!(Prices::set_parameters(RuntimeOrigin::root(), parameters));
			}
			for value in [least - 1, most + 1] {
				let parameters = changed(change, value);
				assert_noop!(Prices::set_parameters(RuntimeOrigin::root(), parameters), error);
			}
		}
	});
}

#[test]
fn set_parameters_should_refuse_a_window_of_part_seconds() {
	ExtBuilder::default().build_and_execute(|| {
		let parameters = PriceParameters { settlement_window_millis: 60_500, ..parameters() };
		let call = Prices::set_parameters(RuntimeOrigin::root(), parameters);
		assert_noop!(call, Error::<Test>::SettlementWindowOutOfRange);
	});
}

#[test]
fn set_parameters_should_refuse_samples_and_factors_out_of_range() {
	ExtBuilder::default().build_and_execute(|| {
		let set = |parameters| Prices::set_parameters(RuntimeOrigin::root(), parameters);
		for vol_sample_millis in [0, DAY + 1] {
			let parameters = PriceParameters { vol_sample_millis, ..parameters() };
			assert_noop!(set(parameters), Error::<Test>::VolSampleOutOfRange);
		}
		let most = PriceParameters { confidence_spread_factor: 1_000_000, ..parameters() };
		assert_ok!(set(most));
		let beyond = PriceParameters { confidence_spread_factor: 1_000_001, ..parameters() };
		assert_noop!(set(beyond), Error::<Test>::SpreadFactorOutOfRange);
	});
}

#[test]
fn half_life_should_not_be_beyond_a_year() {
	ExtBuilder::default().build_and_execute(|| {
		let parameters = PriceParameters {
			vol_sample_millis: DAY,
			vol_half_life_millis: 365 * DAY,
			..parameters()
		};
		assert_ok!(parameters.validate());
		let beyond = PriceParameters { vol_half_life_millis: 365 * DAY + 1, ..parameters };
		assert_eq!(beyond.validate(), Err(ParameterError::VolHalfLife));
	});
}

#[test]
fn genesis_should_have_valid_defaults() {
	GenesisConfig::<Test>::default().build_storage().unwrap();
	assert_ok!(PriceParameters::default().validate());
}

#[test]
#[should_panic(expected = "genesis: prices: Quorum")]
fn genesis_should_refuse_what_the_call_refuses() {
	let parameters = PriceParameters { quorum: 0, ..PriceParameters::default() };
	let genesis = GenesisConfig::<Test> { parameters, ..Default::default() };
	genesis.build_storage().unwrap();
}
