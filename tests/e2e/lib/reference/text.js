// SPDX-License-Identifier: Apache-2.0

/** Says on each page where it comes from. */
export const NOTE =
	'Written by `scripts/reference-docs` from the documentation in the code: change it there.';

/** A Markdown table, or nothing where it would have no rows. */
export function table(head, rows) {
	const line = (cells) => `| ${cells.join(' | ')} |`;
	return rows.length > 0 ? [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n') : null;
}

/** Paragraphs with an empty line between; what is empty is left out. */
export const page = (...parts) => `${parts.filter(Boolean).join('\n\n')}\n`;

/** A whole number with a comma between thousands. */
export const grouped = (number) => number.toString().replace(/\B(?=(\d{3})+$)/g, ',');
