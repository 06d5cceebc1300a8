// SPDX-License-Identifier: Apache-2.0

//! The answers of `SolvencyApi`: auctions and lanes as they stand, and what trading costs with its fees.

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
/// Settlement at expiry is the protocol's work.
const EXERCISE: MicroUsd = 0;
/// A reduce-only order that makes a position smaller gets its fee back.
const EXPECTED_OF_CLOSING: Balance = 0;

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

pub fn trade_cost(series: SeriesId, side: Side, lots: Lots) -> TradeCost<Balance> {
	let mark = mark(&series);
	let price = mark.unwrap_or_default();
	let premium = mark.and_then(|mark| premium_of(&series, side, lots, mark));
	// Nobody knows the price of the closing beforehand: the present one stands for it.
	let fee = trading_fee(&series, lots, price);
	let transaction =
		|side, reduce_only| transaction_fee(&order(series, side, price, lots, reduce_only));
	let opening_transaction = transaction(side, false);
	TradeCost {
		premium,
		gas_adjusted_premium: premium
			.and_then(|premium| gas_adjusted(side, premium, [fee, fee, EXERCISE])),
		opening_fee: fee,
		closing_fee: fee,
		opening_transaction,
		closing_transaction: transaction(side.opposite(), true),
		expected_transaction_fees: opening_transaction.saturating_add(EXPECTED_OF_CLOSING),
		exercise: EXERCISE,
	}
}

/// What a buyer pays and what a seller keeps with these fees counted in; `None` if that is beyond all numbers.
fn gas_adjusted(side: Side, premium: MicroUsd, fees: [MicroUsd; 3]) -> Option<MicroUsd> {
	let fees = fees.into_iter().try_fold(0, MicroUsd::checked_add)?;
	match side {
		Side::Buy => premium.checked_add(fees),
		Side::Sell => premium.checked_sub(fees),
	}
}

/// Premium of lots at a price, rounded against the trader.
fn premium_of(series: &SeriesId, side: Side, lots: Lots, price: OptionPrice) -> Option<MicroUsd> {
	let (floor, ceil) = Options::terms(series.underlying)?.cost(lots, price)?;
	Some(match side {
		Side::Buy => ceil,
		Side::Sell => floor,
	})
}

fn trading_fee(series: &SeriesId, lots: Lots, price: OptionPrice) -> MicroUsd {
	let mut prices = Default::default();
	<Clearing as ballast_exchange::Clearing<AccountId>>::fee_of(&mut prices, series, lots, price)
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

#[cfg(test)]
mod tests {
	use super::*;
	use ballast_exchange::OptionKind;

	const FEES: [MicroUsd; 3] = [28_500_000, 28_500_000, 1_000_000];

	#[test]
	fn gas_adjusted_premium_should_be_dearer_by_all_fees_when_buying() {
		assert_eq!(gas_adjusted(Side::Buy, 2_000_000_000, FEES), Some(2_058_000_000));
		assert_eq!(gas_adjusted(Side::Buy, 0, [0; 3]), Some(0));
	}

	#[test]
	fn gas_adjusted_premium_should_be_less_by_all_fees_when_selling() {
		assert_eq!(gas_adjusted(Side::Sell, 2_000_000_000, FEES), Some(1_942_000_000));
		// Of a worthless option a seller keeps less than nothing.
		assert_eq!(gas_adjusted(Side::Sell, 0, FEES), Some(-58_000_000));
	}

	#[test]
	fn gas_adjusted_premium_should_be_none_when_it_is_beyond_all_numbers() {
		assert_eq!(gas_adjusted(Side::Buy, MicroUsd::MAX, [1, 0, 0]), None);
		assert_eq!(gas_adjusted(Side::Sell, MicroUsd::MIN, [0, 1, 0]), None);
		assert_eq!(gas_adjusted(Side::Buy, 0, [MicroUsd::MAX, 0, 1]), None);
	}

	#[test]
	fn trade_should_cost_only_its_opening_transaction_when_the_series_is_not_priced() {
		let series = SeriesId { underlying: 1, expiry: 0, strike: 1, kind: OptionKind::Call };
		sp_io::TestExternalities::default().execute_with(|| {
			for side in [Side::Buy, Side::Sell] {
				let cost = trade_cost(series, side, 100);
				assert_eq!((cost.premium, cost.gas_adjusted_premium), (None, None));
				assert!(cost.opening_transaction > 0 && cost.closing_transaction > 0);
				assert_eq!(cost.expected_transaction_fees, cost.opening_transaction);
			}
		});
	}
}
