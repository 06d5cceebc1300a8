// SPDX-License-Identifier: Apache-2.0
//! Hypothetical trades and shocked markets, through the code that decides about real ones.
//!
//! The loaded prices are replaced by shocked ones, the trades are added to a copy of the account, and the
//! report of that copy under those prices is the answer. Not for hot paths: every array is priced anew.

use alloc::{collections::BTreeMap, vec::Vec};
use ballast_exchange::{
	Account, AccountKey, ExpiryId, Lots, MarginKind, MicroUsd, OptionKind, OptionPrice, Ppb, Price,
	PriceSource, PricedExpiry, SeriesId, Side, SviParameters, SviSlice, UnderlyingId,
};
use ballast_risk::{
	Expiry, ExpiryContext, LiquidationPrices, PricedMarket, RiskError, SearchRange,
};
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::ensure;
use scale_info::TypeInfo;

use crate::{
	cache::{Arrays, Dated, PriceCache},
	fees,
	inputs::MarginError,
	margin::{is_cash_only, load_prices, loaded_margin, underlyings_of, with_portfolio},
	pallet::*,
	report::loaded_report,
	types::{add_cash, add_lots},
	AccountReport,
};

/// Most trades in one simulation.
pub const MAX_HYPOTHETICAL_TRADES: usize = 64;
const BILLION: i128 = 1_000_000_000;
/// Largest move of spot or volatilities up: sixfold.
const MAX_MOVE_PPB: i64 = 5_000_000_000;
/// Steps to each side in the search for liquidation prices under standard margin.
const STEPS: i64 = 32;

/// A trade that is being considered, filled as a whole at its price by the side that takes.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct HypotheticalTrade {
	/// The series: any strike of an expiry that is priced, listed or not.
	pub series: SeriesId,
	/// Buy or sell.
	pub side: Side,
	/// Size, above zero.
	pub lots: Lots,
	/// Price, micro-USD per contract.
	pub price: OptionPrice,
}

/// What is to be assumed. [`Simulation::default`] assumes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Simulation {
	/// Trades, made at the market as it is, before it moves; at most [`MAX_HYPOTHETICAL_TRADES`].
	pub trades: Vec<HypotheticalTrade>,
	/// Relative move of the spot of every underlying, above -1 and at most 5, parts per billion.
	pub spot_move_ppb: i64,
	/// Relative move of every volatility, -1 to 5, parts per billion. The volatility of a strike does not
	/// follow spot.
	pub vol_move_ppb: i64,
	/// Time that passes, seconds.
	pub seconds_forward: u32,
}

/// What a simulation says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Simulated {
	/// The account under the shocked market, open orders included.
	pub report: AccountReport,
	/// Nearest spots at which maintenance margin is below zero, by underlying, the others' spots staying.
	/// An underlying whose search leaves the range of prices is left out.
	pub liquidation: Vec<(UnderlyingId, LiquidationPrices)>,
}

/// Ratios by which a market moves.
#[derive(Clone, Copy)]
struct Shock {
	/// New spot by old.
	spot: i64,
	/// A further ratio on the spot of one underlying.
	further: Option<(UnderlyingId, i64)>,
	/// New volatilities by old.
	vol: i64,
	/// Time that passes.
	seconds: u32,
}

/// A moved market.
struct Shocked {
	cache: PriceCache,
	contexts: BTreeMap<ExpiryId, ExpiryContext>,
}

impl<T: Config> Pallet<T> {
	/// Report and liquidation prices of an account if it made these trades and the market moved so.
	pub fn simulate(
		key: &AccountKey<T::AccountId>,
		simulation: &Simulation,
	) -> Result<Simulated, Error<T>> {
		let account = Accounts::<T>::get(key).ok_or(Error::<T>::AccountNotFound)?;
		Self::simulate_account(account, simulation)
	}

	/// The same of any account record.
	pub fn simulate_account(
		mut account: Account,
		simulation: &Simulation,
	) -> Result<Simulated, Error<T>> {
		let shock = Shock::of(simulation).ok_or(Error::<T>::SimulationOutOfRange)?;
		let mut cache = PriceCache::default();
		for trade in &simulation.trades {
			Self::make(&mut cache, &mut account, trade)?;
		}
		if is_cash_only(&account) {
			let report = loaded_report(&cache, &account, true)?;
			return Ok(Simulated { report, liquidation: Vec::new() });
		}
		let fresh = load_prices::<T>(&mut cache, &account)?.fresh;
		for underlying in underlyings_of(&cache, &account) {
			// Pricing an expiry needs the grid of its underlying, whatever the account's rules.
			let _ = cache.load_portfolio::<T::Markets>(underlying);
		}
		let shocked = shocked::<T>(&cache, &account, &shock)?;
		let report = loaded_report(&shocked.cache, &account, fresh)?;
		let liquidation = liquidation::<T>(&cache, &shocked, &account, &shock);
		Ok(Simulated { report, liquidation })
	}

	/// Adds a hypothetical trade to an account record.
	fn make(
		cache: &mut PriceCache,
		account: &mut Account,
		trade: &HypotheticalTrade,
	) -> Result<(), Error<T>> {
		let HypotheticalTrade { series, side, lots, price } = *trade;
		ensure!(lots > 0, Error::<T>::InvalidFill);
		let terms = *cache
			.load_terms::<T::Markets>(series.underlying)
			.ok_or(Error::<T>::UnknownUnderlying)?;
		cache.load_spot::<T::Markets>(series.underlying).ok_or(Error::<T>::PricesMissing)?;
		let spot = cache.spots.get(&series.underlying).ok_or(Error::<T>::PricesMissing)?;
		let large = Error::<T>::AmountTooLarge;
		let fees = fees::of_fill(&terms, spot.value.price, lots, price).ok_or(large)?;
		let large = Error::<T>::AmountTooLarge;
		let (floor, ceil) = terms.cost(lots, price).ok_or(large)?;
		let change = if side == Side::Buy { -ceil } else { floor };
		let change = change.checked_sub(fees.taker).ok_or(Error::<T>::AmountTooLarge)?;
		account.cash = add_cash(account.cash, change)?;
		add_lots(account, series, side.signed(lots))?;
		Ok(())
	}
}

impl Shock {
	fn of(simulation: &Simulation) -> Option<Self> {
		let one = Ppb::ONE.0;
		let Simulation { trades, spot_move_ppb, vol_move_ppb, seconds_forward } = simulation;
		let in_range = (1 - one..=MAX_MOVE_PPB).contains(spot_move_ppb)
			&& (-one..=MAX_MOVE_PPB).contains(vol_move_ppb)
			&& trades.len() <= MAX_HYPOTHETICAL_TRADES;
		in_range.then(|| Self {
			spot: one + spot_move_ppb,
			further: None,
			vol: one + vol_move_ppb,
			seconds: *seconds_forward,
		})
	}

	/// Ratio of the spot of an underlying, in billionths.
	fn ratio(&self, underlying: UnderlyingId) -> i128 {
		let ratio = i128::from(self.spot);
		match self.further {
			Some((moved, further)) if moved == underlying => ratio * i128::from(further) / BILLION,
			_ => ratio,
		}
	}
}

/// A price times a ratio in billionths, rounded down.
fn scaled(price: Price, ratio: i128) -> Result<Price, MarginError> {
	// 2^63 * 2^35 fits.
	let pico = i128::from(price.pico_usd()) * ratio / BILLION;
	let pico = i64::try_from(pico).map_err(|_| MarginError::TooLarge)?;
	Price::from_pico_usd(pico).map_err(|_| MarginError::TooLarge)
}

/// The loaded market after a shock, with the arrays of the series that the account touches.
fn shocked<T: Config>(
	cache: &PriceCache,
	account: &Account,
	shock: &Shock,
) -> Result<Shocked, MarginError> {
	let mut moved = Shocked {
		cache: PriceCache {
			work: cache.work,
			quote: cache.quote.clone(),
			spots: cache.spots.clone(),
			terms: cache.terms.clone(),
			expiries: BTreeMap::new(),
			portfolio: cache.portfolio.clone(),
			standard: cache.standard.clone(),
			collaterals: cache.collaterals.clone(),
			watched: cache.watched.clone(),
			open_interest: cache.open_interest.clone(),
		},
		contexts: BTreeMap::new(),
	};
	for (underlying, spot) in &mut moved.cache.spots {
		spot.value.price = scaled(spot.value.price, shock.ratio(*underlying))?;
	}
	for (id, arrays) in &cache.expiries {
		let context = context::<T>(cache, id, &arrays.value.priced, shock)?;
		let priced = reprice(account, id, &arrays.value.priced, &context, shock)?;
		let dated = Dated { value: Arrays::new(priced), fresh: arrays.fresh };
		moved.cache.expiries.insert(*id, dated);
		moved.contexts.insert(*id, context);
	}
	Ok(moved)
}

/// One expiry after a shock.
fn context<T: Config>(
	cache: &PriceCache,
	id: &ExpiryId,
	priced: &PricedExpiry,
	shock: &Shock,
) -> Result<ExpiryContext, MarginError> {
	let (underlying, moment) = *id;
	let rules = cache.portfolio.get(&underlying).ok_or(MarginError::PricesMissing)?;
	let window = T::PriceInputs::settlement_window_millis() / 1_000;
	let window = u32::try_from(window).map_err(|_| MarginError::TooLarge)?.max(1);
	let price = T::PriceInputs::expiry(underlying, moment).ok_or(MarginError::PricesMissing)?;
	// A simulation says in its report whether prices are fresh.
	let price = price.regardless_of_age();
	// The part of the forward that the settlement average has fixed does not move.
	let live = i128::from(priced.seconds.min(window));
	let ratio = BILLION + (shock.ratio(underlying) - BILLION) * live / i128::from(window);
	let expiry = Expiry {
		seconds: priced.seconds.saturating_sub(shock.seconds),
		forward: scaled(priced.forward, ratio)?,
		forward_confidence: price.forward_confidence,
		rate: price.rate,
		rate_confidence: price.rate_confidence,
		vol_confidence: price.vol_confidence,
		svi: moved_slice(&price.svi, shock.vol)?,
	};
	let (parameters, scenarios) = (&rules.parameters, &rules.scenarios);
	Ok(ExpiryContext::with_window(parameters, scenarios, &expiry, window)?)
}

/// A slice whose volatilities are all moved: total variance goes with their square.
fn moved_slice(svi: &SviParameters, ratio: i64) -> Result<SviSlice, MarginError> {
	let square = i128::from(ratio) * i128::from(ratio);
	let variance = |bits: i64| -> Result<i64, MarginError> {
		// A parameter within 2^60 times 3.6e19 stays within 2^126; one outside is refused below.
		let product = i128::from(bits).checked_mul(square).ok_or(MarginError::TooLarge)?;
		i64::try_from(product / (BILLION * BILLION)).map_err(|_| MarginError::TooLarge)
	};
	let moved = SviParameters { a: variance(svi.a)?, b: variance(svi.b)?, ..*svi };
	moved.slice().map_err(|_| MarginError::TooLarge)
}

/// Arrays and values of the series of an expiry that the account touches.
fn reprice(
	account: &Account,
	id: &ExpiryId,
	priced: &PricedExpiry,
	context: &ExpiryContext,
	shock: &Shock,
) -> Result<PricedExpiry, MarginError> {
	let of_expiry = |series: &SeriesId| series.expiry_id() == *id;
	let held = account.positions.iter().map(|position| position.series);
	let touched = held.chain(account.orders.iter().map(|order| order.series)).filter(of_expiry);
	let mut strikes: Vec<u64> = touched.map(|series| series.strike).collect();
	strikes.sort_unstable();
	strikes.dedup();
	let width = context.width();
	let mut entries = alloc::vec![0; 2 * strikes.len() * width];
	let mut values = Vec::with_capacity(2 * strikes.len());
	let kinds = [OptionKind::Call, OptionKind::Put];
	let series = strikes.iter().flat_map(|strike| kinds.map(|kind| (*strike, kind)));
	for ((strike, kind), out) in series.zip(entries.chunks_exact_mut(width)) {
		let micro = i64::try_from(strike).map_err(|_| MarginError::TooLarge)?;
		let strike = Price::from_micro_usd(micro).map_err(|_| MarginError::TooLarge)?;
		context.price(kind, strike, out)?;
		values.push(context.undiscounted(kind, strike, context.vol(strike)?)?);
	}
	let spot = ballast_exchange::SpotPrice {
		price: scaled(priced.spot.price, shock.ratio(id.0))?,
		..priced.spot
	};
	Ok(PricedExpiry {
		round: priced.round,
		at: priced.at,
		spot,
		seconds: priced.seconds.saturating_sub(shock.seconds),
		forward: context.forward(),
		confidence: priced.confidence,
		terms: context.terms(),
		strikes,
		width: width as u32,
		entries,
		values,
	})
}

/// Liquidation prices by underlying.
fn liquidation<T: Config>(
	cache: &PriceCache,
	shocked: &Shocked,
	account: &Account,
	shock: &Shock,
) -> Vec<(UnderlyingId, LiquidationPrices)> {
	let underlyings = match account.margin {
		MarginKind::Portfolio(underlying) => alloc::vec![underlying],
		MarginKind::Standard => underlyings_of(cache, account),
	};
	let of = |underlying| {
		let found = match account.margin {
			MarginKind::Portfolio(_) => portfolio_liquidation(shocked, account, underlying),
			MarginKind::Standard => standard_liquidation::<T>(cache, account, shock, underlying),
		};
		Some((underlying, found.ok()?))
	};
	underlyings.into_iter().filter_map(of).collect()
}

fn portfolio_liquidation(
	shocked: &Shocked,
	account: &Account,
	underlying: UnderlyingId,
) -> Result<LiquidationPrices, MarginError> {
	with_portfolio(&shocked.cache, account, underlying, |model, legs, seen| {
		let of = |moment: &u64| shocked.contexts.get(&(underlying, *moment)).copied();
		let contexts: Option<Vec<ExpiryContext>> = legs.moments.iter().map(of).collect();
		let contexts = contexts.ok_or(RiskError::UnknownExpiry)?;
		let market = seen.round.market;
		let priced = PricedMarket { market, contexts: &contexts, series: &legs.series };
		let range = SearchRange::around(market.spot);
		model.liquidation_prices(&priced, &seen.book, &seen.adjustments, &range)
	})
}

/// Walks the spot of one underlying from where it is to a tenth and to three times, then halves.
fn standard_liquidation<T: Config>(
	cache: &PriceCache,
	account: &Account,
	shock: &Shock,
	underlying: UnderlyingId,
) -> Result<LiquidationPrices, MarginError> {
	let at = |ratio: i64| -> Result<(MicroUsd, Price), MarginError> {
		let further = Shock { further: Some((underlying, ratio)), ..*shock };
		let moved = shocked::<T>(cache, account, &further)?;
		let spot = moved.cache.market(underlying)?.spot;
		Ok((loaded_margin(&moved.cache, account)?.maintenance, spot))
	};
	let one = Ppb::ONE.0;
	let (surplus, spot) = at(one)?;
	if surplus < 0 {
		return Ok(LiquidationPrices { below: Some(spot), above: Some(spot) });
	}
	let walk = |end: i64| -> Result<Option<Price>, MarginError> {
		let mut safe = one;
		for step in 1..=STEPS {
			let next = one + (end - one) / STEPS * step;
			if at(next)?.0 < 0 {
				let mut failed = next;
				while (failed - safe).abs() > 1_000 {
					let middle = safe + (failed - safe) / 2;
					*(if at(middle)?.0 < 0 { &mut failed } else { &mut safe }) = middle;
				}
				return Ok(Some(at(failed)?.1));
			}
			safe = next;
		}
		Ok(None)
	};
	Ok(LiquidationPrices { below: walk(one / 10)?, above: walk(3 * one)? })
}
