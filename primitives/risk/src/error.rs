// SPDX-License-Identifier: Apache-2.0
//! What can be wrong with the arguments of a margin.

use ballast_pricing::Error as PricingError;

use crate::ParameterError;

/// Why no margin was computed. No function of the crate panics or returns a wrong number instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RiskError {
	/// A parameter is outside its range.
	Parameter(ParameterError),
	/// An argument that describes a book or a market is outside its range.
	Argument(ArgumentError),
	/// A book, market or grid holds more items than the crate's limit for that list.
	TooMany(List),
	/// A position or an order names a series that the market does not hold.
	UnknownSeries,
	/// A series names an expiry that the market does not hold.
	UnknownExpiry,
	/// A risk array is missing or does not hold one entry per scenario and the three others.
	ArrayWidth,
	/// A subtotal of the book is above [`crate::MAX_SUBTOTAL`].
	BookTooLarge,
	/// The result buffer is shorter than what is to be written.
	BufferTooShort,
	/// Pricing refused an input, for example a shocked forward above its largest price.
	Pricing(PricingError),
}

/// The argument that is outside its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgumentError {
	/// Lots beyond [`crate::MAX_LOTS`].
	Lots,
	/// Lots per contract not within `1..=`[`crate::MAX_LOTS_PER_CONTRACT`].
	LotsPerContract,
	/// Money beyond [`crate::MAX_MICRO_USD`].
	Money,
	/// Spot of zero.
	Spot,
	/// A forward of zero.
	Forward,
	/// Quote price not within 0.01 to 100.
	QuotePrice,
	/// A confidence outside 0 to 1.
	Confidence,
	/// A rate outside -10 to 10 a year.
	Rate,
	/// Seconds beyond [`crate::MAX_SECONDS`].
	Seconds,
	/// A haircut outside 0 to 1.
	Haircut,
	/// Units per token not within `1..=10^12`.
	UnitsPerToken,
	/// Implied volatility outside 0 to 50.
	Volatility,
	/// A multiplier outside 1 to 3.
	Multiplier,
	/// A move outside 0 to 10.
	Move,
	/// An order of no or negative size, or of a negative fee.
	Order,
	/// A search range whose ends are not `lowest < spot < highest`.
	SearchRange,
	/// A capacity of zero with a backlog above zero, or a delay beyond a day.
	Delay,
	/// A share outside 0 to 1, or an open interest below the position.
	Share,
}

/// The list that is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
	/// More than [`crate::MAX_LEGS`] positions.
	Legs,
	/// More than [`crate::MAX_EXPIRIES`] expiries.
	Expiries,
	/// More than [`crate::MAX_SCENARIOS`] scenarios.
	Scenarios,
	/// More than [`crate::MAX_ORDERS`] orders.
	Orders,
	/// More than [`crate::MAX_COLLATERAL`] collateral assets.
	Collateral,
	/// More than [`crate::MAX_UNDERLYINGS`] underlyings.
	Underlyings,
}

impl From<PricingError> for RiskError {
	fn from(error: PricingError) -> Self {
		RiskError::Pricing(error)
	}
}

impl From<ParameterError> for RiskError {
	fn from(error: ParameterError) -> Self {
		RiskError::Parameter(error)
	}
}

impl From<ArgumentError> for RiskError {
	fn from(error: ArgumentError) -> Self {
		RiskError::Argument(error)
	}
}
