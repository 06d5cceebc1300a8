// SPDX-License-Identifier: Apache-2.0
//! Margin: which rules decide, and what a call may leave behind.

use alloc::vec::Vec;
use ballast_exchange::{
	Account, AssetId, Margin, MarginKind, OpenOrder, Ppb, RiskWatch, SeriesId, UnderlyingId,
};
use ballast_risk::{
	Book, MarginModel, Perpetual, Portfolio, PortfolioAccount, RiskError, Round, Standard,
	StandardAccount, Underlying,
};
use frame_support::{ensure, pallet_prelude::*};

use crate::{
	accounts::expiries_of,
	cache::{Loaded, PriceCache, Readiness, Watched},
	inputs::{largest_positions, Legs, MarginError},
	pallet::*,
	types::{owed, permits},
	weights::WeightInfo,
};

impl<T: Config> From<MarginError> for Error<T> {
	fn from(error: MarginError) -> Self {
		match error {
			MarginError::PricesMissing => Error::PricesMissing,
			MarginError::TooManyExpiries => Error::TooManyExpiries,
			MarginError::TooManyPositions => Error::TooManyPositions,
			MarginError::TooLarge => Error::AmountTooLarge,
		}
	}
}

/// A margin and whether risk may be added on what is under it.
#[derive(Clone, Copy)]
pub(crate) struct Evaluated {
	pub margin: Margin,
	pub ready: Readiness,
}

/// What a check wants of the search for accounts in danger.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sweep {
	/// Whoever adds risk waits for its end.
	Finished,
	/// It may be going on.
	Unfinished,
}

/// Nothing has to be loaded.
pub(crate) const READY: Readiness = Readiness { fresh: true, swept: true };

impl<T: Config> Pallet<T> {
	/// Margin of an account with prices of any age; the cache is filled with what is missing.
	pub(crate) fn evaluate(
		cache: &mut PriceCache,
		account: &Account,
	) -> Result<Evaluated, Error<T>> {
		if is_cash_only(account) {
			return Ok(Evaluated { margin: cash_margin(account), ready: READY });
		}
		let ready = Self::load_counted(cache, account, Self::evaluation_weight(account))?;
		Ok(Evaluated { margin: loaded_margin(cache, account)?, ready })
	}

	/// Weight of one evaluation of an account, its prices loaded.
	fn evaluation_weight(account: &Account) -> Weight {
		let (positions, orders) = crate::accounts::size(account);
		let evaluation = match account.margin {
			MarginKind::Portfolio(_) => T::WeightInfo::margin_portfolio(positions, orders),
			MarginKind::Standard => T::WeightInfo::margin_standard(positions, orders),
		};
		// Without orders it is a part of what tells how far an account is from danger.
		match orders {
			0 => evaluation.min(Self::safety_evaluation(account)),
			_ => evaluation,
		}
	}

	/// Loads what an account's margin depends on; adds to the work of the call what that weighs, and `evaluation`.
	pub(crate) fn load_counted(
		cache: &mut PriceCache,
		account: &Account,
		evaluation: Weight,
	) -> Result<Readiness, MarginError> {
		let before = cache.loaded();
		let loading = load_prices::<T>(cache, account);
		let after = cache.loaded();
		let loaded = Loaded {
			markets: after.markets.saturating_sub(before.markets),
			expiries: after.expiries.saturating_sub(before.expiries),
			strikes: after.strikes.saturating_sub(before.strikes),
			interests: after.interests.saturating_sub(before.interests),
			collaterals: after.collaterals.saturating_sub(before.collaterals),
		};
		let work = Self::loads(loaded).saturating_add(evaluation);
		cache.work = cache.work.saturating_add(work);
		loading
	}

	/// Weight of loading that much.
	pub(crate) fn loads(loaded: Loaded) -> Weight {
		let Loaded { markets, expiries, strikes, interests, collaterals } = loaded;
		let none = T::WeightInfo::load_expiry(0);
		let of_strikes = T::WeightInfo::load_expiry(strikes).saturating_sub(none);
		let of_expiries = none.saturating_mul(expiries.into());
		let of_markets = T::WeightInfo::load_market().saturating_mul(markets.into());
		of_markets
			.saturating_add(of_expiries)
			.saturating_add(of_strikes)
			.saturating_add(Self::interest_weight(interests))
			.saturating_add(T::DbWeight::get().reads(collaterals.into()))
	}

	/// Weight of reading the open interest of that many series.
	pub(crate) fn interest_weight(interests: u32) -> Weight {
		let none = T::WeightInfo::load_open_interest(0);
		T::WeightInfo::load_open_interest(interests).saturating_sub(none)
	}

	/// Weight of one evaluation of an account of that size, its prices loaded, whatever its rules.
	pub(crate) fn margin_weight(positions: u32, orders: u32) -> Weight {
		let portfolio = T::WeightInfo::margin_portfolio(positions, orders);
		portfolio.max(T::WeightInfo::margin_standard(positions, orders))
	}

	pub(crate) fn do_check(
		cache: &mut PriceCache,
		before: &Account,
		after: &Account,
		sweep: Sweep,
	) -> DispatchResult {
		for series in after.positions.iter().map(|position| position.series) {
			ensure!(permits(after.margin, series.underlying), Error::<T>::NotItsUnderlying);
		}
		for series in after.orders.iter().map(|order| order.series) {
			ensure!(permits(after.margin, series.underlying), Error::<T>::NotItsUnderlying);
		}
		if owed(after.cash) > owed(before.cash) {
			ensure!(Debt::<T>::get() <= DebtCap::<T>::get(), Error::<T>::DebtCapReached);
		}
		let Evaluated { margin: new, ready } = Self::evaluate(cache, after)?;
		let error = match ready {
			Readiness { fresh: false, .. } => Error::<T>::PricesStale,
			_ if !new.allows_risk() => Error::<T>::InsufficientMargin,
			Readiness { swept: false, .. } if sweep == Sweep::Finished => {
				Error::<T>::SweepUnfinished
			},
			_ => return Ok(()),
		};
		if only_offers_to_reduce(before, after) {
			return Ok(());
		}
		let old = Self::evaluate(cache, before)?.margin;
		let reduces = new.initial >= old.initial && new.maintenance >= old.maintenance;
		ensure!(reduces, error);
		Ok(())
	}
}

/// Whether nothing has changed but resting orders, and what is new of them can only make a position smaller.
///
/// Such an order needs no margin now: a fill of it is checked when it comes.
fn only_offers_to_reduce(before: &Account, after: &Account) -> bool {
	let is_old = |order: &OpenOrder| {
		let smaller = |old: &OpenOrder| {
			old.lots >= order.lots && OpenOrder { lots: order.lots, ..*old } == *order
		};
		before.order(order.id).is_some_and(smaller)
	};
	(before.cash, before.margin) == (after.cash, after.margin)
		&& before.positions == after.positions
		&& before.collateral == after.collateral
		&& after.orders.iter().all(|order| order.reduce_only || is_old(order))
}

/// Whether no price decides about the account.
pub(crate) fn is_cash_only(account: &Account) -> bool {
	account.positions.is_empty() && account.orders.is_empty() && account.collateral.is_empty()
}

/// Margin of an account that holds cash alone.
pub(crate) fn cash_margin(account: &Account) -> Margin {
	let cash = account.cash;
	// Portfolio margin leaves cash out of the mark to market, standard margin counts it in.
	let mark_to_market = match account.margin {
		MarginKind::Standard => cash,
		MarginKind::Portfolio(_) => 0,
	};
	Margin { mark_to_market, equity: cash, maintenance: cash, initial: cash }
}

/// Margin of an account whose prices are loaded.
pub(crate) fn loaded_margin(cache: &PriceCache, account: &Account) -> Result<Margin, MarginError> {
	match account.margin {
		MarginKind::Portfolio(underlying) => {
			with_portfolio(cache, account, underlying, |model, _, seen| model.margin(seen))
		},
		MarginKind::Standard => with_standard(cache, account, |seen, _| Standard.margin(seen)),
	}
}

/// Underlyings whose prices an account depends on, ascending.
pub(crate) fn underlyings_of(cache: &PriceCache, account: &Account) -> Vec<UnderlyingId> {
	let positions = account.positions.iter().map(|position| position.series.underlying);
	let orders = account.orders.iter().map(|order| order.series.underlying);
	let follows = |(asset, _): &(AssetId, u128)| cache.collaterals.get(asset);
	let followed = account.collateral.iter().filter_map(follows).map(|terms| terms.underlying);
	let own = match account.margin {
		MarginKind::Standard => None,
		MarginKind::Portfolio(underlying) => Some(underlying),
	};
	let mut underlyings = Vec::new();
	for underlying in positions.chain(orders).chain(followed).chain(own) {
		if let Err(index) = underlyings.binary_search(&underlying) {
			underlyings.insert(index, underlying);
		}
	}
	underlyings
}

/// Loads everything an account's margin depends on; whether risk may be added on it.
pub(crate) fn load_prices<T: Config>(
	cache: &mut PriceCache,
	account: &Account,
) -> Result<Readiness, MarginError> {
	let missing = MarginError::PricesMissing;
	for (asset, _) in &account.collateral {
		cache.load_collateral(*asset, || Collaterals::<T>::get(asset)).ok_or(missing)?;
	}
	let mut ready = READY;
	ready.fresh &= cache.load_quote::<T::Markets>().ok_or(missing)?;
	for underlying in underlyings_of(cache, account) {
		let watched = cache.load_watched(underlying, || Watched {
			conditions: T::Watch::conditions(underlying),
			swept: T::Watch::is_swept(underlying),
		});
		ready.swept &= watched.swept;
		ready.fresh &= cache.load_spot::<T::Markets>(underlying).ok_or(missing)?;
		match account.margin {
			MarginKind::Standard => {
				cache.load_terms::<T::Markets>(underlying).ok_or(missing)?;
				cache.load_standard::<T::Markets>(underlying).ok_or(missing)?;
			},
			MarginKind::Portfolio(own) if own == underlying => {
				cache.load_terms::<T::Markets>(underlying).ok_or(missing)?;
				cache.load_portfolio::<T::Markets>(underlying).ok_or(missing)?;
			},
			// Collateral that follows another underlying needs its spot alone.
			MarginKind::Portfolio(_) => {},
		}
	}
	for expiry in expiries_of(account).ok_or(MarginError::TooManyExpiries)? {
		ready.fresh &= cache.load_expiry::<T::Markets>(expiry).ok_or(missing)?;
	}
	load_open_interest::<T>(cache, account);
	Ok(ready)
}

/// Reads the open interest of an account's series where concentration is charged for.
fn load_open_interest<T: Config>(cache: &mut PriceCache, account: &Account) {
	let charged = |series: &SeriesId| {
		let watched = cache.watched.get(&series.underlying);
		watched.is_some_and(|it| it.conditions.concentration.charge > Ppb::ZERO)
	};
	let largest = largest_positions(account);
	let series: Vec<SeriesId> = largest.iter().map(|it| it.series).filter(charged).collect();
	for series in series {
		cache.load_open_interest(series, || OpenInterest::<T>::get(series));
	}
}

/// Hands a loaded account to portfolio margin as it wants to see it.
pub(crate) fn with_portfolio<R>(
	cache: &PriceCache,
	account: &Account,
	underlying: UnderlyingId,
	ask: impl FnOnce(&Portfolio<'_>, &Legs<'_>, &PortfolioAccount<'_>) -> Result<R, RiskError>,
) -> Result<R, MarginError> {
	let rules = cache.portfolio.get(&underlying).ok_or(MarginError::PricesMissing)?;
	let model = Portfolio::new(&rules.parameters, &rules.scenarios)?;
	let legs = Legs::new(cache, account, underlying)?;
	let collateral = cache.collateral(account, underlying)?;
	let arrays = legs.arrays.as_slice();
	let seen = PortfolioAccount {
		round: Round {
			market: cache.market(underlying)?,
			expiries: &legs.terms,
			series: &legs.series,
			arrays: &arrays,
		},
		book: Book {
			lots_per_contract: cache.lots_per_contract(underlying)?,
			cash: account.cash,
			options: &legs.positions,
			perpetual: Perpetual::NONE,
			collateral: &collateral,
		},
		orders: &legs.orders,
		adjustments: cache.adjustments(account, underlying)?,
	};
	Ok(ask(&model, &legs, &seen)?)
}

/// Hands a loaded account to standard margin as it wants to see it.
pub(crate) fn with_standard<R>(
	cache: &PriceCache,
	account: &Account,
	ask: impl FnOnce(&StandardAccount<'_>, &[Legs<'_>]) -> Result<R, RiskError>,
) -> Result<R, MarginError> {
	let ids = underlyings_of(cache, account);
	let legs: Vec<Legs> = ids
		.iter()
		.map(|underlying| Legs::new(cache, account, *underlying))
		.collect::<Result<_, _>>()?;
	let underlyings: Vec<Underlying> = ids
		.iter()
		.zip(&legs)
		.map(|(underlying, legs)| cache.underlying(account, *underlying, legs))
		.collect::<Result<_, _>>()?;
	let seen = StandardAccount {
		quote_price: cache.quote_price()?,
		cash: account.cash,
		underlyings: &underlyings,
	};
	Ok(ask(&seen, &legs)?)
}
