// SPDX-License-Identifier: Apache-2.0

//! Whether the own account can carry a slice, asked of the chain's simulation before anything is sent.

use crate::{
	choosing::is_countable,
	types::{Slice, Standing},
};
use ballast_exchange::{MicroUsd, OptionPrice, SeriesId, Side};
use pallet_clearing::{HypotheticalTrade, MAX_HYPOTHETICAL_TRADES};
use std::collections::BTreeMap;

/// A price of next to nothing: what was paid for a slice is counted by the keeper itself, and so is no fee.
const NEXT_TO_NOTHING: OptionPrice = 1;

/// The trades that give an account the lots of slices, one for each series. The chain's simulation trades at a price;
/// at next to none the account's cash stays as it is.
///
/// `None` where no simulation can tell: other assets come along, or too many series.
pub fn trades_of(slices: &[&Slice]) -> Option<Vec<HypotheticalTrade>> {
	if slices.iter().any(|slice| slice.has_collateral) {
		return None;
	}
	let mut lots = BTreeMap::<SeriesId, i64>::new();
	for held in slices.iter().flat_map(|slice| &slice.positions) {
		let sum = lots.entry(held.series).or_default();
		*sum = sum.checked_add(held.lots)?;
	}
	let trade = |(series, lots): (SeriesId, i64)| HypotheticalTrade {
		series,
		side: if lots > 0 { Side::Buy } else { Side::Sell },
		lots: lots.saturating_abs(),
		price: NEXT_TO_NOTHING,
	};
	let trades: Vec<_> = lots.into_iter().filter(|(_, lots)| *lots != 0).map(trade).collect();
	(trades.len() <= MAX_HYPOTHETICAL_TRADES).then_some(trades)
}

/// Cash that slices bring less what they cost.
fn cash_of(slices: &[&Slice]) -> MicroUsd {
	slices.iter().map(|slice| slice.cash - slice.price).sum()
}

/// Whether the price can be paid: from cash that is there or comes along. Nobody borrows it.
pub fn can_pay(standing: &Standing, committed: &[&Slice], slice: &Slice) -> bool {
	if !is_countable(&[standing.cash]) {
		return false;
	}
	let cash = standing.cash + cash_of(committed);
	slice.price <= cash.max(0) + slice.cash.max(0)
}

/// Whether initial margin stays at or above `least` with the slices in the account. `after` is the account with their
/// trades at next to nothing.
pub fn is_enough(after: &Standing, slices: &[&Slice], least: MicroUsd) -> bool {
	let initial = after.margin.initial;
	after.is_fresh && is_countable(&[initial]) && initial + cash_of(slices) >= least
}
