// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';

import { bestHead, waitForBlock } from '../lib/chain.js';
import {
	BTC,
	ETH,
	Trader,
	USD,
	USDC,
	dataOf,
	exchangeEvents,
	linesOf,
	marketOf,
	nearestTheMoney,
	newOrder,
	onTick,
	waitForMarket,
} from '../lib/exchange/trading.js';
import { plain } from '../lib/exchange/plain.js';
import { rawState } from '../lib/exchange/raw-state.js';
import { EXCHANGE_PALLETS, referencePages } from '../lib/reference/pages.js';
import { useNodes } from '../lib/suite.js';
import { findEvent } from '../lib/transactions.js';
import { callView, viewsOf } from '../lib/exchange/view-functions.js';
import { waitFor } from '../lib/wait.js';

const BATCH = 20;

describe('the exchange', () => {
	const nodes = useNodes();
	let node;
	let api;
	let near;
	let price;
	let tick;
	let maker;
	let taker;

	before(async () => {
		node = await nodes.start();
		api = await node.api();
		const { lines } = await waitForMarket(api);
		near = nearestTheMoney(lines);
		({ tick } = (await marketOf(api)).terms);
		price = onTick(near.mark, tick);
		maker = await Trader.open(api, '//Bob', 5, { usdc: 1_000_000n * USD });
		taker = await Trader.open(api, '//Charlie', 5, { margin: 'Standard', usdc: 100_000n * USD });
	});

	describe('as metadata describes it', () => {
		const texts = (docs) => docs.map(String).join(' ').trim();

		it('explains every call, event, field, error, storage entry and constant', () => {
			const { pallets, lookup } = api.runtimeMetadata.asV16;
			const silent = [];
			const check = (name, docs) => texts(docs) || silent.push(name);
			for (const section of EXCHANGE_PALLETS) {
				const pallet = pallets.find(({ name }) => name.eq(section));
				for (const part of ['calls', 'events', 'errors']) {
					for (const { name, docs, fields } of variantsOf(lookup, pallet[part])) {
						check(`${section}.${name}`, docs);
						if (part === 'events') {
							fields.forEach((field) => check(`${section}.${name}.${field.name}`, field.docs));
						}
					}
				}
				pallet.storage.unwrap().items.forEach(({ name, docs }) => check(`${section}.${name}`, docs));
				pallet.constants.forEach(({ name, docs }) => check(`${section}.${name}`, docs));
				pallet.viewFunctions.forEach(({ name, docs }) => check(`${section}.${name}`, docs));
			}
			assert.deepEqual(silent, []);
		});

		it('is in the reference as it is in the code', async () => {
			for (const [name, text] of Object.entries(await referencePages(api))) {
				const path = new URL(`../../../docs/reference/${name}`, import.meta.url);
				assert.equal(readFileSync(path, 'utf8'), text, `${name}: run scripts/reference-docs`);
			}
		});
	});

	describe('answers questions', () => {
		it('about markets, series, books, settlements by the runtime API', async () => {
			const { exchangeApi } = api.call;
			const markets = plain(await exchangeApi.markets());
			assert.deepEqual(markets.map(({ underlying }) => underlying), [1n, 2n, 3n]);
			for (const { spot, ageMillis, spotConfidence } of markets) {
				assert.ok(spot > 0n && ageMillis < 5_000n && spotConfidence === 1_000_000_000n);
			}
			const { series } = near;
			assert.deepEqual(plain(await exchangeApi.depth(series, 5)), { bids: [], asks: [] });
			const settlement = plain(await exchangeApi.settlement(BTC, series.expiry));
			assert.deepEqual(settlement, { average: null, elapsed: 0n, isFinal: false });
			assert.deepEqual(await linesOf(api, series.expiry + 1n), []);
		});

		it('gives calls and puts of one strike prices that agree', async () => {
			const lines = await linesOf(api, near.series.expiry);
			const { strike } = near.series;
			const [call, put] = ['Call', 'Put'].map((kind) =>
				lines.find(({ series }) => series.strike === strike && series.kind === kind),
			);
			// Delta of the call less delta of the put is one.
			const sum = call.delta - put.delta;
			assert.ok(sum > 999_999_000n && sum < 1_000_001_000n, `${sum}`);
			assert.equal(call.volPpb, put.volPpb);
		});

		it('about accounts, also hypothetically, and at an earlier block', async () => {
			const { hash } = await bestHead(node);
			const { address } = taker.pair;
			const report = plain(await api.call.exchangeApi.account(address, taker.index));
			assert.equal(report.margin.equity, 100_000n * USD);
			assert.equal(report.cash, 100_000n * USD);
			assert.equal(plain(await api.call.exchangeApi.account(address, 999)), null);

			const trade = { series: near.series, side: 'Sell', lots: 100, price };
			const simulated = await simulate(api, taker, { trades: [trade] });
			assert.ok(simulated.report.margin.initial < report.margin.initial);
			assert.equal(simulated.report.positions[0].lots, -100n);
			const [[underlying, { below, above }]] = simulated.liquidation;
			assert.equal(underlying, BigInt(BTC));
			assert.ok(below === null && above > 0n, 'a short call is liquidated above spot');

			const at = await api.at(hash);
			const then = plain(await at.call.exchangeApi.account(address, taker.index));
			assert.equal(then.margin.equity, report.margin.equity);
		});

		it('by view functions of every pallet', async () => {
			const view = (pallet, name, ...args) => callView(node, api, pallet, name, args);
			for (const pallet of EXCHANGE_PALLETS) {
				assert.ok(viewsOf(api, pallet).length > 0, `${pallet} has view functions`);
			}
			assert.ok((await view('Prices', 'latest_round', BTC)).number > 0n);
			assert.deepEqual(await view('Options', 'series_by_name', near.name), near.series);
			const { strikes } = await view('Options', 'listing', BTC, near.series.expiry);
			assert.ok(strikes.includes(near.series.strike));
			const viewed = await view('Clearing', 'account', taker.pair.address, taker.index);
			assert.deepEqual(viewed, await taker.state());
			assert.deepEqual(await view('OrderBook', 'best_prices', near.series), [null, null]);
		});
	});

	describe('takes orders', () => {
		it('in a batch of 20, replaces them, cancels them', async () => {
			const strikes = (await linesOf(api, near.series.expiry)).slice(0, BATCH);
			const place = ({ series, mark }) => ({
				Place: newOrder({ series, side: 'Buy', price: onTick(mark / 2n, tick), lots: 1 }),
			});
			await maker.batch(strikes.map(place));
			const { orders } = await maker.state();
			assert.equal(orders.length, BATCH);
			const replaced = orders.map(({ id, price: old }) => ({
				Replace: { order: id, price: old + tick, lots: 2 },
			}));
			await maker.batch(replaced);
			const after = (await maker.state()).orders;
			assert.deepEqual(
				after.map(({ id, price: now, lots }) => [id, now, lots]),
				orders.map(({ id, price: old }) => [id, old + tick, 2n]),
			);
			await maker.batch(['CancelAll']);
			assert.deepEqual((await maker.state()).orders, []);
		});

		it('of a batch all or none, or those that can be', async () => {
			const good = { Place: newOrder({ series: near.series, side: 'Buy', price: tick, lots: 1 }) };
			const bad = { Cancel: 999_999 };
			const unchanged = await maker.state();
			await assert.rejects(maker.batch([good, bad]), ({ code, outcome }) => {
				const [error] = findEvent(outcome.events, 'system.ExtrinsicFailed').data;
				const [, position] = error.asModule.error;
				return code === 'orderBook.BatchItem' && position === 1;
			});
			assert.deepEqual(await maker.state(), unchanged);
			const { events } = await maker.batch([bad, good], 'BestEffort');
			assert.equal(dataOf(findEvent(events, 'orderBook.BatchItemFailed')).position, 0n);
			assert.equal((await maker.state()).orders.length, 1);
			await maker.batch(['CancelAll']);
		});

		it('and fills them at the price of the one that rests, oldest first', async () => {
			const { series } = near;
			await maker.place({ series, side: 'Sell', price, lots: 30 });
			await maker.place({ series, side: 'Sell', price, lots: 30 });
			const { events } = await taker.place({ series, side: 'Buy', price: price + 5n * tick, lots: 50 });
			const fills = exchangeEvents(events).filter(({ name }) => name === 'orderBook.Filled');
			assert.deepEqual(
				fills.map((fill) => [fill.price, fill.lots, fill.makerLeft, fill.takerLeft]),
				[
					[price, 30n, 0n, 20n],
					[price, 20n, 10n, 0n],
				],
			);
			assert.ok(fills[0].makerOrder < fills[1].makerOrder);
		});

		it('but not of an owner with itself', async () => {
			const { series } = near;
			const own = { series, side: 'Buy', price, lots: 10 };
			const kept = await maker.place({ ...own, selfTrade: 'CancelIncoming' });
			assert.equal(dataOf(findEvent(kept.events, 'orderBook.OrderCancelled')).reason, 'SelfTrade');
			assert.equal((await maker.state()).orders.length, 1);
			const { events } = await maker.place({ ...own, kind: 'ImmediateOrCancel' });
			const cancelled = exchangeEvents(events).filter(({ name }) => name === 'orderBook.OrderCancelled');
			assert.deepEqual(
				cancelled.map(({ reason, lots }) => [reason, lots]),
				[
					['SelfTrade', 10n],
					['ImmediateRemainder', 10n],
				],
			);
			assert.deepEqual((await maker.state()).orders, []);
		});
	});

	describe('refuses', () => {
		/** An account with ten dollars. */
		let poor;

		before(async () => {
			poor = await Trader.open(api, '//Eve', 5, { usdc: 10n * USD });
			await maker.place({ series: near.series, side: 'Sell', price: price + 10n * tick, lots: 10 });
		});

		const refused = {
			'clearing.InsufficientMargin': () => poor.place(orderOf({ side: 'Sell', lots: 100 })),
			'clearing.AccountNotFound': () => new Trader(api, '//Eve', 77).place(orderOf({})),
			'clearing.InsufficientBalance': () => poor.send(api.tx.clearing.withdraw(5, USDC, 11n * USD)),
			'clearing.AssetNotAccepted': () => poor.send(api.tx.clearing.deposit(5, 99, 1)),
			'clearing.AccountExists': () => poor.send(api.tx.clearing.openAccount(5, 'Standard')),
			'clearing.AccountNotEmpty': () => poor.send(api.tx.clearing.closeAccount(5)),
			'orderBook.NotItsUnderlying': async () => {
				const { lines } = await waitForMarket(api, ETH);
				const { tick: step } = (await marketOf(api, ETH)).terms;
				return poor.place(orderOf({ series: lines[0].series, price: step }));
			},
			'orderBook.GoodTillPassed': () => poor.place(orderOf({ goodTill: 1 })),
			'orderBook.NothingToReduce': () => poor.place(orderOf({ reduceOnly: true })),
			'orderBook.WouldCross': () =>
				poor.place(orderOf({ price: price + 10n * tick, kind: 'PostOnly' })),
			'orderBook.NotFilled': () =>
				maker.place(orderOf({ side: 'Sell', price: price * 2n, kind: 'FillOrKill' })),
			'orderBook.BatchTooLong': () => poor.batch(Array(65).fill('CancelAll')),
			'orderBook.TooManyLegs': () => {
				const leg = { series: near.series, side: 'Buy', price: tick, lots: 1 };
				return poor.send(api.tx.orderBook.placeCombo(5, Array(9).fill(leg), 0));
			},
			'orderBook.UnknownOrder': () => poor.send(api.tx.orderBook.cancel(5, 1_000)),
			'orderBook.CostAboveLimit': () => {
				const leg = { series: near.series, side: 'Buy', price: price + 10n * tick, lots: 1 };
				return taker.send(api.tx.orderBook.placeCombo(5, [leg], 0));
			},
		};

		const orderOf = (order) => ({ series: near.series, side: 'Buy', price: tick, lots: 1, ...order });

		for (const [code, attempt] of Object.entries(refused)) {
			it(`with ${code}, and changes nothing but the fee`, async () => {
				const error = await attempt().catch((refusal) => refusal);
				assert.equal(error.code, code, `${error}`);
				await assertUnchanged(error.outcome);
			});
		}

		/** The storage of the pallets that a call of the exchange may change is the same as before. */
		async function assertUnchanged({ blockHash, events }) {
			const { parentHash } = await api.rpc.chain.getHeader(blockHash);
			for (const pallet of ['Clearing', 'OrderBook', 'Assets']) {
				assert.deepEqual(
					await rawState(node, pallet, blockHash),
					await rawState(node, pallet, parentHash.toHex()),
				);
			}
			const [who, fee] = findEvent(events, 'transactionPayment.TransactionFeePaid').data;
			const free = async (hash) =>
				plain(await (await api.at(hash)).query.system.account(who)).data.free;
			assert.equal(await free(parentHash), (await free(blockHash)) + plain(fee));
		}

		/** What cannot succeed, the pool does not take: by the code of the reason. */
		const unfit = {
			1: () => poor.place(orderOf({ price: tick + 1n })),
			2: () => poor.place(orderOf({ lots: 0 })),
			3: () => poor.place(orderOf({ series: { ...near.series, strike: 12_345n } })),
			4: () => poor.send(api.tx.liquidation.bid(maker.pair.address, 5, 1, 1, 5)),
			6: () => poor.send(api.tx.liquidation.topUp(5, 10n * USD)),
		};
		for (const [code, attempt] of Object.entries(unfit)) {
			it(`at the pool with code ${code}, and takes no fee`, async () => {
				const before = await api.query.system.account(poor.pair.address);
				const error = await attempt().catch((refusal) => refusal);
				assert.match(String(error), new RegExp(`1011: .*Custom, ${code}$`));
				const after = await api.query.system.account(poor.pair.address);
				assert.deepEqual(after.toJSON(), before.toJSON());
			});
		}

		it('an order that was sent twice', async () => {
			await taker.place(orderOf({ clientId: 4_711 }));
			await assert.rejects(taker.place(orderOf({ clientId: 4_711 })), {
				code: 'orderBook.DuplicateClientOrderId',
			});
			await taker.send(api.tx.orderBook.cancelByClientId(5, 4_711));
		});
	});

	describe('without prices', () => {
		const series = () => near.series;
		let bid;

		before(async () => {
			// Short calls that a resting order would buy back.
			await maker.batch(['CancelAll']);
			bid = price - 10n * tick;
			await maker.place({ series: series(), side: 'Buy', price: bid, lots: 20 });
			await node.stop();
			await node.restart(['--price-feed', 'none']);
			api = await node.api();
			for (const trader of [maker, taker]) {
				trader.api = api;
			}
			await waitForBlock(node, (await bestHead(node)).number + 2);
			await waitFor('stale prices', async () => (await marketOf(api)).ageMillis > 5_000n);
		});

		it('refuses what adds risk', async () => {
			const order = { series: series(), side: 'Buy', price: tick, lots: 1 };
			await assert.rejects(taker.place(order), { code: 'clearing.PricesStale' });
			const withdrawal = api.tx.clearing.withdraw(taker.index, USDC, USD);
			await assert.rejects(taker.send(withdrawal), { code: 'clearing.PricesStale' });
		});

		it('takes deposits', async () => {
			const { cash } = await taker.state();
			await taker.send(api.tx.clearing.deposit(taker.index, USDC, USD));
			assert.equal((await taker.state()).cash, cash + USD);
		});

		it('lets both sides of a trade reduce', async () => {
			const before = await Promise.all([maker.state(), taker.state()]);
			assert.deepEqual(
				before.map(({ positions }) => positions.map(({ lots }) => lots)),
				[[-50n], [50n]],
			);
			const sell = { series: series(), side: 'Sell', price: bid, lots: 15, kind: 'ImmediateOrCancel' };
			await taker.place({ ...sell, reduceOnly: true });
			const after = await Promise.all([maker.state(), taker.state()]);
			assert.deepEqual(
				after.map(({ positions }) => positions.map(({ lots }) => lots)),
				[[-35n], [35n]],
			);
		});

		it('lets orders be cancelled', async () => {
			assert.equal((await maker.state()).orders.length, 1);
			await maker.send(api.tx.orderBook.cancelAll(maker.index));
			assert.deepEqual((await maker.state()).orders, []);
		});
	});
});

const variantsOf = (lookup, part) =>
	part.isSome ? [...lookup.getSiType(part.unwrap().type).def.asVariant.variants] : [];

async function simulate(api, { pair, index }, changes) {
	const simulation = { trades: [], spotMovePpb: 0, volMovePpb: 0, secondsForward: 0, ...changes };
	const answer = plain(await api.call.exchangeApi.simulate(pair.address, index, simulation));
	return answer.Ok ?? answer;
}
