// SPDX-License-Identifier: Apache-2.0
import { stringCamelCase, u8aConcat, u8aToHex } from '@polkadot/util';

import { runtimeCall } from '../chain.js';
import { plain } from './plain.js';

/**
 * Calls a view function by its names in the metadata: polkadot.js 16 reads their description and has no
 * call for them.
 *
 * @param {string} pallet name of the pallet, such as `Prices`
 * @param {string} name name of the function, such as `latest_round`
 * @param {unknown[]} args
 * @returns {Promise<any>} the answer as plain data
 */
export async function callView(node, api, pallet, name, args = []) {
	const view = viewsOf(api, pallet).find((each) => each.name.eq(name));
	if (!view) {
		throw new Error(`there is no view function ${pallet}.${name}`);
	}
	const { registry } = api;
	const typeOf = (id) => registry.createLookupType(id);
	const input = u8aConcat(
		...view.inputs.map(({ type }, index) => registry.createType(typeOf(type), args[index]).toU8a()),
	);
	const call = u8aConcat(view.id.toU8a(), registry.createType('Bytes', u8aToHex(input)).toU8a());
	const method = 'RuntimeViewFunction_execute_view_function';
	const answer = registry.createType(
		'Result<Bytes, u8>',
		await runtimeCall(node, method, u8aToHex(call)),
	);
	if (answer.isErr) {
		throw new Error(`${pallet}.${stringCamelCase(name)}: dispatch error ${answer.asErr}`);
	}
	return plain(registry.createType(typeOf(view.output), answer.asOk.toU8a(true)));
}

/** The view functions of a pallet, as metadata describes them. */
export const viewsOf = (api, pallet) => [
	...api.runtimeMetadata.asV16.pallets.find(({ name }) => name.eq(pallet)).viewFunctions,
];
