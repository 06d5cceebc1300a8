// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { account } from '../lib/accounts.js';
import { bestHead } from '../lib/chain.js';
import { Chronicle, stateAt } from '../lib/exchange/chronicle.js';
import { WHOLE, isFree, isOf, startMarket, trade, withdrawAllBut } from '../lib/exchange/danger.js';
import { Flood } from '../lib/exchange/flood.js';
import { plain } from '../lib/exchange/plain.js';
import { Trader, USD, dataOf, nearestTheMoney, newOrder } from '../lib/exchange/trading.js';
import { LANES, dryRun, isNextBlock, lanesIn, sign, submit, validityOf, whereIs } from '../lib/pool.js';
import { useNodes } from '../lib/suite.js';
import { findEvent, sudo } from '../lib/transactions.js';
import { waitFor } from '../lib/wait.js';

const BAL = 10n ** 12n;
/** Orders of one account: more than its allowance is for. */
const GREEDY_ORDERS = 40;
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
});
