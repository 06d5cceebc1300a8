// SPDX-License-Identifier: Apache-2.0
//! The liquidation auction: pure functions of marks, margins and time.

use crate::parameters::parameters;
use crate::units::{ceil_billionth, floor_billionth, MAX_MICRO_USD};
use crate::{ArgumentError, MicroUsd, ParameterError, Ppb, RiskError};

parameters! {
	/// Parameters of the liquidation auction. Ratios in parts per billion; times in milliseconds.
	AuctionParameters, AuctionParameter, Auction;
	/// Discount factor on the mark at the start.
	discount_start: Ppb = Ppb(950_000_000), DiscountStart in 1, 1_000_000_000;
	/// Discount factor at the end of the fast phase.
	discount_fast_end: Ppb = Ppb(700_000_000), DiscountFastEnd in 0, 1_000_000_000;
	/// Length of the fast phase, milliseconds.
	fast_millis: u32 = 900_000, FastMillis in 1, 86_400_000;
	/// Length of the slow phase, in which the factor falls to zero, milliseconds.
	slow_millis: u32 = 43_200_000, SlowMillis in 1, 604_800_000;
	/// Length of the insolvent auction, milliseconds.
	insolvent_millis: u32 = 3_600_000, InsolventMillis in 1, 86_400_000;
	/// Part of the distance from mark to maintenance by which an auction overshoots maintenance.
	buffer: Ppb = Ppb(150_000_000), Buffer in 0, 1_000_000_000;
}

/// What an auction does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuctionPhase {
	/// The target is reached: the auction ends.
	Complete,
	/// A liquidator may take up to `max_share` of the book.
	Solvent(Quote),
	/// Nobody would pay: the insurance fund pays whoever takes the book.
	Insolvent,
}

/// The terms of a bid at one moment of a solvent auction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
	/// Discount factor on mark less reserved cash.
	pub discount: Ppb,
	/// Largest share of the whole book that may be taken, rounded down, at most one.
	pub max_share: Ppb,
}

/// The figures of an account that an auction looks at, in micro-USD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuctionState {
	/// Value of the account, cash included: [`crate::Margin::equity`].
	pub mark: MicroUsd,
	/// Maintenance margin.
	pub maintenance: MicroUsd,
	/// Cash paid by earlier bids. It is part of `mark` and is not sold again.
	pub reserved: MicroUsd,
}

impl AuctionParameters {
	/// Refuses a parameter outside its range and a discount that would rise.
	pub fn validate(&self) -> Result<(), ParameterError> {
		self.check_ranges()?;
		if self.discount_fast_end > self.discount_start {
			return Err(ParameterError::Auction(AuctionParameter::Inconsistent));
		}
		Ok(())
	}

	/// Discount factor after `elapsed` milliseconds of a solvent auction, rounded up: the seller's favour.
	/// Zero once both phases have passed.
	pub fn discount(&self, elapsed_millis: u64) -> Ppb {
		let (fast, slow) = (u64::from(self.fast_millis), u64::from(self.slow_millis));
		if elapsed_millis < fast {
			return fall(self.discount_start, self.discount_fast_end, elapsed_millis, fast);
		}
		fall(self.discount_fast_end, Ppb::ZERO, (elapsed_millis - fast).min(slow), slow)
	}

	/// `target = maintenance + (maintenance - mark) buffer`, rounded down. Zero or more ends the auction.
	pub fn target(&self, state: &AuctionState) -> Result<MicroUsd, RiskError> {
		state.check()?;
		let distance = state.maintenance - state.mark;
		Ok(state.maintenance + floor_billionth(distance * self.buffer.wide()))
	}

	/// `target / (target - mark d - reserved (1 - d))`, rounded down; the whole book where more would be needed.
	pub fn max_share(&self, state: &AuctionState, discount: Ppb) -> Result<Ppb, RiskError> {
		check_discount(discount)?;
		let target = self.target(state)?;
		if target >= 0 {
			return Ok(Ppb::ZERO);
		}
		let billion = Ppb::ONE.wide();
		// Below 2^94: a ratio of two such numbers times 2^30 fits.
		let proceeds = state.mark * discount.wide() + state.reserved * (billion - discount.wide());
		let needed = target * billion - proceeds;
		if needed >= target * billion {
			// Each share sold brings nothing: even the whole book does not reach the target.
			return Ok(Ppb::ONE);
		}
		let share = (-target * billion).saturating_mul(billion).div_euclid(-needed);
		Ok(Ppb(i64::try_from(share.clamp(0, billion)).unwrap_or(0)))
	}

	/// `(mark - reserved) d share`, rounded up; nothing where the mark is not above the reserve.
	pub fn price(
		&self,
		state: &AuctionState,
		discount: Ppb,
		share: Ppb,
	) -> Result<MicroUsd, RiskError> {
		state.check()?;
		check_discount(discount)?;
		if !(Ppb::ZERO..=Ppb::ONE).contains(&share) {
			return Err(ArgumentError::Share.into());
		}
		let sold = (state.mark - state.reserved).max(0);
		// 2^62 * 2^30 * 2^30 < 2^123.
		let exact = sold * discount.wide() * share.wide();
		Ok(ceil_billionth(ceil_billionth(exact)))
	}

	/// What an auction that began `elapsed` milliseconds ago does next.
	pub fn phase(
		&self,
		state: &AuctionState,
		elapsed_millis: u64,
	) -> Result<AuctionPhase, RiskError> {
		if self.target(state)? >= 0 {
			return Ok(AuctionPhase::Complete);
		}
		let discount = self.discount(elapsed_millis);
		if state.mark <= 0 || discount == Ppb::ZERO {
			return Ok(AuctionPhase::Insolvent);
		}
		let max_share = self.max_share(state, discount)?;
		Ok(AuctionPhase::Solvent(Quote { discount, max_share }))
	}

	/// What the insurance fund pays whoever takes `share` of an insolvent book, `elapsed` milliseconds
	/// after it became insolvent: from `-min(mark, 0)` towards `-maintenance`, rounded down.
	pub fn insolvent_payment(
		&self,
		state: &AuctionState,
		elapsed_millis: u64,
		share: Ppb,
	) -> Result<MicroUsd, RiskError> {
		state.check()?;
		if !(Ppb::ZERO..=Ppb::ONE).contains(&share) {
			return Err(ArgumentError::Share.into());
		}
		let (start, end) = (-state.mark.min(0), -state.maintenance);
		let length = i128::from(self.insolvent_millis.max(1));
		let elapsed = i128::from(elapsed_millis).min(length);
		// Distances below 2^61 times 2^27 and 2^30.
		let whole = start * length + (end - start).max(0) * elapsed;
		Ok(floor_billionth((whole * share.wide()).div_euclid(length)))
	}
}

impl AuctionState {
	fn check(&self) -> Result<(), RiskError> {
		let range = -MAX_MICRO_USD..=MAX_MICRO_USD;
		let inside = range.contains(&self.mark) && range.contains(&self.maintenance);
		if inside && (0..=MAX_MICRO_USD).contains(&self.reserved) {
			Ok(())
		} else {
			Err(ArgumentError::Money.into())
		}
	}
}

fn check_discount(discount: Ppb) -> Result<(), RiskError> {
	if (Ppb::ZERO..=Ppb::ONE).contains(&discount) {
		Ok(())
	} else {
		Err(ArgumentError::Share.into())
	}
}

/// Linear from `start` to `end` over `length`, rounded up; `elapsed <= length`.
fn fall(start: Ppb, end: Ppb, elapsed: u64, length: u64) -> Ppb {
	let length = i128::from(length.max(1));
	let fallen = (start.wide() - end.wide()) * i128::from(elapsed);
	Ppb(i64::try_from(start.wide() - fallen.div_euclid(length)).unwrap_or(0))
}
