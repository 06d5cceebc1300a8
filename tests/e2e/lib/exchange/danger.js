// SPDX-License-Identifier: Apache-2.0
// How a test makes an auction happen: a market under its control, accounts with next to no margin to
// spare, and a price at which they are in danger.

import { eventsIn, stateAt } from './chronicle.js';
import { PriceServer } from './price-server.js';
import { plain } from './plain.js';
import { BTC, Trader, USD, USDC, newOrder, onTick, marketOf, waitForMarket } from './trading.js';
import { findEvent, sudo } from '../transactions.js';
import { account } from '../accounts.js';

/** The whole, in parts per billion. */
export const WHOLE = 1_000_000_000n;
/** Accounts that one question to the audit is answered for. */
const AUDIT_PAGE = 100;

/**
 * A node whose prices the test says, with expiries listed and priced.
 *
 * @param {ReturnType<import('../suite.js').useNodes>} nodes
 * @param {{ args?: string[] }} [options] further arguments of the node
 */
export async function startMarket(nodes, { args = [] } = {}) {
	const feed = await PriceServer.start();
	const node = await nodes.start({ args: [...feed.args, ...args] });
	const api = await node.api();
	const { lines } = await waitForMarket(api);
	const { tick } = (await marketOf(api)).terms;
	await changeLiquidation(api, PRICES_ALONE);
	return { feed, node, api, lines, tick };
}

/** Spot and forwards follow the feed at once, and not by one percent per block. */
export async function liftClamp(api) {
	const parameters = plain(await api.query.prices.parameters());
	const lifted = { ...parameters, clampPpb: 1_000_000_000 };
	await sudo(api, api.tx.prices.setParameters(lifted), account('//Alice'));
}

/** Changes parameters of liquidation: in each of the groups that are given, those that are given. */
export async function changeLiquidation(api, groups) {
	const parameters = plain(await api.query.liquidation.parametersInForce());
	for (const [group, changes] of Object.entries(groups)) {
		Object.assign(parameters[group], changes);
	}
	await sudo(api, api.tx.liquidation.setParameters(parameters), account('//Alice'));
}

/** Margin that follows from prices alone, not from how the market has moved: what a test computes stays so. */
const PRICES_ALONE = { delay: { z: 0 }, concentration: { charge: 0 }, multiplier: { slope: 0 } };

/** The option of that kind and strike, in dollars, among `lines`; or the one with the strike next to it. */
export function optionAt(lines, kind, strike) {
	const distance = ({ series }) => Math.abs(Number(series.strike / USD) - strike);
	return lines
		.filter(({ series }) => series.kind === kind)
		.reduce((best, line) => (distance(line) < distance(best) ? line : best));
}

/**
 * Trades a book at the marks: `trader` gets these lots, `other` is on the other side of each.
 *
 * @param {{ line: object, lots: bigint }[]} book lots above zero are bought by `trader`
 */
export async function trade(trader, other, book, tick) {
	const order = ({ line, lots }, side, kind) => {
		const size = lots < 0n ? -lots : lots;
		const price = onTick(line.mark, tick);
		return { Place: newOrder({ series: line.series, side, price, lots: size, kind }) };
	};
	const sides = ({ lots }) => (lots > 0n ? ['Buy', 'Sell'] : ['Sell', 'Buy']);
	await other.batch(book.map((part) => order(part, sides(part)[1], 'PostOnly')));
	await trader.batch(book.map((part) => order(part, sides(part)[0], 'ImmediateOrCancel')));
}

/** The margin of an account now. */
export async function marginOf({ api, pair, index }) {
	return plain(await api.call.exchangeApi.account(pair.address, index)).margin;
}

/** Withdraws everything but what initial margin asks for and `spare` micro-USD. */
export async function withdrawAllBut(trader, spare) {
	const { initial } = await marginOf(trader);
	await trader.send(trader.api.tx.clearing.withdraw(trader.index, USDC, initial - spare));
}

/** The spot in dollars above (or below) which an account is under maintenance margin, all else as it is. */
export async function edgeOf({ api, pair, index }, side = 'above', underlying = BTC) {
	const nothing = { trades: [], spotMovePpb: 0, volMovePpb: 0, secondsForward: 0 };
	const answer = plain(await api.call.exchangeApi.simulate(pair.address, index, nothing));
	const edges = Object.fromEntries((answer.Ok ?? answer).liquidation);
	return Number(edges[underlying][side]) / 1e12;
}

/**
 * Every account margined one by one at a block.
 *
 * @returns {Promise<{ checked: bigint, frozen: bigint, unpriced: bigint, missed: object[] }>} `missed`:
 *   accounts under maintenance margin that no auction runs on
 */
export async function auditAt(api, hash) {
	const { call } = await api.at(hash);
	const sum = { checked: 0n, frozen: 0n, unpriced: 0n, missed: [] };
	let after = null;
	do {
		const page = plain(await call.solvencyApi.audit(after, AUDIT_PAGE));
		for (const count of ['checked', 'frozen', 'unpriced']) {
			sum[count] += page[count];
		}
		sum.missed.push(...page.missed);
		after = page.last;
	} while (after !== null);
	return sum;
}

/** Whether a block has a fresh round of an underlying. */
export const hasRound = (block, underlying = BTC) =>
	eventsIn(block, 'prices.RoundMade').some(({ data }) => data.underlying === BigInt(underlying));

/** Whether an event is about the account of a trader. */
export const isOf =
	({ pair, index }) =>
	({ account: key }) =>
		key.owner === pair.address && key.index === BigInt(index);

/** The event of that name in a block about the account of a trader; undefined if there is none. */
export const eventOf = (block, name, trader) =>
	eventsIn(block, name).find(({ data }) => isOf(trader)(data));

/** What an account has to hold above maintenance margin of nothing, and above initial margin. */
export const requirementsOf = ({ equity, maintenance, initial }) => ({
	maintenance: equity - maintenance,
	initial: equity - initial,
});

/**
 * The share of a book that the discount sells at a time of an auction, in parts per billion.
 *
 * @param {bigint} elapsed milliseconds, at most those of the fast phase
 */
export function discountAfter(elapsed, { discountStart, discountFastEnd, fastMillis }) {
	return discountStart - ((discountStart - discountFastEnd) * elapsed) / fastMillis;
}

/** `fraction` of an amount, towards nothing. */
export const partOf = (amount, share) => (amount * share) / WHOLE;

/** `amount / by`, up. */
export const ceilOf = (amount, by) => amount / by + (amount > 0n && amount % by !== 0n ? 1n : 0n);

/** Whether the events of a transaction say that it succeeded and cost nothing. */
export function paysNothing(events) {
	const [info] = findEvent(events, 'system.ExtrinsicSuccess').data;
	const [, fee] = findEvent(events, 'transactionPayment.TransactionFeePaid').data;
	return info.paysFee.isNo && fee.isZero();
}

/** Whether a transaction paid nothing: no fee, nothing taken, and `Pays::No` in what it reports. */
export async function isFree(api, { blockHash, events }, address) {
	const { parentHash } = await api.rpc.chain.getHeader(blockHash);
	const free = async (hash) => (await stateAt(api, hash)).free(address);
	const isUnchanged = (await free(blockHash)) === (await free(parentHash.toHex()));
	return paysNothing(events) && isUnchanged;
}
