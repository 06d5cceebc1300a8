// SPDX-License-Identifier: Apache-2.0

//! Transactions as they are signed outside the chain: by the node, by its tools and by tests that are built with this
//! runtime. The one place that fills [`TxExtension`] and knows what a signature covers besides.
//!
//! [`Terms::payload`] gives what to sign, [`transaction`] makes a transaction of it and of its signature.

use crate::{
	AccountId, Balance, Hash, Nonce, Runtime, RuntimeCall, Signature, SignedPayload, TxExtension,
	UncheckedExtrinsic, VERSION,
};
use sp_runtime::generic::Era;

/// What a signature covers beside the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
	/// For how many blocks the transaction is good.
	pub era: Era,
	/// Hash of the block that the era begins with, `era.birth(..)`; of the genesis block, if it is immortal.
	pub born_at: Hash,
	/// Transactions that the signer has sent before.
	pub nonce: Nonce,
	/// What the signer pays to go first within its lane, in the smallest unit of BAL.
	pub tip: Balance,
	/// Hash of the genesis block: names the chain.
	pub genesis: Hash,
	/// `spec_version` of the runtime that is to execute the transaction.
	pub spec_version: u32,
	/// Its `transaction_version`.
	pub transaction_version: u32,
}

impl Terms {
	/// Immortal and without a tip, for a chain that runs the version at hand. `genesis` is the hash of the chain's
	/// genesis block, `nonce` how many transactions the signer has sent before.
	pub const fn immortal(genesis: Hash, nonce: Nonce) -> Self {
		Self {
			era: Era::Immortal,
			born_at: genesis,
			nonce,
			tip: 0,
			genesis,
			spec_version: VERSION.spec_version,
			transaction_version: VERSION.transaction_version,
		}
	}

	/// What has to be signed for `call`. Its `using_encoded` gives the bytes: the payload itself, or its hash if that is
	/// shorter. The metadata hash is not part of it: nobody here signs what a screen showed.
	pub fn payload(&self, call: RuntimeCall) -> SignedPayload {
		let Self { era, born_at, nonce, tip, genesis, spec_version, transaction_version } = *self;
		let implicit =
			((), (), spec_version, transaction_version, genesis, born_at, (), (), (), None, ());
		SignedPayload::from_raw(call, extension(era, nonce, tip), implicit)
	}
}

/// The part of a transaction beside call, signer and signature; without the metadata hash. The values are those of
/// [`Terms`].
pub fn extension(era: Era, nonce: Nonce, tip: Balance) -> TxExtension {
	(
		frame_system::AuthorizeCall::new(),
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckEra::from(era),
		frame_system::CheckNonce::from(nonce),
		frame_system::CheckWeight::new(),
		pallet_lanes::PayInLane::<Runtime>::from(tip),
		frame_metadata_hash_extension::CheckMetadataHash::new(false),
		frame_system::WeightReclaim::new(),
	)
}

/// The transaction of a payload that `signer` has signed. Whether the signature is good, the chain finds out.
pub fn transaction(
	payload: SignedPayload,
	signer: AccountId,
	signature: Signature,
) -> UncheckedExtrinsic {
	let (call, extension, _) = payload.deconstruct();
	UncheckedExtrinsic::new_signed(call, signer.into(), signature, extension)
}
