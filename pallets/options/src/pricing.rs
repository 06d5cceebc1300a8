// SPDX-License-Identifier: Apache-2.0

//! From the prices of a round to the arrays of an expiry: no storage, no configuration.

use crate::{terms::flat_slice, Reference};
use alloc::{vec, vec::Vec};
use ballast_exchange::{
	ExpiryPrice, Moment, OptionKind, PortfolioModel, Ppb, Price, PricedExpiry, RoundNumber,
	SpotPrice,
};
use ballast_pricing::Real;
use ballast_risk::{ArgumentError, Expiry, ExpiryContext, RiskError};

/// What an expiry is priced from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inputs {
	/// The round.
	pub round: RoundNumber,
	/// When its prices were true: the older one of spot and forward.
	pub at: Moment,
	/// Spot.
	pub spot: SpotPrice,
	/// Forward, rate and slice.
	pub expiry: Expiry,
	/// Length of the settlement window, seconds.
	pub window: u32,
}

/// Whole seconds from `now` to an expiry, rounded up: an option has time until its very end.
pub(crate) fn seconds_to(expiry: Moment, now: Moment) -> u32 {
	// Beyond the margin rules' five years pricing refuses whatever stands here.
	u32::try_from(expiry.saturating_sub(now).div_ceil(1_000)).unwrap_or(u32::MAX)
}

/// An expiry that trades. `average` is that of the settlement window so far, if it is open.
pub(crate) fn trading(
	price: &ExpiryPrice,
	seconds: u32,
	window: u32,
	average: Option<Price>,
) -> Result<Expiry, RiskError> {
	let forward = match average {
		Some(average) if seconds < window => {
			fixed_in_part(price.forward, average, seconds, window)?
		},
		_ => price.forward,
	};
	Ok(Expiry {
		seconds,
		forward,
		forward_confidence: price.forward_confidence,
		rate: price.rate,
		rate_confidence: price.rate_confidence,
		vol_confidence: price.vol_confidence,
		svi: price.svi.slice()?,
	})
}

/// `(1 - live) average + live forward` with `live = seconds / window`, rounded down: the same share by
/// which the margin rules shock a forward.
fn fixed_in_part(
	forward: Price,
	average: Price,
	seconds: u32,
	window: u32,
) -> Result<Price, RiskError> {
	let part = |price: Price, seconds: u32| {
		u128::from(price.pico_usd().unsigned_abs()) * u128::from(seconds)
	};
	// Two products below 2^63 * 2^32.
	let sum = part(forward, seconds) + part(average, window.saturating_sub(seconds));
	let pico = sum.checked_div(window.into()).and_then(|pico| i64::try_from(pico).ok());
	Ok(Price::from_pico_usd(pico.ok_or(ArgumentError::Forward)?)?)
}

/// An expiry that has passed: no time is left, so neither volatility nor rate matters, and it is priced
/// even if nobody reports a slice any more.
pub(crate) fn expired(price: Price, confidence: Ppb) -> Result<Expiry, RiskError> {
	// The margin rules take no forward of zero nor the very highest price: the one a trillionth of a
	// dollar away stands in for it.
	let highest = Price::from_pico_usd(Price::MAX.pico_usd().saturating_sub(1))?;
	let forward = price.max(Price::from_pico_usd(1)?).min(highest);
	Ok(Expiry {
		seconds: 0,
		forward,
		forward_confidence: confidence,
		rate: Ppb::ZERO,
		rate_confidence: Ppb::ONE,
		vol_confidence: Ppb::ONE,
		svi: flat_slice(forward, Real::from_ppb(10_000_000)?)?,
	})
}

/// An expiry priced: its arrays, and its surface if that can be measured against spot.
pub(crate) struct Prices {
	pub arrays: PricedExpiry,
	pub surface: Option<Reference>,
}

/// Prices a call and a put on every strike.
pub(crate) fn price(
	model: &PortfolioModel,
	inputs: &Inputs,
	strikes: &[u64],
) -> Result<Prices, RiskError> {
	let Inputs { round, at, spot, expiry, window } = inputs;
	let context = ExpiryContext::with_window(&model.parameters, &model.scenarios, expiry, *window)?;
	let width = context.width();
	let series = strikes.len().saturating_mul(2);
	let mut entries = vec![0; series.saturating_mul(width)];
	let mut values = Vec::with_capacity(series);
	let mut total_vols = Vec::with_capacity(strikes.len());
	for (strike, arrays) in strikes.iter().zip(entries.chunks_exact_mut(width.saturating_mul(2))) {
		let micro = i64::try_from(*strike).map_err(|_| ballast_pricing::Error::PriceOutOfRange)?;
		let strike = Price::from_micro_usd(micro)?;
		// The volatility of a strike is that of its call and its put.
		let vol = context.vol(strike)?;
		total_vols.push(context.total_vol(vol)?);
		let kinds = [OptionKind::Call, OptionKind::Put];
		for (kind, array) in kinds.into_iter().zip(arrays.chunks_exact_mut(width)) {
			context.price_at_vol(kind, strike, vol, array)?;
			values.push(context.undiscounted(kind, strike, vol)?);
		}
	}
	let total_vols = total_vols.try_into().map_err(|_| RiskError::BufferTooShort)?;
	let terms = context.surface(spot.price).ok();
	let surface = terms.map(|terms| Reference { terms, total_vols });
	let arrays = PricedExpiry {
		round: *round,
		at: *at,
		spot: *spot,
		seconds: expiry.seconds,
		forward: expiry.forward,
		confidence: expiry.forward_confidence.min(expiry.vol_confidence),
		terms: context.terms(),
		strikes: strikes.to_vec(),
		width: u32::try_from(width).map_err(|_| RiskError::ArrayWidth)?,
		entries,
		values,
	};
	Ok(Prices { arrays, surface })
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn seconds_should_be_rounded_up_until_the_expiry() {
		assert_eq!(
			[seconds_to(5_000, 0), seconds_to(5_000, 4_999), seconds_to(5_000, 5_000)],
			[5, 1, 0]
		);
		assert_eq!([seconds_to(5_000, 6_000), seconds_to(Moment::MAX, 0)], [0, u32::MAX]);
	}

	#[test]
	fn forward_should_be_the_average_at_the_end_of_the_window_and_the_market_at_its_start() {
		let (forward, average) = (Price::from_usd(110).unwrap(), Price::from_usd(100).unwrap());
		let blend = |seconds| fixed_in_part(forward, average, seconds, 1_800).unwrap();
		assert_eq!(blend(0), average);
		assert_eq!(blend(1_800), forward);
		assert_eq!(blend(900), Price::from_usd(105).unwrap());
	}

	#[test]
	fn expired_option_should_be_worth_its_payoff_in_every_scenario() {
		let model = crate::default_portfolio_model();
		for dollars in [0, 90, 110, 8_000_000] {
			let settlement = Price::from_usd(dollars).unwrap();
			let expiry = expired(settlement, Ppb::ONE).unwrap();
			let spot = SpotPrice { price: Price::from_usd(1).unwrap(), confidence: Ppb::ONE };
			let inputs = Inputs { round: 1, at: 1, spot, expiry, window: 1_800 };
			let priced = price(&model, &inputs, &[100_000_000]).unwrap().arrays;
			let payoffs = [(dollars - 100).max(0), (100 - dollars).max(0)];
			for (index, payoff) in payoffs.into_iter().enumerate() {
				for entry in priced.array(index).unwrap() {
					assert!((entry - payoff * 1_000_000_000_000).abs() <= 1, "{dollars}: {entry}");
				}
			}
		}
	}

	proptest! {
		#[test]
		fn forward_in_the_window_should_lie_between_average_and_market(
			forward in 1i64..=8_000_000_000_000_000_000, average in 1i64..=8_000_000_000_000_000_000,
			window: u32, seconds: u32,
		) {
			prop_assume!(seconds < window);
			let price = |pico| Price::from_pico_usd(pico).unwrap();
			let blend = fixed_in_part(price(forward), price(average), seconds, window).unwrap();
			prop_assert!(blend >= price(forward.min(average)) && blend <= price(forward.max(average)));
		}
	}
}
