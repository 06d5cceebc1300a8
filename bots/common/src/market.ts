// SPDX-License-Identifier: Apache-2.0
import type { Codec } from '@polkadot/types/types';
import type { Session } from './chain.js';
import { type AccountState, keyOf, type Level, type Market, type OpenOrder, type Series, type SeriesId } from './types.js';

// Plain forms of what the runtime answers, as `toPrimitive` gives them: a number is a string where it
// has more than 53 bits.
type Num = number | string;
export interface RawId {
	underlying: number;
	expiry: Num;
	strike: Num;
	kind: 'Call' | 'Put';
}
interface RawLevel {
	price: Num;
	lots: Num;
}
interface RawMarket {
	underlying: number;
	symbol: string;
	terms: {
		lotsPerContract: number;
		tick: Num;
		minOrderLots: Num;
		maxOrderLots: Num;
		makerFeePpb: Num;
		feeCapPpb: Num;
	};
	spot: Num | null;
	expiries: Num[];
}
interface RawSeries {
	name: string;
	quote: {
		series: RawId;
		status: string;
		mark: Num | null;
		ageMillis: Num;
		greeks: { deltaPpb: Num; vegaMicroUsd: Num };
	};
	bid: RawLevel | null;
	ask: RawLevel | null;
}
interface RawAccount {
	cash: Num;
	orders: (RawLevel & { id: Num; series: RawId; side: 'Buy' | 'Sell' })[];
	positions: { series: RawId; lots: Num }[];
}

const plain = <T>(codec: Codec): T => codec.toPrimitive() as T;

/** Every underlying of the exchange. */
export async function readMarkets(session: Session): Promise<Market[]> {
	const markets = plain<RawMarket[]>(await session.exchange('markets'));
	return markets.map(({ underlying, symbol, terms, spot, expiries }) => ({
		underlying,
		symbol,
		lotsPerContract: terms.lotsPerContract,
		tick: Number(terms.tick),
		minLots: Number(terms.minOrderLots),
		maxLots: Number(terms.maxOrderLots),
		makerFeePpb: Number(terms.makerFeePpb),
		feeCapPpb: Number(terms.feeCapPpb),
		spot: spot === null ? null : Number(spot),
		expiries: expiries.map(Number),
	}));
}

/** The series of one expiry with their marks. */
export async function readSeries(session: Session, underlying: number, expiry: number): Promise<Series[]> {
	const series = plain<RawSeries[]>(await session.exchange('series', underlying, expiry));
	return series.map(({ name, quote, bid, ask }) => {
		const id = idOf(quote.series);
		return {
			id,
			key: keyOf(id),
			name,
			isTrading: quote.status === 'Trading',
			mark: quote.mark === null ? null : Number(quote.mark),
			ageMillis: Number(quote.ageMillis),
			delta: Number(quote.greeks.deltaPpb) / 1e9,
			vega: Number(quote.greeks.vegaMicroUsd),
			bid: levelOf(bid),
			ask: levelOf(ask),
		};
	});
}

/** The chain's clock: the moment of the best block. */
export async function readNow(session: Session): Promise<number> {
	return Number(plain<Num>(await session.value('timestamp', 'now')));
}

/** Those of the owner's accounts that exist. */
export async function readAccounts(session: Session, owner: string, indices: number[]): Promise<AccountState[]> {
	const found = await session.values('clearing', 'accounts', indices.map((index) => ({ owner, index })));
	return indices.flatMap((index, at) => {
		const account = plain<RawAccount | null>(found[at] as Codec);
		return account === null ? [] : [accountOf(index, account)];
	});
}

function accountOf(index: number, { cash, orders, positions }: RawAccount): AccountState {
	return {
		index,
		cash: Number(cash),
		orders: orders.map((order): OpenOrder => {
			const series = idOf(order.series);
			return {
				id: BigInt(order.id),
				series,
				key: keyOf(series),
				side: order.side,
				price: Number(order.price),
				lots: Number(order.lots),
			};
		}),
		positions: new Map(
			positions.map(({ series, lots }) => {
				const id = idOf(series);
				return [keyOf(id), { series: id, lots: Number(lots) }];
			}),
		),
	};
}

/** An id of a series in plain numbers. */
export const idOf = ({ underlying, expiry, strike, kind }: RawId): SeriesId => ({
	underlying,
	expiry: Number(expiry),
	strike: Number(strike),
	kind,
});

const levelOf = (level: RawLevel | null): Level | null =>
	level === null ? null : { price: Number(level.price), lots: Number(level.lots) };

/** What there is to quote at one moment. */
export interface View {
	now: number;
	markets: Market[];
	/** Series of the nearest expiries that have not passed, by underlying. */
	series: Map<number, Series[]>;
}

/** Reads the nearest `expiries` expiries of every underlying. */
export async function readView(session: Session, expiries: number): Promise<View> {
	const [now, markets] = await Promise.all([readNow(session), readMarkets(session)]);
	const series = new Map<number, Series[]>();
	for (const { underlying, expiries: listed } of markets) {
		series.set(underlying, []);
		// One after the other: the node has few instances of the runtime to answer with.
		for (const expiry of listed.filter((each) => each > now).slice(0, expiries)) {
			series.get(underlying)?.push(...(await readSeries(session, underlying, expiry)));
		}
	}
	return { now, markets, series };
}
