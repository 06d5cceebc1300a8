// SPDX-License-Identifier: Apache-2.0
// Step 6: a call that expires within minutes, from its purchase to its payoff.
import {
	ACCOUNT,
	callsOf,
	cents,
	chainTime,
	contracts,
	eventsNamed,
	expiriesOf,
	marketOf,
	moment,
	openAccount,
	send,
	usd,
} from './lib.js';
import { runAsScript } from './run.js';

/** Time to trade before the expiry. */
const LEAD_MILLIS = 45_000;
/** How often the settlement average is shown, and how often the time to go before the last minute. */
const SHOW_EVERY_MILLIS = { lastMinute: 10_000, before: 60_000 };

export async function settle({ api, alice, bob, print }) {
	const { terms } = await marketOf(api);
	const { name, quote } = await callInTheMoney(api);
	const { series, mark } = quote;
	print(`${name.toUtf8()} expires on ${moment(series.expiry)}; its mark is ${cents(mark)}`);

	const before = await openAccount(api, alice);
	const fills = await buyFromBob({ api, alice, bob }, series, mark.unwrap(), terms);
	const paid = await openAccount(api, alice);
	const size = contracts(terms.lotsPerContract, terms.lotsPerContract);
	print(`Alice bought ${size} contract: cash ${usd(before.cash)} -> ${usd(paid.cash)}`);

	const { price, payoff } = await waitForSettlement(api, alice, series, print);
	const after = await openAccount(api, alice);
	print(`Settlement price ${usd(price)}, strike ${usd(series.strike)}`);
	print(`Alice's payoff ${usd(payoff)}: cash ${usd(paid.cash)} -> ${usd(after.cash)}`);
	return { series, fills, before, paid, after, price, payoff };
}

/** The call of the next expiry with the highest strike that is well below spot. */
async function callInTheMoney(api) {
	const now = await chainTime(api);
	for (const expiry of await expiriesOf(api)) {
		// One that was listed a moment ago has no prices yet.
		const calls = expiry - now >= LEAD_MILLIS ? await callsOf(api, expiry) : [];
		if (calls.length > 0) {
			const likely = calls.filter(({ quote }) => quote.greeks.deltaPpb.toNumber() > 800_000_000);
			return likely.at(-1) ?? calls[0];
		}
	}
	throw new Error('no expiry has prices yet: try again');
}

async function buyFromBob({ api, alice, bob }, series, mark, terms) {
	const tick = terms.tick.toBigInt();
	const order = {
		series,
		price: (mark.toBigInt() / tick + 1n) * tick,
		lots: terms.lotsPerContract,
		reduceOnly: false,
		goodTill: null,
		clientId: null,
		selfTrade: 'CancelResting',
	};
	const place = (side, kind) => api.tx.orderBook.place(ACCOUNT, { ...order, side, kind });
	await send(api, place('Sell', 'Limit'), bob);
	const events = await send(api, place('Buy', 'FillOrKill'), alice);
	return eventsNamed(events, 'orderBook.Filled').map(({ data }) => data);
}

/** Shows the settlement average grow; returns the settlement price and what Alice was paid, micro-USD. */
function waitForSettlement(api, alice, series, print) {
	const isMine = ({ data }) =>
		data.account.owner.eq(alice.address) && data.account.index.eq(ACCOUNT) && data.series.eq(series);
	const isOurs = ({ data }) => data.expiry.eq(series.expiry) && data.underlying.eq(series.underlying);
	const pause = () => {
		const isLastMinute = series.expiry.toNumber() - Date.now() < 60_000;
		return isLastMinute ? SHOW_EVERY_MILLIS.lastMinute : SHOW_EVERY_MILLIS.before;
	};
	let shown = 0;
	let price;
	return new Promise((resolve, reject) => {
		const look = async ({ hash }) => {
			const events = (await (await api.at(hash)).query.system.events()).map(({ event }) => event);
			// A price is pico-USD.
			const fixed = eventsNamed(events, 'options.SettlementPriced').find(isOurs);
			price = fixed ? fixed.data.price.toBigInt() / 1_000_000n : price;
			const mine = eventsNamed(events, 'clearing.PositionSettled').find(isMine);
			if (mine) {
				(await unsubscribe)();
				resolve({ price, payoff: mine.data.payoff.toBigInt() });
			} else if (Date.now() - shown >= pause()) {
				shown = Date.now();
				print(await progress(api, series));
			}
		};
		const unsubscribe = api.rpc.chain.subscribeNewHeads((header) => look(header).catch(reject));
		unsubscribe.catch(reject);
	});
}

async function progress(api, { underlying, expiry }) {
	const [now, { average, elapsed }] = await Promise.all([
		chainTime(api),
		api.call.exchangeApi.settlement(underlying, expiry),
	]);
	const seconds = Math.max(0, Math.round((expiry.toNumber() - now) / 1_000));
	const share = Math.round(elapsed.toNumber() / 1e7);
	const sofar = average.isSome
		? `average so far ${cents(average.unwrap().toBigInt() / 1_000_000n)} over ${share} % of the window`
		: 'the settlement window is not open yet';
	return `  ${seconds} s to go, ${sofar}`;
}

await runAsScript(import.meta.url, settle);
