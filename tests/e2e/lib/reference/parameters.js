// SPDX-License-Identifier: Apache-2.0
import { stringCamelCase } from '@polkadot/util';

import { plain } from '../exchange/plain.js';
import { nestedParameters } from './nested-parameters.js';
import { parameterRecord, rustDocs } from './rust-docs.js';
import { NOTE, grouped, page, table } from './text.js';
import { cellOf, docsOf } from './types.js';

const BILLION = 1e9;

const INTRODUCTION = `Everything that governance sets, with the values of the development chain.
On the presets \`development\` and \`local_testnet\` governance is sudo, whose key is Alice's:
*Developer*, *Sudo* in the apps. Each setter refuses what is out of range with an error that
names it ([errors](errors.md)). \`..ppb\` is parts per billion: 1,000,000,000 is the whole,
100,000 a basis point.`;

/** What may be set of records whose ranges the metadata does not tell. */
const RANGES = {
	MarketTerms: {
		lotsPerContract: '1 to 1,000,000',
		tick: 'a multiple of `lotsPerContract`, at most 10^12',
		minOrderLots: '1 to `maxOrderLots`',
		maxOrderLots: '`minOrderLots` to 2^40',
		maxOpenInterest: '`maxOrderLots` to 2^40',
		baseAsset: 'an asset',
		makerFeePpb: '0 to 100,000,000',
		takerFeePpb: '0 to 100,000,000',
		feeCapPpb: '0 to 1,000,000,000',
	},
	Schedule: {
		minutes: 'the period divides a day and is at most half of one',
		dailies: 'all counts together at most 12',
		weeklies: 'as above',
		monthlies: 'as above',
		quarterlies: 'as above',
		strikesEachSide: '1 to 20',
		strikeStepPpb: '100,000 to 500,000,000',
	},
	CollateralTerms: {
		unitsPerToken: 'above 0; a multiple of 10^12 if above that',
		underlying: 'one that exists',
		haircutInitialPpb: '0 or above, with the other at most 1,000,000,000',
		haircutMaintenancePpb: '0 or above, with the other at most 1,000,000,000',
		cap: 'any; 0 takes no more deposits',
	},
};

/** The page of parameters: fields from the sources, values from the chain's state. */
export async function parametersPage(api, pallets, types) {
	const record = recordsOf(types, pallets);
	const { prices, options, clearing } = api.query;
	const underlyings = await valuesByKey(options.underlyings);
	const of = (part) => underlyings.map(([, { [part]: value }]) => value);
	const symbols = of('symbol').map((symbol) => Buffer.from(symbol.slice(2), 'hex').toString());
	const collaterals = await valuesByKey(clearing.collaterals);
	const portfolio = plain(await options.portfolioModels(underlyings[0][0]));
	const terms = record('MarketTerms', symbols, of('terms'));
	const schedules = record('Schedule', symbols, of('schedule'));
	const assets = collaterals.map(([asset]) => `asset ${asset}`);
	const haircuts = record('CollateralTerms', assets, collaterals.map(([, value]) => value));
	const cap = usd(plain(await clearing.debtCap()));
	return page(
		...['# Parameters', NOTE, INTRODUCTION],
		...['## Prices', 'Set by `prices.setParameters`.'],
		record('PriceParameters', ['development'], [plain(await prices.parameters())]),
		...['## Terms of a market', TERMS, terms],
		...['## Schedule of expiries', SCHEDULE, schedules],
		...['## Collateral', 'Set by `clearing.setCollateral`, per asset.', haircuts],
		...['## Debt', DEBT, `On the development chain ${cap} USD.`],
		...['## Portfolio margin', PORTFOLIO, modelTable('PortfolioParameters')],
		...['### Scenarios', SCENARIOS, scenarioTable(portfolio)],
		...['## Standard margin', STANDARD, modelTable('StandardParameters')],
		...['## Lanes', LANES, await nestedParameters(api.query.lanes.parameters, types)],
		...['## Liquidation', LIQUIDATION, await nestedParameters(api.query.liquidation.parametersInForce, types)],
		...['## Fixed in the runtime', CONSTANTS, constantsTable(pallets, api)],
	);
}

const TERMS = 'Set by `options.createUnderlying` and `options.setTerms`, per underlying.';
const SCHEDULE = 'Set by `options.createUnderlying` and `options.setSchedule`, per underlying.';
const DEBT = `\`clearing.setDebtCap(cap)\`: what all accounts together may owe before calls that
would add to it are refused. Any amount of micro-USD.`;
const PORTFOLIO = `\`options.setPortfolioModel(underlying, model)\`: parameters and scenarios.
Ratios are shown as decimals and set in parts per billion. Defaults are what every underlying
starts with.`;
const SCENARIOS = 'The default grid; `options.setPortfolioModel` takes any list of up to 64.';
const STANDARD = '`options.setStandardParameters(underlying, parameters)`. Ratios as above.';
const NESTED = `Names are paths into the record: the whole record is given. Ratios are shown as decimals; they
are set in parts per billion, those of the type \`FixedU128\` in units of 10^-18.`;
const LANES = `\`lanes.setParameters(parameters)\`. ${NESTED} What contradicts itself is refused
([errors](errors.md)). [Lanes](../concepts/lanes.md) says what they do.`;
const LIQUIDATION = `\`liquidation.setParameters(parameters)\`, or \`liquidation.proposeParameters\` for what could bring
accounts under maintenance margin: that runs in shadow first. ${NESTED} Ranges are in the meaning.
[Liquidation](../concepts/liquidation.md) says what they do.`;
const CONSTANTS = 'Changed by a runtime upgrade only.';

async function valuesByKey(map) {
	const entries = await map.entries();
	return entries
		.map(([{ args: [key] }, value]) => [plain(key), plain(value)])
		.sort(([a], [b]) => Number(a - b));
}

/** Makes the table of a record by its name, with a column for each of `values`. */
function recordsOf(types, pallets) {
	const found = new Map();
	for (const { calls } of pallets) {
		if (calls.isSome) {
			types.partsOf(calls.unwrap().type, found);
		}
	}
	return (name, heads, values) => {
		const { type } = [...found.values()].find((each) => each.name === name);
		const { parts } = rustDocs([...type.path].map(String));
		const rows = type.def.asComposite.fields.map((field) => {
			const rust = field.name.unwrap().toString();
			const parameter = stringCamelCase(rust);
			const shown = values.map((value) => shownValue(value[parameter]));
			const meaning = cellOf(parts.get(rust) ?? []);
			return [`\`${parameter}\``, meaning, RANGES[name]?.[parameter], ...shown];
		});
		const ranged = name in RANGES;
		return table(
			['parameter', 'meaning', ...(ranged ? ['range'] : []), ...heads],
			rows.map(([first, meaning, range, ...shown]) => [
				...[first, meaning],
				...(ranged ? [range] : []),
				...shown,
			]),
		);
	};
}

const usd = (microUsd) => grouped(microUsd / 1_000_000n);

function shownValue(value) {
	if (typeof value === 'bigint') {
		return grouped(value);
	}
	if (value && typeof value === 'object') {
		return Object.entries(value)
			.map(([key, inner]) => `${key} ${shownValue(inner)}`)
			.join(', ');
	}
	return `${value ?? 'none'}`;
}

/** Parts per billion as a decimal; times as they are. */
const decimal = (name, text) => {
	const number = Number(text.replaceAll('_', ''));
	return name.endsWith('seconds') ? grouped(number) : `${number / BILLION}`;
};

function modelTable(name) {
	const rows = parameterRecord(name).map(({ name: rust, docs, fallback, lowest, highest }) => [
		`\`${stringCamelCase(rust)}\``,
		docsOf([docs]),
		`${decimal(rust, lowest)} to ${decimal(rust, highest)}`,
		decimal(rust, fallback),
	]);
	return table(['parameter', 'meaning', 'range', 'default'], rows);
}

/** A ratio to spot as a change of it. */
function percent(ratio) {
	const change = Math.round(Number(ratio) / 1e6 - 1_000) / 10;
	return `${change > 0 ? '+' : ''}${change} %`;
}

function scenarioTable({ scenarios }) {
	const rows = scenarios.map(({ spot, vol, weight }, index) => [
		`${index}`,
		percent(spot),
		vol.toLowerCase(),
		`${Number(weight) / BILLION}`,
	]);
	return table(['scenario', 'spot', 'volatility', 'weight'], rows);
}

function constantsTable(pallets, api) {
	const rows = pallets.flatMap(({ name, constants }) => {
		const section = stringCamelCase(name.toString());
		return constants.map(({ name: constant, docs }) => [
			`\`${section}.${stringCamelCase(constant.toString())}\``,
			cellOf(docs),
			shownValue(plain(api.consts[section][stringCamelCase(constant.toString())])),
		]);
	});
	return table(['constant', 'meaning', 'value'], rows);
}
