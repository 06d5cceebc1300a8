// SPDX-License-Identifier: Apache-2.0
import { hexToU8a, u8aConcat } from '@polkadot/util';
import { base58Encode, ed25519PairFromSeed } from '@polkadot/util-crypto';

// libp2p's identity multihash (0x00, 36 bytes) of a protobuf `PublicKey { type: Ed25519, data }`.
const ED25519_PEER_ID_PREFIX = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

/**
 * The libp2p peer id that belongs to a node key.
 *
 * @param {string} nodeKey 32 bytes in hex, without `0x`
 * @returns {string}
 */
export function peerIdOf(nodeKey) {
	const { publicKey } = ed25519PairFromSeed(hexToU8a(`0x${nodeKey}`));
	return base58Encode(u8aConcat(ED25519_PEER_ID_PREFIX, publicKey));
}
