// SPDX-License-Identifier: Apache-2.0
//! What is left of the books of a settled expiry goes away, a chunk per block.

use crate::{Books, Branches, Config, Levels, Pallet, Queued, WeightInfo};
use ballast_exchange::{ExpiryId, Markets};
use frame_support::weights::{Weight, WeightMeter};
use sp_io::MultiRemovalResults;

/// Most entries that one block removes, whatever weight is left.
pub const MAX_PRUNED_PER_BLOCK: u32 = 1_024;

impl<T: Config> Pallet<T> {
	/// Removes books of the expiry that `options` wants pruned, as far as `remaining` goes.
	pub(crate) fn prune(remaining: Weight) -> Weight {
		let mut meter = WeightMeter::with_limit(remaining);
		let base = T::WeightInfo::prune(0);
		let entry = T::WeightInfo::prune(1).saturating_sub(base);
		if meter.try_consume(base).is_err() {
			return meter.consumed();
		}
		let Some((underlying, expiry)) = T::Markets::next_pruning() else {
			return meter.consumed();
		};
		let limit = affordable(&meter, entry);
		let (removed, is_done) = Self::prune_expiry((underlying, expiry), limit);
		// `limit` was affordable.
		meter.consume(entry.saturating_mul(u64::from(removed)));
		if is_done {
			T::Markets::pruned(underlying, expiry);
		}
		meter.consumed()
	}

	/// Removes at most `limit` entries; how many went, and whether none is left.
	pub(crate) fn prune_expiry(expiry: ExpiryId, limit: u32) -> (u32, bool) {
		type Clear = fn(ExpiryId, u32) -> MultiRemovalResults;
		let maps: [Clear; 4] = [
			|expiry, limit| Books::<T>::clear_prefix(expiry, limit, None),
			|expiry, limit| Branches::<T>::clear_prefix(expiry, limit, None),
			|expiry, limit| Levels::<T>::clear_prefix(expiry, limit, None),
			|expiry, limit| Queued::<T>::clear_prefix(expiry, limit, None),
		];
		let mut left = limit;
		for clear in maps {
			if left == 0 {
				return (limit, false);
			}
			// Each map is asked once a block, so that it needs no cursor: what it removed is gone from
			// the state when it is asked again.
			let result = clear(expiry, left);
			left = left.saturating_sub(result.backend);
			if result.maybe_cursor.is_some() {
				return (limit.saturating_sub(left), false);
			}
		}
		(limit.saturating_sub(left), true)
	}
}

fn affordable(meter: &WeightMeter, entry: Weight) -> u32 {
	let count = meter.remaining().checked_div_per_component(&entry).unwrap_or_default();
	u32::try_from(count).unwrap_or(u32::MAX).min(MAX_PRUNED_PER_BLOCK)
}
