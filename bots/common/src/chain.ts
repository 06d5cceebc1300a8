// SPDX-License-Identifier: Apache-2.0
import { ApiPromise, WsProvider } from '@polkadot/api';
import type { QueryableStorageEntry } from '@polkadot/api/types';
import type { Codec } from '@polkadot/types/types';
import type { DispatchError, EventRecord, Header } from '@polkadot/types/interfaces';
import { hexToU8a } from '@polkadot/util';
import { blake2AsHex } from '@polkadot/util-crypto';

const RPC_TIMEOUT_MS = 20_000;
/** Blocks that arrive at once are looked at one by one, back to this many. */
const MAX_BLOCKS_BEHIND = 32;

/** The chain at the other end is not one that this bot can work on. */
export class WrongChain extends Error {}

/** One event: whose, what, and its fields by name. */
export interface ChainEvent {
	/** Index of the transaction that it belongs to, or null. */
	transaction: number | null;
	/** As `orderBook.Filled`. */
	name: string;
	fields: Record<string, Codec>;
}

export interface Block {
	number: number;
	hash: string;
	/** Hashes of its transactions, in order. */
	transactions: string[];
	events: ChainEvent[];
}

/**
 * One connection to a node, from its beginning to its loss. It never comes back by itself: the caller
 * opens another one and starts from what the chain says then.
 */
export class Session {
	readonly #listeners: ((block: Block) => void)[] = [];
	readonly #seen = new Map<string, true>();
	#queue: Promise<void> = Promise.resolve();
	#newest: Block | null = null;
	#error: Error | null = null;
	#isInterrupted = false;
	#wake: () => void = () => {};

	private constructor(
		readonly api: ApiPromise,
		private readonly provider: WsProvider,
	) {
		provider.on('disconnected', () => this.#fail(new Error('the connection to the node is lost')));
	}

	/**
	 * Connects and begins to follow the best chain.
	 *
	 * @throws WrongChain if the chain has no exchange
	 */
	static async open(url: string): Promise<Session> {
		const provider = new WsProvider(url, false, {}, RPC_TIMEOUT_MS);
		try {
			await connect(provider, url);
			const api = await ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: true });
			if (!api.tx['orderBook']?.['batch'] || !api.call['exchangeApi']?.['series']) {
				throw new WrongChain(`the chain at ${url} has no exchange`);
			}
			const session = new Session(api, provider);
			await api.rpc.chain.subscribeNewHeads((header) => session.#follow(header));
			return session;
		} catch (error) {
			await provider.disconnect().catch(() => {});
			throw error;
		}
	}

	/** Tells of every block of the best chain, parents first. */
	onBlock(listener: (block: Block) => void): void {
		this.#listeners.push(listener);
	}

	/**
	 * The newest block that was not handed out yet; waits for it.
	 *
	 * @returns null once `interrupt` was called
	 * @throws Error when the connection is lost
	 */
	async nextBlock(): Promise<Block | null> {
		while (this.#newest === null && this.#error === null && !this.#isInterrupted) {
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
		if (this.#error !== null) {
			throw this.#error;
		}
		const block = this.#isInterrupted ? null : this.#newest;
		this.#newest = null;
		return block;
	}

	/** Nobody waits for blocks any more; they still come. */
	interrupt(): void {
		this.#isInterrupted = true;
		this.#wake();
	}

	/** Calls a function of the runtime's `ExchangeApi` at the best block. */
	exchange(name: string, ...args: unknown[]): Promise<Codec> {
		return this.runtime('exchangeApi', name, ...args);
	}

	/** Calls a function of one of the runtime's interfaces at the best block. */
	async runtime(name: string, method: string, ...args: unknown[]): Promise<Codec> {
		const call = this.api.call[name]?.[method];
		if (!call) {
			throw new WrongChain(`the chain's runtime has no function ${name}.${method}`);
		}
		return call(...args);
	}

	/** Reads one value at the best block. */
	async value(pallet: string, item: string, ...keys: unknown[]): Promise<Codec> {
		return this.#entry(pallet, item)(...keys);
	}

	/** Reads many values of one storage map at the best block. */
	async values(pallet: string, item: string, keys: unknown[]): Promise<Codec[]> {
		return keys.length === 0 ? [] : this.#entry(pallet, item).multi(keys);
	}

	async close(): Promise<void> {
		await this.provider.disconnect().catch(() => {});
	}

	#entry(pallet: string, item: string): QueryableStorageEntry<'promise'> {
		const entry = this.api.query[pallet]?.[item];
		if (!entry) {
			throw new WrongChain(`the chain has no storage ${pallet}.${item}`);
		}
		return entry;
	}

	#fail(error: Error): void {
		this.#error ??= error;
		this.#wake();
	}

	#follow(header: Header): void {
		this.#queue = this.#queue.then(() => this.#catchUp(header)).catch((error) => this.#fail(error as Error));
	}

	async #catchUp(header: Header): Promise<void> {
		const missing = [{ hash: header.hash.toHex(), number: header.number.toNumber() }];
		let parent = header.parentHash.toHex();
		while (this.#seen.size > 0 && !this.#seen.has(parent) && missing.length < MAX_BLOCKS_BEHIND) {
			const next = await this.api.rpc.chain.getHeader(parent);
			missing.push({ hash: parent, number: next.number.toNumber() });
			parent = next.parentHash.toHex();
		}
		for (const { hash, number } of missing.reverse()) {
			if (this.#seen.has(hash)) {
				continue;
			}
			const block = await this.#read(number, hash);
			this.#remember(hash);
			this.#listeners.forEach((listener) => listener(block));
			this.#newest = block;
		}
		this.#wake();
	}

	async #read(number: number, hash: string): Promise<Block> {
		const [signed, records] = await Promise.all([
			this.provider.send<{ block: { extrinsics: string[] } }>('chain_getBlock', [hash]),
			this.#entry('system', 'events').at(hash),
		]);
		const transactions = signed.block.extrinsics.map((bytes) => blake2AsHex(hexToU8a(bytes)));
		return { number, hash, transactions, events: (records as unknown as EventRecord[]).map(eventOf) };
	}

	#remember(hash: string): void {
		this.#seen.set(hash, true);
		const [oldest] = this.#seen.keys();
		if (this.#seen.size > 2 * MAX_BLOCKS_BEHIND && oldest !== undefined) {
			this.#seen.delete(oldest);
		}
	}
}

/** A `DispatchError` as `orderBook.WouldCross` or `Token.FundsUnavailable`. */
export function errorName(api: ApiPromise, error: DispatchError): string {
	if (error.isModule) {
		const { section, name } = api.registry.findMetaError(error.asModule);
		return `${section}.${name}`;
	}
	const inner = (error.value as { type?: string } | undefined)?.type;
	return inner ? `${error.type}.${inner}` : error.type;
}

/** What the metadata says about a `DispatchError`; empty where it says nothing. */
export function errorDocs(api: ApiPromise, error: DispatchError): string {
	return error.isModule ? api.registry.findMetaError(error.asModule).docs.join(' ').trim() : '';
}

async function connect(provider: WsProvider, url: string): Promise<void> {
	const answer = new Promise<void>((resolve, reject) => {
		provider.on('connected', resolve);
		provider.on('error', () => reject(new Error(`no node answers at ${url}`)));
		provider.on('disconnected', () => reject(new Error(`no node answers at ${url}`)));
	});
	await provider.connect();
	await answer;
}

function eventOf({ phase, event }: EventRecord): ChainEvent {
	const names = event.data.names ?? [];
	return {
		transaction: phase.isApplyExtrinsic ? phase.asApplyExtrinsic.toNumber() : null,
		name: `${event.section}.${event.method}`,
		fields: Object.fromEntries(names.map((name, at) => [name, event.data[at] as Codec])),
	};
}
