// SPDX-License-Identifier: Apache-2.0
//! What the node, wallets and bots can ask the exchange's runtime.
#![cfg_attr(not(feature = "std"), no_std)]
// `decl_runtime_apis!` generates items without docs.
#![allow(missing_docs)]

extern crate alloc;

use alloc::vec::Vec;
use ballast_exchange::{
	Lots, MarketTerms, MicroUsd, Moment, OptionPrice, Ppb, Price, RoundNumber, SeriesId,
	SeriesQuote, SettlementAverage, Side, UnderlyingId,
};
use codec::{Codec, Decode, Encode};
use scale_info::TypeInfo;

/// An underlying that wants prices.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ListedUnderlying {
	/// Its number.
	pub underlying: UnderlyingId,
	/// Its symbol, in ASCII.
	pub symbol: Vec<u8>,
	/// Its expiries that trade, ascending, milliseconds since the epoch.
	pub expiries: Vec<Moment>,
}

/// An underlying as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct MarketInfo {
	/// Its number.
	pub underlying: UnderlyingId,
	/// Its symbol, in ASCII.
	pub symbol: Vec<u8>,
	/// The terms its options trade on.
	pub terms: MarketTerms,
	/// Spot in micro-USD, rounded down; `None` before the first round.
	pub spot: Option<OptionPrice>,
	/// Confidence of spot, parts per billion.
	pub spot_confidence: Ppb,
	/// Age of the round, milliseconds.
	pub age_millis: u64,
	/// Number of the round.
	pub round: RoundNumber,
	/// Realised volatility per year, parts per billion.
	pub realised_vol: Option<Ppb>,
	/// Its expiries that are not pruned, ascending, milliseconds since the epoch.
	pub expiries: Vec<Moment>,
}

/// One price level of a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Level {
	/// Price in micro-USD per contract.
	pub price: OptionPrice,
	/// Lots that rest at it.
	pub lots: Lots,
	/// Orders that rest at it.
	pub orders: u32,
}

/// The best levels of a book.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Depth {
	/// Bids, highest first.
	pub bids: Vec<Level>,
	/// Asks, lowest first.
	pub asks: Vec<Level>,
}

/// A series with its mark, greeks and the top of its book.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SeriesInfo {
	/// Its name, such as `BTC-26DEC26-100000-C`, in ASCII.
	pub name: Vec<u8>,
	/// Mark, volatility, greeks.
	pub quote: SeriesQuote,
	/// Best bid.
	pub bid: Option<Level>,
	/// Best ask.
	pub ask: Option<Level>,
	/// Lots open: the sum of all long positions.
	pub open_interest: Lots,
}

/// The settlement of an expiry as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct SettlementInfo {
	/// Average of spot over the part of the window that has passed, pico-USD.
	pub average: Option<Price>,
	/// Share of the window that has passed, parts per billion.
	pub elapsed: Ppb,
	/// Whether it changes no more.
	pub is_final: bool,
}

impl From<SettlementAverage> for SettlementInfo {
	fn from(of: SettlementAverage) -> Self {
		Self { average: of.average, elapsed: of.elapsed, is_final: of.is_final }
	}
}

/// What a trade costs beside its premium, and both together: what is left of an option's edge once the chain is paid for.
///
/// Premium and fees of the exchange are micro-USD, fees of transactions are the native token's smallest units: the chain
/// knows no price of its token, so that the two are not added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct TradeCost<Balance> {
	/// Premium at the mark for all lots, micro-USD, rounded against the trader; `None` while the series is not priced.
	pub premium: Option<MicroUsd>,
	/// Premium with the expected fees of opening, closing and exercise, micro-USD. What a buyer pays in all:
	/// `premium + opening_fee + closing_fee + exercise`. What a seller keeps: `premium - opening_fee - closing_fee - exercise`.
	/// `None` while the series is not priced.
	pub gas_adjusted_premium: Option<MicroUsd>,
	/// Largest taker fee for opening, micro-USD.
	pub opening_fee: MicroUsd,
	/// The same for closing at the mark.
	pub closing_fee: MicroUsd,
	/// Fee of the transaction that opens, at the present price of its lane.
	pub opening_transaction: Balance,
	/// What has to be there for the fee of a reduce-only order that closes. It is charged only if the order fails or fills nothing.
	pub closing_transaction: Balance,
	/// Fees expected of all transactions together: `opening_transaction`, nothing for a closing that succeeds, nothing for
	/// exercise, which is no transaction.
	pub expected_transaction_fees: Balance,
	/// Settlement at expiry is the protocol's work: nothing.
	pub exercise: MicroUsd,
}

/// An account under maintenance margin that no auction runs on.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Missed<Key> {
	/// The account.
	pub account: Key,
	/// Value of what it holds, cash included, micro-USD.
	pub equity: MicroUsd,
	/// Maintenance margin, below zero, micro-USD.
	pub maintenance: MicroUsd,
}

/// Some accounts, each of them margined: whether the search for accounts in danger has missed any.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Audit<Key> {
	/// Accounts that were margined.
	pub checked: u32,
	/// Accounts on auction: not margined.
	pub frozen: u32,
	/// Accounts whose prices are stale or whose books cannot be priced: nobody may liquidate them now.
	pub unpriced: u32,
	/// The account to go on after; `None` if there is no further one.
	pub last: Option<Key>,
	/// Those that are liquidatable.
	pub missed: Vec<Missed<Key>>,
}

sp_api::decl_runtime_apis! {
	/// What an author asks for while it makes a block.
	pub trait AuthoringApi {
		/// Does the protocol's part of the block, after the inherents, unless it is done. The first transaction would do it, and
		/// take it along if it does not get in.
		fn apply_protocol_part();
	}

	/// What the author of a block has to report prices for.
	pub trait PriceFeedApi {
		/// The underlyings and their expiries.
		fn listed() -> Vec<ListedUnderlying>;
	}

	/// The exchange, as wallets and bots see it.
	pub trait ExchangeApi<AccountId, Report, Simulation, SimulationResult>
	where
		AccountId: Codec,
		Report: Codec,
		Simulation: Codec,
		SimulationResult: Codec,
	{
		/// Every underlying.
		fn markets() -> Vec<MarketInfo>;
		/// The series of one expiry, calls and puts by strike.
		fn series(underlying: UnderlyingId, expiry: Moment) -> Vec<SeriesInfo>;
		/// The best `levels` levels of a book, at most 100 on each side.
		fn depth(series: SeriesId, levels: u32) -> Depth;
		/// An account with every part of its margin; `None` if it does not exist.
		fn account(owner: AccountId, index: u16) -> Report;
		/// An account after hypothetical trades in a shocked market, through the same code that margin runs.
		fn simulate(owner: AccountId, index: u16, simulation: Simulation) -> SimulationResult;
		/// The settlement average of an expiry so far.
		fn settlement(underlying: UnderlyingId, expiry: Moment) -> SettlementInfo;
	}

	/// How the chain keeps the exchange solvent: auctions, the search, lanes.
	pub trait SolvencyApi<AccountId, Key, Auction, Figures, Lanes, Balance>
	where
		AccountId: Codec,
		Key: Codec,
		Auction: Codec,
		Figures: Codec,
		Lanes: Codec,
		Balance: Codec,
	{
		/// Accounts on auction with what they sell and what it costs now: at most 100, those after `after`.
		fn auctions(after: Option<Key>, limit: u32) -> Vec<Auction>;
		/// The auction of one account.
		fn auction(owner: AccountId, index: u16) -> Option<Auction>;
		/// The search for accounts in danger, backlog, delay, insurance, vault, parameters.
		fn figures() -> Figures;
		/// Budgets, use, prices of the lanes in the last block.
		fn lanes() -> Lanes;
		/// Margins every account after `after`, at most `limit` and a thousand of them: what the search has to have found.
		fn audit(after: Option<Key>, limit: u32) -> Audit<Key>;
		/// What buying or selling lots of a series costs beside its premium, and both together: the gas-adjusted premium.
		fn trade_cost(series: SeriesId, side: Side, lots: Lots) -> TradeCost<Balance>;
	}
}
