// SPDX-License-Identifier: Apache-2.0
import { account } from '../accounts.js';
import { signAndWait } from '../transactions.js';
import { sign, submit } from '../pool.js';
import { waitFor } from '../wait.js';
import { newOrder } from './trading.js';

const BAL = 10n ** 12n;
/** What each account of a flood begins with: the deposit of a margin account, and fees. */
const FUND = 100n * BAL;
/** Requests under way at once. */
const AT_ONCE = 16;
/** Accounts that one transaction of the funder fills. */
const PER_BATCH = 50;

/** Calls `each` for all items, some at a time. */
async function forAll(items, each) {
	for (let first = 0; first < items.length; first += AT_ONCE) {
		await Promise.all(items.slice(first, first + AT_ONCE).map(each));
	}
}

/**
 * Many small accounts that send orders all at once.
 *
 * Ordinary submission is about as slow as blocks are at taking orders. So all orders but the first one of each
 * account go to the pool beforehand and wait there for it: their nonces are too high. The first ones then make all
 * of them ready.
 */
export class Flood {
	#first = [];
	/** Hashes of its orders that are in no block yet, as far as `seen` was told. */
	#missing = new Set();

	constructor(node, api, traders, perAccount) {
		this.node = node;
		this.api = api;
		this.traders = traders;
		this.perAccount = perAccount;
	}

	/** Funds accounts and opens a margin account for each: an empty one will do for orders that do not fill. */
	static async prepare(node, api, { accounts = 80, perAccount = 9 } = {}) {
		const traders = Array.from({ length: accounts }, (_, index) => account(`//flood//${index}`));
		const { balances, clearing, utility } = api.tx;
		for (let first = 0; first < accounts; first += PER_BATCH) {
			const some = traders.slice(first, first + PER_BATCH);
			const transfers = some.map(({ address }) => balances.transferKeepAlive(address, FUND));
			await signAndWait(api, utility.batchAll(transfers), account('//Alice'));
		}
		await forAll(traders, async (pair) => {
			await submit(node, await sign(api, clearing.openAccount(1, 'Standard'), pair, { nonce: 0 }));
		});
		const isOpen = async ({ address }) =>
			(await api.query.clearing.accounts({ owner: address, index: 1 })).isSome;
		await waitFor('the accounts of the flood', async () => {
			const open = await Promise.all(traders.map(isOpen));
			return open.every(Boolean);
		});
		return new Flood(node, api, traders, perAccount);
	}

	/** Signs orders that will not fill, and hands all to the pool but those that make them ready. */
	async load(series, tick) {
		const order = newOrder({ series, side: 'Buy', price: tick, lots: 1, kind: 'ImmediateOrCancel' });
		const call = this.api.tx.orderBook.place(1, order);
		await forAll(this.traders, async (pair) => {
			const nonces = Array.from({ length: this.perAccount }, (_, index) => 1 + index);
			const [first, ...rest] = await Promise.all(nonces.map((nonce) => sign(this.api, call, pair, { nonce })));
			this.#first.push(first);
			[first, ...rest].forEach((tx) => this.#missing.add(tx.hash.toHex()));
			for (const tx of rest) {
				await submit(this.node, tx);
			}
		});
	}

	/** Takes note of transactions that are in a block; whether every order is in one now. */
	seen(hashes) {
		hashes.forEach((hash) => this.#missing.delete(hash));
		return this.#missing.size === 0;
	}

	/**
	 * Whether none of those that are in no block yet is ready: the node's default pool leaves some of the orders that an account
	 * has sent ahead among its futures for good now and then (tests/load/README.md).
	 */
	async hasDried() {
		const pending = await this.node.rpc('author_pendingExtrinsics');
		const hashes = pending.map((hex) => this.api.createType('Extrinsic', hex).hash.toHex());
		return !hashes.some((hash) => this.#missing.has(hash));
	}

	/** Makes all of them ready. */
	async release() {
		await forAll(this.#first, (tx) => submit(this.node, tx));
	}
}
