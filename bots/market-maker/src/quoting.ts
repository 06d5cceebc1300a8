// SPDX-License-Identifier: Apache-2.0
import type { Target } from '../../common/src/orders.js';
import type { Level, Market, Series } from '../../common/src/types.js';

/** A tick's number has 24 bits in the book. */
const HIGHEST_TICK = 2 ** 24 - 1;
const PPB = 1e9;

/** How wide and how large to quote. */
export interface QuoteRules {
	volPoints: number;
	deltaBasisPoints: number;
	maxInventory: number;
	tolerance: number;
}

/** Both sides of one series. */
export interface Quote extends Target {
	bid: Level;
	ask: Level;
}

/** Lots that are worth `notionalUsd` of the underlying, within what the market takes. */
export function quoteLots(market: Market, spot: number, notionalUsd: number): number {
	const lots = Math.round((notionalUsd * 1e6 * market.lotsPerContract) / spot);
	return Math.min(Math.max(lots, market.minLots), market.maxLots);
}

/**
 * Half of the spread, micro-USD: what an error in the volatility and in spot would cost, and the fee
 * that a fill costs.
 */
export function halfSpread(series: Series, mark: number, market: Market, spot: number, rules: QuoteRules): number {
	const fee = Math.min((market.makerFeePpb / PPB) * spot, (market.feeCapPpb / PPB) * mark);
	const vol = rules.volPoints * series.vega;
	const delta = (rules.deltaBasisPoints / 1e4) * Math.abs(series.delta) * spot;
	return Math.max(market.tick, fee + vol + delta);
}

/**
 * The quote around the mark, or null where there is none: the series does not trade or has no mark.
 *
 * Inventory moves both prices away from the side that would add to it, by half a spread at most, and
 * shrinks that side down to the smallest order. There are always two sides: a series that is worth
 * nothing is bid for at one tick.
 *
 * @param position lots held, negative for short
 * @param lots of a whole quote
 */
export function quoteFor(
	series: Series,
	market: Market,
	position: number,
	lots: number,
	rules: QuoteRules,
): Quote | null {
	const { mark } = series;
	const { spot, tick } = market;
	if (!series.isTrading || mark === null || spot === null) {
		return null;
	}
	const half = halfSpread(series, mark, market, spot, rules);
	const inventory = Math.min(Math.max(position / (lots * rules.maxInventory), -1), 1);
	const centre = mark - inventory * half;
	const bid = Math.min(Math.max(Math.floor((centre - half) / tick), 1), HIGHEST_TICK - 1);
	const ask = Math.min(Math.max(Math.ceil((centre + half) / tick), bid + 1), HIGHEST_TICK);
	const sized = (share: number): number => Math.max(Math.round(lots * share), market.minLots);
	return {
		bid: { price: bid * tick, lots: sized(1 - Math.max(inventory, 0)) },
		ask: { price: ask * tick, lots: sized(1 + Math.min(inventory, 0)) },
		tolerance: half * rules.tolerance,
	};
}
