// SPDX-License-Identifier: Apache-2.0

use crate::WeightInfo;
use crate::{mock::*, Error, Event, SessionLength, Validators as Set};
use frame_support::{
	assert_noop, assert_ok,
	traits::{EstimateNextSessionRotation, OnInitialize},
	weights::Weight,
};
use sp_runtime::{DispatchError, Perbill};
use sp_staking::offence::{OffenceDetails, OnOffenceHandler};

fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

fn report(offender: AccountId) {
	let details = OffenceDetails { offender: (offender, ()), reporters: vec![] };
	Validators::on_offence(&[details], &[Perbill::from_percent(50)], Session::current_index());
}

#[test]
fn genesis_validators_should_validate_the_first_sessions() {
	TestExt::new().execute_with(|| {
		assert_eq!(Session::validators(), vec![1, 2, 3]);
		advance_to_session(2);
		assert_eq!(Session::validators(), vec![1, 2, 3]);
	});
}

#[test]
#[should_panic(expected = "listed twice")]
fn genesis_should_refuse_a_validator_listed_twice() {
	use sp_runtime::BuildStorage;
	let genesis = crate::GenesisConfig::<Test> { validators: vec![1, 1], session_length: None };
	genesis.build_storage().unwrap();
}

#[test]
#[should_panic(expected = "`session_length` is zero")]
fn genesis_should_refuse_sessions_of_no_blocks() {
	use sp_runtime::BuildStorage;
	let genesis = crate::GenesisConfig::<Test> { validators: vec![1], session_length: Some(0) };
	genesis.build_storage().unwrap();
}

#[test]
fn add_validator_should_take_effect_at_the_second_session_change() {
	TestExt::new().candidates(1).execute_with(|| {
		assert_ok!(Validators::add_validator(root(), 4));
		System::assert_last_event(Event::ValidatorAdded { validator: 4 }.into());
		advance_to_session(1);
		assert_eq!(Session::validators(), vec![1, 2, 3]);
		advance_to_session(2);
		assert_eq!(Session::validators(), vec![1, 2, 3, 4]);
	});
}

#[test]
fn add_validator_should_need_the_manage_origin() {
	TestExt::new().candidates(1).execute_with(|| {
		let signed = RuntimeOrigin::signed(1);
		assert_noop!(Validators::add_validator(signed, 4), DispatchError::BadOrigin);
	});
}

#[test]
fn add_validator_should_fail_without_session_keys() {
	TestExt::new().execute_with(|| {
		assert_noop!(Validators::add_validator(root(), 9), Error::<Test>::NoSessionKeys);
	});
}

#[test]
fn add_validator_should_fail_when_it_is_one_already() {
	TestExt::new().execute_with(|| {
		assert_noop!(Validators::add_validator(root(), 2), Error::<Test>::AlreadyValidator);
	});
}

#[test]
fn add_validator_should_fail_when_the_set_is_full() {
	TestExt::new().validators(4).candidates(1).execute_with(|| {
		assert_noop!(Validators::add_validator(root(), 5), Error::<Test>::TooManyValidators);
	});
}

#[test]
fn remove_validator_should_take_effect_at_the_second_session_change() {
	TestExt::new().execute_with(|| {
		assert_ok!(Validators::remove_validator(root(), 2));
		System::assert_last_event(Event::ValidatorRemoved { validator: 2 }.into());
		advance_to_session(1);
		assert_eq!(Session::validators(), vec![1, 2, 3]);
		advance_to_session(2);
		assert_eq!(Session::validators(), vec![1, 3]);
	});
}

#[test]
fn remove_validator_should_need_the_manage_origin() {
	TestExt::new().execute_with(|| {
		let signed = RuntimeOrigin::signed(1);
		assert_noop!(Validators::remove_validator(signed, 1), DispatchError::BadOrigin);
	});
}

#[test]
fn remove_validator_should_fail_when_it_is_none() {
	TestExt::new().execute_with(|| {
		assert_noop!(Validators::remove_validator(root(), 9), Error::<Test>::NotValidator);
	});
}

#[test]
fn remove_validator_should_fail_at_the_minimum() {
	TestExt::new().validators(2).execute_with(|| {
		assert_noop!(Validators::remove_validator(root(), 1), Error::<Test>::TooFewValidators);
	});
}

#[test]
fn a_validator_without_keys_should_sit_out_and_the_session_should_go_on() {
	TestExt::new().execute_with(|| {
		assert_ok!(Session::purge_keys(RuntimeOrigin::signed(2)));
		advance_to_session(2);
		assert_eq!(Session::validators(), vec![1, 3]);
		assert_eq!(Set::<Test>::get().to_vec(), vec![1, 2, 3]);
	});
}

#[test]
fn an_empty_set_should_never_be_asked_for_when_nobody_has_keys() {
	TestExt::new().execute_with(|| {
		for id in 1..=3 {
			assert_ok!(Session::purge_keys(RuntimeOrigin::signed(id)));
		}
		assert_eq!(<Validators as pallet_session::SessionManager<AccountId>>::new_session(1), None);
	});
}

#[test]
fn set_session_length_should_move_the_end_of_sessions() {
	TestExt::new().execute_with(|| {
		assert!(Validators::ends_session(5));
		assert_ok!(Validators::set_session_length(root(), 7));
		System::assert_last_event(Event::SessionLengthChanged { blocks: 7 }.into());
		assert!(!Validators::ends_session(5));
		assert!(Validators::ends_session(14));
		assert_eq!(Validators::average_session_length(), 7);
		assert_eq!(Validators::estimate_next_session_rotation(15).0, Some(21));
	});
}

#[test]
fn change_of_session_should_book_what_it_weighs_and_no_more() {
	TestExt::new().execute_with(|| {
		let on = |block| {
			let weight =
				Validators::on_initialize(block).saturating_add(Session::on_initialize(block));
			(Session::current_index(), weight)
		};
		assert_eq!(on(4), (0, Weight::zero()));
		assert_eq!(on(5), (1, <()>::rotate_session(3)));
		// Those who validate now count as well as those who come.
		assert_ok!(Validators::remove_validator(root(), 3));
		assert_eq!(on(10), (2, <()>::rotate_session(3)));
		assert_eq!(on(15), (3, <()>::rotate_session(2)));
	});
}

#[test]
fn set_session_length_should_refuse_zero_and_other_origins() {
	TestExt::new().execute_with(|| {
		assert_noop!(Validators::set_session_length(root(), 0), Error::<Test>::SessionLengthZero);
		assert_noop!(
			Validators::set_session_length(RuntimeOrigin::signed(1), 3),
			DispatchError::BadOrigin
		);
	});
}

#[test]
fn session_length_should_never_divide_by_zero_even_when_storage_is_corrupt() {
	TestExt::new().execute_with(|| {
		SessionLength::<Test>::put(0);
		assert!(Validators::ends_session(3));
		assert_eq!(Validators::estimate_next_session_rotation(3).0, Some(4));
		SessionLength::<Test>::kill();
	});
}

#[test]
fn an_offender_should_be_disabled_and_leave_the_set() {
	TestExt::new().validators(4).execute_with(|| {
		report(3);
		assert_eq!(Session::disabled_validators(), vec![2]);
		assert_eq!(Set::<Test>::get().to_vec(), vec![1, 2, 4]);
		System::assert_has_event(Event::OffenderDisabled { validator: 3, session: 0 }.into());
	});
}

#[test]
fn an_offender_should_stay_in_the_set_when_the_set_is_at_its_minimum() {
	TestExt::new().validators(2).execute_with(|| {
		report(1);
		assert_eq!(Set::<Test>::get().to_vec(), vec![1, 2]);
	});
}

#[test]
fn offenders_beyond_a_third_should_not_be_disabled() {
	TestExt::new().validators(4).execute_with(|| {
		report(1);
		report(2);
		assert_eq!(Session::disabled_validators(), vec![0]);
	});
}
