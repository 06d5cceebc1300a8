// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { hexToU8a, u8aToHex } from '@polkadot/util';

import { account } from '../lib/accounts.js';
import {
	bestHead,
	blockHash,
	headAt,
	runtimeValue,
	waitForBlock,
	waitForFinalized,
} from '../lib/chain.js';
import { authorOf } from '../lib/digest.js';
import { countSigners, nextJustification } from '../lib/grandpa.js';
import { waitForPeers } from '../lib/network.js';
import { useNodes } from '../lib/suite.js';
import { signAndWait } from '../lib/transactions.js';
import { waitFor } from '../lib/wait.js';

const BLOCKS = 5;
const KEY_BYTES = 32;

/** `keys` as the runtime lists them: Aura's, then GRANDPA's. */
function splitKeys(keys) {
	const bytes = hexToU8a(keys);
	return [bytes.slice(0, KEY_BYTES), bytes.slice(KEY_BYTES)].map((key) => u8aToHex(key));
}

const hexes = (list) => [...list].map((item) => item.toHex());

describe('rotation of session keys', () => {
	const nodes = useNodes();
	const alice = account('//Alice');
	let validator;
	let followers;
	let api;
	let keys;
	let firstBlock;

	before(async () => {
		// Should finality stand still, its log says at which step of a round.
		validator = await nodes.start({ name: 'validator', args: ['-lgrandpa=debug'] });
		followers = await Promise.all(
			['follower-1', 'follower-2'].map((name) =>
				nodes.start({ name, validator: false, bootnodes: [validator] }),
			),
		);
		api = await validator.api();
	});

	it('takes no keys whose owner did not prove to hold them', async () => {
		const owner = u8aToHex(account('//Bob').publicKey);
		const stolen = await validator.rpc('author_rotateKeysWithOwner', owner);
		await assert.rejects(
			signAndWait(api, api.tx.session.setKeys(stolen.keys, stolen.proof), alice),
			{ code: 'session.InvalidProof' },
		);
	});

	it('makes keys in the node, and registers them', async () => {
		const owner = u8aToHex(alice.publicKey);
		const rotated = await validator.rpc('author_rotateKeysWithOwner', owner);
		keys = rotated.keys;
		assert.equal(await validator.rpc('author_hasSessionKeys', keys), true);
		assert.equal(await followers[0].rpc('author_hasSessionKeys', keys), false);
		await signAndWait(api, api.tx.session.setKeys(keys, rotated.proof), alice);
		const next = (await api.query.session.nextKeys(alice.address)).unwrap();
		assert.equal(next.toHex(), keys);
	});

	it('puts the new keys into the authorities within two sessions', async () => {
		const [aura, grandpa] = splitKeys(keys);
		const start = (await api.query.session.currentIndex()).toNumber();
		await waitFor('the new Aura key among the authorities', async () => {
			const authorities = await runtimeValue(validator, 'AuraApi_authorities', 'Vec<[u8; 32]>');
			return hexes(authorities).includes(aura);
		});
		const passed = (await api.query.session.currentIndex()).toNumber() - start;
		assert.ok(passed <= 2, `${passed} session changes`);
		firstBlock = (await bestHead(validator)).number + 1;
		const voters = await runtimeValue(validator, 'GrandpaApi_grandpa_authorities', 'AuthorityList');
		assert.deepEqual(voters.map(([id]) => id.toHex()), [grandpa]);
	});

	it('authors with the new key and finalizes with it', async () => {
		const [aura] = splitKeys(keys);
		await waitForFinalized(validator, firstBlock + BLOCKS);
		for (let number = firstBlock; number <= firstBlock + BLOCKS; number += 1) {
			assert.equal(await authorOf(validator, (await headAt(validator, number)).header), aura);
		}
		const justification = await nextJustification(validator);
		assert.deepEqual(await countSigners(validator, justification), { signers: 1, authorities: 1 });
	});

	it('is followed by full nodes across the change of the voters', async () => {
		const number = firstBlock + BLOCKS;
		for (const follower of followers) {
			await waitForFinalized(follower, number);
			assert.equal(await blockHash(follower, number), await blockHash(validator, number));
		}
	});

	it('is proved to a node that joins by warp sync', async () => {
		// A warp sync asks three peers at least.
		const warp = await nodes.start({
			name: 'warp',
			validator: false,
			args: ['--sync', 'warp'],
			bootnodes: [validator, ...followers],
		});
		await waitForPeers(warp, 3);
		await waitForFinalized(warp, firstBlock + BLOCKS);
		const number = (await waitForFinalized(warp, (await bestHead(validator)).number)).number;
		assert.equal(await blockHash(warp, number), await blockHash(validator, number));
		await assert.rejects(
			async () => warp.rpc('state_getRuntimeVersion', await blockHash(validator, 1)),
			'the state of early blocks was never there',
		);
	});

	it('survives a restart of the validator', async () => {
		await validator.stop();
		await validator.restart();
		const { number } = await bestHead(validator);
		await waitForBlock(validator, number + BLOCKS);
		await waitForFinalized(validator, number + BLOCKS);
		assert.equal(await authorOf(validator, (await bestHead(validator)).header), splitKeys(keys)[0]);
	});
});
