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

/** A transaction is valid for this many blocks: what the pool keeps longer is dead. */
const ERA_BLOCKS = 64;
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
	#block: Block | null = null;

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
		return this.#block === null || this.#nonce === null ? 0 : Math.max(this.limit - this.#pending.size, 0);
	}

	/** Asks the node for the next nonce if it has to. To be awaited before a round of `send`. */
	async prepare(): Promise<void> {
		this.#nonce ??= (await this.session.api.rpc.system.accountNextIndex(this.address)).toNumber();
	}

	/** Signs and submits; never fails. The caller has looked at `room`. */
	send(tx: Transaction): Promise<Outcome> {
		if (this.#nonce === null || this.#block === null) {
			return Promise.resolve({ error: LOST, items: [] });
		}
		const nonce = this.#gaps.shift() ?? this.#nonce++;
		const block = this.#block;
		const { api } = this.session;
		tx.sign(this.pair, {
			nonce,
			blockHash: block.hash,
			era: api.registry.createType('ExtrinsicEra', { current: block.number, period: ERA_BLOCKS }),
			genesisHash: api.genesisHash,
			runtimeVersion: api.runtimeVersion,
		});
		const hash = tx.hash.toHex();
		return new Promise((settle) => {
			this.#pending.set(hash, { nonce, since: block.number, settle });
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
		this.#block = block;
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
