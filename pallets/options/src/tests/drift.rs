// SPDX-License-Identifier: Apache-2.0

//! The odometer of everything but spot, whether every expiry is priced, and the freeze.

use crate::{
	mock::*, pricing, weights::WeightInfo, Drifts, Error, Event, Minutes, Reference, References,
	Schedule, SettlingQueue, Underlyings, DRIFT_JUMP, DRIFT_STEP,
};
use ballast_exchange::{Markets, Moment, OptionKind, Ppb, Price, SeriesId, SeriesStatus};
use ballast_risk::{Portfolio, StandardParameters};
use frame_support::{assert_noop, assert_ok};
use proptest::prelude::*;

fn root() -> RuntimeOrigin {
	RuntimeOrigin::root()
}

fn drift() -> u64 {
	<Options as Markets>::drift(BTC).expect("the odometer has not ended")
}

fn is_repriced() -> bool {
	<Options as Markets>::is_repriced(BTC)
}

/// A round in which nothing has changed but what `change` says.
fn round(change: impl FnOnce(&mut Source)) {
	source(BTC, |source| {
		source.round += 1;
		source.at = now();
		change(source);
	});
}

/// The same in the next block, no time later; says what the odometer has advanced by.
fn advanced_by(change: impl FnOnce(&mut Source)) -> u64 {
	let before = drift();
	round(change);
	block(0);
	drift() - before
}

/// Total variances times a ratio in ten thousandths.
fn scale_vols(source: &mut Source, ratio: i64) {
	for price in source.expiries.values_mut() {
		price.svi.a = price.svi.a / 10_000 * ratio;
		price.svi.b = price.svi.b / 10_000 * ratio;
	}
}

fn scaled(price: Price, ratio: i64) -> Price {
	Price::from_pico_usd(price.pico_usd() / 10_000 * ratio).unwrap()
}

fn scale_forwards(source: &mut Source, ratio: i64) {
	for price in source.expiries.values_mut() {
		price.forward = scaled(price.forward, ratio);
	}
}

/// Spot and forwards together, volatilities by strike as they are.
fn scale_spot(source: &mut Source, ratio: i64) {
	let old = source.spot.unwrap();
	source.spot = Some(spot(scaled(old.price, ratio)));
	scale_forwards(source, ratio);
}

#[test]
fn drift_should_not_count_a_pure_move_of_spot() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		for ratio in [11_000, 8_000, 10_001, 30_000] {
			assert_eq!(advanced_by(|source| scale_spot(source, ratio)), 0);
		}
	});
}

#[test]
fn drift_should_count_moves_of_volatilities_forwards_and_rates() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		// 60 % a year over two days is a total volatility of 4.4 %; a fiftieth of that is 0.09 %.
		let by_vols = advanced_by(|source| scale_vols(source, 10_404));
		assert!((500_000..3_000_000).contains(&by_vols), "{by_vols}");
		// A forward counts at most a few times.
		let by_forwards = advanced_by(|source| scale_forwards(source, 10_100));
		assert!((10_000_000..40_000_000).contains(&by_forwards), "{by_forwards}");
		let by_rates = advanced_by(|source| {
			source.expiries.values_mut().for_each(|price| price.rate = Ppb(900_000_000));
		});
		assert!((1_000_000..20_000_000).contains(&by_rates), "{by_rates}");
	});
}

#[test]
fn drift_should_count_time() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let before = drift();
		set_now(now() + 6 * 3_600_000);
		let by_time = advanced_by(|_| ());
		assert!(by_time > DRIFT_STEP && drift() == before + by_time);
	});
}

#[test]
fn drift_should_count_the_price_of_the_settlement_asset_for_every_underlying() {
	TestExt::new().underlying(2, "ETH").priced_at(95_000).execute_with(|| {
		let before = [BTC, 2].map(|id| <Options as Markets>::drift(id).unwrap());
		// The inverse rises by 1.01 %.
		set_quote(Ppb(990_000_000));
		block(500);
		set_quote(Ppb(990_050_000));
		block(500);
		let after = [BTC, 2].map(|id| <Options as Markets>::drift(id).unwrap());
		let expected = 1_000_000_000_000_000_000 / 990_000_000 - 1_000_000_000 + 1;
		assert_eq!([after[0] - before[0], after[1] - before[1]], [expected; 2]);
	});
}

#[test]
fn moves_within_a_step_should_count_when_they_have_added_up() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let reference = |expiry| References::<Test>::get(BTC, expiry).unwrap();
		let first = reference(expiries()[1]);
		let (mut rounds, mut advanced) = (0, 0);
		while advanced == 0 {
			// Back and forth counts nothing as long as both ends are within the step.
			if rounds == 0 {
				assert_eq!(advanced_by(|source| scale_vols(source, 10_002)), 0);
				assert_eq!(advanced_by(|source| scale_vols(source, 9_998)), 0);
			}
			assert_eq!(reference(expiries()[1]), first);
			advanced = advanced_by(|source| scale_vols(source, 10_004));
			rounds += 1;
		}
		assert!((3..100).contains(&rounds), "{rounds}");
		assert!((DRIFT_STEP..2 * DRIFT_STEP).contains(&advanced), "{advanced}");
		assert_ne!(reference(expiries()[1]), first);
	});
}

#[test]
fn expiries_of_one_block_should_count_as_the_largest_of_them() {
	TestExt::new().schedule(Schedule { dailies: 6, ..schedule() }).priced_at(95_000).execute_with(
		|| {
			let all = expiries();
			let only = |expiry: Moment| {
				move |source: &mut Source| {
					let price = source.expiries.get_mut(&expiry).unwrap();
					price.forward = scaled(price.forward, 10_050);
				}
			};
			let single = advanced_by(only(all[0]));
			let together =
				advanced_by(|source| all.iter().for_each(|expiry| only(*expiry)(source)));
			assert!(together < single * 11 / 10, "{together} {single}");
		},
	);
}

/// Each would count by itself, each in another block.
#[test]
fn move_that_all_expiries_share_should_count_once() {
	let schedule = Schedule { dailies: 6, ..schedule() };
	TestExt::new().schedule(schedule).priced_at(95_000).execute_with(|| {
		let far = expiries()[5];
		let only_far = |source: &mut Source| source.expiries.retain(|expiry, _| *expiry == far);
		let vols = |rounds: u64| -> u64 {
			(0..rounds).map(|_| advanced_by(|source| scale_vols(source, 10_030))).sum()
		};
		let all = vols(40);
		round(only_far);
		let alone = vols(40);
		assert!(alone > 8 * DRIFT_STEP && all < alone * 2, "{all} {alone}");
	});
}

#[test]
fn expiry_that_is_listed_later_should_start_without_a_drift() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		assert_ok!(Options::set_schedule(root(), BTC, Schedule { dailies: 4, ..schedule() }));
		block(0);
		publish(BTC, usd(95_000));
		let before = drift();
		block(0);
		assert_eq!((drift(), expiries().len()), (before, 4));
		assert!(References::<Test>::contains_key(BTC, expiries()[3]));
	});
}

#[test]
fn strike_that_is_listed_later_should_start_without_a_drift_and_count_from_then_on() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let expiry = expiries()[0];
		let before = drift();
		assert_ok!(Options::list_strike(RuntimeOrigin::signed(1), BTC, expiry, 50_000 * USD));
		block(0);
		assert_eq!(drift(), before);
		let reference = References::<Test>::get(BTC, expiry).unwrap();
		assert_eq!(reference.total_vols.len(), priced(expiry).strikes.len());
		// A slope that lifts the far strike alone.
		let advanced = advanced_by(|source| {
			let price = source.expiries.get_mut(&expiry).unwrap();
			price.svi.rho *= 3;
		});
		assert!(advanced > 0);
	});
}

#[test]
fn drift_should_be_small_when_an_expiry_passes_and_settles() {
	let minutes = Some(Minutes { period_minutes: 5, count: 1 });
	let schedule = Schedule { minutes, dailies: 0, ..schedule() };
	TestExt::new().schedule(schedule).priced_at(95_000).execute_with(|| {
		let expiry = expiries()[0];
		settle_so_far(expiry);
		set_now(expiry - 1_000);
		publish(BTC, usd(95_000));
		block(0);
		let before = drift();
		set_now(expiry);
		publish(BTC, usd(95_000));
		block(0);
		settle_at(BTC, expiry, usd(95_000));
		block(0);
		assert_eq!(SettlingQueue::<Test>::get().to_vec(), [(BTC, expiry)]);
		assert!(drift() - before <= 2 * DRIFT_STEP, "{}", drift() - before);
		assert_eq!(priced(expiry).seconds, 0);
	});
}

fn settle_so_far(expiry: Moment) {
	let average = ballast_exchange::SettlementAverage {
		average: Some(usd(95_000)),
		elapsed: Ppb::ZERO,
		is_final: false,
	};
	source(BTC, |source| source.settlements.insert(expiry, average));
}

#[test]
fn new_rules_should_have_every_account_looked_at() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let before = drift();
		let mut model = crate::default_portfolio_model();
		model.parameters.vol_up = Ppb(600_000_000);
		assert_ok!(Options::set_portfolio_model(root(), BTC, model));
		assert_eq!(drift(), before + DRIFT_JUMP);
		assert!(!is_repriced(), "the arrays are those of the old rules");
		block(0);
		assert!(is_repriced());
		assert_eq!(drift(), before + 2 * DRIFT_JUMP);
		assert_ok!(Options::set_standard_parameters(root(), BTC, StandardParameters::DEFAULT));
		assert_eq!(drift(), before + 3 * DRIFT_JUMP);
	});
}

#[test]
fn failed_repricing_should_have_every_account_looked_at_once() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let (first, sound) = (expiries()[0], source(BTC, |source| source.expiries.clone()));
		let spoil = |source: &mut Source| source.expiries.get_mut(&first).unwrap().svi.sigma = -1;
		assert_eq!(advanced_by(spoil), DRIFT_JUMP);
		assert!(!is_repriced());
		assert_eq!(advanced_by(spoil), 0);
		assert_eq!(advanced_by(|source| source.expiries = sound), 0, "it is where it was");
		assert!(is_repriced());
	});
}

#[test]
fn forward_that_no_distance_is_stated_for_should_have_every_account_looked_at() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let wild = |source: &mut Source| {
			scale_forwards(source, 20_000);
			scale_vols(source, 10_000 * 500);
		};
		assert_eq!(advanced_by(wild), DRIFT_JUMP);
		assert_eq!(advanced_by(|source| scale_forwards(source, 10_001)), DRIFT_JUMP);
	});
}

#[test]
fn odometer_at_its_end_should_say_that_nothing_can_be_said() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		Drifts::<Test>::insert(BTC, u64::MAX - DRIFT_JUMP - 1);
		assert!(<Options as Markets>::drift(BTC).is_some());
		for _ in 0..2 {
			assert_ok!(Options::set_standard_parameters(root(), BTC, StandardParameters::DEFAULT));
		}
		assert_eq!(<Options as Markets>::drift(BTC), None);
		assert_eq!(<Options as Markets>::drift(9), None, "no such underlying");
	});
}

#[test]
fn underlying_should_not_count_as_repriced_before_its_last_expiry_is() {
	let schedule = Schedule { dailies: 3, ..schedule() };
	TestExt::new().schedule(schedule).priced_at(95_000).execute_with(|| {
		assert!(is_repriced());
		publish(BTC, usd(95_001));
		assert!(!is_repriced(), "the round has changed");
		let one = <() as WeightInfo>::check_agenda(1) + <() as WeightInfo>::reprice_expiry(20);
		for last in [false, false, true] {
			block_with(0, one.ref_time());
			assert_eq!(is_repriced(), last);
		}
		set_now(now() + MAX_AGE + 1);
		assert!(!is_repriced(), "the round is stale");
		assert!(!<Options as Markets>::is_repriced(9), "no such underlying");
	});
}

#[test]
fn expiry_without_a_slice_should_count_as_repriced_only_if_nobody_can_hold_it() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		assert_ok!(Options::set_schedule(root(), BTC, Schedule { dailies: 3, ..schedule() }));
		round(|_| ());
		block(0);
		assert!(is_repriced(), "the third expiry has no arrays yet");
		let first = expiries()[0];
		round(|source| source.expiries.retain(|expiry, _| *expiry != first));
		block(0);
		assert!(!is_repriced(), "its arrays are those of an earlier round");
		publish(BTC, usd(95_000));
		block(0);
		assert!(is_repriced());
	});
}

#[test]
fn freeze_should_take_reductions_only_until_governance_ends_it() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		let (expiry, strike) = (expiries()[0], strikes(expiries()[0])[0]);
		let series = SeriesId { underlying: BTC, expiry, strike, kind: OptionKind::Call };
		for is_new in [true, false] {
			assert_eq!(<Options as Markets>::freeze(BTC), is_new);
			assert_eq!(<Options as Markets>::status(&series), SeriesStatus::ReduceOnly);
		}
		assert_eq!(events(), [Event::Frozen { underlying: BTC }], "said once");
		let list = Options::list_strike(RuntimeOrigin::signed(1), BTC, expiry, 50_000 * USD);
		assert_noop!(list, Error::<Test>::UnderlyingPaused);
		assert_ok!(Options::set_paused(root(), BTC, false));
		assert_eq!(<Options as Markets>::status(&series), SeriesStatus::Trading);
	});
}

#[test]
fn freeze_of_an_unknown_underlying_should_change_nothing() {
	TestExt::new().priced_at(95_000).execute_with(|| {
		assert!(!<Options as Markets>::freeze(9));
		assert!(events().is_empty() && !Underlyings::<Test>::contains_key(9));
	});
}

/// The surface that the stored arrays of an expiry were computed from.
fn surface(expiry: Moment) -> Reference {
	let mut market = None;
	let (market, listing, quote) = Options::look_up((BTC, expiry), now(), &mut market).unwrap();
	let inputs = quote.inputs.unwrap().unwrap();
	pricing::price(&market.model, &inputs, &listing.strikes).unwrap().surface.unwrap()
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	#[test]
	fn odometer_should_bound_the_drift_between_any_two_moments(
		steps in proptest::collection::vec(
			(0u64..4_000_000, 9_900i64..10_100, 9_990i64..10_010, 9_900i64..10_100, 0u64..8), 2..12,
		),
	) {
		TestExt::new().priced_at(95_000).execute_with(|| {
			let all = expiries();
			let mut seen = Vec::new();
			for (millis, spots, forwards, vols, small) in steps {
				// Most steps are small enough to stay within a reference.
				let near = |ratio: i64| if small > 1 { 10_000 + (ratio - 10_000) / 40 } else { ratio };
				set_now(now() + if small > 1 { millis / 1_000 } else { millis });
				round(|source| {
					scale_spot(source, spots);
					scale_forwards(source, near(forwards));
					scale_vols(source, near(vols));
				});
				block(0);
				seen.push((drift(), all.iter().map(|expiry| surface(*expiry)).collect::<Vec<_>>()));
			}
			let model = crate::default_portfolio_model();
			let portfolio = Portfolio::new(&model.parameters, &model.scenarios).unwrap();
			for (index, (before, old)) in seen.iter().enumerate() {
				for (after, new) in &seen[index..] {
					assert!(after >= before, "it never falls");
					let most = after - before + 2 * DRIFT_STEP;
					for (old, new) in old.iter().zip(new) {
						let drift = portfolio.drift(&old.surface(), &new.surface()).unwrap();
						assert!(drift.0 as u64 <= most, "{drift:?} {most}");
					}
				}
			}
		});
	}
}
