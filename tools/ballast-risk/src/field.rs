// SPDX-License-Identifier: Apache-2.0
//! A JSON value that knows its path, so that every refusal names the field.

use std::fmt;

use ballast_pricing::{Price, Real};
use ballast_risk::Ppb;
use serde_json::Value;

use crate::decimal::{fixed, shortest, Decimal, Rounding};

/// Why an input was refused: one line that begins with the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem(String);

impl Problem {
	/// `path: reason`; the reason alone where there is no path.
	pub fn at(path: &str, reason: impl fmt::Display) -> Self {
		let line = if path.is_empty() { reason.to_string() } else { format!("{path}: {reason}") };
		Self(line.replace(['\n', '\r'], " "))
	}

	/// The same within a surrounding field or file.
	pub fn within(self, path: &str) -> Self {
		Self::at(path, self.0)
	}
}

impl fmt::Display for Problem {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(&self.0)
	}
}

impl std::error::Error for Problem {}

/// What reading a field gives.
pub type Read<T> = Result<T, Problem>;

/// Longest piece of an input that a message repeats.
const SHOWN: usize = 40;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Field<'a> {
	value: &'a Value,
	path: String,
}

impl<'a> Field<'a> {
	/// The whole document.
	pub const fn root(value: &'a Value) -> Self {
		Self { value, path: String::new() }
	}

	/// Path as in messages: `market.expiries[1].svi.rho`.
	pub fn path(&self) -> &str {
		&self.path
	}

	/// A problem with this field.
	pub fn problem(&self, reason: impl fmt::Display) -> Problem {
		Problem::at(if self.path.is_empty() { "book" } else { &self.path }, reason)
	}

	/// The member of that name.
	pub fn get(&self, name: &str) -> Read<Field<'a>> {
		let Value::Object(members) = self.value else {
			return Err(self.problem(format_args!("{} is not an object", self.shown())));
		};
		let path =
			if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
		match members.get(name) {
			Some(value) => Ok(Field { value, path }),
			None => Err(Problem::at(&path, "missing")),
		}
	}

	/// The items of a list of at most `most`.
	pub fn items(&self, most: usize) -> Read<Vec<Field<'a>>> {
		let Value::Array(items) = self.value else {
			return Err(self.problem(format_args!("{} is not a list", self.shown())));
		};
		if items.len() > most {
			return Err(self.problem(format_args!("{} items, at most {most}", items.len())));
		}
		let item = |(index, value)| Field { value, path: format!("{}[{index}]", self.path) };
		Ok(items.iter().enumerate().map(item).collect())
	}

	/// A text.
	pub fn text(&self) -> Read<&'a str> {
		match self.value {
			Value::String(text) => Ok(text),
			_ => Err(self.problem(format_args!("{} is not a text", self.shown()))),
		}
	}

	/// A name: a text, or a number as it is written.
	pub fn name(&self) -> Read<String> {
		match self.value {
			Value::String(text) => Ok(text.clone()),
			Value::Number(number) => Ok(number.to_string()),
			_ => Err(self.problem(format_args!("{} is not a name", self.shown()))),
		}
	}

	/// `true` or `false`.
	pub fn flag(&self) -> Read<bool> {
		match self.value {
			Value::Bool(flag) => Ok(*flag),
			_ => Err(self.problem(format_args!("{} is neither true nor false", self.shown()))),
		}
	}

	/// One of a few words.
	pub fn one_of<T: Copy>(&self, choices: &[(&str, T)]) -> Read<T> {
		let text = self.text()?;
		match choices.iter().find(|(word, _)| *word == text) {
			Some((_, choice)) => Ok(*choice),
			None => {
				let words: Vec<String> =
					choices.iter().map(|(word, _)| format!("{word:?}")).collect();
				Err(self.problem(format_args!("{} is not {}", self.shown(), words.join(" or "))))
			},
		}
	}

	/// A decimal string, or a JSON number.
	pub fn decimal(&self) -> Read<Decimal> {
		let number = match self.value {
			Value::String(text) => Decimal::parse(text),
			Value::Number(number) => Decimal::parse(&number.to_string()),
			_ => None,
		};
		number.ok_or_else(|| self.problem(format_args!("{} is not a number", self.shown())))
	}

	/// The number times `10^decimals`, within bounds in that unit.
	pub fn scaled(&self, decimals: u32, rounding: Rounding, low: i128, high: i128) -> Read<i128> {
		let number = self.decimal()?;
		match number.scaled(decimals, rounding) {
			Some(scaled) if (low..=high).contains(&scaled) => Ok(scaled),
			_ => {
				let (low, high) = (shortest(low, decimals), shortest(high, decimals));
				Err(self.problem(format_args!("{} is outside {low} to {high}", cut(&number))))
			},
		}
	}

	/// A whole number.
	pub fn whole(&self, low: i128, high: i128) -> Read<i128> {
		let number = self.decimal()?;
		if number.decimals() > 0 {
			return Err(self.problem(format_args!("{} is not a whole number", cut(&number))));
		}
		self.scaled(0, Rounding::Nearest, low, high)
	}

	/// A ratio in parts per billion, within bounds in that unit.
	pub fn ppb(&self, low: i64, high: i64) -> Read<Ppb> {
		let ppb = self.scaled(9, Rounding::Nearest, low.into(), high.into())?;
		Ok(Ppb(i64::try_from(ppb).unwrap_or(i64::MAX)))
	}

	/// A number within 0 and 1.
	pub fn share(&self) -> Read<Ppb> {
		self.ppb(0, 1_000_000_000)
	}

	/// A price within 0 and 8,000,000 USD.
	pub fn price(&self) -> Read<Price> {
		let pico = self.scaled(12, Rounding::Nearest, 0, Price::MAX.pico_usd().into())?;
		let price = i64::try_from(pico).ok().and_then(|pico| Price::from_pico_usd(pico).ok());
		price.ok_or_else(|| self.problem("outside 0 to 8000000"))
	}

	/// A price above zero.
	pub fn positive_price(&self) -> Read<Price> {
		let price = self.price()?;
		if price.is_zero() {
			let number = self.decimal()?;
			return Err(
				self.problem(format_args!("{} is outside 0 < price <= 8000000", cut(&number)))
			);
		}
		Ok(price)
	}

	/// A binary fixed-point number that must satisfy `rule`, stated as `range`.
	pub fn real(&self, range: &str, rule: impl Fn(Real) -> bool) -> Read<Real> {
		let number = self.decimal()?;
		match real(&number) {
			Some(value) if rule(value) => Ok(value),
			_ => Err(self.problem(format_args!("{} is outside {range}", cut(&number)))),
		}
	}

	/// Money in micro-USD, rounded down.
	pub fn money(&self) -> Read<i128> {
		let most = ballast_risk::MAX_MICRO_USD;
		self.scaled(6, Rounding::Down, -most, most)
	}

	fn shown(&self) -> String {
		match self.value {
			Value::Object(_) => "an object".into(),
			Value::Array(_) => "a list".into(),
			other => cut(other),
		}
	}
}

/// The beginning of a text that may be long.
fn cut(value: &impl fmt::Display) -> String {
	let text = value.to_string();
	match text.char_indices().nth(SHOWN) {
		Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
		None => text,
	}
}

/// To the nearest multiple of `2^-56`, by way of as many decimals as fit.
pub fn real(number: &Decimal) -> Option<Real> {
	(0..=18).rev().find_map(|decimals| {
		let significand = number.scaled(decimals, Rounding::Nearest)?;
		Real::from_decimal(i64::try_from(significand).ok()?, decimals).ok()
	})
}

/// Micro-USD as a decimal string of USD.
pub fn usd(micro: i128) -> String {
	fixed(micro, 6)
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	#[test]
	fn problems_should_name_the_field() {
		let book = json!({ "market": { "expiries": [{}, { "svi": { "rho": "1.2" } }] } });
		let expiries = Field::root(&book).get("market").unwrap().get("expiries").unwrap();
		let second = expiries.items(12).unwrap()[1].clone();
		let rho = second.get("svi").unwrap().get("rho").unwrap();
		let problem = rho.real("-1 < rho < 1", |rho| rho.saturating_abs() < Real::ONE).unwrap_err();
		assert_eq!(problem.to_string(), "market.expiries[1].svi.rho: 1.2 is outside -1 < rho < 1");
		let problem = second.get("forward").unwrap_err();
		assert_eq!(problem.to_string(), "market.expiries[1].forward: missing");
		assert_eq!(
			expiries.items(1).unwrap_err().to_string(),
			"market.expiries: 2 items, at most 1"
		);
	}

	#[test]
	fn a_message_should_be_one_short_line() {
		let book = json!({ "kind": format!("a\nb{}", "x".repeat(500)) });
		let problem = Field::root(&book).get("kind").unwrap().one_of(&[("call", 0), ("put", 1)]);
		let line = problem.unwrap_err().to_string();
		assert!(line.starts_with("kind: ") && line.ends_with(" is not \"call\" or \"put\""));
		assert!(line.lines().count() == 1 && line.len() < 100, "{line}");
	}

	#[test]
	fn numbers_should_be_accepted_beside_strings() {
		let book = json!({ "a": 0.1, "b": "0.1", "c": 172918, "d": 1e-7 });
		let get = |name| Field::root(&book).get(name).unwrap();
		assert_eq!(get("a").price(), get("b").price());
		assert_eq!(get("c").price().unwrap(), Price::from_usd(172_918).unwrap());
		assert_eq!(get("d").ppb(0, 1_000).unwrap(), Ppb(100));
	}
}
