// SPDX-License-Identifier: Apache-2.0
// Step 3: Bob quotes both sides of the call nearest to spot, in one transaction.
import {
	ACCOUNT,
	callNearSpot,
	cents,
	contracts,
	eventsNamed,
	marketOf,
	openAccount,
	send,
	tradingExpiry,
	usd,
} from './lib.js';
import { runAsScript } from './run.js';

const CONTRACTS = 2n;
/** Half of the distance between bid and ask, of the mark. */
const HALF_SPREAD_PERCENT = 2n;

export async function quote({ api, bob, print }) {
	await openAccount(api, bob);
	const { terms } = await marketOf(api);
	const { name, quote: now } = await callNearSpot(api, await tradingExpiry(api));
	const { series } = now;
	const mark = now.mark.unwrap().toBigInt();
	const [bid, ask] = quotes(mark, terms.tick.toBigInt());
	print(`${name.toUtf8()} has a mark of ${cents(mark)}; Bob quotes ${usd(bid)} / ${usd(ask)}`);

	const order = (side, price) => ({
		series,
		side,
		price,
		lots: CONTRACTS * terms.lotsPerContract.toBigInt(),
		// Never takes: if it would cross, it is refused.
		kind: 'PostOnly',
		reduceOnly: false,
		goodTill: null,
		clientId: null,
		selfTrade: 'CancelResting',
	});
	const operations = [
		'CancelAll',
		{ Place: order('Buy', bid) },
		{ Place: order('Sell', ask) },
	];
	const batch = api.tx.orderBook.batch(ACCOUNT, operations, 'AllOrNothing');
	const events = await send(api, batch, bob);
	for (const { data } of eventsNamed(events, 'orderBook.OrderPlaced')) {
		const { id, side, lots, price } = data.order;
		const size = contracts(lots, terms.lotsPerContract);
		print(`  order ${id}: ${side.type} ${size} contracts at ${usd(price)}`);
	}
	await showDepth(api, series, terms, print);
	return { series, bid, ask };
}

/** Two prices around the mark, on the tick, the bid at least one tick. */
function quotes(mark, tick) {
	const half = (mark * HALF_SPREAD_PERCENT) / 100n;
	const down = ((mark - half) / tick) * tick;
	const up = ((mark + half) / tick + 1n) * tick;
	return [down > tick ? down : tick, up];
}

async function showDepth(api, series, terms, print) {
	const { bids, asks } = await api.call.exchangeApi.depth(series, 5);
	print('The book, best price first');
	for (const [name, levels] of [['bids', bids], ['asks', asks]]) {
		for (const { price, lots, orders } of levels) {
			const size = contracts(lots, terms.lotsPerContract);
			print(`  ${name}  ${usd(price)}  ${size} contracts in ${orders} order(s)`);
		}
	}
}

await runAsScript(import.meta.url, quote);
