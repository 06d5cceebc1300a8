// SPDX-License-Identifier: Apache-2.0
//! Takes a round into the averages, and the averages to their ends.
//!
//! Moments are handled in their order: window starts and ends up to the round, the round, then those up to
//! now. So an end is exact although blocks do not fall on it.

use crate::{
	aggregate::Scene, average::Window, Config, Event, ExpiryPrices, ExpiryRound, Feed, FinalPrice,
	FinalPrices, Pallet, Round, Rounds, LOG_TARGET,
};
use alloc::vec::Vec;
use ballast_exchange::{Moment, Price, SpotPrice, UnderlyingId};
use frame_support::BoundedVec;
use sp_runtime::SaturatedConversion;

/// Expiries of a listing that are looked at: live ones, and those that wait to be settled.
const MAX_LISTED: usize = 24;

/// A round before it has a number.
pub(crate) struct NewRound {
	pub at: Moment,
	pub spot: SpotPrice,
	/// Ascending.
	pub expiries: Vec<ExpiryRound>,
	pub reports: u32,
}

impl<T: Config> Pallet<T> {
	/// Stores the round, if there is one, and brings the feed from its last look to now.
	pub(crate) fn apply(
		underlying: UnderlyingId,
		feed: &mut Feed,
		round: Option<NewRound>,
		listed: &[Moment],
		scene: &Scene,
	) {
		if let Some(round) = round {
			let parameters = &scene.parameters;
			Self::move_windows(underlying, feed, listed, round.at, scene);
			feed.integral.push(round.at, round.spot.price, parameters.max_age_millis);
			feed.volatility.sample(
				round.at,
				round.spot.price,
				parameters.vol_sample_millis,
				parameters.vol_half_life_millis,
			);
			Self::fix_uncovered(underlying, feed, round.at, round.spot.price);
			Self::store_round(underlying, round);
		}
		Self::move_windows(underlying, feed, listed, scene.now, scene);
	}

	fn store_round(underlying: UnderlyingId, new: NewRound) {
		let block = frame_system::Pallet::<T>::block_number().saturated_into();
		// A round per millisecond would take 584 million years to saturate.
		let number = Rounds::<T>::get(underlying).map_or(1, |last| last.number.saturating_add(1));
		let NewRound { at, spot, expiries, reports } = new;
		Rounds::<T>::insert(underlying, Round { number, at, block, spot });
		ExpiryPrices::<T>::insert(underlying, BoundedVec::truncate_from(expiries));
		Self::deposit_event(Event::RoundMade {
			underlying,
			round: number,
			at,
			spot: spot.price,
			confidence: spot.confidence,
			reports,
		});
	}

	/// Opens the windows that start by `until` and fixes the prices of those that end by then.
	fn move_windows(
		underlying: UnderlyingId,
		feed: &mut Feed,
		listed: &[Moment],
		until: Moment,
		scene: &Scene,
	) {
		for expiry in listed.iter().take(MAX_LISTED) {
			// An expiry within its window's length of the epoch starts at the epoch.
			let start = expiry.saturating_sub(scene.parameters.settlement_window_millis);
			let known = feed.windows.iter().any(|window| window.expiry == *expiry);
			let is_final =
				|| *expiry <= scene.now && FinalPrices::<T>::contains_key(underlying, expiry);
			if start <= until && !known && !is_final() {
				Self::open_window(underlying, feed, *expiry, start);
			}
		}
		let integral = feed.integral;
		feed.windows.retain(|window| {
			if window.expiry > until {
				return true;
			}
			let average = window.average(&integral, window.expiry);
			average.is_none_or(|price| {
				let end = integral.sum_at(window.expiry);
				// Cover only grows.
				let covered = end.covered_millis.saturating_sub(window.opening.covered_millis);
				Self::fix(underlying, window.expiry, price, covered);
				false
			})
		});
	}

	/// Begins the average of an expiry at `start`, or at the latest round where that has passed already.
	fn open_window(underlying: UnderlyingId, feed: &mut Feed, expiry: Moment, start: Moment) {
		let start = start.max(feed.integral.at).min(expiry);
		let opening = feed.integral.sum_at(start);
		if feed.windows.try_push(Window { expiry, start, opening }).is_ok() {
			Self::deposit_event(Event::WindowOpened { underlying, expiry, start });
		} else {
			log::warn!(target: LOG_TARGET, "{underlying}: too many settlement windows for {expiry}");
		}
	}

	/// Windows that ended without any cover settle at the first spot from then on.
	fn fix_uncovered(underlying: UnderlyingId, feed: &mut Feed, at: Moment, spot: Price) {
		feed.windows.retain(|window| {
			let waits = window.expiry <= at;
			if waits {
				Self::fix(underlying, window.expiry, spot, 0);
			}
			!waits
		});
	}

	fn fix(underlying: UnderlyingId, expiry: Moment, price: Price, covered_millis: u64) {
		FinalPrices::<T>::insert(underlying, expiry, FinalPrice { price, covered_millis });
		Self::deposit_event(Event::SettlementFixed { underlying, expiry, price, covered_millis });
	}
}
