// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { ApiPromise, WsProvider } from '@polkadot/api';

import { rawSpec } from './chain-spec.js';
import { peerIdOf } from './peer-id.js';
import { freePort } from './ports.js';
import { endProcess, removeFolder, spawnBallast, temporaryFolder } from './process.js';
import { START_LIMIT_MS, waitFor, within } from './wait.js';

const LOG_TAIL_LINES = 40;
const RPC_LIMIT_MS = 60_000;

let nodeCount = 0;

/** A node key no other node of this machine has, so that a peer id tells nodes apart. */
const uniqueNodeKey = (index) => (process.pid * 1_000 + index).toString(16).padStart(64, '0');

/** A JSON-RPC error answer: `code`, `data` and the node's text. */
export class RpcError extends Error {
	constructor(method, { code, message, data }) {
		super(`${method}: ${code}: ${message}${data === undefined ? '' : `: ${data}`}`);
		this.name = 'RpcError';
		this.code = code;
		this.text = message;
		this.data = data;
	}
}

/**
 * One `ballast` process with its own base path, ports, node key and log file. `startNode` makes
 * and starts it.
 */
export class BallastNode {
	#child = null;
	#api = null;
	#rpcCount = 0;

	constructor({ name, args, nodeKey, rpcPort, p2pPort, folder }) {
		this.name = name;
		this.args = args;
		this.folder = folder;
		this.basePath = join(folder, 'base');
		this.logPath = join(folder, 'node.log');
		this.rpcPort = rpcPort;
		this.p2pPort = p2pPort;
		this.nodeKey = nodeKey;
		this.peerId = peerIdOf(nodeKey);
	}

	get httpUrl() {
		return `http://127.0.0.1:${this.rpcPort}`;
	}

	get wsUrl() {
		return `ws://127.0.0.1:${this.rpcPort}`;
	}

	/** Where other nodes reach this one: for `bootnodes` and `addPeer`. */
	get multiaddr() {
		return `/ip4/127.0.0.1/tcp/${this.p2pPort}/p2p/${this.peerId}`;
	}

	get pid() {
		return this.#child?.pid;
	}

	get isRunning() {
		return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
	}

	get exitCode() {
		return this.#child?.exitCode;
	}

	/** Starts the process and waits until it answers. */
	async start(extraArgs = []) {
		const args = [
			...this.args,
			...['--name', this.name, '--base-path', this.basePath, '--node-key', this.nodeKey],
			...['--rpc-port', `${this.rpcPort}`],
			...['--listen-addr', `/ip4/127.0.0.1/tcp/${this.p2pPort}`],
			...['--no-mdns', '--no-telemetry'],
			...(this.args.includes('--prometheus-port') ? [] : ['--no-prometheus']),
			...extraArgs,
		];
		const log = openSync(this.logPath, 'a');
		writeSync(log, `$ ballast ${args.join(' ')}\n`);
		this.#child = spawnBallast(args, ['ignore', log, log]);
		closeSync(log);
		// The test file may end while the node still runs; its process kills the node then.
		this.#child.unref();
		let failure = null;
		this.#child.once('error', (error) => {
			failure = error;
		});
		await waitFor(
			`the RPC of ${this.name} on port ${this.rpcPort}`,
			async () => {
				if (failure) {
					throw failure;
				}
				return (await this.#identity()) === this.peerId;
			},
			{ limitMs: START_LIMIT_MS },
		);
		return this;
	}

	/** The peer that answers on our port: a busy port would let someone else's node answer. */
	async #identity() {
		try {
			return await this.rpc('system_localPeerId');
		} catch (error) {
			if (!this.isRunning || error instanceof RpcError) {
				throw error;
			}
			return null;
		}
	}

	/**
	 * One JSON-RPC request over HTTP.
	 *
	 * @returns {Promise<any>} the result
	 * @throws {RpcError} when the node answers with an error
	 */
	async rpc(method, ...params) {
		if (!this.isRunning) {
			throw new Error(
				`${method}: node ${this.name} is not running ` +
					`(exit code ${this.#child?.exitCode}, signal ${this.#child?.signalCode})\n${this.logTail()}`,
			);
		}
		this.#rpcCount += 1;
		const response = await fetch(this.httpUrl, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ jsonrpc: '2.0', id: this.#rpcCount, method, params }),
			signal: AbortSignal.timeout(RPC_LIMIT_MS),
		});
		const text = await response.text();
		let answer;
		try {
			answer = JSON.parse(text);
		} catch {
			throw new Error(`${method}: node ${this.name} answered ${response.status}: ${text}`);
		}
		if (answer.error) {
			throw new RpcError(method, answer.error);
		}
		return answer.result;
	}

	/** polkadot.js, connected to this node: one per run of the process. */
	async api() {
		this.#api ??= this.connect();
		return this.#api;
	}

	/** As `api`, over a new connection; the old one is closed. */
	async freshApi() {
		await this.#disconnect();
		return this.api();
	}

	/** A connection of polkadot.js beside that of `api`. The caller closes it. */
	async connect() {
		// `false`: no reconnecting, so that a dead node shows as an error and not as a hang.
		const provider = new WsProvider(this.wsUrl, false);
		await provider.connect();
		await within(`the WebSocket of ${this.name}`, provider.isReady);
		return within(
			`polkadot.js on ${this.name}`,
			ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: true }),
		);
	}

	async #disconnect() {
		const api = this.#api;
		this.#api = null;
		if (api) {
			await api.then((connected) => connected.disconnect()).catch(() => {});
		}
	}

	/** Connects to `peer` and keeps the connection. */
	async addPeer(peer) {
		await this.rpc('system_addReservedPeer', peer.multiaddr);
		await waitFor(`${this.name} to connect to ${peer.name}`, async () =>
			(await this.rpc('system_peers')).some(({ peerId }) => peerId === peer.peerId),
		);
	}

	/** Ends the process as a crash or a power switch would. The base path stays. */
	async killHard() {
		// The signal goes first: closing connections would give the node time to settle.
		const ended = endProcess(this.#child, 'SIGKILL');
		await Promise.all([ended, this.#disconnect()]);
	}

	/** Asks the process to end, and waits. The base path stays. */
	async stop() {
		await this.#disconnect();
		await endProcess(this.#child, 'SIGTERM');
	}

	/** Starts again, with the same base path, ports and node key, after `killHard` or `stop`. */
	async restart(extraArgs = []) {
		if (this.isRunning) {
			await this.stop();
		}
		return this.start(extraArgs);
	}

	/** Kills the process and forgets its data. */
	async dispose() {
		if (this.#child) {
			await this.killHard();
		}
		removeFolder(this.folder);
	}

	log() {
		try {
			return readFileSync(this.logPath, 'utf8');
		} catch {
			return '';
		}
	}

	/** The end of the node's log, headed by its name. */
	logTail(lines = LOG_TAIL_LINES) {
		const all = this.log().trimEnd().split('\n');
		return [`--- log of ${this.name}, last ${lines} lines`, ...all.slice(-lines), '---'].join('\n');
	}
}

const BUILT_IN_CHAINS = ['dev', 'local'];

/** Arguments for a chain and a role. A lone authority has to author without peers. */
async function roleArgs(chain, validator, authority) {
	const spec = BUILT_IN_CHAINS.includes(chain) ? await rawSpec(chain) : chain;
	const role = validator ? ['--validator', `--${authority}`] : [];
	return ['--chain', spec, ...role, ...(validator && chain === 'dev' ? ['--force-authoring'] : [])];
}

/**
 * Starts a node and waits until it answers.
 *
 * @param {object} [options]
 * @param {string} [options.name] in logs; unique by default
 * @param {string} [options.chain] `dev` (default), `local`, or the path of a chain spec
 * @param {boolean} [options.validator] authors and votes (default); `false`: a full node
 * @param {string} [options.authority] whose development keys a validator holds: `alice` (default) ...
 * @param {BallastNode[]} [options.bootnodes] running or not
 * @param {string[]} [options.args] further arguments
 * @param {string} [options.nodeKey] 32 bytes in hex, without `0x`
 * @returns {Promise<BallastNode>}
 */
export async function startNode(options = {}) {
	const node = await prepareNode(options);
	const bootnodes = (options.bootnodes ?? []).map(({ multiaddr }) => multiaddr);
	node.args.push(...(bootnodes.length > 0 ? ['--bootnodes', ...bootnodes] : []));
	try {
		return await node.start();
	} catch (error) {
		await node.dispose();
		throw error;
	}
}

/**
 * A node with ports, folder and identity, not started: its `multiaddr` is known.
 *
 * @param {Parameters<typeof startNode>[0]} options
 * @returns {Promise<BallastNode>}
 */
export async function prepareNode({
	name,
	chain = 'dev',
	validator = true,
	authority = 'alice',
	args = [],
	nodeKey,
} = {}) {
	nodeCount += 1;
	const index = nodeCount;
	return new BallastNode({
		name: name ?? `node-${index}`,
		args: [...(await roleArgs(chain, validator, authority)), ...args],
		nodeKey: nodeKey ?? uniqueNodeKey(index),
		rpcPort: await freePort(),
		p2pPort: await freePort(),
		folder: temporaryFolder(),
	});
}
