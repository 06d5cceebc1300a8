// SPDX-License-Identifier: Apache-2.0
//! What holds after every call and every block.

use alloc::collections::BTreeMap;
use ballast_exchange::{
	Account, AccountKey, AssetId, ExpiryId, Lots, MicroUsd, SeriesId, MAX_ACCOUNT_EXPIRIES,
};
use ballast_risk::MAX_LOTS;
use frame_support::{
	ensure,
	traits::{fungible::InspectHold, fungibles::Inspect, Get},
};
use sp_runtime::TryRuntimeError;

use crate::{
	accounts::expiries_of,
	pallet::*,
	types::{owed, permits},
};

/// Sums over all accounts.
#[derive(Default)]
struct Totals {
	cash: MicroUsd,
	debt: u128,
	collateral: BTreeMap<AssetId, u128>,
	long: BTreeMap<SeriesId, Lots>,
	short: BTreeMap<SeriesId, Lots>,
	registered: usize,
}

impl<T: Config> Pallet<T> {
	/// Checks the pallet's invariants:
	///
	/// * each account is within its bounds, in order, and holds nothing of size zero;
	/// * [`Holders`] has exactly the expiries in which accounts have positions or orders;
	/// * long equals short equals [`OpenInterest`] in every series that is not being settled;
	/// * cash of all accounts, insurance fund, fees and suspense make [`Held`] of the settlement asset, the
	///   collateral of all accounts makes [`Held`] of every other, and the pallet's account holds as much;
	/// * [`Debt`] is the sum of negative cash;
	/// * a settlement that has ended has no shortfall and had as many lots long as short, and [`Unsettled`] has the accounts it counts as skipped;
	/// * every account has a deposit, that of a pallet's own is nothing, and its owner has it on hold.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let mut totals = Totals::default();
		for (key, account) in Accounts::<T>::iter() {
			totals.add::<T>(&key, &account)?;
		}
		ensure!(
			Holders::<T>::iter_keys().count() == totals.registered,
			"clearing: the index of settlement holds an account that is not in the expiry"
		);
		Self::check_open_interest(&totals)?;
		Self::check_money(&totals)?;
		Self::check_settlements()?;
		Self::check_deposits()
	}

	fn check_open_interest(totals: &Totals) -> Result<(), TryRuntimeError> {
		for (series, lots) in OpenInterest::<T>::iter() {
			ensure!(lots > 0, "clearing: an open interest of zero is stored");
			ensure!(totals.long.get(&series) == Some(&lots), "clearing: open interest is not long");
		}
		for series in totals.long.keys().chain(totals.short.keys()) {
			let long = totals.long.get(series).copied().unwrap_or(0);
			let short = totals.short.get(series).copied().unwrap_or(0);
			ensure!(OpenInterest::<T>::get(series) == long, "clearing: long is not open interest");
			let settling = Settlements::<T>::contains_key(series.expiry_id());
			ensure!(settling || long == short, "clearing: long is not short");
		}
		Ok(())
	}

	fn check_money(totals: &Totals) -> Result<(), TryRuntimeError> {
		let settlement = T::SettlementAsset::get();
		let signed = |amount: u128| MicroUsd::try_from(amount).map_err(|_| "clearing: too large");
		let suspense: MicroUsd = Settlements::<T>::iter_values().map(|it| it.suspense).sum();
		let claims = totals.cash
			+ suspense
			+ signed(Insurance::<T>::get())?
			+ signed(FeesCollected::<T>::get())?;
		ensure!(
			signed(Held::<T>::get(settlement))? == claims,
			"clearing: claims on the settlement asset are not what was paid in"
		);
		ensure!(Debt::<T>::get() == totals.debt, "clearing: debt is not the sum of debts");
		for (asset, held) in Held::<T>::iter() {
			ensure!(held > 0, "clearing: a holding of zero is stored");
			let sum = totals.collateral.get(&asset).copied().unwrap_or(0);
			ensure!(asset == settlement || held == sum, "clearing: collateral is not what came in");
			let there = T::Assets::balance(asset, &Self::account_id());
			ensure!(there >= held, "clearing: the pallet's account holds less than the claims");
		}
		for asset in totals.collateral.keys() {
			ensure!(Collaterals::<T>::contains_key(asset), "clearing: collateral without terms");
			ensure!(Held::<T>::contains_key(asset), "clearing: collateral that never came in");
		}
		Ok(())
	}

	fn check_settlements() -> Result<(), TryRuntimeError> {
		for (expiry, progress) in Settlements::<T>::iter() {
			let under_way = Holders::<T>::iter_key_prefix(expiry).next().is_some();
			ensure!(
				under_way || progress.skipped > 0 || progress.suspense >= 0,
				"clearing: a settlement paid out more than it took in"
			);
			ensure!(
				under_way || progress.skipped > 0 || progress.uneven == 0,
				"clearing: a settlement had longs that were not short"
			);
			ensure!(
				Unsettled::<T>::iter_key_prefix(expiry).count() == progress.skipped as usize,
				"clearing: skipped accounts are not those to be settled later"
			);
		}
		ensure!(
			Unsettled::<T>::iter_keys().all(|(expiry, _)| Settlements::<T>::contains_key(expiry)),
			"clearing: an account waits for a settlement that is closed"
		);
		Ok(())
	}

	fn check_deposits() -> Result<(), TryRuntimeError> {
		let mut held = BTreeMap::<T::AccountId, BalanceOf<T>>::new();
		for (key, deposit) in Deposits::<T>::iter() {
			ensure!(Accounts::<T>::contains_key(&key), "clearing: a deposit without its account");
			let sum = held.entry(key.owner).or_default();
			*sum = sp_runtime::Saturating::saturating_add(*sum, deposit);
		}
		ensure!(
			Accounts::<T>::iter_keys().all(Deposits::<T>::contains_key),
			"clearing: an account without its deposit"
		);
		let reason = HoldReason::MarginAccount.into();
		for (owner, deposit) in held {
			ensure!(
				T::Currency::balance_on_hold(&reason, &owner) >= deposit,
				"clearing: an owner has less on hold than its deposits"
			);
		}
		Ok(())
	}
}

impl Totals {
	fn add<T: Config>(
		&mut self,
		key: &AccountKey<T::AccountId>,
		account: &Account,
	) -> Result<(), TryRuntimeError> {
		check_record::<T>(key, account)?;
		self.cash += account.cash;
		self.debt += owed(account.cash);
		for (asset, amount) in &account.collateral {
			*self.collateral.entry(*asset).or_default() += amount;
		}
		for position in &account.positions {
			let side = if position.lots > 0 { &mut self.long } else { &mut self.short };
			*side.entry(position.series).or_default() += position.lots.abs();
		}
		let indexed = |expiry: &&ExpiryId| Holders::<T>::contains_key(expiry, key);
		self.registered += account.expiries.iter().filter(indexed).count();
		Ok(())
	}
}

/// Order, bounds and registration of one account.
fn check_record<T: Config>(
	key: &AccountKey<T::AccountId>,
	account: &Account,
) -> Result<(), TryRuntimeError> {
	let ascending = account.positions.is_sorted_by(|a, b| a.series < b.series)
		&& account.orders.is_sorted_by(|a, b| a.id < b.id)
		&& account.collateral.is_sorted_by(|a, b| a.0 < b.0);
	ensure!(ascending, "clearing: an account's lists are out of order");
	let sized = |lots: Lots| lots != 0 && lots.abs() <= MAX_LOTS;
	ensure!(
		account.positions.iter().all(|position| sized(position.lots))
			&& account.orders.iter().all(|order| order.lots > 0)
			&& account.collateral.iter().all(|(_, amount)| *amount > 0),
		"clearing: an account holds something of no size or beyond its bound"
	);
	let own = |expiry: &ExpiryId| permits(account.margin, expiry.0);
	ensure!(account.expiries.iter().all(own), "clearing: a portfolio holds another underlying");
	let known = expiries_of(account);
	// A skipped settlement leaves an account with an expiry out of the index.
	let skipped = |expiry: &&ExpiryId| Unsettled::<T>::contains_key(expiry, key);
	ensure!(
		known.as_ref() == Some(&account.expiries)
			&& account.expiries.len() <= MAX_ACCOUNT_EXPIRIES as usize,
		"clearing: an account is not registered for its expiries"
	);
	ensure!(
		account
			.expiries
			.iter()
			.filter(|expiry| !skipped(expiry))
			.all(|expiry| { Holders::<T>::contains_key(expiry, key) }),
		"clearing: an account is missing in the index of settlement"
	);
	Ok(())
}
