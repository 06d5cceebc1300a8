// SPDX-License-Identifier: Apache-2.0
//! Every part of a portfolio margin.

use crate::units::MAX_SCENARIOS;
use crate::{Margin, MicroUsd};

/// What decides a worst case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
	feature = "codec",
	derive(
		codec::Encode,
		codec::Decode,
		codec::DecodeWithMemTracking,
		codec::MaxEncodedLen,
		scale_info::TypeInfo
	)
)]
pub enum Binding {
	/// The basis contingency (or nothing at all can be lost).
	Basis,
	/// The scenario of this index.
	Scenario(u8),
}

/// Charges in micro-USD, each rounded up, none below zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
	feature = "codec",
	derive(
		codec::Encode,
		codec::Decode,
		codec::DecodeWithMemTracking,
		codec::MaxEncodedLen,
		scale_info::TypeInfo
	)
)]
pub struct Charges {
	/// On perpetual notional, maintenance.
	pub perpetual_maintenance: MicroUsd,
	/// On perpetual notional, initial only.
	pub perpetual_initial: MicroUsd,
	/// On naked short options, maintenance.
	pub option_maintenance: MicroUsd,
	/// On naked short options with every open sell counted as sold: further part of initial margin.
	pub option_initial: MicroUsd,
	/// Haircuts, maintenance.
	pub haircut_maintenance: MicroUsd,
	/// Haircuts, initial only.
	pub haircut_initial: MicroUsd,
	/// For inputs of low confidence, initial only.
	pub confidence: MicroUsd,
	/// Delay buffer, in both.
	pub delay: MicroUsd,
	/// Concentration, initial only: what others trade changes it.
	pub concentration: MicroUsd,
}

/// Portfolio margin with every part that led to it.
///
/// Profits are rounded down and charges up, so that parts may add up to a few micro-USD less than
/// the margin, which rounds once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortfolioReport {
	/// The margin.
	pub margin: Margin,
	/// Worst basis move, summed over expiries, zero or below.
	pub basis_contingency: MicroUsd,
	/// What decides maintenance.
	pub binding: Binding,
	/// What decides initial margin; differs from `binding` only by open orders.
	pub binding_initial: Binding,
	/// Charges.
	pub charges: Charges,
	/// What the open orders take off the scenario that decides initial margin, zero or below.
	pub orders: MicroUsd,
	pub(super) pnl: [MicroUsd; MAX_SCENARIOS],
	pub(super) scenarios: usize,
}

impl PortfolioReport {
	/// Weighted profit of every scenario, in the order of the grid, rounded down.
	pub fn scenario_pnl(&self) -> &[MicroUsd] {
		self.pnl.get(..self.scenarios).unwrap_or(&[])
	}
}
