// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { u8aToHex } from '@polkadot/util';

import { account } from '../lib/accounts.js';
import {
	bestHead,
	blockHash,
	finalizedHead,
	headAt,
	waitForBlock,
	waitForFinalized,
} from '../lib/chain.js';
import { authorOf } from '../lib/digest.js';
import { countSigners, nextJustification } from '../lib/grandpa.js';
import { waitForPeers } from '../lib/network.js';
import { useNodes } from '../lib/suite.js';
import { waitFor } from '../lib/wait.js';

const QUORUM = 3;
const VALIDATORS = 4;
/** Enough blocks for every validator to have several slots. */
const ROUNDS = 3 * VALIDATORS;

const publicKeyOf = (name) =>
	u8aToHex(account(`//${name[0].toUpperCase()}${name.slice(1)}`).publicKey);

/** Authors of the blocks `from` to `to` on the best chain of `node`. */
async function authorsBetween(node, from, to) {
	const authors = new Set();
	for (let number = from; number <= to; number += 1) {
		authors.add(await authorOf(node, (await headAt(node, number)).header));
	}
	return authors;
}

/** Asserts that all `nodes` have the same block at `number`, and call it final. */
async function assertSameFinal(nodes, number) {
	await Promise.all(nodes.map((node) => waitForFinalized(node, number)));
	const hashes = await Promise.all(nodes.map((node) => blockHash(node, number)));
	assert.deepEqual(hashes, hashes.map(() => hashes[0]));
}

describe('four validators', () => {
	const nodes = useNodes();
	let validators;
	let alice;
	let bob;
	let charlie;
	let dave;

	before(async () => {
		validators = await nodes.startNetwork(VALIDATORS);
		[alice, bob, charlie, dave] = validators;
	});

	it('all author, and agree on what is final', async () => {
		const expected = new Set(validators.map(({ name }) => publicKeyOf(name)));
		await waitFor('a block of every validator', async () => {
			const { number } = await bestHead(alice);
			const authors = await authorsBetween(alice, Math.max(1, number - ROUNDS), number);
			return authors.size === expected.size && [...authors].every((author) => expected.has(author));
		});
		await assertSameFinal(validators, (await bestHead(alice)).number);
	});

	it('justify finality by the signatures of more than two thirds', async () => {
		const { signers, authorities } = await countSigners(alice, await nextJustification(alice));
		assert.equal(authorities, VALIDATORS);
		assert.ok(signers >= QUORUM, `${signers} signatures`);
	});

	it('go on finalizing when one is killed', async () => {
		await dave.killHard();
		const from = (await bestHead(alice)).number + VALIDATORS;
		await assertSameFinal([alice, bob, charlie], from + ROUNDS);
		const authors = await authorsBetween(alice, from, from + ROUNDS);
		assert.ok(!authors.has(publicKeyOf('dave')), 'a dead validator authors nothing');
	});

	it('stop finalizing, and say so, when two are killed', async () => {
		await charlie.killHard();
		// Votes cast before the kill may still complete a round.
		await waitForBlock(alice, (await bestHead(alice)).number + VALIDATORS);
		const stuck = await finalizedHead(alice);
		const last = (await bestHead(alice)).number + ROUNDS;
		for (const node of [alice, bob]) {
			await waitForBlock(node, last);
			const finalized = await finalizedHead(node);
			assert.ok(finalized.number <= stuck.number, `${finalized.number} final, was ${stuck.number}`);
		}
		const { best } = await alice.rpc('grandpa_roundState');
		assert.equal(best.thresholdWeight, QUORUM);
		assert.ok(best.precommits.currentWeight < QUORUM, JSON.stringify(best));
		assert.ok(best.precommits.missing.length > VALIDATORS - QUORUM, JSON.stringify(best));
	});

	it('finalize the waiting blocks when one comes back', async () => {
		const waiting = (await bestHead(alice)).number;
		await charlie.restart();
		await assertSameFinal([alice, bob, charlie], waiting);
	});

	it('take the last one back', async () => {
		await dave.restart();
		const { number } = await bestHead(alice);
		await assertSameFinal(validators, number + ROUNDS);
		const key = publicKeyOf('dave');
		await waitFor('a block of the one that came back', async () => {
			const best = (await bestHead(alice)).number;
			return (await authorsBetween(alice, best - VALIDATORS, best)).has(key);
		});
	});

	it('are followed by a node that syncs from genesis', async () => {
		const full = await nodes.start({
			name: 'full',
			chain: 'local',
			validator: false,
			bootnodes: validators,
		});
		const { number } = await finalizedHead(alice);
		await assertSameFinal([full, alice], number);
		assert.ok((await full.rpc('state_getRuntimeVersion', await blockHash(full, 1))).specVersion);
		assert.equal(await full.rpc('system_nodeRoles').then(([role]) => role), 'Full');
	});

	it('are followed by a node that joins by warp sync', async () => {
		const warp = await nodes.start({
			name: 'warp',
			chain: 'local',
			validator: false,
			args: ['--sync', 'warp'],
			bootnodes: validators,
		});
		await waitForPeers(warp, QUORUM);
		await assertSameFinal([warp, alice], (await finalizedHead(alice)).number);
		// A node that executed every block has this state; a warp sync skips it.
		await assert.rejects(async () =>
			warp.rpc('state_getRuntimeVersion', await blockHash(alice, 1)),
		);
	});
});
