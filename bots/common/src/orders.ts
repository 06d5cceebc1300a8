// SPDX-License-Identifier: Apache-2.0
import type { Level, OpenOrder, SeriesId, Side } from './types.js';

/** Most operations that the chain takes in one batch. */
export const MAX_BATCH = 20;
/** A resting size is left alone between these shares of the wanted one. */
const SMALLEST_SHARE = 0.5;
const LARGEST_SHARE = 1.5;

/** Where one series should rest; a side without a level should have nothing. */
export interface Target {
	bid: Level | null;
	ask: Level | null;
	/** How far a resting price may be off, micro-USD. */
	tolerance: number;
}

/** One change of the book. */
export type Step =
	| { do: 'place'; series: SeriesId; side: Side; price: number; lots: number; reduceOnly?: boolean }
	| { do: 'replace'; order: bigint; price: number; lots: number }
	| { do: 'cancel'; order: bigint }
	| { do: 'clear' };

/** What an account should have resting in one series. */
export interface Wanted {
	series: SeriesId;
	key: string;
	/** `hold`: leave what rests as it is. `none`: nothing should rest. */
	quote: Target | 'hold' | 'none';
	/** Whether a price that is off by less than the tolerance is to be moved too. */
	exact: boolean;
	/** Whether its orders may only make a position smaller. */
	reduceOnly?: boolean;
}

/**
 * The changes that turn what rests into what is wanted: first what takes orders away, then for each
 * series its two sides in the order that never crosses the account's own orders.
 *
 * @param gone orders of these series end without us, and are left alone
 */
export function difference(
	wanted: Wanted[],
	resting: OpenOrder[],
	gone: (series: SeriesId) => boolean,
): Step[] {
	const bySeries = new Map<string, OpenOrder[]>();
	for (const order of resting) {
		bySeries.set(order.key, [...(bySeries.get(order.key) ?? []), order]);
	}
	const removals: Step[] = [];
	const changes: Step[] = [];
	for (const want of wanted) {
		const orders = bySeries.get(want.key) ?? [];
		bySeries.delete(want.key);
		if (want.quote === 'none') {
			removals.push(...orders.map(cancel));
		} else if (want.quote !== 'hold') {
			const bids = orders.filter(({ side }) => side === 'Buy');
			const asks = orders.filter(({ side }) => side === 'Sell');
			const { bid, ask } = want.quote;
			removals.push(...[...bids.slice(bid ? 1 : 0), ...asks.slice(ask ? 1 : 0)].map(cancel));
			changes.push(...move(want, want.quote, bid ? bids[0] : undefined, ask ? asks[0] : undefined));
		}
	}
	for (const orders of bySeries.values()) {
		removals.push(...orders.filter(({ series }) => !gone(series)).map(cancel));
	}
	return [...removals, ...changes];
}

/** Cuts the changes into batches; they are carried out one after the other. */
export function batches(steps: Step[], size = MAX_BATCH): Step[][] {
	const cut: Step[][] = [];
	for (let at = 0; at < steps.length; at += size) {
		cut.push(steps.slice(at, at + size));
	}
	return cut;
}

/** An order as the call `orderBook.place` takes it. */
export function newOrder({ series, side, price, lots, reduceOnly }: Step & { do: 'place' }): Record<string, unknown> {
	return {
		series,
		side,
		price,
		lots,
		kind: 'Limit',
		reduceOnly: reduceOnly ?? false,
		goodTill: null,
		clientId: null,
		selfTrade: 'CancelResting',
	};
}

/** A change as the call `orderBook.batch` takes it. */
export function operation(step: Step): Record<string, unknown> {
	switch (step.do) {
		case 'place':
			return { Place: newOrder(step) };
		case 'replace':
			return { Replace: { order: step.order, price: step.price, lots: step.lots } };
		case 'cancel':
			return { Cancel: step.order };
		case 'clear':
			return { CancelAll: null };
	}
}

const cancel = (order: OpenOrder): Step => ({ do: 'cancel', order: order.id });

function move(want: Wanted, quote: Target, bid: OpenOrder | undefined, ask: OpenOrder | undefined): Step[] {
	const tolerance = want.exact ? 0 : quote.tolerance;
	let moveBid = isOff(bid, quote.bid, tolerance);
	let moveAsk = isOff(ask, quote.ask, tolerance);
	// A bid moved up to the ask that still rests would trade with it, and the other way round.
	const askFirst = ask !== undefined && quote.bid !== null && quote.bid.price >= ask.price;
	moveAsk ||= moveBid && askFirst;
	moveBid ||= moveAsk && bid !== undefined && quote.ask !== null && quote.ask.price <= bid.price;
	const steps: Step[] = [];
	if (moveBid && quote.bid) {
		steps.push(put(want, 'Buy', quote.bid, bid));
	}
	if (moveAsk && quote.ask) {
		steps.push(put(want, 'Sell', quote.ask, ask));
	}
	return askFirst ? steps.reverse() : steps;
}

function isOff(order: OpenOrder | undefined, level: Level | null, tolerance: number): boolean {
	return (
		level !== null &&
		(order === undefined ||
			Math.abs(order.price - level.price) > tolerance ||
			order.lots < level.lots * SMALLEST_SHARE ||
			order.lots > level.lots * LARGEST_SHARE)
	);
}

function put(
	{ series, reduceOnly }: Wanted,
	side: Side,
	{ price, lots }: Level,
	order: OpenOrder | undefined,
): Step {
	if (order !== undefined) {
		return { do: 'replace', order: order.id, price, lots };
	}
	return { do: 'place', series, side, price, lots, ...(reduceOnly ? { reduceOnly } : {}) };
}
