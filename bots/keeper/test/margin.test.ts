// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seriesId } from '../../common/test/make.js';
import { canPay, isEnough, tradesOf } from '../src/margin.js';
import type { Slice } from '../src/types.js';
import { standing, usd } from './make.js';

const slice = (changes: Partial<Slice> = {}): Slice => ({
	share: 1,
	equity: usd(100),
	price: usd(90),
	cash: 0n,
	positions: [],
	hasCollateral: false,
	...changes,
});

test('the lots of slices become trades, one for each series', () => {
	const other = seriesId({ strike: 1 });
	const one = slice({ positions: [{ series: seriesId(), lots: 5 }, { series: other, lots: -2 }] });
	const two = slice({ positions: [{ series: seriesId(), lots: -5 }, { series: other, lots: -1 }] });
	assert.deepEqual(tradesOf([one, two]), [{ series: other, side: 'Sell', lots: 3, price: 1 }]);
	assert.deepEqual(tradesOf([one]), [
		{ series: seriesId(), side: 'Buy', lots: 5, price: 1 },
		{ series: other, side: 'Sell', lots: 2, price: 1 },
	]);
});

test('nothing can be said of other assets and of too many series', () => {
	assert.equal(tradesOf([slice({ hasCollateral: true })]), null);
	const many = (count: number) =>
		slice({ positions: Array.from({ length: count }, (_, at) => ({ series: seriesId({ strike: at + 1 }), lots: 1 })) });
	assert.equal(tradesOf([many(64)])?.length, 64);
	assert.equal(tradesOf([many(65)]), null);
});

test('the price is paid from cash that is there or comes along', () => {
	assert.ok(canPay(standing({ cash: usd(90) }), [], slice()));
	assert.ok(!canPay(standing({ cash: usd(89) }), [], slice()));
	assert.ok(canPay(standing({ cash: usd(-5) }), [], slice({ cash: usd(90) })));
	assert.ok(canPay(standing({ cash: usd(90) }), [], slice({ cash: usd(-500) })));
	assert.ok(!canPay(standing({ cash: usd(100) }), [slice()], slice()));
	assert.ok(canPay(standing({ cash: 0n }), [], slice({ price: usd(-10), cash: usd(-500) })));
});

test('what is paid and what comes along counts in margin', () => {
	const after = standing({ initial: usd(100) });
	assert.ok(isEnough(after, [slice({ cash: usd(10) })], usd(20)));
	assert.ok(!isEnough(after, [slice({ cash: usd(9) })], usd(20)));
	assert.ok(!isEnough(after, [slice({ price: usd(50), cash: usd(-100) })], 0n));
	assert.ok(isEnough(after, [slice({ price: usd(-50), cash: usd(-100) })], 0n));
	assert.ok(!isEnough({ ...after, isFresh: false }, [], 0n));
});
