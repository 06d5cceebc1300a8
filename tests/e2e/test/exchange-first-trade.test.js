// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { look } from '../../../examples/first-trade/1-look.js';
import { deposit } from '../../../examples/first-trade/2-deposit.js';
import { quote } from '../../../examples/first-trade/3-quote.js';
import { trade } from '../../../examples/first-trade/4-trade.js';
import { margin } from '../../../examples/first-trade/5-margin.js';
import { settle } from '../../../examples/first-trade/6-settle.js';
import { account } from '../lib/accounts.js';
import { bestHead } from '../lib/chain.js';
import {
	BTC,
	Trader,
	USD,
	USDC,
	chainTime,
	dataOf,
	linesOf,
	marketOf,
	nearestTheMoney,
	newOrder,
	onTick,
	waitForMarket,
} from '../lib/exchange/trading.js';
import { plain } from '../lib/exchange/plain.js';
import { ledgerOf, replay } from '../lib/exchange/replay.js';
import { useNodes } from '../lib/suite.js';
import { findEvent, sudo } from '../lib/transactions.js';
import { waitFor, within } from '../lib/wait.js';

// An expiry every minute, so that the settlement takes two minutes and not ten.
const EVERY_MINUTE = { periodMinutes: 1, count: 2 };
const SETTLEMENT_LIMIT_MS = 400_000;

/** What has to have happened for the replay to prove anything. */
const REPLAYED = [
	...['AccountOpened', 'AccountClosed', 'Deposited', 'Withdrawn', 'Moved', 'InsuranceFunded'].map(
		(name) => `clearing.${name}`,
	),
	...['PositionSettled', 'OrdersExpired', 'ExpirySettled'].map((name) => `clearing.${name}`),
	...['OrderPlaced', 'Filled', 'OrderCancelled', 'OrderReplaced'].map((name) => `orderBook.${name}`),
	...['BatchItemFailed', 'ComboFilled'].map((name) => `orderBook.${name}`),
];

// The scripts of the guide one after the other on one chain. The last one waits for an expiry, while other
// tests trade: so the replay at the end has everything to rebuild.
describe('the first trade of the guide', () => {
	const nodes = useNodes();
	const printed = [];
	let node;
	let context;
	let api;
	let settlement;

	/** A step of the guide, with an end to its waiting: the scripts have a person who presses Ctrl-C. */
	const step = (script) => within(`the step ${script.name}`, script(context));

	before(async () => {
		// The replay at the end reads the events of every block; an indexer would follow the chain.
		node = await nodes.start({ args: ['--state-pruning', 'archive'] });
		api = await node.api();
		await waitForMarket(api);
		const print = (text) => printed.push(text);
		context = { api, alice: account('//Alice'), bob: account('//Bob'), print };
	});

	it('shows markets, expiries and series', async () => {
		const { markets, expiries, series } = await step(look);
		assert.deepEqual(
			markets.map(({ symbol }) => symbol.toUtf8()),
			['BTC', 'ETH', 'DOT'],
		);
		// Twelve by the rules of the schedule, of which up to four fall on others.
		assert.ok(expiries.length >= 8, `${expiries.length} expiries of BTC`);
		assert.ok(series.length >= 48, `${series.length} series of one expiry`);
		assert.match(printed.join('\n'), /BTC-\d+[A-Z]{3}\d\d-\d+-C/);
	});

	it('lists at least 500 series of each underlying', async () => {
		for (const underlying of [1, 2, 3]) {
			const { expiries } = await waitForMarket(api, underlying);
			const lines = await Promise.all(expiries.map((expiry) => linesOf(api, expiry, underlying)));
			assert.ok(lines.flat().length >= 500, `${lines.flat().length} series of ${underlying}`);
		}
	});

	it('opens accounts and pays in', async () => {
		const { alice, bob } = await step(deposit);
		assert.equal(plain(alice.cash), 50_000n * USD);
		assert.equal(plain(bob.cash), 50_000n * USD);
		assert.deepEqual(plain(bob.collateral), [[2n, 10_000_000n]]);
	});

	it('quotes both sides and fills an order', async () => {
		const { bid, ask } = await step(quote);
		assert.ok(bid < ask);
		const { fills, before: poor, after, terms } = await step(trade);
		assert.equal(fills.length, 1);
		const { price, lots, takerFee } = dataOf({ data: fills[0] });
		assert.equal(price, ask);
		const premium = (price * lots) / plain(terms.lotsPerContract);
		assert.equal(plain(after.cash), plain(poor.cash) - premium - takerFee);
		assert.deepEqual(
			plain(after.positions).map((position) => position.lots),
			[50n],
		);
	});

	it('reports margins, now and after a fall', async () => {
		const { now, fallen, unmoved } = await step(margin);
		const equity = (report) => plain(report.margin.equity);
		assert.ok(equity(fallen[0].report) < equity(now[0]), 'a long call loses by a fall');
		const [[, { above }]] = plain(unmoved[1].liquidation);
		assert.ok(above > 0n, 'a short call is liquidated above spot');
		for (const { margin: figures } of now) {
			assert.ok(plain(figures.maintenance) >= plain(figures.initial));
			assert.ok(plain(figures.initial) > 0n);
		}
	});

	it('starts to wait for an option that expires', async () => {
		const { schedule } = plain(await api.query.options.underlyings(BTC));
		const often = { ...schedule, minutes: EVERY_MINUTE };
		await sudo(api, api.tx.options.setSchedule(BTC, often), context.alice);
		await waitFor('expiries in a minute or two, with prices', async () => {
			const [{ expiries }, now] = await Promise.all([waitForMarket(api), chainTime(api)]);
			const soon = expiries.filter((expiry) => expiry - now < 130_000n);
			const lines = await Promise.all(soon.map((expiry) => linesOf(api, expiry)));
			return soon.length >= 2 && lines.every((each) => each.length > 0);
		});
		settlement = within('the settlement of the guide', settle(context), SETTLEMENT_LIMIT_MS);
		// It is awaited below; until then a failure is nobody's.
		settlement.catch(() => {});
	});

	it('runs every kind of call meanwhile', async () => {
		await tradeOfEveryKind(api);
	});

	it('settles the option into cash', { timeout: SETTLEMENT_LIMIT_MS }, async () => {
		const { series, price, payoff, paid, after } = await settlement;
		const strike = plain(series.strike);
		// One contract. The settlement price is shown without the parts of a micro-USD that it has.
		const expected = price > strike ? price - strike : 0n;
		assert.ok(payoff >= expected && payoff <= expected + 1n, `${payoff} at ${price}`);
		assert.equal(plain(after.cash), plain(paid.cash) + payoff);
		const expiries = plain(after.positions).map((position) => position.series.expiry);
		assert.ok(!expiries.includes(plain(series.expiry)), 'the position is gone');
	});

	it('can be rebuilt from its events, every balance, position and order', async () => {
		const { number, hash } = await bestHead(node);
		const ledger = await replay(api, number);
		const missing = REPLAYED.filter((name) => !ledger.seen.has(name));
		assert.deepEqual(missing, [], 'every kind of event has happened');
		const rebuilt = ledger.snapshot();
		const state = await ledgerOf(api, hash);
		assert.ok(state.accounts.length >= 5, `${state.accounts.length} accounts`);
		assert.ok(state.accounts.some(([, { orders }]) => orders.length > 0), 'orders rest');
		assert.ok(state.fees > 0n, 'fees were taken');
		assert.deepEqual(rebuilt, state);
	});
});

const isPriced = (lines) => lines.length > 0 && lines.every(({ mark }) => mark !== null);

/** Fills, partial fills, replacements, batches, combos, cancels, moves, withdrawals, closing. */
async function tradeOfEveryKind(api) {
	const { lines } = await waitForMarket(api);
	const near = nearestTheMoney(lines);
	const { tick } = (await marketOf(api)).terms;
	const { series, mark } = near;
	const price = onTick(mark, tick);
	const fund = { usdc: 500_000n * USD, wbtc: 500_000_000n };
	const maker = await Trader.open(api, '//Charlie', 1, fund);
	const taker = await Trader.open(api, '//Dave', 1, { ...fund, margin: 'Standard' });
	const { orderBook, clearing } = api.tx;

	await maker.batch([
		{ Place: newOrder({ series, side: 'Sell', price: price + tick, lots: 100 }) },
		{ Place: newOrder({ series, side: 'Sell', price: price + 2n * tick, lots: 100, clientId: 7 }) },
		{ Place: newOrder({ series, side: 'Buy', price: price - 2n * tick, lots: 40 }) },
	]);
	await taker.place({ series, side: 'Buy', price: price + 2n * tick, lots: 130 });
	const bid = price - 2n * tick;
	await taker.place({ series, side: 'Sell', price: bid, lots: 60, kind: 'ImmediateOrCancel' });

	const [resting] = (await maker.state()).orders;
	await maker.send(orderBook.replace(maker.index, resting.id, resting.price, resting.lots - 10n));
	await maker.send(orderBook.replace(maker.index, resting.id, resting.price + tick, resting.lots));
	const rest = newOrder({ series, side: 'Buy', price: bid - tick, lots: 5 });
	await maker.batch([{ CancelByClientId: 999 }, { Place: rest }], 'BestEffort');

	await combo(lines, near, maker, taker, tick);
	await taker.place({ series, side: 'Buy', price: tick, lots: 10, goodTill: Date.now() + 4_000 });
	await taker.send(orderBook.cancelSeries(taker.index, series));

	const spare = await Trader.open(api, '//Dave', 2, { usdc: 1_000n * USD });
	await spare.send(clearing.moveAssets(2, 1, USDC, 400n * USD));
	await spare.send(clearing.withdraw(2, USDC, 600n * USD));
	await spare.send(clearing.closeAccount(2));
	await spare.send(clearing.fundInsurance(5n * USD));
	await restUntilExpiry(api, await Trader.open(api, '//Eve', 3, { margin: 'Standard', usdc: 10n * USD }));
}

/** An order that expires together with the option of the guide. */
async function restUntilExpiry(api, trader) {
	const [{ expiries }, now] = await Promise.all([waitForMarket(api), chainTime(api)]);
	const expiry = expiries.find((each) => each - now > 10_000n);
	const [{ series }] = await linesOf(api, expiry);
	const { tick } = (await marketOf(api)).terms;
	await trader.place({ series, side: 'Buy', price: tick, lots: 1 });
}

/** A call spread by one transaction. */
async function combo(lines, near, maker, taker, tick) {
	const calls = lines
		.filter(({ series }) => series.kind === 'Call' && series.strike >= near.series.strike)
		.sort((a, b) => (a.series.strike < b.series.strike ? -1 : 1));
	const [low, high] = calls.slice(1, 3);
	const [bid, ask] = [onTick(low.mark, tick), onTick(high.mark, tick) + tick];
	await maker.batch([
		{ Place: newOrder({ series: low.series, side: 'Buy', price: bid, lots: 20 }) },
		{ Place: newOrder({ series: high.series, side: 'Sell', price: ask, lots: 20 }) },
	]);
	const legs = [
		{ series: low.series, side: 'Sell', price: bid, lots: 20 },
		{ series: high.series, side: 'Buy', price: ask, lots: 20 },
	];
	const most = ((ask - bid) * 20n) / 100n;
	const { events } = await taker.send(taker.api.tx.orderBook.placeCombo(taker.index, legs, most));
	const { premium } = dataOf(findEvent(events, 'orderBook.ComboFilled'));
	assert.equal(premium, most);
}
