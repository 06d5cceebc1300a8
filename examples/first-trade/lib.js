// SPDX-License-Identifier: Apache-2.0
// What the steps share: sending a call, finding a series, printing numbers.

/** Underlying 1 is BTC. */
export const BTC = 1;
/** Asset 1 is USDC, in which options are paid and settled. One unit of it is one micro-USD. */
export const USDC = 1;
/** Asset 2 is wBTC, with 8 decimals. */
export const WBTC = 2;
/** The number of the margin account that Alice and Bob each use here. */
export const ACCOUNT = 0;

/** Dollars as micro-USD. */
export const micro = (usd) => BigInt(Math.round(usd * 1e6));

/**
 * Signs a call, sends it and waits until it is in a block.
 *
 * @returns {Promise<object[]>} its events
 * @throws {Error} with the error's name and what its documentation says
 */
export function send(api, call, signer) {
	return new Promise((resolve, reject) => {
		call
			.signAndSend(signer, { nonce: -1 }, ({ status, events, dispatchError, isError }) => {
				// A busy node may say `finalized` at once and leave out `inBlock`.
				const isIncluded = status.isInBlock || status.isFinalized;
				if (isError) {
					reject(new Error(`the transaction pool says ${status.type}`));
				} else if (isIncluded && dispatchError) {
					reject(new Error(describe(api, dispatchError)));
				} else if (isIncluded) {
					resolve(events.map(({ event }) => event));
				}
			})
			.catch(reject);
	});
}

function describe(api, error) {
	if (!error.isModule) {
		return error.toString();
	}
	const { index, error: bytes } = error.asModule;
	const text = describeModule(api, index.toNumber(), bytes[0]);
	if (!text.startsWith('orderBook.BatchItem')) {
		return text;
	}
	// Further bytes say which operation it was, and its own error: 255 is no pallet.
	const [, position, pallet, number] = bytes;
	const reason = pallet < 255 ? describeModule(api, pallet, number) : `dispatch error ${number}`;
	return `${text} Operation ${position}: ${reason}`;
}

function describeModule(api, pallet, number) {
	const { section, name, docs } = api.registry.findMetaError(new Uint8Array([pallet, number]));
	return `${section}.${name}: ${docs.join(' ').trim()}`;
}

/** The events of one name, such as `orderBook.Filled`. */
export const eventsNamed = (events, name) =>
	events.filter(({ section, method }) => `${section}.${method}` === name);

/** A person's margin account as the chain stores it; null if it is not open. */
export async function storedAccount(api, owner, index = ACCOUNT) {
	const stored = await api.query.clearing.accounts({ owner: owner.address, index });
	return stored.unwrapOr(null);
}

/** The same, for the steps that need it. */
export async function openAccount(api, owner) {
	const account = await storedAccount(api, owner);
	if (!account) {
		throw new Error(`${owner.address} has no account ${ACCOUNT}: run 2-deposit.js first`);
	}
	return account;
}

/** An underlying as it stands: symbol, spot, terms, expiries. */
export async function marketOf(api, underlying = BTC) {
	const markets = await api.call.exchangeApi.markets();
	return markets.find((market) => market.underlying.eq(underlying));
}

/** The block's time, milliseconds since the epoch. */
export const chainTime = async (api) => (await api.query.timestamp.now()).toNumber();

/** Expiries of BTC that have not passed, ascending, milliseconds since the epoch. */
export async function expiriesOf(api) {
	const [{ expiries }, now] = await Promise.all([marketOf(api), chainTime(api)]);
	return expiries.map((expiry) => expiry.toNumber()).filter((expiry) => expiry > now);
}

/** Every series of an expiry of BTC that has a price: mark, greeks, best bid and ask. */
export async function seriesOf(api, expiry) {
	const lines = await api.call.exchangeApi.series(BTC, expiry);
	return lines.filter(({ quote }) => quote.mark.isSome);
}

const DAY = 86_400_000;

/** The expiry that the guide trades: the first one that is a week away or more. */
export async function tradingExpiry(api) {
	const [expiries, now] = await Promise.all([expiriesOf(api), chainTime(api)]);
	return expiries.find((expiry) => expiry - now >= 7 * DAY) ?? expiries.at(-1);
}

/** The calls of an expiry by strike. */
export async function callsOf(api, expiry) {
	const lines = await seriesOf(api, expiry);
	return lines
		.filter(({ quote }) => quote.series.kind.isCall)
		.sort((a, b) => a.quote.series.strike.cmp(b.quote.series.strike));
}

/** The call of an expiry with the delta nearest to a half. */
export async function callNearSpot(api, expiry) {
	const distance = ({ quote }) => Math.abs(quote.greeks.deltaPpb.toNumber() - 500_000_000);
	const calls = await callsOf(api, expiry);
	return calls.sort((a, b) => distance(a) - distance(b))[0];
}

/** Lots as contracts: 50 lots of 100 are `0.5`. */
export const contracts = (lots, lotsPerContract) =>
	`${Number(BigInt(lots.toString())) / Number(lotsPerContract.toString())}`;

/** Micro-USD as dollars: two decimals, up to six if the amount has them. */
export function usd(amount) {
	const value = BigInt(amount.toString());
	const digits = (value < 0n ? -value : value).toString().padStart(7, '0');
	const whole = digits.slice(0, -6).replace(/\B(?=(\d{3})+$)/g, ',');
	const part = digits.slice(-6).replace(/0{1,4}$/, '');
	return `${value < 0n ? '-' : ''}${whole}.${part}`;
}

/** As `usd`, rounded to cents: for what is shown and not settled. */
export function cents(amount) {
	const value = BigInt(amount.toString());
	const half = value < 0n ? -5_000n : 5_000n;
	return usd(((value + half) / 10_000n) * 10_000n);
}

/** A moment as `2026-12-26 08:00 UTC`. */
export const moment = (millis) =>
	`${new Date(Number(millis)).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Lines of a table: cells padded to the width of their column, numbers to the right. */
export function table(rows) {
	const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
	return rows
		.map((row) =>
			row
				.map((cell, column) =>
					column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
				)
				.join('  ')
				.trimEnd(),
		)
		.join('\n');
}
