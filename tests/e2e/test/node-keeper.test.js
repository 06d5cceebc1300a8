// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { account } from '../lib/accounts.js';
import { Chronicle, eventsIn, stateAt } from '../lib/exchange/chronicle.js';
import { isFree, isOf, startMarket, trade, withdrawAllBut } from '../lib/exchange/danger.js';
import { BTC, Trader, USD, nearestTheMoney } from '../lib/exchange/trading.js';
import { rawSpec } from '../lib/chain-spec.js';
import { prepareNode } from '../lib/node.js';
import { runBallast } from '../lib/process.js';
import { useNodes } from '../lib/suite.js';
import { waitFor } from '../lib/wait.js';

const KEY = '//Charlie//keeper';
const INDEX = 7;
/** Largest value of a slice, dollars: less than what is for sale. */
const MOST = 10_000;
const OPTIONS = [
	...['--keeper', '--keeper-index', `${INDEX}`, '--keeper-max-equity-usd', `${MOST}`],
	...['--keeper-bids-per-block', '2', '-l', 'keeper=debug'],
];
const PANIC = /panicked|stack backtrace/;
/** Blocks in which a keeper that can bid has to. */
const SOON = { limit: 20 };

const countOf = (node, pattern) => node.log().match(new RegExp(pattern, 'g'))?.length ?? 0;

// A validator bids from its own account, by a key in its keystore.
describe('a node that bids', () => {
	const bidder = account(KEY);
	let node, api, feed, chronicle, seller, keeper;

	/** As `useNodes`, with a node whose keystore has the key before its first start. */
	const keyed = {
		async start(options) {
			node = await prepareNode(options);
			const { code, stderr } = await runBallast([
				...['key', 'insert', '--chain', await rawSpec('dev'), '--base-path', node.basePath],
				...['--scheme', 'sr25519', '--key-type', 'keep', '--suri', KEY],
			]);
			assert.equal(code, 0, stderr);
			return node.start();
		},
	};

	before(async () => {
		let lines, tick;
		const args = ['--state-pruning', 'archive', ...OPTIONS];
		({ api, feed, lines, tick } = await startMarket(keyed, { args }));
		const { assets, balances, utility } = api.tx;
		const charlie = new Trader(api, '//Charlie', 0);
		const gifts = [
			balances.transferKeepAlive(bidder.address, 1_000n * 10n ** 12n),
			assets.transferKeepAlive(1, bidder.address, 500_000n * USD),
		];
		const [buyer] = await Promise.all([
			Trader.open(api, '//Bob', 1, { usdc: 5_000_000n * USD }),
			charlie.send(utility.batchAll(gifts)),
		]);
		seller = await Trader.open(api, '//Eve', 1, { usdc: 400_000n * USD });
		await trade(seller, buyer, [{ line: nearestTheMoney(lines), lots: -300n }], tick);
		await withdrawAllBut(seller, 100n * USD);
		chronicle = await Chronicle.begin(node, api);
	});

	afterEach((context) => {
		if (context?.passed === false) {
			console.error(node.logTail());
		}
	});
	after(async () => {
		await feed?.close();
		await node?.dispose();
	});

	it('is silent while there is nothing to bid for', async () => {
		await chronicle.turn();
		assert.equal(countOf(node, 'keeper: '), 0);
	});

	it('says that it has no account, once, and bids for nothing', async () => {
		feed.say('BTC', { vol: 0.9 });
		await chronicle.untilEvent('liquidation.AuctionOpened', isOf(seller));
		await waitFor('a warning', async () => countOf(node, 'no margin account of that number') > 0);
		for (let block = 0; block < 4; block += 1) {
			await chronicle.turn();
		}
		assert.equal(countOf(node, 'WARN.*no margin account of that number'), 1);
		assert.deepEqual(chronicle.all('liquidation.BidTaken'), []);
	});

	it('takes slices within its rules once it has an account, until the other is back at its target', async () => {
		keeper = await Trader.open(api, KEY, INDEX, { margin: 'Standard', usdc: 400_000n * USD });
		const { event } = await chronicle.untilEvent('liquidation.AuctionEnded', isOf(seller), { limit: 60 });
		assert.equal(event.reason, 'TargetReached');
		const bids = chronicle.all('liquidation.BidTaken');
		assert.ok(bids.length > 1, `${bids.length} bids: a slice is worth ${MOST} USD at most`);
		for (const { account: key, bidder: by, equity, price } of bids) {
			assert.ok(isOf(seller)({ account: key }) && isOf(keeper)({ account: by }));
			// What is seen and what is sold are a block apart.
			assert.ok(equity > 0n && equity <= (BigInt(MOST) * USD * 102n) / 100n, `${equity}`);
			assert.ok(price * 100n <= equity * 97n, `${equity} for ${price}`);
		}
		const blocks = bids.map(({ block }) => block.number);
		assert.equal(new Set(blocks).size, blocks.length, 'one bid at a time');
	});

	it('pays no fee for what it took, and keeps margin free', async () => {
		const [{ block }] = chronicle.all('liquidation.BidTaken');
		const { extrinsic } = eventsIn(block, 'liquidation.BidTaken')[0];
		const signed = await api.rpc.chain.getBlock(block.hash);
		const transaction = signed.block.extrinsics[extrinsic];
		assert.equal(transaction.signer.toString(), bidder.address);
		assert.ok(transaction.era.isMortalEra);
		const records = await (await api.at(block.hash)).query.system.events();
		const isItsOwn = ({ phase }) => phase.isApplyExtrinsic && phase.asApplyExtrinsic.eq(extrinsic);
		const events = records.filter(isItsOwn).map(({ event }) => event);
		assert.ok(await isFree(api, { blockHash: block.hash, events }, bidder.address));
		const { margin, positions } = await (await stateAt(api, chronicle.blocks.at(-1).hash)).report(keeper.key);
		assert.ok(margin.initial >= 900n * USD, `${margin.initial}`);
		assert.ok(positions.length > 0 && positions.every(({ series }) => series.underlying === BigInt(BTC)));
	});

	it('logs what it took, and has no bid under way that failed for want of a nonce', async () => {
		const taken = chronicle.all('liquidation.BidTaken').length;
		await waitFor('the last slice in the log', async () => countOf(node, 'keeper: took .* %') === taken);
		assert.equal(countOf(node, 'WARN.*a bid failed'), 0);
		assert.doesNotMatch(node.log(), PANIC);
		await chronicle.until('comes after the auction', () => true, SOON);
	});
});

describe('a development node that bids', () => {
	const nodes = useNodes();

	it('has the key of Bob if its keystore has none', async () => {
		const node = await nodes.start({ args: ['--keeper'] });
		const { address } = account('//Bob');
		await waitFor('the key in the log', async () => node.log().includes(`bids as //Bob, ${address}`));
	});
});
