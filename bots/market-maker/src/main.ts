// SPDX-License-Identifier: Apache-2.0
import type { Keyring } from '@polkadot/api';
import type { KeyringPair } from '@polkadot/keyring/types';
import { nextBlock, pause, readKey, runBot, type Stop } from '../../common/src/bot.js';
import type { Session } from '../../common/src/chain.js';
import { say } from '../../common/src/log.js';
import { readView } from '../../common/src/market.js';
import { Sender } from '../../common/src/sender.js';
import { Wallet } from '../../common/src/wallet.js';
import { type Config, parseConfig, usage } from './config.js';
import { Maker } from './maker.js';
import { Status } from './status.js';
import { Taker } from './taker.js';

/** After a signal: time for the orders to be cancelled. */
const WITHDRAW_MS = 3_500;

interface Keys {
	maker: KeyringPair;
	taker: KeyringPair | null;
}

const readKeys = ({ maker, taker }: Config, ring: Keyring): Keys => ({
	maker: readKey(ring, maker),
	taker: taker === null ? null : readKey(ring, taker),
});

/** Trades over one connection until a signal comes; fails when the connection is lost. */
async function trade(session: Session, stop: Stop, config: Config, keys: Keys): Promise<void> {
	const sender = new Sender(session, keys.maker, config.inFlight);
	const wallet = new Wallet(session, sender, config.depositUsd);
	const status = new Status();
	const maker = new Maker(session, sender, wallet, config, (outcome) => status.outcome(outcome));
	session.onBlock((block) => status.count(block, sender.address));
	const taker = keys.taker && makeTaker(session, keys.taker, config, status);
	let statusAt = Date.now() + config.statusSeconds * 1_000;
	stop.wake = () => session.interrupt();
	while (!stop.isAsked) {
		const block = await nextBlock(session);
		if (block === null) {
			break;
		}
		const view = await readView(session, config.expiries);
		await maker.round(view);
		await taker?.round(view);
		if (Date.now() >= statusAt) {
			statusAt = Date.now() + config.statusSeconds * 1_000;
			wallet.balance(maker.standing.accounts);
			const more = `${sender.inFlight} in flight, ${Math.floor(await wallet.native())} BAL`;
			say(await status.line(session, sender.address, block.number, view, maker.standing, more));
		}
	}
	say('stopping: cancelling all orders');
	await Promise.race([maker.withdraw(), pause(WITHDRAW_MS)]);
}

function makeTaker(session: Session, pair: KeyringPair, config: Config, status: Status): Taker {
	const sender = new Sender(session, pair, 2);
	const wallet = new Wallet(session, sender, config.depositUsd);
	return new Taker(session, sender, wallet, config, (outcome) => status.outcome(outcome));
}

process.exit(
	await runBot({
		parse: parseConfig,
		usage,
		prepare: (config, ring) => {
			const keys = readKeys(config, ring);
			return (session, stop) => trade(session, stop, config, keys);
		},
	}),
);
