// SPDX-License-Identifier: Apache-2.0

// Executes the same recorded blocks with two builds of a runtime, or in two builds of the node, in turn, and compares how long
// each takes. What it is called with, and why: ./scripts/compare-runtimes --help

import { copyFileSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { WsProvider } from '@polkadot/api';
import { TypeRegistry } from '@polkadot/types';
import { compactToU8a, u8aConcat, u8aToHex } from '@polkadot/util';

import { freePort } from '../lib/ports.js';
import { endProcess, spawnBallast, temporaryFolder } from '../lib/process.js';
import { START_LIMIT_MS, waitFor } from '../lib/wait.js';

/** Every second block is enough: neighbours are alike. */
const STRIDE = 2;
/** Of a header's digest, what the author added when the block was done. A block is executed without it. */
const SEAL = '0x05';

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const sum = (values) => values.reduce((total, value) => total + value, 0);

/** A node on the chain that a stress run left, with the code of every block replaced by that of one file. */
async function startOn(folder, { wasm, node }) {
	const temporary = temporaryFolder();
	const [overrides, log] = [join(temporary, 'overrides'), join(temporary, 'node.log')];
	mkdirSync(overrides);
	copyFileSync(wasm, join(overrides, 'runtime.wasm'));
	const port = await freePort();
	const args = [
		...['--chain', join(folder, 'spec.json'), '--base-path', join(folder, 'data')],
		...['--state-pruning', 'archive', '--blocks-pruning', 'archive', '--no-prometheus'],
		...['--rpc-port', port, '--port', await freePort(), '--wasm-runtime-overrides', overrides],
	];
	const child = spawnBallast(args.map(String), ['ignore', 'ignore', openSync(log, 'w')], node);
	const provider = new WsProvider(`ws://127.0.0.1:${port}`, false);
	const answers = async () => {
		if (child.exitCode !== null) {
			throw new Error(`the node ended with ${child.exitCode}: is there a chain in ${folder}?`);
		}
		return fetch(`http://127.0.0.1:${port}/health`).then(({ ok }) => ok, () => false);
	};
	await waitFor('the node to answer', answers, { limitMs: START_LIMIT_MS });
	await provider.connect();
	await provider.isReady;
	const { specName, specVersion } = await provider.send('state_getRuntimeVersion', []);
	// A file of another version is left aside without a word, and the chain's own code runs.
	if (!readFileSync(log, 'utf8').includes(`version=${specName}-${specVersion} `)) {
		throw new Error(`${wasm} is not of version ${specVersion} of ${specName}, as the chain in ${folder} is`);
	}
	return { child, provider };
}

/** A block as the runtime executes it, SCALE encoded, and the state that it is executed on. */
async function blockToExecute(provider, number) {
	const hash = await provider.send('chain_getBlockHash', [number]);
	if (hash === null) {
		throw new Error(`there is no block ${number}`);
	}
	const { block } = await provider.send('chain_getBlock', [hash]);
	const { header, extrinsics } = block;
	const logs = header.digest.logs.filter((log) => !log.startsWith(SEAL));
	const unsealed = new TypeRegistry().createType('Header', { ...header, digest: { logs } });
	// Each comes with its length already.
	const body = [compactToU8a(extrinsics.length), ...extrinsics];
	return { encoded: u8aToHex(u8aConcat(unsealed.toU8a(), ...body)), parent: header.parentHash };
}

/** Milliseconds that each block takes, the least of some rounds: what disturbs the machine only adds. */
async function timesOf(folder, build, { numbers, rounds }) {
	const { child, provider } = await startOn(folder, build);
	const least = numbers.map(() => Infinity);
	for (let round = 0; round < rounds; round += 1) {
		for (const [index, number] of numbers.entries()) {
			const { encoded, parent } = await blockToExecute(provider, number);
			const before = performance.now();
			await provider.send('state_call', ['Core_execute_block', encoded, parent]);
			least[index] = Math.min(least[index], performance.now() - before);
		}
	}
	await provider.disconnect();
	await endProcess(child, 'SIGTERM');
	return least;
}

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		from: { type: 'string', default: '250' },
		blocks: { type: 'string', default: '160' },
		rounds: { type: 'string', default: '3' },
		turns: { type: 'string', default: '2' },
		'before-node': { type: 'string' },
		'after-node': { type: 'string' },
	},
});
const [folder, before, after] = positionals;
const builds = [
	{ wasm: before, node: values['before-node'] },
	{ wasm: after, node: values['after-node'] },
];
const [from, blocks, rounds, turns] = [values.from, values.blocks, values.rounds, values.turns].map(Number);
const numbers = Array.from({ length: Math.ceil(blocks / STRIDE) }, (_, index) => from + index * STRIDE);
const least = builds.map(() => numbers.map(() => Infinity));
for (let turn = 0; turn < turns; turn += 1) {
	for (const [side, build] of builds.entries()) {
		const times = await timesOf(folder, build, { numbers, rounds });
		least[side] = least[side].map((time, index) => Math.min(time, times[index]));
		console.error(`${build.wasm}${build.node ? ` in ${build.node}` : ''}: ${sum(times).toFixed(0)} ms`);
	}
}
const [old, other] = least;
console.log(JSON.stringify({
	blocks: numbers.length,
	before_ms_p50: Number(median(old).toFixed(1)),
	after_ms_p50: Number(median(other).toFixed(1)),
	ratio_p50: Number(median(old.map((time, index) => other[index] / time)).toFixed(3)),
	ratio_of_sums: Number((sum(other) / sum(old)).toFixed(3)),
}));
