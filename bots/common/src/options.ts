// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';

/** An option with a value. */
export interface Setting {
	/** What it is when it is left out. */
	value: string;
	/** One line of help. */
	text: string;
	/** Bounds of a number. */
	lowest?: number;
	highest?: number;
}

/** Options by name: with a value, and those that are given or not. */
export interface Options {
	settings: Record<string, Setting>;
	/** One line of help each. */
	flags: Record<string, string>;
}

/** Thrown for a command line that cannot be read; the message says what to change. */
export class UsageError extends Error {}

/** A command line that was read. */
export interface Values<O extends Options> {
	text(name: keyof O['settings'] & string): string;
	/** @throws UsageError if it is none, or out of its bounds */
	number(name: keyof O['settings'] & string): number;
	isGiven(flag: keyof O['flags'] & string): boolean;
}

/** The lines of `--help` that name the options. */
export function optionLines({ settings, flags }: Options): string[] {
	return [
		...Object.entries(settings).map(([name, { value, text }]) => `  --${name.padEnd(17)} ${text} (${value})`),
		...Object.entries(flags).map(([name, text]) => `  --${name.padEnd(17)} ${text}`),
		`  --${'help'.padEnd(17)} show this`,
	];
}

/**
 * Reads a command line. An option `url` has to be the address of a WebSocket.
 *
 * @returns null when help is asked for
 * @throws UsageError for an unknown option or one without its value
 */
export function readOptions<O extends Options>(options: O, args: string[]): Values<O> | null {
	const given = parse(options, args);
	if (given['help'] === true) {
		return null;
	}
	const setting = (name: string): Setting => options.settings[name] ?? { value: '', text: '' };
	const text = (name: string): string => String(given[name] ?? setting(name).value);
	if (!/^wss?:\/\/./.test(text('url'))) {
		throw new UsageError(`--url takes an address such as ws://127.0.0.1:9944, not '${text('url')}'`);
	}
	return {
		text,
		number: (name) => number(name, setting(name), text(name)),
		isGiven: (flag) => given[flag] === true,
	};
}

function parse({ settings, flags }: Options, args: string[]): Record<string, string | boolean | undefined> {
	const options: Record<string, { type: 'string' | 'boolean' }> = { help: { type: 'boolean' } };
	for (const name of Object.keys(flags)) {
		options[name] = { type: 'boolean' };
	}
	for (const name of Object.keys(settings)) {
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

function number(name: string, { lowest = -Infinity, highest = Infinity }: Setting, text: string): number {
	const value = Number(text);
	if (text.trim() === '' || !Number.isFinite(value) || value < lowest || value > highest) {
		throw new UsageError(`--${name} takes a number from ${lowest} to ${highest}, not '${text}'`);
	}
	return value;
}
