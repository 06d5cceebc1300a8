// SPDX-License-Identifier: Apache-2.0
// Writes docs/reference/{calls,queries,events,errors,parameters}.md from what the code says: metadata of a
// development chain, its genesis values, doc comments of types. `--check` compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { waitForMarket } from '../exchange/trading.js';
import { startNode } from '../node.js';
import { referencePages } from './pages.js';

const FOLDER = fileURLToPath(new URL('../../../../docs/reference', import.meta.url));
const check = process.argv.includes('--check');

const node = await startNode();
const api = await node.api();
await waitForMarket(api);
const pages = await referencePages(api);
await node.dispose();

for (const [name, text] of Object.entries(pages)) {
	const path = `${FOLDER}/${name}`;
	if (!check) {
		writeFileSync(path, text);
		console.log(`wrote docs/reference/${name}`);
	} else if (readFileSync(path, 'utf8') !== text) {
		console.error(`docs/reference/${name} differs from the code: run scripts/reference-docs`);
		process.exitCode = 1;
	}
}
process.exit();
