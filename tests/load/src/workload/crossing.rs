// SPDX-License-Identifier: Apache-2.0

//! Orders that each cross one resting order.

use super::{
	calls::{place, Kind, Order, Side},
	Account, Call, Setting, Workload,
};
use crate::{
	accounts::{derive_named, fund},
	error::Result,
	margin_accounts::{prepare, Want},
	market::Market,
};
use futures::future::LocalBoxFuture;
use std::sync::Arc;

/// Makers, one per series, rest asks deep enough for the whole run; every account buys one smallest
/// order after the other from the ask of its series. An order that does not fill fails, so that what
/// succeeded has crossed.
pub struct Crossing {
	pub market: Arc<Market>,
}

impl Workload for Crossing {
	fn name(&self) -> &'static str {
		"crossing"
	}

	fn rate_key(&self) -> &'static str {
		"crossing_per_s"
	}

	fn min_accounts(&self) -> usize {
		1
	}

	fn native_once(&self) -> u128 {
		self.market.native_once()
	}

	fn set_up<'a>(&'a self, setting: Setting<'a>) -> LocalBoxFuture<'a, Result<()>> {
		Box::pin(async move {
			self.set_up_makers(&setting).await?;
			let cash = self.market.premium_of(setting.calls);
			let wants = setting.accounts.iter().map(|account| Want::cash(account, cash)).collect();
			prepare(&setting, &self.market, wants).await
		})
	}

	fn call(&self, _accounts: &[Account], account: usize, _index: usize) -> Call {
		let series = self.market.series_of(account);
		place(
			self.market.index(),
			&Order {
				series: &series.id,
				side: Side::Buy,
				price: self.market.ask(series),
				lots: self.market.terms.min_lots,
				kind: Kind::FillOrKill,
				client_id: None,
			},
		)
	}
}

impl Crossing {
	async fn set_up_makers(&self, setting: &Setting<'_>) -> Result<()> {
		let market = &self.market;
		let makers = derive_named(setting.seed, "maker", market.series.len())?;
		let native = self.native_once().saturating_mul(2);
		fund(setting.node, setting.funder, &makers, native, setting.limit).await?;
		let buyers = setting.accounts.len().div_ceil(market.series.len().max(1));
		let orders = buyers.saturating_mul(setting.calls) as u64;
		let lots = orders.saturating_mul(market.terms.min_lots);
		let wants = makers.iter().zip(&market.series).map(|(maker, series)| Want {
			account: maker,
			cash: market.short_margin(lots),
			cash_per_short_lot: market.short_margin(1),
			calls: pieces(lots, market.terms.max_lots)
				.map(|lots| {
					place(
						market.index(),
						&Order {
							series: &series.id,
							side: Side::Sell,
							price: market.ask(series),
							lots,
							kind: Kind::PostOnly,
							client_id: None,
						},
					)
				})
				.collect(),
		});
		prepare(setting, market, wants.collect()).await
	}
}

/// `total` in pieces of at most `most`.
fn pieces(total: u64, most: u64) -> impl Iterator<Item = u64> {
	let most = most.max(1);
	let whole = total / most;
	let rest = total % most;
	(0..whole).map(move |_| most).chain((rest > 0).then_some(rest))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn pieces_should_add_up_to_the_total() {
		assert_eq!(pieces(250, 100).collect::<Vec<_>>(), [100, 100, 50]);
		assert_eq!(pieces(100, 100).collect::<Vec<_>>(), [100]);
		assert_eq!(pieces(0, 100).count(), 0);
	}

	#[test]
	fn neighbouring_accounts_should_buy_different_series() {
		let crossing = Crossing { market: Arc::new(Market::example()) };
		let bought = |account| crossing.call(&[], account, 0).call_data().clone();
		assert_ne!(bought(0), bought(1));
		assert_eq!(bought(0), bought(crossing.market.series.len()));
	}
}
