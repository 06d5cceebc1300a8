// SPDX-License-Identifier: Apache-2.0

//! Which options a run trades, and at which prices.

use crate::{
	charge::number_constant,
	error::{Context, Failure, Result},
	node::AtBlock,
	values::{items, number, variant},
};
use subxt::dynamic::{runtime_api_call, At, Value};

/// Series a run trades: several, so that no single book is all there is.
const SERIES: usize = 8;
/// Prices that resting bids use.
const LEVELS: u64 = 100;
/// Least mark of a series in ticks: bids rest at no more than half of it.
const LEAST_MARK_TICKS: u64 = 2 * LEVELS;
/// Initial margin kept for a short option, percent of spot: more than any option needs.
const SHORT_MARGIN_PERCENT: u128 = 30;
/// Orders that cash is kept for beside those of the run.
const SPARE_ORDERS: usize = 20;

/// On which terms an underlying's options trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
	/// Step of prices, micro-USD per contract.
	pub tick: u64,
	pub lots_per_contract: u64,
	pub min_lots: u64,
	pub max_lots: u64,
}

/// An option to trade.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
	/// Such as `DOT-25JUN27-8-C`.
	pub name: String,
	/// As the chain names it in calls.
	pub id: Value,
	/// Micro-USD per contract.
	pub mark: u64,
}

/// The options a run trades.
#[derive(Debug, Clone)]
pub struct Market {
	pub underlying: u16,
	pub terms: Terms,
	/// Micro-USD.
	pub spot: u64,
	/// Cheapest first.
	pub series: Vec<Series>,
	/// The asset that options are paid in; one unit is one micro-USD.
	pub settlement_asset: u128,
	/// Held of the native token for a margin account.
	pub account_deposit: u128,
}

/// An underlying as the chain lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Listing {
	underlying: u16,
	terms: Terms,
	spot: u64,
	/// Ascending, milliseconds since the epoch.
	expiries: Vec<u64>,
}

impl Listing {
	/// Micro-USD at spot of one smallest order.
	fn order_value(&self) -> u128 {
		value(self.spot, self.terms.min_lots, self.terms.lots_per_contract)
	}
}

/// What `lots` cost at a price per contract, rounded up.
fn value(price: u64, lots: u64, lots_per_contract: u64) -> u128 {
	let total = u128::from(price).saturating_mul(lots.into());
	total.div_ceil(u128::from(lots_per_contract.max(1)))
}

/// Number of an order that its client chose: unlike that of any order of another run.
pub fn client_id(run: u64, order: usize) -> u64 {
	(run << 20) | (order as u64 & 0xf_ffff)
}

impl Market {
	/// Reads the market of `underlying`; without one, of that whose orders are worth least: the least
	/// money then backs a run.
	pub async fn read(at: &AtBlock, underlying: Option<u16>) -> Result<Self> {
		let markets = ask(at, "markets", Vec::new()).await?;
		let listing = pick(items(&markets).into_iter().filter_map(listing).collect(), underlying)?;
		// Far from settlement during the run, and out of the way of who trades what is near.
		for expiry in listing.expiries.iter().rev() {
			let of_expiry =
				vec![Value::u128(listing.underlying.into()), Value::u128((*expiry).into())];
			let answer = ask(at, "series", of_expiry).await?;
			let priced = items(&answer).into_iter().filter_map(series).collect();
			if let Some(series) = tradable(priced, listing.terms.tick) {
				return Self::of(at, &listing, series);
			}
		}
		Err(Failure::new(format!(
			"underlying {} has no expiry with {SERIES} series worth {LEAST_MARK_TICKS} ticks: \
			 are there prices?",
			listing.underlying
		)))
	}

	fn of(at: &AtBlock, listing: &Listing, series: Vec<Series>) -> Result<Self> {
		Ok(Self {
			underlying: listing.underlying,
			terms: listing.terms,
			spot: listing.spot,
			series,
			settlement_asset: number_constant(at, "Clearing", "SettlementAsset")?,
			account_deposit: number_constant(at, "Clearing", "AccountDeposit")?,
		})
	}

	/// Number of the margin account that each sender trades this underlying with: an account under
	/// portfolio margin takes no other.
	pub fn index(&self) -> u16 {
		self.underlying
	}

	/// Native token for opening a margin account: its deposit, and as much for fees.
	pub fn native_once(&self) -> u128 {
		self.account_deposit.saturating_mul(2)
	}

	/// The series an account trades; there is always one.
	pub fn series_of(&self, account: usize) -> &Series {
		&self.series[account % self.series.len()]
	}

	/// Where makers sell: twice the mark, so that no move of the market during a run matters.
	pub fn ask(&self, series: &Series) -> u64 {
		let ticks = series.mark.saturating_mul(2).div_ceil(self.terms.tick);
		ticks.saturating_mul(self.terms.tick)
	}

	/// The lowest prices there are, in turn: far below the market, and no level holds many orders.
	pub fn bid(&self, order: usize) -> u64 {
		let ticks = (order as u64 % LEVELS).saturating_add(1);
		ticks.saturating_mul(self.terms.tick)
	}

	/// Micro-USD that pay for `orders` smallest orders at the highest ask and their fees.
	pub fn premium_of(&self, orders: usize) -> u128 {
		let highest = self.series.iter().map(|series| self.ask(series)).max().unwrap_or(0);
		let one = value(highest, self.terms.min_lots, self.terms.lots_per_contract);
		let orders = orders.saturating_add(SPARE_ORDERS) as u128;
		// Fees are at most an eighth of the premium.
		one.saturating_mul(orders).saturating_mul(3) / 2
	}

	/// Micro-USD of margin for being short `lots`.
	pub fn short_margin(&self, lots: u64) -> u128 {
		let notional = value(self.spot, lots, self.terms.lots_per_contract);
		notional.saturating_mul(SHORT_MARGIN_PERCENT).div_ceil(100)
	}
}

fn pick(mut listings: Vec<Listing>, underlying: Option<u16>) -> Result<Listing> {
	if let Some(wanted) = underlying {
		listings.retain(|listing| listing.underlying == wanted);
	}
	listings.into_iter().min_by_key(Listing::order_value).ok_or_else(|| match underlying {
		Some(wanted) => Failure::new(format!("underlying {wanted} is not listed or has no price")),
		None => Failure::new("the chain has no underlying with a price"),
	})
}

/// The cheapest series that leave room for bids below their marks, if they are enough.
fn tradable(mut series: Vec<Series>, tick: u64) -> Option<Vec<Series>> {
	let least = tick.saturating_mul(LEAST_MARK_TICKS);
	series.retain(|series| series.mark >= least);
	series.sort_by_key(|series| series.mark);
	series.truncate(SERIES);
	(series.len() == SERIES).then_some(series)
}

/// Calls a function of `ExchangeApi`.
async fn ask(at: &AtBlock, function: &str, arguments: Vec<Value>) -> Result<Value> {
	let call = runtime_api_call::<Vec<Value>, Value>("ExchangeApi", function, arguments);
	at.runtime_apis().call(call).await.context(format!("asking ExchangeApi.{function}"))
}

/// An underlying with a price and valid terms.
fn listing(market: &Value) -> Option<Listing> {
	let terms = market.at("terms");
	let lots_per_contract = number(terms.at("lots_per_contract"))?;
	let tick = number(terms.at("tick"))?;
	(lots_per_contract > 0 && tick > 0).then_some(())?;
	Some(Listing {
		underlying: number(market.at("underlying"))?.try_into().ok()?,
		terms: Terms {
			tick,
			lots_per_contract,
			min_lots: number(terms.at("min_order_lots"))?,
			max_lots: number(terms.at("max_order_lots"))?,
		},
		spot: number(market.at("spot").at(0))?,
		expiries: items(market.at("expiries")?)
			.into_iter()
			.filter_map(|at| number(Some(at)))
			.collect(),
	})
}

/// A series that trades and has a mark.
fn series(info: &Value) -> Option<Series> {
	let quote = info.at("quote")?;
	(variant(quote.at("status")?)? == "Trading").then_some(())?;
	let name =
		items(info.at("name")?).into_iter().filter_map(|byte| number(Some(byte))?.try_into().ok());
	Some(Series {
		name: String::from_utf8(name.collect()).ok()?,
		id: quote.at("series")?.clone(),
		mark: number(quote.at("mark").at(0))?,
	})
}

#[cfg(test)]
impl Market {
	/// Eight series at 0.1 to 0.8 dollars on a tick of 0.0005, as of DOT.
	pub fn example() -> Self {
		let series = |number: u64| Series {
			name: format!("DOT-{number}"),
			id: Value::u128(number.into()),
			mark: number * 100_000,
		};
		Self {
			underlying: 3,
			terms: Terms { tick: 500, lots_per_contract: 1, min_lots: 1, max_lots: 100_000 },
			spot: 7_000_000,
			series: (1..=8).map(series).collect(),
			settlement_asset: 1,
			account_deposit: 6_600,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn listing_of(underlying: u16, spot: u64, lots_per_contract: u64) -> Listing {
		let terms = Terms { tick: 1, lots_per_contract, min_lots: 1, max_lots: 9 };
		Listing { underlying, terms, spot, expiries: vec![1] }
	}

	#[test]
	fn the_market_with_the_least_worth_order_should_be_picked_unless_one_is_named() {
		let all =
			|| vec![listing_of(1, 95_000, 100), listing_of(2, 3_400, 10), listing_of(3, 7, 1)];
		assert_eq!(pick(all(), None).map(|found| found.underlying), Ok(3));
		assert_eq!(pick(all(), Some(1)).map(|found| found.underlying), Ok(1));
		assert!(pick(all(), Some(9)).is_err());
		assert!(pick(Vec::new(), None).is_err());
	}

	#[test]
	fn tradable_series_should_be_the_cheapest_with_room_below_them() {
		let market = Market::example();
		let mut series = market.series.clone();
		series.reverse();
		series.push(Series { mark: 99_999, ..market.series[0].clone() });
		series.push(Series { mark: 9_000_000, ..market.series[0].clone() });
		assert_eq!(tradable(series, 500), Some(market.series.clone()));
		assert_eq!(tradable(market.series, 501), None);
	}

	#[test]
	fn asks_should_be_on_the_tick_and_far_above_every_bid() {
		let market = Market::example();
		let odd = Series { mark: 100_001, ..market.series[0].clone() };
		assert_eq!(market.ask(&odd), 200_500);
		let highest = (0..1_000).map(|order| market.bid(order)).max();
		assert_eq!(highest, Some(50_000));
		assert_eq!(market.bid(0), 500);
		assert_eq!(market.bid(100), 500);
	}

	#[test]
	fn money_should_be_rounded_up_and_follow_the_size_of_lots() {
		let market = Market::example();
		assert_eq!(value(95_000_000_001, 1, 100), 950_000_001);
		assert_eq!(market.short_margin(10), 21_000_000);
		// 30 orders at 1.6 dollars, half as much again.
		assert_eq!(market.premium_of(10), 72_000_000);
	}

	#[test]
	fn client_ids_should_differ_between_runs_and_orders() {
		assert_ne!(client_id(7, 0), client_id(8, 0));
		assert_ne!(client_id(7, 0), client_id(7, 1));
		// Milliseconds of the next centuries leave the numbers of orders alone.
		assert_eq!(client_id(8_000_000_000_000, 5) & 0xf_ffff, 5);
	}

	fn series_info(status: &str, mark: Option<u128>) -> Value {
		let mark = match mark {
			Some(mark) => Value::unnamed_variant("Some", [Value::u128(mark)]),
			None => Value::unnamed_variant("None", []),
		};
		let quote = Value::named_composite([
			("series", Value::u128(77)),
			("status", Value::unnamed_variant(status, [])),
			("mark", mark),
		]);
		Value::named_composite([("name", Value::from_bytes(b"DOT-1")), ("quote", quote)])
	}

	#[test]
	fn series_should_be_read_if_they_trade_and_have_a_mark() {
		let expected = Series { name: "DOT-1".into(), id: Value::u128(77), mark: 9 };
		assert_eq!(series(&series_info("Trading", Some(9))), Some(expected));
		assert_eq!(series(&series_info("Trading", None)), None);
		assert_eq!(series(&series_info("Expired", Some(9))), None);
	}
}
