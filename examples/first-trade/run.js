// SPDX-License-Identifier: Apache-2.0
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const DEFAULT_ENDPOINT = 'ws://127.0.0.1:9944';

/**
 * Runs `step` if the file that calls this was started from the command line, and does nothing if
 * another program imported it: the end-to-end tests import the steps and run the same code.
 *
 * `node 1-look.js [ENDPOINT]`; the endpoint is that of `./scripts/devnet` unless one is given.
 */
export async function runAsScript(moduleUrl, step) {
	if (!process.argv[1] || realpathSync(process.argv[1]) !== fileURLToPath(moduleUrl)) {
		return;
	}
	let api;
	try {
		const context = await connect(process.argv[2] ?? DEFAULT_ENDPOINT);
		api = context.api;
		await step({ ...context, print: console.log });
	} catch (error) {
		console.error(`error: ${error.message}`);
		process.exitCode = 1;
	} finally {
		await api?.disconnect();
	}
}

async function connect(endpoint) {
	// Loaded here, so that importing a step needs no packages of this folder.
	const { ApiPromise, Keyring, WsProvider } = await import('@polkadot/api');
	const provider = new WsProvider(endpoint, false);
	await new Promise((resolve, reject) => {
		const advice = `no node answers at ${endpoint}: start one with ./scripts/devnet`;
		provider.on('connected', resolve);
		provider.on('error', () => reject(new Error(advice)));
		provider.connect().catch(reject);
	});
	const api = await ApiPromise.create({ provider, noInitWarn: true });
	// The development accounts: everybody has their keys.
	const keyring = new Keyring({ type: 'sr25519', ss58Format: api.registry.chainSS58 });
	return { api, alice: keyring.addFromUri('//Alice'), bob: keyring.addFromUri('//Bob') };
}
