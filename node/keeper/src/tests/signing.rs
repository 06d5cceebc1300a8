// SPDX-License-Identifier: Apache-2.0

use super::make::{key, usd};
use crate::{
	keeper::BID_LIFE,
	signing::{call_of, signed, At, Covered, BORN_BEFORE},
	types::{Bid, Key},
};
use ballast_exchange::Ppb;
use ballast_runtime::{
	configs::lanes::refusal, genesis, Executive, Hash, Runtime, RuntimeGenesisConfig, System,
	UncheckedExtrinsic, VERSION,
};
use codec::Decode;
use serde_json::Value;
use sp_core::Pair;
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidity, UnknownTransaction,
	},
	BuildStorage,
};

fn covered() -> Covered {
	let genesis = Hash::repeat_byte(7);
	Covered {
		born: At { hash: genesis, number: 0 },
		genesis,
		spec_version: VERSION.spec_version,
		transaction_version: VERSION.transaction_version,
		nonce: 0,
	}
}

fn bid() -> Bid {
	Bid { account: key(b't'), max_share: Ppb::percent(50), limit: usd(-5) }
}

fn bob_signs(bid: &Bid, covered: &Covered) -> UncheckedExtrinsic {
	let bob = Sr25519Keyring::Bob;
	let sign = |bytes: &[u8]| Ok(bob.pair().sign(bytes));
	let opaque = signed(call_of(bid, 3), bob.public(), covered, sign).expect("it is signed");
	UncheckedExtrinsic::decode(&mut codec::Encode::encode(&opaque).as_slice())
		.expect("the runtime reads it")
}

fn merge(base: &mut Value, patch: Value) {
	match (base, patch) {
		(Value::Object(base), Value::Object(patch)) => {
			for (key, value) in patch {
				merge(base.entry(key).or_insert(Value::Null), value);
			}
		},
		(base, patch) => *base = patch,
	}
}

/// What the pool of a development chain says at its first block.
fn validity(transaction: UncheckedExtrinsic) -> TransactionValidity {
	validity_at(0, transaction)
}

/// The same at block `number`.
fn validity_at(number: u32, transaction: UncheckedExtrinsic) -> TransactionValidity {
	let patch = genesis::preset(&genesis::DEV_RUNTIME_PRESET.into()).expect("the preset exists");
	let mut json = serde_json::to_value(RuntimeGenesisConfig::default()).expect("the default");
	merge(&mut json, serde_json::from_slice(&patch).expect("a patch"));
	let config: RuntimeGenesisConfig = serde_json::from_value(json).expect("a genesis");
	sp_io::TestExternalities::from(config.build_storage().expect("storage")).execute_with(|| {
		System::set_block_number(number);
		frame_system::BlockHash::<Runtime>::insert(0, covered().born.hash);
		let parent = if number == 0 { covered().born.hash } else { Hash::repeat_byte(9) };
		Executive::validate_transaction(TransactionSource::Local, transaction, parent)
	})
}

#[test]
fn call_should_have_its_arguments_in_their_places() {
	let call: ballast_runtime::RuntimeCall = pallet_liquidation::Call::bid {
		owner: key(b't').owner,
		index: 0,
		max_share: Ppb::percent(50),
		limit: usd(-5),
		bidder_index: 3,
	}
	.into();
	assert_eq!(bob_signs(&bid(), &covered()).function, call);
}

#[test]
fn transaction_should_be_good_in_all_but_the_auction_that_does_not_run() {
	let refused = UnknownTransaction::Custom(refusal::NO_AUCTION).into();
	assert_eq!(validity(bob_signs(&bid(), &covered())), Err(refused));
	let own = Key { owner: Sr25519Keyring::Bob.to_account_id(), index: 0 };
	let own = Bid { account: own, ..bid() };
	let refused = UnknownTransaction::Custom(refusal::OWN_ACCOUNT).into();
	assert_eq!(validity(bob_signs(&own, &covered())), Err(refused));
}

#[test]
fn transaction_for_another_chain_or_version_should_be_no_good() {
	let bad = InvalidTransaction::BadProof.into();
	for covered in [
		Covered { genesis: Hash::repeat_byte(8), ..covered() },
		Covered { born: At { hash: Hash::repeat_byte(8), number: 0 }, ..covered() },
		Covered { spec_version: VERSION.spec_version + 1, ..covered() },
		Covered { transaction_version: VERSION.transaction_version + 1, ..covered() },
	] {
		assert_eq!(validity(bob_signs(&bid(), &covered)), Err(bad), "{covered:?}");
	}
}

#[test]
fn transaction_should_be_good_for_a_pool_that_is_some_blocks_behind_the_look() {
	let look = At { hash: Hash::repeat_byte(9), number: BORN_BEFORE };
	let transaction = bob_signs(&bid(), &covered());
	let refused = UnknownTransaction::Custom(refusal::NO_AUCTION).into();
	for behind in 0..=BORN_BEFORE {
		assert_eq!(validity_at(look.number - behind, transaction.clone()), Err(refused));
	}
	let hasty = bob_signs(&bid(), &Covered { born: look, ..covered() });
	let unborn = InvalidTransaction::AncientBirthBlock.into();
	assert_eq!(validity_at(look.number - 1, hasty), Err(unborn), "that block comes later");
}

#[test]
fn transaction_should_be_dead_when_the_keeper_gives_it_up() {
	let transaction = bob_signs(&bid(), &covered());
	let dead = BORN_BEFORE + BID_LIFE;
	let refused = UnknownTransaction::Custom(refusal::NO_AUCTION).into();
	assert_eq!(validity_at(dead - 2, transaction.clone()), Err(refused));
	let ancient = InvalidTransaction::AncientBirthBlock.into();
	assert_eq!(validity_at(dead - 1, transaction.clone()), Err(ancient));
	// From there on its era means another block.
	assert_eq!(validity_at(dead, transaction), Err(InvalidTransaction::BadProof.into()));
}

#[test]
fn key_that_does_not_sign_should_be_an_error() {
	let refused =
		signed(call_of(&bid(), 0), Sr25519Keyring::Bob.public(), &covered(), |_| Err("no".into()));
	assert_eq!(refused, Err("no".into()));
}
