// SPDX-License-Identifier: Apache-2.0
import type { Session } from '../../common/src/chain.js';
import { complain } from '../../common/src/log.js';
import { readAccounts, readMarkets, readNow, readSeries } from '../../common/src/market.js';
import { batches, difference, newOrder, operation, type Step, type Wanted } from '../../common/src/orders.js';
import type { Sender, Transaction } from '../../common/src/sender.js';
import type { AccountState, Market, Series } from '../../common/src/types.js';

/** An account has room for this many resting orders. */
const MAX_ORDERS = 64;
/** An order follows the mark once it is off by more than this share of it. */
const TOLERANCE = 0.005;
/** Orders stay through a gap in the prices of the first length, and go after one of the second. */
const HOLD_MS = 4_000;
const STALE_MS = 15_000;

/**
 * What should rest so that an account gets rid of what it holds: one order a position, at the mark and on the tick
 * that is no worse than it, the nearest expiries first.
 *
 * @param series those of the expiries that the account holds
 */
export function closing(account: AccountState, series: Series[], markets: Market[]): Wanted[] {
	const bySeries = new Map(series.map((each) => [each.key, each]));
	const held = [...account.positions].sort(([, one], [, other]) => one.series.expiry - other.series.expiry);
	return held.slice(0, MAX_ORDERS).flatMap(([key, { series: { underlying }, lots }]) => {
		const each = bySeries.get(key);
		const market = markets.find((market) => market.underlying === underlying);
		return each && market ? [wantedFor(each, market, lots)] : [];
	});
}

function wantedFor(series: Series, { tick, minLots, maxLots }: Market, position: number): Wanted {
	const { id, key, mark, isTrading, ageMillis } = series;
	const wanted = { series: id, key, exact: false, reduceOnly: true };
	const lots = Math.min(Math.abs(position), maxLots);
	if (!isTrading || mark === null || lots < minLots || ageMillis > STALE_MS) {
		return { ...wanted, quote: 'none' };
	}
	if (ageMillis > HOLD_MS) {
		return { ...wanted, quote: 'hold' };
	}
	const ticks = position > 0 ? Math.ceil(mark / tick) : Math.floor(mark / tick);
	const level = { price: Math.max(ticks, 1) * tick, lots };
	const tolerance = Math.max(mark * TOLERANCE, tick);
	return { ...wanted, quote: { bid: position < 0 ? level : null, ask: position > 0 ? level : null, tolerance } };
}

/** Rests reduce-only orders against everything that the account holds. */
export class Flattener {
	#isBusy = false;

	constructor(
		private readonly session: Session,
		private readonly sender: Sender,
		private readonly index: number,
	) {}

	/** Moves the orders to where they should be, if the last changes have come through. */
	async round(): Promise<void> {
		if (this.#isBusy) {
			return;
		}
		await this.sender.prepare();
		const [account] = await readAccounts(this.session, this.sender.address, [this.index]);
		if (account === undefined || (account.positions.size === 0 && account.orders.length === 0)) {
			return;
		}
		const [now, markets] = [await readNow(this.session), await readMarkets(this.session)];
		const wanted = closing(account, await this.#series(account), markets);
		this.#send(difference(wanted, account.orders, ({ expiry }) => expiry <= now));
	}

	/** Takes the orders away; done when that is in a block. */
	async withdraw(): Promise<void> {
		await this.sender.prepare();
		const all = this.session.api.tx['orderBook']?.['cancelAll']?.(this.index);
		const [account] = await readAccounts(this.session, this.sender.address, [this.index]);
		if (all && (this.#isBusy || (account?.orders.length ?? 0) > 0)) {
			await this.sender.send(all);
		}
	}

	async #series({ positions }: AccountState): Promise<Series[]> {
		const expiries = new Map(
			[...positions.values()].map(({ series }) => [`${series.underlying}-${series.expiry}`, series]),
		);
		const found: Series[] = [];
		for (const { underlying, expiry } of expiries.values()) {
			found.push(...(await readSeries(this.session, underlying, expiry)));
		}
		return found;
	}

	#send(steps: Step[]): void {
		const transactions = this.#transactions(steps).slice(0, this.sender.room);
		if (transactions.length === 0) {
			return;
		}
		this.#isBusy = true;
		void Promise.all(transactions.map((tx) => this.sender.send(tx))).then((outcomes) => {
			this.#isBusy = false;
			for (const { error, docs } of outcomes) {
				if (error !== null && !/PricesStale|NothingToReduce|SeriesExpired|^lost$/.test(error)) {
					complain('flatten', [error, docs].filter(Boolean).join(': '));
				}
			}
		});
	}

	/** A reduce-only order of its own is in the lane of what lowers risk, and free; in a batch it would not be. */
	#transactions(steps: Step[]): Transaction[] {
		const { place, batch } = this.session.api.tx['orderBook'] ?? {};
		const changes = batches(steps.filter((step) => step.do !== 'place'));
		const orders = steps.flatMap((step) => (step.do === 'place' ? [newOrder(step)] : []));
		return [
			...changes.flatMap((cut) => batch?.(this.index, cut.map(operation), 'BestEffort') ?? []),
			...orders.flatMap((order) => place?.(this.index, order) ?? []),
		];
	}
}
