// SPDX-License-Identifier: Apache-2.0
import type { AccountState, Series, SeriesId } from '../../common/src/types.js';

/** Series that one account quotes: with two orders each they are the 64 that an account may have resting. */
export const SERIES_PER_ACCOUNT = 32;

const groupOf = ({ expiry, kind }: SeriesId): string => `${expiry}-${kind}`;

/**
 * Which account quotes which series of one underlying.
 *
 * A series stays with the account that has it already, so that the answer is the same after a restart.
 * Others go to an account of the same expiry and kind with room, or else to one that has nothing, or to
 * a new one.
 *
 * @param indices numbers that accounts of this underlying may have, ascending
 * @returns the series by account; what finds no account is missing
 */
export function assign(series: Series[], accounts: AccountState[], indices: number[]): Map<number, Series[]> {
	const places = indices.map((index) => new Place(index, accounts.find((account) => account.index === index)));
	const left = series.filter(({ key, id }) => {
		const place = places.find((each) => each.has(key));
		place?.take(id);
		return place === undefined;
	});
	const owner = new Map(
		series.map(({ key }) => [key, places.find((each) => each.has(key))] as const),
	);
	for (const { id, key } of left) {
		const place =
			places.find((each) => each.group === groupOf(id) && each.count < SERIES_PER_ACCOUNT) ??
			places.find((each) => each.isEmpty);
		place?.take(id);
		owner.set(key, place);
	}
	const assigned = new Map<number, Series[]>();
	for (const each of series) {
		const place = owner.get(each.key);
		if (place) {
			assigned.set(place.index, [...(assigned.get(place.index) ?? []), each]);
		}
	}
	return assigned;
}

class Place {
	count = 0;
	group: string | null = null;
	readonly #keys: Set<string>;

	constructor(
		readonly index: number,
		account: AccountState | undefined,
	) {
		this.#keys = new Set([
			...(account?.orders.map(({ key }) => key) ?? []),
			...(account?.positions.keys() ?? []),
		]);
	}

	get isEmpty(): boolean {
		return this.count === 0 && this.#keys.size === 0;
	}

	has(key: string): boolean {
		return this.#keys.has(key);
	}

	take(series: SeriesId): void {
		this.count += 1;
		this.group ??= groupOf(series);
	}
}
