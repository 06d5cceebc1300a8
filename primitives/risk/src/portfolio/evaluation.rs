// SPDX-License-Identifier: Apache-2.0
//! Everything about a book that the two margins share, exact or rounded against the account.

use super::account::{PortfolioAccount, BASIS_DOWN, BASIS_UP, FIXED_ENTRIES, MARK};
use super::legs::{by_expiry, exposure, legs, sort, survey, Exposure, Legs};
use super::profits::Profits;
use super::sums::Totals;
use super::{ExpiryTerms, PortfolioParameters, Scenario};
use crate::factor::mul_wide;
use crate::units::{
	ceil_billionth, fine_from_micro, lots_in_range, nano_subtotal, subtotal, Fine, NanoFine,
	MAX_EXPIRIES, MAX_LEGS,
};
use crate::{List, Position, Ppb, Price, RiskError};

/// Profits per scenario, charges and marks of one book.
pub(super) struct Evaluation {
	/// Profit of each scenario before its weight.
	pub profits: Profits,
	/// Basis contingency, zero or below.
	pub basis: Fine,
	/// Options, collateral, unrealised profit and funding: everything but cash.
	pub mark: Fine,
	/// Cash.
	pub cash: Fine,
	/// Perpetual notional.
	pub perpetual_notional: Fine,
	/// Spot times naked shorts.
	pub naked: Fine,
	/// Spot times naked shorts, every open sell counted as sold.
	pub naked_with_sells: Fine,
	/// Haircuts, maintenance.
	pub haircut_maintenance: NanoFine,
	/// Haircuts, initial only.
	pub haircut_initial: NanoFine,
	/// Charges for low confidence.
	pub confidence: NanoFine,
	/// Delay buffer.
	pub delay: Fine,
	/// Perpetual and hedging collateral: profit per relative move of spot.
	delta_one: Fine,
	/// Profit of the options per basis move up, and down.
	basis_moves: [Fine; 2],
}

impl Evaluation {
	/// Nothing evaluated yet. Filled in place: WebAssembly copies memory word by word.
	#[inline(always)]
	pub fn new() -> Self {
		Self {
			profits: Profits::new(),
			basis: 0,
			mark: 0,
			cash: 0,
			perpetual_notional: 0,
			naked: 0,
			naked_with_sells: 0,
			haircut_maintenance: 0,
			haircut_initial: 0,
			confidence: 0,
			delay: 0,
			delta_one: 0,
			basis_moves: [0; 2],
		}
	}

	/// Evaluates a book. Lengths and ranges are checked here, before anything is summed.
	pub fn fill(
		&mut self,
		parameters: &PortfolioParameters,
		scenarios: &[Scenario],
		account: &PortfolioAccount,
	) -> Result<(), RiskError> {
		let round = &account.round;
		round.market.validate()?;
		account.book.check()?;
		account.adjustments.check()?;
		crate::book::check_orders(account.orders)?;
		if round.expiries.len() > MAX_EXPIRIES {
			return Err(RiskError::TooMany(List::Expiries));
		}
		self.add_book(parameters, account)?;
		let mut room;
		let options = account.book.options;
		let positions = if survey(options, round.series, round.expiries.len())? {
			options
		} else {
			room = [Position { series: 0, lots: 0 }; MAX_LEGS];
			sort(options, round.series, &mut room)
		};
		self.add_options(parameters, scenarios, account, positions)?;
		self.add_open_sells(parameters, account)?;
		self.profits.finish(scenarios, self.delta_one)?;
		self.delay = self.delay_buffer(parameters, account.adjustments.delay_move)?;
		Ok(())
	}

	/// Cash, perpetual and collateral.
	fn add_book(
		&mut self,
		parameters: &PortfolioParameters,
		account: &PortfolioAccount,
	) -> Result<(), RiskError> {
		let (book, market) = (&account.book, &account.round.market);
		let lots = lots_in_range(book.perpetual.lots)?;
		self.mark = book.perpetual.unrealised(book.lots_per_contract)?;
		self.cash = fine_from_micro(book.cash, book.lots_per_contract)?;
		self.perpetual_notional =
			subtotal(notional(book.perpetual.lots.unsigned_abs(), market.spot))?;
		self.delta_one = subtotal(lots * i128::from(book.perpetual.price.pico_usd()))?;
		self.confidence =
			confidence_charge(parameters, base_confidence(account), self.perpetual_notional);
		for collateral in book.collateral {
			let worth = collateral.worth(market.quote_price, book.lots_per_contract)?;
			let confidence = collateral.confidence.min(market.spot_confidence);
			self.mark += worth;
			self.haircut_maintenance += worth * collateral.haircut_maintenance.wide();
			self.haircut_initial += worth * collateral.haircut_initial.wide();
			self.confidence += confidence_charge(parameters, confidence, worth);
			self.delta_one += if collateral.hedges_spot { worth } else { 0 };
		}
		subtotal(self.delta_one)?;
		nano_subtotal(self.haircut_maintenance)?;
		nano_subtotal(self.haircut_initial)?;
		nano_subtotal(self.confidence)?;
		Ok(())
	}

	/// Sums the arrays of every expiry and, without orders, what the charges count.
	fn add_options(
		&mut self,
		parameters: &PortfolioParameters,
		scenarios: &[Scenario],
		account: &PortfolioAccount,
		positions: &[Position],
	) -> Result<(), RiskError> {
		let round = &account.round;
		let mut totals = Totals::new();
		for (index, group) in by_expiry(positions, round.series) {
			let terms = round.expiries.get(index).ok_or(RiskError::UnknownExpiry)?;
			totals.sum(group, round.arrays, FIXED_ENTRIES + scenarios.len())?;
			self.add_expiry(terms, scenarios, &totals)?;
			if account.orders.is_empty() {
				self.add_exposure(parameters, account, terms, exposure(legs(group, round.series)))?;
			}
		}
		subtotal(self.basis)?;
		subtotal(self.mark)?;
		Ok(())
	}

	/// What the charges count where open sells count as sold.
	fn add_open_sells(
		&mut self,
		parameters: &PortfolioParameters,
		account: &PortfolioAccount,
	) -> Result<(), RiskError> {
		let (round, options) = (&account.round, account.book.options);
		if !account.orders.is_empty() {
			let expiries = round.expiries.len();
			let legs = Legs::collect(options, account.orders, false, round.series, expiries)?;
			for group in legs.by_expiry() {
				let index = group.first().map_or(0, |leg| usize::from(leg.expiry));
				let terms = round.expiries.get(index).ok_or(RiskError::UnknownExpiry)?;
				self.add_exposure(parameters, account, terms, exposure(group.iter().copied()))?;
			}
		}
		subtotal(self.naked_with_sells)?;
		nano_subtotal(self.confidence)?;
		Ok(())
	}

	fn add_exposure(
		&mut self,
		parameters: &PortfolioParameters,
		account: &PortfolioAccount,
		terms: &ExpiryTerms,
		counted: Exposure,
	) -> Result<(), RiskError> {
		let spot = account.round.market.spot;
		self.naked += subtotal(notional(counted.naked, spot))?;
		self.naked_with_sells += subtotal(notional(counted.naked_with_sells, spot))?;
		let gross = subtotal(notional(counted.gross, spot))?;
		let confidence = base_confidence(account).min(terms.confidence);
		self.confidence += confidence_charge(parameters, confidence, gross);
		Ok(())
	}

	/// Adds one expiry: at most 12 totals of `2^90`, times 16 at most.
	fn add_expiry(
		&mut self,
		terms: &ExpiryTerms,
		scenarios: &[Scenario],
		totals: &Totals,
	) -> Result<(), RiskError> {
		let [mark, up, down] = [MARK, BASIS_UP, BASIS_DOWN].map(|entry| totals.get(entry).fine());
		self.mark += mark;
		self.basis += terms.basis.of(subtotal((up - mark).min(down - mark).min(0))?);
		self.basis_moves[0] += up - mark;
		self.basis_moves[1] += down - mark;
		self.profits.add(terms, scenarios, totals);
		Ok(())
	}

	/// `|delta| S move`, plus half gamma times the move squared where that loses, from the basis
	/// moves: no greek is computed for it.
	fn delay_buffer(&self, parameters: &PortfolioParameters, size: Ppb) -> Result<Fine, RiskError> {
		if size == Ppb::ZERO {
			return Ok(0);
		}
		let billion = Ppb::ONE.wide();
		let rise = parameters.basis_up.wide() - billion;
		let fall = billion - parameters.basis_down.wide();
		let [up, down] = self.basis_moves;
		let mut delta = self.delta_one;
		let mut gamma = 0;
		if rise > 0 && fall > 0 {
			// Slopes of the two halves; their mean weighted by the other half is the central one.
			let above = subtotal(subtotal(up)? * billion / rise)?;
			let below = subtotal(subtotal(-down)? * billion / fall)?;
			delta += (above * fall + below * rise) / (rise + fall);
			gamma = (above - below) * 2 / (rise + fall) * billion;
		}
		let linear = ceil_billionth(subtotal(delta)?.abs() * size.wide());
		let loss = subtotal((-gamma).max(0))?;
		let curved = subtotal(ceil_billionth(loss * size.wide()))?;
		let curved = ceil_billionth(curved * size.wide() + 1) / 2 + 1;
		subtotal(linear + curved)
	}
}

/// Lowest confidence of what every expiry shares.
fn base_confidence(account: &PortfolioAccount) -> Ppb {
	let spot = account.round.market.spot_confidence;
	if account.book.perpetual.lots == 0 {
		spot
	} else {
		spot.min(account.book.perpetual.confidence)
	}
}

/// `(1 - c) confidence_margin * notional` under the threshold, its factor rounded up.
pub(crate) fn charge_factor(threshold: Ppb, margin: Ppb, confidence: Ppb) -> i128 {
	if confidence >= threshold {
		return 0;
	}
	let missing = Ppb::ONE.wide() - confidence.wide();
	ceil_billionth(missing * margin.wide())
}

/// The charge on a notional within `2^90`; factors stay within `2^31`.
fn confidence_charge(p: &PortfolioParameters, confidence: Ppb, notional: Fine) -> NanoFine {
	match charge_factor(p.confidence_threshold, p.confidence_margin, confidence) {
		0 => 0,
		factor => notional * factor,
	}
}

/// Lots at a price, below `2^49 * 2^63`, without a call of the 128-bit product.
#[inline(always)]
fn notional(lots: u64, price: Price) -> Fine {
	let (high, low) = mul_wide(lots, price.pico_usd().unsigned_abs());
	(u128::from(high) << 64 | u128::from(low)) as i128
}
