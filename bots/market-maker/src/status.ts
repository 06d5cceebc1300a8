// SPDX-License-Identifier: Apache-2.0
import type { Codec } from '@polkadot/types/types';
import type { Block, Session } from '../../common/src/chain.js';
import type { Standing } from './maker.js';
import type { View } from '../../common/src/market.js';
import type { Outcome } from '../../common/src/sender.js';
import type { AccountState } from '../../common/src/types.js';

interface RawReport {
	margin: { equity: number | string; initial: number | string };
}

/** Counts what happens and puts it into one line. */
export class Status {
	#fills = 0;
	#transactions = 0;
	#failed = 0;
	readonly #refused = new Map<string, number>();

	/** Counts the fills in which one of `owner`'s orders rested. */
	count(block: Block, owner: string): void {
		this.#fills += block.events.filter(
			({ name, fields }) => name === 'orderBook.Filled' && ownerOf(fields['maker']) === owner,
		).length;
	}

	outcome({ error, items }: Outcome): void {
		this.#transactions += 1;
		this.#failed += error === null ? 0 : 1;
		for (const each of error === null ? items : [error]) {
			this.#refused.set(each, (this.#refused.get(each) ?? 0) + 1);
		}
	}

	/** The line; what it counts begins anew. */
	async line(session: Session, owner: string, number: number, view: View, standing: Standing, more: string): Promise<string> {
		const { accounts, series, quoted } = standing;
		const orders = accounts.reduce((sum, account) => sum + account.orders.length, 0);
		const margin = await marginOf(session, owner, accounts);
		const refused = [...this.#refused].map(([error, count]) => `${count} ${error}`).join(', ');
		const line = [
			`block ${number}`,
			`${quoted} of ${series} series quoted`,
			`${orders} orders in ${accounts.length} accounts`,
			`${this.#fills} fills`,
			`delta ${inventory(view, accounts)}`,
			margin,
			`${this.#transactions} tx, ${this.#failed} failed${refused ? ` (${refused})` : ''}`,
			more,
		].join(' | ');
		this.#fills = 0;
		this.#transactions = 0;
		this.#failed = 0;
		this.#refused.clear();
		return line;
	}
}

/** Delta in units of each underlying. */
function inventory({ markets, series }: View, accounts: AccountState[]): string {
	const lots = new Map<string, number>();
	for (const { positions } of accounts) {
		for (const [key, position] of positions) {
			lots.set(key, (lots.get(key) ?? 0) + position.lots);
		}
	}
	return markets
		.map(({ underlying, symbol, lotsPerContract }) => {
			const near = series.get(underlying) ?? [];
			const delta = near.reduce((sum, { key, delta }) => sum + (delta * (lots.get(key) ?? 0)) / lotsPerContract, 0);
			return `${symbol} ${delta.toFixed(2)}`;
		})
		.join(' ');
}

/** Equity of all accounts and the initial margin of the worst one. */
async function marginOf(session: Session, owner: string, accounts: AccountState[]): Promise<string> {
	const read: RawReport[] = [];
	for (const { index } of accounts) {
		const report = (await session.exchange('account', owner, index)).toPrimitive() as unknown as RawReport | null;
		if (report !== null) {
			read.push(report);
		}
	}
	const equity = read.reduce((sum, { margin }) => sum + Number(margin.equity), 0);
	const lowest = Math.min(...read.map(({ margin }) => Number(margin.initial)));
	return `equity ${usd(equity)} USD, least free margin ${read.length > 0 ? usd(lowest) : '-'} USD`;
}

const usd = (micro: number): string => Math.round(micro / 1e6).toLocaleString('en-US');

const ownerOf = (key: Codec | undefined): string | undefined =>
	(key?.toPrimitive() as unknown as { owner: string } | undefined)?.owner;
