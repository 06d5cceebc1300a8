// SPDX-License-Identifier: Apache-2.0
//! How far an account is from maintenance margin, and what can make that distance shorter.

use crate::{
	accounts::expiry_count,
	cache::{Loaded, PriceCache},
	clearing::MAX_STRIKES,
	collateral::{part_up, worth},
	inputs::{MarginError, MAX_CONCENTRATED},
	margin::{cash_margin, underlyings_of, with_portfolio, with_standard, Evaluated},
	pallet::*,
	weights::WeightInfo,
};
use alloc::{borrow::Cow, vec::Vec};
use ballast_exchange::{
	Account, Exposure, Margin, MarginKind, MicroUsd, Ppb, Safety, UnderlyingId,
	MAX_ACCOUNT_EXPIRIES, MAX_COLLATERALS, MAX_POSITIONS, MAX_REPORTED_UNDERLYINGS,
};
use ballast_risk::{MarginModel, Standard, StandardBound};
use frame_support::pallet_prelude::*;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_safety(cache: &mut PriceCache, account: &Account) -> Result<Safety, Error<T>> {
		if account.positions.is_empty() && account.collateral.is_empty() {
			let margin = cash_margin(account);
			return Ok(Safety { margin, is_fresh: true, exposures: Vec::new() });
		}
		let account = without_orders(account);
		let evaluation = Self::safety_evaluation(&account);
		let is_fresh = Self::load_counted(cache, &account, evaluation)?.fresh;
		let (margin, exposures) = match account.margin {
			MarginKind::Portfolio(underlying) => portfolio(cache, &account, underlying)?,
			MarginKind::Standard => standard(cache, &account)?,
		};
		Ok(Safety { margin, is_fresh, exposures })
	}

	/// Weight of finding how far an account is from danger, its prices loaded.
	pub(crate) fn safety_evaluation(account: &Account) -> Weight {
		// At most 128.
		let positions = account.positions.len() as u32;
		match account.margin {
			MarginKind::Portfolio(_) => {
				T::WeightInfo::safety_portfolio(expiry_count(account), positions)
			},
			MarginKind::Standard => T::WeightInfo::safety_standard(positions),
		}
	}

	/// Margin without resting orders, and whether every price under it is fresh.
	pub(crate) fn do_glance(
		cache: &mut PriceCache,
		account: &Account,
	) -> Result<(Margin, bool), Error<T>> {
		let Evaluated { margin, ready } = Self::evaluate(cache, &without_orders(account))?;
		Ok((margin, ready.fresh))
	}

	/// The most that looking at an account with that many positions can weigh.
	pub(crate) fn most_safety(positions: u32) -> Weight {
		let positions = positions.min(MAX_POSITIONS);
		let expiries = positions.min(MAX_ACCOUNT_EXPIRIES);
		let markets = expiries.saturating_add(MAX_COLLATERALS).saturating_add(1);
		let loaded = Loaded {
			markets: markets.min(MAX_REPORTED_UNDERLYINGS),
			expiries,
			strikes: expiries.saturating_mul(MAX_STRIKES),
			interests: positions.min(MAX_CONCENTRATED),
			collaterals: MAX_COLLATERALS,
		};
		let portfolio = T::WeightInfo::safety_portfolio(expiries, positions);
		let evaluation = portfolio.max(T::WeightInfo::safety_standard(positions));
		let record = T::DbWeight::get().reads(1);
		Self::loads(loaded).saturating_add(evaluation).saturating_add(record)
	}
}

/// The account as maintenance sees it. A liquidation cancels resting orders first.
fn without_orders(account: &Account) -> Cow<'_, Account> {
	if account.orders.is_empty() {
		return Cow::Borrowed(account);
	}
	let mut held = account.clone();
	held.orders.clear();
	Cow::Owned(held)
}

/// The one underlying of the account and those that its collateral follows.
fn portfolio(
	cache: &PriceCache,
	account: &Account,
	own: UnderlyingId,
) -> Result<(Margin, Vec<Exposure>), MarginError> {
	let (margin, bound, drift_fall) = with_portfolio(cache, account, own, |model, _, seen| {
		Ok((model.margin(seen)?, model.surplus_bound(seen)?, model.drift_bound(seen)?))
	})?;
	let of = |underlying| {
		if underlying == own {
			return Ok(Exposure {
				underlying,
				spot: bound.spot,
				when_falling: bound.when_falling,
				when_rising: bound.when_rising,
				drift_fall: drift_fall.near,
				wide_drift_fall: Some(drift_fall.wide),
				slack: bound.slack,
				most_fall: None,
			});
		}
		followed(cache, account, underlying)
	};
	let exposures = underlyings_of(cache, account).into_iter().map(of);
	Ok((margin, exposures.collect::<Result<_, _>>()?))
}

/// What a portfolio account can lose on an underlying that some of its collateral follows: what maintenance
/// counts of the worth. The drift of the account's own underlying has the price of the settlement asset in it.
fn followed(
	cache: &PriceCache,
	account: &Account,
	underlying: UnderlyingId,
) -> Result<Exposure, MarginError> {
	let spot = cache.spots.get(&underlying).ok_or(MarginError::PricesMissing)?.value.price;
	let quote_price = cache.quote_price()?;
	let (mut when_falling, mut slack): (MicroUsd, MicroUsd) = (0, 0);
	for (asset, amount) in &account.collateral {
		let terms = cache.collaterals.get(asset).ok_or(MarginError::PricesMissing)?;
		if terms.underlying == underlying {
			let worth = worth(terms, *amount, spot.pico_usd(), quote_price);
			// A worth is rounded down, now and when it is looked at again.
			let worth =
				worth.and_then(|worth| worth.checked_add(1)).ok_or(MarginError::TooLarge)?;
			let counted = Ppb::ONE.0.saturating_sub(terms.haircut_maintenance_ppb).max(0);
			let fall = when_falling.checked_add(part_up(worth, counted));
			when_falling = fall.ok_or(MarginError::TooLarge)?;
			slack = slack.saturating_add(1);
		}
	}
	Ok(Exposure {
		underlying,
		spot,
		when_falling,
		when_rising: 0,
		drift_fall: 0,
		wide_drift_fall: None,
		slack,
		most_fall: None,
	})
}

/// Every underlying of the account.
fn standard(cache: &PriceCache, account: &Account) -> Result<(Margin, Vec<Exposure>), MarginError> {
	let (margin, bounds) = with_standard(cache, account, |seen, _| {
		Ok((Standard.margin(seen)?, Standard.surplus_bounds(seen)?))
	})?;
	let of =
		|(underlying, bound): (UnderlyingId, &StandardBound)| -> Result<Exposure, MarginError> {
			let spot = cache.spots.get(&underlying).ok_or(MarginError::PricesMissing)?.value.price;
			Ok(Exposure {
				underlying,
				spot,
				when_falling: bound.when_falling,
				when_rising: bound.when_rising,
				drift_fall: bound.drift_fall,
				wide_drift_fall: None,
				slack: bound.slack,
				most_fall: bound.most_fall,
			})
		};
	let exposures = underlyings_of(cache, account).into_iter().zip(bounds.as_slice()).map(of);
	Ok((margin, exposures.collect::<Result<_, _>>()?))
}
