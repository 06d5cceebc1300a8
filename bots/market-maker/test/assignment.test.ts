// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assign, SERIES_PER_ACCOUNT } from '../src/assignment.js';
import type { Series } from '../../common/src/types.js';
import { account, EXPIRY, order, series } from '../../common/test/make.js';

const INDICES = Array.from({ length: 24 }, (_, at) => 100 + at);

const strikes = (count: number, kind: 'Call' | 'Put', expiry = EXPIRY): Series[] =>
	Array.from({ length: count }, (_, at) => series({}, { strike: (at + 1) * 1e9, kind, expiry }));

const counts = (assigned: Map<number, Series[]>): [number, number][] =>
	[...assigned].map(([index, all]) => [index, all.length]);

test('each kind of each expiry gets an account', () => {
	const all = [...strikes(25, 'Call'), ...strikes(25, 'Put'), ...strikes(25, 'Call', EXPIRY + 1)];
	assert.deepEqual(counts(assign(all, [], INDICES)), [[100, 25], [101, 25], [102, 25]]);
});

test('an expiry with many strikes gets several accounts', () => {
	const assigned = assign(strikes(68, 'Call'), [], INDICES);
	assert.deepEqual(counts(assigned), [[100, SERIES_PER_ACCOUNT], [101, SERIES_PER_ACCOUNT], [102, 4]]);
});

test('a series stays with the account that has it, and new strikes join it', () => {
	const calls = strikes(5, 'Call');
	const own = account(107, { orders: [order(1, 'Buy', 1, 1, { strike: 2e9 })] });
	assert.deepEqual(counts(assign(calls, [account(100), own], INDICES)), [[107, 5]]);
});

test('an account with positions of another expiry is not given a new one', () => {
	const id = series({}, { expiry: EXPIRY - 1 });
	const busy = account(100, { positions: new Map([[id.key, { series: id.id, lots: 3 }]]) });
	assert.deepEqual(counts(assign(strikes(2, 'Put'), [busy], INDICES)), [[101, 2]]);
});

test('what finds no account is left out', () => {
	const all = [...strikes(2, 'Call'), ...strikes(2, 'Put')];
	assert.deepEqual(counts(assign(all, [], [100])), [[100, 2]]);
});

test('the same chain gives the same answer', () => {
	const all = [...strikes(40, 'Call'), ...strikes(40, 'Put')];
	const first = assign(all, [], INDICES);
	const accounts = [...first].map(([index, assigned]) =>
		account(index, { orders: assigned.map(({ id }, at) => order(at + 1, 'Sell', 9, 1, id)) }),
	);
	assert.deepEqual(assign([...all].reverse(), accounts, INDICES).get(100)?.length, first.get(100)?.length);
	for (const [index, assigned] of assign(all, accounts, INDICES)) {
		assert.deepEqual(assigned, first.get(index));
	}
});
