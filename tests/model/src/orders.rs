// SPDX-License-Identifier: Apache-2.0
//! Random orders: near the mark, crossing, far away, and nonsense.

use crate::{
	account::Key,
	actors::Temper,
	ledger::Ledger,
	market::{Life, Market},
};
use ballast_exchange::{MarginKind, Moment, OpenOrder, OptionKind, SeriesId, Side, UnderlyingId};
use ballast_rng::Rng;
use pallet_order_book::types::{Leg, NewOrder, Operation, OrderKind, SelfTrade};

/// Draws orders for one actor.
pub struct Drawing<'a> {
	/// Random numbers.
	pub rng: &'a mut Rng,
	/// What everybody holds.
	pub ledger: &'a Ledger,
	/// Prices.
	pub market: &'a mut Market,
	/// Rules of the actor's account.
	pub margin: MarginKind,
	/// What the actor is like.
	pub temper: Temper,
}

impl Drawing<'_> {
	fn is_wrong(&mut self) -> bool {
		let percent = if self.temper == Temper::Hostile { 25 } else { 1 };
		self.rng.percent(percent)
	}

	/// A series: mostly one that trades and that the account may hold, near the money.
	pub fn series(&mut self) -> SeriesId {
		let any = self.is_wrong();
		let underlying = match self.margin {
			MarginKind::Portfolio(own @ 1..=3) if !any => own,
			_ => self.rng.within(1, 3) as UnderlyingId,
		};
		let kind = if self.rng.percent(50) { OptionKind::Call } else { OptionKind::Put };
		let all = self.rng.percent(3);
		let listed = self.market.underlying(underlying).listed.iter();
		let expiries: Vec<Moment> = listed
			.filter(|(_, it)| all || it.life == Life::Trading)
			.map(|(expiry, _)| *expiry)
			.collect();
		let expiry = self.rng.pick(&expiries).copied().unwrap_or(1_000);
		let spot = self.market.spot(underlying).unwrap_or(0) / 1_000_000;
		let strikes = self.market.listed((underlying, expiry));
		let mut strikes = strikes.map_or(vec![], |listed| listed.strikes.clone());
		strikes.sort_by_key(|strike| i128::from(*strike).abs_diff(spot));
		strikes.truncate(4);
		let strike = self.rng.pick(&strikes).copied().unwrap_or(1_000_000);
		let series = SeriesId { underlying, expiry, strike, kind };
		if !self.is_wrong() {
			return series;
		}
		match self.rng.below(4) {
			0 => SeriesId { underlying: 9, ..series },
			1 => SeriesId { strike: u64::MAX, ..series },
			2 => SeriesId { expiry: 0, ..series },
			_ => series,
		}
	}

	/// A price in micro-USD: around the mark, or one that crosses.
	fn price(&mut self, series: &SeriesId, side: Side) -> u64 {
		if self.is_wrong() {
			return [0, 1, 3, u64::MAX, 1 << 62, 16_777_216_000_000][self.rng.below(6) as usize];
		}
		let Some(underlying) = self.market.underlyings.get(&series.underlying) else { return 500 };
		let tick = underlying.tick;
		let crossing = match self.temper {
			Temper::Maker => 5,
			_ => 55,
		};
		let best = self.ledger.best(series, opposite(side));
		if let Some(best) = best.filter(|_| self.rng.percent(crossing)) {
			let further = tick * self.rng.below(4);
			return if side == Side::Buy {
				best + further
			} else {
				best.saturating_sub(further).max(tick)
			};
		}
		let mark = self.market.values(series).map_or(0.0, |values| values.mark) * 1e6;
		let away = self.rng.real(-0.01, 0.06) * (mark + 20.0 * tick as f64);
		let wanted = if side == Side::Buy { mark - away } else { mark + away };
		((wanted.max(0.0) as u64) / tick).max(1) * tick
	}

	fn lots(&mut self, series: &SeriesId) -> i64 {
		if self.is_wrong() {
			return [0, -1, i64::MIN, i64::MAX, 100_001, 100_000][self.rng.below(6) as usize];
		}
		let contracts = match series.underlying {
			1 => [1, 10, 100, 600],
			2 => [1, 20, 200, 1_500],
			_ => [1, 500, 5_000, 60_000],
		}[self.rng.weighted(&[10, 40, 40, 10])];
		self.rng.within(1, contracts)
	}

	/// An order of somebody else that the account could take.
	fn there(&mut self, key: &Key) -> Option<OpenOrder> {
		let mut there: Vec<OpenOrder> = Vec::new();
		for (other, account) in &self.ledger.accounts {
			let takes = |order: &&OpenOrder| {
				let life = self.market.life(&order.series);
				let own = match self.margin {
					MarginKind::Portfolio(underlying) => order.series.underlying == underlying,
					MarginKind::Standard => true,
				};
				other.owner != key.owner && own && life == Some(Life::Trading)
			};
			there.extend(account.orders.values().filter(takes));
		}
		self.rng.pick(&there).copied()
	}

	/// A whole order: a new one, one that closes a position, or one that takes another.
	pub fn order(&mut self, key: &Key) -> NewOrder {
		if self.temper == Temper::Naked && self.rng.percent(90) {
			return self.naked(key);
		}
		let account = self.ledger.accounts.get(key);
		let held: Vec<(SeriesId, i64)> = account
			.map_or(vec![], |it| it.positions.iter().map(|(id, lots)| (*id, *lots)).collect());
		let closing = if self.rng.percent(25) { self.rng.pick(&held).copied() } else { None };
		let takes = self.temper != Temper::Maker && self.rng.percent(50) && !self.is_wrong();
		let there = if takes { self.there(key) } else { None };
		let (series, side) = match (there, closing) {
			(Some(there), _) => (there.series, opposite(there.side)),
			(_, Some((series, lots))) => (series, if lots > 0 { Side::Sell } else { Side::Buy }),
			_ => {
				let series = self.series();
				(series, if self.rng.percent(50) { Side::Buy } else { Side::Sell })
			},
		};
		let kind = self.kind();
		let now = self.market.now;
		let lots = self.lots(&series);
		NewOrder {
			series,
			side,
			price: there.map_or_else(|| self.price(&series, side), |there| there.price),
			lots: there.map_or(lots, |there| if lots % 2 == 0 { lots } else { there.lots }),
			kind,
			reduce_only: self.rng.percent(if closing.is_some() { 60 } else { 3 }),
			good_till: match self.rng.below(12) {
				0 => Some(now + self.rng.below(20_000)),
				1 => Some(now + 3_600_000),
				_ => None,
			},
			client_id: self.rng.percent(30).then(|| self.rng.below(60)),
			self_trade: if self.rng.percent(50) {
				SelfTrade::CancelResting
			} else {
				SelfTrade::CancelIncoming
			},
		}
	}

	/// A sale of about as much as the cash of the account carries, a little under the mark so that somebody buys it.
	fn naked(&mut self, key: &Key) -> NewOrder {
		let series = self.series();
		let cash =
			self.ledger.accounts.get(key).map_or(0, |account| account.cash.max(0)) as f64 / 1e6;
		let spot = self.market.spot(series.underlying).unwrap_or(0) as f64 / 1e12;
		let per_contract = self.market.underlyings.get(&series.underlying);
		let per_contract = per_contract.map_or(1, |it| it.lots_per_contract) as f64;
		let contracts = cash / (spot * 0.15).max(1e-9) * self.rng.real(0.1, 1.0);
		let best = self.ledger.best(&series, Side::Buy);
		let tick = self.market.underlyings.get(&series.underlying).map_or(500, |it| it.tick);
		let mark = self.market.values(&series).map_or(0.0, |values| values.mark) * 1e6;
		let offered = ((mark * self.rng.real(0.9, 1.0)) as u64 / tick).max(1) * tick;
		NewOrder {
			series,
			side: Side::Sell,
			price: best.filter(|_| self.rng.percent(40)).unwrap_or(offered),
			lots: ((contracts * per_contract) as i64).clamp(1, 100_000),
			kind: OrderKind::Limit,
			reduce_only: false,
			good_till: None,
			client_id: None,
			self_trade: SelfTrade::CancelResting,
		}
	}

	fn kind(&mut self) -> OrderKind {
		use OrderKind::{FillOrKill, ImmediateOrCancel, Limit, PostOnly};
		let kinds: &[OrderKind] = match self.temper {
			Temper::Maker => &[Limit, PostOnly],
			_ => &[Limit, Limit, Limit, PostOnly, ImmediateOrCancel, FillOrKill],
		};
		self.rng.pick(kinds).copied().unwrap_or(Limit)
	}

	/// A new price and size for an order.
	pub fn replacement(&mut self, key: &Key, id: u64) -> (u64, i64) {
		let order =
			self.ledger.accounts.get(key).and_then(|account| account.orders.get(&id).copied());
		let Some(order) = order else { return (1_000_000, 1) };
		let price = match self.rng.below(3) {
			0 => order.price,
			_ => self.price(&order.series, order.side),
		};
		let lots = match self.rng.below(4) {
			0 => order.lots,
			1 => (order.lots / 2).max(1),
			_ => self.lots(&order.series),
		};
		(price, lots)
	}

	/// Several operations. A maker takes its orders off and quotes both sides of a few series.
	pub fn batch(&mut self, key: &Key) -> Vec<Operation> {
		let orders: Vec<u64> =
			self.ledger.accounts.get(key).map_or(vec![], |it| it.orders.keys().copied().collect());
		let mut operations = Vec::new();
		if self.rng.percent(40) {
			operations.push(Operation::CancelAll);
		}
		for _ in 0..self.rng.below(10) {
			let order = self.rng.pick(&orders).copied().unwrap_or(1);
			operations.push(match self.rng.weighted(&[60, 8, 4, 4, 16]) {
				0 => Operation::Place(self.order(key)),
				1 => Operation::Cancel(order),
				2 => Operation::CancelByClientId(self.rng.below(60)),
				3 => Operation::CancelSeries(self.series()),
				_ => {
					let (price, lots) = self.replacement(key, order);
					Operation::Replace { order, price, lots }
				},
			});
		}
		operations
	}

	/// Legs and the most they may cost: mostly orders that are there.
	pub fn combo(&mut self, key: &Key) -> (Vec<Leg>, i128) {
		let wanted = if self.is_wrong() { 0 } else { self.rng.within(1, 4) };
		let mut legs = Vec::new();
		for _ in 0..wanted {
			let leg = match self.there(key) {
				Some(there) if self.rng.percent(90) => Leg {
					series: there.series,
					side: opposite(there.side),
					price: there.price,
					lots: self.rng.within(1, there.lots),
				},
				_ => {
					let series = self.series();
					let side = if self.rng.percent(50) { Side::Buy } else { Side::Sell };
					Leg { series, side, price: self.price(&series, side), lots: self.lots(&series) }
				},
			};
			legs.push(leg);
		}
		let max_cost = match self.rng.below(4) {
			0 => self.rng.within(-1_000_000_000, 1_000_000_000).into(),
			_ => i128::MAX,
		};
		(legs, max_cost)
	}
}

fn opposite(side: Side) -> Side {
	match side {
		Side::Buy => Side::Sell,
		Side::Sell => Side::Buy,
	}
}
