// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bidFor, edgeOf, forSale, gainOf, rank, shareFor, sliceOf, wholeLots } from '../src/choosing.js';
import { WHOLE } from '../src/types.js';
import { auction, book, config, insolvent, ME, usd } from './make.js';

const holding = (...lots: number[]) =>
	book({ positions: lots.map((each) => ({ series: book().positions[0]!.series, lots: each })) });

test('the edge is what the discount leaves', () => {
	assert.equal(gainOf(auction()), usd(500));
	assert.equal(edgeOf(auction()), 0.1);
});

test('cash that earlier bidders paid is not for sale', () => {
	const later = auction({ reserved: usd(4_000), price: usd(2_700) });
	assert.equal(forSale(later), usd(6_000));
	assert.equal(edgeOf(later), 0.1);
	assert.equal(sliceOf(later, WHOLE / 2).cash, usd(2_000));
});

test('a book that owes counts by what it owes, and one worth nothing has an endless edge', () => {
	assert.equal(gainOf(insolvent()), usd(100));
	assert.equal(edgeOf(insolvent()), 0.1);
	assert.equal(edgeOf(insolvent({ equity: 0n, price: usd(-50) })), Infinity);
	assert.equal(edgeOf(insolvent({ equity: 0n, price: 0n })), 0);
});

test('reserved cash goes with an insolvent book', () => {
	assert.equal(forSale(insolvent({ reserved: usd(500) })), usd(-1_000));
	assert.equal(sliceOf(insolvent({ reserved: usd(500) }), WHOLE).cash, usd(8_000));
});

test('the best edge comes first, and the larger gain of two that are equal', () => {
	const good = auction({ key: 'good', discount: 800_000_000, price: usd(4_000) });
	const large = auction({ key: 'large', equity: usd(20_000), price: usd(9_000) });
	const usual = auction({ key: 'usual' });
	const ranked = rank([usual, large, good], config(), ME);
	assert.deepEqual(ranked.map(({ key }) => key), ['good', 'large', 'usual']);
});

test('an edge below the least one is left alone, and one that is just it is not', () => {
	assert.equal(rank([auction()], config({ minEdgePercent: 10 }), ME).length, 1);
	assert.equal(rank([auction()], config({ minEdgePercent: 10.01 }), ME).length, 0);
});

test('a gain below the least one is left alone', () => {
	assert.equal(rank([auction()], config({ minGainUsd: 500 }), ME).length, 1);
	assert.equal(rank([auction()], config({ minGainUsd: 500.01 }), ME).length, 0);
	assert.equal(rank([insolvent({ equity: 0n, price: 0n })], config({ minEdgePercent: 0, minGainUsd: 0 }), ME).length, 0);
});

test('old prices, nothing for sale and own accounts are left alone', () => {
	const none = [auction({ isOpen: false }), auction({ maxShare: 0 }), auction({ owner: ME, index: 7 })];
	assert.deepEqual(rank(none, config(), ME), []);
});

test('a share is a whole number of lots of the largest position', () => {
	assert.equal(wholeLots(holding(3, -7), 500_000_000), 428_571_429);
	assert.equal(wholeLots(holding(1), WHOLE - 1), 0);
	assert.equal(wholeLots(holding(1), WHOLE), WHOLE);
	assert.equal(wholeLots(book({ positions: [], collateral: [4n] }), 600_000_000), 500_000_000);
	assert.equal(wholeLots(book({ positions: [], collateral: [] }), 999_999_999), 0);
});

test('a share of whole lots is one again when it is rounded again', () => {
	for (let lots = 1; lots < 500; lots += 7) {
		for (let share = 1_234_567; share < WHOLE; share += 61_803_399) {
			const whole = wholeLots(holding(lots), share);
			assert.ok(whole <= share + 1 && wholeLots(holding(lots), whole) === whole, `${lots} lots, ${share}`);
		}
	}
});

test('the largest share on sale is asked for where the rules allow it', () => {
	assert.equal(shareFor(auction(), config(), 1, false), WHOLE / 2);
});

test('the share is bounded by the rules, by the value of the slice, and by the scale', () => {
	assert.equal(shareFor(auction(), config({ maxShare: 0.25 }), 1, false), WHOLE / 4);
	assert.equal(shareFor(auction(), config({ maxEquityUsd: 1_000 }), 1, false), WHOLE / 10);
	assert.equal(shareFor(auction(), config(), 0.5, false), WHOLE / 4);
	assert.equal(shareFor(insolvent(), config({ maxEquityUsd: 100 }), 1, false), WHOLE / 10);
});

test('a lot that fits the rules is asked for however small the scale, and one that does not is not', () => {
	const two = auction({ book: holding(2) });
	assert.equal(shareFor(two, config(), 1 / 64, false), WHOLE / 2);
	assert.equal(shareFor(two, config({ maxEquityUsd: 4_999 }), 1, false), 0);
	assert.equal(shareFor(two, config({ maxEquityUsd: 5_000 }), 1, false), WHOLE / 2);
});

test('all or nothing asks for everything or for nothing', () => {
	assert.equal(shareFor(auction(), config(), 1, true), WHOLE);
	assert.equal(shareFor(auction(), config({ maxShare: 0.9 }), 1, true), 0);
	assert.equal(shareFor(auction(), config({ maxEquityUsd: 9_999 }), 1, true), 0);
	assert.equal(shareFor(auction(), config(), 0.5, true), 0);
});

test('a slice has its part of everything, rounded down', () => {
	const slice = sliceOf(auction({ book: book({ cash: usd(-0.000_001) }) }), 333_000_000);
	assert.deepEqual(slice.positions.map(({ lots }) => lots), [333, -166]);
	assert.equal(slice.cash, -1n);
	assert.equal(slice.equity, usd(3_330));
	assert.equal(slice.price, usd(2_997));
});

test('the limit is half a percent above the quoted price', () => {
	const bid = bidFor(auction(), sliceOf(auction(), WHOLE / 2), config());
	assert.deepEqual(bid, { owner: 'them', index: 0, maxShare: WHOLE / 2, limit: usd(4_522.5) });
	assert.equal(bidFor(auction(), sliceOf(auction(), WHOLE / 4), config()).limit, usd(2_261.25));
});

test('the limit leaves the least edge', () => {
	const rules = config({ minEdgePercent: 9.9 });
	assert.equal(bidFor(auction(), sliceOf(auction(), WHOLE / 2), rules).limit, usd(4_505));
	const tight = config({ minEdgePercent: 10 });
	assert.equal(bidFor(auction(), sliceOf(auction(), WHOLE / 2), tight).limit, usd(4_500));
});

test('the limit of a bid that is paid for asks for a little less than was quoted', () => {
	assert.equal(bidFor(insolvent(), sliceOf(insolvent(), WHOLE), config()).limit, usd(-1_094.5));
	assert.equal(bidFor(insolvent(), sliceOf(insolvent(), WHOLE / 2), config()).limit, usd(-547.25));
	const tight = config({ minEdgePercent: 9.8 });
	assert.equal(bidFor(insolvent(), sliceOf(insolvent(), WHOLE), tight).limit, usd(-1_098));
});

test('a bid for the whole book pays for the whole book, in proportion', () => {
	const bid = bidFor(auction(), sliceOf(auction(), WHOLE), config());
	assert.deepEqual([bid.maxShare, bid.limit], [WHOLE, usd(9_045)]);
});

test('no limit lets the gain fall below the least edge, whatever the auction', () => {
	const rules = config({ minEdgePercent: 4 });
	for (let seed = 1; seed < 400; seed += 1) {
		const equity = BigInt((seed * 7_919_771) % 20_011) * 999_983n - usd(5_000);
		const isSolvent = equity > 0n;
		const maxShare = isSolvent ? wholeLots(book(), ((seed * 104_729) % 1_000) * 1_000_000) || WHOLE : WHOLE;
		const discount = isSolvent ? 700_000_000 + ((seed * 31_337) % 250) * 1_000_000 : 0;
		const sold = (equity * BigInt(maxShare)) / BigInt(WHOLE);
		const price = isSolvent ? (sold * BigInt(discount)) / BigInt(WHOLE) + 1n : equity - BigInt(seed) * 10_000_000n;
		const each = auction({ equity, maxShare, discount, price, reserved: 0n });
		for (const ranked of rank([each], rules, ME)) {
			const slice = sliceOf(ranked, shareFor(ranked, rules, 1, false));
			const { limit } = bidFor(ranked, slice, rules);
			const size = Math.abs(Number(slice.equity));
			assert.ok(Number(slice.equity - limit) >= 0.04 * size - 3, `seed ${seed}: ${slice.equity} for ${limit}`);
		}
	}
});
