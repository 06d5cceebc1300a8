// SPDX-License-Identifier: Apache-2.0

//! The odometer of an underlying: how far everything but spot has travelled.
//!
//! Of each expiry a reference surface is stored, and new arrays are compared with it ([`Portfolio::drift`]). When one of
//! the expiries that are repriced in a block is more than [`DRIFT_STEP`] away, all of them take their new surfaces as
//! references, and the odometer advances by the largest of their distances. So at any moment an expiry is within one step
//! of its reference, and what the odometer advances by between two moments, plus two steps, bounds the drift of each
//! expiry in between. An account that holds several loses the sum of what each can cost, for one drift.
//!
//! All at once: nobody looks at the odometer within a block, and a move of volatility that all expiries share counts once.
//! What cannot be compared advances it by [`DRIFT_JUMP`].

use crate::{Config, Drifts, Pallet, Priced, QuoteReference, Reference, References, LOG_TARGET};
use alloc::{collections::BTreeMap, vec::Vec};
use ballast_exchange::{ExpiryId, PortfolioModel, PriceSource, UnderlyingId};
use ballast_risk::{quote_drift, Portfolio};

/// Drift that is not counted, parts per billion: 0.01 %.
///
/// An account that can bear a drift of 0.2 %, as one that holds spreads can, gives up a tenth of that for two steps. The smaller the step, the more of what
/// comes and goes is counted: the forward of an expiry in its settlement window moves against spot with every tick, and
/// at 50 % a year this step makes of that about 5 a day.
pub const DRIFT_STEP: u64 = 100_000;

/// What counts for a change that cannot be measured, parts per billion: a drift of 1,000. No parameter in its range
/// costs an account a thousand times what it holds.
pub const DRIFT_JUMP: u64 = 1_000_000_000_000;

/// An expiry with new arrays.
pub(crate) struct Moved {
	id: ExpiryId,
	/// How far it is from its reference.
	drift: u64,
	/// Its new surface, if that can be measured.
	surface: Option<Reference>,
	/// Its reference as it has to be stored if nothing is counted: new strikes start where they are.
	extended: Option<Reference>,
}

impl<T: Config> Pallet<T> {
	/// Compares the new surface of an expiry with its reference, before its arrays are stored. A surface of `None`
	/// cannot be measured.
	pub(crate) fn measure(
		id: ExpiryId,
		model: &PortfolioModel,
		surface: Option<Reference>,
	) -> Moved {
		let (underlying, expiry) = id;
		let reference = References::<T>::get(underlying, expiry);
		let (drift, extended) = match (reference, &surface) {
			(Some(old), Some(new)) => {
				let drift = drift(model, &old, new).unwrap_or(DRIFT_JUMP);
				(drift, extended(old, new))
			},
			// Nobody holds an expiry without arrays: its first surface is where it starts from.
			(None, _) if !Priced::<T>::contains_key(underlying, expiry) => (0, surface.clone()),
			_ => (DRIFT_JUMP, None),
		};
		Moved { id, drift, surface, extended }
	}

	/// Counts what the expiries of a block have drifted.
	pub(crate) fn count(moved: Vec<Moved>) {
		let mut travelled = BTreeMap::<UnderlyingId, u64>::new();
		for Moved { id, drift, .. } in &moved {
			let most = travelled.entry(id.0).or_default();
			*most = (*most).max(*drift);
		}
		travelled.retain(|_, drift| *drift > DRIFT_STEP);
		for Moved { id: (underlying, expiry), surface, extended, .. } in moved {
			let is_counted = travelled.contains_key(&underlying);
			match if is_counted { surface } else { extended } {
				Some(reference) => References::<T>::insert(underlying, expiry, reference),
				None if is_counted => References::<T>::remove(underlying, expiry),
				None => {},
			}
		}
		for (underlying, drift) in travelled {
			Self::advance(underlying, drift);
		}
	}

	/// Advances an odometer. At its end it stays there, and nothing can be said any more.
	pub(crate) fn advance(underlying: UnderlyingId, drift: u64) {
		Drifts::<T>::mutate(underlying, |odometer| {
			let Some(odometer) = odometer else {
				log::error!(target: LOG_TARGET, "underlying {underlying} has no odometer");
				return;
			};
			// Saturating: the end of the type says that every account is to be looked at.
			*odometer = odometer.saturating_add(drift);
		});
	}

	/// The rules of portfolio margin have changed, which no distance measures: now, and once more when each expiry has
	/// arrays by the new rules.
	pub(crate) fn forget_surfaces(underlying: UnderlyingId) {
		Self::advance(underlying, DRIFT_JUMP);
		// One for each expiry at most.
		let _ = References::<T>::clear_prefix(underlying, crate::MAX_LISTED_EXPIRIES, None);
	}

	/// Counts what the price of the settlement asset has moved since it was last counted.
	pub(crate) fn measure_quote_price() {
		let Some(quote) = T::Prices::quote_price() else { return };
		let price = quote.regardless_of_age();
		let Some(reference) = QuoteReference::<T>::get() else {
			QuoteReference::<T>::put(price);
			return;
		};
		let drift = u64::try_from(quote_drift(reference, price).0).unwrap_or(DRIFT_JUMP);
		if drift > DRIFT_STEP {
			QuoteReference::<T>::put(price);
			for entry in crate::Agenda::<T>::get() {
				Self::advance(entry.underlying, drift);
			}
		}
	}
}

/// A reference with the strikes that are listed after its own; `None` if there are none.
fn extended(mut reference: Reference, new: &Reference) -> Option<Reference> {
	let added = new.total_vols.get(reference.total_vols.len()..).unwrap_or_default();
	let extends =
		!added.is_empty() && reference.total_vols.try_extend(added.iter().copied()).is_ok();
	extends.then_some(reference)
}

fn drift(model: &PortfolioModel, old: &Reference, new: &Reference) -> Option<u64> {
	let portfolio = Portfolio::new(&model.parameters, &model.scenarios).ok()?;
	let drift = portfolio.drift(&old.surface(), &new.surface())?;
	u64::try_from(drift.0).ok()
}
