// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { account } from '../lib/accounts.js';
import { Chronicle, eventsIn, stateAt, statesAround } from '../lib/exchange/chronicle.js';
import {
	WHOLE,
	auditAt,
	ceilOf,
	changeLiquidation,
	edgeOf,
	eventOf,
	isOf,
	liftClamp,
	optionAt,
	requirementsOf,
	startMarket,
	trade,
	withdrawAllBut,
} from '../lib/exchange/danger.js';
import { ledgerOf, replay } from '../lib/exchange/replay.js';
import { plain } from '../lib/exchange/plain.js';
import { Trader, USD, USDC, dataOf, waitForMarket } from '../lib/exchange/trading.js';
import { callView } from '../lib/exchange/view-functions.js';
import { useNodes } from '../lib/suite.js';
import { findEvent, signAndWait } from '../lib/transactions.js';

/** The shortest times there may be: a test does not wait for an hour or a day. */
const QUICK = {
	auction: { insolventMillis: 3_000 },
	// From the first moment on the vault takes what nobody else does.
	house: { vaultDelayMillis: 60_000, vaultDiscount: 950_000_000 },
};
/** Blocks in which someone who leaves the vault has to be paid: a minute has 120. */
const LEAVING_BLOCKS = 200;
const SPARE = 100n * USD;

// Nobody bids. What happens to an account under maintenance margin then: the vault, the insurance fund, those on
// the other side, bad debt. It takes more than a minute, as nobody can leave the vault sooner.
describe('without bidders', () => {
	const nodes = useNodes();
	let node, api, feed, tick, chronicle;
	/** Two who fund the vault: one leaves. */
	const [stayer, leaver] = ['//Dave', '//Ferdie'].map(account);
	/** Accounts on the other side of those in danger. */
	let bob, charlie, hedged, rich;
	let vault;
	let asked;

	const isKeyOf = (trader, key) => isOf(trader)({ account: key });
	const send = (key, call) => signAndWait(api, call, key);
	const sharesOf = async (key) => plain(await api.query.liquidation.shares(key.address));

	before(async () => {
		({ node, api, feed, tick } = await startMarket(nodes, { args: ['--state-pruning', 'archive'] }));
		await liftClamp(api);
		await changeLiquidation(api, QUICK);
		const standard = { margin: 'Standard', usdc: 4_000_000n * USD };
		[bob, charlie, rich, hedged] = await Promise.all([
			Trader.open(api, '//Bob', 1, { usdc: 4_000_000n * USD }),
			Trader.open(api, '//Charlie', 1, standard),
			Trader.open(api, '//Dave', 1, standard),
			Trader.open(api, '//Ferdie', 1, { usdc: 1_000_000n * USD }),
		]);
		chronicle = await Chronicle.begin(node, api);
	});

	after(() => feed.close());

	/** An account of Eve's with next to no margin to spare, which has sold `lots` to each of `others`. */
	async function sellerOf(index, line, others) {
		const seller = await Trader.open(api, '//Eve', index, { usdc: 2_000_000n * USD });
		for (const [other, lots] of others) {
			await trade(seller, other, [{ line, lots: -lots }], tick);
		}
		await withdrawAllBut(seller, SPARE);
		return seller;
	}

	const linesNow = async () => (await waitForMarket(api)).lines;
	const reportsOf = (traders, hash) =>
		Promise.all(traders.map(async ({ key }) => (await (await stateAt(api, hash)).report(key)).margin));

	describe('the vault', () => {
		it('gives shares for deposits', async () => {
			const { events } = await send(stayer, api.tx.liquidation.vaultDeposit(40_000n * USD));
			const { shares } = dataOf(findEvent(events, 'liquidation.VaultDeposited'));
			assert.equal(shares, 40_000n * USD * 1_000n);
			await send(leaver, api.tx.liquidation.vaultDeposit(20_000n * USD));
			assert.equal(await sharesOf(leaver), 20_000n * USD * 1_000n);
			const { account: key } = dataOf(findEvent(events, 'clearing.AccountOpened'));
			vault = { key, pair: { address: key.owner }, index: key.index };
			assert.equal(plain(await api.query.clearing.accounts(key)).cash, 60_000n * USD);
		});

		it('keeps those who leave in a queue', async () => {
			const shares = await sharesOf(leaver);
			const half = shares / 2n;
			await assert.rejects(send(leaver, api.tx.liquidation.vaultRequestWithdraw(shares + 1n)), {
				code: 'liquidation.NotEnoughShares',
			});
			const { events, blockHash } = await send(leaver, api.tx.liquidation.vaultRequestWithdraw(half));
			const leaving = dataOf(findEvent(events, 'liquidation.VaultLeaving'));
			const time = await (await stateAt(api, blockHash)).time();
			assert.deepEqual([leaving.shares, leaving.readyAt], [half, time + 60_000n]);
			assert.equal(await sharesOf(leaver), shares - half);
			asked = { shares: half, readyAt: leaving.readyAt };
		});

		it('takes slices down to its discount, and pays for them', async () => {
			const { spot } = feed.quote('BTC');
			const seller = await sellerOf(1, optionAt(await linesNow(), 'Call', spot), [[bob, 60n]]);
			feed.say('BTC', { spot: (await edgeOf(seller)) * 1.01 });
			const { block, event } = await chronicle.untilEvent('liquidation.VaultTook', isOf(seller));
			assert.equal(eventsIn(block, 'liquidation.AuctionOpened').length, 1, 'at once');
			assert.equal(event.price, ceilOf(event.equity * 950_000_000n, WHOLE));
			assert.ok(event.price > 0n && event.share < WHOLE);
			const now = await stateAt(api, block.hash);
			const [{ lots }] = (await now.account(vault.key)).positions;
			assert.ok(lots < 0n && lots > -60n, `${lots}`);
			const { reason } = eventsIn(block, 'liquidation.AuctionEnded')[0].data;
			assert.equal(reason, 'TargetReached');
			assert.equal((await now.account(seller.key)).frozen, false);
			await seller.send(api.tx.clearing.deposit(seller.index, USDC, 1_000_000n * USD));
		});
	});

	it('the insurance fund pays the vault for a book that owes', async () => {
		await send(account('//Alice'), api.tx.clearing.fundInsurance(100_000n * USD));
		const { spot } = feed.quote('BTC');
		const seller = await sellerOf(2, optionAt(await linesNow(), 'Call', spot), [[bob, 50n]]);
		await chronicle.catchUp();
		feed.say('BTC', { spot: spot * 1.4 });
		const opening = await chronicle.untilEvent('liquidation.AuctionOpened', isOf(seller));
		assert.ok(opening.event.equity < 0n, 'it owes more than it holds');
		assert.ok(eventOf(opening.block, 'liquidation.AuctionInsolvent', seller));

		const { block, event } = await chronicle.untilEvent('liquidation.VaultTook', isOf(seller));
		const [{ data: paid }] = eventsIn(block, 'liquidation.InsurancePaid');
		assert.deepEqual([event.share, event.price], [WHOLE, -paid.amount]);
		assert.ok(event.equity < 0n && paid.amount > -event.equity, 'what the book owes, and a premium');
		assert.ok(isKeyOf(vault, paid.to));
		const states = await statesAround(api, block.hash);
		const [before, now] = await Promise.all(states.map((state) => state.figures()));
		assert.deepEqual([now.insurance, paid.left], Array(2).fill(before.insurance - paid.amount));
		const { positions, cash, frozen } = await states[1].account(seller.key);
		assert.deepEqual([positions, cash, frozen], [[], 0n, false]);
		assert.equal(eventOf(block, 'liquidation.AuctionEnded', seller).data.reason, 'NothingLeft');
	});

	describe('a book too large for vault and fund', () => {
		let seller;
		let series;

		before(async () => {
			const { spot } = feed.quote('BTC');
			const lines = await linesNow();
			const line = optionAt(lines, 'Put', spot);
			({ series } = line);
			// One whose long puts pay for short ones: to close them would raise what it has to hold.
			const lower = optionAt(lines, 'Put', spot * 0.8);
			await trade(hedged, rich, [{ line, lots: 700n }, { line: lower, lots: -700n }], tick);
			seller = await sellerOf(3, line, [[bob, 3_300n], [charlie, 700n]]);
			await chronicle.catchUp();
			feed.say('BTC', { spot: spot * 0.3 });
		});

		it('is closed at the mark against the other side, and raises no requirement', async () => {
			const { block: opening } = await chronicle.untilEvent('liquidation.AuctionOpened', isOf(seller));
			await chronicle.untilEvent('liquidation.AuctionEnded', isOf(seller));
			assert.deepEqual(chronicle.all('liquidation.VaultTook').filter(isOf(seller)), []);
			const closed = chronicle.all('liquidation.Deleveraged').filter(isOf(seller));
			assert.ok(closed.length >= 2);
			assert.ok(closed.every(({ block }) => block.number > opening.number));
			assert.equal(closed.reduce((sum, { lots }) => sum + lots, 0n), 4_000n);
			const holders = [bob, charlie, hedged, rich];
			for (const block of new Set(closed.map((each) => each.block))) {
				const own = closed.filter((each) => each.block === block);
				await assertAtTheMark(block, own);
				await assertNotRaised(block, own, holders);
			}
		});

		async function assertAtTheMark(block, closed) {
			const mark = await (await stateAt(api, block.hash)).mark(series);
			for (const { price } of closed) {
				assert.equal(price / 1_000_000n, mark);
			}
		}

		async function assertNotRaised(block, closed, holders) {
			const was = (await reportsOf(holders, block.header.parentHash.toHex())).map(requirementsOf);
			const is = (await reportsOf(holders, block.hash)).map(requirementsOf);
			holders.forEach(({ key }, index) => {
				if (closed.some(({ holder }) => holder.owner === key.owner)) {
					assert.ok(is[index].maintenance <= was[index].maintenance, key.owner);
					assert.ok(is[index].initial <= was[index].initial, key.owner);
				}
			});
		}

		it('is closed against those least whom it helps least', async () => {
			const closed = chronicle.all('liquidation.Deleveraged').filter(isOf(seller));
			const shareOf = ({ pair }, held) =>
				closed
					.filter(({ holder }) => holder.owner === pair.address)
					.reduce((sum, { lots }) => sum + Number(lots), 0) / held;
			const [one, other, least] = [shareOf(bob, 3_300), shareOf(charlie, 700), shareOf(hedged, 700)];
			assert.ok(least < 0.5 && one > 0.5 && other > 0.5, `${one} ${other} ${least}`);
		});

		it('is recorded as bad debt when the fund is empty, and not before', async () => {
			const { block, amount, total } = chronicle.all('liquidation.BadDebtRecorded').find(isOf(seller));
			const [{ data: last }] = eventsIn(block, 'liquidation.InsurancePaid');
			assert.ok(last.left === 0n && isKeyOf(seller, last.to));
			const now = await stateAt(api, block.hash);
			const { insurance, badDebt } = await now.figures();
			assert.deepEqual([insurance, badDebt, total], [0n, amount, amount]);
			const { cash, positions, frozen } = await now.account(seller.key);
			assert.deepEqual([cash, positions, frozen], [-amount, [], true]);
			assert.equal(eventOf(block, 'liquidation.AuctionEnded', seller).data.reason, 'BadDebt');
		});

		it('is covered by what its owner pays in', async () => {
			const { total } = chronicle.all('liquidation.BadDebtRecorded').find(isOf(seller));
			await seller.send(api.tx.liquidation.topUp(seller.index, 1_000n * USD));
			const { event } = await chronicle.untilEvent('liquidation.BadDebtCovered', isOf(seller));
			assert.deepEqual([event.amount, event.left], [1_000n * USD, total - 1_000n * USD]);
		});
	});

	it('the vault pays who has waited', async () => {
		const total = plain(await api.query.liquidation.totalShares());
		const limit = { limit: LEAVING_BLOCKS };
		const { block, event } = await chronicle.untilEvent('liquidation.VaultLeft', undefined, limit);
		const [earlier, now] = await statesAround(api, block.hash);
		assert.ok((await now.time()) >= asked.readyAt);
		assert.ok((await earlier.time()) < asked.readyAt, 'in the first block that may');
		assert.deepEqual([event.shares, event.left, event.who], [asked.shares, 0n, leaver.address]);
		// Before it was paid the vault was worth what it is now and the payment.
		const { equity } = (await now.report(vault.key)).margin;
		assert.equal(event.amount, (asked.shares * (equity + event.amount + 1n)) / (total + 1_000n));
		const worth = await callView(node, api, 'Liquidation', 'vault_worth', [await sharesOf(stayer)]);
		assert.ok(worth > 0n);
	});

	it('can be rebuilt from events, and nothing was missed', async () => {
		await chronicle.catchUp();
		const { number, hash } = chronicle.blocks.at(-1);
		const ledger = await replay(api, number);
		const needed = ['VaultTook', 'VaultLeft', 'InsurancePaid', 'Deleveraged', 'BadDebtRecorded'];
		for (const name of [...needed, 'BadDebtCovered']) {
			assert.ok(ledger.seen.has(`liquidation.${name}`), name);
		}
		assert.deepEqual(ledger.snapshot(), await ledgerOf(api, hash));
		const audits = await Promise.all(chronicle.blocks.map((block) => auditAt(api, block.hash)));
		assert.deepEqual(audits.flatMap(({ missed }) => missed), []);
	});
});
