// SPDX-License-Identifier: Apache-2.0
import { keyOf, type AccountState, type Market, type OpenOrder, type Series, type SeriesId, type Side } from '../src/types.js';

export const EXPIRY = 1_800_000_000_000;

/** BTC at 95,000 USD with the terms of the development chain. */
export const market = (changes: Partial<Market> = {}): Market => ({
	underlying: 1,
	symbol: 'BTC',
	lotsPerContract: 100,
	tick: 1_000_000,
	minLots: 1,
	maxLots: 100_000,
	makerFeePpb: 100_000,
	feeCapPpb: 125_000_000,
	spot: 95_000e6,
	expiries: [EXPIRY],
	...changes,
});

export const seriesId = (changes: Partial<SeriesId> = {}): SeriesId => ({
	underlying: 1,
	expiry: EXPIRY,
	strike: 95_000e6,
	kind: 'Call',
	...changes,
});

/** A daily call at the money: 1,200 USD, delta a half, 20 USD per volatility point. */
export function series(changes: Partial<Series> = {}, id: Partial<SeriesId> = {}): Series {
	const full = seriesId(id);
	return {
		id: full,
		key: keyOf(full),
		name: 'BTC-15JAN27-95000-C',
		isTrading: true,
		mark: 1_200e6,
		ageMillis: 500,
		delta: 0.5,
		vega: 20e6,
		bid: null,
		ask: null,
		...changes,
	};
}

export function order(id: number, side: Side, price: number, lots: number, of: Partial<SeriesId> = {}): OpenOrder {
	const id_ = seriesId(of);
	return { id: BigInt(id), series: id_, key: keyOf(id_), side, price, lots };
}

export const account = (index: number, changes: Partial<AccountState> = {}): AccountState => ({
	index,
	cash: 150_000e6,
	orders: [],
	positions: new Map(),
	...changes,
});
