// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Keeper, type KeeperConfig } from '../src/keeper.js';
import { type Auction, WHOLE } from '../src/types.js';
import { auction, book, config, DONE, failed, FakeExchange, FakeWatcher, ME, standing, usd } from './make.js';

function make(listed: Auction[], changes: Partial<KeeperConfig> = {}) {
	let now = 1_000_000;
	const exchange = new FakeExchange();
	exchange.listed = listed;
	const watcher = new FakeWatcher();
	const keeper = new Keeper(exchange, config(changes), watcher, () => now);
	return { exchange, watcher, keeper, pass: (ms: number) => (now += ms) };
}

const named = (key: string, changes: Partial<Auction> = {}): Auction =>
	auction({ key, owner: key, ...changes });

test('the best auction gets the first bid', async () => {
	const better = named('better', { discount: 800_000_000, price: usd(4_000) });
	const { exchange, keeper } = make([named('good'), better]);
	await keeper.round();
	assert.deepEqual(exchange.bids.map(({ owner }) => owner), ['better', 'good']);
	assert.equal(exchange.bids[0]?.limit, usd(4_020));
	assert.equal(keeper.inFlight, 2);
});

test('nothing is sent while prices are old', async () => {
	const { exchange, watcher, keeper } = make([auction({ isOpen: false, maxShare: 0, price: 0n, discount: 0 })]);
	await keeper.round();
	assert.deepEqual([exchange.bids.length, exchange.simulated.length, watcher.worth], [0, 0, 0]);
	const own = make([auction()]);
	own.exchange.isFresh = false;
	await own.keeper.round();
	assert.equal(own.exchange.bids.length, 0);
});

test('own accounts are skipped', async () => {
	const { exchange, keeper } = make([auction({ owner: ME, index: 3 })]);
	await keeper.round();
	assert.equal(exchange.bids.length, 0);
});

test('an auction has one bid under way', async () => {
	const { exchange, keeper } = make([auction()]);
	await keeper.round();
	await keeper.round();
	assert.equal(exchange.bids.length, 1);
	await exchange.settle(DONE);
	assert.equal(keeper.inFlight, 0);
	await keeper.round();
	assert.equal(exchange.bids.length, 2);
});

test('a block gets so many bids and no more, and no more than there is room for', async () => {
	const many = Array.from({ length: 7 }, (_, at) => named(`a${at}`));
	const { exchange, keeper } = make(many, { bidsPerBlock: 3 });
	await keeper.round();
	assert.equal(exchange.bids.length, 3);
	await keeper.round();
	assert.equal(exchange.bids.length, 6);
	exchange.room = 0;
	await keeper.round();
	assert.equal(exchange.bids.length, 6);
});

test('the share is halved until the account carries it', async () => {
	const { exchange, watcher, keeper } = make([auction()]);
	// 750 lots ask for 750,000 USD, 187 lots for 187,000 USD, 93 for 93,000 USD.
	exchange.usdPerLot = 1_000;
	await keeper.round();
	assert.deepEqual(exchange.simulated.map((trades) => trades.reduce((sum, { lots }) => sum + lots, 0)), [750, 375, 187, 93]);
	assert.equal(exchange.bids[0]?.maxShare, 62_000_000);
	assert.equal(watcher.slices[0]?.equity, usd(620));
});

test('margin stays free as the rules say', async () => {
	const { exchange, keeper } = make([auction()], { keepFreeUsd: 99_400 });
	await keeper.round();
	// Half of the book brings 4,000 USD of cash and costs 4,500 USD: 99,500 USD are left.
	assert.equal(exchange.bids[0]?.maxShare, WHOLE / 2);
	const strict = make([auction()], { keepFreeUsd: 99_501 });
	await strict.keeper.round();
	assert.equal(strict.exchange.bids[0]?.maxShare, WHOLE / 4);
});

test('what does not fit at all is looked at again later', async () => {
	const single = book({ positions: [{ series: book().positions[0]!.series, lots: 1 }] });
	const { exchange, keeper, pass } = make([auction({ book: single, maxShare: WHOLE, price: usd(9_000) })]);
	exchange.usdPerLot = 1e6;
	await keeper.round();
	await keeper.round();
	assert.deepEqual([exchange.bids.length, exchange.simulated.length], [0, 1]);
	exchange.usdPerLot = 0;
	pass(10_000);
	await keeper.round();
	assert.equal(exchange.bids.length, 1);
});

test('cash that is not there is not bid', async () => {
	const { exchange, keeper } = make([auction({ book: book({ cash: 0n }) })]);
	exchange.account = standing({ cash: usd(1_200) });
	await keeper.round();
	assert.equal(exchange.bids[0]?.maxShare, WHOLE / 8);
});

test('bids of the same block share the margin', async () => {
	const { exchange, keeper } = make([named('one'), named('two')]);
	exchange.usdPerLot = 100;
	await keeper.round();
	// The first takes 75,000 of 99,500 USD; for the second, 24,000 USD are left: 187 lots.
	assert.deepEqual(exchange.bids.map(({ maxShare }) => maxShare), [WHOLE / 2, WHOLE / 8]);
});

test('a refusal for want of margin halves the next bid', async () => {
	const { exchange, watcher, keeper, pass } = make([auction()]);
	await keeper.round();
	await exchange.settle(failed('clearing.InsufficientMargin'));
	await keeper.round();
	assert.equal(exchange.bids.length, 1);
	pass(1_000);
	await keeper.round();
	assert.equal(exchange.bids[1]?.maxShare, WHOLE / 4);
	assert.deepEqual(watcher.outcomes, ['clearing.InsufficientMargin']);
});

test('a book with other assets is tried without a simulation', async () => {
	const { exchange, keeper } = make([auction({ book: book({ collateral: [5n] }) })]);
	exchange.usdPerLot = 1e6;
	await keeper.round();
	assert.deepEqual([exchange.bids.length, exchange.simulated.length], [1, 0]);
});

test('a slice that does not help is followed by a bid for everything', async () => {
	const { exchange, keeper, pass } = make([auction()]);
	await keeper.round();
	await exchange.settle(failed('liquidation.SliceDoesNotHelp'));
	pass(1_000);
	await keeper.round();
	assert.deepEqual([exchange.bids[1]?.maxShare, exchange.bids[1]?.limit], [WHOLE, usd(9_045)]);
});

test('an auction that ends between the look and the bid is no error', async (context) => {
	const said = context.mock.method(console, 'error', () => {});
	const { exchange, watcher, keeper } = make([auction()]);
	await keeper.round();
	exchange.listed = [];
	await keeper.round();
	await exchange.settle(failed('liquidation.NoAuction'));
	assert.deepEqual(watcher.outcomes, ['liquidation.NoAuction']);
	assert.equal(said.mock.callCount(), 0);
	await keeper.round();
	assert.equal(exchange.bids.length, 1);
});

test('an error that nobody expects is told with what the metadata says', async (context) => {
	const said = context.mock.method(console, 'error', () => {});
	const { exchange, keeper } = make([auction()]);
	await keeper.round();
	await exchange.settle({ error: 'liquidation.CorruptRecords', docs: 'Records contradict each other.', items: [] });
	assert.match(String(said.mock.calls[0]?.arguments[0]), /CorruptRecords: Records contradict each other\.$/);
});

test('a keeper that is on auction itself bids for nothing', async (context) => {
	context.mock.method(console, 'error', () => {});
	const { exchange, keeper } = make([auction()]);
	exchange.account = standing({ isFrozen: true });
	await keeper.round();
	assert.equal(exchange.bids.length, 0);
});

test('without an account it says so and bids for nothing', async () => {
	const { exchange, keeper } = make([auction()]);
	exchange.account = null;
	assert.equal(await keeper.round(), null);
	assert.equal(exchange.bids.length, 0);
});

test('settled waits for every bid', async () => {
	const { exchange, keeper } = make([named('one'), named('two')]);
	await keeper.round();
	let isSettled = false;
	void keeper.settled().then(() => (isSettled = true));
	await exchange.settle(DONE);
	assert.ok(!isSettled);
	await exchange.settle(failed('lost'));
	assert.ok(isSettled);
});
