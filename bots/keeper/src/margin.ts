// SPDX-License-Identifier: Apache-2.0
// Whether the own account can carry a slice, asked of the chain's simulation before anything is sent.

import type { SeriesId } from '../../common/src/types.js';
import { keyOf } from '../../common/src/types.js';
import type { Margin, Slice, Standing, Trade } from './types.js';

/** Most trades that the chain assumes at once. */
export const MAX_TRADES = 64;
/** A price of next to nothing: what was paid for a slice is counted by the keeper itself, and so is no fee. */
const NEXT_TO_NOTHING = 1;

/**
 * The trades that give an account the lots of slices, one for each series. The chain's simulation trades at a price;
 * at next to none the account's cash stays as it is.
 *
 * @returns null where no simulation can tell: other assets come along, or too many series
 */
export function tradesOf(slices: Slice[]): Trade[] | null {
	if (slices.some(({ hasCollateral }) => hasCollateral)) {
		return null;
	}
	const lots = new Map<string, { series: SeriesId; lots: number }>();
	for (const held of slices.flatMap(({ positions }) => positions)) {
		const key = keyOf(held.series);
		lots.set(key, { series: held.series, lots: (lots.get(key)?.lots ?? 0) + held.lots });
	}
	const trades = [...lots.values()]
		.filter((each) => each.lots !== 0)
		.map(({ series, lots }): Trade => ({
			series,
			side: lots > 0 ? 'Buy' : 'Sell',
			lots: Math.abs(lots),
			price: NEXT_TO_NOTHING,
		}));
	return trades.length <= MAX_TRADES ? trades : null;
}

/** Cash that slices bring less what they cost. */
const cashOf = (slices: Slice[]): bigint => slices.reduce((sum, { cash, price }) => sum + cash - price, 0n);

/** Whether the price can be paid: from cash that is there or comes along. Nobody borrows it. */
export function canPay(standing: Standing, committed: Slice[], slice: Slice): boolean {
	const cash = standing.cash + cashOf(committed);
	const positive = (money: bigint): bigint => (money > 0n ? money : 0n);
	return slice.price <= positive(cash) + positive(slice.cash);
}

/**
 * Whether initial margin stays at or above `least` with the slices in the account.
 *
 * @param after margin with their trades at next to nothing
 */
export const isEnough = (after: Margin, slices: Slice[], least: bigint): boolean =>
	after.isFresh && after.initial + cashOf(slices) >= least;
