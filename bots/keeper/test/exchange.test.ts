// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Session, WrongChain } from '../../common/src/chain.js';
import type { Sender } from '../../common/src/sender.js';
import { seriesId } from '../../common/test/make.js';
import { LiveExchange } from '../src/exchange.js';

const codec = (value: unknown) => ({ toPrimitive: () => value });

/** Answers of the runtime by the name of the function. */
type Answers = Record<string, (...args: unknown[]) => unknown>;

function make(answers: Answers) {
	const sent: unknown[] = [];
	const api = {
		tx: { liquidation: { bid: (...args: unknown[]) => args } },
		call: { solvencyApi: { auctions: true } },
		registry: { findMetaError: () => ({ section: 'clearing', name: 'PricesMissing', docs: [] }) },
	};
	const session = {
		api,
		runtime: async (_: string, name: string, ...args: unknown[]) => answers[name]?.(...args),
		exchange: async (name: string, ...args: unknown[]) => answers[name]?.(...args),
	};
	const sender = { address: 'me', room: 3, prepare: async () => {}, send: async (tx: unknown) => sent.push(tx) };
	return { exchange: new LiveExchange(session as unknown as Session, sender as unknown as Sender, 5), sent };
}

const raw = (owner: string) => ({
	account: { owner, index: 2 },
	auction: { reserved: 7, stage: 'Solvent' },
	book: {
		cash: -5,
		collateral: [[2, '90071992547409930000']],
		positions: [{ series: { ...seriesId(), expiry: '1800000000000' }, lots: -3 }],
	},
	equity: '170141183460469231731687303715884105727',
	maintenance: -1,
	target: -2,
	discount: 900_000_000,
	maxShare: 500_000_000,
	price: 4_500,
	isOpen: true,
});

test('auctions are read page by page, and numbers of any size are whole', async () => {
	const asked: unknown[] = [];
	const pages = [['a', 'b'], ['c'], []];
	const { exchange } = make({
		auctions: (after, limit) => {
			asked.push([after, limit]);
			return codec((pages.shift() ?? []).map(raw));
		},
	});
	const auctions = await exchange.auctions();
	assert.deepEqual(auctions.map(({ key }) => key), ['a/2', 'b/2', 'c/2']);
	assert.deepEqual(asked, [[null, 100], [{ owner: 'b', index: 2 }, 100], [{ owner: 'c', index: 2 }, 100]]);
	assert.equal(auctions[0]?.equity, 2n ** 127n - 1n);
	assert.deepEqual(auctions[0]?.book, {
		cash: -5n,
		collateral: [90_071_992_547_409_930_000n],
		positions: [{ series: seriesId(), lots: -3 }],
	});
});

const report = { margin: { equity: 3, maintenance: 2, initial: -1 }, fresh: true, frozen: false, cash: 9, positions: [] };

test('an account that does not exist is none', async () => {
	assert.equal(await make({ account: () => codec(null) }).exchange.standing(), null);
	assert.deepEqual(await make({ account: () => codec(report) }).exchange.standing(), {
		equity: 3n,
		maintenance: 2n,
		initial: -1n,
		isFresh: true,
		isFrozen: false,
		cash: 9n,
		positions: [],
	});
});

test('a simulation answers with a margin or with the name of an error', async () => {
	const good = make({ simulate: () => ({ isOk: true, asOk: codec({ report }) }) });
	assert.deepEqual(await good.exchange.simulate([]), { equity: 3n, maintenance: 2n, initial: -1n, isFresh: true });
	const bad = make({ simulate: () => ({ isOk: false, asErr: { isModule: true, asModule: {} } }) });
	assert.equal(await bad.exchange.simulate([]), 'clearing.PricesMissing');
});

test('a bid has its arguments in the order of the call', async () => {
	const { exchange, sent } = make({});
	await exchange.bid({ owner: 'them', index: 2, maxShare: 7, limit: -8n });
	assert.deepEqual(sent, [['them', 2, 7, -8n, 5]]);
});

test('a chain without liquidation is the wrong one', () => {
	const session = { api: { tx: {}, call: {} } } as unknown as Session;
	assert.throws(() => new LiveExchange(session, {} as Sender, 0), WrongChain);
});
