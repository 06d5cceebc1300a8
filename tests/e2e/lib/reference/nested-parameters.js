// SPDX-License-Identifier: Apache-2.0
import { stringCamelCase } from '@polkadot/util';

import { plain } from '../exchange/plain.js';
import { parameterRecord, rustDocs } from './rust-docs.js';
import { grouped, table } from './text.js';
import { cellOf, pathOf } from './types.js';

/** Numbers that stand for ratios: the whole. */
const WHOLES = new Map([
	['ballast_risk::units::Ppb', 1e9],
	['sp_arithmetic::per_things::Perbill', 1e9],
	['sp_arithmetic::fixed_point::FixedU128', 1e18],
]);

/**
 * A table of every field of a record of records, with what it is on this chain.
 *
 * @param storage the value of `api.query` that holds the record
 * @param types the metadata's types, of `typesOf`
 */
export async function nestedParameters(storage, types) {
	const value = plain(await storage());
	return table(
		['parameter', 'meaning', 'development'],
		rowsOf(types, storage.creator.meta.type.asPlain, { name: [], docs: [], value }),
	);
}

function rowsOf(types, id, { name, docs, value }) {
	const type = types.typeOf(id);
	const whole = WHOLES.get(pathOf(type));
	if (whole || !type.def.isComposite) {
		const shown = whole ? `${Number(value) / whole}` : grouped(value);
		return [[`\`${name.join('.')}\``, cellOf(docs), shown]];
	}
	const path = [...type.path].map(String);
	const { parts } = rustDocs(path);
	const ranges = new Map(path[0] === 'ballast_risk' ? rangesOf(types, type) : []);
	return type.def.asComposite.fields.flatMap((field) => {
		const rust = field.name.unwrap().toString();
		const parameter = stringCamelCase(rust);
		// A field of a map by lanes is its lane's: what it means, its record says.
		const own = parts.get(rust) ?? [];
		return rowsOf(types, field.type, {
			name: [...name, parameter],
			docs: own.length > 0 ? [...own, ...(ranges.get(rust) ?? [])] : docs,
			value: value[parameter],
		});
	});
}

/** What each field of a record of the risk crate may be, in words, by its Rust name. */
function rangesOf(types, { path, def }) {
	const wholes = new Map(
		def.asComposite.fields.map(({ name, type }) => [`${name}`, WHOLES.get(pathOf(types.typeOf(type)))]),
	);
	const shown = (name, text) => {
		const number = text.replaceAll('_', '');
		return wholes.get(name) ? `${Number(number) / wholes.get(name)}` : grouped(number);
	};
	return parameterRecord(`${path.at(-1)}`).map(({ name, lowest, highest }) => [
		name,
		[`${shown(name, lowest)} to ${shown(name, highest)}.`],
	]);
}
