// SPDX-License-Identifier: Apache-2.0
import { Keyring } from '@polkadot/api';
import { cryptoWaitReady } from '@polkadot/util-crypto';

await cryptoWaitReady();

const keyring = new Keyring({ type: 'sr25519', ss58Format: 42 });

/**
 * The key pair of a development account.
 *
 * @param {string} path derivation path: `//Alice`, `//Alice//stash`, `//trader//7`
 * @returns {import('@polkadot/keyring/types').KeyringPair}
 */
export const account = (path) => keyring.addFromUri(path);
