// SPDX-License-Identifier: Apache-2.0
//! What portfolio margin needs to see of an account and of the price round it is measured by.

use ballast_pricing::Price;

use crate::{ArgumentError, Book, Factor, Market, MicroUsd, Order, Ppb, RiskError, Series};

/// Entries of a risk array before those of the scenarios: mark, basis up, basis down.
pub const FIXED_ENTRIES: usize = 3;
/// Index of the mark in a risk array.
pub const MARK: usize = 0;
/// Index of the value after the upward basis move.
pub const BASIS_UP: usize = 1;
/// Index of the value after the downward basis move.
pub const BASIS_DOWN: usize = 2;
/// Longest risk array.
pub const MAX_WIDTH: usize = FIXED_ENTRIES + crate::MAX_SCENARIOS;

/// Everything of an expiry that an account's margin needs beside the risk arrays.
///
/// [`crate::ExpiryContext::terms`] makes it once per price round; it is stored with the arrays.
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
pub struct ExpiryTerms {
	/// Lowest confidence of the expiry's inputs.
	pub confidence: Ppb,
	/// Factor on a shocked total that is an asset, rounded down.
	pub discount_long: Factor,
	/// Factor on a shocked total that is a debt, rounded up.
	pub discount_short: Factor,
	/// Factor on the worse basis move, rounded up.
	pub basis: Factor,
	/// Part of a spot move that reaches the forward: one until the settlement window opens.
	pub live: Factor,
	/// Discounted forward, rounded up: no option of this expiry gains or loses more per unit move.
	pub discounted_forward: Price,
	/// Bound on what a skew scenario adds to that, as a ratio, rounded up.
	pub skew_slope: Ppb,
}

/// Risk arrays by index of the series.
///
/// An array holds mark, basis up, basis down and one value per scenario, in pico-USD per contract.
pub trait ArraySource {
	/// The array of series `index` if it is in memory: several such arrays are summed in one pass.
	fn stored(&self, index: usize) -> Option<&[i64]> {
		let _ = index;
		None
	}

	/// The array of series `index`; `scratch` is room for a source that computes it.
	fn array<'s>(
		&'s self,
		index: usize,
		scratch: &'s mut [i64; MAX_WIDTH],
	) -> Result<&'s [i64], RiskError>;
}

/// Arrays of one round, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct RiskArrays<'a> {
	entries: &'a [i64],
	width: usize,
}

impl<'a> RiskArrays<'a> {
	/// Arrays for a grid of `scenarios` scenarios.
	pub const fn new(entries: &'a [i64], scenarios: usize) -> Self {
		Self { entries, width: FIXED_ENTRIES.saturating_add(scenarios) }
	}

	/// The array of series `index`.
	pub fn get(&self, index: usize) -> Option<&'a [i64]> {
		let start = index.checked_mul(self.width)?;
		self.entries.get(start..start.checked_add(self.width)?)
	}
}

impl ArraySource for RiskArrays<'_> {
	#[inline]
	fn stored(&self, index: usize) -> Option<&[i64]> {
		self.get(index)
	}

	#[inline]
	fn array<'s>(
		&'s self,
		index: usize,
		_: &'s mut [i64; MAX_WIDTH],
	) -> Result<&'s [i64], RiskError> {
		self.get(index).ok_or(RiskError::ArrayWidth)
	}
}

/// Arrays that were loaded one by one.
impl ArraySource for &[&[i64]] {
	#[inline]
	fn stored(&self, index: usize) -> Option<&[i64]> {
		self.get(index).copied()
	}

	#[inline]
	fn array<'s>(
		&'s self,
		index: usize,
		_: &'s mut [i64; MAX_WIDTH],
	) -> Result<&'s [i64], RiskError> {
		self.get(index).copied().ok_or(RiskError::ArrayWidth)
	}
}

/// A price round after pricing: all that every account's margin shares.
#[derive(Clone, Copy)]
pub struct Round<'a> {
	/// Spot and quote price.
	pub market: Market,
	/// Terms per expiry.
	pub expiries: &'a [ExpiryTerms],
	/// Listed series, or those the account touches.
	pub series: &'a [Series],
	/// Risk arrays, by the same index as `series`.
	pub arrays: &'a dyn ArraySource,
}

/// What the chain measures about itself and adds to an account's margin. [`Adjustments::NONE`] adds nothing.
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
pub struct Adjustments {
	/// Factor on the initial factor, 1 to 3. See [`crate::MultiplierParameters`].
	pub initial_multiplier: Ppb,
	/// Spot move that cannot be escaped, as a ratio of spot, 0 to 10. See [`crate::DelayParameters`].
	pub delay_move: Ppb,
	/// Sum of the concentration charges. See [`crate::ConcentrationParameters`].
	pub concentration: MicroUsd,
}

impl Adjustments {
	/// No adjustment.
	pub const NONE: Adjustments =
		Adjustments { initial_multiplier: Ppb::ONE, delay_move: Ppb::ZERO, concentration: 0 };

	pub(crate) fn check(&self) -> Result<(), RiskError> {
		if !(1_000_000_000..=3_000_000_000).contains(&self.initial_multiplier.0) {
			return Err(ArgumentError::Multiplier.into());
		}
		if !(0..=10_000_000_000).contains(&self.delay_move.0) {
			return Err(ArgumentError::Move.into());
		}
		if self.concentration < 0 {
			return Err(ArgumentError::Money.into());
		}
		Ok(())
	}
}

impl Default for Adjustments {
	fn default() -> Self {
		Self::NONE
	}
}

/// An account under portfolio margin.
#[derive(Clone, Copy)]
pub struct PortfolioAccount<'a> {
	/// Prices.
	pub round: Round<'a>,
	/// Holdings.
	pub book: Book<'a>,
	/// Open orders: they count for initial margin.
	pub orders: &'a [Order],
	/// Delay, concentration and multiplier.
	pub adjustments: Adjustments,
}

impl<'a> PortfolioAccount<'a> {
	/// A book without orders and adjustments.
	pub const fn new(round: Round<'a>, book: Book<'a>) -> Self {
		Self { round, book, orders: &[], adjustments: Adjustments::NONE }
	}
}
