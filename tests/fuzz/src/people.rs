// SPDX-License-Identifier: Apache-2.0
//! Who signs.

use ballast_runtime::{AccountId, Runtime};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, BobStash, Charlie, Dave, Eve, Ferdie};

/// Those who sign what the fuzzer calls. None of them is trusted with anything.
pub const PEOPLE: [Sr25519Keyring; 6] = [Bob, Charlie, Dave, Eve, Ferdie, BobStash];

/// The account of one of them.
pub fn person(index: usize) -> AccountId {
	PEOPLE[index % PEOPLE.len()].to_account_id()
}

/// The account that somebody has by `Utility::as_derivative`.
pub fn derivative(of: &AccountId, index: u16) -> AccountId {
	pallet_utility::derivative_account_id(of.clone(), index)
}

/// The account that two have together and each can use alone (`Multisig::as_multi_threshold_1`).
pub fn shared(one: &AccountId, other: &AccountId) -> AccountId {
	let mut both = [one.clone(), other.clone()];
	both.sort();
	pallet_multisig::Pallet::<Runtime>::multi_account_id(&both, 1)
}

/// The sudo key and the owner of the assets: only what [`crate::calls::root`] lets through.
pub fn governance() -> AccountId {
	Alice.to_account_id()
}
