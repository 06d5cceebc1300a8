// SPDX-License-Identifier: Apache-2.0
//! What is listed and on which terms, with the numbers margin is computed from.

use crate::{
	Aged, AssetId, MicroUsd, Moment, OptionPrice, Ppb, RoundNumber, SeriesId, SpotPrice,
	UnderlyingId,
};
use alloc::vec::Vec;
use ballast_pricing::{black76::OptionKind, Price};
use ballast_risk::{
	ExpiryTerms, Lots, PortfolioParameters, Scenario, StandardParameters, FIXED_ENTRIES,
	MAX_SCENARIOS,
};
use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// A grid of scenarios.
pub type Scenarios = BoundedVec<Scenario, ConstU32<{ MAX_SCENARIOS as u32 }>>;

/// On which terms the options of one underlying trade.
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
	Serialize,
	Deserialize,
)]
pub struct MarketTerms {
	/// Lots in one contract. A contract is one unit of the underlying.
	pub lots_per_contract: u32,
	/// Step of prices, micro-USD per contract: a multiple of `lots_per_contract`, so that a fill costs a
	/// whole number of micro-USD.
	pub tick: OptionPrice,
	/// Smallest order, lots.
	pub min_order_lots: Lots,
	/// Largest order, lots.
	pub max_order_lots: Lots,
	/// Most lots that one series may have open.
	pub max_open_interest: Lots,
	/// The asset that follows spot, accepted as hedging collateral.
	pub base_asset: AssetId,
	/// Fee of the resting side, of the notional at spot.
	pub maker_fee_ppb: i64,
	/// Fee of the side that takes, of the notional at spot.
	pub taker_fee_ppb: i64,
	/// Most of the premium that a fee may be.
	pub fee_cap_ppb: i64,
}

impl MarketTerms {
	/// Cost of `lots` at a price, micro-USD, rounded down and up. `None` if the terms hold no lots, or the
	/// size is below zero.
	///
	/// The buyer pays the one rounded up, the seller gets the one rounded down. The tick makes them equal.
	pub fn cost(&self, lots: Lots, price: OptionPrice) -> Option<(MicroUsd, MicroUsd)> {
		let lots_per_contract = u128::from(self.lots_per_contract);
		// 2^64 * 2^63 fits.
		let total = u128::from(price).checked_mul(u128::try_from(lots).ok()?)?;
		let floor = total.checked_div(lots_per_contract)?;
		let ceil = floor + u128::from(total % lots_per_contract != 0);
		Some((MicroUsd::try_from(floor).ok()?, MicroUsd::try_from(ceil).ok()?))
	}
}

/// Rules and grid of portfolio margin.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PortfolioModel {
	/// Parameters.
	pub parameters: PortfolioParameters,
	/// Scenarios.
	pub scenarios: Scenarios,
}

/// The series of one expiry, priced: everything margin needs of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct PricedExpiry {
	/// The round it was priced from.
	pub round: RoundNumber,
	/// When that round was.
	pub at: Moment,
	/// Spot of that round.
	pub spot: SpotPrice,
	/// Seconds to expiry when it was priced.
	pub seconds: u32,
	/// Forward; inside the settlement window the part that the average has fixed is in it.
	pub forward: Price,
	/// Lower of the confidences of forward and volatilities.
	pub confidence: Ppb,
	/// What portfolio margin needs of the expiry.
	pub terms: ExpiryTerms,
	/// Listed strikes in micro-USD, in order of listing.
	pub strikes: Vec<u64>,
	/// Entries of one risk array.
	pub width: u32,
	/// Risk arrays, one after the other: for each strike the call's, then the put's, pico-USD.
	pub entries: Vec<i64>,
	/// Undiscounted values for standard margin, in the same order.
	pub values: Vec<Price>,
}

impl PricedExpiry {
	/// Index of a series among the arrays.
	pub fn index(&self, strike: u64, kind: OptionKind) -> Option<usize> {
		let index = self.strikes.iter().position(|listed| *listed == strike)?;
		Some(2 * index + usize::from(kind == OptionKind::Put))
	}

	/// Risk array by index.
	pub fn array(&self, index: usize) -> Option<&[i64]> {
		let width = self.width as usize;
		let start = index.checked_mul(width)?;
		self.entries.get(start..start.checked_add(width)?)
	}

	/// Discounted value of one contract now, by index.
	pub fn mark(&self, index: usize) -> Option<Price> {
		let entry = self.array(index)?.get(ballast_risk::MARK)?;
		Price::from_pico_usd(*entry).ok()
	}

	/// Discounted value of one contract of a series of this expiry now.
	pub fn mark_of(&self, series: &SeriesId) -> Option<Price> {
		self.mark(self.index(series.strike, series.kind)?)
	}

	/// Entries of an array for a grid of `scenarios` scenarios.
	pub const fn width_of(scenarios: usize) -> usize {
		FIXED_ENTRIES + scenarios
	}
}

/// Where a series is in its life.
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
pub enum SeriesStatus {
	/// Never listed, or pruned.
	Unknown,
	/// Orders are taken.
	Trading,
	/// Listed, but orders that add risk are not taken: governance has paused the underlying.
	ReduceOnly,
	/// Expired: waits for its settlement price.
	Expired,
	/// Has a settlement price; positions are being settled.
	Settling,
	/// Every position is settled.
	Settled,
}

/// An expiry with a settlement price whose positions are not all settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settling {
	/// The underlying.
	pub underlying: UnderlyingId,
	/// The expiry.
	pub expiry: Moment,
	/// What it settles at.
	pub price: Price,
}

/// What `options` tells the other pallets.
pub trait Markets {
	/// Terms of an underlying.
	fn terms(underlying: UnderlyingId) -> Option<MarketTerms>;
	/// The underlying that an asset follows.
	fn underlying_of(asset: AssetId) -> Option<UnderlyingId>;
	/// Rules of portfolio margin.
	fn portfolio_model(underlying: UnderlyingId) -> Option<PortfolioModel>;
	/// Rules of standard margin.
	fn standard_parameters(underlying: UnderlyingId) -> Option<StandardParameters>;
	/// Spot.
	fn spot(underlying: UnderlyingId) -> Option<Aged<SpotPrice>>;
	/// Price of the settlement asset in dollars.
	fn quote_price() -> Option<Aged<Ppb>>;
	/// Age at which a price is too old to add risk on.
	fn max_price_age_millis() -> u64;
	/// The arrays of an expiry, as of the latest round they were computed from.
	fn priced(underlying: UnderlyingId, expiry: Moment) -> Option<Aged<PricedExpiry>>;
	/// How far everything but spot has travelled since the beginning, parts per billion: volatilities, time, forwards
	/// and rates relative to spot, the price of the settlement asset. Never falls.
	///
	/// What it rises by between two moments, plus twice [`Markets::drift_step`], bounds the drift that
	/// [`crate::Exposure::drift_fall`] is stated for, of every expiry of the underlying. It is taken while the arrays
	/// are computed, in one step for a whole block: what is measured against it is to be read after that. New rules
	/// of margin, and arrays that cannot be computed or compared, make it rise by more than any account can bear.
	/// `None` while nothing can be said: every account is to be looked at.
	fn drift(_underlying: UnderlyingId) -> Option<u64> {
		None
	}
	/// The drift that [`Markets::drift`] may not have counted yet at any moment, parts per billion.
	fn drift_step() -> u64 {
		0
	}
	/// Whether the arrays of every expiry in which there may be positions belong to the latest round, and that round
	/// is fresh.
	fn is_repriced(_underlying: UnderlyingId) -> bool {
		false
	}
	/// Takes only reducing orders on an underlying from now on, as something about it is not as it has to be, and
	/// says so with an event, unless that is so already; whether it is new. Governance ends that.
	fn freeze(_underlying: UnderlyingId) -> bool {
		false
	}
	/// Where a series is in its life.
	fn status(series: &SeriesId) -> SeriesStatus;
	/// Expiries of an underlying that are not pruned, ascending.
	fn expiries(underlying: UnderlyingId) -> Vec<Moment>;
	/// The expiry whose positions are to be settled next.
	fn next_settling() -> Option<Settling>;
	/// Clearing has settled the last position of an expiry.
	fn settled(underlying: UnderlyingId, expiry: Moment);
	/// The settled expiry whose order books are to be pruned next.
	fn next_pruning() -> Option<(UnderlyingId, Moment)>;
	/// The order book holds nothing of an expiry any more.
	fn pruned(underlying: UnderlyingId, expiry: Moment);
}
