// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { account } from '../lib/accounts.js';
import { blockHash } from '../lib/chain.js';
import { plain } from '../lib/exchange/plain.js';
import { waitForMarket } from '../lib/exchange/trading.js';
import { scrape } from '../lib/metrics.js';
import { freePort } from '../lib/ports.js';
import { useNodes } from '../lib/suite.js';
import { signAndWait } from '../lib/transactions.js';
import { waitFor } from '../lib/wait.js';

/** Names of lanes as metrics and as the runtime's API has them. */
const LANES = {
	solvency: 'solvency',
	risk_down: 'riskDown',
	makers: 'makers',
	takers: 'takers',
	general: 'general',
};

const ratio = (ppb) => Number(ppb) / 1e9;
const usd = (micro) => Number(micro) / 1e6;
const seconds = (picoseconds) => Number(picoseconds) / 1e12;

describe('what Prometheus gets', () => {
	const nodes = useNodes();
	let node;
	let api;
	let port;

	before(async () => {
		port = await freePort();
		node = await nodes.start({
			args: ['--prometheus-port', `${port}`, '--state-pruning', 'archive'],
		});
		api = await node.api();
		await waitForMarket(api);
	});

	/** The figures, and the answers of the runtime's API at the block that they are of. */
	async function readings() {
		const samples = await scrape(port);
		const at = await api.at(await blockHash(node, samples.get('ballast_metrics_block')));
		const [lanes, figures, markets] = await Promise.all([
			at.call.solvencyApi.lanes(),
			at.call.solvencyApi.figures(),
			at.call.exchangeApi.markets(),
		]);
		return { samples, lanes: plain(lanes), figures: plain(figures), markets: plain(markets) };
	}

	/** Fails with the metric's name. */
	function assertShown(samples, name, value) {
		assert.equal(samples.get(name), value, name);
	}

	it('is of one of the last blocks', async () => {
		const first = (await scrape(port)).get('ballast_metrics_block');
		await waitFor(
			'metrics of later blocks',
			async () => (await scrape(port)).get('ballast_metrics_block') > first + 3,
		);
		assertShown(await scrape(port), 'ballast_metrics_errors_total', 0);
	});

	it('is what the runtime says of lanes', async () => {
		const { samples, lanes } = await readings();
		for (const [label, field] of Object.entries(LANES)) {
			const shown = (name) => `ballast_lane_${name}{lane="${label}"}`;
			const lane = lanes.lanes[field];
			assertShown(samples, shown('guaranteed_seconds'), seconds(lane.guaranteed.refTime));
			assertShown(samples, shown('ceiling_seconds'), seconds(lane.ceiling.refTime));
			assertShown(samples, shown('used_seconds'), seconds(lane.usage.used.refTime));
			assertShown(samples, shown('used_ratio'), ratio(lane.fullness));
			assertShown(samples, shown('fee_multiplier'), Number(lane.multiplier) / 1e18);
		}
		assert.ok(samples.get('ballast_lane_guaranteed_seconds{lane="solvency"}') > 0);
	});

	it('is what the runtime says of the search, auctions and money', async () => {
		const { samples, figures } = await readings();
		assertShown(samples, 'ballast_backlog', Number(figures.backlog));
		const capacity = Number(figures.capacityPerSecond);
		assertShown(samples, 'ballast_auction_capacity_per_second', capacity);
		assertShown(samples, 'ballast_sweep_looks', Number(figures.sweep.looks));
		assertShown(samples, 'ballast_sweep_found', Number(figures.sweep.found));
		assertShown(samples, 'ballast_sweep_unfinished', Number(figures.sweep.isUnfinished));
		assertShown(samples, 'ballast_accounts_registered', Number(figures.registered));
		assertShown(samples, 'ballast_insurance_usd', usd(figures.insurance));
		assertShown(samples, 'ballast_bad_debt_usd', usd(figures.badDebt));
	});

	it('is what the runtime says of the bounds of margin', async () => {
		const { samples, figures } = await readings();
		const { house, multiplier, concentration } = figures.parameters;
		assertShown(samples, 'ballast_delay_move_highest_ratio', ratio(house.highestMove));
		assertShown(samples, 'ballast_margin_multiplier_highest', ratio(multiplier.highest));
		assertShown(samples, 'ballast_concentration_threshold_ratio', ratio(concentration.threshold));
		assertShown(samples, 'ballast_concentration_charge_ratio', ratio(concentration.charge));
	});

	it('is what the runtime says of each underlying', async () => {
		const { samples, figures, markets } = await readings();
		assert.ok(markets.length > 0);
		for (const market of markets) {
			const symbol = Buffer.from(market.symbol.slice(2), 'hex').toString();
			const shown = (name) => `ballast_${name}{underlying="${symbol}"}`;
			assertShown(samples, shown('spot_usd'), usd(market.spot));
			assertShown(samples, shown('price_age_seconds'), Number(market.ageMillis) / 1e3);
			assertShown(samples, shown('price_confidence_ratio'), ratio(market.spotConfidence));
			const of = figures.underlyings.find(([underlying]) => underlying === market.underlying);
			if (of) {
				const [, conditions, isSwept] = of;
				assertShown(samples, shown('delay_seconds'), Number(conditions.delayMillis) / 1e3);
				assertShown(samples, shown('delay_move_ratio'), ratio(conditions.delayMove));
				const multiplier = conditions.multiplier === 0n ? 1 : ratio(conditions.multiplier);
				assertShown(samples, shown('margin_multiplier'), multiplier);
				assertShown(samples, shown('sweep_done'), Number(isSwept));
			}
		}
	});

	it('counts a transaction in its lane once', async () => {
		const general = 'ballast_lane_transactions_total{lane="general"}';
		const before = (await scrape(port)).get(general);
		await signAndWait(api, api.tx.system.remark('0x'), account('//Ferdie'));
		await waitFor('the transaction to be counted', async () => (await scrape(port)).get(general) > before);
		const { number } = await api.rpc.chain.getHeader();
		await waitFor(
			'some more blocks',
			async () => (await scrape(port)).get('ballast_metrics_block') > number.toNumber() + 3,
		);
		assertShown(await scrape(port), general, before + 1);
	});
});
