// SPDX-License-Identifier: Apache-2.0
// What the parts of the bot hand each other. Money and prices are whole micro-USD, prices per contract;
// all of them are far below 2^53.

export type Side = 'Buy' | 'Sell';

/** The terms of an underlying and how it stands. */
export interface Market {
	underlying: number;
	symbol: string;
	lotsPerContract: number;
	tick: number;
	minLots: number;
	maxLots: number;
	makerFeePpb: number;
	feeCapPpb: number;
	/** null before the first round. */
	spot: number | null;
	/** Not settled yet, ascending, milliseconds since the epoch. */
	expiries: number[];
}

export interface SeriesId {
	underlying: number;
	expiry: number;
	strike: number;
	kind: 'Call' | 'Put';
}

export interface Level {
	price: number;
	lots: number;
}

export interface Series {
	id: SeriesId;
	key: string;
	name: string;
	isTrading: boolean;
	/** null while it is not priced. */
	mark: number | null;
	ageMillis: number;
	/** Contracts of the underlying that one contract moves like. */
	delta: number;
	/** Micro-USD per volatility point. */
	vega: number;
	bid: Level | null;
	ask: Level | null;
}

export interface OpenOrder {
	id: bigint;
	series: SeriesId;
	key: string;
	side: Side;
	price: number;
	lots: number;
}

/** One margin account as the chain has it. */
export interface AccountState {
	index: number;
	cash: number;
	orders: OpenOrder[];
	/** Lots by the series' key, negative for short. */
	positions: Map<string, { series: SeriesId; lots: number }>;
}

/** Names a series in maps. */
export const keyOf = ({ underlying, expiry, strike, kind }: SeriesId): string =>
	`${underlying}-${expiry}-${strike}-${kind}`;
