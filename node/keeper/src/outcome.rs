// SPDX-License-Identifier: Apache-2.0

//! What became of a bid, by the events of its block.

use crate::{failure::Failure, types::Taken};
use ballast_runtime::{AccountId, Hash, Runtime, RuntimeEvent};
use codec::Decode;
use frame_support::storage::storage_prefix;
use frame_system::{EventRecord, Phase};
use pallet_liquidation::Event as Liquidation;
use sp_core::storage::StorageKey;

/// An event and where it happened.
pub type Record = EventRecord<RuntimeEvent, Hash>;
/// What became of a bid. `None`: the account was back at its target already, and nothing changed hands.
pub type Outcome = Result<Option<Taken>, Failure>;

/// Where the events of a block are.
pub fn events_key() -> StorageKey {
	StorageKey(storage_prefix(b"System", b"Events").to_vec())
}

/// The events of a block; an error if its runtime has others than this binary knows.
pub fn decode(mut bytes: &[u8]) -> Result<Vec<Record>, Failure> {
	Vec::<Record>::decode(&mut bytes).map_err(|error| {
		Failure::unexpected(format!("the events of a block cannot be read: {error}"))
	})
}

/// What became of the bid of `bidder` that is the transaction `index` of a block.
pub fn outcome_of(records: &[Record], index: u32, bidder: &AccountId) -> Outcome {
	let mut taken = None;
	for record in records.iter().filter(|record| record.phase == Phase::ApplyExtrinsic(index)) {
		match &record.event {
			RuntimeEvent::System(frame_system::Event::ExtrinsicFailed {
				dispatch_error, ..
			}) => return Err(Failure::in_block(*dispatch_error)),
			RuntimeEvent::Liquidation(Liquidation::<Runtime>::BidTaken {
				bidder: by,
				share,
				equity,
				price,
				..
			}) if by.owner == *bidder => {
				taken = Some(Taken { share: *share, equity: *equity, price: *price });
			},
			_ => {},
		}
	}
	Ok(taken)
}
