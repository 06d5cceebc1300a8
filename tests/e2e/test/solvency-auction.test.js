// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { bestHead } from '../lib/chain.js';
import { Chronicle, eventsIn, stateAt, statesAround } from '../lib/exchange/chronicle.js';
import {
	WHOLE,
	auditAt,
	ceilOf,
	discountAfter,
	edgeOf,
	hasRound,
	isFree,
	isOf,
	marginOf,
	optionAt,
	partOf,
	startMarket,
	trade,
	withdrawAllBut,
} from '../lib/exchange/danger.js';
import { plain } from '../lib/exchange/plain.js';
import { ledgerOf, replay } from '../lib/exchange/replay.js';
import { BTC, Trader, USD, USDC, dataOf, nearestTheMoney, onTick } from '../lib/exchange/trading.js';
import { isNextBlock, sign, submit, submitAfterBlock, validityOf, whereIs } from '../lib/pool.js';
import { useNodes } from '../lib/suite.js';
import { findEvent } from '../lib/transactions.js';

/** Initial margin that the sellers of options keep free: next to nothing. */
const SPARE = 100n * USD;
/** What the pool answers to a transaction that may become valid later. */
const UNKNOWN_VALIDITY = 1011;
const BANNED = 1012;
/** A ban ends with the next block; the pool may be a block behind. */
const BAN_BLOCKS = 4;

// Two accounts sell the same options with next to no margin to spare. Spot rises: both are called. One pays in,
// the other does not; spot rises further.
describe('an auction', () => {
	const nodes = useNodes();
	let node, api, feed, tick, lines;
	/** Who buys the options; who sells them and pays in; who sells them and does not; who bids. */
	let buyer, careful, careless, bidder;
	let edge;
	let chronicle;
	let opening;

	before(async () => {
		({ node, api, feed, tick, lines } = await startMarket(nodes, { args: ['--state-pruning', 'archive'] }));
		[buyer, careful, careless, bidder] = await Promise.all([
			Trader.open(api, '//Bob', 1, { usdc: 5_000_000n * USD }),
			Trader.open(api, '//Ferdie', 1, { usdc: 400_000n * USD }),
			Trader.open(api, '//Eve', 1, { usdc: 400_000n * USD }),
			Trader.open(api, '//Charlie', 1, { margin: 'Standard', usdc: 2_000_000n * USD }),
		]);
	});

	after(() => feed.close());

	it('needs accounts with little margin', async () => {
		const spot = feed.quote('BTC').spot;
		const near = nearestTheMoney(lines);
		const book = [
			{ line: near, lots: -300n },
			{ line: optionAt(lines, 'Call', spot * 1.2), lots: -100n },
			{ line: optionAt(lines, 'Put', spot * 0.8), lots: 50n },
		];
		for (const seller of [careful, careless]) {
			await trade(seller, buyer, book, tick);
			assert.equal((await seller.state()).positions.length, 3);
			const far = { series: near.series, side: 'Buy', price: tick, lots: 7 };
			await seller.place(far);
			await withdrawAllBut(seller, SPARE);
		}
		edge = await edgeOf(careless);
		assert.ok(edge > spot && edge < spot * 1.2, `${edge}`);
		assert.deepEqual((await auditAt(api, (await bestHead(node)).hash)).missed, []);
	});

	it('is preceded by a margin call', async () => {
		chronicle = await Chronicle.begin(node, api);
		const { spot } = feed.quote('BTC');
		feed.say('BTC', { spot: spot + 0.85 * (edge - spot) });
		const isCalled = (seller) => chronicle.all('liquidation.MarginCalled').some(isOf(seller));
		await chronicle.until('has called both', () => isCalled(careful) && isCalled(careless));
		assert.deepEqual(chronicle.all('liquidation.AuctionOpened'), []);
	});

	it('is averted by a top-up, which is in the next block and free', async () => {
		const topUp = await sign(api, api.tx.liquidation.topUp(careful.index, 60_000n * USD), careful.pair);
		assert.equal((await validityOf(node, api, topUp)).lane, 'Solvency');
		const [{ hash, acceptedAt }] = await submitAfterBlock(node, topUp);
		const found = await whereIs(node, api, hash, chronicle.next);
		assert.ok(await isNextBlock(node, api, found.number, acceptedAt));
		assert.ok(await isFree(api, found, careful.pair.address));
		assert.equal(dataOf(findEvent(found.events, 'clearing.PaidIn')).amount, 60_000n * USD);
	});

	it('opens in the first block whose price brings the account under maintenance margin', async () => {
		await chronicle.catchUp();
		feed.say('BTC', { spot: edge * 1.012 });
		opening = await chronicle.untilEvent('liquidation.AuctionOpened');
		const { block, event } = opening;
		assert.ok(isOf(careless)(event), 'the account that did not pay in');
		assert.ok(hasRound(block), 'prices of the same block');
		assert.equal(eventsIn(block, 'liquidation.AuctionOpened')[0].extrinsic, null, 'without a transaction');

		const states = await statesAround(api, block.hash);
		const [earlier, now] = await Promise.all(states.map((state) => state.report(careless.key)));
		assert.ok(earlier.margin.maintenance >= 0n, 'it was not in danger in the block before');
		const { equity, maintenance } = now.margin;
		assert.ok(maintenance < 0n);
		assert.deepEqual([event.equity, event.maintenance], [equity, maintenance]);
		assert.equal(event.target, maintenance + floorOf((maintenance - equity) * 15n, 100n));
	});

	it('was missed in no block', async () => {
		const audits = await Promise.all(chronicle.blocks.map(({ hash }) => auditAt(api, hash)));
		assert.deepEqual(audits.flatMap(({ missed }) => missed), []);
		const [last] = audits.slice(-1);
		assert.deepEqual([last.frozen, last.unpriced], [1n, 0n]);
		assert.ok(last.checked >= 3n, `${last.checked} accounts`);
	});

	it('takes the account out of the hands of its owner', async () => {
		const { block } = opening;
		const states = await statesAround(api, block.hash);
		const [before, now] = await Promise.all(states.map((state) => state.account(careless.key)));
		assert.equal(before.orders.length, 1);
		assert.deepEqual([now.orders, now.frozen], [[], true]);
		const [{ data }] = eventsIn(block, 'liquidation.OrdersCancelled');
		assert.equal(data.orders, 1n);
		const [cancelled] = eventsIn(block, 'orderBook.OrderCancelled');
		assert.equal(cancelled.data.reason, 'Liquidation');

		const { series } = nearestTheMoney(lines);
		const frozen = { code: 'clearing.AccountFrozen' };
		await assert.rejects(careless.place({ series, side: 'Buy', price: tick, lots: 1 }), frozen);
		await assert.rejects(careless.send(api.tx.clearing.withdraw(careless.index, USDC, 1)), frozen);
		await careless.send(api.tx.clearing.deposit(careless.index, USDC, 10n * USD));
	});

	it('takes no bid of the owner, and there is none for an account that is well', async () => {
		const bid = ({ pair, index }, bidderIndex) =>
			api.tx.liquidation.bid(pair.address, index, WHOLE, 10n ** 12n, bidderIndex);
		const refusal = async (call, { pair }) => {
			const validity = await validityOf(node, api, await sign(api, call, pair));
			return validity.refusal;
		};
		assert.equal(await refusal(bid(careless, 2), careless), 'Unknown.Custom(5)');
		assert.equal(await refusal(bid(careful, bidder.index), bidder), 'Unknown.Custom(4)');
		await assert.rejects(careless.send(bid(careless, 2)), /1011: .*Custom, 5/);
		await assert.rejects(bidder.send(bid(careful, bidder.index)), /1011: .*Custom, 4/);
		await assert.rejects(bidder.send(api.tx.liquidation.topUp(bidder.index, 10n * USD)), /1011: .*Custom, 6/);
	});

	it('ends with a bid, in the next block, free, pro rata, at the price of the moment', async () => {
		const report = plain(await api.call.solvencyApi.auction(careless.pair.address, careless.index));
		assert.ok(report.isOpen && report.maxShare > 0n && report.maxShare < WHOLE, `${report.maxShare}`);
		const { pair, index } = careless;
		const call = api.tx.liquidation.bid(pair.address, index, WHOLE, report.equity, bidder.index);
		const signed = await sign(api, call, bidder.pair);
		const [{ hash, acceptedAt }] = await submitAfterBlock(node, signed);
		const found = await whereIs(node, api, hash, opening.block.number);
		assert.ok(await isNextBlock(node, api, found.number, acceptedAt));
		assert.ok(await isFree(api, found, bidder.pair.address));

		const taken = dataOf(findEvent(found.events, 'liquidation.BidTaken'));
		assert.ok(isOf(careless)(taken) && isOf(bidder)({ account: taken.bidder }));
		const { share, price } = taken;
		const [before, now] = await statesAround(api, found.blockHash);
		await assertPrice(now, taken);
		await assertProRata(before, now, share, price);

		const ended = dataOf(findEvent(found.events, 'liquidation.AuctionEnded'));
		assert.deepEqual([ended.reason, ended.reserved], ['TargetReached', price]);
		assert.equal(await now.auction(careless.key), null);
		const { margin } = await now.report(careless.key);
		assert.ok(margin.maintenance * 100n >= (margin.equity - margin.maintenance) * 15n, 'at its target');
		assert.ok(margin.equity > 0n);
	});

	/** The discount is that of the time since the opening, counted to the millisecond. */
	async function assertPrice(now, { equity, price }) {
		const rules = plain(await api.query.liquidation.parametersInForce()).auction;
		const elapsed = (await now.time()) - (await (await stateAt(api, opening.block.hash)).time());
		const discount = discountAfter(elapsed, rules);
		assert.ok(discount < rules.discountStart && discount > rules.discountFastEnd);
		assert.equal(price, ceilOf(equity * discount, WHOLE));
	}

	/** Of every position the same share went to the bidder, towards nothing, and of cash, against the price. */
	async function assertProRata(before, now, share, price) {
		const [left, was] = await Promise.all([now.account(careless.key), before.account(careless.key)]);
		const [got, had] = await Promise.all([now.account(bidder.key), before.account(bidder.key)]);
		assert.deepEqual(had.positions, []);
		assert.deepEqual(
			got.positions,
			was.positions.map(({ series, lots }) => ({ series, lots: partOf(lots, share) })),
		);
		assert.deepEqual(
			left.positions,
			was.positions.map(({ series, lots }) => ({ series, lots: lots - partOf(lots, share) })),
		);
		assert.ok(new Set(left.positions.map(({ lots }) => lots)).size === 3, 'three sizes');
		const cash = partOf(was.cash, share);
		assert.equal(left.cash, was.cash - cash + price);
		assert.equal(got.cash, had.cash + cash - price);
	}

	it('leaves the rest to the owner', async () => {
		const { frozen, positions } = await careless.state();
		assert.equal(frozen, false);
		const { series } = positions.find(({ lots }) => lots < 0n);
		const best = await stateAt(api, (await bestHead(node)).hash);
		const price = onTick(await best.mark(series), tick);
		await buyer.place({ series, side: 'Sell', price, lots: 5, kind: 'PostOnly' });
		const back = { series, side: 'Buy', price, lots: 5, kind: 'ImmediateOrCancel', reduceOnly: true };
		const { events } = await careless.place(back);
		assert.equal(dataOf(findEvent(events, 'orderBook.Filled')).lots, 5n);
		// At its target an account has more than maintenance margin and less than initial margin.
		const short = { code: 'clearing.InsufficientMargin' };
		await assert.rejects(careless.send(api.tx.clearing.withdraw(careless.index, USDC, USD)), short);
		const { initial } = await marginOf(careless);
		await careless.send(api.tx.clearing.deposit(careless.index, USDC, SPARE - initial));
		await withdrawAllBut(careless, 0n);
	});

	it('takes a bid that came before it was open, by the same bytes', async () => {
		const { pair, index } = careless;
		const call = api.tx.liquidation.bid(pair.address, index, WHOLE, 10n ** 12n, bidder.index);
		const early = await sign(api, call, bidder.pair);
		await assert.rejects(submit(node, early), { code: UNKNOWN_VALIDITY, data: 'Custom(4)' });

		await chronicle.catchUp();
		feed.say('BTC', { spot: (await edgeOf(careless)) * 1.012 });
		const { block } = await chronicle.untilEvent('liquidation.AuctionOpened', isOf(careless));
		const { hash } = await submitUnbanned(early);
		const { events } = await whereIs(node, api, hash, block.number);
		const taken = dataOf(findEvent(events, 'liquidation.BidTaken'));
		assert.ok(isOf(careless)(taken) && isOf(bidder)({ account: taken.bidder }));
	});

	/** The pool keeps bytes that it refused out until the next block. */
	async function submitUnbanned(tx) {
		for (let block = 0; block < BAN_BLOCKS; block += 1) {
			try {
				const [sent] = await submitAfterBlock(node, tx);
				return sent;
			} catch (error) {
				assert.equal(error.code, BANNED, error.message);
			}
		}
		throw new Error(`the bytes are banned for longer than ${BAN_BLOCKS} blocks`);
	}

	it('can be rebuilt from events, and nothing is missed to the end', async () => {
		await chronicle.catchUp();
		const { number, hash } = chronicle.blocks.at(-1);
		const ledger = await replay(api, number);
		const own = ['AuctionOpened', 'BidTaken', 'AuctionEnded', 'MarginCalled', 'OrdersCancelled'];
		const custody = ['clearing.PartMoved', 'clearing.CashPaid', 'clearing.PaidIn'];
		for (const name of [...own.map((each) => `liquidation.${each}`), ...custody]) {
			assert.ok(ledger.seen.has(name), name);
		}
		assert.deepEqual(ledger.snapshot(), await ledgerOf(api, hash));
		assert.deepEqual((await auditAt(api, hash)).missed, []);
	});
});

/** `amount / by`, down. */
const floorOf = (amount, by) => -ceilOf(-amount, by);
