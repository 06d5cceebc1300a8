// SPDX-License-Identifier: Apache-2.0
/** Same complaints closer together than this are said once. */
const QUIET_MS = 10_000;

const said = new Map<string, number>();

const time = (): string => new Date().toISOString().slice(11, 19);

/** What an error says, on one line. */
export function reason(error: unknown): string {
	const text = error instanceof Error ? error.message : String(error);
	return text.replace(/\s+/g, ' ').trim();
}

/** A line of progress on standard output. */
export function say(line: string): void {
	console.log(`${time()} ${line}`);
}

/** A line on standard error, unless the same one was there a moment ago. */
export function complain(what: string, error?: unknown): void {
	const line = error === undefined ? what : `${what}: ${reason(error)}`;
	const now = Date.now();
	if (now - (said.get(line) ?? 0) < QUIET_MS) {
		return;
	}
	for (const [old, at] of said) {
		if (now - at >= QUIET_MS) {
			said.delete(old);
		}
	}
	said.set(line, now);
	console.error(`${time()} error: ${line}`);
}
