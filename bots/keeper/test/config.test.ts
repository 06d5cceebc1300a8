// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../common/src/options.js';
import { parseConfig, usage } from '../src/config.js';

test('no options give the defaults that the help shows', () => {
	const config = parseConfig([]);
	assert.equal(config?.seed, '//Keeper');
	assert.equal(config?.funder, '//Ferdie//stash');
	assert.equal(config?.minEdgePercent, 4);
	assert.deepEqual([config?.isOnce, config?.isFlattening], [false, false]);
	assert.match(usage(), /--min-edge-percent .*\(4\)/);
	assert.match(usage(), /--once /);
});

test('options are read', () => {
	const config = parseConfig(['--max-share=0.5', '--index', '7', '--funder', 'none', '--once', '--flatten']);
	assert.equal(config?.maxShare, 0.5);
	assert.equal(config?.index, 7);
	assert.equal(config?.funder, null);
	assert.deepEqual([config?.isOnce, config?.isFlattening], [true, true]);
});

test('help is not an error', () => {
	assert.equal(parseConfig(['--help']), null);
});

for (const args of [['--max-share', '0'], ['--max-share', '1.1'], ['--index', '65536'], ['--min-edge-percent', 'x'], ['--twice'], ['--url', 'http://x']]) {
	test(`${args.join(' ')} is refused with a sentence`, () => {
		assert.throws(() => parseConfig(args), (error: Error) => error instanceof UsageError && /\S+ \S+/.test(error.message));
	});
}
