// SPDX-License-Identifier: Apache-2.0
//! What a reader wants to see of a series: mark, volatility, greeks.

use crate::{
	Markets, MicroUsd, Moment, OptionPrice, PriceSource, PricedExpiry, SeriesId, SeriesStatus,
	UnderlyingId,
};
use alloc::vec::Vec;
use ballast_pricing::{
	black76::OptionKind, greeks, Greeks as PricingGreeks, PreparedSlice, Time, Vol, GREEK_UNIT,
};
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// Sensitivities of one contract, in the units in which desks quote them. Undiscounted Black-76.
#[derive(
	Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo,
)]
pub struct Greeks {
	/// Change of the value per change of the forward, parts per billion.
	pub delta_ppb: i64,
	/// Change of delta per dollar of the forward, parts per billion.
	pub gamma_ppb_per_usd: i64,
	/// Change of the value per volatility point (0.01), micro-USD.
	pub vega_micro_usd: MicroUsd,
	/// Change of the value per day, micro-USD.
	pub theta_micro_usd: MicroUsd,
}

impl Greeks {
	/// Rounds towards zero: these are figures to read, no money is computed from them.
	fn new(of: &PricingGreeks, kind: OptionKind) -> Self {
		const MICRO: i128 = GREEK_UNIT / 1_000_000;
		let delta = match kind {
			OptionKind::Call => of.call_delta,
			OptionKind::Put => of.put_delta,
		};
		let word =
			|wide: i128| i64::try_from(wide).unwrap_or(if wide < 0 { i64::MIN } else { i64::MAX });
		Self {
			delta_ppb: word(delta.to_ppb()),
			gamma_ppb_per_usd: word(of.gamma / (GREEK_UNIT / 1_000_000_000)),
			vega_micro_usd: of.vega / (MICRO * 100),
			theta_micro_usd: of.theta / (MICRO * 365),
		}
	}
}

/// A series as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SeriesQuote {
	/// The series.
	pub series: SeriesId,
	/// Where it is in its life.
	pub status: SeriesStatus,
	/// Discounted value of one contract as margin counts it, micro-USD, rounded down; `None` while the
	/// series is not priced.
	pub mark: Option<OptionPrice>,
	/// Age of the prices behind the mark, milliseconds.
	pub age_millis: u64,
	/// Volatility per year, parts per billion; zero once expired.
	pub vol_ppb: u64,
	/// Sensitivities.
	pub greeks: Greeks,
}

impl SeriesQuote {
	/// Every series of an expiry, calls and puts by strike.
	///
	/// Reads the arrays and the slice of the expiry once. An expiry that is not priced yet has no series here.
	pub fn of_expiry<M: Markets, P: PriceSource>(
		underlying: UnderlyingId,
		expiry: Moment,
	) -> Vec<Self> {
		let Some(priced) = M::priced(underlying, expiry) else { return Vec::new() };
		let age_millis = priced.age_millis();
		let priced = priced.regardless_of_age();
		let slice = P::expiry(underlying, expiry)
			.and_then(|price| price.regardless_of_age().svi.slice().ok()?.prepare().ok());
		let mut strikes = priced.strikes.clone();
		strikes.sort_unstable();
		let series = strikes.into_iter().flat_map(|strike| {
			[OptionKind::Call, OptionKind::Put].map(|kind| SeriesId {
				underlying,
				expiry,
				strike,
				kind,
			})
		});
		series.map(|series| Self::read::<M>(series, &priced, slice.as_ref(), age_millis)).collect()
	}

	fn read<M: Markets>(
		series: SeriesId,
		priced: &PricedExpiry,
		slice: Option<&PreparedSlice>,
		age_millis: u64,
	) -> Self {
		let mark = priced.mark_of(&series);
		let (vol, greeks) =
			slice.and_then(|slice| sensitivities(&series, priced, slice)).unwrap_or_default();
		Self {
			series,
			status: M::status(&series),
			mark: mark.and_then(|mark| u64::try_from(mark.to_micro_usd_floor()).ok()),
			age_millis,
			vol_ppb: u64::try_from(vol.to_ppb()).unwrap_or(0),
			greeks: Greeks::new(&greeks, series.kind),
		}
	}
}

/// Volatility and greeks of a series that has not expired.
fn sensitivities(
	series: &SeriesId,
	priced: &PricedExpiry,
	slice: &PreparedSlice,
) -> Option<(Vol, PricingGreeks)> {
	let time = Time::from_seconds(priced.seconds.into()).ok()?;
	if time.is_zero() {
		return None;
	}
	let strike = series.strike_price()?;
	let vol = slice.vol(strike).ok()?;
	Some((vol, greeks(priced.forward, strike, vol, time).ok()?))
}
