// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ballastBinary } from '../lib/binary.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const CONCEPTS = join(ROOT, 'docs/concepts');

/** `ballast-risk`, which a build of the workspace puts beside the node. */
function riskBinary() {
	const target = process.env.CARGO_TARGET_DIR || join(homedir(), '.cache/ballast/target');
	const places = [dirname(ballastBinary()), join(target, 'release')];
	const found = places.map((place) => join(place, 'ballast-risk')).find(existsSync);
	if (!found) {
		throw new Error(`no ballast-risk in ${places}: cargo build --release -p ballast-risk-cli`);
	}
	return found;
}

const run = (args) => execFileSync(riskBinary(), args, { cwd: ROOT, encoding: 'utf8' });

/** The commands that a page shows, each with the lines it prints there. `...` stands for the rest. */
function examplesOf(text) {
	const blocks = [...text.matchAll(/^```\w*\n\$ ballast-risk (.*)\n([\s\S]*?)^```$/gm)];
	return blocks.map(([, command, output]) => ({ args: command.split(' '), lines: output.split('\n') }));
}

/** `13885.17` as `13,885.17`. */
const grouped = (number) =>
	number.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

describe('the figures of docs/concepts', () => {
	const pages = readdirSync(CONCEPTS).filter((name) => name.endsWith('.md'));

	for (const page of pages) {
		for (const { args, lines } of examplesOf(readFileSync(join(CONCEPTS, page), 'utf8'))) {
			it(`are what \`ballast-risk ${args.slice(0, 2).join(' ')}\` prints in ${page}`, () => {
				const end = lines.indexOf('...');
				const shown = lines.slice(0, end < 0 ? lines.length - 1 : end);
				assert.ok(shown.length > 0);
				const printed = run(args).split('\n');
				assert.deepEqual(printed.slice(0, shown.length), shown);
				if (end < 0) {
					assert.deepEqual(printed.slice(shown.length), ['']);
				}
			});
		}
	}

	it('are those of the books of margin.md', () => {
		const text = readFileSync(join(CONCEPTS, 'margin.md'), 'utf8');
		const books = readdirSync(join(CONCEPTS, 'books')).filter((name) => !name.startsWith('standard'));
		assert.equal(books.length, 5);
		for (const book of books) {
			const { equity, initial, maintenance } = JSON.parse(run(['margin', join(CONCEPTS, 'books', book)]));
			for (const left of [initial, maintenance]) {
				const needed = grouped(Number(equity) - Number(left));
				assert.ok(text.includes(needed), `${basename(book)} needs ${needed}`);
			}
		}
	});
});
