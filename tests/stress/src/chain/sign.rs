// SPDX-License-Identifier: Apache-2.0
//! Signed transactions, in the runtime's own types.

use ballast_runtime::{
	AccountId, Hash, Runtime, RuntimeCall, SignedPayload, TxExtension, UncheckedExtrinsic, VERSION,
};
use codec::Encode;
use sp_core::{sr25519, Pair};
use sp_runtime::{generic::Era, MultiSignature};

/// A transaction, immortal and without a tip. `genesis` is the hash of the chain's genesis block.
pub fn sign(
	pair: &sr25519::Pair,
	nonce: u32,
	genesis: Hash,
	call: RuntimeCall,
) -> UncheckedExtrinsic {
	let extension: TxExtension = (
		frame_system::AuthorizeCall::new(),
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckEra::from(Era::Immortal),
		frame_system::CheckNonce::from(nonce),
		frame_system::CheckWeight::new(),
		pallet_lanes::PayInLane::<Runtime>::from(0),
		frame_metadata_hash_extension::CheckMetadataHash::new(false),
		frame_system::WeightReclaim::new(),
	);
	let (spec, transaction) = (VERSION.spec_version, VERSION.transaction_version);
	let implicit = ((), (), spec, transaction, genesis, genesis, (), (), (), None, ());
	let payload = SignedPayload::from_raw(call.clone(), extension.clone(), implicit);
	let signature: MultiSignature = payload.using_encoded(|bytes| pair.sign(bytes)).into();
	let account = AccountId::from(pair.public());
	UncheckedExtrinsic::new_signed(call, account.into(), signature, extension)
}
