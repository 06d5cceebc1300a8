// SPDX-License-Identifier: Apache-2.0
//! What every margin model answers.

use crate::{MicroUsd, RiskError};

/// The figures that decide about an account. Each is rounded down.
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
pub struct Margin {
	/// Value of what the account holds. Portfolio margin leaves cash out of it, standard margin
	/// counts cash in: that is how the models publish it.
	pub mark_to_market: MicroUsd,
	/// Value of what the account holds, cash included: the `mark` of an auction.
	pub equity: MicroUsd,
	/// Below zero the account is liquidated.
	pub maintenance: MicroUsd,
	/// Below zero no trade, order or withdrawal is allowed that adds risk.
	pub initial: MicroUsd,
}

impl Margin {
	/// Whether the account may be liquidated.
	pub const fn is_liquidatable(&self) -> bool {
		self.maintenance < 0
	}

	/// Whether the account may trade or withdraw.
	pub const fn allows_risk(&self) -> bool {
		self.initial >= 0
	}
}

/// A set of rules that turns an account into a margin.
///
/// A model borrows its parameters; it holds no state and allocates nothing. `Account` is what the
/// rules need to see of an account and its market, `Report` every part that led to the margin.
pub trait MarginModel {
	/// What the rules need to see.
	type Account<'a>;
	/// Every part of the result.
	type Report;

	/// Margin alone: the call for hot paths.
	fn margin(&self, account: &Self::Account<'_>) -> Result<Margin, RiskError>;

	/// Margin with every part that led to it.
	fn report(&self, account: &Self::Account<'_>) -> Result<Self::Report, RiskError>;
}
