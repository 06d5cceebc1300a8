// SPDX-License-Identifier: Apache-2.0
import { u8aToHex } from '@polkadot/util';
import { xxhashAsU8a } from '@polkadot/util-crypto';

const PAGE = 1_000;

/**
 * The whole storage of a pallet at a block, by key: for tests that nothing has changed.
 *
 * @param {import('../node.js').BallastNode} node
 * @param {string} pallet its name in the metadata
 * @param {string} hash
 * @returns {Promise<Record<string, string>>}
 */
export async function rawState(node, pallet, hash) {
	const prefix = u8aToHex(xxhashAsU8a(pallet, 128));
	const keys = [];
	for (;;) {
		const page = await node.rpc('state_getKeysPaged', prefix, PAGE, keys.at(-1) ?? null, hash);
		keys.push(...page);
		if (page.length < PAGE) {
			break;
		}
	}
	const [{ changes }] = await node.rpc('state_queryStorageAt', keys, hash);
	return Object.fromEntries(changes);
}
