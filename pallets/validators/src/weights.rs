// SPDX-License-Identifier: Apache-2.0

//! Weights of `pallet-validators`. The runtime has its own, measured ones; these are the trait and what the
//! pallet's tests use.

use frame_support::weights::Weight;

/// Weight of each call.
pub trait WeightInfo {
	/// [`crate::Call::add_validator`].
	fn add_validator() -> Weight;
	/// [`crate::Call::remove_validator`].
	fn remove_validator() -> Weight;
	/// [`crate::Call::set_session_length`].
	fn set_session_length() -> Weight;
}

/// For tests, where weight is not the subject.
impl WeightInfo for () {
	fn add_validator() -> Weight {
		Weight::zero()
	}

	fn remove_validator() -> Weight {
		Weight::zero()
	}

	fn set_session_length() -> Weight {
		Weight::zero()
	}
}
