// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseTake } from '../src/taker.js';
import { account, market, series } from '../../common/test/make.js';

const numbers = (...values: number[]) => (): number => values.shift() ?? 0;
const quoted = series({ bid: { price: 1_000e6, lots: 9 }, ask: { price: 1_100e6, lots: 9 } });
const holding = (lots: number) =>
	account(1, { positions: new Map([[quoted.key, { series: quoted.id, lots }]]) });

test('it buys from the ask, or sells to the bid, on ticks', () => {
	const bought = chooseTake(market(), [quoted], account(1), 10, numbers(0, 0, 0.99));
	assert.deepEqual(bought, { series: quoted.id, side: 'Buy', price: 1_122e6, lots: 8 });
	const sold = chooseTake(market(), [quoted], account(1), 10, numbers(0, 0.5, 0));
	assert.deepEqual(sold, { series: quoted.id, side: 'Sell', price: 980e6, lots: 1 });
});

test('it closes no more than it holds', () => {
	const sold = chooseTake(market(), [quoted], holding(2), 10, numbers(0, 0, 0.9));
	assert.deepEqual([sold?.side, sold?.lots], ['Sell', 2]);
	const bought = chooseTake(market(), [quoted], holding(-3), 10, numbers(0, 0, 0.25));
	assert.deepEqual([bought?.side, bought?.lots], ['Buy', 2]);
});

test('it leaves an empty book and a series that does not trade alone', () => {
	assert.equal(chooseTake(market(), [series()], account(1), 10, numbers()), null);
	assert.equal(chooseTake(market(), [{ ...quoted, isTrading: false }], account(1), 10, numbers()), null);
	assert.equal(chooseTake(market(), [], account(1), 10, numbers()), null);
});
