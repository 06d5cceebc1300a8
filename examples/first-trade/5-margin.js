// SPDX-License-Identifier: Apache-2.0
// Step 5: what the two accounts have to hold, now and if spot fell by a fifth.
import { ACCOUNT, cents, table } from './lib.js';
import { runAsScript } from './run.js';

const FALL_PPB = -200_000_000n;

export async function margin({ api, alice, bob, print }) {
	const people = [['Alice', alice], ['Bob', bob]];
	const now = await Promise.all(people.map(([, { address }]) => reportOf(api, address)));
	const fallen = await Promise.all(
		people.map(([, { address }]) => simulate(api, address, { spotMovePpb: FALL_PPB })),
	);
	print('Now');
	print(rows(people, now));
	print('\nIf spot fell by 20 %');
	print(rows(people, fallen.map(({ report }) => report)));
	print('\nLiquidation, if volatilities stay as they are');
	const unmoved = await Promise.all(people.map(([, { address }]) => simulate(api, address, {})));
	unmoved.forEach(({ liquidation }, index) => print(`  ${people[index][0]}: ${endsOf(liquidation)}`));
	return { now, fallen, unmoved };
}

async function reportOf(api, address) {
	const report = await api.call.exchangeApi.account(address, ACCOUNT);
	if (report.isNone) {
		throw new Error(`${address} has no account ${ACCOUNT}: run 2-deposit.js first`);
	}
	return report.unwrap();
}

/** The account's margin after hypothetical trades in a market that has moved. */
export async function simulate(api, address, changes) {
	const simulation = { trades: [], spotMovePpb: 0, volMovePpb: 0, secondsForward: 0, ...changes };
	const result = await api.call.exchangeApi.simulate(address, ACCOUNT, simulation);
	if (result.isErr) {
		throw new Error(`the simulation is refused: ${result.asErr}`);
	}
	return result.asOk;
}

/** The nearest spots at which the account is liquidated, by underlying: here there is one at most. */
function endsOf(liquidation) {
	if (liquidation.length === 0) {
		return 'holds cash alone';
	}
	const [[, { below, above }]] = liquidation;
	// A `Price` is pico-USD.
	const at = (price) => (price.isSome ? cents(price.unwrap().toBigInt() / 1_000_000n) : 'never');
	return `below spot ${at(below)}, above spot ${at(above)}`;
}

const rows = (people, reports) =>
	table([
		['  ', 'equity', 'maintenance margin', 'initial margin'],
		...reports.map(({ margin: { equity, maintenance, initial } }, index) => [
			`  ${people[index][0]}`,
			cents(equity),
			cents(maintenance),
			cents(initial),
		]),
	]);

await runAsScript(import.meta.url, margin);
