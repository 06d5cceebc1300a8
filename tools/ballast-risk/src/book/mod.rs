// SPDX-License-Identifier: Apache-2.0
//! The book file: JSON in, checked records out.

mod parameters;
mod parts;
mod portfolio;
mod standard;

pub use portfolio::{PortfolioBook, PricedBook};
pub use standard::{PricedUnderlyings, StandardBook};

use ballast_risk::{Margin, Ppb};
use serde_json::Value;

use crate::field::{Field, Problem, Read};

/// One account, with everything its margin depends on.
pub enum Book {
	/// Portfolio margin on one underlying.
	Portfolio(Box<PortfolioBook>),
	/// Standard margin on any number of underlyings.
	Standard(StandardBook),
}

/// A move of the market: spot and all that follows it, and every volatility, by a factor each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
	/// Factor on spot, forwards, perpetual and whatever follows spot.
	pub spot: Ppb,
	/// Factor on volatilities, strike by strike.
	pub vol: Ppb,
}

impl Shift {
	/// The market as it is.
	pub const NONE: Self = Self { spot: Ppb::ONE, vol: Ppb::ONE };
}

impl Book {
	/// Reads one book from JSON text.
	pub fn parse(text: &str) -> Read<Self> {
		let value: Value = serde_json::from_str(text)
			.map_err(|error| Problem::at("book", format_args!("not JSON: {error}")))?;
		Self::read(&Field::root(&value))
	}

	/// Reads one book.
	pub fn read(book: &Field<'_>) -> Read<Self> {
		let model = book.get("model")?;
		if model.one_of(&[("portfolio", true), ("standard", false)])? {
			Ok(Self::Portfolio(Box::new(PortfolioBook::read(book)?)))
		} else {
			Ok(Self::Standard(StandardBook::read(book)?))
		}
	}

	/// Margin after a move of the market.
	pub fn margin_after(&self, shift: Shift) -> Read<Margin> {
		match self {
			Self::Portfolio(book) => Ok(book.price(shift)?.report()?.margin),
			Self::Standard(book) => Ok(book.price(shift)?.report()?.margin),
		}
	}
}
