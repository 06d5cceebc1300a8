// SPDX-License-Identifier: Apache-2.0
import { createServer } from 'node:http';

/** Options that let a node follow the server closely: each answer counts at once, and none for long. */
const CLOSELY = {
	'--price-feed-interval': '50',
	'--price-feed-timeout': '1000',
	'--price-feed-max-age': '1',
	'--price-feed-max-move': '1000',
};

/** Seconds to the one expiry that an answer has: the node's feed keeps its volatility for all others. */
const TERM_SECONDS = 30 * 86_400;
const YEAR_SECONDS = 365 * 86_400;

/** What the market is when a test begins: spot in dollars, volatility per year. */
const CALM = {
	BTC: { spot: 100_000, vol: 0.5 },
	ETH: { spot: 3_000, vol: 0.6 },
	DOT: { spot: 7, vol: 0.7 },
};

/**
 * An HTTP price feed that says what the test wants: one spot and one volatility per underlying, the same at
 * every strike and expiry, no interest.
 */
export class PriceServer {
	/** Questions answered so far. */
	answers = 0;
	#isSilent = false;
	#quotes = structuredClone(CALM);
	#server = createServer((_, response) => this.#answer(response));

	/** @returns {Promise<PriceServer>} one that listens on a port of its own */
	static async start() {
		const server = new PriceServer();
		await new Promise((resolve, reject) => {
			server.#server.once('error', reject);
			server.#server.listen(0, '127.0.0.1', resolve);
		});
		// A test file ends when its tests have, whether or not it has closed the server.
		server.#server.unref();
		return server;
	}

	get url() {
		return `http://127.0.0.1:${this.#server.address().port}/prices`;
	}

	/** Arguments of a node that reports these prices. */
	get args() {
		return ['--price-feed', this.url, ...Object.entries(CLOSELY).flat()];
	}

	/** What it says of an underlying. */
	quote(symbol) {
		return { ...this.#quotes[symbol] };
	}

	/** Says something else of an underlying from the next question on: `spot` in dollars, `vol` per year. */
	say(symbol, quote) {
		Object.assign(this.#quotes[symbol], quote);
	}

	/** Answers with an error from now on: the node stops reporting within a second. */
	silence() {
		this.#isSilent = true;
	}

	/** Answers again. */
	speak() {
		this.#isSilent = false;
	}

	close() {
		this.#server.closeAllConnections();
		return new Promise((resolve) => this.#server.close(resolve));
	}

	#answer(response) {
		if (this.#isSilent) {
			response.writeHead(503).end();
			return;
		}
		this.answers += 1;
		const underlyings = Object.entries(this.#quotes).map(([symbol, { spot, vol }]) => ({
			symbol,
			spot,
			expiries: [{ seconds_to_expiry: TERM_SECONDS, rate: 0, svi: flat(vol) }],
		}));
		response.setHeader('content-type', 'application/json');
		response.end(JSON.stringify({ at: Date.now() / 1_000, quote_price: 1, underlyings }));
	}
}

/** A slice with the same volatility at every strike. */
const flat = (vol) => ({ a: (vol * vol * TERM_SECONDS) / YEAR_SECONDS, b: 0, rho: 0, m: 0, sigma: 0.1 });
