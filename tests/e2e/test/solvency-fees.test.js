// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { createKeyMulti, encodeAddress } from '@polkadot/util-crypto';

import { account } from '../lib/accounts.js';
import { bestHead } from '../lib/chain.js';
import { Chronicle, eventsIn, stateAt } from '../lib/exchange/chronicle.js';
import { isFree, isOf, startMarket, trade, withdrawAllBut } from '../lib/exchange/danger.js';
import { plain } from '../lib/exchange/plain.js';
import { Trader, USD, dataOf, nearestTheMoney, newOrder, onTick } from '../lib/exchange/trading.js';
import { sign, validityOf } from '../lib/pool.js';
import { useNodes } from '../lib/suite.js';
import { asRoot, findEvent, signAndWait, sudo } from '../lib/transactions.js';

const LOTS = 1_000n;
/** A share of a lot or two of the book on auction: many such bids do not end it. */
const FEW_LOTS = 2_000_000n;
/** For the deposit of a margin account. */
const FUND = 100n * 10n ** 12n;
/** One, in the fixed point of a lane's price. */
const ONE = 10n ** 18n;

// What is free, what is not, and what a call loses that is inside of another.
describe('fees', () => {
	const nodes = useNodes();
	let node, api, feed, tick, near;
	let buyer, victim, bidder;
	const alice = account('//Alice');

	const order = (changes) => newOrder({ series: near.series, side: 'Buy', price: tick, lots: 1, ...changes });
	const bid = () =>
		api.tx.liquidation.bid(victim.pair.address, victim.index, FEW_LOTS, 10n ** 12n, bidder.index);
	const feeOf = ({ events }) => dataOf(findEvent(events, 'transactionPayment.TransactionFeePaid')).actualFee;
	const laneOf = async (call, pair) => (await validityOf(node, api, await sign(api, call, pair))).lane;

	/** What became of a call that fails in its block. */
	async function failure(attempt, code) {
		const error = await attempt.then(() => null, (reason) => reason);
		assert.equal(error?.code, code, `${error}`);
		return error.outcome;
	}

	before(async () => {
		let lines;
		({ node, api, feed, tick, lines } = await startMarket(nodes));
		near = nearestTheMoney(lines);
		[buyer, victim, bidder] = await Promise.all([
			Trader.open(api, '//Bob', 1, { usdc: 5_000_000n * USD }),
			Trader.open(api, '//Eve', 1, { usdc: 1_000_000n * USD }),
			Trader.open(api, '//Charlie', 1, { usdc: 2_000_000n * USD }),
		]);
		await trade(victim, buyer, [{ line: near, lots: -LOTS }], tick);
		await withdrawAllBut(victim, 100n * USD);
	});

	after(() => feed.close());

	describe('of what reduces risk', () => {
		let price;

		before(async () => {
			price = onTick(near.mark, tick);
			await buyer.place(order({ price: price - tick, lots: 50 }));
		});

		it('are none for a cancel, and are paid for one of nothing', async () => {
			const { events } = await bidder.place(order());
			const { order: placed } = dataOf(findEvent(events, 'orderBook.OrderPlaced'));
			const cancel = () => bidder.send(api.tx.orderBook.cancel(bidder.index, placed.id));
			assert.ok(await isFree(api, await cancel(), bidder.pair.address));
			assert.ok(feeOf(await failure(cancel(), 'orderBook.UnknownOrder')) > 0n);
			const nothing = await bidder.send(api.tx.orderBook.cancelAll(bidder.index));
			assert.ok(feeOf(nothing) > 0n, 'a success that did nothing is paid for as well');
		});

		it('are none for a smaller position, and are paid for an attempt', async () => {
			await trade(bidder, buyer, [{ line: near, lots: 20n }], tick);
			const sell = { side: 'Sell', kind: 'ImmediateOrCancel', reduceOnly: true, lots: 10 };
			await buyer.place(order({ price: price - tick, lots: 10 }));
			const closed = await bidder.place(order({ ...sell, price: price - tick }));
			assert.equal(dataOf(findEvent(closed.events, 'orderBook.Filled')).lots, 10n);
			assert.ok(await isFree(api, closed, bidder.pair.address));
			const missed = await bidder.place(order({ ...sell, price: price * 3n }));
			assert.ok(feeOf(missed) > 0n, 'nothing was filled');
			const wrong = bidder.place(order({ ...sell, side: 'Buy' }));
			assert.ok(feeOf(await failure(wrong, 'orderBook.NothingToReduce')) > 0n);
		});
	});

	describe('of an option', () => {
		it('are told beforehand: what it costs beside its premium, and with it', async () => {
			const lots = 100;
			const { hash } = await bestHead(node);
			const mark = await (await stateAt(api, hash)).mark(near.series);
			const { call } = await api.at(hash);
			const costOf = async (side) => plain(await call.solvencyApi.tradeCost(near.series, side, lots));
			const [cost, sale] = await Promise.all([costOf('Buy'), costOf('Sell')]);
			// A contract has a hundred lots.
			assert.ok(distance(cost.premium, mark) < USD, `${cost.premium} ${mark}`);
			assert.equal(cost.exercise, 0n);
			assert.ok(cost.openingFee > 0n && cost.closingFee > 0n);
			assert.equal(cost.gasAdjustedPremium, cost.premium + tradingFees(cost));
			assert.equal(sale.gasAdjustedPremium, sale.premium - tradingFees(sale));
			assert.equal(cost.expectedTransactionFees, cost.openingTransaction, 'a closing is free');

			const price = onTick(mark, tick);
			await buyer.place(order({ side: 'Sell', price, lots, kind: 'PostOnly' }));
			const bought = await bidder.place(order({ price, lots, kind: 'ImmediateOrCancel' }));
			const { takerFee } = dataOf(findEvent(bought.events, 'orderBook.Filled'));
			assert.ok(takerFee <= cost.openingFee && takerFee * 100n > cost.openingFee * 95n, `${takerFee}`);
			const fee = feeOf(bought);
			assert.ok(fee * 2n > cost.openingTransaction && fee < cost.openingTransaction * 2n, `${fee}`);

			await buyer.place(order({ price: price - tick, lots, kind: 'PostOnly' }));
			const sold = await bidder.place(order({ side: 'Sell', price: price - tick, lots, reduceOnly: true }));
			assert.ok(await isFree(api, sold, bidder.pair.address));
			assert.ok(cost.closingTransaction > 0n, 'what has to be there, and is given back');
		});

		it('follow the weight of the call, at the price of its lane', async () => {
			const { hash } = await bestHead(node);
			const at = await api.at(hash);
			const multipliers = plain(await at.query.lanes.multipliers());
			const calls = {
				general: api.tx.balances.transferKeepAlive(alice.address, 1),
				takers: api.tx.orderBook.place(bidder.index, order()),
				riskDown: api.tx.orderBook.cancelAll(bidder.index),
				solvency: bid(),
			};
			for (const [lane, call] of Object.entries(calls)) {
				const tx = await sign(api, call, bidder.pair);
				const { weight } = await node.rpc('payment_queryInfo', tx.toHex(), hash);
				const { inclusionFee } = await node.rpc('payment_queryFeeDetails', tx.toHex(), hash);
				const usual = plain(await at.call.transactionPaymentApi.queryWeightToFee(weightOf(weight)));
				const told = BigInt(inclusionFee.adjustedWeightFee);
				assert.ok(told > 0n, `the weight of ${lane} costs ${told}`);
				assert.ok(distance(told, (usual * multipliers[lane]) / ONE) <= 1n, lane);
			}
		});
	});

	describe('of a call inside another', () => {
		before(async () => {
			const chronicle = await Chronicle.begin(node, api);
			feed.say('BTC', { vol: 0.8 });
			await chronicle.untilEvent('liquidation.AuctionOpened', isOf(victim));
			await bidder.place(order({ price: tick }));
		});

		it('are those of its wrapper, and its lane is the general one', async () => {
			const { utility, proxy, multisig, orderBook } = api.tx;
			await signAndWait(api, proxy.addProxy(bidder.pair.address, 'Any', 0), buyer.pair);
			const cancel = (trader) => orderBook.cancelAll(trader.index);
			const others = [account('//Dave').address];
			const asMultisig = (call) => multisig.asMultiThreshold1(others, call);
			const both = encodeAddress(createKeyMulti([bidder.pair.address, ...others], 1));
			await signAndWait(api, api.tx.balances.transferKeepAlive(both, FUND), alice);
			await bidder.send(asMultisig(api.tx.clearing.openAccount(1, 'Standard')));
			const wrapped = [
				['a batch with a bid', utility.batch([bid()]), 'liquidation.BidTaken'],
				['a batch that is all or nothing', utility.batchAll([bid(), cancel(bidder)]), 'liquidation.BidTaken'],
				['a batch with a cancel', utility.forceBatch([cancel(bidder)]), 'utility.ItemCompleted'],
				["a proxy's cancel", proxy.proxy(buyer.pair.address, null, cancel(buyer)), 'orderBook.OrderCancelled'],
				["a multisig's cancel", asMultisig(cancel({ index: 1 })), 'multisig.MultisigExecuted'],
			];
			assert.equal(await laneOf(bid(), bidder.pair), 'Solvency');
			for (const [what, call, event] of wrapped) {
				assert.equal(await laneOf(call, bidder.pair), 'General', what);
				const done = await bidder.send(call);
				assert.ok(done.events.some(({ section, method }) => `${section}.${method}` === event), what);
				assert.ok(feeOf(done) > 0n, what);
				assert.ok(!(await isFree(api, done, bidder.pair.address)), what);
				await assertGeneral(done.blockHash, 1n);
			}
			assert.ok(await isFree(api, await bidder.send(bid()), bidder.pair.address), 'unwrapped');
		});

		it('by sudo or the scheduler: it takes nothing of the lane of bids', async () => {
			const own = { system: { Signed: bidder.pair.address } };
			const dispatched = api.tx.utility.dispatchAs(own, bid());
			const direct = asRoot(api, dispatched);
			assert.equal(await laneOf(direct, alice), 'General');
			const { events, blockHash } = await sudo(api, dispatched, alice);
			findEvent(events, 'liquidation.BidTaken');
			await assertGeneral(blockHash, 1n);

			const chronicle = await Chronicle.begin(node, api);
			const { number } = await bestHead(node);
			await sudo(api, api.tx.scheduler.schedule(number + 6, null, 0, dispatched), alice);
			const { block } = await chronicle.untilEvent('liquidation.BidTaken');
			assert.equal(block.number, number + 6);
			assert.equal(eventsIn(block, 'liquidation.BidTaken')[0].extrinsic, null);
			await assertGeneral(block.hash, 0n);
		});

		/** So many transactions in the general lane, and none in the others. */
		async function assertGeneral(hash, count) {
			const { lanes } = await (await stateAt(api, hash)).lanes();
			const counts = Object.entries(lanes).map(([lane, { usage }]) => [lane, usage.transactions]);
			const expected = counts.map(([lane]) => [lane, lane === 'general' ? count : 0n]);
			assert.deepEqual(counts, expected);
		}
	});
});

const weightOf = ({ ref_time: refTime, proof_size: proofSize }) => ({ refTime, proofSize });

const tradingFees = ({ openingFee, closingFee, exercise }) => openingFee + closingFee + exercise;

const distance = (one, other) => (one > other ? one - other : other - one);
