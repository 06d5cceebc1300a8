// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batches, difference, operation, type Step, type Wanted } from '../src/orders.js';
import type { SeriesId } from '../src/types.js';
import { EXPIRY, order, series, seriesId } from './make.js';

const never = (): boolean => false;

function want(bid: number, ask: number, changes: Partial<Wanted> = {}, of: Partial<SeriesId> = {}): Wanted {
	const { id, key } = series({}, of);
	const quote = { bid: { price: bid, lots: 10 }, ask: { price: ask, lots: 10 }, tolerance: 5 };
	return { series: id, key, quote, exact: false, ...changes };
}

const text = (steps: Step[]): string[] =>
	steps.map((step) => {
		switch (step.do) {
			case 'place':
				return `${step.side} ${step.lots} at ${step.price}`;
			case 'replace':
				return `${step.order} to ${step.lots} at ${step.price}`;
			case 'cancel':
				return `cancel ${step.order}`;
			case 'clear':
				return 'clear';
		}
	});

test('an empty book gets both sides', () => {
	assert.deepEqual(text(difference([want(90, 110)], [], never)), ['Buy 10 at 90', 'Sell 10 at 110']);
});

test('prices within the tolerance stay', () => {
	const resting = [order(1, 'Buy', 85, 10), order(2, 'Sell', 115, 10)];
	assert.deepEqual(difference([want(90, 110)], resting, never), []);
});

test('an exact requote moves prices within the tolerance', () => {
	const resting = [order(1, 'Buy', 89, 10), order(2, 'Sell', 110, 10)];
	assert.deepEqual(text(difference([want(90, 110, { exact: true })], resting, never)), ['1 to 10 at 90']);
});

test('a side that was eaten to less than half is filled up, and one that is too large is cut', () => {
	const resting = [order(1, 'Buy', 90, 4), order(2, 'Sell', 110, 16)];
	assert.deepEqual(text(difference([want(90, 110)], resting, never)), ['1 to 10 at 90', '2 to 10 at 110']);
	const close = [order(1, 'Buy', 90, 5), order(2, 'Sell', 110, 15)];
	assert.deepEqual(difference([want(90, 110)], close, never), []);
});

test('a market that rises moves the ask first', () => {
	const resting = [order(1, 'Buy', 90, 10), order(2, 'Sell', 110, 10)];
	assert.deepEqual(text(difference([want(120, 140)], resting, never)), ['2 to 10 at 140', '1 to 10 at 120']);
});

test('a market that falls moves the bid first', () => {
	const resting = [order(1, 'Buy', 90, 10), order(2, 'Sell', 110, 10)];
	assert.deepEqual(text(difference([want(60, 80)], resting, never)), ['1 to 10 at 60', '2 to 10 at 80']);
});

test('an ask that a new bid would hit moves even if it is within the tolerance', () => {
	const quote = { bid: { price: 110, lots: 10 }, ask: { price: 112, lots: 10 }, tolerance: 5 };
	const resting = [order(1, 'Buy', 90, 10), order(2, 'Sell', 110, 10)];
	const steps = difference([want(0, 0, { quote })], resting, never);
	assert.deepEqual(text(steps), ['2 to 10 at 112', '1 to 10 at 110']);
});

test('no order of changes crosses the orders of the account itself', () => {
	for (let trial = 0; trial < 500; trial += 1) {
		const at = (seed: number): number => 1 + ((trial * 7919 + seed * 104_729) % 97);
		const resting = [order(1, 'Buy', at(1), 10), order(2, 'Sell', at(1) + at(2), 10)];
		const quote = {
			bid: { price: at(3), lots: 10 },
			ask: { price: at(3) + at(4), lots: 10 },
			tolerance: at(5) % 7,
		};
		const prices = [at(1), at(1) + at(2)];
		for (const step of difference([want(0, 0, { quote })], resting, never)) {
			assert.equal(step.do, 'replace');
			if (step.do === 'replace') {
				prices[Number(step.order) - 1] = step.price;
			}
			assert.ok(prices[0]! < prices[1]!, `trial ${trial}`);
		}
	}
});

test('what is not wanted goes first, and a second order of a side too', () => {
	const stranger = { strike: 1 };
	const resting = [
		order(1, 'Buy', 90, 10),
		order(2, 'Buy', 91, 10),
		order(3, 'Sell', 140, 10),
		order(4, 'Sell', 5, 1, stranger),
	];
	const steps = text(difference([want(90, 110)], resting, never));
	assert.deepEqual(steps, ['cancel 2', 'cancel 4', '3 to 10 at 110']);
});

test('orders of an expired series are left to the settlement', () => {
	const gone = ({ expiry }: SeriesId): boolean => expiry < EXPIRY;
	const resting = [order(1, 'Buy', 1, 1, { expiry: EXPIRY - 1 })];
	assert.deepEqual(difference([], resting, gone), []);
});

test('a series on hold keeps its orders and one without a quote loses them', () => {
	const resting = [order(1, 'Buy', 50, 10), order(2, 'Sell', 60, 10)];
	assert.deepEqual(difference([want(0, 0, { quote: 'hold' })], resting, never), []);
	assert.deepEqual(text(difference([want(0, 0, { quote: 'none' })], resting, never)), ['cancel 1', 'cancel 2']);
});

test('batches hold twenty changes each, in order', () => {
	const steps = Array.from({ length: 45 }, (_, at): Step => ({ do: 'cancel', order: BigInt(at) }));
	const cut = batches(steps);
	assert.deepEqual(cut.map(({ length }) => length), [20, 20, 5]);
	assert.deepEqual(cut.flat(), steps);
	assert.deepEqual(batches([]), []);
});

test('operations have the shape that the call takes', () => {
	const placed = operation({ do: 'place', series: seriesId(), side: 'Buy', price: 1e6, lots: 5 });
	assert.deepEqual(placed, {
		Place: {
			series: seriesId(),
			side: 'Buy',
			price: 1e6,
			lots: 5,
			kind: 'Limit',
			reduceOnly: false,
			goodTill: null,
			clientId: null,
			selfTrade: 'CancelResting',
		},
	});
	assert.deepEqual(operation({ do: 'cancel', order: 7n }), { Cancel: 7n });
	assert.deepEqual(operation({ do: 'replace', order: 7n, price: 2, lots: 3 }), {
		Replace: { order: 7n, price: 2, lots: 3 },
	});
});
