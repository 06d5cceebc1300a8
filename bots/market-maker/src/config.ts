// SPDX-License-Identifier: Apache-2.0
import { optionLines, type Options, readOptions } from '../../common/src/options.js';

/** What the command line can set. */
export interface Config {
	url: string;
	maker: string;
	/** Number of expiries of each underlying that are quoted, the nearest ones. */
	expiries: number;
	/** Size of a quote in dollars of the underlying. */
	notionalUsd: number;
	/** Half of the spread: volatility points, and basis points of delta times spot. */
	volPoints: number;
	deltaBasisPoints: number;
	/** Inventory, in quotes, at which the quote moves by half a spread and stops to add. */
	maxInventory: number;
	/** Share of half the spread that a price may be off before it is moved. */
	tolerance: number;
	/** Seconds after which a price that is off by any amount is moved. */
	refreshSeconds: number;
	/** USDC that each account starts with. */
	depositUsd: number;
	/** Transactions in the pool at once. */
	inFlight: number;
	/** The random taker's key; null leaves it out. */
	taker: string | null;
	/** Seconds between its trades, on average. */
	takerSeconds: number;
	/** Seconds between status lines. */
	statusSeconds: number;
}

const OPTIONS = {
	settings: {
		url: { value: 'ws://127.0.0.1:9944', text: 'WebSocket of a node' },
		maker: { value: '//Ferdie', text: 'secret phrase or path of the account that quotes' },
		expiries: { value: '4', text: 'nearest expiries of each underlying to quote', lowest: 1, highest: 12 },
		notional: { value: '5000', text: 'size of a quote, USD of the underlying', lowest: 1, highest: 1e9 },
		'vol-points': { value: '1', text: 'half spread: volatility points', lowest: 0, highest: 100 },
		'delta-bp': { value: '3', text: 'half spread: basis points of delta times spot', lowest: 0, highest: 1000 },
		'max-inventory': { value: '20', text: 'inventory of a series, in quotes', lowest: 1, highest: 1000 },
		tolerance: { value: '0.5', text: 'move of the mark, of half a spread, that moves a quote', lowest: 0, highest: 1 },
		refresh: { value: '30', text: 'seconds after which a quote follows any move', lowest: 1, highest: 3600 },
		deposit: { value: '100000', text: 'USDC in each of its accounts', lowest: 1, highest: 1e9 },
		'in-flight': { value: '8', text: 'transactions that wait for a block at once', lowest: 1, highest: 64 },
		'taker-key': { value: '//Eve', text: 'secret phrase or path of the taker' },
		'taker-interval': { value: '5', text: 'seconds between its trades, on average', lowest: 0.1, highest: 3600 },
		status: { value: '10', text: 'seconds between status lines', lowest: 1, highest: 3600 },
	},
	flags: {
		taker: 'also trade at random as a second account, so that something happens',
	},
} as const satisfies Options;

/** The text of `--help`. */
export function usage(): string {
	return [
		'usage: npm start -- [OPTIONS]',
		'',
		'Quotes both sides of every series of the nearest expiries around the mark, until it is stopped.',
		'',
		...optionLines(OPTIONS),
		'',
		'Guide: docs/guides/market-maker.md',
	].join('\n');
}

/**
 * Reads the command line.
 *
 * @returns null when help is asked for
 * @throws UsageError for an unknown option or a value out of its range
 */
export function parseConfig(args: string[]): Config | null {
	const read = readOptions(OPTIONS, args);
	if (read === null) {
		return null;
	}
	const { text, number } = read;
	return {
		url: text('url'),
		maker: text('maker'),
		expiries: Math.floor(number('expiries')),
		notionalUsd: number('notional'),
		volPoints: number('vol-points'),
		deltaBasisPoints: number('delta-bp'),
		maxInventory: number('max-inventory'),
		tolerance: number('tolerance'),
		refreshSeconds: number('refresh'),
		depositUsd: number('deposit'),
		inFlight: Math.floor(number('in-flight')),
		taker: read.isGiven('taker') ? text('taker-key') : null,
		takerSeconds: number('taker-interval'),
		statusSeconds: number('status'),
	};
}
