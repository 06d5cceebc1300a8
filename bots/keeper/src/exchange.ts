// SPDX-License-Identifier: Apache-2.0
import type { Codec } from '@polkadot/types/types';
import type { DispatchError } from '@polkadot/types/interfaces';
import { errorName, type Session, WrongChain } from '../../common/src/chain.js';
import { idOf, type RawId } from '../../common/src/market.js';
import type { Outcome, Sender } from '../../common/src/sender.js';
import type { Auction, Bid, Margin, Standing, Trade } from './types.js';

/** Auctions that one question is answered with, and most questions in a row. */
const PAGE = 100;
const MAX_PAGES = 10;

/** What the keeper needs of a chain. */
export interface Exchange {
	/** The key that bids. */
	readonly address: string;
	/** Bids that may still be sent now. */
	readonly room: number;
	/** Gets ready to send; comes first in each look. */
	prepare(): Promise<void>;
	/** Every account on auction. */
	auctions(): Promise<Auction[]>;
	/** The keeper's account; null while it does not exist. */
	standing(): Promise<Standing | null>;
	/** Its margin if it made these trades, or the name of the error that they meet. */
	simulate(trades: Trade[]): Promise<Margin | string>;
	/** Sends a bid; never fails. */
	bid(bid: Bid): Promise<Outcome>;
}

// Plain forms of what the runtime answers, as `toPrimitive` gives them: a number is a string where it has more than
// 53 bits.
type Num = number | string;
interface RawMargin {
	equity: Num;
	maintenance: Num;
	initial: Num;
}
interface RawHolding {
	series: RawId;
	lots: Num;
}
interface RawAuction {
	account: { owner: string; index: number };
	auction: { reserved: Num };
	book: { cash: Num; collateral: [number, Num][]; positions: RawHolding[] };
	equity: Num;
	maintenance: Num;
	target: Num;
	discount: Num;
	maxShare: Num;
	price: Num;
	isOpen: boolean;
}
interface RawReport {
	margin: RawMargin;
	fresh: boolean;
	frozen: boolean;
	cash: Num;
	positions: RawHolding[];
}
/** `Result<Simulated, DispatchError>`. */
interface RawResult {
	isOk: boolean;
	asOk: Codec;
	asErr: DispatchError;
}

const plain = <T>(codec: Codec): T => codec.toPrimitive() as T;

/** The chain at the other end of a connection. */
export class LiveExchange implements Exchange {
	/**
	 * @param index number of the account that bids
	 * @throws WrongChain if the chain has no liquidation
	 */
	constructor(
		private readonly session: Session,
		private readonly sender: Sender,
		private readonly index: number,
	) {
		const { api } = session;
		if (!api.tx['liquidation']?.['bid'] || !api.call['solvencyApi']?.['auctions']) {
			throw new WrongChain('the chain has no liquidation');
		}
	}

	get address(): string {
		return this.sender.address;
	}

	get room(): number {
		return this.sender.room;
	}

	prepare(): Promise<void> {
		return this.sender.prepare();
	}

	async auctions(): Promise<Auction[]> {
		const all: Auction[] = [];
		let after: RawAuction['account'] | null = null;
		for (let page = 0; page < MAX_PAGES; page += 1) {
			const found: RawAuction[] = plain(await this.session.runtime('solvencyApi', 'auctions', after, PAGE));
			const last = found.at(-1);
			// A page may be short of auctions that cannot be priced: only an empty one is the last.
			if (last === undefined) {
				break;
			}
			all.push(...found.map(auctionOf));
			after = last.account;
		}
		return all;
	}

	async standing(): Promise<Standing | null> {
		const report = plain<RawReport | null>(await this.session.exchange('account', this.address, this.index));
		return report && { ...marginOf(report), ...holdingsOf(report), isFrozen: report.frozen };
	}

	async simulate(trades: Trade[]): Promise<Margin | string> {
		const simulation = { trades, spotMovePpb: 0, volMovePpb: 0, secondsForward: 0 };
		const answer = await this.session.exchange('simulate', this.address, this.index, simulation);
		const result = answer as unknown as RawResult;
		return result.isOk
			? marginOf(plain<{ report: RawReport }>(result.asOk).report)
			: errorName(this.session.api, result.asErr);
	}

	bid({ owner, index, maxShare, limit }: Bid): Promise<Outcome> {
		const call = this.session.api.tx['liquidation']?.['bid'];
		if (!call) {
			throw new WrongChain('the chain has no liquidation');
		}
		return this.sender.send(call(owner, index, maxShare, limit, this.index));
	}
}

function auctionOf({ account, auction, book, ...raw }: RawAuction): Auction {
	return {
		key: `${account.owner}/${account.index}`,
		owner: account.owner,
		index: account.index,
		book: { ...holdingsOf(book), collateral: book.collateral.map(([, units]) => BigInt(units)) },
		equity: BigInt(raw.equity),
		maintenance: BigInt(raw.maintenance),
		target: BigInt(raw.target),
		reserved: BigInt(auction.reserved),
		discount: Number(raw.discount),
		maxShare: Number(raw.maxShare),
		price: BigInt(raw.price),
		isOpen: raw.isOpen,
	};
}

const marginOf = ({ margin, fresh }: RawReport): Margin => ({
	equity: BigInt(margin.equity),
	maintenance: BigInt(margin.maintenance),
	initial: BigInt(margin.initial),
	isFresh: fresh,
});

const holdingsOf = ({ cash, positions }: Pick<RawReport, 'cash' | 'positions'>): Pick<Standing, 'cash' | 'positions'> => ({
	cash: BigInt(cash),
	positions: positions.map(({ series, lots }) => ({ series: idOf(series), lots: Number(lots) })),
});
