// SPDX-License-Identifier: Apache-2.0
// Step 4: Alice buys half a contract of what Bob offers.
import {
	ACCOUNT,
	contracts,
	eventsNamed,
	marketOf,
	openAccount,
	send,
	usd,
} from './lib.js';
import { runAsScript } from './run.js';

export async function trade({ api, alice, bob, print }) {
	const { terms } = await marketOf(api);
	const offer = await offerOf(api, bob);
	const before = await openAccount(api, alice);
	const order = {
		series: offer.series,
		side: 'Buy',
		price: offer.price,
		lots: terms.lotsPerContract.toBigInt() / 2n,
		// Fills what it can at this price or better, and is gone.
		kind: 'ImmediateOrCancel',
		reduceOnly: false,
		goodTill: null,
		// Sent twice by accident, the second one is refused.
		clientId: Date.now(),
		selfTrade: 'CancelResting',
	};
	const events = await send(api, api.tx.orderBook.place(ACCOUNT, order), alice);
	const fills = eventsNamed(events, 'orderBook.Filled').map(({ data }) => data);
	for (const fill of fills) {
		const size = contracts(fill.lots, terms.lotsPerContract);
		print(`Alice bought ${size} contracts at ${usd(fill.price)}`);
		print(`  her fee ${usd(fill.takerFee)}, the maker's ${usd(fill.makerFee)}`);
	}
	const after = await openAccount(api, alice);
	print(`Alice's cash  ${usd(before.cash)} -> ${usd(after.cash)}`);
	for (const { series, lots } of after.positions) {
		const size = contracts(lots, terms.lotsPerContract);
		print(`Alice holds ${size} contracts of ${series.kind.type} ${usd(series.strike)}`);
	}
	return { fills, before, after, terms };
}

/** Bob's best offer. */
async function offerOf(api, bob) {
	const { orders } = await openAccount(api, bob);
	const [best] = orders
		.filter(({ side }) => side.isSell)
		.sort((a, b) => (a.price.toBigInt() < b.price.toBigInt() ? -1 : 1));
	if (!best) {
		throw new Error('Bob offers nothing: run 3-quote.js first');
	}
	return best;
}

await runAsScript(import.meta.url, trade);
