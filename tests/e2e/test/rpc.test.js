// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { TypeRegistry } from '@polkadot/types';
import { u8aToHex } from '@polkadot/util';

import { account } from '../lib/accounts.js';
import { followChain } from '../lib/chain-head.js';
import { blockHash, waitForFinalized } from '../lib/chain.js';
import { useNodes } from '../lib/suite.js';
import { waitFor } from '../lib/wait.js';

const BAL = 10n ** 12n;
const INVALID_PARAMS = -32_602;
const VERIFICATION_ERROR = 1002;
const POOL_INVALID = 1010;
const POOL_ALREADY_IMPORTED = 1013;
const POOL_TOO_LOW_PRIORITY = 1014;
const INVALID = { code: POOL_INVALID, text: 'Invalid Transaction' };

describe('the new JSON-RPC', () => {
	const nodes = useNodes();
	let node;
	let follow;

	before(async () => {
		node = await nodes.start();
		follow = await followChain(node);
	});

	it('names the chain and its genesis', async () => {
		assert.equal(await node.rpc('chainSpec_v1_genesisHash'), await blockHash(node, 0));
		assert.equal(await node.rpc('chainSpec_v1_chainName'), await node.rpc('system_chain'));
		const properties = await node.rpc('chainSpec_v1_properties');
		assert.deepEqual(properties, { ss58Format: 42, tokenDecimals: 12, tokenSymbol: 'BAL' });
	});

	it('begins to follow with the finalized block and its runtime', async () => {
		const first = await follow.next('initialized');
		const { number } = await waitForFinalized(node, 1);
		assert.ok(first.finalizedBlockHashes.length > 0);
		assert.ok(number > 0);
		const { spec } = first.finalizedBlockRuntime;
		const { specName, specVersion } = await node.rpc('state_getRuntimeVersion');
		assert.equal(spec.specName, specName);
		assert.equal(spec.specVersion, specVersion);
	});

	it('announces every block before it calls it best or final', async () => {
		const announced = new Set((await follow.next('initialized')).finalizedBlockHashes);
		const wanted = 8;
		await waitFor(`${wanted} finalized events`, () => follow.count('finalized') >= wanted);
		let finalized = 0;
		for (const event of follow.events) {
			if (event.event === 'newBlock') {
				assert.ok(announced.has(event.parentBlockHash), 'the parent comes first');
				announced.add(event.blockHash);
			} else if (event.event === 'bestBlockChanged') {
				assert.ok(announced.has(event.bestBlockHash));
			} else if (event.event === 'finalized') {
				finalized += event.finalizedBlockHashes.length;
				event.finalizedBlockHashes.forEach((hash) => assert.ok(announced.has(hash)));
			}
		}
		assert.ok(finalized >= wanted);
	});

	it('reads the header, the body, storage and runtime calls of a pinned block', async () => {
		const [hash] = (await follow.next('finalized')).finalizedBlockHashes;
		const registry = new TypeRegistry();
		const header = registry.createType('Header', await follow.call('chainHead_v1_header', hash));
		assert.equal(header.hash.toHex(), hash);

		const body = await follow.operation('operationBodyDone', 'chainHead_v1_body', hash);
		assert.ok(body.value.length >= 1, 'at least the timestamp');

		const key = u8aToHex(new TextEncoder().encode(':code'));
		const items = [{ key, type: 'hash' }];
		const stored = await follow.operation(
			'operationStorageItems',
			'chainHead_v1_storage',
			hash,
			items,
			null,
		);
		assert.equal(stored.items[0].hash, await node.rpc('state_getStorageHash', key, hash));

		const args = [hash, 'AuraApi_slot_duration', '0x'];
		const called = await follow.operation('operationCallDone', 'chainHead_v1_call', ...args);
		assert.equal(called.output, registry.createType('u64', 500).toHex(true));
	});

	it('lets go of a block that is unpinned', async () => {
		const [hash] = (await follow.next('finalized')).finalizedBlockHashes;
		await follow.call('chainHead_v1_unpin', [hash]);
		await assert.rejects(follow.call('chainHead_v1_header', hash), /-32801/);
	});

	it('broadcasts a transaction', async () => {
		const api = await node.api();
		const sender = account('//Ferdie');
		const tx = await api.tx.system.remark('0x').signAsync(sender);
		const nonce = await node.rpc('system_accountNextIndex', sender.address);
		await follow.raw('transaction_v1_broadcast', tx.toHex());
		await waitFor('the transaction to be in a block', async () => {
			const { nonce: used } = await api.query.system.account(sender.address);
			return used.toNumber() > nonce;
		});
	});
});

describe('transactions the node does not take', () => {
	const nodes = useNodes();
	const [eve, ferdie] = ['//Eve', '//Ferdie'].map(account);
	let node;
	let api;

	before(async () => {
		node = await nodes.start();
		api = await node.api();
	});

	const transfer = (value = BAL) => api.tx.balances.transferKeepAlive(ferdie.address, value);
	const submit = (tx) => node.rpc('author_submitExtrinsic', tx.toHex());

	it('have a signature of someone else', async () => {
		const tx = await transfer().signAsync(eve);
		const forged = ferdie.sign('something else', { withType: true });
		const { nonce, era, tip } = tx;
		tx.addSignature(eve.address, forged, { blockHash: api.genesisHash, era, nonce, tip });
		await assert.rejects(submit(tx), { ...INVALID, data: 'Transaction has a bad signature' });
	});

	it('are signed for another chain', async () => {
		const tx = await transfer().signAsync(eve, { era: 0, genesisHash: `0x${'11'.repeat(32)}` });
		await assert.rejects(submit(tx), { ...INVALID, data: 'Transaction has a bad signature' });
	});

	it('cannot pay the fee', async () => {
		const tx = await transfer().signAsync(account('//nobody'));
		await assert.rejects(submit(tx), {
			...INVALID,
			data: 'Inability to pay some fees (e.g. account balance too low)',
		});
	});

	it('use a nonce again', async () => {
		const first = await transfer().signAsync(eve);
		const nonce = first.nonce.toNumber();
		await submit(first);
		await waitFor('the first to be in a block', async () =>
			(await api.query.system.account(eve.address)).nonce.gtn(nonce),
		);
		const second = await transfer(2n * BAL).signAsync(eve, { nonce });
		await assert.rejects(submit(second), { ...INVALID, data: 'Transaction is outdated' });
	});

	it('are in the pool already, or replace one there without paying more', async () => {
		// A gap in the nonces keeps the first in the pool.
		const nonce = (await node.rpc('system_accountNextIndex', eve.address)) + 2;
		const first = await transfer().signAsync(eve, { nonce, tip: 1_000 });
		await submit(first);
		await assert.rejects(submit(first), {
			code: POOL_ALREADY_IMPORTED,
			text: 'Transaction Already Imported',
		});
		const ready = await node.rpc('system_accountNextIndex', eve.address);
		const filler = await transfer().signAsync(eve, { nonce: ready, tip: 1_000_000 });
		await submit(filler);
		const cheaper = await transfer(2n * BAL).signAsync(eve, { nonce: ready });
		await assert.rejects(
			submit(cheaper),
			({ code, data }) =>
				code === POOL_TOO_LOW_PRIORITY || (code === POOL_INVALID && /outdated/.test(data)),
		);
	});

	it('are no transactions', async () => {
		await assert.rejects(node.rpc('author_submitExtrinsic', '0x00112233'), {
			code: VERIFICATION_ERROR,
		});
		await assert.rejects(node.rpc('author_submitExtrinsic', 'transfer'), {
			code: INVALID_PARAMS,
		});
	});

	it('leave the node well', async () => {
		const { number } = await waitForFinalized(node, 1);
		await waitForFinalized(node, number + 5);
	});
});
