// SPDX-License-Identifier: Apache-2.0
//! The rules that governance sets.

use crate::{Config, Error, MAX_RECENT_AUTHORS};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

const HOUR_MILLIS: u64 = 3_600_000;
const DAY_MILLIS: u64 = 24 * HOUR_MILLIS;
const WHOLE_PPB: u32 = 1_000_000_000;
const MAX_SPREAD_FACTOR: u32 = 1_000_000;
/// The decay of one sample must be well above the resolution of 2^-31 it is computed with.
const MAX_SAMPLES_PER_HALF_LIFE: u64 = 1_000_000;

/// The rules that governance sets.
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
#[serde(default, deny_unknown_fields)]
pub struct PriceParameters {
	/// Distinct authors that must have reported a price inside the freshness window. 1 to 32; a network of `n`
	/// validators that tolerates `f` liars wants more than `2 f`.
	pub quorum: u32,
	/// How long a report counts, milliseconds. 1 to an hour.
	pub freshness_millis: u64,
	/// Most that spot moves per block, parts per billion of the last round. 1 to the whole.
	pub clamp_ppb: u32,
	/// Age at which a price is too old to add risk on, and the most time that one round counts in a settlement
	/// average, milliseconds. 1 to an hour.
	pub max_age_millis: u64,
	/// Length of the window of the settlement average, milliseconds: whole seconds, one second to a day.
	pub settlement_window_millis: u64,
	/// Least time between two samples of realised volatility, milliseconds. 1 to a day.
	pub vol_sample_millis: u64,
	/// Time in which a sample loses half its weight, milliseconds. One sample to a million samples, at most a
	/// year.
	pub vol_half_life_millis: u64,
	/// What the relative spread of the reports is multiplied by before it is taken from full confidence.
	/// 0 to 1,000,000: at 10, a spread of 1 % leaves a confidence of 0.9.
	pub confidence_spread_factor: u32,
}

impl Default for PriceParameters {
	/// Rules under which a single validator makes rounds. Governance of a network raises the quorum.
	fn default() -> Self {
		Self {
			quorum: 1,
			freshness_millis: 10_000,
			clamp_ppb: 10_000_000,
			max_age_millis: 5_000,
			settlement_window_millis: HOUR_MILLIS / 2,
			vol_sample_millis: 10_000,
			vol_half_life_millis: HOUR_MILLIS,
			confidence_spread_factor: 10,
		}
	}
}

/// Which parameter is outside its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterError {
	/// [`PriceParameters::quorum`].
	Quorum,
	/// [`PriceParameters::freshness_millis`].
	Freshness,
	/// [`PriceParameters::clamp_ppb`].
	Clamp,
	/// [`PriceParameters::max_age_millis`].
	MaxAge,
	/// [`PriceParameters::settlement_window_millis`].
	SettlementWindow,
	/// [`PriceParameters::vol_sample_millis`].
	VolSample,
	/// [`PriceParameters::vol_half_life_millis`].
	VolHalfLife,
	/// [`PriceParameters::confidence_spread_factor`].
	SpreadFactor,
}

impl PriceParameters {
	/// Refuses a parameter outside its range.
	pub fn validate(&self) -> Result<(), ParameterError> {
		use ParameterError::*;
		let longest_half_life =
			self.vol_sample_millis.saturating_mul(MAX_SAMPLES_PER_HALF_LIFE).min(365 * DAY_MILLIS);
		let window = self.settlement_window_millis;
		let checks = [
			((1..=MAX_RECENT_AUTHORS).contains(&self.quorum), Quorum),
			((1..=HOUR_MILLIS).contains(&self.freshness_millis), Freshness),
			((1..=WHOLE_PPB).contains(&self.clamp_ppb), Clamp),
			((1..=HOUR_MILLIS).contains(&self.max_age_millis), MaxAge),
			(
				(1_000..=DAY_MILLIS).contains(&window) && window.is_multiple_of(1_000),
				SettlementWindow,
			),
			((1..=DAY_MILLIS).contains(&self.vol_sample_millis), VolSample),
			(
				(self.vol_sample_millis..=longest_half_life).contains(&self.vol_half_life_millis),
				VolHalfLife,
			),
			(self.confidence_spread_factor <= MAX_SPREAD_FACTOR, SpreadFactor),
		];
		checks.into_iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, error)| Err(error))
	}
}

impl<T: Config> From<ParameterError> for Error<T> {
	fn from(error: ParameterError) -> Self {
		match error {
			ParameterError::Quorum => Error::QuorumOutOfRange,
			ParameterError::Freshness => Error::FreshnessOutOfRange,
			ParameterError::Clamp => Error::ClampOutOfRange,
			ParameterError::MaxAge => Error::MaxAgeOutOfRange,
			ParameterError::SettlementWindow => Error::SettlementWindowOutOfRange,
			ParameterError::VolSample => Error::VolSampleOutOfRange,
			ParameterError::VolHalfLife => Error::VolHalfLifeOutOfRange,
			ParameterError::SpreadFactor => Error::SpreadFactorOutOfRange,
		}
	}
}
