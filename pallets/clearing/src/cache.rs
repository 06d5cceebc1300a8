// SPDX-License-Identifier: Apache-2.0
//! Prices and rules loaded during one call: each is read once, and remembers whether it was fresh.

use alloc::{collections::BTreeMap, vec::Vec};
use ballast_exchange::{
	Aged, AssetId, ExpiryId, Lots, MarginConditions, MarketTerms, Markets, PortfolioModel, Ppb,
	PricedExpiry, SeriesId, SpotPrice, UnderlyingId,
};
use ballast_risk::{OptionKind, StandardParameters};
use frame_support::weights::Weight;

use crate::CollateralTerms;

/// Prices loaded during one call.
#[derive(Clone, Default)]
pub struct PriceCache {
	pub(crate) quote: Option<Dated<Ppb>>,
	pub(crate) spots: BTreeMap<UnderlyingId, Dated<SpotPrice>>,
	pub(crate) terms: BTreeMap<UnderlyingId, MarketTerms>,
	pub(crate) expiries: BTreeMap<ExpiryId, Dated<Arrays>>,
	pub(crate) portfolio: BTreeMap<UnderlyingId, PortfolioModel>,
	pub(crate) standard: BTreeMap<UnderlyingId, StandardParameters>,
	pub(crate) collaterals: BTreeMap<AssetId, CollateralTerms>,
	pub(crate) watched: BTreeMap<UnderlyingId, Watched>,
	/// Open interest when it was first needed. A fill of the same call may have changed it since.
	pub(crate) open_interest: BTreeMap<SeriesId, Lots>,
	/// Weight of what was loaded and evaluated.
	pub(crate) work: Weight,
}

/// How much of what weighs was loaded.
#[derive(Clone, Copy)]
pub(crate) struct Loaded {
	/// Underlyings with their spot, terms and rules.
	pub markets: u32,
	/// Expiries.
	pub expiries: u32,
	/// Strikes of all of them.
	pub strikes: u32,
	/// Series whose open interest was read.
	pub interests: u32,
	/// Collateral assets with their terms.
	pub collaterals: u32,
}

/// How the watch over accounts in danger stands on an underlying.
#[derive(Clone, Copy)]
pub(crate) struct Watched {
	pub conditions: MarginConditions,
	pub swept: bool,
}

/// Whether risk may be added on what was loaded.
#[derive(Clone, Copy)]
pub(crate) struct Readiness {
	/// Every price is young enough.
	pub fresh: bool,
	/// No account in danger on one of the underlyings is still being searched for.
	pub swept: bool,
}

/// A price and whether it is young enough to add risk on.
#[derive(Clone)]
pub(crate) struct Dated<T> {
	pub value: T,
	pub fresh: bool,
}

impl<T> Dated<T> {
	fn of<M: Markets>(aged: Aged<T>) -> Self {
		let fresh = aged.age_millis() <= M::max_price_age_millis();
		// Whoever adds risk looks at the flag; marks and reductions go on without it.
		Self { value: aged.regardless_of_age(), fresh }
	}
}

/// The arrays of an expiry with an index by strike: strikes come in order of listing.
#[derive(Clone)]
pub(crate) struct Arrays {
	pub priced: PricedExpiry,
	by_strike: Vec<(u64, u32)>,
}

impl Arrays {
	pub fn new(priced: PricedExpiry) -> Self {
		let mut by_strike: Vec<(u64, u32)> = priced.strikes.iter().copied().zip(0..).collect();
		by_strike.sort_unstable();
		Self { priced, by_strike }
	}

	/// Index of a series among the arrays.
	pub fn index(&self, series: &SeriesId) -> Option<usize> {
		let place = self.by_strike.binary_search_by_key(&series.strike, |(strike, _)| *strike);
		let (_, index) = self.by_strike.get(place.ok()?)?;
		Some(2 * (*index as usize) + usize::from(series.kind == OptionKind::Put))
	}
}

impl PriceCache {
	/// How much is loaded.
	pub(crate) fn loaded(&self) -> Loaded {
		let strikes = self.expiries.values().map(|arrays| arrays.value.priced.strikes.len());
		// A call loads a few hundred expiries at most: none of the counts comes near its type's end.
		Loaded {
			markets: self.spots.len() as u32,
			expiries: self.expiries.len() as u32,
			strikes: strikes.sum::<usize>() as u32,
			interests: self.open_interest.len() as u32,
			collaterals: self.collaterals.len() as u32,
		}
	}

	/// Price of the settlement asset; `None` if there is none yet.
	pub(crate) fn load_quote<M: Markets>(&mut self) -> Option<bool> {
		if self.quote.is_none() {
			self.quote = M::quote_price().map(Dated::of::<M>);
		}
		self.quote.as_ref().map(|quote| quote.fresh)
	}

	/// Spot of an underlying, and whether it is fresh.
	pub(crate) fn load_spot<M: Markets>(&mut self, underlying: UnderlyingId) -> Option<bool> {
		load(&mut self.spots, underlying, || M::spot(underlying).map(Dated::of::<M>))
			.map(|spot| spot.fresh)
	}

	/// Terms of an underlying.
	pub(crate) fn load_terms<M: Markets>(
		&mut self,
		underlying: UnderlyingId,
	) -> Option<&MarketTerms> {
		load(&mut self.terms, underlying, || M::terms(underlying))
	}

	/// Arrays of an expiry, and whether they are fresh.
	pub(crate) fn load_expiry<M: Markets>(&mut self, expiry: ExpiryId) -> Option<bool> {
		let read = || {
			let priced = M::priced(expiry.0, expiry.1)?;
			Some(Dated::of::<M>(priced.map(Arrays::new)))
		};
		load(&mut self.expiries, expiry, read).map(|arrays| arrays.fresh)
	}

	/// Rules of portfolio margin.
	pub(crate) fn load_portfolio<M: Markets>(&mut self, underlying: UnderlyingId) -> Option<()> {
		load(&mut self.portfolio, underlying, || M::portfolio_model(underlying)).map(|_| ())
	}

	/// Rules of standard margin.
	pub(crate) fn load_standard<M: Markets>(&mut self, underlying: UnderlyingId) -> Option<()> {
		load(&mut self.standard, underlying, || M::standard_parameters(underlying)).map(|_| ())
	}

	/// How the watch stands on an underlying.
	pub(crate) fn load_watched(
		&mut self,
		underlying: UnderlyingId,
		read: impl FnOnce() -> Watched,
	) -> Watched {
		*self.watched.entry(underlying).or_insert_with(read)
	}

	/// Open interest of a series.
	pub(crate) fn load_open_interest(&mut self, series: SeriesId, read: impl FnOnce() -> Lots) {
		self.open_interest.entry(series).or_insert_with(read);
	}

	/// Terms of a collateral asset.
	pub(crate) fn load_collateral(
		&mut self,
		asset: AssetId,
		read: impl FnOnce() -> Option<CollateralTerms>,
	) -> Option<CollateralTerms> {
		load(&mut self.collaterals, asset, read).copied()
	}
}

/// The entry of a key, read if it is not there. What is missing is asked for again: the call ends anyway.
fn load<K: Ord, V>(
	map: &mut BTreeMap<K, V>,
	key: K,
	read: impl FnOnce() -> Option<V>,
) -> Option<&V> {
	use alloc::collections::btree_map::Entry;
	Some(match map.entry(key) {
		Entry::Occupied(entry) => entry.into_mut(),
		Entry::Vacant(entry) => entry.insert(read()?),
	})
}
