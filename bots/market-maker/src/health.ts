// SPDX-License-Identifier: Apache-2.0
import { LOST } from '../../common/src/sender.js';

/** Size shrinks by this factor when margin is short, to no less than the smallest, and grows back. */
const SHRINK = 0.7;
const SMALLEST_SCALE = 0.05;
const GROWTH_PER_MINUTE = 1.2;
const PAUSE_MS = 1_000;
const STALE_PAUSE_MS = 2_000;
/** Failures in a row after which the account's orders go. */
const FAILURES_TO_CLEAR = 2;

const SHORT_OF_MARGIN = /InsufficientMargin|DebtCapReached/;
const WITHOUT_PRICES = /PricesStale|PricesMissing/;

/** How one account gets on: whether it can be changed now, and how large it may quote. */
export class Health {
	/** Changes are under way. */
	busy = false;
	#scale = 1;
	#failures = 0;
	#notBefore = 0;
	#last = 0;
	#refreshAt: number;
	#grownAt: number;

	/**
	 * @param refreshSeconds time between exact requotes
	 * @param index of the account, which spreads them over time
	 */
	constructor(
		private readonly refreshSeconds: number,
		index: number,
		private readonly now: () => number = Date.now,
	) {
		this.#grownAt = now();
		this.#refreshAt = now() + refreshSeconds * 1_000 * (0.5 + ((index * 7) % 16) / 32);
	}

	/** Share of the whole size to quote. */
	get scale(): number {
		const minutes = (this.now() - this.#grownAt) / 60_000;
		return Math.min(this.#scale * GROWTH_PER_MINUTE ** minutes, 1);
	}

	get isReady(): boolean {
		return !this.busy && this.now() >= this.#notBefore;
	}

	/** Margin is so short that nothing else helps than to take all orders away. */
	get mustClear(): boolean {
		return this.#failures >= FAILURES_TO_CLEAR;
	}

	/** The account has no orders, or needs not lose them. */
	cleared(): void {
		if (this.mustClear) {
			this.#failures = 0;
		}
	}

	get isRefreshDue(): boolean {
		return this.now() >= this.#refreshAt;
	}

	/** Time since changes were sent. */
	get idleMs(): number {
		return this.now() - this.#last;
	}

	/** Changes go out. */
	begin(): void {
		this.busy = true;
		this.#last = this.now();
		if (this.isRefreshDue) {
			this.#refreshAt = this.now() + this.refreshSeconds * 1_000;
		}
	}

	/**
	 * They are in a block, or lost.
	 *
	 * @param errors of the transactions that failed
	 * @returns an error that is not part of business as usual, or null
	 */
	end(errors: string[]): string | null {
		this.busy = false;
		if (errors.some((error) => SHORT_OF_MARGIN.test(error))) {
			this.#scale = Math.max(this.scale * SHRINK, SMALLEST_SCALE);
			this.#grownAt = this.now();
			this.#failures += 1;
			this.#notBefore = this.now() + PAUSE_MS;
			return null;
		}
		this.#failures = 0;
		if (errors.length > 0) {
			this.#notBefore = this.now() + STALE_PAUSE_MS;
		}
		return errors.find((error) => !WITHOUT_PRICES.test(error) && error !== LOST) ?? null;
	}
}
