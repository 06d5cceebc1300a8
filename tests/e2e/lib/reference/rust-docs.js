// SPDX-License-Identifier: Apache-2.0
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** Metadata has no documentation of types, only of calls, events and errors; the sources have it. */
const CRATES = {
	ballast_exchange: 'primitives/exchange',
	ballast_pricing: 'primitives/pricing',
	ballast_risk: 'primitives/risk',
	ballast_runtime_api: 'primitives/runtime-api',
	pallet_clearing: 'pallets/clearing',
	pallet_lanes: 'pallets/lanes',
	pallet_liquidation: 'pallets/liquidation',
	pallet_options: 'pallets/options',
	pallet_order_book: 'pallets/order-book',
	pallet_prices: 'pallets/prices',
};

const sources = new Map();

function rustFiles(folder) {
	return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
		const path = join(folder, entry.name);
		return entry.isDirectory() ? rustFiles(path) : path.endsWith('.rs') ? [path] : [];
	});
}

function sourceOf(crate) {
	if (!sources.has(crate)) {
		const folder = join(ROOT, CRATES[crate], 'src');
		sources.set(crate, rustFiles(folder).map((path) => readFileSync(path, 'utf8')));
	}
	return sources.get(crate);
}

/**
 * Documentation of a struct or an enum, and of its fields or variants, as its source has it.
 *
 * @param {string[]} path as metadata has it: `['ballast_exchange', 'ids', 'SeriesId']`
 * @returns {{ docs: string[], parts: Map<string, string[]> }} by the Rust names of the parts
 */
export function rustDocs(path) {
	const nothing = { docs: [], parts: new Map() };
	const [crate, name] = [path[0], path.at(-1)];
	if (!(crate in CRATES)) {
		return nothing;
	}
	for (const source of sourceOf(crate)) {
		const found = typeIn(source, name) ?? recordIn(source, name);
		if (found) {
			return found;
		}
	}
	return nothing;
}

/** The value of a constant that the documentation names, if a source says it as a number. */
export function constantOf(name) {
	const declared = new RegExp(`pub const ${name}: \\w+ = ([\\d_]+);`);
	const found = Object.keys(CRATES)
		.flatMap(sourceOf)
		.map((source) => declared.exec(source))
		.find(Boolean);
	return found?.[1].replaceAll('_', ',');
}

/** `pub struct Name<..> { .. }` or `pub enum Name { .. }`, as `cargo fmt` writes it. */
function typeIn(source, name) {
	const lines = source.split('\n');
	const start = lines.findIndex((line) =>
		new RegExp(`^\\s*pub (struct|enum) ${name}\\b`).test(line),
	);
	if (start < 0) {
		return null;
	}
	const indent = /^\s*/.exec(lines[start])[0];
	const end = lines.findIndex((line, index) => index >= start && line.startsWith(`${indent}}`));
	const body = end < 0 ? [] : lines.slice(start + 1, end);
	return { docs: docsBefore(lines, start), parts: partsOf(body, `${indent}\t`) };
}

/** A record of the macro `parameters!` of the risk crate: `Name, Errors, Wrap; /// docs field: ...`. */
function recordIn(source, name) {
	const lines = source.split('\n');
	const start = lines.findIndex((line) => new RegExp(`^\\t${name}, \\w+, \\w+;$`).test(line));
	if (start < 0) {
		return null;
	}
	const end = lines.indexOf('}', start);
	return { docs: docsBefore(lines, start), parts: partsOf(lines.slice(start + 1, end), '\t') };
}

const isDoc = (line) => /^\s*\/\/\//.test(line);
const isAttribute = (line) => /^\s*(#\[|#!\[)/.test(line);

/** The `///` lines above a line, past attributes of any length. */
function docsBefore(lines, index) {
	let at = index - 1;
	while (at >= 0 && !isDoc(lines[at]) && !/^\s*$|[;}]\s*$/.test(lines[at])) {
		at -= 1;
	}
	const docs = [];
	for (; at >= 0 && (isDoc(lines[at]) || isAttribute(lines[at])); at -= 1) {
		if (isDoc(lines[at])) {
			docs.unshift(lines[at].replace(/^\s*\/\/\/ ?/, ''));
		}
	}
	return docs;
}

/** Documentation of the fields or variants that stand at one depth of indentation. */
function partsOf(body, indent) {
	const parts = new Map();
	let docs = [];
	for (const line of body) {
		const text = line.startsWith(indent) ? line.slice(indent.length) : null;
		const named = text && /^(?:pub(?:\([^)]*\))? )?(\w+)\s*(?:[:,({]|$)/.exec(text);
		if (text?.startsWith('///')) {
			docs.push(text.replace(/^\/\/\/ ?/, ''));
		} else if (named) {
			parts.set(named[1], docs);
			docs = [];
		}
	}
	return parts;
}

/**
 * The records that the macro `parameters!` declares, with default and range.
 *
 * @param {string} name of the record, such as `StandardParameters`
 * @returns {{ name: string, docs: string, fallback: string, lowest: string, highest: string }[]}
 */
export function parameterRecord(name) {
	for (const source of sourceOf('ballast_risk')) {
		const start = source.search(new RegExp(`^\\t${name}, \\w+, \\w+;$`, 'm'));
		if (start >= 0) {
			const body = source.slice(start, source.indexOf('\n}', start));
			return [...body.matchAll(PARAMETER)].map(([, docs, field, value, lowest, highest]) => ({
				name: field,
				docs: docs.replace(/^\s*\/\/\/ ?/gm, '').trim().replaceAll('\n', ' '),
				fallback: value.replace(/^Ppb\((.*)\)$/, '$1'),
				lowest,
				highest,
			}));
		}
	}
	throw new Error(`there is no record ${name} in primitives/risk`);
}

const PARAMETER =
	/((?:^\t\/\/\/.*\n)+)\t(\w+): \w+ = (\S+), \w+ in (-?[\d_]+), (-?[\d_]+);/gm;
