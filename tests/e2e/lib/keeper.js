// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { stopAtExit } from './process.js';
import { waitFor } from './wait.js';

/** The compiled bot: `npm ci` in `bots`, `npm run build` in `bots/keeper`. */
const MAIN = fileURLToPath(new URL('../../../bots/keeper/dist/keeper/src/main.js', import.meta.url));

/** A keeper of `bots/keeper` as a process of its own. */
export class KeeperProcess {
	#child;
	#output = '';

	/** @param {string[]} args of the bot's command line, beside the node's address */
	constructor(node, args = []) {
		if (!existsSync(MAIN)) {
			throw new Error(`no keeper at ${MAIN}: run \`npm ci\` in bots and \`npm run build\` in bots/keeper`);
		}
		this.#child = spawn(process.execPath, [MAIN, '--url', node.wsUrl, ...args], {
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		stopAtExit(this.#child);
		for (const stream of [this.#child.stdout, this.#child.stderr]) {
			stream.setEncoding('utf8').on('data', (text) => {
				this.#output += text;
			});
		}
	}

	/** What it has printed so far. */
	get output() {
		return this.#output;
	}

	get isRunning() {
		return this.#child.exitCode === null && this.#child.signalCode === null;
	}

	/** Waits until it has printed something. */
	async says(pattern) {
		const state = () => this.#output.slice(-2_000);
		await waitFor(
			`the keeper to say ${pattern}`,
			() => {
				if (!this.isRunning && !pattern.test(this.#output)) {
					throw new Error(`the keeper has ended; it printed:\n${state()}`);
				}
				return pattern.test(this.#output);
			},
			{ state },
		);
	}

	/** Asks it to end as Ctrl-C or a service manager does; the exit code. */
	async stop() {
		this.#child.kill('SIGTERM');
		await waitFor('the keeper to end', () => !this.isRunning);
		return this.#child.exitCode;
	}
}
