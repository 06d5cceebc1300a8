// SPDX-License-Identifier: Apache-2.0
//! Errors of the crates in words.

use ballast_pricing::Error as PricingError;
use ballast_risk::{ArgumentError, List, ParameterError, RiskError};

/// What a risk error means to whoever wrote the book.
pub fn risk(error: RiskError) -> String {
	match error {
		RiskError::Parameter(error) => parameter(error),
		RiskError::Argument(error) => argument(error).to_owned(),
		RiskError::TooMany(list) => format!("too many {}", items(list)),
		RiskError::UnknownSeries => "an option that is not listed".to_owned(),
		RiskError::UnknownExpiry => "an expiry that is not listed".to_owned(),
		RiskError::ArrayWidth | RiskError::BufferTooShort => "a risk array is too short".to_owned(),
		RiskError::BookTooLarge => {
			"a subtotal exceeds 2^90 pico-USD times lots (12 trillion USD at 2 decimals of amount)"
				.to_owned()
		},
		RiskError::Pricing(error) => error.to_string(),
	}
}

fn parameter(error: ParameterError) -> String {
	let name = match error {
		ParameterError::Portfolio(error) => error.name(),
		ParameterError::Standard(error) => error.name(),
		ParameterError::Auction(error) => error.name(),
		ParameterError::Delay(error) => error.name(),
		ParameterError::Concentration(error) => error.name(),
		ParameterError::Multiplier(error) => error.name(),
		ParameterError::Scenario(_) => "scenario",
	};
	if name == "combination" {
		return "two parameters contradict each other (a least above its most, or maintenance above initial)".to_owned();
	}
	format!("{name} is outside its range")
}

const fn items(list: List) -> &'static str {
	match list {
		List::Legs => "options: at most 128",
		List::Expiries => "expiries: at most 12",
		List::Scenarios => "scenarios: at most 64",
		List::Orders => "orders: at most 64",
		List::Collateral => "collateral assets: at most 16",
		List::Underlyings => "underlyings: at most 32",
	}
}

const fn argument(error: ArgumentError) -> &'static str {
	match error {
		ArgumentError::Lots => "an amount exceeds 2^40 lots",
		ArgumentError::LotsPerContract => "lots per contract out of range",
		ArgumentError::Money => "money exceeds 10^12 USD",
		ArgumentError::Spot => "spot is zero",
		ArgumentError::Forward => "forward is zero",
		ArgumentError::QuotePrice => "quote price is outside 0.01 to 100",
		ArgumentError::Confidence => "confidence is outside 0 to 1",
		ArgumentError::Rate => "rate is out of range for this time to expiry",
		ArgumentError::Seconds => "time to expiry exceeds five years",
		ArgumentError::Haircut => "haircut is outside 0 to 1",
		ArgumentError::UnitsPerToken => "units per token out of range",
		ArgumentError::Volatility => "volatility is out of range",
		ArgumentError::Multiplier => "multiplier is outside 1 to 3",
		ArgumentError::Move => "move is outside 0 to 10",
		ArgumentError::Order => "order without size",
		ArgumentError::SearchRange => "search range does not contain spot",
		ArgumentError::Delay => "delay exceeds a day",
		ArgumentError::Share => "share is outside 0 to 1",
	}
}

/// The member of an SVI slice that an error is about; the slice itself where it is all of them.
pub const fn svi_member(error: PricingError) -> Option<&'static str> {
	match error {
		PricingError::SviWingNegative => Some("b"),
		PricingError::SviCorrelationOutOfRange => Some("rho"),
		PricingError::SviSmoothnessNotPositive => Some("sigma"),
		PricingError::SviTimeNotPositive => Some("tau"),
		PricingError::SviForwardNotPositive => Some("forward"),
		_ => None,
	}
}
