// SPDX-License-Identifier: Apache-2.0
import { assign } from './assignment.js';
import type { Session } from '../../common/src/chain.js';
import type { Config } from './config.js';
import { complain } from '../../common/src/log.js';
import { Health } from './health.js';
import { readAccounts, readMarkets, type View } from '../../common/src/market.js';
import { batches, difference, operation, type Step, type Wanted } from '../../common/src/orders.js';
import { quoteFor, quoteLots } from './quoting.js';
import type { Outcome, Sender } from '../../common/src/sender.js';
import type { AccountState, Market, Series, SeriesId } from '../../common/src/types.js';
import type { Wallet } from '../../common/src/wallet.js';

/** Accounts of an underlying have the numbers from 100 times its own. */
const INDICES_PER_UNDERLYING = 100;
/** Most accounts for one underlying. */
const MAX_ACCOUNTS = 24;
/** An account with fewer changes of prices than this waits until its last ones are this old. */
const SMALL_BATCH = 10;
const GAP_MS = 1_500;
/** Quotes stay through a gap in the prices of the first length, and go after one of the second. */
const HOLD_MS = 4_000;
const STALE_MS = 15_000;

interface Plan {
	account: AccountState;
	steps: Step[];
	/** An order is missing, or has to go. */
	isUrgent: boolean;
}

/** What the maker has at the moment, for the status line. */
export interface Standing {
	series: number;
	quoted: number;
	accounts: AccountState[];
}

/** Keeps two sides of every series in the books. */
export class Maker {
	readonly #health = new Map<number, Health>();
	#markets: Market[] = [];
	standing: Standing = { series: 0, quoted: 0, accounts: [] };

	constructor(
		private readonly session: Session,
		private readonly sender: Sender,
		private readonly wallet: Wallet,
		private readonly config: Config,
		private readonly onOutcome: (outcome: Outcome) => void,
	) {}

	/** Looks at the market once and sends what has to change. */
	async round(view: View): Promise<void> {
		await this.sender.prepare();
		this.#markets = view.markets;
		const accounts = await this.#accounts();
		const plans: Plan[] = [];
		for (const market of view.markets) {
			const series = view.series.get(market.underlying) ?? [];
			plans.push(...this.#plan(market, series, accounts, view.now));
		}
		this.#submit(plans.filter(({ steps }) => steps.length > 0));
		this.#note(view, accounts);
	}

	/** Cancels everything; done when it is in a block. */
	async withdraw(): Promise<void> {
		await this.sender.prepare();
		if (this.#markets.length === 0) {
			this.#markets = await readMarkets(this.session);
		}
		const all = this.session.api.tx['orderBook']?.['cancelAll'];
		const accounts = await this.#accounts();
		const resting = accounts.filter(({ index, orders }) => orders.length > 0 || this.#of(index).busy);
		await Promise.all(resting.map(({ index }) => all && this.sender.send(all(index))));
	}

	#accounts(): Promise<AccountState[]> {
		const indices = this.#markets.flatMap(({ underlying }) => indicesOf(underlying));
		return readAccounts(this.session, this.sender.address, indices);
	}

	#of(index: number): Health {
		const known = this.#health.get(index);
		const health = known ?? new Health(this.config.refreshSeconds, index);
		this.#health.set(index, health);
		return health;
	}

	#plan(market: Market, series: Series[], accounts: AccountState[], now: number): Plan[] {
		const indices = indicesOf(market.underlying);
		const own = accounts.filter(({ index }) => indices.includes(index));
		const assigned = assign(series.filter(({ isTrading }) => isTrading), own, indices);
		for (const index of assigned.keys()) {
			if (!own.some((account) => account.index === index)) {
				this.wallet.open(index, { Portfolio: market.underlying });
			}
		}
		const ready = own.filter(({ index }) => this.#of(index).isReady);
		return ready.map((account) => {
			const steps = this.#steps(market, assigned.get(account.index) ?? [], account, now);
			return { account, steps, isUrgent: steps.some((step) => step.do !== 'replace') };
		});
	}

	#steps(market: Market, series: Series[], account: AccountState, now: number): Step[] {
		const health = this.#of(account.index);
		const gone = ({ expiry }: SeriesId): boolean => expiry <= now;
		if (health.mustClear && account.orders.length > 0) {
			return [{ do: 'clear' }];
		}
		health.cleared();
		const spot = market.spot ?? 0;
		const whole = spot === 0 ? 0 : quoteLots(market, spot, this.config.notionalUsd);
		const lots = Math.max(Math.round(whole * health.scale), market.minLots);
		const wanted = series.map((each): Wanted => {
			const position = account.positions.get(each.key)?.lots ?? 0;
			const quote = quoteFor(each, market, position, lots, this.config);
			const held = each.ageMillis > STALE_MS ? 'none' : each.ageMillis > HOLD_MS ? 'hold' : (quote ?? 'none');
			return { series: each.id, key: each.key, quote: held, exact: health.isRefreshDue };
		});
		return difference(wanted, account.orders, gone);
	}

	/** Sends the plans while there is room: the urgent ones first, then those that have waited longest. */
	#submit(plans: Plan[]): void {
		const idle = ({ account }: Plan): number => this.#of(account.index).idleMs;
		const due = plans
			.filter((plan) => plan.isUrgent || plan.steps.length >= SMALL_BATCH || idle(plan) >= GAP_MS)
			.sort((one, other) => Number(other.isUrgent) - Number(one.isUrgent) || idle(other) - idle(one));
		for (const { account, steps } of due) {
			const cut = batches(steps).slice(0, this.sender.room);
			if (cut.length > 0) {
				this.#send(account.index, cut);
			}
		}
	}

	#send(index: number, cut: Step[][]): void {
		const batch = this.session.api.tx['orderBook']?.['batch'];
		if (!batch) {
			return;
		}
		const health = this.#of(index);
		health.begin();
		const outcomes = cut.map((steps) => this.sender.send(batch(index, steps.map(operation), 'BestEffort')));
		void Promise.all(outcomes).then((all) => {
			all.forEach(this.onOutcome);
			const failed = all.flatMap(({ error }) => error ?? []);
			const unexpected = health.end(failed);
			if (unexpected !== null) {
				complain(`account ${index}`, unexpected);
			}
		});
	}

	#note({ series, now }: View, accounts: AccountState[]): void {
		const keys = new Set([...series.values()].flat().filter(({ isTrading }) => isTrading).map(({ key }) => key));
		const live = accounts.flatMap(({ orders }) => orders).filter((order) => order.series.expiry > now);
		const sides = (side: string): Set<string> =>
			new Set(live.filter((order) => order.side === side && keys.has(order.key)).map(({ key }) => key));
		const bids = sides('Buy');
		const quoted = [...sides('Sell')].filter((key) => bids.has(key)).length;
		this.standing = { series: keys.size, quoted, accounts };
	}
}

function indicesOf(underlying: number): number[] {
	return Array.from({ length: MAX_ACCOUNTS }, (_, at) => underlying * INDICES_PER_UNDERLYING + at);
}
