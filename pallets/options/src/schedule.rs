// SPDX-License-Identifier: Apache-2.0

//! Which expiries an underlying has by itself.
//!
//! Each rule keeps `count` of its moments listed: those that are listed already, and the next ones that are
//! at least one *notice* away: the period of the minutes, one day for all others. So nothing is listed
//! with less than that to live, and a moment that would be is passed over for the next one.

use crate::{
	calendar::{date_of, last_friday, DAY, FIRST_FRIDAY, HOUR, MINUTE, WEEK},
	MAX_LIVE_EXPIRIES,
};
use alloc::{collections::BTreeSet, vec::Vec};
use ballast_exchange::Moment;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Options expire at 08:00 UTC, but for those of [`Minutes`].
pub const EXPIRY_TIME: Moment = 8 * HOUR;
/// Most strikes that a schedule keeps on each side of the forward.
pub const MAX_STRIKES_EACH_SIDE: u8 = 20;
/// Smallest step of strikes: 0.01 % of the forward.
pub const MIN_STRIKE_STEP_PPB: u32 = 100_000;
/// Largest step of strikes: 50 % of the forward.
pub const MAX_STRIKE_STEP_PPB: u32 = 500_000_000;

const DAY_MINUTES: u16 = 1_440;

/// Expiries every few minutes.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct Minutes {
	/// Minutes from one to the next, counted from midnight UTC: a divisor of a day, at most half of one.
	pub period_minutes: u16,
	/// How many.
	pub count: u8,
}

/// What an underlying has listed by itself.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct Schedule {
	/// Expiries every few minutes.
	pub minutes: Option<Minutes>,
	/// Expiries of every day.
	pub dailies: u8,
	/// Expiries of every Friday.
	pub weeklies: u8,
	/// Expiries of the last Friday of every month.
	pub monthlies: u8,
	/// Expiries of the last Friday of March, June, September and December.
	pub quarterlies: u8,
	/// Strikes kept on each side of the forward.
	pub strikes_each_side: u8,
	/// Step from strike to strike for an option of thirty days, parts per billion of the forward. It
	/// grows with the square root of the life of the expiry; see [`crate::strikes`].
	pub strike_step_ppb: u32,
}

/// What is wrong with a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScheduleError {
	/// The period of the minutes does not divide a day or is longer than half of one.
	Period,
	/// More expiries than can be live at once.
	Expiries,
	/// Strikes on each side not within 1 to [`MAX_STRIKES_EACH_SIDE`].
	StrikesEachSide,
	/// Step not within [`MIN_STRIKE_STEP_PPB`] to [`MAX_STRIKE_STEP_PPB`].
	StrikeStep,
}

/// One rule.
#[derive(Clone, Copy)]
enum Rule {
	Minutes(Moment),
	Daily,
	Weekly,
	/// The last Friday of each month whose number is a multiple.
	Months(u64),
}

impl Rule {
	/// Least time that a new expiry has to live.
	const fn notice(self) -> Moment {
		match self {
			Self::Minutes(period) => period,
			_ => DAY,
		}
	}

	/// The first `count` moments from `from` on.
	fn moments(self, from: Moment, count: u8) -> Vec<Moment> {
		let every = |offset: Moment, step: Moment| {
			let first = first_aligned(from, offset, step);
			// Saturating: beyond the last moment of the type there is no expiry, see `targets`.
			(0..u64::from(count))
				.map(|index| first.saturating_add(step.saturating_mul(index)))
				.collect()
		};
		match self {
			Self::Minutes(period) => every(0, period),
			Self::Daily => every(EXPIRY_TIME, DAY),
			Self::Weekly => every(FIRST_FRIDAY + EXPIRY_TIME, WEEK),
			Self::Months(step) => month_ends(from, step, count),
		}
	}
}

/// The first moment from `from` on that is a whole number of steps after `offset`.
fn first_aligned(from: Moment, offset: Moment, step: Moment) -> Moment {
	let steps = from.saturating_sub(offset).div_ceil(step.max(1));
	offset.saturating_add(steps.saturating_mul(step))
}

fn month_ends(from: Moment, step: u64, count: u8) -> Vec<Moment> {
	let date = date_of(from);
	let (mut year, mut month) = (date.year, date.month.next_multiple_of(step));
	let mut moments = Vec::new();
	// The first month's may have passed, no other.
	for _ in 0..=count {
		let moment = last_friday(year, month).saturating_add(EXPIRY_TIME);
		if moment >= from && moments.len() < usize::from(count) {
			moments.push(moment);
		}
		(year, month) =
			if month + step > 12 { (year + 1, month + step - 12) } else { (year, month + step) };
	}
	moments
}

impl Schedule {
	/// Refuses a schedule with the first thing that is wrong with it.
	pub fn validate(&self) -> Result<(), ScheduleError> {
		if let Some(Minutes { period_minutes, .. }) = self.minutes {
			let divides = DAY_MINUTES.checked_rem(period_minutes) == Some(0);
			if !divides || period_minutes > DAY_MINUTES / 2 {
				return Err(ScheduleError::Period);
			}
		}
		if self.count() > MAX_LIVE_EXPIRIES {
			return Err(ScheduleError::Expiries);
		}
		if !(1..=MAX_STRIKES_EACH_SIDE).contains(&self.strikes_each_side) {
			return Err(ScheduleError::StrikesEachSide);
		}
		if !(MIN_STRIKE_STEP_PPB..=MAX_STRIKE_STEP_PPB).contains(&self.strike_step_ppb) {
			return Err(ScheduleError::StrikeStep);
		}
		Ok(())
	}

	/// Expiries that the rules ask for, those of several rules counted several times.
	pub fn count(&self) -> u32 {
		let minutes = self.minutes.map_or(0, |minutes| minutes.count);
		let counts = [minutes, self.dailies, self.weeklies, self.monthlies, self.quarterlies];
		counts.into_iter().map(u32::from).sum()
	}

	fn rules(&self) -> impl Iterator<Item = (Rule, u8)> {
		let minutes = self.minutes.map(|minutes| {
			(Rule::Minutes(u64::from(minutes.period_minutes) * MINUTE), minutes.count)
		});
		let days = [
			(Rule::Daily, self.dailies),
			(Rule::Weekly, self.weeklies),
			(Rule::Months(1), self.monthlies),
			(Rule::Months(3), self.quarterlies),
		];
		minutes.into_iter().chain(days).filter(|(_, count)| *count > 0)
	}

	/// The expiries that are to be listed at `now` beside those that are, ascending, each once.
	///
	/// Once they are listed the answer is none until the first of them expires.
	pub fn missing(&self, now: Moment, is_listed: impl Fn(Moment) -> bool) -> BTreeSet<Moment> {
		let mut missing = BTreeSet::new();
		for (rule, count) in self.rules() {
			let (Some(next), Some(from)) = (now.checked_add(1), now.checked_add(rule.notice()))
			else {
				continue;
			};
			// Moments are a notice apart or more, so that at most one of them is too near.
			let wanted = rule
				.moments(next, count.saturating_add(1))
				.into_iter()
				.filter(|at| is_listed(*at) || *at >= from)
				.take(usize::from(count));
			// The last moment of the type is where saturating sums end, and no expiry.
			missing.extend(wanted.filter(|at| !is_listed(*at) && *at < Moment::MAX));
		}
		missing
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::calendar::{midnight, Date};
	use proptest::prelude::*;

	fn at(year: u64, month: u64, day: u64, hour: u64, minute: u64) -> Moment {
		midnight(Date { year, month, day }) + hour * HOUR + minute * MINUTE
	}

	fn eight(year: u64, month: u64, day: u64) -> Moment {
		at(year, month, day, 8, 0)
	}

	fn schedule() -> Schedule {
		Schedule { strikes_each_side: 5, strike_step_ppb: 50_000_000, ..Default::default() }
	}

	fn targets(schedule: Schedule, now: Moment) -> Vec<Moment> {
		beside(schedule, now, &[])
	}

	fn beside(schedule: Schedule, now: Moment, listed: &[Moment]) -> Vec<Moment> {
		schedule.missing(now, |at| listed.contains(&at)).into_iter().collect()
	}

	#[test]
	fn minutes_should_be_listed_one_period_ahead() {
		let minutes = Some(Minutes { period_minutes: 5, count: 2 });
		let schedule = Schedule { minutes, ..schedule() };
		let day = |hour, minute| at(2026, 11, 21, hour, minute);
		let listed = [day(12, 10), day(12, 15)];
		assert_eq!(targets(schedule, day(12, 3)), listed);
		assert_eq!(targets(schedule, day(12, 5)), listed);
		assert!(beside(schedule, day(12, 10) - 1, &listed).is_empty());
		assert_eq!(beside(schedule, day(12, 10), &listed), [day(12, 20)]);
	}

	#[test]
	fn single_one_should_be_replaced_by_the_next_that_has_a_period_to_live() {
		let minutes = Some(Minutes { period_minutes: 5, count: 1 });
		let schedule = Schedule { minutes, ..schedule() };
		let day = |minute| at(2026, 11, 21, 12, minute);
		assert_eq!(beside(schedule, day(10), &[day(10)]), [day(15)]);
		assert_eq!(beside(schedule, day(10) + 1, &[day(10)]), [day(20)]);
	}

	#[test]
	fn dailies_should_cross_the_end_of_a_leap_february_and_of_a_year() {
		let schedule = Schedule { dailies: 2, ..schedule() };
		assert_eq!(
			targets(schedule, at(2028, 2, 27, 9, 0)),
			[eight(2028, 2, 29), eight(2028, 3, 1)]
		);
		assert_eq!(
			targets(schedule, at(2026, 12, 30, 7, 0)),
			[eight(2026, 12, 31), eight(2027, 1, 1)]
		);
	}

	#[test]
	fn weeklies_should_fall_on_fridays() {
		let schedule = Schedule { weeklies: 2, ..schedule() };
		let now = at(2026, 11, 21, 12, 0);
		assert_eq!(targets(schedule, now), [eight(2026, 11, 27), eight(2026, 12, 4)]);
		// On Thursday evening the coming Friday is too near.
		let now = at(2026, 11, 26, 20, 0);
		assert_eq!(targets(schedule, now), [eight(2026, 12, 4), eight(2026, 12, 11)]);
	}

	#[test]
	fn months_and_quarters_should_end_on_their_last_friday() {
		let months = Schedule { monthlies: 3, ..schedule() };
		let now = at(2026, 11, 28, 0, 0);
		let expected = [eight(2026, 12, 25), eight(2027, 1, 29), eight(2027, 2, 26)];
		assert_eq!(targets(months, now), expected);
		let quarters = Schedule { quarterlies: 2, ..schedule() };
		assert_eq!(targets(quarters, now), [eight(2026, 12, 25), eight(2027, 3, 26)]);
		let now = at(2026, 12, 25, 9, 0);
		assert_eq!(targets(quarters, now), [eight(2027, 3, 26), eight(2027, 6, 25)]);
	}

	#[test]
	fn same_moment_of_several_rules_should_be_one_expiry() {
		let schedule = Schedule {
			minutes: Some(Minutes { period_minutes: 720, count: 1 }),
			dailies: 1,
			weeklies: 1,
			monthlies: 1,
			quarterlies: 1,
			..schedule()
		};
		// Thursday before the last Friday of December, 08:00: one day ahead is the day of four rules.
		let now = eight(2026, 12, 24);
		assert_eq!(targets(schedule, now), [at(2026, 12, 25, 0, 0), eight(2026, 12, 25)]);
	}

	#[test]
	fn schedule_should_refuse_what_cannot_be_listed() {
		let minutes = |period_minutes, count| Schedule {
			minutes: Some(Minutes { period_minutes, count }),
			..schedule()
		};
		for period in [0, 7, 721, 1_440, u16::MAX] {
			assert_eq!(minutes(period, 1).validate(), Err(ScheduleError::Period), "{period}");
		}
		for period in [1, 5, 60, 720] {
			assert_eq!(minutes(period, 12).validate(), Ok(()), "{period}");
		}
		assert_eq!(minutes(5, 13).validate(), Err(ScheduleError::Expiries));
		let days = |dailies, quarterlies| Schedule { dailies, quarterlies, ..schedule() };
		assert_eq!(days(12, 0).validate(), Ok(()));
		assert_eq!(days(12, 1).validate(), Err(ScheduleError::Expiries));
		assert_eq!(days(255, 255).validate(), Err(ScheduleError::Expiries));
		for strikes_each_side in [0, 21, 255] {
			let schedule = Schedule { strikes_each_side, ..schedule() };
			assert_eq!(schedule.validate(), Err(ScheduleError::StrikesEachSide));
		}
		for strike_step_ppb in [0, 99_999, 500_000_001] {
			let schedule = Schedule { strike_step_ppb, ..schedule() };
			assert_eq!(schedule.validate(), Err(ScheduleError::StrikeStep));
		}
	}

	#[test]
	fn schedule_should_answer_the_last_moments_of_the_type() {
		let schedule = Schedule {
			minutes: Some(Minutes { period_minutes: 5, count: 2 }),
			dailies: 2,
			weeklies: 2,
			monthlies: 2,
			quarterlies: 2,
			..schedule()
		};
		for now in [Moment::MAX, Moment::MAX - 1, Moment::MAX - DAY, Moment::MAX - 1_000 * DAY] {
			assert!(targets(schedule, now).iter().all(|at| *at > now && *at < Moment::MAX));
		}
		assert!(targets(Schedule::default(), 0).is_empty());
	}

	proptest! {
		#[test]
		fn each_rule_should_keep_its_count_live(
			start in 0u64..100_000 * DAY, delay in 0u64..4_000, minutes in 0u8..4, dailies in 0u8..4,
			weeklies in 0u8..4, monthlies in 0u8..3, quarterlies in 0u8..3,
		) {
			let minutes = Some(Minutes { period_minutes: 60, count: minutes });
			let schedule =
				Schedule { minutes, dailies, weeklies, monthlies, quarterlies, ..schedule() };
			let (mut now, mut live) = (start, Vec::new());
			for _ in 0..50 {
				let missing = beside(schedule, now, &live);
				prop_assert!(missing.iter().all(|at| *at >= now + HOUR));
				live.extend(missing);
				live.sort_unstable();
				prop_assert!(beside(schedule, now, &live).is_empty());
				for (rule, count) in schedule.rules() {
					let of_rule = |at: &&Moment| rule.moments(**at, 1) == [**at];
					prop_assert!(live.iter().filter(of_rule).count() >= usize::from(count));
				}
				prop_assert!(live.len() <= schedule.count() as usize);
				let Some(first) = live.first() else { break };
				now = first + delay;
				live.retain(|at| *at > now);
			}
		}
	}
}
