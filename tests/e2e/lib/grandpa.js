// SPDX-License-Identifier: Apache-2.0
import { WsProvider } from '@polkadot/api';
import { TypeRegistry } from '@polkadot/types';
import { u8aConcat } from '@polkadot/util';
import { ed25519Verify } from '@polkadot/util-crypto';

import { runtimeValue } from './chain.js';
import { within } from './wait.js';

const registry = new TypeRegistry();

// Discriminant of `Precommit` in GRANDPA's `Message`.
const PRECOMMIT = 1;

/** The next justification that `node` makes or receives, decoded. */
export async function nextJustification(node) {
	const provider = new WsProvider(node.wsUrl, false);
	try {
		await provider.connect();
		await within(`the WebSocket of ${node.name}`, provider.isReady);
		const encoded = await within(
			`a justification from ${node.name}`,
			new Promise((resolve, reject) => {
				provider
					.subscribe(
						'grandpa_justifications',
						'grandpa_subscribeJustifications',
						[],
						(error, result) => (error ? reject(error) : resolve(result)),
					)
					.catch(reject);
			}),
		);
		return registry.createType('GrandpaJustification', encoded);
	} finally {
		await provider.disconnect();
	}
}

/**
 * How many authorities of the set signed for the justification's block or one of its descendants.
 *
 * @returns {Promise<{ signers: number, authorities: number }>}
 * @throws {Error} on a wrong signature, a stranger's vote, or two votes of one authority
 */
export async function countSigners(node, { round, commit, votesAncestries }) {
	const at = commit.targetHash.toHex();
	const set = await runtimeValue(node, 'GrandpaApi_grandpa_authorities', 'AuthorityList', at);
	const setId = await runtimeValue(node, 'GrandpaApi_current_set_id', 'u64', at);
	const authorities = new Set(set.map(([id]) => id.toHex()));
	const votable = new Set([at, ...votesAncestries.map((header) => header.hash.toHex())]);
	const signers = new Set();
	for (const { id, precommit, signature } of commit.precommits) {
		const message = u8aConcat([PRECOMMIT], precommit.toU8a(), round.toU8a(), setId.toU8a());
		if (!ed25519Verify(message, signature.toU8a(), id.toU8a())) {
			throw new Error(`the precommit of ${id.toHex()} has a wrong signature`);
		}
		if (!authorities.has(id.toHex()) || signers.has(id.toHex())) {
			throw new Error(`${id.toHex()} is no authority of the set or voted twice`);
		}
		if (!votable.has(precommit.targetHash.toHex())) {
			throw new Error(`${id.toHex()} voted for a block outside the justification`);
		}
		signers.add(id.toHex());
	}
	return { signers: signers.size, authorities: authorities.size };
}
