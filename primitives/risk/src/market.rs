// SPDX-License-Identifier: Apache-2.0
//! One price round of an underlying: what the oracle says, and what is listed on it.

use ballast_pricing::{black76::OptionKind, Price, SviSlice};

use crate::book::check_confidence;
use crate::units::MAX_SECONDS;
use crate::{ArgumentError, Ppb, RiskError};

/// Spot of an underlying and the price of the settlement asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Market {
	/// Spot, above zero.
	pub spot: Price,
	/// Confidence of spot.
	pub spot_confidence: Ppb,
	/// Price of the settlement asset in dollars, within 0.01 to 100.
	pub quote_price: Ppb,
}

impl Market {
	/// Refuses an argument outside its range.
	pub fn validate(&self) -> Result<(), RiskError> {
		if self.spot.is_zero() {
			return Err(ArgumentError::Spot.into());
		}
		check_quote_price(self.quote_price)?;
		check_confidence(self.spot_confidence)
	}
}

pub(crate) fn check_quote_price(quote_price: Ppb) -> Result<(), RiskError> {
	if (10_000_000..=100_000_000_000).contains(&quote_price.0) {
		Ok(())
	} else {
		Err(ArgumentError::QuotePrice.into())
	}
}

/// One expiry of a price round, as the oracle reports it.
#[derive(Clone, Copy, Debug)]
pub struct Expiry {
	/// Seconds until expiry; zero once it has passed.
	pub seconds: u32,
	/// Forward, above zero.
	pub forward: Price,
	/// Confidence of the forward.
	pub forward_confidence: Ppb,
	/// Interest rate per year; below zero counts as zero.
	pub rate: Ppb,
	/// Confidence of the rate.
	pub rate_confidence: Ppb,
	/// Confidence of the volatilities.
	pub vol_confidence: Ppb,
	/// Volatility slice.
	pub svi: SviSlice,
}

impl Expiry {
	/// Refuses an argument outside its range.
	pub fn validate(&self) -> Result<(), RiskError> {
		if self.seconds > MAX_SECONDS {
			return Err(ArgumentError::Seconds.into());
		}
		if self.forward.is_zero() {
			return Err(ArgumentError::Forward.into());
		}
		if !(-10_000_000_000..=10_000_000_000).contains(&self.rate.0) {
			return Err(ArgumentError::Rate.into());
		}
		check_confidence(self.forward_confidence)?;
		check_confidence(self.rate_confidence)?;
		check_confidence(self.vol_confidence)
	}

	/// Lowest confidence of the inputs of this expiry.
	pub fn confidence(&self) -> Ppb {
		self.forward_confidence.min(self.rate_confidence).min(self.vol_confidence)
	}
}

/// One listed option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series {
	/// Index into the round's expiries.
	pub expiry: u8,
	/// Strike, zero or more.
	pub strike: Price,
	/// Call or put.
	pub kind: OptionKind,
}

impl Series {
	pub(crate) fn check(&self, expiries: usize) -> Result<(), RiskError> {
		if usize::from(self.expiry) >= expiries {
			return Err(RiskError::UnknownExpiry);
		}
		Ok(())
	}
}
