// SPDX-License-Identifier: Apache-2.0
//! Auction, delay buffer, concentration and multiplier.

use ballast_risk::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn config() -> ProptestConfig {
	ProptestConfig {
		cases: 10_000,
		failure_persistence: None,
		rng_seed: RngSeed::Fixed(20_261_120),
		..ProptestConfig::default()
	}
}

const AUCTION: AuctionParameters = AuctionParameters::DEFAULT;
const MONEY: i128 = 1_000_000_000_000_000;

/// A state as an auction meets it: below maintenance, and no more reserved than it is worth.
fn states() -> impl Strategy<Value = AuctionState> {
	(1..MONEY, -MONEY..0i128, 0i128..1_000_000_000).prop_map(|(mark, maintenance, part)| {
		AuctionState { mark, maintenance, reserved: mark / 2 * part / 1_000_000_000 }
	})
}

proptest! {
	#![proptest_config(config())]

	#[test]
	fn discount_should_only_fall(elapsed in 0u64..60_000_000, later in 0u64..60_000_000) {
		let [now, then] = [elapsed, elapsed + later].map(|millis| AUCTION.discount(millis));
		prop_assert!(then <= now && now <= AUCTION.discount_start && then >= Ppb::ZERO);
	}

	#[test]
	fn largest_share_should_reach_the_target_and_no_more(state in states(), discount in 1i64..=1_000_000_000) {
		let discount = Ppb(discount);
		let share = AUCTION.max_share(&state, discount).unwrap();
		prop_assert!(share >= Ppb::ZERO && share <= Ppb::ONE);
		let paid = AUCTION.price(&state, discount, share).unwrap();
		let rest = |money: i128| (money - state.reserved) * i128::from(Ppb::ONE.0 - share.0) / i128::from(Ppb::ONE.0) + state.reserved + paid;
		let after = AuctionState { mark: rest(state.mark), maintenance: rest(state.maintenance), reserved: state.reserved + paid };
		let target = AUCTION.target(&after).unwrap();
		// A billionth of the share is as exact as a share is.
		let room = (state.mark - state.maintenance) / 400_000_000 + 10;
		prop_assert!(target.abs() <= room, "{target} {room}");
	}

	#[test]
	fn paying_in_parts_should_cost_at_least_the_whole(state in states(), share in 0i64..=1_000_000_000, discount in 0i64..=1_000_000_000) {
		let price = |share| AUCTION.price(&state, Ppb(discount), Ppb(share)).unwrap();
		prop_assert!(price(share) + price(1_000_000_000 - share) >= price(1_000_000_000));
		prop_assert!(price(share) <= price(1_000_000_000));
	}

	#[test]
	fn insolvent_payment_should_rise_from_the_debt_to_the_maintenance(mark in -MONEY..MONEY, below in 0..MONEY, elapsed in 0u64..4_000_000, share in 0i64..=1_000_000_000) {
		let state = AuctionState { mark, maintenance: mark.min(0) - below, reserved: 0 };
		let pay = |elapsed, share| AUCTION.insolvent_payment(&state, elapsed, Ppb(share)).unwrap();
		prop_assert_eq!(pay(0, 1_000_000_000), -mark.min(0));
		prop_assert_eq!(pay(3_600_000, 1_000_000_000), -state.maintenance);
		prop_assert!(pay(elapsed, share) <= pay(elapsed + 1_000, share));
		prop_assert!(pay(elapsed, share) + pay(elapsed, 1_000_000_000 - share) <= pay(elapsed, 1_000_000_000));
	}

	#[test]
	fn phase_should_follow_target_and_mark(mark in -MONEY..MONEY, maintenance in -MONEY..MONEY, elapsed in 0u64..60_000_000) {
		let state = AuctionState { mark, maintenance, reserved: 0 };
		let phase = AUCTION.phase(&state, elapsed).unwrap();
		let complete = AUCTION.target(&state).unwrap() >= 0;
		prop_assert_eq!(phase == AuctionPhase::Complete, complete);
		let over = elapsed >= 900_000 + 43_200_000;
		prop_assert_eq!(phase == AuctionPhase::Insolvent, !complete && (mark <= 0 || over));
	}

	#[test]
	fn delay_buffer_should_grow_with_every_delay(age in 0u32..60_000, backlog in 0u32..10_000, capacity in 1u32..10_000, notice in 0u32..60_000, vol in 0i64..3_000_000_000) {
		let parameters = DelayParameters { z: Ppb(3_000_000_000), vol_floor: Ppb(100_000_000) };
		let measure = DelayMeasure {
			price_age_millis: age,
			backlog,
			capacity_per_second: capacity,
			auction_notice_millis: notice,
			realised_vol: Ppb(vol),
		};
		let size = |measure| parameters.unescapable_move(&measure);
		let base = size(measure);
		prop_assume!(base.is_ok());
		let base = base.unwrap();
		let older = size(DelayMeasure { price_age_millis: age + 1_000, ..measure }).unwrap();
		let wilder = size(DelayMeasure { realised_vol: Ppb(vol + 1_000_000), ..measure }).unwrap();
		let faster = size(DelayMeasure { capacity_per_second: capacity * 2, ..measure }).unwrap();
		prop_assert!(older >= base && wilder >= base && faster <= base);
		let exact = 3.0 * (vol.max(100_000_000) as f64 * 1e-9) * (measure.delay_millis().unwrap() as f64 / 31_536_000_000.0).sqrt();
		prop_assert!((base.0 as f64 * 1e-9 - exact).abs() < 1e-7 && base.0 as f64 * 1e-9 >= exact - 1e-12);
		prop_assert_eq!(DelayParameters::DEFAULT.unescapable_move(&measure), Ok(Ppb::ZERO));
	}

	#[test]
	fn concentration_should_start_at_its_threshold_and_grow(lots in 0i64..1_000_000, others in 0i64..1_000_000, spot in 1i64..200_000) {
		let parameters = ConcentrationParameters { threshold: Ppb(200_000_000), charge: Ppb(100_000_000) };
		let spot = Price::from_usd(spot).unwrap();
		let charge = |lots| parameters.charge(lots, lots.abs() + others, spot, 100).unwrap();
		prop_assert_eq!(charge(lots) > 0, lots * 4 > others);
		prop_assert!(charge(lots + 1) >= charge(lots));
		prop_assert_eq!(charge(lots), charge(-lots));
		prop_assert!(charge(lots) <= i128::from(lots) * i128::from(spot.to_micro_usd_floor()) / 1_000 + 1);
		prop_assert_eq!(ConcentrationParameters::DEFAULT.charge(lots, lots + others, spot, 100), Ok(0));
	}

	#[test]
	fn multiplier_should_move_within_its_bounds(last in 0i64..4_000_000_000, realised in 0i64..5_000_000_000, mean in 0i64..5_000_000_000) {
		let parameters = MultiplierParameters { slope: Ppb(800_000_000), ..MultiplierParameters::DEFAULT };
		let next = parameters.next(Ppb(last), Ppb(realised), Ppb(mean)).unwrap();
		prop_assert!(next >= Ppb::ONE && next <= parameters.highest);
		let from = last.clamp(1_000_000_000, parameters.highest.0);
		let change = next.0 - from;
		prop_assert!((-parameters.fall_per_block.0..=parameters.rise_per_block.0).contains(&change));
		if realised <= mean {
			prop_assert!(change <= 0);
		}
		let calm = MultiplierParameters::DEFAULT.next(Ppb::ONE, Ppb(realised), Ppb(mean));
		prop_assert_eq!(calm, Ok(Ppb::ONE));
	}
}

#[test]
fn discount_should_pass_through_the_ends_of_its_phases() {
	assert_eq!(AUCTION.discount(0), Ppb(950_000_000));
	assert_eq!(AUCTION.discount(900_000), Ppb(700_000_000));
	assert_eq!(AUCTION.discount(450_000), Ppb(825_000_000));
	assert_eq!(AUCTION.discount(900_000 + 21_600_000), Ppb(350_000_000));
	assert_eq!(AUCTION.discount(900_000 + 43_200_000), Ppb::ZERO);
	assert_eq!(AUCTION.discount(u64::MAX), Ppb::ZERO);
}

/// Every parameter, one below and one above its range, and both ends.
macro_rules! check_ranges {
	($record:ident, $errors:ident, $wrap:ident, { $($field:ident: $variant:ident),* $(,)? }) => {{
		assert_eq!($record::DEFAULT.validate(), Ok(()));
		let mut seen = 0;
		$(
			seen += 1;
			let range = $errors::$variant.range();
			for (value, inside) in [
				(range.lowest - 1, false), (range.lowest, true), (range.highest, true), (range.highest + 1, false),
			] {
				let mut parameters = $record::DEFAULT;
				let Some(value) = Number::number(value) else { continue };
				parameters.$field = value;
				let refused = parameters.validate() == Err(ParameterError::$wrap($errors::$variant));
				assert_eq!(refused, !inside, "{}", $errors::$variant.name());
			}
		)*
		assert_eq!(seen, $errors::ALL.len(), "every parameter is checked");
	}};
}

trait Number: Sized {
	fn number(value: i64) -> Option<Self>;
}

impl Number for Ppb {
	fn number(value: i64) -> Option<Self> {
		Some(Ppb(value))
	}
}

impl Number for u32 {
	fn number(value: i64) -> Option<Self> {
		u32::try_from(value).ok()
	}
}

#[test]
fn every_parameter_should_be_refused_outside_its_range() {
	check_ranges!(PortfolioParameters, PortfolioParameter, Portfolio, {
		basis_up: BasisUp, basis_down: BasisDown, basis_add: BasisAdd, basis_slope: BasisSlope,
		vol_up: VolUp, vol_down: VolDown, vol_up_floor: VolUpFloor, vol_short_power: VolShortPower,
		vol_long_power: VolLongPower, vol_floor_seconds: VolFloorSeconds, discount_long: DiscountLong,
		discount_long_rate: DiscountLongRate, discount_long_add: DiscountLongAdd,
		discount_short: DiscountShort, discount_short_rate: DiscountShortRate,
		discount_short_add: DiscountShortAdd, maintenance_factor: MaintenanceFactor,
		initial_factor: InitialFactor, peg_threshold: PegThreshold, peg_factor: PegFactor,
		confidence_threshold: ConfidenceThreshold, confidence_margin: ConfidenceMargin,
		perpetual_maintenance: PerpetualMaintenance, perpetual_initial: PerpetualInitial,
		option_maintenance: OptionMaintenance, option_initial: OptionInitial,
		skew_linear_cap: SkewLinearCap, skew_linear_cap_slope: SkewLinearCapSlope,
		skew_absolute_cap: SkewAbsoluteCap, skew_absolute_cap_slope: SkewAbsoluteCapSlope,
		skew_k_min: SkewKMin, skew_width: SkewWidth, skew_vol: SkewVol, skew_vol_slope: SkewVolSlope,
	});
	check_ranges!(StandardParameters, StandardParameter, Standard, {
		perpetual_maintenance: PerpetualMaintenance, perpetual_initial: PerpetualInitial,
		confidence_threshold: ConfidenceThreshold, confidence_margin: ConfidenceMargin,
		base_factor: BaseFactor, base_initial_scale: BaseInitialScale, spot_max: SpotMax,
		spot_min: SpotMin, call_maintenance: CallMaintenance, put_maintenance: PutMaintenance,
		put_mark_maintenance: PutMarkMaintenance, put_initial_scale: PutInitialScale,
		unpaired_initial: UnpairedInitial, unpaired_maintenance: UnpairedMaintenance,
		peg_threshold: PegThreshold, peg_factor: PegFactor,
	});
	check_ranges!(AuctionParameters, AuctionParameter, Auction, {
		discount_start: DiscountStart, discount_fast_end: DiscountFastEnd, fast_millis: FastMillis,
		slow_millis: SlowMillis, insolvent_millis: InsolventMillis, buffer: Buffer,
	});
	check_ranges!(DelayParameters, DelayParameter, Delay, { z: Z, vol_floor: VolFloor });
	check_ranges!(ConcentrationParameters, ConcentrationParameter, Concentration, {
		threshold: Threshold, charge: Charge,
	});
	check_ranges!(MultiplierParameters, MultiplierParameter, Multiplier, {
		slope: Slope, highest: Highest, rise_per_block: RisePerBlock, fall_per_block: FallPerBlock,
	});
}

#[test]
fn scenarios_should_be_refused_outside_their_ranges() {
	let mut scenarios = DEFAULT_SCENARIOS;
	scenarios[5].spot = Ppb(-1);
	let refused = |scenario| Err(RiskError::Parameter(ParameterError::Scenario(scenario)));
	assert_eq!(validate_scenarios(&scenarios), refused(ScenarioError::Spot { index: 5 }));
	scenarios[5].spot = Ppb::ONE;
	scenarios[9].weight = Ppb(2_000_000_001);
	assert_eq!(validate_scenarios(&scenarios), refused(ScenarioError::Weight { index: 9 }));
	let long = [DEFAULT_SCENARIOS[0]; MAX_SCENARIOS + 1];
	assert_eq!(validate_scenarios(&long), Err(RiskError::TooMany(List::Scenarios)));
}
