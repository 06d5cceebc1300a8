// SPDX-License-Identifier: Apache-2.0
//! Rounds from the reports of distinct authors, one underlying at a time.

use crate::{
	round, settlement::NewRound, statistics, Config, Event, ExpiryPrices, ExpiryRound, Feeds,
	NextUnderlying, Pallet, Parameters, PriceParameters, QuotePrice, QuoteRound, Recent, Reports,
	Rounds, StoredReport, WeightInfo, LOG_TARGET,
};
use alloc::vec::Vec;
use ballast_exchange::{
	ExpiryReport, ListedExpiries, Moment, Ppb, Price, SpotPrice, UnderlyingId, UnderlyingReport,
	MAX_REPORTED_EXPIRIES, MAX_REPORTED_UNDERLYINGS,
};
use frame_support::{traits::Time, weights::WeightMeter};
use sp_runtime::SaturatedConversion;

/// What every underlying of a block shares.
pub(crate) struct Scene {
	pub now: Moment,
	pub parameters: PriceParameters,
	/// Live reports, oldest first, one per author.
	pub reports: Vec<StoredReport>,
}

/// One author's view of an underlying and when it was made.
type Opinion<'a> = (Moment, &'a UnderlyingReport);

impl<T: Config> Pallet<T> {
	pub(crate) fn do_after_inherents(meter: &mut WeightMeter) {
		let authors = Recent::<T>::decode_len().unwrap_or(0) as u32;
		if meter.try_consume(T::WeightInfo::load_reports(authors)).is_err() {
			log::debug!(target: LOG_TARGET, "no weight to read the reports");
			return;
		}
		let scene = Self::load_reports();
		Self::update_quote_price(&scene);
		let mut underlyings = T::Listed::underlyings();
		underlyings.truncate(MAX_REPORTED_UNDERLYINGS as usize);
		let before = NextUnderlying::<T>::get();
		if let Some(start) = underlyings.iter().position(|known| Some(*known) == before) {
			underlyings.rotate_left(start);
		}
		let unit = T::WeightInfo::advance(scene.reports.len() as u32);
		let next = underlyings.into_iter().find(|underlying| {
			let room = meter.try_consume(unit).is_ok();
			if room {
				Self::advance(*underlying, &scene);
			}
			!room
		});
		if next != before {
			NextUnderlying::<T>::set(next);
		}
	}

	/// Reads the live reports and removes the others.
	pub(crate) fn load_reports() -> Scene {
		let now = T::Time::now();
		let parameters = Parameters::<T>::get();
		let mut recent = Recent::<T>::get();
		let known = recent.len();
		let mut reports = Vec::with_capacity(known);
		recent.retain(|(author, at)| {
			if now.saturating_sub(*at) <= parameters.freshness_millis {
				if let Some(report) = Reports::<T>::get(author) {
					reports.push(report);
					return true;
				}
			}
			Reports::<T>::remove(author);
			false
		});
		if recent.len() != known {
			Recent::<T>::put(recent);
		}
		Scene { now, parameters, reports }
	}

	/// Median of the quote prices, if there is a quorum and a report that the last one did not have.
	pub(crate) fn update_quote_price(scene: &Scene) {
		let quotes: Vec<(Moment, Ppb)> = scene
			.reports
			.iter()
			.filter_map(|report| Some((report.at, report.quote_price?)))
			.collect();
		let newest = quotes.iter().map(|(at, _)| *at).max();
		let prices = statistics::sorted(quotes.iter().map(|(_, price)| price.0));
		let (Some(at), Some(price)) = (newest, statistics::median(&prices)) else { return };
		let news = QuotePrice::<T>::get().is_none_or(|last| last.at < at);
		if news && is_quorum(quotes.len(), &scene.parameters) {
			QuotePrice::<T>::put(QuoteRound { at, price: Ppb(price) });
		}
	}

	/// One underlying: quorum, round, settlement windows.
	pub(crate) fn advance(underlying: UnderlyingId, scene: &Scene) {
		let listed = T::Listed::expiries(underlying);
		let opinions: Vec<Opinion> = scene
			.reports
			.iter()
			.filter_map(|report| {
				let view = report.underlyings.iter().find(|view| view.underlying == underlying)?;
				Some((report.at, view))
			})
			.collect();
		let mut feed = Feeds::<T>::get(underlying);
		let before = feed.clone();
		let authors = opinions.len() as u32;
		feed.quorate = is_quorum(opinions.len(), &scene.parameters);
		match (before.quorate, feed.quorate) {
			(false, true) => Self::deposit_event(Event::QuorumReached { underlying, authors }),
			(true, false) => Self::deposit_event(Event::QuorumLost { underlying, authors }),
			_ => {},
		}
		let round = if feed.quorate {
			Self::next_round(underlying, &opinions, &listed, scene)
		} else {
			None
		};
		Self::apply(underlying, &mut feed, round, &listed, scene);
		if feed != before {
			Feeds::<T>::insert(underlying, feed);
		}
	}

	/// The round that the reports make, if there is one that the last round did not have.
	fn next_round(
		underlying: UnderlyingId,
		opinions: &[Opinion],
		listed: &[Moment],
		scene: &Scene,
	) -> Option<NewRound> {
		let at = opinions.iter().map(|(at, _)| *at).max()?;
		let last = Rounds::<T>::get(underlying);
		if last.is_some_and(|last| last.at >= at) {
			return None;
		}
		let views: Vec<&UnderlyingReport> = opinions.iter().map(|(_, view)| *view).collect();
		let median = round::spot(&views, scene.parameters.confidence_spread_factor)?;
		let price = last.map_or(median.price, |last| {
			let block: u64 = frame_system::Pallet::<T>::block_number().saturated_into();
			// Blocks only count up.
			let blocks = block.saturating_sub(last.block);
			round::clamped(last.spot.price, median.price, scene.parameters.clamp_ppb, blocks)
		});
		if price != median.price {
			let median = median.price;
			Self::deposit_event(Event::SpotClamped { underlying, median, taken: price });
		}
		let expiries = next_expiries(
			&ExpiryPrices::<T>::get(underlying),
			opinions,
			listed,
			scene,
			(price, median.price),
		);
		Some(NewRound {
			at,
			spot: SpotPrice { price, ..median },
			expiries,
			reports: opinions.len() as u32,
		})
	}
}

fn is_quorum(authors: usize, parameters: &PriceParameters) -> bool {
	authors as u64 >= u64::from(parameters.quorum.max(1))
}

/// Prices of the listed expiries that have not passed: new ones where a quorum reports them anew, else
/// the last ones, which age.
fn next_expiries(
	before: &[ExpiryRound],
	opinions: &[Opinion],
	listed: &[Moment],
	scene: &Scene,
	scale: (Price, Price),
) -> Vec<ExpiryRound> {
	let live = listed.iter().filter(|expiry| **expiry > scene.now);
	live.take(MAX_REPORTED_EXPIRIES as usize)
		.filter_map(|expiry| {
			let last = before.iter().find(|known| known.expiry == *expiry).copied();
			next_expiry(*expiry, last, opinions, scene, scale).or(last)
		})
		.collect()
}

fn next_expiry(
	expiry: Moment,
	last: Option<ExpiryRound>,
	opinions: &[Opinion],
	scene: &Scene,
	scale: (Price, Price),
) -> Option<ExpiryRound> {
	let views: Vec<(Moment, &ExpiryReport)> = opinions
		.iter()
		.filter_map(|(at, view)| {
			Some((*at, view.expiries.iter().find(|known| known.expiry == expiry)?))
		})
		.collect();
	let at = views.iter().map(|(at, _)| *at).max()?;
	let news = last.is_none_or(|last| last.at < at);
	if !news || !is_quorum(views.len(), &scene.parameters) {
		return None;
	}
	let reports: Vec<&ExpiryReport> = views.iter().map(|(_, view)| *view).collect();
	let PriceParameters { quorum, confidence_spread_factor, .. } = scene.parameters;
	let price = round::expiry(&reports, scale, quorum, confidence_spread_factor)?;
	Some(ExpiryRound { expiry, at, price })
}
