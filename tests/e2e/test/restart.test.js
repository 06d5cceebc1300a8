// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { account } from '../lib/accounts.js';
import { blockHash, finalizedHead, waitForBlock, waitForFinalized } from '../lib/chain.js';
import { useNodes } from '../lib/suite.js';
import { signAndWait } from '../lib/transactions.js';

const BAL = 10n ** 12n;
const BLOCKS = 6;
const KILLS = 3;

describe('a node killed while it produces blocks', () => {
	const nodes = useNodes();
	const [eve, ferdie] = ['//Eve', '//Ferdie'].map(account);
	let node;

	before(async () => {
		node = await nodes.start();
	});

	for (let kill = 1; kill <= KILLS; kill += 1) {
		it(`comes back with its finalized chain (kill ${kill} of ${KILLS})`, async () => {
			const api = await node.api();
			const transfer = api.tx.balances.transferKeepAlive(ferdie.address, BAL);
			const { blockHash: included } = await signAndWait(api, transfer, eve, { finalized: true });
			const nonce = await node.rpc('system_accountNextIndex', eve.address);
			const start = (await finalizedHead(node)).number;
			const last = await waitForFinalized(node, start + BLOCKS);
			await node.killHard();
			await node.restart();

			assert.ok(
				(await finalizedHead(node)).number >= last.number,
				'what was final before the kill is final after it',
			);
			assert.equal(await blockHash(node, last.number), last.hash);
			const header = await node.rpc('chain_getHeader', included);
			assert.equal(await blockHash(node, Number(header.number)), included);
			assert.equal(await node.rpc('system_accountNextIndex', eve.address), nonce);

			await waitForBlock(node, last.number + BLOCKS);
			await waitForFinalized(node, last.number + BLOCKS);
		});
	}

	it('stops in order on SIGTERM and goes on from there', async () => {
		const last = await finalizedHead(node);
		await node.stop();
		assert.equal(node.exitCode, 0);
		await node.restart();
		assert.equal(await blockHash(node, last.number), last.hash);
		await waitForFinalized(node, last.number + BLOCKS);
	});
});

describe('a node whose genesis state is pruned', () => {
	const nodes = useNodes();
	const KEPT = 16;

	it('starts again from the file of its chain', async () => {
		const node = await nodes.start({ args: ['--state-pruning', `${KEPT}`] });
		const last = await waitForFinalized(node, 3 * KEPT);
		await assert.rejects(
			async () => node.rpc('state_getRuntimeVersion', await blockHash(node, 0)),
			'the state of the genesis is gone',
		);
		await node.stop();
		await node.restart();
		assert.equal(await blockHash(node, last.number), last.hash);
		await waitForFinalized(node, last.number + BLOCKS);
	});
});
