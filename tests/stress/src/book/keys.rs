// SPDX-License-Identifier: Apache-2.0
//! Keys that a seed decides about.

use super::Party;
use ballast_exchange::AccountKey;
use ballast_runtime::AccountId;
use codec::Encode;
use sp_core::{sr25519, Pair};
use sp_io::hashing::blake2_256;

/// What a party does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode)]
pub(super) enum Role {
	/// Has a book.
	Holder,
	/// Is on the other side of the books.
	House,
	/// Bids.
	Keeper,
	/// Trades small lots.
	Flooder,
	/// Pays into the insurance fund and the vault.
	Treasury,
}

/// A party with margin account 0.
pub(super) fn party(seed: u64, role: Role, index: u32) -> Party {
	let secret = (b"ballast-stress", seed, role, index).using_encoded(blake2_256);
	let pair = sr25519::Pair::from_seed(&secret);
	let key = AccountKey { owner: AccountId::from(pair.public()), index: 0 };
	Party { pair, key }
}

/// The first `count` parties of a role.
pub(super) fn parties(seed: u64, role: Role, count: u32) -> Vec<Party> {
	(0..count).map(|index| party(seed, role, index)).collect()
}
