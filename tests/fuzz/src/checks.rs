// SPDX-License-Identifier: Apache-2.0
//! What has to hold whatever was called. A check that fails panics: that is a finding.

use crate::{chain, chain::Dispatched};
use ballast_exchange::{Custody, RiskWatch, Safety};
use ballast_runtime::{
	configs::RuntimeBlockWeights, AccountId, Assets, Balances, Clearing, Liquidation, Runtime,
	RuntimeEvent, System,
};
use frame_support::{
	dispatch::DispatchClass,
	traits::{
		fungible::InspectHold,
		tokens::{Fortitude, Preservation},
	},
	weights::Weight,
};
use pallet_clearing::Event as ClearingEvent;
use pallet_liquidation::Event as LiquidationEvent;
use sp_runtime::DispatchError;
use std::collections::{BTreeMap, BTreeSet};

/// Hooks, inherents and the protocol's part leave the block within its budget.
pub fn after_inherents() {
	let most = RuntimeBlockWeights::get().max_block;
	let weight = chain::weight();
	assert!(weight.all_lte(most), "before any transaction the block weighs {weight:?}");
}

/// No call says that records contradict each other, and the normal class stays in its share.
pub fn after_call(dispatched: &Dispatched) {
	if let Err(error) = dispatched {
		assert_sound(error.error);
	}
	let limits = RuntimeBlockWeights::get();
	let most = limits.get(DispatchClass::Normal).max_total.unwrap_or(Weight::MAX);
	let normal = *System::block_weight().get(DispatchClass::Normal);
	assert!(normal.all_lte(most), "normal transactions weigh {normal:?}");
}

/// The transactions of a block that weighed `before` when they began leave it within its budget, but for the operational
/// ones: a share is theirs on top of a full block.
pub fn after_calls(before: Weight) {
	let limits = RuntimeBlockWeights::get();
	let reserved = limits.get(DispatchClass::Operational).reserved.unwrap_or_default();
	let most = limits.max_block.max(before).saturating_add(reserved);
	let weight = chain::weight();
	assert!(weight.all_lte(most), "with its transactions the block weighs {weight:?}");
}

/// An error that names records that contradict each other.
fn assert_sound(error: DispatchError) {
	let is_corrupt = match error {
		DispatchError::Module(module) => {
			module.message.is_some_and(|name| name.starts_with("Corrupt"))
		},
		DispatchError::Corruption => true,
		_ => false,
	};
	assert!(!is_corrupt, "records contradict each other: {error:?}");
}

/// The end of a block. `is_ruled`: root has acted in it.
pub fn after_block(is_ruled: bool) {
	let mut settled = BTreeSet::new();
	for event in chain::events() {
		match event {
			RuntimeEvent::Clearing(ClearingEvent::PositionSettled { account, .. }) => {
				settled.insert(account);
			},
			RuntimeEvent::Clearing(ClearingEvent::SettlementSkipped { error, .. })
			| RuntimeEvent::Liquidation(LiquidationEvent::StepFailed { error, .. }) => {
				assert_sound(error);
			},
			RuntimeEvent::Liquidation(LiquidationEvent::UnderlyingFrozen { error, .. }) => {
				panic!("an underlying was frozen: {error:?}")
			},
			_ => {},
		}
	}
	issuance();
	custody();
	if !is_ruled {
		audit(&settled);
	}
	try_state();
}

/// Every unit of BAL and of the assets is somebody's.
fn issuance() {
	let mut total = 0u128;
	for (who, account) in frame_system::Account::<Runtime>::iter() {
		total += account.data.free + account.data.reserved;
		let held = Balances::total_balance_on_hold(&who);
		assert!(held <= account.data.reserved, "{who:?} has more on hold than is reserved");
		// Whatever its locks and holds, what it can spend can be said.
		for fortitude in [Fortitude::Polite, Fortitude::Force] {
			use frame_support::traits::fungible::Inspect;
			let spendable = Balances::reducible_balance(&who, Preservation::Preserve, fortitude);
			assert!(spendable <= account.data.free, "{who:?} can spend what it has not");
		}
	}
	let issued = pallet_balances::TotalIssuance::<Runtime>::get();
	assert_eq!(total, issued, "balances of BAL and what was issued");
	let mut held = BTreeMap::<u32, u128>::new();
	for (asset, _, account) in pallet_assets::Account::<Runtime>::iter() {
		*held.entry(asset).or_default() += account.balance;
	}
	for (asset, sum) in held {
		assert_eq!(sum, Assets::total_supply(asset), "balances of asset {asset} and its supply");
	}
}

/// Clearing has at least what it owes its accounts.
fn custody() {
	let own: AccountId = Clearing::account_id();
	for (asset, held) in pallet_clearing::Held::<Runtime>::iter() {
		let there = Assets::balance(asset, &own);
		assert!(there >= held, "clearing holds {there} of asset {asset}, its records say {held}");
	}
}

/// Every account under maintenance margin by fresh prices is on auction, once the search has ended. An account
/// whose positions were settled in this block is searched in the next one.
fn audit(settled: &BTreeSet<pallet_clearing::KeyOf<Runtime>>) {
	if pallet_liquidation::Sweep::<Runtime>::get().is_unfinished {
		return;
	}
	let mut prices = Default::default();
	for (key, account) in pallet_clearing::Accounts::<Runtime>::iter() {
		if account.frozen || settled.contains(&key) {
			continue;
		}
		let Ok(safety) = Clearing::safety(&mut prices, &account) else { continue };
		let is_swept = safety
			.exposures
			.iter()
			.all(|exposure| <Liquidation as RiskWatch<AccountId>>::is_swept(exposure.underlying));
		let is_missed = safety.is_fresh && is_swept && safety.margin.is_liquidatable();
		let is_missed = is_missed && !is_dust(&key, &safety);
		assert!(!is_missed, "{key:?} is under maintenance margin and not on auction: {safety:?}");
	}
}

/// Whether an account has changed since the search and is short by no more than rounding: no call leaves one short by more, but
/// a deposit that is worth nothing can cost a micro-dollar of margin.
fn is_dust(key: &pallet_clearing::KeyOf<Runtime>, safety: &Safety) -> bool {
	let slack: u128 = safety.exposures.iter().map(|it| it.slack.max(0).unsigned_abs()).sum();
	pallet_liquidation::Due::<Runtime>::contains_key(key)
		&& safety.margin.maintenance.unsigned_abs() <= slack
}

/// The invariants of every pallet.
#[cfg(feature = "try-runtime")]
fn try_state() {
	use frame_support::traits::{TryState, TryStateSelect};
	let number = System::block_number();
	if let Err(error) =
		ballast_runtime::AllPalletsWithSystem::try_state(number, TryStateSelect::All)
	{
		panic!("try_state: {error:?}");
	}
}

/// The invariants of the pallets of Ballast.
#[cfg(not(feature = "try-runtime"))]
fn try_state() {
	let checks = [
		pallet_prices::Pallet::<Runtime>::do_try_state,
		pallet_options::Pallet::<Runtime>::do_try_state,
		pallet_clearing::Pallet::<Runtime>::do_try_state,
		pallet_order_book::Pallet::<Runtime>::do_try_state,
		pallet_liquidation::Pallet::<Runtime>::do_try_state,
		pallet_lanes::Pallet::<Runtime>::do_try_state,
	];
	for check in checks {
		if let Err(error) = check() {
			panic!("try_state: {error:?}");
		}
	}
}
