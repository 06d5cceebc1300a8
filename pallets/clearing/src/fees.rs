// SPDX-License-Identifier: Apache-2.0
//! Trading fees: a part of the notional at spot, at most a part of the premium, rounded up.

use ballast_exchange::{Fees, Lots, MarketTerms, MicroUsd, OptionPrice, Price};

const BILLION: u128 = 1_000_000_000;

/// Fees of both sides of a fill.
pub(crate) fn of_fill(
	terms: &MarketTerms,
	spot: Price,
	lots: Lots,
	price: OptionPrice,
) -> Option<Fees> {
	let of = |rate| fee(terms, spot, lots, price, rate);
	Some(Fees { maker: of(terms.maker_fee_ppb)?, taker: of(terms.taker_fee_ppb)? })
}

/// The larger of the two fees.
pub(crate) fn largest(
	terms: &MarketTerms,
	spot: Price,
	lots: Lots,
	price: OptionPrice,
) -> Option<MicroUsd> {
	of_fill(terms, spot, lots, price).map(|fees| fees.maker.max(fees.taker))
}

fn fee(
	terms: &MarketTerms,
	spot: Price,
	lots: Lots,
	price: OptionPrice,
	rate_ppb: i64,
) -> Option<MicroUsd> {
	let part = |micro: u128, ppb: i64| -> Option<u128> {
		// A rate below zero would be a rebate, which nobody has paid for.
		let ppb = u128::try_from(ppb.max(0)).ok()?;
		let per = u128::from(terms.lots_per_contract).checked_mul(BILLION)?;
		let product = micro.checked_mul(u128::try_from(lots).ok()?)?.checked_mul(ppb)?;
		(per > 0).then(|| product.div_ceil(per))
	};
	let spot = u128::try_from(spot.to_micro_usd_ceil()).ok()?;
	let by_notional = part(spot, rate_ppb)?;
	let cap = part(u128::from(price), terms.fee_cap_ppb)?;
	MicroUsd::try_from(by_notional.min(cap)).ok()
}
