// SPDX-License-Identifier: Apache-2.0
//! The least value of open orders at every strike at once.
//!
//! What a series adds is a line in the slope while the same orders fill and it is short or not. The
//! slope of a series does not depend on the price where it is out of the money, and moves in one
//! direction where it is in the money: there, an order begins or ceases to fill once, and the series
//! becomes short once, as the least over fills is concave in the slope. So each series is a few ranges of strikes
//! with one line each; a range is two entries in a list of differences, whose running sums are the
//! values. That takes time in proportion to series and orders, and not to series times strikes.

use super::orders::{Item, Lines};
use crate::units::{nano_subtotal, product, NanoFine, MAX_LEGS, MAX_ORDERS};
use crate::{Ppb, RiskError};
use core::ops::Range;

/// Every strike, and a price of nothing.
const PRICES: usize = MAX_LEGS + MAX_ORDERS + 1;

/// Lines per price: what is added from an index on.
#[derive(Clone, Copy, Default)]
struct Step {
	/// The part that does not depend on the price, billionths.
	fixed: NanoFine,
	/// Lots that follow the price.
	lots: i128,
}

/// What a strike's own series say about it.
#[derive(Clone, Copy, Default)]
struct Own {
	/// Whether something is held there, or filled in the worst case.
	is_held: bool,
	/// What filling a lot there costs at least.
	first: Option<NanoFine>,
}

/// Values at all prices.
#[derive(Clone)]
pub(super) struct Strikes {
	/// Zero, and every strike once, ascending.
	prices: [i128; PRICES],
	count: usize,
	steps: [Step; PRICES + 1],
	own: [Own; PRICES],
	/// The value where every series is out of the money.
	nowhere: NanoFine,
}

impl Strikes {
	/// Values of the puts of `lines`, to which calls can be added.
	pub fn of_puts(lines: &Lines) -> Result<Self, RiskError> {
		let mut strikes = Self {
			prices: [0; PRICES],
			count: 1,
			steps: [Step::default(); PRICES + 1],
			own: [Own::default(); PRICES],
			nowhere: 0,
		};
		strikes.collect_prices(lines);
		for item in lines.items().iter().filter(|item| item.is_put) {
			strikes.add(lines, item, 0)?;
		}
		Ok(strikes)
	}

	/// The same with the calls, where one without a bought one costs `unpaired` per lot.
	pub fn with_calls(&self, lines: &Lines, unpaired: NanoFine) -> Result<Self, RiskError> {
		let mut strikes = self.clone();
		for item in lines.items().iter().filter(|item| !item.is_put) {
			strikes.add(lines, item, unpaired)?;
		}
		Ok(strikes)
	}

	fn collect_prices(&mut self, lines: &Lines) {
		// Legs are in the order of strikes, and so are the series of one expiry.
		for same in lines.items().chunk_by(|a, b| a.strike == b.strike) {
			if let (Some(slot), Some(item)) = (self.prices.get_mut(self.count), same.first()) {
				*slot = item.strike;
				self.count += 1;
			}
		}
	}

	fn price(&self, index: usize) -> i128 {
		self.prices.get(index).copied().unwrap_or(0)
	}

	/// Where a strike is among the prices.
	fn index_of(&self, strike: i128) -> usize {
		let all = self.prices.get(..self.count).unwrap_or(&[]);
		all.partition_point(|price| *price < strike)
	}

	fn add(&mut self, lines: &Lines, item: &Item, flat: NanoFine) -> Result<(), RiskError> {
		let long = lines.line(item, flat, 0)?;
		let sold = lines.line(item, flat + lines.charge, lines.charge)?;
		let least = if sold.value < long.value { sold } else { long };
		self.nowhere = nano_subtotal(self.nowhere + least.value)?;
		let at = self.index_of(item.strike);
		let (out, inside) =
			if item.is_put { (at..self.count, 0..at) } else { (0..at + 1, at + 1..self.count) };
		self.put(out, Step { fixed: least.value, lots: 0 })?;
		if let Some(own) = self.own.get_mut(at) {
			own.is_held |= item.held != 0 || least.orders != 0;
			// The least of both lines with a lot filled, against the least without that condition.
			let with_fill = [long, sold]
				.into_iter()
				.filter_map(|line| Some(line.value + line.first? - least.value));
			own.first = with_fill.chain(own.first).min();
		}
		self.add_inside(lines, item, flat, inside)
	}

	/// Adds the lines of a series where it is in the money.
	fn add_inside(
		&mut self,
		lines: &Lines,
		item: &Item,
		flat: NanoFine,
		inside: Range<usize>,
	) -> Result<(), RiskError> {
		let (long, sold) = (flat, flat + lines.charge);
		let is_sold = |strikes: &Self, index| -> Result<bool, RiskError> {
			if !item.has_orders {
				return Ok(item.held < 0);
			}
			let slope = strikes.payoff(item, index);
			let long = lines.line(item, slope + long, 0)?.value;
			Ok(lines.line(item, slope + sold, lines.charge)?.value < long)
		};
		let (not_sold, is_sold) = self.split(item.is_put, inside, is_sold)?;
		self.add_line(lines, item, long, not_sold)?;
		self.add_line(lines, item, sold, is_sold)
	}

	/// Adds the positions of a series and those of its orders that fill, at the payoff and `flat` per lot.
	fn add_line(
		&mut self,
		lines: &Lines,
		item: &Item,
		flat: NanoFine,
		range: Range<usize>,
	) -> Result<(), RiskError> {
		if range.is_empty() {
			return Ok(());
		}
		self.put_lots(item, item.held, flat, 0, range.clone())?;
		for leg in lines.orders_of(item) {
			let (lots, cash) = (i128::from(leg.lots), lines.cash_of(leg));
			let fills = |strikes: &Self, index| -> Result<bool, RiskError> {
				let slope = strikes.payoff(item, index) + flat;
				Ok(product(slope, lots)? + cash < 0)
			};
			// A buy fills as long as the slope is low, a sale from some slope on.
			let filled = if lots < 0 {
				self.split(item.is_put, range.clone(), fills)?.1
			} else {
				let empty = |strikes: &Self, index| fills(strikes, index).map(|fills| !fills);
				self.split(item.is_put, range.clone(), empty)?.0
			};
			self.put_lots(item, lots, flat, cash, filled)?;
		}
		Ok(())
	}

	/// Payoff of a lot at a price at which the series is in the money, billionths.
	fn payoff(&self, item: &Item, index: usize) -> NanoFine {
		item.payoff(Some(self.price(index)))
	}

	/// Splits a range in which slopes ascend, or descend if `is_put`: where `is_true` is not yet, and where it is. It
	/// becomes true once as slopes ascend.
	fn split(
		&self,
		is_put: bool,
		range: Range<usize>,
		is_true: impl Fn(&Self, usize) -> Result<bool, RiskError>,
	) -> Result<(Range<usize>, Range<usize>), RiskError> {
		let (mut low, mut high) = (range.start, range.end);
		while low < high {
			let middle = low + (high - low) / 2;
			// Ascending slopes: true on the right. Descending: true on the left.
			if is_true(self, middle)? != is_put {
				high = middle;
			} else {
				low = middle + 1;
			}
		}
		let (left, right) = (range.start..low, low..range.end);
		Ok(if is_put { (right, left) } else { (left, right) })
	}

	fn put_lots(
		&mut self,
		item: &Item,
		lots: i128,
		flat: NanoFine,
		cash: NanoFine,
		range: Range<usize>,
	) -> Result<(), RiskError> {
		// The payoff is the price less the strike for a call, and the other way round for a put.
		let (following, strike) =
			if item.is_put { (-lots, item.strike) } else { (lots, -item.strike) };
		let fixed = nano_subtotal(product(flat + strike * Ppb::ONE.wide(), lots)? + cash)?;
		self.put(range, Step { fixed, lots: following })
	}

	fn put(&mut self, range: Range<usize>, step: Step) -> Result<(), RiskError> {
		if range.is_empty() {
			return Ok(());
		}
		let too_large = RiskError::BookTooLarge;
		if let Some(begin) = self.steps.get_mut(range.start) {
			begin.fixed = begin.fixed.checked_add(step.fixed).ok_or(too_large)?;
			begin.lots += step.lots;
		}
		if let Some(end) = self.steps.get_mut(range.end) {
			end.fixed = end.fixed.checked_sub(step.fixed).ok_or(too_large)?;
			end.lots -= step.lots;
		}
		Ok(())
	}

	/// The least value over all prices that are looked at, and the first price with it: none if nothing is in the money.
	pub fn least(&self) -> Result<(NanoFine, Option<i128>), RiskError> {
		let mut worst = (self.nowhere, None);
		let mut sum = Step::default();
		for (index, step) in self.steps.iter().enumerate().take(self.count) {
			sum.fixed = sum.fixed.checked_add(step.fixed).ok_or(RiskError::BookTooLarge)?;
			sum.lots += step.lots;
			let price = self.price(index);
			let follows = product(price * Ppb::ONE.wide(), sum.lots)?;
			let value = sum.fixed.checked_add(follows).ok_or(RiskError::BookTooLarge)?;
			let Some(extra) = self.condition(index) else { continue };
			let value = nano_subtotal(value)? + extra;
			if value < worst.0 {
				worst = (value, Some(price));
			}
		}
		Ok(worst)
	}

	/// What it costs that something is there at a strike; none if nothing can be.
	fn condition(&self, index: usize) -> Option<NanoFine> {
		match self.own.get(index)? {
			// A price of nothing is looked at always.
			_ if index == 0 => Some(0),
			own if own.is_held => Some(0),
			own => own.first,
		}
	}
}

#[cfg(test)]
mod tests {
	use super::super::account::{StandardExpiry, Underlying};
	use super::*;
	use crate::portfolio::legs::Legs;
	use crate::{Order, Perpetual, Position, Series, Side, StandardParameters};
	use ballast_pricing::{black76::OptionKind, Price};
	use proptest::prelude::*;

	fn usd(dollars: u32) -> Price {
		Price::from_pico_usd(i64::from(dollars) * 1_000_000_000_000).unwrap()
	}

	/// Few strikes and round prices, so that strikes coincide and values tie.
	fn series() -> impl Strategy<Value = Vec<Series>> {
		let one = (1..12u32, any::<bool>()).prop_map(|(strike, is_put)| Series {
			expiry: 0,
			strike: usd(strike * 10_000),
			kind: if is_put { OptionKind::Put } else { OptionKind::Call },
		});
		prop::collection::vec(one, 1..24).prop_map(|mut all| {
			all.sort_by_key(|it| (it.strike, it.kind == OptionKind::Put));
			all.dedup();
			all
		})
	}

	prop_compose! {
		fn book()(series in series())(
			positions in prop::collection::vec((0..series.len(), -500..500i64), 0..16),
			orders in prop::collection::vec((0..series.len(), 1..500i64, any::<bool>(), 1..800u32), 1..24),
			series in Just(series),
		) -> (Vec<Series>, Vec<Position>, Vec<Order>) {
			let position = |(at, lots)| Position { series: at as u16, lots };
			let order = |(at, lots, buys, price)| Order {
				series: at as u16,
				side: if buys { Side::Buy } else { Side::Sell },
				lots,
				price: usd(price * 100),
				fee: 1_000,
			};
			let positions = positions.into_iter().map(position).collect();
			(series, positions, orders.into_iter().map(order).collect())
		}
	}

	/// The least over every price, each looked at by itself.
	fn one_by_one(lines: &Lines, unpaired: NanoFine) -> NanoFine {
		let strikes = lines.items().iter().map(|item| Some(item.strike));
		let prices = [None, Some(0)].into_iter().chain(strikes);
		let value = |price: Option<i128>| {
			let slope = |item: &Item| item.payoff(price) + if item.is_put { 0 } else { unpaired };
			let at = price.filter(|it| *it != 0);
			lines.least(slope, |_| lines.charge, at).unwrap().value
		};
		prices.map(value).min().unwrap()
	}

	proptest! {
		#![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..Default::default() })]

		#[test]
		fn least_of_all_strikes_should_be_that_of_each_by_itself((series, options, orders) in book()) {
			let expiries = [StandardExpiry { forward: usd(60_000), confidence: crate::Ppb(400_000_000) }];
			let values: Vec<_> = series.iter().map(|_| usd(2_000)).collect();
			let underlying = Underlying {
				parameters: &StandardParameters::DEFAULT,
				spot: usd(60_000),
				spot_confidence: crate::Ppb::ONE,
				lots_per_contract: 100,
				base: 0,
				base_units_per_token: 1,
				perpetual: Perpetual::NONE,
				expiries: &expiries,
				series: &series,
				values: &values,
				options: &options,
				orders: &orders,
				charge: 0,
			};
			let legs = Legs::collect(&options, &orders, true, &series, 1).unwrap();
			let group = legs.by_expiry().next().unwrap();
			let lines = Lines::new(&underlying, &expiries[0], group, 3_000_000).unwrap();
			let puts = Strikes::of_puts(&lines).unwrap();
			for unpaired in [0, lines.unpaired] {
				let (value, price) = puts.with_calls(&lines, unpaired).unwrap().least().unwrap();
				prop_assert_eq!(value, one_by_one(&lines, unpaired));
				// What is told of the price is found there.
				let slope = |item: &Item| item.payoff(price) + if item.is_put { 0 } else { unpaired };
				let there = lines.least(slope, |_| lines.charge, price.filter(|it| *it != 0)).unwrap();
				prop_assert_eq!(there.value, value);
			}
		}
	}
}
