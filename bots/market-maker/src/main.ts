// SPDX-License-Identifier: Apache-2.0
import { Keyring } from '@polkadot/api';
import type { KeyringPair } from '@polkadot/keyring/types';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { Session, WrongChain } from './chain.js';
import { type Config, parseConfig, usage, UsageError } from './config.js';
import { complain, say } from './log.js';
import { Maker } from './maker.js';
import { readView } from './market.js';
import { Sender } from './sender.js';
import { Status } from './status.js';
import { Taker } from './taker.js';
import { Wallet } from './wallet.js';

/** Time between attempts to reach a node. */
const RECONNECT_MS = 2_000;
/** After a signal: time for the orders to be cancelled, and the end in any case. */
const WITHDRAW_MS = 3_500;
const EXIT_MS = 4_500;
/** A chain that stands still for this long is worth a line. */
const STALL_MS = 30_000;
/** How addresses are written where the chain does not say. */
const GENERIC_SS58 = 42;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Set by the first signal to stop. */
let isStopping = false;
/** What the signal has to wake. */
let wake = (): void => {};

function stop(): void {
	isStopping = true;
	setTimeout(() => process.exit(0), EXIT_MS).unref();
	wake();
}

interface Keys {
	ring: Keyring;
	maker: KeyringPair;
	taker: KeyringPair | null;
}

function readKeys({ maker, taker }: Config): Keys {
	const ring = new Keyring({ type: 'sr25519', ss58Format: GENERIC_SS58 });
	try {
		return { ring, maker: ring.addFromUri(maker), taker: taker === null ? null : ring.addFromUri(taker) };
	} catch {
		// The message of the library may hold a part of the phrase.
		throw new UsageError('a key is neither a secret phrase nor a path such as //Ferdie');
	}
}

/** Trades over one connection until a signal comes; fails when the connection is lost. */
async function trade(session: Session, config: Config, keys: Keys): Promise<void> {
	const sender = new Sender(session, keys.maker, config.inFlight);
	const wallet = new Wallet(session, sender, config.depositUsd);
	const status = new Status();
	const maker = new Maker(session, sender, wallet, config, (outcome) => status.outcome(outcome));
	session.onBlock((block) => status.count(block, sender.address));
	const taker = keys.taker && makeTaker(session, keys.taker, config, status);
	let statusAt = Date.now() + config.statusSeconds * 1_000;
	wake = () => session.interrupt();
	while (!isStopping) {
		const stall = setTimeout(() => complain(`no new block for ${STALL_MS / 1_000} s`), STALL_MS);
		const block = await session.nextBlock().finally(() => clearTimeout(stall));
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

/** Connects again and again until a signal comes. */
async function run(config: Config, keys: Keys): Promise<void> {
	while (!isStopping) {
		let session: Session | null = null;
		try {
			session = await Session.open(config.url);
			say(`connected to ${config.url}`);
			keys.ring.setSS58Format(session.api.registry.chainSS58 ?? GENERIC_SS58);
			await trade(session, config, keys);
		} catch (error) {
			if (error instanceof WrongChain) {
				throw error;
			}
			if (!isStopping) {
				complain('begins anew', error);
				await new Promise<void>((resolve) => {
					wake = resolve;
					setTimeout(resolve, RECONNECT_MS);
				});
			}
		} finally {
			await session?.close();
		}
	}
}

async function main(): Promise<number> {
	try {
		const config = parseConfig(process.argv.slice(2));
		if (config === null) {
			console.log(usage());
			return 0;
		}
		await cryptoWaitReady();
		for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
			process.on(signal, stop);
		}
		await run(config, readKeys(config));
		return 0;
	} catch (error) {
		if (error instanceof UsageError) {
			complain(`${error.message}; --help lists the options`);
			return 2;
		}
		complain('stopped', error);
		return 1;
	}
}

process.exit(await main());
