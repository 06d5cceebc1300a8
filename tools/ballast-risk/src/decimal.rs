// SPDX-License-Identifier: Apache-2.0
//! Decimal text to integers and back, without a float in between.

use std::fmt;

/// Digits that a number may have; what no field comes near, and what `i128` holds with room.
const MAX_DIGITS: usize = 36;
/// Zeros that an exponent may stand for.
const MAX_EXPONENT: i32 = 64;

/// A decimal number, exact: `digits * 10^-scale`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
	digits: i128,
	scale: i32,
	text: String,
}

/// How a number is cut to the resolution of its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
	/// To nearest, half away from zero.
	Nearest,
	/// Down: never in favour of the account.
	Down,
}

impl Decimal {
	/// Reads an optional sign, digits with an optional point, and an optional exponent.
	pub fn parse(text: &str) -> Option<Self> {
		let (number, exponent) = match text.split_once(['e', 'E']) {
			Some((number, exponent)) => (number, parse_exponent(exponent)?),
			None => (text, 0),
		};
		let (negative, number) = match number.strip_prefix('-') {
			Some(rest) => (true, rest),
			None => (false, number),
		};
		let (whole, fraction) = match number.split_once('.') {
			Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
			Some(_) => return None,
			None => (number, ""),
		};
		if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
			return None;
		}
		let fraction = fraction.trim_end_matches('0');
		let digits = format!("{}{fraction}", whole.trim_start_matches('0'));
		let digits = digits.trim_start_matches('0');
		if digits.len() > MAX_DIGITS {
			return None;
		}
		let size: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
		let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
		Some(Self { digits: if negative { -size } else { size }, scale, text: text.to_owned() })
	}

	/// The number times `10^decimals`, `None` where that does not fit.
	pub fn scaled(&self, decimals: u32, rounding: Rounding) -> Option<i128> {
		if self.digits == 0 {
			return Some(0);
		}
		let shift = i32::try_from(decimals).ok()?.checked_sub(self.scale)?;
		if shift >= 0 {
			return 10i128.checked_pow(shift.unsigned_abs())?.checked_mul(self.digits);
		}
		// More digits than a number may have fall away whole.
		let Some(unit) = 10i128.checked_pow(shift.unsigned_abs()) else {
			return Some(if rounding == Rounding::Down && self.digits < 0 { -1 } else { 0 });
		};
		Some(match rounding {
			Rounding::Down => self.digits.div_euclid(unit),
			Rounding::Nearest => {
				let (whole, rest) = (self.digits / unit, self.digits % unit);
				let away = rest.unsigned_abs() >= unit.unsigned_abs() - unit.unsigned_abs() / 2;
				whole + if away { self.digits.signum() } else { 0 }
			},
		})
	}

	/// Decimals that the number needs, zero for a whole number.
	pub fn decimals(&self) -> u32 {
		let mut needed = u32::try_from(self.scale).unwrap_or(0);
		let mut digits = self.digits;
		while needed > 0 && digits % 10 == 0 {
			(needed, digits) = (needed - 1, digits / 10);
		}
		needed
	}
}

fn parse_exponent(text: &str) -> Option<i32> {
	let exponent: i32 = text.parse().ok()?;
	(-MAX_EXPONENT..=MAX_EXPONENT).contains(&exponent).then_some(exponent)
}

/// As it was written.
impl fmt::Display for Decimal {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&self.text)
	}
}

/// `value * 10^-decimals`, every decimal written out.
pub fn fixed(value: i128, decimals: u32) -> String {
	let sign = if value < 0 { "-" } else { "" };
	let width = decimals as usize + 1;
	let digits = format!("{:0>width$}", value.unsigned_abs());
	let (whole, fraction) = digits.split_at(digits.len() - decimals as usize);
	if decimals == 0 {
		return format!("{sign}{whole}");
	}
	format!("{sign}{whole}.{fraction}")
}

/// `value * 10^-decimals` without trailing zeros.
pub fn shortest(value: i128, decimals: u32) -> String {
	let text = fixed(value, decimals);
	if decimals == 0 {
		return text;
	}
	text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
	use super::*;

	fn nearest(text: &str, decimals: u32) -> Option<i128> {
		Decimal::parse(text)?.scaled(decimals, Rounding::Nearest)
	}

	#[test]
	fn parse_should_be_exact() {
		assert_eq!(nearest("0.1", 12), Some(100_000_000_000));
		assert_eq!(nearest("-120.50", 6), Some(-120_500_000));
		assert_eq!(nearest("1e-7", 9), Some(100));
		assert_eq!(nearest("2.5E3", 0), Some(2_500));
		assert_eq!(nearest("0.00000000000000000000000000000000001", 36), Some(10));
		assert_eq!(nearest("-0", 6), Some(0));
	}

	#[test]
	fn parse_should_refuse_what_is_not_a_number() {
		for text in [
			"", "-", ".", "1.", ".5", "1,5", "+1", " 1", "1 ", "NaN", "inf", "0x10", "1e", "1e99",
			"--1", "1_0", "１",
		] {
			assert_eq!(Decimal::parse(text), None, "{text:?}");
		}
		assert_eq!(Decimal::parse(&"9".repeat(37)), None);
	}

	#[test]
	fn scaled_should_round_as_asked() {
		let cut = |text: &str, rounding| Decimal::parse(text).unwrap().scaled(1, rounding).unwrap();
		assert_eq!((cut("0.25", Rounding::Nearest), cut("0.25", Rounding::Down)), (3, 2));
		assert_eq!((cut("-0.25", Rounding::Nearest), cut("-0.25", Rounding::Down)), (-3, -3));
		assert_eq!((cut("-0.21", Rounding::Nearest), cut("-0.21", Rounding::Down)), (-2, -3));
		assert_eq!((cut("-1e-60", Rounding::Nearest), cut("-1e-60", Rounding::Down)), (0, -1));
		assert_eq!(nearest("1e40", 0), None);
	}

	#[test]
	fn decimals_should_count_what_is_needed() {
		let decimals = |text| Decimal::parse(text).unwrap().decimals();
		assert_eq!(
			[decimals("1.50"), decimals("100"), decimals("1e-3"), decimals("10e-1")],
			[1, 0, 3, 0]
		);
	}

	#[test]
	fn text_should_come_back() {
		assert_eq!(fixed(-5, 6), "-0.000005");
		assert_eq!(fixed(12_345_678, 6), "12.345678");
		assert_eq!(fixed(7, 0), "7");
		assert_eq!(shortest(1_200_000_000, 9), "1.2");
		assert_eq!(shortest(-3_000_000_000, 9), "-3");
		assert_eq!(shortest(0, 9), "0");
		assert_eq!(shortest(100, 0), "100");
	}
}
