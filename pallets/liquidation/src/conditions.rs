// SPDX-License-Identifier: Apache-2.0
//! What the chain measures about itself, and what margin gains from it.

use crate::{pallet::*, Conditions, HouseParameters, Parameters, SweepState};
use ballast_exchange::{Markets, Ppb, PriceSource, UnderlyingId};
use ballast_risk::DelayMeasure;
use frame_support::traits::{Get, Time};

/// Positions of a usual book, by which the capacity for bids is reckoned.
pub(crate) const USUAL_POSITIONS: u32 = 16;
/// The long mean follows by `2^-20` a block: half of a step in four days of half-second blocks.
pub(crate) const MEAN_BITS: u32 = 20;
/// The largest volatility that the formulas take, 5,000 % a year.
const MOST_VOL: Ppb = Ppb(50_000_000_000);
/// Seconds for which backlog and capacity are compared.
const FINE: u32 = 1_000;
/// Step of the multiplier from which on an event tells it.
const TOLD_STEP: i64 = 10_000_000;

impl<T: Config> Pallet<T> {
	/// Accounts known to be liquidatable and not yet resolved.
	pub fn backlog() -> u32 {
		Auctions::<T>::count()
	}

	/// Auctions that can be resolved per second if blocks take as long as the last one.
	pub fn capacity() -> u32 {
		Self::capacity_in(1_000)
	}

	fn capacity_in(millis: u64) -> u32 {
		let block_millis = Sweep::<T>::get().block_millis;
		let auctions = u64::from(Self::capacity_per_block()).saturating_mul(millis)
			/ u64::from(block_millis.max(1));
		u32::try_from(auctions).unwrap_or(u32::MAX)
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
		let parameters = Self::at_the_pace_of_the_search(ParametersInForce::<T>::get());
		let proposed = Proposed::<T>::get().map(|proposal| proposal.parameters);
		let of_chain = DelayMeasure {
			// Both of a thousand seconds: a slow block that resolves a few auctions resolves none in a whole second, and a
			// capacity of nothing is a delay without end.
			backlog: Self::backlog().saturating_mul(FINE),
			capacity_per_second: Self::capacity_in(1_000 * u64::from(FINE)),
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

	/// The parameters as far as the search can follow them.
	///
	/// A rise of the move endangers accounts on top of those that prices endanger, all in one block. Until a search has ended it
	/// waits: it would take the room from accounts that are due already. Where the last search found somebody it is one
	/// step: the next one will find more.
	pub(crate) fn at_the_pace_of_the_search(mut parameters: Parameters) -> Parameters {
		if !T::Searches::get() {
			return parameters;
		}
		let SweepState { is_unfinished, found, .. } = Sweep::<T>::get();
		let house = &mut parameters.house;
		let most = match (is_unfinished, found) {
			(true, _) => Ppb::ZERO,
			(false, 0) => house.move_rise,
			(false, _) => house.move_step,
		};
		house.move_rise = house.move_rise.min(most);
		parameters
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
		let mut after = before.next(&measure, parameters);
		// The shadow has no history: it says what the parameters would come to in the long run.
		after.shadow_move = proposed.map_or(Ppb::ZERO, |proposed| {
			on_step(unescapable(proposed, &measure), &proposed.house)
		});
		Self::tell_changes(underlying, &measure, &before, &after);
		if after != before {
			Measured::<T>::insert(underlying, after);
		}
	}

	fn tell_changes(
		underlying: UnderlyingId,
		measure: &DelayMeasure,
		before: &Conditions,
		after: &Conditions,
	) {
		let Conditions { delay_move, multiplier, realised_vol, delay_millis, .. } = *after;
		if delay_move != before.delay_move {
			Self::deposit_event(Event::DelayMoveChanged {
				underlying,
				delay_move,
				price_age_millis: measure.price_age_millis,
				backlog: Self::backlog(),
				capacity_per_second: Self::capacity(),
				delay_millis,
				realised_vol,
			});
		}
		if multiplier.0 / TOLD_STEP != before.multiplier.max(Ppb::ONE).0 / TOLD_STEP {
			let mean_vol = after.mean_vol();
			let event = Event::MultiplierChanged { underlying, multiplier, realised_vol, mean_vol };
			Self::deposit_event(event);
		}
	}
}

impl Conditions {
	/// What is measured now, given what was before.
	///
	/// `parameters` are valid: those of a chain are checked where they enter.
	pub fn next(&self, measure: &DelayMeasure, parameters: &Parameters) -> Conditions {
		let house = HouseParameters {
			move_rise: next_rise(self.last_rise, &parameters.house),
			..parameters.house
		};
		let delay_move = next_move(self.delay_move, unescapable(parameters, measure), &house);
		let last_rise = Ppb(delay_move.0.saturating_sub(self.delay_move.0).max(0));
		let mut after = Conditions {
			delay_move,
			last_rise,
			// A tenth a block would last for six hundred years.
			travelled: self.travelled.saturating_add(last_rise.0.unsigned_abs()),
			realised_vol: measure.realised_vol,
			price_age_millis: measure.price_age_millis,
			delay_millis: measure
				.delay_millis()
				.map_or(u32::MAX, |millis| u32::try_from(millis).unwrap_or(u32::MAX)),
			..*self
		};
		after.add_to_mean(measure.realised_vol);
		let last = self.multiplier.max(Ppb::ONE);
		// Below the floor nothing is thought to be calm or wild: a quiet week would make any other look like a storm.
		let floor = parameters.delay.vol_floor;
		let [vol, mean] =
			[measure.realised_vol, after.mean_vol()].map(|vol| vol.max(floor).min(MOST_VOL));
		// A market beyond what the formulas take counts as the wildest that they take: nothing is out of range.
		after.multiplier = parameters.multiplier.next(last, vol, mean).unwrap_or(last);
		after
	}

	/// Long mean of realised volatility per year.
	pub fn mean_vol(&self) -> Ppb {
		Ppb(i64::try_from(self.mean_vol_fine >> MEAN_BITS).unwrap_or(i64::MAX))
	}

	/// Takes one block into the mean: the plain mean of all at first, so that the first estimate of a young chain,
	/// which is hardly more than noise, does not stay in it for days. Without an estimate nothing is taken.
	fn add_to_mean(&mut self, vol: Ppb) {
		let vol = vol.0.max(0).unsigned_abs();
		if vol == 0 && self.mean_blocks == 0 {
			return;
		}
		self.mean_blocks = self.mean_blocks.saturating_add(1).min(1 << MEAN_BITS);
		let blocks = u64::from(self.mean_blocks);
		// 50 times a billion is the most: 56 bits with the fraction.
		let fine = vol.saturating_mul(1 << MEAN_BITS);
		let kept = self.mean_vol_fine.saturating_sub(self.mean_vol_fine / blocks);
		self.mean_vol_fine = kept.saturating_add(fine / blocks);
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

/// How far the move may rise now, given how far it rose in the last block: a step at first, then twice as far and a step.
///
/// A rise endangers accounts as a fall of prices does, all in one block. Where the last rise left the search time to end, a
/// larger one may follow.
fn next_rise(last: Ppb, house: &HouseParameters) -> Ppb {
	let doubled = last.0.saturating_mul(2).saturating_add(house.move_step.0);
	Ppb(doubled.min(house.move_rise.0))
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

#[cfg(test)]
mod tests {
	use super::*;
	use ballast_risk::{DelayParameters, MultiplierParameters};
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

	/// Moves of ten blocks in a row, each with a price this old.
	fn moves(age_millis: [u32; 10]) -> [i64; 10] {
		let delay = DelayParameters { z: Ppb(4_000_000_000), vol_floor: Ppb(600_000_000) };
		let parameters = Parameters { delay, ..Default::default() };
		let mut now = Conditions::default();
		age_millis.map(|price_age_millis| {
			now = now.next(&DelayMeasure { price_age_millis, ..Default::default() }, &parameters);
			now.delay_move.0 / house().move_step.0
		})
	}

	#[test]
	fn delay_move_should_rise_faster_block_by_block_when_it_jumps() {
		let jump = moves([3_600_000; 10]);
		assert_eq!(jump, [1, 4, 11, 21, 26, 26, 26, 26, 26, 26]);
	}

	#[test]
	fn delay_move_should_begin_with_a_step_again_when_it_has_stood_still() {
		let (low, high) = (60_000, 3_600_000);
		let moves = moves([low, low, low, low, high, high, high, low, high, high]);
		assert_eq!(moves, [1, 4, 4, 4, 5, 8, 15, 4, 5, 8]);
	}

	#[test]
	fn delay_move_should_fall_at_once_when_the_congestion_is_over() {
		assert_eq!(move_of(90_000_000, 3_500_000), 4_000_000);
		assert_eq!(move_of(1_000_000, 0), 0);
	}

	fn mean_after(start: Conditions, vols: impl IntoIterator<Item = i64>) -> Conditions {
		vols.into_iter().fold(start, |mut now, vol| {
			now.add_to_mean(Ppb(vol));
			now
		})
	}

	#[test]
	fn mean_should_be_that_of_all_blocks_while_the_chain_is_young() {
		assert_eq!(mean_after(Conditions::default(), [0, 0]), Conditions::default());
		let three = mean_after(Conditions::default(), [0, 300_000_000, 600_000_000, 900_000_000]);
		assert_eq!(three.mean_blocks, 3);
		assert!((599_999_999..=600_000_000).contains(&three.mean_vol().0), "{three:?}");
	}

	#[test]
	fn mean_should_follow_slowly_when_volatility_doubles() {
		let old = Conditions {
			mean_blocks: 1 << MEAN_BITS,
			mean_vol_fine: 500_000_000 << MEAN_BITS,
			..Default::default()
		};
		let later = mean_after(old, (0..1_000).map(|_| 1_000_000_000));
		assert!((500_000_001..501_000_000).contains(&later.mean_vol().0), "{later:?}");
		assert_eq!(later.mean_blocks, 1 << MEAN_BITS);
	}

	#[test]
	fn multiplier_should_stay_when_a_volatility_below_the_floor_doubles() {
		let multiplier = MultiplierParameters { slope: Ppb::ONE, ..MultiplierParameters::DEFAULT };
		let of_floor = |vol_floor| {
			let delay = DelayParameters { z: Ppb(0), vol_floor: Ppb(vol_floor) };
			let parameters = Parameters { delay, multiplier, ..Default::default() };
			let before = mean_after(Conditions::default(), [250_000_000; 9]);
			let measure = DelayMeasure { realised_vol: Ppb(500_000_000), ..Default::default() };
			before.next(&measure, &parameters).multiplier
		};
		assert_eq!(of_floor(600_000_000), Ppb::ONE);
		assert!(of_floor(0) > Ppb::ONE);
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

	#[test]
	fn multiplier_should_rise_when_volatility_is_beyond_what_the_formulas_take() {
		let multiplier = MultiplierParameters { slope: Ppb::ONE, ..MultiplierParameters::DEFAULT };
		let parameters = Parameters { multiplier, ..Default::default() };
		let before = mean_after(Conditions::default(), [500_000_000; 9]);
		let measure = DelayMeasure { realised_vol: Ppb(99_000_000_000), ..Default::default() };
		assert_eq!(before.next(&measure, &parameters).multiplier, Ppb(1_010_000_000));
	}

	proptest! {
		#[test]
		fn odometer_should_count_every_rise(targets in prop::collection::vec(0..200_000_000u32, 1..50)) {
			let delay = DelayParameters { z: Ppb(3_000_000_000), vol_floor: Ppb(600_000_000) };
			let parameters = Parameters { delay, ..Default::default() };
			let mut now = Conditions::default();
			for age in targets {
				let measure = DelayMeasure { price_age_millis: age, ..Default::default() };
				let after = now.next(&measure, &parameters);
				let rise = after.delay_move.0 - now.delay_move.0;
				prop_assert_eq!(after.travelled - now.travelled, rise.max(0) as u64);
				prop_assert!(rise <= parameters.house.move_rise.0);
				prop_assert!(after.delay_move <= parameters.house.highest_move);
				now = after;
			}
		}
	}
}
