// SPDX-License-Identifier: Apache-2.0

//! The exchange of the presets: three underlyings with their terms, schedules and collateral.

use crate::{
	constants::assets::{DOT, WBTC, WETH},
	AssetId, ClearingConfig, LanesConfig, LiquidationConfig, OptionsConfig, PricesConfig,
};
use alloc::{vec, vec::Vec};
use ballast_exchange::{MarketTerms, OptionPrice, Ppb, UnderlyingId};
use pallet_clearing::CollateralTerms;
use pallet_lanes::{LaneParameters, Share};
use pallet_liquidation::{
	ConcentrationParameters, DelayParameters, MultiplierParameters, Parameters,
};
use pallet_options::{GenesisUnderlying, Minutes, Schedule};
use pallet_prices::PriceParameters;
use sp_runtime::Perbill;

const BTC_ID: UnderlyingId = 1;
const ETH_ID: UnderlyingId = 2;
const DOT_ID: UnderlyingId = 3;

/// Options with minutes to live let a newcomer see a settlement before the coffee is ready.
const SCHEDULE: Schedule = Schedule {
	minutes: Some(Minutes { period_minutes: 5, count: 2 }),
	dailies: 2,
	weeklies: 2,
	monthlies: 2,
	quarterlies: 2,
	strikes_each_side: 18,
	strike_step_ppb: 20_000_000,
};

/// An expiry of five minutes cannot settle at an average over thirty.
const SETTLEMENT_WINDOW_MILLIS: u64 = 60_000;

/// Debt of all accounts together, micro-USD: ten million dollars.
const DEBT_CAP: u128 = 10_000_000_000_000;

/// The insurance fund, micro-USD: a tenth of the debt that all accounts may have together.
pub(super) const INSURANCE: u128 = DEBT_CAP / 10;

/// Prices of seconds have fat tails. If the move of a delay is distributed as Student's t with four degrees of
/// freedom, four standard deviations are not enough in one delay of 400; three, in one of 150.
///
/// The floor is between what options on BTC (45 to 55 %) and on ETH (64 %) imply in a quiet market: an estimate
/// of a quiet hour says little about the next second.
const DELAY: DelayParameters =
	DelayParameters { z: Ppb(4_000_000_000), vol_floor: Ppb(600_000_000) };

/// Who holds a quarter of a series finds three others of the same size to close with. Who holds all of it has to
/// move its price: 1 % of notional is five points of volatility on an at-the-money option of three months,
/// `0.4 sqrt(1/4) 5 %`.
const CONCENTRATION: ConcentrationParameters =
	ConcentrationParameters { threshold: Ppb(250_000_000), charge: Ppb(10_000_000) };

/// The grid's shock of 18 % is 5.7 standard deviations of a day at a volatility of 60 %. At three times that it would be
/// 1.9; with a factor of two it is 3.8. From one to two it takes 50 s, and 500 s back: what a sample of ten
/// seconds says for once is over before margin has followed.
const MULTIPLIER: MultiplierParameters = MultiplierParameters {
	slope: Ppb(500_000_000),
	highest: Ppb(2_000_000_000),
	..MultiplierParameters::DEFAULT
};

const fn terms(base_asset: AssetId, lots_per_contract: u32, tick: OptionPrice) -> MarketTerms {
	MarketTerms {
		lots_per_contract,
		tick,
		min_order_lots: 1,
		max_order_lots: 100_000,
		max_open_interest: 10_000_000,
		base_asset,
		maker_fee_ppb: 100_000,
		taker_fee_ppb: 300_000,
		fee_cap_ppb: 125_000_000,
	}
}

const fn collateral(
	underlying: UnderlyingId,
	units_per_token: u64,
	tokens: u128,
) -> CollateralTerms {
	CollateralTerms {
		units_per_token,
		underlying,
		haircut_initial_ppb: 50_000_000,
		haircut_maintenance_ppb: 50_000_000,
		cap: tokens * units_per_token as u128,
	}
}

/// Rules of price rounds for a network of that many validators: more than two thirds have to report.
pub(super) fn prices(validators: usize) -> PricesConfig {
	let quorum = u32::try_from(validators * 2 / 3 + 1).unwrap_or(1);
	PricesConfig {
		parameters: PriceParameters {
			quorum,
			settlement_window_millis: SETTLEMENT_WINDOW_MILLIS,
			..PriceParameters::default()
		},
		..Default::default()
	}
}

pub(super) fn options() -> OptionsConfig {
	let underlyings: Vec<(UnderlyingId, &str, MarketTerms)> = vec![
		(BTC_ID, "BTC", terms(WBTC, 100, 1_000_000)),
		(ETH_ID, "ETH", terms(WETH, 10, 50_000)),
		(DOT_ID, "DOT", terms(DOT, 1, 500)),
	];
	OptionsConfig {
		underlyings: underlyings
			.into_iter()
			.map(|(id, symbol, terms)| GenesisUnderlying {
				id,
				symbol: symbol.into(),
				terms,
				schedule: SCHEDULE,
			})
			.collect(),
		..Default::default()
	}
}

/// While the market is calm less is kept free than under stress, and a lane of the exchange may use all that no other lane
/// is sure of. What is not of the exchange is a guest in its block space: a quarter stays out of its reach.
pub(super) fn lanes() -> LanesConfig {
	let share = |guaranteed, ceiling| Share {
		guaranteed: Perbill::from_percent(guaranteed),
		ceiling: Perbill::from_percent(ceiling),
	};
	let mut parameters = LaneParameters::default();
	// FRAME lets bids have a quarter of a block beyond a full one. A reserve within that takes nothing from the others, so that
	// volatility a third above the usual, which is every day, does not.
	parameters.reserve.floor = Perbill::from_percent(20);
	parameters.risk_down.calm = share(15, 100);
	parameters.makers.calm = share(20, 100);
	parameters.takers.calm = share(10, 100);
	parameters.general.calm = share(5, 75);
	LanesConfig { parameters, ..Default::default() }
}

pub(super) fn clearing() -> ClearingConfig {
	ClearingConfig {
		collaterals: vec![
			(WBTC, collateral(BTC_ID, 100_000_000, 10_000)),
			(WETH, collateral(ETH_ID, 1_000_000_000_000_000_000, 100_000)),
			(DOT, collateral(DOT_ID, 10_000_000_000, 10_000_000)),
		],
		debt_cap: DEBT_CAP,
		insurance: INSURANCE,
		..Default::default()
	}
}

/// Everything that a chain can charge for its own delay, for crowded series and for wild markets.
pub(super) fn liquidation() -> LiquidationConfig {
	LiquidationConfig {
		parameters: Parameters {
			delay: DELAY,
			concentration: CONCENTRATION,
			multiplier: MULTIPLIER,
			..Default::default()
		},
		..Default::default()
	}
}
