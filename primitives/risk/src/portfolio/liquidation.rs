// SPDX-License-Identifier: Apache-2.0
//! Spot at which an account becomes liquidatable.

use ballast_pricing::Price;

use super::account::{ArraySource, MAX_WIDTH};
use super::{
	Adjustments, DirectArrays, ExpiryContext, ExpiryTerms, Portfolio, PortfolioAccount, Round,
	SurplusBound,
};
use crate::units::{micro_floor, MAX_COLLATERAL, MAX_EXPIRIES};
use crate::{
	ArgumentError, Book, Collateral, List, Margin, MarginModel, Market, MicroUsd, Ppb, RiskError,
	Series,
};

/// A market whose expiries are prepared, so that it can be moved and priced again.
#[derive(Clone, Copy, Debug)]
pub struct PricedMarket<'a> {
	/// Spot and quote price.
	pub market: Market,
	/// Expiries.
	pub contexts: &'a [ExpiryContext],
	/// Listed series, or those the account touches.
	pub series: &'a [Series],
}

/// Where to look for liquidation prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchRange {
	/// Lowest spot to look at, below the current one.
	pub lowest: Price,
	/// Highest spot to look at, above the current one.
	pub highest: Price,
	/// Steps to each side at most, 1 to 1000.
	pub steps: u32,
}

/// Nearest spots at which maintenance margin is below zero, to the next micro-USD or a millionth of
/// spot, whichever is coarser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
	feature = "codec",
	derive(
		codec::Encode,
		codec::Decode,
		codec::DecodeWithMemTracking,
		codec::MaxEncodedLen,
		scale_info::TypeInfo
	)
)]
pub struct LiquidationPrices {
	/// At or below current spot.
	pub below: Option<Price>,
	/// At or above current spot.
	pub above: Option<Price>,
}

impl SearchRange {
	/// From a tenth of spot to three times spot, in 64 steps to each side.
	pub fn around(spot: Price) -> Self {
		let pico = spot.pico_usd();
		let highest = Price::from_pico_usd(pico.saturating_mul(3)).unwrap_or(Price::MAX);
		Self { lowest: Price::from_pico_usd(pico / 10).unwrap_or(Price::ZERO), highest, steps: 64 }
	}

	fn check(&self, spot: Price) -> Result<(), RiskError> {
		let ordered = Price::ZERO < self.lowest && self.lowest < spot && spot < self.highest;
		if ordered && (1..=1_000).contains(&self.steps) {
			Ok(())
		} else {
			Err(ArgumentError::SearchRange.into())
		}
	}
}

impl Portfolio<'_> {
	/// Margin if spot were `spot`: forwards, perpetual and hedging collateral move with it, the
	/// volatility of each strike, time, rates and the rest stay.
	pub fn margin_at(
		&self,
		market: &PricedMarket<'_>,
		book: &Book<'_>,
		adjustments: &Adjustments,
		spot: Price,
	) -> Result<Margin, RiskError> {
		if market.market.spot.is_zero() || spot.is_zero() {
			return Err(ArgumentError::Spot.into());
		}
		let moved = Move { from: market.market.spot, to: spot };
		let arrays = moved.arrays(market)?;
		let mut collateral = [NO_COLLATERAL; MAX_COLLATERAL];
		let book = moved.book(book, &mut collateral)?;
		let round = Round {
			market: Market { spot, ..market.market },
			expiries: &arrays.terms(),
			series: market.series,
			arrays: &arrays,
		};
		self.margin(&PortfolioAccount { round, book, orders: &[], adjustments: *adjustments })
	}

	/// Bound on the fall of maintenance margin, from prepared expiries instead of stored arrays.
	pub fn surplus_bound_direct(
		&self,
		market: &PricedMarket<'_>,
		book: &Book<'_>,
		adjustments: &Adjustments,
	) -> Result<SurplusBound, RiskError> {
		let arrays = DirectArrays::new(market.contexts, market.series);
		let mut terms = [ExpiryTerms::default(); MAX_EXPIRIES];
		let terms = collect_terms(market.contexts, &mut terms)?;
		let round = Round {
			market: market.market,
			expiries: terms,
			series: market.series,
			arrays: &arrays,
		};
		let account =
			PortfolioAccount { round, book: *book, orders: &[], adjustments: *adjustments };
		self.surplus_bound(&account)
	}

	/// Nearest spots, below and above, at which maintenance margin is below zero.
	///
	/// From the current spot the search walks outwards. A step is as long as the surplus at hand is
	/// proven to last ([`SurplusBound`]), or a fixed part of the range if that is longer; the first
	/// step that ends below zero is halved until it is as short as the result is exact. At most
	/// `steps + 64` margins to each side are computed, whatever the book. A dip below zero that is
	/// narrower than a step, where the proof does not cover the step, can be stepped over.
	pub fn liquidation_prices(
		&self,
		market: &PricedMarket<'_>,
		book: &Book<'_>,
		adjustments: &Adjustments,
		range: &SearchRange,
	) -> Result<LiquidationPrices, RiskError> {
		let spot = market.market.spot;
		range.check(spot)?;
		let search = Search { model: self, market, book, adjustments, steps: range.steps };
		let surplus = search.surplus(spot)?;
		if surplus < 0 {
			return Ok(LiquidationPrices { below: Some(spot), above: Some(spot) });
		}
		let bound = self.surplus_bound_direct(market, book, adjustments)?;
		Ok(LiquidationPrices {
			below: search.walk(&bound, surplus, range.lowest)?,
			above: search.walk(&bound, surplus, range.highest)?,
		})
	}
}

struct Search<'s, 'a> {
	model: &'s Portfolio<'s>,
	market: &'s PricedMarket<'a>,
	book: &'s Book<'a>,
	adjustments: &'s Adjustments,
	steps: u32,
}

impl Search<'_, '_> {
	fn surplus(&self, spot: Price) -> Result<MicroUsd, RiskError> {
		Ok(self.model.margin_at(self.market, self.book, self.adjustments, spot)?.maintenance)
	}

	/// Walks from current spot to `end`; the first spot found below zero, exact to the resolution.
	fn walk(
		&self,
		bound: &SurplusBound,
		mut surplus: MicroUsd,
		end: Price,
	) -> Result<Option<Price>, RiskError> {
		let mut safe = self.market.market.spot;
		let shortest = end.minus(safe).unsigned_abs().div_ceil(self.steps.into());
		for _ in 0..self.steps {
			let proven = bound.safe_distance(surplus).pico_usd().unsigned_abs();
			let next = towards(safe, end, proven.max(shortest));
			surplus = self.surplus(next)?;
			if surplus < 0 {
				return self.halve(safe, next).map(Some);
			}
			if next == end {
				break;
			}
			safe = next;
		}
		Ok(None)
	}

	/// Halves an interval whose first end is safe and whose second is not.
	fn halve(&self, mut safe: Price, mut unsafe_: Price) -> Result<Price, RiskError> {
		let resolution = (self.market.market.spot.pico_usd() / 1_000_000).max(1_000_000);
		// 2^63 pico-USD are halved to one in 63 steps.
		for _ in 0..64 {
			let distance = unsafe_.minus(safe).unsigned_abs();
			if distance <= resolution.unsigned_abs() {
				break;
			}
			let middle = towards(safe, unsafe_, distance / 2);
			*(if self.surplus(middle)? < 0 { &mut unsafe_ } else { &mut safe }) = middle;
		}
		Ok(unsafe_)
	}
}

/// `distance` from `from` towards `end`, at most to it.
fn towards(from: Price, end: Price, distance: u64) -> Price {
	let span = end.minus(from);
	let moved = i64::try_from(distance.min(span.unsigned_abs())).unwrap_or(i64::MAX);
	let pico = if span < 0 { from.pico_usd() - moved } else { from.pico_usd() + moved };
	Price::from_pico_usd(pico).unwrap_or(end)
}

/// A change of spot that forwards, perpetual and hedging collateral follow.
struct Move {
	from: Price,
	to: Price,
}

/// Arrays of a moved market, computed when they are asked for.
struct MovedArrays<'a> {
	contexts: [Option<ExpiryContext>; MAX_EXPIRIES],
	series: &'a [Series],
}

const NO_COLLATERAL: Collateral = Collateral {
	amount: 0,
	units_per_token: 1,
	price: Price::ZERO,
	confidence: Ppb::ONE,
	hedges_spot: false,
	haircut_initial: Ppb::ZERO,
	haircut_maintenance: Ppb::ZERO,
};

impl Move {
	/// `price to / from`, rounded down.
	fn price(&self, price: Price) -> Result<Price, RiskError> {
		// 2^63 * 2^63 fits.
		let moved = i128::from(price.pico_usd()) * i128::from(self.to.pico_usd());
		let moved = moved.div_euclid(i128::from(self.from.pico_usd()).max(1));
		let pico = i64::try_from(moved).map_err(|_| ballast_pricing::Error::PriceOutOfRange)?;
		Ok(Price::from_pico_usd(pico)?)
	}

	fn arrays<'a>(&self, market: &PricedMarket<'a>) -> Result<MovedArrays<'a>, RiskError> {
		if market.contexts.len() > MAX_EXPIRIES {
			return Err(RiskError::TooMany(List::Expiries));
		}
		let mut contexts = [None; MAX_EXPIRIES];
		for (moved, context) in contexts.iter_mut().zip(market.contexts) {
			*moved = Some(context.at_forward(self.price(context.forward())?)?);
		}
		Ok(MovedArrays { contexts, series: market.series })
	}

	fn book<'b>(
		&self,
		book: &Book<'b>,
		room: &'b mut [Collateral; MAX_COLLATERAL],
	) -> Result<Book<'b>, RiskError> {
		book.check()?;
		let mut perpetual = book.perpetual;
		perpetual.price = self.price(perpetual.price)?;
		let change =
			i128::from(perpetual.lots) * i128::from(perpetual.price.minus(book.perpetual.price));
		perpetual.unrealised_pnl = perpetual
			.unrealised_pnl
			.checked_add(micro_floor(change, book.lots_per_contract))
			.ok_or(ArgumentError::Money)?;
		let length = book.collateral.len();
		for (moved, held) in room.iter_mut().zip(book.collateral) {
			let price = if held.hedges_spot { self.price(held.price)? } else { held.price };
			*moved = Collateral { price, ..*held };
		}
		Ok(Book { perpetual, collateral: room.get(..length).unwrap_or(&[]), ..*book })
	}
}

impl MovedArrays<'_> {
	fn terms(&self) -> [ExpiryTerms; MAX_EXPIRIES] {
		self.contexts.map(|context| context.map_or(ExpiryTerms::default(), |it| it.terms()))
	}
}

impl ArraySource for MovedArrays<'_> {
	fn array<'s>(
		&'s self,
		index: usize,
		scratch: &'s mut [i64; MAX_WIDTH],
	) -> Result<&'s [i64], RiskError> {
		let series = self.series.get(index).ok_or(RiskError::UnknownSeries)?;
		let context = self.contexts.get(usize::from(series.expiry)).and_then(Option::as_ref);
		let context = context.ok_or(RiskError::UnknownExpiry)?;
		context.price(series.kind, series.strike, scratch)?;
		scratch.get(..context.width()).ok_or(RiskError::ArrayWidth)
	}
}

fn collect_terms<'t>(
	contexts: &[ExpiryContext],
	room: &'t mut [ExpiryTerms; MAX_EXPIRIES],
) -> Result<&'t [ExpiryTerms], RiskError> {
	let terms = room.get_mut(..contexts.len()).ok_or(RiskError::TooMany(List::Expiries))?;
	for (terms, context) in terms.iter_mut().zip(contexts) {
		*terms = context.terms();
	}
	Ok(terms)
}
