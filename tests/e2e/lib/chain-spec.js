// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

import { ballastBinary } from './binary.js';
import { runBallast } from './process.js';
import { START_LIMIT_MS } from './wait.js';

const specs = new Map();

/**
 * The path of the raw chain spec of a chain that the binary knows.
 *
 * A node started with it compiles the runtime once. By the chain's name it compiles it twice, since
 * the preset is a call into the runtime, and that is most of a test's time. So specs are kept
 * between runs, one per build of the binary.
 *
 * @param {string} chain `dev` or `local`
 * @returns {Promise<string>}
 */
export function rawSpec(chain) {
	if (!specs.has(chain)) {
		specs.set(chain, exportSpec(chain));
	}
	return specs.get(chain);
}

async function exportSpec(chain) {
	const { mtimeMs, size, ino } = statSync(ballastBinary());
	const folder = join(tmpdir(), `ballast-e2e-specs-${userInfo().uid}`);
	const path = join(folder, `${chain}-${mtimeMs}-${size}-${ino}.json`);
	if (!existsSync(path)) {
		const spec = await exported(['--chain', chain, '--raw']);
		mkdirSync(folder, { recursive: true });
		const draft = `${path}.${process.pid}`;
		writeFileSync(draft, spec);
		// Another test file may be doing the same: either of two whole files will do.
		renameSync(draft, path);
	}
	return path;
}

async function exported(args) {
	const { code, stdout, stderr } = await runBallast(['export-chain-spec', ...args], {
		limitMs: START_LIMIT_MS,
	});
	if (code !== 0) {
		throw new Error(`\`ballast export-chain-spec ${args.join(' ')}\` failed:\n${stderr}`);
	}
	return stdout;
}

/** The raw spec of `chain` as JSON, to be changed. */
export async function readRawSpec(chain) {
	return JSON.parse(readFileSync(await rawSpec(chain), 'utf8'));
}
