// SPDX-License-Identifier: Apache-2.0
// What the parts of the keeper hand each other. Money is micro-USD in `bigint`: a book may be large. Shares and
// discounts are parts per billion in `number`.

import type { SeriesId, Side } from '../../common/src/types.js';

/** One, as a share or a discount. */
export const WHOLE = 1_000_000_000;

export interface Holding {
	series: SeriesId;
	/** Negative for short. */
	lots: number;
}

/** What an account on auction sells. */
export interface Book {
	cash: bigint;
	/** Smallest units of each other asset. */
	collateral: bigint[];
	positions: Holding[];
}

/** An account on auction, as the chain reports it. */
export interface Auction {
	/** Names it in maps. */
	key: string;
	owner: string;
	index: number;
	book: Book;
	/** Value of the whole book, cash included. */
	equity: bigint;
	maintenance: bigint;
	/** What has to reach zero. */
	target: bigint;
	/** Cash that earlier bidders paid: not for sale. */
	reserved: bigint;
	/** Of the equity of a slice, to pay; zero where the insurance fund pays. */
	discount: number;
	/** Largest share that a bid can take now; zero while prices are old. */
	maxShare: number;
	/** What that share costs; below zero the insurance fund pays it. */
	price: bigint;
	/** Whether prices are fresh enough for bids. */
	isOpen: boolean;
}

/** One call `liquidation.bid`. */
export interface Bid {
	owner: string;
	index: number;
	/** Most of the book to take. */
	maxShare: number;
	/** Most to pay for that share; below zero the least to be paid. */
	limit: bigint;
}

/** The part of a book that a bid is after. */
export interface Slice {
	share: number;
	/** Value of it, before lots are rounded. */
	equity: bigint;
	/** What it costs at the price that the chain told. */
	price: bigint;
	/** Cash that comes with it; below zero a debt. */
	cash: bigint;
	/** Lots that come with it. */
	positions: Holding[];
	/** Whether other assets come with it, which no simulation knows. */
	hasCollateral: boolean;
}

/** A trade for the chain to assume. */
export interface Trade {
	series: SeriesId;
	side: Side;
	lots: number;
	/** Micro-USD per contract. */
	price: number;
}

/** An account's margin as the chain reports it. */
export interface Margin {
	equity: bigint;
	maintenance: bigint;
	initial: bigint;
	/** Whether every price under it is young enough to add risk on. */
	isFresh: boolean;
}

/** The keeper's own account. */
export interface Standing extends Margin {
	cash: bigint;
	positions: Holding[];
	/** It is on auction itself. */
	isFrozen: boolean;
}
