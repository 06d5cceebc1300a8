// SPDX-License-Identifier: Apache-2.0
//! Records of the pallet.

use crate::{
	average::{SpotIntegral, Window},
	volatility::Volatility,
};
use ballast_exchange::{
	ExpiryPrice, Moment, Ppb, Price, RoundNumber, SpotPrice, UnderlyingId, UnderlyingReport,
	MAX_REPORTED_EXPIRIES, MAX_REPORTED_UNDERLYINGS,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// Most authors whose reports are kept. A newer one displaces the oldest.
pub const MAX_RECENT_AUTHORS: u32 = 32;
/// Most settlement windows of one underlying that are open at once.
pub const MAX_WINDOWS: u32 = 12;
/// Most strikes of an expiry that a slice is checked on.
pub const MAX_STRIKES: u32 = 64;
/// Most parts of a report that can be dropped: the quote price, every underlying, or every expiry.
pub const MAX_DROPPED_PARTS: u32 = 1 + MAX_REPORTED_UNDERLYINGS * (1 + MAX_REPORTED_EXPIRIES);

/// The parts of one author's report that passed every check.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct StoredReport {
	/// Timestamp of the block that carried it.
	pub at: Moment,
	/// Price of the settlement asset in dollars.
	pub quote_price: Option<Ppb>,
	/// The underlyings, each once.
	pub underlyings: BoundedVec<UnderlyingReport, ConstU32<MAX_REPORTED_UNDERLYINGS>>,
}

/// One price round of an underlying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Round {
	/// Its number, from 1.
	pub number: RoundNumber,
	/// When the latest of its reports was made.
	pub at: Moment,
	/// The block that made it.
	pub block: u64,
	/// Spot.
	pub spot: SpotPrice,
}

/// The latest price of one expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ExpiryRound {
	/// The expiry.
	pub expiry: Moment,
	/// When the latest report of the expiry was made: older than the round's moment where the latest authors
	/// left the expiry out.
	pub at: Moment,
	/// Forward, rate and slice.
	pub price: ExpiryPrice,
}

/// The latest price of the settlement asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct QuoteRound {
	/// When the latest of its reports was made.
	pub at: Moment,
	/// Dollars per unit.
	pub price: Ppb,
}

/// What the rounds of an underlying have left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Feed {
	/// Whether a quorum of authors reported at the last look.
	pub quorate: bool,
	/// Integral of spot over time.
	pub integral: SpotIntegral,
	/// Realised volatility.
	pub volatility: Volatility,
	/// Settlement windows that have begun and have no price yet.
	pub windows: BoundedVec<Window, ConstU32<MAX_WINDOWS>>,
}

/// What an expiry settles at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct FinalPrice {
	/// The price.
	pub price: Price,
	/// Time of the window that had a price; zero if it is the first spot after the expiry.
	pub covered_millis: u64,
}

/// Part of a report.
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
pub enum Part {
	/// Price of the settlement asset.
	QuotePrice,
	/// An underlying with all of its expiries.
	Underlying(UnderlyingId),
	/// One expiry of an underlying.
	Expiry(UnderlyingId, Moment),
}

/// Why a part of a report does not count.
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
pub enum DropReason {
	/// The chain does not list it: leave it out.
	NotListed,
	/// The report names it twice: the first counts.
	Duplicate,
	/// The expiry has passed.
	Expired,
	/// The expiry is more than five years away.
	TooFar,
	/// A price is zero.
	ZeroPrice,
	/// The quote price is not within 0.01 and 100 dollars.
	QuotePriceOutOfRange,
	/// The rate is not within -10 and 10 per year.
	RateOutOfRange,
	/// The parameters of the slice are outside their ranges, or it has no volatility at the forward or none
	/// that can be computed.
	InvalidSlice,
	/// Options priced by the slice can be combined into a free butterfly around this strike.
	Butterfly {
		/// The strike.
		strike: Price,
	},
	/// The expiry before has more total variance at this strike.
	Calendar {
		/// The strike.
		strike: Price,
	},
}

/// A part that does not count and why.
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
pub struct DroppedPart {
	/// The part.
	pub part: Part,
	/// Why.
	pub reason: DropReason,
}

/// The dropped parts of one report.
pub type DroppedParts = BoundedVec<DroppedPart, ConstU32<MAX_DROPPED_PARTS>>;

/// Why a whole report was not looked at.
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
pub enum IgnoreReason {
	/// The block has a report already.
	AlreadyReported,
	/// The block does not say who its author is.
	NoAuthor,
}
