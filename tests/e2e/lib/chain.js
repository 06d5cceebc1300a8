// SPDX-License-Identifier: Apache-2.0
import { TypeRegistry } from '@polkadot/types';
import { hexToU8a } from '@polkadot/util';

import { waitFor } from './wait.js';

const registry = new TypeRegistry();

/**
 * A block header with its number and hash.
 *
 * @typedef {{ number: number, hash: string, header: import('@polkadot/types/interfaces').Header }} Head
 */

/** @returns {Promise<Head>} */
async function headOf(node, hash) {
	const header = registry.createType('Header', await node.rpc('chain_getHeader', hash));
	return { number: header.number.toNumber(), hash: header.hash.toHex(), header };
}

/** The best block of `node`. */
export const bestHead = async (node) => headOf(node, await node.rpc('chain_getBlockHash'));

/** The last block `node` calls final. */
export const finalizedHead = async (node) => headOf(node, await node.rpc('chain_getFinalizedHead'));

/** The hash of block `number` on the best chain of `node`; null when there is none. */
export const blockHash = (node, number) => node.rpc('chain_getBlockHash', number);

/** The header of block `number` on the best chain of `node`. */
export const headAt = async (node, number) => headOf(node, await blockHash(node, number));

async function waitForHead(what, node, read, number, options) {
	return waitFor(
		`${node.name} to ${what} block ${number}`,
		async () => {
			const head = await read(node);
			return head.number >= number ? head : null;
		},
		{
			state: async () => ({
				best: (await bestHead(node)).number,
				finalized: (await finalizedHead(node)).number,
				round: await node.rpc('grandpa_roundState').catch(String),
			}),
			...options,
		},
	);
}

/**
 * Waits until the best block of `node` is `number` or higher.
 *
 * @returns {Promise<Head>} the best block
 */
export const waitForBlock = (node, number, options) =>
	waitForHead('reach', node, bestHead, number, options);

/**
 * Waits until the finalized block of `node` is `number` or higher.
 *
 * @returns {Promise<Head>} the finalized block
 */
export const waitForFinalized = (node, number, options) =>
	waitForHead('finalize', node, finalizedHead, number, options);

/** Calls a runtime API by name with SCALE-encoded arguments; the result is SCALE in hex. */
export const runtimeCall = (node, name, args = '0x', at = undefined) =>
	node.rpc('state_call', name, args, ...(at ? [at] : []));

/** As `runtimeCall` without arguments, decoded as `type`, one of polkadot.js's own types. */
export async function runtimeValue(node, name, type, at) {
	// As bytes: polkadot.js reads a number in hex as big-endian.
	return registry.createType(type, hexToU8a(await runtimeCall(node, name, '0x', at)));
}
