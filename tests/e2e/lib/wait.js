// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from 'node:timers/promises';

/** Generous on purpose: a wait ends when its condition holds, so only a failure takes this long. */
export const WAIT_LIMIT_MS = 180_000;

/** A start compiles the runtime: some 10 s of computation, however busy the machine is. */
export const START_LIMIT_MS = 400_000;

const POLL_MS = 150;

/**
 * Polls `probe` until it returns something truthy, and returns that.
 *
 * @template T
 * @param {string} what completes "timed out waiting for ..."
 * @param {() => T | Promise<T>} probe an error it throws ends the wait
 * @param {{ limitMs?: number, state?: () => unknown }} [options] `state`: what to show on time-out
 * @returns {Promise<T>}
 */
export async function waitFor(what, probe, { limitMs = WAIT_LIMIT_MS, state } = {}) {
	const deadline = performance.now() + limitMs;
	for (;;) {
		const value = await probe();
		if (value) {
			return value;
		}
		if (performance.now() > deadline) {
			const seen = state ? `; last seen: ${JSON.stringify(await state())}` : '';
			throw new Error(`timed out after ${limitMs / 1000} s waiting for ${what}${seen}`);
		}
		await sleep(POLL_MS);
	}
}

/**
 * The promise's outcome, or an error when it takes longer than `limitMs`.
 *
 * @template T
 * @param {string} what completes "timed out waiting for ..."
 * @param {Promise<T>} promise
 * @param {number} [limitMs]
 * @returns {Promise<T>}
 */
export async function within(what, promise, limitMs = WAIT_LIMIT_MS) {
	let timer;
	const expiry = new Promise((_, reject) => {
		timer = setTimeout(
			() => reject(new Error(`timed out after ${limitMs / 1000} s waiting for ${what}`)),
			limitMs,
		);
	});
	try {
		return await Promise.race([promise, expiry]);
	} finally {
		clearTimeout(timer);
	}
}
