// SPDX-License-Identifier: Apache-2.0
import { plain } from './plain.js';
import { dataOf } from './trading.js';
import { headAt, bestHead, waitForBlock } from '../chain.js';
import { eventName } from '../transactions.js';

/** Blocks within which what a test waits for has to happen. */
const BLOCK_LIMIT = 120;

/**
 * A block with what happened in it.
 *
 * @typedef {object} Entry
 * @property {number} number
 * @property {string} hash
 * @property {import('@polkadot/types/interfaces').Header} header
 * @property {{ name: string, data: object, extrinsic: number | null }[]} events as plain data; `extrinsic`:
 *   of which one of the body; null for the protocol's own part of the block
 */

/** @returns {Promise<Entry>} block `number` of the best chain */
export async function readBlock(node, api, number) {
	const { hash, header } = await headAt(node, number);
	const at = await api.at(hash);
	const records = await at.query.system.events();
	const events = records.map(({ phase, event }) => ({
		name: eventName(event),
		data: dataOf(event),
		extrinsic: phase.isApplyExtrinsic ? phase.asApplyExtrinsic.toNumber() : null,
	}));
	return { number, hash, header, events };
}

/** Events of that name in a block. */
export const eventsIn = (block, name) => block.events.filter((event) => event.name === name);

/** Reads the blocks of a chain one after the other, none left out. */
export class Chronicle {
	/** @type {Entry[]} read so far */
	blocks = [];

	constructor(node, api, next) {
		this.node = node;
		this.api = api;
		this.next = next;
	}

	/** One that begins with the block after the best one. */
	static async begin(node, api) {
		return new Chronicle(node, api, (await bestHead(node)).number + 1);
	}

	/** Waits for the next block and reads it. */
	async turn() {
		await waitForBlock(this.node, this.next);
		const block = await readBlock(this.node, this.api, this.next);
		this.next += 1;
		this.blocks.push(block);
		return block;
	}

	/**
	 * Reads on up to the first block that `isIt`, and returns that block.
	 *
	 * @param {string} what completes "no block ..."
	 * @param {(block: Entry) => unknown | Promise<unknown>} isIt
	 * @param {{ limit?: number }} [options] blocks to read at most
	 */
	async until(what, isIt, { limit = BLOCK_LIMIT } = {}) {
		for (let read = 0; read < limit; read += 1) {
			const block = await this.turn();
			if (await isIt(block)) {
				return block;
			}
		}
		throw new Error(`no block ${what} among the ${limit} up to ${this.next - 1}`);
	}

	/** Reads on up to the first block with an event, and returns that block with the event. */
	async untilEvent(name, matches = () => true, options = {}) {
		const find = (block) => eventsIn(block, name).find(({ data }) => matches(data));
		const block = await this.until(`has ${name}`, find, options);
		return { block, event: find(block).data };
	}

	/** Reads up to the best block. */
	async catchUp() {
		const { number } = await bestHead(this.node);
		while (this.next <= number) {
			await this.turn();
		}
	}

	/** All events of that name, of all blocks read. */
	all(name) {
		return this.blocks.flatMap((block) => eventsIn(block, name).map(({ data }) => ({ block, ...data })));
	}
}

/** The state before a block, and after it: see `stateAt`. */
export async function statesAround(api, hash) {
	const { parentHash } = await api.rpc.chain.getHeader(hash);
	return Promise.all([parentHash.toHex(), hash].map((each) => stateAt(api, each)));
}

/** The state of the chain at a block, by name, as plain data. */
export async function stateAt(api, hash) {
	const { call, query } = await api.at(hash);
	const { exchangeApi, solvencyApi } = call;
	return {
		/** Margin report of an account; null if there is none. */
		report: async ({ owner, index }) => plain(await exchangeApi.account(owner, index)),
		/** Record of an account. */
		account: async (key) => plain(await query.clearing.accounts(key)),
		auction: async ({ owner, index }) => plain(await solvencyApi.auction(owner, index)),
		figures: async () => plain(await solvencyApi.figures()),
		lanes: async () => plain(await solvencyApi.lanes()),
		time: async () => plain(await query.timestamp.now()),
		/** What a contract of a series is worth, micro-USD. */
		mark: async ({ underlying, expiry, strike, kind }) => {
			const lines = plain(await exchangeApi.series(underlying, expiry));
			const isIt = ({ quote: { series } }) => series.strike === strike && series.kind === kind;
			return lines.find(isIt).quote.mark;
		},
		market: async (underlying) =>
			plain(await exchangeApi.markets()).find((market) => market.underlying === BigInt(underlying)),
		/** Free native tokens of an account. */
		free: async (address) => plain(await query.system.account(address)).data.free,
	};
}
