// SPDX-License-Identifier: Apache-2.0
import { TypeRegistry } from '@polkadot/types';
import { u8aToHex } from '@polkadot/util';
import { sr25519Verify } from '@polkadot/util-crypto';

import { runtimeValue } from './chain.js';

const registry = new TypeRegistry();
const AURA = 'aura';

function auraLog(header, kind) {
	const logs = header.digest.logs.filter(
		(log) => log.type === kind && log[`as${kind}`][0].toString() === AURA,
	);
	if (logs.length !== 1) {
		throw new Error(`block ${header.number} has ${logs.length} Aura logs of kind ${kind}, not 1`);
	}
	return logs[0][`as${kind}`][1];
}

/** The slot that the author of `header` claims. */
export const slotOf = (header) =>
	registry.createType('u64', auraLog(header, 'PreRuntime').toU8a(true)).toNumber();

/** The hash the author signed: of the header without its seal. */
function sealedHash(header) {
	const logs = header.digest.logs.filter((log) => log.type !== 'Seal');
	return registry.createType('Header', { ...header.toJSON(), digest: { logs } }).hash;
}

/**
 * The authority whose signature seals `header`, checked against the authorities at its parent.
 *
 * @returns {Promise<string>} public key in hex
 * @throws {Error} when the seal is not that of the slot's authority
 */
export async function authorOf(node, header) {
	const parent = header.parentHash.toHex();
	const authorities = await runtimeValue(node, 'AuraApi_authorities', 'Vec<[u8; 32]>', parent);
	const author = authorities[slotOf(header) % authorities.length].toU8a(true);
	const seal = auraLog(header, 'Seal').toU8a(true);
	if (!sr25519Verify(sealedHash(header).toU8a(), seal, author)) {
		throw new Error(`the seal of block ${header.number} is not by ${u8aToHex(author)}`);
	}
	return u8aToHex(author);
}
