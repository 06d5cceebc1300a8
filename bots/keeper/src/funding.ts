// SPDX-License-Identifier: Apache-2.0
import type { Codec } from '@polkadot/types/types';
import type { Session } from '../../common/src/chain.js';
import { complain, say } from '../../common/src/log.js';
import type { Sender } from '../../common/src/sender.js';
import type { Wallet } from '../../common/src/wallet.js';

/** Native tokens for fees and deposits: less than the first is too little, and the second is what it gets. */
const LEAST_NATIVE = 10;
const NATIVE = 1_000;
/** Time between attempts. */
const PAUSE_MS = 6_000;

/**
 * Sees to it that the keeper has an account with cash in it: opens it, and on a development chain has a rich key pay for
 * that. It pays in once: what the keeper may lose is its deposit.
 */
export class Funding {
	#notBefore = 0;
	#isBusy = false;

	constructor(
		private readonly session: Session,
		private readonly wallet: Wallet,
		private readonly address: string,
		/** Sends for the key that pays; null if nobody does. */
		private readonly funder: Sender | null,
		private readonly index: number,
		private readonly depositUsd: number,
	) {}

	/** One step towards an account that does not exist yet. */
	async round(): Promise<void> {
		if (this.#isBusy || Date.now() < this.#notBefore) {
			return;
		}
		this.#notBefore = Date.now() + PAUSE_MS;
		const [native, usd] = [await this.wallet.native(), await this.#usd(this.address)];
		if (native >= LEAST_NATIVE && usd >= this.depositUsd) {
			this.wallet.open(this.index, 'Standard');
			this.#notBefore = 0;
			return;
		}
		if (this.funder === null || (await this.#usd(this.funder.address)) < this.depositUsd) {
			const has = `${Math.floor(native)} BAL and ${Math.floor(usd)} USDC`;
			complain(`${this.address} has ${has}; it needs ${LEAST_NATIVE} BAL and ${this.depositUsd} USDC to begin`);
			return;
		}
		await this.#fill(this.funder, this.depositUsd - Math.min(usd, this.depositUsd));
	}

	async #usd(owner: string): Promise<number> {
		const account = await this.session.value('assets', 'account', this.#asset, owner);
		const found = account.toPrimitive() as unknown as { balance: number | string } | null;
		return Number(found?.balance ?? 0) / 1e6;
	}

	get #asset(): Codec | undefined {
		return this.session.api.consts['clearing']?.['settlementAsset'] as Codec | undefined;
	}

	async #fill(funder: Sender, usd: number): Promise<void> {
		const { balances, assets, utility } = this.session.api.tx;
		const units = BigInt(NATIVE) * 10n ** BigInt(this.session.api.registry.chainDecimals[0] ?? 12);
		const native = balances?.['transferKeepAlive']?.(this.address, units);
		const dollars = assets?.['transferKeepAlive']?.(this.#asset, this.address, BigInt(Math.ceil(usd * 1e6)));
		const both = utility?.['batchAll']?.([native, ...(usd > 0 ? [dollars] : [])]);
		await funder.prepare();
		if (!both || funder.room === 0) {
			return;
		}
		this.#isBusy = true;
		void funder.send(both).then(({ error, docs }) => {
			this.#isBusy = false;
			if (error === null) {
				this.#notBefore = 0;
				say(`${funder.address} has filled the keeper's key`);
			} else {
				complain(`cannot fill the keeper's key from ${funder.address}`, [error, docs].filter(Boolean).join(': '));
			}
		});
	}
}
