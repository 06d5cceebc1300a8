// SPDX-License-Identifier: Apache-2.0
//! What a trade would do to an account.

use super::{Portfolio, PortfolioAccount, Solution};
use crate::units::{fine_from_micro, lots_in_range, micro_floor, MAX_LEGS, MAX_MICRO_USD};
use crate::{
	ArgumentError, Book, List, Margin, MarginModel, MicroUsd, Order, Position, Ppb, RiskError,
};

/// Margin before and after a trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TradeEffect {
	/// Margin as it is.
	pub before: Margin,
	/// Margin after the whole trade at its price, its fee paid.
	pub after: Margin,
	/// Whether initial margin falls in no scenario and not under the basis moves either: a trade
	/// that can only help.
	pub falls_nowhere: bool,
}

impl TradeEffect {
	/// Change of initial margin; below zero is what the trade needs.
	pub const fn initial_change(&self) -> MicroUsd {
		self.after.initial - self.before.initial
	}

	/// Whether the trade only reduces risk: neither margin falls by it.
	///
	/// A scenario that was a profit may shrink; what counts is that the worst of all scenarios
	/// does not get worse.
	pub const fn reduces_only_risk(&self) -> bool {
		self.after.initial >= self.before.initial
			&& self.after.maintenance >= self.before.maintenance
	}
}

impl Portfolio<'_> {
	/// Margin before and after `trade`, which is not one of the account's open orders.
	pub fn effect(
		&self,
		account: &PortfolioAccount<'_>,
		trade: &Order,
	) -> Result<TradeEffect, RiskError> {
		let (mut before, mut after) = (Solution::new(), Solution::new());
		self.solve(account, &mut before)?;
		let mut room = [Position { series: 0, lots: 0 }; MAX_LEGS];
		let book = after_trade(&account.book, trade, &mut room)?;
		let filled = PortfolioAccount { book, ..*account };
		self.solve(&filled, &mut after)?;
		Ok(TradeEffect {
			before: self.margin(account)?,
			after: self.margin(&filled)?,
			falls_nowhere: self.falls_nowhere(&before, &after),
		})
	}

	/// Whether an order needs no margin because it only reduces risk; see
	/// [`TradeEffect::reduces_only_risk`].
	pub fn reduces_only_risk(
		&self,
		account: &PortfolioAccount<'_>,
		order: &Order,
	) -> Result<bool, RiskError> {
		Ok(self.effect(account, order)?.reduces_only_risk())
	}

	/// Change of both margins by a trade: `after - before`.
	pub fn marginal(
		&self,
		account: &PortfolioAccount<'_>,
		trade: &Order,
	) -> Result<(MicroUsd, MicroUsd), RiskError> {
		let effect = self.effect(account, trade)?;
		let maintenance = effect.after.maintenance - effect.before.maintenance;
		Ok((maintenance, effect.initial_change()))
	}

	fn falls_nowhere(&self, before: &Solution, after: &Solution) -> bool {
		let fixed = |solution: &Solution| {
			solution.equity()
				- solution.initial_charge(self.parameters)
				- solution.maintenance_charge(self.parameters, solution.evaluation.naked_with_sells)
		};
		let room = fixed(after) - fixed(before);
		let basis = after.evaluation.basis - before.evaluation.basis;
		let profits = after.weighted(self.scenarios).zip(before.weighted(self.scenarios));
		let mut changes =
			profits.map(|(new, old)| (new - old).div_euclid(Ppb::ONE.wide()) * before.factor);
		basis * before.factor + room >= 0 && changes.all(|change| change + room >= 0)
	}
}

/// The book after a complete fill: the position merged, its cost and fee paid, rounded down.
fn after_trade<'r>(
	book: &Book<'r>,
	trade: &Order,
	room: &'r mut [Position; MAX_LEGS],
) -> Result<Book<'r>, RiskError> {
	trade.check()?;
	book.check()?;
	let held = room.get_mut(..book.options.len()).ok_or(RiskError::TooMany(List::Legs))?;
	held.copy_from_slice(book.options);
	let signed = trade.side.signed(trade.lots);
	let mut length = held.len();
	match held.iter_mut().find(|position| position.series == trade.series) {
		Some(position) => {
			lots_in_range(position.lots)?;
			position.lots += signed;
		},
		None => {
			let slot = room.get_mut(length).ok_or(RiskError::TooMany(List::Legs))?;
			*slot = Position { series: trade.series, lots: signed };
			length += 1;
		},
	}
	// The cost may exceed what a book's cash may be: the sum is checked, not its parts.
	fine_from_micro(book.cash, book.lots_per_contract)?;
	let cash = book.cash + micro_floor(trade.cash(book.lots_per_contract)?, book.lots_per_contract);
	if !(-MAX_MICRO_USD..=MAX_MICRO_USD).contains(&cash) {
		return Err(ArgumentError::Money.into());
	}
	Ok(Book { cash, options: room.get(..length).unwrap_or(&[]), ..*book })
}
