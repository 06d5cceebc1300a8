// SPDX-License-Identifier: Apache-2.0
//! How much cash each account keeps: what brings it into danger at the distance it drew, and never less than
//! initial margin asks for.

use super::{
	draw::{Drawn, Style},
	market::Market,
	sheet::Sheet,
	trade, Cast, Holder, MICRO,
};
use crate::Outcome;
use ballast_exchange::{Margin, OptionPrice};
use ballast_rng::Rng;
use ballast_runtime::Runtime;

/// Cash kept beyond what initial margin asks for, as a share of what it requires.
const SPARE: f64 = 0.02;
/// Cash that everybody keeps, dollars.
const LEAST_CASH: f64 = 1.0;

/// Pays out what each account does not need, and says what it has then.
pub(super) fn settle(
	rng: &mut Rng,
	cast: &Cast,
	books: &[Drawn],
	sheet: &Sheet,
	market: &Market,
) -> Outcome<Vec<Holder>> {
	let mut holders = Vec::with_capacity(books.len());
	for (index, (party, book)) in cast.holders.iter().zip(books).enumerate() {
		let (now, row) = (&sheet.now[index], &sheet.maintenance[index]);
		let account = pallet_clearing::Accounts::<Runtime>::get(&party.key).ok_or("no account")?;
		let cash = account.cash as f64 / MICRO;
		let spare = spare(now, row, book, rng).min(cash - LEAST_CASH).max(0.0);
		if spare > 0.0 {
			trade::withdraw(party, spare)?;
		}
		let (below, above) = liquidation(row, spare, market.spot);
		let dollars = |micro: i128| micro as f64 / MICRO;
		holders.push(Holder {
			party: party.clone(),
			style: book.style,
			margin: book.margin,
			equity: dollars(now.equity) - spare,
			requirement: dollars(now.equity - now.maintenance),
			below,
			above,
		});
	}
	Ok(holders)
}

/// Cash that an account can do without: maintenance margin is to be zero at the distance it drew.
fn spare(now: &Margin, row: &[f64], book: &Drawn, rng: &mut Rng) -> f64 {
	let dollars = |micro: i128| micro as f64 / MICRO;
	let kept = SPARE * dollars(now.equity - now.initial).max(0.0);
	let initial = dollars(now.initial) - kept;
	let wanted = if book.style == Style::Long {
		// What buyers keep is for their next premium.
		dollars(now.maintenance) * rng.real(0.9, 1.0)
	} else {
		at(row, if book.style.fears_rise() { book.distance } else { -book.distance })
	};
	wanted.min(initial)
}

/// Maintenance margin at a move of spot, between the moves there are.
fn at(row: &[f64], by: f64) -> f64 {
	let points: Vec<(f64, f64)> = Sheet::moves().zip(row.iter().copied()).collect();
	let pair = points.windows(2).find(|pair| by <= pair[1].0);
	match pair {
		Some([(from, low), (to, high)]) => {
			low + (high - low) * ((by - from) / (to - from)).clamp(0.0, 1.0)
		},
		_ => row.last().copied().unwrap_or(0.0),
	}
}

/// The nearest spots, micro-USD, at which maintenance margin less `spare` is zero.
fn liquidation(row: &[f64], spare: f64, spot: f64) -> (Option<OptionPrice>, Option<OptionPrice>) {
	let points: Vec<(f64, f64)> =
		Sheet::moves().zip(row.iter().map(|margin| margin - spare)).collect();
	let (down, up): (Vec<_>, Vec<_>) = (
		points.iter().rev().filter(|(by, _)| *by <= 0.0).copied().collect(),
		points.iter().filter(|(by, _)| *by >= 0.0).copied().collect(),
	);
	let price = |by: f64| (spot * (1.0 + by) * MICRO) as OptionPrice;
	(crossing(&down).map(price), crossing(&up).map(price))
}

/// The first move at which a margin falls through zero.
fn crossing(points: &[(f64, f64)]) -> Option<f64> {
	points.windows(2).find_map(|pair| {
		let ((from, before), (to, after)) = (pair[0], pair[1]);
		(before >= 0.0 && after < 0.0).then(|| from + (to - from) * before / (before - after))
	})
}

#[cfg(test)]
mod tests {
	use super::*;

	/// A margin that falls by a dollar for every percent that spot falls, and by two for every percent it rises.
	fn row() -> Vec<f64> {
		Sheet::moves()
			.map(|by| if by < 0.0 { 20.0 + 100.0 * by } else { 20.0 - 200.0 * by })
			.collect()
	}

	#[test]
	fn crossing_should_be_where_the_margin_is_zero() {
		assert_eq!(liquidation(&row(), 0.0, 1_000.0), (Some(800_000_000), Some(1_100_000_000)));
		let (below, above) = liquidation(&row(), 5.0, 1_000.0);
		assert!(
			below.unwrap().abs_diff(850_000_000) < 10
				&& above.unwrap().abs_diff(1_075_000_000) < 10
		);
		assert_eq!(liquidation(&[1.0; 18], 0.0, 1_000.0), (None, None));
	}

	#[test]
	fn margin_should_be_linear_between_moves() {
		assert!((at(&row(), -0.16) - 4.0).abs() < 1e-9);
		assert!((at(&row(), 0.03) - 14.0).abs() < 1e-9);
		assert!((at(&row(), 2.0) + 100.0).abs() < 1e-9);
		assert!((at(&row(), -2.0) + 40.0).abs() < 1e-9);
	}
}
