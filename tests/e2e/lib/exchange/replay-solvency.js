// SPDX-License-Identifier: Apache-2.0
// What liquidation does to the ledger, and what it keeps itself, from events alone.

const nameOf = ({ owner, index }) => `${owner}/${index}`;

/** What an indexer knows of auctions, debts and the vault. */
export class Danger {
	/** Cash that bidders have paid, by account on auction. */
	auctions = new Map();
	/** What accounts owe that nobody covers. */
	badDebts = new Map();
	/** Shares of the vault, and of those those that are leaving. */
	shares = new Map();
	leaving = new Map();

	/** In the form in which `dangerOf` reads the chain's state. */
	snapshot() {
		const sorted = (map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
		const { auctions, badDebts, shares, leaving } = this;
		const sum = (map) => [...map.values()].reduce((total, amount) => total + amount, 0n);
		return {
			auctions: sorted(auctions),
			badDebts: sorted(badDebts),
			totalBadDebt: sum(badDebts),
			shares: sorted(shares),
			leaving: sorted(leaving),
			totalShares: sum(shares) + sum(leaving),
		};
	}
}

/** The same as the chain's state has it. */
export async function dangerOf(query, entries, plain) {
	const { liquidation } = query;
	const byName = async (map, value) =>
		(await entries(map))
			.map(([key, record]) => [typeof key === 'string' ? key : nameOf(key), value(record)])
			.sort(([a], [b]) => (a < b ? -1 : 1));
	const same = (value) => value;
	return {
		auctions: await byName(liquidation.auctions, ({ reserved }) => reserved),
		badDebts: await byName(liquidation.badDebts, same),
		totalBadDebt: plain(await liquidation.totalBadDebt()),
		shares: await byName(liquidation.shares, same),
		leaving: await byName(liquidation.leavers, ({ shares }) => shares),
		totalShares: plain(await liquidation.totalShares()),
	};
}

function set(map, key, amount) {
	if (amount === 0n) {
		map.delete(key);
	} else {
		map.set(key, amount);
	}
}

const change = (map, key, by) => set(map, key, (map.get(key) ?? 0n) + by);
const nothing = () => {};

/** A slice was taken: what was paid for it is in the account and not sold again. */
function taken({ danger }, { account, price }) {
	const key = nameOf(account);
	// An auction that the slice has ended is gone already.
	if (danger.auctions.has(key) && price > 0n) {
		danger.auctions.set(key, danger.auctions.get(key) + price);
	}
}

function broken(name) {
	return (_, { account, error }) => {
		throw new Error(`${name} of ${nameOf(account)}: ${JSON.stringify(error)}`);
	};
}

/** Handlers of the events of liquidation, and of those of clearing that only liquidation causes. */
export const SOLVENCY_HANDLERS = {
	'clearing.PartMoved': (ledger, { from, to, cash, collateral, positions }) => {
		ledger.addCash(from, -cash);
		ledger.addCash(to, cash);
		for (const [asset, amount] of collateral) {
			ledger.credit(from, asset, -amount);
			ledger.credit(to, asset, amount);
		}
		for (const { series, lots } of positions) {
			ledger.trade(from, series, -lots);
			ledger.trade(to, series, lots);
		}
	},
	'clearing.PositionTransferred': (ledger, { from, to, series, lots, received, paid }) => {
		ledger.trade(from, series, -lots);
		ledger.trade(to, series, lots);
		ledger.addCash(from, received);
		ledger.addCash(to, -paid);
		ledger.insurance += paid - received;
	},
	'clearing.CashPaid': (ledger, { from, to, amount }) => {
		ledger.addCash(from, -amount);
		ledger.addCash(to, amount);
	},
	'clearing.InsurancePaid': (ledger, { account, amount }) => {
		ledger.insurance -= amount;
		ledger.addCash(account, amount);
	},
	'clearing.PaidIn': (ledger, { account, amount }) => ledger.paidIn(account, amount),
	'clearing.PaidOut': (ledger, { account, amount }) => ledger.paidIn(account, -amount),
	'clearing.SettlementRetried': (ledger, { dust }) => {
		ledger.insurance += dust;
	},
	'liquidation.AuctionOpened': (ledger, { account }) => {
		ledger.account(account).frozen = true;
		ledger.danger.auctions.set(nameOf(account), 0n);
	},
	'liquidation.AuctionInsolvent': ({ danger }, { account }) => danger.auctions.set(nameOf(account), 0n),
	'liquidation.BidTaken': taken,
	'liquidation.VaultTook': taken,
	'liquidation.AuctionEnded': (ledger, { account, reason }) => {
		ledger.danger.auctions.delete(nameOf(account));
		ledger.account(account).frozen = reason === 'BadDebt';
	},
	'liquidation.BadDebtRecorded': ({ danger }, { account, amount }) =>
		danger.badDebts.set(nameOf(account), amount),
	'liquidation.BadDebtCovered': (ledger, { account, left }) => {
		set(ledger.danger.badDebts, nameOf(account), left);
		ledger.account(account).frozen = left > 0n;
	},
	'liquidation.VaultDeposited': ({ danger }, { who, shares }) => change(danger.shares, who, shares),
	'liquidation.VaultLeaving': ({ danger }, { who, shares }) => {
		// All of theirs in the queue, those of before among them.
		change(danger.shares, who, (danger.leaving.get(who) ?? 0n) - shares);
		danger.leaving.set(who, shares);
	},
	'liquidation.VaultLeft': ({ danger }, { who, left }) => set(danger.leaving, who, left),
	'liquidation.StepFailed': broken('a step'),
	'liquidation.UnderlyingFrozen': (_, { underlying }) => {
		throw new Error(`underlying ${underlying} was frozen`);
	},
	...Object.fromEntries(
		// Money and positions that these tell of are in other events; or they tell of neither.
		['MarginCalled', 'OrdersCancelled', 'InsurancePaid', 'Deleveraged', 'SweepUnfinished', 'SweepFinished']
			.concat(['DelayMoveChanged', 'MultiplierChanged', 'VaultPayoutPostponed'])
			.concat(['ParametersSet', 'ParametersProposed', 'ProposalEnded'])
			.map((name) => [`liquidation.${name}`, nothing]),
	),
};
