// SPDX-License-Identifier: Apache-2.0

//! The Gregorian calendar in UTC, from milliseconds since the epoch.
//!
//! Days are turned into dates by the algorithm of Howard Hinnant, "chrono-compatible low-level date
//! algorithms": years begin in March, so that the leap day is the last of its year. Leap seconds do not
//! exist in these milliseconds. Every function answers every argument.

use ballast_exchange::Moment;

/// Milliseconds in a minute.
pub const MINUTE: Moment = 60_000;
/// Milliseconds in an hour.
pub const HOUR: Moment = 60 * MINUTE;
/// Milliseconds in a day.
pub const DAY: Moment = 24 * HOUR;
/// Milliseconds in a week.
pub const WEEK: Moment = 7 * DAY;

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_DAYS: u64 = 719_468;
/// Days in 400 years.
const ERA_DAYS: u64 = 146_097;
/// The first Friday after the epoch, which was a Thursday.
pub const FIRST_FRIDAY: Moment = DAY;

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
	/// Year of the common era.
	pub year: u64,
	/// 1 to 12.
	pub month: u64,
	/// 1 to 31.
	pub day: u64,
}

/// The day that a moment falls on.
pub const fn date_of(moment: Moment) -> Date {
	// At most 2.2e11 days: no sum below wraps.
	let days = moment / DAY + EPOCH_DAYS;
	let (era, day_of_era) = (days / ERA_DAYS, days % ERA_DAYS);
	let year_of_era =
		(day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
	let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	// Months from March on: 153 days in five of them.
	let from_march = (5 * day_of_year + 2) / 153;
	let day = day_of_year - (153 * from_march + 2) / 5 + 1;
	let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
	let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
	Date { year, month, day }
}

/// Midnight at the start of a day; the epoch for days before it.
///
/// A month outside 1 to 12 counts as its remainder, a day beyond the month's last as one of the next.
pub const fn midnight(date: Date) -> Moment {
	let Date { year, month, day } = date;
	let year = if month <= 2 { year.saturating_sub(1) } else { year };
	let (era, year_of_era) = (year / 400, year % 400);
	let day_of_year = (153 * ((month % 12 + 9) % 12) + 2) / 5;
	let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	// Saturating: a year beyond the type's last moment is that moment.
	era.saturating_mul(ERA_DAYS)
		.saturating_add(day_of_era)
		.saturating_add(day)
		.saturating_sub(EPOCH_DAYS + 1)
		.saturating_mul(DAY)
}

/// Midnight at the start of the last Friday of a month.
pub const fn last_friday(year: u64, month: u64) -> Moment {
	let (year, month) = if month >= 12 { (year.saturating_add(1), 1) } else { (year, month + 1) };
	let last = midnight(Date { year, month, day: 1 }).saturating_sub(DAY);
	// Saturating: before the first Friday there is none, and the first stands in.
	let since_friday = last.saturating_sub(FIRST_FRIDAY) / DAY % 7;
	last.saturating_sub(since_friday * DAY)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn date(year: u64, month: u64, day: u64) -> Date {
		Date { year, month, day }
	}

	#[test]
	fn dates_should_be_those_of_the_calendar() {
		for (seconds, expected) in [
			(0, date(1970, 1, 1)),
			(951_782_400, date(2000, 2, 29)),
			(1_709_164_800, date(2024, 2, 29)),
			(1_709_251_200, date(2024, 3, 1)),
			(1_735_689_599, date(2024, 12, 31)),
			(1_735_689_600, date(2025, 1, 1)),
			(1_798_272_000, date(2026, 12, 26)),
			(4_107_542_400, date(2100, 3, 1)),
		] {
			assert_eq!(date_of(seconds * 1_000), expected, "{seconds}");
		}
	}

	#[test]
	fn days_should_follow_each_other_over_leap_years_and_year_ends() {
		// 2000 is a leap year, 2100 is none: walk the days of two centuries.
		let mut expected = date(1970, 1, 1);
		for day in 0..80_000u64 {
			assert_eq!(date_of(day * DAY + DAY - 1), expected);
			assert_eq!(midnight(expected), day * DAY);
			let leap = expected.year.is_multiple_of(4)
				&& (!expected.year.is_multiple_of(100) || expected.year.is_multiple_of(400));
			let length = match expected.month {
				2 if leap => 29,
				2 => 28,
				4 | 6 | 9 | 11 => 30,
				_ => 31,
			};
			expected = match expected {
				Date { year, month: 12, day: 31 } => date(year + 1, 1, 1),
				Date { year, month, day } if day == length => date(year, month + 1, 1),
				Date { year, month, day } => date(year, month, day + 1),
			};
		}
	}

	#[test]
	fn last_fridays_should_be_those_of_the_calendar() {
		for (year, month, day) in [
			(2024, 2, 23),
			(2024, 3, 29),
			(2025, 12, 26),
			(2026, 1, 30),
			(2026, 7, 31),
			(2026, 11, 27),
			(2026, 12, 25),
			(2027, 12, 31),
			(2028, 2, 25),
		] {
			assert_eq!(date_of(last_friday(year, month)), date(year, month, day));
		}
	}

	#[test]
	fn calendar_should_answer_the_last_moments_of_the_type() {
		assert_eq!(midnight(date_of(Moment::MAX)), Moment::MAX / DAY * DAY);
		assert_eq!(midnight(date(u64::MAX, 12, 31)), Moment::MAX);
		assert!(last_friday(u64::MAX, 12) > Moment::MAX - 2 * WEEK);
		assert_eq!(midnight(date(0, 0, 0)), 0);
	}

	proptest! {
		#[test]
		fn midnight_should_undo_date(moment in 0..400_000 * DAY) {
			prop_assert_eq!(midnight(date_of(moment)), moment / DAY * DAY);
		}

		#[test]
		fn last_friday_should_be_a_friday_in_the_last_week(year in 1970u64..3_000, month in 1u64..=12) {
			let friday = last_friday(year, month);
			prop_assert_eq!(friday % WEEK, FIRST_FRIDAY);
			prop_assert_eq!(date_of(friday).month, month);
			prop_assert_ne!(date_of(friday + WEEK).month, month);
		}
	}
}
