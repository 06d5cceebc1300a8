// SPDX-License-Identifier: Apache-2.0
//! What the chain measures about itself, and what margin gains from it.

use crate::{pallet::*, Conditions, HouseParameters, Parameters};
use ballast_exchange::{Markets, Ppb, PriceSource, UnderlyingId};
use ballast_risk::DelayMeasure;
use frame_support::traits::Time;

/// Positions of a usual book, by which the capacity for bids is reckoned.
pub(crate) const USUAL_POSITIONS: u32 = 16;
/// The long mean follows by `2^-20` a block: half of a step in four days of half-second blocks.
pub(crate) const MEAN_BITS: u32 = 20;

impl<T: Config> Pallet<T> {
	/// Accounts known to be liquidatable and not yet resolved.
	pub fn backlog() -> u32 {
		Auctions::<T>::count()
	}

	/// Auctions that can be resolved per second if blocks take as long as the last one.
	pub fn capacity() -> u32 {
		let block_millis = Sweep::<T>::get().block_millis;
		let per_second = u64::from(Self::capacity_per_block()).saturating_mul(1_000)
			/ u64::from(block_millis.max(1));
		u32::try_from(per_second).unwrap_or(u32::MAX)
	}

	/// Takes the time since the last block; nothing for the first one, and no more than prices may be old: a gap is not
	/// how long blocks take.
	fn take_time() {
		let (now, most) = (T::Time::now(), T::Markets::max_price_age_millis());
		Sweep::<T>::mutate(|state| {
			let passed = if state.at == 0 { 0 } else { now.saturating_sub(state.at).min(most) };
			state.at = now;
			state.block_millis = u32::try_from(passed).unwrap_or(u32::MAX);
		});
	}

	/// Measures every underlying that has fresh prices, once a block. Without them everything stays as it is.
	pub(crate) fn measure(known: &[UnderlyingId]) {
		Self::take_time();
		let parameters = ParametersInForce::<T>::get();
		let proposed = Proposed::<T>::get().map(|proposal| proposal.parameters);
		let of_chain = DelayMeasure {
			backlog: Self::backlog(),
			capacity_per_second: Self::capacity(),
			// A bid can be in the block after the one that opens the auction.
			auction_notice_millis: Sweep::<T>::get().block_millis,
			..Default::default()
		};
		for underlying in known {
			if T::Markets::is_repriced(*underlying) {
				Self::measure_one(*underlying, of_chain, &parameters, proposed.as_ref());
			}
		}
	}

	fn measure_one(
		underlying: UnderlyingId,
		of_chain: DelayMeasure,
		parameters: &Parameters,
		proposed: Option<&Parameters>,
	) {
		let age = T::Markets::spot(underlying).map_or(0, |spot| spot.age_millis());
		let realised_vol = T::Prices::realised_vol(underlying).unwrap_or(Ppb::ZERO);
		let price_age_millis = u32::try_from(age).unwrap_or(u32::MAX);
		let measure = DelayMeasure { price_age_millis, realised_vol, ..of_chain };
		let before = Measured::<T>::get(underlying);
		let mut after = next(&before, &measure, parameters);
		// The shadow has no history: it says what the parameters would come to in the long run.
		after.shadow_move = proposed.map_or(Ppb::ZERO, |proposed| {
			on_step(unescapable(proposed, &measure), &proposed.house)
		});
		if after.delay_move != before.delay_move {
			let delay_move = after.delay_move;
			Self::deposit_event(Event::DelayMoveChanged { underlying, delay_move });
		}
		if after != before {
			Measured::<T>::insert(underlying, after);
		}
	}
}

/// What is measured now, given what was before.
pub(crate) fn next(
	before: &Conditions,
	measure: &DelayMeasure,
	parameters: &Parameters,
) -> Conditions {
	let delay_move =
		next_move(before.delay_move, unescapable(parameters, measure), &parameters.house);
	let rise = delay_move.0.saturating_sub(before.delay_move.0).max(0).unsigned_abs();
	let mean_vol_fine = next_mean(before.mean_vol_fine, measure.realised_vol);
	let mean = Ppb(i64::try_from(mean_vol_fine >> MEAN_BITS).unwrap_or(i64::MAX));
	let last = before.multiplier.max(Ppb::ONE);
	// Parameters are validated where they enter: only a volatility out of range is left, and changes nothing.
	let multiplier = parameters.multiplier.next(last, measure.realised_vol, mean).unwrap_or(last);
	Conditions {
		delay_move,
		multiplier,
		mean_vol_fine,
		// A tenth a block would last for six hundred years.
		travelled: before.travelled.saturating_add(rise),
		..*before
	}
}

/// The move that no one escapes, within its bound. A delay that cannot be measured counts as the bound.
fn unescapable(parameters: &Parameters, measure: &DelayMeasure) -> Ppb {
	if parameters.delay.z == Ppb::ZERO {
		return Ppb::ZERO;
	}
	let highest = parameters.house.highest_move;
	parameters.delay.unescapable_move(measure).unwrap_or(highest).min(highest)
}

/// The step at or above a move, within the bound.
fn on_step(target: Ppb, house: &HouseParameters) -> Ppb {
	let step = house.move_step.0.max(1);
	let steps = target.0.max(0).saturating_add(step - 1) / step;
	Ppb(steps.saturating_mul(step)).min(house.highest_move)
}

/// The next move: on a step, so that noise below one brings no looks; it rises by no more than its bound and
/// falls only by whole steps beyond the one it is on.
fn next_move(current: Ppb, target: Ppb, house: &HouseParameters) -> Ppb {
	let target = on_step(target, house);
	if target > current {
		return target.min(Ppb(current.0.saturating_add(house.move_rise.0)));
	}
	let has_fallen = target.0.saturating_add(house.move_step.0) < current.0;
	if has_fallen || target == Ppb::ZERO || current > house.highest_move {
		target
	} else {
		current
	}
}

fn next_mean(mean_fine: u64, vol: Ppb) -> u64 {
	let vol = vol.0.max(0).unsigned_abs();
	if mean_fine == 0 {
		// 50 times a billion is the most: 56 bits with the fraction.
		return vol.saturating_mul(1 << MEAN_BITS);
	}
	let whole = mean_fine >> MEAN_BITS;
	mean_fine.saturating_sub(whole).saturating_add(vol)
}

#[cfg(test)]
mod tests {
	use super::*;
	use ballast_risk::DelayParameters;
	use proptest::prelude::*;

	fn house() -> HouseParameters {
		HouseParameters::default()
	}

	fn move_of(current: i64, target: i64) -> i64 {
		next_move(Ppb(current), Ppb(target), &house()).0
	}

	#[test]
	fn delay_move_should_stay_when_its_measure_is_noise() {
		let mut current = move_of(0, 5_400_000);
		assert_eq!(current, 6_000_000);
		for target in [5_900_000, 5_100_000, 5_000_001, 6_000_000] {
			current = move_of(current, target);
			assert_eq!(current, 6_000_000, "{target}");
		}
	}

	#[test]
	fn delay_move_should_rise_by_no_more_than_its_bound_when_it_jumps() {
		assert_eq!(move_of(0, 90_000_000), 10_000_000);
		assert_eq!(move_of(95_000_000, 900_000_000), 100_000_000);
	}

	#[test]
	fn delay_move_should_fall_at_once_when_the_congestion_is_over() {
		assert_eq!(move_of(90_000_000, 3_500_000), 4_000_000);
		assert_eq!(move_of(1_000_000, 0), 0);
	}

	#[test]
	fn mean_should_follow_slowly_when_volatility_doubles() {
		let first = next_mean(0, Ppb(500_000_000));
		assert_eq!(first >> MEAN_BITS, 500_000_000);
		let later = (0..1_000).fold(first, |mean, _| next_mean(mean, Ppb(1_000_000_000)));
		assert!((500_000_000..501_000_000).contains(&(later >> MEAN_BITS)));
		assert!(later > first);
	}

	#[test]
	fn delay_move_should_be_zero_when_the_buffer_is_off() {
		let measure = DelayMeasure { backlog: 9, ..Default::default() };
		assert_eq!(unescapable(&Parameters::default(), &measure), Ppb::ZERO);
	}

	#[test]
	fn delay_move_should_be_the_bound_when_nothing_can_be_resolved() {
		let delay = DelayParameters { z: Ppb(1), vol_floor: Ppb(0) };
		let parameters = Parameters { delay, ..Default::default() };
		let measure = DelayMeasure { backlog: 1, capacity_per_second: 0, ..Default::default() };
		assert_eq!(unescapable(&parameters, &measure), house().highest_move);
	}

	proptest! {
		#[test]
		fn odometer_should_count_every_rise(targets in prop::collection::vec(0..200_000_000u32, 1..50)) {
			let delay = DelayParameters { z: Ppb(3_000_000_000), vol_floor: Ppb(600_000_000) };
			let parameters = Parameters { delay, ..Default::default() };
			let mut now = Conditions::default();
			for age in targets {
				let measure = DelayMeasure { price_age_millis: age, ..Default::default() };
				let after = next(&now, &measure, &parameters);
				let rise = after.delay_move.0 - now.delay_move.0;
				prop_assert_eq!(after.travelled - now.travelled, rise.max(0) as u64);
				prop_assert!(rise <= parameters.house.move_rise.0);
				prop_assert!(after.delay_move <= parameters.house.highest_move);
				now = after;
			}
		}
	}
}
