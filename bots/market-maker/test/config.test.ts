// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../common/src/options.js';
import { parseConfig, usage } from '../src/config.js';

test('no options give the defaults that the help shows', () => {
	const config = parseConfig([]);
	assert.equal(config?.url, 'ws://127.0.0.1:9944');
	assert.equal(config?.maker, '//Ferdie');
	assert.equal(config?.taker, null);
	assert.equal(config?.expiries, 4);
	assert.match(usage(), /--expiries .*\(4\)/);
});

test('options are read', () => {
	const config = parseConfig(['--url=ws://[::1]:1', '--taker', '--taker-interval', '0.5', '--notional', '250']);
	assert.equal(config?.url, 'ws://[::1]:1');
	assert.equal(config?.taker, '//Eve');
	assert.equal(config?.takerSeconds, 0.5);
	assert.equal(config?.notionalUsd, 250);
});

test('help is not an error', () => {
	assert.equal(parseConfig(['--help']), null);
});

for (const args of [['--expiries', '0'], ['--notional', 'much'], ['--tolerance', ''], ['--refresh', 'Infinity'], ['--tacker'], ['extra'], ['--url'], ['--url', 'http://x']]) {
	test(`${args.join(' ')} is refused with a sentence`, () => {
		assert.throws(() => parseConfig(args), (error: Error) => error instanceof UsageError && /\S+ \S+/.test(error.message));
	});
}
