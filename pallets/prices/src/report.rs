// SPDX-License-Identifier: Apache-2.0
//! Checks and stores the report of a block's author, part by part.

use crate::{
	round, Config, DropReason, DroppedPart, DroppedParts, Event, IgnoreReason, Pallet, Part,
	Recent, ReportedIn, Reports, StoredReport, WeightInfo, MAX_STRIKES,
};
use alloc::vec::Vec;
use ballast_exchange::{
	ExpiryReport, ListedExpiries, Moment, Ppb, Price, PriceReport, UnderlyingId, UnderlyingReport,
};
use ballast_pricing::{arbitrage, Error as PricingError, PreparedSlice, SviSlice};
use ballast_risk::{ArgumentError, Expiry, RiskError};
use core::{marker::PhantomData, ops::RangeInclusive};
use frame_support::{
	traits::{Get, Time},
	weights::Weight,
	BoundedVec,
};

/// What `ballast_risk::Market::validate` takes.
pub(crate) const QUOTE_PRICES: RangeInclusive<Ppb> = Ppb(10_000_000)..=Ppb(100_000_000_000);

impl<T: Config> Pallet<T> {
	/// Upper bound of the weight of a report, by its shape.
	pub(crate) fn report_weight(report: &PriceReport) -> Weight {
		let expiries = report.underlyings.iter().map(|underlying| underlying.expiries.len() as u32);
		// At most 16 * 12 * 64.
		let strikes = expiries.clone().sum::<u32>().saturating_mul(MAX_STRIKES);
		Self::weight_of(expiries, strikes)
	}

	/// Weight of reports of underlyings with so many expiries each and so many strikes in all.
	fn weight_of(expiries: impl Iterator<Item = u32>, strikes: u32) -> Weight {
		expiries
			.map(T::WeightInfo::report)
			.fold(T::WeightInfo::report(0), |sum, weight| sum.saturating_add(weight))
			.saturating_add(T::WeightInfo::check_strikes(strikes))
			// The author: its seat in the digest and the validator that holds it.
			.saturating_add(T::DbWeight::get().reads(2))
	}

	/// Stores what passes the checks; returns the weight it took.
	pub(crate) fn do_report(report: PriceReport) -> Weight {
		let block = frame_system::Pallet::<T>::block_number();
		let reason = if ReportedIn::<T>::get() == Some(block) {
			IgnoreReason::AlreadyReported
		} else if let Some(author) = T::Author::get() {
			ReportedIn::<T>::put(block);
			return Self::do_report_of(author, report);
		} else {
			IgnoreReason::NoAuthor
		};
		Self::deposit_event(Event::ReportIgnored { reason });
		Self::weight_of(core::iter::empty(), 0)
	}

	/// The same for a known author.
	pub(crate) fn do_report_of(author: T::AccountId, report: PriceReport) -> Weight {
		let expiries: Vec<u32> =
			report.underlyings.iter().map(|reported| reported.expiries.len() as u32).collect();
		let mut checker = Checker::<T>::new();
		let stored = checker.check(report);
		let weight = Self::weight_of(expiries.into_iter(), checker.strikes);
		let taken = Event::ReportTaken {
			author: author.clone(),
			underlyings: stored.underlyings.len() as u32,
			expiries: stored.underlyings.iter().map(|taken| taken.expiries.len() as u32).sum(),
		};
		if !checker.dropped.is_empty() {
			let parts = checker.dropped;
			Self::deposit_event(Event::PartsDropped { author: author.clone(), parts });
		}
		Self::store(author, stored);
		Self::deposit_event(taken);
		weight
	}

	/// Replaces the author's report. The newest author displaces the oldest where there are too many.
	fn store(author: T::AccountId, stored: StoredReport) {
		Recent::<T>::mutate(|recent| {
			recent.retain(|(known, _)| *known != author);
			if recent.is_full() {
				let (oldest, _) = recent.remove(0);
				Reports::<T>::remove(oldest);
			}
			// There is room: the list was not full or has lost its first.
			if recent.try_push((author.clone(), stored.at)).is_ok() {
				Reports::<T>::insert(author, stored);
			}
		});
	}
}

/// Goes through a report once, noting what it drops.
struct Checker<T> {
	now: Moment,
	dropped: DroppedParts,
	/// Strikes that slices were checked on.
	strikes: u32,
	config: PhantomData<T>,
}

/// A slice that passed, with the strikes to hold the next expiry against.
struct Accepted {
	slice: PreparedSlice,
	strikes: Vec<Price>,
}

impl<T: Config> Checker<T> {
	fn new() -> Self {
		Self { now: T::Time::now(), dropped: DroppedParts::new(), strikes: 0, config: PhantomData }
	}

	fn note(&mut self, part: Part, reason: DropReason) {
		// The bound is the number of parts a report can have.
		let _ = self.dropped.try_push(DroppedPart { part, reason });
	}

	fn check(&mut self, report: PriceReport) -> StoredReport {
		let quote_price = Some(report.quote_price).filter(|price| QUOTE_PRICES.contains(price));
		if quote_price.is_none() {
			self.note(Part::QuotePrice, DropReason::QuotePriceOutOfRange);
		}
		let listed = T::Listed::underlyings();
		let mut underlyings: Vec<UnderlyingReport> = Vec::new();
		for reported in report.underlyings {
			let underlying = reported.underlying;
			let reason = if !listed.contains(&underlying) {
				DropReason::NotListed
			} else if underlyings.iter().any(|taken| taken.underlying == underlying) {
				DropReason::Duplicate
			} else if reported.spot.is_zero() {
				DropReason::ZeroPrice
			} else {
				underlyings.push(self.check_underlying(reported));
				continue;
			};
			self.note(Part::Underlying(underlying), reason);
		}
		// No more than were reported.
		let underlyings = BoundedVec::truncate_from(underlyings);
		StoredReport { at: self.now, quote_price, underlyings }
	}

	/// Expiries ascending, without those that do not pass.
	fn check_underlying(&mut self, mut reported: UnderlyingReport) -> UnderlyingReport {
		let underlying = reported.underlying;
		let listed = T::Listed::expiries(underlying);
		let mut accepted: Option<Accepted> = None;
		let mut last = None;
		// Stable: of two reports of an expiry the first comes first and counts.
		reported.expiries.sort_by_key(|report| report.expiry);
		reported.expiries.retain(|report| {
			let result = if last == Some(report.expiry) {
				Err(DropReason::Duplicate)
			} else {
				self.check_expiry(underlying, &listed, accepted.as_ref(), report)
			};
			last = Some(report.expiry);
			match result {
				Ok(passed) => accepted = Some(passed),
				Err(reason) => {
					self.note(Part::Expiry(underlying, report.expiry), reason);
					return false;
				},
			}
			true
		});
		reported
	}

	fn check_expiry(
		&mut self,
		underlying: UnderlyingId,
		listed: &[Moment],
		earlier: Option<&Accepted>,
		report: &ExpiryReport,
	) -> Result<Accepted, DropReason> {
		if !listed.contains(&report.expiry) {
			return Err(DropReason::NotListed);
		}
		if report.expiry <= self.now {
			return Err(DropReason::Expired);
		}
		let slice = report.svi.slice().map_err(slice_reason)?;
		self.check_numbers(report, slice)?;
		let slice = slice.prepare().map_err(slice_reason)?;
		if round::volatility(&report.svi, report.forward).is_none() {
			return Err(DropReason::InvalidSlice);
		}
		let mut strikes = T::Listed::strikes(underlying, report.expiry);
		strikes.truncate(MAX_STRIKES as usize);
		// At most 16 * 12 * 64 in all.
		self.strikes = self.strikes.saturating_add(strikes.len() as u32);
		check_arbitrage(
			earlier.map(|earlier| (&earlier.slice, &earlier.strikes[..])),
			&slice,
			&strikes,
		)
		.map_err(slice_reason)?;
		Ok(Accepted { slice, strikes })
	}

	/// Checks the ranges that margin needs.
	fn check_numbers(&self, report: &ExpiryReport, svi: SviSlice) -> Result<(), DropReason> {
		let millis = report.expiry.saturating_sub(self.now);
		let expiry = Expiry {
			seconds: u32::try_from(millis / 1_000).map_err(|_| DropReason::TooFar)?,
			forward: report.forward,
			forward_confidence: Ppb::ONE,
			rate: report.rate,
			rate_confidence: Ppb::ONE,
			vol_confidence: Ppb::ONE,
			svi,
		};
		expiry.validate().map_err(|error| match error {
			RiskError::Argument(ArgumentError::Forward) => DropReason::ZeroPrice,
			RiskError::Argument(ArgumentError::Rate) => DropReason::RateOutOfRange,
			RiskError::Argument(ArgumentError::Seconds) => DropReason::TooFar,
			_ => DropReason::InvalidSlice,
		})
	}
}

/// Butterflies of a slice on its strikes, and calendars against the expiry before on that one's.
pub(crate) fn check_arbitrage(
	earlier: Option<(&PreparedSlice, &[Price])>,
	slice: &PreparedSlice,
	strikes: &[Price],
) -> ballast_pricing::Result<()> {
	arbitrage::butterfly(slice, strikes)?;
	match earlier {
		Some((earlier, strikes)) => arbitrage::calendar(earlier, slice, strikes),
		None => Ok(()),
	}
}

fn slice_reason(error: PricingError) -> DropReason {
	match error {
		PricingError::ButterflyArbitrage { strike } => DropReason::Butterfly { strike },
		PricingError::CalendarArbitrage { strike } => DropReason::Calendar { strike },
		_ => DropReason::InvalidSlice,
	}
}
