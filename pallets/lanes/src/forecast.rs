// SPDX-License-Identifier: Apache-2.0
//! How much weight the next block will need to stay solvent, from what the blocks before needed. Pure: no storage.
//!
//! Demand and forecast are shares of a block. Two rules; `tests/forecast_on_record.rs` compares them on a real crash.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_runtime::{traits::Saturating, Perbill};

/// A rule that has seen every block so far.
pub trait Forecast {
	/// Takes the demand of the block that ended and says that of the next.
	fn next(&mut self, demand: Perbill) -> Perbill;
}

/// Exponentially weighted average with peak hold: rises at once, stays at a peak for [`PeakHold::HOLD`] blocks, then falls
/// towards the average.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct PeakHold {
	/// The average of demand.
	pub average: Perbill,
	/// What is held.
	pub peak: Perbill,
	/// Blocks since the peak was last reached.
	pub age: u16,
}

impl PeakHold {
	/// A minute at 500 ms: liquidations come in bursts, a burst with each round of prices that moved.
	pub const HOLD: u16 = 120;
	/// The average moves by this part of the distance.
	const SMOOTHING: u32 = 64;
	/// After the hold the peak loses this part of its height over the average.
	const RELEASE: u32 = 64;
}

impl Forecast for PeakHold {
	// Saturating throughout: shares stay within 0 and 100 %, which is what is meant.
	fn next(&mut self, demand: Perbill) -> Perbill {
		self.average = if demand > self.average {
			self.average.saturating_add(part(demand.saturating_sub(self.average), Self::SMOOTHING))
		} else {
			self.average.saturating_sub(part(self.average.saturating_sub(demand), Self::SMOOTHING))
		};
		if demand >= self.peak {
			self.peak = demand;
			self.age = 0;
		} else if self.age < Self::HOLD {
			self.age = self.age.saturating_add(1);
		} else {
			let height = self.peak.saturating_sub(self.average.max(demand));
			self.peak = self.peak.saturating_sub(part(height, Self::RELEASE));
		}
		self.peak.max(self.average)
	}
}

/// The `n`th part, at least one billionth of anything that is not zero, so that no distance stays for ever.
fn part(of: Perbill, n: u32) -> Perbill {
	Perbill::from_parts(of.deconstruct().div_ceil(n))
}

/// The straight line through the last two blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinearTrend {
	/// Demand of the block before.
	pub last: Perbill,
}

impl Forecast for LinearTrend {
	// Saturating: a line may leave 0 to 100 %, a share may not.
	fn next(&mut self, demand: Perbill) -> Perbill {
		let next = if demand > self.last {
			demand.saturating_add(demand.saturating_sub(self.last))
		} else {
			demand.saturating_sub(self.last.saturating_sub(demand))
		};
		self.last = demand;
		next
	}
}
