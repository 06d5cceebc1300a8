// SPDX-License-Identifier: Apache-2.0

//! How full a block is against the limits its chain declares.

use crate::{
	error::{Context, Failure, Result},
	node::AtBlock,
	values::number,
};
use subxt::{
	dynamic::{At, Value},
	ext::codec::{Compact, Decode},
};

/// Computation (picoseconds) and proof size (bytes).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
	pub ref_time: u64,
	pub proof_size: u64,
}

/// What a block has room for: `System.BlockWeights` and `System.BlockLength`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
	/// All classes together.
	pub block: Weight,
	/// Ordinary transactions.
	pub normal: Weight,
	/// Encoded ordinary transactions, in bytes.
	pub normal_length: u64,
}

/// What one block used of its limits, in parts per million of the dimension closest to its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fullness {
	pub normal_ppm: u64,
	pub block_ppm: u64,
	pub length_ppm: u64,
}

impl Limits {
	pub fn read(at: &AtBlock) -> Result<Self> {
		let weights: Value = constant(at, "BlockWeights")?;
		let length: Value = constant(at, "BlockLength")?;
		let block = weight(weights.at("max_block"))
			.ok_or_else(|| Failure::new("System.BlockWeights has no max_block"))?;
		// A class without a limit of its own has the whole block.
		let normal = weight(weights.at("per_class").at("normal").at("max_total").at(0));
		let normal_length = number(length.at("max").at("normal"))
			.ok_or_else(|| Failure::new("System.BlockLength has no max.normal"))?;
		Ok(Self { block, normal: normal.unwrap_or(block), normal_length })
	}

	/// `block_weight` is the encoded `System.BlockWeight` of the block, `length` the bytes of its
	/// transactions.
	pub fn fullness(&self, block_weight: &[u8], length: u64) -> Result<Fullness> {
		let [normal, operational, mandatory] =
			<[(Compact<u64>, Compact<u64>); 3]>::decode(&mut &*block_weight)
				.context("decoding System.BlockWeight")?
				.map(|(ref_time, proof_size)| Weight {
					ref_time: ref_time.0,
					proof_size: proof_size.0,
				});
		let all = normal.plus(operational).plus(mandatory);
		Ok(Fullness {
			normal_ppm: normal.share_of(self.normal),
			block_ppm: all.share_of(self.block),
			length_ppm: parts_per_million(length, self.normal_length),
		})
	}
}

impl Weight {
	// Saturating is exact enough: a sum beyond 64 bits is beyond every limit.
	fn plus(self, other: Self) -> Self {
		Self {
			ref_time: self.ref_time.saturating_add(other.ref_time),
			proof_size: self.proof_size.saturating_add(other.proof_size),
		}
	}

	/// Parts per million of `limit`, in the dimension closest to it.
	pub fn share_of(self, limit: Self) -> u64 {
		let time = parts_per_million(self.ref_time, limit.ref_time);
		time.max(parts_per_million(self.proof_size, limit.proof_size))
	}
}

/// Zero of a limit of zero: nothing can be used of it.
fn parts_per_million(used: u64, limit: u64) -> u64 {
	let scaled = u128::from(used).saturating_mul(1_000_000);
	let share = scaled.checked_div(limit.into()).unwrap_or(0);
	u64::try_from(share).unwrap_or(u64::MAX)
}

fn constant(at: &AtBlock, name: &str) -> Result<Value> {
	at.constants().entry(("System", name)).context(format!("reading System.{name}"))
}

fn weight(value: Option<&Value>) -> Option<Weight> {
	Some(Weight {
		ref_time: number(value.at("ref_time"))?,
		proof_size: number(value.at("proof_size"))?,
	})
}

#[cfg(test)]
mod tests {
	use super::*;
	use subxt::ext::codec::Encode;

	const LIMITS: Limits = Limits {
		block: Weight { ref_time: 200, proof_size: 1_000 },
		normal: Weight { ref_time: 150, proof_size: 750 },
		normal_length: 4_000,
	};

	fn encoded(classes: [(u64, u64); 3]) -> Vec<u8> {
		classes.map(|(time, size)| (Compact(time), Compact(size))).encode()
	}

	#[test]
	fn fullness_should_measure_normal_and_all_classes_apart() {
		let used = LIMITS.fullness(&encoded([(75, 0), (20, 0), (5, 0)]), 1_000);
		assert_eq!(
			used,
			Ok(Fullness { normal_ppm: 500_000, block_ppm: 500_000, length_ppm: 250_000 })
		);
	}

	#[test]
	fn fullness_should_follow_the_dimension_closest_to_its_limit() {
		let used = LIMITS.fullness(&encoded([(15, 675), (0, 0), (0, 0)]), 0);
		assert_eq!(used.map(|used| (used.normal_ppm, used.block_ppm)), Ok((900_000, 675_000)));
	}

	#[test]
	fn truncated_weights_should_be_an_error() {
		assert!(LIMITS.fullness(&encoded([(1, 1); 3])[..4], 0).is_err());
	}

	#[test]
	fn extremes_should_not_overflow() {
		let used = LIMITS.fullness(&encoded([(u64::MAX, u64::MAX); 3]), u64::MAX);
		assert!(used.is_ok_and(|used| used.block_ppm > 1_000_000));
		assert_eq!(parts_per_million(1, 0), 0);
	}
}
