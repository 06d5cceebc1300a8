// SPDX-License-Identifier: Apache-2.0
//! Positions and orders in order of expiry, strike and kind.

use ballast_pricing::black76::OptionKind;

use crate::units::{lots_in_range, MAX_LEGS, MAX_ORDERS};
use crate::{List, Order, Position, RiskError, Series, Side};

/// A position or an order.
#[derive(Clone, Copy, Default)]
pub(crate) struct Leg {
	pub expiry: u8,
	pub is_put: bool,
	pub is_order: bool,
	/// Index of the order, if it is one; below [`MAX_ORDERS`].
	pub order: u8,
	pub series: u16,
	pub strike: i64,
	pub lots: i64,
}

impl Leg {
	fn key(&self) -> (u8, i64, bool, u16) {
		(self.expiry, self.strike, self.is_put, self.series)
	}
}

const CAPACITY: usize = MAX_LEGS + MAX_ORDERS;

/// Sorted legs of one book and its open sells.
pub(crate) struct Legs {
	legs: [Leg; CAPACITY],
	length: usize,
}

impl Legs {
	/// Collects positions and those orders that are asked for. A book that is already in order is
	/// not sorted again.
	pub fn collect(
		options: &[Position],
		orders: &[Order],
		with_buys: bool,
		series: &[Series],
		expiries: usize,
	) -> Result<Self, RiskError> {
		let mut legs = Self { legs: [Leg::default(); CAPACITY], length: 0 };
		for Position { series: index, lots } in options {
			let listed = series.get(usize::from(*index)).ok_or(RiskError::UnknownSeries)?;
			listed.check(expiries)?;
			legs.push(Leg { lots: *lots, ..leg(*index, listed) })?;
		}
		for (index, order) in (0u8..).zip(orders) {
			let listed = series.get(usize::from(order.series)).ok_or(RiskError::UnknownSeries)?;
			listed.check(expiries)?;
			if with_buys || order.side == Side::Sell {
				let lots = order.side.signed(order.lots);
				let counted = leg(order.series, listed);
				legs.push(Leg { lots, is_order: true, order: index, ..counted })?;
			}
		}
		let filled = legs.legs.get_mut(..legs.length).unwrap_or(&mut []);
		if !filled.is_sorted_by_key(Leg::key) {
			filled.sort_unstable_by_key(Leg::key);
		}
		Ok(legs)
	}

	fn push(&mut self, leg: Leg) -> Result<(), RiskError> {
		lots_in_range(leg.lots)?;
		let room = self.legs.get_mut(self.length).ok_or(RiskError::TooMany(List::Legs))?;
		*room = leg;
		self.length += 1;
		Ok(())
	}

	/// Legs of one expiry after the other.
	pub fn by_expiry(&self) -> impl Iterator<Item = &[Leg]> {
		self.legs.get(..self.length).unwrap_or(&[]).chunk_by(|a, b| a.expiry == b.expiry)
	}
}

fn leg(index: u16, listed: &Series) -> Leg {
	Leg {
		expiry: listed.expiry,
		is_put: listed.kind == OptionKind::Put,
		series: index,
		strike: listed.strike.pico_usd(),
		..Leg::default()
	}
}

/// Contracts of one expiry that the charges count, in lots: at most 192 times `2^40` each, twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exposure {
	/// Shorts not covered by the other leg at the same strike.
	pub naked: u64,
	/// The same with every open sell counted as sold.
	pub naked_with_sells: u64,
	/// Bought and sold contracts, each series netted, the larger of with and without open sells.
	pub gross: u64,
}

/// Contracts that the charges count, from legs of one expiry in order of strike.
pub(crate) fn exposure(legs: impl Iterator<Item = Leg>) -> Exposure {
	let mut exposure = Exposure::default();
	let (mut strike, mut calls, mut puts) = (-1, Net::default(), Net::default());
	for leg in legs {
		if leg.strike != strike {
			exposure.add(&calls, &puts);
			(strike, calls, puts) = (leg.strike, Net::default(), Net::default());
		}
		let net = if leg.is_put { &mut puts } else { &mut calls };
		net.with_sells += leg.lots;
		if !leg.is_order {
			net.held += leg.lots;
		}
	}
	exposure.add(&calls, &puts);
	exposure
}

impl Exposure {
	fn add(&mut self, calls: &Net, puts: &Net) {
		self.naked += naked(calls.held, puts.held);
		self.naked_with_sells += naked(calls.with_sells, puts.with_sells);
		self.gross += calls.gross() + puts.gross();
	}
}

/// Lots of one series: at most 192 times `2^40`.
#[derive(Clone, Copy, Default)]
struct Net {
	held: i64,
	with_sells: i64,
}

impl Net {
	fn gross(&self) -> u64 {
		self.held.unsigned_abs().max(self.with_sells.unsigned_abs())
	}
}

/// Checks every position; whether they are in order of expiry, strike, kind and series.
pub(crate) fn survey(
	options: &[Position],
	series: &[Series],
	expiries: usize,
) -> Result<bool, RiskError> {
	let (mut last, mut sorted) = (None, true);
	for position in options {
		let listed = series.get(usize::from(position.series)).ok_or(RiskError::UnknownSeries)?;
		listed.check(expiries)?;
		lots_in_range(position.lots)?;
		let key = Some(leg(position.series, listed).key());
		sorted &= last <= key;
		last = key;
	}
	Ok(sorted)
}

/// Room for positions in order; see [`survey`].
pub(crate) type Room = [Position; MAX_LEGS];

/// The positions in order, copied into `room`.
pub(crate) fn sort<'r>(
	options: &[Position],
	series: &[Series],
	room: &'r mut Room,
) -> &'r [Position] {
	let Some(copy) = room.get_mut(..options.len()) else { return &[] };
	copy.copy_from_slice(options);
	copy.sort_unstable_by_key(|position| {
		series.get(usize::from(position.series)).map(|listed| leg(position.series, listed).key())
	});
	copy
}

/// Positions in order, one expiry after the other.
pub(crate) fn by_expiry<'p>(
	positions: &'p [Position],
	series: &'p [Series],
) -> impl Iterator<Item = (usize, &'p [Position])> {
	let expiry = |position: &Position| {
		series.get(usize::from(position.series)).map_or(usize::MAX, |it| usize::from(it.expiry))
	};
	let groups = positions.chunk_by(move |a, b| expiry(a) == expiry(b));
	groups.map(move |group| (group.first().map_or(usize::MAX, expiry), group))
}

/// Positions as legs.
pub(crate) fn legs<'p>(
	positions: &'p [Position],
	series: &'p [Series],
) -> impl Iterator<Item = Leg> + 'p {
	positions.iter().filter_map(|position| {
		let listed = series.get(usize::from(position.series))?;
		Some(Leg { lots: position.lots, ..leg(position.series, listed) })
	})
}

/// Visits each series once, its lots netted: legs of one series follow each other.
pub(crate) fn each_net(legs: impl Iterator<Item = Leg>, mut visit: impl FnMut(Leg)) {
	let mut last: Option<Leg> = None;
	for leg in legs {
		match last {
			// At most 192 legs of 2^40 lots.
			Some(net) if net.series == leg.series => {
				last = Some(Leg { lots: net.lots + leg.lots, ..net });
			},
			_ => {
				if let Some(net) = last.replace(leg) {
					visit(net);
				}
			},
		}
	}
	if let Some(net) = last {
		visit(net);
	}
}

/// Shorts of one strike that the other leg does not cover; both short: both count.
fn naked(calls: i64, puts: i64) -> u64 {
	if (calls < 0) != (puts < 0) && calls != 0 && puts != 0 {
		(calls + puts).min(0).unsigned_abs()
	} else {
		calls.min(0).unsigned_abs() + puts.min(0).unsigned_abs()
	}
}
