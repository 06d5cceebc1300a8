// SPDX-License-Identifier: Apache-2.0

//! Records of the pallet and their bounds.

use crate::Schedule;
use alloc::vec::Vec;
use ballast_exchange::{ExpiryId, MarketTerms, Moment, Price, RoundNumber, UnderlyingId};
use ballast_risk::{Surface, SurfaceTerms};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;

/// Most underlyings: as many as one price report carries.
pub const MAX_UNDERLYINGS: u32 = ballast_exchange::MAX_REPORTED_UNDERLYINGS;
/// Most expiries of one underlying that are not settled: as many as a margin evaluation and a price
/// report take.
pub const MAX_LIVE_EXPIRIES: u32 = ballast_exchange::MAX_REPORTED_EXPIRIES;
/// Most expiries of one underlying that are not pruned.
pub const MAX_LISTED_EXPIRIES: u32 = 24;
/// Most strikes of one expiry.
pub const MAX_STRIKES: u32 = 64;
/// Most strikes of one expiry that were listed against a deposit: the rest stays with the schedule, so
/// that nobody can keep it from following the market.
pub const MAX_REQUESTED_STRIKES: u32 = 16;
/// Most expiries in a queue: all there can be.
pub const MAX_QUEUED: u32 = MAX_UNDERLYINGS * MAX_LISTED_EXPIRIES;

/// Symbol of an underlying: 1 to 8 of `A` to `Z` and `0` to `9`.
pub type Symbol = BoundedVec<u8, ConstU32<8>>;
/// Strikes in micro-USD.
pub type Strikes = BoundedVec<u64, ConstU32<MAX_STRIKES>>;
/// Expiries, each at most once, in order of arrival.
pub type ExpiryQueue = BoundedVec<ExpiryId, ConstU32<MAX_QUEUED>>;
/// Expiries of an underlying that are not pruned, ascending.
pub type ExpiryList = BoundedVec<ExpiryEntry, ConstU32<MAX_LISTED_EXPIRIES>>;
/// Deposits of one expiry.
pub type StrikeDeposits<AccountId, Balance> =
	BoundedVec<StrikeDeposit<AccountId, Balance>, ConstU32<MAX_REQUESTED_STRIKES>>;

/// An underlying.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Underlying {
	/// Its symbol, in ASCII.
	pub symbol: Symbol,
	/// On which terms its options trade.
	pub terms: MarketTerms,
	/// What is listed by itself.
	pub schedule: Schedule,
	/// Whether governance has stopped orders that add risk. Nothing new is listed meanwhile.
	pub paused: bool,
}

/// What the hook has to know of an underlying in every block.
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
pub struct AgendaEntry {
	/// The underlying.
	pub underlying: UnderlyingId,
	/// The round for which its expiries were last queued for repricing; `None` before the first.
	pub round: Option<RoundNumber>,
	/// When something next expires, or has to be listed.
	pub due: Moment,
}

/// Where an expiry is in its life.
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
pub enum ExpiryState {
	/// Orders are taken.
	Trading,
	/// Expired: waits for its settlement price.
	Expired,
	/// Has a settlement price; positions are being settled.
	Settling {
		/// What it settles at.
		price: Price,
	},
	/// Every position is settled; waits for its books to be pruned.
	Settled {
		/// What it settled at.
		price: Price,
	},
}

impl ExpiryState {
	/// Whether there may be positions left.
	pub const fn is_live(&self) -> bool {
		!matches!(self, Self::Settled { .. })
	}
}

/// An expiry of an underlying and where it is in its life.
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
pub struct ExpiryEntry {
	/// The expiry, milliseconds since the epoch.
	pub expiry: Moment,
	/// Where it is in its life.
	pub state: ExpiryState,
}

/// What is listed of one expiry.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Listing {
	/// When the expiry was listed: the steps of its strikes are measured by its whole life.
	pub listed_at: Moment,
	/// Strikes in micro-USD, in order of listing. There is a call and a put on each.
	pub strikes: Strikes,
	/// Whether the last attempt to price the expiry failed: the failure is reported once.
	pub failed: bool,
}

/// A surface of an expiry that later ones are compared with.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Reference {
	/// What its strikes share.
	pub terms: SurfaceTerms,
	/// Total volatility of each strike in units of `2^-56`, in order of listing.
	pub total_vols: BoundedVec<u64, ConstU32<MAX_STRIKES>>,
}

impl Reference {
	/// The surface.
	pub fn surface(&self) -> Surface<'_> {
		Surface { terms: &self.terms, total_vols: &self.total_vols }
	}
}

/// A deposit for a strike.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct StrikeDeposit<AccountId, Balance> {
	/// The strike in micro-USD.
	pub strike: u64,
	/// Who pays it and gets it back.
	pub who: AccountId,
	/// How much is held.
	pub amount: Balance,
}

/// An expiry as a reader sees it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ListedExpiry {
	/// The underlying.
	pub underlying: UnderlyingId,
	/// The expiry, milliseconds since the epoch.
	pub expiry: Moment,
	/// Where it is in its life.
	pub state: ExpiryState,
	/// When it was listed, milliseconds since the epoch.
	pub listed_at: Moment,
	/// Strikes in micro-USD, ascending.
	pub strikes: Vec<u64>,
	/// Whether the last attempt to price it failed.
	pub failed: bool,
}

/// Why an expiry could not be priced.
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
pub enum RepriceFailure {
	/// A parameter or scenario of the portfolio model is outside its range.
	Model,
	/// A price, rate, confidence or time is outside its range.
	Market,
	/// The pricing kernel refused a number: a volatility slice, or a shocked forward beyond 8,000,000 USD.
	Pricing,
	/// A limit of the margin rules does not hold.
	Limit,
}

impl From<ballast_risk::RiskError> for RepriceFailure {
	fn from(error: ballast_risk::RiskError) -> Self {
		use ballast_risk::RiskError;
		match error {
			RiskError::Parameter(_) => Self::Model,
			RiskError::Argument(_) => Self::Market,
			RiskError::Pricing(_) => Self::Pricing,
			_ => Self::Limit,
		}
	}
}

/// The entry of an expiry.
pub(crate) fn state_of(list: &ExpiryList, expiry: Moment) -> Option<ExpiryState> {
	let index = list.binary_search_by_key(&expiry, |entry| entry.expiry).ok()?;
	list.get(index).map(|entry| entry.state)
}

/// Adds an expiry to a queue unless it waits there.
pub(crate) fn enqueue(queue: &mut ExpiryQueue, id: ExpiryId) {
	// There is room: a queue holds each listed expiry once.
	if !queue.contains(&id) && queue.try_push(id).is_err() {
		log::error!(target: crate::LOG_TARGET, "queue of expiries is full: {id:?} is left out");
	}
}
