// SPDX-License-Identifier: Apache-2.0

//! Repricing of expiries, one unit each, in the order of the queue.

use crate::{
	drift::Moved,
	enqueue,
	pricing::{self, Inputs},
	state_of,
	weights::WeightInfo,
	Behind, Config, Event, Expiries, ExpiryList, ExpiryQueue, ExpiryState, Listing, Listings,
	Pallet, PortfolioModels, Priced, Underlying, Underlyings, DRIFT_JUMP,
};
use alloc::vec::Vec;
use ballast_exchange::{
	ExpiryId, Moment, PortfolioModel, Price, PriceSource, PricedExpiry, UnderlyingId,
};
use ballast_risk::{RiskError, DEFAULT_SCENARIOS};
use frame_support::weights::{Weight, WeightMeter};

/// What the expiries of one underlying share.
pub(crate) struct Market {
	pub id: UnderlyingId,
	pub record: Underlying,
	pub model: PortfolioModel,
	pub expiries: ExpiryList,
}

/// What prices say about an expiry: the price that its strikes lie around, and what it is priced from, if
/// there is enough to price it.
pub(crate) struct Quote {
	pub reference: Price,
	pub inputs: Option<Result<Inputs, RiskError>>,
}

impl<T: Config> Pallet<T> {
	/// Reprices what is queued as far as `meter` permits. What is left stays at the head of the queue.
	pub(crate) fn reprice_pending(queue: &mut ExpiryQueue, now: Moment, meter: &mut WeightMeter) {
		let (mut market, mut done, mut moved) = (None, 0, Vec::new());
		for id in queue.iter() {
			if !Self::reprice(*id, now, &mut market, &mut moved, meter) {
				break;
			}
			done += 1;
		}
		queue.drain(..done);
		Self::count(moved);
	}

	/// Reprices one expiry; says whether the meter had room for it.
	fn reprice(
		id: ExpiryId,
		now: Moment,
		market: &mut Option<Market>,
		moved: &mut Vec<Moved>,
		meter: &mut WeightMeter,
	) -> bool {
		let look = T::WeightInfo::reprice_expiry(0);
		if !meter.can_consume(look) {
			return false;
		}
		let Some((market, mut listing, quote)) = Self::look_up(id, now, market) else {
			meter.consume(look);
			return true;
		};
		let (underlying, expiry) = id;
		let may_grow = expiry > now && !market.record.paused;
		let missing = if may_grow {
			Self::missing_strikes(&market.record, &listing, expiry, quote.reference)
		} else {
			Vec::new()
		};
		// Without a slice the new strikes are written, and nothing is priced.
		let priced = if quote.inputs.is_some() { listing.strikes.len() } else { 0 };
		let strikes = priced.saturating_add(missing.len());
		let weight = Self::reprice_weight(strikes, market.model.scenarios.len());
		if meter.try_consume(weight).is_err() {
			return false;
		}
		Self::append_strikes(underlying, expiry, &mut listing, missing);
		if let Some(inputs) = quote.inputs {
			let priced =
				inputs.and_then(|inputs| pricing::price(&market.model, &inputs, &listing.strikes));
			moved.extend(Self::store_priced(id, &market.model, listing, priced));
		} else {
			Self::note_behind(id, true);
		}
		true
	}

	/// Weight of pricing an expiry: that of as many strikes on the default grid as have as many entries.
	pub fn reprice_weight(strikes: usize, scenarios: usize) -> Weight {
		let width = PricedExpiry::width_of;
		let entries = strikes.saturating_mul(width(scenarios));
		let equal = entries.div_ceil(width(DEFAULT_SCENARIOS.len())).max(strikes);
		T::WeightInfo::reprice_expiry(u32::try_from(equal).unwrap_or(u32::MAX))
	}

	/// An expiry with its market and its prices; `None` if it is settled or gone, or has no spot yet.
	pub(crate) fn look_up(
		(underlying, expiry): ExpiryId,
		now: Moment,
		market: &mut Option<Market>,
	) -> Option<(&Market, Listing, Quote)> {
		if market.as_ref().map(|market| market.id) != Some(underlying) {
			*market = Self::load_market(underlying);
		}
		let market = market.as_ref()?;
		let state = state_of(&market.expiries, expiry).filter(ExpiryState::is_live)?;
		let listing = Listings::<T>::get(underlying, expiry)?;
		let quote = Self::quote((underlying, expiry), state, now)?;
		Some((market, listing, quote))
	}

	fn load_market(id: UnderlyingId) -> Option<Market> {
		Some(Market {
			id,
			record: Underlyings::<T>::get(id)?,
			model: PortfolioModels::<T>::get(id)?,
			expiries: Expiries::<T>::get(id),
		})
	}

	/// What the price source says about an expiry now.
	fn quote((underlying, expiry): ExpiryId, state: ExpiryState, now: Moment) -> Option<Quote> {
		let spot = T::Prices::spot(underlying)?;
		let (spot_at, spot) = (spot.at(), spot.regardless_of_age());
		let round = T::Prices::round(underlying);
		let window_millis = T::Prices::settlement_window_millis();
		let window = pricing::seconds_to(window_millis, 0).max(1);
		let average = || T::Prices::settlement(underlying, expiry).average;
		if expiry <= now {
			let (price, confidence) = match state {
				ExpiryState::Settling { price } => (price, ballast_exchange::Ppb::ONE),
				_ => (average().unwrap_or(spot.price), spot.confidence),
			};
			let inputs = pricing::expired(price, confidence).map(|expiry| Inputs {
				round,
				at: spot_at,
				spot,
				expiry,
				window,
			});
			return Some(Quote { reference: price, inputs: Some(inputs) });
		}
		let Some(price) = T::Prices::expiry(underlying, expiry) else {
			return Some(Quote { reference: spot.price, inputs: None });
		};
		let at = spot_at.min(price.at());
		let price = price.regardless_of_age();
		let open = expiry.saturating_sub(now) < window_millis;
		let average = if open { average() } else { None };
		let inputs = pricing::trading(&price, pricing::seconds_to(expiry, now), window, average)
			.map(|expiry| Inputs { round, at, spot, expiry, window });
		Some(Quote { reference: price.forward, inputs: Some(inputs) })
	}

	/// Stores the arrays of an expiry, or says once that there are none; says how its surface has moved.
	pub(crate) fn store_priced(
		id: ExpiryId,
		model: &PortfolioModel,
		listing: Listing,
		priced: Result<pricing::Prices, RiskError>,
	) -> Option<Moved> {
		let (underlying, expiry) = id;
		let failed = priced.is_err();
		let moved = match priced {
			Ok(pricing::Prices { arrays, surface }) => {
				let moved = Self::measure(id, model, surface);
				Priced::<T>::insert(underlying, expiry, arrays);
				Some(moved)
			},
			Err(error) if !listing.failed => {
				log::warn!(target: crate::LOG_TARGET, "expiry {id:?} is not priced: {error:?}");
				let reason = error.into();
				Self::deposit_event(Event::ExpiryRepriceFailed { underlying, expiry, reason });
				Self::advance(underlying, DRIFT_JUMP);
				None
			},
			Err(_) => None,
		};
		Self::note_behind(id, failed);
		if failed != listing.failed {
			Listings::<T>::insert(underlying, expiry, Listing { failed, ..listing });
		}
		moved
	}

	/// Notes whether the arrays of an expiry are older than its round. One without arrays is not: nobody holds it.
	fn note_behind(id: ExpiryId, is_behind: bool) {
		let mut behind = Behind::<T>::get();
		if behind.contains(&id) == is_behind
			|| (is_behind && !Priced::<T>::contains_key(id.0, id.1))
		{
			return;
		}
		if is_behind {
			enqueue(&mut behind, id);
		} else {
			behind.retain(|other| *other != id);
		}
		Behind::<T>::put(behind);
	}
}
