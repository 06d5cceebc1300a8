// SPDX-License-Identifier: Apache-2.0
import { prepareNode } from './node.js';
import { waitFor } from './wait.js';

/** Names of the authorities of the chain `local`, in the order of its genesis. */
export const LOCAL_AUTHORITIES = ['alice', 'bob', 'charlie', 'dave'];

/**
 * Starts the first `size` authorities of the chain `local` as processes that know each other.
 * GRANDPA needs three of the four.
 *
 * @param {number} size 2 to 4
 * @param {{ args?: string[] }} [options] arguments for every node
 * @returns {Promise<import('./node.js').BallastNode[]>} in the order of `LOCAL_AUTHORITIES`
 */
export async function startNetwork(size, { args = [] } = {}) {
	const nodes = await Promise.all(
		LOCAL_AUTHORITIES.slice(0, size).map((authority) =>
			prepareNode({ name: authority, chain: 'local', authority, args }),
		),
	);
	for (const node of nodes) {
		const others = nodes.filter((other) => other !== node).map(({ multiaddr }) => multiaddr);
		node.args.push('--bootnodes', ...others);
	}
	try {
		await Promise.all(nodes.map((node) => node.start()));
		await Promise.all(nodes.map((node) => waitForPeers(node, size - 1)));
	} catch (error) {
		await Promise.all(nodes.map((node) => node.dispose()));
		throw error;
	}
	return nodes;
}

/** Waits until `node` has at least `count` peers. */
export async function waitForPeers(node, count) {
	await waitFor(
		`${node.name} to have ${count} peers`,
		async () => (await node.rpc('system_health')).peers >= count,
		{ state: () => node.rpc('system_peers') },
	);
}
