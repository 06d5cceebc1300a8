// SPDX-License-Identifier: Apache-2.0

//! What lists itself, and strikes on request.

use crate::{
	calendar::{DAY, MINUTE},
	mock::*,
	names::parse,
	Agenda, Error, Event, Expiries, Minutes, Schedule, Strikes, MAX_REQUESTED_STRIKES, MAX_STRIKES,
};
use ballast_exchange::{ListedExpiries, Markets, Moment, Price};
use frame_support::{assert_noop, assert_ok};

fn at(name: &str) -> Moment {
	parse(format!("X-{name}-1-C").as_bytes()).expect("a valid day").expiry
}

fn request(who: AccountId, expiry: Moment, strike: u64) -> sp_runtime::DispatchResult {
	Options::list_strike(RuntimeOrigin::signed(who), BTC, expiry, strike)
}

/// Every rule, eleven strikes on each side.
fn full() -> Schedule {
	let minutes = Some(Minutes { period_minutes: 5, count: 2 });
	Schedule {
		minutes,
		dailies: 2,
		weeklies: 2,
		monthlies: 2,
		quarterlies: 2,
		strikes_each_side: 11,
		..schedule()
	}
}

#[test]
fn first_block_should_list_the_schedule() {
	TestExt::new().schedule(full()).execute_with(|| {
		block(0);
		let expected = [
			"21NOV26T1210",
			"21NOV26T1215",
			"23NOV26",
			"24NOV26",
			"27NOV26",
			"4DEC26",
			"25DEC26",
			"26MAR27",
		];
		assert_eq!(expiries(), expected.map(at));
		let listed = |expiry| Event::ExpiryListed { underlying: BTC, expiry };
		assert_eq!(events(), expected.map(at).map(listed));
		// Strikes come with the first price.
		assert!(strikes(at("23NOV26")).is_empty());
		publish(BTC, usd(95_300));
		block(500);
		// 5 % of 95,395 for almost two days: 1,160, so that the step is 1,000.
		let expected: Vec<_> = (85..=106).map(|thousands| thousands * 1_000 * USD).collect();
		assert_eq!(strikes(at("23NOV26")), expected);
		let counts: Vec<_> = expiries().into_iter().map(|expiry| strikes(expiry).len()).collect();
		// In March the step is 10,000, and nine of them are below the forward.
		assert_eq!(counts, [22, 22, 22, 22, 22, 22, 22, 20]);
	});
}

#[test]
fn expiries_should_follow_each_other_for_days() {
	TestExt::new().schedule(full()).priced_at(95_000).execute_with(|| {
		for _ in 0..600 {
			publish(BTC, usd(95_000));
			block(5 * MINUTE);
			let trading: Vec<_> = expiries().into_iter().filter(|expiry| *expiry > now()).collect();
			assert!(full().missing(now(), |at| trading.contains(&at)).is_empty());
			let minutes = trading.iter().filter(|at| **at - now() <= 10 * MINUTE).count();
			assert!(minutes >= 2, "{minutes} at {}", now());
			for expiry in expiries().into_iter().filter(|expiry| *expiry <= now()) {
				settle_at(BTC, expiry, usd(95_000));
			}
			while let Some(settling) = <Options as Markets>::next_settling() {
				<Options as Markets>::settled(BTC, settling.expiry);
				<Options as Markets>::pruned(BTC, settling.expiry);
			}
			let mut meter = frame_support::weights::WeightMeter::new();
			Options::remove_pruned(&mut meter);
		}
	});
}

#[test]
fn quiet_blocks_should_only_look_at_the_agenda() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let quiet = block_with(500, u64::MAX);
		assert_eq!(quiet, <() as crate::WeightInfo>::check_agenda(1));
		let due = Agenda::<Test>::get()[0].due;
		assert_eq!(due, at("23NOV26"));
	});
}

#[test]
fn chain_with_strikes_before_its_first_slice_should_use_spot() {
	TestExt::new().execute_with(|| {
		Prices::set_spot_only(BTC, usd(95_300));
		block(500);
		for expiry in expiries() {
			assert_eq!(strikes(expiry).len(), 10);
			assert!(<Options as Markets>::priced(BTC, expiry).is_none());
		}
	});
}

#[test]
fn strikes_should_follow_a_move_of_thirty_percent() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let expiry = expiries()[0];
		let before = priced(expiry).strikes;
		assert_eq!(before.len(), 10);
		publish(BTC, usd(66_500));
		block(500);
		let forward = priced(expiry).forward.to_micro_usd_floor() as u64;
		let (below, above): (Vec<_>, Vec<_>) =
			strikes(expiry).into_iter().partition(|strike| *strike <= forward);
		assert!(below.len() >= 5 && above.len() >= 5);
		// New strikes are appended, so that indices stay, and are priced at once.
		let after = priced(expiry).strikes;
		assert!(after.starts_with(&before));
		assert_eq!(after.len(), 20);
		let listed = Event::StrikesListed {
			underlying: BTC,
			expiry,
			strikes: Strikes::truncate_from(after[10..].to_vec()),
			requested_by: None,
		};
		assert!(events().contains(&listed));
	});
}

#[test]
fn strikes_should_stop_at_their_bound_when_the_market_runs_away() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		for thousands in 95..200 {
			publish(BTC, usd(thousands * 1_000));
			block(500);
		}
		for expiry in expiries() {
			assert_eq!(strikes(expiry).len(), MAX_STRIKES as usize);
			assert_eq!(priced(expiry).at, published(BTC));
		}
	});
}

#[test]
fn schedule_change_should_leave_what_is_listed() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let before = expiries();
		let changed = Schedule { dailies: 0, weeklies: 1, strikes_each_side: 7, ..schedule() };
		assert_ok!(Options::set_schedule(RuntimeOrigin::root(), BTC, changed));
		block(500);
		assert_eq!(expiries(), [before[0], before[1], at("27NOV26")]);
		assert_eq!(strikes(before[0]).len(), 14);
		assert!(events().contains(&Event::ScheduleChanged { underlying: BTC, schedule: changed }));
	});
}

#[test]
fn request_should_list_a_strike_for_a_deposit() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let expiry = expiries()[0];
		let strike = 50_200 * USD;
		assert_ok!(request(1, expiry, strike));
		assert!(strikes(expiry).contains(&strike));
		assert_eq!(Balances::free_balance(1), ENDOWMENT - DEPOSIT);
		let listed = Event::StrikesListed {
			underlying: BTC,
			expiry,
			strikes: Strikes::truncate_from(vec![strike]),
			requested_by: Some(1),
		};
		assert_eq!(events(), [listed]);
		// No arrays before the next block: margin refuses to add risk on it.
		assert_eq!(priced(expiry).index(strike, ballast_exchange::OptionKind::Call), None);
		block(500);
		assert_eq!(priced(expiry).index(strike, ballast_exchange::OptionKind::Put), Some(21));
	});
}

#[test]
fn request_should_be_refused_off_the_grid_and_far_from_spot() {
	TestExt::new().priced_at(100_000).execute_with(|| {
		type E = Error<Test>;
		let expiry = expiries()[0];
		for strike in [0, 1, 10_000 * USD - 1, 1_000_000 * USD + 1, u64::MAX] {
			assert_noop!(request(1, expiry, strike), E::StrikeTooFar);
		}
		for strike in [50_001 * USD, 50_000 * USD + 1] {
			assert_noop!(request(1, expiry, strike), E::StrikeOffGrid);
		}
		assert_ok!(request(1, expiry, 10_000 * USD));
		assert_ok!(request(1, expiry, 1_000_000 * USD));
		assert_noop!(request(2, expiry, 10_000 * USD), E::StrikeAlreadyListed);
		assert_noop!(request(1, expiry + 1, 50_000 * USD), E::ExpiryNotTrading);
		assert_noop!(
			Options::list_strike(RuntimeOrigin::signed(1), 9, expiry, 50_000 * USD),
			E::UnknownUnderlying
		);
		assert_noop!(
			Options::list_strike(RuntimeOrigin::root(), BTC, expiry, 50_000 * USD),
			sp_runtime::DispatchError::BadOrigin
		);
	});
}

#[test]
fn request_should_need_a_fresh_spot_and_the_deposit() {
	TestExt::new().priced_at(100_000).execute_with(|| {
		let expiry = expiries()[0];
		set_now(now() + MAX_AGE + 1);
		assert_noop!(request(1, expiry, 50_000 * USD), Error::<Test>::NoFreshSpot);
		publish(BTC, usd(100_000));
		// Account 9 has nothing.
		let refused =
			frame_support::storage::with_storage_layer(|| request(9, expiry, 50_000 * USD));
		assert!(refused.is_err());
		assert!(!strikes(expiry).contains(&(50_000 * USD)));
	});
}

#[test]
fn request_should_be_refused_once_the_expiry_has_passed_whatever_the_hook_did() {
	TestExt::new().priced_at(100_000).execute_with(|| {
		let expiry = expiries()[0];
		set_now(expiry);
		publish(BTC, usd(100_000));
		assert_noop!(request(1, expiry, 50_000 * USD), Error::<Test>::ExpiryNotTrading);
	});
}

#[test]
fn requests_should_not_crowd_out_the_schedule() {
	TestExt::new().priced_at(100_000).execute_with(|| {
		let expiry = expiries()[0];
		for index in 0..u64::from(MAX_REQUESTED_STRIKES) {
			assert_ok!(request(1, expiry, (30_000 + 200 * index) * USD));
		}
		let refused = request(2, expiry, 40_000 * USD);
		assert_noop!(refused, Error::<Test>::TooManyStrikes);
		let requested = strikes(expiry).len();
		publish(BTC, usd(200_000));
		block(500);
		assert!(strikes(expiry).len() >= requested + 10);
		// Another expiry has room of its own.
		assert_ok!(request(2, expiries()[1], 40_000 * USD));
	});
}

#[test]
fn stuck_settlement_should_hold_new_expiries_back_at_the_bound() {
	let schedule = Schedule { dailies: 12, ..schedule() };
	TestExt::new().schedule(schedule).priced_at(95_000).execute_with(|| {
		for _ in 0..20 {
			publish(BTC, usd(95_000));
			block(DAY);
			assert!(<Options as ListedExpiries>::expiries(BTC).len() <= 12);
		}
		assert_eq!(<Options as ListedExpiries>::expiries(BTC).len(), 12);
		// One settlement price makes room for one more.
		let first = expiries()[0];
		settle_at(BTC, first, usd(95_000));
		block(500);
		<Options as Markets>::settled(BTC, first);
		block(500);
		assert_eq!(<Options as ListedExpiries>::expiries(BTC).len(), 12);
		assert_eq!(Expiries::<Test>::get(BTC).len(), 13);
	});
}

#[test]
fn strikes_should_stay_within_prices_at_extremes() {
	for price in [Price::from_pico_usd(1).unwrap(), Price::from_micro_usd(250).unwrap(), Price::MAX]
	{
		TestExt::new().execute_with(|| {
			block(0);
			publish(BTC, price);
			block(500);
			for expiry in expiries() {
				let strikes = <Options as ListedExpiries>::strikes(BTC, expiry);
				assert!(!strikes.is_empty() && strikes.len() <= 10);
				assert!(strikes.iter().all(|strike| !strike.is_zero()));
				assert!(strikes.is_sorted_by(|a, b| a < b));
			}
		});
	}
}
