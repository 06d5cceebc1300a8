// SPDX-License-Identifier: Apache-2.0
//! What the author of a block reports, as an inherent.

use crate::{Moment, Ppb, UnderlyingId};
use ballast_pricing::{Price, Real, SviSlice};
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_inherents::InherentIdentifier;

/// Names the price report among the inherents.
pub const INHERENT_IDENTIFIER: InherentIdentifier = *b"blstprce";

/// Most underlyings in one report.
pub const MAX_REPORTED_UNDERLYINGS: u32 = 16;
/// Most expiries of one underlying in one report.
pub const MAX_REPORTED_EXPIRIES: u32 = 12;

/// A raw SVI slice in the numbers of the `ballast-pricing` crate.
///
/// The five parameters and `tau` are binary fixed point with 56 fraction bits: the number times `2^56`.
/// Parts per billion would be too coarse: the total variance of an option of five minutes is a few
/// millionths.
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
pub struct SviParameters {
	/// Level of total variance.
	pub a: i64,
	/// Slope of the wings.
	pub b: i64,
	/// Correlation, between -1 and 1.
	pub rho: i64,
	/// Centre, in log-moneyness.
	pub m: i64,
	/// Smoothness of the vertex.
	pub sigma: i64,
	/// Forward that log-moneyness refers to.
	pub forward: Price,
	/// Years that total variance refers to.
	pub tau: i64,
}

impl SviParameters {
	/// The slice, if its parameters are within their ranges.
	pub fn slice(&self) -> Result<SviSlice, ballast_pricing::Error> {
		let Self { a, b, rho, m, sigma, forward, tau } = *self;
		let [a, b, rho, m, sigma, tau] = [a, b, rho, m, sigma, tau].map(Real::from_bits);
		SviSlice::new(a, b, rho, m, sigma, forward, tau)
	}
}

impl From<&SviSlice> for SviParameters {
	fn from(slice: &SviSlice) -> Self {
		let [a, b, rho, m, sigma] = slice.parameters().map(Real::to_bits);
		Self { a, b, rho, m, sigma, forward: slice.forward(), tau: slice.tau().to_bits() }
	}
}

/// One expiry of a report.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ExpiryReport {
	/// The expiry, milliseconds since the epoch.
	pub expiry: Moment,
	/// Forward.
	pub forward: Price,
	/// Interest rate per year.
	pub rate: Ppb,
	/// Volatility slice.
	pub svi: SviParameters,
}

/// One underlying of a report.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct UnderlyingReport {
	/// The underlying.
	pub underlying: UnderlyingId,
	/// Spot.
	pub spot: Price,
	/// Its expiries.
	pub expiries: BoundedVec<ExpiryReport, ConstU32<MAX_REPORTED_EXPIRIES>>,
}

/// What one author's feed says.
#[derive(
	Clone,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct PriceReport {
	/// Price of the settlement asset in dollars, parts per billion.
	pub quote_price: Ppb,
	/// The underlyings the feed knows.
	pub underlyings: BoundedVec<UnderlyingReport, ConstU32<MAX_REPORTED_UNDERLYINGS>>,
}
