// SPDX-License-Identifier: Apache-2.0
//! The vocabulary of the exchange: ids, units, records, and the traits by which one pallet asks
//! another.
//!
//! Money is whole micro-USD ([`MicroUsd`]), an option's price is micro-USD per contract
//! ([`OptionPrice`]), sizes are whole lots ([`Lots`]), times are milliseconds since the epoch
//! ([`Moment`]), ratios are parts per billion ([`Ppb`]).
//!
//! The traits follow the layers: `prices` implements [`PriceSource`], `options` reads it and
//! implements [`Markets`], `clearing` reads that and implements [`Clearing`], `order-book` reads
//! that; `liquidation` asks [`Custody`] of clearing. Two traits point up: [`ListedExpiries`] tells
//! `prices` what is listed, [`RiskWatch`] tells clearing how the search for accounts in danger stands.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

mod account;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod clearing;
mod ids;
mod info;
mod liquidation;
mod market;
mod price;
mod report;

pub use account::{
	Account, AccountKey, MarginKind, OpenOrder, Position, MAX_ACCOUNT_EXPIRIES, MAX_COLLATERALS,
	MAX_POSITIONS, MAX_RECENT_CLIENT_IDS, MAX_RESTING_ORDERS,
};
#[cfg(feature = "runtime-benchmarks")]
pub use benchmarking::BenchmarkHelper;
pub use clearing::{Clearing, Fees, Fill};
pub use ids::{
	AssetId, ClientOrderId, ExpiryId, MicroUsd, Moment, OptionPrice, OrderId, RoundNumber,
	SeriesId, UnderlyingId, MICRO_PER_USD,
};
pub use info::{Greeks, SeriesQuote};
pub use liquidation::{Custody, Exposure, MarginConditions, OrderCanceller, RiskWatch, Safety};
pub use market::{
	MarketTerms, Markets, PortfolioModel, PricedExpiry, Scenarios, SeriesStatus, Settling,
};
pub use price::{
	Aged, ExpiryPrice, ListedExpiries, PriceSource, SettlementAverage, SpotPrice, StalePrice,
};
pub use report::{
	ExpiryReport, PriceReport, SviParameters, UnderlyingReport, INHERENT_IDENTIFIER,
	MAX_REPORTED_EXPIRIES, MAX_REPORTED_UNDERLYINGS,
};

pub use ballast_pricing::{black76::OptionKind, Price, SviSlice};
pub use ballast_risk::{Lots, Margin, Ppb, Side};
