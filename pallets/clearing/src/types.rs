// SPDX-License-Identifier: Apache-2.0
//! Records of the pallet and what makes them valid.

use crate::{Config, Error};
use ballast_exchange::{
	Account, Lots, MarginKind, MicroUsd, OptionKind, Position, SeriesId, UnderlyingId,
	MAX_POSITIONS,
};
use ballast_risk::{MAX_LOTS, MAX_MICRO_USD};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};

/// Most units of one token that the margin models count exactly.
const MODEL_UNITS: u64 = 1_000_000_000_000;
const BILLION: i64 = 1_000_000_000;

/// Positions of one account.
pub(crate) type Positions = BoundedVec<Position, ConstU32<MAX_POSITIONS>>;

/// On which terms an asset counts as collateral.
///
/// Its price is the spot of the underlying it follows. An account under standard margin counts it as
/// base asset by the standard parameters of that underlying; the haircuts here are those of portfolio
/// margin.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub struct CollateralTerms {
	/// Smallest units in one token: `10^18` for an asset of 18 decimals. At most `10^12`, or a multiple
	/// of it.
	pub units_per_token: u64,
	/// The underlying whose spot is the price of one token.
	pub underlying: UnderlyingId,
	/// Initial haircut in parts per billion, added to the one of maintenance.
	pub haircut_initial_ppb: i64,
	/// Maintenance haircut in parts per billion.
	pub haircut_maintenance_ppb: i64,
	/// Most that all accounts together may hold, smallest units.
	pub cap: u128,
}

impl CollateralTerms {
	/// Refuses terms that the margin models cannot count.
	pub fn validate<T: Config>(&self) -> Result<(), Error<T>> {
		let units = self.units_per_token;
		if units == 0 || (units > MODEL_UNITS && !units.is_multiple_of(MODEL_UNITS)) {
			return Err(Error::UnitsOutOfRange);
		}
		let (initial, maintenance) = (self.haircut_initial_ppb, self.haircut_maintenance_ppb);
		let total = initial.saturating_add(maintenance);
		if initial < 0 || maintenance < 0 || total > BILLION {
			return Err(Error::HaircutOutOfRange);
		}
		Ok(())
	}

	/// Units in one token as the margin models count them.
	pub(crate) fn model_units(&self) -> u64 {
		self.units_per_token.clamp(1, MODEL_UNITS)
	}

	/// An amount as the margin models count it, rounded down.
	pub(crate) fn model_amount(&self, amount: u128) -> u64 {
		let divisor = (self.units_per_token / MODEL_UNITS).max(1);
		// An amount beyond the type counts as the largest: less than it is worth, never more.
		u64::try_from(amount / u128::from(divisor)).unwrap_or(u64::MAX)
	}
}

/// Settlement of one expiry under way.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct SettlementProgress {
	/// Accounts settled.
	pub accounts: u32,
	/// Accounts that could not be settled, were reported, and have not been settled since.
	pub skipped: u32,
	/// Received from shorts less paid to longs so far, micro-USD; below zero while longs came first.
	pub suspense: MicroUsd,
	/// Lots settled so far, long less short, of all series in one number: zero as long as they are equal in each.
	pub uneven: u64,
}

impl SettlementProgress {
	/// Counts lots of a series that were settled.
	///
	/// Each series weighs an odd number that looks random, so that what is missing in one is not made up for by what is
	/// too much in another. The ring of 64 bits has no overflow: equal sums cancel in it in any order.
	pub(crate) fn count(&mut self, series: &SeriesId, lots: Lots) {
		let side = u64::from(series.kind == OptionKind::Put);
		let mut weight = series.strike.wrapping_mul(2).wrapping_add(side);
		for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
			weight = (weight ^ (weight >> 30)).wrapping_mul(factor);
		}
		let lots = u64::from_ne_bytes(lots.to_ne_bytes());
		self.uneven = self.uneven.wrapping_add(lots.wrapping_mul((weight ^ (weight >> 31)) | 1));
	}
}

/// Why an account cannot be changed in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BookError {
	/// More series than an account holds.
	TooManyPositions,
	/// Lots or money beyond what the margin models count.
	TooLarge,
	/// A portfolio account takes series of its own underlying only.
	NotItsUnderlying,
}

impl<T: Config> From<BookError> for Error<T> {
	fn from(error: BookError) -> Self {
		match error {
			BookError::TooManyPositions => Error::TooManyPositions,
			BookError::TooLarge => Error::AmountTooLarge,
			BookError::NotItsUnderlying => Error::NotItsUnderlying,
		}
	}
}

/// Whether an account under these rules may hold a series of an underlying.
pub(crate) fn permits(margin: MarginKind, underlying: UnderlyingId) -> bool {
	match margin {
		MarginKind::Standard => true,
		MarginKind::Portfolio(own) => own == underlying,
	}
}

/// Adds lots to a position, in order of the series; a position of zero goes.
///
/// Returns by how much the long lots of the account changed.
pub(crate) fn add_lots(
	account: &mut Account,
	series: SeriesId,
	lots: Lots,
) -> Result<Lots, BookError> {
	if !permits(account.margin, series.underlying) {
		return Err(BookError::NotItsUnderlying);
	}
	let place = account.positions.binary_search_by(|held| held.series.cmp(&series));
	let held = place.ok().and_then(|index| account.positions.get(index)).map_or(0, |it| it.lots);
	let after = held.checked_add(lots).ok_or(BookError::TooLarge)?;
	if !(-MAX_LOTS..=MAX_LOTS).contains(&after) {
		return Err(BookError::TooLarge);
	}
	match place {
		Ok(index) if after == 0 => {
			account.positions.remove(index);
		},
		Ok(index) => {
			if let Some(position) = account.positions.get_mut(index) {
				position.lots = after;
			}
		},
		Err(_) if after == 0 => {},
		Err(index) => account
			.positions
			.try_insert(index, Position { series, lots: after })
			.map_err(|_| BookError::TooManyPositions)?,
	}
	// Both within 2^40.
	Ok(after.max(0).saturating_sub(held.max(0)))
}

/// Cash after a change, within what the margin models count.
pub(crate) fn add_cash(cash: MicroUsd, by: MicroUsd) -> Result<MicroUsd, BookError> {
	let after = cash.checked_add(by).ok_or(BookError::TooLarge)?;
	if (-MAX_MICRO_USD..=MAX_MICRO_USD).contains(&after) {
		Ok(after)
	} else {
		Err(BookError::TooLarge)
	}
}

/// What an account with this cash owes.
pub(crate) fn owed(cash: MicroUsd) -> u128 {
	if cash < 0 {
		cash.unsigned_abs()
	} else {
		0
	}
}
