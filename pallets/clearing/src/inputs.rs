// SPDX-License-Identifier: Apache-2.0
//! From an account and loaded prices to what the margin models want to see.

use alloc::vec::Vec;
use ballast_exchange::{
	Account, MicroUsd, Moment, OptionPrice, Ppb, Price, SeriesId, UnderlyingId,
};
use ballast_risk::{
	Adjustments, Collateral, ConcentrationParameters, ExpiryTerms, List, Market, Order, Perpetual,
	Position, RiskError, Series, StandardExpiry, Underlying, MAX_LOTS,
};
use core::cmp::Reverse;

use crate::{
	cache::{Arrays, PriceCache},
	collateral::base_amount,
	fees,
};

/// Most positions of an account whose concentration is charged for.
pub(crate) const MAX_CONCENTRATED: u32 = 16;

/// Why no margin was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MarginError {
	/// A price, a rule or an array is not there.
	PricesMissing,
	/// More expiries than one account has.
	TooManyExpiries,
	/// More series than one account has.
	TooManyPositions,
	/// A number is beyond what the models count.
	TooLarge,
}

impl From<RiskError> for MarginError {
	fn from(error: RiskError) -> Self {
		match error {
			// An array of another width belongs to the grid before the present one.
			RiskError::ArrayWidth | RiskError::UnknownSeries | RiskError::UnknownExpiry => {
				MarginError::PricesMissing
			},
			RiskError::TooMany(List::Expiries | List::Underlyings) => MarginError::TooManyExpiries,
			RiskError::TooMany(_) => MarginError::TooManyPositions,
			_ => MarginError::TooLarge,
		}
	}
}

/// Positions and orders of an account on one underlying, by the index of their series.
pub(crate) struct Legs<'a> {
	/// The series, ascending, each once.
	pub ids: Vec<SeriesId>,
	/// When the expiries are, ascending.
	pub moments: Vec<Moment>,
	pub terms: Vec<ExpiryTerms>,
	pub expiries: Vec<StandardExpiry>,
	pub series: Vec<Series>,
	pub arrays: Vec<&'a [i64]>,
	/// Undiscounted values.
	pub values: Vec<Price>,
	pub positions: Vec<Position>,
	pub orders: Vec<Order>,
}

/// Series of one underlying in which an account has positions or orders, ascending, each once.
fn touched(account: &Account, underlying: UnderlyingId) -> Vec<SeriesId> {
	let positions = account.positions.iter().map(|position| position.series);
	let mut ids: Vec<SeriesId> = positions.filter(|id| id.underlying == underlying).collect();
	let orders = account.orders.iter().map(|order| order.series);
	let held = ids.len();
	ids.extend(orders.filter(|id| id.underlying == underlying));
	if ids.len() > held {
		ids.sort();
		ids.dedup();
	}
	ids
}

/// The positions that concentration looks at: the [`MAX_CONCENTRATED`] of most lots.
///
/// Each costs a read of its open interest, which every order has to reckon with for every account it may meet.
pub(crate) fn largest_positions(account: &Account) -> Vec<ballast_exchange::Position> {
	let mut positions = account.positions.to_vec();
	positions.sort_by_key(|held| (Reverse(held.lots.unsigned_abs()), held.series));
	positions.truncate(MAX_CONCENTRATED as usize);
	positions
}

impl<'a> Legs<'a> {
	/// The legs of one underlying, their prices loaded before.
	pub fn new(
		cache: &'a PriceCache,
		account: &Account,
		underlying: UnderlyingId,
	) -> Result<Self, MarginError> {
		let ids = touched(account, underlying);
		let mut legs = Self {
			moments: Vec::new(),
			terms: Vec::new(),
			expiries: Vec::new(),
			series: Vec::with_capacity(ids.len()),
			arrays: Vec::with_capacity(ids.len()),
			values: Vec::with_capacity(ids.len()),
			positions: Vec::with_capacity(account.positions.len()),
			orders: Vec::with_capacity(account.orders.len()),
			ids,
		};
		let mut arrays = None;
		for index in 0..legs.ids.len() {
			if let Some(id) = legs.ids.get(index).copied() {
				legs.add_series(cache, &id, &mut arrays)?;
			}
		}
		legs.add_positions(account)?;
		legs.add_orders(cache, account, underlying)?;
		Ok(legs)
	}

	fn add_series(
		&mut self,
		cache: &'a PriceCache,
		id: &SeriesId,
		arrays: &mut Option<&'a Arrays>,
	) -> Result<(), MarginError> {
		if self.moments.last() != Some(&id.expiry) {
			let loaded = cache.expiries.get(&(id.underlying, id.expiry));
			let loaded = &loaded.ok_or(MarginError::PricesMissing)?.value;
			*arrays = Some(loaded);
			let priced = &loaded.priced;
			self.moments.push(id.expiry);
			self.terms.push(priced.terms);
			self.expiries
				.push(StandardExpiry { forward: priced.forward, confidence: priced.confidence });
		}
		let found = arrays.ok_or(MarginError::PricesMissing)?;
		let index = found.index(id).ok_or(MarginError::PricesMissing)?;
		let expiry = u8::try_from(self.moments.len().saturating_sub(1))
			.map_err(|_| MarginError::TooManyExpiries)?;
		let strike = id.strike_price().ok_or(MarginError::TooLarge)?;
		self.series.push(Series { expiry, strike, kind: id.kind });
		self.arrays.push(found.priced.array(index).ok_or(MarginError::PricesMissing)?);
		let value = found.priced.values.get(index).ok_or(MarginError::PricesMissing)?;
		self.values.push(*value);
		Ok(())
	}

	fn add_positions(&mut self, account: &Account) -> Result<(), MarginError> {
		for held in &account.positions {
			if let Some(series) = self.index(&held.series)? {
				self.positions.push(Position { series, lots: held.lots });
			}
		}
		Ok(())
	}

	fn add_orders(
		&mut self,
		cache: &PriceCache,
		account: &Account,
		underlying: UnderlyingId,
	) -> Result<(), MarginError> {
		if account.orders.is_empty() {
			return Ok(());
		}
		let terms = cache.terms.get(&underlying).ok_or(MarginError::PricesMissing)?;
		let spot = cache.spots.get(&underlying).ok_or(MarginError::PricesMissing)?.value.price;
		for order in &account.orders {
			if let Some(series) = self.index(&order.series)? {
				let fee = fees::largest(terms, spot, order.lots, order.price);
				self.orders.push(Order {
					series,
					side: order.side,
					lots: order.lots,
					price: option_price(order.price)?,
					fee: fee.ok_or(MarginError::TooLarge)?,
				});
			}
		}
		Ok(())
	}

	/// Index of a series; `None` if it is of another underlying.
	fn index(&self, id: &SeriesId) -> Result<Option<u16>, MarginError> {
		self.ids.binary_search(id).ok().map_or(Ok(None), |index| {
			u16::try_from(index).map(Some).map_err(|_| MarginError::TooManyPositions)
		})
	}
}

fn option_price(micro: OptionPrice) -> Result<Price, MarginError> {
	let micro = i64::try_from(micro).map_err(|_| MarginError::TooLarge)?;
	Price::from_micro_usd(micro).map_err(|_| MarginError::TooLarge)
}

impl PriceCache {
	/// The market of a portfolio account.
	pub(crate) fn market(&self, underlying: UnderlyingId) -> Result<Market, MarginError> {
		let spot = self.spots.get(&underlying).ok_or(MarginError::PricesMissing)?.value;
		Ok(Market {
			spot: spot.price,
			spot_confidence: spot.confidence,
			quote_price: self.quote_price()?,
		})
	}

	pub(crate) fn quote_price(&self) -> Result<Ppb, MarginError> {
		Ok(self.quote.as_ref().ok_or(MarginError::PricesMissing)?.value)
	}

	pub(crate) fn lots_per_contract(&self, underlying: UnderlyingId) -> Result<u32, MarginError> {
		let terms = self.terms.get(&underlying).ok_or(MarginError::PricesMissing)?;
		Ok(terms.lots_per_contract)
	}

	/// Collateral of a portfolio account on `underlying`.
	pub(crate) fn collateral(
		&self,
		account: &Account,
		underlying: UnderlyingId,
	) -> Result<Vec<Collateral>, MarginError> {
		let of = |(asset, amount): &(_, u128)| {
			let terms = self.collaterals.get(asset).ok_or(MarginError::PricesMissing)?;
			let spot = self.spots.get(&terms.underlying).ok_or(MarginError::PricesMissing)?.value;
			Ok(Collateral {
				amount: terms.model_amount(*amount),
				units_per_token: terms.model_units(),
				price: spot.price,
				confidence: spot.confidence,
				hedges_spot: terms.underlying == underlying,
				haircut_initial: Ppb(terms.haircut_initial_ppb),
				haircut_maintenance: Ppb(terms.haircut_maintenance_ppb),
			})
		};
		account.collateral.iter().map(of).collect()
	}

	/// One underlying of a standard account.
	pub(crate) fn underlying<'c>(
		&'c self,
		account: &Account,
		underlying: UnderlyingId,
		legs: &'c Legs<'_>,
	) -> Result<Underlying<'c>, MarginError> {
		let parameters = self.standard.get(&underlying).ok_or(MarginError::PricesMissing)?;
		let spot = self.spots.get(&underlying).ok_or(MarginError::PricesMissing)?.value;
		let (base, base_units_per_token) = base_amount(self, account, underlying)?;
		Ok(Underlying {
			parameters,
			spot: spot.price,
			spot_confidence: spot.confidence,
			lots_per_contract: self.lots_per_contract(underlying)?,
			base,
			base_units_per_token,
			perpetual: Perpetual::NONE,
			expiries: &legs.expiries,
			series: &legs.series,
			values: &legs.values,
			options: &legs.positions,
			orders: &legs.orders,
			charge: self.adjustments(account, underlying)?.concentration,
		})
	}

	/// What the chain's conditions add to an account's margin on an underlying.
	pub(crate) fn adjustments(
		&self,
		account: &Account,
		underlying: UnderlyingId,
	) -> Result<Adjustments, MarginError> {
		let watched = self.watched.get(&underlying).ok_or(MarginError::PricesMissing)?;
		let conditions = &watched.conditions;
		Ok(Adjustments {
			initial_multiplier: conditions.multiplier,
			delay_move: conditions.delay_move,
			concentration: self.concentration(account, underlying, &conditions.concentration)?,
		})
	}

	/// Charge for holding much of the series of one underlying.
	fn concentration(
		&self,
		account: &Account,
		underlying: UnderlyingId,
		rules: &ConcentrationParameters,
	) -> Result<MicroUsd, MarginError> {
		if rules.charge == Ppb::ZERO {
			return Ok(0);
		}
		let spot = self.spots.get(&underlying).ok_or(MarginError::PricesMissing)?.value.price;
		let lots_per_contract = self.lots_per_contract(underlying)?;
		let mut sum: MicroUsd = 0;
		let largest = largest_positions(account);
		for held in largest.iter().filter(|it| it.series.underlying == underlying) {
			let all = self.open_interest.get(&held.series).copied().unwrap_or(0);
			// A fill of the same call may not be in it; while an expiry settles, shorts are more than what is open.
			let all = all.clamp(0, MAX_LOTS).max(held.lots.saturating_abs());
			let charge = rules.charge(held.lots, all, spot, lots_per_contract)?;
			sum = sum.checked_add(charge).ok_or(MarginError::TooLarge)?;
		}
		Ok(sum)
	}
}
