// SPDX-License-Identifier: Apache-2.0
//! Whether a position was closed against a holder as the rules permit: at the mark, and to nobody's harm.

use crate::{ensure, ledger::Ledger, margin::margins, market::Market, Outcome};
use ballast_runtime::{Runtime, RuntimeEvent};
use pallet_liquidation::Event;

/// Checks a deleveraging whose movements are applied; other events say nothing here.
pub fn check_deleveraged(ledger: &Ledger, market: &mut Market, event: &RuntimeEvent) -> Outcome {
	let RuntimeEvent::Liquidation(event) = event else { return Ok(()) };
	let Event::<Runtime>::Deleveraged { account, holder, series, lots, price, .. } = event else {
		return Ok(());
	};
	let moved = ledger.handed_over.as_ref().ok_or("deleveraged without a transfer")?;
	let (Some(of_account), Some(of_holder)) = (moved.before.get(account), moved.before.get(holder))
	else {
		return Err(format!("{event:?} is not of the transfer before it: {moved:?}"));
	};
	let (own, other) = (of_account.position(series), of_holder.position(series));
	let closes = own.signum() == -lots.signum()
		&& other.signum() == lots.signum()
		&& lots.abs() <= own.abs().min(other.abs());
	ensure!(closes, "{event:?}: the account had {own} lots, the holder {other}");
	ensure!(of_account.frozen && !of_holder.frozen, "{event:?}: who is on auction?");
	let price = price.pico_usd() as f64 / 1e12;
	let spot = market.spot(series.underlying).unwrap_or(0) as f64 / 1e12;
	let mark = market.values(series).ok_or("deleveraged without a mark")?.mark;
	let is_mark = price == moved.price && (price - mark).abs() <= 1e-8 * spot;
	ensure!(is_mark, "{event:?}: the record's mark is {mark}");
	let is = ledger.accounts.get(holder).ok_or("a holder without an account")?;
	let (Some(was), Some(is)) = (margins(market, of_holder), margins(market, is)) else {
		return Err(format!("{event:?}: the holder cannot be priced"));
	};
	let (before, after) = (was.equity - was.maintenance, is.equity - is.maintenance);
	let slack = was.tolerance() + is.tolerance();
	ensure!(
		after <= before + slack,
		"{event:?}: the holder's requirement goes from {before} to {after}"
	);
	Ok(())
}
