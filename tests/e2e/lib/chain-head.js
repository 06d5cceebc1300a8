// SPDX-License-Identifier: Apache-2.0
import { WsProvider } from '@polkadot/api';

import { waitFor, within } from './wait.js';

/**
 * A `chainHead_v1_follow` subscription over a connection of its own.
 *
 * @typedef {object} Follow
 * @property {object[]} events everything it reported, in order
 * @property {(kind: string) => number} count events of that kind so far
 * @property {(kind: string) => Promise<object>} next the last event of that kind, awaited
 * @property {(method: string, ...params: unknown[]) => Promise<any>} call with this subscription
 * @property {(method: string, ...params: unknown[]) => Promise<any>} raw on the same connection
 * @property {(done: string, method: string, ...params: unknown[]) => Promise<object>} operation
 *   starts it and returns its event `done`
 */

/**
 * Follows the chain of `node` until the process ends.
 *
 * @returns {Promise<Follow>}
 */
export async function followChain(node) {
	const provider = new WsProvider(node.wsUrl, false);
	await provider.connect();
	await within(`the WebSocket of ${node.name}`, provider.isReady);
	const { id, events } = await subscribe(provider, node.name);
	const raw = (method, ...params) => provider.send(method, params);
	const call = (method, ...params) => raw(method, id, ...params);
	const ofKind = (kind) => events.filter(({ event }) => event === kind);
	return {
		events,
		raw,
		call,
		count: (kind) => ofKind(kind).length,
		next: (kind) =>
			waitFor(`an event ${kind}`, () => ofKind(kind).at(-1), { state: () => events.slice(0, 5) }),
		async operation(done, method, ...params) {
			const started = await call(method, ...params);
			if (started.result !== 'started') {
				throw new Error(`${method}: ${JSON.stringify(started)}`);
			}
			const { operationId } = started;
			const found = await waitFor(`${done} of ${method}`, () =>
				events.find((event) => event.operationId === operationId),
			);
			if (found.event !== done) {
				throw new Error(`${method}: ${JSON.stringify(found)}`);
			}
			return found;
		},
	};
}

/** Subscribes until the node begins: it may say `stop` at any time, and a client then starts anew. */
async function subscribe(provider, name) {
	for (;;) {
		const events = [];
		const id = await provider.subscribe(
			'chainHead_v1_followEvent',
			'chainHead_v1_follow',
			[true],
			(error, event) => events.push(error ? { event: 'error', error: error.message } : event),
		);
		const first = await waitFor(`the first event of chainHead_v1_follow by ${name}`, () => events[0]);
		if (first.event !== 'stop') {
			return { id, events };
		}
	}
}
