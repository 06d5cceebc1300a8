// SPDX-License-Identifier: Apache-2.0
//! Accounts: opened, closed, read, written, registered for settlement.

use crate::{cache::PriceCache, pallet::*, types::permits};
use ballast_exchange::{
	Account, AccountKey, Clearing, ExpiryId, MarginKind, Markets, RiskWatch, MAX_ACCOUNT_EXPIRIES,
	MAX_POSITIONS, MAX_RESTING_ORDERS,
};
use frame_support::{
	ensure,
	pallet_prelude::*,
	traits::{fungible::MutateHold, tokens::Precision},
};
use sp_runtime::traits::AccountIdConversion;

/// Expiries in which an account has positions or orders, ascending.
pub(crate) type AccountExpiries = BoundedVec<ExpiryId, ConstU32<MAX_ACCOUNT_EXPIRIES>>;

/// Positions and orders of an account: what the weight of most calls depends on.
pub(crate) type Size = (u32, u32);

/// What the weight of a call that checks margin depends on.
#[derive(Clone, Copy)]
pub(crate) struct Checked {
	/// Positions and orders of the largest account that was looked at.
	pub size: Size,
	/// Series whose open interest was read: none unless concentration is charged for.
	pub interests: u32,
}

impl Checked {
	/// The most of it: a call that moves assets leaves the positions as they are.
	pub const MOST: Self =
		Self { size: (MAX_POSITIONS, MAX_RESTING_ORDERS), interests: MAX_POSITIONS };
}

pub(crate) fn size(account: &Account) -> Size {
	// Bounded by 128 and 64.
	(account.positions.len() as u32, account.orders.len() as u32)
}

/// Expiries in which an account has positions or orders; `None` if they are too many.
pub(crate) fn expiries_of(account: &Account) -> Option<AccountExpiries> {
	let mut expiries = AccountExpiries::new();
	let positions = account.positions.iter().map(|position| position.series);
	for series in positions.chain(account.orders.iter().map(|order| order.series)) {
		let expiry = series.expiry_id();
		// Positions are in order: most series belong to the expiry added last.
		if expiries.last() == Some(&expiry) {
			continue;
		}
		if let Err(index) = expiries.binary_search(&expiry) {
			expiries.try_insert(index, expiry).ok()?;
		}
	}
	Some(expiries)
}

/// How many those are; the most there can be if they are too many.
pub(crate) fn expiry_count(account: &Account) -> u32 {
	// At most 12.
	expiries_of(account).map_or(MAX_ACCOUNT_EXPIRIES, |all| all.len() as u32)
}

impl<T: Config> Pallet<T> {
	/// The account that holds every asset.
	pub fn account_id() -> T::AccountId {
		T::PalletId::get().into_account_truncating()
	}

	/// Weight of a call that checks the margin of an account of this size.
	///
	/// The call's own weight holds one evaluation that passes; one that fails looks at the account before
	/// the call as well.
	pub(crate) fn checked(call: fn(u32, u32) -> Weight, checked: Checked) -> Weight {
		let Checked { size: (positions, orders), interests } = checked;
		call(positions, orders)
			.saturating_add(Self::margin_weight(positions, orders))
			.saturating_add(Self::interest_weight(interests))
	}

	pub(crate) fn do_open_account(
		key: AccountKey<T::AccountId>,
		margin: MarginKind,
	) -> DispatchResult {
		ensure!(!Accounts::<T>::contains_key(&key), Error::<T>::AccountExists);
		Self::ensure_known(margin)?;
		let deposit = T::AccountDeposit::get();
		T::Currency::hold(&HoldReason::MarginAccount.into(), &key.owner, deposit)?;
		Self::add_account(key, margin, deposit);
		Ok(())
	}

	/// Opens an account of a pallet, which is its own: it pays no deposit.
	pub(crate) fn do_open_own(key: AccountKey<T::AccountId>) -> DispatchResult {
		ensure!(!Accounts::<T>::contains_key(&key), Error::<T>::AccountExists);
		Self::add_account(key, MarginKind::Standard, Default::default());
		Ok(())
	}

	fn add_account(key: AccountKey<T::AccountId>, margin: MarginKind, deposit: BalanceOf<T>) {
		Deposits::<T>::insert(&key, deposit);
		Self::write(&key, &Account::new(margin));
		Self::deposit_event(Event::AccountOpened { account: key, margin, deposit });
	}

	pub(crate) fn do_close_account(key: AccountKey<T::AccountId>) -> DispatchResult {
		let account = Self::load(&key)?;
		let is_empty = account.cash == 0
			&& account.collateral.is_empty()
			&& account.positions.is_empty()
			&& account.orders.is_empty();
		ensure!(is_empty && account.expiries.is_empty(), Error::<T>::AccountNotEmpty);
		let deposit = Deposits::<T>::take(&key).ok_or(Error::<T>::CorruptLedger)?;
		let reason = HoldReason::MarginAccount.into();
		// A hold can be burnt by others' slashes; what is left of it goes back.
		let deposit = T::Currency::release(&reason, &key.owner, deposit, Precision::BestEffort)?;
		// The watch may have the account in its index and lets go of it when it finds nothing.
		T::Watch::changed(&key, &account);
		Accounts::<T>::remove(&key);
		Self::deposit_event(Event::AccountClosed { account: key, deposit });
		Ok(())
	}

	pub(crate) fn do_set_margin(
		key: AccountKey<T::AccountId>,
		margin: MarginKind,
	) -> Result<Checked, DispatchError> {
		let before = Self::load(&key)?;
		Self::ensure_known(margin)?;
		let mut account = before.clone();
		account.margin = margin;
		let mut prices = PriceCache::default();
		Self::check(&mut prices, &before, &account)?;
		let size = size(&account);
		Self::store(&key, account)?;
		Self::deposit_event(Event::MarginKindChanged { account: key, margin });
		Ok(Checked { size, interests: prices.loaded().interests })
	}

	fn ensure_known(margin: MarginKind) -> DispatchResult {
		if let MarginKind::Portfolio(underlying) = margin {
			ensure!(T::Markets::terms(underlying).is_some(), Error::<T>::UnknownUnderlying);
		}
		Ok(())
	}

	/// Writes an account and brings the index of settlement up to date with it.
	pub(crate) fn do_store(key: &AccountKey<T::AccountId>, mut account: Account) -> DispatchResult {
		let expiries = expiries_of(&account).ok_or(Error::<T>::TooManyExpiries)?;
		for (underlying, _) in &expiries {
			ensure!(permits(account.margin, *underlying), Error::<T>::NotItsUnderlying);
		}
		for left in account.expiries.iter().filter(|known| !expiries.contains(known)) {
			Holders::<T>::remove(left, key);
		}
		for joined in expiries.iter().filter(|expiry| !account.expiries.contains(expiry)) {
			Holders::<T>::insert(joined, key, ());
		}
		account.expiries = expiries;
		Self::write(key, &account);
		Ok(())
	}

	/// The one place where a record is written: the watch learns of each.
	fn write(key: &AccountKey<T::AccountId>, account: &Account) {
		Accounts::<T>::insert(key, account);
		T::Watch::changed(key, account);
	}
}
