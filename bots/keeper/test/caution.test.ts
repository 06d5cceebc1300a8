// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Caution, reasonOf } from '../src/caution.js';
import { DONE, failed } from './make.js';

function make(): { caution: Caution; pass: (ms: number) => void } {
	let now = 1_000_000;
	return { caution: new Caution(() => now), pass: (ms) => (now += ms) };
}

test('one bid at a time', () => {
	const { caution } = make();
	caution.begin();
	assert.ok(!caution.isReady);
	caution.end(DONE);
	assert.ok(caution.isReady);
	assert.equal(caution.scale, 1);
});

for (const error of ['clearing.InsufficientMargin', 'liquidation.BidderLacksCash']) {
	test(`${error} halves the share, pauses, and doubles it a minute later`, () => {
		const { caution, pass } = make();
		caution.end(failed(error));
		assert.equal(caution.scale, 0.5);
		assert.ok(!caution.isReady);
		pass(1_000);
		assert.ok(caution.isReady);
		caution.end(failed(error));
		assert.equal(caution.scale, 0.25);
		pass(60_000);
		assert.equal(caution.scale, 0.5);
		pass(60_000);
		assert.equal(caution.scale, 1);
	});
}

test('the share has a smallest size, and then the pause is longer', () => {
	const { caution, pass } = make();
	for (let time = 0; time < 20; time += 1) {
		caution.end(failed('clearing.InsufficientMargin'));
	}
	assert.equal(caution.scale, 1 / 64);
	pass(5_000);
	assert.ok(!caution.isReady);
	pass(5_000);
	assert.ok(caution.isReady);
});

test('an auction that is gone and a price that moved cost no time', () => {
	for (const error of ['liquidation.NoAuction', 'liquidation.LimitExceeded', 'lost']) {
		const { caution } = make();
		caution.begin();
		caution.end(failed(error));
		assert.ok(caution.isReady, error);
		assert.equal(caution.scale, 1);
	}
});

test('old prices are waited out', () => {
	const { caution, pass } = make();
	caution.end(failed('liquidation.PricesStale'));
	assert.ok(!caution.isReady);
	pass(2_000);
	assert.ok(caution.isReady);
});

test('a slice that does not help makes it ask for everything', () => {
	const { caution } = make();
	assert.ok(!caution.isAllOrNothing);
	caution.end(failed('liquidation.SliceDoesNotHelp'));
	assert.ok(caution.isAllOrNothing);
});

test('errors that nobody expects are no reason, and rest for long', () => {
	assert.equal(reasonOf('clearing.CorruptLedger'), null);
	const { caution, pass } = make();
	caution.end(failed('clearing.CorruptLedger'));
	pass(29_000);
	assert.ok(!caution.isReady);
	pass(1_000);
	assert.ok(caution.isReady);
});

test('the pool says by a number that no auction runs', () => {
	assert.equal(reasonOf('refused: 1011: Unknown Transaction Validity: Custom, 4'), 'gone');
	assert.equal(reasonOf('refused: 1011: Unknown Transaction Validity: Custom, 254'), null);
	assert.equal(reasonOf('refused: 1010: Invalid Transaction: Custom error: 4'), null);
});

test('a nonce that was used already is no reason to wait', () => {
	assert.equal(reasonOf('refused: 1010: Invalid Transaction: Transaction is outdated'), 'lost');
	assert.equal(reasonOf('refused: 1014: Priority is too low: (1 vs 2)'), 'lost');
	assert.equal(reasonOf('refused: 1010: Invalid Transaction: Inability to pay some fees'), null);
});
