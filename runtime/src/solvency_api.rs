// SPDX-License-Identifier: Apache-2.0

//! The answers of `SolvencyApi`: auctions and lanes as they stand, and what trading costs beside premium.

use crate::{
	configs::lanes, AccountId, Balance, BlockNumber, Clearing, Lanes, Liquidation, Options,
	Runtime, RuntimeCall, TransactionPayment,
};
use alloc::vec::Vec;
use ballast_exchange::{AccountKey, Custody, Lots, Markets, MicroUsd, OptionPrice, SeriesId, Side};
use ballast_runtime_api::{Audit, Missed, TradeCost};
use codec::Encode;
use frame_support::dispatch::{GetDispatchInfo, PostDispatchInfo};
use pallet_lanes::Statistics;
use pallet_liquidation::{AuctionReport, Figures};
use pallet_order_book::{
	types::{NewOrder, OrderKind},
	WeightInfo,
};

/// Most auctions in one answer.
const MAX_AUCTIONS: u32 = 100;
/// Most accounts in one answer of an audit.
const MAX_AUDITED: u32 = 1_000;
/// Bytes of a signed transaction beside its call.
const ENVELOPE_BYTES: u32 = 110;

pub type Auction = AuctionReport<AccountId>;
pub type Key = AccountKey<AccountId>;

pub fn auctions(after: Option<Key>, limit: u32) -> Vec<Auction> {
	Liquidation::auctions_after(after, limit.min(MAX_AUCTIONS))
		.iter()
		.filter_map(Liquidation::auction_report)
		.collect()
}

pub fn auction(owner: AccountId, index: u16) -> Option<Auction> {
	Liquidation::auction_report(&AccountKey { owner, index })
}

pub fn figures() -> Figures {
	Liquidation::read_figures()
}

pub fn lanes() -> Statistics<BlockNumber> {
	Lanes::last_block()
}

/// Margins accounts one by one, without any of the search's records.
pub fn audit(after: Option<Key>, limit: u32) -> Audit<Key> {
	let most = limit.min(MAX_AUDITED) as usize;
	let mut accounts = match after {
		None => pallet_clearing::Accounts::<Runtime>::iter(),
		Some(key) => pallet_clearing::Accounts::<Runtime>::iter_from(pallet_clearing::Accounts::<
			Runtime,
		>::hashed_key_for(key)),
	};
	let mut audit = Audit { checked: 0, frozen: 0, unpriced: 0, last: None, missed: Vec::new() };
	let mut prices = Default::default();
	for (key, account) in accounts.by_ref().take(most) {
		audit.last = Some(key.clone());
		if account.frozen {
			audit.frozen += 1;
			continue;
		}
		match Clearing::safety(&mut prices, &account) {
			Ok(safety) if safety.is_fresh => {
				audit.checked += 1;
				if safety.margin.is_liquidatable() {
					let (equity, maintenance) = (safety.margin.equity, safety.margin.maintenance);
					audit.missed.push(Missed { account: key, equity, maintenance });
				}
			},
			_ => audit.unpriced += 1,
		}
	}
	if accounts.next().is_none() {
		audit.last = None;
	}
	audit
}

pub fn trade_cost(series: SeriesId, lots: Lots) -> TradeCost<Balance> {
	let mark = mark(&series);
	let terms = Options::terms(series.underlying);
	let cost = |price: OptionPrice| terms.and_then(|terms| terms.cost(lots, price));
	let mut prices = Default::default();
	let price = mark.unwrap_or_default();
	let mut fee = || {
		<Clearing as ballast_exchange::Clearing<AccountId>>::fee_of(
			&mut prices,
			&series,
			lots,
			price,
		)
	};
	let transaction =
		|side, reduce_only| transaction_fee(&order(series, side, price, lots, reduce_only));
	TradeCost {
		premium: mark.and_then(cost).map(|(_, ceil): (MicroUsd, MicroUsd)| ceil),
		opening_fee: fee(),
		closing_fee: fee(),
		opening_transaction: transaction(Side::Buy, false),
		closing_transaction: transaction(Side::Sell, true),
		exercise: 0,
	}
}

fn mark(series: &SeriesId) -> Option<OptionPrice> {
	let priced = Options::priced(series.underlying, series.expiry)?.regardless_of_age();
	OptionPrice::try_from(priced.mark_of(series)?.to_micro_usd_floor()).ok()
}

fn order(
	series: SeriesId,
	side: Side,
	price: OptionPrice,
	lots: Lots,
	reduce_only: bool,
) -> RuntimeCall {
	let order = NewOrder {
		series,
		side,
		price,
		lots,
		kind: OrderKind::ImmediateOrCancel,
		reduce_only,
		good_till: None,
		client_id: None,
		self_trade: Default::default(),
	};
	pallet_order_book::Call::place { index: 0, order }.into()
}

/// What a transaction that fills one resting order is charged in the end, at the present price of its lane.
fn transaction_fee(call: &RuntimeCall) -> Balance {
	// Call, signature, extensions: an order's size does not depend on what it says.
	let bytes =
		ENVELOPE_BYTES.saturating_add(u32::try_from(call.encoded_size()).unwrap_or(u32::MAX));
	let one_fill = <Runtime as pallet_order_book::Config>::WeightInfo::place_crossing(1)
		.saturating_add(<Clearing as ballast_exchange::Clearing<AccountId>>::least_check());
	let spent = PostDispatchInfo::from(Some(one_fill));
	let info = call.get_dispatch_info();
	lanes::at_price(call, || TransactionPayment::compute_actual_fee(bytes, &info, &spent, 0))
}
