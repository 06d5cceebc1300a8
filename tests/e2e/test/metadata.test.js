// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { Metadata, TypeRegistry } from '@polkadot/types';
import { hexToU8a, u8aToHex } from '@polkadot/util';

import { runtimeCall, runtimeValue } from '../lib/chain.js';
import { useNodes } from '../lib/suite.js';

const VERSIONS = [14, 15, 16];

/** What a transaction has to carry and sign, in this order, for every wallet. */
const EXTENSIONS = [
	'AuthorizeCall',
	'CheckNonZeroSender',
	'CheckSpecVersion',
	'CheckTxVersion',
	'CheckGenesis',
	'CheckMortality',
	'CheckNonce',
	'CheckWeight',
	'ChargeTransactionPayment',
	'CheckMetadataHash',
	'WeightReclaim',
];

const texts = (list, field) => list.map((item) => item[field].toString());

async function metadataAt(node, version) {
	const registry = new TypeRegistry();
	const argument = registry.createType('u32', version).toHex(true);
	const answer = await runtimeCall(node, 'Metadata_metadata_at_version', argument);
	const opaque = registry.createType('Option<Bytes>', hexToU8a(answer));
	return opaque.isSome ? new Metadata(registry, u8aToHex(opaque.unwrap().toU8a(true))) : null;
}

describe('metadata', () => {
	const nodes = useNodes();
	let node;

	before(async () => {
		node = await nodes.start();
	});

	it('lists the versions it speaks', async () => {
		const versions = await runtimeValue(node, 'Metadata_metadata_versions', 'Vec<u32>');
		for (const version of VERSIONS) {
			assert.ok(versions.some((known) => known.eq(version)), `${versions} has ${version}`);
		}
	});

	it('is absent for a version nobody speaks', async () => {
		assert.equal(await metadataAt(node, 13), null);
	});

	for (const version of VERSIONS) {
		it(`decodes in version ${version} and has the pallets every wallet needs`, async () => {
			const metadata = await metadataAt(node, version);
			assert.equal(metadata.version, version);
			const names = texts(metadata[`asV${version}`].pallets, 'name');
			for (const name of ['System', 'Timestamp', 'Balances', 'Assets', 'Session', 'Grandpa']) {
				assert.ok(names.includes(name), `${names} has ${name}`);
			}
		});
	}

	it('names the transaction extensions in order in versions 14, 15 and 16', async () => {
		for (const version of [14, 15]) {
			const { extrinsic } = (await metadataAt(node, version))[`asV${version}`];
			assert.deepEqual(texts(extrinsic.signedExtensions, 'identifier'), EXTENSIONS);
		}
		const { extrinsic } = (await metadataAt(node, 16)).asV16;
		assert.deepEqual(texts(extrinsic.transactionExtensions, 'identifier'), EXTENSIONS);
	});

	for (const version of [15, 16]) {
		it(`lists the runtime APIs in version ${version}`, async () => {
			const { apis } = (await metadataAt(node, version))[`asV${version}`];
			const names = texts(apis, 'name');
			for (const name of ['Core', 'Metadata', 'AuraApi', 'GrandpaApi', 'TransactionPaymentApi']) {
				assert.ok(names.includes(name), `${names} has ${name}`);
			}
		});
	}

	it('lists view functions in version 16', async () => {
		const { pallets } = (await metadataAt(node, 16)).asV16;
		const functions = pallets.flatMap(({ viewFunctions }) => [...viewFunctions]);
		assert.ok(functions.length > 0, 'at least one pallet has a view function');
		for (const { name, docs } of functions) {
			assert.ok(docs.length > 0, `the view function ${name} says what it returns`);
		}
	});

	it('gives wallets of the old RPC version 14', async () => {
		const metadata = new Metadata(new TypeRegistry(), await node.rpc('state_getMetadata'));
		assert.equal(metadata.version, 14);
	});
});
