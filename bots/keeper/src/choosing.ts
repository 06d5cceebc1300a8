// SPDX-License-Identifier: Apache-2.0
// What a slice is worth, how much of it to ask for, and how much to pay at most. Pure functions of what the chain says.

import type { Auction, Bid, Book, Holding, Slice } from './types.js';
import { WHOLE } from './types.js';

const BILLION = BigInt(WHOLE);
/** A price that is worse than the quoted one by more than this share of it is refused. */
const SLACK_PPB = 5_000_000n;

/** What the keeper takes. */
export interface Rules {
	/** Largest part of a book in one bid, 0 to 1. */
	maxShare: number;
	/** Largest value of a slice in one bid. */
	maxEquityUsd: number;
	/** Least gain, percent of the slice's value. */
	minEdgePercent: number;
	/** Least gain of a bid. */
	minGainUsd: number;
}

const magnitude = (money: bigint): bigint => (money < 0n ? -money : money);
/** `money share / one`, towards minus infinity. */
const floorPart = (money: bigint, share: number): bigint => {
	const exact = money * BigInt(share);
	const part = exact / BILLION;
	return exact < 0n && exact % BILLION !== 0n ? part - 1n : part;
};
const ceilRatio = (exact: bigint, by: bigint): bigint => exact / by + (exact > 0n && exact % by !== 0n ? 1n : 0n);
export const microUsd = (usd: number): bigint => BigInt(Math.round(usd * 1e6));

/** Lots of the largest position, or units of the largest asset where there is none: shares are whole parts of it. */
function largest({ positions, collateral }: Book): bigint {
	const lots = positions.map((held) => magnitude(BigInt(held.lots)));
	const most = (lots.length > 0 ? lots : collateral).reduce((one, other) => (other > one ? other : one), 1n);
	return most < BILLION * BILLION ? most : BILLION * BILLION;
}

/** Value of everything that is for sale: without the cash that earlier bidders paid, unless nobody pays any more. */
export function forSale({ equity, reserved, discount }: Auction): bigint {
	if (discount === 0) {
		return equity;
	}
	return equity > reserved ? equity - reserved : 0n;
}

/** What the largest slice brings over its price. */
export function gainOf(auction: Auction): bigint {
	return floorPart(forSale(auction), auction.maxShare) - auction.price;
}

/**
 * Gain by value of the largest slice. A book that owes more than it holds counts by what it owes; for one that is
 * worth nothing any gain is endless.
 */
export function edgeOf(auction: Auction): number {
	const gain = gainOf(auction);
	const value = magnitude(floorPart(forSale(auction), auction.maxShare));
	if (value === 0n) {
		return gain > 0n ? Infinity : 0;
	}
	return Number(gain) / Number(value);
}

/** Auctions worth a bid, the best edge first, the larger gain before the smaller one. */
export function rank(auctions: Auction[], rules: Rules, own: string): Auction[] {
	const least = microUsd(rules.minGainUsd);
	const isWorth = (auction: Auction): boolean =>
		auction.isOpen &&
		auction.maxShare > 0 &&
		auction.owner !== own &&
		gainOf(auction) > 0n &&
		gainOf(auction) >= least &&
		edgeOf(auction) * 100 >= rules.minEdgePercent - 1e-9;
	return auctions.filter(isWorth).sort((one, other) => {
		const [first, second] = [edgeOf(one), edgeOf(other)];
		return first === second ? Number(gainOf(other) - gainOf(one)) : second - first;
	});
}

/**
 * The share that the chain makes of `share`: a whole number of lots of the largest position, rounded down.
 */
export function wholeLots(book: Book, share: number): number {
	const most = largest(book);
	const whole = (most * BigInt(Math.floor(Math.min(Math.max(share, 0), WHOLE)))) / BILLION;
	const exact = (whole * BILLION + most - 1n) / most;
	return Number(exact < BILLION ? exact : BILLION);
}

/** The share of one lot. */
const oneLot = (book: Book): number => Number((BILLION + largest(book) - 1n) / largest(book));

/**
 * The share to ask for within the rules, in parts per billion; zero where not even a lot fits them.
 *
 * @param scale of what the rules allow, after the chain has refused a larger one
 * @param isAllOrNothing lots round so that only the whole book helps the account
 */
export function shareFor(auction: Auction, rules: Rules, scale: number, isAllOrNothing: boolean): number {
	const value = magnitude(forSale(auction));
	const most = microUsd(rules.maxEquityUsd);
	const affordable = value <= most ? WHOLE : Number((most * BILLION) / value);
	const allowed = Math.floor(Math.min(rules.maxShare * WHOLE, affordable));
	if (isAllOrNothing) {
		return allowed >= WHOLE && scale === 1 ? WHOLE : 0;
	}
	const within = Math.min(allowed, auction.maxShare);
	return Math.max(wholeLots(auction.book, within * scale), wholeLots(auction.book, Math.min(within, oneLot(auction.book))));
}

/** The part of the book behind a share. */
export function sliceOf(auction: Auction, share: number): Slice {
	const { book, maxShare, price } = auction;
	const reserved = auction.discount === 0 ? 0n : auction.reserved;
	const taken = ({ series, lots }: Holding): Holding => ({
		series,
		lots: Math.sign(lots) * Number(floorPart(BigInt(Math.abs(lots)), share)),
	});
	return {
		share,
		equity: floorPart(forSale(auction), share),
		price: ceilRatio(price * BigInt(share), BigInt(maxShare)),
		cash: floorPart(book.cash - reserved, share),
		positions: book.positions.map(taken).filter(({ lots }) => lots !== 0),
		hasCollateral: book.collateral.length > 0,
	};
}

/**
 * A bid for a slice. Its limit is the quoted price and a little more, as marks move until the bid is in a block, but
 * never so much that less than the least edge would be left of the value that was seen.
 */
export function bidFor({ owner, index }: Auction, slice: Slice, rules: Rules): Bid {
	const edge = BigInt(Math.round(rules.minEdgePercent * 1e7));
	const dearest = slice.equity - (magnitude(slice.equity) * edge) / BILLION;
	const slack = (magnitude(slice.price) * SLACK_PPB) / BILLION;
	const limit = slice.price + slack < dearest ? slice.price + slack : dearest;
	// Rounding of the two sides may leave less than the quoted price.
	return { owner, index, maxShare: slice.share, limit: limit > slice.price ? limit : slice.price };
}
