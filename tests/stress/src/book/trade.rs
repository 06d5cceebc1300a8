// SPDX-License-Identifier: Apache-2.0
//! The calls that build the books.

use super::{draw::Drawn, market::Market, Cast, Config, Party, Wanted, BTC, MICRO};
use crate::{chain::dispatch, Outcome};
use ballast_exchange::{Lots, MarginKind, OptionPrice, SeriesId, Side};
use ballast_runtime::{constants::assets::USDC, Runtime, System};
use pallet_order_book::types::{NewOrder, OrderKind};
use std::collections::BTreeMap;

/// Cash that is deposited before the trades, as a multiple of the notional at spot; what an account does not need is
/// withdrawn afterwards.
const DEPOSIT_FACTOR: f64 = 3.0;
/// Cash of each house, dollars.
const HOUSE_CASH: f64 = 10e9;
/// Events of the seeding are nobody's: they are dropped after so many calls.
const CALLS_PER_RESET: usize = 2_000;

fn micro(usd: f64) -> u128 {
	(usd.max(0.0) * MICRO) as u128
}

/// Opens an account and pays into it.
fn open(party: &Party, margin: MarginKind, usd: f64) -> Outcome {
	let index = party.key.index;
	dispatch(pallet_clearing::Call::open_account { index, margin }.into(), party.origin())?;
	deposit(party, usd)
}

fn deposit(party: &Party, usd: f64) -> Outcome {
	let (index, amount) = (party.key.index, micro(usd));
	dispatch(pallet_clearing::Call::deposit { index, asset: USDC, amount }.into(), party.origin())
}

fn place(
	party: &Party,
	series: SeriesId,
	side: Side,
	(price, lots): (OptionPrice, Lots),
	kind: OrderKind,
) -> Outcome {
	let order = NewOrder {
		series,
		side,
		price,
		lots,
		kind,
		reduce_only: false,
		good_till: None,
		client_id: None,
		self_trade: Default::default(),
	};
	let index = party.key.index;
	dispatch(pallet_order_book::Call::place { index, order }.into(), party.origin())
}

/// Opens all accounts, and fills every leg against a house: first what is bought, so that a spread is covered when
/// its other leg is sold.
pub(super) fn build(cast: &Cast, books: &[Drawn], market: &Market) -> Outcome {
	for house in &cast.houses {
		open(house, MarginKind::Portfolio(BTC), HOUSE_CASH)?;
	}
	let mut sales: BTreeMap<SeriesId, Vec<(usize, Lots)>> = BTreeMap::new();
	let mut purchases = sales.clone();
	for (index, (party, book)) in cast.holders.iter().zip(books).enumerate() {
		open(party, book.margin, DEPOSIT_FACTOR * notional(&book.wanted, market) + 1_000.0)?;
		for (series, lots) in &book.wanted {
			let legs = if *lots > 0 { &mut purchases } else { &mut sales };
			legs.entry(*series).or_default().push((index, lots.abs()));
		}
		reset(index);
	}
	for (side, legs) in [(Side::Buy, purchases), (Side::Sell, sales)] {
		for (number, (series, legs)) in legs.into_iter().enumerate() {
			let house = &cast.houses[number % cast.houses.len()];
			fill(cast, house, market, series, side, &legs)?;
		}
	}
	check(cast, books)
}

fn notional(wanted: &Wanted, market: &Market) -> f64 {
	let lots: i64 = wanted.values().map(|lots| lots.abs()).sum();
	lots as f64 / f64::from(market.lots_per_contract) * market.spot
}

/// One house quotes all that is wanted of a series, and everybody takes their part of it.
fn fill(
	cast: &Cast,
	house: &Party,
	market: &Market,
	series: SeriesId,
	side: Side,
	legs: &[(usize, Lots)],
) -> Outcome {
	let price = market.listed(&series).ok_or("a series without a price")?.price;
	let total: Lots = legs.iter().map(|(_, lots)| lots).sum();
	let quoted = if side == Side::Buy { Side::Sell } else { Side::Buy };
	place(house, series, quoted, (price, total), OrderKind::PostOnly)?;
	for (number, (holder, lots)) in legs.iter().enumerate() {
		let holder = &cast.holders[*holder];
		place(holder, series, side, (price, *lots), OrderKind::FillOrKill)?;
		reset(number);
	}
	Ok(())
}

/// Everybody has what was wanted, and nobody's orders rest.
fn check(cast: &Cast, books: &[Drawn]) -> Outcome {
	for (party, book) in cast.holders.iter().zip(books) {
		let account = pallet_clearing::Accounts::<Runtime>::get(&party.key).ok_or("no account")?;
		let held: Wanted = account.positions.iter().map(|it| (it.series, it.lots)).collect();
		if held != book.wanted || !account.orders.is_empty() {
			return Err(format!("an account has {held:?} instead of {:?}", book.wanted));
		}
	}
	Ok(())
}

fn reset(calls: usize) {
	if calls.is_multiple_of(CALLS_PER_RESET) {
		System::reset_events();
	}
}

/// Pays out what an account does not need.
pub(super) fn withdraw(party: &Party, usd: f64) -> Outcome {
	let (index, amount) = (party.key.index, micro(usd));
	dispatch(pallet_clearing::Call::withdraw { index, asset: USDC, amount }.into(), party.origin())
}

/// Gives keepers, flooders, the insurance fund and the vault their money; the shares are of `requirement`, dollars.
pub(super) fn fund(cast: &Cast, config: &Config, requirement: f64) -> Outcome {
	let each = config.keeper_share * requirement / f64::from(config.keepers.max(1));
	for keeper in &cast.keepers {
		open(keeper, MarginKind::Portfolio(BTC), each.max(1.0))?;
	}
	for (index, flooder) in cast.flooders.iter().enumerate() {
		open(flooder, MarginKind::Portfolio(BTC), config.flooder_cash)?;
		reset(index);
	}
	let amount = micro(config.insurance_share * requirement);
	if amount > 0 {
		dispatch(pallet_clearing::Call::fund_insurance { amount }.into(), cast.treasury.origin())?;
	}
	let amount = micro(config.vault_share * requirement);
	if amount > 0 {
		dispatch(
			pallet_liquidation::Call::vault_deposit { amount }.into(),
			cast.treasury.origin(),
		)?;
	}
	Ok(())
}
