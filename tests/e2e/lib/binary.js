// SPDX-License-Identifier: Apache-2.0
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Path of the `ballast` binary: `BALLAST_BIN`, or else the release build in cargo's target folder.
 *
 * @returns {string} path of an executable file
 * @throws {Error} when there is none, saying how to get one
 */
export function ballastBinary() {
	const target = process.env.CARGO_TARGET_DIR || join(homedir(), '.cache/ballast/target');
	const path = process.env.BALLAST_BIN || join(target, 'release/ballast');
	try {
		accessSync(path, constants.X_OK);
	} catch {
		throw new Error(
			`no executable node at ${path}: build it with \`cargo build --release -p ballast\`, ` +
				'or name one in the environment variable BALLAST_BIN',
		);
	}
	return path;
}
