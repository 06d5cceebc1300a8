// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';

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

interface Setting {
	value: string;
	text: string;
	lowest?: number;
	highest?: number;
}

const SETTINGS = {
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
} as const satisfies Record<string, Setting>;

type Name = keyof typeof SETTINGS;

/** Thrown for a command line that cannot be read; the message says what to change. */
export class UsageError extends Error {}

/** The text of `--help`. */
export function usage(): string {
	const lines = Object.entries<Setting>(SETTINGS).map(
		([name, { value, text }]) => `  --${name.padEnd(15)} ${text} (${value})`,
	);
	return [
		'usage: npm start -- [OPTIONS]',
		'',
		'Quotes both sides of every series of the nearest expiries around the mark, until it is stopped.',
		'',
		...lines,
		`  --${'taker'.padEnd(15)} also trade at random as a second account, so that something happens`,
		`  --${'help'.padEnd(15)} show this`,
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
	const values = read(args);
	if (values['help'] === true) {
		return null;
	}
	const text = (name: Name): string => String(values[name] ?? SETTINGS[name].value);
	if (!/^wss?:\/\/./.test(text('url'))) {
		throw new UsageError(`--url takes an address such as ws://127.0.0.1:9944, not '${text('url')}'`);
	}
	return {
		url: text('url'),
		maker: text('maker'),
		expiries: Math.floor(number('expiries', text('expiries'))),
		notionalUsd: number('notional', text('notional')),
		volPoints: number('vol-points', text('vol-points')),
		deltaBasisPoints: number('delta-bp', text('delta-bp')),
		maxInventory: number('max-inventory', text('max-inventory')),
		tolerance: number('tolerance', text('tolerance')),
		refreshSeconds: number('refresh', text('refresh')),
		depositUsd: number('deposit', text('deposit')),
		inFlight: Math.floor(number('in-flight', text('in-flight'))),
		taker: values['taker'] === true ? text('taker-key') : null,
		takerSeconds: number('taker-interval', text('taker-interval')),
		statusSeconds: number('status', text('status')),
	};
}

function read(args: string[]): Record<string, string | boolean | undefined> {
	const options: Record<string, { type: 'string' | 'boolean' }> = {
		help: { type: 'boolean' },
		taker: { type: 'boolean' },
	};
	for (const name of Object.keys(SETTINGS)) {
		options[name] = { type: 'string' };
	}
	try {
		return parseArgs({ args, options, strict: true, allowPositionals: false }).values as Record<
			string,
			string | boolean | undefined
		>;
	} catch (error) {
		throw new UsageError((error as Error).message.split('. ')[0]);
	}
}

function number(name: Name, text: string): number {
	const { lowest = -Infinity, highest = Infinity }: Setting = SETTINGS[name];
	const value = Number(text);
	if (text.trim() === '' || !Number.isFinite(value) || value < lowest || value > highest) {
		throw new UsageError(`--${name} takes a number from ${lowest} to ${highest}, not '${text}'`);
	}
	return value;
}
