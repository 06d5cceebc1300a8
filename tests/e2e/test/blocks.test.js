// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { u8aToHex } from '@polkadot/util';

import { account } from '../lib/accounts.js';
import {
	bestHead,
	finalizedHead,
	headAt,
	runtimeValue,
	waitForBlock,
	waitForFinalized,
} from '../lib/chain.js';
import { authorOf, slotOf } from '../lib/digest.js';
import { countSigners, nextJustification } from '../lib/grandpa.js';
import { useNodes } from '../lib/suite.js';

const SLOT_MS = 500;
const BLOCKS = 10;

describe('blocks and finality of a lone authority', () => {
	const nodes = useNodes();
	let node;

	before(async () => {
		node = await nodes.start();
	});

	it('advances the best and the finalized block', async () => {
		const best = await bestHead(node);
		const finalized = await finalizedHead(node);
		await waitForBlock(node, best.number + BLOCKS);
		await waitForFinalized(node, finalized.number + BLOCKS);
	});

	it('never finalizes above the best block', async () => {
		const last = (await bestHead(node)).number + BLOCKS;
		let finalized;
		do {
			// In this order: the best block read later may only be higher.
			finalized = await finalizedHead(node);
			const best = await bestHead(node);
			assert.ok(finalized.number <= best.number, `${finalized.number} > ${best.number}`);
			const onBestChain = await headAt(node, finalized.number);
			assert.equal(finalized.hash, onBestChain.hash, 'the finalized block is on the best chain');
		} while (finalized.number < last);
	});

	it('makes one block per slot, each with a timestamp inside its slot', async () => {
		const slotMs = await runtimeValue(node, 'AuraApi_slot_duration', 'u64');
		assert.equal(slotMs.toNumber(), SLOT_MS);
		const api = await node.api();
		const last = (await waitForFinalized(node, BLOCKS)).number;
		let previous = 0;
		for (let number = 1; number <= last; number += 1) {
			const { hash, header } = await headAt(node, number);
			const slot = slotOf(header);
			const timestamp = (await (await api.at(hash)).query.timestamp.now()).toNumber();
			assert.equal(Math.floor(timestamp / SLOT_MS), slot, `block ${number}: ${timestamp} ms`);
			assert.ok(slot > previous, `block ${number}: slot ${slot} comes after ${previous}`);
			previous = slot;
		}
	});

	it('seals every block with the key of its slot', async () => {
		const alice = u8aToHex(account('//Alice').publicKey);
		const last = (await waitForFinalized(node, BLOCKS)).number;
		for (let number = 1; number <= last; number += 1) {
			const { header } = await headAt(node, number);
			assert.equal(await authorOf(node, header), alice);
		}
	});

	it('justifies finality with the signature of the authority', async () => {
		const justification = await nextJustification(node);
		const number = justification.commit.targetNumber.toNumber();
		assert.equal(justification.commit.targetHash.toHex(), (await headAt(node, number)).hash);
		assert.deepEqual(await countSigners(node, justification), { signers: 1, authorities: 1 });
	});
});
