// SPDX-License-Identifier: Apache-2.0
//! Calls of the exchange and of the assets on it with values that can mean something.

use super::orders::{any_key, batch, combo, order, order_id, replacement, series};
use crate::{
	bytes::Bytes,
	market::{account, Key},
	people,
};
use ballast_exchange::{MarginKind, Ppb};
use ballast_runtime::{AccountId, Assets, Runtime, RuntimeCall};
use pallet_clearing::Call as Clearing;
use pallet_liquidation::Call as Liquidation;
use pallet_order_book::Call as OrderBook;

/// The settlement asset.
const USDC: u32 = 1;

/// A call of `who`.
pub fn call(who: &AccountId, bytes: &mut Bytes) -> RuntimeCall {
	let index = match bytes.byte() {
		0..=199 => 0,
		200..=247 => 1,
		other => u16::from(other),
	};
	let key = Key { owner: who.clone(), index };
	match bytes.below(32) {
		0..=10 => book_call(&key, bytes),
		11..=18 => money_call(&key, bytes),
		19..=26 => danger_call(&key, bytes),
		27 => {
			let series = series(&key, bytes);
			let strike = match bytes.below(3) {
				0 => series.strike,
				1 => series.strike.saturating_add(u64::from(bytes.word()) * 1_000_000_000),
				_ => bytes.number() as u64,
			};
			let (underlying, expiry) = series.expiry_id();
			pallet_options::Call::list_strike { underlying, expiry, strike }.into()
		},
		28..=29 => transfer(bytes),
		_ => OrderBook::place { index, order: order(&key, bytes) }.into(),
	}
}

fn book_call(key: &Key, bytes: &mut Bytes) -> RuntimeCall {
	let index = key.index;
	let call = match bytes.below(16) {
		0..=5 => OrderBook::place { index, order: order(key, bytes) },
		6..=7 => {
			let (operations, mode) = batch(key, bytes);
			OrderBook::batch { index, operations, mode }
		},
		8..=9 => {
			let (legs, max_cost) = combo(key, bytes);
			OrderBook::place_combo { index, legs, max_cost }
		},
		10 => OrderBook::cancel { index, order: order_id(key, bytes) },
		11 => OrderBook::cancel_by_client_id { index, client_id: u64::from(bytes.byte() % 16) },
		12 => OrderBook::cancel_all { index },
		13 => OrderBook::cancel_series { index, series: series(key, bytes) },
		14 => {
			let order = order_id(key, bytes);
			let (price, lots) = replacement(key, order, bytes);
			OrderBook::replace { index, order, price, lots }
		},
		_ => {
			let key = any_key(bytes).unwrap_or(key.clone());
			let order = order_id(&key, bytes);
			OrderBook::remove_expired { owner: key.owner, index: key.index, order }
		},
	};
	call.into()
}

fn margin_kind(bytes: &mut Bytes) -> MarginKind {
	match bytes.below(5) {
		0 => MarginKind::Standard,
		4 => MarginKind::Portfolio(bytes.word()),
		underlying => MarginKind::Portfolio(underlying as u16),
	}
}

fn asset(bytes: &mut Bytes) -> u32 {
	[USDC, USDC, USDC, 2, 3, 4, 5, 0][bytes.below(8)]
}

/// An amount: a share of what is there, or any.
fn amount(there: u128, bytes: &mut Bytes) -> u128 {
	match bytes.below(8) {
		0 => there / 2,
		1 => there,
		2 => there.saturating_add(1),
		3 => there / 256 * u128::from(bytes.byte()),
		4 => u128::from(bytes.word()),
		5 => u128::from(bytes.word()) * 1_000_000,
		6 => u128::from(bytes.byte()) * 1_000_000_000,
		_ => bytes.number(),
	}
}

/// What the margin account holds of an asset.
fn held(key: &Key, asset: u32) -> u128 {
	let Some(account) = account(key) else { return 0 };
	if asset == USDC {
		return account.cash.max(0).unsigned_abs();
	}
	account.collateral.iter().find(|(id, _)| *id == asset).map_or(0, |(_, amount)| *amount)
}

fn money_call(key: &Key, bytes: &mut Bytes) -> RuntimeCall {
	let index = key.index;
	let call = match bytes.below(12) {
		0..=2 => {
			let asset = asset(bytes);
			let there = Assets::balance(asset, &key.owner);
			Clearing::deposit { index, asset, amount: amount(there, bytes) }
		},
		3..=5 => {
			let asset = asset(bytes);
			Clearing::withdraw { index, asset, amount: amount(held(key, asset), bytes) }
		},
		6..=7 => {
			let (asset, to) = (asset(bytes), u16::from(bytes.byte() % 3));
			let amount = amount(held(key, asset), bytes);
			Clearing::move_assets { from: index, to, asset, amount }
		},
		8 => Clearing::open_account { index, margin: margin_kind(bytes) },
		9 => Clearing::close_account { index },
		10 => Clearing::set_margin { index, margin: margin_kind(bytes) },
		_ => Clearing::fund_insurance { amount: amount(1_000_000_000, bytes) },
	};
	call.into()
}

fn danger_call(key: &Key, bytes: &mut Bytes) -> RuntimeCall {
	let call = match bytes.below(12) {
		0..=4 => {
			let on_auction: Vec<Key> =
				pallet_liquidation::Auctions::<Runtime>::iter_keys().collect();
			let target = if bytes.chance(16) { any_key(bytes) } else { bytes.pick(&on_auction) };
			let Key { owner, index } = target.unwrap_or(key.clone());
			let max_share = match bytes.below(4) {
				0 => Ppb(1_000_000_000),
				1..=2 => Ppb(i64::from(bytes.byte()) * 4_000_000),
				_ => Ppb(i64::from_le_bytes(bytes.array())),
			};
			let limit = if bytes.chance(32) { bytes.number() as i128 } else { i128::MAX };
			Liquidation::bid { owner, index, max_share, limit, bidder_index: key.index }
		},
		5 => {
			let Key { owner, index } = any_key(bytes).unwrap_or(key.clone());
			Liquidation::look { owner, index }
		},
		6..=7 => {
			let amount = amount(Assets::balance(USDC, &key.owner), bytes);
			Liquidation::top_up { index: key.index, amount }
		},
		8..=9 => {
			let there = Assets::balance(USDC, &key.owner);
			Liquidation::vault_deposit { amount: amount(there, bytes) }
		},
		_ => {
			let there = pallet_liquidation::Shares::<Runtime>::get(&key.owner);
			Liquidation::vault_request_withdraw { shares: amount(there, bytes) }
		},
	};
	call.into()
}

/// Moves BAL or an asset, also to the accounts of pallets.
fn transfer(bytes: &mut Bytes) -> RuntimeCall {
	let to = match bytes.below(4) {
		0..=1 => people::person(bytes.below(people::PEOPLE.len())),
		2 => ballast_runtime::Clearing::account_id(),
		_ => pallet_liquidation::Pallet::<Runtime>::vault_key().owner,
	};
	match bytes.below(4) {
		0 => {
			let value = bytes.number();
			pallet_balances::Call::transfer_allow_death { dest: to.into(), value }.into()
		},
		1 => pallet_balances::Call::transfer_all { dest: to.into(), keep_alive: bytes.chance(128) }
			.into(),
		_ => {
			let id = asset(bytes);
			let amount = amount(1_000_000_000, bytes);
			pallet_assets::Call::transfer { id: id.into(), target: to.into(), amount }.into()
		},
	}
}
