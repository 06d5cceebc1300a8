// SPDX-License-Identifier: Apache-2.0
//! Margins in double precision, by sections 3, 4 and 7 of the margin rules. With one validator every
//! confidence is full, and nothing is charged for it.

use crate::{
	account::{collateral_of, fees, Account},
	conditions::{charged, concentration, Conditions},
	market::{Market, MAX_AGE},
	pricing::{grid, Values, YEAR},
};
use ballast_exchange::{MarginKind, OptionKind, SeriesId, UnderlyingId};
use std::collections::{BTreeMap, BTreeSet};

const BASIS_ADD: f64 = 0.5;
const BASIS_SLOPE: f64 = 2.0;
const DISCOUNT_LONG: f64 = 0.95;
const DISCOUNT_SHORT: f64 = 1.04;
const DISCOUNT_ADD: f64 = 0.16;
const MAINTENANCE_FACTOR: f64 = 0.8;
const PEG_THRESHOLD: f64 = 0.99;
const PORTFOLIO_PEG: f64 = 4.0;
const OPTION_MAINTENANCE: f64 = 0.003;
const OPTION_INITIAL: f64 = 0.002;
/// Of the collateral terms of the presets.
const HAIRCUT: f64 = 0.05;

const STANDARD_PEG: f64 = 2.0;
const BASE_FACTOR: f64 = 0.8;
const BASE_INITIAL_SCALE: f64 = 0.9375;
const SPOT_MAX: f64 = 0.15;
const SPOT_MIN: f64 = 0.13;
const SHORT_MAINTENANCE: f64 = 0.09;
const PUT_INITIAL_SCALE: f64 = 1.05;
const UNPAIRED_INITIAL: f64 = 1.2;
const UNPAIRED_MAINTENANCE: f64 = 1.1;
/// Most orders in an expiry whose every subset is tried.
const MOST_SUBSETS: usize = 4;

/// Margins in dollars.
#[derive(Clone, Copy, Debug)]
pub struct Margins {
	/// Everything at its value, cash included.
	pub equity: f64,
	/// Maintenance.
	pub maintenance: f64,
	/// Initial. Under standard margin with orders this is the most that it may be: what the worst fills that
	/// were tried leave. Where a call changes open interest on its way, the charge for the most of it.
	pub initial: f64,
	/// The least that it may be: with the worst fills of each series, none of which covers another, and the charge
	/// for the least open interest.
	pub initial_worst: f64,
	/// What is charged for concentration, at least: a part of initial margin.
	pub concentration: f64,
	/// Gross notional of positions, orders and collateral.
	pub notional: f64,
	/// Whether every price under it is young enough to add risk on.
	pub fresh: bool,
}

impl Margins {
	/// What counts as equal.
	pub fn tolerance(&self) -> f64 {
		(1e-7 * self.notional).max(0.001)
	}
}

/// The margins of an account; `None` while a price is missing.
pub fn margins(market: &mut Market, account: &Account) -> Option<Margins> {
	let cash = account.cash as f64 / 1e6;
	let mut margins = Margins {
		equity: cash,
		maintenance: cash,
		initial: cash,
		initial_worst: cash,
		concentration: 0.0,
		notional: 0.0,
		fresh: true,
	};
	if account.positions.is_empty() && account.orders.is_empty() && account.collateral.is_empty() {
		return Some(margins);
	}
	let book = Book::new(market, account)?;
	margins.fresh = book.fresh;
	margins.notional = book.notional();
	match account.margin {
		MarginKind::Portfolio(underlying) => book.add_portfolio(underlying, &mut margins),
		MarginKind::Standard => {
			for underlying in &book.underlyings {
				book.add_standard(*underlying, &mut margins);
			}
		},
	}
	let (least, most) = book.concentration(market, account);
	margins.concentration = least;
	margins.initial -= least;
	margins.initial_worst -= most;
	Some(margins)
}

/// Positions or an order in one series.
#[derive(Clone, Copy)]
struct Leg {
	series: SeriesId,
	amount: f64,
	values: Values,
}

/// An order, all of it open.
#[derive(Clone, Copy)]
struct Pending {
	leg: Leg,
	price: f64,
	fee: f64,
}

/// A priced expiry.
struct Slice {
	years: f64,
	forward: f64,
	rate: f64,
	legs: Vec<Leg>,
	orders: Vec<Pending>,
}

/// An account with everything that prices it.
struct Book {
	quote: f64,
	spots: BTreeMap<UnderlyingId, f64>,
	underlyings: BTreeSet<UnderlyingId>,
	slices: BTreeMap<(UnderlyingId, u64), Slice>,
	/// Underlying and tokens.
	collateral: Vec<(UnderlyingId, f64)>,
	conditions: BTreeMap<UnderlyingId, Conditions>,
	fresh: bool,
}

impl Book {
	fn new(market: &mut Market, account: &Account) -> Option<Self> {
		let (quoted_at, quote) = market.quote?;
		let mut book = Self {
			quote,
			spots: BTreeMap::new(),
			underlyings: account.series().iter().map(|series| series.underlying).collect(),
			slices: BTreeMap::new(),
			collateral: Vec::new(),
			conditions: BTreeMap::new(),
			fresh: market.now - quoted_at <= MAX_AGE,
		};
		for (asset, amount) in &account.collateral {
			let (underlying, units) = collateral_of(*asset)?;
			book.underlyings.insert(underlying);
			book.collateral.push((underlying, *amount as f64 / units));
		}
		if let MarginKind::Portfolio(underlying) = account.margin {
			book.underlyings.insert(underlying);
		}
		for underlying in &book.underlyings {
			let spot = market.spot(*underlying)? as f64 / 1e12;
			book.spots.insert(*underlying, spot);
			book.conditions.insert(*underlying, market.underlying(*underlying).conditions);
			book.fresh &= market.is_spot_fresh(*underlying);
		}
		for (series, lots) in &account.positions {
			let leg = book.leg(market, series, *lots)?;
			book.slice(market, series)?.legs.push(leg);
		}
		for order in account.orders.values() {
			let leg = book.leg(market, &order.series, order.side.signed(order.lots))?;
			let (maker, taker) = fees(market, &order.series, order.lots, order.price)?;
			let fee = maker.max(taker) as f64 / 1e6;
			let pending = Pending { leg, price: order.price as f64 / 1e6, fee };
			book.slice(market, &order.series)?.orders.push(pending);
		}
		Some(book)
	}

	fn leg(&self, market: &mut Market, series: &SeriesId, lots: i64) -> Option<Leg> {
		let per_contract = market.underlyings.get(&series.underlying)?.lots_per_contract;
		let amount = lots as f64 / per_contract as f64;
		Some(Leg { series: *series, amount, values: market.values(series)? })
	}

	fn slice(&mut self, market: &Market, series: &SeriesId) -> Option<&mut Slice> {
		let id = (series.underlying, series.expiry);
		let priced = market.listed(id)?.priced.as_ref()?;
		self.fresh &= market.now - priced.at <= MAX_AGE;
		Some(self.slices.entry(id).or_insert_with(|| Slice {
			years: f64::from(priced.seconds) / YEAR,
			forward: priced.forward as f64 / 1e12,
			rate: priced.rate.max(0.0),
			legs: Vec::new(),
			orders: Vec::new(),
		}))
	}

	fn notional(&self) -> f64 {
		let legs = self.slices.values().flat_map(|slice| {
			slice.legs.iter().copied().chain(slice.orders.iter().map(|order| order.leg))
		});
		let options: f64 =
			legs.map(|leg| leg.amount.abs() * self.spots[&leg.series.underlying]).sum();
		let collateral: f64 =
			self.collateral.iter().map(|(id, tokens)| tokens * self.spots[id]).sum();
		options + collateral
	}

	/// The least and the most that is charged for holding much of a series.
	fn concentration(&self, market: &Market, account: &Account) -> (f64, f64) {
		let held = account.positions.iter().map(|(series, lots)| (*series, *lots));
		let of = |(series, lots): (SeriesId, i64)| {
			let per_contract = market.underlying(series.underlying).lots_per_contract as f64;
			let spot = self.spots[&series.underlying];
			let notional = lots.unsigned_abs() as f64 / per_contract * spot;
			let (low, high) = market.interest.get(&series).copied().unwrap_or((0, 0));
			(concentration(lots, high) * notional, concentration(lots, low) * notional)
		};
		let add = |a: (f64, f64), b: (f64, f64)| (a.0 + b.0, a.1 + b.1);
		charged(held).into_iter().map(of).fold((0.0, 0.0), add)
	}

	fn add_portfolio(&self, underlying: UnderlyingId, margins: &mut Margins) {
		let (grid, spot) = (grid(), self.spots[&underlying]);
		let conditions = self.conditions[&underlying];
		let factor = conditions.multiplier + (PEG_THRESHOLD - self.quote).max(0.0) * PORTFOLIO_PEG;
		let (mut moves, mut delta_one) = ([0.0; 2], 0.0);
		let mut profits = [0.0; 33];
		let mut losses = [0.0; 33];
		let (mut basis, mut basis_orders) = (0.0, 0.0);
		let (mut mark, mut maintenance, mut initial) = (0.0, 0.0, 0.0);
		for (id, tokens) in &self.collateral {
			let worth = tokens * self.spots[id] / self.quote;
			mark += worth;
			maintenance += worth * HAIRCUT;
			initial += worth * HAIRCUT;
			if *id == underlying {
				delta_one += worth;
				for (profit, (shock, _, _)) in profits.iter_mut().zip(&grid) {
					*profit += worth * (shock - 1.0);
				}
			}
		}
		let (mut naked, mut naked_with_sells) = (0.0, 0.0);
		for slice in self.slices.values() {
			mark += slice.mark();
			basis += slice.basis();
			let of_slice = slice.moves();
			moves = [moves[0] + of_slice[0], moves[1] + of_slice[1]];
			slice.add_profits(&mut profits);
			basis_orders += slice.add_order_losses(factor, &mut losses);
			naked += slice.naked(false) * spot;
			naked_with_sells += slice.naked(true) * spot;
		}
		let weighted: Vec<f64> =
			profits.iter().zip(&grid).map(|(profit, (_, _, weight))| profit * weight).collect();
		let worst = weighted.iter().copied().fold(basis, f64::min);
		let with_orders = weighted.iter().zip(&losses).map(|(profit, loss)| profit * factor + loss);
		let worst_initial = with_orders.fold(basis * factor + basis_orders, f64::min);
		let delay = conditions.delay_charge(moves, delta_one);
		margins.equity += mark;
		margins.maintenance +=
			mark - delay + worst * MAINTENANCE_FACTOR - maintenance - naked * OPTION_MAINTENANCE;
		margins.initial += mark - delay + worst_initial
			- maintenance
			- initial - naked_with_sells * (OPTION_MAINTENANCE + OPTION_INITIAL);
		margins.initial_worst = margins.initial;
	}

	fn add_standard(&self, underlying: UnderlyingId, margins: &mut Margins) {
		let spot = self.spots[&underlying];
		let peg = (PEG_THRESHOLD - self.quote).max(0.0) * STANDARD_PEG * spot;
		for (_, tokens) in self.collateral.iter().filter(|(id, _)| *id == underlying) {
			let dollars = tokens * spot;
			margins.equity += dollars / self.quote;
			margins.maintenance += dollars * BASE_FACTOR;
			margins.initial += dollars * BASE_FACTOR * BASE_INITIAL_SCALE;
			margins.initial_worst += dollars * BASE_FACTOR * BASE_INITIAL_SCALE;
		}
		for ((id, _), slice) in &self.slices {
			if *id == underlying {
				let held = slice.requirement(&[], spot, peg);
				margins.equity += held.mark;
				margins.maintenance += held.maintenance;
				let (most, least) = slice.with_orders(spot, peg);
				margins.initial += most;
				margins.initial_worst += least;
			}
		}
	}
}

impl Slice {
	fn sum(&self, of: impl Fn(&Values) -> f64) -> f64 {
		self.legs.iter().map(|leg| leg.amount * of(&leg.values)).sum()
	}

	fn mark(&self) -> f64 {
		self.sum(|values| values.mark)
	}

	fn basis_factor(&self) -> f64 {
		BASIS_ADD + BASIS_SLOPE * self.years
	}

	/// What it gains as the basis moves up and down.
	fn moves(&self) -> [f64; 2] {
		let mark = self.mark();
		[0, 1].map(|index| self.sum(|values| values.basis[index]) - mark)
	}

	fn basis(&self) -> f64 {
		let [up, down] = self.moves();
		up.min(down).min(0.0) * self.basis_factor()
	}

	fn add_profits(&self, profits: &mut [f64; 33]) {
		let mark = self.mark();
		let long = DISCOUNT_LONG * libm::exp(-self.years * DISCOUNT_ADD);
		let short = DISCOUNT_SHORT * libm::exp(self.years * DISCOUNT_ADD);
		let short = short.min(libm::exp(self.rate * self.years));
		for (index, (profit, (_, shock, _))) in profits.iter_mut().zip(&grid()).enumerate() {
			let total = self.sum(|values| values.scenarios[index]);
			let change = total * if total >= 0.0 { long } else { short } - mark;
			let skew =
				matches!(shock, crate::pricing::Shock::Linear | crate::pricing::Shock::Absolute);
			*profit += if skew { -change.abs() } else { change };
		}
	}

	/// Adds what orders lose in each scenario; returns what they lose where the basis decides.
	fn add_order_losses(&self, factor: f64, losses: &mut [f64; 33]) -> f64 {
		let mut basis = 0.0;
		for order in &self.orders {
			let Leg { amount, values, .. } = order.leg;
			let gain = amount * (values.mark - order.price);
			let grid = grid();
			for ((loss, value), (_, _, weight)) in
				losses.iter_mut().zip(&values.scenarios).zip(&grid)
			{
				let change = amount * (value - values.mark) * factor * weight;
				*loss += (gain + change).min(0.0) - order.fee;
			}
			let moves = values
				.basis
				.map(|value| gain + amount * (value - values.mark) * self.basis_factor() * factor);
			basis += moves[0].min(moves[1]).min(0.0) - order.fee;
		}
		basis
	}

	/// Contracts sold and not covered by the other leg of the strike.
	fn naked(&self, with_sells: bool) -> f64 {
		let mut strikes = BTreeMap::<u64, [f64; 2]>::new();
		let sells = self.orders.iter().map(|order| order.leg).filter(|leg| leg.amount < 0.0);
		let sells = sells.filter(|_| with_sells);
		for leg in self.legs.iter().copied().chain(sells) {
			let net = strikes.entry(leg.series.strike).or_default();
			net[usize::from(leg.series.kind == OptionKind::Put)] += leg.amount;
		}
		let naked = |[call, put]: [f64; 2]| {
			if call * put < 0.0 {
				(-(call + put)).max(0.0)
			} else {
				(-call).max(0.0) + (-put).max(0.0)
			}
		};
		strikes.into_values().map(naked).sum()
	}

	/// Initial margin with orders: the most and the least that it may be.
	///
	/// It is at most what any fills would leave, of which greedy ones and, if there are few, all are tried. It
	/// is at least what is left if every series stands by itself and the worst fills of each come together.
	fn with_orders(&self, spot: f64, peg: f64) -> (f64, f64) {
		let mut orders: Vec<Pending> = self.orders.clone();
		orders.sort_by_key(|order| order.leg.series);
		let by_series = self.greedy(orders.clone(), spot, peg);
		orders.sort_by_key(|order| order.leg.amount > 0.0);
		let most = by_series.min(self.greedy(orders, spot, peg));
		let least = if self.orders.is_empty() { most } else { self.apart(spot, peg) };
		if self.orders.len() > MOST_SUBSETS {
			return (most, least);
		}
		let subset = |bits: usize| -> Vec<Pending> {
			let chosen = self.orders.iter().enumerate();
			chosen.filter(|(index, _)| bits >> index & 1 == 1).map(|(_, order)| *order).collect()
		};
		let subsets =
			(0..1usize << self.orders.len()).map(|bits| self.filled(&subset(bits), spot, peg));
		(subsets.fold(most, f64::min), least)
	}

	/// Initial margin if no series covers another, with the worst fills of each.
	fn apart(&self, spot: f64, peg: f64) -> f64 {
		let legs = self.legs.iter().chain(self.orders.iter().map(|order| &order.leg));
		let series: BTreeMap<SeriesId, f64> =
			legs.map(|leg| (leg.series, leg.values.plain)).collect();
		let worst = |(id, value): (SeriesId, f64)| {
			let strike = id.strike as f64 / 1e6;
			let lot = Net { kind: id.kind, strike, amount: -1.0, value };
			let held: f64 =
				self.legs.iter().filter(|leg| leg.series == id).map(|leg| leg.amount).sum();
			// A short needs that much, a long nothing: both are linear, and an order fills if that lowers them.
			let line = |need: f64| -> f64 {
				let fills = self.orders.iter().filter(|order| order.leg.series == id);
				let gain = |order: &Pending| order.leg.amount * (need - order.price) - order.fee;
				held * need + fills.map(gain).map(|gain| gain.min(0.0)).sum::<f64>()
			};
			line(0.0).min(line(peg - lot.short(spot).1))
		};
		series.into_iter().map(worst).sum()
	}

	/// Initial margin with these orders filled.
	fn filled(&self, orders: &[Pending], spot: f64, peg: f64) -> f64 {
		let paid = |order: &Pending| -order.leg.amount * order.price - order.fee;
		self.requirement(orders, spot, peg).initial + orders.iter().map(paid).sum::<f64>()
	}

	fn greedy(&self, mut left: Vec<Pending>, spot: f64, peg: f64) -> f64 {
		let mut filled: Vec<Pending> = Vec::new();
		let mut initial = self.filled(&filled, spot, peg);
		for _ in 0..3 {
			let before = filled.len();
			left.retain(|order| {
				filled.push(*order);
				let next = self.filled(&filled, spot, peg);
				let lowers = next < initial;
				if lowers {
					initial = next;
				} else {
					filled.pop();
				}
				!lowers
			});
			if filled.len() == before {
				break;
			}
		}
		initial
	}

	fn requirement(&self, filled: &[Pending], spot: f64, peg: f64) -> Requirement {
		let mut nets = BTreeMap::<SeriesId, (f64, f64)>::new();
		for leg in self.legs.iter().copied().chain(filled.iter().map(|order| order.leg)) {
			let net = nets.entry(leg.series).or_insert((0.0, leg.values.plain));
			net.0 += leg.amount;
		}
		let nets: Vec<Net> = nets
			.into_iter()
			.map(|(series, (amount, value))| Net {
				kind: series.kind,
				strike: series.strike as f64 / 1e6,
				// Fractions of lots do not cancel to zero in binary.
				amount: if amount.abs() < 1e-9 { 0.0 } else { amount },
				value,
			})
			.collect();
		let mark = nets.iter().map(|net| net.amount * net.value).sum();
		let (mut maintenance, mut initial, mut sold) = (0.0, 0.0, 0.0);
		for net in nets.iter().filter(|net| net.amount < 0.0) {
			let (of_maintenance, of_initial) = net.short(spot);
			maintenance += of_maintenance;
			initial += of_initial;
			sold -= net.amount;
		}
		let payoff = |price: f64| nets.iter().map(|net| net.payoff(price)).sum::<f64>();
		let prices = core::iter::once(0.0).chain(nets.iter().map(|net| net.strike));
		let loss = prices.map(payoff).fold(0.0, f64::min);
		let calls: f64 =
			nets.iter().filter(|net| net.kind == OptionKind::Call).map(|net| net.amount).sum();
		let uncovered = calls.min(0.0) * self.forward;
		Requirement {
			mark,
			maintenance: maintenance.max(loss + UNPAIRED_MAINTENANCE * uncovered),
			initial: initial.max(loss + UNPAIRED_INITIAL * uncovered) - sold * peg,
		}
	}
}

/// What the options of an expiry require under standard margin.
struct Requirement {
	mark: f64,
	maintenance: f64,
	/// Less the charge for a settlement asset off its peg.
	initial: f64,
}

/// One series with its orders filled.
struct Net {
	kind: OptionKind,
	strike: f64,
	amount: f64,
	value: f64,
}

impl Net {
	/// Maintenance and initial requirement of a short.
	fn short(&self, spot: f64) -> (f64, f64) {
		let worth = self.amount * self.value;
		let call = self.kind == OptionKind::Call;
		let away = if call { self.strike - spot } else { spot - self.strike };
		let rate = (SPOT_MAX - away.max(0.0) / spot).max(SPOT_MIN);
		let at_spot = worth + rate * spot * self.amount;
		if call {
			return (worth + SHORT_MAINTENANCE * spot * self.amount, at_spot);
		}
		let by_spot = SHORT_MAINTENANCE * spot * self.amount;
		let maintenance = worth + by_spot.min(SHORT_MAINTENANCE * worth);
		(maintenance, at_spot.min(maintenance * PUT_INITIAL_SCALE))
	}

	fn payoff(&self, price: f64) -> f64 {
		let paid = match self.kind {
			OptionKind::Call => price - self.strike,
			OptionKind::Put => self.strike - price,
		};
		self.amount * paid.max(0.0)
	}
}
