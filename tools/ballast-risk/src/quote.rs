// SPDX-License-Identifier: Apache-2.0
//! One option: its price and greeks, or its implied volatility.

use ballast_pricing::black76::{self, OptionKind};
use ballast_pricing::{
	discount_factor, greeks, implied, Discount, Error, Greeks, Price, Real, Time, Unit, Vol,
};
use serde::Serialize;

use crate::decimal::{shortest, Decimal, Rounding};
use crate::field::{real, Problem, Read};

/// The option that is asked about, checked.
#[derive(Clone, Copy, Debug)]
pub struct Contract {
	forward: Price,
	strike: Price,
	time: Time,
	rate: Real,
}

/// Arguments as they were written.
pub struct ContractText<'t> {
	/// Forward in USD.
	pub forward: &'t str,
	/// Strike in USD.
	pub strike: &'t str,
	/// Seconds to expiry.
	pub seconds: &'t str,
	/// Interest rate per year.
	pub rate: &'t str,
}

fn number(name: &str, text: &str) -> Read<Decimal> {
	Decimal::parse(text).ok_or_else(|| Problem::at(name, format_args!("{text:?} is not a number")))
}

fn outside(name: &str, number: &Decimal, range: &str) -> Problem {
	Problem::at(name, format_args!("{number} is outside {range}"))
}

/// A price argument.
pub fn price(name: &str, text: &str) -> Read<Price> {
	let number = number(name, text)?;
	let pico = number.scaled(12, Rounding::Nearest).and_then(|pico| i64::try_from(pico).ok());
	pico.and_then(|pico| Price::from_pico_usd(pico).ok())
		.ok_or_else(|| outside(name, &number, "0 to 8000000"))
}

/// A volatility argument.
pub fn vol(name: &str, text: &str) -> Read<Vol> {
	let number = number(name, text)?;
	match real(&number) {
		Some(vol) if vol >= Vol::ZERO && vol.to_bits() <= 100 << 56 => Ok(vol),
		_ => Err(outside(name, &number, "0 to 100")),
	}
}

impl Contract {
	/// Reads the arguments.
	pub fn new(text: &ContractText<'_>) -> Read<Self> {
		let seconds = number("seconds", text.seconds)?;
		let rate = number("rate", text.rate)?;
		let time = (seconds.decimals() <= 3)
			.then(|| seconds.scaled(3, Rounding::Nearest))
			.flatten()
			.and_then(|millis| u64::try_from(millis).ok())
			.and_then(|millis| Time::from_millis(millis).ok());
		let ten = 10 << 56;
		Ok(Self {
			forward: price("forward", text.forward)?,
			strike: price("strike", text.strike)?,
			time: time.ok_or_else(|| {
				outside("seconds", &seconds, "0 to 3153600000, at most three decimals")
			})?,
			rate: match real(&rate) {
				Some(rate) if (-ten..=ten).contains(&rate.to_bits()) => rate,
				_ => return Err(outside("rate", &rate, "-10 to 10")),
			},
		})
	}

	/// Below zero the rate counts as zero.
	fn discount(&self) -> Discount {
		discount_factor(self.rate, self.time)
	}

	/// Call, put and greeks at a volatility.
	pub fn value(&self, vol: Vol) -> Read<Value> {
		let total =
			black76::total_vol(vol, self.time).map_err(|error| Problem::at("vol", error))?;
		let discount = self.discount();
		let value = black76::call_put_discounted(self.forward, self.strike, total, discount)
			.map_err(|error| Problem::at("price", error))?;
		let greeks = greeks(self.forward, self.strike, vol, self.time)
			.map_err(|error| Problem::at("greeks", error))?;
		Ok(Value::new(value, &greeks, discount))
	}

	/// The volatility at which the option costs `price`, discounted as [`Contract::value`] is.
	pub fn implied_vol(&self, kind: OptionKind, price: Price) -> Read<Implied> {
		let undiscounted = self.undiscounted(price)?;
		let found = implied::vol(kind, self.forward, self.strike, self.time, undiscounted);
		let vol = found.map_err(|error| Problem::at(blamed(error), error))?;
		Ok(Implied { vol: shortest(decimals(vol, 12), 12) })
	}

	fn undiscounted(&self, price: Price) -> Read<Price> {
		let discount = i128::from(self.discount().to_bits());
		if discount == i128::from(Discount::ONE.to_bits()) {
			return Ok(price);
		}
		let wide = i128::from(price.pico_usd()) << 62;
		let pico = wide.checked_div(discount).and_then(|pico| i64::try_from(pico).ok());
		pico.and_then(|pico| Price::from_pico_usd(pico).ok())
			.ok_or_else(|| Problem::at("price", "undiscounted it is above 8000000 USD"))
	}
}

/// The argument that an error of the search is about.
const fn blamed(error: Error) -> &'static str {
	match error {
		Error::ForwardNotPositive => "forward",
		Error::StrikeNotPositive => "strike",
		Error::TimeNotPositive => "seconds",
		_ => "price",
	}
}

/// Any scale to decimals, to nearest (half up).
fn decimals<const FRAC: u32>(number: ballast_pricing::Fixed<FRAC>, decimals: u32) -> i128 {
	// 2^63 * 10^12 fits.
	(i128::from(number.to_bits()) * 10i128.pow(decimals) + (1i128 << (FRAC - 1))) >> FRAC
}

/// Call, put and greeks. Greeks are of the undiscounted value, as the risk rules state them.
#[derive(Debug, Serialize)]
pub struct Value {
	/// Discounted call, USD.
	pub call: String,
	/// Discounted put, USD.
	pub put: String,
	/// Discount factor.
	pub discount: String,
	/// Change of the call per change of the forward.
	pub call_delta: String,
	/// Change of the put per change of the forward.
	pub put_delta: String,
	/// Change of delta per USD.
	pub gamma: String,
	/// USD per 1.00 of volatility.
	pub vega: String,
	/// USD per year.
	pub theta_per_year: String,
	/// Change of delta per 1.00 of volatility.
	pub vanna: String,
	/// Change of vega per 1.00 of volatility.
	pub volga: String,
}

impl Value {
	fn new(value: black76::CallPut, greeks: &Greeks, discount: Discount) -> Self {
		let usd = |price: Price| shortest(price.pico_usd().into(), 12);
		let unit = |value: Unit| shortest(decimals(value, 15), 15);
		let atto = |value: i128| shortest(value, 18);
		Self {
			call: usd(value.call),
			put: usd(value.put),
			discount: unit(discount),
			call_delta: unit(greeks.call_delta),
			put_delta: unit(greeks.put_delta),
			gamma: atto(greeks.gamma),
			vega: atto(greeks.vega),
			theta_per_year: atto(greeks.theta),
			vanna: atto(greeks.vanna),
			volga: atto(greeks.volga),
		}
	}

	/// Names and numbers, for people.
	pub fn rows(&self) -> [(&'static str, &str); 10] {
		[
			("call", &self.call),
			("put", &self.put),
			("discount", &self.discount),
			("call delta", &self.call_delta),
			("put delta", &self.put_delta),
			("gamma", &self.gamma),
			("vega", &self.vega),
			("theta per year", &self.theta_per_year),
			("vanna", &self.vanna),
			("volga", &self.volga),
		]
	}
}

/// An implied volatility.
#[derive(Debug, Serialize)]
pub struct Implied {
	/// Per year: 0.8 is 80 %.
	pub vol: String,
}

#[cfg(test)]
mod tests {
	use super::*;

	fn contract(forward: &str, strike: &str, seconds: &str, rate: &str) -> Read<Contract> {
		Contract::new(&ContractText { forward, strike, seconds, rate })
	}

	#[test]
	fn implied_vol_should_invert_value() {
		let contract = contract("95000", "100000", "2592000", "0.05").unwrap();
		let value = contract.value(vol("vol", "0.62").unwrap()).unwrap();
		let call = price("price", &value.call).unwrap();
		let found = contract.implied_vol(OptionKind::Call, call).unwrap();
		assert!(found.vol.starts_with("0.62") || found.vol.starts_with("0.61999999"), "{found:?}");
		let put = price("price", &value.put).unwrap();
		let found = contract.implied_vol(OptionKind::Put, put).unwrap();
		assert!(found.vol.starts_with("0.62") || found.vol.starts_with("0.61999999"), "{found:?}");
	}

	#[test]
	fn refusals_should_name_the_argument() {
		let line = |result: Read<Contract>| result.unwrap_err().to_string();
		assert_eq!(line(contract("x", "1", "1", "0")), "forward: \"x\" is not a number");
		assert_eq!(line(contract("1", "-1", "1", "0")), "strike: -1 is outside 0 to 8000000");
		assert!(line(contract("1", "1", "-1", "0")).starts_with("seconds: -1 is outside"));
		assert_eq!(line(contract("1", "1", "1", "11")), "rate: 11 is outside -10 to 10");
		let at_expiry = contract("1", "1", "0", "0").unwrap();
		let problem = at_expiry.implied_vol(OptionKind::Call, Price::ZERO).unwrap_err();
		assert!(problem.to_string().starts_with("seconds: "), "{problem}");
	}
}
