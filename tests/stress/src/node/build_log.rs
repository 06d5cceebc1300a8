// SPDX-License-Identifier: Apache-2.0
//! What the node's log says of the blocks it built.

/// The author's line about a block.
const PREPARED: &str = "Prepared block for proposing at ";
/// The author's line about a block that came too late.
const DISCARDED: &str = "Discarding proposal for slot";

/// How long blocks took to build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Built {
	/// Each block with its milliseconds.
	pub blocks: Vec<(u32, u64)>,
	/// Blocks that were thrown away because they took too long: each by the block that was built before it.
	pub discarded: Vec<u32>,
}

/// Reads the lines about the blocks from `first` to `last`.
pub fn read(log: &str, first: u32, last: u32) -> Built {
	let mut built = Built::default();
	// A discarded block has no line with its number that counts: it lies where the last one was.
	let mut number = 0;
	for line in log.lines() {
		if let Some(block) = prepared(line) {
			number = block.0;
			if (first..=last).contains(&number) {
				built.blocks.push(block);
			}
		} else if line.contains(DISCARDED) && (first..=last).contains(&number) {
			built.discarded.push(number);
		}
	}
	built
}

/// Number and milliseconds of a line such as `Prepared block for proposing at 12 (34 ms) ...`.
fn prepared(line: &str) -> Option<(u32, u64)> {
	let (_, rest) = line.split_once(PREPARED)?;
	let (number, rest) = rest.split_once(" (")?;
	let (millis, _) = rest.split_once(" ms)")?;
	Some((number.parse().ok()?, millis.parse().ok()?))
}

#[cfg(test)]
mod tests {
	use super::*;

	const LOG: &str = "\
2026-11-21 15:00:00 🎁 Prepared block for proposing at 1 (3 ms) hash: 0x01; parent_hash: 0x00; end: NoMoreTransactions; extrinsics_count: 2
2026-11-21 15:00:01 🎁 Prepared block for proposing at 2 (120 ms) hash: 0x02; parent_hash: 0x01; end: HitBlockWeightLimit; extrinsics_count: 300
2026-11-21 15:00:01 ⌛️ Discarding proposal for slot 17; block production took too long
2026-11-21 15:00:01 🏆 Imported #2 (0x01 → 0x02)
2026-11-21 15:00:02 🎁 Prepared block for proposing at 3 (90 ms) hash: 0x03; parent_hash: 0x02; end: HitBlockWeightLimit; extrinsics_count: 300
";

	#[test]
	fn log_should_tell_every_block_when_all_are_asked_for() {
		let built = read(LOG, 1, 3);
		assert_eq!(built.blocks, [(1, 3), (2, 120), (3, 90)]);
		assert_eq!(built.discarded, [2]);
	}

	#[test]
	fn log_should_leave_out_what_lies_outside_when_a_part_is_asked_for() {
		assert_eq!(read(LOG, 3, 9), Built { blocks: vec![(3, 90)], discarded: vec![] });
		assert_eq!(read("", 0, 9), Built::default());
	}
}
