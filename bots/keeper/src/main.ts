// SPDX-License-Identifier: Apache-2.0
import type { Keyring } from '@polkadot/api';
import type { KeyringPair } from '@polkadot/keyring/types';
import { nextBlock, pause, readKey, runBot, type Stop } from '../../common/src/bot.js';
import type { Session } from '../../common/src/chain.js';
import { say } from '../../common/src/log.js';
import { readMarkets } from '../../common/src/market.js';
import { Sender } from '../../common/src/sender.js';
import { Wallet } from '../../common/src/wallet.js';
import { reasonOf } from './caution.js';
import { type Config, parseConfig, usage } from './config.js';
import { LiveExchange } from './exchange.js';
import { Flattener } from './flatten.js';
import { Funding } from './funding.js';
import { Keeper } from './keeper.js';
import { Status } from './status.js';

/** After a signal: time for bids to get into a block. */
const SETTLE_MS = 3_500;
/** Transactions that wait for a block at once, orders among them. */
const IN_FLIGHT = 32;

interface Keys {
	own: KeyringPair;
	funder: KeyringPair | null;
}

const readKeys = ({ seed, funder }: Config, ring: Keyring): Keys => ({
	own: readKey(ring, seed),
	funder: funder === null ? null : readKey(ring, funder),
});

/** An auction that ends between the look and the bid is refused by the pool, and no trouble. */
const isExpected = (message: string): boolean => reasonOf(message) !== null;

/** Bids over one connection until a signal comes; fails when the connection is lost. */
async function keep(session: Session, stop: Stop, config: Config, keys: Keys): Promise<void> {
	const sender = new Sender(session, keys.own, IN_FLIGHT, isExpected);
	const wallet = new Wallet(session, sender, config.depositUsd);
	const payer = keys.funder && new Sender(session, keys.funder, 1);
	const funding = new Funding(session, wallet, sender.address, payer, config.index, config.depositUsd);
	const status = new Status(say);
	const keeper = new Keeper(new LiveExchange(session, sender, config.index), config, status);
	const flattener = config.isFlattening ? new Flattener(session, sender, config.index) : null;
	session.onBlock((block) => status.block(block, sender.address));
	const symbols = new Map((await readMarkets(session)).map(({ underlying, symbol }) => [underlying, symbol]));
	let statusAt = Date.now() + config.statusSeconds * 1_000;
	let hasLooked = false;
	stop.wake = () => session.interrupt();
	while (!stop.isAsked) {
		const block = await nextBlock(session);
		if (block === null) {
			break;
		}
		const isLast = config.isOnce && hasLooked && keeper.inFlight === 0;
		// With its bids still under way, one look is no second one.
		const standing = config.isOnce && hasLooked ? await keeper.standing() : await keeper.round();
		if (standing === null) {
			await funding.round();
			continue;
		}
		hasLooked = true;
		await flattener?.round();
		if (isLast || Date.now() >= statusAt) {
			statusAt = Date.now() + config.statusSeconds * 1_000;
			const more = `${sender.inFlight} in flight, ${Math.floor(await wallet.native())} BAL`;
			say(status.line(block.number, standing, symbols, more));
		}
		if (isLast) {
			return;
		}
	}
	say('stopping: waiting for bids under way');
	await Promise.race([Promise.all([keeper.settled(), flattener?.withdraw()]), pause(SETTLE_MS)]);
}

process.exit(
	await runBot({
		parse: parseConfig,
		usage,
		prepare: (config, ring) => {
			const keys = readKeys(config, ring);
			return (session, stop) => keep(session, stop, config, keys);
		},
	}),
);
