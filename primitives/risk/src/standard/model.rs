// SPDX-License-Identifier: Apache-2.0
//! Standard margin of an account: its underlyings one by one, then cash.

use super::account::{StandardAccount, StandardReport, Underlying, UnderlyingReport};
use super::expiry::{requirement, Requirement};
use super::orders::WorstCase;
use crate::book::{check_confidence, check_orders, worth};
use crate::market::check_quote_price;
use crate::portfolio::charge_factor;
use crate::portfolio::legs::Legs;
use crate::units::{
	ceil_billionth, fine_from_micro, floor_billionth, lots_in_range, lots_per_contract_in_range,
	micro_floor, micro_floor_nano, nano_subtotal, subtotal, Fine, NanoFine, MAX_EXPIRIES, MAX_LEGS,
	MAX_MICRO_USD, MAX_UNDERLYINGS,
};
use crate::{ArgumentError, List, Margin, MarginModel, Ppb, RiskError};

/// Standard margin. Parameters come with each underlying.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standard;

/// What one underlying adds to an account.
#[derive(Clone, Copy, Default)]
struct Parts {
	mark: Fine,
	options: Requirement,
	maintenance: NanoFine,
	initial: NanoFine,
	charges: NanoFine,
	filled: u64,
}

impl MarginModel for Standard {
	type Account<'a> = StandardAccount<'a>;
	type Report = StandardReport;

	fn margin(&self, account: &StandardAccount<'_>) -> Result<Margin, RiskError> {
		Ok(self.report(account)?.margin)
	}

	fn report(&self, account: &StandardAccount<'_>) -> Result<StandardReport, RiskError> {
		check_quote_price(account.quote_price)?;
		if account.underlyings.len() > MAX_UNDERLYINGS {
			return Err(RiskError::TooMany(List::Underlyings));
		}
		if !(-MAX_MICRO_USD..=MAX_MICRO_USD).contains(&account.cash) {
			return Err(ArgumentError::Money.into());
		}
		let mut parts = [UnderlyingReport::default(); MAX_UNDERLYINGS];
		// 10^-21 USD: underlyings of different lot sizes add up. 32 * 2^124 fits.
		let cash = account.cash * 1_000_000_000_000_000;
		let (mut mark, mut maintenance, mut initial) = (cash, cash, cash);
		for (part, underlying) in parts.iter_mut().zip(account.underlyings) {
			let (one, lots) =
				(Parts::new(underlying, account.quote_price)?, underlying.lots_per_contract);
			mark += (one.mark * Ppb::ONE.wide()).div_euclid(lots.into());
			maintenance += one.maintenance.div_euclid(lots.into());
			initial += one.initial.div_euclid(lots.into());
			*part = one.report(lots);
		}
		let margin = Margin {
			mark_to_market: micro_floor_nano(mark, 1),
			equity: micro_floor_nano(mark, 1),
			maintenance: micro_floor_nano(maintenance, 1),
			initial: micro_floor_nano(initial, 1),
		};
		Ok(StandardReport { margin, parts, count: account.underlyings.len() })
	}
}

impl Parts {
	fn new(underlying: &Underlying, quote_price: Ppb) -> Result<Self, RiskError> {
		check(underlying)?;
		let gap = (underlying.parameters.peg_threshold.wide() - quote_price.wide()).max(0);
		let peg = ceil_billionth(gap * underlying.parameters.peg_factor.wide());
		let mut parts = Self::default();
		parts.add_perpetual(underlying, peg)?;
		parts.add_base(underlying, quote_price)?;
		parts.add_options(underlying, peg)?;
		let charge = fine_from_micro(underlying.charge, underlying.lots_per_contract)?;
		parts.initial -= charge * Ppb::ONE.wide() + parts.charges;
		subtotal(parts.mark)?;
		Ok(parts)
	}

	fn add_perpetual(&mut self, underlying: &Underlying, peg: i128) -> Result<(), RiskError> {
		let (p, perpetual) = (underlying.parameters, &underlying.perpetual);
		let size = lots_in_range(perpetual.lots)?.abs();
		let notional = subtotal(size * i128::from(perpetual.price.pico_usd()))?;
		let at_spot = subtotal(size * i128::from(underlying.spot.pico_usd()))?;
		let profit = perpetual.unrealised(underlying.lots_per_contract)?;
		self.mark += profit;
		let profit = subtotal(profit)? * Ppb::ONE.wide();
		self.maintenance += profit - notional * p.perpetual_maintenance.wide();
		self.initial += profit - notional * p.perpetual_initial.wide();
		let confidence = underlying.spot_confidence.min(perpetual.confidence);
		let charge = charge_factor(p.confidence_threshold, p.confidence_margin, confidence);
		self.charges += nano_subtotal(at_spot * (charge + peg))?;
		Ok(())
	}

	fn add_base(&mut self, underlying: &Underlying, quote_price: Ppb) -> Result<(), RiskError> {
		let p = underlying.parameters;
		let in_quote = |quote| {
			worth(
				underlying.base,
				underlying.base_units_per_token,
				underlying.spot,
				quote,
				underlying.lots_per_contract,
			)
		};
		let dollars = in_quote(Ppb::ONE)?;
		self.mark += in_quote(quote_price)?;
		let counted = dollars * p.base_factor.wide();
		self.maintenance += counted;
		self.initial += floor_billionth(counted) * p.base_initial_scale.wide();
		let confidence = underlying.spot_confidence;
		let charge = charge_factor(p.confidence_threshold, p.confidence_margin, confidence);
		// The worth is rounded down and so would be the charge: one unit more covers it.
		self.charges += (dollars + i128::from(underlying.base > 0)) * charge;
		Ok(())
	}

	fn add_options(&mut self, underlying: &Underlying, peg: i128) -> Result<(), RiskError> {
		let (orders, expiries) = (underlying.orders, underlying.expiries);
		let legs =
			Legs::collect(underlying.options, orders, true, underlying.series, expiries.len())?;
		for group in legs.by_expiry() {
			let index = group.first().map_or(0, |leg| usize::from(leg.expiry));
			let expiry = expiries.get(index).ok_or(RiskError::UnknownExpiry)?;
			let held = requirement(underlying, expiry, group, peg)?;
			let worst = WorstCase::new(underlying, expiry, group, &held, peg)?;
			self.filled |= worst.orders;
			self.mark += held.mark;
			self.options.maintenance += held.maintenance;
			self.options.initial += worst.initial;
			self.charges = nano_subtotal(self.charges + worst.charges)?;
		}
		self.maintenance += nano_subtotal(self.options.maintenance)?;
		self.initial += nano_subtotal(self.options.initial)?;
		Ok(())
	}

	fn report(&self, lots: u32) -> UnderlyingReport {
		UnderlyingReport {
			mark: micro_floor(self.mark, lots),
			options_maintenance: micro_floor_nano(self.options.maintenance, lots),
			options_initial: micro_floor_nano(self.options.initial, lots),
			initial_charges: micro_floor_nano(-self.charges, lots),
			maintenance: micro_floor_nano(self.maintenance, lots),
			initial: micro_floor_nano(self.initial, lots),
			filled: self.filled,
		}
	}
}

pub(super) fn check(underlying: &Underlying) -> Result<(), RiskError> {
	underlying.parameters.validate()?;
	lots_per_contract_in_range(underlying.lots_per_contract)?;
	check_confidence(underlying.spot_confidence)?;
	underlying.perpetual.check()?;
	check_orders(underlying.orders)?;
	if underlying.spot.is_zero() {
		return Err(ArgumentError::Spot.into());
	}
	if underlying.charge < 0 {
		return Err(ArgumentError::Money.into());
	}
	if underlying.expiries.len() > MAX_EXPIRIES {
		return Err(RiskError::TooMany(List::Expiries));
	}
	if underlying.options.len() > MAX_LEGS {
		return Err(RiskError::TooMany(List::Legs));
	}
	for expiry in underlying.expiries {
		check_confidence(expiry.confidence)?;
		if expiry.forward.is_zero() {
			return Err(ArgumentError::Forward.into());
		}
	}
	Ok(())
}
