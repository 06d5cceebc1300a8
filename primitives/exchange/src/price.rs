// SPDX-License-Identifier: Apache-2.0
//! Prices as the chain knows them: never without their age.

use crate::{Moment, Ppb, RoundNumber, SviParameters, UnderlyingId};
use alloc::vec::Vec;
use ballast_pricing::Price;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A value with the moment it was true at.
///
/// There is no way to the value that does not say what is to happen if it is old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Aged<T> {
	value: T,
	at: Moment,
	now: Moment,
}

/// A price is older than its reader permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StalePrice {
	/// Its age.
	pub age_millis: u64,
}

impl<T> Aged<T> {
	/// A value that was true at `at`, read at `now`.
	pub const fn new(value: T, at: Moment, now: Moment) -> Self {
		Self { value, at, now }
	}

	/// When the value was true.
	pub const fn at(&self) -> Moment {
		self.at
	}

	/// How long ago that is. A moment in the future is no time ago.
	pub const fn age_millis(&self) -> u64 {
		// A validator's clock may run ahead of the block's timestamp: that is not staleness.
		self.now.saturating_sub(self.at)
	}

	/// The value, if it is at most `max_age_millis` old.
	pub fn fresh(self, max_age_millis: u64) -> Result<T, StalePrice> {
		let age_millis = self.age_millis();
		if age_millis <= max_age_millis {
			Ok(self.value)
		} else {
			Err(StalePrice { age_millis })
		}
	}

	/// The value whatever its age: for marks that are shown, and for reductions, which go on without a
	/// fresh price.
	pub fn regardless_of_age(self) -> T {
		self.value
	}

	/// The same age on something computed from the value.
	pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Aged<U> {
		Aged { value: f(self.value), at: self.at, now: self.now }
	}
}

/// Spot of an underlying.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct SpotPrice {
	/// The price, above zero.
	pub price: Price,
	/// Confidence, falling with the spread of the reports.
	pub confidence: Ppb,
}

/// What a round says about one expiry.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct ExpiryPrice {
	/// Forward, above zero.
	pub forward: Price,
	/// Confidence of the forward.
	pub forward_confidence: Ppb,
	/// Interest rate per year.
	pub rate: Ppb,
	/// Confidence of the rate.
	pub rate_confidence: Ppb,
	/// Volatility slice of one author, taken whole.
	pub svi: SviParameters,
	/// Confidence of the volatilities.
	pub vol_confidence: Ppb,
}

/// The average that an expiry settles at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SettlementAverage {
	/// Average of spot over the part of the window that has passed; `None` before the window opens.
	pub average: Option<Price>,
	/// Share of the window that has passed.
	pub elapsed: Ppb,
	/// Whether the average is what the expiry settles at and changes no more.
	pub is_final: bool,
}

/// What `prices` tells the other pallets.
pub trait PriceSource {
	/// Spot.
	fn spot(underlying: UnderlyingId) -> Option<Aged<SpotPrice>>;
	/// Price of the settlement asset in dollars.
	fn quote_price() -> Option<Aged<Ppb>>;
	/// Forward, rate and volatility of an expiry.
	fn expiry(underlying: UnderlyingId, expiry: Moment) -> Option<Aged<ExpiryPrice>>;
	/// Number of the latest round: it changes whenever a price of the underlying does.
	fn round(underlying: UnderlyingId) -> RoundNumber;
	/// Age at which a price is too old to add risk on.
	fn max_age_millis() -> u64;
	/// Length of the window of the settlement average.
	fn settlement_window_millis() -> u64;
	/// The settlement average of an expiry so far.
	fn settlement(underlying: UnderlyingId, expiry: Moment) -> SettlementAverage;
	/// Realised volatility per year, exponentially weighted.
	fn realised_vol(underlying: UnderlyingId) -> Option<Ppb>;
	/// The expiry is settled and pruned: nobody will ask for it again.
	fn forget(underlying: UnderlyingId, expiry: Moment);

	/// Sets a round for tests and benchmarks as if a quorum had reported it now.
	#[cfg(any(feature = "std", feature = "runtime-benchmarks"))]
	fn set_round(underlying: UnderlyingId, spot: SpotPrice, expiries: Vec<(Moment, ExpiryPrice)>) {
		let _ = (underlying, spot, expiries);
	}
}

/// What `prices` has to know of the listing: which expiries it takes slices for, and on which strikes a
/// slice has to be free of arbitrage.
pub trait ListedExpiries {
	/// Underlyings in use.
	fn underlyings() -> Vec<UnderlyingId>;
	/// Expiries that are not settled yet, ascending.
	fn expiries(underlying: UnderlyingId) -> Vec<Moment>;
	/// Strikes of an expiry, ascending.
	fn strikes(underlying: UnderlyingId, expiry: Moment) -> Vec<Price>;
}
