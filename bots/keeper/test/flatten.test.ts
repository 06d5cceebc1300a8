// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { difference, newOrder } from '../../common/src/orders.js';
import { account, EXPIRY, market, order, series } from '../../common/test/make.js';
import { closing } from '../src/flatten.js';

const call = series({ mark: 1_200_400_000 });
const holding = (lots: number) => account(0, { positions: new Map([[call.key, { series: call.id, lots }]]) });

test('a long position is offered and a short one bid for, at the tick that is no worse than the mark', () => {
	const quote = (lots: number) => closing(holding(lots), [call], [market()])[0]?.quote;
	assert.deepEqual(quote(7), { bid: null, ask: { price: 1_201e6, lots: 7 }, tolerance: 6_002_000 });
	assert.deepEqual(quote(-7), { bid: { price: 1_200e6, lots: 7 }, ask: null, tolerance: 6_002_000 });
});

test('its orders may only reduce, and there is one for each position', () => {
	const held = holding(7);
	assert.deepEqual(difference(closing(held, [call], [market()]), [], () => false), [
		{ do: 'place', series: call.id, side: 'Sell', price: 1_201e6, lots: 7, reduceOnly: true },
	]);
	const placed = newOrder({ do: 'place', series: call.id, side: 'Sell', price: 1_201e6, lots: 7, reduceOnly: true });
	assert.deepEqual([placed['reduceOnly'], placed['kind']], [true, 'Limit']);
	const resting = [order(1, 'Sell', 1_200e6, 7)];
	assert.deepEqual(difference(closing(held, [call], [market()]), resting, () => false), []);
});

test('an order on the wrong side goes, and one that is off follows the mark', () => {
	const steps = difference(closing(holding(7), [call], [market()]), [order(1, 'Buy', 5e6, 7), order(2, 'Sell', 1_100e6, 7)], () => false);
	assert.deepEqual(steps, [{ do: 'cancel', order: 1n }, { do: 'replace', order: 2n, price: 1_201e6, lots: 7 }]);
});

test('the order of a position that is gone goes too', () => {
	const steps = difference(closing(account(0), [call], [market()]), [order(1, 'Sell', 1_201e6, 7)], () => false);
	assert.deepEqual(steps, [{ do: 'cancel', order: 1n }]);
});

test('no order is larger than the market takes, and what is smaller than it takes is kept', () => {
	const [large] = closing(holding(7), [call], [market({ maxLots: 5 })]);
	assert.deepEqual(large?.quote, { bid: null, ask: { price: 1_201e6, lots: 5 }, tolerance: 6_002_000 });
	assert.equal(closing(holding(7), [call], [market({ minLots: 8 })])[0]?.quote, 'none');
});

test('orders stay through a short gap in the prices and go in a long one', () => {
	assert.equal(closing(holding(7), [{ ...call, ageMillis: 5_000 }], [market()])[0]?.quote, 'hold');
	assert.equal(closing(holding(7), [{ ...call, ageMillis: 16_000 }], [market()])[0]?.quote, 'none');
	assert.equal(closing(holding(7), [{ ...call, isTrading: false }], [market()])[0]?.quote, 'none');
	assert.equal(closing(holding(7), [{ ...call, mark: null }], [market()])[0]?.quote, 'none');
});

test('the nearest expiries have the room that there is', () => {
	const many = Array.from({ length: 70 }, (_, at) => series({}, { expiry: EXPIRY - at, strike: 1e9 }));
	const full = account(0, { positions: new Map(many.map(({ id, key }) => [key, { series: id, lots: 1 }])) });
	const wanted = closing(full, many, [market()]);
	assert.equal(wanted.length, 64);
	assert.equal(wanted[0]?.series.expiry, EXPIRY - 69);
});

test('a mark of nothing is still offered at a tick', () => {
	const nothing = { ...call, mark: 0 };
	assert.deepEqual(closing(holding(7), [nothing], [market()])[0]?.quote, { bid: null, ask: { price: 1e6, lots: 7 }, tolerance: 1e6 });
});
