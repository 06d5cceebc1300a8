// SPDX-License-Identifier: Apache-2.0
//! Assets in and out. The ledger counts claims; what others send to the pallet's account is no claim.

use crate::{
	accounts::{size, Checked, Size},
	cache::PriceCache,
	pallet::*,
	types::{add_cash, owed},
};
use ballast_exchange::{Account, AccountKey, AssetId, Clearing, MicroUsd};
use frame_support::{
	ensure,
	pallet_prelude::*,
	traits::{
		fungibles::{Inspect, Mutate},
		tokens::{Fortitude, Preservation},
	},
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_deposit(
		key: AccountKey<T::AccountId>,
		asset: AssetId,
		amount: u128,
	) -> Result<Size, DispatchError> {
		// A frozen account takes deposits: they may end its liquidation.
		let mut account = Accounts::<T>::get(&key).ok_or(Error::<T>::AccountNotFound)?;
		ensure!(amount > 0, Error::<T>::AmountZero);
		Self::ensure_accepted(asset, amount)?;
		Self::ensure_owned(&key.owner, asset, amount)?;
		Self::credit(&mut account, asset, amount)?;
		let size = size(&account);
		Self::do_store(&key, account)?;
		Self::take_in(&key.owner, asset, amount)?;
		Self::deposit_event(Event::Deposited { account: key, asset, amount });
		Ok(size)
	}

	pub(crate) fn do_withdraw(
		key: AccountKey<T::AccountId>,
		asset: AssetId,
		amount: u128,
	) -> Result<Checked, DispatchError> {
		let before = Self::load(&key)?;
		ensure!(amount > 0, Error::<T>::AmountZero);
		let mut account = before.clone();
		Self::debit(&mut account, asset, amount)?;
		let mut prices = PriceCache::default();
		Self::check(&mut prices, &before, &account)?;
		let size = size(&account);
		Self::do_store(&key, account)?;
		Self::give_out(&key.owner, asset, amount)?;
		Self::deposit_event(Event::Withdrawn { account: key, asset, amount });
		Ok(Checked { size, interests: prices.loaded().interests })
	}

	pub(crate) fn do_move_assets(
		from: AccountKey<T::AccountId>,
		to: AccountKey<T::AccountId>,
		asset: AssetId,
		amount: u128,
	) -> Result<Checked, DispatchError> {
		ensure!(from != to, Error::<T>::SameAccount);
		ensure!(amount > 0, Error::<T>::AmountZero);
		let before = Self::load(&from)?;
		let mut giver = before.clone();
		let mut receiver = Accounts::<T>::get(&to).ok_or(Error::<T>::AccountNotFound)?;
		Self::debit(&mut giver, asset, amount)?;
		Self::credit(&mut receiver, asset, amount)?;
		let mut prices = PriceCache::default();
		Self::check(&mut prices, &before, &giver)?;
		let (given, received) = (size(&giver), size(&receiver));
		Self::do_store(&from, giver)?;
		Self::do_store(&to, receiver)?;
		Self::deposit_event(Event::Moved { from, to, asset, amount });
		let size = (given.0.max(received.0), given.1.max(received.1));
		Ok(Checked { size, interests: prices.loaded().interests })
	}

	pub(crate) fn do_fund_insurance(who: T::AccountId, amount: u128) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::AmountZero);
		let asset = T::SettlementAsset::get();
		Self::ensure_owned(&who, asset, amount)?;
		Self::take_in(&who, asset, amount)?;
		Self::add_insurance(amount)?;
		Self::deposit_event(Event::InsuranceFunded { who, amount });
		Ok(())
	}

	/// The insurance fund of the first block: what backs it is in the genesis of the assets.
	pub(crate) fn insure_at_genesis(amount: u128) {
		if amount == 0 {
			return;
		}
		let asset = T::SettlementAsset::get();
		let there = T::Assets::balance(asset, &Self::account_id());
		assert!(there >= amount, "genesis: {there} of the settlement asset insure {amount}");
		Insurance::<T>::put(amount);
		Held::<T>::insert(asset, amount);
	}

	/// Adds what was paid in, or what rounding left, to the insurance fund.
	pub(crate) fn add_insurance(amount: u128) -> DispatchResult {
		if amount > 0 {
			Insurance::<T>::try_mutate(|fund| add(fund, amount).ok_or(Error::<T>::AmountTooLarge))?;
		}
		Ok(())
	}

	pub(crate) fn do_collect_fees(to: T::AccountId, amount: u128) -> DispatchResult {
		ensure!(amount > 0, Error::<T>::AmountZero);
		FeesCollected::<T>::try_mutate(|fees| {
			subtract(fees, amount).ok_or(Error::<T>::InsufficientFees)
		})?;
		Self::give_out(&to, T::SettlementAsset::get(), amount)?;
		Self::deposit_event(Event::FeesCollected { to, amount });
		Ok(())
	}

	/// Changes an account's cash and keeps the sum of debts in step.
	pub(crate) fn change_cash(account: &mut Account, by: MicroUsd) -> DispatchResult {
		let after = add_cash(account.cash, by).map_err(Error::<T>::from)?;
		Self::change_debt(account.cash, after)?;
		account.cash = after;
		Ok(())
	}

	/// Keeps the sum of debts in step with a change of cash.
	pub(crate) fn change_debt(before: MicroUsd, after: MicroUsd) -> DispatchResult {
		let (less, more) = (owed(before), owed(after));
		if less != more {
			Debt::<T>::try_mutate(|debt| {
				subtract(debt, less).ok_or(Error::<T>::CorruptLedger)?;
				add(debt, more).ok_or(Error::<T>::AmountTooLarge)
			})?;
		}
		Ok(())
	}

	/// Whether an asset may come in, and that much of it.
	fn ensure_accepted(asset: AssetId, amount: u128) -> DispatchResult {
		if asset == T::SettlementAsset::get() {
			return Ok(());
		}
		let terms = Collaterals::<T>::get(asset).ok_or(Error::<T>::AssetNotAccepted)?;
		let held = Held::<T>::get(asset).checked_add(amount);
		ensure!(held.is_some_and(|held| held <= terms.cap), Error::<T>::CollateralCapReached);
		Ok(())
	}

	/// Whether somebody has that much of an asset, frozen or not: the transfer says the rest.
	pub(crate) fn ensure_owned(who: &T::AccountId, asset: AssetId, amount: u128) -> DispatchResult {
		ensure!(T::Assets::balance(asset, who) >= amount, Error::<T>::InsufficientFunds);
		Ok(())
	}

	/// Adds an amount to what an account holds of an asset.
	pub(crate) fn credit(account: &mut Account, asset: AssetId, amount: u128) -> DispatchResult {
		if asset == T::SettlementAsset::get() {
			return Self::change_cash(account, signed::<T>(amount)?);
		}
		match account.collateral.binary_search_by_key(&asset, |(held, _)| *held) {
			Ok(index) => {
				let (_, held) =
					account.collateral.get_mut(index).ok_or(Error::<T>::CorruptLedger)?;
				add(held, amount).ok_or(Error::<T>::AmountTooLarge)?;
			},
			Err(index) => account
				.collateral
				.try_insert(index, (asset, amount))
				.map_err(|_| Error::<T>::TooManyCollaterals)?,
		}
		Ok(())
	}

	/// Takes an amount off what an account holds of an asset. Cash does not go below zero by it.
	pub(crate) fn debit(account: &mut Account, asset: AssetId, amount: u128) -> DispatchResult {
		if asset == T::SettlementAsset::get() {
			let amount = signed::<T>(amount)?;
			ensure!(account.cash >= amount, Error::<T>::InsufficientBalance);
			// Above zero before and after: the amount is below 2^127.
			return Self::change_cash(account, -amount);
		}
		let place = account.collateral.binary_search_by_key(&asset, |(held, _)| *held);
		let index = place.map_err(|_| Error::<T>::InsufficientBalance)?;
		let (_, held) = account.collateral.get_mut(index).ok_or(Error::<T>::CorruptLedger)?;
		subtract(held, amount).ok_or(Error::<T>::InsufficientBalance)?;
		if *held == 0 {
			account.collateral.remove(index);
		}
		Ok(())
	}

	/// Assets from outside into the pallet's account.
	pub(crate) fn take_in(from: &T::AccountId, asset: AssetId, amount: u128) -> DispatchResult {
		Held::<T>::try_mutate(asset, |held| add(held, amount).ok_or(Error::<T>::AmountTooLarge))?;
		// The owner may pay in all it has: below the asset's least balance the rest is lost to it.
		T::Assets::transfer(asset, from, &Self::account_id(), amount, Preservation::Expendable)?;
		Ok(())
	}

	/// Assets out of the pallet's account.
	pub(crate) fn give_out(to: &T::AccountId, asset: AssetId, amount: u128) -> DispatchResult {
		Held::<T>::try_mutate_exists(asset, |entry| {
			let mut held = entry.unwrap_or_default();
			subtract(&mut held, amount).ok_or(Error::<T>::PoolIlliquid)?;
			*entry = (held > 0).then_some(held);
			Ok::<(), Error<T>>(())
		})?;
		let pool = Self::account_id();
		let there =
			T::Assets::reducible_balance(asset, &pool, Preservation::Expendable, Fortitude::Polite);
		let rest = there.checked_sub(amount).ok_or(Error::<T>::PoolIlliquid)?;
		// A rest below the asset's least balance would be burnt, and it is somebody's claim.
		ensure!(rest == 0 || rest >= T::Assets::minimum_balance(asset), Error::<T>::PoolIlliquid);
		T::Assets::transfer(asset, &pool, to, amount, Preservation::Expendable)?;
		Ok(())
	}
}

/// An amount of the settlement asset as money.
fn signed<T: Config>(amount: u128) -> Result<MicroUsd, Error<T>> {
	MicroUsd::try_from(amount).map_err(|_| Error::AmountTooLarge)
}

/// Adds in place; `None` changes nothing.
pub(crate) fn add(total: &mut u128, amount: u128) -> Option<()> {
	*total = total.checked_add(amount)?;
	Some(())
}

/// Subtracts in place; `None` changes nothing.
pub(crate) fn subtract(total: &mut u128, amount: u128) -> Option<()> {
	*total = total.checked_sub(amount)?;
	Some(())
}
