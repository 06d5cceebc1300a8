// SPDX-License-Identifier: Apache-2.0
import { hexToU8a, u8aConcat, u8aToHex } from '@polkadot/util';

import { bestHead, headAt, runtimeCall, waitForBlock } from './chain.js';
import { slotOf } from './digest.js';

const SLOT_MS = 500;
/** Priorities of one lane. */
const LANE_SPAN = 1n << 61n;
/** Discriminant of `External` in `TransactionSource`: as the pool asks. */
const SOURCE_EXTERNAL = 2;
/** Blocks within which a transaction has to be in the chain. */
const BLOCK_LIMIT = 120;
/** Empty blocks that may come between a transaction and its block. */
const EMPTY_BLOCKS = 4;

/** Lanes by their rank, worst first. */
export const LANES = ['General', 'Takers', 'Makers', 'RiskDown', 'Solvency'];

/**
 * Signs a call.
 *
 * @param {{ nonce?: number, tip?: bigint }} [options] the next nonce by default, counting what the pool holds
 */
export const sign = (api, call, pair, { nonce = -1, tip = 0n } = {}) =>
	// A copy: signing changes the object. Immortal: without a look at the chain for each.
	api.tx(call.method).signAsync(pair, { nonce, tip, era: 0 });

/**
 * What the runtime says of a signed transaction at a block, the best one by default.
 *
 * @returns {Promise<{ priority: bigint, lane: string } | { refusal: string }>} `refusal`: as
 *   `Unknown.Custom(4)`
 */
export async function validityOf(node, api, tx, at = undefined) {
	const hash = at ?? (await bestHead(node)).hash;
	const input = u8aToHex(u8aConcat([SOURCE_EXTERNAL], tx.toU8a(), hexToU8a(hash)));
	const output = await runtimeCall(node, 'TaggedTransactionQueue_validate_transaction', input, hash);
	const answer = api.registry.createType('TransactionValidity', hexToU8a(output));
	if (answer.isErr) {
		return { refusal: refusalOf(answer.asErr) };
	}
	const priority = answer.asOk.priority.toBigInt();
	return { priority, lane: LANES[Number(priority / LANE_SPAN)] };
}

const refusalOf = ({ type, value }) =>
	`${type}.${value.isCustom ? `Custom(${value.asCustom})` : value.type}`;

/**
 * What would become of a transaction in the block after `at`, in the state that `at` has left.
 *
 * @returns {Promise<string>} `Ok`, the kind of the dispatch error, or the refusal
 */
export async function dryRun(node, api, tx, at) {
	const output = await node.rpc('system_dryRun', tx.toHex(), at);
	const result = api.registry.createType('ApplyExtrinsicResult', hexToU8a(output));
	if (result.isErr) {
		return refusalOf(result.asErr);
	}
	return result.asOk.isErr ? result.asOk.asErr.type : 'Ok';
}

/** Submits a signed transaction; `acceptedAt`: when the node had said that its pool has it. */
export async function submit(node, tx) {
	const hash = await node.rpc('author_submitExtrinsic', tx.toHex());
	return { hash, acceptedAt: Date.now() };
}

/** Submits right after a block has come, when the author is farthest from building the next one. */
export async function submitAfterBlock(node, ...txs) {
	await waitForBlock(node, (await bestHead(node)).number + 1);
	const sent = [];
	for (const tx of txs) {
		sent.push(await submit(node, tx));
	}
	return sent;
}

/**
 * Where a transaction is in the chain, from block `first` on; waits for blocks.
 *
 * @returns {Promise<{ number: number, blockHash: string, index: number, events: object[] }>}
 */
export async function whereIs(node, api, hash, first, { limit = BLOCK_LIMIT } = {}) {
	for (let number = first; number < first + limit; number += 1) {
		await waitForBlock(node, number);
		const blockHash = await node.rpc('chain_getBlockHash', number);
		const hashes = await bodyOf(api, blockHash);
		const index = hashes.indexOf(hash);
		if (index >= 0) {
			const at = await api.at(blockHash);
			const records = await at.query.system.events();
			const own = ({ phase }) => phase.isApplyExtrinsic && phase.asApplyExtrinsic.eqn(index);
			return { number, blockHash, index, events: records.filter(own).map(({ event }) => event) };
		}
	}
	throw new Error(`the transaction ${hash} is in none of the ${limit} blocks from ${first} on`);
}

/** Hashes of the transactions of a block, inherents among them, in order. */
export async function bodyOf(api, blockHash) {
	const { block } = await api.rpc.chain.getBlock(blockHash);
	return block.extrinsics.map((extrinsic) => extrinsic.hash.toHex());
}

/**
 * Whether a block is the first one that could have had a transaction: the one before it had begun to be built
 * when the pool had it.
 *
 * On a busy machine an author runs out of time, or its pool is not yet done with the block before, and it makes an
 * empty block: a few of those do not count. One that has other transactions does.
 */
export async function isNextBlock(node, api, number, acceptedAt) {
	for (let earlier = number - 1; earlier >= number - 1 - EMPTY_BLOCKS; earlier -= 1) {
		const { hash, header } = await headAt(node, earlier);
		if (slotOf(header) * SLOT_MS <= acceptedAt) {
			return true;
		}
		if ((await lanesIn(api, hash)).length > 0) {
			return false;
		}
	}
	return false;
}

/** The lane of a call as the documentation has it: what is inside of a call does not count. */
export function laneOf({ section, method, args }) {
	if (section === 'liquidation' && ['bid', 'topUp', 'look'].includes(method)) {
		return 'Solvency';
	}
	if (section !== 'orderBook') {
		return 'General';
	}
	if (method === 'place') {
		const { kind, reduceOnly } = args[1];
		return reduceOnly.isTrue ? 'RiskDown' : kind.isPostOnly ? 'Makers' : 'Takers';
	}
	return method.startsWith('cancel') || method === 'removeExpired' ? 'RiskDown' : 'Takers';
}

/** Signed transactions of a block: hash and lane, in order. */
export async function lanesIn(api, blockHash) {
	const { block } = await api.rpc.chain.getBlock(blockHash);
	return block.extrinsics
		.filter(({ isSigned }) => isSigned)
		.map((extrinsic) => ({ hash: extrinsic.hash.toHex(), lane: laneOf(extrinsic.method) }));
}
