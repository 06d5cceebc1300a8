// SPDX-License-Identifier: Apache-2.0
//! The one error type of the crate.

use core::fmt;

use crate::price::Price;

/// Why a function gave no number. No function of this crate returns a wrong one instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
	/// A price is below zero or above [`Price::MAX`].
	PriceOutOfRange,
	/// The result does not fit the fixed-point type.
	Overflow,
	/// The divisor is zero.
	DivisionByZero,
	/// The logarithm was asked of a number that is zero or below.
	LogarithmOfNonPositive,
	/// The square root was asked of a number below zero.
	SquareRootOfNegative,
	/// The forward must be above zero here.
	ForwardNotPositive,
	/// The strike must be above zero here.
	StrikeNotPositive,
	/// The volatility is below zero.
	VolatilityNegative,
	/// The total volatility is below zero or above
	/// [`Sigma::MAX_TOTAL_VOL`](crate::Sigma::MAX_TOTAL_VOL).
	TotalVolatilityOutOfRange,
	/// The time to expiry exceeds [`Time::MAX`](crate::Time::MAX).
	TimeTooLong,
	/// The time to expiry must be above zero here.
	TimeNotPositive,
	/// The discount factor is below zero or above one.
	DiscountOutOfRange,
	/// A greek does not fit 128 bits in units of 1e-18.
	GreekOverflow,
	/// The option price is below the payoff at today's forward: no volatility gives it.
	PriceBelowIntrinsic,
	/// The option price is at or above its upper bound (forward of a call, strike of a put).
	PriceAboveBound,
	/// A parameter of the SVI slice is beyond
	/// +-[`SviSlice::MAX_PARAMETER`](crate::SviSlice::MAX_PARAMETER).
	SviParameterOutOfRange,
	/// `b` of the SVI slice is below zero.
	SviWingNegative,
	/// `rho` of the SVI slice is not strictly between -1 and 1.
	SviCorrelationOutOfRange,
	/// `sigma` of the SVI slice is not above zero.
	SviSmoothnessNotPositive,
	/// The least total variance of the SVI slice, `a + b sigma sqrt(1 - rho^2)`, is below zero.
	SviMinimumVarianceNegative,
	/// `tau` of the SVI slice is not above zero.
	SviTimeNotPositive,
	/// The forward of the SVI slice is not above zero.
	SviForwardNotPositive,
	/// The slice gives a total variance below zero at this strike.
	TotalVarianceNegative,
	/// The strikes to check do not increase strictly.
	StrikesNotIncreasing,
	/// Calls on the strikes around this one can be combined into a free butterfly.
	ButterflyArbitrage {
		/// The middle strike.
		strike: Price,
	},
	/// The later expiry has less total variance than the earlier one at this strike's moneyness.
	CalendarArbitrage {
		/// The strike, in terms of the earlier slice.
		strike: Price,
	},
}

/// Result of the crate's functions.
pub type Result<T> = core::result::Result<T, Error>;

impl fmt::Display for Error {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let text = match self {
			Self::PriceOutOfRange => "price below zero or above 8,000,000 USD",
			Self::Overflow => "result does not fit the fixed-point type",
			Self::DivisionByZero => "division by zero",
			Self::LogarithmOfNonPositive => "logarithm of a number that is not positive",
			Self::SquareRootOfNegative => "square root of a negative number",
			Self::ForwardNotPositive => "forward is not positive",
			Self::StrikeNotPositive => "strike is not positive",
			Self::VolatilityNegative => "volatility is negative",
			Self::TotalVolatilityOutOfRange => "total volatility is not within 0 and 64",
			Self::TimeTooLong => "time to expiry is longer than 100 years",
			Self::TimeNotPositive => "time to expiry is zero",
			Self::DiscountOutOfRange => "discount factor is not within 0 and 1",
			Self::GreekOverflow => "greek does not fit 128 bits in units of 1e-18",
			Self::PriceBelowIntrinsic => "option price is below intrinsic value",
			Self::PriceAboveBound => "option price is at or above its upper bound",
			Self::SviParameterOutOfRange => "SVI parameter is not within -16 and 16",
			Self::SviWingNegative => "SVI b is negative",
			Self::SviCorrelationOutOfRange => "SVI rho is not strictly within -1 and 1",
			Self::SviSmoothnessNotPositive => "SVI sigma is not positive",
			Self::SviMinimumVarianceNegative => "SVI minimum total variance is negative",
			Self::SviTimeNotPositive => "SVI tau is not positive",
			Self::SviForwardNotPositive => "SVI forward is not positive",
			Self::TotalVarianceNegative => "total variance is negative at this strike",
			Self::StrikesNotIncreasing => "strikes do not increase strictly",
			Self::ButterflyArbitrage { .. } => "butterfly arbitrage around a strike",
			Self::CalendarArbitrage { .. } => "calendar arbitrage at a strike",
		};
		f.write_str(text)
	}
}

impl core::error::Error for Error {}
