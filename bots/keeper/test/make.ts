// SPDX-License-Identifier: Apache-2.0
import type { Outcome } from '../../common/src/sender.js';
import { seriesId } from '../../common/test/make.js';
import { microUsd } from '../src/choosing.js';
import type { Exchange } from '../src/exchange.js';
import type { KeeperConfig, Watcher } from '../src/keeper.js';
import type { Auction, Bid, Book, Margin, Slice, Standing, Trade } from '../src/types.js';
import { WHOLE } from '../src/types.js';

export const usd = microUsd;
export const ME = 'me';

export const config = (changes: Partial<KeeperConfig> = {}): KeeperConfig => ({
	maxShare: 1,
	maxEquityUsd: 1e6,
	minEdgePercent: 4,
	minGainUsd: 1,
	bidsPerBlock: 4,
	keepFreeUsd: 0,
	...changes,
});

/** 10 contracts long, 5 contracts short, and 8,000 USD of cash. */
export const book = (changes: Partial<Book> = {}): Book => ({
	cash: usd(8_000),
	collateral: [],
	positions: [
		{ series: seriesId(), lots: 1_000 },
		{ series: seriesId({ strike: 100_000e6 }), lots: -500 },
	],
	...changes,
});

/** An account worth 10,000 USD, of which half is for sale at 90 %: 4,500 USD. */
export const auction = (changes: Partial<Auction> = {}): Auction => ({
	key: 'them/0',
	owner: 'them',
	index: 0,
	book: book(),
	equity: usd(10_000),
	maintenance: usd(-5_000),
	target: usd(-7_250),
	reserved: 0n,
	discount: 900_000_000,
	maxShare: WHOLE / 2,
	price: usd(4_500),
	isOpen: true,
	...changes,
});

/** A book that is 1,000 USD short, for which the insurance fund pays 1,100 USD. */
export const insolvent = (changes: Partial<Auction> = {}): Auction =>
	auction({ equity: usd(-1_000), discount: 0, maxShare: WHOLE, price: usd(-1_100), ...changes });

export const standing = (changes: Partial<Standing> = {}): Standing => ({
	equity: usd(100_000),
	maintenance: usd(100_000),
	initial: usd(100_000),
	isFresh: true,
	cash: usd(100_000),
	positions: [],
	isFrozen: false,
	...changes,
});

export const DONE: Outcome = { error: null, items: [] };
export const failed = (error: string): Outcome => ({ error, items: [] });

/** A chain of which the test says what it answers. */
export class FakeExchange implements Exchange {
	readonly address = ME;
	room = 8;
	listed: Auction[] = [];
	account: Standing | null = standing();
	readonly bids: Bid[] = [];
	readonly simulated: Trade[][] = [];
	/** Initial margin that a lot asks for. */
	usdPerLot = 0;
	isFresh = true;
	simulationError: string | null = null;
	readonly #settle: ((outcome: Outcome) => void)[] = [];

	async prepare(): Promise<void> {}

	async auctions(): Promise<Auction[]> {
		return this.listed;
	}

	async standing(): Promise<Standing | null> {
		return this.account;
	}

	async simulate(trades: Trade[]): Promise<Margin | string> {
		this.simulated.push(trades);
		const lots = trades.reduce((sum, each) => sum + each.lots, 0);
		const initial = (this.account?.initial ?? 0n) - usd(lots * this.usdPerLot);
		return this.simulationError ?? { equity: initial, maintenance: initial, initial, isFresh: this.isFresh };
	}

	bid(bid: Bid): Promise<Outcome> {
		this.bids.push(bid);
		return new Promise((settle) => this.#settle.push(settle));
	}

	/** Says what became of the oldest bid under way. */
	async settle(outcome: Outcome): Promise<void> {
		this.#settle.shift()?.(outcome);
		await new Promise((resolve) => setImmediate(resolve));
	}
}

/** Remembers what it is told. */
export class FakeWatcher implements Watcher {
	readonly slices: Slice[] = [];
	readonly outcomes: (string | null)[] = [];
	worth = 0;

	looked(_auctions: Auction[], worth: number): void {
		this.worth = worth;
	}

	sent(_auction: Auction, slice: Slice): void {
		this.slices.push(slice);
	}

	ended(_auction: Auction, { error }: Outcome): void {
		this.outcomes.push(error);
	}
}
