// SPDX-License-Identifier: Apache-2.0
import type { Session } from '../../common/src/chain.js';
import type { Config } from './config.js';
import { complain } from '../../common/src/log.js';
import { readAccounts, type View } from '../../common/src/market.js';
import { quoteLots } from './quoting.js';
import { LOST, type Outcome, type Sender } from '../../common/src/sender.js';
import type { AccountState, Market, Series, SeriesId, Side } from '../../common/src/types.js';
import type { Wallet } from '../../common/src/wallet.js';

/** How often it closes a position rather than trade at random. */
const CLOSING_SHARE = 0.5;
/** It takes at most this share of a quote, so that both sides stay. */
const LARGEST_SHARE = 0.8;
/** How much worse than what it saw the price may be. */
const SLIPPAGE = 0.02;

/** One order that takes from the book. */
export interface Take {
	series: SeriesId;
	side: Side;
	price: number;
	lots: number;
}

/**
 * A random trade against the book, often one that closes a position; null where nothing can be taken.
 *
 * @param lots of a whole trade; it trades a part of that
 * @param random numbers from 0 up to 1
 */
export function chooseTake(
	market: Market,
	series: Series[],
	account: AccountState,
	lots: number,
	random: () => number,
): Take | null {
	const live = series.filter(({ isTrading }) => isTrading);
	const open = live.filter(({ key }) => account.positions.has(key));
	const closes = open.length > 0 && random() < CLOSING_SHARE;
	const from = closes ? open : live;
	const chosen = from[Math.floor(random() * from.length)];
	if (chosen === undefined) {
		return null;
	}
	const held = account.positions.get(chosen.key)?.lots ?? 0;
	const buys = closes ? held < 0 : random() < 0.5;
	const level = buys ? chosen.ask : chosen.bid;
	if (level === null) {
		return null;
	}
	const wanted = Math.max(Math.round(lots * LARGEST_SHARE * random()), market.minLots);
	const limit = (level.price * (buys ? 1 + SLIPPAGE : 1 - SLIPPAGE)) / market.tick;
	return {
		series: chosen.id,
		side: buys ? 'Buy' : 'Sell',
		price: Math.max(buys ? Math.floor(limit) : Math.ceil(limit), 1) * market.tick,
		lots: closes ? Math.min(wanted, Math.abs(held)) : wanted,
	};
}

/** Trades at random, so that a chain without people has fills to show. */
export class Taker {
	#next = 0;
	#busy = false;

	constructor(
		private readonly session: Session,
		private readonly sender: Sender,
		private readonly wallet: Wallet,
		private readonly config: Config,
		private readonly onOutcome: (outcome: Outcome) => void,
	) {}

	/** Trades if its time has come. */
	async round({ markets, series }: View): Promise<void> {
		if (this.#busy || Date.now() < this.#next) {
			return;
		}
		const market = markets[Math.floor(Math.random() * markets.length)];
		if (!market || market.spot === null) {
			return;
		}
		await this.sender.prepare();
		const [account] = await readAccounts(this.session, this.sender.address, [market.underlying]);
		if (!account) {
			this.wallet.open(market.underlying, 'Standard');
			return;
		}
		this.wallet.balance([account]);
		const lots = quoteLots(market, market.spot, this.config.notionalUsd);
		const take = chooseTake(market, series.get(market.underlying) ?? [], account, lots, Math.random);
		if (take && this.sender.room > 0) {
			this.#send(account.index, take);
		}
	}

	#send(index: number, take: Take): void {
		const order = {
			...take,
			kind: 'ImmediateOrCancel',
			reduceOnly: false,
			goodTill: null,
			clientId: null,
			selfTrade: 'CancelResting',
		};
		const tx = this.session.api.tx['orderBook']?.['place']?.(index, order);
		if (!tx) {
			return;
		}
		this.#busy = true;
		// Waiting times of a Poisson process.
		this.#next = Date.now() - Math.log(1 - Math.random()) * this.config.takerSeconds * 1_000;
		void this.sender.send(tx).then((outcome) => {
			this.#busy = false;
			this.onOutcome(outcome);
			if (outcome.error !== null && outcome.error !== LOST) {
				complain(`taker: ${take.side} ${take.lots} lots`, outcome.error);
			}
		});
	}
}
