// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { account } from '../lib/accounts.js';
import { Chronicle } from '../lib/exchange/chronicle.js';
import { auditAt, eventOf, isOf, marginOf, startMarket, trade, withdrawAllBut } from '../lib/exchange/danger.js';
import { plain } from '../lib/exchange/plain.js';
import { ONE_WBTC, Trader, USD, WBTC, nearestTheMoney } from '../lib/exchange/trading.js';
import { useNodes } from '../lib/suite.js';
import { sudo } from '../lib/transactions.js';

/** What of a collateral does not count after the change, parts per billion. */
const HAIRCUT = 600_000_000;

// Two accounts sell the same options against dollars and bitcoin, one of them with much to spare. Prices stand still.
describe('a larger haircut', () => {
	const nodes = useNodes();
	let node, api, feed, tick, lines;
	/** Who buys the options; who sells them and relies on the bitcoin; who does not. */
	let buyer, bare, rich;

	before(async () => {
		({ node, api, feed, tick, lines } = await startMarket(nodes));
		const fund = { usdc: 400_000n * USD, wbtc: ONE_WBTC / 2n };
		[buyer, bare, rich] = await Promise.all([
			Trader.open(api, '//Bob', 1, { usdc: 2_000_000n * USD }),
			Trader.open(api, '//Eve', 1, fund),
			Trader.open(api, '//Ferdie', 1, fund),
		]);
		for (const seller of [bare, rich]) {
			await trade(seller, buyer, [{ line: nearestTheMoney(lines), lots: -400n }], tick);
		}
		await withdrawAllBut(bare, 500n * USD);
	});

	after(() => feed.close());

	it('has everybody looked at, although no price moves', async () => {
		const chronicle = await Chronicle.begin(node, api);
		const terms = plain(await api.query.clearing.collaterals(WBTC));
		const larger = { ...terms, haircutMaintenancePpb: HAIRCUT };
		const { blockHash } = await sudo(api, api.tx.clearing.setCollateral(WBTC, larger), account('//Alice'));
		const change = await api.rpc.chain.getHeader(blockHash);
		const { missed } = await auditAt(api, blockHash);
		assert.equal(missed.length, 1, 'one account is in danger when the rules have changed');
		const { block } = await chronicle.untilEvent('liquidation.AuctionOpened', isOf(bare));
		assert.equal(block.number, change.number.toNumber() + 1, 'found in the next block');
		assert.equal(eventOf(block, 'liquidation.AuctionOpened', rich), undefined);
		assert.deepEqual((await auditAt(api, block.hash)).missed, []);
		assert.ok((await marginOf(rich)).maintenance > 0n);
	});
});
