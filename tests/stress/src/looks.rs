// SPDX-License-Identifier: Apache-2.0
//! How many accounts the search looked at in each block.

/// Tells the looks of one block after the other: the chain counts them from where a search began.
#[derive(Clone, Copy, Debug, Default)]
pub struct Looks {
	before: u32,
}

impl Looks {
	/// Those of the next block, from what the chain says after it.
	pub fn of_block(&mut self, counted: u32, is_unfinished: bool) -> u32 {
		let looks = counted.saturating_sub(self.before);
		self.before = if is_unfinished { counted } else { 0 };
		looks
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn looks_should_be_those_of_a_block_when_a_search_took_several() {
		let mut looks = Looks::default();
		let counted = [(5, false), (40, true), (70, true), (75, false), (3, false)];
		let told = counted.map(|(counted, is_unfinished)| looks.of_block(counted, is_unfinished));
		assert_eq!(told, [5, 40, 30, 5, 3]);
	}
}
