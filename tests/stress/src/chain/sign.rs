// SPDX-License-Identifier: Apache-2.0
//! Signed transactions, in the runtime's own types.

use ballast_runtime::{
	signing::{transaction, Terms},
	Hash, RuntimeCall, UncheckedExtrinsic,
};
use codec::Encode;
use sp_core::{sr25519, Pair};

/// A transaction, immortal and without a tip. `genesis` is the hash of the chain's genesis block.
pub fn sign(
	pair: &sr25519::Pair,
	nonce: u32,
	genesis: Hash,
	call: RuntimeCall,
) -> UncheckedExtrinsic {
	let payload = Terms::immortal(genesis, nonce).payload(call);
	let signature = payload.using_encoded(|bytes| pair.sign(bytes));
	transaction(payload, pair.public().into(), signature.into())
}
