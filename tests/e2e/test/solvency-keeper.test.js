// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { account } from '../lib/accounts.js';
import { Chronicle, eventsIn, stateAt } from '../lib/exchange/chronicle.js';
import { auditAt, edgeOf, isOf, startMarket, trade, withdrawAllBut } from '../lib/exchange/danger.js';
import { Trader, USD, nearestTheMoney } from '../lib/exchange/trading.js';
import { KeeperProcess } from '../lib/keeper.js';
import { useNodes } from '../lib/suite.js';

// The bot of the guide, on its own: nobody else bids.
describe('a keeper', () => {
	const nodes = useNodes();
	const own = account('//Keeper');
	let node, api, feed, chronicle, keeper;
	let sellers;
	let taken;

	before(async () => {
		let lines, tick;
		({ node, api, feed, tick, lines } = await startMarket(nodes));
		const near = nearestTheMoney(lines);
		const buyer = await Trader.open(api, '//Bob', 1, { usdc: 2_000_000n * USD });
		sellers = await Promise.all(
			['//Eve', '//Ferdie'].map((path) => Trader.open(api, path, 1, { usdc: 200_000n * USD })),
		);
		for (const seller of sellers) {
			await trade(seller, buyer, [{ line: near, lots: -50n }], tick);
			await withdrawAllBut(seller, 100n * USD);
		}
		chronicle = await Chronicle.begin(node, api);
	});

	after(async () => {
		await keeper?.stop();
		await feed.close();
	});

	afterEach((context) => {
		if (context?.passed === false) {
			console.error(keeper?.output);
		}
	});

	it('begins with nothing, and is filled on a development chain', async () => {
		keeper = new KeeperProcess(node, ['--status', '1']);
		await keeper.says(/0 auctions, 0 worth a bid .* equity 100,000/);
	});

	it('resolves every auction', async () => {
		await chronicle.catchUp();
		feed.say('BTC', { spot: (await edgeOf(sellers[0])) * 1.01 });
		const { block } = await chronicle.untilEvent('liquidation.AuctionOpened');
		const ended = (seller) => chronicle.all('liquidation.AuctionEnded').some(isOf(seller));
		await chronicle.until('ends the last auction', () => sellers.every(ended));
		assert.ok(chronicle.all('liquidation.AuctionEnded').every(({ reason }) => reason === 'TargetReached'));
		taken = chronicle.all('liquidation.BidTaken');
		assert.ok(taken.every(({ bidder }) => bidder.owner === own.address));
		for (const seller of sellers) {
			assert.ok(taken.some(isOf(seller)), 'each by a bid');
		}
		const [first] = taken;
		assert.ok(first.block.number > block.number);
	});

	it('pays less than it gets, and keeps its margin', async () => {
		for (const { equity, price } of taken) {
			assert.ok(price > 0n && price * 100n <= equity * 96n, `${price} for ${equity}`);
		}
		const { hash } = chronicle.blocks.at(-1);
		const { margin, positions } = await (await stateAt(api, hash)).report({ owner: own.address, index: 0 });
		assert.ok(positions.length > 0 && margin.initial > 0n && margin.equity > 100_000n * USD);
		assert.deepEqual((await auditAt(api, hash)).missed, []);
	});

	it('pays no fee for bids that are taken', async () => {
		for (const { block, account: key } of taken) {
			const isIt = ({ data }) => data.account.owner === key.owner;
			const { extrinsic } = eventsIn(block, 'liquidation.BidTaken').find(isIt);
			const fees = eventsIn(block, 'transactionPayment.TransactionFeePaid');
			const own = fees.filter((fee) => fee.extrinsic === extrinsic);
			assert.deepEqual(own.map(({ data }) => data.actualFee), [0n]);
		}
	});

	it('says what it does, and ends when asked', async () => {
		await keeper.says(/took [\d.]+ % of /);
		await keeper.says(/\| [1-9] positions/);
		assert.doesNotMatch(keeper.output, /error:/);
		assert.equal(await keeper.stop(), 0);
	});
});
