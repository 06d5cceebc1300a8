// SPDX-License-Identifier: Apache-2.0
import { stringCamelCase } from '@polkadot/util';

import { checkErrors, errorsOf, meaningOf } from './call-notes.js';
import { parametersPage } from './parameters.js';
import { NOTE, page, table } from './text.js';
import { rustDocs } from './rust-docs.js';
import { cellOf, docsOf, typesOf } from './types.js';

/** The exchange's pallets, in the order in which the reference has them. */
export const EXCHANGE_PALLETS = ['Prices', 'Options', 'Clearing', 'OrderBook'];
/** Those that the reference describes beside them. */
const REFERENCE_PALLETS = [...EXCHANGE_PALLETS, 'Lanes', 'Liquidation'];
const EXCHANGE_APIS = ['ExchangeApi', 'SolvencyApi', 'PriceFeedApi'];

/**
 * The reference pages of a chain by file name, as `docs/reference` has them.
 *
 * @param {import('@polkadot/api').ApiPromise} api
 * @returns {Promise<Record<string, string>>}
 */
export async function referencePages(api) {
	const metadata = api.runtimeMetadata.asV16;
	const types = typesOf(metadata.lookup);
	const pallets = REFERENCE_PALLETS.map((name) =>
		metadata.pallets.find((pallet) => pallet.name.eq(name)),
	);
	return {
		'calls.md': callsPage(pallets, types),
		'queries.md': queriesPage(pallets, metadata.apis, types),
		'events.md': eventsPage(pallets, types),
		'errors.md': errorsPage(pallets, types),
		'parameters.md': await parametersPage(api, pallets, types),
	};
}

const sectionOf = ({ name }) => stringCamelCase(name.toString());
const camel = (name) => stringCamelCase(name.toString());

/** The variants of a pallet's calls, events or errors. */
function variantsOf(types, part) {
	return part.isSome ? [...types.typeOf(part.unwrap().type).def.asVariant.variants] : [];
}

/** The types that the fields of these variants are made of. */
function typesUsed(types, variants, used) {
	for (const { fields } of variants) {
		fields.forEach(({ type }) => types.partsOf(type, used));
	}
}

const CALLS = `Names are those of polkadot.js: \`api.tx.clearing.deposit(index, asset,
amount)\`. A call that fails changes nothing but the fee of its transaction, which is paid in
BAL. Money is in micro-USD, the price of an order and a strike in micro-USD per contract, a
\`Price\` in pico-USD, a size in lots, a moment in milliseconds since the epoch, a ratio in
parts per billion. What a refusal means is on the page of [errors](errors.md).`;

function callsPage(pallets, types) {
	const used = new Map();
	checkErrors(
		pallets.flatMap((pallet) =>
			variantsOf(types, pallet.errors).map(({ name }) => `${sectionOf(pallet)}.${name}`),
		),
	);
	const sections = pallets.flatMap((pallet) => {
		const variants = variantsOf(types, pallet.calls);
		typesUsed(types, variants, used);
		return [`## ${sectionOf(pallet)}`, ...variants.map((call) => callOf(pallet, call, types))];
	});
	const explanations = explained(used, types);
	return page('# Calls', NOTE, CALLS, ...sections, '## Types of arguments', ...explanations);
}

function callOf(pallet, { name, fields, docs }, types) {
	const call = `${sectionOf(pallet)}.${camel(name)}`;
	const names = fields.map((field) => camel(field.name.unwrap()));
	const rows = fields.map(({ type }, index) => [
		`\`${names[index]}\``,
		types.nameOf(type),
		meaningOf(call, names[index]),
	]);
	const errors = errorsOf(call).map((error) => `\`${error}\``);
	return page(
		`### ${call}(${names.join(', ')})`,
		docsOf(docs),
		table(['argument', 'type', 'meaning'], rows),
		errors.length > 0 && `Errors: ${errors.join(', ')}.`,
	).trim();
}

/** Each type with its fields or variants. */
function explained(used, types) {
	return [...used.values()]
		.sort((a, b) => a.name.localeCompare(b.name))
		.map(({ name, type }) => {
			const { docs, parts } = rustDocs([...type.path].map(String));
			return page(`### ${name}`, docsOf(docs), shapeOf(type.def, parts, types)).trim();
		});
}

function shapeOf(def, parts, types) {
	if (def.isComposite) {
		return fieldTable(def.asComposite.fields, types, parts);
	}
	if (!def.isVariant) {
		return null;
	}
	const rows = def.asVariant.variants.map(({ name, fields }) => {
		const given = fields.map((field) => fieldOf(field, types)).join(', ');
		return [`\`${name}\`${given && ` (${given})`}`, cellOf(parts.get(`${name}`) ?? [])];
	});
	return table(['variant', 'meaning'], rows);
}

function fieldOf(field, types) {
	const type = types.nameOf(field.type);
	return field.name.isSome ? `${camel(field.name.unwrap())}: ${type}` : type;
}

function fieldTable(fields, types, parts = new Map()) {
	const rows = fields.map(({ name, type, docs }, index) => [
		`\`${name.isSome ? camel(name.unwrap()) : index}\``,
		types.nameOf(type),
		cellOf(docs.length > 0 ? docs : (parts.get(`${name}`) ?? [])),
	]);
	return table(['field', 'type', 'meaning'], rows);
}

const EVENTS = `Events are complete: cash, collateral, positions and resting orders of every
account follow from the events since the first block. \`tests/e2e/lib/exchange/replay.js\`
computes them in plain JavaScript, and a test compares the result with the chain's state to the
last unit.`;

function eventsPage(pallets, types) {
	const used = new Map();
	const sections = pallets.flatMap((pallet) => {
		const variants = variantsOf(types, pallet.events);
		typesUsed(types, variants, used);
		return [
			`## ${sectionOf(pallet)}`,
			...variants.flatMap(({ name, docs, fields }) => [
				`### ${sectionOf(pallet)}.${name}`,
				docsOf(docs),
				fieldTable(fields, types),
			]),
		];
	});
	const explanations = explained(used, types);
	return page('# Events', NOTE, EVENTS, ...sections, '## Types of fields', ...explanations);
}

const ERRORS = `What a call answers when it is refused. Nothing has changed then but the fee of
the transaction. polkadot.js gives name and text by
\`api.registry.findMetaError(dispatchError.asModule)\`; the apps show them with the block, under
*Network*, *Explorer*. Where a call moves BAL or an asset, errors of \`balances\`, \`assets\`,
\`token\` come through.`;

function errorsPage(pallets, types) {
	const sections = pallets.flatMap((pallet) => {
		const rows = variantsOf(types, pallet.errors).map(({ name, docs, fields }) => [
			`\`${name}\``,
			[cellOf(docs), ...fields.filter((field) => field.name.isSome).map(carried)].join(' '),
		]);
		return [`## ${sectionOf(pallet)}`, table(['error', 'what happened and what to do'], rows)];
	});
	return page('# Errors', NOTE, ERRORS, ...sections);
}

/** What an error says beside its name. */
const carried = ({ name, docs }) => `\`${camel(name.unwrap())}\`: ${cellOf(docs)}`;

const QUERIES = `What can be asked without a transaction, at any block that the node still has
the state of. It costs nothing and changes nothing.`;
const APIS = `polkadot.js: \`api.call.exchangeApi.series(1, expiry)\`, and at another block
\`(await api.at(hash)).call...\`. By hand: the RPC \`state_call\` with \`ExchangeApi_series\`
and SCALE-encoded arguments.`;
const VIEWS = `They are part of metadata version 16 and called through
\`RuntimeViewFunction_execute_view_function\`. \`tests/e2e/lib/exchange/view-functions.js\`
shows how.`;

function queriesPage(pallets, apis, types) {
	const used = new Map();
	const ask = (section, query) => queryOf(section, query, types, used);
	const answers = EXCHANGE_APIS.flatMap((wanted) => {
		const found = apis.find(({ name }) => name.eq(wanted));
		const methods = found ? [...found.methods] : [];
		return methods.map((method) => ask(camel(wanted), method));
	});
	const views = pallets.flatMap((pallet) =>
		pallet.viewFunctions.map((view) => ask(sectionOf(pallet), view)),
	);
	return page(
		...['# Queries', NOTE, QUERIES],
		...['## Runtime API', APIS, ...answers],
		...['## View functions', VIEWS, ...views],
		...['## Types of answers', ...explained(used, types)],
	);
}

function queryOf(section, { name, inputs, output, docs }, types, used) {
	[...inputs.map(({ type }) => type), output].forEach((type) => types.partsOf(type, used));
	const given = inputs.map(({ name: input, type }) => `\`${camel(input)}\`: ${types.nameOf(type)}`);
	return page(
		`### ${section}.${camel(name)}(${inputs.map(({ name: input }) => camel(input)).join(', ')})`,
		docsOf(docs),
		`${given.length > 0 ? `Takes ${given.join(', ')}. ` : ''}Returns ${types.nameOf(output)}.`,
	).trim();
}
