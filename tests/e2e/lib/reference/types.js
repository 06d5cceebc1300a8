// SPDX-License-Identifier: Apache-2.0
import { stringCamelCase } from '@polkadot/util';

import { constantOf } from './rust-docs.js';

/** Types a reader of the reference knows by another name. */
const NAMES = new Map([
	['sp_core::crypto::AccountId32', 'AccountId'],
	['primitive_types::H256', 'Hash'],
	['ballast_risk::units::Ppb', 'Ppb'],
	['ballast_pricing::price::Price', 'Price'],
]);

const textOf = (list) => list.map((line) => line.toString());

/** Where a type is defined, as Rust writes it: `ballast_risk::units::Ppb`. */
export const pathOf = (type) => textOf(type.path).join('::');

/**
 * The types of a chain's metadata, by their numbers.
 *
 * @param {import('@polkadot/types').PortableRegistry} lookup
 */
export function typesOf(lookup) {
	/** How the reference names a type: `u64`, `SeriesId`, `list of Leg`, `Moment or none`. */
	function nameOf(id) {
		const type = lookup.getSiType(id);
		const { def } = type;
		const path = textOf(type.path);
		if (NAMES.has(path.join('::'))) {
			return NAMES.get(path.join('::'));
		}
		if (path.at(-1) === 'Option') {
			return `${nameOf(type.params[0].type.unwrap())} or none`;
		}
		if (path.at(-1) === 'Result') {
			const [ok, error] = type.params.map(({ type: inner }) => nameOf(inner.unwrap()));
			return `${ok}, or the error ${error}`;
		}
		if (/^(Weak)?BoundedVec$/.test(path.at(-1) ?? '')) {
			return nameOf(type.def.asComposite.fields[0].type);
		}
		return path.length > 0 ? path.at(-1) : nameOfShape(def);
	}

	function nameOfShape(def) {
		switch (def.type) {
			case 'Compact':
				return nameOf(def.asCompact.type);
			case 'Sequence':
				return listOf(nameOf(def.asSequence.type));
			case 'Array':
				return `${def.asArray.len} of ${nameOf(def.asArray.type)}`;
			case 'Tuple':
				return def.asTuple.length === 0 ? 'nothing' : `(${def.asTuple.map(nameOf).join(', ')})`;
			case 'Primitive':
				return def.asPrimitive.type.toLowerCase();
			default:
				return def.type;
		}
	}

	/** The types a type is made of, itself first, that have fields or variants to explain. */
	function partsOf(id, found = new Map()) {
		const type = lookup.getSiType(id);
		const path = pathOf(type);
		if (found.has(path) || NAMES.has(path)) {
			return found;
		}
		const isOwn = path.startsWith('ballast_') || path.startsWith('pallet_');
		if (isOwn) {
			found.set(path, { id, name: nameOf(id), type });
		}
		childrenOf(type).forEach((child) => partsOf(child, found));
		return found;
	}

	function childrenOf({ def, params }) {
		switch (def.type) {
			case 'Compact':
				return [def.asCompact.type];
			case 'Sequence':
				return [def.asSequence.type];
			case 'Array':
				return [def.asArray.type];
			case 'Tuple':
				return [...def.asTuple];
			case 'Composite':
				return def.asComposite.fields.map(({ type }) => type);
			case 'Variant':
				return def.asVariant.variants.flatMap(({ fields }) => fields.map(({ type }) => type));
			default:
				return params.filter(({ type }) => type.isSome).map(({ type }) => type.unwrap());
		}
	}

	return { nameOf, partsOf, typeOf: (id) => lookup.getSiType(id) };
}

const listOf = (name) => (name === 'u8' ? 'bytes' : `list of ${name}`);

/**
 * Documentation as Markdown that stands alone: no links and no paths into Rust, no headings, and the
 * names of fields as polkadot.js writes them.
 */
export function docsOf(docs) {
	return textOf(docs)
		.map((line) => line.replace(/^ /, ''))
		.join('\n')
		.trim()
		.replace(/;?\s+see \[`crate::[^`]*`\]/g, '')
		.replace(/\[(`[^`\]]+`)\](\([^)]*\)|\[[^\]]*\])?/g, '$1')
		.replace(/`(?:(?:crate|super|Self|Call|Config|Event|Error|Pallet)::)+/g, '`')
		.replace(/`[a-z]+(_[a-z0-9]+)+`/g, (name) => `\`${stringCamelCase(name.slice(1, -1))}\``)
		.replace(/`([A-Z]+(?:_[A-Z]+)+)`/g, (name, constant) => constantOf(constant) ?? name)
		.replace(/^#+ +(.*)$/gm, '**$1**');
}

/** The same on one line, for a cell of a table. */
export const cellOf = (docs) => docsOf(docs).replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');
