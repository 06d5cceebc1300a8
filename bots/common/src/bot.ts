// SPDX-License-Identifier: Apache-2.0
import { Keyring } from '@polkadot/api';
import type { KeyringPair } from '@polkadot/keyring/types';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { type Block, Session, WrongChain } from './chain.js';
import { complain, say } from './log.js';
import { UsageError } from './options.js';

/** Time between attempts to reach a node. */
const RECONNECT_MS = 2_000;
/** After a signal, the end in any case. */
const EXIT_MS = 4_500;
/** A chain that stands still for this long is worth a line. */
const STALL_MS = 30_000;
/** How addresses are written where the chain does not say. */
const GENERIC_SS58 = 42;

/** Set by the first signal to stop. */
export class Stop {
	isAsked = false;
	/** What the signal has to wake. */
	wake: () => void = () => {};

	ask(): void {
		this.isAsked = true;
		setTimeout(() => process.exit(0), EXIT_MS).unref();
		this.wake();
	}
}

/** What a bot does over one connection, until it is asked to stop or is done; fails when the connection is lost. */
export type Work = (session: Session, stop: Stop) => Promise<void>;

/** One program: its command line, and what it does. */
export interface Bot<Config extends { url: string }> {
	/** @returns null when help is asked for */
	parse(args: string[]): Config | null;
	usage(): string;
	/** Reads the keys. */
	prepare(config: Config, ring: Keyring): Work;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * A key from a secret phrase or a path.
 *
 * @throws UsageError without a part of the phrase, which the library's message may hold
 */
export function readKey(ring: Keyring, phrase: string): KeyringPair {
	try {
		return ring.addFromUri(phrase);
	} catch {
		throw new UsageError('a key is neither a secret phrase nor a path such as //Ferdie');
	}
}

/** The next block, with a line if it does not come; null once the session was interrupted. */
export async function nextBlock(session: Session): Promise<Block | null> {
	const stall = setTimeout(() => complain(`no new block for ${STALL_MS / 1_000} s`), STALL_MS);
	return session.nextBlock().finally(() => clearTimeout(stall));
}

/** Runs a bot from its command line to its end; the exit code of the process. */
export async function runBot<Config extends { url: string }>(bot: Bot<Config>): Promise<number> {
	try {
		const config = bot.parse(process.argv.slice(2));
		if (config === null) {
			console.log(bot.usage());
			return 0;
		}
		await cryptoWaitReady();
		const stop = new Stop();
		for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
			process.on(signal, () => stop.ask());
		}
		const ring = new Keyring({ type: 'sr25519', ss58Format: GENERIC_SS58 });
		await connectAndWork(config.url, ring, bot.prepare(config, ring), stop);
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

/** Connects again and again until the work is done. */
async function connectAndWork(url: string, ring: Keyring, work: Work, stop: Stop): Promise<void> {
	while (!stop.isAsked) {
		let session: Session | null = null;
		try {
			session = await Session.open(url);
			say(`connected to ${url}`);
			ring.setSS58Format(session.api.registry.chainSS58 ?? GENERIC_SS58);
			await work(session, stop);
			return;
		} catch (error) {
			if (error instanceof WrongChain || error instanceof UsageError) {
				throw error;
			}
			if (!stop.isAsked) {
				complain('begins anew', error);
				await new Promise<void>((resolve) => {
					stop.wake = resolve;
					setTimeout(resolve, RECONNECT_MS);
				});
			}
		} finally {
			await session?.close();
		}
	}
}
