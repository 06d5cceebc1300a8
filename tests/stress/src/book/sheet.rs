// SPDX-License-Identifier: Apache-2.0
//! Margins of all accounts if spot moved: every account by the chain's own evaluation, at shocked prices.

use super::{market::Market, Party, BTC, MICRO};
use crate::{path::Replay, Outcome};
use ballast_exchange::{ExpiryPrice, Margin, Moment, Ppb, PriceReport, PriceSource, SpotPrice};
use ballast_price_feed::{report, Node, RawSvi, Round, Underlying};
use ballast_runtime::{AccountId, Clearing, Options, Prices, Runtime};
use ballast_runtime_api::ListedUnderlying;
use frame_support::{
	storage::{with_transaction_unchecked, TransactionOutcome},
	weights::WeightMeter,
};

/// Moves of spot, percent, ascending.
const MOVES: [i32; 18] =
	[-60, -52, -45, -38, -32, -27, -22, -18, -14, -10, -7, -4, 0, 5, 10, 20, 35, 60];
/// Volatilities rise by this much of themselves if spot falls by its whole.
const VOL_PER_FALL: f64 = 1.0 / 0.3;

/// Maintenance margins, dollars, of every account at every move of spot, and its margin now.
pub(super) struct Sheet {
	/// By account.
	pub now: Vec<Margin>,
	/// By account: at each of [`Sheet::moves`].
	pub maintenance: Vec<Vec<f64>>,
}

impl Sheet {
	/// Moves of spot, relative, ascending.
	pub fn moves() -> impl DoubleEndedIterator<Item = f64> + ExactSizeIterator {
		MOVES.iter().map(|percent| f64::from(*percent) / 100.0)
	}

	/// Margins all accounts at all moves. Nothing of it stays.
	pub fn read(parties: &[Party], market: &Market, replay: &Replay) -> Outcome<Self> {
		let moment = pallet_timestamp::Now::<Runtime>::get();
		let round = replay.round(moment)?;
		let now = margins(parties)?;
		let mut maintenance = vec![Vec::with_capacity(MOVES.len()); parties.len()];
		for by in Self::moves() {
			let column = with_transaction_unchecked(|| {
				let column = shock(&round, market, moment, by).and_then(|()| margins(parties));
				TransactionOutcome::Rollback(column)
			})?;
			for (row, margin) in maintenance.iter_mut().zip(column) {
				row.push(margin.maintenance as f64 / MICRO);
			}
		}
		Ok(Self { now, maintenance })
	}
}

fn margins(parties: &[Party]) -> Outcome<Vec<Margin>> {
	let mut prices = Default::default();
	let margin = |party: &Party| {
		let account = pallet_clearing::Accounts::<Runtime>::get(&party.key).ok_or("no account")?;
		<Clearing as ballast_exchange::Clearing<AccountId>>::margin(&mut prices, &account)
			.map_err(|error| format!("an account has no margin: {error:?}"))
	};
	parties.iter().map(margin).collect()
}

/// Puts a moved market in place of the one there is.
fn shock(round: &Round, market: &Market, now: Moment, by: f64) -> Outcome {
	let listed = ListedUnderlying {
		underlying: BTC,
		symbol: crate::path::SYMBOL.into(),
		expiries: market.expiries(),
	};
	let (report, gaps) = report(&moved(round, by), &[listed], now);
	if let Some(gap) = gaps.first() {
		return Err(format!("a moved market has {gap}"));
	}
	let PriceReport { underlyings, .. } = report;
	let moved = underlyings.into_iter().next().ok_or("a moved market has no prices")?;
	let spot = SpotPrice { price: moved.spot, confidence: Ppb::ONE };
	let expiries = moved.expiries.into_iter().map(|it| {
		let price = ExpiryPrice {
			forward: it.forward,
			forward_confidence: Ppb::ONE,
			rate: it.rate,
			rate_confidence: Ppb::ONE,
			svi: it.svi,
			vol_confidence: Ppb::ONE,
		};
		(it.expiry, price)
	});
	Prices::set_round(BTC, spot, expiries.collect());
	Options::after_inherents(&mut WeightMeter::new());
	Ok(())
}

fn moved(round: &Round, by: f64) -> Round {
	let factor = 1.0 + (-by).max(0.0) * VOL_PER_FALL;
	let variance = factor * factor;
	let node = |node: &Node| Node {
		svi: RawSvi { a: node.svi.a * variance, b: node.svi.b * variance, ..node.svi },
		..*node
	};
	let underlyings = round.underlyings.iter().map(|it| Underlying {
		symbol: it.symbol.clone(),
		spot: it.spot * (1.0 + by),
		nodes: it.nodes.iter().map(node).collect(),
	});
	Round { quote_price: round.quote_price, underlyings: underlyings.collect() }
}
