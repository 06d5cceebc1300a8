// SPDX-License-Identifier: Apache-2.0
//! Portfolio margin: one underlying, a grid of scenarios, risk arrays.

mod account;
mod array;
pub(crate) mod drift;
mod evaluation;
mod expiry;
pub(crate) mod legs;
mod liquidation;
mod orders;
mod parameters;
mod profits;
mod report;
mod slope;
mod split;
mod sums;
mod surface;
mod trade;

pub use account::{
	Adjustments, ArraySource, ExpiryTerms, PortfolioAccount, RiskArrays, Round, BASIS_DOWN,
	BASIS_UP, FIXED_ENTRIES, MARK, MAX_WIDTH,
};
pub use array::{price_all, DirectArrays};
pub use drift::{DriftBound, DRIFT_DELAY_RANGE, DRIFT_SPOT_RANGE, DRIFT_WIDE_DELAY_RANGE};
pub use expiry::{ExpiryContext, SETTLEMENT_WINDOW_SECONDS};
pub use liquidation::{LiquidationPrices, PricedMarket, SearchRange};
pub use parameters::{
	validate_scenarios, PortfolioParameter, PortfolioParameters, Scenario, ScenarioError, VolShock,
	DEFAULT_SCENARIOS,
};
pub use report::{Binding, Charges, PortfolioReport};
pub use slope::SurplusBound;
pub use surface::{quote_drift, Surface, SurfaceTerms};
pub use trade::TradeEffect;

use evaluation::Evaluation;
use orders::OrderLosses;

use crate::units::{
	ceil_billionth, fine_from_micro, floor_billionth, micro_ceil, micro_ceil_nano, micro_floor,
	micro_floor_nano, times, Fine, NanoFine, MAX_SCENARIOS,
};
use crate::{Margin, MarginModel, MicroUsd, Ppb, RiskError};

pub(crate) use evaluation::charge_factor;

/// Portfolio margin under one set of parameters and one grid.
#[derive(Clone, Copy, Debug)]
pub struct Portfolio<'p> {
	parameters: &'p PortfolioParameters,
	scenarios: &'p [Scenario],
}

impl<'p> Portfolio<'p> {
	/// The model, if parameters and grid are inside their ranges.
	pub fn new(
		parameters: &'p PortfolioParameters,
		scenarios: &'p [Scenario],
	) -> Result<Self, RiskError> {
		parameters.validate()?;
		validate_scenarios(scenarios)?;
		Ok(Self { parameters, scenarios })
	}

	/// The parameters.
	pub const fn parameters(&self) -> &'p PortfolioParameters {
		self.parameters
	}

	/// The grid.
	pub const fn scenarios(&self) -> &'p [Scenario] {
		self.scenarios
	}

	/// Entries in a risk array of this grid.
	pub const fn width(&self) -> usize {
		FIXED_ENTRIES + self.scenarios.len()
	}

	/// Initial factor with multiplier and peg, rounded up: at most `2 * 3 + 0.99 * 10`, under `2^34`.
	fn initial_factor(&self, quote_price: Ppb, multiplier: Ppb) -> i128 {
		let p = self.parameters;
		let gap = (p.peg_threshold.wide() - quote_price.wide()).max(0);
		ceil_billionth(p.initial_factor.wide() * multiplier.wide())
			+ ceil_billionth(gap * p.peg_factor.wide())
	}

	fn solve(&self, account: &PortfolioAccount, solution: &mut Solution) -> Result<(), RiskError> {
		solution.evaluation.fill(self.parameters, self.scenarios, account)?;
		solution.factor = self.initial_factor(
			account.round.market.quote_price,
			account.adjustments.initial_multiplier,
		);
		solution.concentration =
			fine_from_micro(account.adjustments.concentration, account.book.lots_per_contract)?;
		if !account.orders.is_empty() {
			let losses = solution.losses.insert(OrderLosses::EMPTY);
			losses.fill(self.scenarios, account, solution.factor)?;
		}
		Ok(())
	}
}

/// A book evaluated, with what initial margin alone looks at.
struct Solution {
	evaluation: Evaluation,
	factor: i128,
	losses: Option<OrderLosses>,
	concentration: Fine,
}

impl Solution {
	/// Nothing solved yet; [`Portfolio::solve`] fills it in place.
	#[inline(always)]
	fn new() -> Self {
		Self { evaluation: Evaluation::new(), factor: 0, losses: None, concentration: 0 }
	}
}

/// A worst case and what decides it.
struct Worst {
	loss: NanoFine,
	binding: Binding,
}

impl Solution {
	/// Weighted profit per scenario: at most `2^91` before its billionths.
	#[inline(always)]
	fn weighted<'a>(&'a self, scenarios: &'a [Scenario]) -> impl Iterator<Item = NanoFine> + 'a {
		self.evaluation.profits.weighted(scenarios)
	}

	/// The worst of basis and scenarios. Equal ones go to the basis, then to the first scenario.
	fn worst(&self, scenarios: &[Scenario]) -> Worst {
		let basis = times(self.evaluation.basis, Ppb::ONE.0);
		let mut worst = Worst { loss: basis, binding: Binding::Basis };
		for (index, loss) in (0u8..).zip(self.weighted(scenarios)) {
			if loss < worst.loss {
				worst = Worst { loss, binding: Binding::Scenario(index) };
			}
		}
		worst
	}

	/// The worst case of initial margin times its factor, with the losses of orders.
	fn worst_initial(&self, scenarios: &[Scenario], worst: &Worst) -> Worst {
		let Some(losses) = &self.losses else {
			let loss = floor_billionth(worst.loss) * self.factor;
			return Worst { loss, binding: worst.binding };
		};
		let basis = self.evaluation.basis * self.factor + losses.basis;
		let mut worst = Worst { loss: basis, binding: Binding::Basis };
		let weighted = self.weighted(scenarios).zip(&losses.scenarios);
		for (index, (profit, order)) in (0u8..).zip(weighted) {
			let loss = floor_billionth(profit) * self.factor + order;
			if loss < worst.loss {
				worst = Worst { loss, binding: Binding::Scenario(index) };
			}
		}
		worst
	}

	/// Everything but worst cases and charges.
	fn equity(&self) -> NanoFine {
		let e = &self.evaluation;
		times(e.mark + e.cash - e.delay, Ppb::ONE.0)
	}

	fn maintenance_charge(&self, p: &PortfolioParameters, naked: Fine) -> NanoFine {
		let e = &self.evaluation;
		times(e.perpetual_notional, p.perpetual_maintenance.0)
			+ times(naked, p.option_maintenance.0)
			+ e.haircut_maintenance
	}

	fn initial_charge(&self, p: &PortfolioParameters) -> NanoFine {
		let e = &self.evaluation;
		times(e.perpetual_notional, p.perpetual_initial.0)
			+ times(e.naked_with_sells, p.option_initial.0)
			+ e.haircut_initial
			+ e.confidence
			+ times(self.concentration, Ppb::ONE.0)
	}

	fn maintenance(&self, p: &PortfolioParameters, worst: &Worst) -> NanoFine {
		times(floor_billionth(worst.loss), p.maintenance_factor.0)
			- self.maintenance_charge(p, self.evaluation.naked)
			+ self.equity()
	}

	fn initial(&self, p: &PortfolioParameters, worst: &Worst) -> NanoFine {
		worst.loss
			- self.initial_charge(p)
			- self.maintenance_charge(p, self.evaluation.naked_with_sells)
			+ self.equity()
	}

	fn charges(&self, p: &PortfolioParameters, lots: u32, concentration: MicroUsd) -> Charges {
		let e = &self.evaluation;
		let ceil = |nano| micro_ceil_nano(nano, lots);
		let further = (e.naked_with_sells - e.naked) * p.option_maintenance.wide();
		Charges {
			perpetual_maintenance: ceil(e.perpetual_notional * p.perpetual_maintenance.wide()),
			perpetual_initial: ceil(e.perpetual_notional * p.perpetual_initial.wide()),
			option_maintenance: ceil(e.naked * p.option_maintenance.wide()),
			option_initial: ceil(e.naked_with_sells * p.option_initial.wide() + further),
			haircut_maintenance: ceil(e.haircut_maintenance),
			haircut_initial: ceil(e.haircut_initial),
			confidence: ceil(e.confidence),
			delay: micro_ceil(e.delay, lots),
			concentration,
		}
	}
}

impl MarginModel for Portfolio<'_> {
	type Account<'a> = PortfolioAccount<'a>;
	type Report = PortfolioReport;

	fn margin(&self, account: &PortfolioAccount<'_>) -> Result<Margin, RiskError> {
		let mut solution = Solution::new();
		self.solve(account, &mut solution)?;
		let worst = solution.worst(self.scenarios);
		let initial = solution.worst_initial(self.scenarios, &worst);
		Ok(solution.margin(self.parameters, account, &worst, &initial))
	}

	fn report(&self, account: &PortfolioAccount<'_>) -> Result<PortfolioReport, RiskError> {
		let mut solution = Solution::new();
		self.solve(account, &mut solution)?;
		let worst = solution.worst(self.scenarios);
		let initial = solution.worst_initial(self.scenarios, &worst);
		let lots = account.book.lots_per_contract;
		let mut pnl = [0; MAX_SCENARIOS];
		for (pnl, profit) in pnl.iter_mut().zip(solution.weighted(self.scenarios)) {
			*pnl = micro_floor_nano(profit, lots);
		}
		let counted = solution.losses.as_ref().map_or(0, |losses| losses.of(initial.binding));
		Ok(PortfolioReport {
			margin: solution.margin(self.parameters, account, &worst, &initial),
			basis_contingency: micro_floor(solution.evaluation.basis, lots),
			binding: worst.binding,
			binding_initial: initial.binding,
			charges: solution.charges(self.parameters, lots, account.adjustments.concentration),
			orders: micro_floor_nano(counted, lots),
			pnl,
			scenarios: self.scenarios.len(),
		})
	}
}

impl Solution {
	fn margin(
		&self,
		parameters: &PortfolioParameters,
		account: &PortfolioAccount,
		worst: &Worst,
		initial: &Worst,
	) -> Margin {
		let lots = account.book.lots_per_contract;
		let e = &self.evaluation;
		Margin {
			mark_to_market: micro_floor(e.mark, lots),
			equity: micro_floor(e.mark + e.cash, lots),
			maintenance: micro_floor_nano(self.maintenance(parameters, worst), lots),
			initial: micro_floor_nano(self.initial(parameters, initial), lots),
		}
	}
}
