// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { account } from '../lib/accounts.js';
import { bestHead } from '../lib/chain.js';
import { Chronicle, stateAt } from '../lib/exchange/chronicle.js';
import { WHOLE, isFree, paysNothing, isOf, startMarket, trade, withdrawAllBut } from '../lib/exchange/danger.js';
import { Flood } from '../lib/exchange/flood.js';
import { plain } from '../lib/exchange/plain.js';
import { Trader, USD, dataOf, nearestTheMoney, newOrder } from '../lib/exchange/trading.js';
import { LANES, dryRun, isNextBlock, lanesIn, sign, submit, validityOf, whereIs } from '../lib/pool.js';
import { useNodes } from '../lib/suite.js';
import { findEvent, sudo } from '../lib/transactions.js';
import { waitFor } from '../lib/wait.js';

const BAL = 10n ** 12n;
/** Orders of one account: more than its allowance is for. */
const GREEDY_ORDERS = 60;
/** What an account gets back in a block, of the time of a block, in parts per billion. */
const ALMOST_NOTHING = 100_000n;
/** Blocks in which every order of the flood has to be: a slow machine puts few into each. */
const FLOOD_BLOCKS = 300;
/** Blocks that the flood fills at least. */
const FULL_BLOCKS = 2;

const rankOf = (lane) => LANES.indexOf(lane);

// An auction runs, and everybody else wants to trade.
describe('lanes', () => {
	const nodes = useNodes();
	let node, api, feed, tick, near, flood;
	let buyer, victim, bidder, greedy;
	/** Who tips. */
	const dave = account('//Dave');

	const bid = () =>
		api.tx.liquidation.bid(victim.pair.address, victim.index, WHOLE, 10n ** 12n, bidder.index);
	const order = (changes) => newOrder({ series: near.series, side: 'Buy', price: tick, lots: 1, ...changes });
	const ioc = () => order({ kind: 'ImmediateOrCancel' });
	const transfer = () => api.tx.balances.transferKeepAlive(account('//Ferdie').address, BAL);

	before(async () => {
		let lines;
		({ node, api, feed, tick, lines } = await startMarket(nodes));
		near = nearestTheMoney(lines);
		[buyer, victim, bidder, greedy] = await Promise.all([
			Trader.open(api, '//Bob', 1, { usdc: 2_000_000n * USD }),
			Trader.open(api, '//Eve', 1, { usdc: 400_000n * USD }),
			Trader.open(api, '//Charlie', 1, { usdc: 2_000_000n * USD }),
			Trader.open(api, '//Ferdie', 1, { usdc: 1_000n * USD }),
		]);
		await trade(victim, buyer, [{ line: near, lots: -300n }], tick);
		await withdrawAllBut(victim, 100n * USD);
		flood = await Flood.prepare(node, api);
		const chronicle = await Chronicle.begin(node, api);
		// Dearer options, and no move of spot: what the lanes reserve for bids stays as it is.
		feed.say('BTC', { vol: 0.8 });
		await chronicle.untilEvent('liquidation.AuctionOpened', isOf(victim));
	});

	after(() => feed.close());

	it('order what waits: bids, reductions, quotes, other orders, the rest', async () => {
		const { orderBook } = api.tx;
		const expected = [
			[bid(), bidder, 'Solvency'],
			[orderBook.cancelAll(1), buyer, 'RiskDown'],
			[orderBook.place(1, order({ reduceOnly: true })), buyer, 'RiskDown'],
			[orderBook.place(1, order({ kind: 'PostOnly' })), buyer, 'Makers'],
			[orderBook.place(1, order()), buyer, 'Takers'],
			[orderBook.batch(1, ['CancelAll', { Place: order() }], 'BestEffort'), buyer, 'Takers'],
			[transfer(), buyer, 'General'],
		];
		for (const [call, { pair }, lane] of expected) {
			assert.equal((await validityOf(node, api, await sign(api, call, pair))).lane, lane, call.method.method);
		}
	});

	it('are not crossed by a tip', async () => {
		const priority = async (call, tip) =>
			(await validityOf(node, api, await sign(api, call, dave, { tip }))).priority;
		const rich = 500_000n * BAL;
		const calls = [transfer(), api.tx.orderBook.place(1, ioc()), api.tx.orderBook.cancelAll(1)];
		for (const [index, call] of calls.slice(0, -1).entries()) {
			assert.ok((await priority(call, rich)) > (await priority(call, 0n)), 'within a lane a tip helps');
			assert.ok((await priority(call, rich)) < (await priority(calls[index + 1], 0n)), 'but not beyond');
		}
	});

	describe('let one account have so much', () => {
		const nonceAt = async (hash) => {
			const { query } = await api.at(hash);
			return Number(plain(await query.system.account(greedy.pair.address)).nonce);
		};

		/** Sends orders of the one account, all at once, and follows what becomes of them up to `isIt(counts)`. */
		async function burst(size, what, isIt) {
			const nonce = await nonceAt((await bestHead(node)).hash);
			const call = api.tx.orderBook.place(greedy.index, ioc());
			const nonces = Array.from({ length: size }, (_, index) => nonce + index);
			const signed = nonces.map((each) => sign(api, call, greedy.pair, { nonce: each }));
			const [first, ...rest] = await Promise.all(signed);
			// All of them become ready with the first one.
			await Promise.all(rest.map((tx) => submit(node, tx)));
			const chronicle = await Chronicle.begin(node, api);
			await submit(node, first);
			const counts = [];
			await chronicle.until(what, async ({ hash }) => {
				counts.push((await lanesIn(api, hash)).length);
				return isIt(counts);
			});
			return { counts, blocks: chronicle.blocks };
		}

		const sum = (counts) => counts.reduce((total, count) => total + count, 0);
		/** In a block and none in the two after it. */
		const hasStopped = (counts) => sum(counts) > 0 && counts.length > 2 && sum(counts.slice(-2)) === 0;

		it('and keep its other orders waiting, although there is room', async () => {
			const hasAll = (counts) => sum(counts) === GREEDY_ORDERS;
			const { counts, blocks } = await burst(GREEDY_ORDERS, 'has the last of them', hasAll);
			assert.ok(Math.max(...counts) < GREEDY_ORDERS, `${counts}`);
			for (const { hash } of blocks) {
				const { takers } = (await (await stateAt(api, hash)).lanes()).lanes;
				assert.ok(takers.fullness < 500_000_000n, 'the lane is not half full');
			}
		});

		it('which a block answers with its code, the pool with the last place, and a cancel passes', async () => {
			await greedy.place(order());
			const usual = await changeLimit({ refill: ALMOST_NOTHING });
			const { counts, blocks } = await burst(GREEDY_ORDERS, 'comes after the last that fits', hasStopped);
			assert.ok(sum(counts) < GREEDY_ORDERS);
			const { hash, number } = blocks.at(-1);
			const signed = async (call) => sign(api, call, greedy.pair, { nonce: await nonceAt(hash) });
			const another = await signed(api.tx.orderBook.place(greedy.index, order()));
			assert.equal(await dryRun(node, api, another, hash), 'Invalid.ExhaustsResources');
			assert.equal((await validityOf(node, api, another, hash)).priority, 0n);

			// It takes the place of the next order that waits.
			const cancel = await submit(node, await signed(api.tx.orderBook.cancelAll(greedy.index)));
			const found = await whereIs(node, api, cancel.hash, number);
			assert.ok(await isNextBlock(node, api, found.number, cancel.acceptedAt));
			// The cancel gives back some of what the account may send: its next order may be in the same block, and is paid for.
			assert.ok(paysNothing(found.events));
			findEvent(found.events, 'orderBook.OrderCancelled');
			await changeLimit({ refill: usual.refill });
			const pending = async () => (await node.rpc('author_pendingExtrinsics')).length;
			await waitFor('the orders that waited', async () => (await pending()) === 0);
		});

		/** Changes the limit of an account; what it was before. */
		async function changeLimit(changes) {
			const parameters = plain(await api.query.lanes.parameters());
			const { limit } = parameters;
			const changed = { ...parameters, limit: { ...limit, ...changes } };
			await sudo(api, api.tx.lanes.setParameters(changed), account('//Alice'));
			return limit;
		}
	});

	describe('in a flood of orders', () => {
		let chronicle;
		let resting;
		let sent;
		let txs;
		let quotes;

		const quote = async (tx, ...at) =>
			BigInt((await node.rpc('payment_queryInfo', tx.toHex(), ...at)).partialFee);

		before(async () => {
			const { events } = await buyer.place(order());
			resting = dataOf(findEvent(events, 'orderBook.OrderPlaced')).order;
			await flood.load(near.series, tick);
			txs = {
				transfer: await sign(api, transfer(), account('//Alice'), { tip: 900_000n * BAL }),
				tipped: await sign(api, api.tx.orderBook.place(1, ioc()), dave, { tip: 1_000n * BAL }),
				cancel: await sign(api, api.tx.orderBook.cancel(buyer.index, resting.id), buyer.pair),
				bid: await sign(api, bid(), bidder.pair),
			};
			quotes = { order: await quote(txs.tipped), cancel: await quote(txs.cancel) };
			chronicle = await Chronicle.begin(node, api);
			await flood.release();
			sent = {};
			for (const [name, tx] of Object.entries(txs)) {
				sent[name] = await submit(node, tx);
			}
			const first = chronicle.next;
			for (const each of Object.values(sent)) {
				each.found = await whereIs(node, api, each.hash, first);
			}
		});

		it('a bid and a cancel are in the next block', async () => {
			for (const { found, acceptedAt } of [sent.bid, sent.cancel]) {
				assert.ok(await isNextBlock(node, api, found.number, acceptedAt));
				assert.equal(findEvent(found.events, 'system.ExtrinsicSuccess').method, 'ExtrinsicSuccess');
			}
			const taken = dataOf(findEvent(sent.bid.found.events, 'liquidation.BidTaken'));
			assert.ok(isOf(victim)(taken) && isOf(bidder)({ account: taken.bidder }));
			const cancelled = dataOf(findEvent(sent.cancel.found.events, 'orderBook.OrderCancelled'));
			assert.equal(cancelled.order, resting.id);
			assert.ok(await isFree(api, sent.bid.found, bidder.pair.address));
			assert.ok(await isFree(api, sent.cancel.found, buyer.pair.address));
		});

		it('every block is in the order of the lanes, whatever was tipped', async () => {
			const hasAll = async ({ hash, number }) => {
				const body = await lanesIn(api, hash);
				const ranks = body.map(({ lane }) => rankOf(lane));
				assert.deepEqual(ranks, [...ranks].sort((a, b) => b - a), `block ${number}`);
				return flood.seen(body.map((each) => each.hash)) || (body.length === 0 && (await flood.hasDried()));
			};
			await chronicle.until('has the last order', hasAll, { limit: FLOOD_BLOCKS });
			// The price of the last one shows in the next.
			await chronicle.turn();
			const bodyOf = ({ found }) => lanesIn(api, found.blockHash);
			const takers = (await bodyOf(sent.tipped)).filter(({ lane }) => lane === 'Takers');
			assert.equal(takers[0].hash, sent.tipped.hash, 'a tip counts among its own');
			const body = await bodyOf(sent.transfer);
			assert.ok(body.some(({ lane }) => lane === 'Takers'), 'the transfer found room beside the flood');
			assert.equal(body.at(-1).hash, sent.transfer.hash, 'and the greatest tip got it nothing');
		});

		it('its lane becomes dearer, the others do not', async () => {
			const lanes = await Promise.all(
				chronicle.blocks.map(async ({ hash }) => (await (await stateAt(api, hash)).lanes()).lanes),
			);
			const after = (index) => lanes[index + 1]?.takers.multiplier;
			const full = lanes.flatMap(({ takers }, index) =>
				takers.fullness > 500_000_000n ? [{ price: takers.multiplier, next: after(index) }] : [],
			);
			assert.ok(full.length >= FULL_BLOCKS, `${full.length} full blocks`);
			assert.ok(full.every(({ price, next }) => next > price));
			for (const lane of ['solvency', 'riskDown', 'makers', 'general']) {
				const of = lanes.map((each) => each[lane].multiplier);
				assert.ok(of.every((price, index) => index === 0 || price <= of[index - 1]), `${lane}: ${of}`);
			}
		});

		it('as a wallet is told beforehand', async () => {
			const priceAt = async ({ hash }) => (await (await stateAt(api, hash)).lanes()).lanes.takers.multiplier;
			const prices = await Promise.all(chronicle.blocks.map(priceAt));
			const highest = prices.reduce((one, other) => (one > other ? one : other));
			const dearest = chronicle.blocks[prices.indexOf(highest)];
			assert.ok((await quote(txs.tipped, dearest.hash)) > quotes.order);
			assert.equal(await quote(txs.cancel, dearest.hash), quotes.cancel);
		});
	});
});
