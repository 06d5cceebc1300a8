// SPDX-License-Identifier: Apache-2.0
//! What standard margin needs to see of an account, and what it answers.

use ballast_pricing::Price;

use crate::units::MAX_UNDERLYINGS;
use crate::{Margin, MicroUsd, Order, Perpetual, Position, Ppb, Series, StandardParameters};

/// One expiry under standard margin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandardExpiry {
	/// Forward, above zero.
	pub forward: Price,
	/// Lower of the confidences of forward and volatilities.
	pub confidence: Ppb,
}

/// Everything an account holds on one underlying.
#[derive(Clone, Copy, Debug)]
pub struct Underlying<'a> {
	/// Parameters of this underlying.
	pub parameters: &'a StandardParameters,
	/// Spot, above zero.
	pub spot: Price,
	/// Confidence of spot.
	pub spot_confidence: Ppb,
	/// Lots in one contract, for options and perpetual alike.
	pub lots_per_contract: u32,
	/// Amount of the base asset in `1 / base_units_per_token` of a token.
	pub base: u64,
	/// Units in one token of the base asset, at most `10^12`.
	pub base_units_per_token: u64,
	/// Perpetual position.
	pub perpetual: Perpetual,
	/// Expiries.
	pub expiries: &'a [StandardExpiry],
	/// Listed series, or those the account touches.
	pub series: &'a [Series],
	/// Undiscounted Black-76 value of one contract, by the same index as `series`. See
	/// [`crate::ExpiryContext::undiscounted`].
	pub values: &'a [Price],
	/// Option positions in any order; a series may occur more than once.
	pub options: &'a [Position],
	/// Open orders: initial margin is at most what any fills of them would leave.
	pub orders: &'a [Order],
	/// Further charge on initial margin, zero or above: concentration. Not on maintenance, as what
	/// others trade changes it.
	pub charge: MicroUsd,
}

/// An account under standard margin.
#[derive(Clone, Copy, Debug)]
pub struct StandardAccount<'a> {
	/// Price of the settlement asset in dollars, within 0.01 to 100.
	pub quote_price: Ppb,
	/// Cash in the settlement asset; negative is owed.
	pub cash: MicroUsd,
	/// Holdings by underlying.
	pub underlyings: &'a [Underlying<'a>],
}

/// What one underlying adds to each margin, in micro-USD, rounded down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnderlyingReport {
	/// Value of options, base asset, unrealised profit and funding.
	pub mark: MicroUsd,
	/// Requirement of options for maintenance, zero or below unless premium is owed back.
	pub options_maintenance: MicroUsd,
	/// Requirement of options for initial margin, orders included.
	pub options_initial: MicroUsd,
	/// Charges on initial margin for low confidence and a quote price off its peg, zero or below.
	pub initial_charges: MicroUsd,
	/// Everything this underlying adds to maintenance.
	pub maintenance: MicroUsd,
	/// Everything this underlying adds to initial margin.
	pub initial: MicroUsd,
	/// Bit `n` is set if order `n` counts as filled in the worst case.
	pub filled: u64,
}

/// Standard margin with every part that led to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandardReport {
	/// The margin.
	pub margin: Margin,
	pub(super) parts: [UnderlyingReport; MAX_UNDERLYINGS],
	pub(super) count: usize,
}

impl StandardReport {
	/// Parts by underlying, in the order of the account.
	pub fn underlyings(&self) -> &[UnderlyingReport] {
		self.parts.get(..self.count).unwrap_or(&[])
	}
}
