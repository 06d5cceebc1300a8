// SPDX-License-Identifier: Apache-2.0

//! The answers of `ExchangeApi`, put together from what the pallets of the exchange say.

use crate::{AccountId, Clearing, Options, OrderBook, Prices, Runtime};
use alloc::vec::Vec;
use ballast_exchange::{
	ListedExpiries, Lots, Markets, Moment, OptionPrice, PriceSource, SeriesId, SeriesQuote,
	UnderlyingId,
};
use ballast_runtime_api::{Depth, Level, ListedUnderlying, MarketInfo, SeriesInfo, SettlementInfo};
use pallet_clearing::{AccountReport, Simulated, Simulation};
use sp_runtime::DispatchError;

/// Most levels of each side in one answer.
const MAX_LEVELS: u32 = 100;

pub fn listed() -> Vec<ListedUnderlying> {
	Options::listed()
		.into_iter()
		.map(|(underlying, symbol, expiries)| ListedUnderlying { underlying, symbol, expiries })
		.collect()
}

pub fn markets() -> Vec<MarketInfo> {
	<Options as ListedExpiries>::underlyings().into_iter().filter_map(market).collect()
}

fn market(underlying: UnderlyingId) -> Option<MarketInfo> {
	let record = pallet_options::Underlyings::<Runtime>::get(underlying)?;
	let aged = <Prices as PriceSource>::spot(underlying);
	let age_millis = aged.as_ref().map_or(0, |spot| spot.age_millis());
	let spot = aged.map(|spot| spot.regardless_of_age());
	Some(MarketInfo {
		underlying,
		symbol: record.symbol.into_inner(),
		terms: record.terms,
		spot: spot.and_then(|spot| OptionPrice::try_from(spot.price.to_micro_usd_floor()).ok()),
		spot_confidence: spot.map(|spot| spot.confidence).unwrap_or_default(),
		age_millis,
		round: <Prices as PriceSource>::round(underlying),
		realised_vol: <Prices as PriceSource>::realised_vol(underlying),
		expiries: <Options as Markets>::expiries(underlying),
	})
}

pub fn series(underlying: UnderlyingId, expiry: Moment) -> Vec<SeriesInfo> {
	SeriesQuote::of_expiry::<Options, Prices>(underlying, expiry)
		.into_iter()
		.map(|quote| {
			let (bid, ask) = OrderBook::best(&quote.series);
			SeriesInfo {
				name: Options::series_name(&quote.series),
				bid: bid.map(level),
				ask: ask.map(level),
				open_interest: pallet_clearing::OpenInterest::<Runtime>::get(quote.series),
				quote,
			}
		})
		.collect()
}

pub fn depth(series: &SeriesId, levels: u32) -> Depth {
	let (bids, asks) = OrderBook::depth(series, levels.min(MAX_LEVELS));
	let levels = |side: Vec<(OptionPrice, Lots, u32)>| side.into_iter().map(level).collect();
	Depth { bids: levels(bids), asks: levels(asks) }
}

fn level((price, lots, orders): (OptionPrice, Lots, u32)) -> Level {
	Level { price, lots, orders }
}

pub fn account(owner: AccountId, index: u16) -> Option<AccountReport> {
	Clearing::account_report(owner, index)
}

pub fn simulate(
	owner: AccountId,
	index: u16,
	simulation: Simulation,
) -> Result<Simulated, DispatchError> {
	let key = ballast_exchange::AccountKey { owner, index };
	Ok(Clearing::simulate(&key, &simulation)?)
}

pub fn settlement(underlying: UnderlyingId, expiry: Moment) -> SettlementInfo {
	<Prices as PriceSource>::settlement(underlying, expiry).into()
}
