// SPDX-License-Identifier: Apache-2.0
// Step 2: a margin account each for Alice and Bob, with money in it.
import { ACCOUNT, BTC, USDC, WBTC, micro, send, storedAccount, usd } from './lib.js';
import { runAsScript } from './run.js';

/** 0.1 wBTC, which has 8 decimals. */
const BOBS_COINS = 10_000_000n;

export async function deposit({ api, alice, bob, print }) {
	await open({ api, print }, 'Alice', alice);
	await open({ api, print }, 'Bob', bob);
	await pay({ api, print }, 'Alice', alice, USDC, micro(50_000));
	await pay({ api, print }, 'Bob', bob, USDC, micro(50_000));
	await pay({ api, print }, 'Bob', bob, WBTC, BOBS_COINS);
	return { alice: await storedAccount(api, alice), bob: await storedAccount(api, bob) };
}

/** Opens a portfolio margin account on BTC. It costs a deposit in BAL, returned when it is closed. */
async function open({ api, print }, name, owner) {
	if (await storedAccount(api, owner)) {
		print(`${name} has account ${ACCOUNT} already`);
		return;
	}
	await send(api, api.tx.clearing.openAccount(ACCOUNT, { Portfolio: BTC }), owner);
	print(`${name} opened account ${ACCOUNT} with portfolio margin on BTC`);
}

async function pay({ api, print }, name, owner, asset, amount) {
	await send(api, api.tx.clearing.deposit(ACCOUNT, asset, amount), owner);
	const { cash, collateral } = await storedAccount(api, owner);
	const others = collateral.map(([id, held]) => `, asset ${id}: ${held}`).join('');
	print(`${name} deposited ${amount} units of asset ${asset}: cash ${usd(cash)}${others}`);
}

await runAsScript(import.meta.url, deposit);
