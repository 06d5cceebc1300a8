// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

import { rawSpec, readRawSpec } from '../lib/chain-spec.js';
import { blockHash, waitForBlock } from '../lib/chain.js';
import { prepareNode } from '../lib/node.js';
import { freePort } from '../lib/ports.js';
import { removeFolder, runBallast, temporaryFolder } from '../lib/process.js';
import { useNodes } from '../lib/suite.js';
import { START_LIMIT_MS, waitFor } from '../lib/wait.js';

const USAGE = 2;
const NODE_KEY = `${'0'.repeat(63)}1`;
const PANIC = /panicked|stack backtrace|RUST_BACKTRACE/;

/** Runs a command that has to end by itself, with an error that `says` why (all patterns). */
async function assertRefused(args, says, code = 1) {
	const result = await runBallast(args, { limitMs: START_LIMIT_MS });
	const printed = `${result.stdout}${result.stderr}`;
	assert.equal(result.code, code, printed);
	for (const pattern of [says].flat()) {
		assert.match(printed, pattern);
	}
	assert.doesNotMatch(printed, PANIC);
}

describe('a wrong command line', () => {
	const folder = temporaryFolder();
	after(() => removeFolder(folder));

	/** Arguments of a full node that would start, with its data in `base`. */
	async function nodeArgs(base) {
		const p2p = `/ip4/127.0.0.1/tcp/${await freePort()}`;
		return [
			...['--chain', await rawSpec('dev'), '--base-path', base, '--rpc-port', `${await freePort()}`],
			...['--node-key', NODE_KEY, '--listen-addr', p2p, '--no-mdns', '--no-prometheus'],
		];
	}

	/** `nodeArgs` with one option changed. */
	async function changed(option, value) {
		const args = await nodeArgs(join(folder, 'base'));
		args[args.indexOf(option) + 1] = value;
		return args;
	}

	it('names a chain that does not exist', async () => {
		const path = join(folder, 'nowhere.json');
		await assertRefused(['--chain', path, '--base-path', folder], /no chain .*nowhere\.json/);
	});

	it('names a chain spec that is no JSON', async () => {
		const path = join(folder, 'broken.json');
		writeFileSync(path, '{ "name": ');
		await assertRefused(await changed('--chain', path), /broken\.json .*line 1/);
	});

	it('names a chain spec without a genesis', async () => {
		const path = join(folder, 'no-genesis.json');
		const { genesis, ...rest } = await readRawSpec('dev');
		assert.ok(genesis);
		writeFileSync(path, JSON.stringify(rest));
		await assertRefused(await changed('--chain', path), /no-genesis\.json .*genesis/);
	});

	it('has a node key that is not hexadecimal, or too short', async () => {
		await assertRefused(await changed('--node-key', 'secret'), /node key/i);
		await assertRefused(await changed('--node-key', '00ff'), /node key.*length/i);
	});

	it('has a bootnode without a peer id', async () => {
		const args = await nodeArgs(join(folder, 'base'));
		const bootnode = '/ip4/127.0.0.1/tcp/30333';
		await assertRefused([...args, '--bootnodes', bootnode], /[Pp]eer id is missing/, USAGE);
	});

	it('has an option that does not exist, or a port that is none', async () => {
		await assertRefused(['--no-such-option'], /unexpected argument '--no-such-option'/, USAGE);
		await assertRefused(['--rpc-port', '99999'], /99999/, USAGE);
	});

	it('has a base path that cannot be a folder', async () => {
		const file = join(folder, 'file');
		writeFileSync(file, '');
		await assertRefused(await nodeArgs(join(file, 'base')), [/file\/base/, /Not a directory/]);
	});

	it('has a base path that cannot be written', async (context) => {
		if (process.getuid() === 0) {
			context.skip('root may write everywhere');
			return;
		}
		const readOnly = join(folder, 'read-only');
		mkdirSync(readOnly);
		chmodSync(readOnly, 0o555);
		await assertRefused(await nodeArgs(join(readOnly, 'base')), [/read-only/, /Permission denied/]);
	});
});

describe('a command line that clashes with a running node', () => {
	const nodes = useNodes();

	it('has the base path of that node', async () => {
		const node = await nodes.start();
		const second = await prepareNode({ validator: false });
		const args = [...second.args, '--base-path', node.basePath, '--node-key', second.nodeKey];
		await assertRefused(args, /in use/);
		await waitForBlock(node, 1);
	});

	it('has the RPC port of that node, and learns which one it got', async () => {
		const node = await nodes.start({ name: 'owner', validator: false });
		const second = await prepareNode({ name: 'second', validator: false });
		const genesis = await blockHash(node, 0);
		second.rpcPort = node.rpcPort;
		// The port answers, but not for this node: the node's log tells where it listens.
		const started = second.start();
		started.catch(() => {});
		try {
			const port = await waitFor(
				'the port in the log',
				() => /JSON-RPC server: addr=127\.0\.0\.1:(\d+)/.exec(second.log())?.[1],
				{ limitMs: START_LIMIT_MS },
			);
			assert.notEqual(Number(port), node.rpcPort);
			second.rpcPort = Number(port);
			await started;
			assert.equal(await blockHash(second, 0), genesis);
		} finally {
			await second.dispose();
		}
	});

	it('has the base path of another chain of the same id', async () => {
		const node = await nodes.start({ name: 'first-chain' });
		await waitForBlock(node, 3);
		await node.stop();

		const spec = await readRawSpec('dev');
		spec.genesis.raw.top['0x62616c6c617374'] = '0x01';
		const path = join(node.folder, 'other.json');
		writeFileSync(path, JSON.stringify(spec));
		node.args[node.args.indexOf('--chain') + 1] = path;
		const logged = node.log().length;
		await assert.rejects(node.start(), /is not running/, 'the node runs, on which chain?');
		assert.equal(node.exitCode, 1);
		const printed = node.log().slice(logged);
		assert.match(printed, /genesis/);
		assert.doesNotMatch(printed, PANIC);
	});
});
