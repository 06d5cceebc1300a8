// SPDX-License-Identifier: Apache-2.0
import { LOST, type Outcome } from '../../common/src/sender.js';

/** How far the share shrinks, in halves, and how long until it doubles again. */
const SMALLEST_SCALE = 1 / 64;
const GROWTH_MS = 60_000;
/** Pauses before an auction is looked at again. */
const SHORT_MS = 1_000;
const STALE_MS = 2_000;
const UNFIT_MS = 10_000;
const UNKNOWN_MS = 30_000;

/** Why a bid failed, for the counts; `null` for what nobody expects. */
export type Reason = 'gone' | 'too little margin' | 'old prices' | 'price moved' | 'lots' | 'no room' | 'lost';

const REASONS: [RegExp, Reason][] = [
	// The pool refuses with a number what the call would refuse by name.
	[/\.NoAuction$|Unknown Transaction Validity: Custom\W+4\b/, 'gone'],
	[/InsufficientMargin|BidderLacksCash|DebtCapReached/, 'too little margin'],
	[/PricesStale|PricesMissing/, 'old prices'],
	[/LimitExceeded/, 'price moved'],
	[/SliceDoesNotHelp|ShareTooSmall/, 'lots'],
	[/TooMany(Positions|Expiries|Collaterals)|NotItsUnderlying|AccountUnsettled/, 'no room'],
];

/** Why a bid failed. */
export function reasonOf(error: string): Reason | null {
	// The sender has told of such a refusal, and counts its nonces anew.
	if (error === LOST || /^refused: .*(outdated|priority)/i.test(error)) {
		return 'lost';
	}
	return REASONS.find(([pattern]) => pattern.test(error))?.[1] ?? null;
}

/** How the keeper gets on with one auction: whether it may bid now, and for how much. */
export class Caution {
	/** A bid is under way. */
	isBusy = false;
	/** Lots round so that only the whole book helps the account. */
	isAllOrNothing = false;
	#scale = 1;
	#shrunkAt = 0;
	#notBefore = 0;

	constructor(private readonly now: () => number = Date.now) {}

	/** Part of what the rules allow to ask for. */
	get scale(): number {
		const doublings = Math.floor((this.now() - this.#shrunkAt) / GROWTH_MS);
		return Math.min(this.#scale * 2 ** doublings, 1);
	}

	get isReady(): boolean {
		return !this.isBusy && this.now() >= this.#notBefore;
	}

	begin(): void {
		this.isBusy = true;
	}

	/** Not even a small part fits: another look later. */
	rest(): void {
		this.#notBefore = this.now() + UNFIT_MS;
	}

	/** The bid is in a block, refused or lost. */
	end({ error }: Outcome): void {
		this.isBusy = false;
		if (error === null) {
			return;
		}
		const reason = reasonOf(error);
		this.#notBefore = this.now() + this.#pauseAfter(reason);
		if (reason === 'too little margin') {
			this.#scale = Math.max(this.scale / 2, SMALLEST_SCALE);
			this.#shrunkAt = this.now();
		}
		this.isAllOrNothing ||= /SliceDoesNotHelp/.test(error);
	}

	#pauseAfter(reason: Reason | null): number {
		switch (reason) {
			case 'gone':
			case 'price moved':
			case 'lost':
				return 0;
			case 'too little margin':
				return this.scale > SMALLEST_SCALE ? SHORT_MS : UNFIT_MS;
			case 'lots':
				return SHORT_MS;
			case 'old prices':
				return STALE_MS;
			case 'no room':
				return UNFIT_MS;
			default:
				return UNKNOWN_MS;
		}
	}
}
