// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { account } from '../lib/accounts.js';
import { Chronicle, eventsIn, stateAt } from '../lib/exchange/chronicle.js';
import {
	auditAt,
	changeLiquidation,
	marginOf,
	startMarket,
	trade,
	withdrawAllBut,
} from '../lib/exchange/danger.js';
import { plain } from '../lib/exchange/plain.js';
import { BTC, Trader, USD, dataOf, nearestTheMoney } from '../lib/exchange/trading.js';
import { useNodes } from '../lib/suite.js';
import { findEvent, sudo } from '../lib/transactions.js';

/** How long a proposal runs, blocks: another transaction has to get in meanwhile, on a busy machine too. */
const SHADOW_BLOCKS = 24n;
/** Blocks in which so few accounts are judged anew once its time has come. */
const JUDGED_IN = 1n;
/** Blocks within which conditions are measured: not in one that lists an expiry it has not priced. */
const SOON = { limit: 10 };
/** Initial margin that the sellers of options keep free: next to nothing. */
const SPARE = 500n * USD;
/** One step of the delay move: at the floor of volatility a delay of a minute asks for no more. */
const MILD = { delay: { z: 1_000_000_000n } };
/** The most that there may be. It takes a step that large for a fast chain's delay to come to a tenth of spot. */
const HARSH = {
	delay: { z: 10_000_000_000n, volFloor: 5_000_000_000n },
	house: { highestMove: 500_000_000n, moveStep: 100_000_000n, moveRise: 100_000_000n },
};
/** The parameters that can lower maintenance margin, or lower it faster, when they rise. */
const HARSHER = [
	['delay', 'z'],
	['delay', 'volFloor'],
	['house', 'highestMove'],
	['house', 'moveStep'],
	['house', 'moveRise'],
];

// Two accounts sell the same options with next to no margin to spare, a third one buys them and has much. Prices
// stand still.
describe('a harsher delay buffer', () => {
	const nodes = useNodes();
	const alice = account('//Alice');
	let node, api, feed, chronicle;
	/** Who buys the options, and those who sell them. */
	let buyer, sellers;

	const set = (parameters) => sudo(api, api.tx.liquidation.setParameters(parameters), alice);
	const proposal = (parameters) => sudo(api, api.tx.liquidation.proposeParameters(parameters), alice);
	const cancellation = () => sudo(api, api.tx.liquidation.cancelProposal(), alice);
	const inForce = async () => plain(await api.query.liquidation.parametersInForce());
	const proposed = async () => plain(await api.query.liquidation.proposed());
	const figuresAt = async (hash) => (await stateAt(api, hash)).figures();

	/** Writes parameters past the call. */
	async function haveInForce(parameters) {
		const { parametersInForce } = api.query.liquidation;
		const { type } = parametersInForce.creator.meta;
		const value = api.createType(api.registry.createLookupType(type.asPlain), parameters);
		await sudo(api, api.tx.system.setStorage([[parametersInForce.key(), value.toHex()]]), alice);
		assert.deepEqual(await inForce(), parameters);
	}

	before(async () => {
		let lines, tick;
		({ node, api, feed, tick, lines } = await startMarket(nodes));
		[buyer, ...sellers] = await Promise.all([
			Trader.open(api, '//Bob', 1, { usdc: 2_000_000n * USD }),
			Trader.open(api, '//Eve', 1, { usdc: 400_000n * USD }),
			Trader.open(api, '//Ferdie', 1, { usdc: 400_000n * USD }),
		]);
		for (const seller of sellers) {
			await trade(seller, buyer, [{ line: nearestTheMoney(lines), lots: -400n }], tick);
			await withdrawAllBut(seller, SPARE);
		}
		chronicle = await Chronicle.begin(node, api);
	});

	after(() => feed.close());

	/** Proposes changes of what is in force; what the event tells. */
	async function propose(changes) {
		const parameters = changed(await inForce(), changes);
		const { blockHash, events } = await proposal(parameters);
		const told = dataOf(findEvent(events, 'liquidation.ParametersProposed'));
		const { number } = await api.rpc.chain.getHeader(blockHash);
		assert.deepEqual(told.parameters, parameters);
		assert.equal(told.ends, BigInt(number.toNumber()) + SHADOW_BLOCKS, 'by the blocks in force');
		return told;
	}

	/** Reads on up to the block that ends a proposal; that block with the event. */
	async function endOf({ id, ends }) {
		const ending = await chronicle.untilEvent('liquidation.ProposalEnded', (ended) => ended.id === id);
		assert.equal(BigInt(ending.block.number), ends + JUDGED_IN, 'not before its time, and judged once more');
		assert.equal(eventsIn(ending.block, 'liquidation.ProposalEnded')[0].extrinsic, null, 'by itself');
		return ending;
	}

	/**
	 * Until the time of a proposal has come, all is as it was but for its shadow.
	 *
	 * @param {object} was parameters in force when it was made
	 * @param {bigint} delayMove the move by these
	 * @param {bigint} shadowMove the move by those that are proposed
	 */
	async function assertBindsNobody({ ends }, was, delayMove, shadowMove) {
		const isRunning = ({ number }) => number >= ends - SHADOW_BLOCKS && number < ends;
		const blocks = chronicle.blocks.filter(isRunning);
		assert.equal(BigInt(blocks.length), SHADOW_BLOCKS);
		const shadows = [];
		for (const { hash, number } of blocks) {
			const figures = await figuresAt(hash);
			assert.deepEqual(figures.parameters, was, `block ${number}`);
			const measured = conditionsOf(figures);
			assert.equal(measured.delayMove, delayMove, `block ${number}`);
			shadows.push(measured.shadowMove);
		}
		// A block measures before its transactions.
		assert.equal(shadows[0], 0n);
		const first = shadows.findIndex((shadow) => shadow > 0n);
		assert.ok(first > 0 && first <= SOON.limit, `${shadows}`);
		assert.ok(shadows.slice(first).every((shadow) => shadow === shadowMove), `${shadows}`);
	}

	/** Nobody is on auction after a block, nobody ought to be, and nobody has been. */
	async function assertNobodyFell({ hash }) {
		const { backlog } = await figuresAt(hash);
		const { frozen, missed } = await auditAt(api, hash);
		assert.deepEqual([backlog, frozen, missed], [0n, 0n, []]);
		assert.equal((await api.query.liquidation.auctions.entries()).length, 0);
		assert.deepEqual(chronicle.all('liquidation.AuctionOpened'), []);
	}

	it('is not set at once, be it by the least', async () => {
		const was = await inForce();
		assert.equal(was.delay.z, 0n);
		const needsShadow = { code: 'liquidation.NeedsShadow' };
		for (const [group, name] of HARSHER) {
			const least = { [group]: { [name]: was[group][name] + 1n } };
			await assert.rejects(set(changed(was, least)), needsShadow, name);
		}
		await assert.rejects(set(changed(was, HARSH)), needsShadow);
		assert.deepEqual([await inForce(), await proposed()], [was, null]);
	});

	it('is not made easier at once either', async () => {
		const was = await inForce();
		const { shadowBlocks, shadowShare } = was.house;
		for (const house of [{ shadowBlocks: shadowBlocks - 1n }, { shadowShare: shadowShare + 1n }]) {
			await assert.rejects(set(changed(was, { house })), { code: 'liquidation.NeedsShadow' });
		}
		await changeLiquidation(api, { house: { shadowBlocks: shadowBlocks + 1n } });
		assert.equal((await inForce()).house.shadowBlocks, shadowBlocks + 1n, 'a longer shadow harms nobody');
		// As a genesis would have it: an hour is too long for a test.
		await haveInForce(changed(was, { house: { shadowBlocks: SHADOW_BLOCKS } }));
	});

	it('runs in shadow, and takes effect when it brings nobody under maintenance margin', async () => {
		const was = await inForce();
		const told = await propose(MILD);
		await assert.rejects(proposal(changed(was, HARSH)), { code: 'liquidation.ProposalRuns' });
		const running = await proposed();
		assert.deepEqual([running.id, running.parameters, running.ends], [told.id, told.parameters, told.ends]);

		const { block, event } = await endOf(told);
		await assertBindsNobody(told, was, 0n, was.house.moveStep);
		assert.deepEqual([event.enacted, event.fallen], [true, 0n]);
		assertJudged(event);
		const sets = eventsIn(block, 'liquidation.ParametersSet').map(({ data }) => data.parameters);
		assert.deepEqual(sets, [told.parameters]);
		const { parameters } = await figuresAt(block.hash);
		assert.deepEqual([parameters, await inForce()], [told.parameters, told.parameters]);
		assert.equal(await proposed(), null);
	});

	it('charges from then on', async () => {
		const isOfBtc = ({ underlying }) => underlying === BigInt(BTC);
		const { block, event } = await chronicle.untilEvent('liquidation.DelayMoveChanged', isOfBtc, SOON);
		assert.equal(event.delayMove, (await inForce()).house.moveStep);
		assert.equal(conditionsOf(await figuresAt(block.hash)).shadowMove, 0n);
		await assertNobodyFell(block);
	});

	it('is dropped when it would bring many there, and nobody is liquidated by it', async () => {
		const was = await inForce();
		const told = await propose(HARSH);
		const { block, event } = await endOf(told);
		await assertBindsNobody(told, was, was.house.moveStep, HARSH.house.moveStep);
		assert.deepEqual([event.enacted, event.fallen], [false, BigInt(sellers.length)]);
		assertJudged(event);
		assert.ok(event.fallen * 1_000_000_000n > event.judged * was.house.shadowShare);
		assert.deepEqual(eventsIn(block, 'liquidation.ParametersSet'), []);
		assert.deepEqual([await inForce(), await proposed()], [was, null]);

		const isForgotten = async ({ hash }) => conditionsOf(await figuresAt(hash)).shadowMove === 0n;
		const next = await chronicle.until('measures without the shadow', isForgotten, SOON);
		assert.equal(conditionsOf(await figuresAt(next.hash)).delayMove, was.house.moveStep);
		await assertNobodyFell(next);
		for (const seller of sellers) {
			assert.ok((await marginOf(seller)).maintenance > 0n);
			assert.equal((await seller.state()).frozen, false);
		}
	});

	it('is gone when it is cancelled', async () => {
		const was = await inForce();
		const { id, ends } = await propose(HARSH);
		const { events } = await cancellation();
		const ended = dataOf(findEvent(events, 'liquidation.ProposalEnded'));
		assert.deepEqual([ended.id, ended.enacted], [id, false]);
		assert.equal(await proposed(), null);
		await assert.rejects(cancellation(), { code: 'liquidation.NoProposal' });

		const past = await chronicle.until('is past its end', ({ number }) => number > ends + JUDGED_IN);
		const endings = chronicle.all('liquidation.ProposalEnded').filter((each) => each.id === id);
		assert.equal(endings.length, 1, 'it does not end again');
		assert.deepEqual((await figuresAt(past.hash)).parameters, was);
		await assertNobodyFell(past);
	});

	/** Everybody who holds something was judged, once. */
	function assertJudged({ judged }) {
		assert.equal(judged, BigInt([buyer, ...sellers].length));
	}
});

/** Parameters with changes of some in each of the groups that are given. */
const changed = (parameters, changes) =>
	Object.fromEntries(
		Object.entries(parameters).map(([group, values]) => [group, { ...values, ...changes[group] }]),
	);

/** What is measured of bitcoin, by the figures of a block. */
const conditionsOf = ({ underlyings }) => underlyings.find(([id]) => id === BigInt(BTC))[1];
