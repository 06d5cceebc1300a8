// SPDX-License-Identifier: Apache-2.0

//! What a report of an equivocation weighs. The SDK's benchmark measures the check of the proof alone;
//! the rest, the membership proof and the report, is put together here from measured parts.

use super::pallet_grandpa;
use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{constants::WEIGHT_REF_TIME_PER_MICROS, Weight},
};

/// Weights of `pallet-grandpa`'s calls.
pub struct WeightInfo<T>(PhantomData<T>);

/// Hashing along the proof's path and decoding a validator, for each level of the trie of validators.
/// Twice the SDK's own figure (35 us for a set of 100), so that the guess errs on the dear side.
const MEMBERSHIP_PROOF: Weight = Weight::from_parts(70 * WEIGHT_REF_TIME_PER_MICROS, 0);

impl<T: frame_system::Config> ::pallet_grandpa::WeightInfo for WeightInfo<T> {
	fn report_equivocation(_validator_count: u32, _max_nominators: u32) -> Weight {
		// Both votes are checked: two signatures.
		pallet_grandpa::WeightInfo::<T>::check_equivocation_proof(1)
			// The proof of membership is checked when the report is validated and when it is applied.
			.saturating_add(MEMBERSHIP_PROOF.saturating_mul(2))
			// The session's root and its validators; the set's sessions; the report, its index, the
			// validator set, the disabled validators, the events.
			.saturating_add(T::DbWeight::get().reads_writes(21, 10))
	}

	fn note_stalled() -> Weight {
		pallet_grandpa::WeightInfo::<T>::note_stalled()
	}
}
