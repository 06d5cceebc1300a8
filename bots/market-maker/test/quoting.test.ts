// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { halfSpread, quoteFor, quoteLots } from '../src/quoting.js';
import { market, series } from '../../common/test/make.js';

const rules = { volPoints: 1, deltaBasisPoints: 2, maxInventory: 20, tolerance: 0.5 };

test('half a spread is the fee, a volatility point and two basis points of delta', () => {
	// 9.50 of fee, 20 of vega, 95,000 * 0.5 * 0.0002 = 9.50 of delta.
	assert.equal(halfSpread(series(), 1_200e6, market(), 95_000e6, rules), 39e6);
});

test('half a spread counts the capped fee of a cheap option, and is a tick at least', () => {
	const cheap = series({ delta: 0, vega: 0 });
	assert.equal(halfSpread(cheap, 40e6, market(), 95_000e6, rules), 5e6);
	assert.equal(halfSpread(cheap, 0, market(), 95_000e6, rules), 1e6);
});

test('a quote without inventory is centred and on ticks', () => {
	const quote = quoteFor(series({ mark: 1_200_400_000 }), market(), 0, 10, rules);
	assert.deepEqual(quote, {
		bid: { price: 1_161e6, lots: 10 },
		ask: { price: 1_240e6, lots: 10 },
		tolerance: 19_500_000,
	});
});

test('a long inventory lowers both prices and shrinks the bid', () => {
	const half = quoteFor(series(), market(), 100, 10, rules);
	assert.deepEqual(half?.bid, { price: 1_141e6, lots: 5 });
	assert.deepEqual(half?.ask, { price: 1_220e6, lots: 10 });
});

test('a short inventory beyond the limit moves by half a spread and asks for the smallest order', () => {
	const quote = quoteFor(series(), market(), -900, 10, rules);
	assert.deepEqual(quote?.bid, { price: 1_200e6, lots: 10 });
	assert.deepEqual(quote?.ask, { price: 1_278e6, lots: 1 });
});

test('a series that is worth nothing has two sides', () => {
	const quote = quoteFor(series({ mark: 0, delta: 0, vega: 0 }), market(), 0, 10, rules);
	assert.equal(quote?.bid.price, 1e6);
	assert.equal(quote?.ask.price, 2e6);
});

test('prices stay below what a book can hold', () => {
	const dear = quoteFor(series({ mark: 5e13 }), market({ spot: 5e13 }), 0, 10, rules);
	assert.equal(dear?.ask.price, (2 ** 24 - 1) * 1e6);
	assert.equal(dear?.bid.price, (2 ** 24 - 2) * 1e6);
});

test('there is no quote without a mark, a spot or a trading series', () => {
	assert.equal(quoteFor(series({ mark: null }), market(), 0, 10, rules), null);
	assert.equal(quoteFor(series(), market({ spot: null }), 0, 10, rules), null);
	assert.equal(quoteFor(series({ isTrading: false }), market(), 0, 10, rules), null);
});

test('every quote has a bid below its ask, on ticks, with lots', () => {
	const dot = market({ spot: 7e6, lotsPerContract: 1, tick: 500 });
	for (let mark = 0; mark < 8e6; mark += 61_803) {
		for (const position of [-1e6, -500, 0, 3, 1e6]) {
			const quote = quoteFor(series({ mark, vega: 1_000, delta: 0.3 }), dot, position, 714, rules);
			assert.ok(quote && quote.bid.price < quote.ask.price && quote.bid.price >= 500, `${mark} ${position}`);
			assert.equal(quote.bid.price % 500, 0);
			assert.equal(quote.ask.price % 500, 0);
			assert.ok(quote.bid.lots >= 1 && quote.ask.lots >= 1);
		}
	}
});

test('lots follow the notional within what the market takes', () => {
	assert.equal(quoteLots(market(), 95_000e6, 5_000), 5);
	assert.equal(quoteLots(market({ minLots: 8 }), 95_000e6, 5_000), 8);
	assert.equal(quoteLots(market({ maxLots: 3 }), 95_000e6, 5_000), 3);
});
