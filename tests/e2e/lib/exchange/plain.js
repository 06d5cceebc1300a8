// SPDX-License-Identifier: Apache-2.0

/**
 * A value of polkadot.js as plain JavaScript, so that values can be compared as data: every integer a
 * `bigint`, a struct an object, an option its value or null, an enum its name, or `{ Name: value }` if it
 * carries one, addresses and hashes text, other bytes hex.
 */
export function plain(codec) {
	if (codec === null || codec === undefined) {
		return null;
	}
	if ('isSome' in codec) {
		return codec.isSome ? plain(codec.unwrap()) : null;
	}
	if (typeof codec.toBigInt === 'function') {
		return codec.toBigInt();
	}
	if (codec instanceof Map) {
		return Object.fromEntries([...codec].map(([key, value]) => [`${key}`, plain(value)]));
	}
	if ('isBasic' in codec) {
		return enumeration(codec);
	}
	if (Array.isArray(codec)) {
		return codec.map(plain);
	}
	if ('isTrue' in codec) {
		return codec.isTrue;
	}
	return codec.toString();
}

function enumeration(codec) {
	const carries = !codec.isBasic && codec.value.toU8a().length > 0;
	return carries ? { [codec.type]: plain(codec.value) } : codec.type;
}
