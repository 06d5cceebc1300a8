// SPDX-License-Identifier: Apache-2.0
import type { Codec } from '@polkadot/types/types';
import type { Block } from '../../common/src/chain.js';
import type { Outcome } from '../../common/src/sender.js';
import type { SeriesId } from '../../common/src/types.js';
import { reasonOf } from './caution.js';
import type { Watcher } from './keeper.js';
import { type Auction, type Standing, WHOLE } from './types.js';

/** Positions that a line names. */
const MAX_NAMED = 6;
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
/** Options of every day expire then. */
const USUAL_TIME = '0800';

type Key = { owner: string; index: number };
type Num = number | string;

/** Counts what happens and puts it into lines. */
export class Status implements Watcher {
	#auctions = 0;
	#worth = 0;
	#sent = 0;
	#taken = 0;
	#gain = 0;
	readonly #failed = new Map<string, number>();

	/** @param tell takes a line at once */
	constructor(private readonly tell: (line: string) => void) {}

	looked(auctions: Auction[], worth: number): void {
		this.#auctions = auctions.length;
		this.#worth = worth;
	}

	sent(): void {
		this.#sent += 1;
	}

	ended(_auction: Auction, { error }: Outcome): void {
		if (error !== null) {
			const reason = reasonOf(error) ?? error;
			this.#failed.set(reason, (this.#failed.get(reason) ?? 0) + 1);
		}
	}

	/** Reads the events of a block: slices that changed hands, auctions that began and ended, calls for margin. */
	block({ number, events }: Block, own: string): void {
		for (const { name, fields } of events) {
			if (name === 'liquidation.BidTaken') {
				this.#took(number, fields, own);
			} else if (name === 'liquidation.AuctionOpened') {
				const owes = `equity ${usd(fields['equity'])}, maintenance ${usd(fields['maintenance'])} USD`;
				this.tell(`block ${number}: auction of ${account(fields['account'])}: ${owes}`);
			} else if (name === 'liquidation.AuctionEnded') {
				this.tell(`block ${number}: auction of ${account(fields['account'])} ended: ${String(fields['reason'])}`);
			} else if (name === 'liquidation.MarginCalled' && keyIn(fields['account']).owner === own) {
				this.tell(`block ${number}: MARGIN CALL for ${account(fields['account'])}: deposit, or flatten`);
			}
		}
	}

	/** The line of the account; what it counts begins anew. */
	line(number: number, standing: Standing, symbols: Map<number, string>, more: string): string {
		const failed = [...this.#failed].map(([reason, count]) => `${count} ${reason}`).join(', ');
		const line = [
			`block ${number}`,
			`${this.#auctions} auctions, ${this.#worth} worth a bid`,
			`${this.#sent} bids, ${this.#taken} taken, gain ${this.#gain.toFixed(2)} USD${failed ? ` (${failed})` : ''}`,
			`equity ${whole(standing.equity)}, maintenance ${whole(standing.maintenance)}, initial ${whole(standing.initial)} USD`,
			positions(standing, symbols),
			more,
		].join(' | ');
		this.#sent = 0;
		this.#taken = 0;
		this.#gain = 0;
		this.#failed.clear();
		return line;
	}

	#took(number: number, fields: Record<string, Codec>, own: string): void {
		if (keyIn(fields['bidder']).owner !== own) {
			return;
		}
		this.#taken += 1;
		this.#gain += amount(fields['equity']) - amount(fields['price']);
		const share = ((num(fields['share']) / WHOLE) * 100).toFixed(2);
		const price = `worth ${usd(fields['equity'])} for ${usd(fields['price'])} USD`;
		this.tell(`block ${number}: took ${share} % of ${account(fields['account'])} ${price}`);
	}
}

/** Its name as the chain writes it, such as `BTC-26DEC26-100000-C`. */
export function seriesName(symbol: string, { expiry, strike, kind }: SeriesId): string {
	const at = new Date(expiry);
	const time = at.toISOString().slice(11, 16).replace(':', '');
	const date = `${at.getUTCDate()}${MONTHS[at.getUTCMonth()]}${String(at.getUTCFullYear()).slice(2)}`;
	return `${symbol}-${date}${time === USUAL_TIME ? '' : `T${time}`}-${strike / 1e6}-${kind.slice(0, 1)}`;
}

function positions({ positions }: Standing, symbols: Map<number, string>): string {
	const named = positions.slice(0, MAX_NAMED).map(({ series, lots }) => {
		const symbol = symbols.get(series.underlying) ?? `#${series.underlying}`;
		return `${lots > 0 ? '+' : ''}${lots} ${seriesName(symbol, series)}`;
	});
	const rest = positions.length - named.length;
	return `${positions.length} positions${named.length > 0 ? `: ${named.join(', ')}` : ''}${rest > 0 ? ` and ${rest} more` : ''}`;
}

const num = (codec: Codec | undefined): number => Number((codec?.toPrimitive() as Num | undefined) ?? 0);
const amount = (codec: Codec | undefined): number => num(codec) / 1e6;
const usd = (codec: Codec | undefined): string =>
	amount(codec).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const whole = (micro: bigint): string => Math.round(Number(micro) / 1e6).toLocaleString('en-US');
const keyIn = (codec: Codec | undefined): Partial<Key> => (codec?.toPrimitive() as Key | undefined) ?? {};
const account = (codec: Codec | undefined): string => {
	const { owner, index } = keyIn(codec);
	return `${owner}/${index}`;
};
