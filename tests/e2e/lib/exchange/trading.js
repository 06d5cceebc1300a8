// SPDX-License-Identifier: Apache-2.0
import { account } from '../accounts.js';
import { plain } from './plain.js';
import { eventName, signAndWait } from '../transactions.js';
import { waitFor } from '../wait.js';

export const BTC = 1;
export const ETH = 2;
export const USDC = 1;
export const WBTC = 2;
/** Micro-USD in a dollar. */
export const USD = 1_000_000n;
/** One wBTC. */
export const ONE_WBTC = 100_000_000n;

/** The names of the pallets whose events the exchange is rebuilt from. */
export const EXCHANGE_SECTIONS = ['prices', 'options', 'clearing', 'orderBook', 'liquidation'];

/** An underlying as it stands, as plain data. */
export async function marketOf(api, underlying = BTC) {
	const markets = plain(await api.call.exchangeApi.markets());
	return markets.find((market) => market.underlying === BigInt(underlying));
}

/** The block's time, milliseconds since the epoch. */
export const chainTime = async (api) => plain(await api.query.timestamp.now());

/** Every series of an expiry with its quote: `series`, `mark`, `delta`, `bid`, `ask` and more. */
export async function linesOf(api, expiry, underlying = BTC) {
	const lines = plain(await api.call.exchangeApi.series(underlying, expiry));
	return lines.map(({ quote, ...line }) => ({ ...line, ...quote, delta: quote.greeks.deltaPpb }));
}

/**
 * Waits until expiries of an underlying are listed and priced.
 *
 * @returns {Promise<{ expiries: bigint[], lines: object[] }>} those that trade, and the series of the
 *   farthest one
 */
export async function waitForMarket(api, underlying = BTC) {
	return waitFor(
		`marks of underlying ${underlying}`,
		async () => {
			const [market, now] = await Promise.all([marketOf(api, underlying), chainTime(api)]);
			const expiries = market.expiries.filter((expiry) => expiry > now);
			const lines = expiries.length > 0 ? await linesOf(api, expiries.at(-1), underlying) : [];
			const priced = lines.length > 0 && lines.every(({ mark }) => mark !== null);
			return priced ? { expiries, lines } : null;
		},
		{ state: () => marketOf(api, underlying) },
	);
}

/** The call with the delta nearest to a half. */
export function nearestTheMoney(lines) {
	const calls = lines.filter(({ series }) => series.kind === 'Call');
	const distance = ({ delta }) => (delta > 500_000_000n ? delta - 500_000_000n : 500_000_000n - delta);
	return calls.reduce((best, line) => (distance(line) < distance(best) ? line : best));
}

/** A trader with an open, funded account. */
export class Trader {
	constructor(api, path, index) {
		this.api = api;
		this.path = path;
		this.index = index;
		this.pair = account(path);
		this.key = { owner: this.pair.address, index };
	}

	/** Opens account `index` of `path` and pays in; `margin` as the call takes it. */
	static async open(api, path, index, { margin = { Portfolio: BTC }, usdc = 0n, wbtc = 0n } = {}) {
		const trader = new Trader(api, path, index);
		await trader.send(api.tx.clearing.openAccount(index, margin));
		if (usdc > 0n) {
			await trader.send(api.tx.clearing.deposit(index, USDC, usdc));
		}
		if (wbtc > 0n) {
			await trader.send(api.tx.clearing.deposit(index, WBTC, wbtc));
		}
		return trader;
	}

	/** Signs, waits for the block, throws what the chain refuses. */
	send(call) {
		return signAndWait(this.api, call, this.pair);
	}

	place(order) {
		return this.send(this.api.tx.orderBook.place(this.index, newOrder(order)));
	}

	batch(operations, mode = 'AllOrNothing') {
		return this.send(this.api.tx.orderBook.batch(this.index, operations, mode));
	}

	/** The account as the chain has it, as plain data. */
	async state(at = this.api) {
		return plain(await at.query.clearing.accounts(this.key));
	}
}

/** An order with every field, from those that matter to a test. */
export const newOrder = (order) => ({
	kind: 'Limit',
	reduceOnly: false,
	goodTill: null,
	clientId: null,
	selfTrade: 'CancelResting',
	...order,
});

/** A price on the tick, at or under `price`, at least one tick. */
export const onTick = (price, tick) => (price < tick ? tick : (price / tick) * tick);

/** Events of a transaction as plain data, of the exchange alone, each with its name. */
export const exchangeEvents = (events) =>
	events
		.filter(({ section }) => EXCHANGE_SECTIONS.includes(section))
		.map((event) => ({ name: eventName(event), ...dataOf(event) }));

/** Fields of an event by name. */
export function dataOf(event) {
	const names = event.data.names ?? [];
	return Object.fromEntries(event.data.map((value, index) => [names[index] ?? index, plain(value)]));
}
