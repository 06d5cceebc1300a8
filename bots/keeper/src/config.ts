// SPDX-License-Identifier: Apache-2.0
import { optionLines, type Options, readOptions } from '../../common/src/options.js';
import type { KeeperConfig } from './keeper.js';

/** What the command line can set. */
export interface Config extends KeeperConfig {
	url: string;
	/** The key that bids. */
	seed: string;
	/** Number of its account. */
	index: number;
	/** USDC that the account starts with: what the keeper risks. */
	depositUsd: number;
	/** The key that pays for the start where the keeper's has nothing; null leaves that out. */
	funder: string | null;
	/** Seconds between status lines. */
	statusSeconds: number;
	/** One look, its bids, and the end. */
	isOnce: boolean;
	/** Rest orders against what it holds. */
	isFlattening: boolean;
}

/** The value of `--funder` that stands for nobody. */
const NOBODY = 'none';

const OPTIONS = {
	settings: {
		url: { value: 'ws://127.0.0.1:9944', text: 'WebSocket of a node' },
		seed: { value: '//Keeper', text: 'secret phrase or path of the key that bids' },
		index: { value: '0', text: 'number of its account', lowest: 0, highest: 65_535 },
		'max-share': { value: '1', text: 'largest part of a book in one bid', lowest: 0.000_001, highest: 1 },
		'max-equity-usd': { value: '25000', text: 'largest value of a slice in one bid', lowest: 0.01, highest: 1e9 },
		'min-edge-percent': { value: '4', text: 'least gain of a bid, percent of the value of the slice', lowest: 0, highest: 100 },
		'min-gain-usd': { value: '1', text: 'least gain of a bid, USD', lowest: 0, highest: 1e9 },
		'keep-free-usd': { value: '1000', text: 'initial margin that stays free after a bid', lowest: 0, highest: 1e9 },
		'bids-per-block': { value: '4', text: 'bids sent at once, one for each auction', lowest: 1, highest: 32 },
		deposit: { value: '100000', text: 'USDC that a new account begins with', lowest: 1, highest: 1e9 },
		funder: { value: '//Ferdie//stash', text: `development key that fills an empty one; ${NOBODY} leaves that out` },
		status: { value: '10', text: 'seconds between status lines', lowest: 1, highest: 3600 },
	},
	flags: {
		flatten: 'rest reduce-only orders at the mark against everything it holds',
		once: 'look once, wait for what became of the bids, and end',
	},
} as const satisfies Options;

/** The text of `--help`. */
export function usage(): string {
	return [
		'usage: npm start -- [OPTIONS]',
		'',
		'Watches the auctions of accounts under maintenance margin and bids within its own margin, until it is stopped.',
		'',
		...optionLines(OPTIONS),
		'',
		'Guide: docs/guides/keeper.md',
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
		seed: text('seed'),
		index: Math.floor(number('index')),
		maxShare: number('max-share'),
		maxEquityUsd: number('max-equity-usd'),
		minEdgePercent: number('min-edge-percent'),
		minGainUsd: number('min-gain-usd'),
		keepFreeUsd: number('keep-free-usd'),
		bidsPerBlock: Math.floor(number('bids-per-block')),
		depositUsd: number('deposit'),
		funder: text('funder') === NOBODY ? null : text('funder'),
		statusSeconds: number('status'),
		isOnce: read.isGiven('once'),
		isFlattening: read.isGiven('flatten'),
	};
}
