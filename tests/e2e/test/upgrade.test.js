// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';

import { compactAddLength, u8aToHex } from '@polkadot/util';

import { account } from '../lib/accounts.js';
import { waitForFinalized } from '../lib/chain.js';
import { useNodes } from '../lib/suite.js';
import {
	asRoot,
	findEvent,
	outcomeInChain,
	sendAndWait,
	signAndWait,
	successfulAsRoot,
	sudo,
} from '../lib/transactions.js';
import { waitFor } from '../lib/wait.js';

const BAL = 10n ** 12n;
const CODE_KEY = '0x3a636f6465';
const POOL_INVALID = 1010;

/** The Wasm of the same runtime with a higher spec version. */
function upgradeWasm() {
	const path = process.env.BALLAST_UPGRADE_WASM;
	assert.ok(
		path,
		'the environment variable BALLAST_UPGRADE_WASM has to name the Wasm of a runtime with a ' +
			'higher spec version',
	);
	return readFileSync(path);
}

// With its length in front: polkadot.js takes plain bytes for the encoded argument.
const setCode = (api, wasm) => api.tx.system.setCode(compactAddLength(wasm));

const specVersion = async (node) => (await node.rpc('state_getRuntimeVersion')).specVersion;

describe('runtime upgrade by sudo', () => {
	const nodes = useNodes();
	const [alice, eve, ferdie] = ['//Alice', '//Eve', '//Ferdie'].map(account);
	let node;
	let api;
	let oldVersion;
	let signedForOld;

	before(async () => {
		node = await nodes.start();
		api = await node.api();
		oldVersion = await specVersion(node);
	});

	it('refuses the runtime that runs already', async () => {
		const code = await node.rpc('state_getStorage', CODE_KEY);
		await assert.rejects(sudo(api, api.tx.system.setCode(code), alice), {
			code: 'system.SpecVersionNeedsToIncrease',
		});
	});

	it('refuses what is no runtime', async () => {
		await assert.rejects(sudo(api, api.tx.system.setCode('0x00112233'), alice), {
			code: 'system.FailedToExtractRuntimeVersion',
		});
	});

	it('refuses anyone but root', async () => {
		// Code weighs so much that the pool may refuse it before its origin is looked at.
		await assert.rejects(signAndWait(api, api.tx.system.setHeapPages(64), eve), {
			code: 'BadOrigin',
		});
		await assert.rejects(sudo(api, api.tx.system.setCode('0x00112233'), eve), {
			code: 'sudo.RequireSudo',
		});
	});

	it('raises the spec version', async () => {
		const wasm = upgradeWasm();
		const transfer = api.tx.balances.transferKeepAlive(ferdie.address, BAL);
		// Immortal, so that nothing but the version can make it stale.
		signedForOld = await transfer.signAsync(eve, { era: 0 });

		// polkadot.js takes up the new metadata while it reads the events of the old runtime's last block:
		// now and then it cannot decode them. A connection of its own reads them afterwards.
		const upgrade = await asRoot(api, setCode(api, wasm)).signAsync(alice);
		await upgrade.send();
		await waitFor('a higher spec version', async () => (await specVersion(node)) > oldVersion);
		const reader = await node.connect();
		const outcome = await outcomeInChain(reader, upgrade.hash);
		findEvent(successfulAsRoot(reader, outcome).events, 'system.CodeUpdated');
		await reader.disconnect();
		assert.equal(await node.rpc('state_getStorage', CODE_KEY), u8aToHex(wasm));
	});

	it('refuses a transfer signed for the old version', async () => {
		assert.ok(signedForOld, 'the upgrade took place');
		await assert.rejects(node.rpc('author_submitExtrinsic', signedForOld.toHex()), {
			code: POOL_INVALID,
			text: 'Invalid Transaction',
			data: 'Transaction has a bad signature',
		});
	});

	it('takes transfers signed for the new version, by old and new connections', async () => {
		await waitFor('polkadot.js to see the upgrade', () =>
			api.runtimeVersion.specVersion.toNumber() > oldVersion,
		);
		const transfer = (connected) => connected.tx.balances.transferKeepAlive(ferdie.address, BAL);
		await signAndWait(api, transfer(api), eve);
		const fresh = await node.freshApi();
		await sendAndWait(fresh, await transfer(fresh).signAsync(eve));
	});

	it('goes on finalizing', async () => {
		const { number } = await waitForFinalized(node, 1);
		await waitForFinalized(node, number + 10);
	});
});
