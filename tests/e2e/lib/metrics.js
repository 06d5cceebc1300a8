// SPDX-License-Identifier: Apache-2.0

const SCRAPE_LIMIT_MS = 30_000;

/**
 * What Prometheus gets from the node that serves metrics on `port`.
 *
 * @returns {Promise<Map<string, number>>} by name and labels as the node writes them, without those of the chain that
 *   the SDK adds: `ballast_backlog`, `ballast_lane_used_ratio{lane="takers"}`
 */
export async function scrape(port) {
	const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
		signal: AbortSignal.timeout(SCRAPE_LIMIT_MS),
	});
	const samples = new Map();
	for (const line of (await response.text()).split('\n')) {
		const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
		if (name) {
			const own = labels.split(',').filter((label) => label && !label.startsWith('chain='));
			samples.set(own.length > 0 ? `${name}{${own.join(',')}}` : name, Number(value));
		}
	}
	return samples;
}
