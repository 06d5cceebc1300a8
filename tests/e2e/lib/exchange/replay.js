// SPDX-License-Identifier: Apache-2.0
import { dataOf } from './trading.js';
import { plain } from './plain.js';
import { Danger, SOLVENCY_HANDLERS, dangerOf } from './replay-solvency.js';
import { eventName } from '../transactions.js';

const BLOCKS_AT_ONCE = 16;
const SETTLEMENT_ASSET = 1n;
/** Pallets of whose events none may be unknown. */
const KNOWN_SECTIONS = ['clearing', 'orderBook', 'liquidation'];
const READ_SECTIONS = ['options', ...KNOWN_SECTIONS];

/**
 * The exchange's ledger, computed from events alone: what an indexer does.
 *
 * It knows every event of the pallets `clearing`, `orderBook` and `liquidation`, and refuses one it does not
 * know, so that a new event cannot be forgotten here.
 */
export class Ledger {
	/** Account by `owner/index`. */
	accounts = new Map();
	/** Assets deposited less withdrawn. */
	held = new Map();
	/** Names of the events that it was told. */
	seen = new Set();
	/** Auctions, bad debts and the vault. */
	danger = new Danger();
	insurance = 0n;
	fees = 0n;

	/** @param {Map<bigint, bigint>} lotsPerContract of each underlying at the first block */
	constructor(lotsPerContract) {
		this.lotsPerContract = new Map(lotsPerContract);
	}

	apply(name, data) {
		const [section] = name.split('.');
		const handler = HANDLERS[name];
		if (handler) {
			this.seen.add(name);
			handler(this, data);
		} else if (KNOWN_SECTIONS.includes(section)) {
			throw new Error(`the ledger does not know the event ${name}`);
		}
	}

	account({ owner, index }) {
		const found = this.accounts.get(`${owner}/${index}`);
		if (!found) {
			throw new Error(`an event names the account ${owner}/${index}, which is not open`);
		}
		return found;
	}

	/** Adds to an account's cash or collateral. */
	credit(key, asset, amount) {
		const account = this.account(key);
		if (asset === SETTLEMENT_ASSET) {
			account.cash += amount;
		} else {
			add(account.collateral, asset, amount);
		}
	}

	/** Adds to an account's cash. */
	addCash(key, amount) {
		this.credit(key, SETTLEMENT_ASSET, amount);
	}

	/** The settlement asset came into the exchange, or went out of it, by an account. */
	paidIn(key, amount) {
		this.addCash(key, amount);
		add(this.held, SETTLEMENT_ASSET, amount);
	}

	/** Adds lots to a position. */
	trade(key, series, lots) {
		const { positions } = this.account(key);
		const held = positions.get(nameOf(series));
		const after = (held?.lots ?? 0n) + lots;
		if (after === 0n) {
			positions.delete(nameOf(series));
		} else {
			positions.set(nameOf(series), { series, lots: after });
		}
	}

	/** What is left of an order; nothing left: it is gone. */
	leave(key, id, lots) {
		const { orders } = this.account(key);
		const order = orders.get(id);
		if (lots === 0n) {
			orders.delete(id);
		} else if (order) {
			order.lots = lots;
		}
	}

	/** Everything, in the form in which `ledgerOf` reads the chain's state. */
	snapshot() {
		const accounts = [...this.accounts].map(([key, { margin, frozen, cash, collateral, positions, orders }]) => [
			key,
			{
				margin,
				frozen,
				cash,
				collateral: sorted([...collateral], ([asset]) => asset),
				positions: sorted([...positions.values()], ({ series }) => nameOf(series)),
				orders: sorted([...orders.values()], ({ id }) => id),
			},
		]);
		const openInterest = new Map();
		for (const { positions } of this.accounts.values()) {
			for (const { series, lots } of positions.values()) {
				add(openInterest, nameOf(series), lots > 0n ? lots : 0n);
			}
		}
		const owed = [...this.accounts.values()].map(({ cash }) => (cash < 0n ? -cash : 0n));
		return {
			accounts: sorted(accounts, ([key]) => key),
			openInterest: sorted([...openInterest], ([series]) => series),
			held: sorted([...this.held], ([asset]) => asset),
			debt: owed.reduce((sum, amount) => sum + amount, 0n),
			insurance: this.insurance,
			fees: this.fees,
			danger: this.danger.snapshot(),
		};
	}
}

/** A series in one word, in the order in which accounts hold their positions. */
function nameOf({ underlying, expiry, strike, kind }) {
	const pad = (number) => number.toString().padStart(20, '0');
	return [pad(underlying), pad(expiry), pad(strike), kind].join('/');
}

const sorted = (list, key) =>
	list.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));

/** Adds to an entry of a map; an entry of zero goes. */
function add(map, key, amount) {
	const after = (map.get(key) ?? 0n) + amount;
	if (after === 0n) {
		map.delete(key);
	} else {
		map.set(key, after);
	}
}

const HANDLERS = {
	'clearing.AccountOpened': (ledger, { account: { owner, index }, margin }) =>
		ledger.accounts.set(`${owner}/${index}`, {
			margin,
			frozen: false,
			cash: 0n,
			collateral: new Map(),
			positions: new Map(),
			orders: new Map(),
		}),
	'clearing.AccountClosed': (ledger, { account: { owner, index } }) =>
		ledger.accounts.delete(`${owner}/${index}`),
	'clearing.MarginKindChanged': (ledger, { account, margin }) => {
		ledger.account(account).margin = margin;
	},
	'clearing.Deposited': (ledger, { account, asset, amount }) => {
		ledger.credit(account, asset, amount);
		add(ledger.held, asset, amount);
	},
	'clearing.Withdrawn': (ledger, { account, asset, amount }) => {
		ledger.credit(account, asset, -amount);
		add(ledger.held, asset, -amount);
	},
	'clearing.Moved': (ledger, { from, to, asset, amount }) => {
		ledger.credit(from, asset, -amount);
		ledger.credit(to, asset, amount);
	},
	'clearing.PositionSettled': (ledger, { account, series, lots, payoff }) => {
		ledger.trade(account, series, -lots);
		ledger.credit(account, SETTLEMENT_ASSET, payoff);
	},
	'clearing.OrdersExpired': (ledger, { account, orders }) =>
		orders.forEach((id) => ledger.leave(account, id, 0n)),
	'clearing.ExpirySettled': (ledger, { dust }) => {
		ledger.insurance += dust;
	},
	'clearing.SettlementSkipped': (_, { account, error }) => {
		throw new Error(`the account ${account.owner}/${account.index} was not settled: ${error}`);
	},
	'clearing.InsuranceFunded': (ledger, { amount }) => {
		ledger.insurance += amount;
		add(ledger.held, SETTLEMENT_ASSET, amount);
	},
	'clearing.FeesCollected': (ledger, { amount }) => {
		ledger.fees -= amount;
		add(ledger.held, SETTLEMENT_ASSET, -amount);
	},
	'clearing.CollateralSet': () => {},
	'clearing.DebtCapSet': () => {},
	'options.UnderlyingCreated': (ledger, { underlying, terms }) =>
		ledger.lotsPerContract.set(underlying, terms.lotsPerContract),
	'options.TermsChanged': (ledger, { underlying, terms }) =>
		ledger.lotsPerContract.set(underlying, terms.lotsPerContract),
	'orderBook.OrderPlaced': (ledger, { account, order }) =>
		ledger.account(account).orders.set(order.id, { ...order }),
	'orderBook.OrderReduced': (ledger, { account, order, lots }) => ledger.leave(account, order, lots),
	'orderBook.OrderCancelled': (ledger, { account, order }) => ledger.leave(account, order, 0n),
	'orderBook.Filled': fill,
	// An order that loses its place leaves the book; what is left of it after matching is placed again.
	'orderBook.OrderReplaced': (ledger, { account, order, lots, keepsPlace }) =>
		ledger.leave(account, order, keepsPlace ? lots : 0n),
	'orderBook.BatchItemFailed': () => {},
	'orderBook.ComboFilled': () => {},
	...SOLVENCY_HANDLERS,
};

function fill(ledger, data) {
	const { series, price, lots, takerSide, maker, taker } = data;
	const signed = takerSide === 'Buy' ? lots : -lots;
	// The tick makes the cost a whole number.
	const cost = (price * signed) / ledger.lotsPerContract.get(series.underlying);
	ledger.trade(taker, series, signed);
	ledger.trade(maker, series, -signed);
	ledger.credit(taker, SETTLEMENT_ASSET, -cost - data.takerFee);
	ledger.credit(maker, SETTLEMENT_ASSET, cost - data.makerFee);
	ledger.leave(maker, data.makerOrder, data.makerLeft);
	ledger.leave(taker, data.takerOrder, data.takerLeft);
	ledger.fees += data.makerFee + data.takerFee;
}

/**
 * Replays all events from the first block to block `last`.
 *
 * @returns {Promise<Ledger>}
 */
export async function replay(api, last) {
	const first = await api.rpc.chain.getBlockHash(0);
	const genesis = await api.at(first);
	const underlyings = await genesis.query.options.underlyings.entries();
	const ledger = new Ledger(
		underlyings.map(([{ args: [id] }, value]) => [plain(id), plain(value).terms.lotsPerContract]),
	);
	// What the exchange begins with, no event tells.
	const { insurance, held } = await ledgerOf(api, first);
	ledger.insurance = insurance;
	ledger.held = new Map(held);
	for (let next = 1; next <= last; next += BLOCKS_AT_ONCE) {
		const count = Math.min(BLOCKS_AT_ONCE, last - next + 1);
		const numbers = Array.from({ length: count }, (_, index) => next + index);
		const blocks = await Promise.all(numbers.map((number) => eventsOf(api, number)));
		blocks.flat().forEach((event) => ledger.apply(eventName(event), dataOf(event)));
	}
	return ledger;
}

async function eventsOf(api, number) {
	const at = await api.at(await api.rpc.chain.getBlockHash(number));
	const records = await at.query.system.events();
	return records
		.map(({ event }) => event)
		.filter(({ section }) => READ_SECTIONS.includes(section));
}

/** The same ledger as the chain's state has it at a block. */
export async function ledgerOf(api, hash) {
	const { query } = await api.at(hash);
	const { clearing } = query;
	const entries = async (map) =>
		(await map.entries()).map(([{ args: [key] }, value]) => [plain(key), plain(value)]);
	const accounts = (await entries(clearing.accounts)).map(([{ owner, index }, account]) => {
		const { margin, frozen, cash, collateral, positions, orders } = account;
		return [`${owner}/${index}`, { margin, frozen, cash, collateral, positions, orders }];
	});
	const openInterest = (await entries(clearing.openInterest)).map(([series, lots]) => [
		nameOf(series),
		lots,
	]);
	return {
		accounts: sorted(accounts, ([key]) => key),
		openInterest: sorted(openInterest, ([series]) => series),
		held: sorted(await entries(clearing.held), ([asset]) => asset),
		debt: plain(await clearing.debt()),
		insurance: plain(await clearing.insurance()),
		fees: plain(await clearing.feesCollected()),
		danger: await dangerOf(query, entries, plain),
	};
}
