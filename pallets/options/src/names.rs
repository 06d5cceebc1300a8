// SPDX-License-Identifier: Apache-2.0

//! Names of series: `BTC-26DEC26-100000-C`.
//!
//! Symbol, day, month and year of the expiry, strike in dollars, call or put. An expiry that is not at
//! 08:00 UTC has its hour and minute: `BTC-26DEC26T1405-100000-C`. A strike that is not a whole number of
//! dollars has its decimals, without zeros at the end: `DOT-26DEC26-7.25-P`. Years are those from 2000
//! to 2099, seconds have no place in a name.

use crate::calendar::{date_of, midnight, Date, DAY, HOUR, MINUTE};
use crate::schedule::EXPIRY_TIME;
use alloc::{format, string::String, vec::Vec};
use ballast_exchange::{Moment, OptionKind};

const MONTHS: [&str; 12] =
	["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const USD: u64 = 1_000_000;

/// What a name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameParts {
	/// Symbol of the underlying.
	pub symbol: Vec<u8>,
	/// The expiry, milliseconds since the epoch.
	pub expiry: Moment,
	/// Strike in micro-USD.
	pub strike: u64,
	/// Call or put.
	pub kind: OptionKind,
}

/// The name of a series.
pub fn name(symbol: &[u8], expiry: Moment, strike: u64, kind: OptionKind) -> Vec<u8> {
	let kind = match kind {
		OptionKind::Call => "C",
		OptionKind::Put => "P",
	};
	let symbol = String::from_utf8_lossy(symbol);
	format!("{symbol}-{}-{}-{kind}", day(expiry), dollars(strike)).into_bytes()
}

fn day(expiry: Moment) -> String {
	let Date { year, month, day } = date_of(expiry);
	// A date's month is within 1 and 12.
	let month = MONTHS.get(month.saturating_sub(1) as usize).copied().unwrap_or_default();
	let time = expiry % DAY;
	let date = format!("{day}{month}{:02}", year % 100);
	if time == EXPIRY_TIME {
		return date;
	}
	format!("{date}T{:02}{:02}", time / HOUR, time % HOUR / MINUTE)
}

fn dollars(strike: u64) -> String {
	let (whole, rest) = (strike / USD, strike % USD);
	if rest == 0 {
		return format!("{whole}");
	}
	let text = format!("{whole}.{rest:06}");
	String::from(text.trim_end_matches('0'))
}

/// What a name says; `None` if it is no name of a series, or not written as [`name`] writes it.
pub fn parse(text: &[u8]) -> Option<NameParts> {
	let parts = parse_parts(core::str::from_utf8(text).ok()?)?;
	// One series has one name.
	(name(&parts.symbol, parts.expiry, parts.strike, parts.kind) == text).then_some(parts)
}

fn parse_parts(text: &str) -> Option<NameParts> {
	let mut parts = text.split('-');
	let (symbol, day, strike, kind) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
	let kind = match kind {
		"C" => OptionKind::Call,
		"P" => OptionKind::Put,
		_ => return None,
	};
	let (expiry, strike) = (parse_day(day)?, parse_dollars(strike)?);
	parts.next().is_none().then_some(NameParts { symbol: symbol.into(), expiry, strike, kind })
}

fn parse_day(text: &str) -> Option<Moment> {
	let (date, time) = match text.rsplit_once('T') {
		// `OCT` ends in the letter that begins a time, and two digits of the year follow it.
		Some((date, time)) if time.len() == 4 => {
			(date, number(time.get(..2)?)? * HOUR + number(time.get(2..)?)? * MINUTE)
		},
		_ => (text, EXPIRY_TIME),
	};
	let letters = date.find(|letter: char| !letter.is_ascii_digit())?;
	let (day, rest) = date.split_at(letters);
	let month = MONTHS.iter().position(|month| rest.get(..3) == Some(*month))?;
	let year = number(rest.get(3..)?)?.checked_add(2_000)?;
	midnight(Date { year, month: month as u64 + 1, day: number(day)? }).checked_add(time)
}

fn parse_dollars(text: &str) -> Option<u64> {
	let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
	let rest = format!("{rest:0<6}");
	let rest = (rest.len() == 6).then_some(rest)?;
	number(whole)?.checked_mul(USD)?.checked_add(number(&rest)?)
}

fn number(digits: &str) -> Option<u64> {
	// `parse` takes a sign, a name has none.
	digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn text(expiry: Moment, strike: u64, kind: OptionKind) -> String {
		String::from_utf8(name(b"BTC", expiry, strike, kind)).unwrap()
	}

	#[test]
	fn name_should_say_expiry_strike_and_kind() {
		let expiry = 1_798_272_000_000;
		assert_eq!(text(expiry, 100_000 * USD, OptionKind::Call), "BTC-26DEC26-100000-C");
		let expiry = expiry + 6 * HOUR + 5 * MINUTE;
		assert_eq!(text(expiry, 100_000 * USD, OptionKind::Call), "BTC-26DEC26T1405-100000-C");
		assert_eq!(text(expiry, 7_250_000, OptionKind::Put), "BTC-26DEC26T1405-7.25-P");
		assert_eq!(text(expiry, 1, OptionKind::Put), "BTC-26DEC26T1405-0.000001-P");
	}

	#[test]
	fn name_should_be_read_in_october_and_on_one_digit_days() {
		for (expiry, expected) in [
			(Date { year: 2027, month: 10, day: 9 }, "BTC-9OCT27-2500-P"),
			(Date { year: 2027, month: 8, day: 31 }, "BTC-31AUG27-2500-P"),
		] {
			let expiry = midnight(expiry) + EXPIRY_TIME;
			assert_eq!(text(expiry, 2_500 * USD, OptionKind::Put), expected);
			assert_eq!(parse(expected.as_bytes()).unwrap().expiry, expiry);
			let later = text(expiry + HOUR, 2_500 * USD, OptionKind::Put);
			assert_eq!(parse(later.as_bytes()).unwrap().expiry, expiry + HOUR);
		}
	}

	#[test]
	fn parse_should_refuse_what_is_no_name() {
		for text in [
			"",
			"BTC",
			"BTC-26DEC26-100000",
			"BTC-26DEC26-100000-X",
			"BTC-26DEC26-100000-C-C",
			"BTC-31FEB26-100000-C",
			"BTC-026DEC26-100000-C",
			"BTC-26DEC2026-100000-C",
			"BTC-26DEC26T0800-100000-C",
			"BTC-26DEC26T2-100000-C",
			"BTC-26DEC26T2460-100000-C",
			"BTC-26DEC26-100000.0-C",
			"BTC-26DEC26-1.1234567-C",
			"BTC-26DEC26-+1-C",
			"BTC-26DEC26--C",
			"BTC-26DEC26-99999999999999999999-C",
			"BTC-26\u{e9}EC26-1-C",
			"BTC-DEC26-1-C",
		] {
			assert_eq!(parse(text.as_bytes()), None, "{text}");
		}
		assert_eq!(parse(&[0xff, 0xfe]), None);
	}

	proptest! {
		#[test]
		fn parse_should_undo_name(minutes in 15_778_080u64..68_374_080, strike in 1u64..8_000_000_000_000, call: bool) {
			let kind = if call { OptionKind::Call } else { OptionKind::Put };
			let parts = NameParts { symbol: b"DOT".to_vec(), expiry: minutes * MINUTE, strike, kind };
			prop_assert_eq!(parse(&name(b"DOT", minutes * MINUTE, strike, kind)), Some(parts));
		}

		#[test]
		fn parse_should_refuse_noise_without_a_panic(text: Vec<u8>, tail in "[A-Z0-9.T-]{0,30}") {
			let _ = parse(&text);
			if let Some(parts) = parse(tail.as_bytes()) {
				let again = name(&parts.symbol, parts.expiry, parts.strike, parts.kind);
				prop_assert_eq!(again, tail.as_bytes());
			}
		}
	}
}
