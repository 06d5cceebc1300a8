// SPDX-License-Identifier: Apache-2.0
import type { Codec } from '@polkadot/types/types';
import type { Session } from './chain.js';
import { complain, say } from './log.js';
import { LOST, type Sender, type Transaction } from './sender.js';
import type { AccountState } from './types.js';

/** An account is topped up below this share of its deposit, and gives back above the other. */
const LOW_SHARE = 0.5;
const HIGH_SHARE = 2;
/** A refused opening or payment is not tried again for this long. */
const PAUSE_MS = 10_000;

export type Margin = 'Standard' | { Portfolio: number };

/** Opens the margin accounts of one key and keeps cash in them. */
export class Wallet {
	readonly #notBefore = new Map<number, number>();
	readonly #busy = new Set<number>();

	constructor(
		private readonly session: Session,
		private readonly sender: Sender,
		private readonly depositUsd: number,
	) {}

	/** Opens an account and pays the deposit in, if that is not under way; it exists in a later block. */
	open(index: number, margin: Margin): void {
		const { clearing, utility } = this.session.api.tx;
		const open = clearing?.['openAccount']?.(index, margin);
		const deposit = this.#pay('deposit', index, this.depositUsd);
		if (open && deposit) {
			const both = utility?.['batchAll']?.([open, deposit]);
			this.#send(`open account ${index}`, index, both);
		}
	}

	/** Pays in or out where an account has much less or much more than its deposit. */
	balance(accounts: AccountState[]): void {
		for (const { index, cash } of accounts) {
			const usd = cash / 1e6;
			if (usd < this.depositUsd * LOW_SHARE) {
				this.#send(`pay into account ${index}`, index, this.#pay('deposit', index, this.depositUsd - usd));
			} else if (usd > this.depositUsd * HIGH_SHARE) {
				this.#send(`pay out of account ${index}`, index, this.#pay('withdraw', index, usd - this.depositUsd));
			}
		}
	}

	/** The key's free native tokens, in whole tokens. */
	async native(): Promise<number> {
		const account = await this.session.value('system', 'account', this.sender.address);
		const { data } = account.toPrimitive() as unknown as { data: { free: number | string } };
		return Number(data.free) / 10 ** (this.session.api.registry.chainDecimals[0] ?? 12);
	}

	#pay(call: 'deposit' | 'withdraw', index: number, usd: number): Transaction | undefined {
		const asset = this.session.api.consts['clearing']?.['settlementAsset'] as Codec | undefined;
		return this.session.api.tx['clearing']?.[call]?.(index, asset, BigInt(Math.floor(usd * 1e6)));
	}

	#send(what: string, index: number, tx: Transaction | undefined): void {
		const due = (this.#notBefore.get(index) ?? 0) <= Date.now();
		if (!tx || !due || this.#busy.has(index) || this.sender.room === 0) {
			return;
		}
		this.#busy.add(index);
		void this.sender.send(tx).then(({ error }) => {
			this.#busy.delete(index);
			if (error === null) {
				say(what);
				return;
			}
			this.#notBefore.set(index, Date.now() + PAUSE_MS);
			if (error !== LOST) {
				complain(`cannot ${what}`, error);
			}
		});
	}
}
