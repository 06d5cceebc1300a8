// SPDX-License-Identifier: Apache-2.0

//! A bid as a signed transaction.

use crate::{keeper::BID_LIFE, types::Bid};
use ballast_runtime::{
	signing::{transaction, Terms},
	BlockNumber, Hash, Nonce, RuntimeCall,
};
use codec::Encode;
use sp_core::sr25519;
use sp_runtime::{generic::Era, OpaqueExtrinsic};

/// The block that a transaction is signed at: it lives for [`BID_LIFE`] blocks from there.
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
	/// The block before the first one that can include it.
	pub at: At,
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
	let Covered { at, genesis, spec_version, transaction_version, nonce } = *covered;
	let era = Era::mortal(BID_LIFE.into(), at.number.into());
	let terms =
		Terms { era, born_at: at.hash, nonce, tip: 0, genesis, spec_version, transaction_version };
	let payload = terms.payload(call);
	let signature = payload.using_encoded(sign)?;
	let transaction = transaction(payload, signer.into(), signature.into());
	OpaqueExtrinsic::try_from_encoded_extrinsic(&transaction.encode())
		.map_err(|error| error.to_string())
}
