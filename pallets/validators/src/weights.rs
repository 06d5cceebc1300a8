// SPDX-License-Identifier: Apache-2.0

//! Weights of `pallet-validators`. The runtime has its own, measured ones; these are the trait and what the
//! pallet's tests use.

use frame_support::weights::Weight;

/// Weight of each call, and of a change of the session.
pub trait WeightInfo {
	/// [`crate::Call::add_validator`].
	fn add_validator() -> Weight;
	/// [`crate::Call::remove_validator`].
	fn remove_validator() -> Weight;
	/// [`crate::Call::set_session_length`].
	fn set_session_length() -> Weight;
	/// A change of the session with so many validators.
	fn rotate_session(v: u32) -> Weight;
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

	fn rotate_session(v: u32) -> Weight {
		Weight::from_parts(1_000 + u64::from(v), 0)
	}
}
