// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ballastBinary } from './binary.js';
import { waitFor } from './wait.js';

const SETPRIV = '/usr/bin/setpriv';

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
/** @type {Set<string>} */
const folders = new Set();

const isRunning = (child) => child.exitCode === null && child.signalCode === null;

function killChildren() {
	for (const child of children) {
		if (isRunning(child)) {
			child.kill('SIGKILL');
		}
	}
}

process.once('exit', () => {
	killChildren();
	for (const folder of folders) {
		removeFolder(folder);
	}
});
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
	process.once(signal, () => process.exit(code));
}

/**
 * A new temporary folder, removed when the process ends at the latest. `BALLAST_E2E_KEEP=1` keeps it.
 *
 * @returns {string}
 */
export function temporaryFolder() {
	const folder = mkdtempSync(join(tmpdir(), 'ballast-e2e-'));
	folders.add(folder);
	return folder;
}

/** @param {string} folder one that `temporaryFolder` made */
export function removeFolder(folder) {
	folders.delete(folder);
	if (!process.env.BALLAST_E2E_KEEP) {
		rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
	}
}

/** Has a process killed when this one ends. */
export function stopAtExit(child) {
	children.add(child);
	child.once('close', () => children.delete(child));
}

/**
 * Starts `ballast`. The process is killed when this one ends, however it ends.
 *
 * @param {string[]} args
 * @param {import('node:child_process').StdioOptions} stdio
 * @param {string} [binary] of another build
 * @returns {import('node:child_process').ChildProcess}
 */
export function spawnBallast(args, stdio, binary = ballastBinary()) {
	// A SIGKILL of this process runs no handler of ours; the kernel then kills the node.
	const [command, argv] = existsSync(SETPRIV)
		? [SETPRIV, ['--pdeathsig', 'KILL', '--', binary, ...args]]
		: [binary, args];
	const child = spawn(command, argv, { stdio });
	stopAtExit(child);
	return child;
}

/**
 * Sends `signal` and waits for the process to end.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
export async function endProcess(child, signal) {
	if (isRunning(child)) {
		child.kill(signal);
	}
	await waitFor(`process ${child.pid} to end after ${signal}`, () => !isRunning(child));
}

/**
 * Runs `ballast` to its end and returns what a user at a terminal would have seen.
 *
 * @param {string[]} args
 * @param {{ limitMs?: number }} [options] after the limit it is killed and the promise rejects
 * @returns {Promise<{ code: number | null, signal: string | null, stdout: string, stderr: string }>}
 */
export function runBallast(args, { limitMs = 60_000 } = {}) {
	return new Promise((resolve, reject) => {
		const child = spawnBallast(args, ['ignore', 'pipe', 'pipe']);
		const output = { stdout: '', stderr: '' };
		for (const stream of ['stdout', 'stderr']) {
			child[stream].setEncoding('utf8').on('data', (text) => {
				output[stream] += text;
			});
		}
		const timer = setTimeout(() => {
			child.kill('SIGKILL');
			reject(
				new Error(
					`\`ballast ${args.join(' ')}\` still runs after ${limitMs / 1000} s; ` +
						`it printed:\n${output.stdout}${output.stderr}`,
				),
			);
		}, limitMs);
		child.once('error', reject);
		child.once('close', (code, signal) => {
			clearTimeout(timer);
			resolve({ code, signal, ...output });
		});
	});
}
