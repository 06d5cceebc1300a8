// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Health } from '../src/health.js';

function make(): { health: Health; pass: (ms: number) => void } {
	let now = 1_000_000;
	const health = new Health(30, 100, () => now);
	return { health, pass: (ms) => (now += ms) };
}

test('an account with changes under way waits for them', () => {
	const { health } = make();
	assert.ok(health.isReady);
	health.begin();
	assert.ok(!health.isReady);
	assert.equal(health.end([]), null);
	assert.ok(health.isReady);
});

test('short of margin it shrinks, pauses, and after a second time takes its orders away', () => {
	const { health, pass } = make();
	health.begin();
	assert.equal(health.end(['clearing.InsufficientMargin']), null);
	assert.equal(health.scale, 0.7);
	assert.ok(!health.isReady && !health.mustClear);
	pass(1_000);
	assert.ok(health.isReady);
	health.end(['clearing.InsufficientMargin']);
	assert.ok(health.mustClear);
	health.cleared();
	assert.ok(!health.mustClear);
});

test('the size shrinks to a bound and grows back with time', () => {
	const { health, pass } = make();
	for (let time = 0; time < 50; time += 1) {
		health.end(['clearing.InsufficientMargin']);
	}
	assert.equal(health.scale, 0.05);
	pass(60_000);
	assert.ok(Math.abs(health.scale - 0.06) < 1e-9);
	pass(3_600_000);
	assert.equal(health.scale, 1);
});

test('stale prices are waited out in silence and other errors are told', () => {
	const { health, pass } = make();
	assert.equal(health.end(['clearing.PricesStale']), null);
	assert.ok(!health.isReady);
	pass(2_000);
	assert.ok(health.isReady);
	assert.equal(health.scale, 1);
	assert.equal(health.end(['orderBook.TooManyOrders']), 'orderBook.TooManyOrders');
});

test('an exact requote is due once in its time', () => {
	const { health, pass } = make();
	pass(30_000);
	assert.ok(health.isRefreshDue);
	health.begin();
	assert.ok(!health.isRefreshDue);
	pass(30_000);
	assert.ok(health.isRefreshDue);
});
