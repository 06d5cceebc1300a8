// SPDX-License-Identifier: Apache-2.0
//! Open orders under standard margin: initial margin is at most what any fills would leave, of any of
//! the orders, in whole or in part.
//!
//! With the fills `f` an expiry adds `max(alone(f), spread(f)) - charges(f) + cash(f)`. The least of a
//! maximum is at least the larger of the two least: `max(min over f of alone - charges + cash, min over
//! f of spread - charges + cash)`, and each of these is exact and cheap. Both are the least of a few
//! linear functions of the lots (a series short or not, each price at which the payoff is looked at,
//! calls unpaired or not; see [`super::strikes`]). For one linear function an order fills if that lowers it, whatever the
//! others do, and in whole, as a part of it lowers less.
//!
//! Trying the sets of whole fills would not do: a naked short call of which a resting buy has covered
//! most needs more than before the first and after the last fill.

use super::account::{StandardExpiry, Underlying};
use super::expiry::{lot_charge, lot_requirement, Requirement};
use super::strikes::Strikes;
use crate::portfolio::legs::Leg;
use crate::units::{nano_subtotal, product, subtotal, NanoFine, MAX_LEGS, MAX_ORDERS};
use crate::{Ppb, RiskError};

/// What the options of one expiry add to initial margin in the worst case.
#[derive(Clone, Copy, Default)]
pub(super) struct WorstCase {
	/// Requirement and cash of the fills, without the charges.
	pub initial: NanoFine,
	/// Charges for low confidence and a quote price off its peg, zero or above.
	pub charges: NanoFine,
	/// The orders that count as filled.
	pub orders: u64,
}

impl WorstCase {
	/// The worst case of the orders among `legs`, those of one expiry; `held` is the requirement
	/// without them.
	pub fn new(
		underlying: &Underlying,
		expiry: &StandardExpiry,
		legs: &[Leg],
		held: &Requirement,
		peg: i128,
	) -> Result<Self, RiskError> {
		if legs.iter().any(|leg| leg.is_order) {
			return Lines::new(underlying, expiry, legs, peg)?.worst();
		}
		let charges = held.confidence + held.peg;
		Ok(Self { initial: held.initial, charges, orders: 0 })
	}
}

/// Cash that a fill of an order brings, below zero if it pays.
fn cash(underlying: &Underlying, leg: &Leg) -> Result<NanoFine, RiskError> {
	let order = underlying.orders.get(usize::from(leg.order));
	let paid = order.map_or(Ok(0), |order| order.cash(underlying.lots_per_contract))?;
	Ok(subtotal(paid)? * Ppb::ONE.wide())
}

fn bit(leg: &Leg) -> u64 {
	1 << (leg.order & 63)
}

/// One series of the expiry.
#[derive(Clone, Copy, Default)]
pub(super) struct Item {
	pub is_put: bool,
	pub strike: i128,
	/// Lots held, netted.
	pub held: i128,
	/// Requirement of a lot that is short by itself, billionths.
	need: NanoFine,
	/// The legs of the series: positions and orders.
	legs: (usize, usize),
	pub has_orders: bool,
}

const CAPACITY: usize = MAX_LEGS + MAX_ORDERS;

/// An expiry with its orders as linear functions of the lots of each series.
pub(super) struct Lines<'a> {
	legs: &'a [Leg],
	items: [Item; CAPACITY],
	count: usize,
	/// Cash that each order brings, by its number.
	cash: [NanoFine; MAX_ORDERS],
	/// Charges of a lot that is short, billionths.
	pub charge: NanoFine,
	/// What a call without a bought one costs per lot, billionths.
	pub unpaired: NanoFine,
}

/// The least value of a linear function over all fills.
#[derive(Clone, Copy, Default)]
pub(super) struct Least {
	pub value: NanoFine,
	charges: NanoFine,
	pub orders: u64,
	/// What a fill of one lot adds at least, if nothing is filled. None: there is nothing to fill.
	pub first: Option<NanoFine>,
}

impl<'a> Lines<'a> {
	pub fn new(
		underlying: &Underlying,
		expiry: &StandardExpiry,
		legs: &'a [Leg],
		peg: i128,
	) -> Result<Self, RiskError> {
		let forward = i128::from(expiry.forward.pico_usd());
		let mut lines = Self {
			legs,
			items: [Item::default(); CAPACITY],
			count: 0,
			cash: [0; MAX_ORDERS],
			charge: lot_charge(underlying, expiry, peg)?,
			unpaired: forward * underlying.parameters.unpaired_initial.wide(),
		};
		let mut start = 0;
		for same in legs.chunk_by(|a, b| a.series == b.series) {
			let first = same.first().copied().unwrap_or_default();
			let held = same.iter().filter(|leg| !leg.is_order);
			let item = Item {
				is_put: first.is_put,
				strike: first.strike.into(),
				held: held.map(|leg| i128::from(leg.lots)).sum(),
				need: lot_requirement(underlying, &first)?,
				legs: (start, start + same.len()),
				has_orders: same.iter().any(|leg| leg.is_order),
			};
			start += same.len();
			if let Some(slot) = lines.items.get_mut(lines.count) {
				*slot = item;
				lines.count += 1;
			}
			for leg in same.iter().filter(|leg| leg.is_order) {
				if let Some(slot) = lines.cash.get_mut(usize::from(leg.order)) {
					*slot = cash(underlying, leg)?;
				}
			}
		}
		Ok(lines)
	}

	/// The series of the expiry in the order of strikes.
	pub fn items(&self) -> &[Item] {
		self.items.get(..self.count).unwrap_or(&[])
	}

	/// The larger of the two least values.
	fn worst(&self) -> Result<WorstCase, RiskError> {
		let alone = self.least(|_| 0, |item| item.need + self.charge, None)?;
		let (mut least, mut at, mut unpaired) = (NanoFine::MAX, None, 0);
		let puts = Strikes::of_puts(self)?;
		for each in [0, self.unpaired] {
			let (value, price) = puts.with_calls(self, each)?.least()?;
			// Of equal ones the first in the order of prices.
			if (value, price) < (least, at) {
				(least, at, unpaired) = (value, price, each);
			}
		}
		if least <= alone.value {
			return Ok(alone.into());
		}
		let slope = |item: &Item| item.payoff(at) + if item.is_put { 0 } else { unpaired };
		Ok(self.least(slope, |_| self.charge, at.filter(|it| *it != 0))?.into())
	}

	/// The least value of `slope` times lots plus cash, where a short lot costs `short` more.
	///
	/// The payoff is looked at at the strike `at` only if something is held or filled there.
	pub fn least(
		&self,
		slope: impl Fn(&Item) -> NanoFine,
		short: impl Fn(&Item) -> NanoFine,
		at: Option<i128>,
	) -> Result<Least, RiskError> {
		let mut total = Least::default();
		let (mut is_held, mut forced) = (at.is_none(), None);
		for item in self.items() {
			let (base, extra) = (slope(item), short(item));
			let long = self.line(item, base, 0)?;
			let sold = self.line(item, base + extra, self.charge)?;
			let least = if sold.value < long.value { sold } else { long };
			total.value = nano_subtotal(total.value + least.value)?;
			total.charges = nano_subtotal(total.charges + least.charges)?;
			total.orders |= least.orders;
			if at == Some(item.strike) {
				is_held |= item.held != 0 || least.orders != 0;
				// The least of both lines with a lot filled, against the least without that condition.
				let with_fill = [long, sold]
					.into_iter()
					.filter_map(|line| Some(line.value + line.first? - least.value));
				forced = with_fill.chain(forced).min();
			}
		}
		if !is_held {
			// Nothing there at all, which no order can change: the price is not looked at.
			let Some(first) = forced else { return Ok(Least { value: 1 << 123, ..total }) };
			total.value = nano_subtotal(total.value + first)?;
		}
		Ok(total)
	}

	/// The orders of a series.
	pub fn orders_of(&self, item: &Item) -> impl Iterator<Item = &Leg> {
		let legs = self.legs.get(item.legs.0..item.legs.1).unwrap_or(&[]);
		legs.iter().filter(|leg| leg.is_order)
	}

	/// Cash that an order brings, below zero if it pays.
	pub fn cash_of(&self, leg: &Leg) -> NanoFine {
		self.cash.get(usize::from(leg.order)).copied().unwrap_or(0)
	}

	/// The lots of one series times `slope`, every order filled that lowers it.
	pub fn line(&self, item: &Item, slope: NanoFine, charge: NanoFine) -> Result<Least, RiskError> {
		let times = |lots, by| nano_subtotal(product(by, lots)?);
		let mut least = Least { value: times(item.held, slope)?, ..Least::default() };
		let mut lots = item.held;
		for leg in self.orders_of(item) {
			let gain = nano_subtotal(times(leg.lots.into(), slope)? + self.cash_of(leg))?;
			if gain < 0 {
				least.value = nano_subtotal(least.value + gain)?;
				least.orders |= bit(leg);
				lots += i128::from(leg.lots);
			}
			let one = gain.max(0).div_euclid(i128::from(leg.lots).abs().max(1));
			least.first = Some(least.first.map_or(one, |first| first.min(one)));
		}
		least.charges = times(-lots.min(0), charge)?;
		Ok(least)
	}
}

impl Item {
	/// Payoff of a lot at a price, billionths; none: nothing is counted.
	pub fn payoff(&self, price: Option<i128>) -> NanoFine {
		let Some(price) = price else { return 0 };
		let paid = if self.is_put { self.strike - price } else { price - self.strike };
		paid.max(0) * Ppb::ONE.wide()
	}
}

impl From<Least> for WorstCase {
	fn from(least: Least) -> Self {
		let Least { value, charges, orders, .. } = least;
		Self { initial: value + charges, charges, orders }
	}
}
