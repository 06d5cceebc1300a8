// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Chronicle, eventsIn, stateAt } from '../lib/exchange/chronicle.js';
import {
	WHOLE,
	auditAt,
	edgeOf,
	hasRound,
	isFree,
	isOf,
	startMarket,
	trade,
	withdrawAllBut,
} from '../lib/exchange/danger.js';
import { BTC, Trader, USD, USDC, dataOf, nearestTheMoney, onTick } from '../lib/exchange/trading.js';
import { plain } from '../lib/exchange/plain.js';
import { useNodes } from '../lib/suite.js';
import { findEvent } from '../lib/transactions.js';

/** Blocks without prices through which nothing may happen. */
const QUIET_BLOCKS = 6;

// One account is on auction and another one near the edge when prices stop. The market goes on where the chain
// does not see it, beyond that edge.
describe('without prices', () => {
	const nodes = useNodes();
	let node, api, feed, tick, near, chronicle;
	/** On auction; next; who holds the other side; who is short as well and rests an order; who bids. */
	let first, second, buyer, short, bidder;
	let price;
	/** The block whose prices were the last ones, and the first one that calls them old. */
	let silent;
	let stale;

	const auctionAt = async (hash) => (await stateAt(api, hash)).auction(first.key);
	const marketAt = async (hash) => (await stateAt(api, hash)).market(BTC);
	const bid = () => api.tx.liquidation.bid(first.pair.address, first.index, WHOLE, 10n ** 12n, bidder.index);

	before(async () => {
		let lines;
		({ node, api, feed, tick, lines } = await startMarket(nodes));
		near = nearestTheMoney(lines);
		price = onTick(near.mark, tick);
		const rich = { usdc: 2_000_000n * USD };
		[buyer, short, first, second, bidder] = await Promise.all([
			Trader.open(api, '//Bob', 1, rich),
			Trader.open(api, '//Dave', 1, rich),
			Trader.open(api, '//Eve', 1, { usdc: 400_000n * USD }),
			Trader.open(api, '//Ferdie', 1, { usdc: 400_000n * USD }),
			Trader.open(api, '//Charlie', 1, { ...rich, margin: 'Standard' }),
		]);
		for (const seller of [first, second, short]) {
			await trade(seller, buyer, [{ line: near, lots: -200n }], tick);
		}
		// The second one has more to spare: its edge is farther.
		await Promise.all([withdrawAllBut(first, 100n * USD), withdrawAllBut(second, 8_000n * USD)]);
	});

	after(() => feed.close());

	it('an auction stops', async () => {
		const [edge, further] = [await edgeOf(first), await edgeOf(second)];
		assert.ok(further > edge * 1.03, `${edge} ${further}`);
		chronicle = await Chronicle.begin(node, api);
		feed.say('BTC', { spot: edge * 1.01 });
		await chronicle.untilEvent('liquidation.AuctionOpened', isOf(first));
		const hasCome = async ({ hash }) => Number((await marketAt(hash)).spot) / 1e6 > edge * 1.009;
		const { hash } = await chronicle.until('has the price', hasCome);
		const mark = await (await stateAt(api, hash)).mark(near.series);
		await short.place({ series: near.series, side: 'Buy', price: onTick(mark, tick) - tick, lots: 50 });
		await chronicle.catchUp();
		feed.silence();
		feed.say('BTC', { spot: further * 1.03 });
		await chronicle.until('has no round', (block) => !hasRound(block));
		silent = chronicle.blocks.length - 1;
		await chronicle.until('has old prices', async ({ hash }) => !(await auctionAt(hash)).isOpen);
		stale = chronicle.blocks.at(-1);
		const { ageMillis } = await marketAt(stale.hash);
		const maxAge = plain(await api.query.prices.parameters()).maxAgeMillis;
		assert.ok(ageMillis > maxAge && ageMillis < maxAge + 3_000n, `${ageMillis}`);
	});

	it('nothing is liquidated, and no discount grows', async () => {
		while (chronicle.blocks.at(-1).number < stale.number + QUIET_BLOCKS) {
			await chronicle.turn();
		}
		const names = ['AuctionOpened', 'BidTaken', 'VaultTook', 'AuctionEnded', 'MarginCalled'];
		const quiet = chronicle.blocks.slice(silent);
		const of = (block) => names.flatMap((name) => eventsIn(block, `liquidation.${name}`));
		const happened = quiet.flatMap(of);
		assert.deepEqual(happened, []);
		const [then, now] = await Promise.all([stale, quiet.at(-1)].map(({ hash }) => auctionAt(hash)));
		assert.deepEqual([now.isOpen, now.maxShare, now.price], [false, 0n, 0n]);
		assert.equal(now.auction.elapsedMillis, then.auction.elapsedMillis);
		const audit = await auditAt(api, quiet.at(-1).hash);
		assert.deepEqual([audit.frozen, audit.missed], [1n, []]);
		assert.ok(audit.unpriced >= 3n, `${audit.unpriced} accounts cannot be judged`);
	});

	it('no bid is taken, and one that is sent pays for itself', async () => {
		const failure = await bidder.send(bid()).catch((error) => error);
		assert.equal(failure.code, 'liquidation.PricesStale');
		const [, fee] = findEvent(failure.outcome.events, 'transactionPayment.TransactionFeePaid').data;
		assert.ok(fee.toBigInt() > 0n);
	});

	it('what adds risk is refused', async () => {
		const { series } = near;
		const stalePrices = { code: 'clearing.PricesStale' };
		await assert.rejects(buyer.place({ series, side: 'Buy', price: tick, lots: 1 }), stalePrices);
		await assert.rejects(short.place({ series, side: 'Sell', price: price * 2n, lots: 1 }), stalePrices);
		await assert.rejects(buyer.send(api.tx.clearing.withdraw(buyer.index, USDC, USD)), stalePrices);
	});

	it('reductions, cancels and deposits go through', async () => {
		const [resting] = (await short.state()).orders;
		const { series, price: offered } = resting;
		const sell = { series, side: 'Sell', price: offered, lots: 30, kind: 'ImmediateOrCancel' };
		const sold = await buyer.place({ ...sell, reduceOnly: true });
		assert.equal(dataOf(findEvent(sold.events, 'orderBook.Filled')).lots, 30n);
		assert.ok(await isFree(api, sold, buyer.pair.address));
		const cancelled = await short.send(api.tx.orderBook.cancel(short.index, resting.id));
		assert.ok(await isFree(api, cancelled, short.pair.address));
		await second.send(api.tx.clearing.deposit(second.index, USDC, USD));
		const topUp = await first.send(api.tx.liquidation.topUp(first.index, 10n * USD));
		assert.equal(dataOf(findEvent(topUp.events, 'clearing.PaidIn')).amount, 10n * USD);
	});

	it('the first round after the gap comes first, and finds who is in danger by it', async () => {
		await chronicle.catchUp();
		const { auction: before } = await auctionAt(chronicle.blocks.at(-1).hash);
		feed.speak();
		const block = await chronicle.until('has a round', hasRoundOfBtc);
		const [opened] = eventsIn(block, 'liquidation.AuctionOpened');
		assert.ok(opened && isOf(second)(opened.data), 'in the same block');
		assert.equal(opened.extrinsic, null);
		const rounds = chronicle.blocks.slice(silent).filter(hasRoundOfBtc);
		assert.equal(rounds[0].number, block.number, 'the first round since prices stopped');
		const { auction, isOpen } = await auctionAt(block.hash);
		assert.ok(isOpen, 'bids are taken again');
		const parent = await stateAt(api, block.header.parentHash.toHex());
		const passed = (await (await stateAt(api, block.hash)).time()) - (await parent.time());
		assert.ok(auction.elapsedMillis - before.elapsedMillis <= passed, 'the gap is no time of the auction');
		const audit = await auditAt(api, block.hash);
		assert.deepEqual([audit.frozen, audit.unpriced, audit.missed], [2n, 0n, []]);
	});

	it('and bids and orders are taken again', async () => {
		const { events } = await bidder.send(bid());
		assert.ok(isOf(first)(dataOf(findEvent(events, 'liquidation.BidTaken'))));
		await buyer.place({ series: near.series, side: 'Buy', price: tick, lots: 1 });
	});
});

const hasRoundOfBtc = (block) => hasRound(block, BTC);
