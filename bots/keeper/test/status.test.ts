// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Block } from '../../common/src/chain.js';
import { seriesId } from '../../common/test/make.js';
import { seriesName, Status } from '../src/status.js';
import { auction, failed, ME, standing } from './make.js';

const codec = (value: unknown) => ({ toPrimitive: () => value, toString: () => String(value) });
const block = (name: string, fields: Record<string, unknown>): Block =>
	({
		number: 7,
		hash: '',
		transactions: [],
		events: [{ transaction: 0, name, fields: Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, codec(value)])) }],
	}) as unknown as Block;

const taken = (bidder: string) =>
	block('liquidation.BidTaken', {
		account: { owner: 'them', index: 3 },
		bidder: { owner: bidder, index: 0 },
		share: 125_000_000,
		equity: 1_234_560_000,
		price: 1_172_000_000,
		target: -1,
	});

test('a slice that the keeper took is told and counted, and those of others are not', () => {
	const told: string[] = [];
	const status = new Status((line) => told.push(line));
	status.block(taken('somebody'), ME);
	status.block(taken(ME), ME);
	assert.deepEqual(told, ['block 7: took 12.50 % of them/3 worth 1,234.56 for 1,172.00 USD']);
	assert.match(status.line(8, standing(), new Map(), 'more'), /0 bids, 1 taken, gain 62\.56 USD/);
	assert.match(status.line(9, standing(), new Map(), 'more'), /0 taken, gain 0\.00 USD/);
});

test('a margin call for the keeper is told, and one for others is not', () => {
	const told: string[] = [];
	const status = new Status((line) => told.push(line));
	status.block(block('liquidation.MarginCalled', { account: { owner: 'them', index: 0 } }), ME);
	assert.equal(told.length, 0);
	status.block(block('liquidation.MarginCalled', { account: { owner: ME, index: 0 } }), ME);
	assert.match(told[0] ?? '', /MARGIN CALL for me\/0/);
});

test('the line has auctions, what failed, margin and positions by name', () => {
	const status = new Status(() => {});
	status.looked([auction()], 1);
	status.sent();
	status.ended(auction(), failed('liquidation.NoAuction'));
	status.ended(auction(), failed('clearing.Odd'));
	const held = standing({ positions: [{ series: seriesId(), lots: -12 }] });
	assert.equal(
		status.line(8, held, new Map([[1, 'BTC']]), 'more'),
		'block 8 | 1 auctions, 1 worth a bid | 1 bids, 0 taken, gain 0.00 USD (1 gone, 1 clearing.Odd) | ' +
			'equity 100,000, maintenance 100,000, initial 100,000 USD | 1 positions: -12 BTC-15JAN27-95000-C | more',
	);
});

test('series are named as the chain names them', () => {
	const at = (time: string) => seriesId({ expiry: Date.parse(time), kind: 'Put', strike: 6_500_000 });
	assert.equal(seriesName('DOT', at('2026-12-04T08:00:00Z')), 'DOT-4DEC26-6.5-P');
	assert.equal(seriesName('DOT', at('2026-11-21T10:35:00Z')), 'DOT-21NOV26T1035-6.5-P');
});
