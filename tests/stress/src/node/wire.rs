// SPDX-License-Identifier: Apache-2.0
//! Calls signed and events read by the runtime's own types: no metadata is asked for.

use crate::{book::Party, chain};
use ballast_exchange::{AccountKey, SeriesId, Side};
use ballast_runtime::{AccountId, Hash, RuntimeCall, RuntimeError, RuntimeEvent};
use codec::{Decode, Encode};
use pallet_order_book::types::{NewOrder, OrderKind};
use sp_io::hashing::{blake2_256, twox_128};
use sp_runtime::DispatchError;

/// The key of a margin account.
pub type Key = AccountKey<AccountId>;
/// What a transaction is found by in a block's body.
pub type TxHash = [u8; 32];
/// An event with the transaction that brought it.
pub type EventRecord = frame_system::EventRecord<RuntimeEvent, Hash>;

/// A transaction ready to be sent.
#[derive(Clone, Debug)]
pub struct Signed {
	/// Encoded, as `author_submitExtrinsic` takes it.
	pub bytes: Vec<u8>,
	/// What it is found by.
	pub hash: TxHash,
}

/// Hash of an encoded transaction.
pub fn hash_of(bytes: &[u8]) -> TxHash {
	blake2_256(bytes)
}

/// Signs `call`, immortal and without a tip.
pub fn sign(genesis: Hash, party: &Party, nonce: u32, call: RuntimeCall) -> Signed {
	let bytes = chain::sign(&party.pair, nonce, genesis, call).encode();
	let hash = hash_of(&bytes);
	Signed { bytes, hash }
}

/// An order of one lot that rests if nobody takes the other side.
pub fn trade(index: u16, series: SeriesId, side: Side, price: u64) -> RuntimeCall {
	let order = NewOrder {
		series,
		side,
		price,
		lots: 1,
		kind: OrderKind::Limit,
		reduce_only: false,
		good_till: None,
		client_id: None,
		self_trade: Default::default(),
	};
	pallet_order_book::Call::place { index, order }.into()
}

/// A look at an account.
pub fn look(of: &Key) -> RuntimeCall {
	pallet_liquidation::Call::look { owner: of.owner.clone(), index: of.index }.into()
}

/// Storage key of a value.
pub fn value_key(pallet: &str, item: &str) -> Vec<u8> {
	[twox_128(pallet.as_bytes()), twox_128(item.as_bytes())].concat()
}

/// The events of a block, from storage.
pub fn events(bytes: Option<Vec<u8>>) -> Result<Vec<EventRecord>, String> {
	let Some(bytes) = bytes else { return Ok(Vec::new()) };
	Vec::<EventRecord>::decode(&mut bytes.as_slice())
		.map_err(|error| format!("decoding the events of a block: {error}"))
}

/// The runtime's name of an error, such as `Clearing(InsufficientMargin)`.
pub fn reason(error: DispatchError) -> String {
	match RuntimeError::from_dispatch_error(error) {
		Some(named) => format!("{named:?}"),
		None => format!("{error:?}"),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use ballast_runtime::{Runtime, UncheckedExtrinsic};
	use codec::DecodeAll;
	use sp_core::{sr25519, Pair};

	fn trader() -> Party {
		let pair = sr25519::Pair::from_seed(&[7; 32]);
		let key = AccountKey { owner: pair.public().into(), index: 3 };
		Party { pair, key }
	}

	#[test]
	fn transaction_should_decode_to_what_was_signed_when_it_is_read_back() {
		let call = look(&trader().key);
		let signed = sign(Hash::repeat_byte(9), &trader(), 5, call.clone());
		let back = UncheckedExtrinsic::decode_all(&mut signed.bytes.as_slice()).expect("decodes");
		assert_eq!(back.function, call);
		assert_eq!(signed.hash, hash_of(&signed.bytes));
	}

	#[test]
	fn transactions_should_differ_when_their_nonces_do() {
		let at = |nonce| sign(Hash::zero(), &trader(), nonce, look(&trader().key));
		assert_ne!(at(0).hash, at(1).hash);
	}

	#[test]
	fn events_should_be_none_when_nothing_is_stored() {
		assert_eq!(events(None), Ok(Vec::new()));
		assert!(events(Some(vec![4, 255, 255])).is_err());
	}

	#[test]
	fn reason_should_name_the_error_when_it_is_of_a_pallet() {
		let error = pallet_liquidation::Error::<Runtime>::NoAuction.into();
		assert_eq!(reason(error), "Liquidation(NoAuction)");
	}

	#[test]
	fn value_key_should_be_two_hashes_when_it_is_made() {
		let key = value_key("System", "Events");
		assert_eq!(key.len(), 32);
		assert_eq!(key[..4], [0x26, 0xaa, 0x39, 0x4e]);
	}
}
