// SPDX-License-Identifier: Apache-2.0
import type { SubmittableExtrinsic } from '@polkadot/api/types';
import type { KeyringPair } from '@polkadot/keyring/types';
import type { DispatchError } from '@polkadot/types/interfaces';
import { type Block, type ChainEvent, errorDocs, errorName, type Session } from './chain.js';
import { complain, reason } from './log.js';

export type Transaction = SubmittableExtrinsic<'promise'>;

/** The error of a transaction that was never seen in a block. */
export const LOST = 'lost';

/** What became of a transaction. */
export interface Outcome {
	/** null: it did what it says. `LOST`: nobody knows, and nobody waits for it any more. */
	error: string | null;
	/** What the chain's metadata says about the error. */
	docs?: string;
	/** Errors of the operations of a batch that failed while the batch went on. */
	items: string[];
}

/** A transaction is valid for this many blocks from its birth: what the pool keeps longer is dead. */
const ERA_BLOCKS = 64;
/**
 * So many blocks before the newest its era begins, once as many are known: a node that is on another fork, or not there yet,
 * does not know a block that such an era begins with, and takes the signature for a wrong one.
 */
const BORN_BEFORE = 4;
/** After this many blocks without it, a transaction counts as lost. */
const PATIENCE_BLOCKS = 24;

interface Pending {
	nonce: number;
	since: number;
	settle: (outcome: Outcome) => void;
}

/**
 * Sends the transactions of one key, several at a time, and says what became of each. It counts the
 * nonces itself, and asks the node again when one was refused or lost.
 */
export class Sender {
	readonly #pending = new Map<string, Pending>();
	/** Nonces of refused transactions: those after them wait until these are used. */
	readonly #gaps: number[] = [];
	#nonce: number | null = null;
	/** The newest blocks of the best chain, the oldest first. */
	#blocks: Block[] = [];

	constructor(
		private readonly session: Session,
		private readonly pair: KeyringPair,
		private readonly limit: number,
		/** Refusals by the node, as its message has them, that are worth no line. */
		private readonly isExpected: (message: string) => boolean = () => false,
	) {
		session.onBlock((block) => this.#settle(block));
	}

	get address(): string {
		return this.pair.address;
	}

	/** Transactions that wait for a block. */
	get inFlight(): number {
		return this.#pending.size;
	}

	get room(): number {
		return this.#blocks.length === 0 || this.#nonce === null ? 0 : Math.max(this.limit - this.#pending.size, 0);
	}

	/** Asks the node for the next nonce if it has to. To be awaited before a round of `send`. */
	async prepare(): Promise<void> {
		this.#nonce ??= (await this.session.api.rpc.system.accountNextIndex(this.address)).toNumber();
	}

	/** Signs and submits; never fails. The caller has looked at `room`. */
	send(tx: Transaction): Promise<Outcome> {
		const born = this.#blocks.at(0);
		const newest = this.#blocks.at(-1);
		if (this.#nonce === null || !born || !newest) {
			return Promise.resolve({ error: LOST, items: [] });
		}
		const nonce = this.#gaps.shift() ?? this.#nonce++;
		const { api } = this.session;
		tx.sign(this.pair, {
			nonce,
			blockHash: born.hash,
			era: api.registry.createType('ExtrinsicEra', { current: born.number, period: ERA_BLOCKS }),
			genesisHash: api.genesisHash,
			runtimeVersion: api.runtimeVersion,
		});
		const hash = tx.hash.toHex();
		return new Promise((settle) => {
			this.#pending.set(hash, { nonce, since: newest.number, settle });
			api.rpc.author.submitExtrinsic(tx).catch((error: unknown) => this.#refused(hash, error));
		});
	}

	#refused(hash: string, error: unknown): void {
		const pending = this.#pending.get(hash);
		// A pool that has just got it from itself, with a new block, says so; the transaction is in it.
		if (!pending || /already imported/i.test(reason(error))) {
			return;
		}
		this.#pending.delete(hash);
		if ([...this.#pending.values()].some(({ nonce }) => nonce > pending.nonce)) {
			this.#gaps.push(pending.nonce);
			this.#gaps.sort((one, other) => one - other);
		} else {
			this.#nonce = null;
		}
		if (/stale|outdated|priority/i.test(reason(error))) {
			this.#forget();
		}
		if (!this.isExpected(reason(error))) {
			complain('the node refused a transaction', error);
		}
		pending.settle({ error: `refused: ${reason(error)}`, items: [] });
	}

	#settle(block: Block): void {
		this.#follow(block);
		block.transactions.forEach((hash, index) => {
			const pending = this.#pending.get(hash);
			if (pending) {
				this.#pending.delete(hash);
				pending.settle(this.#outcome(block.events.filter(({ transaction }) => transaction === index)));
			}
		});
		const oldest = Math.min(...[...this.#pending.values()].map(({ since }) => since));
		if (block.number - oldest > PATIENCE_BLOCKS) {
			complain(`${this.#pending.size} transactions did not get into a block; counting nonces anew`);
			this.#forget();
		}
	}

	/** What is told anew, with a number that there is already, takes the place of a fork that lost. */
	#follow(block: Block): void {
		const before = this.#blocks.filter(({ number }) => number < block.number);
		this.#blocks = [...before, block].slice(-1 - BORN_BEFORE);
	}

	#outcome(events: ChainEvent[]): Outcome {
		const { api } = this.session;
		const errors = (event: string, field: string): DispatchError[] =>
			events.filter(({ name }) => name === event).map(({ fields }) => fields[field] as unknown as DispatchError);
		const items = errors('orderBook.BatchItemFailed', 'error').map((error) => errorName(api, error));
		const [failed] = errors('system.ExtrinsicFailed', 'dispatchError');
		return failed === undefined
			? { error: null, items }
			: { error: errorName(api, failed), docs: errorDocs(api, failed), items };
	}

	/** Takes everything in flight for lost. */
	#forget(): void {
		const lost = [...this.#pending.values()];
		this.#pending.clear();
		this.#gaps.length = 0;
		this.#nonce = null;
		lost.forEach(({ settle }) => settle({ error: LOST, items: [] }));
	}
}
