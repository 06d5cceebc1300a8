// SPDX-License-Identifier: Apache-2.0
// Step 1: what can be traded, what it is worth, who offers what.
import {
	BTC,
	callNearSpot,
	callsOf,
	cents,
	chainTime,
	contracts,
	expiriesOf,
	marketOf,
	moment,
	seriesOf,
	table,
	tradingExpiry,
	usd,
} from './lib.js';
import { runAsScript } from './run.js';

const STRIKES_SHOWN = 5;

export async function look({ api, print }) {
	const markets = await showMarkets(api, print);
	const expiries = await showExpiries(api, print);
	const series = await showSeries(api, print);
	return { markets, expiries, series };
}

async function showMarkets(api, print) {
	const markets = [...(await api.call.exchangeApi.markets())];
	print('Underlyings');
	print(
		table([
			['  ', 'spot', 'tick', 'lots per contract', 'taker fee'],
			...markets.map(({ symbol, spot, terms }) => [
				`  ${symbol.toUtf8()}`,
				cents(spot.unwrapOr(0)),
				usd(terms.tick),
				terms.lotsPerContract.toString(),
				`${terms.takerFeePpb.toNumber() / 1e5} bp`,
			]),
		]),
	);
	return markets;
}

async function showExpiries(api, print) {
	const expiries = await expiriesOf(api);
	const now = await chainTime(api);
	print('\nExpiries of BTC');
	for (const expiry of expiries) {
		print(`  ${moment(expiry)}  in ${span(expiry - now)}`);
	}
	return expiries;
}

/** The calls around spot of the expiry that the next steps trade. */
async function showSeries(api, print) {
	const expiry = await tradingExpiry(api);
	const all = await seriesOf(api, expiry);
	const calls = await callsOf(api, expiry);
	const near = await callNearSpot(api, expiry);
	const middle = calls.findIndex(({ name }) => name.eq(near.name));
	const first = Math.max(0, middle - Math.floor(STRIKES_SHOWN / 2));
	const { terms } = await marketOf(api, BTC);
	print(`\n${all.length} series expire on ${moment(expiry)}; calls around spot, USD per contract`);
	const rows = calls.slice(first, first + STRIKES_SHOWN).map((line) => rowOf(line, terms));
	print(table([['  series', 'mark', 'volatility', 'delta', 'bid', 'ask', 'open interest'], ...rows]));
	return all;
}

function rowOf({ name, quote, bid, ask, openInterest }, terms) {
	const best = (level) => (level.isSome ? usd(level.unwrap().price) : '-');
	return [
		`  ${name.toUtf8()}`,
		cents(quote.mark.unwrap()),
		`${(quote.volPpb.toNumber() / 1e7).toFixed(1)} %`,
		(quote.greeks.deltaPpb.toNumber() / 1e9).toFixed(2),
		best(bid),
		best(ask),
		contracts(openInterest, terms.lotsPerContract),
	];
}

function span(millis) {
	const minutes = Math.max(0, Math.round(millis / 60_000));
	if (minutes < 60) {
		return `${minutes} min`;
	}
	return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}

await runAsScript(import.meta.url, look);
