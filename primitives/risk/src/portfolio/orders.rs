// SPDX-License-Identifier: Apache-2.0
//! Open orders by their worst case, scenario by scenario, without enumerating fills.

use super::account::{PortfolioAccount, BASIS_DOWN, BASIS_UP, FIXED_ENTRIES, MARK, MAX_WIDTH};
use super::{Binding, ExpiryTerms, Scenario};
use crate::units::{
	ceil_billionth, fine_from_micro, floor_billionth, lots_in_range, nano_subtotal, subtotal,
	times, NanoFine, BILLION, MAX_SCENARIOS,
};
use crate::{Order, RiskError};

/// What the open orders take off initial margin, zero or below.
pub(super) struct OrderLosses {
	/// Per scenario.
	pub scenarios: [NanoFine; MAX_SCENARIOS],
	/// Where the basis contingency decides.
	pub basis: NanoFine,
}

impl OrderLosses {
	/// No orders.
	pub const EMPTY: OrderLosses = OrderLosses { scenarios: [0; MAX_SCENARIOS], basis: 0 };

	/// Sums the losses of all orders.
	pub fn fill(
		&mut self,
		scenarios: &[Scenario],
		account: &PortfolioAccount,
		factor: i128,
	) -> Result<(), RiskError> {
		let weights = Weights::new(scenarios, factor);
		let mut scratch = [0; MAX_WIDTH];
		for order in account.orders {
			let index = usize::from(order.series);
			let series = account.round.series.get(index).ok_or(RiskError::UnknownSeries)?;
			let terms = account.round.expiries.get(usize::from(series.expiry));
			let terms = terms.ok_or(RiskError::UnknownExpiry)?;
			let entries = account.round.arrays.array(index, &mut scratch)?;
			if entries.len() != FIXED_ENTRIES + scenarios.len() {
				return Err(RiskError::ArrayWidth);
			}
			let fill = Fill::new(order, entries, account.book.lots_per_contract)?;
			self.add(&fill, &weights, entries, terms)?;
		}
		Ok(())
	}

	/// The loss counted in a worst case.
	pub fn of(&self, binding: Binding) -> NanoFine {
		match binding {
			Binding::Basis => self.basis,
			Binding::Scenario(index) => {
				self.scenarios.get(usize::from(index)).copied().unwrap_or(0)
			},
		}
	}

	fn add(
		&mut self,
		fill: &Fill,
		weights: &Weights,
		entries: &[i64],
		terms: &ExpiryTerms,
	) -> Result<(), RiskError> {
		let mut worst_basis = 0;
		for entry in [BASIS_UP, BASIS_DOWN] {
			let change = fill.change(entries.get(entry).copied().unwrap_or(0))?;
			worst_basis =
				fill.profit(subtotal(terms.basis.of(change))? * weights.factor).min(worst_basis);
		}
		self.basis = nano_subtotal(self.basis + nano_subtotal(worst_basis)? - fill.fee)?;
		let shocked = entries.iter().skip(FIXED_ENTRIES);
		for ((loss, weight), entry) in
			self.scenarios.iter_mut().zip(&weights.scenarios).zip(shocked)
		{
			let change = fill.change(*entry)?;
			let weight = if change < 0 { weight.debt } else { weight.asset };
			let worst = nano_subtotal(fill.profit(times(change, weight)).min(0))?;
			*loss = nano_subtotal(*loss + worst - fill.fee)?;
		}
		Ok(())
	}
}

/// Weight times initial factor per scenario, in parts per billion.
struct Weights {
	factor: i128,
	scenarios: [Weight; MAX_SCENARIOS],
}

/// The billionths that do not divide count against the order.
#[derive(Clone, Copy, Default)]
struct Weight {
	asset: i64,
	debt: i64,
}

impl Weights {
	/// At most a weight of `2^31` times a factor below `2^34`, over `10^9`: under `2^36`.
	fn new(scenarios: &[Scenario], factor: i128) -> Self {
		let mut weights = [Weight::default(); MAX_SCENARIOS];
		for (weight, scenario) in weights.iter_mut().zip(scenarios) {
			let product = scenario.weight.wide() * factor;
			*weight = Weight {
				asset: floor_billionth(product) as i64,
				debt: ceil_billionth(product) as i64,
			};
		}
		Self { factor, scenarios: weights }
	}
}

/// One order, filled at its price.
struct Fill {
	lots: i128,
	mark: i64,
	/// Profit against the mark at once.
	gain: NanoFine,
	fee: NanoFine,
}

impl Fill {
	fn new(order: &Order, entries: &[i64], lots_per_contract: u32) -> Result<Self, RiskError> {
		let lots = lots_in_range(order.side.signed(order.lots))?;
		let mark = entries.get(MARK).copied().unwrap_or(0);
		let gain = lots * (i128::from(mark) - i128::from(order.price.pico_usd()));
		Ok(Self {
			lots,
			mark,
			gain: subtotal(gain)? * i128::from(BILLION),
			fee: fine_from_micro(order.fee, lots_per_contract)? * i128::from(BILLION),
		})
	}

	/// Profit of the filled lots from mark to `entry`, within `2^90`.
	fn change(&self, entry: i64) -> Result<i128, RiskError> {
		subtotal(self.lots * (i128::from(entry) - i128::from(self.mark)))
	}

	/// Profit with a weighted change; `2^90` times a factor under `2^35` leaves room for both.
	fn profit(&self, weighted_change: NanoFine) -> NanoFine {
		self.gain + weighted_change
	}
}
