// SPDX-License-Identifier: Apache-2.0
import { within } from './wait.js';

/**
 * A transaction in a block.
 *
 * @typedef {object} Outcome
 * @property {string} blockHash
 * @property {number} index in the block's body
 * @property {import('@polkadot/types/interfaces').Event[]} events of this transaction
 * @property {DispatchFailure | null} error
 */

/** The pool let go of a transaction it had taken: `status` is its last word. */
export class PoolError extends Error {
	constructor(status) {
		super(`the transaction pool reports ${status}`);
		this.name = 'PoolError';
		this.status = status.type;
	}
}

/**
 * A transaction that is in a block and failed there. `code` names the error:
 * `balances.InsufficientBalance` of a pallet, `Token.FundsUnavailable` of the runtime.
 */
export class DispatchFailure extends Error {
	constructor({ code, docs }, outcome = null) {
		super(docs ? `${code}: ${docs}` : code);
		this.name = 'DispatchFailure';
		this.code = code;
		this.outcome = outcome;
	}
}

/** The name and documentation of a `DispatchError`. */
export function decodeDispatchError(api, error) {
	if (error.isModule) {
		const { section, name, docs } = api.registry.findMetaError(error.asModule);
		return { code: `${section}.${name}`, docs: docs.join(' ').trim() };
	}
	const inner = error.value?.type;
	return { code: inner ? `${error.type}.${inner}` : error.type, docs: '' };
}

/** `section.Name` of an event, as `balances.Transfer`. */
export const eventName = ({ section, method }) => `${section}.${method}`;

/**
 * The one event of that name in `events`.
 *
 * @throws {Error} when there is none or more than one
 */
export function findEvent(events, name) {
	const found = events.filter((event) => eventName(event) === name);
	if (found.length !== 1) {
		throw new Error(
			`expected one event ${name}, found ${found.length} in [${events.map(eventName).join(', ')}]`,
		);
	}
	return found[0];
}

/** What became of a transaction, by the events of its block. */
function outcomeOf(api, blockHash, index, events) {
	const outcome = { blockHash, index, events, error: null };
	const failed = events.find((event) => eventName(event) === 'system.ExtrinsicFailed');
	if (failed) {
		outcome.error = new DispatchFailure(decodeDispatchError(api, failed.data[0]), outcome);
	}
	return outcome;
}

/** What became of a transaction, as polkadot.js tells it. */
function outcomeOfResult(api, { status, txIndex, events, internalError }) {
	if (internalError) {
		// polkadot.js hands over a block it could not read as one without events.
		throw new Error(`polkadot.js could not read the transaction's block: ${internalError.message}`, {
			cause: internalError,
		});
	}
	const blockHash = (status.isFinalized ? status.asFinalized : status.asInBlock).toHex();
	return outcomeOf(api, blockHash, txIndex, events.map(({ event }) => event));
}

/**
 * What became of a transaction that is in the chain of `api`: looked for from the best block back.
 *
 * @param {import('@polkadot/api').ApiPromise} api
 * @param {string} hash of the transaction
 * @returns {Promise<Outcome>}
 * @throws {Error} it is in none of the last blocks
 */
export async function outcomeInChain(api, hash, { blocks = 100 } = {}) {
	let blockHash = await api.rpc.chain.getBlockHash();
	for (let looked = 0; looked < blocks; looked += 1) {
		const { block } = await api.rpc.chain.getBlock(blockHash);
		const index = block.extrinsics.findIndex((extrinsic) => extrinsic.hash.eq(hash));
		if (index >= 0) {
			const at = await api.at(blockHash);
			const records = await at.query.system.events();
			const own = records.filter(
				({ phase }) => phase.isApplyExtrinsic && phase.asApplyExtrinsic.eqn(index),
			);
			return outcomeOf(api, blockHash.toHex(), index, own.map(({ event }) => event));
		}
		blockHash = block.header.parentHash;
	}
	throw new Error(`the transaction ${hash} is in none of the last ${blocks} blocks`);
}

/** Follows the submission that `submit` makes until the block that counts. */
function follow(api, submit, finalized) {
	let unsubscribe = () => {};
	const done = new Promise((resolve, reject) => {
		submit((result) => {
			const { status } = result;
			if (status.isFinalized || (status.isInBlock && !finalized)) {
				resolve(result);
			} else if (result.isError) {
				reject(new PoolError(status));
			}
		}).then((stop) => {
			unsubscribe = stop;
		}, reject);
	});
	return within('a transaction to get into a block', done)
		.then((result) => outcomeOfResult(api, result))
		.finally(() => unsubscribe());
}

function successful(outcome) {
	if (outcome.error) {
		throw outcome.error;
	}
	return outcome;
}

/**
 * Signs `tx`, submits it and waits until it is in a block.
 *
 * @param {import('@polkadot/api').ApiPromise} api
 * @param {import('@polkadot/api/types').SubmittableExtrinsic<'promise'>} tx
 * @param {import('@polkadot/keyring/types').KeyringPair} signer
 * @param {{ finalized?: boolean, nonce?: number, tip?: bigint, era?: number }} [options]
 *   `finalized`: wait until that block is final; the rest goes to polkadot.js
 * @returns {Promise<Outcome>}
 * @throws {DispatchFailure} it is in a block and failed
 * @throws {PoolError} the pool dropped it
 * @throws {Error} the pool refused it (an RPC error; its text is the node's)
 */
export async function signAndWait(api, tx, signer, { finalized = false, ...options } = {}) {
	return successful(
		await follow(api, (onStatus) => tx.signAndSend(signer, options, onStatus), finalized),
	);
}

/** As `signAndWait`, for a transaction that is signed already. */
export async function sendAndWait(api, tx, { finalized = false } = {}) {
	return successful(await follow(api, (onStatus) => tx.send(onStatus), finalized));
}

/** `call` as root by the sudo key, without its weight limit. */
export const asRoot = (api, call) =>
	api.tx.sudo.sudoUncheckedWeight(call, { refTime: 0, proofSize: 0 });

/** `outcome`, unless the call inside sudo failed. */
export function successfulAsRoot(api, outcome) {
	const [result] = findEvent(successful(outcome).events, 'sudo.Sudid').data;
	if (result.isErr) {
		throw new DispatchFailure(decodeDispatchError(api, result.asErr), outcome);
	}
	return outcome;
}

/**
 * Dispatches `call` as root by the sudo key, without its weight limit.
 *
 * @returns {Promise<Outcome>}
 * @throws {DispatchFailure} also when sudo succeeds and the call inside fails
 */
export async function sudo(api, call, sudoKey, options) {
	return successfulAsRoot(api, await signAndWait(api, asRoot(api, call), sudoKey, options));
}
