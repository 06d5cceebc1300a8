// SPDX-License-Identifier: Apache-2.0
import { after, afterEach } from 'node:test';

import { startNetwork } from './network.js';
import { startNode } from './node.js';

/**
 * Nodes that live as long as the `describe` block this is called in: killed after it, their logs'
 * tails printed after a test that failed.
 *
 * @returns {{ start: typeof startNode, startNetwork: typeof startNetwork }}
 */
export function useNodes() {
	const nodes = [];
	afterEach((context) => {
		if (context?.passed === false) {
			for (const node of nodes) {
				console.error(node.logTail());
			}
		}
	});
	after(() => Promise.all(nodes.map((node) => node.dispose())));
	return {
		async start(options) {
			const node = await startNode(options);
			nodes.push(node);
			return node;
		},
		async startNetwork(size, options) {
			const network = await startNetwork(size, options);
			nodes.push(...network);
			return network;
		},
	};
}
