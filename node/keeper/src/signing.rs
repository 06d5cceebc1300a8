// SPDX-License-Identifier: Apache-2.0

//! A bid as a signed transaction.

use crate::types::Bid;
use ballast_runtime::{
	signing::{transaction, Terms},
	BlockNumber, Hash, Nonce, RuntimeCall,
};
use codec::Encode;
use sp_core::sr25519;
use sp_runtime::{generic::Era, OpaqueExtrinsic};

/// Blocks of a transaction's era, a power of two.
pub const ERA_BLOCKS: BlockNumber = 16;
/// So many blocks before the look a transaction's era begins: a pool that has not come to the newest block yet, or is on
/// another fork, does not know a block that such an era begins with, and refuses the transaction.
pub const BORN_BEFORE: BlockNumber = 4;

/// A block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
	/// Its hash.
	pub hash: Hash,
	/// Its number.
	pub number: BlockNumber,
}

/// What a signature covers beside the call.
#[derive(Clone, Copy, Debug)]
pub struct Covered {
	/// The block that its era begins with.
	pub born: At,
	/// The chain.
	pub genesis: Hash,
	/// Version of the chain's runtime.
	pub spec_version: u32,
	/// Version of its transactions.
	pub transaction_version: u32,
	/// Number of the transaction.
	pub nonce: Nonce,
}

/// The call of a bid by account `index` of the signer.
pub fn call_of(bid: &Bid, index: u16) -> RuntimeCall {
	let Bid { account, max_share, limit } = bid;
	pallet_liquidation::Call::bid {
		owner: account.owner.clone(),
		index: account.index,
		max_share: *max_share,
		limit: *limit,
		bidder_index: index,
	}
	.into()
}

/// Signs a call without a tip.
pub fn signed(
	call: RuntimeCall,
	signer: sr25519::Public,
	covered: &Covered,
	sign: impl Fn(&[u8]) -> Result<sr25519::Signature, String>,
) -> Result<OpaqueExtrinsic, String> {
	let Covered { born, genesis, spec_version, transaction_version, nonce } = *covered;
	let era = Era::mortal(ERA_BLOCKS.into(), born.number.into());
	let terms = Terms {
		era,
		born_at: born.hash,
		nonce,
		tip: 0,
		genesis,
		spec_version,
		transaction_version,
	};
	let payload = terms.payload(call);
	let signature = payload.using_encoded(sign)?;
	let transaction = transaction(payload, signer.into(), signature.into());
	OpaqueExtrinsic::try_from_encoded_extrinsic(&transaction.encode())
		.map_err(|error| error.to_string())
}
