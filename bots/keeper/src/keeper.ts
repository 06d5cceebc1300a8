// SPDX-License-Identifier: Apache-2.0
import { complain } from '../../common/src/log.js';
import type { Outcome } from '../../common/src/sender.js';
import { Caution, reasonOf } from './caution.js';
import { bidFor, microUsd, rank, type Rules, shareFor, sliceOf, wholeLots } from './choosing.js';
import type { Exchange } from './exchange.js';
import { canPay, isEnough, tradesOf } from './margin.js';
import type { Auction, Slice, Standing } from './types.js';

/** Halvings of a share in one look. */
const MAX_HALVINGS = 6;
/** Auctions that one look weighs: each costs the node a few simulations. */
const MAX_WEIGHED = 8;

/** How the keeper bids. */
export interface KeeperConfig extends Rules {
	/** Bids sent in one look. */
	bidsPerBlock: number;
	/** Initial margin that stays free after a bid. */
	keepFreeUsd: number;
}

/** What happens, for the counts. */
export interface Watcher {
	/** A look at the auctions. */
	looked(auctions: Auction[], worth: number): void;
	/** A bid has gone out. */
	sent(auction: Auction, slice: Slice): void;
	/** And what became of it. */
	ended(auction: Auction, outcome: Outcome): void;
}

/** Watches auctions and bids on those that it can carry. */
export class Keeper {
	readonly #cautions = new Map<string, Caution>();
	/** Slices asked for that may be in the account any moment. */
	readonly #committed = new Map<string, Slice>();
	readonly #pending = new Set<Promise<void>>();

	constructor(
		private readonly exchange: Exchange,
		private readonly config: KeeperConfig,
		private readonly watcher: Watcher,
		private readonly now: () => number = Date.now,
	) {}

	/** Bids that are under way. */
	get inFlight(): number {
		return this.#pending.size;
	}

	/** The account that bids, without a look at anything else; null while it does not exist. */
	standing(): Promise<Standing | null> {
		return this.exchange.standing();
	}

	/** Done when every bid is in a block, refused or lost. */
	async settled(): Promise<void> {
		await Promise.all(this.#pending);
	}

	/**
	 * Looks at every auction once and sends what bids it can.
	 *
	 * @returns the keeper's account; null while it has none
	 */
	async round(): Promise<Standing | null> {
		await this.exchange.prepare();
		const [standing, auctions] = [await this.exchange.standing(), await this.exchange.auctions()];
		this.#forget(auctions);
		const ranked = rank(auctions, this.config, this.exchange.address);
		this.watcher.looked(auctions, ranked.length);
		if (standing === null) {
			return null;
		}
		if (standing.isFrozen) {
			complain('the account that bids is on auction itself: deposit into it');
			return standing;
		}
		let left = this.config.bidsPerBlock;
		for (const auction of ranked.filter(({ key }) => this.#of(key).isReady).slice(0, MAX_WEIGHED)) {
			if (left === 0 || this.exchange.room === 0) {
				break;
			}
			const slice = await this.#choose(auction, standing);
			if (slice === null) {
				this.#of(auction.key).rest();
			} else {
				left -= 1;
				this.#send(auction, slice);
			}
		}
		return standing;
	}

	/** The largest slice that the rules allow and the account carries, or null. */
	async #choose(auction: Auction, standing: Standing): Promise<Slice | null> {
		const { scale, isAllOrNothing } = this.#of(auction.key);
		let share = shareFor(auction, this.config, scale, isAllOrNothing);
		for (let halving = 0; share > 0 && halving <= MAX_HALVINGS; halving += 1) {
			const slice = sliceOf(auction, share);
			if (await this.#carries(standing, slice)) {
				return slice;
			}
			share = isAllOrNothing ? 0 : wholeLots(auction.book, share / 2);
		}
		return null;
	}

	async #carries(standing: Standing, slice: Slice): Promise<boolean> {
		const committed = [...this.#committed.values()];
		if (!canPay(standing, committed, slice)) {
			return false;
		}
		const slices = [...committed, slice];
		const trades = tradesOf(slices);
		if (trades === null) {
			// Only the chain can tell; after a refusal the next bid is for half.
			return true;
		}
		const after = await this.exchange.simulate(trades);
		if (typeof after === 'string') {
			if (reasonOf(after) === null) {
				complain('a slice cannot be simulated', after);
			}
			return false;
		}
		return isEnough(after, slices, microUsd(this.config.keepFreeUsd));
	}

	#send(auction: Auction, slice: Slice): void {
		const caution = this.#of(auction.key);
		caution.begin();
		this.#committed.set(auction.key, slice);
		this.watcher.sent(auction, slice);
		const pending = this.exchange.bid(bidFor(auction, slice, this.config)).then((outcome) => {
			this.#pending.delete(pending);
			this.#committed.delete(auction.key);
			caution.end(outcome);
			this.watcher.ended(auction, outcome);
			if (outcome.error !== null && reasonOf(outcome.error) === null) {
				complain(`bid on ${auction.key}`, [outcome.error, outcome.docs].filter(Boolean).join(': '));
			}
		});
		this.#pending.add(pending);
	}

	#of(key: string): Caution {
		const known = this.#cautions.get(key);
		const caution = known ?? new Caution(this.now);
		this.#cautions.set(key, caution);
		return caution;
	}

	/** What is no longer on auction needs no memory, unless a bid is on its way. */
	#forget(auctions: Auction[]): void {
		const listed = new Set(auctions.map(({ key }) => key));
		for (const [key, { isBusy }] of this.#cautions) {
			if (!listed.has(key) && !isBusy) {
				this.#cautions.delete(key);
			}
		}
	}
}
