// SPDX-License-Identifier: Apache-2.0
//! Margin in integers: risk arrays, portfolio margin, standard margin, liquidation auctions.
//!
//! Every function gives the same bits natively and in WebAssembly, allocates nothing, and answers
//! an argument outside its range with an error. Results are micro-USD, rounded against the account.
//! The README of the crate states the rules, the units and the bounds, and walks through a book.
#![cfg_attr(not(any(feature = "std", test)), no_std)]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod auction;
mod book;
mod buffers;
mod error;
mod factor;
mod market;
mod model;
mod parameters;
mod portfolio;
mod standard;
mod units;

pub use ballast_pricing::{black76::OptionKind, Price, SviSlice};

pub use auction::{AuctionParameter, AuctionParameters, AuctionPhase, AuctionState, Quote};
pub use book::{Book, Collateral, Order, Perpetual, Position, Side};
pub use buffers::{
	ConcentrationParameter, ConcentrationParameters, DelayMeasure, DelayParameter, DelayParameters,
	MultiplierParameter, MultiplierParameters,
};
pub use error::{ArgumentError, List, RiskError};
pub use factor::Factor;
pub use market::{Expiry, Market, Series};
pub use model::{Margin, MarginModel};
pub use parameters::{ParameterError, ParameterRange};
pub use portfolio::*;
pub use standard::*;
pub use units::*;

/// Runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
