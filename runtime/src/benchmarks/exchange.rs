// SPDX-License-Identifier: Apache-2.0

//! Markets and accounts for the benchmarks of the exchange's pallets.

use crate::{
	constants::{
		assets::{USDC, WBTC},
		currency::BAL,
	},
	AccountId, Assets, Balances, Clearing, Options, Prices, Runtime, RuntimeOrigin,
};
use alloc::vec::Vec;
use ballast_exchange::{
	AccountKey, AssetId, BenchmarkHelper, ExpiryId, ExpiryPrice, MarginKind, Moment, OptionKind,
	Ppb, Price, PriceSource, SeriesId, SpotPrice, SviParameters, UnderlyingId,
};
use frame_benchmarking::account;
use frame_support::traits::{
	fungible::Mutate as _,
	fungibles::{Inspect as _, Mutate as _},
};
use pallet_order_book::benchmarking::BenchmarkAccounts;

/// The underlying that everything is measured on.
const UNDERLYING: UnderlyingId = 1;
/// A moment at which no expiry of the schedule is near.
const NOW: Moment = 1_798_000_000_000;
const DAY: Moment = 86_400_000;
const SPOT_USD: i64 = 100_000;
/// Between strikes, micro-USD.
const STRIKE_STEP: u64 = 1_000_000_000;
const FIRST_STRIKE: u64 = 70_000_000_000;
/// Cash that makes any trade of a benchmark possible: a thousand million dollars.
const CASH: u128 = 1_000_000_000_000_000;

/// Sets up what benchmarks ask for on the state of the development preset.
pub struct ExchangeHelper;

fn price(usd: i64) -> Price {
	Price::from_usd(usd).expect("a price of the benchmarks is within range")
}

fn set_prices(expiries: &[Moment]) {
	/// A smile of 60 % at the money in the fixed point of slices: 56 fraction bits.
	const ONE: i64 = 1 << 56;
	let spot = SpotPrice { price: price(SPOT_USD), confidence: Ppb::ONE };
	let quotes = expiries.iter().map(|expiry| {
		let days = i64::try_from((expiry - NOW) / DAY).unwrap_or(1).max(1);
		let tau = ONE / 365 * days;
		let variance = tau / 100 * 36;
		let svi = SviParameters {
			a: variance / 2,
			b: variance,
			rho: -ONE / 4,
			m: 0,
			sigma: ONE / 2,
			forward: price(SPOT_USD),
			tau,
		};
		let quote = ExpiryPrice {
			forward: price(SPOT_USD),
			forward_confidence: Ppb::ONE,
			rate: Ppb::percent(4),
			rate_confidence: Ppb::ONE,
			svi,
			vol_confidence: Ppb::ONE,
		};
		(*expiry, quote)
	});
	<Prices as PriceSource>::set_round(UNDERLYING, spot, quotes.collect());
}

impl BenchmarkHelper<AccountId> for ExchangeHelper {
	fn market(expiries: u32, strikes: u32) -> Vec<SeriesId> {
		pallet_timestamp::Now::<Runtime>::put(NOW);
		let expiries: Vec<Moment> = (1..=u64::from(expiries)).map(|day| NOW + day * DAY).collect();
		let strikes: Vec<u64> =
			(0..u64::from(strikes)).map(|step| FIRST_STRIKE + step * STRIKE_STEP).collect();
		// Listed first, so that the round keeps their prices; then again, so that they are priced.
		for _ in 0..2 {
			for expiry in &expiries {
				Options::set_up_expiry(UNDERLYING, *expiry, strikes.clone());
			}
			set_prices(&expiries);
		}
		for expiry in &expiries {
			Options::set_up_expiry(UNDERLYING, *expiry, strikes.clone());
		}
		let series = |expiry: Moment, strike: u64| {
			[OptionKind::Call, OptionKind::Put].map(|kind| SeriesId {
				underlying: UNDERLYING,
				expiry,
				strike,
				kind,
			})
		};
		expiries
			.iter()
			.flat_map(|expiry| strikes.iter().flat_map(|strike| series(*expiry, *strike)))
			.collect()
	}

	fn fund(who: &AccountId, asset: AssetId, amount: u128) {
		let _ = Balances::mint_into(who, 1_000_000 * BAL);
		if Assets::asset_exists(asset) {
			let _ = Assets::mint_into(asset, who, amount);
		}
	}

	fn assets() -> (AssetId, AssetId) {
		(USDC, WBTC)
	}

	fn expire((underlying, expiry): ExpiryId) {
		Options::set_up_settlement(underlying, expiry, price(SPOT_USD));
	}
}

impl BenchmarkAccounts<AccountId> for ExchangeHelper {
	fn trader(index: u32) -> AccountKey<AccountId> {
		let owner: AccountId = account("trader", index, 0);
		Self::fund(&owner, USDC, 2 * CASH);
		let origin = || RuntimeOrigin::signed(owner.clone());
		let margin = MarginKind::Portfolio(UNDERLYING);
		Clearing::open_account(origin(), 0, margin).expect("the owner can pay the deposit");
		Clearing::deposit(origin(), 0, USDC, CASH).expect("the owner has the cash");
		AccountKey { owner, index: 0 }
	}
}
