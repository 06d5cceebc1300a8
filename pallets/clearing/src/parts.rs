// SPDX-License-Identifier: Apache-2.0
//! Parts of accounts: a share of everything taken out, and added to another account.

use crate::{
	pallet::*,
	types::{add_lots, Positions},
};
use alloc::vec::Vec;
use ballast_exchange::{
	Account, AccountKey, AssetId, Lots, MicroUsd, Position, Ppb, MAX_COLLATERALS,
};
use ballast_risk::MAX_MICRO_USD;
use frame_support::{ensure, pallet_prelude::*, storage::with_storage_layer};

/// One as a share.
const WHOLE: u32 = 1_000_000_000;

impl<T: Config> Pallet<T> {
	pub(crate) fn do_split(
		account: &mut Account,
		share: Ppb,
		reserved: MicroUsd,
	) -> Result<Account, DispatchError> {
		let share = u32::try_from(share.0).ok().filter(|share| *share <= WHOLE);
		let share = share.ok_or(Error::<T>::InvalidPart)?;
		ensure!((0..=MAX_MICRO_USD).contains(&reserved), Error::<T>::InvalidPart);
		Self::all_or_nothing(account, |account| {
			let mut part = Account::new(account.margin);
			part.positions = take_lots(account, share);
			part.collateral = take_units(account, share);
			let cash = part_of_cash(account.cash, reserved, share);
			// Within twice the bound of an account's cash.
			Self::change_cash(account, cash.saturating_neg())?;
			Self::change_cash(&mut part, cash)?;
			Ok(part)
		})
	}

	pub(crate) fn do_merge(
		from: &AccountKey<T::AccountId>,
		part: Account,
		to: &AccountKey<T::AccountId>,
		into: &mut Account,
	) -> DispatchResult {
		ensure!(part.orders.is_empty(), Error::<T>::InvalidPart);
		Self::ensure_settles(&part.positions, from)?;
		Self::all_or_nothing(into, |into| Self::add_part(&part, into))?;
		let Account { cash, collateral, positions, .. } = part;
		let (from, to) = (from.clone(), to.clone());
		Self::deposit_event(Event::PartMoved { from, to, cash, collateral, positions });
		Ok(())
	}

	fn add_part(part: &Account, into: &mut Account) -> DispatchResult {
		// Series that the account has come first: where they close they make room for the others.
		let known = |position: &Position| into.position(&position.series) != 0;
		let (known, new): (Vec<_>, Vec<_>) = part.positions.iter().copied().partition(known);
		for Position { series, lots } in known.into_iter().chain(new) {
			let longer = add_lots(into, series, lots).map_err(Error::<T>::from)?;
			// The part's longs count already. Never above zero, and within 2^41.
			let more = longer.saturating_sub(lots.max(0));
			Self::change_open_interest(&series, more, Lots::MAX)?;
		}
		for (asset, amount) in &part.collateral {
			Self::credit(into, *asset, *amount)?;
		}
		Self::change_debt(part.cash, 0)?;
		Self::change_cash(into, part.cash)
	}

	/// Whether an account may hand over series: those that its settlement left behind would be settled with
	/// nobody.
	pub(crate) fn ensure_settles(
		positions: &[Position],
		key: &AccountKey<T::AccountId>,
	) -> DispatchResult {
		let mut last = None;
		for expiry in positions.iter().map(|position| position.series.expiry_id()) {
			if last != Some(expiry) {
				ensure!(!Unsettled::<T>::contains_key(expiry, key), Error::<T>::AccountUnsettled);
				last = Some(expiry);
			}
		}
		Ok(())
	}

	/// Changes an account and storage together; an error leaves both as they were.
	pub(crate) fn all_or_nothing<R>(
		account: &mut Account,
		change: impl FnOnce(&mut Account) -> Result<R, DispatchError>,
	) -> Result<R, DispatchError> {
		let mut changed = account.clone();
		let answer = with_storage_layer(|| change(&mut changed))?;
		*account = changed;
		Ok(answer)
	}
}

/// Takes a share of every position.
fn take_lots(account: &mut Account, share: u32) -> Positions {
	let mut taken = Positions::new();
	for held in account.positions.iter_mut() {
		let lots = part_of_lots(held.lots, share);
		// Towards zero, so it does not overflow.
		held.lots = held.lots.saturating_sub(lots);
		if lots != 0 {
			// As many as the account has: there is room for each.
			let _ = taken.try_push(Position { series: held.series, lots });
		}
	}
	account.positions.retain(|held| held.lots != 0);
	taken
}

/// Takes a share of every collateral asset.
fn take_units(
	account: &mut Account,
	share: u32,
) -> BoundedVec<(AssetId, u128), ConstU32<MAX_COLLATERALS>> {
	let mut taken = BoundedVec::new();
	for (asset, held) in account.collateral.iter_mut() {
		let units = part_of_units(*held, share);
		*held = held.saturating_sub(units);
		if units > 0 {
			// As many as the account has: there is room for each.
			let _ = taken.try_push((*asset, units));
		}
	}
	account.collateral.retain(|(_, held)| *held > 0);
	taken
}

/// A share of lots, rounded towards nothing.
fn part_of_lots(lots: Lots, share: u32) -> Lots {
	// 2^63 * 2^30 fits, and no share is more than the whole.
	let part = i128::from(lots) * i128::from(share) / i128::from(WHOLE);
	Lots::try_from(part).unwrap_or(0)
}

/// A share of units, rounded down.
fn part_of_units(units: u128, share: u32) -> u128 {
	let (whole, share) = (u128::from(WHOLE), u128::from(share));
	// Whole part and rest apart: at most `units`, and 2^60.
	units / whole * share + units % whole * share / whole
}

/// A share of the cash beyond what is reserved, rounded down: debt is rounded up.
fn part_of_cash(cash: MicroUsd, reserved: MicroUsd, share: u32) -> MicroUsd {
	// Both within 10^18, and 2^61 * 2^30 fits. An account out of that is refused when its cash changes.
	let free = cash.saturating_sub(reserved);
	free.saturating_mul(i128::from(share)).div_euclid(i128::from(WHOLE))
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	proptest! {
		#[test]
		fn parts_should_be_exact_floors(
			lots in any::<i64>(),
			units in any::<u128>(),
			share in 0..=WHOLE,
		) {
			let part = i128::from(part_of_lots(lots, share)).unsigned_abs();
			let exact = u128::from(lots.unsigned_abs()) * u128::from(share);
			assert!(part * u128::from(WHOLE) <= exact);
			assert!((part + 1) * u128::from(WHOLE) > exact);
			let part = part_of_units(units, share);
			// In two words of 64 bits, to say it another way.
			let of = |word: u128| word * u128::from(share);
			let (high, low) = (of(units >> 64), of(units & u128::from(u64::MAX)));
			let (high, low) = (high + (low >> 64), low & u128::from(u64::MAX));
			let rest = (high % u128::from(WHOLE)) << 64 | low;
			let exact = ((high / u128::from(WHOLE)) << 64) + rest / u128::from(WHOLE);
			assert_eq!(part, exact);
		}

		#[test]
		fn cash_should_stay_rounded_up(
			cash in -MAX_MICRO_USD..=MAX_MICRO_USD,
			reserved in 0..=MAX_MICRO_USD,
			share in 0..=WHOLE,
		) {
			let kept = cash - part_of_cash(cash, reserved, share);
			let exact = cash * i128::from(WHOLE) - (cash - reserved) * i128::from(share);
			assert!(kept * i128::from(WHOLE) >= exact);
			assert!((kept - 1) * i128::from(WHOLE) < exact);
		}
	}
}
