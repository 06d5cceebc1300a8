// SPDX-License-Identifier: Apache-2.0
import { createServer } from 'node:net';

// Below the kernel's ephemeral range (32768 and up), where outgoing connections of the nodes
// themselves could take a port between the probe and its use.
const FIRST_PORT = 12_000;
const PORTS_PER_PROCESS = 100;
const SLICES = 200;

// Test files run in processes of their own: each starts in its own slice, so that two of them do
// not probe the same port at the same moment.
let next = FIRST_PORT + (process.pid % SLICES) * PORTS_PER_PROCESS;

function isFree(port, host) {
	return new Promise((resolve) => {
		const server = createServer();
		server.once('error', () => resolve(false));
		server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
	});
}

/**
 * A TCP port nobody listens on, never handed out twice by this process.
 *
 * @returns {Promise<number>}
 */
export async function freePort() {
	for (let tried = 0; tried < SLICES * PORTS_PER_PROCESS; tried += 1) {
		const port = next;
		next += 1;
		if (next >= FIRST_PORT + SLICES * PORTS_PER_PROCESS) {
			next = FIRST_PORT;
		}
		if ((await isFree(port, '127.0.0.1')) && (await isFree(port, '0.0.0.0'))) {
			return port;
		}
	}
	throw new Error('no free TCP port between 12000 and 32000');
}
