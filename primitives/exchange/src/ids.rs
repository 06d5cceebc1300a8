// SPDX-License-Identifier: Apache-2.0
//! Numbers and names of things.

use ballast_pricing::{black76::OptionKind, Price};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Number of an underlying: BTC, ETH, DOT ...
pub type UnderlyingId = u16;
/// Number of an asset of `pallet-assets`.
pub type AssetId = u32;
/// Milliseconds since the epoch.
pub type Moment = u64;
/// Money in millionths of a dollar; below zero it is owed.
pub type MicroUsd = i128;
/// Price of one contract in millionths of a dollar.
pub type OptionPrice = u64;
/// Number of an order, counted per account from 1.
pub type OrderId = u64;
/// A number that a client gives its order so that submitting it twice does nothing twice.
pub type ClientOrderId = u64;
/// Number of a price round, counted per underlying.
pub type RoundNumber = u64;

/// One expiry of one underlying.
pub type ExpiryId = (UnderlyingId, Moment);

/// Micro-USD in a dollar.
pub const MICRO_PER_USD: MicroUsd = 1_000_000;

/// One European cash-settled option.
///
/// The id says all there is to say, so that a call, an event or a storage key can be read without
/// a look-up. `BTC-26DEC26-100000-C` is underlying 1, expiry 1798272000000, strike 100000000000, Call.
/// Series sort by underlying, expiry, strike and kind, as margin wants them.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Hash,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct SeriesId {
	/// The underlying.
	pub underlying: UnderlyingId,
	/// When it expires, milliseconds since the epoch.
	pub expiry: Moment,
	/// Strike in micro-USD.
	pub strike: u64,
	/// Call or put.
	pub kind: OptionKind,
}

impl SeriesId {
	/// The expiry it belongs to.
	pub const fn expiry_id(&self) -> ExpiryId {
		(self.underlying, self.expiry)
	}

	/// The strike as a price; `None` if it is beyond what a price can be.
	pub fn strike_price(&self) -> Option<Price> {
		i64::try_from(self.strike).ok().and_then(|micro| Price::from_micro_usd(micro).ok())
	}
}
